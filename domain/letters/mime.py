"""A letter as mail: RFC 5322 in bytes, with CRLF and nothing but ASCII, unless the recipient's address has more. No
line begins with a dot, so that SMTP has none to stuff.

The shape is the one that Thunderbird and Exchange write and Gmail, Proton and Evolution accept as an invitation:
`multipart/mixed { multipart/alternative { plain, html, calendar }, application/ics }`. It is put together by hand,
because the standard library takes eight milliseconds for it; the tests read it back with that library.
"""

from collections.abc import Mapping
from dataclasses import field
from datetime import UTC, datetime
from email.utils import format_datetime
from functools import lru_cache
from hashlib import blake2s

from domain.calendar.entry import Method
from domain.letters import headers
from domain.letters.encoded import Body, Filling, base64, body
from domain.letters.headers import CRLF
from schemas.value import value


@value
class Head:
    """What the header says. A `from_name` of None leaves the bare address. `date` is aware.

    Addresses are ASCII but for `to_address`, which may have any letters before its @. Then it stands in UTF-8 in a
    header that is otherwise the same: an internationalized message (RFC 6532).
    """

    from_name: str | None
    from_address: str
    to_name: str = field(repr=False)
    to_address: str = field(repr=False)
    reply_to: str | None
    subject: str
    date: datetime
    message_id: str
    language: str
    mute: str | None = field(default=None, repr=False)


def compose(head: Head, text: str, html: str, calendar: bytes | None = None, method: Method = "REQUEST") -> bytes:
    """The message. `text` and `html` may end their lines as they like; `calendar` is carried byte for byte.

    Raises LetterError where a header field cannot be written.
    """
    plain, rich = (TextPart(subtype, body([content])) for subtype, content in (("plain", text), ("html", html)))
    return assemble(head, plain.filled({}), rich.filled({}), calendar, method)


def assemble(head: Head, text: bytes, html: bytes, calendar: bytes | None, method: Method) -> bytes:
    """As `compose`, of parts that are complete."""
    mark = blake2s(head.message_id.encode(), digest_size=12).hexdigest()
    if calendar is None:
        return _multipart("alternative", f"a{mark}", [text, html], _header(head))
    encoded = base64(calendar)
    # The last alternative is the best one to a mail program; a Content-Disposition would hide it from Evolution.
    inline = _OF_CALENDAR[method] + encoded
    alternatives = _multipart("alternative", f"a{mark}", [text, html, inline])
    return _multipart("mixed", f"m{mark}", [alternatives, _ATTACHED + encoded], _header(head))


def _header(head: Head) -> bytes:
    fields = [
        *_of_all(head.from_name, head.from_address, head.reply_to, head.subject, head.language),
        headers.mailbox("To", head.to_name, head.to_address, extended=True),
        _date(head.date.replace(microsecond=0)),
        headers.message_id(head.message_id),
    ]
    if head.mute is not None:
        # One click in the mail program, without a visit (RFC 2369, RFC 8058).
        fields += [headers.plain("List-Unsubscribe", f"<{head.mute}>")]
        fields += ["List-Unsubscribe-Post: List-Unsubscribe=One-Click"]
    return (CRLF.join(fields) + CRLF).encode()


@lru_cache(maxsize=1024)
def _of_all(
    from_name: str | None, from_address: str, reply_to: str | None, subject: str, language: str
) -> tuple[str, ...]:
    """The fields that are nobody's own, and the same in many letters."""
    return (
        headers.mailbox("From", from_name, from_address),
        *([headers.mailbox("Reply-To", None, reply_to)] if reply_to else []),
        headers.words("Subject", subject),
        "MIME-Version: 1.0",
        headers.plain("Content-Language", language),
        "Auto-Submitted: auto-generated",
        # Not `All`: that would silence reports of non-delivery as well (MS-OXCMAIL 2.1.3.2.20).
        "X-Auto-Response-Suppress: OOF, AutoReply",
    )


@lru_cache(maxsize=256)
def _date(moment: datetime) -> str:
    return f"Date: {format_datetime(moment.astimezone(UTC))}"


def _multipart(subtype: str, mark: str, parts: list[bytes], header: bytes = b"") -> bytes:
    """The parts, put together once: a letter is large, and each copy of it costs."""
    boundary = f"=_{mark}"  # quoted-printable cannot hold `=_`; and none may begin with another (RFC 2046, 5.1.2)
    opening = f"\r\n--{boundary}\r\n".encode()  # the line break before it belongs to the boundary
    content_type = f'Content-Type: multipart/{subtype};\r\n boundary="{boundary}"\r\n'.encode()
    opened = [piece for part in parts for piece in (opening, part)]
    return b"".join([header, content_type, *opened, f"\r\n--{boundary}--\r\n".encode()])


class TextPart:
    """A text part with gaps."""

    def __init__(self, subtype: str, content: Body) -> None:
        self._head = _part_head(f"text/{subtype}; charset=utf-8", content.encoding)
        self._content = content

    def filled(self, values: Mapping[str, Filling]) -> bytes:
        """Complete, with the values by their blanks."""
        return self._head + self._content.filled(values)


def _part_head(content_type: str, encoding: str, *more: str) -> bytes:
    fields = (f"Content-Type: {content_type}", f"Content-Transfer-Encoding: {encoding}", *more, "", "")
    return CRLF.join(fields).encode("ascii")


_METHODS: tuple[Method, ...] = ("REQUEST", "CANCEL")
_OF_CALENDAR = {one: _part_head(f"text/calendar; charset=UTF-8; method={one}", "base64") for one in _METHODS}
_ATTACHED = _part_head(
    'application/ics; name="invite.ics"', "base64", 'Content-Disposition: attachment; filename="invite.ics"'
)
