"""A programme's sessions: which can be registered for, which may be told about, which overlap.

Decides from the programme alone. What is implausible in it is for `domain.findings`. Its texts may be given in several
languages; what is not is said in the conference's own, and `text_language` says so.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from itertools import combinations
from typing import Literal

from domain.times import Period, WallTimeError, session_period
from schemas.programme import (
    CORRESPONDENCE_LANGUAGES,
    DISCREET_TITLE,
    Conference,
    ConferenceTexts,
    Language,
    LinkInLetters,
    Session,
    SessionTexts,
    Texts,
)
from schemas.registration import Visibility

Text = Literal["title", "theme", "place", "in_person_for", "convenors", "discreet_title"]
"""What a programme may say in several languages."""


@dataclass(frozen=True, slots=True)
class Said:
    """A text of a programme, and the language it is in (ISO 639): a reader's, or the conference's own."""

    text: str
    language: Language


class UnknownSessions(LookupError):
    """Ids that the programme does not have, in `ids`; the message has none: a stranger may have typed them."""

    def __init__(self, ids: Iterable[str]) -> None:
        super().__init__("the programme has no such session")
        self.ids = tuple(ids)


@dataclass(frozen=True)
class Overlap:
    """Two sessions that share a moment. Not `certain` where either's date is open: on one of the dates they would."""

    first: Session
    second: Session
    certain: bool


def dates(session: Session) -> tuple[date, ...]:
    """Every date that is named for a session, in order: one where it is confirmed, none where nothing is known."""
    named = (session.date, *session.alternative_dates)
    return tuple(sorted({day for day in named if day is not None}))


def periods(session: Session, zone: str) -> tuple[Period, ...]:
    """When the session would be on each of its dates. `zone` is the conference's, by its IANA name.

    A date on which its hours do not name an instant (`domain.times.WallTimeError`), or a session without hours, adds
    nothing.
    """
    found = []
    for day in dates(session):
        try:
            found.append(session_period(session.model_copy(update={"date": day}), zone))
        except WallTimeError:
            continue
    return tuple(found)


def overlaps(sessions: Sequence[Session], zone: str) -> tuple[Overlap, ...]:
    """Every pair of `sessions` that share a moment, compared in UTC, in the order given; cancelled ones do not.

    One that ends when another starts does not overlap it. `zone` is the conference's, by its IANA name.
    """
    taking_place = [(one, periods(one, zone)) for one in sessions if not one.cancelled]
    return tuple(
        Overlap(first, second, certain=len(dates(first)) == len(dates(second)) == 1)
        for (first, ours), (second, theirs) in combinations(taking_place, 2)
        if any(a.start < b.end and b.start < a.end for a in ours for b in theirs)
    )


def has_zoom_link(session: Session, conference: Conference) -> bool:
    """Whether letters about a session carry Zoom's own address rather than our join page's."""
    return (session.link_in_letters or conference.link_in_letters) == "zoom"


def leads_to(session: Session, conference: Conference, visibility: Visibility) -> LinkInLetters:
    """What the link of one participant's letters opens. Whoever wants discreet letters never gets Zoom's own address:
    it names its host."""
    if visibility == "discreet":
        return "join-page"
    return session.link_in_letters or conference.link_in_letters


def invitable(session: Session) -> bool:
    """Whether invitations may go out: neither unconfirmed nor cancelled."""
    return session.unconfirmed is None and not session.cancelled


def registrable(conference: Conference) -> tuple[Session, ...]:
    """What people can register for, by date and time; sessions without a date come last, in the file's order.

    Unconfirmed sessions are among them: who registers early is invited once they are confirmed. Cancelled ones are not.
    """
    return tuple(sorted((one for one in conference.sessions if not one.cancelled), key=_begins))


def select(conference: Conference, wanted: Iterable[str] | Literal["all"]) -> tuple[Session, ...]:
    """The registrable sessions of these ids, or all of them, in the order of `registrable`.

    Raises:
        UnknownSessions: for ids that the programme does not have, or that were cancelled.
    """
    sessions = registrable(conference)
    if wanted == "all":
        return sessions
    ids = set(wanted)
    if unknown := ids - {one.id for one in sessions}:
        raise UnknownSessions(sorted(unknown))
    return tuple(one for one in sessions if one.id in ids)


def _begins(session: Session) -> tuple[date, time]:
    return next(iter(dates(session)), date.max), session.start or time.max


def said_in(conference: Conference, language: Language) -> Conference:
    """The conference, its sessions among it, whose texts are in `language` where the programme has them so.

    What it has not is left as it is, in the conference's own language. Give it what stands in the programme, never what
    this has made for another language. Ids, times and all else are the same; so are the very objects where nothing is
    translated.
    """
    changes: dict[str, object] = {**_translated(conference, language)}
    if any(language in one.translations for one in conference.sessions):
        changes["sessions"] = tuple(session_in(one, language) for one in conference.sessions)
    return conference.model_copy(update=changes) if changes else conference


def session_in(session: Session, language: Language) -> Session:
    """As `said_in`, for one session."""
    changes = _translated(session, language)
    return session.model_copy(update=changes) if changes else session


def text_language(conference: Conference, text: Text, language: Language, session: Session | None = None) -> Language:
    """The language that `said_in` finds a text in: `language`, or the conference's own.

    With a session it is the session's text; the conference's where the session has none of its own, as letters do.
    Either may have gone through `said_in` for `language`, or not.
    """
    owner = conference if session is None or not getattr(session, text, None) else session
    return language if text in _translated(owner, language) else conference.language


def said(conference: Conference, text: Text, language: Language, session: Session | None = None) -> Said | None:
    """The text in `language` where the programme has it so, else in the conference's own; None where it has none.

    With a session as `text_language`; several convenors are one text.
    """
    owner = conference if session is None or not getattr(session, text, None) else session
    found = _translated(owner, language).get(text) or getattr(owner, text, None)
    if not found:
        return None
    words = found if isinstance(found, str) else "; ".join(found)
    return Said(words, text_language(conference, text, language, session))


def said_in_any_language(conference: Conference, text: Text, session: Session | None = None) -> set[str | None]:
    """The text in each language of letters; None is among them where the programme has none. With a session as
    `text_language`."""
    languages: tuple[Language, ...] = (conference.language, *CORRESPONDENCE_LANGUAGES)
    found = (said(conference, text, language, session) for language in languages)
    return {None if one is None else one.text for one in found}


def untranslated(part: Conference | Session, language: Language) -> tuple[str, ...]:
    """The names of the texts that a conference or a session has, and not in `language`. The title of discreet letters
    is left out where it is the one that Convenor has in every language."""
    names = ConferenceTexts.model_fields if isinstance(part, Conference) else SessionTexts.model_fields
    present = [name for name in names if getattr(part, name) not in (None, (), DISCREET_TITLE)]
    return tuple(name for name in present if name not in _translated(part, language))


def _translated(part: Conference | Session, language: Language) -> dict[str, str | tuple[str, ...]]:
    """The texts that a part has in `language`, by their names."""
    given: Mapping[str, Texts] = part.translations  # type: ignore[assignment]
    return {name: text for name, text in given[language] if text} if language in given else {}
