"""What went wrong once between Zoom and us, so that it does not again."""

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest
from sqlalchemy import delete, select, update

from adapters.database import registrants, registrations
from adapters.database.engine import DatabaseUnavailable
from adapters.database.tables import AttendanceRow, ParticipantRow, RegistrantRow, RegistrationRow, ZoomEventRow
from adapters.database.zoom_events import of_session
from adapters.zoom.client import ZoomClient
from schemas.zoom import EventKind, Refusal, ZoomEventDetails
from tests.house import OLGA, House, a_house
from web.zoom_emulator.faults import Fault
from workers import intake, invitation, wishes
from workers.conferencing import events, stage, troubles
from workers.programme import put_in_force

MAIL = "olga@mission.example.org"
SESSION = "protecting-children"
HERE = OLGA | {"sessions": [SESSION]}

SHARED = """\
id: shared
title: A conference with one webinar for two sessions
starts: 2021-09-20
ends: 2021-09-21
languages: [en]
sessions:
  - id: first
    title: The first day
    date: 2021-09-20
    start: 10:00
    end: 11:00
    zoom: {account: osce-org, event: 98123456780}
  - id: second
    title: The second day
    date: 2021-09-21
    start: 10:00
    end: 11:00
    zoom: {account: osce-org, event: 98123456780}
"""


@pytest.fixture
def known(house: House) -> House:
    """A house that knows the session's Zoom event, and has heard everything."""
    house.look_at(SESSION)
    house.hear()
    return house


def place(house: House) -> tuple[str, str]:
    """The state and link state of the one registration."""
    with house.toolbox.database.read() as session:
        row = session.scalars(select(RegistrationRow)).one()
        return row.state, row.link


def programme_in(folder: Path, text: str, name: str = "shared") -> Path:
    """A folder with one programme."""
    programmes = folder / "programmes"
    programmes.mkdir(exist_ok=True)
    (programmes / f"{name}.yaml").write_text(text, "utf-8")
    return programmes


def test_an_addition_without_an_answer_and_a_withdrawal_keep_nobody_else_out(known: House) -> None:
    known.zoom.emulator.inject(Fault(kind="drop", endpoint="add-registrant", committed=True))
    known.register(HERE)
    known.withdraw(MAIL)
    known.retry_now()
    known.tend_all()
    assert [one["status"] for one in known.at_zoom(SESSION)] == ["denied"]
    known.register(HERE | {"email": "robin@ngo.example.org"})
    assert known.kinds() == ["withdrawal", "invitation"]


def test_the_late_echo_of_our_own_cancellation_takes_nobody_out_who_has_come_back(known: House) -> None:
    known.register(HERE)
    known.withdraw(MAIL)
    known.register(HERE)
    known.hear()
    known.tend_all()
    assert known.kinds() == ["invitation", "withdrawal", "invitation"]
    assert (place(known)[0], [one["status"] for one in known.at_zoom(SESSION)]) == ("registered", ["approved"])


def test_a_cancellation_without_an_answer_and_a_return_end_at_zoom_as_they_end_here(known: House) -> None:
    known.register(HERE)
    known.zoom.emulator.inject(Fault(kind="drop", endpoint="set-status", committed=True))
    known.withdraw(MAIL)
    known.register(HERE)
    known.retry_now()
    known.tend_all()
    assert (place(known), [one["status"] for one in known.at_zoom(SESSION)]) == (
        ("registered", "present"),
        ["approved"],
    )


def test_who_comes_back_is_invited_when_zoom_has_agreed_and_not_before(known: House) -> None:
    known.register(HERE)
    known.withdraw(MAIL)
    with known.zoom_away():
        known.register(HERE)
        assert (known.kinds(), place(known)) == (["invitation", "withdrawal"], ("registered", "wanted"))
    known.retry_now()
    known.tend_all()
    assert known.kinds() == ["invitation", "withdrawal", "invitation"]


