"""Reminders from their rows to the mailbox, by the Vienna clock."""

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import delete, select, update

from adapters.database import participants
from adapters.database.tables import LetterEventRow, LetterRow, ParticipantRow, RegistrationRow
from adapters.tokens import MuteTokens
from adapters.vault import Vault, new_key_ring
from tests.house import OLGA, House, a_house
from tests.workers.test_corridor import LINK_FOLLOWS
from tests.workers.test_old_and_new import apply_file, change_programme
from workers import invitation, memory


def planned(house: House) -> list[tuple[str, str, str, datetime]]:
    return [(row.kind, row.about, row.state, row.due_at) for row in house.outbox("digest", "reminder")]


def test_an_invitation_brings_its_reminders_with_it(house: House) -> None:
    house.register(OLGA)
    assert planned(house) == [
        ("digest", "2021-06-15", "planned", datetime(2021, 6, 14, 15, tzinfo=UTC)),
        ("reminder", "survivor-voices", "planned", datetime(2021, 6, 15, 15, tzinfo=UTC)),
    ]


def test_nothing_is_reminded_of_before_its_time_and_everything_at_it(house: House) -> None:
    house.register(OLGA)
    house.at("2021-06-14T16:59:59+02:00")
    house.deliver()
    assert house.kinds() == ["invitation"]
    house.at("2021-06-14T17:00:00+02:00")
    house.deliver()
    assert house.kinds() == ["invitation", "digest"]
    house.at("2021-06-15T17:00:00+02:00")
    house.deliver()
    assert house.kinds() == ["invitation", "digest", "reminder"]


def test_one_digest_names_all_of_the_days_sessions_in_order_of_time(house: House) -> None:
    house.register(OLGA | {"sessions": ["community-policing", "cedaw-gr38", "day-3"]})
    house.at("2021-06-15T17:00:00+02:00")
    house.deliver()
    digest = house.mail[house.kinds().index("digest")]
    places = [digest.text.index(hours) for hours in ("11:00–12:30", "11:30–13:00", "14:00–16:30")]
    assert places == sorted(places)
    assert house.kinds().count("digest") == 1


def test_who_has_withdrawn_is_not_reminded(house: House) -> None:
    house.register(OLGA)
    house.withdraw("olga@mission.example.org")
    house.at("2021-06-15T17:00:00+02:00")
    house.deliver()
    assert house.kinds() == ["invitation", "withdrawal"]
    assert [(row.state, row.reason) for row in house.outbox("digest", "reminder")] == [
        ("skipped", "not-attending"),
        ("skipped", "not-attending"),
    ]


def test_who_comes_back_is_reminded_again(house: House) -> None:
    house.register(OLGA)
    house.withdraw("olga@mission.example.org")
    house.register(OLGA)
    assert [row.state for row in house.outbox("reminder")] == ["skipped", "planned"]


def test_a_system_that_was_down_skips_what_is_of_no_more_use_and_says_so(house: House) -> None:
    house.register(OLGA)
    house.at("2021-06-15T18:20:00+02:00")
    house.deliver()
    assert [(row.kind, row.state, row.reason) for row in house.outbox("digest", "reminder")] == [
        ("digest", "skipped", "too-late"),
        ("reminder", "skipped", "too-late"),
    ]
    assert house.kinds() == ["invitation"]


def test_a_reminder_that_is_a_little_late_says_that_the_session_is_under_way(house: House) -> None:
    house.register(OLGA)
    house.at("2021-06-15T18:10:00+02:00")
    house.deliver()
    assert house.kinds() == ["invitation", "reminder"]
    assert str(house.mail[1].message["Subject"]).startswith("Under way: Ensuring Survivor Voices")


def test_who_registers_twenty_minutes_before_gets_the_invitation_and_no_reminder(house: House) -> None:
    house.at("2021-06-15T17:40:00+02:00")
    house.register(OLGA)
    house.deliver()
    assert house.kinds() == ["invitation"]
    assert [(row.kind, row.reason) for row in house.outbox("digest", "reminder")] == [
        ("digest", "registered-after-its-time"),
        ("reminder", "registered-after-its-time"),
    ]


