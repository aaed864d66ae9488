"""June 2021, lived through with the changes that conferences have; and what every participant's calendar shows then."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from adapters.database import outgoing
from adapters.database.tables import LetterRow, ParticipantRow, RegistrationRow
from adapters.tokens import JoinTokens
from domain.programme import said
from domain.times import session_period
from schemas.programme import Conference
from tests.house import House, Mail, a_house
from tests.journeys.calendar_program import CalendarProgram
from tests.workers.test_old_and_new import changed, in_force
from workers import plans

MOVED, OTHER_DAY, CANCELLED, INTERPRETED, RETITLED = (
    "protecting-children", "survivor-voices", "demand-research-launch", "community-policing", "day-1",
)  # fmt: skip
FIVE = [MOVED, OTHER_DAY, CANCELLED, INTERPRETED, "cedaw-gr38"]
GIVEN_UP = [INTERPRETED, "cedaw-gr38"]

PEOPLE: dict[str, dict[str, Any]] = {
    "five": {"language": "en", "sessions": FIVE, "time_zone": "Europe/Vienna"},
    "paris": {"language": "fr", "sessions": [MOVED, CANCELLED, RETITLED], "time_zone": "Europe/Paris"},
    "berlin": {"language": "de", "sessions": [OTHER_DAY, INTERPRETED], "time_zone": "Europe/Berlin"},
    "almaty": {"language": "ru", "sessions": [MOVED, OTHER_DAY, CANCELLED], "time_zone": "Asia/Almaty"},
    "new-york": {"language": "it", "sessions": [CANCELLED, INTERPRETED], "time_zone": "America/New_York"},
    "discreet": {"language": "es", "sessions": [MOVED, OTHER_DAY, RETITLED], "visibility": "discreet"},
    "in-the-room": {"language": "en", "sessions": [RETITLED, "day-2"], "attendance": "in-person"},
    "gone": {"language": "ru", "sessions": [OTHER_DAY, RETITLED]},
}


@pytest.fixture
def house(tmp_path: Path, database_url: str) -> Iterator[House]:
    """An empty house on the morning of 1 June 2021."""
    with a_house(tmp_path, database_url) as one:
        yield one


def address(name: str) -> str:
    return f"{name}@mission.example.org"


def live_until(house: House, moment: str) -> None:
    """Let time pass, and deliver at each moment at which something is due."""
    until = datetime.fromisoformat(moment).astimezone(UTC)
    while True:
        house.tend_all()
        with house.toolbox.database.read() as session:
            due = outgoing.next_due(session)
        if due is None or due > until:
            break
        house.at(max(due, house.toolbox.clock.now()).isoformat())
    house.at(until.isoformat())
    house.tend_all()


def change(house: House, session_id: str, **fields: Any) -> None:
    """Plan, and apply exactly that."""
    after = changed(in_force(house), session_id, fields)
    plans.apply(house.toolbox, after, plans.plan(house.toolbox, after).digest, "cli:somebody")
    house.deliver()


def june(house: House) -> None:
    """From the first registration to the end of the conference."""
    for name, wish in PEOPLE.items():
        person = {"full_name": f"Person {name}", "email": address(name), "organisation": "OSCE Secretariat"}
        house.register({**person, "interpretation": None, **wish})
    live_until(house, "2021-06-03T10:00:00+02:00")
    change(house, RETITLED, title="Day 1: Opening, keynote address and Panel 1")
    live_until(house, "2021-06-04T10:00:00+02:00")
    change(house, INTERPRETED, languages=["en"], interpretation=["fr", "ru"])
    house.withdraw(address("gone"))
    live_until(house, "2021-06-08T10:00:00+02:00")
    change(house, MOVED, start="18:30", end="19:30")
    house.withdraw(address("five"), *GIVEN_UP)
    live_until(house, "2021-06-15T10:25:00+02:00")
    change(house, CANCELLED, cancelled=True)
    live_until(house, "2021-06-15T12:00:00+02:00")
    change(house, OTHER_DAY, date="2021-06-16", start="00:30", end="01:30")
    live_until(house, "2021-06-17T12:00:00+02:00")


def calendars(house: House) -> dict[str, CalendarProgram]:
    """What each participant's calendar shows who takes every message in order, as the mail server took it."""
    found: dict[str, CalendarProgram] = {name: CalendarProgram() for name in PEOPLE}
    for mail in house.mail:
        found[recipient(mail)].take(mail)
    return found


