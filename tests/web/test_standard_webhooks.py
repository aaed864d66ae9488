"""Signatures by Standard Webhooks, on the published vector."""

from tests.web.providers import believed, one_bit_off
from tests.web.street import SECRET
from tests.web.test_webhook import VECTOR
from web.sources.standard import Standard

HEADERS = {
    "webhook-id": b"msg_fictitious0000000000001",
    "webhook-timestamp": b"1788253513",
    "webhook-signature": b"v1,rZ64RDmFLAoi60kUVl2/R7df1Oo6ZjZYkw3GIcdbBOs=",
}


def is_signed(body: bytes = VECTOR, **changes: bytes) -> bool:
    headers = HEADERS | {f"webhook-{name}": value for name, value in changes.items()}
    return believed(Standard(), body, [SECRET], headers)


def test_not_one_bit_of_the_body_can_differ() -> None:
    assert is_signed()
    assert not any(is_signed(body) for body in one_bit_off(VECTOR))


def test_not_one_bit_of_id_time_or_signature_can_differ() -> None:
    for name in ("id", "timestamp", "signature"):
        assert not any(is_signed(**{name: value}) for value in one_bit_off(HEADERS[f"webhook-{name}"]))


def test_another_spelling_of_a_signature_is_none() -> None:
    right = HEADERS["webhook-signature"]
    assert not any(is_signed(signature=one) for one in (right[:-1], right.replace(b"Os=", b"Ot="), right + b"="))
