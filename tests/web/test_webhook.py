"""The webhook: what is taken, what is refused, in which order, and that nothing is lost."""

import hashlib
import hmac
import json
from base64 import b64encode
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from adapters.database import envelopes
from adapters.database.tables import EnvelopeRow
from config.settings import Settings
from tests.web.conftest import Door, House
from tests.web.street import GOOGLE, HOOK, JSON, NOW, ROTATED, SECRET, native, signed

VECTOR = (
    b'{"type":"registration.submitted","timestamp":"2026-09-01T09:05:13.000Z","data":{"event":"rivers","first_name":'
    b'"Amina","last_name":"Kova\xc4\x8d-Demo","email":"amina.kovac@example.org","interpretation_language":"fr",'
    b'"mail_language":"en","time_zone":"Europe/Vienna","consent":true}}'
)


pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # what is tested is in front of it


def rows(house: House) -> list[EnvelopeRow]:
    """All that is in the inbox, the newest first."""
    with house.toolbox.database.read() as session:
        return envelopes.listed(session, states=("received",), limit=10)


def raw_signed(body: bytes, name: str = "msg_1") -> dict[str, str]:
    """As `signed`, for bytes that are no text."""
    timestamp = str(int(NOW.timestamp()))
    key = b"0123456789012345678901234567890" + b"1"
    mac = hmac.digest(key, f"{name}.{timestamp}.".encode() + body, hashlib.sha256)
    return {"content-type": JSON, "webhook-id": name, "webhook-timestamp": timestamp,
            "webhook-signature": f"v1,{b64encode(mac).decode()}"}  # fmt: skip


def test_the_published_vector_of_standard_webhooks_is_taken(door: Door) -> None:
    headers = {"content-type": JSON, "webhook-id": "msg_fictitious0000000000001", "webhook-timestamp": "1788253513",
               "webhook-signature": "v1,rZ64RDmFLAoi60kUVl2/R7df1Oo6ZjZYkw3GIcdbBOs="}  # fmt: skip
    assert door.post(HOOK, content=VECTOR, headers=headers).status_code == 202


def test_either_secret_of_a_rotation_verifies_and_so_does_one_signature_among_several(door: Door) -> None:
    for number, key in enumerate((SECRET, ROTATED)):
        headers = signed(native(), key=key, name=f"msg_{number}")
        headers["webhook-signature"] = f"v1,AAAA v1a,BBBB nonsense {headers['webhook-signature']}"
        assert door.post(HOOK, content=native(), headers=headers).status_code == 202


@pytest.mark.parametrize("minutes", [-5, 5])
def test_five_minutes_either_way_are_tolerated(door: Door, minutes: int) -> None:
    headers = signed(native(), at=NOW + timedelta(minutes=minutes))
    assert door.post(HOOK, content=native(), headers=headers).status_code == 202


@pytest.mark.parametrize("seconds", [-301, 301, 10**9])
def test_more_than_five_minutes_are_not(door: Door, seconds: int) -> None:
    headers = signed(native(), at=NOW + timedelta(seconds=seconds))
    assert door.post(HOOK, content=native(), headers=headers).status_code == 401


