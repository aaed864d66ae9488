"""How the emulated Zoom tells an app what happens."""

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.servers.waiting import until
from tests.servers.zoom import a_zoom, an_account
from tests.web.zoom_lab import OLGA, START, Lab, a_lab
from tests.web.zoom_receiver import SECRET, Receiver, a_receiver
from web.zoom_emulator import delivery
from web.zoom_emulator.delivery import signature
from web.zoom_emulator.work import compact

ADDRESS = OLGA["email"]
SAMPLES = Path(__file__).resolve().parent.parent / "domain" / "conferencing" / "samples"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Somebody who is told."""
    with a_receiver() as one:
        yield one


@pytest.fixture
def lab(tmp_path: Path, receiver: Receiver) -> Iterator[Lab]:
    """A lab whose app is told what happens, and whose address has been proven."""
    with a_lab(tmp_path, an_account("osce-org", webhook_url=receiver.url)) as one:
        one.deliver()
        yield one


def states(lab: Lab) -> list[str]:
    """What became of each notification."""
    return [one["state"] for one in lab.emulator.notifications()]


def test_a_notification_is_compact_utf_8_and_signed_over_its_bytes(lab: Lab, receiver: Receiver) -> None:
    lab.add(lab.event(), first_name="Елена")
    assert lab.deliver() == 1
    (post,) = receiver.posts
    assert post.genuine
    assert post.raw == json.dumps(post.body, separators=(",", ":"), ensure_ascii=False).encode()
    assert "Елена".encode() in post.raw
    assert post.headers["x-zm-request-timestamp"] == str(int(lab.machine().timestamp()))
    assert post.headers["x-zm-trackingid"].startswith("v=2.0")
    assert post.body["event_ts"] == round(lab.clock().timestamp() * 1000)
    assert lab.deliver() == 0


def test_a_sample_body_is_signed_as_the_test_vector_says() -> None:
    body = compact(json.loads((SAMPLES / "zoom_webhook_webinar_registration_created.json").read_text("utf-8"))).encode()
    found = signature("fictitious-zoom-secret-token", 1788253500, body)
    assert found == "v0=89db48b30d6ec48d346bb78670f3f2f7a277c72616c25ac3ca4de414efd3bad0"


def test_nobody_is_told_anything_before_the_address_is_proven(tmp_path: Path, receiver: Receiver) -> None:
    receiver.secret = "another"
    with a_lab(tmp_path, an_account("osce-org", webhook_url=receiver.url)) as lab:
        lab.add(lab.event())
        assert lab.deliver() == 0
        assert states(lab) == ["planned"]
        assert lab.emulator.state()["accounts"][0] == {
            "name": "osce-org", "plan": "pro", "url": receiver.url, "valid": False, "failures": 1,
        }  # fmt: skip
        receiver.secret = SECRET
        assert lab.deliver() == 1
        assert states(lab) == ["delivered"]


def test_the_address_is_proven_again_every_72_hours_and_on_demand(lab: Lab, receiver: Receiver) -> None:
    assert len(receiver.validations) == 1
    lab.clock.pass_by(hours=71, minutes=59)
    lab.deliver()
    assert len(receiver.validations) == 1
    lab.clock.pass_by(minutes=1)
    lab.deliver()
    assert len(receiver.validations) == 2
    lab.emulator.act_on_account("osce-org", "validate")
    lab.deliver()
    assert len(receiver.validations) == 3
    assert all(one.genuine for one in receiver.validations)


def test_who_cannot_prove_it_again_is_told_nothing_and_asked_again_after_an_hour(lab: Lab, receiver: Receiver) -> None:
    receiver.secret = "another"
    lab.clock.pass_by(hours=72)
    lab.add(lab.event())
    assert lab.deliver() == 0
    receiver.secret = SECRET
    assert lab.deliver() == 0
    lab.clock.pass_by(hours=1)
    assert lab.deliver() == 1


@pytest.mark.parametrize("status", [500, 404, 202, 301])
def test_what_is_not_taken_is_repeated_after_5_20_and_60_minutes_and_then_dropped(
    lab: Lab, receiver: Receiver, status: int
) -> None:
    receiver.status = status
    lab.add(lab.event())
    assert lab.deliver() == 1
    for minutes in (5, 20, 60):
        lab.clock.pass_by(minutes=minutes, seconds=-1)
        assert lab.deliver() == 0
        lab.clock.pass_by(seconds=1)
        assert lab.deliver() == 1
    lab.clock.pass_by(hours=24)
    assert lab.deliver() == 0
    assert states(lab) == ["dropped"]
    assert len({one.raw for one in receiver.posts}) == 1
    assert lab.emulator.notifications()[0]["answers"] == json.dumps([status] * 4, separators=(",", ":"))


@pytest.mark.parametrize(("renewed", "timestamps"), [(True, 2), (False, 1)])
def test_a_repetition_is_signed_anew_or_keeps_its_timestamp(
    lab: Lab, receiver: Receiver, renewed: bool, timestamps: int
) -> None:
    lab.emulator.configure(renew_timestamp=renewed)
    receiver.answers = [500, 200]
    lab.add(lab.event())
    lab.deliver()
    lab.clock.pass_by(minutes=5)
    lab.machine.pass_by(minutes=5)
    lab.deliver()
    assert len({one.headers["x-zm-request-timestamp"] for one in receiver.posts}) == timestamps
    assert all(one.genuine for one in receiver.posts)
    assert states(lab) == ["delivered"]


def test_an_answer_after_three_seconds_is_none(lab: Lab, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    assert delivery.PATIENCE == 3.0
    monkeypatch.setattr(delivery, "PATIENCE", 0.2)
    receiver.hold.clear()
    lab.add(lab.event())
    assert lab.deliver() == 1
    receiver.hold.set()
    (waiting,) = lab.emulator.notifications()
    assert (waiting["state"], waiting["attempts"], waiting["answers"]) == ("planned", 1, "[null]")


def test_waiting_notifications_outlive_the_process(tmp_path: Path, receiver: Receiver) -> None:
    account = an_account("osce-org", webhook_url=receiver.url)
    with a_lab(tmp_path, account) as first:
        first.add(first.event())
    with a_lab(tmp_path, account) as second:
        assert second.deliver() == 1
    assert receiver.events() == ["webinar.registration_created"]


def test_one_that_another_process_is_sending_is_left_to_it(lab: Lab) -> None:
    lab.add(lab.event())
    with lab.emulator.working() as work:
        work.run("UPDATE notifications SET claimed_until = ?", lab.machine().timestamp() + 30)
    assert lab.deliver() == 0
    lab.machine.pass_by(seconds=31)
    assert lab.deliver() == 1


def test_notifications_can_come_twice(lab: Lab, receiver: Receiver) -> None:
    lab.emulator.configure(duplicates=100)
    lab.add(lab.event())
    lab.deliver()
    assert len(receiver.posts) == 2
    assert len({one.raw for one in receiver.posts}) == 1


def test_notifications_can_be_lost(lab: Lab, receiver: Receiver) -> None:
    lab.emulator.configure(loss=100)
    lab.add(lab.event())
    assert lab.deliver() == 0
    assert states(lab) == ["lost"]


def test_notifications_can_come_in_another_order(lab: Lab, receiver: Receiver) -> None:
    lab.emulator.configure(reorder=True, seed=3)
    number = lab.event()
    for one in range(6):
        lab.add(number, email=f"p{one}@example.org")
    lab.deliver()
    came = [one.body["payload"]["object"]["registrant"]["email"] for one in receiver.posts]
    assert came != sorted(came)
    assert sorted(came) == [f"p{one}@example.org" for one in range(6)]


def test_notifications_can_be_held_back(lab: Lab) -> None:
    lab.emulator.configure(paused=True)
    lab.add(lab.event())
    assert lab.deliver() == 0
    lab.emulator.configure(paused=False)
    assert lab.deliver() == 1


@pytest.mark.parametrize(
    ("ids", "created", "started"), [("documented", int, str), ("number", int, int), ("string", str, str)]
)
def test_numbers_are_numbers_or_texts(lab: Lab, receiver: Receiver, ids: str, created: type, started: type) -> None:
    lab.emulator.configure(ids=ids)
    number = lab.event()
    lab.add(number)
    lab.emulator.act(number, "start")
    lab.deliver()
    assert [type(one.body["payload"]["object"]["id"]) for one in receiver.posts] == [created, started]


def test_registrants_that_the_api_adds_echo_unless_switched_off(lab: Lab) -> None:
    number = lab.event()
    lab.add(number)
    lab.emulator.configure(echo=False)
    lab.add(number, email="quiet@example.org")
    told = [one["payload"]["object"]["registrant"]["email"] for one in lab.told()]
    assert told == [ADDRESS]


def test_somebody_who_is_there_already_echoes_only_once(lab: Lab) -> None:
    number = lab.event()
    lab.add(number)
    lab.add(number)
    assert len(lab.told()) == 1


def test_a_status_that_does_not_change_is_not_told(lab: Lab) -> None:
    number = lab.event()
    lab.add(number)
    lab.emulator.act(number, "approve", ADDRESS)
    lab.emulator.act(number, "cancel", ADDRESS)
    lab.emulator.act(number, "cancel", ADDRESS)
    assert [one["event"] for one in lab.told()] == ["webinar.registration_created", "webinar.registration_cancelled"]


def test_an_update_tells_what_changed_and_what_was(lab: Lab) -> None:
    number = lab.event()
    lab.call("PATCH", f"/webinars/{number}", {"start_time": "2026-10-22T13:00:00Z", "duration": 75})
    lab.call("PATCH", f"/webinars/{number}", {"settings": {"registrants_email_notification": False}})
    lab.call("PATCH", f"/webinars/{number}", {"settings": {"registrants_email_notification": False}})
    changes: list[Any] = [(one["payload"]["object"], one["payload"]["old_object"]) for one in lab.told()]
    assert changes == [
        ({"id": number, "start_time": "2026-10-22T13:00:00Z"}, {"id": number, "start_time": START}),
        (
            {"id": number, "settings": {"registrants_email_notification": False}},
            {"id": number, "settings": {"registrants_email_notification": True}},
        ),
    ]


def test_a_webinar_that_became_a_meeting_keeps_its_number_and_its_registrants(lab: Lab) -> None:
    number = lab.event()
    lab.add(number)
    lab.emulator.act(number, "convert")
    assert lab.call("GET", f"/meetings/{number}").json()["type"] == 2
    assert lab.call("GET", f"/meetings/{number}/registrants").json()["total_records"] == 1


def test_without_an_address_nothing_is_sent_and_everything_written_down(tmp_path: Path) -> None:
    with a_lab(tmp_path) as lab:
        lab.add(lab.event())
        assert lab.deliver() == 0
        assert states(lab) == ["unsubscribed"]


def test_a_running_server_delivers_by_itself(tmp_path: Path, receiver: Receiver) -> None:
    account = an_account("osce-org", webhook_url=receiver.url)
    with a_zoom(tmp_path, accounts={account.name: account}, now=lambda: datetime.fromisoformat(START)) as zoom:
        number = zoom.emulator.create("osce-org", "webinar", {"settings": {"approval_type": 0}})
        zoom.emulator.act(number, "start")
        until(lambda: receiver.events() == ["webinar.started"])
