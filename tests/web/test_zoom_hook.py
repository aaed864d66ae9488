"""The door for Zoom's events: who signed them and when, what is answered at once, and that nothing is kept twice."""

import hashlib
import hmac
import json
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry
from pydantic import SecretStr
from sqlalchemy import update
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Route
from structlog.testing import capture_logs

from adapters.database import envelopes, zoom_events
from adapters.database.engine import DatabaseUnavailable
from adapters.database.tables import EnvelopeRow, ZoomEventRow
from adapters.database.zoom_events import Planned
from config.settings import ROOT, ZoomAccount
from schemas.programme import ZoomEvent
from tests.web.conftest import Door, House
from tests.web.street import JSON, NOW
from web import zoom_hook
from web.inbox import Inbox
from web.pages import Pages
from web.problems import Answers
from web.safety import Safety
from web.zoom_hook import ZoomHook

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # what is tested is in front of it

SAMPLES = Path(__file__).parents[1] / "domain" / "conferencing" / "samples"
SECRET = b"fictitious-zoom-secret-token"
ACCOUNT = ZoomAccount(account_id="a", client_id="b", client_secret=SecretStr("c"))
HOOK = "/hooks/zoom/osce-org"
CREATED = (SAMPLES / "zoom_webhook_webinar_registration_created.json").read_bytes()
VALIDATION = (SAMPLES / "zoom_webhook_endpoint_url_validation.json").read_bytes()
PUBLISHED = json.dumps(json.loads(CREATED), ensure_ascii=False, separators=(",", ":")).encode()
"""The body of the published vector: the sample in compact form."""
VECTOR = {"content-type": JSON, "x-zm-request-timestamp": "1788253500",
          "x-zm-signature": "v0=89db48b30d6ec48d346bb78670f3f2f7a277c72616c25ac3ca4de414efd3bad0"}  # fmt: skip


class Gate:
    """The door on its own, with two accounts whose secrets are known."""

    def __init__(self, house: House) -> None:
        self.registry = CollectorRegistry()
        self.secrets = {"osce-org": SECRET, "odihr-pl": b"another-fictitious-token"}
        house.set(zoom_accounts=dict.fromkeys(self.secrets, ACCOUNT))
        inbox = Inbox(house.toolbox, lambda task, *ids: house.queued.extend((task, one) for one in ids))
        hook = ZoomHook(house.toolbox, inbox, self.registry, self.secrets.get)
        answers = Answers(Pages(ROOT / "templates" / "web", ""))
        app = Starlette(
            routes=[Route("/hooks/zoom/{account}", hook.answer, methods=["GET", "HEAD", "POST", "PUT", "DELETE"])],
            middleware=[Middleware(Safety, answers=answers, https=False)],
            exception_handlers={HTTPException: answers.refused},
        )
        self.door = Door(app, ("192.0.2.7", 50000))

    def counted(self) -> dict[tuple[str, str], float]:
        """What became of the posts, by account and outcome."""
        return {
            (sample.labels["account"], sample.labels["outcome"]): sample.value
            for metric in self.registry.collect() for sample in metric.samples if sample.name.endswith("_total")
        }  # fmt: skip

    def post(self, body: bytes, headers: Any = None, address: str = HOOK) -> tuple[int, Any]:
        """Status and JSON of the answer."""
        answer = self.door.post(address, content=body, headers=signed(body) if headers is None else headers)
        return answer.status_code, answer.json()


@pytest.fixture
def gate(house: House) -> Iterator[Gate]:
    """The door."""
    gate = Gate(house)
    with gate.door:
        yield gate


def signed(body: bytes, *, at: datetime = NOW, secret: bytes = SECRET) -> dict[str, str]:
    """The headers of a post, signed as Zoom documents it."""
    timestamp = str(int(at.timestamp()))
    mac = hmac.digest(secret, f"v0:{timestamp}:".encode() + body, hashlib.sha256).hex()
    return {"content-type": JSON, "x-zm-request-timestamp": timestamp, "x-zm-signature": f"v0={mac}"}


def rows(house: House) -> list[EnvelopeRow]:
    """All that is in the inbox."""
    with house.toolbox.database.read() as session:
        return envelopes.listed(session, states=("received",), limit=10)


def test_the_published_vector_is_sealed_committed_and_then_queued(gate: Gate, house: House) -> None:
    answer = gate.post(PUBLISHED, VECTOR)
    (row,) = rows(house)
    assert answer == (200, {"receipt": row.id})
    assert (row.conference, row.source, row.content_type) == ("osce-org", "zoom", JSON)
    assert envelopes.opened(row, house.toolbox.vault).body == PUBLISHED
    assert house.queued == [("intake.open_envelope", row.id)]
    assert gate.counted() == {("osce-org", "accepted"): 1}


