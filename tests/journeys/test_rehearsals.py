"""The demonstration, as `make demo` runs it."""

import json
import subprocess
import sys
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.house import Mail

KINDS = {"confirmation", "invitation", "update", "cancellation", "withdrawal", "digest", "reminder", "notice"}


@pytest.mark.timeout(180)
def test_the_demonstration_goes_from_the_first_registration_to_the_last_reminder(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cli.main", "demo", "--once", "--out", str(tmp_path / "out"), "--participants", "24"],
        check=False, capture_output=True, text=True, timeout=170,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    listed = json.loads((tmp_path / "out" / "manifest.json").read_text("utf-8"))
    files = sorted((tmp_path / "out" / "messages").iterdir())
    assert [entry["file"] for entry in listed] == [f"messages/{file.name}" for file in files]
    assert {entry["kind"] for entry in listed} == KINDS
    assert [datetime.fromisoformat(one["sent_at"]) for one in listed] == sorted(
        datetime.fromisoformat(one["sent_at"]) for one in listed
    )
    ids = Counter(str(Mail(file.read_bytes()).message["Message-ID"]) for file in files)
    assert set(ids.values()) == {1}


@pytest.mark.timeout(180)
def test_every_reminder_of_a_rehearsal_goes_at_its_minute(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "cli.main", "rehearse", "alliance-2021", "--participants", "12", "--out", str(tmp_path)],
        check=False, capture_output=True, text=True, timeout=170,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    listed = json.loads((tmp_path / "manifest.json").read_text("utf-8"))
    # Everybody has registered on the morning of 1 June but the late comer, twenty minutes before the first session.
    invited = Counter(entry["sent_at"] for entry in listed if entry["kind"] == "invitation")
    assert invited == {"2021-06-01T07:30:00+00:00": 15, "2021-06-14T11:40:00+00:00": 1}
    for entry in listed:
        mail = Mail((tmp_path / entry["file"]).read_bytes())
        # UTF-8 in a header (RFC 6532), as the library hands it out.
        recipient = mail.message["To"].addresses[0].addr_spec.encode("ascii", "surrogateescape").decode()
        assert recipient == entry["to"]
        if entry["kind"] == "digest":
            # 17:00 in Vienna; for whom that is night 20:30, in Almaty, Ulaanbaatar or Tokyo.
            assert datetime.fromisoformat(entry["sent_at"]).strftime("%H:%M") in {"15:00", "14:30", "12:30", "11:30"}
    reminders = [entry for entry in listed if entry["kind"] == "reminder"]
    starts = {"protecting-children": "2021-06-14T16:00+00:00", "day-1": "2021-06-14T12:00+00:00"}
    for entry in reminders:
        if start := starts.get(entry["sessions"][0]):
            assert datetime.fromisoformat(entry["sent_at"]) == datetime.fromisoformat(start) - timedelta(hours=1)
    assert reminders
