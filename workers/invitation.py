"""Invitation: what a participant has not been told yet becomes letters in the outbox, with reminders beside them.

One transaction turns the difference between `revision` and `told_revision` into one letter per session; running it
again finds no difference.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from adapters.database import letters, outgoing, registrants, registrations
from adapters.database.letters import Draft
from adapters.database.programmes import InForce
from adapters.database.tables import LetterRow, ParticipantRow, RegistrationRow
from adapters.toolbox import Toolbox
from domain.letters.told import Heard
from domain.programme import has_zoom_link
from domain.registration import is_over, may_follow
from domain.times import session_period
from schemas.programme import Conference
from schemas.programme import Session as ProgrammeSession
from workers import reminders
from workers.announcements import CANCELLED
from workers.app import DELIVER, WRITE_INVITATIONS, app, enqueue, tools
from workers.memory import heard_now

FAREWELL_USEFUL_FOR = timedelta(days=1)
OPEN_USEFUL_FOR = timedelta(days=5)

_WAITING = {"pending": "pending", "waitlisted": "waitlist"}
"""The letter to whoever has no place yet. It brings neither a link nor a calendar entry."""


@app.task(name=WRITE_INVITATIONS)
def write_invitations(participant_id: str) -> None:
    """Write what is untold, and wake delivery. May run twice."""
    tell(tools(), participant_id)


def tell(toolbox: Toolbox, participant_id: str) -> None:
    """The same, by whoever has just learnt that there is something to tell."""
    if write(toolbox, participant_id):
        enqueue(DELIVER)


def waits_for_links(toolbox: Toolbox, session: Session, participant_id: str) -> bool:
    """Whether nothing can be written before a link is there, nor is anything due that was written before."""
    participant = session.get(ParticipantRow, participant_id)
    in_force = toolbox.shelf.get(session, participant.conference) if participant else None
    if in_force is None or outgoing.has_due(session, participant_id, toolbox.clock.now()):
        return False
    untold = [
        (row, in_force.conference.session(row.session))
        for row in registrations.of_participant(session, participant_id).values()
        if row.told_revision != row.revision
    ]
    return all(planned and not _may_be_told(session, row, planned, in_force) for row, planned in untold)


def write(toolbox: Toolbox, participant_id: str) -> bool:
    """Bring a participant's letters up to date; whether there is something to deliver now."""
    with toolbox.database.write() as session:
        participant = session.get(ParticipantRow, participant_id, with_for_update=True)
        in_force = toolbox.shelf.get(session, participant.conference) if participant else None
        if participant is None or in_force is None:
            return False
        places = registrations.of_participant(session, participant_id, lock=True)
        # A letter that delivery claims this moment must not be taken for one that can still be held back.
        earlier = letters.of_participant(session, participant_id, letters.SESSION_KINDS, lock=True)
        for row in places.values():
            planned = in_force.conference.session(row.session)
            if row.told_revision == row.revision:
                continue
            if planned is None:
                row.told_revision = row.revision  # the session is in no programme any more: nothing can be said of it
            elif _may_be_told(session, row, planned, in_force):
                _tell(toolbox, session, in_force, participant, row, planned, earlier)
        reminders.plan(toolbox, session, in_force, participant, places)
        return outgoing.has_due(session, participant_id, toolbox.clock.now())


def _may_be_told(session: Session, row: RegistrationRow, planned: ProgrammeSession, in_force: InForce) -> bool:
    """An invitation waits for its link, unless the programme lets the link follow, or the participant comes to the
    room and can do without; and even then until it has been asked for in vain: mostly it is there in a second, and one
    letter is better than two."""
    if row.state != "registered" or row.link != "wanted" or planned.cancelled:
        return True
    may = row.attendance == "in-person" or may_follow(planned, in_force.conference)
    return may and registrants.was_tried(session, row.id)


def _tell(
    toolbox: Toolbox, session: Session, in_force: InForce, participant: ParticipantRow, row: RegistrationRow,
    planned: ProgrammeSession, earlier: list[LetterRow],
) -> None:  # fmt: skip
    now, machine_now = toolbox.clock.now(), toolbox.clock.machine_now()
    known = [letter for letter in earlier if letter.about == row.session]
    gone = letters.may_have_gone(session, known)
    # An invitation that may have gone goes again, and what is new after it: an update must not be the first that
    # somebody hears of a session.
    standing = row.state == "registered" and not planned.cancelled
    again = {one.id for one in known if standing and one.kind == "invitation" and one.id in gone}
    # What else was planned and has not gone is overtaken by this letter: five changes in a minute send one.
    overtaken = [
        one for one in known if one.id not in again and letters.withhold(session, one, "superseded", now, machine_now)
    ]
    row.changes = list(dict.fromkeys([*(why for one in overtaken for why in one.changes), *row.changes]))
    in_calendar = _in_calendar(known, gone)
    before = _told_before(row, known) if in_calendar else None
    draft = _draft(row, planned, in_force, in_calendar=in_calendar, toolbox=toolbox)
    if draft is not None and draft.method is not None:
        draft = replace(draft, dtstamp=_dtstamp(now, known), before=before)
    if draft is not None and draft.method == "REQUEST":
        heard = heard_now(row, planned, in_force.conference, participant)
        if draft.kind == "update" and not _may_have_arrived(known):
            draft = _if_news(draft, heard, before, has_other_link=_has_other_link(row, planned, in_force.conference))
        row.told = before if draft is None else heard.to_keep()
    if draft is not None:
        letters.add(session, participant.id, in_force.conference.id, in_force.calendar_domain, draft, now, machine_now)
    row.told_revision, row.changes = row.revision, []


