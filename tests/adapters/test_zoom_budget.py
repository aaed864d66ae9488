"""How often Zoom may be asked, by all workers together."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import httpx2
import pytest
from structlog.testing import capture_logs

from adapters.broker.embedded import EmbeddedBroker
from adapters.zoom import budget as module
from adapters.zoom.budget import PER_DAY, PER_SECOND, Budget, BudgetBook, Place
from adapters.zoom.client import ZoomRefused
from schemas.zoom import Category, NewRegistrant, Refusal
from tests.adapters.zoom_lab import WEBINAR, Desk, Moment, RecordedZoom, a_desk, nobody, sample
from tests.servers.broker import kill, restart

NOOR = NewRegistrant(email="noor.single@example.org", first_name="Noor")
AMINA = NewRegistrant(email="amina.kovac@example.org", first_name="Amina")
REGISTRANTS = f"/webinars/{WEBINAR}/registrants"


@pytest.fixture
def book(broker: EmbeddedBroker) -> Iterator[BudgetBook]:
    one = BudgetBook(broker.address)
    yield one
    one.close()


def a_budget(book: BudgetBook, plan: module.Plan = "pro", now: Moment | None = None, account: str = "a") -> Budget:
    return Budget(book, account, plan, now or Moment())


@pytest.mark.parametrize("plan", PER_SECOND)
@pytest.mark.parametrize("category", ["light", "medium", "heavy"])
def test_no_second_ever_sees_more_calls_than_the_plan_allows(
    tmp_path: Path, plan: module.Plan, category: Category
) -> None:
    budget = a_budget(BudgetBook(nobody(tmp_path)), plan)
    interval, together = budget._interval(category), budget._tolerance(category)
    assert (1e6 + together) // interval + 1 <= PER_SECOND[plan][category]


def test_places_are_an_interval_apart(broker: EmbeddedBroker, book: BudgetBook) -> None:
    budget, due = a_budget(book, "pro"), []
    budget.rest("light", 600)
    with broker.address.client() as client:
        for _ in range(4):
            assert budget.take("light", longest_wait=1000).granted
            due.append(int(client.get("convenor:zoom:a:pace:light") or 0))
    # 30 a second, of which we use 24.
    assert [after - before for before, after in pairwise(due)] == pytest.approx([1e6 / 24] * 3, abs=1)


def test_a_place_that_is_far_away_is_not_taken(book: BudgetBook) -> None:
    budget = a_budget(book, "free")
    budget.rest("heavy", 600)
    refused = [budget.take("heavy", longest_wait=2) for _ in range(100)]
    assert {(one.granted, one.daily) for one in refused} == {(False, False)}
    assert all(one.wait <= 600 for one in refused)


def test_two_processes_share_one_budget_and_two_accounts_do_not(broker: EmbeddedBroker, book: BudgetBook) -> None:
    other = BudgetBook(broker.address)
    for _ in range(100):  # a hundred heavy calls of a free account take two minutes
        assert a_budget(book, "free").take("heavy", 1000).granted
    assert not a_budget(other, "free").take("heavy", 2).granted
    assert a_budget(other, "free", account="b").take("heavy", 2).granted
    other.close()


def test_categories_do_not_use_up_each_others_places(book: BudgetBook) -> None:
    budget = a_budget(book, "free")
    categories: tuple[Category, ...] = ("heavy", "medium", "light")
    assert [budget.take(one, 0.2).granted for one in categories] == [True] * 3


def test_a_day_ends_before_zoom_says_so_and_another_begins_at_midnight_utc(
    book: BudgetBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(PER_DAY, "free", {"light": 4})
    now = Moment(datetime(2021, 6, 14, 23, 0, tzinfo=UTC))
    budget = a_budget(book, "free", now)
    assert [budget.take("light", 60).granted for _ in range(3)] == [True] * 3
    assert budget.take("light", 60) == Place(granted=False, wait=3600.0, daily=True)
    now.pass_by(hours=1)
    assert budget.take("light", 60).granted


def test_light_calls_have_no_limit_per_day_with_a_licence(book: BudgetBook) -> None:
    assert "light" not in PER_DAY["pro"]
    assert a_budget(book, "pro").take("light", 60).granted


def test_a_day_that_zoom_has_ended_stays_so_until_it_says(book: BudgetBook) -> None:
    now = Moment(datetime(2021, 6, 14, 20, 0, tzinfo=UTC))
    budget = a_budget(book, "pro", now)
    budget.end_day("light", 600.0)
    assert budget.take("light", 60) == Place(granted=False, wait=600.0, daily=True)
    now.pass_by(minutes=10)
    assert budget.take("light", 60).granted


def test_a_day_that_zoom_has_ended_without_a_word_ends_at_midnight_utc(book: BudgetBook) -> None:
    budget = a_budget(book, "pro", Moment(datetime(2021, 6, 14, 20, 0, tzinfo=UTC)))
    budget.end_day("medium", None)
    assert budget.take("medium", 60) == Place(granted=False, wait=4 * 3600.0, daily=True)
    assert budget.take("light", 60).granted


def test_after_a_limit_per_second_all_workers_rest(broker: EmbeddedBroker, book: BudgetBook) -> None:
    other = BudgetBook(broker.address)
    a_budget(book).rest("light", 30.0)
    place = a_budget(other).take("light", 2.0)
    assert (place.granted, place.daily, 29 < place.wait <= 30) == (False, False, True)
    other.close()


def test_a_person_is_added_three_times_a_day_across_events(book: BudgetBook) -> None:
    now = Moment(datetime(2021, 6, 14, 23, 59, tzinfo=UTC))
    budget = a_budget(book, now=now)
    assert [budget.admit("one") for _ in range(4)] == [True, True, True, False]
    assert budget.admit("another")
    now.pass_by(minutes=1)
    assert budget.admit("one")


def test_what_was_no_addition_is_not_counted(book: BudgetBook) -> None:
    budget = a_budget(book)
    for _ in range(5):
        assert budget.admit("one")
        budget.take_back("one")
    budget.take_back("one")
    assert [budget.admit("one") for _ in range(4)] == [True, True, True, False]


def test_who_zoom_says_is_used_up_is_so_at_once(book: BudgetBook) -> None:
    budget = a_budget(book)
    budget.use_up("one")
    assert not budget.admit("one")


def test_every_key_expires_and_names_nobody(broker: EmbeddedBroker, book: BudgetBook) -> None:
    budget = a_budget(book, "free")
    budget.take("light", 60)
    budget.rest("medium", 5)
    budget.end_day("heavy", 60)
    budget.admit("0a1b")
    with broker.address.client() as client:
        keys = client.keys()
        assert sorted(keys) == [
            b"convenor:zoom:a:day:light:2026-10-01", b"convenor:zoom:a:pace:light", b"convenor:zoom:a:pace:medium",
            b"convenor:zoom:a:person:0a1b:2026-10-01", b"convenor:zoom:a:shut:heavy",
        ]  # fmt: skip
        assert all(0 < client.pttl(key) <= 2 * 86_400_000 for key in keys)


def test_a_broker_that_was_wiped_costs_nothing_but_what_it_knew(broker: EmbeddedBroker, book: BudgetBook) -> None:
    budget = a_budget(book, "free")
    budget.use_up("one")
    with broker.address.client() as client:
        client.flushall()
        client.script_flush()
    assert budget.admit("one")
    assert budget.take("heavy", 0.5).granted


def test_a_broker_that_goes_away_is_done_without_and_found_again(
    broker: EmbeddedBroker, book: BudgetBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PAUSE", 0.0)
    budget = a_budget(book, "free")
    budget.use_up("one")
    kill(broker)
    with capture_logs() as logs:
        assert [budget.admit("one") for _ in range(3)] == [True] * 3
        assert [budget.take("heavy", 0.1).granted for _ in range(3)] == [True] * 3
        budget.rest("heavy", 5)
        budget.take_back("one")
    assert [one["event"].partition(" is ")[0] for one in logs] == ["the shared Zoom budget"]
    restart(broker)
    budget.take("heavy", 0.1)
    with broker.address.client() as client:
        assert client.exists("convenor:zoom:a:pace:heavy")


def test_a_broker_that_does_not_answer_is_not_waited_for_by_every_call(tmp_path: Path) -> None:
    book = BudgetBook(nobody(tmp_path))
    budget = a_budget(book, "free")
    tries = []
    book._asked(lambda: tries.append(1))
    assert budget.take("heavy", 0.1).granted
    book._asked(lambda: tries.append(2))
    assert tries == [1]


# The client with its budget


@pytest.fixture
def desk(broker: EmbeddedBroker, tmp_path: Path) -> Iterator[Desk]:
    one = a_desk(tmp_path / "var", broker=broker.address, plan="free")
    yield one
    one.accounts.close()


@pytest.mark.parametrize(("wait", "slept"), [(0.0, []), (1.3, [1.3])])
def test_a_short_wait_is_slept(desk: Desk, monkeypatch: pytest.MonkeyPatch, wait: float, slept: list[float]) -> None:
    asked: list[tuple[Category, float]] = []

    def take(_: Budget, category: Category, longest_wait: float) -> Place:
        asked.append((category, longest_wait))
        return Place(granted=True, wait=wait)

    monkeypatch.setattr(Budget, "take", take)
    desk.zoom.answer("PUT", f"{REGISTRANTS}/status", httpx2.Response(204))
    desk.client.set_status("webinar", WEBINAR, "approve", [("id", NOOR.email)])
    assert (asked, desk.slept) == ([("medium", 2.0)], slept)


@pytest.mark.parametrize(
    ("place", "daily", "retry_after"),
    [(Place(granted=False, wait=2.5), False, 2.5), (Place(granted=False, wait=0.2, daily=True), True, 1.0)],
)
def test_a_long_wait_is_refused_before_zoom_is_asked(
    desk: Desk, monkeypatch: pytest.MonkeyPatch, place: Place, daily: bool, retry_after: float
) -> None:
    monkeypatch.setattr(Budget, "take", lambda *_: place)
    with pytest.raises(ZoomRefused, match=r"^set-status: budget$") as caught:
        desk.client.set_status("webinar", WEBINAR, "approve", [("id", NOOR.email)])
    assert caught.value.refusal == Refusal(
        endpoint="set-status", kind="webinar", category="medium", daily=daily, retry_after=retry_after, ours="budget"
    )
    assert (desk.slept, desk.zoom.calls()) == ([], [])


def test_who_was_added_three_times_is_not_asked_for_a_fourth_time(desk: Desk) -> None:
    desk.zoom.answer("POST", REGISTRANTS, sample("webinar_registrant_add_response"), status=201)
    for _ in range(3):
        desk.client.add("webinar", WEBINAR, NOOR, "noor")
    with pytest.raises(ZoomRefused) as caught:
        desk.client.add("webinar", WEBINAR, NOOR, "noor")
    assert caught.value.refusal == Refusal(
        endpoint="add-registrant", kind="webinar", daily=True, limit=3, ours="person-budget"
    )
    assert len(desk.zoom.calls()) == 3


@pytest.mark.parametrize(
    "answer",
    [
        httpx2.Response(503, html="<h1>Unavailable</h1>"),
        httpx2.Response(400, json={"code": 300, "message": "Validation Failed."}),
        httpx2.Response(429, json={"code": 429, "message": "per-second"}, headers={"X-RateLimit-Type": "QPS"}),
        httpx2.ConnectError("nobody"),
        httpx2.ReadTimeout("slow"),
    ],
)
def test_an_addition_that_was_none_costs_nothing(
    broker: EmbeddedBroker, tmp_path: Path, answer: httpx2.Response | Exception
) -> None:
    zoom = RecordedZoom()
    zoom.answer("POST", REGISTRANTS, answer)
    desk = a_desk(tmp_path, zoom, broker.address, plan="business")
    with pytest.raises(ZoomRefused):
        desk.client.add("webinar", WEBINAR, NOOR, "noor")
    with broker.address.client() as client:
        assert [client.get(key) for key in client.keys("*:person:noor:*")] == [b"0"]
    desk.accounts.close()


def test_who_zoom_refuses_for_today_is_not_asked_for_again(desk: Desk) -> None:
    case = next(one for one in sample("errors") if one["case"] == "rate_same_registrant")
    desk.zoom.answer("POST", REGISTRANTS, httpx2.Response(429, json=case["body"]))
    refusals = []
    for _ in range(2):
        with pytest.raises(ZoomRefused) as caught:
            desk.client.add("webinar", WEBINAR, NOOR, "noor")
        refusals.append(caught.value.refusal.ours)
    assert refusals == ["", "person-budget"]
    assert len(desk.zoom.calls()) == 1


def test_who_zoom_refuses_until_an_instant_is_asked_for_again_when_it_has_come(desk: Desk) -> None:
    case = next(one for one in sample("errors") if one["case"] == "rate_same_registrant")
    refused = httpx2.Response(429, json=case["body"], headers={"Retry-After": "2026-10-01T09:31:00Z"})
    desk.zoom.answer("POST", REGISTRANTS, refused, httpx2.Response(201, json=sample("webinar_registrant_add_response")))
    with pytest.raises(ZoomRefused) as caught:
        desk.client.add("webinar", WEBINAR, NOOR, "noor")
    assert caught.value.refusal.retry_after == 60.0
    assert desk.client.add("webinar", WEBINAR, NOOR, "noor").join_url is not None


def test_a_batch_goes_without_those_who_had_enough_today(desk: Desk) -> None:
    path = f"/webinars/{WEBINAR}/batch_registrants"
    desk.zoom.answer("POST", path, sample("webinar_batch_registrants_response"), status=201)
    budget = desk.client._additions._budget
    budget.use_up("amina")
    found = desk.client.add_batch("webinar", WEBINAR, [(AMINA, "amina"), (NOOR, "noor")])
    assert [one.email for one in found] == [NOOR.email]
    assert [one["email"] for one in desk.zoom.bodies()[0]["registrants"]] == [NOOR.email]
    with pytest.raises(ZoomRefused) as caught:
        desk.client.add_batch("webinar", WEBINAR, [(AMINA, "amina")])
    assert caught.value.refusal.ours == "person-budget"


def test_a_day_that_zoom_has_ended_is_ended_for_all(desk: Desk) -> None:
    case = next(one for one in sample("errors") if one["case"] == "rate_daily")
    desk.zoom.answer("GET", f"/webinars/{WEBINAR}", httpx2.Response(429, json=case["body"], headers=case["headers"]))
    ours = []
    for _ in range(2):
        with pytest.raises(ZoomRefused) as caught:
            desk.client.event("webinar", WEBINAR)
        ours.append((caught.value.refusal.ours, caught.value.refusal.daily, caught.value.refusal.retry_after))
    assert ours == [("", True, 52_200.0), ("budget", True, 52_200.0)]
    assert len(desk.zoom.calls()) == 1


def test_a_second_that_zoom_calls_used_up_is_over_for_all(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    rested: list[tuple[Category, float]] = []
    monkeypatch.setattr(Budget, "rest", lambda _, category, seconds: rested.append((category, seconds)))
    ended = {"X-RateLimit-Type": "QPS", "X-RateLimit-Remaining": "0"}
    limited = next(one for one in sample("errors") if one["case"] == "rate_per_second")
    desk.zoom.answer(
        "GET", f"/webinars/{WEBINAR}", httpx2.Response(200, json=sample("webinar_get_response"), headers=ended),
        httpx2.Response(429, json=limited["body"], headers=limited["headers"] | {"Retry-After": "4"}),
    )  # fmt: skip
    desk.client.event("webinar", WEBINAR)
    with pytest.raises(ZoomRefused):
        desk.client.event("webinar", WEBINAR)
    assert rested == [("light", 1.0), ("light", 4.0)]
