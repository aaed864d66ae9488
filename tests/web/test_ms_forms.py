"""The door for Microsoft Forms: the secret that our own flow sends along, and its deliveries."""

import pytest

from config.settings import Settings
from schemas.registration import Consents, RegistrationData
from tests.web.conftest import Door, House
from tests.web.providers import NEXT, SECRETS, believed, one_bit_off, read_by_a_worker, rows, sample, send
from web.sources.ms_forms import MicrosoftForms

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # what is tested is in front of it

SECRET = SECRETS["ms-forms"]


@pytest.fixture(autouse=True)
def known(settings: Settings) -> None:
    """Its secret is being rotated."""
    settings.hook_secrets["ms-forms"] = [SECRET, NEXT]


@pytest.mark.parametrize("name", ["ms-forms", "ms-forms-whole"])
def test_a_response_is_taken_and_becomes_the_registration(door: Door, house: House, name: str) -> None:
    assert send(door, "ms-forms", sample(name)).status_code == 202
    assert read_by_a_worker(house) == RegistrationData(
        full_name="Amina", email="amina.kovac@example.org", sessions=("opening",), interpretation="fr",
        consents=Consents(recording=True),
    )  # fmt: skip


def test_not_one_bit_of_the_secret_can_differ() -> None:
    right = SECRET.encode()
    assert believed(MicrosoftForms(), b"", [SECRET], {"x-webhook-key": right})
    assert not any(
        believed(MicrosoftForms(), b"", [SECRET], {"x-webhook-key": one}) for one in (*one_bit_off(right), right[:-1])
    )


def test_either_secret_of_a_rotation_will_do_and_a_blank_one_never(door: Door, settings: Settings) -> None:
    assert send(door, "ms-forms", secret=NEXT).status_code == 202
    settings.hook_secrets["ms-forms"] = ""
    assert send(door, "ms-forms", secret="").status_code == 401


def test_a_post_without_the_secret_is_401(door: Door) -> None:
    answer = send(door, "ms-forms", headers={"content-type": "application/json"})
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "X-Webhook-Key")


def test_a_flow_that_tries_again_sends_the_same_delivery(door: Door, house: House) -> None:
    first = send(door, "ms-forms").json()["receipt"]
    in_another_order = dict(reversed(sample("ms-forms").items()))
    assert send(door, "ms-forms", in_another_order).json() == {"receipt": first, "duplicate": True}
    assert len(rows(house)) == 1


def test_an_edited_response_has_the_same_id_and_is_not_lost(door: Door, house: House) -> None:
    edited = sample("ms-forms")
    edited["answers"]["language"] = "Russian"
    assert not any("duplicate" in send(door, "ms-forms", one).json() for one in (sample("ms-forms"), edited))
    assert len(rows(house)) == 2


def test_one_number_in_two_forms_is_two_responses(door: Door, house: House) -> None:
    for form in ("fictFormId", "anotherForm"):
        send(door, "ms-forms", sample("ms-forms") | {"form_id": form})
    assert len(rows(house)) == 2


@pytest.mark.parametrize(
    "change",
    [{"answers": None}, {"answers": []}, {"answers": "none"}, {"response_id": None}, {"response_id": ""},
     {"form_id": None}, {"form_id": {}}],
)  # fmt: skip
def test_what_is_no_response_is_400(door: Door, change: dict[str, object]) -> None:
    assert send(door, "ms-forms", sample("ms-forms") | change).status_code == 400
