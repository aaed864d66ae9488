"""A rehearsal touches nothing that is not its own."""

import subprocess
import sys
from pathlib import Path


def test_a_rehearsal_refuses_a_folder_in_which_a_real_conference_keeps_its_files(tmp_path: Path) -> None:
    keys = tmp_path / "var" / "keys.json"
    keys.parent.mkdir()
    keys.write_text("precious", "ascii")
    command = [sys.executable, "-m", "cli.main", "rehearse", "alliance-2021", "--out", str(tmp_path)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "no rehearsal has written" in done.stderr
    assert keys.read_text("ascii") == "precious"
