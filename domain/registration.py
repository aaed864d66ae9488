"""What a submission changes: whom to register for what, what to withdraw, and what to refuse with which reason.

Decides only. Who gets a place where not everybody does is judged by `domain.places`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from domain.places import STANDING, Door, Held, State, Verdict, Why
from domain.sources.understanding import N_
from domain.times import WallTimeError, session_period
from schemas.programme import Conference, Language, Session
from schemas.registration import Attendance, PreferencesData, Reason, RegistrationData, Visibility, WithdrawalData

ChangeReason = Literal[
    "added", "attendance", "interpretation", "visibility", "language", "time-zone", "withdrawn", "standing",
    "online-instead", "refused",
]  # fmt: skip
"""`standing`: whoever waited was approved, offered a place, or has it. `online-instead`: somebody asked for the room,
and attends online."""

_MOVES_THE_ENTRY: frozenset[ChangeReason] = frozenset({"added", "attendance", "visibility", "withdrawn", "refused"})
"""Changes that raise SEQUENCE (RFC 5546 2.1.4): presence and place; and discreet or not, because no calendar may go on
showing a title that should be seen no more. For words alone it stays, and calendar programs keep the answer that a
person has given."""

_LOOKED_BACK_AT = timedelta(days=90)

_OVER = N_("All of these sessions are over.")
_CANCELLED = N_("One of the sessions was cancelled.")


class Refused(Exception):
    """A submission that cannot be accepted as it is. A person must correct it; trying again does not help."""

    def __init__(self, *reasons: Reason) -> None:
        super().__init__(", ".join(reason.code for reason in reasons))
        self.reasons = reasons


@dataclass(frozen=True, slots=True)
class Standing:
    """One registration of a participant as it stands before the submission.

    `said_later`: a submission that was received after this one has spoken of the session, so this one has no say.
    """

    session: str
    held: Held
    interpretation: Language | None
    said_later: bool = False

    @property
    def is_standing(self) -> bool:
        """Whether this person takes part, or may yet."""
        return self.held.state in STANDING


@dataclass(frozen=True, slots=True)
class Preferences:
    """How a known participant is written to, as it stands before the submission: `language` (ISO 639) and `time_zone`
    (IANA) are the conference's where nobody has said others."""

    visibility: Visibility
    language: Language
    time_zone: str

    def changed_by(self, data: RegistrationData | PreferencesData) -> tuple[ChangeReason, ...]:
        """What a submission changes of them. What it does not say, it leaves."""
        said: tuple[tuple[ChangeReason, str | None, str], ...] = (
            ("visibility", data.visibility, self.visibility),
            ("language", data.language, self.language),
            ("time-zone", data.time_zone, self.time_zone),
        )
        return tuple(reason for reason, new, known in said if new not in {None, known})


@dataclass(frozen=True, slots=True)
class Change:
    """What changes about one registration. Only who is registered wants a link."""

    session: str
    state: State
    attendance: Attendance
    interpretation: Language | None
    reasons: tuple[ChangeReason, ...]
    wants_link: bool
    why: Why | None = None
    offered_until: datetime | None = None

    @property
    def raises_sequence(self) -> bool:
        """Whether the calendar entry's SEQUENCE must rise, if there is an entry."""
        return not _MOVES_THE_ENTRY.isdisjoint(self.reasons)


def register(
    data: RegistrationData, door: Door, standing: Mapping[str, Standing], *, known: Preferences | None
) -> tuple[Change, ...]:
    """The changes that a registration brings, in the programme's order; none where it says what is known already.

    `standing` holds the participant's registrations by session id. `known` is None for a new participant, and for a
    submission that has no say in how somebody is written to. What it changes of that concerns every session to come
    that the participant is registered for, asked for or not.

    Raises:
        Refused: where a session is unknown or cancelled, or none of those asked for lies ahead.
    """
    conference = door.conference
    asked = {session.id for session in asked_for(data.sessions, conference)}
    coming = [one for one in conference.sessions if not one.cancelled and not is_over(one, conference, door.now)]
    if asked.isdisjoint(one.id for one in coming):
        raise Refused(Reason(field="sessions", code="session-over", message=_OVER))
    preferred = known.changed_by(data) if known else ()
    changes = (
        _changed(session, data if session.id in asked else None, door, standing.get(session.id), preferred)
        for session in coming
    )
    return tuple(change for change in changes if change is not None)


def prefer(
    data: PreferencesData,
    conference: Conference,
    standing: Mapping[str, Standing],
    *,
    known: Preferences,
    now: datetime,
) -> tuple[Change, ...]:
    """The changes that another way of being written to brings to every session to come that somebody is registered
    for; `data`'s sessions are not looked at."""
    preferred = known.changed_by(data)
    kept = (
        _kept(session, place, preferred)
        for session in conference.sessions
        if preferred and not session.cancelled and not is_over(session, conference, now)
        and (place := standing.get(session.id))
    )  # fmt: skip
    return tuple(change for change in kept if change is not None)


