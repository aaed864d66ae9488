"""Everything that happened to one participant, as lines in order of time: what, with which reason, and of what.

Nothing personal but what `revealed` says; the command line shows the same.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from adapters.database import answers
from adapters.database.dossiers import Dossier
from adapters.database.tables import EnvelopeRow, LetterEventRow, LetterRow
from adapters.vault import Vault
from domain.conferencing.reasons import said as said_by_zoom
from domain.deeds import ACTIONS
from domain.story import ANSWERS, AT_ZOOM, LETTERS, REGISTRATIONS, SOURCES, STATES, because


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that happened, at an instant of the conference's time. `more`: why, or of what; `ref`: an opaque id."""

    at: datetime
    what: str
    more: str
    ref: str


def lines(dossier: Dossier, vault: Vault, *, revealed: bool = False) -> list[Line]:
    """The oldest first. `revealed`: with what people have said in their own words, they themselves and who did
    something about them: a reason often names somebody."""
    found = [
        *_submissions(dossier), *_registrations(dossier), *_letters(dossier), *_zoom(dossier),
        *_answers(dossier, vault, revealed=revealed), *_address(dossier), *_audits(dossier, revealed=revealed),
    ]  # fmt: skip
    return sorted(found, key=lambda line: line.at)


def _submissions(dossier: Dossier) -> Iterator[Line]:
    for one in dossier.envelopes:
        by = SOURCES.get(one.source, one.source)
        what = "Changed by their own hand" if one.source == "self-service" else f"Received by {by}"
        yield Line(one.received_at, what, _judged(one), one.id)


def _judged(one: EnvelopeRow) -> str:
    reasons = "; ".join(f"{reason['field']}: {reason['message']}".removeprefix(": ") for reason in one.reasons)
    return f"{one.state}: {reasons}" if reasons else one.state


def _registrations(dossier: Dossier) -> Iterator[Line]:
    for one in dossier.places:
        yield Line(one.created_at, "Registered", one.session, one.id)
        if one.approved_at is not None:
            yield Line(one.approved_at, "Approved", one.session, one.id)
        if one.waiting_at is not None:
            yield Line(one.waiting_at, "Put on the waiting list", one.session, one.id)
        if one.changed_at > one.created_at:
            why = f" ({one.reason})" if one.reason else ""
            yield Line(one.changed_at, f"Last changed: {REGISTRATIONS[one.state]}{why}", one.session, one.id)


def _letters(dossier: Dossier) -> Iterator[Line]:
    by_id = {one.id: one for one in dossier.letters}
    for event in dossier.events:
        letter = by_id[event.letter_id]
        yield Line(event.at, f"{named(letter)}: {_state(event)}", _reason(letter, event), letter.id)
    told = {(event.letter_id, event.state) for event in dossier.events}
    for report in dossier.bounces:
        if (report.letter_id, report.kind) not in told:  # a refusal at once is the letter's own end
            letter = by_id[report.letter_id]
            yield Line(report.at, f"{named(letter)}: refused for the recipient’s sake", report.code or "", letter.id)
    for one in dossier.suppressions:
        yield Line(one.since, "Their address was suppressed", because(one.reason), one.letter_id)
        if one.lifted_at is not None:
            yield Line(one.lifted_at, "The suppression of their address was lifted", because(one.reason), one.id)


def named(letter: LetterRow) -> str:
    """What a letter is called: its kind, and the session, where it is of one."""
    if letter.address_version is not None and letter.about.startswith("former:"):
        return f"Cancellation at the former address, {letter.sessions[0]}"
    kind = LETTERS[letter.kind]
    return f"{kind}, {', '.join(letter.sessions)}" if len(letter.sessions) == 1 else kind


def _state(event: LetterEventRow) -> str:
    """A letter that is planned with a reason of a mail server's waits for its next try."""
    if event.state == "planned" and event.reason and event.reason.startswith(("smtp-", "server-", "connection-")):
        return "not taken yet"
    return STATES.get(event.state, event.state)


def _reason(letter: LetterRow, event: LetterEventRow) -> str:
    said = because(event.reason)
    former = "" if letter.address_version is None else f"address no. {letter.address_version}, which is a former one"
    due = "" if event.state != "planned" or event.reason or letter.due_at <= event.at else "for later"
    return "; ".join(filter(None, (said, due, former)))


def _zoom(dossier: Dossier) -> Iterator[Line]:
    for row, event in dossier.at_zoom:
        why = f". {said_by_zoom(row.reason)}" if row.reason else ""
        yield Line(row.created_at, f"Wanted at Zoom; there now: {AT_ZOOM[row.status]}{why}", event.session, row.id)
        if row.said_at is not None:
            yield Line(row.said_at, f"Zoom spoke of them: {AT_ZOOM[row.status]}", event.session, row.id)
    for stay, _ in dossier.stays:
        until = "" if stay.left_at is None else f"{(stay.left_at - stay.joined_at).total_seconds() // 60:.0f} minutes"
        yield Line(stay.joined_at, "Was in the Zoom session", until, "")


def _answers(dossier: Dossier, vault: Vault, *, revealed: bool) -> Iterator[Line]:
    sessions = {one.id: one.session for one in dossier.places}
    for one in dossier.answers:
        words = answers.comment(one, vault) if revealed else None
        said = "" if words is None else ": " + ", ".join(str(word) for word in json.loads(words).values() if word)
        hidden = " (with words of their own)" if one.sealed_comment is not None and not revealed else ""
        yield Line(one.at, f"Their calendar answered: {ANSWERS[one.partstat]}",
                   f"{sessions[one.registration_id]}{hidden}{said}", one.registration_id)  # fmt: skip
        if one.undone_at is not None:
            yield Line(one.undone_at, "Took that answer back", sessions[one.registration_id], one.registration_id)


def _address(dossier: Dossier) -> Iterator[Line]:
    for one in dossier.formers:
        yield Line(one.until, "Their address was corrected", f"no. {one.version} is a former one", "")
    if dossier.person.muted_at is not None:
        yield Line(dossier.person.muted_at, "Wants no reminders", "", "")


def _audits(dossier: Dossier, *, revealed: bool) -> Iterator[Line]:
    for one in dossier.audits:
        why = one.reason if revealed or one.reason is None else "a reason is kept"
        yield Line(one.at, f"{one.who} {ACTIONS.get(one.action, one.action)}", why or "", one.about or "")
