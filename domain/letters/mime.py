"""A letter as mail: RFC 5322 in bytes, with CRLF and nothing but ASCII, unless the recipient's address has more.

The shape is the one that Thunderbird and Exchange write and Gmail, Proton and Evolution accept as an invitation:
`multipart/mixed { multipart/alternative { plain, html, calendar }, application/ics }`. It is put together by hand,
because the standard library takes eight milliseconds for it; the tests read it back with that library.
"""

from base64 import encodebytes
from binascii import b2a_qp
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from hashlib import blake2s

from domain.calendar.entry import Method
from domain.letters import headers
from domain.letters.headers import CRLF

_EIGHT_BIT = bytes(range(128, 256))


@dataclass(frozen=True)
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
    mark = blake2s(head.message_id.encode(), digest_size=12).hexdigest()
    bodies = [_text("plain", text), _text("html", html)]
    if calendar is None:
        return _header(head) + _multipart("alternative", f"a{mark}", bodies)
    encoded = encodebytes(calendar).replace(b"\n", b"\r\n")
    # The last alternative is the best one to a mail program; a Content-Disposition would hide it from Evolution.
    bodies.append(_part(f"text/calendar; charset=UTF-8; method={method}", "base64", encoded))
    attached = _part(
        'application/ics; name="invite.ics"',
        "base64",
        encoded,
        'Content-Disposition: attachment; filename="invite.ics"',
    )
    return _header(head) + _multipart("mixed", f"m{mark}", [_multipart("alternative", f"a{mark}", bodies), attached])


def _header(head: Head) -> bytes:
    fields = [
        headers.mailbox("From", head.from_name, head.from_address),
        headers.mailbox("To", head.to_name, head.to_address, extended=True),
        *([headers.mailbox("Reply-To", None, head.reply_to)] if head.reply_to else []),
        headers.words("Subject", head.subject),
        f"Date: {format_datetime(head.date.astimezone(UTC))}",
        headers.message_id(head.message_id),
        "MIME-Version: 1.0",
        headers.plain("Content-Language", head.language),
        "Auto-Submitted: auto-generated",
        # Not `All`: that would silence reports of non-delivery as well (MS-OXCMAIL 2.1.3.2.20).
        "X-Auto-Response-Suppress: OOF, AutoReply",
    ]
    if head.mute is not None:
        # One click in the mail program, without a visit (RFC 2369, RFC 8058).
        fields += [headers.plain("List-Unsubscribe", f"<{head.mute}>")]
        fields += ["List-Unsubscribe-Post: List-Unsubscribe=One-Click"]
    return "".join(one + CRLF for one in fields).encode()


def _multipart(subtype: str, mark: str, parts: list[bytes]) -> bytes:
    boundary = f"=_{mark}"  # quoted-printable cannot hold `=_`; and none may begin with another (RFC 2046, 5.1.2)
    opening = f"\r\n--{boundary}\r\n".encode()  # the line break before it belongs to the boundary
    content_type = f'Content-Type: multipart/{subtype};\r\n boundary="{boundary}"\r\n'.encode()
    return b"".join([content_type, *(opening + part for part in parts), f"\r\n--{boundary}--\r\n".encode()])


def _text(subtype: str, content: str) -> bytes:
    """A text part in the encoding that is shorter: Cyrillic takes six octets a letter in quoted-printable."""
    octets = CRLF.join([*content.splitlines(), ""]).encode()
    mostly_ascii = len(octets) - len(octets.translate(None, _EIGHT_BIT)) < len(octets) // 6
    encoded = b2a_qp(octets, istext=True) if mostly_ascii else encodebytes(octets).replace(b"\n", b"\r\n")
    return _part(f"text/{subtype}; charset=utf-8", "quoted-printable" if mostly_ascii else "base64", encoded)


def _part(content_type: str, encoding: str, encoded: bytes, *more: str) -> bytes:
    fields = (f"Content-Type: {content_type}", f"Content-Transfer-Encoding: {encoding}", *more, "", "")
    return CRLF.join(fields).encode("ascii") + encoded
