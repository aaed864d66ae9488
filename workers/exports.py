"""Exports: registrations for a table, and the audit of who took them out."""

from collections.abc import Iterator

from sqlalchemy.orm import Session

from adapters.database import audits, imports, participants, registrations
from adapters.database.tables import ParticipantRow, RegistrationRow
from adapters.toolbox import Toolbox
from domain.sheets.exported import Attendee, Stand, Wanted, table
from schemas.programme import Conference
from schemas.sheet import Table

_AT_ONCE = 500


def export(toolbox: Toolbox, conference: Conference, wanted: Wanted, *, who: str, form: str) -> Table:
    """The registrations of a conference as a table. That `who` has taken them out is audited before anybody gets them;
    `form` (`csv`, `xlsx`) stands in the audit."""
    now, machine_now = toolbox.clock.now(), toolbox.clock.machine_now()
    with toolbox.database.read() as session:
        people = list(_attendees(toolbox, session, conference.id, needs=wanted.needs))
    made = table(people, conference, wanted, who=who, now=now)
    details = {
        "rows": len(made.rows), "columns": list(made.head), "role": wanted.role, "per": wanted.per, "format": form,
        "sessions": sorted(wanted.sessions),
    }  # fmt: skip
    with toolbox.database.write() as session:
        audits.note(session, toolbox.vault, who=who, action="export", conference=conference.id, details=details,
                    now=now, machine_now=machine_now)  # fmt: skip
    return made


def _attendees(toolbox: Toolbox, session: Session, conference: str, *, needs: bool) -> Iterator[Attendee]:
    ids = imports.with_registrations(session, conference)
    for start in range(0, len(ids), _AT_ONCE):
        some = ids[start : start + _AT_ONCE]
        places = registrations.whole(session, some)
        for one, row in participants.whole(session, some).items():
            yield _attendee(toolbox, row, list(places.get(one, {}).values()), needs=needs)


def _attendee(toolbox: Toolbox, row: ParticipantRow, places: list[RegistrationRow], *, needs: bool) -> Attendee:
    opened = participants.opened(row, toolbox.vault)
    return Attendee(
        id=row.id,
        address=opened.address,
        profile=opened.profile,
        language=opened.language,
        time_zone=opened.time_zone,
        visibility=opened.visibility,
        needs=participants.needs(row, toolbox.vault) if needs else None,
        stands=tuple(
            Stand(one.session, one.state, one.attendance, one.interpretation, one.created_at, one.changed_at)
            for one in places
        ),
    )
