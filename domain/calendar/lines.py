"""Content lines in bytes (RFC 5545, section 3.1): what is personal in an entry is written with these.

Refuses to break a line within a code point or within an escape: readers mangle torn Cyrillic, and some read a lone `n`
after a fold as a letter.
"""

import re
from collections.abc import Mapping, Sequence

LIMIT = 75
"""Octets in a line before its CRLF, the space of a continuation included."""

_ESCAPES = (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n"), ("\t", " "))
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029]")
_IN_QUOTES = str.maketrans({'"': "’", "^": "ˆ", "\\": "∖", "\t": " ", "\n": " "})
_URI = re.compile(r"https?://[!-~]+")


def text(name: str, value: str) -> bytes:
    """A folded line of type TEXT: escaped, its line breaks as `\\n`, other control characters left out."""
    return fold(name.encode() + b":" + _escaped(value))


class Gapped:
    """A line of type TEXT with gaps. What is fixed is escaped and folded once; a value stands between two folds."""

    def __init__(self, name: str, pieces: Sequence[str]) -> None:
        """`pieces`: fixed, a blank, fixed, …"""
        first, *others = pieces
        self._first = text(name, first)
        self._others = [(blank, _continued(fixed)) for blank, fixed in zip(others[::2], others[1::2], strict=True)]

    def filled(self, values: Mapping[str, str]) -> bytes:
        """The line with the values by their blanks."""
        parts = [self._first]
        for blank, after in self._others:
            parts += (_continued(values.get(blank, blank)), after)
        return b"".join(parts)


def _continued(value: str) -> bytes:
    return fold(b" " + _escaped(value)) if value else b""


def _escaped(value: str) -> bytes:
    escaped = _CONTROL.sub("", value)
    for character, escape in _ESCAPES:
        escaped = escaped.replace(character, escape)
    return escaped.encode()


def quoted(value: str) -> str:
    """A parameter's value between quotes. Quotes within become ’, carets ˆ (few readers know RFC 6868), and
    backslashes ∖: parameters have no escapes, but some readers undo them."""
    return f'"{_CONTROL.sub("", value).translate(_IN_QUOTES)}"'


def uri(name: str, value: str) -> bytes:
    """A folded line of type URI, which knows no escapes. Raises ValueError unless it is an ASCII web address."""
    if not is_web_address(value):
        raise ValueError(f"{name} is no web address in ASCII")
    return fold(f"{name}:{value}".encode())


def is_web_address(value: str) -> bool:
    """Whether `value` is an ASCII address of http or https, without spaces: what a line or a link can hold as it is."""
    return _URI.fullmatch(value) is not None


def fold(line: bytes) -> bytes:
    """The content line broken into lines of at most 75 octets, ended by CRLF."""
    pieces, start, room = [], 0, LIMIT
    while len(line) - start > room:
        end = _seam(line, start + room)
        pieces.append(line[start:end])
        start, room = end, LIMIT - 1
    pieces.append(line[start:])
    return b"\r\n ".join(pieces) + b"\r\n"


def unfold(content: bytes) -> list[bytes]:
    """The content lines, whole and without their CRLF."""
    return content.replace(b"\r\n ", b"").splitlines()


def _seam(line: bytes, end: int) -> int:
    """The last place at or before `end` that is between two code points and after no backslash of its own."""
    while line[end] & 0xC0 == 0x80:
        end -= 1
    backslashes = end - len(line[:end].rstrip(b"\\"))
    return end - backslashes % 2
