"""What a known participant changes in one go is done altogether or not at all, on both databases."""

from typing import Any

from adapters.database import participants, registrations
from tests.house import OLGA, House

EMAIL = {"email": OLGA["email"]}
TWO = ["survivor-voices", "day-1"]


def change(house: House, **said: Any) -> str:
    """Change Olga's preferences; the state of the envelope."""
    return house.envelope(house.register(EMAIL | said, kind="registration.preferences", source="self-service")).state


def attended(house: House) -> dict[str, tuple[str, str, str | None]]:
    with house.toolbox.database.read() as session:
        row = participants.locked(session, house.toolbox.vault, "alliance-2021", OLGA["email"])
        places = registrations.of_participant(session, row.id) if row else {}
        return {name: (one.state, one.attendance, one.interpretation) for name, one in places.items()}


def test_sessions_are_dropped_added_and_attended_otherwise_with_one_message(house: House) -> None:
    house.register(OLGA | {"sessions": TWO})
    places = [{"session": "day-2", "attendance": "in-person"}, {"session": "survivor-voices", "interpretation": "es"}]
    assert change(house, withdrawn=["day-1"], places=places, language="fr") == "accepted"
    assert attended(house) == {
        "survivor-voices": ("registered", "online", "es"),
        "day-1": ("withdrawn", "online", "ru"),
        "day-2": ("registered", "in-person", None),
    }
    assert {mail.message["Content-Language"] for mail in house.mail[3:]} == {"fr"}


def test_where_one_session_is_unknown_nothing_is_done(house: House) -> None:
    house.register(OLGA | {"sessions": TWO})
    before = attended(house)
    assert change(house, withdrawn=["day-1"], places=[{"session": "nowhere"}], language="fr") == "rejected"
    assert attended(house) == before


def test_what_is_over_is_left_where_the_rest_can_be_had(house: House) -> None:
    house.register(OLGA | {"sessions": TWO})
    house.withdraw(OLGA["email"])
    house.at("2021-06-15T09:00:00+02:00")
    assert change(house, places=[{"session": one} for one in TWO]) == "accepted"
    assert {name: place[0] for name, place in attended(house).items()} == {
        "survivor-voices": "registered", "day-1": "withdrawn",
    }  # fmt: skip


def test_nobody_can_change_what_is_not_theirs_to_have(house: House) -> None:
    assert change(house, language="fr") == "rejected"
    assert attended(house) == {}


def test_an_older_change_does_not_undo_a_newer_one(house: House) -> None:
    house.register(OLGA)
    older = house.receive(EMAIL | {"language": "de"}, kind="registration.preferences", source="self-service")
    newer = house.receive(EMAIL | {"language": "it"}, kind="registration.preferences", source="self-service")
    house.process(newer)
    house.process(older)
    with house.toolbox.database.read() as session:
        row = participants.locked(session, house.toolbox.vault, "alliance-2021", OLGA["email"])
        assert row is not None
        assert row.language == "it"


def test_an_alias_is_taken_and_taken_away(house: House) -> None:
    house.register(OLGA)
    for alias in ("O. P.", None):
        assert change(house, alias=alias) == "accepted"
        with house.toolbox.database.read() as session:
            row = participants.locked(session, house.toolbox.vault, "alliance-2021", OLGA["email"])
            assert row is not None
            assert participants.opened(row, house.toolbox.vault).profile.alias == alias
