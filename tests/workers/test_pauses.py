"""Pausing all mail, or a queue: nothing is lost, nothing goes, and everything goes once when it goes on."""

from collections.abc import Iterator
from datetime import timedelta

import pytest

from adapters.database import audits, pauses, signs
from adapters.smtp import Parcel
from schemas.smtp import SmtpAnswer
from tests.house import OLGA, House
from workers import app as corridor
from workers import delivery, housekeeping, intake
from workers.conferencing import stage
from workers.housekeeping import Housekeeper
from workers.invitation import write_invitations
from workers.pauses import Pauser

DEPTHS = dict.fromkeys(("intake", "conferencing", "delivery", "housekeeping"), 0)
HALF_PAST_FIVE = "2021-06-15T17:30:00+02:00"


@pytest.fixture
def handed_over(house: House, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The tasks that were handed to the broker."""
    corridor.use(house.toolbox)
    found: list[str] = []

    def take(task: str, messages: list[tuple[str, ...]], **_queue: object) -> int:
        found.extend(task for _ in messages)
        return len(messages)

    monkeypatch.setattr(housekeeping, "enqueue_all", take)
    for room in (intake, stage):
        monkeypatch.setattr(room, "enqueue_all", take)
        monkeypatch.setattr(room, "enqueue", lambda task, *ids: take(task, [ids]))
    return found


def pause(house: House, *names: str) -> None:
    for name in names:
        assert Pauser(house.toolbox).pause(name, "cli:warden", "Wrong programme")


def resume(house: House, name: str) -> None:
    assert Pauser(house.toolbox).resume(name, "cli:warden")


@pytest.mark.parametrize("name", ["mail", "delivery"])
def test_no_letter_is_claimed_while_mail_is_paused_and_each_goes_once_when_it_goes_on(house: House, name: str) -> None:
    house.process(house.receive(OLGA))
    pause(house, name)
    house.deliver()
    assert (house.kinds(), [row.state for row in house.outbox("invitation")]) == ([], ["planned"])
    assert house.outbox("invitation")[0].tries == 0
    resume(house, name)
    house.deliver()
    house.deliver()
    assert house.kinds() == ["invitation"]


def test_a_round_that_is_under_way_ends_with_its_next_commit(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(6):
        house.process(house.receive(OLGA | {"email": f"person{number}@mission.example.org"}))
    monkeypatch.setattr("workers.rounds.GROUP", 2)
    taken = house.toolbox.postman.hand_over

    def hand_over(parcels: Iterator[Parcel]) -> Iterator[tuple[Parcel, SmtpAnswer]]:
        for number, answer in enumerate(taken(parcels)):
            if number == 1:
                pause(house, "mail")
            yield answer

    monkeypatch.setattr(house.toolbox.postman, "hand_over", hand_over)
    delivery.deliver_batch(house.toolbox)
    went = len(house.mail)
    assert 2 <= went <= 3  # one may have been in the mail server's hands
    assert sorted(row.state for row in house.outbox("invitation")) == ["planned"] * (6 - went) + ["sent"] * went
    monkeypatch.setattr(house.toolbox.postman, "hand_over", taken)
    resume(house, "mail")
    house.retry_now()
    house.deliver()
    assert len({mail.message["To"] for mail in house.mail}) == len(house.mail) == 6


def test_reminders_that_came_due_in_a_pause_follow_their_rules_afterwards(house: House) -> None:
    """Of a session at 18:00: the reminder of an hour before is of use until a quarter past; the day before is over."""
    house.register(OLGA)
    house.at("2021-06-14T12:00:00+02:00")
    pause(house, "mail")
    house.at("2021-06-15T17:30:00+02:00")
    house.deliver()
    assert house.kinds() == ["invitation"]
    reminders = house.outbox("digest", "reminder")
    resume(house, "mail")
    house.at(max(row.not_after for row in reminders).isoformat())
    house.deliver()
    states = {(row.kind, row.state, row.reason) for row in house.outbox("digest", "reminder")}
    assert all(state in {"sent", "skipped", "planned"} for _, state, _ in states)
    assert ("digest", "skipped", "too-late") in states


def test_a_paused_intake_judges_nothing_and_its_sweep_hands_nothing_over(
    house: House, handed_over: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(housekeeping, "STUCK_WHEN_IDLE", timedelta(0))
    envelope = house.receive(OLGA)
    pause(house, "intake")
    intake.open_envelope(envelope)
    keeper = Housekeeper(house.toolbox)
    keeper.paused = frozenset({"intake"})
    keeper._sweep(DEPTHS, house.toolbox.clock.machine_now())
    assert (house.envelope(envelope).state, handed_over) == ("received", [])
    resume(house, "intake")
    keeper.paused = frozenset()
    keeper._sweep(DEPTHS, house.toolbox.clock.machine_now())
    assert handed_over == [corridor.OPEN_ENVELOPE]
    intake.open_envelope(envelope)
    assert house.envelope(envelope).state == "accepted"


def test_while_conferencing_is_paused_nobody_speaks_with_zoom_and_no_invitation_is_written(
    house: House, handed_over: list[str]
) -> None:
    pause(house, "conferencing")
    envelope = house.receive(OLGA)
    asked = house.asked_of_zoom()
    intake.open_envelope(envelope)
    participant = house.envelope(envelope).participant_id
    assert participant is not None
    write_invitations(participant)
    stage.obtain_links(participant)
    keeper = Housekeeper(house.toolbox)
    keeper.paused = frozenset({"conferencing"})
    keeper._wake_conferencing(DEPTHS, house.toolbox.clock.machine_now())
    keeper._sweep(DEPTHS, house.toolbox.clock.machine_now())
    assert (house.asked_of_zoom(), house.outbox("invitation")) == (asked, [])
    assert handed_over == [corridor.OBTAIN_LINKS]
    resume(house, "conferencing")
    house.go_on(envelope)
    assert house.kinds() == ["invitation"]


def test_the_clock_wakes_no_delivery_while_mail_is_paused(house: House, handed_over: list[str]) -> None:
    house.process(house.receive(OLGA))
    keeper = Housekeeper(house.toolbox, paused=frozenset({"mail"}))
    keeper._wake_delivery(DEPTHS)
    assert handed_over == []
    keeper.paused = frozenset()
    keeper._wake_delivery(DEPTHS)
    assert handed_over == [corridor.DELIVER]


def test_signs_of_life_go_through_paused_queues(house: House) -> None:
    corridor.use(house.toolbox)
    pause(house, *pauses.PAUSABLE)
    housekeeping.canary("delivery")
    with house.toolbox.database.read() as session:
        (sign,) = signs.all_signs(session)
    assert (sign.name, sign.seen is not None) == ("canary:delivery", True)


def test_a_pause_and_its_end_are_noted_once_with_their_reasons(house: House) -> None:
    pauser = Pauser(house.toolbox)
    assert [pauser.pause("mail", "cli:warden", "Wrong hall") for _ in range(2)] == [True, False]
    assert [pauser.resume("mail", "admin:ada") for _ in range(2)] == [True, False]
    with house.toolbox.database.read() as session:
        noted = audits.listed(session, house.toolbox.vault, 9)
    assert [(one.who, one.action, one.about, one.reason) for one in noted] == [
        ("admin:ada", "resume", "mail", None), ("cli:warden", "pause", "mail", "Wrong hall"),
    ]  # fmt: skip
