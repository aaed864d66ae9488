"""What a person should look at in a programme before people are invited by it.

An error keeps invitations from being right; a warning is something that somebody must decide or confirm; a note is
something to know. Whether the file is well formed has been said before, by `config.programmes` and the schema.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from babel import Locale

from domain.admission import doubts
from domain.printed import Disagreement, disagreements
from domain.programme import dates, invitable, overlaps, untranslated
from domain.times import AmbiguousTime, NonexistentTime, TimeNotSet, WallTimeError, full_date, session_period
from schemas.programme import CORRESPONDENCE_LANGUAGES, Assumption, Conference, Session

Severity = Literal["error", "warning", "note"]

_ZOOM = re.compile(
    r"https://(?P<account>[a-z0-9-]+)\.zoom\.us/"
    r"(?:(?P<webinar>webinar)/register/WN_[\w-]{22}|(?P<meeting>meeting)/register/[\w-]{22,})"
)
"""Registration pages as Zoom makes them; a webinar's token is a UUID in base64url."""

_GOOGLE = re.compile(r"https://docs\.google\.com/forms/d/e/1FAIpQLS[\w-]{48}/viewform")
_DAMAGE = re.compile(r"%20|[<>\s]|[.,;:)]$")
"""What copying from a PDF leaves in an address: blanks, angle brackets, the full stop of the sentence."""


@dataclass(frozen=True)
class Finding:
    """One thing found. `session` (an id, or None) and `place` in it say where: ("notes", 0) is its first note.

    `remedy` is empty where there is nothing to do. `code` is for programs.
    """

    severity: Severity
    code: str
    sentence: str
    remedy: str = ""
    session: str | None = None
    place: tuple[str | int, ...] = ()


def findings(conference: Conference) -> tuple[Finding, ...]:
    """Everything found, the conference's first, then session by session as in the file, then overlaps."""
    found = [*_of_the_conference(conference), *_untranslated(conference), *_forms(conference)]
    for session in conference.sessions:
        for rule in _RULES:
            found.extend(rule(session, conference))
    return (*found, *_overlaps(conference))


def _of_the_conference(conference: Conference) -> Iterator[Finding]:
    for number, one in enumerate(conference.assumed):
        yield _assumption(one, number)
    for number, note in enumerate(conference.notes):
        yield Finding("note", "note", note, place=("notes", number))
    if without := [one.id for one in conference.sessions if one.format != "in-person" and one.registration is None]:
        sentence = f"People register at /register/{conference.id}: no address is given for {', '.join(without)}."
        yield Finding("note", "no-registration", sentence, place=("sessions",))


def _untranslated(conference: Conference) -> Iterator[Finding]:
    """Texts that stay in the conference's own language in letters whose language others are given in."""
    parts: tuple[Conference | Session, ...] = (conference, *(one for one in conference.sessions if not one.cancelled))
    for language in [one for one in CORRESPONDENCE_LANGUAGES if any(one in part.translations for part in parts)]:
        name = Locale("en").languages[language]
        for part in parts:
            if left := untranslated(part, language):
                session = part.id if isinstance(part, Session) else None
                sentence = f"Other texts are in {name} too; here it lacks {', '.join(left)}."
                remedy = f"Add to `translations` under `{language}:`; until then letters in {name} say it untranslated."
                yield Finding("warning", "untranslated", sentence, remedy, session, ("translations", language))


def _forms(conference: Conference) -> Iterator[Finding]:
    for number, form in enumerate(conference.forms):
        place = ("forms", number)
        asked = {question.field for question in form.questions}
        if missing := sorted({"full_name", "email"} - asked):
            sentence = f"The form of {form.source} has no question for {' and '.join(missing)}: nobody can register."
            yield Finding("error", "form-incomplete", sentence, "Add the question.", place=place)
        if "sessions" not in asked and not form.sessions:
            sentence = f"The form of {form.source} neither asks for sessions nor stands for any: nobody can register."
            yield Finding("error", "form-without-sessions", sentence, "Add `sessions:` to the form.", place=place)


