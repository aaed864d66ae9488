"""A mail taken apart for people to look at. Tolerant: whatever cannot be decoded is shown as it stands."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header, make_header
from email.message import Message
from pathlib import Path

from web.viewer.fresh import once_per_change

_FOLD = re.compile(r"[\r\n]+")
_CALENDARS = ("text/calendar", "application/ics")
_SHOWN = ("Content-Type", "Content-Transfer-Encoding", "Content-Disposition")


@dataclass(frozen=True)
class Part:
    """A part that holds others or a body. `number`: its place, as IMAP counts (1, 1.2); empty for the message itself.

    `fields`: how it is labelled. `content`: the body's octets, its transfer encoding undone. `text`: the body as text,
    None where it is none.
    """

    number: str
    media_type: str
    fields: tuple[tuple[str, str], ...]
    content: bytes
    text: str | None


@dataclass(frozen=True)
class Mail:
    """A message as it was received, its header fields decoded, and its parts in order."""

    raw: bytes
    fields: tuple[tuple[str, str], ...]
    parts: tuple[Part, ...]

    def field(self, name: str) -> str:
        """The value of the first field of this name, empty where there is none."""
        return next((value for own, value in self.fields if own.lower() == name.lower()), "")

    def body(self, *media_types: str) -> Part | None:
        """The first part of the first of these types."""
        return next((part for one in media_types for part in self.parts if part.media_type == one), None)

    @property
    def calendar(self) -> Part | None:
        """The calendar entry: the alternative that mail programs read, else the attached file."""
        return self.body(*_CALENDARS)


@once_per_change(2048)
def read_mail(path: Path) -> Mail:
    """The message in this file. Raises OSError, and as `taken_apart` does."""
    return taken_apart(path.read_bytes())


def taken_apart(raw: bytes) -> Mail:
    """The message that these octets are. Raises RecursionError where parts are nested beyond all measure."""
    message = message_from_bytes(raw)  # the older policy: the newer one raises at some malformed fields
    return Mail(raw, _fields(message), tuple(_parts(message, "")))


def _fields(message: Message) -> tuple[tuple[str, str], ...]:
    return tuple((name, _decoded(value)) for name, value in message.raw_items())


def _decoded(value: str) -> str:
    """A field's value unfolded, its encoded-words read (RFC 2047); bare octets are taken for UTF-8 (RFC 6532)."""
    line = _FOLD.sub("", value).encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    try:
        return _printable(str(make_header(decode_header(line))))
    except (MessageError, LookupError, ValueError):
        return line


def _parts(message: Message, number: str) -> Iterator[Part]:
    yield _part(message, number)
    if message.is_multipart():
        for place, inner in enumerate(message.get_payload(), 1):
            assert isinstance(inner, Message)  # noqa: S101 - what is_multipart says
            yield from _parts(inner, f"{number}.{place}".removeprefix("."))


def _part(message: Message, number: str) -> Part:
    media_type = message.get_content_type()
    content = b"" if message.is_multipart() else message.get_payload(decode=True)
    assert isinstance(content, bytes)  # noqa: S101 - what decode=True gives of one part
    is_text = not message.is_multipart() and (message.get_content_maintype() == "text" or media_type in _CALENDARS)
    text = _text(content, message.get_content_charset("utf-8")) if is_text else None
    labels = tuple((name, value) for name, value in _fields(message) if name.title() in _SHOWN)
    return Part(number, media_type, labels, content, text)


def _text(content: bytes, charset: str) -> str:
    try:
        return _printable(content.decode(charset, "replace"))
    except (LookupError, ValueError):
        return content.decode("utf-8", "replace")


def _printable(text: str) -> str:
    """Without lone surrogates, which some charsets decode to and no answer can carry."""
    return text.encode("utf-8", "replace").decode()
