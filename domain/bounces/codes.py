"""Status codes in what servers write, and what they mean for the recipient's address.

Enhanced codes are RFC 3463's, with the IANA registry of "Mail System Enhanced Status Codes"; basic ones RFC 5321's.
The codes of one refusal can contradict each other: then the one that blames us holds, because an address that is
suppressed for our fault is somebody who is never written to again.
"""

import re
from collections.abc import Sequence
from typing import Final

from domain.bounces.said import Class, Notice

_ENHANCED = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?!\.?\d)")
_BASIC = re.compile(r"(?<![\d.])([45][0-5]\d)(?=[ -]|$)", re.MULTILINE)
"""Followed by a blank, or by a hyphen where more lines come. Other numbers of three digits stand in texts, too."""

NO_SUCH_ADDRESS: Final = frozenset({"1.1", "1.2", "1.3", "1.6", "1.10", "2.1"})
FULL: Final = "2.2"
TOO_BIG: Final = frozenset({"2.3", "3.4"})
OURS: Final = TOO_BIG | {"1.7", "1.8"}
"""Of the sender, or of the letter itself. So is all that begins with 7: refused by policy."""
NOT_ASCII: Final = frozenset({"6.7", "6.9"})
"""X.6.7 and X.6.9: somebody on the way lacks SMTPUTF8, which the recipient's address needs (RFC 6531 3.5)."""

_FULL_WORDS = re.compile(
    r"mailbox (is |was )?(currently )?full|over ?quota|quota (has been )?exceeded|exceed\w* (\w+ ){0,4}quota"
    r"|insufficient (disk|system) (space|storage)|mailbox (size )?limit|boîte .{0,20}pleine|Postfach .{0,20}voll"
    r"|casella .{0,20}piena|buzón .{0,20}lleno|ящик .{0,20}переполнен",
    re.IGNORECASE,
)
_OUR_WORDS = re.compile(
    r"spam|blacklist|block ?list|blocked|spamhaus|reputation|\bDMARC\b|\bDKIM\b|\bSPF\b|\bPTR\b|reverse dns"
    r"|\bpolic(y|ies)\b|rate limit|too many|relay\w* (access )?denied|not permitted|virus|message (is )?too big",
    re.IGNORECASE,
)


def enhanced_in(text: str) -> list[str]:
    """The enhanced codes that stand in a text, in their order."""
    return _ENHANCED.findall(text)


def basic_in(text: str) -> int | None:
    """The first basic code of a refusal that stands in a text."""
    found = _BASIC.search(text)
    return int(found[1]) if found else None


def telling(codes: Sequence[str]) -> str | None:
    """Of several codes for one refusal the one that says most: any that blames us, then any that says something."""
    ours = [one for one in codes if _blames_us(one)]
    return next(iter([*ours, *(one for one in codes if not one.endswith(".0.0")), *codes]), None)


def hinted(text: str) -> Class | None:
    """What the words of a refusal say, where they say it plainly. Only what spares the recipient is believed: that
    nobody has the address is for codes to say."""
    if _OUR_WORDS.search(text):
        return "policy"
    return "full" if _FULL_WORDS.search(text) else None


def class_of(notice: Notice) -> Class:
    """Why a letter was refused, or is not there yet."""
    detail = (notice.enhanced or "").partition(".")[2]
    if notice.enhanced and _blames_us(notice.enhanced):
        return "policy"
    if detail == FULL:
        return "full"
    lasting = notice.what == "bounced" and _is_permanent(notice)
    if lasting and detail in NO_SUCH_ADDRESS:
        return "hard"
    if detail in NOT_ASCII:
        return "soft"
    return notice.hint or ("unclear" if lasting else "soft")


def _is_permanent(notice: Notice) -> bool:
    if notice.enhanced is not None:
        return notice.enhanced.startswith("5")
    return notice.code is None or notice.code >= 500


def _blames_us(enhanced: str) -> bool:
    """By policy (X.7.X), of our sender (X.1.7, X.1.8), or of the letter itself: its size, or its content (X.6.X)."""
    if enhanced.startswith("2"):
        return False
    detail = enhanced.partition(".")[2]
    return detail in OURS or detail.startswith("7.") or (detail.startswith("6.") and detail not in NOT_ASCII)
