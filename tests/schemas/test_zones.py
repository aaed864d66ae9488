"""One edition of the tz database, whatever the machine has."""

import subprocess
import sys


def test_zones_are_those_of_the_package_and_not_the_machines() -> None:
    """In a process of its own, whose machine has one zone, and that one wrong."""
    said = "import schemas, zoneinfo; print(zoneinfo.TZPATH, zoneinfo.ZoneInfo('Europe/Vienna').key)"
    shown = subprocess.run([sys.executable, "-c", said], env={"PYTHONTZPATH": "/"}, capture_output=True, check=True)
    assert shown.stdout.decode().split() == ["()", "Europe/Vienna"]
