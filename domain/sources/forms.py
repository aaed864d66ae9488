"""Answers to a form's questions, brought into the shape of a registration by the programme's `forms` mapping.

Every provider with questions uses this. What is not mapped is dropped here and never stored in clear.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from domain.sources import words
from domain.sources.understanding import N_, NotUnderstood, shaped
from schemas.programme import Conference, Form, Question, Session
from schemas.registration import Reason, RegistrationSubmitted

ALL_SESSIONS = frozenset({"all", "all sessions"})


@dataclass(frozen=True, slots=True)
class Answer:
    """One question's answer. `names`: all that a programme may call the question by, such as its title and number.

    `readable`: whether it is all in words. A file or a payment is not; that matters where a programme asks for one.
    """

    names: frozenset[str]
    values: tuple[str, ...]
    readable: bool = True


def answered(names: Iterable[object], value: object) -> Answer:
    """An answer as a provider gives it: one text, a number, yes or no, a list of them, or a grid; blanks count as no
    answer."""
    texts = _texts(value)
    return Answer(
        frozenset(words.plain(str(name)) for name in names if name not in (None, "")),
        tuple(text.strip() for text in texts if text and text.strip()),
        None not in texts,
    )


def _texts(value: object) -> list[str | None]:
    """None for what is no text."""
    if isinstance(value, list | tuple):
        return [text for one in value for text in _texts(one)]
    if isinstance(value, bool):
        return ["yes" if value else "no"]
    if value is None:
        return []
    return [str(value) if isinstance(value, str | int | float) else None]


def form_for(conference: Conference, source: str, form_id: str | None) -> Form:
    """The mapping for a form: the one that names it, else the one that serves every form of this source.

    Raises:
        NotUnderstood: where the programme has neither; it can be added, and the envelope replayed.
    """
    candidates = [form for form in conference.forms if form.source == source]
    for wanted in ({form_id} - {None}, {None}):
        for form in candidates:
            if form.form in wanted:
                return form
    message = N_("The programme does not say what this form's questions mean.")
    raise NotUnderstood(Reason(field="", code="form-not-mapped", message=message))


def registration(
    form: Form, answers: Sequence[Answer], conference: Conference, *, address: str, submitted_at: object = None
) -> RegistrationSubmitted:
    """The registration that the answers make. `address` is what the provider knows, where no question asks for it;
    `submitted_at` what it signs of when the answers were given.

    A blank is not said, and leaves what is known; but a consent that the form asks for is given or it is not, so that
    who comes back and leaves its box unticked has withdrawn it. Providers do not send what was left blank: that the
    mapping names a consent says that it was asked for.

    Raises:
        NotUnderstood: with a reason for each field that is missing or wrong.
    """
    asked = _asked(form, answers)
    given = _by_field(asked)
    sessions, unknown = _sessions(given.pop("sessions", []), form, conference)
    meant = {field: meaning(field, values) for field, values in (_consents(form) | given).items()}
    data = {"email": address, "sessions": sessions, **_nested(meant)}
    # None is said: interpretation is not wanted, or no longer.
    said = {field: value for field, value in data.items() if value != ""}
    body = {"type": "registration.submitted", "data": said, "submitted_at": words.instant(submitted_at)}
    return shaped(RegistrationSubmitted, body, found=(*_unreadable(asked), *unknown))


def _asked(form: Form, answers: Sequence[Answer]) -> list[tuple[Question, Answer]]:
    """The programme's questions, in its order, each with what was answered to it. A question that is listed both by
    title and by number stands here once for each field."""
    found: dict[tuple[str, int], tuple[Question, Answer]] = {}
    for question in form.questions:
        name = words.plain(str(question.question))
        for place, answer in enumerate(answers):
            if name in answer.names:
                found.setdefault((question.field, place), (question, answer))
    return list(found.values())


def _by_field(asked: Iterable[tuple[Question, Answer]]) -> dict[str, list[str]]:
    given: dict[str, list[str]] = {}
    for question, answer in asked:
        if answer.values:
            given.setdefault(question.field, []).extend(translated(question, value) for value in answer.values)
    return given


def _consents(form: Form) -> dict[str, list[str]]:
    """Each that the form asks for, before anybody has given it."""
    return {one.field: ["no"] for one in form.questions if one.field.startswith("consents.")}


def _unreadable(asked: Iterable[tuple[Question, Answer]]) -> tuple[Reason, ...]:
    message = N_("The answer to this question is of a kind that cannot be read.")
    fields = dict.fromkeys(question.field for question, answer in asked if not answer.readable)
    return tuple(Reason(field=field, code="unreadable", message=message) for field in fields)


def _nested(meant: dict[str, object]) -> dict[str, object]:
    """`consents.recording` as a field within `consents`; nothing of them where the form did not ask."""
    consents = {name.removeprefix("consents."): meant[name] for name in meant if name.startswith("consents.")}
    others = {name: value for name, value in meant.items() if not name.startswith("consents.")}
    return others | ({"consents": consents} if consents else {})


def translated(question: Question, value: str) -> str:
    """What an answer means by the programme's word, or else the answer itself."""
    said = words.plain(value)
    return next((means for answer, means in question.answers.items() if words.plain(answer) == said), value)


def _sessions(
    chosen: Sequence[str], form: Form, conference: Conference
) -> tuple[tuple[str, ...] | str, tuple[Reason, ...]]:
    """Session ids from ids and titles; the form's own where nothing was chosen."""
    chosen = [one for one in chosen if one]
    if not chosen:
        return form.sessions or "", ()
    if any(words.plain(one) in ALL_SESSIONS for one in chosen):
        return "all", ()
    known = session_names(conference)
    found = tuple(dict.fromkeys(known[said] for one in chosen if (said := words.plain(one)) in known))
    if all(words.plain(one) in known for one in chosen):
        return found, ()
    message = N_("One of the chosen sessions is not in the programme.")
    return found, (Reason(field="sessions", code="unknown-session", message=message),)


def session_names(conference: Conference) -> dict[str, str]:
    """Session ids by what a form may call a session, as `words.plain` has it: its id, or its title in any language that
    the programme has it in. A title that two sessions have stands for neither."""
    by_title: dict[str, set[str]] = {}
    for session in conference.sessions:
        for title in _titles(session):
            by_title.setdefault(words.plain(title), set()).add(session.id)
    ids = {words.plain(session.id): session.id for session in conference.sessions}
    return {title: min(found) for title, found in by_title.items() if len(found) == 1} | ids


def _titles(session: Session) -> Iterator[str]:
    yield from filter(None, (session.title, *(texts.title for texts in session.translations.values())))


def meaning(field: str, said: list[str]) -> object:
    """What the answers to the questions of one field mean together; as it was said where it cannot be understood."""
    return _MEANING.get(field, _joined)(said)


def _joined(said: list[str]) -> str:
    return " ".join(filter(None, said))


_MEANING: dict[str, Callable[[list[str]], object]] = {
    "language": lambda said: words.language(_joined(said)),
    "interpretation": lambda said: words.interpretation(_joined(said)),
    "time_zone": lambda said: words.time_zone(_joined(said)),
    "attendance": lambda said: words.attendance(_joined(said)),
    "visibility": lambda said: words.visibility(_joined(said)),
    "consents.recording": lambda said: all(map(words.is_yes, said)),
    "consents.photography": lambda said: all(map(words.is_yes, said)),
    "consents.announcements": lambda said: all(map(words.is_yes, said)),
}
