"""Zoom's events and registrants, as one account of ours may see and change them.

Each method is one question or one change; what a refusal means is for `domain.conferencing.outcomes`, and nothing that
changes something is repeated here: who got no answer lists first. Zoom's reference: developers.zoom.us, Meetings API.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Final, TypeVar
from urllib.parse import quote

from pydantic import ValidationError

from adapters.zoom.additions import Additions
from adapters.zoom.answers import ZoomRefused, unreadable
from adapters.zoom.budget import Budget
from adapters.zoom.calls import BATCH, Call, event_path
from adapters.zoom.hosts import Hosts, may_register
from adapters.zoom.line import Line
from adapters.zoom.pages import all_pages
from adapters.zoom.shapes import event_of, names_of, registrant_of, registrants_of, required_of, rows
from adapters.zoom.tokens import Tokens
from schemas.zoom import EventKind, NewRegistrant, Refusal, RegistrantStatus, StatusAction
from schemas.zoom import ZoomEventDetails as Details
from schemas.zoom import ZoomRegistrant as Registrant

_Shape = TypeVar("_Shape")

__all__ = ["BATCH", "ZoomClient", "ZoomRefused"]

_NO_MAIL: Final = {"enable": False, "type": 0}
_SILENT: Final = {"registrants_email_notification": False, "registrants_confirmation_email": False}
_SILENT_WEBINAR: Final = {
    "attendees_and_panelists_reminder_email_notification": _NO_MAIL,
    "follow_up_attendees_email_notification": _NO_MAIL,
    "follow_up_absentees_email_notification": _NO_MAIL,
}

# In this order nobody is missed who is approved or denied between two questions.
STATUSES: Final[tuple[RegistrantStatus, ...]] = ("pending", "approved", "denied")
_RANKS: Final[dict[RegistrantStatus | None, int]] = {"denied": 0, "pending": 1, "approved": 2}


class ZoomClient:
    """One account's. Every method raises `ZoomRefused`."""

    def __init__(
        self, line: Line, tokens: Tokens, budget: Budget, hosts: Sequence[str], leave: Callable[[], None]
    ) -> None:
        self._line = line
        self._tokens = tokens
        self._additions = Additions(line, budget)
        self._budget = budget
        self._hosts = Hosts(line, hosts)
        self._leave = leave

    def events(self) -> Iterator[Details]:
        """Webinars and meetings of all hosts. Where lists do not name the registration address, each event that can
        have one is read singly; of the others `settings` are unknown."""
        for listed in self._hosts.events():
            if listed.registration_url is not None or not may_register(listed):
                yield listed
            elif (details := self._still_there(listed)) is not None:
                yield details

    def event(self, kind: EventKind, number: int) -> Details:
        """The event with this number, whichever kind it is: a webinar's number may have been written down as a
        meeting's, and a webinar may have been converted. `kind` of the answer is right."""
        try:
            return self._event(kind, number)
        except ZoomRefused as refused:
            other: EventKind = "webinar" if kind == "meeting" else "meeting"
            if not _is_missing(refused.refusal):
                raise
            try:
                return self._event(other, number)
            except ZoomRefused:
                raise refused from None

    def switch_mails_off(self, kind: EventKind, number: int) -> None:
        """None of Zoom's own mails to registrants. Zoom drops what it does not allow without a word: read back."""
        settings = _SILENT | _SILENT_WEBINAR if kind == "webinar" else _SILENT
        self._line.ask(Call("update-event", "PATCH", event_path(kind, number), kind, body={"settings": settings}))

    def registrants(
        self, kind: EventKind, number: int, statuses: Collection[RegistrantStatus] = STATUSES
    ) -> list[Registrant]:
        """Those of these statuses, each once; all of them: pending, approved, and denied, which cancelled ones are,
        too. Where one address has several, the one that counts is last."""
        path, found = f"{event_path(kind, number)}/registrants", dict[str, Registrant]()
        for status in (one for one in STATUSES if one in statuses):
            pages = all_pages(
                self._line.ask, Call("list-registrants", "GET", path, kind, {"status": status, "page_size": 300})
            )
            found |= {one.id: one for page in pages for one in registrants_of(rows(page, "registrants"), status)}
        return sorted(found.values(), key=lambda one: _RANKS.get(one.status, 0))

    def registrant(self, kind: EventKind, number: int, registrant_id: str) -> Registrant:
        """One of them."""
        path = f"{event_path(kind, number)}/registrants/{quote(registrant_id, safe='')}"
        call = Call("get-registrant", "GET", path, kind)
        return _understood(call, lambda: registrant_of(self._line.ask(call)))

    def add(self, kind: EventKind, number: int, who: NewRegistrant, person: str) -> Registrant:
        """Add one. Somebody with this address who is there already is answered instead. `status` is None where Zoom
        gave a link without a word on it; without a link the person is pending. `person` is an opaque key for counting
        additions per day."""
        return self._additions.one(kind, number, who, person)

    def add_batch(self, kind: EventKind, number: int, many: Sequence[tuple[NewRegistrant, str]]) -> list[Registrant]:
        """Add up to 30, approved, without their languages: batches take none. Only those that Zoom names are answered;
        who was added often enough today is left out. Zoom takes batches for scheduled events alone."""
        return self._additions.many(kind, number, many)

    def set_status(
        self, kind: EventKind, number: int, action: StatusAction, registrants: Sequence[tuple[str, str]]
    ) -> None:
        """Approve, deny or cancel, by ids and addresses; in calls of 30. Who is cancelled is "denied" afterwards and
        comes back by "approve" alone."""
        for first in range(0, len(registrants), BATCH):
            some = [{"id": one, "email": email} for one, email in registrants[first : first + BATCH]]
            body = {"action": action, "registrants": some}
            self._line.ask(Call("set-status", "PUT", f"{event_path(kind, number)}/registrants/status", kind, body=body))

    def required_questions(self, kind: EventKind, number: int) -> tuple[str, ...]:
        """What must be answered on the registration page besides address and name: Zoom's names (`org`), and `custom`
        for questions that somebody has made."""
        return required_of(
            self._line.ask(Call("get-questions", "GET", f"{event_path(kind, number)}/registrants/questions", kind))
        )

    def scopes(self) -> frozenset[str]:
        """The scopes of the token, as Zoom wrote them."""
        return self._tokens.get().scopes

    def interpretation_languages(self, host_id: str) -> frozenset[str]:
        """The languages that a host has made in the portal, besides Zoom's nine own (`custom_languages`)."""
        path = f"/users/{quote(host_id, safe='@')}/settings"
        told = self._line.ask(Call("user-settings", "GET", path))
        for part in ("in_meeting", "language_interpretation"):
            inner = told.get(part)
            told = inner if isinstance(inner, dict) else {}
        return names_of(told.get("custom_languages"))

    def ask_again(self) -> None:
        """Believe no longer that a limit per day is reached."""
        self._budget.reopen()

    def close(self) -> None:
        """Close the connections."""
        self._leave()

    def _event(self, kind: EventKind, number: int) -> Details:
        call = Call("get-event", "GET", event_path(kind, number), kind)
        return _understood(call, lambda: event_of(self._line.ask(call), kind))

    def _still_there(self, listed: Details) -> Details | None:
        try:
            return self._event(listed.kind, listed.id)
        except ZoomRefused as refused:
            if refused.refusal.code in {None, 124, 429, 4711}:
                raise
            return None  # deleted since it was listed, or not ours to read: the log has its code


def _is_missing(refusal: Refusal) -> bool:
    """Whether there is no such number among events of this kind; 3000 says so of webinars among meetings."""
    return refusal.code in {300, 1001, 3000, 3001} or (refusal.status == 404 and refusal.code is not None)


def _understood(call: Call, shape: Callable[[], _Shape]) -> _Shape:
    try:
        return shape()
    except ValidationError:
        raise unreadable(call) from None
