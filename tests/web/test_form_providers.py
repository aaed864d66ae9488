"""What holds at the door of every form provider: the order of judgement, limits, and that nothing breaks it."""

import copy
import json
from collections.abc import Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothetically
from hypothesis import strategies as st

from adapters.database import envelopes
from adapters.database.programmes import put_in_force
from config.settings import Settings
from domain.sources import NotUnderstood, reader
from tests.domain.sources.sample import CONFERENCE
from tests.web.conftest import Door, House
from tests.web.providers import FORM, SECRETS, authentic, rows, sample, send, written
from tests.web.street import JSON, NOW
from web.sources import SOURCES
from workers.intake import judge

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # what is tested is in front of it

each_source = pytest.mark.parametrize("source", sorted(SECRETS))

_MANY = hypothetically(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@pytest.fixture(autouse=True)
def known(settings: Settings) -> None:
    """All their secrets."""
    settings.hook_secrets.update(SECRETS)


def padded(source: str, size: int) -> bytes:
    """A body of so many bytes, of the source's own form."""
    body = written(source, sample(source))
    padding = b"&padding=" if source == "jotform" else b""
    return (body + padding).ljust(size, b"x" if padding else b" ")


@each_source
def test_of_several_faults_the_first_in_order_is_told(door: Door, source: str) -> None:
    hook, big = f"/hooks/{source}/rivers-2026", b"x" * (256 * 1024 + 1)
    text = {"content-type": "text/plain"}
    accepted = {"content-type": FORM if source == "jotform" else JSON}
    assert door.get(f"/hooks/{source}/nowhere").status_code == 404
    assert door.request("PUT", hook, content=big).status_code == 405
    assert door.post(hook, content=big, headers=text).status_code == 413
    assert door.post(hook, content=b"x", headers=text).status_code == 415
    assert door.post(hook, content=b"x", headers=accepted).status_code == 401
    assert send(door, source, b"x").status_code == 400


@each_source
def test_256_kib_are_taken_and_a_byte_more_is_not(door: Door, house: House, source: str) -> None:
    sizes = (256 * 1024, 256 * 1024 + 1)
    assert [send(door, source, padded(source, size)).status_code for size in sizes] == [202, 413]
    assert len(rows(house)) == 1


@each_source
def test_what_is_compressed_is_415(door: Door, source: str) -> None:
    body = written(source, sample(source))
    how = authentic(source, body)
    assert send(door, source, body, headers=how["headers"] | {"content-encoding": "gzip"}).status_code == 415


@each_source
def test_a_source_without_a_secret_lets_nobody_in(door: Door, settings: Settings, source: str) -> None:
    del settings.hook_secrets[source]
    assert send(door, source).status_code == 401


@each_source
def test_a_conference_can_have_a_secret_of_its_own(door: Door, settings: Settings, source: str) -> None:
    settings.hook_secrets[f"rivers-2026/{source}"] = "of-this-conference-alone"
    answers = [send(door, source, secret=secret).status_code for secret in ("of-this-conference-alone", None)]
    assert answers == [202, 401]


@each_source
def test_who_guesses_too_often_has_to_wait_but_the_provider_never(door: Door, source: str) -> None:
    guesses = [send(door, source, secret="a-wrong-guess").status_code for _ in range(301)]
    assert guesses == [401] * 300 + [429]
    assert send(door, source).status_code == 202


@each_source
def test_an_envelope_is_sealed_committed_and_then_queued(door: Door, house: House, source: str) -> None:
    answer = send(door, source)
    (row,) = rows(house)
    assert (answer.status_code, answer.json()) == (202, {"receipt": row.id})
    assert (row.conference, row.source, row.content_type) == ("rivers-2026", source, JSON)
    assert b"example.org" not in row.sealed_body
    assert house.queued == [("intake.open_envelope", row.id)]


@each_source
def test_what_was_sent_is_registered_by_a_worker(door: Door, house: House, source: str) -> None:
    with house.toolbox.database.write() as session:
        put_in_force(session, CONFERENCE, "example.org", NOW)
    receipt = send(door, source).json()["receipt"]
    assert judge(house.toolbox, receipt) is not None
    assert door.get(f"/receipts/{receipt}").json() == {"state": "registered", "reasons": []}


def test_no_answer_repeats_what_was_sent(door: Door) -> None:
    for source in SECRETS:
        for answer in (send(door, source), send(door, source, secret="a-wrong-guess"), send(door, source, b"amina")):
            assert not any(word in answer.text.lower() for word in ("amina", "noor", "tom", "guess", SECRETS[source]))


@_MANY
@given(
    source=st.sampled_from(sorted(SECRETS)), body=st.binary(max_size=300),
    media_type=st.sampled_from([FORM, "multipart/form-data; boundary=b"]),
)  # fmt: skip
def test_any_bytes_from_the_provider_are_taken_or_refused(
    door: Door, source: str, body: bytes, media_type: str
) -> None:
    headers = authentic(source, body)["headers"]
    if source == "jotform":
        headers["content-type"] = media_type
    assert send(door, source, body, headers=headers).status_code in {202, 400}


def places(message: Any, here: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where in a message something stands."""
    yield here
    inner = message.items() if isinstance(message, dict) else enumerate(message) if isinstance(message, list) else ()
    for name, value in inner:
        yield from places(value, (*here, name))


def changed(message: Any, place: tuple[Any, ...], value: Any) -> Any:
    """The message with something else in one place."""
    if not place:
        return value
    copied = copy.copy(message)
    copied[place[0]] = changed(message[place[0]], place[1:], value)
    return copied


@st.composite
def spoilt(draw: st.DrawFn) -> tuple[str, bytes]:
    """A source, and a sample of it with anything at all in one or two places."""
    source = draw(st.sampled_from(sorted(SECRETS)))
    parts = sample(source)
    message = json.loads(parts["rawRequest"]) if source == "jotform" else parts
    for _ in range(draw(st.integers(1, 2))):
        message = changed(message, draw(st.sampled_from(list(places(message)))), draw(_JSON))
    body = json.dumps(message)
    return source, (urlencode(parts | {"rawRequest": body}) if source == "jotform" else body).encode()


@_MANY
@given(what=spoilt())
def test_whatever_is_spoilt_in_a_submission_it_is_refused_or_read_or_has_reasons(
    door: Door, house: House, what: tuple[str, bytes]
) -> None:
    source, body = what
    answer = send(door, source, body)
    assert answer.status_code in {202, 400}
    if answer.status_code == 202:
        with house.toolbox.database.read() as session:
            row = envelopes.find(session, answer.json()["receipt"])
        assert row is not None
        envelope = envelopes.opened(row, house.toolbox.vault)
        with suppress(NotUnderstood):
            reader(source).read(envelope.body, envelope.content_type, CONFERENCE)


def test_every_provider_has_a_door_and_a_reader() -> None:
    assert set(SOURCES) == {*SECRETS, "standard", "google-forms"}
    assert all(callable(reader(name).read) for name in SOURCES)
