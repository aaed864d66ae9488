"""What an SMTP answer means for a letter: done, try again and when, or never.

Enhanced status codes (RFC 3463) speak before basic codes (RFC 5321 4.2). A server that is not to be reached says
nothing about the participant; a connection lost after the letter was handed over leaves unknown whether it was taken,
and the letter is repeated with the same Message-ID, so that receivers can drop the second.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from schemas.smtp import SmtpAnswer

_WAITS = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 30))
_LONGEST_WAIT = timedelta(minutes=30)
_MOST_TRIES = len(_WAITS) + 5 * 24 * 2
"""Five days (RFC 5321 4.5.4.1): who has refused for so long will not take the letter."""

_NOT_ASCII = frozenset({"6.7", "6.9"})
"""X.6.7 and X.6.9: somebody on the way lacks SMTPUTF8, which the recipient's address needs (RFC 6531 3.5)."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The state a letter goes to, with the reason; `wait` says how long until the next try, if there is one."""

    state: Literal["sent", "planned", "failed"]
    reason: str | None
    wait: timedelta | None = None


def verdict(answer: SmtpAnswer, tries: int) -> Verdict:
    """What to do after the `tries`-th try (1 for the first)."""
    if answer.accepted:
        return Verdict("sent", None)
    if tries >= _MOST_TRIES:
        return Verdict("failed", f"gave-up-after-{answer}")
    if answer.code is not None and answer.code >= 500:
        if _refusal(answer) in _NOT_ASCII:
            return Verdict("failed", "address-needs-smtputf8")
        return Verdict("planned", str(answer), _LONGEST_WAIT) if our_fault(answer) else Verdict("failed", str(answer))
    return Verdict("planned", str(answer), _WAITS[tries - 1] if tries <= len(_WAITS) else _LONGEST_WAIT)


def our_fault(answer: SmtpAnswer) -> bool:
    """A refusal of us, not of the recipient: at the greeting, of our sender, or by policy (RFC 3463 X.7.X, X.1.7,
    X.1.8). Every other letter would meet it too, so none may be given up for it."""
    refusal = _refusal(answer)
    return answer.stage in {"connect", "sender"} or refusal.startswith("7.") or refusal in {"1.7", "1.8"}


def _refusal(answer: SmtpAnswer) -> str:
    """The enhanced code without its class, empty where there is none."""
    return (answer.enhanced or "").partition(".")[2]
