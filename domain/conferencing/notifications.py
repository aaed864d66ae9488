"""What Zoom's event notifications say, and nothing of a person that is not needed.

Organisation, telephone, job title, custom answers, operators and the names that participants show are dropped. Names
of events: developers.zoom.us, Meetings API, webhooks.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, Literal, TypeAlias

from domain.conferencing.languages import registrant_code
from domain.conferencing.newcomers import full_name
from domain.conferencing.posted import Posted, PostedDeauthorization, PostedEvent, PostedParticipant, PostedRegistrant
from domain.sources.understanding import NotUnderstood, because, json_object, shaped
from schemas.programme import CORRESPONDENCE_LANGUAGES
from schemas.registration import RegistrationData
from schemas.zoom import EventKind, RegistrantStatus, ZoomRegistrant

RegistrantEvent = Literal["created", "approved", "cancelled", "denied"]
Change = Literal["updated", "created", "recovered", "converted"]


@dataclass(frozen=True)
class OfEvent:
    """What all notifications about one Zoom event have: their own name (`webinar.updated`), when it happened (aware,
    UTC), and which event it is. One that was converted has the kind that it has now."""

    name: str
    at: datetime
    kind: EventKind
    number: int


@dataclass(frozen=True)
class RegistrantNotification(OfEvent):
    """Somebody was registered, on Zoom's page or through its API (our own additions come back so), approved, or put
    off by a host.

    `registrant.join_url` is there only for who may come, `registrant.status` wherever Zoom says or means one.
    `language`: an ISO 639 code, or None where it was not said.
    """

    what: RegistrantEvent
    registrant: ZoomRegistrant
    language: str | None


@dataclass(frozen=True)
class EventChanged(OfEvent):
    """The event has to be read again. `changed`: names alone, such as `start_time` and
    `settings.language_interpretation`; empty where Zoom does not say what."""

    what: Change
    changed: frozenset[str]


@dataclass(frozen=True)
class EventDeleted(OfEvent):
    """Of a recurring event, `single` is one date and `all` the series; an event of its own is `single` too."""

    operation: Literal["single", "all"]


@dataclass(frozen=True)
class EventStarted(OfEvent):
    """The host has opened it. `practice`: for the panelists alone, before a webinar."""

    practice: bool


@dataclass(frozen=True)
class EventEnded(OfEvent):
    """It is over, `at` the end that Zoom gives. `practice`: only the panelists' practice is."""

    practice: bool


@dataclass(frozen=True)
class AttendanceNotification(OfEvent):
    """Somebody came or went. `registrant_id` is None for who is no registrant: host, panelist, guest."""

    what: Literal["joined", "left"]
    registrant_id: str | None


@dataclass(frozen=True)
class Deauthorized:
    """Our app was taken out of the account, and no call will succeed any more. `account_id` is Zoom's."""

    account_id: str
    at: datetime | None


@dataclass(frozen=True)
class Other:
    """Nothing that we use: to be accepted and dropped."""

    name: str


Notification: TypeAlias = (
    RegistrantNotification | EventChanged | EventDeleted | EventStarted | EventEnded | AttendanceNotification
    | Deauthorized | Other
)  # fmt: skip

_NAME = re.compile(r"[a-z0-9_.]{1,100}")
_FIELD = re.compile(r"[a-z0-9_]{1,64}")


@dataclass(frozen=True)
class _Post:
    """A notification on its way to be understood. `about` is `payload.object`."""

    of: OfEvent
    event: PostedEvent
    payload: Mapping[str, Any]
    about: Mapping[str, Any]


def read(body: bytes) -> Notification:
    """What the body of a notification says; that its signature is right has been seen before.

    Raises:
        NotUnderstood: with the reasons, where it is none, or something is missing by which it would be used.
    """
    message = json_object(body)
    name = message.get("event")
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise NotUnderstood(because("event", "missing" if name is None else "invalid"))
    if name == "app_deauthorized":
        return _deauthorized(message)
    kinds: dict[str, EventKind] = {"webinar": "webinar", "meeting": "meeting"}
    before, _, what = name.partition(".")
    reader, kind = _READERS.get(what), kinds.get(before)
    if reader is None or kind is None:
        return Other(name)
    posted = shaped(Posted, message)
    about = _part(posted.payload, "object")
    event = shaped(PostedEvent, about)
    return reader(_Post(OfEvent(name, posted.at, kind, event.id), event, posted.payload, about))


