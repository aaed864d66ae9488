"""Whom rules of admission mean, until when offers stand, and which rules make no sense."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from domain.admission import Person, counted, doubts, is_meant, is_open, offer_until, terms_of
from schemas.admission import Who
from schemas.programme import Conference, Session

START = datetime(2021, 6, 15, 16, tzinfo=UTC)


def conference(of_all: dict[str, Any] | None = None, **session: Any) -> tuple[Session, Conference]:
    known = {"id": "talk", "title": "A talk", "date": "2021-06-15", "start": "18:00", "end": "19:30"}
    one = Session.model_validate({**known, "format": "hybrid", **session})
    whole = Conference.model_validate({
        "id": "a-conference", "title": "A conference", "starts": date(2021, 6, 14), "ends": date(2021, 6, 16),
        "admission": of_all or {}, "sessions": [one],
    })  # fmt: skip
    return one, whole


@pytest.mark.parametrize(
    ("who", "person", "meant"),
    [
        ({"domains": ["osce.org"]}, Person("a@osce.org"), True),
        ({"domains": ["osce.org"]}, Person("a@Mail.OSCE.org"), True),
        ({"domains": ["osce.org"]}, Person("a@notosce.org"), False),
        ({"domains": ["osce.org"]}, Person("osce.org@example.org"), False),
        ({"organisations": ["Example Mission"]}, Person("a@example.org", "example  MISSION"), True),
        ({"organisations": ["Example Mission"]}, Person("a@example.org", "The Example Mission"), False),
        ({"keywords": ["permanent mission"]}, Person("a@example.org", "Permanent Mission of Examplia"), True),
        ({"keywords": ["delegation"]}, Person("a@example.org", "OSCE-Delegation, Wien"), True),
        ({"keywords": ["mission"]}, Person("a@example.org", "Commissioners' office"), False),
        ({"countries": ["AT"]}, Person("a@example.org", None, "at"), True),
        ({"countries": ["AT"]}, Person("a@example.org", None, "Österreich"), True),
        ({"countries": ["AT"]}, Person("a@example.org", None, "Австрия"), True),
        ({"countries": ["AT"]}, Person("a@example.org", None, "Australia"), False),
        ({"domains": ["osce.org"], "countries": ["AT"]}, Person("a@example.org"), False),
    ],
)  # fmt: skip
def test_a_rule_means_people_by_what_their_registration_says(who: dict[str, Any], person: Person, meant: bool) -> None:
    assert is_meant(Who.model_validate(who), person) is meant


def test_a_session_has_terms_of_its_own_for_each_way_and_else_the_conferences() -> None:
    session, whole = conference({"in_person": {"places": 40}, "online": {"places": 500}},
                                admission={"in_person": {"places": 12}})  # fmt: skip
    assert terms_of(session, whole, "in-person").places == 12
    assert terms_of(session, whole, "online").places == 500
    assert counted(session, whole) == ("online", "in-person")


def test_a_session_can_be_open_where_the_conference_is_not() -> None:
    session, whole = conference({"in_person": {"approval": True}}, admission={"in_person": {}})
    assert is_open(session, whole, "in-person")


def test_an_offer_stands_a_day_and_never_past_the_cut_off_before_the_start() -> None:
    session, whole = conference()
    early = START - timedelta(days=5)
    assert offer_until(session, whole, "in-person", early) == early + timedelta(hours=24)
    late = START - timedelta(hours=3)
    assert offer_until(session, whole, "in-person", late) == START - timedelta(minutes=60)
    assert offer_until(session, whole, "in-person", START - timedelta(minutes=80)) is None
    assert offer_until(session, whole, "in-person", START + timedelta(minutes=1)) is None


@pytest.mark.parametrize("session", [{"cancelled": True}, {"unconfirmed": "who knows"}])
def test_nothing_is_offered_of_a_session_that_is_cancelled_or_unconfirmed(session: dict[str, Any]) -> None:
    assert offer_until(*conference(**session), "online", START - timedelta(days=5)) is None


@pytest.mark.parametrize(
    ("session", "codes"),
    [
        ({"format": "online", "admission": {"in_person": {"places": 3}}}, ["no-room"]),
        ({"format": "in-person", "admission": {"online": {"places": 3}}}, ["not-online"]),
        ({"admission": {"in_person": {"eligible": {"otherwise": "online"}}}}, ["for-nobody", "for-whom"]),
        ({"format": "in-person", "in_person_for": "staff",
          "admission": {"in_person": {"eligible": {"at_once": {"countries": ["AT"]}}}}}, ["no-instead"]),
        ({"in_person_for": "staff",
          "admission": {"in_person": {"eligible": {"at_once": {"countries": ["AT"]}}}}}, []),
        ({"unconfirmed": "who knows", "admission": {"online": {"places": 3}}}, ["no-offers-yet"]),
    ],
)  # fmt: skip
def test_rules_that_make_no_sense_are_named(session: dict[str, Any], codes: list[str]) -> None:
    assert [one.code for one in doubts(*conference(**session))] == codes
