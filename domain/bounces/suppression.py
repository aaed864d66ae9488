"""When an address is not written to any more, and for how long.

What only we are to blame for never counts. Each letter counts once, however often it is reported.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from domain.bounces.said import Class, What

Cause = Literal["hard-bounce", "refused-twice", "mailbox-full", "complaint", "unsubscribed"]

HOLDS: Final[dict[Cause, timedelta]] = {
    "hard-bounce": timedelta(days=365),
    "refused-twice": timedelta(days=90),
    "mailbox-full": timedelta(days=30),
    "complaint": timedelta(days=730),
    "unsubscribed": timedelta(days=730),
}
"""Who leaves an organisation may come back to it, and mailboxes are emptied; a wish is kept longer."""

ONLY_REMINDERS: Final = frozenset[Cause]({"complaint", "unsubscribed"})
"""A wish to be left alone stops what is sent without being asked for. That a session was moved or cancelled must be
told all the same: somebody may stand before a closed door."""

_FULL_TIMES, _FULL_FOR = 3, timedelta(days=5)
_UNCLEAR_TIMES = 2


@dataclass(frozen=True, slots=True)
class Past:
    """A letter to the address that was reported on, for which class, and when (UTC)."""

    letter: str
    kind: Class
    at: datetime


def cause(what: What, past: Sequence[Past]) -> Cause | None:
    """Why the address is to be suppressed now; None where it is not. `past` ends with what has just been reported."""
    if what == "complained":
        return "complaint"
    if what == "unsubscribed":
        return "unsubscribed"
    latest = past[-1].kind if past else None
    if latest == "hard":
        return "hard-bounce"
    same = {one.letter: one.at for one in reversed(past) if one.kind == latest}  # the first report of each letter
    if latest == "unclear" and len(same) >= _UNCLEAR_TIMES:
        return "refused-twice"
    if latest == "full" and len(same) >= _FULL_TIMES and max(same.values()) - min(same.values()) >= _FULL_FOR:
        return "mailbox-full"
    return None
