"""How a Zoom event differs from what the programme says of its session, in sentences for the secretariat.

An alarm is what participants would suffer from; a note is something to know. Which of the two is right is never said:
the programme may be the one that is wrong. Nothing here names a person, neither host nor interpreter.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from domain.admission import is_open
from domain.conferencing.languages import SYSTEM_LANGUAGES, channel_code, english_name
from domain.conferencing.matching import registration_token, same_title, starts_at
from domain.times import Period, WallTimeError, describe, session_period
from schemas.programme import Conference, Session
from schemas.zoom import ZoomEventDetails

Severity = Literal["alarm", "note"]

_AT_ONCE, _NO_REGISTRATION = 0, 2
"""Zoom's approval_type."""
_RECURRING = frozenset({("webinar", 6), ("webinar", 9), ("meeting", 3), ("meeting", 8)})
"""With and without fixed times."""


@dataclass(frozen=True)
class Difference:
    """One of them. `code` is for programs, `said` and `remedy` for people."""

    code: str
    severity: Severity
    said: str
    remedy: str


@dataclass(frozen=True)
class _Pair:
    session: Session
    conference: Conference
    event: ZoomEventDetails
    number_in_programme: bool


def differences(
    session: Session, conference: Conference, details: ZoomEventDetails, number_in_programme: bool
) -> tuple[Difference, ...]:
    """All of them, alarms first. `number_in_programme`: whether that says which event it is, and it was not found by
    other signs; it changes what is to be done about an address that leads elsewhere."""
    pair = _Pair(session, conference, details, number_in_programme)
    found = [one for rule in _RULES for one in rule(pair)]
    return tuple(sorted(found, key=lambda one: one.severity))


def custom_languages_missing(session: Session, offered: frozenset[str]) -> tuple[str, ...]:
    """Languages (ISO 639) that the session's interpretation needs, and of which its account can have no channel.

    `offered`: the English names of the custom languages that the account has in its settings. Interpretation runs
    between two channels, so what is spoken in the room needs one too.
    """
    if not session.interpretation:
        return ()
    known = SYSTEM_LANGUAGES | {channel_code(name) for name in offered}
    return tuple(one for one in (*session.languages, *session.interpretation) if one not in known)


def languages_lacking(codes: tuple[str, ...]) -> Difference | None:
    """What is to be said of the languages that `custom_languages_missing` has found; None where there are none."""
    if not codes:
        return None
    said = f"The account at Zoom has no channel for interpretation in {_listed(codes)}."
    return Difference("custom-languages", "note", said, "Make it a custom language in Zoom's portal.")


def questions_required(questions: tuple[str, ...]) -> Difference | None:
    """What is to be said of questions that must be answered at Zoom: Zoom's names of its own (`org`), and `custom` for
    others. None where there are none."""
    if not questions:
        return None
    named = ", ".join("a question of the host's" if one == "custom" else one for one in questions)
    said = f"At Zoom must be answered: {named}. Convenor has no answers to these, and Zoom may refuse whom it adds."
    return Difference("questions-required", "alarm", said, "Make them optional in the event's registration at Zoom.")


def mails_were_on() -> Difference:
    """Somebody has switched Zoom's own mails on since they were switched off here."""
    said = "Zoom's own e-mails had been switched on, and were switched off again. Participants may have got some."
    return Difference("mails-were-on", "alarm", said, "Ask who has switched them on, and why.")


def _mails(pair: _Pair) -> Iterator[Difference]:
    settings = pair.event.settings
    switches = {
        "e-mails to registrants": settings.registrants_email_notification,
        "confirmation": settings.registrants_confirmation_email,
        "reminder": settings.attendees_and_panelists_reminder_email_notification.enable,
        "follow-up to attendees": settings.follow_up_attendees_email_notification.enable,
        "follow-up to absentees": settings.follow_up_absentees_email_notification.enable,
    }
    if on := [name for name, is_on in switches.items() if is_on]:
        said = f"Zoom sends e-mails of its own: {', '.join(on)}. Participants would get two of each."
        yield Difference("mails-on", "alarm", said, "Switch them off in the event's e-mail settings at Zoom.")


def _registration(pair: _Pair) -> Iterator[Difference]:
    if pair.event.settings.approval_type == _NO_REGISTRATION:
        said = "Registration is switched off at Zoom: nobody can be given a link of their own."
        yield Difference("no-registration", "alarm", said, "Switch registration on for this event at Zoom.")
    if pair.event.settings.approval_type == _AT_ONCE and not is_open(pair.session, pair.conference, "online"):
        said = "Zoom lets in whoever registers on its page; the programme does not: they are taken out again."
        yield Difference("approved-at-once", "alarm", said, "Set registration to manual approval for it at Zoom.")