def test_in_a_rehearsal_senders_may_live_in_either_time(door: Door, house: House) -> None:
    house.clock.rehearsing, house.clock.moment = True, NOW + timedelta(days=40)
    answers = [
        door.post(HOOK, content=native(), headers=signed(native(), at=at, name=f"msg_{at:%d}")).status_code
        for at in (house.clock.machine, house.clock.moment, NOW + timedelta(days=20))
    ]
    assert answers == [202, 202, 401]


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-signature": ""},
        {"webhook-signature": "v1"},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "v1,not base64 at all"},
        {"webhook-signature": "v1,a,b,c"},
        {"webhook-signature": "v2,rZ64RDmFLAoi60kUVl2/R7df1Oo6ZjZYkw3GIcdbBOs="},
        {"webhook-signature": "v1,\u00e9\u00ff"},
        {"webhook-signature": "v1,AAAA " * 2000},
        {"webhook-id": ""},
        {"webhook-id": "msg_2"},
        {"webhook-id": "msg.1"},
        {"webhook-id": "x" * 10_000},
        {"webhook-id": "msg_\u00e9"},
        {"webhook-timestamp": "now"},
        {"webhook-timestamp": "1788253513.0"},
        {"webhook-timestamp": "-1788253513"},
        {"webhook-timestamp": "9" * 400},
        {"webhook-timestamp": "١٧٨٨٢٥٣٥١٣"},
    ],
)
def test_a_signature_that_does_not_fit_is_401(door: Door, house: House, change: dict[str, str]) -> None:
    headers = {name: value.encode("utf-8") for name, value in (signed(native()) | change).items()}
    answer = door.post(HOOK, content=native(), headers=headers)
    assert (answer.status_code, answer.headers["content-type"]) == (401, "application/problem+json")
    assert rows(house) == []


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_each_header_must_be_there_once(door: Door, name: str) -> None:
    whole = signed(native())
    missing = {one: value for one, value in whole.items() if one != name}
    twice = [*whole.items(), (name, whole[name])]
    assert door.post(HOOK, content=native(), headers=missing).status_code == 401
    assert door.post(HOOK, content=native(), headers=twice).status_code == 401


def test_a_changed_body_is_401(door: Door) -> None:
    assert door.post(HOOK, content=native() + b" ", headers=signed(native())).status_code == 401


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_\u00e9", "not base64!", "whsec_!!!!"])
def test_a_secret_that_cannot_be_read_lets_nobody_in_and_breaks_nothing(
    house: House, settings: Settings, secret: str
) -> None:
    settings.hook_secrets["standard"] = [secret]
    with house.door() as door:
        assert door.post(HOOK, content=native(), headers=signed(native())).status_code == 401


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"[]",
        b"null",
        b"{}",
        b'{"type": "registration.submitted"}',
        b'{"type": "registration.submitted", "data": []}',
        b'{"type": "registration.baked", "data": {}}',
        b'{"type": ["registration.submitted"], "data": {}}',
        b'{"type": "registration.submitted", "data": {"needs": NaN}}',
        b'{"type": "registration.submitted", "data": {"needs": "\x00"}}',
        b'{"type": "registration.submitted", "data": {"needs": "\\ud800"}}',
        b'{"type": "registration.submitted", "data": {"needs": "\xff\xfe"}}',
        b'{"type": "registration.submitted", "data": ' + b"[" * 100_000,
        b'{"type": "registration.submitted", "data": {"n": ' + b"9" * 100_000 + b"}}",
    ],
)
def test_what_is_signed_but_not_of_the_form_is_400(door: Door, house: House, body: bytes) -> None:
    assert door.post(HOOK, content=body, headers=raw_signed(body)).status_code == 400
    assert rows(house) == []


@pytest.mark.parametrize("data", [{}, {"answers": "none"}, {"answers": [1]}])
def test_google_forms_has_a_form_of_its_own(door: Door, data: dict[str, Any]) -> None:
    body = json.dumps({"type": "registration.submitted", "data": data}).encode()
    assert door.post(GOOGLE, content=body, headers=signed(body)).status_code == 400


def test_what_a_registration_says_is_not_judged_at_the_door(door: Door) -> None:
    body = json.dumps({"type": "registration.submitted", "data": {"email": 7}}).encode()
    assert door.post(HOOK, content=body, headers=signed(body)).status_code == 202


@pytest.mark.parametrize(
    "address",
    ["/hooks/standard/nowhere", "/hooks/pigeon/rivers-2026", "/hooks/hosted/rivers-2026", "/hooks/standard/%00",
     "/hooks/standard/Rivers-2026", "/hooks/standard/" + "a" * 5000, "/hooks/standard/%D0%B0"],
)  # fmt: skip
def test_an_unknown_source_or_conference_is_404(door: Door, address: str) -> None:
    assert door.post(address, content=native(), headers=signed(native())).status_code == 404