def test_a_bit_of_the_vector_changed_anywhere_is_401(gate: Gate, house: House) -> None:
    name, signature = "x-zm-signature", VECTOR["x-zm-signature"]
    assert gate.post(PUBLISHED[:-1] + b"|", VECTOR)[0] == 401
    assert gate.post(PUBLISHED.replace(b"98123456780", b"98123456781", 1), VECTOR)[0] == 401
    assert gate.post(PUBLISHED, VECTOR | {name: signature[:-1] + "1"})[0] == 401
    assert gate.post(PUBLISHED, VECTOR | {"x-zm-request-timestamp": "1788253501"})[0] == 401
    assert (rows(house), gate.counted()) == ([], {("osce-org", "forged"): 4})


def test_the_same_event_written_otherwise_is_another_envelope(gate: Gate, house: House) -> None:
    as_text = PUBLISHED.replace(b'"id":98123456780', b'"id":"98123456780"')
    assert [gate.post(body)[0] for body in (PUBLISHED, as_text)] == [200, 200]
    assert len(rows(house)) == 2


def test_a_retry_with_a_new_timestamp_gets_the_first_receipt(gate: Gate, house: House) -> None:
    _, first = gate.post(CREATED)
    assert gate.post(CREATED, signed(CREATED, at=NOW + timedelta(minutes=2))) == (
        200, {"receipt": first["receipt"], "duplicate": True},
    )  # fmt: skip
    assert len(rows(house)) == len(house.queued) == 1
    assert gate.counted() == {("osce-org", "accepted"): 1, ("osce-org", "duplicate"): 1}


def test_the_same_bytes_at_two_accounts_are_two_envelopes(gate: Gate, house: House) -> None:
    gate.post(CREATED)
    gate.post(CREATED, signed(CREATED, secret=gate.secrets["odihr-pl"]), "/hooks/zoom/odihr-pl")
    assert {row.conference for row in rows(house)} == {"osce-org", "odihr-pl"}


def test_one_account_cannot_sign_for_another(gate: Gate, house: House) -> None:
    assert gate.post(CREATED, signed(CREATED), "/hooks/zoom/odihr-pl")[0] == 401
    assert rows(house) == []


def test_the_url_validation_is_answered_as_published_and_again_without_the_database(gate: Gate, house: House) -> None:
    with house.toolbox.database.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE envelopes")
    expected = json.loads((SAMPLES / "zoom_webhook_endpoint_url_validation_response.json").read_bytes())
    assert [gate.post(VALIDATION) for _ in range(2)] == [(200, expected)] * 2
    assert gate.counted() == {("osce-org", "validation"): 2}


def test_nothing_is_encrypted_for_who_has_not_signed(gate: Gate) -> None:
    status, answer = gate.post(VALIDATION, signed(VALIDATION, secret=b"guessed"))
    assert (status, "encryptedToken" in answer) == (401, False)


@pytest.mark.parametrize("payload", [{}, {"plainToken": 7}, {"plainToken": ""}, {"plainToken": "v0:1788253500:{}"},
                                     {"plainToken": "a" * 257}])  # fmt: skip
def test_what_could_not_be_a_plain_token_is_400(gate: Gate, payload: dict[str, object]) -> None:
    assert gate.post(json.dumps({"event": "endpoint.url_validation", "payload": payload}).encode())[0] == 400


@pytest.mark.parametrize("minutes", [-5, 5])
def test_five_minutes_either_way_are_tolerated(gate: Gate, minutes: int) -> None:
    assert gate.post(CREATED, signed(CREATED, at=NOW + timedelta(minutes=minutes)))[0] == 200


@pytest.mark.parametrize(
    ("age", "outcome"),
    [
        (timedelta(seconds=301), "late"),
        (timedelta(minutes=85), "late"),
        (timedelta(hours=2), "late"),
        (timedelta(hours=2, seconds=1), "replayed"),
        (timedelta(days=10_000), "replayed"),
        (timedelta(seconds=-301), "early"),
    ],
)
def test_a_right_signature_at_another_time_is_401_and_counted_apart(
    gate: Gate, house: House, age: timedelta, outcome: str
) -> None:
    with capture_logs() as logs:
        status, _ = gate.post(CREATED, signed(CREATED, at=NOW - age))
    assert (status, rows(house), gate.counted()) == (401, [], {("osce-org", outcome): 1})
    assert logs == [{"event": "refused", "log_level": "info", "source": "zoom", "account": "osce-org", "status": 401,
                     "reason": outcome}]  # fmt: skip


def test_in_a_rehearsal_zoom_may_live_in_either_time(gate: Gate, house: House) -> None:
    house.clock.rehearsing, house.clock.moment = True, NOW + timedelta(days=40)
    times = (house.clock.machine, house.clock.moment, NOW + timedelta(days=20))
    assert [gate.post(CREATED, signed(CREATED, at=at))[0] for at in times] == [200, 200, 401]


