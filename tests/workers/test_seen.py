"""What has gone wrong with letters and queues is found where it stands: in the rows, on both databases."""

from datetime import timedelta

from adapters.clock import Movement, steer
from adapters.database import signs
from adapters.database.tables import PauseRow
from schemas.smtp import SmtpAnswer
from tests.house import House
from tests.workers.test_counting import AWAY, answered_by, register
from web.vitals import findings
from workers import delivery


def seen(house: House) -> set[tuple[str, str]]:
    """Without what is missing here anyway: there is neither a broker nor a clock."""
    found: set[tuple[str, str]] = {(one.code, one.about) for one in findings(house.toolbox)}
    return found - {("broker-down", ""), ("clock-silent", "")}


def test_of_a_house_without_work_nothing_is_said(house: House) -> None:
    assert seen(house) == set()


def test_a_letter_that_nobody_takes_ages_by_the_machines_time(house: House) -> None:
    register(house, "anna")
    (letter,) = house.outbox("invitation")
    steer(house.clock_file, Movement(letter.due_at + timedelta(hours=1), anchor=0.0, speed=0.0))
    assert seen(house) == set()  # the conference's clock was put forward: nobody has waited for an hour
    began = house.toolbox.clock.machine_now().timestamp() - 40
    steer(house.clock_file, Movement(letter.due_at, anchor=began, speed=1.0))
    assert seen(house) == {("queue-ageing", "delivery")}


def test_a_letter_that_failed_waits_for_a_person_until_its_time_is_past(house: House) -> None:
    register(house, "anna")
    answered_by(house, {"anna": SmtpAnswer("recipient", 550, "5.1.1")}).deliver()
    assert seen(house) == {("dead-letters", "")}
    (failed,) = house.outbox("invitation")
    house.at((failed.not_after + timedelta(seconds=1)).isoformat())
    assert seen(house) == set()


def test_a_mail_server_that_is_away_is_said_while_letters_wait_for_it(house: House) -> None:
    register(house, "anna")
    delivery.deliver_batch(answered_by(house, {"anna": AWAY}).toolbox)
    assert seen(house) == {("mail-unreachable", "server-not-reached")}
    house.retry_now()
    house.deliver()
    assert seen(house) == set()


def test_a_sender_who_is_refused_is_said_with_the_servers_code(house: House) -> None:
    register(house, "anna")
    delivery.deliver_batch(answered_by(house, {"anna": SmtpAnswer("sender", 550, "5.7.1")}).toolbox)
    assert seen(house) == {("mail-refused", "smtp-550-5.7.1")}


def test_a_pause_that_was_forgotten_is_recalled(house: House) -> None:
    since = house.toolbox.clock.machine_now() - timedelta(hours=1)
    with house.toolbox.database.write() as session:
        session.add(PauseRow(name="mail", who="admin:Anna", machine_since=since))
    assert seen(house) == {("paused", "mail")}


def test_a_clock_that_beats_is_not_silent(house: House) -> None:
    with house.toolbox.database.write() as session:
        signs.see(session, "clock", house.toolbox.clock.machine_now())
    assert {one.code for one in findings(house.toolbox)} == {"broker-down"}
