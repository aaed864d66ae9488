"""What letters that were written before say of a calendar: whether it may have the entry, in which version, and what
it shows. Decides only, from values.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any


@dataclass(frozen=True, slots=True)
class Earlier:
    """A letter about the session that was written before. `may_have_gone`: a mail server has taken it, or may have."""

    id: str
    kind: str
    state: str
    tries: int
    method: str | None
    changes: tuple[str, ...]
    before: dict[str, Any] | None
    sequence: int | None
    dtstamp: datetime | None
    may_have_gone: bool


def may_have_arrived(earlier: Sequence[Earlier]) -> bool:
    """Whether after the last letter that is known to have gone another was offered to the mail server, and taken back
    with no answer: nobody can say which of them the calendar shows."""
    for letter in reversed([one for one in earlier if one.method is not None]):
        if letter.state in {"sent", "claimed"}:
            return False
        if letter.tries > 0 and letter.state != "failed":
            return True
    return False


def told_before(told: dict[str, Any] | None, earlier: Sequence[Earlier]) -> dict[str, Any] | None:
    """What the last letter said that is known to have gone; `told`: what the newest says. Those that were held back or
    refused since then hand on what came before them: five changes in a minute are told as one, from the first to the
    last."""
    before = told
    for letter in reversed([one for one in earlier if one.method is not None]):
        if letter.state in {"sent", "claimed"}:
            break
        before = letter.before or before
    return before


def is_in_calendar(earlier: Sequence[Earlier]) -> bool:
    """Whether the participant's calendar may have the entry: the last letter that a mail server may have taken asked
    for it. One that was offered and never answered for may have arrived; one that was refused has not."""
    may_have_gone = [one for one in earlier if one.method is not None and one.may_have_gone]
    return bool(may_have_gone) and may_have_gone[-1].method == "REQUEST"


def is_invited(earlier: Sequence[Earlier]) -> bool:
    """Whether the participant has surely heard of the session, or will before what is written next: a letter that asked
    for the entry was taken, or is on its way. One that nobody has answered for, and that does not go again, may never
    have arrived; nor may one that is on its way while a later word was that they do not come: delivery skips it."""
    overtaken = False
    for one in reversed(earlier):
        if one.method == "CANCEL" and one.may_have_gone:
            return False
        if one.method == "REQUEST" and one.state in ({"sent"} if overtaken else {"sent", "claimed"}):
            return True
        overtaken = overtaken or one.method != "REQUEST"
    return False


def known_sequence(earlier: Sequence[Earlier]) -> int | None:
    """The highest that a calendar may have; None where it has none."""
    return max((one.sequence for one in earlier if one.sequence is not None and one.may_have_gone), default=None)


def next_dtstamp(now: datetime, earlier: Sequence[Earlier]) -> datetime:
    """Whole seconds, and later than any before: calendar programs take an equal one for a repetition."""
    known = [one.dtstamp for one in earlier if one.dtstamp is not None]
    return max([now.replace(microsecond=0), *(one + timedelta(seconds=1) for one in known)])
