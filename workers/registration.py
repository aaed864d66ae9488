"""Registration: what the domain has decided is written, in the transaction that settles the envelope."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy.orm import Session

from adapters.database import letters, participants, registrants, registrations, zoom_events
from adapters.database.programmes import InForce
from adapters.database.registrants import Wish
from adapters.database.tables import ParticipantRow, RegistrationRow
from adapters.ids import alias_address
from adapters.toolbox import Toolbox
from domain import registration as decision
from domain.registration import Change, Preferences, Refused, Standing
from schemas.draft import Draft
from schemas.programme import Conference
from schemas.registration import Reason, RegistrationData, WithdrawalData
from workers.memory import remember
from workers.programme import zoom_event_of

CONFIRMATION_USEFUL_FOR = timedelta(days=5)


def register(
    toolbox: Toolbox, session: Session, in_force: InForce, data: RegistrationData, machine_received: datetime, *,
    from_zoom: bool = False,
) -> str:  # fmt: skip
    """Register a participant, or add to and update what is there; the participant's id.

    `from_zoom`: anybody can type anything into Zoom's public page; it changes nothing of who a known participant is.

    Raises:
        Refused: where the domain refuses; then nothing is written.
    """
    now = toolbox.clock.now()
    known = participants.locked(session, toolbox.vault, in_force.conference.id, data.email)
    places = registrations.of_participant(session, known.id, lock=True) if known else {}
    is_newest = known is None or machine_received >= known.machine_said
    preferred = None if known is None or from_zoom or not is_newest else _preferences(known, in_force.conference)
    if known is not None:
        remember(in_force, known, places)
    standing = _standing(places, machine_received)
    changes = decision.register(data, in_force.conference, standing, known=preferred, now=now)
    row = participants.locked_or_created(session, toolbox.vault, in_force.conference.id, data, machine_received, now)
    is_ours = row.machine_said == machine_received and not registrations.of_participant(session, row.id, lock=True)
    if known is None and not is_ours:
        # Another worker met this new address at the same moment and was first: decide again on what it wrote.
        return register(toolbox, session, in_force, data, machine_received, from_zoom=from_zoom)
    if known is not None and is_newest and (not from_zoom or participants.is_only_noted(known)):
        participants.overwrite(row, toolbox.vault, data, machine_received)
        if data.alias is not None:
            ours = [place.id for place in places.values()]
            registrants.rename(session, toolbox.vault, ours, lambda: _alias_address(toolbox))
    _write(toolbox, session, in_force, row, places, changes, machine_received)
    if preferred is not None and (preferred.visibility, row.visibility) == ("standard", "discreet"):
        _renew_entries(toolbox, in_force, places)
    _note_said(places, in_force, data.sessions, machine_received)
    return row.id


def hide(toolbox: Toolbox, session: Session, in_force: InForce, participant: ParticipantRow) -> bool:
    """Somebody, who is locked, wants to be written to discreetly: from now on they are, and every entry that their
    calendar shows is renewed, of sessions that are over too. Whether there is anything to tell."""
    participant.visibility = "discreet"
    places = registrations.of_participant(session, participant.id, lock=True)
    return _renew_entries(toolbox, in_force, places)


def _renew_entries(toolbox: Toolbox, in_force: InForce, places: dict[str, RegistrationRow]) -> bool:
    """For another visibility alone: the entries of which nothing else has noted yet that they are to be renewed."""
    now, machine_now = toolbox.clock.now(), toolbox.clock.machine_now()
    shown = [
        place for one in in_force.conference.sessions
        if (place := places.get(one.id)) and place.state == "registered" and place.entry == "requested"
        and "visibility" not in place.changes and decision.still_shows(one, in_force.conference, now)
    ]  # fmt: skip
    for place in shown:
        registrations.bump(place, ["visibility"], now, raise_sequence=True)
        place.machine_queued = machine_now
    return bool(shown)


def withdraw(
    toolbox: Toolbox, session: Session, in_force: InForce, data: WithdrawalData, machine_received: datetime
) -> str:
    """Withdraw a participant from sessions; the participant's id.

    Raises:
        Refused: where there is nothing to withdraw from.
    """
    row = participants.locked(session, toolbox.vault, in_force.conference.id, data.email)
    if row is None:
        raise Refused(Reason(field="email", code="not-registered", message="There is no registration to withdraw."))
    places = registrations.of_participant(session, row.id, lock=True)
    changes = decision.withdraw(data, in_force.conference, _standing(places, machine_received))
    _write(toolbox, session, in_force, row, places, changes, machine_received)
    _note_said(places, in_force, data.sessions, machine_received)
    return row.id


def withdraw_place(
    toolbox: Toolbox, session: Session, in_force: InForce, place: RegistrationRow, machine_received: datetime
) -> None:
    """Withdraw somebody from one session because they, or the host, did so at Zoom."""
    person = session.get(ParticipantRow, place.participant_id, with_for_update=True)
    assert person is not None  # noqa: S101 - a registration has its participant
    places = registrations.of_participant(session, person.id, lock=True)
    said = WithdrawalData(email=participants.opened(person, toolbox.vault).address, sessions=(place.session,))
    changes = decision.withdraw(said, in_force.conference, _standing(places, machine_received))
    _write(toolbox, session, in_force, person, places, changes, machine_received)
    _note_said(places, in_force, (place.session,), machine_received)


def come_back(
    toolbox: Toolbox, session: Session, in_force: InForce, place: RegistrationRow, machine_received: datetime
) -> None:
    """Register somebody again for a session from which they had withdrawn, because Zoom's host has let them in."""
    person = session.get(ParticipantRow, place.participant_id, with_for_update=True)
    assert person is not None  # noqa: S101 - a registration has its participant
    opened = participants.opened(person, toolbox.vault)
    said = RegistrationData(
        full_name=opened.profile.full_name, email=opened.address, sessions=(place.session,),
        attendance=place.attendance, interpretation=place.interpretation,
    )  # fmt: skip
    register(toolbox, session, in_force, said, machine_received, from_zoom=True)


