"""Two Convenors in one folder would take each other's files away."""

from pathlib import Path

import pytest
import typer

from cli.alone import alone_in


def test_the_second_in_a_folder_is_refused_and_may_come_when_the_first_has_gone(tmp_path: Path) -> None:
    with alone_in(tmp_path / "var"):
        with pytest.raises(typer.Exit) as refused, alone_in(tmp_path / "var"):
            pass
        assert refused.value.exit_code == 1
    with alone_in(tmp_path / "var"):
        pass
