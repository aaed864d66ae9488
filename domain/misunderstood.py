"""Registrations that could not be understood: which of them their sender can mend, and whom to tell, how often.

A letter goes only where the participant can do something about it, and never at once: the secretariat may see it
first, correct the programme and replay.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from pydantic import ValidationError

from domain.sources import NotUnderstood, reader
from schemas.programme import Conference
from schemas.registration import Attempt, Reason, RegistrationSubmitted

WAIT: Final = timedelta(minutes=30)
USEFUL_FOR: Final = timedelta(days=2)

_DAY, _MOST_A_DAY, _MOST = timedelta(days=1), 1, 3
"""Whoever fills in a form may type any address: nobody's mailbox is to be filled by somebody else."""

_SOURCES = frozenset({"standard", "google-forms", "typeform", "tally", "jotform", "ms-forms"})
"""Not our own page, which says at once what is wrong; not Zoom, whose pages take nothing that we would not."""

_MENDED_BY_ANSWERING_AGAIN = frozenset({"missing", "too-long", "invalid", "unreadable"})
_FREE_ANSWERS = frozenset({"full_name", "title", "organisation", "country", "alias", "needs", "sessions"})
"""What people write themselves. Where a language, a time zone or another choice cannot be read, a form offers what its
mapping does not explain: the secretariat must correct that."""

_MENDED_BY_CHOOSING_OTHERS = frozenset({"unknown-session", "session-cancelled", "session-over"})


def is_for_the_participant(source: str, reasons: Sequence[Reason]) -> bool:
    """Whether all that was wrong with a submission can be mended by whoever made it."""
    return source in _SOURCES and bool(reasons) and all(map(_can_be_mended, reasons))


def _can_be_mended(reason: Reason) -> bool:
    if reason.code in _MENDED_BY_CHOOSING_OTHERS:
        return True
    return reason.code in _MENDED_BY_ANSWERING_AGAIN and reason.field in _FREE_ANSWERS


def attempt(source: str, body: bytes, content_type: str, conference: Conference) -> Attempt | None:
    """Whom to write to about a rejected submission, and how; None where that cannot be read in it, or it was no
    registration."""
    try:
        return Attempt.model_validate(said_in(source, body, content_type, conference))
    except ValidationError:
        return None


def said_in(source: str, body: bytes, content_type: str, conference: Conference) -> object:
    """What a registration says, by the native body's names, as far as it can be read; None where it was none."""
    try:
        said: object = reader(source).read(body, content_type, conference)
    except NotUnderstood as wrong:
        said = wrong.said
    return said.data.model_dump(mode="json") if isinstance(said, RegistrationSubmitted) else _data(said)


def _data(said: object) -> object:
    is_registration = isinstance(said, dict) and said.get("type") == "registration.submitted"
    return said.get("data") if is_registration and isinstance(said, dict) else None


def may_be_told(written: Iterable[datetime], now: datetime) -> bool:
    """Whether another such letter may go to an address to which some were `written` about the same conference."""
    known = list(written)
    return len(known) < _MOST and sum(now - one < _DAY for one in known) < _MOST_A_DAY
