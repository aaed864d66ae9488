"""Reminders from their rows to the mailbox, by the Vienna clock."""

from datetime import UTC, datetime

from adapters.database import participants
from adapters.tokens import MuteTokens
from adapters.vault import Vault, new_key_ring
from tests.house import OLGA, House


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
    assert str(house.mail[1].message["Subject"]).startswith("Under way since 18:00 Vienna time, Tuesday, 15 June 2021")


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
