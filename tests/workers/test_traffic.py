"""Refusals of us, domains that want less, and rates: nothing is given up for them, and others are not held up."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from adapters.database import destinations
from adapters.database.tables import DestinationRow, LetterRow
from adapters.smtp import Postman
from tests.crowd import gather
from tests.house import OLGA, House
from tests.servers.smtp import Habits, MailServer, a_mail_server
from workers import delivery

SESSIONS = (
    "day-1", "day-2", "day-3", "survivor-voices", "cedaw-gr38", "community-policing", "protecting-children",
    "demand-research-launch",
)  # fmt: skip


@pytest.fixture
def server() -> Iterator[MailServer]:
    with a_mail_server(Habits()) as one:
        yield one


@pytest.fixture
def village(house: House, server: MailServer) -> Iterator[House]:
    """Nobody yet, and a mail server with habits."""
    settings = house.toolbox.settings.model_copy(update={"smtp_domain_rates": {}})
    address = settings.smtp.model_copy(update={"port": server.port})
    postman = Postman(address, 5.0, "x.example.org")
    yield replace(house, toolbox=replace(house.toolbox, settings=settings, postman=postman))
    postman.close()


@pytest.fixture
def town(village: House) -> House:
    """Thirty people, each with a reminder that is due."""
    gather(village.toolbox, 30, "reminder")
    return village


def comes(house: House, address: str, *sessions: str) -> None:
    """Somebody is registered for sessions, and letters to them are due."""
    house.process(house.receive(OLGA | {"email": address, "sessions": list(sessions) or OLGA["sessions"]}))


def paused(house: House) -> list[str]:
    with house.toolbox.database.read() as session:
        return [one.name for one in destinations.paused(session)]


def states(house: House) -> dict[str, int]:
    with house.toolbox.database.read() as session:
        found = list(session.scalars(select(LetterRow.state)))
    return {state: found.count(state) for state in set(found)}


def later(house: House) -> None:
    """All pauses are over."""
    past = house.toolbox.clock.machine_now() - timedelta(seconds=1)
    with house.toolbox.database.write() as session:
        is_paused = DestinationRow.machine_paused_until.is_not(None)
        session.execute(update(DestinationRow).where(is_paused).values(machine_paused_until=past))
    house.retry_now()


def test_a_refusal_of_our_sender_stops_everything_and_gives_nothing_up(town: House, server: MailServer) -> None:
    server.habits.script["MAIL"] = "550 5.7.1 not from you"
    town.deliver()
    assert server.heard.count("MAIL") <= 2  # the second one had been announced
    assert states(town) == {"planned": 30}
    assert delivery.deliver_batch(town.toolbox) == 0
    with town.toolbox.database.read() as session:
        (paused,) = destinations.paused(session)
        assert (paused.name, paused.reason) == ("relay", "smtp-550-5.7.1")


def test_after_the_pause_one_letter_tries_and_the_next_pause_is_longer(town: House, server: MailServer) -> None:
    server.habits.script["MAIL"] = "550 5.7.1 not from you"
    town.deliver()
    later(town)
    server.heard.clear()
    town.deliver()
    assert server.heard.count("MAIL") == 1
    with town.toolbox.database.read() as session:
        (paused,) = destinations.paused(session)
        assert paused.machine_paused_until is not None
        left = paused.machine_paused_until - town.toolbox.clock.machine_now()
    assert timedelta(minutes=4) < left <= timedelta(minutes=5)


def test_when_the_server_takes_letters_again_all_go(town: House, server: MailServer) -> None:
    server.habits.script["MAIL"] = "550 5.7.1 not from you"
    town.deliver()
    del server.habits.script["MAIL"]
    later(town)
    town.deliver()
    assert states(town) == {"sent": 30}
    with town.toolbox.database.read() as session:
        assert destinations.paused(session) == []


def test_one_recipient_refused_by_policy_delays_nobody_and_five_in_a_row_stop_their_domain(
    town: House, server: MailServer
) -> None:
    server.habits.script["RCPT person3@ngo.example.org"] = "550 5.7.1 not to them"
    town.deliver()
    assert states(town) == {"sent": 29, "planned": 1}
    gather(town.toolbox, 30, "reminder", first=100)
    server.habits.script["RCPT"] = "550 5.7.1 to nobody"
    server.heard.clear()
    town.deliver()
    assert server.heard.count("RCPT") <= 6  # the sixth had been written before the fifth was refused
    assert states(town) == {"sent": 29, "planned": 31}
    with town.toolbox.database.read() as session:
        (paused,) = destinations.paused(session)
    assert (paused.name != "relay", paused.reason, paused.refused[5:]) == (True, "smtp-550-5.7.1", [])


def test_one_recipient_refused_by_policy_delays_nobody_with_however_many_letters(
    village: House, server: MailServer
) -> None:
    server.habits.script[f"RCPT {OLGA['email']}"] = "550 5.7.1 not to her"
    comes(village, OLGA["email"], *SESSIONS)
    village.deliver()
    assert {row.state for row in village.outbox("invitation")} == {"planned"}
    assert server.heard.count("RCPT") >= len(SESSIONS)
    assert paused(village) == []
    village.retry_now()
    village.deliver()
    assert paused(village) == []


def test_five_domains_that_refuse_us_in_a_row_stop_everything(village: House, server: MailServer) -> None:
    server.habits.script["RCPT"] = "550 5.7.1 to nobody"
    for one in "abcdefgh":
        comes(village, f"anna@{one}.example.org")
    village.deliver()
    assert server.heard.count("RCPT") <= 6
    assert paused(village) == ["relay"]


def test_after_a_stop_who_is_refused_again_keeps_nobody_from_being_tried(village: House, server: MailServer) -> None:
    refusing = [f"anna@{one}.example.org" for one in "abcde"]
    server.habits.script |= {f"RCPT {one}": "550 5.7.1 not to them" for one in refusing}
    for one in refusing:
        comes(village, one)
    village.deliver()
    comes(village, "boris@ngo.example.org")
    later(village)
    assert delivery.deliver_batch(village.toolbox) == 1
    assert {one.recipient for one in server.taken} == {"boris@ngo.example.org"}
    assert paused(village) == []


def test_on_trial_a_recipient_who_is_refused_does_not_stop_the_server_again(village: House, server: MailServer) -> None:
    server.habits.script["MAIL"] = "550 5.7.1 not from you"
    comes(village, OLGA["email"])
    village.deliver()
    del server.habits.script["MAIL"]
    server.habits.script[f"RCPT {OLGA['email']}"] = "550 5.7.1 not to her"
    later(village)
    server.taken.clear()
    village.deliver()
    comes(village, "boris@ngo.example.org")
    village.deliver()
    assert {one.recipient for one in server.taken} == {"boris@ngo.example.org"}


def test_a_domain_that_wants_less_is_left_alone_and_the_others_get_their_letters(
    town: House, server: MailServer
) -> None:
    server.habits.script["RCPT"] = "450 4.7.28 slowly"
    town.deliver()
    assert server.heard.count("RCPT") <= 2
    with town.toolbox.database.read() as session:
        (paused,) = destinations.paused(session)
        rows = list(session.scalars(select(LetterRow)))
    assert "ngo" not in paused.name
    assert {row.state for row in rows} == {"planned"}
    soon = town.toolbox.clock.machine_now() + timedelta(minutes=9)
    assert all(row.machine_try_after is not None and row.machine_try_after > soon for row in rows)


def test_a_rate_lets_a_second_s_worth_through_and_plans_the_rest_for_later(town: House) -> None:
    settings = town.toolbox.settings.model_copy(update={"smtp_rate": 10.0})
    slow = replace(town, toolbox=replace(town.toolbox, settings=settings))
    delivery.deliver_batch(slow.toolbox)
    assert states(slow) == {"sent": 10, "planned": 20}


def test_a_domain_s_rate_holds_for_it_alone(town: House) -> None:
    settings = town.toolbox.settings.model_copy(update={"smtp_domain_rates": {"ngo.example.org": 5.0}})
    slow = replace(town, toolbox=replace(town.toolbox, settings=settings))
    delivery.deliver_batch(slow.toolbox)
    found = states(slow)
    assert 5 <= found["sent"] < 30
    other = town.toolbox.settings.model_copy(update={"smtp_domain_rates": {"other.example.org": 5.0}})
    house = replace(town, toolbox=replace(town.toolbox, settings=other))
    house.retry_now()
    house.deliver()
    assert states(house) == {"sent": 30}
