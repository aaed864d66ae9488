"""The door for mail providers: who is let in, what is kept, and that nothing is kept twice."""

import hashlib
import hmac
from base64 import b64encode
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy import select

from adapters.database import envelopes
from adapters.database.tables import EnvelopeRow
from tests.web.conftest import Door, House
from tests.web.street import NOW
from web.mail import PROVIDERS

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # what is tested is in front of it

SECRET, NEXT = "a-fictitious-secret-of-some-length", "another-fictitious-secret-of-length"
BOUNCE = {
    "RecordType": "Bounce",
    "ID": 901542550,
    "MessageID": "2706ee8a",
    "Type": "HardBounce",
    "Email": "a@example.org",
}


@pytest.fixture(autouse=True)
def known(house: House) -> None:
    """The secrets of both; one is being rotated."""
    house.set(hook_secrets={"postmark": [SECRET, NEXT], "mailgun": SECRET})


def basic(password: str, user: str = "convenor") -> dict[str, str]:
    return {"authorization": f"Basic {b64encode(f'{user}:{password}'.encode()).decode()}"}


def postmark(door: Door, headers: dict[str, str], **changes: Any) -> httpx2.Response:
    return door.post("/hooks/mail/postmark", json=BOUNCE | changes, headers=headers)


def signature(token: str = "t" * 50, *, age: float = 0, key: str = SECRET, at: str | None = None) -> dict[str, str]:
    timestamp = at or str(int((NOW - timedelta(seconds=age)).timestamp()))
    made = hmac.new(key.encode(), f"{timestamp}{token}".encode(), hashlib.sha256).hexdigest()
    return {"timestamp": timestamp, "token": token, "signature": made}


def mailgun(door: Door, signed: Any, **event: Any) -> httpx2.Response:
    return door.post("/hooks/mail/mailgun", json={"signature": signed, "event-data": {"event": "failed"} | event})


def kept(house: House) -> list[tuple[str, str]]:
    with house.toolbox.database.read() as session:
        return [(row.conference, row.source) for row in session.scalars(select(EnvelopeRow))]


@pytest.mark.parametrize("secret", [SECRET, NEXT])
def test_postmark_is_known_by_its_password_or_by_a_header(door: Door, house: House, secret: str) -> None:
    assert postmark(door, basic(secret)).status_code == 200
    assert postmark(door, {"x-webhook-key": secret}, ID=2).status_code == 200
    assert kept(house) == [("mail", "postmark")] * 2
    assert [task for task, _ in house.queued] == ["intake.open_envelope"] * 2


@pytest.mark.parametrize(
    "headers",
    [
        {}, basic("wrong"), basic(""), {"authorization": "Basic !"}, {"authorization": f"Bearer {SECRET}"},
        {"authorization": SECRET}, {"x-webhook-key": "wrong"}, {**basic(SECRET), "x-webhook-key": "wrong"},
    ],
)  # fmt: skip
def test_nobody_else_is_postmark(door: Door, house: House, headers: dict[str, str]) -> None:
    answer = postmark(door, headers)
    assert (answer.status_code, answer.headers["www-authenticate"], kept(house)) == (401, "Basic", [])


def test_an_event_of_postmarks_that_comes_again_is_kept_once(door: Door, house: House) -> None:
    first, second = postmark(door, basic(SECRET)), postmark(door, basic(SECRET))
    assert first.json() == second.json()
    assert (len(kept(house)), len(house.queued)) == (1, 1)


def test_mailgun_is_known_by_its_signature(door: Door, house: House) -> None:
    assert mailgun(door, signature()).status_code == 200
    assert kept(house) == [("mail", "mailgun")]


@pytest.mark.parametrize(
    "signed",
    [
        None, {}, [], signature(key=NEXT), signature() | {"token": "u" * 50}, signature() | {"timestamp": "1"},
        signature() | {"signature": ""}, signature() | {"signature": "é"}, signature() | {"timestamp": 1},
        signature(at="soon"), signature(age=10 * 3600), signature(age=-600), signature(at="99999999999"),
    ],
)  # fmt: skip
def test_nobody_else_is_mailgun_and_nobody_at_another_time(door: Door, house: House, signed: Any) -> None:
    assert (mailgun(door, signed).status_code, kept(house)) == (401, [])


def test_a_signature_that_was_overheard_brings_no_other_event(door: Door, house: House) -> None:
    assert mailgun(door, signature()).json() == mailgun(door, signature(), recipient="boris@example.org").json()
    assert len(kept(house)) == 1


def test_a_repetition_hours_later_is_taken(door: Door) -> None:
    assert mailgun(door, signature(age=8 * 3600)).status_code == 200


@pytest.mark.parametrize("provider", sorted(PROVIDERS))
def test_without_a_secret_nobody_is_let_in(house: House, provider: str) -> None:
    house.set(hook_secrets={provider: ""})
    with house.door() as door:
        assert postmark(door, basic("")).status_code == 401
        assert mailgun(door, signature(key="")).status_code == 401


def test_what_is_not_of_the_providers_form_is_refused(door: Door) -> None:
    assert postmark(door, basic(SECRET), RecordType=None).status_code == 400
    assert door.post("/hooks/mail/mailgun", json={"signature": signature()}).status_code == 400
    assert door.post("/hooks/mail/mailgun", content=b"x", headers={"content-type": "text/plain"}).status_code == 415
    assert door.get("/hooks/mail/mailgun").status_code == 405
    assert door.post("/hooks/mail/pigeon").status_code == 404


def test_who_fails_too_often_is_told_to_wait_and_the_provider_is_not(door: Door) -> None:
    answers = {postmark(door, basic("wrong")).status_code for _ in range(301)}
    assert answers == {401, 429}
    assert postmark(door, basic(SECRET)).status_code == 200


def test_the_metrics_count_posts_bounces_and_suppressed_addresses(door: Door) -> None:
    postmark(door, basic(SECRET))
    text = door.get("/metrics").text
    assert 'convenor_mail_hook_posts_total{provider="postmark",status="200"} 1.0' in text
    assert "convenor_suppressed_addresses 0.0" in text
    assert "# TYPE convenor_bounces_total counter" in text


def test_every_provider_is_a_source_of_the_corridor() -> None:
    assert {*PROVIDERS, "bounce", "answer"} == set(envelopes.MAIL_SOURCES)
