"""A message that anybody may have written, taken apart without believing that it is well formed.

By `compat32`, whose parser gives back what it cannot read: the newer policies raise half a dozen errors for headers
that were damaged on purpose.
"""

import binascii
import quopri
import re
from base64 import b64decode
from collections.abc import Iterator
from email.message import Message
from email.parser import BytesParser, HeaderParser
from email.policy import compat32
from email.utils import getaddresses

MOST_BYTES = 256 * 1024
"""What is looked at of a report; the copy of the letter that it brings comes last."""

_MOST_PARTS = 50
_MOST_TEXT = 64 * 1024
_LONGEST_HEADER = 4 * 1024
_MESSAGE_ID = re.compile(r"<[^<>\s]{3,320}>")
_BLANK_LINE = re.compile(r"\r?\n[ \t]*\r?\n")
_LONGEST_ADDRESS = 320

Mail = Message


def parsed(raw: bytes) -> Mail:
    """The message in these bytes, of which no more than the beginning is looked at.

    Raises:
        RecursionError: where it is nested deeper than anybody writes.
    """
    return BytesParser(policy=compat32).parsebytes(raw[:MOST_BYTES])


def parts(message: Mail) -> Iterator[Mail]:
    """The message and the parts of its multiparts, in their order; not those of messages within it, which say what
    others have said. A bounded number."""
    waiting = [message]
    for _ in range(_MOST_PARTS):
        if not waiting:
            return
        one = waiting.pop()
        yield one
        if one.get_content_maintype() == "multipart":
            waiting.extend(reversed(_within(one)))


def _within(message: Mail) -> list[Mail]:
    """What has been parsed of it. Asked for a payload that is text, the library stumbles over some charsets."""
    found = message.get_payload() if message.is_multipart() else []
    return [one for one in found if isinstance(one, Message)] if isinstance(found, list) else []


def header(message: Mail, name: str) -> str:
    """A header's first value as text, in one line; empty where there is none."""
    return " ".join(str(message.get(name, ""))[:_LONGEST_HEADER].split())


def addresses(message: Mail, *names: str) -> tuple[str, ...]:
    """The addresses in these headers, however often each is there."""
    values = [str(value)[:_LONGEST_HEADER] for name in names for value in message.get_all(name, [])[:_MOST_PARTS]]
    return tuple(address for _, address in getaddresses(values)[:_MOST_PARTS] if is_address(address))


def is_address(text: str) -> bool:
    """Whether this may be an address; nothing longer is compared with one."""
    return "@" in text and len(text) <= _LONGEST_ADDRESS and not any(one.isspace() for one in text)


def content_of(part: Mail) -> bytes:
    """What a part holds, its transfer encoding undone as far as that goes; empty for a multipart."""
    raw = part.get_payload(decode=True)
    return raw[:_MOST_TEXT] if isinstance(raw, bytes) else b""


def text_of(part: Mail, content: bytes | None = None) -> str:
    """A part's text, or that of `content` instead, decoded by what the part says of itself, or by UTF-8 where that is
    wrong."""
    raw = content_of(part) if content is None else content
    try:
        return raw.decode(part.get_content_charset("utf-8"), "replace")
    except (LookupError, ValueError):
        return raw.decode("utf-8", "replace")


def written_in(part: Mail) -> str:
    """What stands in a part of a kind `message/…` as text. The parser has taken it for a message, or for several."""
    if not part.is_multipart():
        return text_of(part)
    raw = b"\n".join(one.as_bytes() for one in _within(part))[:_MOST_TEXT]
    encoding = header(part, "Content-Transfer-Encoding").lower()
    try:
        if encoding == "base64":
            raw = b64decode(raw)
        elif encoding == "quoted-printable":
            raw = quopri.decodestring(raw)
    except binascii.Error:
        return ""
    return raw.decode("utf-8", "replace")


def groups_of_fields(text: str) -> list[Mail]:
    """Groups of header fields, with blank lines between them (RFC 3464 2.1)."""
    groups = [group for group in _BLANK_LINE.split(text) if group.strip()]
    return [fields(group) for group in groups[:_MOST_PARTS]]


def fields(text: str) -> Mail:
    """Header fields alone."""
    return HeaderParser(policy=compat32).parsestr(text.lstrip("\r\n"))


def message_ids(text: str) -> tuple[str, ...]:
    """The Message-IDs in a header's value."""
    return tuple(_MESSAGE_ID.findall(text)[:_MOST_PARTS])