def test_who_comes_to_the_hofburg_gets_the_digest_only(house: House) -> None:
    house.register(OLGA | {"sessions": ["day-1"], "attendance": "in-person"})
    assert [row.kind for row in house.outbox("digest", "reminder")] == ["digest"]


def test_only_reminders_can_be_ended_with_one_click(house: House) -> None:
    """Rule 8 of the calendar's; RFC 8058."""
    house.register(OLGA)
    house.at("2021-06-14T17:00:00+02:00")
    house.deliver()
    invitation, digest = (mail.message for mail in house.mail)
    assert invitation["List-Unsubscribe"] is None
    participant = house.outbox("digest")[0].participant_id
    token = MuteTokens(house.toolbox.vault).of(participant)
    assert digest["List-Unsubscribe"] == f"<http://127.0.0.1:8080/u/{token}>"
    assert digest["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_who_has_muted_reminders_gets_none_and_still_gets_everything_else(house: House) -> None:
    house.register(OLGA)
    (row,) = house.outbox("reminder")
    with house.toolbox.database.write() as session:
        participants.mute(session, row.participant_id, house.toolbox.clock.now())
    house.at("2021-06-15T17:00:00+02:00")
    house.deliver()
    house.withdraw("olga@mission.example.org")
    assert house.kinds() == ["invitation", "withdrawal"]
    assert [row.reason for row in house.outbox("digest", "reminder")] == ["muted", "muted"]


def test_a_mute_token_is_of_one_participant_and_cannot_be_made_up(house: House) -> None:
    tokens = MuteTokens(house.toolbox.vault)
    token = tokens.of("par_1")
    assert tokens.participant(token) == "par_1"
    assert tokens.of("par_1") == token
    for wrong in ("", "par_1", token[:-1], token + "x", MuteTokens(Vault(new_key_ring())).of("par_1")):
        assert tokens.participant(wrong) is None


def test_a_week_before_the_conference_everything_that_was_chosen_comes_in_one_letter(house: House) -> None:
    house.register(OLGA | {"sessions": ["community-policing", "cedaw-gr38", "day-1"]})
    house.at("2021-06-07T17:00:00+02:00")
    house.deliver()
    assert house.kinds().count("week-digest") == 1
    letter = house.mail[house.kinds().index("week-digest")]
    places = [letter.text.index(hours) for hours in ("14:00–", "11:00–12:30", "11:30–13:00")]
    assert places == sorted(places)
    assert letter.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_a_week_digest_that_is_late_goes_until_the_conference_begins(house: House) -> None:
    house.register(OLGA)
    house.at("2021-06-14T00:00:01+02:00")
    house.deliver()
    assert [(row.state, row.reason) for row in house.outbox("week-digest")] == [("skipped", "too-late")]


def test_what_the_programme_switches_on_is_planned_and_what_it_switches_off_is_not_sent(
    tmp_path: Path, database_url: str
) -> None:
    programmes = tmp_path / "programmes"
    programmes.mkdir()
    file = programmes / "link-follows.yaml"
    file.write_text(f"{LINK_FOLLOWS}reminders: {{last_reminder: true, digest: false}}\n", "utf-8")
    with a_house(tmp_path, database_url, conferences=programmes) as house:
        house.register(OLGA | {"sessions": ["evening"]}, conference="link-follows")
        kinds = [row.kind for row in house.outbox("week-digest", "digest", "reminder", "last-reminder")]
        assert kinds == ["week-digest", "reminder", "last-reminder"]
        file.write_text(f"{LINK_FOLLOWS}reminders: {{reminder: false, last_reminder: true}}\n", "utf-8")
        apply_file(house, "link-follows")
        house.at("2021-10-30T17:50:00+02:00")
        house.deliver()
        assert house.kinds() == ["invitation", "digest", "last-reminder"]
        assert [(row.kind, row.reason) for row in house.outbox("week-digest", "reminder")] == [
            ("week-digest", "too-late"), ("reminder", "switched-off"),
        ]  # fmt: skip


def test_a_reminder_that_is_switched_off_says_so_and_switched_on_again_is_planned_anew(
    tmp_path: Path, database_url: str
) -> None:
    programmes = tmp_path / "programmes"
    programmes.mkdir()
    file = programmes / "link-follows.yaml"
    file.write_text(LINK_FOLLOWS, "utf-8")
    evening = OLGA | {"sessions": ["evening"]}
    with a_house(tmp_path, database_url, conferences=programmes) as house:
        for text in (LINK_FOLLOWS, f"{LINK_FOLLOWS}reminders: {{reminder: false}}\n", LINK_FOLLOWS):
            file.write_text(text, "utf-8")
            apply_file(house, "link-follows")
            house.process(house.receive(evening, conference="link-follows"))
            write_all(house)
        assert [(row.state, row.reason) for row in house.outbox("reminder")] == [
            ("skipped", "switched-off"), ("planned", None),
        ]  # fmt: skip


def test_two_sessions_that_begin_within_half_an_hour_are_reminded_of_in_one_letter(house: House) -> None:
    """11:00 and 11:30 on 16 June; the later one was there first."""
    house.register(OLGA | {"sessions": ["community-policing"]})
    house.register(OLGA | {"sessions": ["cedaw-gr38"]})
    assert [(row.about, row.sessions, row.state, row.reason) for row in house.outbox("reminder")] == [
        ("cedaw-gr38", ["cedaw-gr38", "community-policing"], "planned", None),
        ("community-policing", ["community-policing"], "skipped", "merged"),
    ]
    house.at("2021-06-16T10:00:00+02:00")
    house.deliver()
    assert house.kinds().count("reminder") == 1
    letter = house.mail[house.kinds().index("reminder")]
    assert "11:00–12:30" in letter.text
    assert "11:30–13:00" in letter.text


def test_who_withdraws_from_the_first_of_them_is_reminded_of_the_other(house: House) -> None:
    house.register(OLGA | {"sessions": ["community-policing"]})
    house.register(OLGA | {"sessions": ["cedaw-gr38"]})
    house.withdraw(OLGA["email"], "cedaw-gr38")
    assert [(row.about, row.state, row.reason) for row in house.outbox("reminder")] == [
        ("cedaw-gr38", "skipped", "regrouped"),
        ("community-policing", "skipped", "merged"),
        ("community-policing", "planned", None),
    ]


CHAIN = """\
id: chain
title: A chain
starts: 2021-10-20
ends: 2021-10-21
languages: [en]
sessions:
  - {id: a, title: A, date: 2021-10-20, start: "18:00", end: "18:20", zoom: {account: osce-org}}
  - {id: b, title: B, date: 2021-10-20, start: "18:25", end: "18:45", zoom: {account: osce-org}}
  - {id: c, title: C, date: 2021-10-20, start: "18:50", end: "19:30", zoom: {account: osce-org}}
"""


def test_who_withdraws_from_the_first_after_its_reminder_went_is_reminded_of_the_last_in_its_own_hour(
    tmp_path: Path, database_url: str
) -> None:
    """Of the second, the first one's reminder has spoken already."""
    programmes = tmp_path / "programmes"
    programmes.mkdir()
    (programmes / "chain.yaml").write_text(CHAIN, "utf-8")
    with a_house(tmp_path, database_url, conferences=programmes) as house:
        house.register(OLGA | {"sessions": ["a", "b", "c"]}, conference="chain")
        house.at("2021-10-20T17:00:00+02:00")
        house.deliver()
        house.at("2021-10-20T17:05:00+02:00")
        house.register({"email": OLGA["email"], "sessions": ["a"]}, kind="registration.withdrawn", conference="chain")
        house.at("2021-10-20T17:50:00+02:00")
        house.deliver()
        # Which invitation was written first is Zoom's affair, and so is what was merged then.
        reminders = [row for row in house.outbox("reminder") if row.reason != "merged"]
        assert [(row.sessions, row.state, row.reason) for row in reminders] == [
            (["a", "b"], "sent", None), (["b"], "skipped", "invited-just-before"), (["c"], "sent", None),
        ]  # fmt: skip


def test_a_session_moved_next_to_another_just_before_takes_no_reminder_from_it(house: House) -> None:
    """From 11:00 to 10:30, and when that reminder has gone to 11:05; the other begins at 11:30."""
    house.register(OLGA | {"sessions": ["community-policing", "cedaw-gr38"]})
    change_programme(house, "cedaw-gr38", start="10:30", end="11:00")
    house.at("2021-06-16T09:30:00+02:00")
    house.deliver()
    house.at("2021-06-16T09:40:00+02:00")
    change_programme(house, "cedaw-gr38", start="11:05", end="12:00")
    for moment in ("10:05", "10:30"):
        house.at(f"2021-06-16T{moment}:00+02:00")
        house.deliver()
    assert [(row.sessions, row.due_at) for row in house.outbox("reminder") if row.state == "sent"] == [
        (["cedaw-gr38"], datetime(2021, 6, 16, 7, 30, tzinfo=UTC)),
        (["community-policing"], datetime(2021, 6, 16, 8, 30, tzinfo=UTC)),
    ]


def test_whoever_registered_before_a_kind_of_reminder_was_there_gets_it_too(house: House) -> None:
    house.register(OLGA)
    with house.toolbox.database.write() as session:
        week = select(LetterRow.id).where(LetterRow.kind == "week-digest")
        session.execute(delete(LetterEventRow).where(LetterEventRow.letter_id.in_(week)))
        session.execute(delete(LetterRow).where(LetterRow.kind == "week-digest"))
        session.execute(update(ParticipantRow).values(reminders_version=None))
        session.execute(update(RegistrationRow).values(told=None))
    assert [memory.catch_up(house.toolbox, 50), memory.catch_up(house.toolbox, 50)] == [1, 0]
    house.at("2021-06-07T17:00:00+02:00")
    house.deliver()
    assert house.kinds() == ["invitation", "week-digest"]
    with house.toolbox.database.read() as session:
        told = session.scalars(select(RegistrationRow.told)).one()
    assert told is not None
    assert (told["start"], told["interpretation"], told["language"]) == ("2021-06-15T16:00:00Z", "ru", "en")


def test_what_a_programme_switches_on_later_everybody_gets_whose_hour_has_not_come(
    tmp_path: Path, database_url: str
) -> None:
    programmes = tmp_path / "programmes"
    programmes.mkdir()
    file = programmes / "link-follows.yaml"
    file.write_text(f"{LINK_FOLLOWS}reminders: {{week_digest: false}}\n", "utf-8")
    with a_house(tmp_path, database_url, conferences=programmes) as house:
        house.register(OLGA | {"sessions": ["evening"]}, conference="link-follows")
        house.at("2021-10-29T17:30:00+02:00")
        house.deliver()
        file.write_text(f"{LINK_FOLLOWS}reminders: {{last_reminder: true}}\n", "utf-8")
        apply_file(house, "link-follows")
        assert memory.catch_up(house.toolbox, 50) == 0
        assert [(row.state, row.reason) for row in house.outbox("week-digest", "last-reminder")] == [
            ("skipped", "planned-after-its-time"), ("planned", None),
        ]  # fmt: skip


def write_all(house: House) -> None:
    """Bring everybody's letters up to date."""
    with house.toolbox.database.read() as session:
        people = list(session.scalars(select(ParticipantRow.id)))
    for one in people:
        invitation.write(house.toolbox, one)
