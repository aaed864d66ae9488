"""What a row says: registrations and withdrawals, as any form's answers are understood."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from domain.sheets.columns import Columns
from domain.sources import words
from domain.sources.forms import meaning, translated
from domain.sources.understanding import NotUnderstood, because, shaped
from schemas.registration import Attempt, Reason, RegistrationSubmitted, RegistrationWithdrawn
from schemas.sheet import Row

Submission = RegistrationSubmitted | RegistrationWithdrawn
State = Literal["registered", "withdrawn", "offered", "refused"]

_STATES: Mapping[str, State] = {
    **dict.fromkeys(("registered", "pending", "waitlisted", "angemeldet", "inscrit", "inscrite", "iscritto", "iscritta",
                     "зарегистрирован", "зарегистрирована", "inscrito", "inscrita"), "registered"),
    **dict.fromkeys(("withdrawn", "withdraw", "cancelled", "canceled", "abgemeldet", "storniert", "zurückgezogen",
                     "retiré", "retirée", "annulé", "annulée", "désinscrit", "désinscrite", "ritirato", "ritirata",
                     "annullato", "cancellato", "отозвано", "отменено", "отказ", "retirado", "retirada", "cancelado",
                     "anulado"), "withdrawn"),
    "offered": "offered",
    "refused": "refused",
}  # fmt: skip
"""Whoever is pending or waits for a place asks for it; whether there is one, the corridor says."""

_MARKED = frozenset({"x", "✓", "✔", "☑"})
_APART = re.compile(r"[;,|()\n]+")
_BETWEEN = re.compile(r"[\s;,|]+")
_END = re.compile(r"\s*(?:[;,|]|$)")

_OF_ONE_SESSION = "In a session's column, write yes, x, online, in person or withdrawn."
_STATE = "Write registered or withdrawn."
_UNREADABLE = "The cell shows an error."
_UNKNOWN = "One of the sessions is not in the programme."


@dataclass(frozen=True, slots=True)
class Said:
    """What a row says of one person. `stands`: sessions of which it says only how they stand, offered or refused: what
    cannot be asked for, and is compared."""

    number: int
    address: str = field(repr=False)
    full_name: str = field(repr=False)
    submissions: tuple[Submission, ...] = field(repr=False)
    stands: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Choice:
    """How a row wants one session. What is not in `how` is not said."""

    state: State
    how: tuple[tuple[str, object], ...] = ()


def understood(row: Row, columns: Columns) -> Said:
    """What the row says. A blank is not said, and leaves what is known.

    Raises:
        NotUnderstood: with a reason for each field that is missing or wrong.
    """
    given = _given(row, columns)
    wrong = list(_unreadable(row, columns))
    choices = _choices(row, columns, given, wrong)
    person = {"email": " ".join(given.get("email", [])), **_person(given)}
    registered = _registrations(person, choices, wrong)
    address = registered[0].data.email if registered else shaped(Attempt, person, found=wrong).email
    leaving = [one for one, choice in choices.items() if choice.state == "withdrawn"]
    stands = {one: choice.state for one, choice in choices.items() if choice.state in {"offered", "refused"}}
    if not (registered or leaving or stands):
        raise NotUnderstood(because("sessions", "missing"))
    submissions: tuple[Submission, ...] = registered
    if leaving:
        submissions = (*registered, _withdrawal(address, leaving))
    return Said(row.number, address, str(person.get("full_name", "")), submissions, stands)


def is_remark(row: Row) -> bool:
    """Whether a row is a line about the table, such as the one under our own exports."""
    return row.cell(0).startswith("# ") and not any(cell.strip() for cell in row.cells[1:])


def _given(row: Row, columns: Columns) -> dict[str, list[str]]:
    given: dict[str, list[str]] = {}
    for place, question in columns.asked:
        if cell := row.cell(place):
            said = cell if question.field == "sessions" else translated(question, cell)
            given.setdefault(question.field, []).append(said)
    return given


def _unreadable(row: Row, columns: Columns) -> Iterator[Reason]:
    fields = {place: question.field for place, question in columns.asked}
    for place in sorted(row.unreadable & columns.read):
        yield Reason(field=fields.get(place, "sessions"), code="unreadable", message=_UNREADABLE)


def _person(given: Mapping[str, list[str]]) -> dict[str, object]:
    """What is said of the person, and not of a session; of consents those that are said."""
    apart = {"email", "sessions", "attendance", "interpretation"}
    meant = {name: meaning(name, values) for name, values in given.items() if name not in apart}
    consents = {name.removeprefix("consents."): meant.pop(name) for name in list(meant) if name.startswith("consents.")}
    return {**meant, "consents": consents} if consents else meant


def _registrations(
    person: Mapping[str, object], choices: Mapping[str, _Choice], wrong: list[Reason]
) -> tuple[RegistrationSubmitted, ...]:
    """One for all sessions that are wanted alike."""
    alike: dict[tuple[tuple[str, object], ...], list[str]] = {}
    for session, choice in choices.items():
        if choice.state == "registered":
            alike.setdefault(choice.how, []).append(session)
    return tuple(
        shaped(RegistrationSubmitted, {
            "type": "registration.submitted", "data": {**person, **dict(how), "sessions": _all_or(sessions)},
        }, found=wrong)
        for how, sessions in alike.items()
    )  # fmt: skip


def _withdrawal(address: str, sessions: list[str]) -> RegistrationWithdrawn:
    data = {"email": address, "sessions": _all_or(sessions)}
    return shaped(RegistrationWithdrawn, {"type": "registration.withdrawn", "data": data})


def _all_or(sessions: list[str]) -> list[str] | str:
    return "all" if "all" in sessions else sessions


def _choices(row: Row, columns: Columns, given: Mapping[str, list[str]], wrong: list[Reason]) -> dict[str, _Choice]:
    """How the row wants each session, by id; `all` may stand for all of them."""
    usual = _Choice(
        _state(row, columns, wrong),
        tuple((name, meaning(name, given[name])) for name in ("attendance", "interpretation") if name in given),
    )
    chosen = dict.fromkeys(_sessions(given.get("sessions", []), columns, wrong), usual)
    for place, session in columns.sessions.items():
        if (choice := _in_column(row.cell(place), usual, wrong)) is not None:
            chosen[session] = choice
    if chosen or columns.sessions:
        return chosen
    default = ["all"] if usual.state == "withdrawn" or columns.default == "all" else columns.default
    return dict.fromkeys(default, usual)


def _state(row: Row, columns: Columns, wrong: list[Reason]) -> State:
    if columns.withdraw is not None and _is_marked(row.cell(columns.withdraw)):
        return "withdrawn"
    said = words.plain(row.cell(columns.state)) if columns.state is not None else ""
    if said and said not in _STATES:
        wrong.append(Reason(field="state", code="invalid", message=_STATE))
    return _STATES.get(said, "registered")


def _sessions(cells: list[str], columns: Columns, wrong: list[Reason]) -> list[str]:
    """The ids that the cells name; an answer that means no session names none."""
    found = [one for cell in cells for one in listed(cell, columns.names)]
    if None in found:
        wrong.append(Reason(field="sessions", code="unknown-session", message=_UNKNOWN))
    return [one for one in found if one]


def listed(cell: str, names: Mapping[str, str]) -> Iterator[str | None]:
    """What the names in a cell stand for, which are parted by commas, semicolons, bars or line ends; None for one that
    is not known. Names may have commas themselves: the longest that fits is taken."""
    rest = words.plain(cell.replace("\n", ";"))
    longest_first = sorted(names, key=len, reverse=True)
    while rest := _BETWEEN.sub("", rest, count=1) if _BETWEEN.match(rest) else rest:
        name = next((one for one in longest_first if rest.startswith(one) and _END.match(rest, len(one))), None)
        yield None if name is None else names[name]
        parted = _APART.split(rest, maxsplit=1) if name is None else ("", rest[len(name) :])
        rest = parted[1] if len(parted) > 1 else ""


def _in_column(cell: str, usual: _Choice, wrong: list[Reason]) -> _Choice | None:
    """How a cell in a session's own column wants it; None where it does not. `online, ru`: attendance and
    interpretation may stand there together."""
    parts = [words.plain(part) for part in _APART.split(cell) if part.strip()]
    if not parts or all(map(words.is_no, parts)):
        return None
    how, state = dict(usual.how), usual.state
    for part in parts:
        if part in _STATES:
            state = _STATES[part]
        elif words.attendance(part) in {"online", "in-person"}:
            how["attendance"] = words.attendance(part)
        elif _is_marked(part):
            continue
        elif words.is_language(part):
            how["interpretation"] = words.interpretation(part)
        else:
            wrong.append(Reason(field="sessions", code="invalid", message=_OF_ONE_SESSION))
    return _Choice(state, tuple(sorted(how.items())))


def _is_marked(cell: str) -> bool:
    return words.plain(cell) in _MARKED or words.is_yes(cell)
