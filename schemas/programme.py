"""A conference's programme, as its YAML file writes it.

Times are wall-clock times in the conference's own time zone (`time_zone`), never UTC and never with an abbreviation:
`CET` on a June date is an error that programmes really make. What a document leaves open is written as open
(`unconfirmed`, `alternative_dates`, `printed`, `assumed`, `notes`); nothing here picks one of two contradicting
statements.
"""

from collections.abc import Mapping
from typing import Annotated, Literal, Self, get_args

from pydantic import Field, HttpUrl, StringConstraints, model_validator

from schemas.admission import Admission
from schemas.base import Shape
from schemas.reminders import Reminders
from schemas.written import Day, Line, TimeZone, WallTime, fault

IDENTIFIER = r"^[a-z0-9]+(-[a-z0-9]+)*$"
LANGUAGE = r"^[a-z]{2,3}$"

Identifier = Annotated[str, StringConstraints(pattern=IDENTIFIER, max_length=64)]
"""Lower-case words joined by hyphens. It stands in addresses (`/register/alliance-2021`) and never changes."""

Language = Annotated[str, StringConstraints(pattern=LANGUAGE)]
"""An ISO 639 code: `en`, `ru`, `uk`."""

CorrespondenceLanguage = Literal["en", "fr", "de", "it", "ru", "es"]

CORRESPONDENCE_LANGUAGES: tuple[CorrespondenceLanguage, ...] = get_args(CorrespondenceLanguage)
"""The OSCE's six official languages, in which letters can be asked for."""

DISCREET_TITLE = "Online meeting"
"""What discreet letters call every session, where the programme says nothing else; the catalogues have it."""

SessionKind = Literal["conference-day", "plenary", "panel", "side-event"]
AgendaKind = Literal["opening", "keynote", "panel", "session", "statement", "discussion", "break", "closing"]
Format = Literal["online", "hybrid", "in-person"]
LinkInLetters = Literal["join-page", "zoom"]


class AgendaItem(Shape):
    """A part of a session that nobody registers for by itself: a panel of a conference day, a coffee break."""

    title: Line
    kind: AgendaKind = "panel"
    start: WallTime | None = Field(default=None, description="Wall-clock time in the conference's zone, as 14:05")
    end: WallTime | None = None


class ZoomEvent(Shape):
    """The Zoom event behind a session."""

    account: Identifier = Field(description="A name in CONVENOR_ZOOM_ACCOUNTS")
    kind: Literal["webinar", "meeting"] = Field(
        default="webinar", description="As the registration address says: /webinar/register/ or /meeting/register/"
    )
    event: int | None = Field(default=None, description="Zoom's number of the meeting or webinar, where known")
    record_attendance: bool = Field(
        default=False, description="Whether Zoom's joined and left events are kept, by registrant; announce it"
    )


class Printed(Shape):
    """When a session is, word for word as one document prints it. The check compares it with the fields."""

    where: Line = Field(description="Which document, and where in it")
    says: Line = Field(description="Monday 14 June 2021, 18:00 – 19:00 (CET, Vienna time)")


class Assumption(Shape):
    """A value that stands in no document. The check names it until somebody confirms it and it is taken out."""

    field: Literal[
        "title", "date", "start", "end", "time_zone", "format", "place", "in_person_for", "admission", "registration",
        "zoom", "languages", "interpretation", "contact",
    ]  # fmt: skip
    why: Line


class Texts(Shape):
    """Texts in a further language. What is left out is said in the conference's own."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not any(getattr(self, name) for name in type(self).model_fields):
            raise fault("", "it holds no text", "translate at least one, or take the language out")
        return self


class SessionTexts(Texts):
    """A session's texts in a further language."""

    title: Line | None = None
    place: Line | None = None
    in_person_for: Line | None = None
    convenors: tuple[Line, ...] = Field(default=(), description="All of them, in the same order")


class ConferenceTexts(Texts):
    """A conference's texts in a further language."""

    title: Line | None = None
    theme: Line | None = None
    place: Line | None = None
    in_person_for: Line | None = None
    discreet_title: Line | None = None


