"""What an answer says, in one vocabulary, whichever calendar has sent it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from schemas.registration import Reason

Partstat = Literal["accepted", "tentative", "declined", "delegated", "countered"]
"""RFC 5545's PARTSTAT, as far as it answers anything; `countered` is a COUNTER, whatever its PARTSTAT."""


class NotAnAnswer(Exception):
    """Nothing that a calendar has answered, as far as is known here. Trying again does not help until another version
    knows it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.reasons = (Reason(field="", code=code, message=message),)


@dataclass(frozen=True, slots=True)
class Remark:
    """What somebody has said besides, for people to read: their own `words`, the time that they have `proposed` (an
    interval of ISO 8601, with its zone as in RFC 9557 where there is one), and whom they send `instead` (an
    address)."""

    words: str | None = None
    proposed: str | None = None
    instead: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """One attendee's answer.

    `addresses`: the ways to write the one address that the attendee is known by. `sequence` is that of the invitation
    which is answered, `dtstamp` (UTC) when it was: None where the calendar does not say. `automatic`: no person has
    had a hand in it.
    """

    uid: str
    addresses: tuple[str, ...] = field(repr=False)
    partstat: Partstat
    sequence: int
    dtstamp: datetime | None
    remark: Remark = field(default=Remark(), repr=False)
    automatic: bool = False