def withdraw(data: WithdrawalData, conference: Conference, standing: Mapping[str, Standing]) -> tuple[Change, ...]:
    """The changes that a withdrawal brings; none where the participant has withdrawn from these before.

    Raises:
        Refused: where a session is unknown, or the participant was never registered for any of these.
    """
    _check_known(data.sessions, conference)
    asked = set(standing) if data.sessions == "all" else set(data.sessions)
    if asked.isdisjoint(standing):
        raise Refused(Reason(field="sessions", code="not-registered", message="There is no registration to withdraw."))
    return tuple(
        Change(session.id, state="withdrawn", attendance=place.held.attendance, interpretation=place.interpretation,
               reasons=("withdrawn",), wants_link=False)
        for session in conference.sessions
        if session.id in asked
        and (place := standing.get(session.id))
        and place.is_standing
        and not place.said_later
    )  # fmt: skip


def is_over(session: Session, conference: Conference, now: datetime) -> bool:
    """Whether a session has ended; one without a date or hours has not."""
    try:
        return session_period(session, conference.time_zone).end <= now
    except WallTimeError:
        return False


def still_shows(session: Session, conference: Conference, now: datetime) -> bool:
    """Whether people may still look at a session in somebody's calendar: it lies ahead, or was within 90 days."""
    return not session.cancelled and not is_over(session, conference, now - _LOOKED_BACK_AT)


def asked_for(sessions: tuple[str, ...] | Literal["all"], conference: Conference) -> list[Session]:
    """The sessions that a registration names, in the programme's order.

    Raises:
        Refused: where one is unknown or cancelled.
    """
    _check_known(sessions, conference)
    if sessions == "all":
        return [session for session in conference.sessions if not session.cancelled]
    chosen = [session for session in conference.sessions if session.id in sessions]
    if any(session.cancelled for session in chosen):
        raise Refused(Reason(field="sessions", code="session-cancelled", message=_CANCELLED))
    return chosen


def _check_known(sessions: Iterable[str] | Literal["all"], conference: Conference) -> None:
    """Says the place in the list, never the value: nobody knows what a stranger wrote there."""
    if sessions == "all":
        return
    if unknown := [place for place, one in enumerate(sessions, start=1) if conference.session(one) is None]:
        places = ", ".join(str(place) for place in unknown)
        message = f"Not a session of {conference.id}: number {places} in the list."
        raise Refused(Reason(field="sessions", code="unknown-session", message=message))


def _changed(
    session: Session, data: RegistrationData | None, door: Door, place: Standing | None,
    preferred: tuple[ChangeReason, ...],
) -> Change | None:  # fmt: skip
    """What changes about one session; `data` is None where it was not asked for."""
    known = place if place is not None and place.is_standing else None
    if data is None or (place is not None and place.said_later):
        return _kept(session, known, preferred) if known and preferred else None
    before = place.held if place else None
    wanted = _attendance(session, data.attendance or (known.held.attendance if known else None))
    verdict = door.verdict(session, wanted, before)
    said = known is None or "interpretation" in data.model_fields_set
    interpretation = data.interpretation if said or known is None else known.interpretation
    reasons = _reasons(known, verdict, before)
    if known and verdict.state == "registered":
        reasons = (*preferred, *reasons)
    if known and known.interpretation != interpretation:
        reasons = (*reasons, "interpretation")
    if not reasons:
        return None
    return Change(session.id, state=verdict.state, attendance=verdict.attendance, interpretation=interpretation,
                  reasons=reasons, wants_link=verdict.state == "registered" and wants_link(session),
                  why=verdict.why)  # fmt: skip


def _reasons(known: Standing | None, verdict: Verdict, before: Held | None) -> tuple[ChangeReason, ...]:
    """What a verdict changes of how somebody stood before. The same again is no change."""
    if before is not None and before.state == verdict.state == "refused" and before.why == verdict.why:
        return ()
    reasons: list[ChangeReason] = []
    if known is None:
        reasons.append("added")
    elif known.held.attendance != verdict.attendance:
        reasons.append("attendance")
    is_registered = verdict.state == "registered"
    if known is not None and is_registered and known.held.state != "registered":
        reasons.append("standing")
    is_instead = verdict.why is not None and is_registered
    if is_instead and (known is None or known.held.why != verdict.why):
        reasons.append("online-instead")
    return tuple(reasons)


def wants_link(session: Session) -> bool:
    """Whether there is a join link to be had for a session, now or later."""
    return session.format != "in-person" and session.unconfirmed is None


def may_follow(session: Session, conference: Conference) -> bool:
    """Whether an invitation may go out before its link is there, and say that the link follows."""
    return conference.link_follows if session.link_follows is None else session.link_follows


def _attendance(session: Session, wanted: Attendance | None) -> Attendance:
    """A session that is online only, or in the room only, leaves no choice."""
    if session.format == "hybrid":
        return wanted or "online"
    return session.format


def _kept(session: Session, place: Standing, reasons: tuple[ChangeReason, ...]) -> Change | None:
    """How somebody is written to is told with the entry in their calendar; who waits has none."""
    if place.held.state != "registered":
        return None
    return Change(session.id, state="registered", attendance=place.held.attendance,
                  interpretation=place.interpretation, reasons=reasons, wants_link=wants_link(session),
                  why=place.held.why)  # fmt: skip
