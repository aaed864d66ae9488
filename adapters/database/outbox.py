"""The outbox, page by page, as people look through it: filtered, in order of due times, by key and never by offset."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Integer,
    Select,
    String,
    Values,
    and_,
    column,
    func,
    literal_column,
    or_,
    select,
    true,
    tuple_,
    values,
)  # fmt: skip
from sqlalchemy.orm import Session

from adapters.database import programmes
from adapters.database.many import is_among, texts
from adapters.database.tables import LETTER_KINDS, LETTER_STATES, LetterEventRow, LetterRow, ParticipantRow

_CAME_BACK = and_(LetterRow.state == literal_column("'sent'"), LetterRow.bounced.is_not(None))
_GIVEN_UP = ("skipped", "expired", "failed", "held")
_FEW = 2000
"""People whose letters are found by who they are. Of more, one letter in fifty is theirs."""
FAILED = ("failed", "held", "expired")
"""States of letters that did not go although they should have."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which letters; what is None is of no matter. `states`: `bounced` is one of them. `session`: that they are about,
    or of several the first. `reason`: why they did not go, or came back. `due_until` is not among them, `due_from`
    is."""

    conference: str | None = None
    session: str | None = None
    kind: str | None = None
    states: tuple[str, ...] = ()
    language: str | None = None
    due_from: datetime | None = None
    due_until: datetime | None = None
    reason: str | None = None

    @property
    def soonest_first(self) -> bool:
        """What waits is looked at from its beginning; all else from its end."""
        return self.states == ("planned",)


class Position(NamedTuple):
    """Where a page ended."""

    due_at: datetime
    id: str


class Group(NamedTuple):
    """So many letters to so many people that did not go, or came back, for one reason."""

    conference: str
    state: str
    reason: str
    letters: int
    people: int


def page(session: Session, wanted: Wanted, limit: int, after: Position | None = None) -> list[LetterRow]:
    """The letters that follow on `after`, or the first: by due time and id. No letter is in two arms."""
    found = [row for arm in _arms(session, wanted) for row in _first(session, wanted, arm, limit, after)]
    return sorted(found, key=lambda row: (row.due_at, row.id), reverse=not wanted.soonest_first)[:limit]


def ids(session: Session, wanted: Wanted, limit: int) -> list[str]:
    """Ids of the letters that are wanted, those first that are of use for longest."""
    found = select(LetterRow.id).where(_condition(session, wanted))
    return list(session.scalars(found.order_by(LetterRow.not_after.desc(), LetterRow.id).limit(limit)))


def by_ids(session: Session, letter_ids: Sequence[str], *, lock: bool = False) -> list[LetterRow]:
    """The letters there are of these ids, in their order. With `lock` they stay as they are until the transaction
    ends."""
    wanted = select(LetterRow).where(is_among(LetterRow.id, texts("ids"))).order_by(LetterRow.id)
    return list(session.scalars(wanted.with_for_update() if lock else wanted, {"ids": list(letter_ids)}))


def last_events(session: Session, letter_ids: Sequence[str]) -> dict[str, int]:
    """The number of the last event in each letter's history."""
    last = select(LetterEventRow.letter_id, func.max(LetterEventRow.id))
    found = last.where(is_among(LetterEventRow.letter_id, texts("ids"))).group_by(LetterEventRow.letter_id)
    return {row[0]: row[1] for row in session.execute(found, {"ids": list(letter_ids)})}


def groups(session: Session) -> list[Group]:
    """All that did not go although it should have, and all that came back, by reason; the largest group first."""
    did_not_go = LetterRow.state.in_(_literally(FAILED))
    found = [
        *(Group(conference, state, reason or "", letters, people) for conference, state, reason, letters, people
          in _grouped(session, did_not_go, LetterRow.conference, LetterRow.state, LetterRow.reason)),
        *(Group(conference, "bounced", reason, letters, people) for conference, reason, letters, people
          in _grouped(session, _CAME_BACK, LetterRow.conference, LetterRow.bounced)),
    ]  # fmt: skip
    return sorted(found, key=lambda one: (-one.letters, one))