def test_whom_the_host_denies_by_mistake_and_approves_again_is_back(known: House) -> None:
    known.register(HERE)
    for at, what in (("09:40", "deny"), ("09:50", "approve")):
        known.at(f"2021-06-01T{at}:00+02:00")
        known.zoom.emulator.act(known.number(SESSION), what, MAIL)
        known.hear()
    known.tend_all()
    assert known.kinds() == ["invitation", "withdrawal", "invitation"]
    assert [one["status"] for one in known.at_zoom(SESSION)] == ["approved"]


def test_a_second_lost_cancellation_is_found_in_its_night_too(known: House) -> None:
    for night in (2, 3):
        known.register(HERE)
        known.zoom.emulator.act(known.number(SESSION), "cancel", MAIL)
        known.hear(only="nothing")
        known.at(f"2021-06-0{night}T03:30:00+02:00")
        known.tend_all()
        assert place(known)[0] == "withdrawn"
        known.at(f"2021-06-0{night}T09:30:00+02:00")
    assert known.kinds() == ["invitation", "withdrawal"] * 2


def test_whose_notification_was_lost_on_the_day_itself_comes_in_before_the_session(known: House) -> None:
    known.at("2021-06-14T10:00:00+02:00")
    known.tend_all()
    known.visit_zoom(SESSION)
    known.hear(only="nothing")
    known.at("2021-06-14T16:31:00+02:00")
    known.tend_all()
    assert known.kinds() == ["invitation"]


def test_an_alias_beside_a_visit_to_zooms_page_is_one_person_and_gone_with_the_withdrawal(known: House) -> None:
    known.register(HERE | {"alias": "Blue Heron"})
    known.visit_zoom(SESSION, email=MAIL)
    known.hear()
    known.at("2021-06-01T12:00:00+02:00")
    known.withdraw(MAIL)
    known.tend_all()
    known.hear()
    known.at("2021-06-02T03:30:00+02:00")
    known.tend_all()
    assert known.kinds() == ["invitation", "withdrawal"]
    assert {one["status"] for one in known.at_zoom(SESSION)} == {"denied"}
    assert known.zoom_event(SESSION).report["unknown_here"] == 0


def test_an_alias_that_comes_before_zoom_was_reached_is_what_zoom_gets(house: House) -> None:
    place_of_event = house.zoom_event(SESSION)
    with house.toolbox.database.write() as session:
        later = house.toolbox.clock.machine_now() + timedelta(hours=1)
        session.execute(
            update(ZoomEventRow).where(ZoomEventRow.id == place_of_event.id).values(machine_try_after=later)
        )
    house.register(HERE)
    house.register(HERE | {"alias": "Blue Heron"})
    house.retry_now()
    house.tend_all()
    assert [(one["first_name"], one["email"][:2]) for one in house.at_zoom(SESSION)] == [("Blue Heron", "p-")]


def test_a_forbidden_alias_is_never_told_and_a_person_may_ask_by_name(tmp_path: Path, database_url: str) -> None:
    text = SHARED.replace(
        "zoom: {account: osce-org, event: 98123456780}", "aliases: false\n    zoom: {account: osce-org}"
    )
    with a_house(tmp_path, database_url, conferences=programme_in(tmp_path, text)) as house:
        house.register(OLGA | {"sessions": ["first"], "alias": "Blue Heron"}, conference="shared")
        (row,) = house.registrants()
        with house.toolbox.database.write() as session:
            registrants.free(session, [row.id])
        house.tend_all()
        assert (house.registrants()[0].held, house.zoom.emulator.registrants(house.number("first", "shared"))) == (
            True,
            [],
        )
        with house.toolbox.database.write() as session:
            assert registrants.by_name(session, house.toolbox.vault, [row.id]) == 1
        house.tend_all()
        told = house.zoom.emulator.registrants(house.number("first", "shared"))
        assert [(one["first_name"], one["email"]) for one in told] == [("Olga Petrenko", MAIL)]


def test_nobody_becomes_somebody_else_through_zooms_public_page(known: House) -> None:
    known.register(OLGA)
    known.visit_zoom(SESSION, email=MAIL, first_name="Rude", last_name="Words")
    known.hear()
    assert known.mail[-1].message["To"] == "Olga Petrenko <olga@mission.example.org>"