def recipient(mail: Mail) -> str:
    return str(mail.message["To"].addresses[0].username)


Entry = tuple[datetime, datetime, str, str]


def true_calendars(house: House) -> dict[str, dict[str, Entry]]:
    """What is true at the end: who is registered for what takes place, when, where, and under which title."""
    conference, joining = in_force(house), JoinTokens(house.toolbox.vault)
    true: dict[str, dict[str, Entry]] = {name: {} for name in PEOPLE}
    with house.toolbox.database.read() as session:
        rows = session.execute(select(RegistrationRow, ParticipantRow).join(ParticipantRow)).all()
    by_index = {house.toolbox.vault.index("participants.address", address(name)): name for name in PEOPLE}
    for place, person in rows:
        planned = conference.session(place.session)
        assert planned is not None
        if place.state == "registered" and not planned.cancelled:
            period = session_period(planned, conference.time_zone)
            page = f"http://127.0.0.1:8080/j/{joining.of(place.id, place.join_version)}"
            where = str(planned.place or conference.place) if place.attendance == "in-person" else page
            title = title_for(conference, place.session, person)
            true[by_index[person.address_index]][uid(house, place.session)] = (period.start, period.end, title, where)
    return true


def title_for(conference: Conference, session_id: str, person: ParticipantRow) -> str:
    if person.visibility == "discreet":
        return {"es": "Reunión en línea"}[str(person.language)]
    told = said(conference, "title", str(person.language), conference.session(session_id))
    assert told is not None
    return told.text


def uid(house: House, session_id: str) -> str:
    key = house.toolbox.vault.index("calendar.uid", f"alliance-2021/{session_id}").hex()[:32]
    return f"{key}@convenor.example.org"


@pytest.mark.timeout(600)
def test_every_calendar_shows_at_the_end_what_is_true_and_nothing_else(house: House) -> None:
    june(house)
    seen = calendars(house)
    shows = {
        name: {one: (entry.start.astimezone(UTC), entry.end.astimezone(UTC), entry.title, entry.location)
               for one, entry in program.entries.items()}
        for name, program in seen.items()
    }  # fmt: skip
    assert shows == true_calendars(house)
    assert shows["gone"] == {}
    assert {len(shows[name]) for name in ("five", "paris")} == {2}
    # Every message that carried an entry was news to the calendar that got it.
    assert {name: program.ignored for name, program in seen.items() if program.ignored} == {}
    check_letters(house)
    check_reminders(house)


def check_letters(house: House) -> None:
    """Each change was told once to whom it concerned, and SEQUENCE rose only where a calendar must ask again."""
    told = Counter((row.kind, row.about) for row in sent(house) if row.kind in {"update", "cancellation", "withdrawal"})
    assert told == {
        ("update", MOVED): 4, ("update", OTHER_DAY): 4, ("update", INTERPRETED): 3, ("update", RETITLED): 3,
        ("cancellation", CANCELLED): 4,
        ("withdrawal", INTERPRETED): 1, ("withdrawal", "cedaw-gr38"): 1, ("withdrawal", OTHER_DAY): 1,
        ("withdrawal", RETITLED): 1,
    }  # fmt: skip
    sequences = {about: {row.sequence for row in sent(house) if row.kind == "update" and row.about == about}
                 for about in (MOVED, OTHER_DAY, INTERPRETED, RETITLED)}  # fmt: skip
    assert sequences == {MOVED: {1}, OTHER_DAY: {1}, INTERPRETED: {0}, RETITLED: {0}}


def check_reminders(house: House) -> None:
    """Nobody is reminded of what is cancelled or withdrawn from, and of what was moved in its new hour alone."""
    reminders = [(row.about, row.due_at) for row in sent(house) if row.kind == "reminder"]
    hours = {about: {due_at.isoformat() for one, due_at in reminders if one == about} for about, _ in reminders}
    assert hours[MOVED] == {"2021-06-14T15:30:00+00:00"}
    assert hours[OTHER_DAY] == {"2021-06-15T21:30:00+00:00"}
    assert CANCELLED not in hours
    assert max(Counter(f"{row.participant_id} {row.about} {row.due_at}" for row in sent(house)
                       if row.kind in {"reminder", "digest"}).values()) == 1  # fmt: skip


def sent(house: House) -> list[LetterRow]:
    with house.toolbox.database.read() as session:
        return list(session.scalars(select(LetterRow).where(LetterRow.state == "sent")))
