"""The programmes in force."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic_core import from_json
from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from adapters.database.engine import insert_unless_there
from adapters.database.tables import ProgrammeRow, RegistrationRow
from schemas.programme import Conference, Texts
from schemas.programme import Session as ProgrammeSession

_NEVER_TOLD = {
    **dict.fromkeys(
        ("forms", "notes", "documents", "assumed", "website", "privacy_notice", "link_follows", "admission",
         "translations"),
        True,
    ),
    "sessions": {
        "__all__": {
            **dict.fromkeys(
                ("notes", "assumed", "printed", "registration", "aliases", "link_follows", "admission", "translations"),
                True,
            ),
            "zoom": {"record_attendance"},
        }
    },
}  # fmt: skip
"""What contradicts no letter and no calendar entry that went out, and sends none: it may be corrected at any time, form
mappings above all. Not so reminders, nor the Zoom event behind a session: a plan says what becomes of them.
Translations are looked at by themselves."""


def put_in_force(session: Session, conference: Conference, calendar_domain: str, now: datetime) -> bool:
    """Put a programme in force where that contradicts nothing that anybody was told.

    Returns:
        Whether `conference` is what is in force now. False: people are registered under another programme, and a
        silent change would contradict their calendars; it takes a plan that says who gets which letter.
    """
    values = {
        "conference": conference.id, "version": 1, "document": conference.model_dump_json(),
        "calendar_domain": calendar_domain, "in_force_at": now,
    }  # fmt: skip
    if insert_unless_there(session, ProgrammeRow, values):
        return True
    row = session.scalars(select(ProgrammeRow).where(ProgrammeRow.conference == conference.id).with_for_update()).one()
    known = Conference.model_validate_json(row.document)
    if known == conference:
        return True
    if _told(known) != _told(conference, instead_of=known) and _anybody_registered(session, conference.id):
        return False
    replace(row, conference, now)
    return True


def _told(conference: Conference, *, instead_of: Conference | None = None) -> dict[str, object]:
    """What participants are told. Of translations only those that `instead_of` has too: what is added where there was
    none contradicts nothing."""
    told: dict[str, object] = conference.model_dump(exclude=_NEVER_TOLD)  # type: ignore[arg-type]
    parts = {one.id: one.translations for one in conference.sessions}
    before = conference if instead_of is None else instead_of
    parts_before = {one.id: one.translations for one in before.sessions}
    own = _known(conference.translations, before.translations)
    return told | {
        "translations": (own, {one: _known(texts, parts_before.get(one, {})) for one, texts in parts.items()})
    }


def _known(translations: Mapping[Any, Texts], before: Mapping[Any, Texts]) -> set[tuple[str, str, object]]:
    return {
        (language, name, text)
        for language, texts in translations.items()
        for name, text in texts
        if text and language in before and getattr(before[language], name)
    }


def _anybody_registered(session: Session, conference: str) -> bool:
    # Not whether there is a participant: whose registration was not understood has been told nothing of the programme.
    wanted = select(RegistrationRow.id).where(RegistrationRow.conference == conference).limit(1)
    return session.scalars(wanted).first() is not None


def in_force(session: Session, conference: str) -> tuple[Conference, ProgrammeRow] | None:
    """The programme in force and its row, or None for an unknown conference."""
    row = session.get(ProgrammeRow, conference)
    return None if row is None else (Conference.model_validate_json(row.document), row)


def locked(session: Session, conference: str) -> tuple[Conference, ProgrammeRow] | None:
    """The same, and nobody else can replace it, nor register under it, until this transaction ends."""
    wanted = select(ProgrammeRow).where(ProgrammeRow.conference == conference).with_for_update()
    row = session.scalars(wanted).one_or_none()
    return None if row is None else (Conference.model_validate_json(row.document), row)


def replace(row: ProgrammeRow, conference: Conference, now: datetime) -> None:
    """Put another version in force; `row` is locked."""
    row.document, row.version, row.in_force_at = conference.model_dump_json(), row.version + 1, now


_VERSION = select(ProgrammeRow.version).where(ProgrammeRow.conference == bindparam("conference"))
_VERSION_HELD = _VERSION.with_for_update(read=True)


def version(session: Session, conference: str, *, hold: bool = False) -> int | None:
    """The version in force: cheap, for caches. With `hold` it stays in force until this transaction ends."""
    wanted = _VERSION_HELD if hold else _VERSION
    return session.connection().execute(wanted, {"conference": conference}).scalar_one_or_none()


def ids(session: Session) -> list[str]:
    """The conferences whose programmes are in force."""
    return list(session.scalars(select(ProgrammeRow.conference).order_by(ProgrammeRow.conference)))


def since(session: Session) -> dict[str, datetime]:
    """Since when each programme has been in force as it is."""
    rows = session.execute(select(ProgrammeRow.conference, ProgrammeRow.in_force_at))
    return {conference: in_force_at for conference, in_force_at in rows}  # noqa: C416 - rows, for mypy, are no pairs


def languages(session: Session) -> dict[str, str]:
    """The language in which each conference writes to who says nothing of theirs; nothing else is read of it."""
    rows = session.execute(select(ProgrammeRow.conference, ProgrammeRow.document))
    return {conference: str(from_json(document)["language"]) for conference, document in rows}


def all_in_force(session: Session) -> list[Conference]:
    """Every programme in force, in order of id."""
    rows = session.scalars(select(ProgrammeRow).order_by(ProgrammeRow.conference))
    return [Conference.model_validate_json(row.document) for row in rows]


@dataclass(frozen=True, slots=True)
class InForce:
    """A programme as the corridor uses it. `sessions`: by id, in the programme's order."""

    conference: Conference
    calendar_domain: str
    version: int
    sessions: Mapping[str, ProgrammeSession] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Looked up for every letter."""
        object.__setattr__(self, "sessions", {one.id: one for one in self.conference.sessions})


class Shelf:
    """The programmes in force, parsed once per version and process."""

    def __init__(self) -> None:
        self._held: dict[str, InForce] = {}

    def get(self, session: Session, conference: str, *, hold: bool = False) -> InForce | None:
        """The programme in force, or None for an unknown conference. Costs one small query when it is known.

        With `hold` it cannot be replaced before this transaction ends: for whoever registers somebody under it.
        """
        current = version(session, conference, hold=hold)
        held = self._held.get(conference)
        if held is not None and current == held.version:
            return held
        found = in_force(session, conference)
        if found is None:
            return None
        programme, row = found
        self._held[conference] = InForce(programme, row.calendar_domain, row.version)
        return self._held[conference]

    def all(self, session: Session) -> list[InForce]:
        """Every programme in force, in order of id. One small query when all are known."""
        versions = session.execute(
            select(ProgrammeRow.conference, ProgrammeRow.version).order_by(ProgrammeRow.conference)
        )
        found = (
            held if (held := self._held.get(conference)) and held.version == current else self.get(session, conference)
            for conference, current in versions.all()
        )
        return [one for one in found if one is not None]
