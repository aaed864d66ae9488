"""Faults of the emulated Zoom, over real sockets where a connection is concerned."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount

from config.settings import ROOT
from tests.servers.zoom import ZoomServer, a_zoom, serving
from tests.web.zoom_lab import OLGA, START, Lab, a_lab, refused
from web.pages import Pages
from web.problems import Answers
from web.safety import Safety
from web.zoom_emulator.app import create_emulator
from web.zoom_emulator.faults import Fault
from web.zoom_emulator.refusals import CASES

ERRORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).resolve().parent.parent / "adapters" / "zoom_samples" / "errors.json").read_text("utf-8")
)
NUMBERS = {"webinar": 98123456780, "meeting": 95511223344}


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    """A lab without limits."""
    with a_lab(tmp_path, limits=False) as one:
        yield one


@pytest.mark.parametrize("error", ERRORS, ids=[one["case"] for one in ERRORS])
def test_every_known_error_can_be_injected_and_reads_as_the_sample(lab: Lab, error: dict[str, Any]) -> None:
    lab.clock.at = lab.clock.at.replace(month=10, day=1)
    kind = (
        "meeting" if "Meeting" in error["body"]["message"] or error["applies_to"].startswith("meeting") else "webinar"
    )
    lab.call("GET", "/users")
    lab.inject(kind="case", case=error["case"])
    registrant = "y9LrbSy5vfHv_D5aJN3Rhs"
    path, said = f"/{kind}s/{NUMBERS[kind]}/registrants", {**OLGA, "email": "amina.kovac@example.org"}
    answer = (
        lab.call("GET", f"{path}/{registrant}")
        if error["case"] == "registrant_missing"
        else lab.call("POST", path, said)
    )
    assert (answer.status_code, answer.json()) == (error["status"], error["body"])
    named = {name.lower() for name in error["headers"]} - {"content-type", "x-zm-trackingid"}
    assert {name: answer.headers[name] for name in named} == {
        name.lower(): value for name, value in error["headers"].items() if name.lower() in named
    }
    assert answer.headers["content-type"] == error["headers"]["Content-Type"]


@pytest.mark.parametrize(
    ("case", "statuses"),
    [("scope_missing", [400, 401, 403]), ("meeting_full", [400, 404, 404]), ("oauth_invalid_client", [400, 401, 401])],
)
def test_where_several_statuses_are_known_each_can_be_had(lab: Lab, case: str, statuses: list[int]) -> None:
    found = []
    for variant in range(3):
        lab.emulator.configure(variant=variant)
        lab.inject(kind="case", case=case)
        found.append(lab.ask_token().status_code)
    assert found == statuses
    lab.inject(kind="case", case=case, status=418)
    assert lab.ask_token().status_code == 418


def test_every_case_of_ours_can_be_injected(lab: Lab) -> None:
    lab.call("GET", "/users")
    for case in CASES:
        lab.inject(kind="case", case=case)
        assert lab.call("GET", "/users").json()["code"] == CASES[case].code


def test_a_429_can_come_without_its_headers(lab: Lab) -> None:
    lab.call("GET", "/users")
    lab.inject(kind="case", case="rate_daily", headers=False)
    answer = lab.call("GET", "/users")
    assert answer.status_code == 429
    assert not {"retry-after", "x-ratelimit-limit"} & set(answer.headers)


def test_a_fault_falls_on_the_calls_that_it_names_and_so_often(lab: Lab) -> None:
    number, other = lab.event(), lab.event()
    lab.inject(kind="status", status=503, endpoint="add-registrant", event=number, times=2, skip=1)
    answers = [lab.add(number, email=f"p{one}@example.org").status_code for one in range(4)]
    assert answers == [201, 503, 503, 201]
    assert lab.add(other).status_code == 201
    assert lab.call("GET", f"/webinars/{number}").status_code == 200
    assert list(lab.statuses(number)) == ["p0@example.org", "p3@example.org"]


def test_a_fault_of_one_account_leaves_others_alone(lab: Lab) -> None:
    lab.inject(kind="status", account="odihr-pl", times=None)
    assert lab.ask_token().status_code == 200


def test_a_fault_falls_on_a_percentage_of_calls_the_same_each_time(tmp_path: Path) -> None:
    def statuses(folder: str) -> list[int]:
        with a_lab(tmp_path / folder, limits=False, seed=7) as lab:
            lab.call("GET", "/users")
            lab.inject(kind="status", times=None, percent=30)
            return [lab.call("GET", "/users").status_code for _ in range(100)]

    found = statuses("one")
    assert found == statuses("two")
    assert 15 < found.count(503) < 45


@pytest.mark.parametrize(("committed", "present"), [(False, {}), (True, {OLGA["email"]: "approved"})])
@pytest.mark.parametrize(
    ("fault", "status", "media_type"),
    [
        ({"kind": "status", "status": 500}, 500, "text/plain; charset=utf-8"),
        ({"kind": "html"}, 502, "text/html;charset=UTF-8"),
        ({"kind": "html", "status": 200}, 200, "text/html;charset=UTF-8"),
        ({"kind": "error-200", "case": "no_permission"}, 200, "application/json;charset=UTF-8"),
    ],
)
def test_an_answer_is_spoilt_before_or_after_the_work(
    lab: Lab, fault: dict[str, Any], status: int, media_type: str, committed: bool, present: dict[str, str]
) -> None:
    number = lab.event()
    lab.call("GET", "/users")
    lab.inject(**fault, committed=committed)
    answer = lab.add(number)
    assert (answer.status_code, answer.headers["content-type"]) == (status, media_type)
    assert lab.statuses(number) == present


def test_a_200_can_have_an_errors_body(lab: Lab) -> None:
    number = lab.event()
    lab.call("GET", "/users")
    lab.inject(kind="error-200", case="no_permission")
    assert lab.add(number).json() == {"code": 200, "message": "No permission."}


def test_the_journal_names_calls_and_faults_and_nobody(lab: Lab) -> None:
    number = lab.event()
    lab.call("GET", "/users")
    lab.inject(kind="html", committed=True)
    lab.add(number)
    latest = lab.emulator.calls()[0]
    assert {name: latest[name] for name in ("endpoint", "kind", "event", "status", "fault")} == {
        "endpoint": "add-registrant", "kind": "webinar", "event": number, "status": 502, "fault": "html",
    }  # fmt: skip
    assert "olga" not in json.dumps(lab.emulator.state()).lower()


def test_a_spent_fault_is_shown_until_it_is_taken_back(lab: Lab) -> None:
    first = lab.inject(kind="status", endpoint="list-users")
    second = lab.inject(kind="status", endpoint="get-user")
    lab.call("GET", "/users")
    assert [(one["id"], one["applied"]) for one in lab.emulator.state()["faults"]] == [(first, 1), (second, 0)]
    lab.emulator.forget(fault=first)
    assert [one["id"] for one in lab.emulator.state()["faults"]] == [second]
    lab.emulator.forget(faults=True)
    assert lab.emulator.state()["faults"] == []


def test_a_fault_that_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="no such case"):
        Fault(kind="case", case="sunshine")


@pytest.fixture
def zoom(tmp_path: Path) -> Iterator[ZoomServer]:
    """A server."""
    with a_zoom(tmp_path) as one:
        yield one


def an_event(zoom: ZoomServer) -> int:
    """A webinar that lies ahead by every clock."""
    wanted = {"start_time": START.replace("2026", "2099"), "settings": {"approval_type": 0}}
    return zoom.emulator.create("osce-org", "webinar", wanted)


def bearer(zoom: ZoomServer, url: str) -> dict[str, str]:
    """The headers of a caller."""
    account = zoom.account("osce-org")
    said = {"grant_type": "account_credentials", "account_id": account["account_id"]}
    answer = httpx2.post(f"{url}/oauth/token", data=said, auth=(account["client_id"], account["client_secret"]))
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


@pytest.mark.parametrize(("committed", "present"), [(False, 0), (True, 1)])
def test_a_connection_ends_without_an_answer_before_or_after_the_work(
    zoom: ZoomServer, committed: bool, present: int
) -> None:
    number, headers = an_event(zoom), bearer(zoom, zoom.url)
    zoom.emulator.inject(Fault(kind="drop", committed=committed))
    with httpx2.Client(headers=headers) as client:
        with pytest.raises((httpx2.RemoteProtocolError, httpx2.ReadError)):
            client.post(f"{zoom.api_url}/webinars/{number}/registrants", json=OLGA)
        assert len(zoom.emulator.registrants(number)) == present
        assert client.post(f"{zoom.api_url}/webinars/{number}/registrants", json=OLGA).status_code == 201
    assert len(zoom.emulator.registrants(number)) == 1


@pytest.mark.parametrize("protocol", ["httptools", "h11"])
def test_the_connection_ends_also_where_the_emulator_is_mounted_in_the_web_part(
    zoom: ZoomServer, protocol: Any
) -> None:
    pages = Pages(ROOT / "templates" / "web", "")
    outer = Starlette(routes=[Mount("/zoom-emulator", app=create_emulator(zoom.emulator))])
    config = uvicorn.Config(
        Safety(outer, Answers(pages), https=False), port=0, log_config=None, http=protocol, lifespan="off"
    )
    number = an_event(zoom)
    with serving(config) as address:
        headers = bearer(zoom, f"{address}/zoom-emulator")
        zoom.emulator.inject(Fault(kind="drop", committed=True))
        with pytest.raises((httpx2.RemoteProtocolError, httpx2.ReadError)):
            httpx2.post(f"{address}/zoom-emulator/v2/webinars/{number}/registrants", json=OLGA, headers=headers)
    assert len(zoom.emulator.registrants(number)) == 1


@pytest.mark.parametrize("committed", [False, True])
def test_a_slow_answer_comes_too_late_for_who_does_not_wait_and_the_work_is_done_all_the_same(
    zoom: ZoomServer, committed: bool
) -> None:
    number, headers = an_event(zoom), bearer(zoom, zoom.url)
    address = f"{zoom.api_url}/webinars/{number}/registrants"
    zoom.emulator.inject(Fault(kind="latency", seconds=0.5, committed=committed))
    with httpx2.Client(headers=headers) as client:
        with pytest.raises(httpx2.ReadTimeout):
            client.post(address, json=OLGA, timeout=0.2)
        assert len(zoom.emulator.registrants(number)) == int(committed)
        assert client.post(address, json=OLGA, timeout=10).status_code == 201
        zoom.emulator.inject(Fault(kind="latency", seconds=0.01, committed=committed))
        assert client.post(address, json=OLGA, timeout=10).status_code == 201
    assert len(zoom.emulator.registrants(number)) == 1


def test_without_a_connection_to_end_a_call_fails_as_a_broken_one_does(lab: Lab) -> None:
    lab.inject(kind="drop")
    with pytest.raises(ConnectionAbortedError):
        lab.ask_token()


def test_refused_calls_of_nobody_are_faulty_too(lab: Lab) -> None:
    lab.token = "invented"
    lab.inject(kind="case", case="token_expired")
    answer = lab.call("GET", "/users")
    assert refused(answer) == (401, 124)
    assert answer.json()["message"] == "Access token is expired."
