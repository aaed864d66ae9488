"""Reasons of letters in plain words: what each code means, and what a person can do about it.

The one place where that is said: pages and commands ask here. A test compares it with every code that can be written.
"""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from domain.bounces.codes import NOT_ASCII, TOO_BIG
from domain.delivery import Concern, concern_of
from schemas.smtp import SmtpAnswer


class Explained(NamedTuple):
    """A sentence about what has happened, and one about what helps. English; pages translate them."""

    meaning: str
    remedy: str


_NOTHING: Final = "Nothing is to be done."
OTHER_MEANS: Final = "Reach the participant by other means and correct the address; then send the letter again."
_BY_ITSELF: Final = "It is tried again by itself."

_KNOWN: Final[Mapping[str, Explained]] = {
    "too-late": Explained(
        "Its time was over before it could go.", "Where it still matters, tell the participant by other means."
    ),
    "superseded": Explained("A later letter says the same, or better.", _NOTHING),
    "not-attending": Explained("What it was about does not hold any more: withdrawn, refused or cancelled.", _NOTHING),
    "resolved": Explained("The submission that it was about has been dealt with.", _NOTHING),
    "muted": Explained("The participant has switched reminders off.", _NOTHING),
    "switched-off": Explained("The programme sends no reminders of this kind.", _NOTHING),
    "merged": Explained("Another reminder speaks of this session as well.", _NOTHING),
    "regrouped": Explained("Its sessions are in other reminders now.", _NOTHING),
    "moved": Explained("The session has another hour now, and another reminder.", _NOTHING),
    "registered-after-its-time": Explained("Its hour was past when the participant registered.", _NOTHING),
    "invited-just-before": Explained("A letter had just said the same.", _NOTHING),
    "planned-after-its-time": Explained("Its hour was past when the programme was changed.", _NOTHING),
    "address-needs-smtputf8": Explained(
        "The address is not in ASCII, and a mail server on the way cannot take it.",
        "Ask the participant for another address, or replay it through a mail server that knows SMTPUTF8.",
    ),
    "mailbox-full": Explained("The mailbox is full, and has been for days.", OTHER_MEANS),
    "hard-bounce": Explained("Nobody has this address: a letter to it came back.", OTHER_MEANS),
    "refused-twice": Explained("Two letters to this address were refused without a reason.", OTHER_MEANS),
    "complaint": Explained("The recipient has reported a letter as unwanted. Reminders stop.", _NOTHING),
    "unsubscribed": Explained("The recipient has unsubscribed from reminders.", _NOTHING),
    "by-hand": Explained("A person holds it.", "Release it when it may go."),
    "held-by-hand": Explained("A person holds all mail to this participant.", "Release it on the participant's page."),
    "readdressed": Explained("Planned again, for the corrected address.", _NOTHING),
    "released": Explained("Whoever held it has let it go.", _NOTHING),
    "replayed": Explained("A person has planned it again.", _NOTHING),
    "retried": Explained("A person has let it be tried at once.", _NOTHING),
    "worker-gone": Explained("The process that had it has ended.", _BY_ITSELF),
    "server-not-reached": Explained("The mail server could not be reached.", _BY_ITSELF),
    "connection-lost-after-data": Explained(
        "The connection was lost before the mail server said whether it took it.", _BY_ITSELF
    ),
    "could-not-be-written": Explained(
        "An error of ours: the letter could not be written.", "Look into the log, have it mended, then replay it."
    ),
    "hard": Explained("It came back: nobody has this address.", OTHER_MEANS),
    "full": Explained("It came back: the mailbox is full.", OTHER_MEANS),
    "soft": Explained(
        "It came back for something that passes.", "Send it again; if it comes back, use other means."
    ),
    "unclear": Explained("It came back, and nobody says why.", "Send it again; if it comes back, use other means."),
    "policy": Explained(
        "It came back: a mail server refuses what we send.",
        "Have whoever keeps the mail server look at SPF, DKIM, DMARC and block lists; then send it again.",
    ),
    "wish": Explained("The recipient does not want such letters.", _NOTHING),
}  # fmt: skip

_OF_CONCERN: Final[Mapping[Concern, Explained]] = {
    "letter": Explained(
        "The recipient's mail server refused it.", "Replay it once; if it is refused again, use other means."
    ),
    "address": Explained("The recipient's mail server says that nobody has this address.", OTHER_MEANS),
    "mailbox": Explained("The recipient's mailbox is full.", OTHER_MEANS),
    "us": Explained(
        "A mail server refuses us, not the recipient.",
        "Have whoever keeps the mail server look at its login, SPF, DKIM, DMARC and block lists; then replay it.",
    ),
    "domain": Explained("The recipient's domain wants fewer letters at a time.", _BY_ITSELF),
}
_PASSING: Final = Explained("The recipient's mail server could not take it for the moment.", _BY_ITSELF)
_TOO_BIG: Final = Explained(
    "The mail server found it too big.", "Have whoever keeps the mail server raise its limit; then replay it."
)

_SMTP: Final = re.compile(r"smtp-(\d{3})(?:-(\d\.\d{1,3}\.\d{1,3}))?")
_REPORTED: Final = re.compile(r"(hard|full|soft|unclear|policy|wish)-[\d.]+")
_GAVE_UP: Final = "gave-up-after-"


def explained(code: str) -> Explained | None:
    """What a reason's code means; None for one that is not known here."""
    if code in _KNOWN:
        return _KNOWN[code]
    if code.startswith(_GAVE_UP) and (last := explained(code.removeprefix(_GAVE_UP))):
        return Explained(f"Given up after five days of tries. {last.meaning}", OTHER_MEANS)
    if reported := _REPORTED.fullmatch(code):
        return _KNOWN[reported[1]]
    answered = _SMTP.fullmatch(code)
    return _answered(int(answered[1]), answered[2]) if answered else None


def _answered(code: int, enhanced: str | None) -> Explained:
    detail = (enhanced or "").partition(".")[2]
    if detail in NOT_ASCII:
        return _KNOWN["address-needs-smtputf8"]
    if detail in TOO_BIG:
        return _TOO_BIG
    concern = concern_of(SmtpAnswer("recipient", code, enhanced))
    return _PASSING if code < 500 and concern == "letter" else _OF_CONCERN[concern]