def registration_data(notification: RegistrantNotification, session_id: str) -> RegistrationData:
    """What the person said at Zoom, for the session behind the event: name, address, and language where letters are
    written in it. What else Zoom's page may have asked is not taken over.

    Raises:
        NotUnderstood: where letters cannot reach the address, or there is nothing to call the person by.
    """
    language = notification.language if notification.language in CORRESPONDENCE_LANGUAGES else None
    registrant = notification.registrant
    return shaped(RegistrationData, {
        "full_name": full_name(registrant), "email": registrant.email, "language": language, "sessions": (session_id,),
    })  # fmt: skip


def _part(whole: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    part = whole.get(name)
    if not isinstance(part, dict):
        raise NotUnderstood(because(name, "missing" if part is None else "invalid"))
    return part


def _deauthorized(message: Mapping[str, Any]) -> Deauthorized:
    posted = shaped(PostedDeauthorization, _part(message, "payload"))
    return Deauthorized(posted.account_id, posted.deauthorization_time or posted.event_ts)


def _registrant(what: RegistrantEvent, post: _Post) -> RegistrantNotification:
    posted = shaped(PostedRegistrant, _part(post.about, "registrant"))
    status = _MEANT.get(what, posted.status)
    registrant = ZoomRegistrant(
        id=posted.id, email=posted.email.strip(), first_name=posted.first_name, last_name=posted.last_name,
        language=posted.language or None, status=status,
        join_url=posted.join_url if status not in {"pending", "denied"} else None,
    )  # fmt: skip
    language = registrant_code(posted.language)
    return RegistrantNotification(**vars(post.of), what=what, registrant=registrant, language=language)


_MEANT: Mapping[RegistrantEvent, RegistrantStatus] = {
    "approved": "approved", "denied": "denied", "cancelled": "denied",
}  # fmt: skip
"""What a registrant is afterwards; `created` says it itself."""


def _changed(what: Change, post: _Post) -> EventChanged:
    names = _changed_fields(post.about, post.payload.get("old_object")) if what == "updated" else ()
    return EventChanged(**vars(post.of), what=what, changed=frozenset(names))


def _converted(kind: EventKind, post: _Post) -> EventChanged:
    return _changed("converted", replace(post, of=replace(post.of, kind=kind)))


def _changed_fields(new: Mapping[str, Any], old: object, prefix: str = "") -> Iterator[str]:
    """Names in `new`, which holds what has changed and the event's ids, whose values are not those of `old`."""
    before = old if isinstance(old, dict) else {}
    for name, value in new.items():
        if name == "settings" and isinstance(value, dict):
            yield from _changed_fields(value, before.get(name), "settings.")
        elif name not in {"id", "uuid"} and _FIELD.fullmatch(name) and (name not in before or before[name] != value):
            yield prefix + name


def _deleted(post: _Post) -> EventDeleted:
    operation: Literal["single", "all"] = "all" if post.payload.get("operation") == "all" else "single"
    return EventDeleted(**vars(post.of), operation=operation)


def _started(post: _Post) -> EventStarted:
    return EventStarted(**vars(post.of), practice=post.event.practice_session)


def _ended(post: _Post) -> EventEnded:
    of = replace(post.of, at=post.event.end_time or post.of.at)
    return EventEnded(**vars(of), practice=post.event.practice_session)


def _attendance(what: Literal["joined", "left"], post: _Post) -> AttendanceNotification:
    posted = shaped(PostedParticipant, _part(post.about, "participant"))
    at = (posted.join_time if what == "joined" else posted.leave_time) or post.of.at
    return AttendanceNotification(**vars(replace(post.of, at=at)), what=what, registrant_id=posted.registrant_id)


_READERS: Mapping[str, Callable[[_Post], Notification]] = {
    "registration_created": partial(_registrant, "created"),
    "registration_approved": partial(_registrant, "approved"),
    "registration_cancelled": partial(_registrant, "cancelled"),
    "registration_denied": partial(_registrant, "denied"),
    "updated": partial(_changed, "updated"),
    "created": partial(_changed, "created"),
    "recovered": partial(_changed, "recovered"),
    "converted_to_meeting": partial(_converted, "meeting"),
    "converted_to_webinar": partial(_converted, "webinar"),
    "deleted": _deleted,
    "permanently_deleted": _deleted,
    "started": _started,
    "ended": _ended,
    "participant_joined": partial(_attendance, "joined"),
    "participant_left": partial(_attendance, "left"),
}
