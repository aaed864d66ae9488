"""Typeform's door: its signature, over every byte of the body, and its deliveries."""

import pytest

from config.settings import Settings
from schemas.registration import Consents, RegistrationData
from tests.web.conftest import Door, House
from tests.web.providers import (
    NEXT,
    SECRETS,
    authentic,
    believed,
    compact,
    one_bit_off,
    read_by_a_worker,
    rows,
    sample,
    send,
)  # fmt: skip
from web.sources.typeform import Typeform

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # what is tested is in front of it

SECRET = SECRETS["typeform"]
SIGNATURE = b"sha256=+pLIVoF0XnRCsXiizFUR39ENAOALjM4Dw33SXbT+oog="
"""Of the sample, by the formula in Typeform's documentation."""


@pytest.fixture(autouse=True)
def known(settings: Settings) -> None:
    """Its secret is being rotated."""
    settings.hook_secrets["typeform"] = [SECRET, NEXT]


def is_signed(body: bytes, signature: bytes, secret: str = SECRET) -> bool:
    return believed(Typeform(), body, [secret], {"typeform-signature": signature})


def test_the_vector_is_taken_and_becomes_the_registration(door: Door, house: House) -> None:
    assert send(door, "typeform", headers={"content-type": "application/json", "Typeform-Signature": SIGNATURE.decode()}
                ).status_code == 202  # fmt: skip
    assert read_by_a_worker(house) == RegistrationData(
        full_name="Amina", email="amina.kovac@example.org", sessions=("opening",), interpretation="fr",
        consents=Consents(recording=True),
    )  # fmt: skip


def test_not_one_bit_of_the_signature_can_differ() -> None:
    body = compact(sample("typeform"))
    assert is_signed(body, SIGNATURE)
    assert not any(is_signed(body, changed) for changed in one_bit_off(SIGNATURE))


def test_not_one_bit_of_the_body_can_differ() -> None:
    assert not any(is_signed(changed, SIGNATURE) for changed in one_bit_off(compact(sample("typeform"))))


def test_not_one_bit_of_the_secret_can_differ() -> None:
    body = compact(sample("typeform"))
    assert not any(is_signed(body, SIGNATURE, secret.decode("latin-1")) for secret in one_bit_off(SECRET.encode()))


@pytest.mark.parametrize(
    "signature",
    [b"", b"sha256=", SIGNATURE[7:], SIGNATURE[:-1], SIGNATURE + b"=", SIGNATURE.upper(), b"sha1=" + SIGNATURE[7:],
     SIGNATURE + b", " + SIGNATURE, b"sha256=\xff\xfe", SIGNATURE.replace(b"og=", b"oh=")],
)  # fmt: skip
def test_another_spelling_of_a_signature_is_none(signature: bytes) -> None:
    assert not is_signed(compact(sample("typeform")), signature)


def test_either_secret_of_a_rotation_will_do_and_a_blank_one_never(door: Door, settings: Settings) -> None:
    assert send(door, "typeform", secret=NEXT).status_code == 202
    settings.hook_secrets["typeform"] = ["", " "]
    assert [send(door, "typeform", secret=secret).status_code for secret in ("", " ")] == [401, 401]


def test_the_header_must_be_there_once(door: Door) -> None:
    body = compact(sample("typeform"))
    headers = authentic("typeform", body)["headers"]
    twice = [*headers.items(), ("typeform-signature", headers["typeform-signature"])]
    answers = [send(door, "typeform", headers=one) for one in ({"content-type": "application/json"}, twice)]
    assert [(one.status_code, one.headers["www-authenticate"]) for one in answers] == [(401, "Typeform-Signature")] * 2


def test_a_repetition_is_known_by_its_response_even_if_its_event_were_new(door: Door, house: House) -> None:
    first = send(door, "typeform").json()["receipt"]
    for event in ("01FICTEVENT0000000000000001", "01FICTEVENT0000000000000002"):
        again = send(door, "typeform", sample("typeform") | {"event_id": event})
        assert again.json() == {"receipt": first, "duplicate": True}
    assert len(rows(house)) == 1


def test_another_response_is_another_delivery_and_so_are_other_answers(door: Door, house: House) -> None:
    other, edited = sample("typeform"), sample("typeform")
    other["form_response"]["token"] = "fictresponsetoken00000000000002"
    edited["form_response"]["answers"][0]["text"] = "Amina Maria"
    assert not any("duplicate" in send(door, "typeform", one).json() for one in (sample("typeform"), other, edited))
    assert len(rows(house)) == 3


@pytest.mark.parametrize(
    "change",
    [
        {"event_type": "form_response_partial"},
        {"form_response": None},
        {"form_response": []},
        {"form_response": {"answers": []}},
        {"form_response": {"token": "", "answers": []}},
        {"form_response": {"token": ["t"], "answers": []}},
        {"form_response": {"token": "t", "answers": {}, "hidden": {}} | {"answers": "none"}},
        {"form_response": {"token": "t", "answers": ["text"]}},
    ],
)
def test_what_is_no_complete_response_is_400(door: Door, change: dict[str, object]) -> None:
    assert send(door, "typeform", sample("typeform") | change).status_code == 400


def test_a_response_without_any_answer_is_taken(door: Door) -> None:
    message = {"event_type": "form_response", "form_response": {"token": "t", "form_id": "fiCtFm01"}}
    assert send(door, "typeform", message).status_code == 202
