"""How often the emulated Zoom lets itself be called."""

from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.servers.zoom import an_account
from tests.web.zoom_lab import Lab, a_lab, refused


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    """A lab of a free account: few calls are many."""
    with a_lab(tmp_path, an_account("osce-org", plan="free")) as one:
        yield one


def meeting(lab: Lab) -> str:
    """The path of a meeting."""
    return f"/meetings/{lab.event('meeting')}"


def limits_of(answer: httpx2.Response) -> dict[str, str]:
    """The headers that speak of limits."""
    return {
        name: value for name, value in answer.headers.items() if name.startswith("x-ratelimit") or name == "retry-after"
    }


def test_each_category_has_its_own_second(lab: Lab) -> None:
    path = meeting(lab)
    assert [lab.call("GET", path).status_code for _ in range(5)] == [200, 200, 200, 200, 429]
    assert [lab.call("GET", f"{path}/registrants").status_code for _ in range(3)] == [200, 200, 429]
    lab.machine.pass_by(seconds=1)
    assert lab.call("GET", path).status_code == 200


def test_a_refused_call_says_what_the_sample_says(lab: Lab) -> None:
    path = meeting(lab)
    for _ in range(4):
        lab.call("GET", path)
    answer = lab.call("GET", path)
    assert refused(answer) == (429, 429)
    assert limits_of(answer) == {
        "x-ratelimit-category": "Light", "x-ratelimit-type": "QPS", "x-ratelimit-limit": "4",
        "x-ratelimit-remaining": "0",
    }  # fmt: skip


def test_a_day_ends_at_midnight_utc_and_the_answer_says_so_as_a_date(lab: Lab) -> None:
    path = meeting(lab)
    lab.call("GET", "/users/me")
    with lab.emulator.working() as work:
        work.run("UPDATE counters SET count = 6000 WHERE key = 'osce-org/light/day'")
    lab.machine.pass_by(seconds=1)
    answer = lab.call("GET", path)
    assert refused(answer) == (429, 429)
    assert limits_of(answer) == {
        "x-ratelimit-category": "Light", "x-ratelimit-type": "Daily-limit", "x-ratelimit-limit": "6000",
        "x-ratelimit-remaining": "0", "retry-after": "2026-09-02T00:00:00Z",
    }  # fmt: skip
    lab.clock.pass_by(hours=15)
    assert lab.call("GET", path).status_code == 200


def test_headers_can_be_left_out_and_limits_switched_off(lab: Lab) -> None:
    path = meeting(lab)
    lab.emulator.configure(rate_headers=False)
    answers = [lab.call("GET", path) for _ in range(5)]
    assert [limits_of(one) for one in answers] == [{}] * 5
    lab.emulator.configure(limits=False)
    assert [lab.call("GET", path).status_code for _ in range(10)] == [200] * 10


def test_one_person_is_added_thrice_a_day_to_one_event(tmp_path: Path) -> None:
    with a_lab(tmp_path) as lab:
        number = lab.event()
        assert [lab.add(number).status_code for _ in range(4)] == [201, 201, 201, 429]
        answer = lab.add(number)
        assert limits_of(answer) == {"x-ratelimit-limit": "3", "x-ratelimit-remaining": "0"}
        assert "daily rate limit of (3) for Add a webinar registrant API" in answer.json()["message"]
        assert lab.add(lab.event()).status_code == 201
        assert lab.add(number, email="other@example.org").status_code == 201
        lab.clock.pass_by(hours=15)
        assert lab.add(number).status_code == 201


def test_or_thrice_a_day_across_all_events_of_the_account(tmp_path: Path) -> None:
    with a_lab(tmp_path, person_limit="account") as lab:
        assert [lab.add(lab.event()).status_code for _ in range(4)] == [201, 201, 201, 429]


@pytest.mark.parametrize(("counted", "status"), [(True, 429), (False, 201)])
def test_batches_may_share_the_count_of_a_person(tmp_path: Path, counted: bool, status: int) -> None:
    with a_lab(tmp_path, person_limit_in_batches=counted) as lab:
        number = lab.event()
        for _ in range(3):
            lab.add(number)
        said = {"registrants": [{"first_name": "Olga", "email": "olga@mission.example.org"}]}
        assert lab.call("POST", f"/webinars/{number}/batch_registrants", said).status_code == status


def test_a_hosts_events_are_made_and_changed_a_hundred_times_a_day(tmp_path: Path) -> None:
    with a_lab(tmp_path) as lab:
        number = lab.event()
        for count in range(100):
            lab.machine.pass_by(seconds=1)
            assert lab.call("PATCH", f"/webinars/{number}", {"agenda": f"{count}"}).status_code == 204
        assert refused(lab.call("PATCH", f"/webinars/{number}", {"agenda": "too often"})) == (429, 429)


def test_a_status_is_changed_ten_times_a_day(tmp_path: Path) -> None:
    with a_lab(tmp_path) as lab:
        number = lab.event()
        lab.add(number)
        path, who = f"/webinars/{number}/registrants/status", [{"email": "olga@mission.example.org"}]
        answers = [lab.call("PUT", path, {"action": "approve", "registrants": who}).status_code for _ in range(11)]
        assert answers == [204] * 10 + [429]