@pytest.mark.parametrize(
    "change",
    [
        {"x-zm-signature": ""},
        {"x-zm-signature": "v0="},
        {"x-zm-signature": VECTOR["x-zm-signature"].upper()},
        {"x-zm-signature": VECTOR["x-zm-signature"].removeprefix("v0=")},
        {"x-zm-signature": VECTOR["x-zm-signature"].replace("v0", "v1")},
        {"x-zm-signature": "v0=é\u00ff"},
        {"x-zm-request-timestamp": ""},
        {"x-zm-request-timestamp": "now"},
        {"x-zm-request-timestamp": "1788253500.0"},
        {"x-zm-request-timestamp": "-1788253500"},
        {"x-zm-request-timestamp": "9" * 400},
        {"x-zm-request-timestamp": "١٧٨٨٢٥٣٥٠٠"},
    ],
)
def test_a_signature_that_does_not_fit_is_401(gate: Gate, house: House, change: dict[str, str]) -> None:
    headers = {name: value.encode() for name, value in (VECTOR | change).items()}
    answer = gate.door.post(HOOK, content=PUBLISHED, headers=headers)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Zoom")
    assert (rows(house), gate.counted()) == ([], {("osce-org", "forged"): 1})


@pytest.mark.parametrize("name", ["x-zm-request-timestamp", "x-zm-signature"])
def test_each_header_must_be_there_once(gate: Gate, name: str) -> None:
    missing = {one: value for one, value in VECTOR.items() if one != name}
    twice = [*VECTOR.items(), (name, VECTOR[name])]
    assert [gate.post(PUBLISHED, headers)[0] for headers in (missing, twice)] == [401, 401]


def test_an_unknown_account_is_404_and_its_name_is_kept_nowhere(gate: Gate) -> None:
    with capture_logs() as logs:
        assert gate.post(CREATED, address="/hooks/zoom/some-stranger")[0] == 404
    assert gate.counted() == {("unknown", "refused"): 1}
    assert "some-stranger" not in str(logs)


@pytest.mark.parametrize("secrets", [{}, {"osce-org": b""}])
def test_an_account_without_secret_is_404_and_says_so_once_in_the_log(gate: Gate, secrets: dict[str, bytes]) -> None:
    gate.secrets.clear()
    gate.secrets.update(secrets)
    with capture_logs() as logs:
        assert [gate.post(CREATED, signed(CREATED, secret=b""))[0] for _ in range(2)] == [404, 404]
    assert [one for one in logs if one["log_level"] == "warning"] == [
        {"event": "webhook_secret is missing in CONVENOR_ZOOM_ACCOUNTS", "log_level": "warning", "account": "osce-org"}
    ]
    assert gate.counted() == {("osce-org", "refused"): 2}


def test_the_emulator_knows_every_name_and_all_are_counted_as_one(gate: Gate) -> None:
    for name in ("a-name", "another"):
        gate.secrets[name] = SECRET
        assert gate.post(CREATED, address=f"/hooks/zoom/{name}")[0] == 200
    assert gate.counted() == {("emulated", "accepted"): 2}


def test_of_several_faults_the_first_in_order_is_told(gate: Gate) -> None:
    door, big = gate.door, b"x" * (256 * 1024 + 1)
    assert door.get("/hooks/zoom/nobody").status_code == 404
    other = door.request("PUT", HOOK, content=big)
    assert (other.status_code, other.headers["allow"]) == (405, "POST")
    assert gate.post(big, {"content-type": "text/plain"})[0] == 413
    assert gate.post(b"x", {"content-type": "text/plain"})[0] == 415
    assert gate.post(b"x", {"content-type": JSON})[0] == 401
    assert gate.post(b"x")[0] == 400


@pytest.mark.parametrize(
    ("header", "value"),
    [("content-type", ""), ("content-type", "application/json; charset=utf-16"), ("content-encoding", "gzip")],
)
def test_what_is_not_json_in_utf_8_is_415(gate: Gate, header: str, value: str) -> None:
    assert gate.post(CREATED, signed(CREATED) | {header: value})[0] == 415


def test_zoom_says_that_its_json_is_in_utf_8(gate: Gate) -> None:
    assert gate.post(CREATED, signed(CREATED) | {"content-type": "application/json; charset=utf-8"})[0] == 200


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b'{"event": "webinar.updated"}', b'{"event": 7, "payload": {}}', b'{"payload": {}}',
     b'{"event": "webinar.updated", "payload": []}', b'{"event": "webinar.updated", "payload": {"a": NaN}}',
     b'{"event": "webinar.updated", "payload": {"a": "\\ud800"}}', b'{"event": "\xff", "payload": {}}'],
)  # fmt: skip
def test_what_is_signed_but_no_event_is_400(gate: Gate, house: House, body: bytes) -> None:
    assert gate.post(body)[0] == 400
    assert (rows(house), gate.counted()) == ([], {("osce-org", "refused"): 1})