def _state(session: Session, _: Conference) -> Iterator[Finding]:
    if session.cancelled:
        yield _about(session, "note", "cancelled", "It is cancelled: nobody can register any more.", "", "cancelled")
    elif session.unconfirmed:
        sentence = f"No invitation goes out, for it is unconfirmed: {session.unconfirmed}"
        yield _about(
            session, "warning", "unconfirmed", sentence, "Clear it up, then take out `unconfirmed`.", "unconfirmed"
        )
    if session.title is None:
        yield _about(session, "warning", "no-title", "It is a slot without a title.", "Ask who uses it.")
    if session.alternative_dates:
        days = " or ".join(full_date(day, "en") for day in dates(session))
        said = "; ".join(f"{one.where}: “{one.says}”" for one in session.printed)
        sentence = f"Its date is open: {days}." + (f" Printed: {said}." if said else "")
        remedy = "Ask the convenors, then keep one in `date`."
        yield _about(session, "warning", "alternative-dates", sentence, remedy, "alternative_dates")


def _clock(session: Session, conference: Conference) -> Iterator[Finding]:
    for day in dates(session):
        try:
            session_period(session.model_copy(update={"date": day}), conference.time_zone)
        except TimeNotSet:
            continue
        except NonexistentTime as wrong:
            yield _about(
                session,
                "error",
                "clock-gap",
                f"At this time the clock is changed: {wrong}.",
                "Correct the time.",
                "start",
            )
        except AmbiguousTime as wrong:
            yield _about(
                session,
                "error",
                "clock-doubled",
                f"At this time the clock is changed: {wrong}.",
                "Add `clock_change`.",
                "start",
            )
        except WallTimeError as wrong:
            yield _about(session, "error", "clock", f"Its times cannot be: {wrong}.", "Correct the times.", "start")


def _outside(session: Session, conference: Conference) -> Iterator[Finding]:
    for day in dates(session):
        if not conference.starts <= day <= conference.ends:
            days = f"{full_date(conference.starts, 'en')} to {full_date(conference.ends, 'en')}"
            sentence = f"{full_date(day, 'en')} is outside the conference, {days}."
            yield _about(session, "error", "outside", sentence, "Correct the date, or `starts` and `ends`.", "date")


def _access(session: Session, conference: Conference) -> Iterator[Finding]:
    online, in_person = session.format != "in-person", session.format != "online"
    if online and session.zoom is None:
        severity: Severity = "error" if invitable(session) else "warning"
        sentence = "It is held online without a Zoom account: nobody can be given a join link."
        yield _about(session, severity, "no-zoom", sentence, "Add `zoom:` with the account's name.", "format")
    if in_person and not (session.place or conference.place):
        sentence = "People come to it, and it has no place."
        yield _about(session, "warning", "no-place", sentence, "Add `place:`, to it or to the conference.", "format")


def _admission(session: Session, conference: Conference) -> Iterator[Finding]:
    for one in doubts(session, conference):
        yield _about(session, "warning", one.code, one.sentence, one.remedy, "admission", one.part)


def _address(session: Session, _: Conference) -> Iterator[Finding]:
    address = str(session.registration or "")
    zoom, known = _ZOOM.fullmatch(address), _GOOGLE.fullmatch(address)
    unusual = re.search(r"zoom\.us/|docs\.google\.com/", address) and not (zoom or known)
    if unusual or _DAMAGE.search(address):
        sentence = "Its registration address looks damaged, as addresses copied from a PDF often are."
        yield _about(session, "warning", "address", sentence, "Open it, and copy it anew.", "registration")
    if zoom and session.zoom and zoom["account"] != session.zoom.account:
        sentence = (
            f"Its registration address is of the account {zoom['account']}, its Zoom account {session.zoom.account}."
        )
        yield _about(session, "warning", "other-account", sentence, "Make them one.", "zoom")
    if zoom and session.zoom and not zoom[session.zoom.kind]:
        sentence = f"Its registration address is not that of a {session.zoom.kind}."
        yield _about(session, "warning", "other-kind", sentence, "Correct `kind` under `zoom`.", "zoom")


