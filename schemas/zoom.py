"""What crosses the boundary to Zoom: its events and registrants as its API gives them, and what it refuses.

Names are Zoom's own (developers.zoom.us, Meetings API). Fields that nothing here needs are dropped: `start_url`,
passcodes, hosts' names and custom answers are never held.
"""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import AliasChoices, BeforeValidator, Field

from schemas.base import ForeignShape, Shape

EventKind = Literal["webinar", "meeting"]
RegistrantStatus = Literal["pending", "approved", "denied"]
StatusAction = Literal["approve", "deny", "cancel"]

Endpoint = Literal[
    "token", "list-users", "list-events", "get-event", "update-event", "add-registrant", "batch-registrants",
    "list-registrants", "get-registrant", "set-status", "get-questions", "user-settings",
]  # fmt: skip
"""The calls that we make. What an error code means depends on which of them it answers."""

Category = Literal["light", "medium", "heavy"]


def _empty_is_none(value: object) -> object:
    return None if value == "" else value


def _text_of_list(value: object) -> object:
    """`interpreter_languages` and `languages` are comma-separated texts."""
    return tuple(part.strip() for part in value.split(",")) if isinstance(value, str) else value


class Mail(ForeignShape):
    """A mail of Zoom's own: reminder or follow-up. `type` 0 is none."""

    enable: bool = False
    type: int = 0


class Interpreter(ForeignShape):
    """The two languages between which one interpreter works, in Zoom's English names: `English`, `Russian`. An older
    field has codes: `US,RU`."""

    interpreter_languages: Annotated[tuple[str, ...], BeforeValidator(_text_of_list)] = Field(
        default=(), validation_alias=AliasChoices("interpreter_languages", "languages")
    )


class Interpretation(ForeignShape):
    """`settings.language_interpretation`."""

    enable: bool = False
    interpreters: tuple[Interpreter, ...] = ()


class ZoomSettings(ForeignShape):
    """`settings` of a webinar or meeting. `approval_type`: 0 automatic, 1 manual, 2 no registration."""

    approval_type: int = 2
    registrants_email_notification: bool = False
    registrants_confirmation_email: bool = False
    attendees_and_panelists_reminder_email_notification: Mail = Mail()
    follow_up_attendees_email_notification: Mail = Mail()
    follow_up_absentees_email_notification: Mail = Mail()
    language_interpretation: Interpretation = Interpretation()
    registrants_restrict_number: int = 0


class ZoomEventDetails(ForeignShape):
    """A webinar or meeting as `GET /webinars/{id}` and `GET /meetings/{id}` give it.

    `type`: 5 and 2 are scheduled. `start_time` is UTC; recurring events without a time have none. `duration`: minutes.
    """

    kind: EventKind
    id: int
    type: int = 0
    topic: str = ""
    start_time: Annotated[datetime | None, BeforeValidator(_empty_is_none)] = None
    duration: int = 0
    host_id: str = ""
    registration_url: Annotated[str | None, BeforeValidator(_empty_is_none)] = None
    settings: ZoomSettings = ZoomSettings()


class NewRegistrant(Shape):
    """Whom to add. Nothing else of a person may go to Zoom: not organisation, needs, consents. `language`: one of
    Zoom's (`ru-RU`)."""

    email: str = Field(max_length=128, repr=False)
    first_name: str = Field(max_length=64, repr=False)
    last_name: str = Field(default="", max_length=64, repr=False)
    language: str | None = None


class ZoomRegistrant(ForeignShape):
    """A registrant as answers, lists and events give it. `join_url` is a secret of this person; None while pending."""

    id: str
    email: str = Field(repr=False)
    first_name: str = Field(default="", repr=False)
    last_name: str = Field(default="", repr=False)
    language: Annotated[str | None, BeforeValidator(_empty_is_none)] = None
    status: RegistrantStatus | None = None
    join_url: Annotated[str | None, BeforeValidator(_empty_is_none)] = Field(default=None, repr=False)


class Refusal(Shape):
    """A call that did not bring what it should.

    `status`: the HTTP status; None where there was no answer. `code`: Zoom's, from the body; None where the body is no
    JSON of Zoom's. `category` is the call's. `daily`: the answer names a limit per day. `limit`: how many it allows.
    `retry_after`: seconds that the answer asks to wait, already counted from when it came. `message`: Zoom's words, to
    tell apart what has one code; never logged: they can name a person.
    """

    endpoint: Endpoint
    kind: EventKind | None = None
    category: Category = "light"
    status: int | None = None
    code: int | None = None
    daily: bool = False
    limit: int | None = None
    retry_after: float | None = None
    tracking_id: str | None = None
    message: str = Field(default="", repr=False)
    ours: Literal["", "budget", "person-budget"] = ""
    """Set where Zoom was not asked at all, because our own count says that it would refuse."""

    @property
    def limits_one(self) -> bool:
        """Whether a limit per day is that of one registrant or host, rather than of the whole account. Zoom says so in
        words; without them the three additions of a registrant are known by their number, which no account has."""
        named = any(word in self.message.lower() for word in ("registrant", "particular user"))
        return self.daily and (named or self.limit == 3)
