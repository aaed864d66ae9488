"""Invitation: what a participant has not been told yet becomes letters in the outbox, with reminders beside them.

One transaction turns the difference between `revision` and `told_revision` into one letter per session; running it
again finds no difference.
"""

from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from adapters.database import letters, registrants, registrations
from adapters.database.letters import Draft
from adapters.database.programmes import InForce
from adapters.database.tables import LetterRow, ParticipantRow, RegistrationRow
from adapters.toolbox import Toolbox
from domain.registration import is_over, may_follow
from domain.times import session_period
from schemas.programme import Session as ProgrammeSession
from workers import reminders
from workers.app import DELIVER, WRITE_INVITATIONS, app, enqueue, tools

WITHDRAWAL_USEFUL_FOR = timedelta(days=1)


@app.task(name=WRITE_INVITATIONS)
def write_invitations(participant_id: str) -> None:
    """Write what is untold, and wake delivery. May run twice."""
    if write(tools(), participant_id):
        enqueue(DELIVER)


def write(toolbox: Toolbox, participant_id: str) -> bool:
    """Bring a participant's letters up to date; whether there may be something to deliver."""
    with toolbox.database.write() as session:
        participant = session.get(ParticipantRow, participant_id, with_for_update=True)
        in_force = toolbox.shelf.get(session, participant.conference) if participant else None
        if participant is None or in_force is None:
            return False
        places = registrations.of_participant(session, participant_id, lock=True)
        earlier = letters.of_participant(session, participant_id, letters.CALENDAR_KINDS)
        for row in places.values():
            planned = in_force.conference.session(row.session)
            if row.told_revision == row.revision:
                continue
            if planned is None:
                row.told_revision = row.revision  # the session is in no programme any more: nothing can be said of it
            elif _may_be_told(session, row, planned, in_force):
                _tell(toolbox, session, in_force, participant, row, planned, earlier)
        reminders.plan(toolbox, session, in_force, participant, places)
    return True


def _may_be_told(session: Session, row: RegistrationRow, planned: ProgrammeSession, in_force: InForce) -> bool:
    """An invitation waits for its link, unless the programme lets the link follow, or the participant comes to the
    room and can do without; and even then until it has been asked for in vain: mostly it is there in a second, and one
    letter is better than two."""
    if row.state != "registered" or row.link != "wanted":
        return True
    may = row.attendance == "in-person" or may_follow(planned, in_force.conference)
    return may and registrants.was_tried(session, row.id)


def _tell(
    toolbox: Toolbox, session: Session, in_force: InForce, participant: ParticipantRow, row: RegistrationRow,
    planned: ProgrammeSession, earlier: list[LetterRow],
) -> None:  # fmt: skip
    now, machine_now = toolbox.clock.now(), toolbox.clock.machine_now()
    known = [letter for letter in earlier if letter.about == row.session]
    # What was planned and has not gone is overtaken by this letter: five changes in a minute send one.
    overtaken = [one for one in known if letters.withhold(session, one, "superseded", now, machine_now)]
    row.changes = list(dict.fromkeys([*(why for one in overtaken for why in one.changes), *row.changes]))
    draft = _draft(row, planned, in_force, in_calendar=_in_calendar(known), toolbox=toolbox)
    if draft is not None:
        if draft.method is not None:
            draft = replace(draft, dtstamp=_dtstamp(now, known))
        letters.add(session, participant.id, in_force.conference.id, in_force.calendar_domain, draft, now, machine_now)
    row.told_revision, row.changes = row.revision, []


def _in_calendar(known: list[LetterRow]) -> bool:
    """Whether the participant's calendar may have the entry: the last letter that a mail server may have taken asked
    for it. One that was offered and never answered for may have arrived."""
    with_entry = [one for one in known if one.method is not None and one.state != "failed"]
    may_have_gone = [one for one in with_entry if one.state == "claimed" or one.tries > 0]
    return bool(may_have_gone) and may_have_gone[-1].method == "REQUEST"


def _dtstamp(now: datetime, earlier: list[LetterRow]) -> datetime:
    """Whole seconds, and later than any before: calendar programs take an equal one for a repetition."""
    known = [one.dtstamp for one in earlier if one.dtstamp is not None]
    this = now.replace(microsecond=0)
    return max([this, *(one + timedelta(seconds=1) for one in known)])


def _draft(
    row: RegistrationRow, planned: ProgrammeSession, in_force: InForce, *, in_calendar: bool, toolbox: Toolbox
) -> Draft | None:
    """The letter for what is new about one registration; None where nothing may be said or there is nobody to tell."""
    conference, now = in_force.conference, toolbox.clock.now()
    if row.state == "withdrawn":
        row.entry = "cancelled" if in_calendar else "none"
        if is_over(planned, conference, now):
            return None
        useful_until = now + WITHDRAWAL_USEFUL_FOR
        if planned.unconfirmed is None:
            useful_until = max(useful_until, session_period(planned, conference.time_zone).end)
        return Draft(
            kind="withdrawal", about=row.session, revision=row.revision, sessions=(row.session,), due_at=now,
            not_after=useful_until, method="CANCEL" if in_calendar else None,
            sequence=row.sequence if in_calendar else None,
        )  # fmt: skip
    if planned.unconfirmed is not None or planned.cancelled or is_over(planned, conference, now):
        return None
    row.entry = "requested"
    return Draft(
        kind="update" if in_calendar else "invitation", about=row.session, revision=row.revision,
        sessions=(row.session,), changes=tuple(row.changes) if in_calendar else (), due_at=now,
        not_after=session_period(planned, conference.time_zone).end, method="REQUEST", sequence=row.sequence,
    )  # fmt: skip