def _preferences(known: ParticipantRow, conference: Conference) -> Preferences:
    return Preferences(known.visibility, known.language or conference.language, known.time_zone or conference.time_zone)


def _standing(places: dict[str, RegistrationRow], machine_received: datetime) -> dict[str, Standing]:
    return {
        one.session: Standing(
            one.session, one.state == "registered", one.attendance, one.interpretation,
            said_later=one.machine_said > machine_received,
        )
        for one in places.values()
    }  # fmt: skip


def _note_said(
    places: dict[str, RegistrationRow], in_force: InForce, sessions: Iterable[str] | Literal["all"], received: datetime
) -> None:
    """Also where nothing changed: an older submission that comes later must not undo what was repeated meanwhile."""
    named = {one.id for one in in_force.conference.sessions} if sessions == "all" else set(sessions)
    for row in places.values():
        if row.session in named:
            row.machine_said = max(row.machine_said, received)


def _write(
    toolbox: Toolbox, session: Session, in_force: InForce, participant: ParticipantRow,
    places: dict[str, RegistrationRow], changes: tuple[Change, ...], machine_received: datetime,
) -> None:  # fmt: skip
    now, machine_now = toolbox.clock.now(), toolbox.clock.machine_now()
    for change in changes:
        row = places.get(change.session)
        if row is None:
            places[change.session] = registrations.add(
                session, participant_id=participant.id, conference=in_force.conference.id, session_id=change.session,
                attendance=change.attendance, interpretation=change.interpretation, wants_link=change.wants_link,
                machine_said=machine_received, now=now, machine_now=machine_now,
            )  # fmt: skip
        else:
            registrations.change(row, change.reasons, registered=change.registered, attendance=change.attendance,
                                 interpretation=change.interpretation, wants_link=change.wants_link,
                                 raise_sequence=change.raises_sequence, now=now, machine_now=machine_now)  # fmt: skip
        wish(toolbox, session, in_force, participant, places[change.session])
    if changes:
        participant.submissions += 1
    if any("added" in change.reasons for change in changes):
        _confirm(toolbox, session, in_force, participant, places)


def wish(
    toolbox: Toolbox, session: Session, in_force: InForce, participant: ParticipantRow, place: RegistrationRow
) -> None:
    """What is wanted of Zoom, noted in the same transaction: nobody registers without being added, nor withdraws
    without being cancelled there, whatever becomes of the messages."""
    planned = in_force.conference.session(place.session)
    if planned is None or (place.link == "none" and registrants.of_registration(session, place.id) is None):
        return  # there is no link to be had, and never was
    event_id = zoom_events.ensure(session, zoom_event_of(in_force.conference, planned), toolbox.clock.machine_now())
    person = participants.opened(participant, toolbox.vault)
    address, held = person.address, None
    # Whoever has come to Zoom under their own address is there already; an alias would be a second registrant.
    if person.profile.alias and not registrants.is_known(session, toolbox.vault, event_id, address):
        address = _alias_address(toolbox)
        held = None if planned.aliases else "alias-not-allowed"
    wanted = place.state == "registered" and place.link != "none"
    registrants.wish(session, toolbox.vault, place, Wish(event_id, address, wanted, held), toolbox.clock.now())
    if not wanted:
        registrants.wish_nothing(session, toolbox.vault, event_id, person.address)


def _alias_address(toolbox: Toolbox) -> str:
    settings = toolbox.settings
    return alias_address(settings.alias_domain or f"join.{settings.sender[1].rpartition('@')[2]}")


def wish_for_old_ones(toolbox: Toolbox, session: Session, limit: int) -> None:
    """Registrations that a version without Zoom's client has written want their links, too."""
    for registration_id in registrations.unwished(session, limit):
        place = session.get(RegistrationRow, registration_id)
        person = None if place is None else session.get(ParticipantRow, place.participant_id)
        in_force = None if person is None else toolbox.shelf.get(session, person.conference)
        if place is not None and person is not None and in_force is not None:
            wish(toolbox, session, in_force, person, place)


def _confirm(
    toolbox: Toolbox, session: Session, in_force: InForce, participant: ParticipantRow,
    places: dict[str, RegistrationRow],
) -> None:  # fmt: skip
    """A confirmation that lists all sessions, where there are several or one has no date yet: an invitation alone
    would say the same for a single confirmed one."""
    now, machine_now = toolbox.clock.now(), toolbox.clock.machine_now()
    programme = in_force.conference
    listed = [
        one for one in programme.sessions
        if one.id in places and places[one.id].state == "registered" and not decision.is_over(one, programme, now)
    ]  # fmt: skip
    if len(listed) < 2 and all(one.unconfirmed is None for one in listed):
        return
    for letter in letters.of_participant(session, participant.id, ["confirmation"]):
        letters.withhold(session, letter.id, "superseded", now, machine_now)
    draft = Draft(
        kind="confirmation", about="", revision=participant.submissions, sessions=tuple(one.id for one in listed),
        due_at=now, not_after=now + CONFIRMATION_USEFUL_FOR,
    )  # fmt: skip
    letters.add(session, participant.id, programme.id, in_force.calendar_domain, draft, now, machine_now)
