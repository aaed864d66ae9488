"""Header fields of mail, written so that every reader finds in them what was meant.

The standard library's own folding loses spaces in long Cyrillic subjects and the quotes of long names, so that a name
like `Olga <b@example.org>` becomes a second address. Here whatever is not plain becomes encoded-words (RFC 2047), in
which nothing can be taken for punctuation.
"""

import re
from binascii import b2a_base64
from functools import lru_cache
from textwrap import wrap

from email_validator import EmailNotValidError, validate_email

from domain.letters.model import LetterError

CRLF = "\r\n"
WIDTH = 76
"""Octets in a line that holds an encoded-word (RFC 2047, section 2)."""

_PRINTABLE = re.compile(r"[ -~]*")
_PLAIN_WORDS = re.compile(r"[!-~]{1,60}( [!-~]{1,60})*")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9 .'-]*")
_SPACE = b" "
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+")
_EXTENDED = re.compile(r"""[^\x00-\x20"(),:;<>@\[\\\]\x7f-\x9f\s]+@[A-Za-z0-9.-]+""")
"""With letters of any script before the @ (RFC 6532, section 3.2)."""
_MESSAGE_ID = re.compile(r"<[!-;=?-~]+@[!-;=?-~]+>")


def plain(name: str, value: str) -> str:
    """A field whose value is ours and short. Raises LetterError unless it is printable ASCII."""
    if not _PRINTABLE.fullmatch(value):
        raise LetterError(f"{name} must be printable ASCII")
    return f"{name}: {value}"


def message_id(value: str) -> str:
    """The Message-ID field. Raises LetterError unless `value` is `<left@right>`."""
    if not _MESSAGE_ID.fullmatch(value):
        raise LetterError("a Message-ID is of the form <left@right>")
    return f"Message-ID: {value}"


@lru_cache(maxsize=1024)
def words(name: str, value: str) -> str:
    """A field of words in any script, folded. Raises LetterError at line breaks and other control characters."""
    if _PLAIN_WORDS.fullmatch(value) and "=?" not in value:
        return f"{CRLF} ".join(wrap(f"{name}: {value}", WIDTH - 1, break_long_words=False, break_on_hyphens=False))
    return f"{name}: {_encoded(name, value)}"


def mailbox(name: str, display: str | None, address: str, *, extended: bool = False) -> str:
    """A field of exactly one address, with the name of whose it is; None leaves the bare address.

    `address` is as `carried_address` gives it, and ASCII unless `extended`. Raises LetterError where it is none, and as
    `words` does.
    """
    if not (_EXTENDED if extended else _ADDRESS).fullmatch(address):
        raise LetterError(f"{name} is not one {'' if extended else 'ASCII '}address")
    if not display:
        return f"{name}: {address}"
    shown = f"{name}: {_phrase(name, display)}"
    fits = len(shown) - (shown.rfind(CRLF) + len(CRLF) if CRLF in shown else 0) + len(address.encode()) + 3 <= WIDTH
    return f"{shown}{' ' if fits else CRLF + ' '}<{address}>"


def carried_address(address: str) -> str:
    """The address as mail carries it: an international domain as A-labels (RFC 5890), what is before the @ as typed.

    What is then still not ASCII goes only to servers with SMTPUTF8. They would take U-labels as well (RFC 6531, section
    3.2); A-labels are what the DNS knows, and so the same address in every log, bounce and calendar.
    Raises LetterError where it is no address.
    """
    if address.isascii():
        return address
    try:
        found = validate_email(address, check_deliverability=False)
    except EmailNotValidError:
        raise LetterError("the address is not valid") from None
    return f"{found.local_part}@{found.ascii_domain}"


def _phrase(name: str, display: str) -> str:
    if _PLAIN_NAME.fullmatch(display) and len(name) + len(display) + 4 <= WIDTH:
        return f'"{display}"'
    return _encoded(name, display)


def _encoded(name: str, value: str) -> str:
    """Encoded-words, one to a line."""
    if _CONTROL.search(value):
        raise LetterError(f"{name} holds a control character")
    pieces, rest, room = [], value.encode(), _room(len(name) + 2)
    while len(rest) > room:
        end = _seam(rest, room)
        pieces.append(rest[:end])
        rest, room = rest[end:], _room(1)
    return f"{CRLF} ".join(f"=?utf-8?b?{b2a_base64(one, newline=False).decode()}?=" for one in (*pieces, rest))


def _room(taken: int) -> int:
    """How many octets the encoded-word may hold in a line of which `taken` columns are used."""
    return (WIDTH - taken - len("=?utf-8?b??=")) // 4 * 3


def _seam(octets: bytes, room: int) -> int:
    """Where the encoded-word ends that holds the first of these octets, `room` of them at most.

    Between code points; where base64 needs no padding, for GMime leaves out whatever follows that; and next to a space,
    for Python's own reader shows the seams in a name as spaces.
    """
    seams = [end for end in range(1, room + 1) if octets[end] & 0xC0 != 0x80]
    unpadded = [end for end in seams if end % 3 == 0]
    spaced = [end for end in unpadded if _SPACE in octets[end - 1 : end + 1]]
    return (spaced or unpadded or seams)[-1]
