"""A text part as mail carries it, encoded once, with gaps for what is one person's.

Encoding costs more than all else in a letter. What is fixed is encoded when the draft is made; what is filled in is
encoded by itself and stands between line breaks that a reader takes out again. So no fixed line ever wraps anew.
"""

import re
from binascii import b2a_base64, b2a_qp
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, Protocol

_EIGHT_BIT: Final = bytes(range(128, 256))
_LINE_END: Final = re.compile("\r\n|[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_SOFT_BREAK: Final = b"=\r\n"
_LEFT_ALONE: Final = bytes(set(range(ord(" "), ord("~") + 1)) - {ord("=")})
_LONGEST: Final = 75
"""Octets of a line that is followed by a soft line break."""
_LINE: Final = 76
"""Letters in a line of base64 (RFC 2045, section 6.8)."""


class Body(Protocol):
    """A part's content, to be completed."""

    encoding: Literal["quoted-printable", "base64"]

    def filled(self, values: "Mapping[str, Filling]") -> bytes:
        """Encoded, with the values by their blanks."""


class Filling:
    """A value that is filled in. Quoted-printable is made of it once, for all places where it stands."""

    __slots__ = ("_quoted", "octets")

    def __init__(self, text: str) -> None:
        self.octets = octets(text)
        self._quoted: bytes | None = None

    @property
    def quoted(self) -> bytes:
        """Encoded, behind a soft line break."""
        if self._quoted is None:
            self._quoted = _SOFT_BREAK + _quoted(self.octets)
        return self._quoted


def body(pieces: Sequence[str]) -> Body:
    """For a text in pieces: fixed, a blank, fixed, … It ends with a line break; those within may be of any kind.

    In the encoding that is shorter: Cyrillic takes six octets a letter in quoted-printable.
    """
    fixed = [octets(one) for one in pieces[::2]]
    if any(fixed) and not fixed[-1].endswith(b"\r\n"):
        fixed[-1] += b"\r\n"
    together = b"".join(fixed)
    mostly_ascii = len(together) - len(together.translate(None, _EIGHT_BIT)) < len(together) // 6
    return (QuotedPrintable if mostly_ascii else Base64)(fixed, pieces[1::2])


def octets(text: str) -> bytes:
    """UTF-8, with CRLF."""
    return (_LINE_END.sub("\r\n", text) if not text.isprintable() else text).encode()


class QuotedPrintable:
    """RFC 2045, section 6.7: a value stands between two soft line breaks."""

    encoding: Literal["quoted-printable", "base64"] = "quoted-printable"

    def __init__(self, fixed: Sequence[bytes], blanks: Sequence[str]) -> None:
        first, *others = [_quoted(one) for one in fixed]
        self._first = first
        self._others = [(blank, _SOFT_BREAK + one) for blank, one in zip(blanks, others, strict=True)]

    def filled(self, values: Mapping[str, Filling]) -> bytes:
        """See Body."""
        parts = [self._first]
        for blank, after in self._others:
            parts += ((values.get(blank) or Filling(blank)).quoted, after)
        return b"".join(parts)


def _quoted(content: bytes) -> bytes:
    """Encoded by itself, at the beginning of a line. No line begins with a dot, which mail servers have been seen to
    lose (RFC 2049, section 3); where one would, it is encoded, and its line broken after it to stay short enough."""
    if _is_left_alone(content):
        return content
    encoded = b"\n" + b2a_qp(content.replace(b"\r\n", b"\n"), istext=True)
    while b"\n." in encoded:
        encoded = encoded.replace(b"\n.", b"\n=2E=\n")
    return encoded.replace(b"\n", b"\r\n")[2:]


def _is_left_alone(content: bytes) -> bool:
    """Whether it is one line of ASCII that quoted-printable does not touch, as most names and addresses of ours are."""
    return 0 < len(content) <= _LONGEST and content[0] not in b" ." and content[-1] not in b" " and (
        not content.translate(None, _LEFT_ALONE)
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class _From:
    """What follows a value of which so many octets lack to a group of three: those (`lent`), all whole groups after
    them, and what is left over for the next value."""

    lent: bytes
    encoded: bytes
    left: bytes


class Base64:
    """RFC 2045, section 6.8: groups of three octets, so that a value borrows from what stands around it."""

    encoding: Literal["quoted-printable", "base64"] = "base64"

    def __init__(self, fixed: Sequence[bytes], blanks: Sequence[str]) -> None:
        self._first = _lending(fixed[0], 0)
        self._others = [
            (blank, tuple(_lending(one, lent) for lent in range(3)))
            for blank, one in zip(blanks, fixed[1:], strict=True)
        ]

    def filled(self, values: Mapping[str, Filling]) -> bytes:
        """See Body."""
        parts, left = [self._first.encoded], self._first.left
        for blank, variants in self._others:
            value = left + (values.get(blank) or Filling(blank)).octets
            after = variants[-len(value) % 3]
            value += after.lent
            whole = len(value) - len(value) % 3  # less than all, where too little follows to borrow from
            parts += (base64(value[:whole]), after.encoded)
            left = value[whole:] + after.left
        return b"".join((*parts, base64(left)))


def _lending(content: bytes, lent: int) -> _From:
    whole = lent + (len(content) - lent) // 3 * 3 if len(content) > lent else len(content)
    return _From(content[:lent], base64(content[lent:whole]), content[whole:])


def base64(content: bytes) -> bytes:
    """All of it, in lines."""
    encoded = b2a_base64(content, newline=False)
    return b"".join([encoded[start : start + _LINE] + b"\r\n" for start in range(0, len(encoded), _LINE)])
