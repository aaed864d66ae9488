"""Registration: what the domain has decided is written, in the transaction that settles the envelope."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal, cast

from sqlalchemy.orm import Session

from adapters.database import participants, registrations
from adapters.database.programmes import InForce
from adapters.database.tables import ParticipantRow, RegistrationRow
from adapters.toolbox import Toolbox
from domain import registration as decision
from domain.places import Held, State, Why
from domain.registration import Preferences, Refused, Standing
from schemas.programme import Conference
from schemas.registration import PreferencesData, Reason, RegistrationData, WithdrawalData
from workers.admission import door_for, hold, person_of
from workers.decided import Whose, write
from workers.memory import remember
from workers.wishes import rename

_WAITING = frozenset({"pending", "waitlisted", "offered"})


def register(
    toolbox: Toolbox, session: Session, in_force: InForce, data: RegistrationData, machine_received: datetime, *,
    from_zoom: bool = False,
) -> str:  # fmt: skip
    """Register a participant, or add to and update what is there; the participant's id.

    `from_zoom`: anybody can type anything into Zoom's public page; it changes nothing of who a known participant is.

    Raises:
        Refused: where the domain refuses; then nothing is written.
    """
    hold(session, in_force.conference, data.sessions)
    known = participants.locked(session, toolbox.vault, in_force.conference.id, data.email)
    places = registrations.of_participant(session, known.id, lock=True) if known else {}
    data = _at_zoom(data, places) if from_zoom else data
    is_newest = known is None or machine_received >= known.machine_said
    preferred = None if known is None or from_zoom or not is_newest else _preferences(known, in_force.conference)
    if known is not None:
        remember(in_force, known, places)
    has_say = known is None or (is_newest and not from_zoom)
    person = person_of(toolbox, known, data if has_say else None)
    door = door_for(toolbox, session, in_force.conference, data.sessions, person)
    changes = decision.register(data, door, _standing(places, machine_received), known=preferred)
    row = participants.locked_or_created(
        session, toolbox.vault, in_force.conference.id, data, machine_received, door.now
    )  # fmt: skip
    is_ours = row.machine_said == machine_received and not registrations.of_participant(session, row.id, lock=True)
    if known is None and not is_ours:
        # Another worker met this new address at the same moment and was first: decide again on what it wrote.
        return register(toolbox, session, in_force, data, machine_received, from_zoom=from_zoom)
    if known is not None and is_newest and (not from_zoom or participants.is_only_noted(known)):
        alias = participants.opened(known, toolbox.vault).profile.alias
        participants.overwrite(row, toolbox.vault, data, machine_received)
        _rename(toolbox, session, Whose(in_force, row, places), alias)
    write(toolbox, session, Whose(in_force, row, places), changes, machine_received)
    if preferred is not None and (preferred.visibility, row.visibility) == ("standard", "discreet"):
        _renew_entries(toolbox, in_force, places)
    _note_said(places, in_force, data.sessions, machine_received)
    return row.id


def prefer(
    toolbox: Toolbox, session: Session, in_force: InForce, row: ParticipantRow, data: PreferencesData,
    machine_received: datetime,
) -> None:  # fmt: skip
    """Write to somebody, who is locked, in another way from now on, and tell it of the sessions that are to come."""
    places = registrations.of_participant(session, row.id, lock=True)
    remember(in_force, row, places)
    known = _preferences(row, in_force.conference)
    standing = _standing(places, machine_received)
    changes = decision.prefer(data, in_force.conference, standing, known=known, now=toolbox.clock.now())
    alias = participants.opened(row, toolbox.vault).profile.alias
    participants.prefer(row, toolbox.vault, data, machine_received)
    _rename(toolbox, session, Whose(in_force, row, places), alias)
    write(toolbox, session, Whose(in_force, row, places), changes, machine_received)
    if (known.visibility, row.visibility) == ("standard", "discreet"):
        _renew_entries(toolbox, in_force, places)


def _rename(toolbox: Toolbox, session: Session, whose: Whose, before: str | None) -> None:
    """Zoom hears of another alias than the one `before`, or of none."""
    if participants.opened(whose.participant, toolbox.vault).profile.alias == before:
        return
    for place in whose.rows.values():
        rename(toolbox, session, whose.in_force, whose.participant, place)


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
    write(toolbox, session, Whose(in_force, row, places), changes, machine_received)
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
    write(toolbox, session, Whose(in_force, person, places), changes, machine_received)
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
            one.session, held_of(one), one.interpretation, said_later=one.machine_said > machine_received
        )
        for one in places.values()
    }


def held_of(row: RegistrationRow) -> Held:
    """How a registration stands, as the decision sees it."""
    return Held(cast("State", row.state), row.attendance, row.approved_at is not None, cast("Why | None", row.reason))


def _at_zoom(data: RegistrationData, places: dict[str, RegistrationRow]) -> RegistrationData:
    """Whoever waits for something else, and registers on Zoom's page, wants to follow it online."""
    waits = any(one in places and places[one].state in _WAITING for one in data.sessions)
    return data.model_copy(update={"attendance": "online"}) if waits else data


def _note_said(
    places: dict[str, RegistrationRow], in_force: InForce, sessions: Iterable[str] | Literal["all"], received: datetime
) -> None:
    """Also where nothing changed: an older submission that comes later must not undo what was repeated meanwhile."""
    named = {one.id for one in in_force.conference.sessions} if sessions == "all" else set(sessions)
    for row in places.values():
        if row.session in named:
            row.machine_said = max(row.machine_said, received)