def _if_news(draft: Draft, heard: Heard, before: dict[str, Any] | None, *, has_other_link: bool) -> Draft | None:
    """An update with what is news in it, or None where it would say what was said before. `has_other_link`: a link
    that the letter before did not have is news by itself."""
    told = None if before is None else Heard.kept(before)
    if told is None or has_other_link or (heard.has_link and not told.has_link):
        return draft
    news = heard.news_since(told, draft.changes)
    return None if news is None else replace(draft, changes=news)


def _has_other_link(row: RegistrationRow, planned: ProgrammeSession, conference: Conference) -> bool:
    """Zoom's own link is another after a withdrawal; our join page's address stays."""
    return "withdrawn" in row.changes and has_zoom_link(planned, conference)


def _may_have_arrived(known: list[LetterRow]) -> bool:
    """Whether after the last letter that is known to have gone another was offered to the mail server, and taken back
    with no answer: nobody can say which of them the calendar shows."""
    for letter in reversed([one for one in known if one.method is not None]):
        if letter.state in {"sent", "claimed"}:
            return False
        if letter.tries > 0 and letter.state != "failed":
            return True
    return False


def _told_before(row: RegistrationRow, known: list[LetterRow]) -> dict[str, Any] | None:
    """What the last letter said that is known to have gone. Those that were held back or refused since then hand on
    what came before them: five changes in a minute are told as one, from the first to the last."""
    before = row.told
    for letter in reversed([one for one in known if one.method is not None]):
        if letter.state in {"sent", "claimed"}:
            break
        before = letter.before or before
    return before


def _in_calendar(known: list[LetterRow], gone: frozenset[str]) -> bool:
    """Whether the participant's calendar may have the entry: the last letter that a mail server may have taken asked
    for it. One that was offered and never answered for may have arrived; one that was refused has not."""
    may_have_gone = [one for one in known if one.method is not None and one.id in gone]
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
    is_farewell = row.state == "withdrawn" or planned.cancelled
    if is_farewell:
        row.entry = "cancelled" if in_calendar else "none"
    if is_over(planned, conference, now):
        return _of_old(row, in_calendar=in_calendar, now=now)
    draft = Draft(kind="invitation", about=row.session, revision=row.revision, sessions=(row.session,), due_at=now,
                  not_after=_useful_until(planned, conference, now), changes=tuple(row.changes))  # fmt: skip
    if is_farewell:
        return _farewell(row, draft, in_calendar=in_calendar)
    if row.state in _WAITING:
        return replace(draft, kind=_WAITING[row.state])
    if planned.unconfirmed is not None:
        return None
    row.entry = "requested"
    requesting = replace(draft, method="REQUEST", sequence=row.sequence)
    return replace(requesting, kind="update") if in_calendar else replace(requesting, changes=())


def _of_old(row: RegistrationRow, *, in_calendar: bool, now: datetime) -> Draft | None:
    """Of a session that is over nothing is told, but for who wants to be discreet: the entry still shows its title."""
    if not in_calendar or row.state != "registered" or "visibility" not in row.changes or row.entry != "requested":
        return None
    return Draft(kind="update", about=row.session, revision=row.revision, sessions=(row.session,), due_at=now,
                 not_after=now + OPEN_USEFUL_FOR, changes=("visibility",), method="REQUEST",
                 sequence=row.sequence)  # fmt: skip


def _farewell(row: RegistrationRow, draft: Draft, *, in_calendar: bool) -> Draft | None:
    """The participant's withdrawal, or the organiser's cancellation, which is told once; with what takes the entry out
    of a calendar that may have it."""
    kind = "withdrawal" if row.state == "withdrawn" else "cancellation"
    if kind == "cancellation" and not in_calendar and CANCELLED not in row.changes:
        return None
    told = replace(draft, kind=kind, not_after=max(draft.not_after, draft.due_at + FAREWELL_USEFUL_FOR))
    return replace(told, method="CANCEL", sequence=row.sequence) if in_calendar else told


def _useful_until(planned: ProgrammeSession, conference: Conference, now: datetime) -> datetime:
    """The end of the session; of one whose time is open, some days from now."""
    if planned.unconfirmed is not None:
        return now + OPEN_USEFUL_FOR
    return session_period(planned, conference.time_zone).end
