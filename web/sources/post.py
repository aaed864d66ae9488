"""What the doors of all form providers share: what is kept of a post, by what id, and how little is looked at."""

import hashlib
import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import field
from datetime import datetime
from typing import Any

from pydantic_core import from_json
from starlette.datastructures import Headers
from starlette.requests import Request

from schemas.value import value

JSON = frozenset({"application/json"})


class NotAuthentic(Exception):
    """A post that nobody who knows a secret has sent. The message says what is the matter, to the sender."""


@value
class Post:
    """What a provider is judged by. Its body has been read from `request` and measured.

    `secrets`: any of them will do. `times`: what may count as now, in UTC, for providers that sign a time.
    """

    request: Request
    body: bytes = field(repr=False)
    secrets: Sequence[str] = field(repr=False)
    times: Collection[datetime]

    @property
    def headers(self) -> Headers:
        """The request's."""
        return self.request.headers


@value
class Delivery:
    """What is recorded of a post.

    `id`: the same whenever the provider repeats this delivery, and another one for every other delivery of the same
    source to the same conference. It is kept as a keyed hash only.
    """

    id: str
    body: bytes = field(repr=False)
    content_type: str = "application/json"


def the_one(headers: Headers, name: str) -> str:
    """The value of a header that must be there once.

    Raises:
        NotAuthentic: where it is not.
    """
    return next(each_once(headers, name))


def each_once(headers: Headers, *names: str) -> Iterator[str]:
    """The values of headers that must be there once each, looked for in one go.

    Raises:
        NotAuthentic: at the first that is not.
    """
    found: dict[bytes, list[bytes]] = {name.encode("latin-1"): [] for name in names}
    for name, said in headers.raw:
        if name in found:
            found[name].append(said)
    for name, values in found.items():
        if len(values) != 1:
            raise NotAuthentic(f"There must be one header {name.decode('latin-1')}.")
        yield values[0].decode("latin-1")


def json_object(body: bytes | str) -> dict[str, Any] | None:
    """The JSON object, read as the worker will read it: strict UTF-8, no NaN, no lone surrogates, nested 200 deep at
    most. None where it is none."""
    try:
        found = from_json(body, allow_inf_nan=False)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def is_list_of_objects(value: object) -> bool:
    """Whether a list of answers may be one."""
    return isinstance(value, list) and all(isinstance(one, dict) for one in value)


def submission(*ids: object, said: object, body: bytes) -> Delivery | None:
    """The delivery of a submission by a provider that signs no id and no time: known by the submission's own ids and a
    digest of what it says. None where an id is missing.

    A repetition says the same: it is known, whenever it comes, and so is a post that somebody has overheard and sends
    again. An edited submission keeps its ids, and is a delivery of its own.
    """
    if not all(isinstance(one, str | int) and str(one).strip() for one in ids):
        return None
    canonical = json.dumps(said, sort_keys=True, separators=(",", ":")).encode()
    return Delivery(".".join([*map(str, ids), hashlib.sha256(canonical).hexdigest()]), body)