def test_an_event_that_nobody_here_uses_is_taken_all_the_same(gate: Gate) -> None:
    assert gate.post(b'{"event": "user.baked", "payload": {}}')[0] == 200


def test_who_forges_too_often_has_to_wait_but_a_good_signature_always_passes(gate: Gate) -> None:
    answers = [gate.door.post(HOOK, content=b"x", headers={"content-type": JSON}) for _ in range(301)]
    assert [answer.status_code for answer in answers] == [401] * 300 + [429]
    assert answers[-1].headers["retry-after"] == "1"
    assert gate.post(CREATED)[0] == 200
    assert gate.counted() == {("osce-org", "forged"): 301, ("osce-org", "accepted"): 1}


def test_what_came_too_late_is_looked_for_at_zoom_itself_at_once(gate: Gate, house: House) -> None:
    tonight = NOW + timedelta(hours=12)
    with house.toolbox.database.write() as session:
        for name, account, state, due in (
            ("opening", "osce-org", "ready", tonight), ("dams", "odihr-pl", "ready", tonight),
            ("past", "osce-org", "ready", None),
        ):  # fmt: skip
            planned = Planned("rivers-2026", name, ZoomEvent(account=account, event=98123456780), NOW)
            event = session.get_one(ZoomEventRow, zoom_events.ensure(session, planned, NOW))
            event.state, event.reconcile_at = state, due
    late = signed(CREATED, at=NOW - timedelta(minutes=30))

    def next_comparisons() -> dict[str, datetime | None]:
        with house.toolbox.database.read() as session:
            return {one.session: one.reconcile_at for one in zoom_events.listed(session)}

    assert gate.post(CREATED, late)[0] == 401
    assert next_comparisons() == {"opening": NOW, "dams": tonight, "past": None}
    with house.toolbox.database.write() as session:
        session.execute(update(ZoomEventRow).where(ZoomEventRow.session == "opening").values(reconcile_at=tonight))
    for minutes, again in ((4, tonight), (5, NOW)):
        house.clock.machine = NOW + timedelta(minutes=minutes)
        gate.post(CREATED, late)
        assert next_comparisons()["opening"] == again


def test_a_database_that_is_gone_makes_no_late_event_an_error(
    gate: Gate, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(house.toolbox.database), "write", refusing(DatabaseUnavailable("gone")))
    assert gate.post(CREATED, signed(CREATED, at=NOW - timedelta(hours=1)))[0] == 401


def test_late_retries_lock_nobody_out(gate: Gate) -> None:
    late = signed(CREATED, at=NOW - timedelta(hours=1))
    assert {gate.post(CREATED, late)[0] for _ in range(301)} == {401}
    assert gate.post(b"x", {"content-type": JSON})[0] == 401


def test_what_cannot_be_committed_is_503_and_no_receipt_is_given(
    gate: Gate, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(envelopes, "record_all", refusing(DatabaseUnavailable("OperationalError")))
    answer = gate.door.post(HOOK, content=CREATED, headers=signed(CREATED))
    assert (answer.status_code, answer.headers["retry-after"], "receipt" in answer.text) == (503, "30", False)
    assert (house.queued, gate.counted()) == ([], {("osce-org", "failed"): 1})


def test_a_database_that_is_too_slow_for_zoom_is_503_before_zoom_gives_up(
    gate: Gate, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert zoom_hook.MOST_SECONDS < 3
    released, monkeyed = threading.Event(), zoom_hook.MOST_SECONDS / 100
    monkeypatch.setattr(zoom_hook, "MOST_SECONDS", monkeyed)
    monkeypatch.setattr(envelopes, "record_all", lambda *_, **__: released.wait())
    try:
        assert gate.post(CREATED)[0] == 503
    finally:
        released.set()
    assert house.queued == []


def refusing(error: Exception) -> Callable[..., None]:
    """A function that always raises."""

    def refuse(*_: object, **__: object) -> None:
        raise error

    return refuse


@hypothesis_settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(body=st.binary(max_size=200), timestamp=st.text(max_size=20), signature=st.text(max_size=80))
def test_whatever_a_stranger_sends_nothing_is_kept(
    gate: Gate, house: House, body: bytes, timestamp: str, signature: str
) -> None:
    headers = {"content-type": JSON.encode(), "x-zm-request-timestamp": timestamp.encode(),
               "x-zm-signature": signature.encode()}  # fmt: skip
    assert gate.post(body, headers)[0] in {401, 429}
    assert rows(house) == []
