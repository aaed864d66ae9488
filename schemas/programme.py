"""A conference's programme, as its YAML file writes it.

Times are wall-clock times in the conference's own time zone (`time_zone`), never UTC and never with an abbreviation:
`CET` on a June date is an error that programmes really make. What a document leaves open is written as open
(`unconfirmed`, `alternative_dates`, `notes`); nothing here picks one of two contradicting statements.
"""

import datetime as dt
import re
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, HttpUrl, StringConstraints, model_validator

from schemas.base import Shape

Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=64)]
"""Lower-case words joined by hyphens. It stands in addresses (`/register/alliance-2021`) and never changes."""

Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
"""An ISO 639 code: `en`, `ru`, `uk`."""

CORRESPONDENCE_LANGUAGES = ("en", "fr", "de", "it", "ru", "es")
"""The OSCE's six official languages, in which letters can be asked for."""

_LINE = re.compile(r"[\x00-\x1f\x7f]")


def _one_line(value: str) -> str:
    """Titles and places stand in subjects and calendar lines; a line break there would forge a header."""
    if _LINE.search(value):
        raise ValueError("must be one line, without control characters")
    return value.strip()


def _known_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("is not an IANA time zone; write for example Europe/Vienna") from None
    return value


Line = Annotated[str, StringConstraints(min_length=1, max_length=300), AfterValidator(_one_line)]
Text = Annotated[str, StringConstraints(min_length=1, max_length=4000)]
TimeZone = Annotated[str, AfterValidator(_known_zone)]

SessionKind = Literal["conference-day", "plenary", "panel", "side-event"]
AgendaKind = Literal["opening", "keynote", "panel", "session", "statement", "discussion", "break", "closing"]
Format = Literal["online", "hybrid", "in-person"]


class AgendaItem(Shape):
    """A part of a session that nobody registers for by itself: a panel of a conference day, a coffee break."""

    title: Line
    kind: AgendaKind = "panel"
    start: dt.time | None = Field(default=None, description="Wall-clock time in the conference's zone, as 14:05")
    end: dt.time | None = None


class ZoomEvent(Shape):
    """The Zoom event behind a session."""

    account: Identifier = Field(description="A name in CONVENOR_ZOOM_ACCOUNTS")
    event: int | None = Field(default=None, description="Zoom's number of the meeting or webinar, where known")


class Session(Shape):
    """What people register for, and what one calendar entry stands for."""

    id: Identifier
    kind: SessionKind = "side-event"
    title: Line | None = Field(default=None, description="Left out only where the programme has a slot without one")
    date: dt.date | None = Field(default=None, description="Left out only where the session is unconfirmed")
    start: dt.time | None = Field(default=None, description="Wall-clock time in the conference's zone, as 18:00")
    end: dt.time | None = None
    clock_change: Literal["first", "second"] | None = Field(
        default=None, description="Which of the two, where the start stands in the doubled hour of October"
    )
    format: Format = "online"
    place: Line | None = Field(default=None, description="The room and address, for those who come")
    in_person_for: Line | None = Field(default=None, description="Who may attend in person, where not everybody may")
    convenors: tuple[Line, ...] = ()
    registration: HttpUrl | None = Field(default=None, description="The address of the form that people fill in")
    zoom: ZoomEvent | None = None
    link_follows: bool | None = Field(
        default=None,
        description="Whether an invitation may go out before its join link is there. Default: as the conference says",
    )
    languages: tuple[Language, ...] = Field(default=(), description="Spoken in the room; default: the conference's")
    interpretation: tuple[Language, ...] = Field(default=(), description="Simultaneous interpretation into these")
    unconfirmed: Line | None = Field(
        default=None, description="Why no invitation goes out yet: what is open, and who could say"
    )
    alternative_dates: tuple[dt.date, ...] = Field(default=(), description="The other dates that documents name")
    cancelled: bool = False
    notes: tuple[Line, ...] = Field(default=(), description="For the secretariat; participants do not see them")
    agenda: tuple[AgendaItem, ...] = ()

    @model_validator(mode="after")
    def _open_or_complete(self) -> Self:
        if self.unconfirmed is None:
            missing = [name for name in ("title", "date", "start", "end") if getattr(self, name) is None]
            if missing:
                raise ValueError(
                    f"{', '.join(missing)} missing: give it, or say in `unconfirmed` why it is still open",
                )
            if self.alternative_dates:
                raise ValueError(
                    "alternative_dates belong to an unconfirmed session: add `unconfirmed` with the reason"
                )
        if (self.start is None) != (self.end is None):
            raise ValueError("start and end go together: give both or neither")
        if self.start is not None and self.end is not None and self.end <= self.start:
            raise ValueError("end must be later than start on the same day")
        if set(self.interpretation) & set(self.languages):
            raise ValueError("a language that is spoken in the room needs no interpretation: keep it in one list only")
        return self


class Question(Shape):
    """How one question of a form becomes one field of a registration."""

    question: str | int = Field(description="The question's title, or its number where the form has one (steadier)")
    field: Literal[
        "full_name", "title", "email", "organisation", "country", "language", "time_zone", "sessions", "attendance",
        "interpretation", "visibility", "alias", "needs",
        "consents.recording", "consents.photography", "consents.announcements",
    ]  # fmt: skip
    answers: dict[str, str] = Field(
        default_factory=dict, description="What an answer means, where it is not the value itself: Russian: ru"
    )


class Form(Shape):
    """One form of a provider, and what its questions mean."""

    source: Literal["google-forms", "typeform", "tally", "jotform", "ms-forms"]
    form: str | None = Field(default=None, description="The form's id; left out, the mapping serves every form")
    sessions: tuple[Identifier, ...] | Literal["all"] = Field(
        default=(), description="What an answer registers for, where the form does not ask"
    )
    questions: tuple[Question, ...]


class Conference(Shape):
    """One conference: what it is called, where and when it is, how people register, and its sessions."""

    id: Identifier
    title: Line
    theme: Line | None = None
    time_zone: TimeZone = "Europe/Vienna"
    starts: dt.date
    ends: dt.date
    place: Line | None = None
    in_person_for: Line | None = Field(default=None, description="Who may attend in person, where not everybody may")
    language: Language = Field(default="en", description="Of letters, where a participant asked for none")
    languages: tuple[Language, ...] = Field(default=("en",), description="Spoken in the sessions")
    contact: Line | None = Field(default=None, description="Whom participants may ask; default: CONVENOR_MAIL_REPLY_TO")
    privacy_notice: HttpUrl | None = None
    discreet_title: Line = Field(default="Online meeting", description="What discreet letters call every session")
    link_follows: bool = Field(
        default=False, description="Whether invitations may go out before the join link is there"
    )
    documents: tuple[Line, ...] = Field(default=(), description="What the programme was made from")
    notes: tuple[Line, ...] = ()
    forms: tuple[Form, ...] = ()
    sessions: tuple[Session, ...]

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        if self.ends < self.starts:
            raise ValueError("ends is before starts")
        ids = [session.id for session in self.sessions]
        if twice := sorted({one for one in ids if ids.count(one) > 1}):
            raise ValueError(f"session ids stand twice: {', '.join(twice)}")
        for form in self.forms:
            if form.sessions != "all" and (unknown := sorted(set(form.sessions) - set(ids))):
                raise ValueError(f"the form of {form.source} names sessions that do not exist: {', '.join(unknown)}")
        return self

    def session(self, session_id: str) -> Session | None:
        """The session of this id, or None."""
        return next((one for one in self.sessions if one.id == session_id), None)