class Session(Shape):
    """What people register for, and what one calendar entry stands for."""

    id: Identifier
    kind: SessionKind = "side-event"
    title: Line | None = Field(default=None, description="Left out only where the programme has a slot without one")
    date: Day | None = Field(default=None, description="Left out only where the session is unconfirmed")
    start: WallTime | None = Field(default=None, description="Wall-clock time in the conference's zone, as 18:00")
    end: WallTime | None = Field(default=None, description="Later than start, on the same day")
    clock_change: Literal["first", "second"] | None = Field(
        default=None, description="Which of the two, where the start stands in the doubled hour of October"
    )
    format: Format = "online"
    place: Line | None = Field(default=None, description="The room and address, for those who come")
    in_person_for: Line | None = Field(default=None, description="Who may attend in person, where not everybody may")
    admission: Admission | None = Field(
        default=None, description="Places, approval, waiting list. Default: as the conference says"
    )
    convenors: tuple[Line, ...] = ()
    registration: HttpUrl | None = Field(default=None, description="The address of the form that people fill in")
    zoom: ZoomEvent | None = None
    link_follows: bool | None = Field(
        default=None,
        description="Whether an invitation may go out before its join link is there. Default: as the conference says",
    )
    link_in_letters: LinkInLetters | None = Field(
        default=None, description="Our join page, or Zoom's own address. Default: as the conference says"
    )
    aliases: bool = Field(default=True, description="Whether participants may be known to Zoom by an alias")
    languages: tuple[Language, ...] = Field(default=(), description="Spoken in the room; default: the conference's")
    interpretation: tuple[Language, ...] = Field(default=(), description="Simultaneous interpretation into these")
    unconfirmed: Line | None = Field(
        default=None, description="Why no invitation goes out yet: what is open, and who could say"
    )
    alternative_dates: tuple[Day, ...] = Field(
        default=(), description="The dates between which documents leave the choice, or the others beside `date`"
    )
    cancelled: bool = False
    printed: tuple[Printed, ...] = Field(default=(), description="Date and time as documents print them, to compare")
    assumed: tuple[Assumption, ...] = Field(default=(), description="What stands in no document, and why it is here")
    notes: tuple[Line, ...] = Field(default=(), description="For the secretariat; participants do not see them")
    translations: dict[CorrespondenceLanguage, SessionTexts] = Field(
        default_factory=dict, description="The texts in further languages of letters, as `fr: {title: …}`"
    )
    agenda: tuple[AgendaItem, ...] = ()

    def __hash__(self) -> int:
        """For caches. A dictionary has no hash; equality looks at the translations too."""
        return hash(tuple(value for name, value in self if name != "translations"))

    @model_validator(mode="after")
    def _open_or_complete(self) -> Self:
        missing = [name for name in ("title", "date", "start", "end") if getattr(self, name) is None]
        if self.unconfirmed is None and missing:
            raise fault("id", f"{', '.join(missing)} missing", "give it, or say in `unconfirmed` why it is still open")
        if self.unconfirmed is None and self.alternative_dates:
            raise fault(
                "alternative_dates",
                "a confirmed session has one date",
                "add `unconfirmed` with the reason, or take them out",
            )
        return self

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if (self.start is None) != (self.end is None):
            raise fault("start" if self.end is None else "end", "start and end go together", "give both or neither")
        if self.start is not None and self.end is not None and self.end <= self.start:
            raise fault(
                "end", "end is not later than start", "write both times as on one day; split what passes midnight"
            )
        if both := sorted(set(self.interpretation) & set(self.languages)):
            raise fault("interpretation", f"{', '.join(both)} is spoken in the room", "keep it in one of the two lists")
        return self

    @model_validator(mode="after")
    def _translated(self) -> Self:
        _check_translations(self, self.translations)
        if short := [
            name
            for name, one in self.translations.items()
            if one.convenors and len(one.convenors) != len(self.convenors)
        ]:
            raise fault(
                "translations", f"{', '.join(short)} has not as many convenors", "translate all of them, in their order"
            )
        return self


