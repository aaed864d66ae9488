"""Reading what is posted, up to a limit of size and time."""

import asyncio
from collections.abc import Container
from functools import lru_cache

from python_multipart.multipart import parse_options_header
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message

from web.problems import Problem

MOST_BYTES = 256 * 1024
_MOST_SECONDS = 30
_MOST_FIELDS = 500
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


async def body_of(request: Request, most: int = MOST_BYTES) -> bytes:
    """The body. Not a byte beyond `most` is kept, whatever Content-Length says or where there is none.

    Raises:
        Problem: 413 where it is longer, 408 where it does not come within half a minute.
    """
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and (len(declared) > 12 or int(declared) > most):
        raise _too_long(most)
    chunks: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(_MOST_SECONDS):
            async for chunk in request.stream():
                size += len(chunk)
                if size > most:
                    raise _too_long(most)
                chunks.append(chunk)
    except TimeoutError:
        raise Problem(408, "The body did not arrive in time.") from None
    return b"".join(chunks)


async def form_of(request: Request) -> FormData:
    """What a form was filled in with. Files are refused.

    Raises:
        Problem: 400 where it cannot be read, 413 where it is too long, 415 where it is no form.
    """
    if media_type(request) not in FORMS or not is_utf8(request):
        raise Problem(415, "Send this as a form, in UTF-8.")
    return await fields_of(request, await body_of(request))


async def fields_of(request: Request, body: bytes) -> FormData:
    """The fields of a form's body that has been read. Files are refused.

    Raises:
        Problem: 400 where it cannot be read.
    """

    async def again() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    # Starlette's reader has limits for each part, not for the whole; so it is given a body that was measured before.
    form = Request(request.scope, again).form(max_files=0, max_fields=_MOST_FIELDS, max_part_size=MOST_BYTES)
    try:
        return await form
    except HTTPException as wrong:
        raise Problem(400, "This cannot be read as a form.") from wrong


def is_one_of(media_types: Container[str], request: Request) -> bool:
    """Whether the body is of one of these media types, in UTF-8, and not compressed. JSON is in UTF-8 (RFC 8259, 8.1),
    and so are the forms of those that send forms."""
    plain = request.headers.get("content-encoding", "identity").strip().lower() in {"identity", ""}
    media_type, utf8 = _content_type(request.headers.get("content-type", ""))
    return plain and utf8 and media_type in media_types


def media_type(request: Request) -> str:
    """The media type without its parameters, in lower case."""
    return _content_type(request.headers.get("content-type", ""))[0]


def is_utf8(request: Request) -> bool:
    """Whether no other charset is declared. Some of those that Python knows cannot be decoded safely."""
    return _content_type(request.headers.get("content-type", ""))[1]


@lru_cache(64)
def _content_type(header: str) -> tuple[str, bool]:
    _, options = parse_options_header(header)
    utf8 = options.get(b"charset", b"").strip().lower() in {b"", b"utf-8", b"utf8", b"us-ascii"}
    return header.partition(";")[0].strip().lower(), utf8


def _too_long(most: int) -> Problem:
    return Problem(413, f"At most {most // 1024} KiB are taken.")
