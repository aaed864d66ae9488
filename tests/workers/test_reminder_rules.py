"""What other systems have got wrong about reminders (rule R10), and R2, R3, R7 and R8 on the way to the mailbox."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from adapters.database import claims, registrations
from adapters.database.tables import LetterRow, ParticipantRow, ProgrammeRow, RegistrationRow
from schemas.programme import Conference
from tests.house import OLGA, House, a_house
from tests.workers.test_corridor import LINK_FOLLOWS
from tests.workers.test_old_and_new import apply_file, change_programme, changed
from tests.workers.test_reminders import write_all
from workers import memory

SESSION = "survivor-voices"
"""15 June 2021, 18:00 to 19:30 in Vienna."""
REMINDERS = ("week-digest", "digest", "reminder", "last-reminder")
EVENING = OLGA | {"sessions": ["evening"]}
"""30 October 2021, 18:00; the conference's only one. See LINK_FOLLOWS."""


def delivered_at(house: House, *moments: str) -> list[str]:
    """What is delivered at each of these moments in Vienna in June, and before: the kinds of all letters so far."""
    for moment in moments:
        house.at(f"2021-06-{moment}:00+02:00")
        house.deliver()
    return house.kinds()


def in_force_only(house: House, what: str, **fields: Any) -> None:
    """Put a changed programme in force, and stop before anybody's letters and reminders are written."""
    with house.toolbox.database.write() as session:
        row = session.get_one(ProgrammeRow, "alliance-2021")
        known = Conference.model_validate_json(row.document)
        row.document, row.version = changed(known, SESSION, fields).model_dump_json(), row.version + 1
        for place in session.scalars(select(RegistrationRow).where(RegistrationRow.session == SESSION)):
            registrations.bump(place, [what], house.toolbox.clock.now(), raise_sequence=True)


def reasons(house: House, *kinds: str) -> list[tuple[str, str, str | None]]:
    return [(row.kind, row.state, row.reason) for row in house.outbox(*(kinds or REMINDERS))]


# What other systems have got wrong.


def test_a_session_that_is_over_is_not_reminded_of_however_late_the_system_is(house: House) -> None:
    house.register(OLGA)
    assert delivered_at(house, "16T09:00") == ["invitation"]
    assert set(reasons(house)) == {
        ("week-digest", "skipped", "too-late"), ("digest", "skipped", "too-late"), ("reminder", "skipped", "too-late"),
    }  # fmt: skip


def test_who_registers_while_the_session_is_under_way_is_invited_and_reminded_of_nothing(house: House) -> None:
    house.at("2021-06-15T18:05:00+02:00")
    house.register(OLGA)
    assert delivered_at(house, "15T18:06", "15T18:14", "15T20:00") == ["invitation"]


def test_a_cancelled_session_is_not_reminded_of_though_nobody_has_been_told_yet(house: House) -> None:
    house.register(OLGA)
    in_force_only(house, "cancelled", cancelled=True)
    assert delivered_at(house, "07T17:00", "14T17:00", "15T17:00") == ["invitation"]
    assert {reason for _, _, reason in reasons(house)} == {"not-attending"}
    write_all(house)
    assert delivered_at(house, "15T17:01", "15T18:00") == ["invitation", "cancellation"]


def test_nothing_but_the_invitation_goes_when_somebody_registers(house: House) -> None:
    house.register(OLGA | {"sessions": [SESSION, "cedaw-gr38"]})
    house.deliver()
    assert set(house.kinds()) == {"confirmation", "invitation"}
    now = house.toolbox.clock.now()
    assert all(row.due_at > now + timedelta(days=1) for row in house.outbox(*REMINDERS))


def test_who_registers_for_tomorrow_gets_tomorrows_digest_and_not_that_of_the_week(house: House) -> None:
    house.at("2021-06-14T10:00:00+02:00")
    house.register(OLGA)
    assert delivered_at(house, "14T16:59") == ["invitation"]
    assert delivered_at(house, "14T17:00", "15T17:00") == ["invitation", "digest", "reminder"]
    assert reasons(house, "week-digest") == [("week-digest", "skipped", "registered-after-its-time")]


def test_of_a_moved_session_nothing_goes_at_its_old_hour(house: House) -> None:
    house.register(OLGA)
    change_programme(house, SESSION, start="20:00", end="21:00")
    house.deliver()
    told = ["invitation", "update", "week-digest", "digest"]
    assert delivered_at(house, "07T17:00", "14T17:00", "15T17:00", "15T18:59") == told
    assert delivered_at(house, "15T19:00") == [*told, "reminder"]
    assert "20:00–21:00" in house.mail[-1].text


@pytest.mark.parametrize(
    ("start", "end", "hour"), [("20:00", "21:00", "19:00"), ("17:50", "19:00", "16:50")], ids=["later", "earlier"]
)
def test_a_session_that_was_moved_is_not_reminded_of_at_its_old_hour_though_nobody_has_been_told_yet(
    house: House, start: str, end: str, hour: str
) -> None:
    house.register(OLGA)
    delivered_at(house, "07T17:00", "14T17:00")
    in_force_only(house, "moved", start=start, end=end)
    assert delivered_at(house, "15T17:00") == ["invitation", "week-digest", "digest"]
    assert reasons(house, "reminder") == [("reminder", "skipped", "moved")]
    house.at("2021-06-15T10:00:00+02:00")
    write_all(house)
    assert delivered_at(house, f"15T{hour}")[3:] == ["update", "reminder"]