class Question(Shape):
    """How one question of a form becomes one field of a registration."""

    question: str | int = Field(
        description="The question's title (case and outer blanks do not matter), or its number where the form has one"
    )
    field: Literal[
        "full_name", "title", "email", "organisation", "country", "language", "time_zone", "sessions", "attendance",
        "interpretation", "visibility", "alias", "needs",
        "consents.recording", "consents.photography", "consents.announcements",
    ]  # fmt: skip
    answers: dict[str, str] = Field(
        default_factory=dict,
        description='What an answer means, where it is not the value itself: `Russian: ru`; `"None": ""` for no choice',
    )


class Form(Shape):
    """One form of a provider, and what its questions mean.

    Questions that are not listed are dropped. Several with one `field` are joined with a space, in the order listed:
    first name and last name. Where a question may be titled in several ways, each is listed; a form has one of them.
    """

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
    starts: Day = Field(description="The first day, as 2021-06-14")
    ends: Day = Field(description="The last day")
    place: Line | None = None
    in_person_for: Line | None = Field(default=None, description="Who may attend in person, where not everybody may")
    admission: Admission = Field(
        default_factory=Admission, description="Places, approval, waiting list, whom the room is for; of all sessions"
    )
    language: Language = Field(default="en", description="Of letters, where a participant asked for none")
    languages: tuple[Language, ...] = Field(default=("en",), description="Spoken in the sessions")
    contact: Line | None = Field(default=None, description="Whom participants may ask; default: CONVENOR_MAIL_REPLY_TO")
    website: HttpUrl | None = None
    privacy_notice: HttpUrl | None = None
    discreet_title: Line = Field(default=DISCREET_TITLE, description="What discreet letters call every session")
    link_follows: bool = Field(
        default=False, description="Whether invitations may go out before the join link is there"
    )
    link_in_letters: LinkInLetters = Field(
        default="join-page", description="What letters and calendar entries carry: our join page, or Zoom's own address"
    )
    reminders: Reminders = Field(
        default_factory=Reminders,
        description="Which reminders go out, and when. What is switched off later is not sent",
    )
    documents: tuple[Line, ...] = Field(default=(), description="What the programme was made from")
    assumed: tuple[Assumption, ...] = Field(default=(), description="What stands in no document, and why it is here")
    notes: tuple[Line, ...] = Field(default=(), description="For the secretariat; participants do not see them")
    translations: dict[CorrespondenceLanguage, ConferenceTexts] = Field(
        default_factory=dict, description="The texts in further languages of letters, as `fr: {title: …}`"
    )
    forms: tuple[Form, ...] = ()
    sessions: tuple[Session, ...]

    @model_validator(mode="after")
    def _hangs_together(self) -> Self:
        if self.ends < self.starts:
            raise fault("ends", "ends is before starts", "give the first day in starts and the last in ends")
        ids = [session.id for session in self.sessions]
        if twice := sorted({one for one in ids if ids.count(one) > 1}):
            raise fault(
                "sessions", f"session ids stand twice: {', '.join(twice)}", "give each session an id of its own"
            )
        for form in self.forms:
            if form.sessions != "all" and (unknown := sorted(set(form.sessions) - set(ids))):
                raise fault(
                    "forms", f"the form of {form.source} names sessions that do not exist: {', '.join(unknown)}",
                    f"name some of: {', '.join(ids)}",
                )  # fmt: skip
        return self

    @model_validator(mode="after")
    def _translated(self) -> Self:
        _check_translations(self, self.translations)
        given = {self.id: self.translations.keys(), **{one.id: one.translations.keys() for one in self.sessions}}
        if twice := [name for name, languages in given.items() if self.language in languages]:
            raise fault(
                "translations" if self.language in self.translations else "sessions",
                f"{', '.join(twice)}: the texts are in {self.language} already",
                "take it out of `translations`, or correct the conference's `language`",
            )
        return self

    def session(self, session_id: str) -> Session | None:
        """The session of this id, or None."""
        return next((one for one in self.sessions if one.id == session_id), None)


def _check_translations(original: Session | Conference, translations: Mapping[CorrespondenceLanguage, Texts]) -> None:
    """What is said in one language only would be told to some and not to others."""
    for language, texts in translations.items():
        for name in type(texts).model_fields:
            if getattr(texts, name) and not getattr(original, name):
                raise fault(
                    "translations", f"{language} has {name}, and there is none to translate",
                    f"give `{name}` in the conference's own language too",
                )  # fmt: skip
