"""What delivery leaves for those who look on: tallies, signs of the mail server, and one id from the webhook on."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from adapters.database import signs, tallies
from adapters.database.tables import LETTER_KINDS
from schemas.smtp import SmtpAnswer
from tests.house import OLGA, House
from tests.workers.test_delivery import ScriptedPostman
from workers import delivery, intake
from workers.traffic import SEVERAL

AWAY, BUSY = SmtpAnswer("connect"), SmtpAnswer("recipient", 451, "4.3.2")
NAMES = ("anna", "boris", "clara", "dmitri", "elena")


def register(house: House, *names: str) -> dict[str, str]:
    """Their envelopes, by name; their invitations are due."""
    found = {name: house.receive(OLGA | {"email": f"{name}@ngo.example.org", "full_name": name}) for name in names}
    for envelope in found.values():
        house.process(envelope)
    return found


def answered_by(house: House, answers: dict[str, SmtpAnswer]) -> House:
    scripted = {f"{name}@ngo.example.org": [answer] for name, answer in answers.items()}
    return replace(house, toolbox=replace(house.toolbox, postman=ScriptedPostman(house.toolbox.postman, scripted)))


def counted(house: House) -> dict[str, dict[str, float]]:
    with house.toolbox.database.read() as session:
        return tallies.all_of(session)


def troubles(house: House) -> set[str]:
    with house.toolbox.database.read() as session:
        return set(signs.mail_troubles(session))


@contextmanager
def log() -> Iterator[list[Any]]:
    with capture_logs(processors=[merge_contextvars]) as lines:
        yield lines


def test_outcomes_are_counted_by_kind_and_language(house: House) -> None:
    register(house, "anna", "boris", "clara")
    no_such, later = SmtpAnswer("recipient", 550, "5.1.1"), SmtpAnswer("recipient", 451, "4.7.1")
    answered_by(house, {"boris": no_such, "clara": later}).deliver()
    assert counted(house)["messages"] == {
        "invitation,en,sent": 1, "invitation,en,failed": 1, "invitation,en,deferred": 1,
    }  # fmt: skip


def test_each_letter_that_went_has_its_duration_and_a_reminder_its_lag(house: House) -> None:
    register(house, "anna")
    house.deliver()
    (reminder,) = house.outbox("reminder")
    house.at((reminder.due_at + timedelta(seconds=20)).isoformat())
    house.deliver()
    durations, lags = counted(house)["send_duration"], counted(house)["reminder_lag"]
    sent = sum(row.state == "sent" for row in house.outbox(*LETTER_KINDS))
    assert sum(number for bound, number in durations.items() if bound != "sum") == sent
    assert lags["30.0"] == 1


def test_a_mail_server_that_is_away_is_a_trouble_until_it_takes_a_letter(house: House) -> None:
    register(house, "anna")
    delivery.deliver_batch(answered_by(house, {"anna": AWAY}).toolbox)
    assert troubles(house) == {"unreachable"}
    house.retry_now()
    house.deliver()
    assert troubles(house) == set()


def test_a_sender_who_is_refused_is_a_trouble_at_once(house: House) -> None:
    register(house, "anna")
    delivery.deliver_batch(answered_by(house, {"anna": SmtpAnswer("sender", 550, "5.7.1")}).toolbox)
    assert troubles(house) == {"refused"}


@pytest.mark.parametrize(("number", "expected"), [(SEVERAL - 1, set()), (SEVERAL, {"refused"})])
def test_recipients_who_are_put_off_are_a_trouble_of_the_server_when_there_are_several(
    house: House, number: int, expected: set[str]
) -> None:
    register(house, *NAMES[:number])
    delivery.deliver_batch(answered_by(house, dict.fromkeys(NAMES, BUSY)).toolbox)
    assert troubles(house) == expected


def test_recipients_who_are_put_off_one_by_one_are_counted_until_a_letter_is_taken(house: House) -> None:
    before, after = NAMES[: SEVERAL - 1], ("frieda", "gustav", "hanna", "ivo")
    put_off = answered_by(house, dict.fromkeys((*before, *after), BUSY))
    for name in before:
        register(house, name)
        delivery.deliver_batch(put_off.toolbox)
    register(house, "yves")
    delivery.deliver_batch(house.toolbox)
    for name in after:
        register(house, name)
        delivery.deliver_batch(put_off.toolbox)
    assert troubles(house) == set()
    register(house, "zora")
    delivery.deliver_batch(answered_by(house, {"zora": BUSY}).toolbox)
    assert troubles(house) == {"refused"}
    house.retry_now()
    house.deliver()
    assert troubles(house) == set()


def test_one_recipient_who_is_refused_says_nothing_of_the_server(house: House) -> None:
    register(house, "anna", "boris")
    delivery.deliver_batch(answered_by(house, {"anna": SmtpAnswer("recipient", 550, "5.1.1")}).toolbox)
    assert troubles(house) == set()


def test_a_letter_names_the_submission_that_it_goes_back_to_and_so_does_whoever_sends_it(house: House) -> None:
    envelopes = register(house, "anna", "boris")
    assert {row.cause for row in house.outbox("invitation")} == set(envelopes.values())
    with log() as lines:
        answered_by(house, {"boris": SmtpAnswer("recipient", 550, "5.1.1")}).deliver()
    by_cause = {row.cause: row.id for row in house.outbox("invitation")}
    (refused,) = [line for line in lines if line["event"] == "letter"]
    assert (refused["letter"], refused["envelope"]) == (by_cause[envelopes["boris"]], envelopes["boris"])
    went = [line["went"] for line in lines if line["event"] == "letters"]
    assert f"{by_cause[envelopes['anna']]}:{envelopes['anna']}" in " ".join(went)


def test_whatever_is_said_while_an_envelope_is_opened_names_it(house: House) -> None:
    first, second = (house.receive(OLGA | {"email": f"{name}@ngo.example.org"}) for name in ("anna", "boris"))
    with log() as lines:
        for envelope in (first, second):
            intake.open_in_turn(house.toolbox, envelope)
    assert {line["envelope"] for line in lines if "envelope" in line} == {first, second}
    assert [line["envelope"] for line in lines if line["event"] == "accepted"] == [first, second]


def test_a_letter_that_answers_a_second_submission_names_that_one(house: House) -> None:
    house.process(house.receive(OLGA))
    house.deliver()
    again = house.receive(OLGA | {"language": "fr"})
    house.process(again)
    assert {row.cause for row in house.outbox("update")} <= {again}
