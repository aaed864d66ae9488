"""Who gets a place: registered, awaiting approval, on the waiting list, online instead, or refused.

Decides only. The figures it is given must hold until what is decided is written: whoever asks has locked the places.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal

from domain.admission import Person, eligible, offer_until, terms_of
from schemas.admission import Terms
from schemas.programme import Conference, Session
from schemas.registration import Attendance

State = Literal["registered", "pending", "waitlisted", "offered", "refused", "withdrawn"]
Why = Literal["full", "not-eligible", "not-approved", "by-admin", "offer-expired", "offer-declined"]
"""Why somebody is not where they asked to be. `not-approved`: it takes an admin's approval, and they keep the place
that they have meanwhile."""

HOLDING: Final = frozenset[State]({"registered", "offered"})
"""Who has a place, or for whom one is kept."""

STANDING: Final = frozenset[State]({"registered", "pending", "waitlisted", "offered"})
"""Who takes part, or may yet."""

_RANK: Final[Mapping[State, int]] = {
    "registered": 3, "offered": 2, "pending": 1, "waitlisted": 1, "refused": 0, "withdrawn": 0,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one session and one way of attending it: how many places are taken or kept, and whether anybody waits."""

    taken: int = 0
    waited_for: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """How somebody stands with a session. `approved`: an admin has approved them for attending it thus."""

    state: State
    attendance: Attendance
    approved: bool = False
    why: Why | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of somebody who asks for a place."""

    state: State
    attendance: Attendance
    why: Why | None = None


@dataclass(frozen=True, slots=True)
class Door:
    """All that a verdict about one person rests on. `figures` by session and way of attending; what is missing has no
    limit. `now`: aware."""

    conference: Conference
    person: Person
    figures: Mapping[tuple[str, Attendance], Figures]
    now: datetime

    def verdict(self, session: Session, wanted: Attendance, held: Held | None = None) -> Verdict:
        """What becomes of this person, who asks for `session` thus.

        Whoever has a place, or waits for one, keeps it by asking again; whom an admin has refused stays refused. A
        place is given up only for one that is no worse: who cannot come to the room stays online.
        """
        if held is None:
            return self._of_newcomer(session, wanted, approved=False)
        if held.state == "refused" and held.why == "by-admin":
            return Verdict("refused", held.attendance, held.why)
        if held.state in STANDING and held.attendance == wanted:
            return Verdict(held.state, wanted)
        found = self._of_newcomer(session, wanted, approved=held.approved and held.attendance == wanted)
        if held.state in STANDING and _RANK[found.state] < _RANK[held.state]:
            return Verdict(held.state, held.attendance, found.why or _WHY_NOT.get(found.state))
        return found

    def approved(self, session: Session, attendance: Attendance) -> Verdict:
        """What becomes of this person, whom an admin lets in: a place, if there is one."""
        return self._placed(session, attendance, terms_of(session, self.conference, attendance))

    def _of_newcomer(self, session: Session, wanted: Attendance, *, approved: bool) -> Verdict:
        terms = terms_of(session, self.conference, wanted)
        standing = "at-once" if approved else eligible(terms, self.person)
        if standing == "approval":
            return Verdict("pending", wanted)
        if standing == "online":
            return self._online_instead(session, wanted, "not-eligible")
        if standing == "refused":
            return Verdict("refused", wanted, "not-eligible")
        return self._placed(session, wanted, terms)

    def _placed(self, session: Session, wanted: Attendance, terms: Terms) -> Verdict:
        if not self._is_full(session, wanted, terms):
            return Verdict("registered", wanted)
        if terms.waiting_list:
            return Verdict("waitlisted", wanted, "full")
        return self._online_instead(session, wanted, "full")

    def _online_instead(self, session: Session, wanted: Attendance, why: Why) -> Verdict:
        if wanted == "online" or session.format != "hybrid":
            return Verdict("refused", wanted, why)
        online = self._of_newcomer(session, "online", approved=False)
        return Verdict(online.state, "online", why)

    def _is_full(self, session: Session, wanted: Attendance, terms: Terms) -> bool:
        """Nobody overtakes those who wait, as long as a place can still be offered to them."""
        if terms.places is None:
            return False
        figures = self.figures.get((session.id, wanted), Figures())
        return figures.taken >= terms.places or (
            figures.waited_for and offer_until(session, self.conference, wanted, self.now) is not None
        )


_WHY_NOT: Final[Mapping[State, Why]] = {"pending": "not-approved"}
