"""Whatever comes, no door breaks: never a 500, never an exception."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.web.conftest import Door, House
from tests.web.street import GOOGLE, HOOK, PAGE, native, signed

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

# One house for all examples: nothing that is posted may change how the next post is answered.
_MANY = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

_VISIBLE = st.binary(max_size=60).map(lambda value: value.replace(b"\r", b"").replace(b"\n", b"").replace(b"\x00", b""))
_NAMES = [b"content-type", b"webhook-id", b"webhook-timestamp", b"webhook-signature", b"content-encoding", b"accept",
          b"cookie", b"x-forwarded-for"]  # fmt: skip
_VALUES = [b"application/json", b"multipart/form-data; boundary=x", b"application/x-www-form-urlencoded", b"text/html",
           b"1788253513", b"v1,AAAA"]  # fmt: skip
_HEADERS = st.lists(st.tuples(st.sampled_from(_NAMES), st.sampled_from(_VALUES) | _VISIBLE), max_size=8)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
_ADDRESSES = st.one_of(
    st.sampled_from([HOOK, GOOGLE, PAGE, "/receipts/env_x", "/admin/login", "/admin/", "/admin/logout"]),
    st.binary(max_size=40).map(lambda path: f"/hooks/{quote(path)}"),
)


@_MANY
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "OPTIONS", "BREW"]), address=_ADDRESSES, headers=_HEADERS,
    body=st.binary(max_size=400), client=st.ip_addresses(),
)  # fmt: skip
def test_any_request_at_any_address_is_answered(
    door: Door, method: str, address: str, headers: list[tuple[bytes, bytes]], body: bytes, client: object
) -> None:
    door.come_from(str(client))
    answer = door.request(method, address, headers=headers, content=body)
    assert answer.status_code < 500, answer.status_code


@_MANY
@given(data=_JSON, name=st.uuids(), address=st.sampled_from([HOOK, GOOGLE]))
def test_any_signed_json_is_taken_or_refused(door: Door, data: Any, name: object, address: str) -> None:
    body = native(**data) if isinstance(data, dict) else native(sessions=data)
    answer = door.post(address, content=body, headers=signed(body, name=str(name)))
    assert answer.status_code in {202, 400}


@_MANY
@given(
    fields=st.dictionaries(
        st.sampled_from(["full_name", "email", "sessions", "language", "time_zone", "attendance", "interpretation",
                         "visibility", "alias", "needs", "organisation", "country", "title", "consents.recording",
                         "nonce"]),
        st.text(max_size=40) | st.lists(st.text(max_size=10), max_size=3), max_size=8,
    ),
)  # fmt: skip
def test_anything_typed_into_the_page_is_taken_or_shown_again(door: Door, house: House, fields: dict[str, Any]) -> None:
    house.clock.machine += timedelta(minutes=1)  # nobody has to wait
    assert door.post(PAGE, data={"website": "", **fields}).status_code in {303, 422}