def _grouped(session: Session, where: ColumnElement[bool], *parts: Any) -> Iterator[tuple[Any, ...]]:  # noqa: ANN401 - columns
    """These parts, with how many letters, and to how many people. People are counted each by themselves first: to
    count them in their groups the database would sort them all, for several times as long."""
    letters = func.count().label("letters")
    each = select(*parts, letters).where(where).group_by(*parts, LetterRow.participant_id).subquery()
    columns = [each.c[one.key] for one in parts]
    for *found, number, people in session.execute(
        select(*columns, func.sum(each.c.letters), func.count()).group_by(*columns)
    ):
        yield *found, int(number), people


class _Arm(NamedTuple):
    """A part of what is wanted that has an index of its own. `lanes`: the conferences in whose lanes its letters are
    looked for; None: not by lanes."""

    condition: ColumnElement[bool]
    lanes: Sequence[str] | None = None


def _arms(session: Session, wanted: Wanted) -> list[_Arm]:
    own = _own_indexes(wanted)
    conferences = [wanted.conference] if wanted.conference else programmes.ids(session)
    if wanted.language is None:
        return [_Arm(one) for one in own] or [_Arm(true(), conferences)]
    readers = _Readers.of(session, conferences, wanted.language)
    if own:
        return [_Arm(and_(one, readers.read_it)) for one in own]
    return [*([_Arm(readers.are_few)] if readers.few else []),
            *([_Arm(readers.are_many, readers.many)] if readers.many else [])]  # fmt: skip


def _own_indexes(wanted: Wanted) -> list[ColumnElement[bool]]:
    """Letters that did not go, or came back, have indexes in order of their due times."""
    if wanted.reason is not None:
        return [and_(LetterRow.state.in_(_literally(_GIVEN_UP)), LetterRow.reason == wanted.reason),
                and_(_CAME_BACK, LetterRow.bounced == wanted.reason)]  # fmt: skip
    return [true()] if wanted.states == ("bounced",) else []  # said once: said twice, it is taken for rarer than it is


def _first(session: Session, wanted: Wanted, arm: _Arm, limit: int, after: Position | None) -> Sequence[LetterRow]:
    condition = and_(arm.condition, *_conditions(wanted, after))
    by_lanes = arm.lanes is not None and session.get_bind().dialect.name == "postgresql"
    found = _in_lanes(wanted, arm.lanes or (), condition, limit) if by_lanes else select(LetterRow).where(condition)
    return session.scalars(found.order_by(*_order(wanted, LetterRow.due_at, LetterRow.id)).limit(limit)).all()


def _in_lanes(wanted: Wanted, conferences: Sequence[str], condition: ColumnElement[bool], limit: int
              ) -> Select[LetterRow]:  # fmt: skip
    """The first of each conference, kind and state, found in its own part of the index, and of these the first of all.
    Letters of one kind are due together: whoever read all of them in order of time might read a million before the
    first that is wanted."""
    states = {"sent" if one == "bounced" else one for one in wanted.states or LETTER_STATES}
    conference = _values("conference", conferences)
    kind = _values("kind", [wanted.kind] if wanted.kind else LETTER_KINDS)
    state = _values("state", sorted(states))
    own = and_(LetterRow.conference == conference.c[0], LetterRow.kind == kind.c[0], LetterRow.state == state.c[0])
    first = select(LetterRow.id, LetterRow.due_at).where(own, condition)
    of_each = first.order_by(*_order(wanted, LetterRow.due_at, LetterRow.id)).limit(limit).lateral()
    lanes = conference.join(kind, true()).join(state, true())
    of_all = select(of_each.c.id).select_from(lanes.join(of_each, true()))
    return select(LetterRow).where(
        LetterRow.id.in_(of_all.order_by(*_order(wanted, of_each.c.due_at, of_each.c.id)).limit(limit))
    )


def _values(name: str, given: Sequence[str]) -> Values:
    return values(column(name, String), name=f"of_{name}").data([(one,) for one in given or ("",)])


def _condition(session: Session, wanted: Wanted) -> ColumnElement[bool]:
    """All of it, for whoever wants no more than the ids."""
    conditions = _conditions(wanted, None)
    if wanted.reason is not None:
        conditions.append(or_(*_own_indexes(wanted)))
    if wanted.language is not None:
        conferences = [wanted.conference] if wanted.conference else programmes.ids(session)
        conditions.append(_Readers.of(session, conferences, wanted.language).read_it)
    return and_(*conditions)