def test_a_reminder_that_comes_after_the_start_says_so_and_a_digest_does_not_come(house: House) -> None:
    house.register(OLGA)
    assert delivered_at(house, "15T18:01") == ["invitation", "reminder"]
    late = house.mail[-1]
    assert str(late.message["Subject"]).startswith("Under way: ")
    assert "This session is under way" in late.text
    assert reasons(house, "digest") == [("digest", "skipped", "too-late")]


# R3: what a system that was down still sends.


def test_a_digest_is_sent_late_until_the_days_first_session_starts(house: House) -> None:
    house.register(OLGA | {"sessions": ["community-policing", "cedaw-gr38"]})  # 11:30 and 11:00 on 16 June
    delivered_at(house, "07T17:00")
    assert delivered_at(house, "16T09:59")[-1] == "digest"
    assert "Wednesday, 16 June 2021" in house.mail[-1].text  # R4: true whenever it is read


def test_a_digest_is_not_sent_once_the_days_first_session_has_started(house: House) -> None:
    house.register(OLGA | {"sessions": ["community-policing", "cedaw-gr38"]})
    assert "digest" not in delivered_at(house, "16T11:01")
    assert reasons(house, "digest") == [("digest", "skipped", "too-late")]


def test_a_digest_is_not_sent_after_a_start_that_was_moved_ahead_though_nobody_has_been_told_yet(house: House) -> None:
    house.register(OLGA)
    in_force_only(house, "moved", start="10:00", end="11:00")
    assert delivered_at(house, "15T10:30") == ["invitation"]
    assert reasons(house, "digest") == [("digest", "skipped", "too-late")]


def test_a_system_that_was_down_sends_the_last_reminder_and_not_the_one_of_the_hour_with_it(
    tmp_path: Path, database_url: str
) -> None:
    with with_rules(tmp_path, database_url, "{last_reminder: true, digest: false, week_digest: false}") as house:
        house.register(EVENING, conference="link-follows")
        house.at("2021-10-30T17:52:00+02:00")
        house.deliver()
        assert house.kinds() == ["invitation", "last-reminder"]
        assert reasons(house) == [("reminder", "skipped", "superseded"), ("last-reminder", "sent", None)]


# R2, R7: rows are compared with what is owed.


def test_planning_twice_changes_nothing(house: House) -> None:
    house.register(OLGA | {"sessions": ["community-policing", "cedaw-gr38", "day-1"]})
    before = snapshot(house)
    write_all(house)
    assert snapshot(house) == before


def test_a_session_moved_within_a_day_of_its_start_is_reminded_of_again_in_its_new_hour(house: House) -> None:
    house.register(OLGA)
    delivered_at(house, "07T17:00", "14T17:00", "15T17:00")
    house.at("2021-06-15T17:20:00+02:00")
    change_programme(house, SESSION, start="21:00", end="22:00")
    assert delivered_at(house, "15T17:21", "15T19:59")[-2:] == ["reminder", "update"]
    assert delivered_at(house, "15T20:00")[-2:] == ["update", "reminder"]
    assert reasons(house, "reminder") == [("reminder", "sent", None), ("reminder", "sent", None)]


def test_a_reminder_that_a_worker_has_at_hand_while_its_session_moves_is_looked_at_again(house: House) -> None:
    house.register(OLGA)
    delivered_at(house, "07T17:00", "14T17:00")
    house.at("2021-06-15T17:00:00+02:00")
    clock = house.toolbox.clock
    until = clock.machine_now() + timedelta(minutes=1)
    with house.toolbox.database.write() as session:
        claims.claim(session, "somebody", 10, clock.now(), clock.machine_now(), until)
    change_programme(house, SESSION, start="20:00", end="21:00")
    with house.toolbox.database.write() as session:
        claims.rescue(session, "somebody", clock.now(), clock.machine_now())
    assert memory.catch_up(house.toolbox, 50) == 1
    assert [row.due_at.isoformat() for row in house.outbox("reminder")] == ["2021-06-15T17:00:00+00:00"]
    assert memory.catch_up(house.toolbox, 50) == 0


# R8: quiet hours.

TOKYO = OLGA | {"time_zone": "Asia/Tokyo"}


def test_who_would_be_woken_by_the_digest_gets_it_before_going_to_bed(house: House) -> None:
    """17:00 in Vienna is midnight in Tokyo, and 13:30 is 20:30."""
    house.register(TOKYO)
    assert delivered_at(house, "07T13:29") == ["invitation"]
    assert delivered_at(house, "07T13:30", "14T13:30") == ["invitation", "week-digest", "digest"]


