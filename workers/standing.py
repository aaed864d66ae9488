"""Rows as the domain's values: a registration, its participant, and letters that were written before."""

from collections.abc import Iterable

from adapters.database.tables import LetterRow, ParticipantRow, RegistrationRow
from domain.earlier import Earlier
from domain.rearming import Standing
from domain.telling import Place, Reader


def place_of(row: RegistrationRow) -> Place:
    """A registration as it stands."""
    return Place(
        session=row.session, state=row.state, attendance=row.attendance, interpretation=row.interpretation,
        link=row.link, revision=row.revision, told_revision=row.told_revision, sequence=row.sequence,
        changes=tuple(row.changes), entry=row.entry, told=row.told, offered_until=row.offered_until,
    )  # fmt: skip


def reader_of(row: ParticipantRow) -> Reader:
    """How a participant is written to."""
    return Reader(row.language, row.time_zone, row.visibility)


def earlier_of(rows: Iterable[LetterRow], gone: frozenset[str]) -> list[Earlier]:
    """Letters about sessions, in their order, without those that went to a former address: whoever reads at the present
    one has never heard of them. `gone`: ids of those that a mail server has taken, or may have."""
    return [
        Earlier(
            id=one.id, kind=one.kind, state=one.state, tries=one.tries, method=one.method, changes=tuple(one.changes),
            before=one.before, sequence=one.sequence, dtstamp=one.dtstamp, may_have_gone=one.id in gone,
        )
        for one in rows if one.address_version is None
    ]  # fmt: skip


def standing_of(rows: Iterable[LetterRow]) -> dict[tuple[str, str], Standing]:
    """The newest reminder of each kind and matter; `rows` in order of revision."""
    return {
        (one.kind, one.about): Standing(
            id=one.id, kind=one.kind, about=one.about, revision=one.revision, sessions=tuple(one.sessions),
            due_at=one.due_at, not_after=one.not_after, state=one.state, reason=one.reason,
        )
        for one in rows
    }  # fmt: skip