def _kind(pair: _Pair) -> Iterator[Difference]:
    zoom = pair.session.zoom
    if zoom is not None and zoom.kind != pair.event.kind:
        said = f"The programme says {zoom.kind}; at Zoom it is a {pair.event.kind}."
        yield Difference("kind", "alarm", said, "Correct `kind` under `zoom` in the programme.")


def _recurring(pair: _Pair) -> Iterator[Difference]:
    if (pair.event.kind, pair.event.type) in _RECURRING:
        said = "At Zoom it is one of a series: a link would be for all its dates, and Zoom takes no batches."
        yield Difference("recurring", "alarm", said, "Schedule an event of its own at Zoom.")
    elif pair.event.start_time is None:
        said = "At Zoom it has no time, and such events have no registration."
        yield Difference("without-time", "alarm", said, "Schedule it at Zoom for the session's time.")


def _time(pair: _Pair) -> Iterator[Difference]:
    start = starts_at(pair.event)
    if start is None or (pair.event.kind, pair.event.type) in _RECURRING:
        return
    try:
        ours = session_period(pair.session, pair.conference.time_zone)
    except WallTimeError:
        return
    theirs = Period(start, start + timedelta(minutes=pair.event.duration))
    if ours == theirs:
        return
    zone = pair.conference.time_zone
    said = f"The programme says {_when(ours, zone)}; Zoom says {_when(theirs, zone)}."
    severity: Severity = "note" if ours.start == theirs.start else "alarm"
    yield Difference("time", severity, said, "Ask which is right, and correct the other.")


def _when(period: Period, zone: str) -> str:
    when = describe(period, zone, zone, "en")
    return f"{when.date}, {when.venue_line}"


def _title(pair: _Pair) -> Iterator[Difference]:
    if pair.session.title is not None and not same_title(pair.session, pair.event):
        said = f"The programme calls it “{pair.session.title}”, Zoom “{pair.event.topic}”."
        yield Difference("title", "note", said, "Correct one of them, if they should be the same.")


def _interpretation(pair: _Pair) -> Iterator[Difference]:
    at_zoom, wanted = pair.event.settings.language_interpretation, pair.session.interpretation
    if wanted and not at_zoom.enable:
        said = f"The programme has interpretation into {_listed(wanted)}; at Zoom it is switched off."
        yield Difference("interpretation-off", "alarm", said, "Switch it on at Zoom and name the interpreters.")
    if not at_zoom.enable:
        return
    channels = _channels(pair)
    if missing := [one for one in wanted if one not in channels]:
        said = f"No interpreter at Zoom offers {_listed(missing)}, which the programme has."
        yield Difference("interpretation-missing", "alarm", said, "Name an interpreter for it at Zoom.")
    if extra := [one for one in channels if one not in wanted]:
        said = f"Zoom offers interpretation into {_listed(extra)}, of which the programme does not know."
        yield Difference("interpretation-extra", "note", said, "Add it to the programme, or take it out at Zoom.")


def _channels(pair: _Pair) -> list[str]:
    """What can be listened to beside the floor, by code, or by Zoom's name where that is of no language we know: the
    pair English,Russian offers Russian to a room that speaks English, and the other way round."""
    floor = pair.session.languages or pair.conference.languages
    interpreters = pair.event.settings.language_interpretation.interpreters
    names = (name for one in interpreters for name in one.interpreter_languages if name)
    return [one for one in dict.fromkeys(channel_code(name) or name for name in names) if one not in floor]


def _listed(languages: Iterable[str]) -> str:
    return ", ".join(english_name(one) for one in languages)


def _address(pair: _Pair) -> Iterator[Difference]:
    ours = registration_token(str(pair.session.registration or ""))
    theirs = registration_token(pair.event.registration_url)
    if ours and theirs and ours != theirs:
        said = "The programme's registration address is that of another Zoom event."
        remedy = (
            "Correct `registration` or `event` in the programme: they are of two events."
            if pair.number_in_programme
            else "Open the address; then correct it, or give the number of the right event under `zoom`."
        )
        yield Difference("registration-address", "alarm", said, remedy)


def _capacity(pair: _Pair) -> Iterator[Difference]:
    if most := pair.event.settings.registrants_restrict_number:
        said = f"Zoom takes {most} registrants at most."
        yield Difference("capacity", "note", said, "Raise the limit at Zoom before it is reached.")


_RULES: tuple[Callable[[_Pair], Iterator[Difference]], ...] = (
    _mails, _registration, _address, _kind, _recurring, _time, _interpretation, _title, _capacity,
)  # fmt: skip