def test_a_link_that_does_not_lead_to_zoom_is_fetched_from_zoom(known: House) -> None:
    known.visit_zoom(SESSION)
    body = known.zoom.emulator.notifications()[-1]["body"]
    link = known.at_zoom(SESSION)[0]["join_url"]
    known.notified(body.replace(link, "https://phishing.example.org/w/1?tk=x"))
    known.tend_all()
    with known.toolbox.database.read() as session:
        kept = registrations.join_link(session.scalars(select(RegistrationRow)).one(), known.toolbox.vault)
    assert (kept, known.kinds()) == (link, ["invitation"])


def test_one_zoom_event_for_two_sessions_loses_nobody_when_one_is_withdrawn_from_or_over(
    tmp_path: Path, database_url: str
) -> None:
    with a_house(tmp_path, database_url, conferences=programme_in(tmp_path, SHARED)) as house:
        house.register(OLGA | {"sessions": ["first", "second"]}, conference="shared")
        house.register({"email": MAIL, "sessions": ["second"]}, kind="registration.withdrawn", conference="shared")
        house.tend_all()
        assert [one["status"] for one in house.zoom.emulator.registrants(98123456780)] == ["approved"]
        page = house.zoom.emulator.event(98123456780)["registration_url"].rpartition("/")[2]
        who = {"first_name": "Robin", "last_name": "Quill", "email": "robin@ngo.example.org"}
        httpx2.post(f"{house.zoom.url}/webinar/register/{page}", data=who)
        house.at("2021-09-20T12:00:00+02:00")
        house.hear()
        assert house.mail[-1].message["To"] == "Robin Quill <robin@ngo.example.org>"


def test_a_number_that_leads_to_another_event_lets_no_stranger_in(tmp_path: Path, database_url: str) -> None:
    with a_house(tmp_path, database_url, conferences=programme_in(tmp_path, SHARED)) as house:
        budget = {"topic": "Budget committee", "start_time": "2021-09-02T10:00:00Z", "duration": 60,
                  "settings": {"approval_type": 0}}  # fmt: skip
        other = house.zoom.emulator.create("osce-org", "webinar", budget)
        page = house.zoom.emulator.event(other)["registration_url"].rpartition("/")[2]
        who = {"first_name": "A", "last_name": "Stranger", "email": "stranger@ngo.example.org"}
        httpx2.post(f"{house.zoom.url}/webinar/register/{page}", data=who)
        programme_in(tmp_path, SHARED.replace("98123456780", str(other)))
        put_in_force(house.toolbox, tmp_path / "programmes")
        house.tend_all()
        with house.toolbox.database.read() as session:
            row = of_session(session, "shared", "first")
        assert row is not None
        assert (house.kinds(), row.report["unknown_here"], row.report["not_let_in"]) == ([], 1, 1)


def test_an_event_that_was_deleted_and_made_anew_is_found_again(known: House) -> None:
    known.register(HERE)
    old = known.zoom.emulator.event(known.number(SESSION))
    known.zoom.emulator.act(known.number(SESSION), "delete")
    known.hear()
    known.tend_all()
    new = known.zoom.emulator.create("osce-org", "webinar", {
        "topic": old["topic"], "start_time": old["start_time"], "duration": old["duration"],
        "settings": {"approval_type": 0},
    })  # fmt: skip
    known.retry_now()
    known.tend_all()
    assert (known.zoom_event(SESSION).number, known.zoom_event(SESSION).state) == (new, "ready")
    assert [one["email"] for one in known.zoom.emulator.registrants(new)] == [MAIL]


def test_a_row_that_cannot_be_opened_is_held_and_stops_nobody(known: House) -> None:
    with known.zoom_away():
        for one in range(3):
            known.process(known.receive(HERE | {"email": f"person{one}@ngo.example.org"}))
    with known.toolbox.database.write() as session:
        spoilt = known.registrants()[0].id
        session.execute(update(RegistrantRow).where(RegistrantRow.id == spoilt).values(sealed_address=b"x" * 40))
    known.retry_now()
    known.tend_all()
    assert [(one.held, one.reason) for one in known.registrants() if one.id == spoilt] == [(True, "cannot-be-opened")]
    assert known.kinds() == ["invitation"] * 2