def _conditions(wanted: Wanted, after: Position | None) -> list[ColumnElement[bool]]:
    """But for reason and language."""
    conditions = [true(), *_between(LetterRow.due_at, wanted.due_from, wanted.due_until)]
    for given, is_so in (
        (wanted.conference, LetterRow.conference == wanted.conference),
        (wanted.kind, LetterRow.kind == wanted.kind),
        (wanted.session, LetterRow.about == wanted.session),
    ):
        if given is not None:
            conditions.append(is_so)
    if wanted.states:
        conditions.append(_is_shown_as(wanted.states))
    if after is not None:
        place = tuple_(LetterRow.due_at, LetterRow.id)
        last = tuple_(*after)
        conditions.append(place > last if wanted.soonest_first else place < last)
    return conditions


def _between(moment: Any, since: datetime | None, until: datetime | None) -> list[ColumnElement[bool]]:  # noqa: ANN401
    return [*([moment >= since] if since else []), *([moment < until] if until else [])]


def _is_shown_as(states: Sequence[str]) -> ColumnElement[bool]:
    """What came back is shown as that, and not as sent."""
    plain = [one for one in states if one not in {"bounced", "sent"}]
    found: list[ColumnElement[bool]] = [LetterRow.state.in_(_literally(plain))] if plain else []
    if "sent" in states:
        found.append(and_(LetterRow.state == literal_column("'sent'"), LetterRow.bounced.is_(None)))
    if "bounced" in states:
        found.append(_CAME_BACK)
    return or_(*found)


@dataclass(frozen=True, slots=True)
class _Readers:
    """Who is written to in a language: their own, or else their conference's. Where few read it, their letters are
    looked for (`few`, their ids); in conferences where `many` do, letters are looked through until there are enough."""

    language: str
    few: Sequence[str]
    many: Sequence[str]
    by_default: Sequence[str]

    @classmethod
    def of(cls, session: Session, conferences: Sequence[str], language: str) -> "_Readers":
        """Of these conferences."""
        by_default = [one for one, its_own in programmes.languages(session).items() if its_own == language]
        few: list[str] = []
        many: list[str] = []
        for conference in conferences:
            reads = ParticipantRow.language == language
            if conference in by_default:
                reads = or_(reads, ParticipantRow.language.is_(None))
            some = select(ParticipantRow.id).where(ParticipantRow.conference == conference, reads).limit(_FEW + 1)
            found = session.scalars(some).all()
            many += [conference] if len(few) + len(found) > _FEW else []
            few += [] if len(few) + len(found) > _FEW else found
        return cls(language, few, many, by_default)

    @property
    def are_few(self) -> ColumnElement[bool]:
        """Of a letter: whether it is to one of the few."""
        return LetterRow.participant_id.in_(self.few)

    @property
    def are_many(self) -> ColumnElement[bool]:
        """Of a letter of such a conference: whether it is to one of the many."""
        says_nothing = and_(ParticipantRow.language.is_(None), ParticipantRow.conference.in_(self.by_default))
        reads = or_(ParticipantRow.language == self.language, says_nothing)
        one = select(literal_column("1", Integer)).where(ParticipantRow.id == LetterRow.participant_id, reads)
        return one.correlate(LetterRow).scalar_subquery() == 1

    @property
    def read_it(self) -> ColumnElement[bool]:
        """Of any letter: whether it is to one of them."""
        return or_(self.are_few, and_(LetterRow.conference.in_(self.many), self.are_many))


def _literally(states: Sequence[str]) -> list[ColumnElement[str]]:
    """Said as their indexes say it, as in `letters`. They are names of ours."""
    assert set(states) <= set(LETTER_STATES)  # noqa: S101 - nothing that was typed becomes a part of a statement
    return [literal_column(f"'{one}'") for one in states]


def _order(wanted: Wanted, *columns: Any) -> list[Any]:  # noqa: ANN401 - columns
    return list(columns) if wanted.soonest_first else [one.desc() for one in columns]
