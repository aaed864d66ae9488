"""Changes that cannot be applied as long as anybody is registered: what to do in their place."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from domain.admission import terms_of
from domain.places import HOLDING
from domain.plans.changes import SessionChange
from domain.plans.decisions import Person
from domain.plans.effects import STANDING
from domain.telling import Place
from schemas.programme import Conference

Why = Literal["removed", "unconfirmed", "without-hours", "too-few-places", "not-for-everybody"]

_SENTENCES: Final[Mapping[Why, str]] = {
    "removed": "{session} is missing from the file, with {whom} registered. Do not take it out: write "
    "`cancelled: true`, so that everybody is told.",
    "unconfirmed": "{session} was confirmed and is unconfirmed now, with {whom} registered. Cancel it, and add another "
    "session for which people can register; or leave it as it was until the new time is certain.",
    "without-hours": "{session} is cancelled and unconfirmed at once, with {whom} registered. Leave its date and hours "
    "as they were: what takes it out of calendars names them.",
    "too-few-places": "{session} can be attended in one way only now, in which it would have {whom}: more than its "
    "places. Raise `places`, or leave its `format` as it was.",
    "not-for-everybody": "{session} can be attended in one way only now, which is not open to everybody, and {whom} "
    "would be moved there unasked. Take `approval` and `eligible` out of its `admission`, or leave its `format` as it "
    "was.",
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a session cannot be changed thus; `people`: how many it concerns."""

    session: str
    people: int
    why: Why

    @property
    def sentence(self) -> str:
        """For the secretariat."""
        return _SENTENCES[self.why].format(session=self.session, whom=self.people if self.people != 1 else "one")


def refused(changes: Iterable[SessionChange], people: Sequence[Person], after: Conference) -> Iterator[Refusal]:
    """What of these changes is refused. `after`: the programme as it would be."""
    for change in changes:
        known = (each.places.get(change.session) for each in people)
        standing = [place for place in known if place is not None and place.state in STANDING]
        if standing and (why := _without_time(change)):
            yield Refusal(change.session, len(standing), why)
        elif standing and "format" in change.kinds:
            yield from _all_in_one_way(change, standing, after)


def _without_time(change: SessionChange) -> Why | None:
    if "removed" in change.kinds:
        return "removed"
    if "unconfirmed" not in change.kinds:
        return None
    if change.after is None or not change.after.cancelled:
        return "unconfirmed"
    return "without-hours" if "cancelled" in change.kinds else None


def _all_in_one_way(change: SessionChange, standing: Sequence[Place], after: Conference) -> Iterator[Refusal]:
    """Where there is one way left, all attend in it: its places, and whom they are for, hold for them too."""
    session = change.after
    if session is None or session.cancelled or session.format == "hybrid":
        return
    terms = terms_of(session, after, session.format)
    holding = sum(place.state in HOLDING for place in standing)
    moved = sum(place.attendance != session.format for place in standing)
    if terms.places is not None and moved and holding > terms.places:
        yield Refusal(change.session, holding, "too-few-places")
    if (terms.approval or terms.eligible is not None) and moved:
        yield Refusal(change.session, moved, "not-for-everybody")
