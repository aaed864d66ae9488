"""A letter's states, and what an SMTP answer means for it: done, try again and when, or never.

Enhanced status codes (RFC 3463) speak before basic codes (RFC 5321 4.2). A server that is not to be reached says
nothing about the participant; a connection lost after the letter was handed over leaves unknown whether it was taken,
and the letter is repeated with the same Message-ID, so that receivers can drop the second. A refusal by policy is ours
to mend: no letter is given up for it, and nobody is taken for gone.
"""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Final, Literal

from domain.bounces.codes import FULL, NO_SUCH_ADDRESS, NOT_ASCII, OURS, TOO_BIG
from schemas.outcome import LetterState
from schemas.smtp import SmtpAnswer
from schemas.value import value

BEGINNINGS: Final[frozenset[LetterState]] = frozenset({"planned", "skipped"})

TRANSITIONS: Final[Mapping[LetterState, frozenset[LetterState]]] = {
    "planned": frozenset({"claimed", "skipped", "expired", "held"}),
    "claimed": frozenset({"planned", "sent", "skipped", "expired", "failed", "held"}),
    "failed": frozenset({"planned"}),
    "held": frozenset({"planned", "expired"}),
    "sent": frozenset(),
    "skipped": frozenset(),
    "expired": frozenset(),
}
"""From each state to which. The database holds to it by a trigger (migrations 0005, 0007, 0013), and docs/letters.md
draws it; tests compare all three."""

Concern = Literal["letter", "address", "mailbox", "us", "domain"]
"""Whom an answer is about. `letter`: this one, this time. `address`: there is none such. `mailbox`: it is full. `us`:
the server refuses the sender or what we send. `domain`: it wants fewer letters from us."""


def _minutes(*numbers: int) -> tuple[timedelta, ...]:
    return tuple(timedelta(minutes=one) for one in numbers)


RELAY_PAUSES: Final = _minutes(1, 5, 15, 30)
"""How long nothing is sent after a refusal of us: the first time in a row, the second, … Then one letter tries."""
DOMAIN_PAUSES: Final = _minutes(10, 20, 40, 60)
"""The same for a domain that wants less: ten minutes at least (Google's guidelines for senders)."""

_WAITS: Final[Mapping[Concern, tuple[timedelta, ...]]] = {
    "letter": _minutes(1, 5, 15, 30),
    "address": (),
    "mailbox": _minutes(60, 23 * 60, 96 * 60),
    "us": _minutes(30),
    "domain": DOMAIN_PAUSES,
}
"""Until the second try, the third, …; the last holds for all after. To a full mailbox three more, over five days."""
_MOST_TRIES: Final = 4 + 5 * 24 * 2
"""Five days (RFC 5321 4.5.4.1): who has refused for so long will not take the letter."""

_REFUSED_IN_A_ROW: Final = 5
"""So many recipients of one domain refused by policy, with none taken in between, are no longer about themselves; so
many domains, no longer about theirs."""

_TOO_FAST: Final = "4.7.28"


@value
class Verdict:
    """The state a letter goes to, with the reason; `wait` says how long until the next try, if there is one."""

    state: Literal["sent", "planned", "failed"]
    reason: str | None
    wait: timedelta | None = None
    concern: Concern = "letter"


_TAKEN: Final = Verdict("sent", None)


def verdict(answer: SmtpAnswer, tries: int, past: Iterable[str] = ()) -> Verdict:
    """What to do after the `tries`-th try (1 for the first). `past`: the reasons of earlier tries. A mailbox that is
    full has its own count: other troubles on the way there say nothing of it."""
    if answer.accepted:
        return _TAKEN
    concern, waits = concern_of(answer), _WAITS[concern_of(answer)]
    if tries >= _MOST_TRIES:
        return Verdict("failed", f"gave-up-after-{answer}", None, concern)
    if concern == "mailbox":
        tries = 1 + sum(reason.endswith(f".{FULL}") for reason in past)
        if tries > len(waits):
            return Verdict("failed", "mailbox-full", None, concern)
    if concern in {"letter", "address"} and _is_permanent(answer):
        asks_for_utf8 = _detail(answer) in NOT_ASCII
        return Verdict("failed", "address-needs-smtputf8" if asks_for_utf8 else str(answer), None, concern)
    return Verdict("planned", str(answer), waits[min(tries, len(waits)) - 1], concern)


def concern_of(answer: SmtpAnswer) -> Concern:
    """Whom a refusal is about."""
    detail = _detail(answer)
    if answer.enhanced == _TOO_FAST:
        return "domain"
    if detail == FULL:
        return "mailbox"
    if not _is_permanent(answer) or detail in NOT_ASCII:
        return "letter"
    if detail.startswith("7.") or detail in OURS or answer.stage in {"connect", "sender"}:
        return "us"
    return "address" if detail in NO_SUCH_ADDRESS else "letter"


def stops(answer: SmtpAnswer, recipients: int, domains: int) -> Literal["relay", "domain"] | None:
    """What should be left alone after a refusal of us. The mail server, where it refuses our login or sender, or where
    so many `domains` have refused in a row that it cannot be about them. A domain, where so many of its `recipients`
    have. One recipient, with however many letters, stops nothing.

    `recipients` (different ones, of this domain) and `domains`: refused by policy since one was taken, this one among
    them.
    """
    if concern_of(answer) != "us":
        return None
    of_the_sender = answer.stage in {"connect", "sender"} and _detail(answer) not in TOO_BIG
    if of_the_sender or domains >= _REFUSED_IN_A_ROW:
        return "relay"
    return "domain" if recipients >= _REFUSED_IN_A_ROW else None


def _is_permanent(answer: SmtpAnswer) -> bool:
    return answer.code is not None and answer.code >= 500


def _detail(answer: SmtpAnswer) -> str:
    """The enhanced code without its class, empty where there is none."""
    return (answer.enhanced or "").partition(".")[2]
