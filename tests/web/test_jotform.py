"""Jotform's door: an address that nobody can guess, a form, and how little of it is kept."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest

from adapters.database import envelopes
from config.settings import Settings
from schemas.registration import Consents, RegistrationData
from tests.web.conftest import Door, House
from tests.web.providers import FORM, NEXT, SECRETS, believed, one_bit_off, read_by_a_worker, rows, sample, send
from web.sources.jotform import Jotform

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # what is tested is in front of it

SECRET = SECRETS["jotform"]
HOOK = "/hooks/jotform/rivers-2026"


@pytest.fixture(autouse=True)
def known(settings: Settings) -> None:
    """Its secret is being rotated."""
    settings.hook_secrets["jotform"] = [SECRET, NEXT]


def as_multipart(parts: dict[str, str], boundary: str = "fictitious-boundary") -> dict[str, Any]:
    """As Jotform sends it."""
    pieces = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in parts.items()
    ]
    headers = {"content-type": f"multipart/form-data; boundary={boundary}"}
    return {
        "content": ("".join(pieces) + f"--{boundary}--\r\n").encode(),
        "headers": headers,
        "params": {"key": SECRET},
    }


def edited(**changes: Any) -> dict[str, Any]:
    """The sample, after its respondent has edited the answers."""
    parts = sample("jotform")
    return parts | {"rawRequest": json.dumps(json.loads(parts["rawRequest"]) | changes)}


def test_a_submission_in_parts_is_taken_and_becomes_the_registration(door: Door, house: House) -> None:
    assert door.post(HOOK, **as_multipart(sample("jotform"))).status_code == 202
    assert read_by_a_worker(house) == RegistrationData(
        full_name="Noor", email="noor.single@example.org", sessions=("opening",), interpretation=None,
        consents=Consents(recording=True), needs="I'll join by phone & web",
    )  # fmt: skip


def test_a_form_as_browsers_encode_it_is_the_same_delivery(door: Door) -> None:
    first = door.post(HOOK, **as_multipart(sample("jotform"))).json()["receipt"]
    assert send(door, "jotform").json() == {"receipt": first, "duplicate": True}


def test_the_respondents_ip_and_our_secret_are_not_kept(door: Door, house: House) -> None:
    door.post(HOOK, **as_multipart(sample("jotform") | {"webhookURL": f"https://x.example.org{HOOK}?key={SECRET}"}))
    (row,) = rows(house)
    envelope = envelopes.opened(row, house.toolbox.vault)
    assert (row.content_type, json.loads(envelope.body).keys()) == (
        "application/json", {"formID", "submissionID", "rawRequest"},
    )  # fmt: skip


def test_not_one_bit_of_the_key_can_differ() -> None:
    right = SECRET.encode()

    def fits(key: bytes) -> bool:
        return believed(Jotform(), b"", [SECRET], query=urlencode({"key": key}).encode())

    assert fits(right)
    assert not any(fits(one) for one in (*one_bit_off(right), right[:-1], right + right))


@pytest.mark.parametrize("params", [{}, {"key": ""}, {"key": [SECRET, SECRET]}, {"KEY": SECRET}, {"key": SECRET + " "}])
def test_the_key_must_be_in_the_address_once(door: Door, params: dict[str, Any]) -> None:
    answer = send(door, "jotform", params=params)
    assert (answer.status_code, answer.headers["www-authenticate"], SECRET in answer.text) == (401, "Query-Key", False)


def test_a_key_in_the_body_is_none(door: Door) -> None:
    assert send(door, "jotform", sample("jotform") | {"key": SECRET}, params={}).status_code == 401


def test_either_secret_of_a_rotation_will_do_and_a_blank_one_never(door: Door, settings: Settings) -> None:
    assert send(door, "jotform", secret=NEXT).status_code == 202
    settings.hook_secrets["jotform"] = ""
    assert send(door, "jotform", secret="").status_code == 401


def test_a_repetition_is_known_and_an_edited_submission_is_not_lost(door: Door, house: House) -> None:
    first = door.post(HOOK, **as_multipart(sample("jotform"))).json()["receipt"]
    again = door.post(HOOK, **as_multipart(sample("jotform") | {"ip": "192.0.2.11"}, boundary="another"))
    assert again.json() == {"receipt": first, "duplicate": True}
    assert "duplicate" not in door.post(HOOK, **as_multipart(edited(q5_language="French"))).json()
    assert len(rows(house)) == 2


@pytest.mark.parametrize(
    "change",
    [
        {"submissionID": ""},
        {"submissionID": " "},
        {"rawRequest": ""},
        {"rawRequest": "[]"},
        {"rawRequest": "{"},
        {"rawRequest": '{"q3_name": NaN}'},
        {"rawRequest": '{"q3_name": "\\ud800"}'},
        {"rawRequest": "[" * 100_000},
    ],
)
def test_what_is_no_submission_is_400(door: Door, house: House, change: dict[str, str]) -> None:
    assert door.post(HOOK, **as_multipart(sample("jotform") | change)).status_code == 400
    assert rows(house) == []


@pytest.mark.parametrize("name", ["submissionID", "rawRequest"])
def test_a_part_that_comes_twice_is_400(door: Door, name: str) -> None:
    body = urlencode([*sample("jotform").items(), (name, sample("jotform")[name])]).encode()
    assert send(door, "jotform", body).status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--b",
        b"--b\r\n\r\n",
        b"--b\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b--\r\n",
        b'--b\r\nContent-Disposition: form-data; name="rawRequest"; filename="x"\r\n\r\n{}\r\n--b--\r\n',
        b'--b\r\nContent-Disposition: form-data; name="rawRequest"\r\n' + b"X: y\r\n" * 5000 + b"\r\n{}\r\n--b--\r\n",
        b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n' * 600 + b"--b--\r\n",
        b"\x00" * 1000,
    ],
)
def test_broken_parts_are_400(door: Door, body: bytes) -> None:
    answer = send(door, "jotform", body, headers={"content-type": "multipart/form-data; boundary=b"})
    assert answer.status_code == 400


@pytest.mark.parametrize(
    "content_type",
    ["multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=" + "b" * 5000],
)
def test_parts_without_a_usable_boundary_are_400(door: Door, content_type: str) -> None:
    assert send(door, "jotform", b"--b--", headers={"content-type": content_type}).status_code == 400


@pytest.mark.parametrize("content_type", ["application/json", "multipart/mixed; boundary=b", f"{FORM}; charset=utf-16"])
def test_what_is_no_form_in_utf_8_is_415(door: Door, content_type: str) -> None:
    answer = send(door, "jotform", headers={"content-type": content_type})
    assert (answer.status_code, answer.json()["detail"]) == (
        415, "Send application/x-www-form-urlencoded or multipart/form-data, in UTF-8, not compressed.",
    )  # fmt: skip
