"""Tally's door: its signature, over every byte of the body, and its deliveries."""

import pytest

from config.settings import Settings
from schemas.registration import Consents, RegistrationData
from tests.web.conftest import Door, House
from tests.web.providers import NEXT, SECRETS, believed, compact, one_bit_off, read_by_a_worker, rows, sample, send
from web.sources.tally import Tally

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # what is tested is in front of it

SECRET = SECRETS["tally"]
SIGNATURE = b"7JSYopcPNOBGBTtpUZ7f/3SvKCmoVjkHk2SHQELJ/b8="
"""Of the sample, by the formula in Tally's documentation."""


@pytest.fixture(autouse=True)
def known(settings: Settings) -> None:
    """Its secret is being rotated."""
    settings.hook_secrets["tally"] = [SECRET, NEXT]


def is_signed(body: bytes, signature: bytes, secret: str = SECRET) -> bool:
    return believed(Tally(), body, [secret], {"tally-signature": signature})


def test_the_vector_is_taken_and_becomes_the_registration(door: Door, house: House) -> None:
    headers = {"content-type": "application/json", "Tally-Signature": SIGNATURE.decode()}
    assert send(door, "tally", headers=headers).status_code == 202
    assert read_by_a_worker(house) == RegistrationData(
        full_name="Tomás", email="tomas.ferreira@example.org", sessions=("opening",), interpretation="es",
        consents=Consents(announcements=True),
    )  # fmt: skip


def test_not_one_bit_of_the_signature_can_differ() -> None:
    body = compact(sample("tally"))
    assert is_signed(body, SIGNATURE)
    assert not any(is_signed(body, changed) for changed in one_bit_off(SIGNATURE))


def test_not_one_bit_of_the_body_can_differ() -> None:
    assert not any(is_signed(changed, SIGNATURE) for changed in one_bit_off(compact(sample("tally"))))


def test_not_one_bit_of_the_secret_can_differ() -> None:
    body = compact(sample("tally"))
    assert not any(is_signed(body, SIGNATURE, secret.decode("latin-1")) for secret in one_bit_off(SECRET.encode()))


def test_either_secret_of_a_rotation_will_do_and_a_blank_one_never(door: Door, settings: Settings) -> None:
    assert send(door, "tally", secret=NEXT).status_code == 202
    settings.hook_secrets["tally"] = ""
    assert send(door, "tally", secret="").status_code == 401


def test_a_post_without_a_signature_is_401(door: Door) -> None:
    answer = send(door, "tally", headers={"content-type": "application/json"})
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Tally-Signature")


def test_five_retries_are_one_delivery_and_another_response_is_another(door: Door, house: House) -> None:
    first = send(door, "tally").json()["receipt"]
    for _ in range(5):
        assert send(door, "tally").json() == {"receipt": first, "duplicate": True}
    other = sample("tally")
    other["data"]["submissionId"] = "fResp2"
    assert "duplicate" not in send(door, "tally", other).json()
    assert len(rows(house)) == 2


@pytest.mark.parametrize(
    "change",
    [
        {"eventType": "FORM_CREATED"},
        {"data": []},
        {"data": {"fields": []}},
        {"data": {"submissionId": "fResp1"}},
        {"data": {"submissionId": "fResp1", "fields": ["E-mail"]}},
        {"data": {"submissionId": {}, "responseId": {}, "fields": []}},
    ],
)
def test_what_is_no_response_is_400(door: Door, change: dict[str, object]) -> None:
    assert send(door, "tally", sample("tally") | change).status_code == 400
