"""What a table's columns mean: by a person's word, by our own names, by the programme's form mappings, by sessions,
or by what such columns are called in the six languages; in this order."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, get_args

from domain.sheets import headers
from domain.sources import words
from domain.sources.forms import ALL_SESSIONS, session_names
from schemas.programme import Conference, Form, Question
from schemas.sheet import Row

FIELDS: tuple[str, ...] = get_args(Question.model_fields["field"].annotation)
"""What a column can say of a registration."""

OF_EXPORTS = ("participant", "session_title", "starts", "registered_at", "changed_at")
"""Columns of our own exports that say nothing new."""

_JOINED = frozenset({"full_name", "sessions", "organisation", "needs"})
"""Fields that may have several columns; of others a second one is a mistake."""


class HeadNotUnderstood(Exception):
    """A table without a usable head. The message says what a person can do about it."""


@dataclass(frozen=True, slots=True)
class _Meaning:
    """`place`: among the columns that are joined to one field."""

    what: Literal["field", "session", "state", "withdraw", "nothing"]
    question: Question | None = None
    session: str = ""
    place: int = 0
    form: Form | None = None


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns by what they mean, as places in a row.

    `asked`: those that are fields, those of one field in the order in which they are joined. `sessions`: those that
    stand for a session each. `names`: what a cell may call sessions, plainly written, with their ids. `default`: what a
    row registers for that names no session, where none of the columns does. `unread`: titles of columns that mean
    nothing here.
    """

    asked: tuple[tuple[int, Question], ...]
    sessions: Mapping[int, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    state: int | None = None
    withdraw: int | None = None
    default: tuple[str, ...] | Literal["all"] = ()
    unread: tuple[str, ...] = ()

    @property
    def read(self) -> frozenset[int]:
        """The places of all that mean something."""
        own = {place for place in (self.state, self.withdraw) if place is not None}
        return frozenset(place for place, _ in self.asked) | self.sessions.keys() | own


def columns(head: Row, conference: Conference, given: Mapping[str, str]) -> Columns:
    """What the columns under this head mean. `given`: what a person says of some, title to field, `state`, `withdraw`,
    a session's id, or nothing for a column that is not to be read.

    Raises:
        HeadNotUnderstood: where there is no column of addresses, a field has two, or `given` names what is not there.
    """
    titles = [_key(title) for title in head.cells]
    known = {
        **_in_six_languages(titles), **_of_sessions(conference), **_of_forms(conference), **_of_our_own(),
        **_given(given, titles, conference),
    }  # fmt: skip
    found = [(place, known[title]) for place, title in enumerate(titles) if title in known]
    asked = [(place, one) for place, one in found if one.question is not None]
    asked.sort(key=lambda each: (each[1].place, each[0]))
    _check([one.question.field for _, one in asked if one.question])
    sessions = {place: one.session for place, one in found if one.what == "session"}
    names_sessions = bool(sessions) or any(one.question and one.question.field == "sessions" for _, one in asked)
    return Columns(
        asked=tuple((place, one.question) for place, one in asked if one.question),
        sessions=sessions,
        names=_names(conference, (one.question for _, one in asked if one.question)),
        state=_first(found, "state"),
        withdraw=_first(found, "withdraw"),
        default=() if names_sessions else _default(conference, [one for _, one in found]),
        unread=tuple(
            cell.strip() for cell, title in zip(head.cells, titles, strict=True) if title and title not in known
        ),
    )  # fmt: skip


def _key(title: str) -> str:
    """Titles as they are compared: `full_name`, `Full name *` and `full-name:` are one."""
    return words.plain(title.replace("_", " ").replace("-", " ")).rstrip(" *:?")


def _check(fields: list[str]) -> None:
    if "email" not in fields:
        raise HeadNotUnderstood(
            "No column was understood as the e-mail address. The first row must say what is in each column; name the "
            "column with --map COLUMN=email."
        )
    if twice := sorted({one for one in fields if fields.count(one) > 1} - _JOINED):
        raise HeadNotUnderstood(
            f"More than one column was understood as {', '.join(twice)}. Say with --map COLUMN= which not to read."
        )


def _names(conference: Conference, questions: Iterable[Question]) -> dict[str, str]:
    """Ids and titles, the word for all of them, and the answers that the programme explains."""
    answers = [one.answers for one in questions if one.field == "sessions"]
    explained = {words.plain(answer): means for one in answers for answer, means in one.items()}
    return session_names(conference) | dict.fromkeys(ALL_SESSIONS, "all") | explained


def _default(conference: Conference, found: Iterable[_Meaning]) -> tuple[str, ...] | Literal["all"]:
    """What the form registers for from which the columns are, or the only session that there is."""
    forms = {one.form.sessions for one in found if one.form and one.form.sessions}
    if len(forms) == 1:
        return forms.pop()
    return (conference.sessions[0].id,) if len(conference.sessions) == 1 else ()


def _first(found: Iterable[tuple[int, _Meaning]], what: str) -> int | None:
    return next((place for place, one in found if one.what == what), None)


def _field(name: str, place: int = 0) -> _Meaning:
    if name in {"state", "withdraw"}:
        return _Meaning("state" if name == "state" else "withdraw")
    return _Meaning("field", Question.model_validate({"question": name, "field": name}), place=place)


def _in_six_languages(titles: Iterable[str]) -> dict[str, _Meaning]:
    by_title = {title: _field(name) for name, its_titles in headers.FIELD_OF.items() for title in its_titles}
    return by_title | {title: _field("full_name", place) for title, place in headers.name_columns(titles).items()}


def _of_sessions(conference: Conference) -> dict[str, _Meaning]:
    return {_key(name): _Meaning("session", session=one) for name, one in session_names(conference).items()}


def _of_forms(conference: Conference) -> dict[str, _Meaning]:
    return {
        _key(str(question.question)): _Meaning("field", question, place=place, form=form)
        for form in conference.forms
        for place, question in enumerate(form.questions)
    }


def _of_our_own() -> dict[str, _Meaning]:
    own = {_key(name): _field(name) for name in (*FIELDS, "state", "withdraw")}
    return own | {_key(name): _Meaning("nothing") for name in OF_EXPORTS}


def _given(given: Mapping[str, str], titles: Iterable[str], conference: Conference) -> dict[str, _Meaning]:
    there = frozenset(titles)
    if missing := [title for title in given if _key(title) not in there]:
        raise HeadNotUnderstood(f"--map names columns that are not in the head: {', '.join(missing)}.")
    return {_key(title): one for title, one in _named(given, conference)}


def _named(given: Mapping[str, str], conference: Conference) -> Iterator[tuple[str, _Meaning]]:
    for place, (title, name) in enumerate(given.items()):
        wanted = name.strip()
        if not wanted:
            yield title, _Meaning("nothing")
        elif wanted in FIELDS or wanted in {"state", "withdraw"}:
            yield title, _field(wanted, place)
        elif conference.session(wanted):
            yield title, _Meaning("session", session=wanted)
        else:
            known = ", ".join((*FIELDS, "state", "withdraw"))
            raise HeadNotUnderstood(f"--map: {wanted} is neither a session's id nor one of {known}.")
