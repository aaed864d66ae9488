"""Registrations as a table: which columns each role sees, and what stands in them.

By the rights of the role (`domain.roles`): who has none to see people gets ids that say nothing; `masked` shows whom a
row is about as far as is needed to tell people apart; `reveal` shows what it takes to write to people and seat them.
What people need in order to take part is shown only to who asks for it. Join links are in no table.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal
from zoneinfo import ZoneInfo

from domain.roles import Role, may
from domain.sheets.masked import masked
from domain.times import WallTimeError, session_period
from schemas.participant import Profile
from schemas.programme import Conference, Session
from schemas.registration import Visibility
from schemas.sheet import Cell, Table

Per = Literal["registration", "participant"]


@dataclass(frozen=True, slots=True)
class Stand:
    """How somebody stands with one session; instants in UTC."""

    session: str
    state: str
    attendance: str
    interpretation: str | None
    registered_at: datetime
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class Attendee:
    """Somebody who is to stand in a table."""

    id: str
    address: str = field(repr=False)
    profile: Profile = field(repr=False)
    language: str | None
    time_zone: str | None
    visibility: Visibility
    needs: str | None = field(repr=False)
    stands: tuple[Stand, ...]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a table is to show: to whom, a row for what, and of which sessions (none: of all)."""

    role: Role = "viewer"
    per: Per = "registration"
    sessions: Collection[str] = ()
    needs: bool = False
    withdrawn: bool = False


_Column = tuple[str, Callable[[Attendee], Cell]]

_NOBODY: tuple[_Column, ...] = (("participant", lambda one: one.id),)
_MASKED: tuple[_Column, ...] = (
    *_NOBODY,
    ("masked_address", lambda one: masked(one.address)),
    ("language", lambda one: one.language),
    ("time_zone", lambda one: one.time_zone),
    ("visibility", lambda one: one.visibility),
)
_REVEALED: tuple[_Column, ...] = (
    ("visibility", lambda one: one.visibility),
    ("title", lambda one: one.profile.title),
    ("full_name", lambda one: one.profile.full_name),
    ("alias", lambda one: one.profile.alias),
    ("email", lambda one: one.address),
    ("organisation", lambda one: one.profile.organisation),
    ("country", lambda one: one.profile.country),
    ("language", lambda one: one.language),
    ("time_zone", lambda one: one.time_zone),
)
_NEEDS: tuple[_Column, ...] = (("needs", lambda one: one.needs),)

_OF_REGISTRATIONS = ("session", "session_title", "starts", "state", "attendance", "interpretation", "registered_at",
                     "changed_at")  # fmt: skip

_GONE = frozenset({"withdrawn", "refused"})


def table(people: Sequence[Attendee], conference: Conference, wanted: Wanted, *, who: str, now: datetime) -> Table:
    """The table, people in the order of their names or, where those are not shown, of their ids. Times are the
    conference's. `who` stands in the watermark, with `now` (UTC)."""
    columns = (*_of_people(wanted.role), *(_NEEDS if wanted.needs else ()))
    sessions = [one for one in conference.sessions if not wanted.sessions or one.id in wanted.sessions]
    rows = _each_registration if wanted.per == "registration" else _each_participant
    head = _OF_REGISTRATIONS if wanted.per == "registration" else tuple(one.id for one in sessions)
    listed = [
        [*(show(one) for _, show in columns), *cells]
        for one in sorted(people, key=_by_name if may(wanted.role, "reveal") else _by_id)
        for cells in rows(one, sessions, conference, wanted)
    ]
    zone = ZoneInfo(conference.time_zone)
    at = now.astimezone(zone).replace(tzinfo=None)
    watermark = (
        f"# {conference.id}: {len(listed)} rows, exported {at:%Y-%m-%d %H:%M} by {who} for {wanted.role}; "
        f"times of {conference.time_zone}"
    )
    return Table((*(name for name, _ in columns), *head), listed, watermark, at)


def _of_people(role: Role) -> tuple[_Column, ...]:
    if may(role, "reveal"):
        return _REVEALED
    return _MASKED if may(role, "masked") else _NOBODY


def _by_name(one: Attendee) -> tuple[str, str]:
    return (one.profile.full_name.casefold(), one.id)


def _by_id(one: Attendee) -> tuple[str, str]:
    return ("", one.id)


def _stands(one: Attendee, wanted: Wanted) -> dict[str, Stand]:
    return {stand.session: stand for stand in one.stands if wanted.withdrawn or stand.state not in _GONE}


def _each_registration(
    one: Attendee, sessions: Sequence[Session], conference: Conference, wanted: Wanted
) -> Iterator[list[Cell]]:
    stands, zone = _stands(one, wanted), ZoneInfo(conference.time_zone)
    for session in sessions:
        if stand := stands.get(session.id):
            yield [
                session.id, session.title, _starts(session, conference), stand.state, stand.attendance,
                stand.interpretation, _local(stand.registered_at, zone), _local(stand.changed_at, zone),
            ]  # fmt: skip


def _each_participant(
    one: Attendee, sessions: Sequence[Session], conference: Conference, wanted: Wanted  # noqa: ARG001 - as the other
) -> Iterator[list[Cell]]:  # fmt: skip
    stands = _stands(one, wanted)
    cells: list[Cell] = [_how(stands[session.id]) if session.id in stands else None for session in sessions]
    if any(cells):
        yield cells


def _how(stand: Stand) -> str:
    """`online, ru`; with the state before it where somebody is not simply registered."""
    parts = (None if stand.state == "registered" else stand.state, stand.attendance, stand.interpretation)
    return ", ".join(filter(None, parts))


def _starts(session: Session, conference: Conference) -> datetime | None:
    try:
        start = session_period(session, conference.time_zone).start
    except WallTimeError:
        return None
    return _local(start, ZoneInfo(conference.time_zone))


def _local(moment: datetime, zone: ZoneInfo) -> datetime:
    return moment.astimezone(zone).replace(tzinfo=None, microsecond=0)