def _languages(session: Session, conference: Conference) -> Iterator[Finding]:
    floor = session.languages or conference.languages
    if both := [one for one in session.interpretation if one in floor]:
        sentence = f"{', '.join(both)} is interpreted into, and spoken in the room."
        yield _about(session, "warning", "interpretation", sentence, "Keep it in one of the lists.", "interpretation")
    if unknown := [one for one in (*floor, *session.interpretation) if one not in Locale("en").languages]:
        sentence = f"{', '.join(unknown)} is no language's code."
        yield _about(session, "error", "language", sentence, "Write the ISO 639 code: uk, not ua.", "languages")


def _agenda(session: Session, _: Conference) -> Iterator[Finding]:
    before = session.start
    for item in session.agenda:
        ends = item.end or item.start
        if before and ((item.start and item.start < before) or (ends and session.end and ends > session.end)):
            sentence = f"“{item.title}” lies outside the session, or begins before what stands above it has ended."
            yield _about(session, "warning", "agenda", sentence, "Correct the times.", "agenda")
        before = ends or before


def _printed(session: Session, conference: Conference) -> Iterator[Finding]:
    for number, printed in enumerate(session.printed):
        for one in disagreements(session, conference.time_zone, printed.where, printed.says):
            yield _disagreement(session, one, "printed", number)
    for one in disagreements(session, conference.time_zone, "the title", session.title or ""):
        yield _disagreement(session, one, "title")
    for language, texts in session.translations.items():
        for one in disagreements(session, conference.time_zone, f"the title in `{language}`", texts.title or ""):
            yield _disagreement(session, one, "translations", language, "title")


def _words(session: Session, conference: Conference) -> Iterator[Finding]:
    for number, assumption in enumerate(session.assumed):
        yield _assumption(assumption, number, session.id)
    for number, note in enumerate(session.notes):
        yield _about(session, "note", "note", note, "", "notes", number)
        for one in disagreements(session, conference.time_zone, "a note", note):
            if one.about == "zone":  # other days and hours in a note are nobody's mistake
                yield _disagreement(session, one, "notes", number)


def _overlaps(conference: Conference) -> Iterator[Finding]:
    for pair in overlaps(conference.sessions, conference.time_zone):
        verb = "overlaps" if pair.certain else "would on one of its dates overlap"
        sentence = f"It {verb} {pair.second.id}: nobody can attend both."
        yield _about(pair.first, "note", "overlap", sentence, "", "start")


def _disagreement(session: Session, one: Disagreement, *place: str | int) -> Finding:
    remedy = "Ask the convenors which is right."
    if one.about == "zone":
        remedy = "Tell who wrote it: “Vienna time” is right all year, an abbreviation half of it."
    sentence = one.sentence[:1].upper() + one.sentence[1:]
    return _about(session, "warning", f"printed-{one.about}", sentence, remedy, *place)


def _assumption(one: Assumption, number: int, session: str | None = None) -> Finding:
    remedy = "Confirm it, then take it out of `assumed`."
    return Finding("warning", "assumed", f"{one.field} is assumed: {one.why}", remedy, session, ("assumed", number))


def _about(session: Session, severity: Severity, code: str, sentence: str, remedy: str, *place: str | int) -> Finding:
    return Finding(severity, code, sentence, remedy, session.id, place)


_RULES: tuple[Callable[[Session, Conference], Iterator[Finding]], ...] = (
    _state, _clock, _outside, _access, _admission, _address, _languages, _agenda, _printed, _words,
)  # fmt: skip
