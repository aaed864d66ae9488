"""Zoom's events and registrants, as one account of ours may see and change them.

Each method is one question or one change; what a refusal means is for `domain.conferencing.outcomes`, and nothing that
changes something is repeated here: who got no answer lists first. Zoom's reference: developers.zoom.us, Meetings API.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar
from urllib.parse import quote

from pydantic import ValidationError

from adapters.zoom.answers import ZoomRefused, unreadable
from adapters.zoom.budget import Budget
from adapters.zoom.calls import Call
from adapters.zoom.hosts import Hosts, may_register
from adapters.zoom.line import Line
from adapters.zoom.pages import all_pages
from adapters.zoom.shapes import event_of, names_of, registrant_of, registrants_of, rows
from adapters.zoom.tokens import Tokens
from schemas.zoom import EventKind, NewRegistrant, Refusal, RegistrantStatus, StatusAction
from schemas.zoom import ZoomEventDetails as Details
from schemas.zoom import ZoomRegistrant as Registrant

_Shape = TypeVar("_Shape")

__all__ = ["BATCH", "ZoomClient", "ZoomRefused"]

BATCH: Final = 30
"""Registrants in one batch or one change of status, at most."""

_NO_MAIL: Final = {"enable": False, "type": 0}
_SILENT: Final = {"registrants_email_notification": False, "registrants_confirmation_email": False}
_SILENT_WEBINAR: Final = {
    "attendees_and_panelists_reminder_email_notification": _NO_MAIL,
    "follow_up_attendees_email_notification": _NO_MAIL,
    "follow_up_absentees_email_notification": _NO_MAIL,
}

# In this order nobody is missed who is approved or denied between two questions.
_STATUSES: Final[tuple[RegistrantStatus, ...]] = ("pending", "approved", "denied")


class ZoomClient:
    """One account's. Every method raises `ZoomRefused`."""

    def __init__(
        self, line: Line, tokens: Tokens, budget: Budget, hosts: Sequence[str], leave: Callable[[], None]
    ) -> None:
        self._line = line
        self._tokens = tokens
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
            if not _is_of_other_kind(refused.refusal, kind):
                raise
            try:
                return self._event(other, number)
            except ZoomRefused:
                raise refused from None

    def switch_mails_off(self, kind: EventKind, number: int) -> None:
        """None of Zoom's own mails to registrants. Zoom drops what it does not allow without a word: read back."""
        settings = _SILENT | _SILENT_WEBINAR if kind == "webinar" else _SILENT
        self._line.ask(Call("update-event", "PATCH", _path(kind, number), kind, body={"settings": settings}))

    def registrants(self, kind: EventKind, number: int) -> list[Registrant]:
        """All of them: pending, approved and denied (which cancelled ones are, too), each once."""
        found: dict[str, Registrant] = {}
        for status in _STATUSES:
            call = Call(
                "list-registrants",
                "GET",
                f"{_path(kind, number)}/registrants",
                kind,
                {"status": status, "page_size": 300},
            )
            pages = all_pages(self._line.ask, call)
            found |= {one.id: one for page in pages for one in registrants_of(rows(page, "registrants"), status)}
        return list(found.values())

    def registrant(self, kind: EventKind, number: int, registrant_id: str) -> Registrant:
        """One of them."""
        path = f"{_path(kind, number)}/registrants/{quote(registrant_id, safe='')}"
        call = Call("get-registrant", "GET", path, kind)
        return _understood(call, lambda: registrant_of(self._line.ask(call)))

    def add(self, kind: EventKind, number: int, who: NewRegistrant, person: str) -> Registrant:
        """Add one. Somebody with this address who is there already is answered instead. `status` is None where Zoom
        gave a link without a word on it; without a link the person is pending. `person` is an opaque key for counting
        additions per day."""
        body = who.model_dump(exclude_none=True) | ({"auto_approve": True} if kind == "meeting" else {})
        call = Call("add-registrant", "POST", f"{_path(kind, number)}/registrants", kind, body=_without_empty(body))
        told = self._counted(call, [person])
        status: RegistrantStatus | None = None if told.get("join_url") else "pending"
        return _understood(call, lambda: registrant_of(told, status, who))

    def add_batch(self, kind: EventKind, number: int, many: Sequence[tuple[NewRegistrant, str]]) -> list[Registrant]:
        """Add up to 30, approved, without their languages: batches take none. Only those that Zoom names are answered;
        who was added often enough today is left out. Zoom takes batches for scheduled events alone."""
        if len(many) > BATCH:
            raise ValueError(f"a batch is of {BATCH} at most")
        admitted = [(who, person) for who, person in many if self._budget.admit(person)]
        body: dict[str, Any] = {
            "auto_approve": True,
            "registrants": [_without_empty(who.model_dump(exclude={"language"})) for who, _ in admitted],
        }
        if kind == "meeting":
            body["registrants_confirmation_email"] = False
        call = Call("batch-registrants", "POST", f"{_path(kind, number)}/batch_registrants", kind, body=body)
        if not admitted:
            raise _enough_today(call)
        told = self._settled(call, [person for _, person in admitted])
        asked = {who.email.lower(): who for who, _ in admitted}
        answered = [row for row in rows(told, "registrants") if str(row.get("email", "")).lower() in asked]
        return [*registrants_of([_named(asked[str(row["email"]).lower()]) | dict(row) for row in answered])]

    def set_status(
        self, kind: EventKind, number: int, action: StatusAction, registrants: Sequence[tuple[str, str]]
    ) -> None:
        """Approve, deny or cancel, by ids and addresses; in calls of 30. Who is cancelled is "denied" afterwards and
        comes back by "approve" alone."""
        for first in range(0, len(registrants), BATCH):
            some = [{"id": one, "email": email} for one, email in registrants[first : first + BATCH]]
            body = {"action": action, "registrants": some}
            self._line.ask(Call("set-status", "PUT", f"{_path(kind, number)}/registrants/status", kind, body=body))

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

    def close(self) -> None:
        """Close the connections."""
        self._leave()

    def _event(self, kind: EventKind, number: int) -> Details:
        call = Call("get-event", "GET", _path(kind, number), kind)
        return _understood(call, lambda: event_of(self._line.ask(call), kind))

    def _still_there(self, listed: Details) -> Details | None:
        try:
            return self._event(listed.kind, listed.id)
        except ZoomRefused as refused:
            if refused.refusal.code in {None, 124, 429, 4711}:
                raise
            return None  # deleted since it was listed, or not ours to read: the log has its code

    def _counted(self, call: Call, persons: Sequence[str]) -> Mapping[str, Any]:
        if not all(self._budget.admit(person) for person in persons):
            raise _enough_today(call)
        return self._settled(call, persons)

    def _settled(self, call: Call, persons: Sequence[str]) -> dict[str, Any]:
        """Send an addition that was counted. Counted it stays only where it was one: of lost answers Zoom keeps the
        better account, and a person must not lose a day to an outage."""
        try:
            return self._line.ask(call)
        except ZoomRefused as refused:
            spent = refused.refusal.limits_one and len(persons) == 1
            for person in persons:
                (self._budget.use_up if spent else self._budget.take_back)(person)
            raise


def _path(kind: EventKind, number: int) -> str:
    return f"/{kind}s/{number}"


def _is_of_other_kind(refusal: Refusal, kind: EventKind) -> bool:
    """Whether a number may be one of the other kind: 3000 for webinars among meetings, "does not exist" otherwise."""
    return refusal.code in ({3000} if kind == "meeting" else {300, 3001}) or (
        kind == "webinar" and refusal.status == 404 and refusal.code is not None
    )


def _understood(call: Call, shape: Callable[[], _Shape]) -> _Shape:
    try:
        return shape()
    except ValidationError:
        raise unreadable(call) from None


def _enough_today(call: Call) -> ZoomRefused:
    return ZoomRefused(
        Refusal(
            endpoint=call.endpoint, kind=call.kind, category=call.category, daily=True, limit=3, ours="person-budget"
        )
    )


def _without_empty(body: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if value != ""}


def _named(who: NewRegistrant) -> dict[str, Any]:
    return {"first_name": who.first_name, "last_name": who.last_name}