def test_an_error_of_ours_lets_the_event_rest_and_comes_back(known: House, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(self: ZoomClient, *_: Any) -> None:
        raise RuntimeError

    with monkeypatch.context() as patched:
        patched.setattr(ZoomClient, "registrants", breaks)
        with pytest.raises(RuntimeError):
            known.register(HERE)
    row = known.zoom_event(SESSION)
    assert (row.tries, row.machine_leased_until) == (1, None)
    assert row.machine_try_after is not None
    known.retry_now()
    known.tend_all()
    assert known.kinds() == ["invitation"]


def test_an_event_that_waits_is_not_asked_before_its_time(known: House) -> None:
    with known.zoom_away():
        known.register(HERE)
        asked = known.asked_of_zoom()
        for _ in range(5):
            known.tend_event(known.zoom_event(SESSION).id)
        assert known.asked_of_zoom() == asked


def test_who_waits_for_a_link_is_handed_over_by_no_sweep_but_who_comes_to_the_room_is(house: House) -> None:
    with house.zoom_away():
        house.process(house.receive(HERE))
        house.process(house.receive(OLGA | {"email": "room@ngo.example.org", "sessions": ["day-1"],
                                            "attendance": "in-person"}))  # fmt: skip
    later = house.toolbox.clock.machine_now() + timedelta(hours=1)
    with house.toolbox.database.write() as session:
        session.execute(update(RegistrationRow).values(told_revision=0))
        assert len(registrations.stuck(session, later, 10)) == 1
        assert len(registrations.stuck(session, later, 10, may_follow=[("alliance-2021", SESSION)])) == 2


def test_a_link_that_is_there_in_a_moment_comes_in_the_one_letter(house: House) -> None:
    participant = intake.judge(house.toolbox, house.receive(OLGA | {"sessions": ["day-1"], "attendance": "in-person"}))
    assert participant is not None
    invitation.write(house.toolbox, participant)  # a worker that is quicker than the one that asks Zoom
    house.tend(participant)
    invitation.write(house.toolbox, participant)
    house.deliver()
    assert house.kinds() == ["invitation"]


def test_where_the_list_lags_behind_zoom_is_not_asked_without_end(
    known: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    known.zoom.emulator.change(known.number(SESSION), {"settings": {"approval_type": 1}})
    known.look_at(SESSION)
    known.visit_zoom(SESSION, email=MAIL)
    known.zoom.emulator.inject(Fault(kind="drop", endpoint="set-status", times=None))
    asked = known.asked_of_zoom()
    known.register(HERE)
    assert known.asked_of_zoom() - asked < 10


def test_one_whose_status_zoom_will_not_change_keeps_no_other_from_theirs(known: House) -> None:
    known.zoom.emulator.change(known.number(SESSION), {"settings": {"approval_type": 1}})
    known.hear()
    for one in range(4):
        known.visit_zoom(SESSION, email=f"person{one}@ngo.example.org")
    with known.zoom_away():
        for one in range(4):
            known.process(known.receive(HERE | {"email": f"person{one}@ngo.example.org"}))
    # The call for all of them is refused, then the first alone.
    known.zoom.emulator.inject(Fault(kind="case", case="validation_failed", endpoint="set-status", times=2))
    known.retry_now()
    known.tend_all()
    assert known.kinds() == ["invitation"] * 3


def test_with_manual_approval_one_registration_costs_a_handful_of_calls(known: House) -> None:
    known.zoom.emulator.change(known.number(SESSION), {"settings": {"approval_type": 1}})
    known.look_at(SESSION)
    asked = known.asked_of_zoom()
    known.register(HERE)
    assert known.kinds() == ["invitation"]
    assert known.asked_of_zoom() - asked == 5  # two lists, the addition, the approval, the link


def test_who_goes_makes_room_before_those_who_wait_are_asked_for(house: House) -> None:
    house.zoom.emulator.configure(webinar_capacity=2)
    with house.zoom_away():
        for one in range(33):
            house.process(house.receive(HERE | {"email": f"person{one:02}@ngo.example.org"}))
    house.retry_now()
    house.tend_all()
    inside = {one["email"] for one in house.at_zoom(SESSION, "approved")}
    with house.toolbox.database.write() as session:
        session.execute(
            update(RegistrantRow).where(RegistrantRow.status == "approved")
            .values(created_at=datetime(2021, 6, 1, 12, tzinfo=UTC))
        )  # fmt: skip
    for one in inside:
        house.withdraw(one)
    house.retry_now()
    house.tend_all()
    after = {one["email"] for one in house.at_zoom(SESSION, "approved")}
    assert (len(inside), len(after), inside & after) == (2, 2, set())


def test_what_changes_while_the_event_is_read_is_read_again(known: House, monkeypatch: pytest.MonkeyPatch) -> None:
    known.look_at(SESSION)
    real, done = ZoomClient.event, list[int]()

    def slow(self: ZoomClient, kind: EventKind, number: int) -> ZoomEventDetails:
        found = real(self, kind, number)
        if not done:
            done.append(number)
            known.zoom.emulator.change(known.number(SESSION), {"start_time": "2021-06-14T16:30:00Z"})
            known.hear()
        return found

    known.notified_event(SESSION)
    monkeypatch.setattr(ZoomClient, "event", slow)
    assert known.look_at(SESSION).checked_at is None
    assert [one["code"] for one in known.look_at(SESSION).differences] == ["time"]


def test_where_the_portal_keeps_zooms_mails_on_they_are_not_switched_off_again_and_again(house: House) -> None:
    house.zoom.emulator.configure(mails_locked=True)
    for _ in range(4):
        house.look_at(SESSION)
        house.notified_event(SESSION)
    assert [one["code"] for one in house.zoom_event(SESSION).differences] == ["mails-on"]
    assert sum(one["endpoint"] == "update-event" for one in house.zoom.emulator.calls()) == 1


def test_left_before_joined_is_one_stay(tmp_path: Path, database_url: str) -> None:
    text = SHARED.replace("event: 98123456780}", "event: 98123456780, record_attendance: true}", 1)
    with a_house(tmp_path, database_url, conferences=programme_in(tmp_path, text)) as house:
        house.register(OLGA | {"sessions": ["first"]}, conference="shared")
        house.hear()
        for at, what in (("10:00:40", "join"), ("10:50:00", "leave")):
            house.at(f"2021-09-20T{at}+02:00")
            house.zoom.emulator.act(98123456780, what, MAIL)
        house.hear(backwards=True)
        with house.toolbox.database.read() as session:
            (stay,) = session.scalars(select(AttendanceRow)).all()
        assert stay.left_at is not None
        assert (stay.joined_at.strftime("%H:%M:%S"), stay.left_at.strftime("%H:%M:%S")) == ("08:00:40", "08:50:00")


def test_what_zoom_told_is_not_kept(known: House) -> None:
    known.visit_zoom(SESSION)
    known.zoom.emulator.act(known.number(SESSION), "join", "robin@ngo.example.org")
    assert [known.envelope(one).sealed_body for one in known.hear()] == [b"", b""]


def test_a_registration_of_a_version_before_zoom_gets_its_link(known: House) -> None:
    with known.zoom_away():
        known.process(known.receive(HERE))
    with known.toolbox.database.write() as session:
        session.execute(delete(RegistrantRow))
    with known.toolbox.database.write() as session:
        wishes.wish_for_old_ones(known.toolbox, session, 10)
    known.retry_now()
    known.tend_all()
    assert known.kinds() == ["invitation"]


def test_two_turns_that_are_refused_for_the_whole_account_at_once_do_not_block_each_other(house: House) -> None:
    ids = sorted(house.zoom_event(one).id for one in (SESSION, "cedaw-gr38", "day-1", "demand-research-launch"))
    lost: list[str] = []

    def refused(event_id: str, barrier: threading.Barrier) -> None:
        with house.toolbox.database.read() as session:
            event = events.opened(house.toolbox, session, session.get_one(ZoomEventRow, event_id))
        barrier.wait()
        try:
            troubles.of_event(house.toolbox, event, Refusal(endpoint="token", status=503))
        except DatabaseUnavailable as wrong:
            lost.append(str(wrong))

    for _ in range(5):
        barrier = threading.Barrier(2)
        both = [threading.Thread(target=refused, args=(one, barrier)) for one in (ids[0], ids[-1])]
        for one in both:
            one.start()
        for one in both:
            one.join()
    assert lost == []


def test_an_approval_and_a_cancellation_judged_at_once_end_in_the_later_of_the_two(known: House) -> None:
    known.zoom.emulator.change(known.number(SESSION), {"settings": {"approval_type": 1}})
    known.hear()
    known.visit_zoom(SESSION)
    known.hear()
    for second, what in enumerate(("approve", "cancel")):
        known.at(f"2021-06-01T09:40:0{second}+02:00")
        known.zoom.emulator.act(known.number(SESSION), what, "robin@ngo.example.org")
    bodies = [one["body"] for one in known.zoom.emulator.notifications()][-2:]
    envelopes = [known.recorded(body) for body in bodies]
    both = [threading.Thread(target=intake.judge, args=(known.toolbox, one)) for one in reversed(envelopes)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    with known.toolbox.database.read() as session:
        places = [row.state for row in session.scalars(select(RegistrationRow))]
    assert places in ([], ["withdrawn"])
    known.tend_all()
    assert [one["status"] for one in known.at_zoom(SESSION)] == ["denied"]


def test_a_comparison_by_hand_puts_right_also_what_is_very_much(known: House) -> None:
    for one in range(8):
        known.register(HERE | {"email": f"person{one}@ngo.example.org"})
    with known.zoom.emulator.working() as work:
        work.run("DELETE FROM registrants")
    event = known.zoom_event(SESSION).id
    cautious = stage.compare(known.toolbox, event, force=False)
    forced = stage.compare(known.toolbox, event, force=True)
    assert cautious is not None
    assert forced is not None
    assert (cautious["left_alone"], forced["left_alone"], forced["missing_at_zoom"]) == (8, 0, 8)
    known.tend_all()
    assert len(known.at_zoom(SESSION, "approved")) == 8
    with known.toolbox.database.read() as session:
        assert len(session.scalars(select(ParticipantRow)).all()) == 8


def test_a_limit_per_day_says_until_when_and_lets_the_account_go_on_by_itself(known: House) -> None:
    day = Fault(kind="case", case="rate_daily", endpoint="list-registrants")
    known.zoom.emulator.inject(day)
    known.register(HERE)
    row = known.zoom_event(SESSION)
    assert (row.due_at is not None, known.kinds()) == (True, [])
    known.retry_now()
    known.tend_all()
    assert (known.zoom_event(SESSION).due_at, known.kinds()) == (None, ["invitation"])


def test_an_event_is_found_although_one_call_of_the_long_search_fails(house: House) -> None:
    for one in range(30):
        house.zoom.emulator.create("osce-org", "webinar", {
            "topic": f"Decoy {one}", "start_time": "2021-06-20T10:00:00Z", "duration": 60,
            "settings": {"approval_type": 0},
        })  # fmt: skip
    house.zoom.emulator.inject(Fault(kind="status", status=502, endpoint="get-event", percent=10, times=None))
    house.register(HERE)
    assert house.kinds() == ["invitation"]


def test_a_stranger_who_no_longer_waits_at_zoom_is_no_longer_counted(known: House) -> None:
    known.zoom.emulator.change(known.number(SESSION), {"settings": {"approval_type": 1}})
    known.visit_zoom(SESSION)
    known.hear()
    with known.zoom.emulator.working() as work:
        work.run("DELETE FROM registrants")
    known.at("2021-06-02T03:30:00+02:00")
    known.tend_all()
    with known.toolbox.database.read() as session:
        assert "pending" not in {state for _, state in registrants.counts(session)}
