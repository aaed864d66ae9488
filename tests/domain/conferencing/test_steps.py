"""What is to be said to Zoom about one person, from what is wanted and what its list says."""

import pytest

from domain.conferencing.steps import Step, step
from schemas.zoom import RegistrantStatus, ZoomRegistrant


def listed(status: RegistrantStatus, link: str | None = None) -> ZoomRegistrant:
    return ZoomRegistrant(id="r1", email="olga@mission.example.org", status=status, join_url=link)


LINK = "https://zoom.example.org/w/1?tk=k"


@pytest.mark.parametrize(
    ("found", "denied_by", "expected"),
    [
        (None, None, "add"),
        (None, "here", "add"),
        (listed("approved", LINK), None, "keep"),
        (listed("approved"), None, "again"),
        (listed("pending"), None, "approve"),
        (listed("denied"), "here", "approve"),
        (listed("denied"), "zoom", "approve"),
        (listed("denied"), "host", "hold"),
        (listed("denied"), None, "hold"),
    ],
)
def test_somebody_who_is_wanted(found: ZoomRegistrant | None, denied_by: str | None, expected: Step) -> None:
    assert step("approved", found, denied_by=denied_by) == expected


@pytest.mark.parametrize(
    ("found", "elsewhere", "expected"),
    [
        (None, False, "forget"),
        (listed("denied"), False, "forget"),
        (listed("approved", LINK), False, "cancel"),
        (listed("pending"), False, "cancel"),
        (listed("approved", LINK), True, "forget"),
    ],
)
def test_somebody_who_has_withdrawn(found: ZoomRegistrant | None, *, elsewhere: bool, expected: Step) -> None:
    assert step("cancelled", found, denied_by=None, wanted_elsewhere=elsewhere) == expected