def test_of_several_faults_the_first_in_order_is_told(door: Door) -> None:
    big = b"x" * (256 * 1024 + 1)
    assert door.get("/hooks/standard/nowhere").status_code == 404
    assert door.request("PUT", HOOK, content=big).status_code == 405
    assert door.post(HOOK, content=big, headers={"content-type": "text/plain"}).status_code == 413
    assert door.post(HOOK, content=b"x", headers={"content-type": "text/plain"}).status_code == 415
    assert door.post(HOOK, content=b"x", headers={"content-type": JSON}).status_code == 401


def test_another_method_is_told_which_one_it_is(door: Door) -> None:
    answer = door.get(HOOK)
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


def test_256_kib_are_taken_and_a_byte_more_is_not(door: Door, house: House) -> None:
    most = native(needs="n" * (256 * 1024 - len(native(needs=""))))
    assert len(most) == 256 * 1024
    assert door.post(HOOK, content=most, headers=signed(most)).status_code == 202
    assert door.post(HOOK, content=most + b" ", headers=signed(most + b" ")).status_code == 413
    assert len(rows(house)) == 1


def test_a_body_without_a_length_is_not_read_beyond_the_limit(door: Door) -> None:
    read = 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal read
        while True:
            read += 1
            yield b"x" * 64 * 1024

    assert door.post(HOOK, content=endless(), headers={"content-type": JSON}).status_code == 413
    assert read == 5


@pytest.mark.parametrize("declared", ["99999999999999999999999", "262145"])
def test_a_declared_length_is_believed_when_it_is_too_long(door: Door, declared: str) -> None:
    headers = signed(native()) | {"content-length": declared}
    assert door.post(HOOK, content=native(), headers=headers).status_code == 413


@pytest.mark.parametrize(
    ("header", "value"),
    [
        ("content-type", "text/plain"),
        ("content-type", ""),
        ("content-type", "application/jsonp"),
        ("content-type", "application/json; charset=utf-16"),
        ("content-type", 'application/json; charset="koi8-r"'),
        ("content-encoding", "gzip"),
    ],
)
def test_what_is_not_json_in_utf_8_is_415(door: Door, header: str, value: str) -> None:
    answer = door.post(HOOK, content=native(), headers=signed(native()) | {header: value})
    assert answer.status_code == 415


@pytest.mark.parametrize("said", ["application/json; charset=utf-8", "Application/JSON;charset=UTF-8"])
def test_json_may_say_that_it_is_in_utf_8(door: Door, said: str) -> None:
    assert door.post(HOOK, content=native(), headers=signed(native()) | {"content-type": said}).status_code == 202


def test_who_fails_too_often_has_to_wait_but_a_good_signature_always_passes(door: Door) -> None:
    answers = [door.post(HOOK, content=b"x", headers={"content-type": JSON}) for _ in range(301)]
    assert [answer.status_code for answer in answers] == [401] * 300 + [429]
    assert answers[-1].headers["retry-after"] == "1"
    assert door.post(HOOK, content=native(), headers=signed(native())).status_code == 202


def test_another_client_does_not_have_to_wait_for_that_one(house: House) -> None:
    with house.door() as door:
        for _ in range(301):
            door.post(HOOK, content=b"x", headers={"content-type": JSON})
        door.come_from("198.51.100.9")
        assert door.post(HOOK, content=b"x", headers={"content-type": JSON}).status_code == 401


def test_an_error_of_ours_is_500_and_says_nothing_of_the_inside(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise KeyError("amina.kovac@example.org")

    monkeypatch.setattr(envelopes, "record_all", broken)
    answer = door.post(HOOK, content=native(), headers=signed(native()))
    assert (answer.status_code, answer.json()) == (500, {
        "type": "about:blank", "title": "Internal Server Error", "status": 500,
        "detail": "Something went wrong here. It has been noted, without what you sent.",
    })  # fmt: skip
    assert answer.headers["x-content-type-options"] == "nosniff"