def test_the_reminder_of_the_hour_goes_at_night_too_and_so_does_a_cancellation(house: House) -> None:
    house.register(TOKYO)
    assert delivered_at(house, "07T13:30", "14T13:30", "15T17:00")[-1] == "reminder"  # midnight in Tokyo
    change_programme(house, SESSION, cancelled=True)
    house.deliver()
    assert house.kinds()[-1] == "cancellation"


def test_the_planned_digest_follows_its_recipient_to_another_zone(house: House) -> None:
    house.register(OLGA)
    house.register(TOKYO)
    assert [row.due_at.astimezone(ZoneInfo("Asia/Tokyo")).strftime("%d %H:%M") for row in house.outbox("digest")] == [
        "14 20:30"
    ]
    house.register(OLGA)
    assert [row.due_at.astimezone(ZoneInfo("Europe/Kyiv")).strftime("%d %H:%M") for row in house.outbox("digest")] == [
        "14 18:00"
    ]


def test_a_digest_that_went_is_not_sent_again_to_who_has_another_zone_since(house: House) -> None:
    house.register(TOKYO)
    delivered_at(house, "07T13:30", "14T13:30")
    house.register(OLGA)
    assert delivered_at(house, "14T17:00").count("digest") == 1


# The programme's own rules, and changes of them.


def with_rules(folder: Path, database_url: str, rules: str) -> Any:
    """A house with one conference, that reminds by these rules."""
    (folder / "programmes").mkdir()
    say(folder, rules)
    return a_house(folder, database_url, conferences=folder / "programmes")


def say(folder: Path, rules: str) -> None:
    (folder / "programmes" / "link-follows.yaml").write_text(f"{LINK_FOLLOWS}reminders: {rules}\n", "utf-8")


def test_a_programme_says_when_it_reminds(tmp_path: Path, database_url: str) -> None:
    rules = """{week_digest: {days_before: 14, at: "09:30"}, digest: {days_before: 2, at: "08:00"},
      reminder: {minutes_before: 30}, last_reminder: {minutes_before: 5}}"""
    with with_rules(tmp_path, database_url, rules) as house:
        house.register(EVENING, conference="link-follows")
        vienna = ZoneInfo("Europe/Vienna")
        rows = house.outbox(*REMINDERS)
        assert [(row.kind, row.due_at.astimezone(vienna).strftime("%d %b %H:%M")) for row in rows] == [
            ("week-digest", "16 Oct 09:30"), ("digest", "28 Oct 08:00"), ("reminder", "30 Oct 17:30"),
            ("last-reminder", "30 Oct 17:55"),
        ]  # fmt: skip


def test_an_hour_that_is_moved_into_the_past_is_now_and_what_went_does_not_go_again(
    tmp_path: Path, database_url: str
) -> None:
    with with_rules(tmp_path, database_url, "{week_digest: false}") as house:
        house.register(EVENING, conference="link-follows")
        house.at("2021-10-29T16:30:00+02:00")
        for rules in ('{digest: {at: "16:00"}, week_digest: false}', '{digest: {at: "18:00"}, week_digest: false}'):
            say(tmp_path, rules)
            apply_file(house, "link-follows")
            assert memory.catch_up(house.toolbox, 50) == 0
            house.deliver()
            assert house.kinds() == ["invitation", "digest"]
        house.at("2021-10-29T18:00:00+02:00")
        house.deliver()
        assert house.kinds() == ["invitation", "digest"]


def test_a_reminder_that_would_have_come_too_soon_is_owed_after_all_when_its_hour_is_moved(
    tmp_path: Path, database_url: str
) -> None:
    with with_rules(tmp_path, database_url, "{}") as house:
        house.at("2021-10-30T16:45:00+02:00")
        house.register(EVENING, conference="link-follows")
        say(tmp_path, "{reminder: {minutes_before: 30}}")
        apply_file(house, "link-follows")
        assert memory.catch_up(house.toolbox, 50) == 0
        house.at("2021-10-30T17:30:00+02:00")
        house.deliver()
        assert house.kinds() == ["invitation", "reminder"]
        assert reasons(house, "reminder") == [
            ("reminder", "skipped", "invited-just-before"), ("reminder", "sent", None),
        ]  # fmt: skip


def test_a_programme_that_is_in_force_since_before_there_were_rules_is_read_as_it_was_meant(house: House) -> None:
    house.register(OLGA)
    with house.toolbox.database.write() as session:
        row = session.get_one(ProgrammeRow, "alliance-2021")
        known = Conference.model_validate_json(row.document).model_dump(mode="json")
        known["reminders"] = {"week_digest": True, "digest": True, "reminder": True, "last_reminder": False}
        row.document = Conference.model_validate(known).model_dump_json()
        session.execute(update(ParticipantRow).values(reminders_version=None))
    before = snapshot(house)
    assert memory.catch_up(house.toolbox, 50) == 1
    assert snapshot(house) == before


def snapshot(house: House) -> list[tuple[str, str, str, datetime, str | None]]:
    with house.toolbox.database.read() as session:
        rows = session.scalars(select(LetterRow).order_by(LetterRow.id))
        return [(row.id, row.about, row.state, row.due_at, row.reason) for row in rows]
