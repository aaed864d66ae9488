"""What becomes of each row of an import, and how that is told."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from domain.sheets.rows import Said, Submission
from domain.sources import words
from schemas.programme import Conference
from schemas.registration import Reason, RegistrationData, RegistrationSubmitted

Fate = Literal["new", "changes", "same", "before", "twice", "refused"]
"""`new`: a person who is not known yet. `before`: the row was imported before, and what it says has been changed by
other hands since. `twice`: it stands in the table already."""

_CONTRADICTS = "Row {row} says something else of the same person and session."
_STANDS = "A session stands otherwise here. What is offered or refused is decided here, and cannot be imported."
_SHARED = "Row {row} has the same address and another name: each person needs an address of their own."


@dataclass(frozen=True, slots=True)
class Place:
    """How somebody stands with a session."""

    state: str
    attendance: str
    interpretation: str | None


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a person: `fields` by name, and how they stand with each session."""

    fields: Mapping[str, object] = field(repr=False)
    places: Mapping[str, Place]


@dataclass(frozen=True, slots=True)
class Difference:
    """Which fields differ, and what is different about which sessions."""

    fields: tuple[str, ...] = ()
    sessions: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.fields or self.sessions)


@dataclass(frozen=True, slots=True)
class Verdict:
    """A row's fate, with what is or would be different, or why it is refused."""

    row: int
    fate: Fate
    address: str = field(default="", repr=False)
    difference: Difference = Difference()
    reasons: tuple[Reason, ...] = ()


def difference(before: Known | None, after: Known) -> Difference:
    """What is different afterwards. Nobody's fields differ who was not known before: all of them are new."""
    was = before.fields if before else after.fields
    places = before.places if before else {}
    return Difference(
        tuple(name for name, value in after.fields.items() if was.get(name) != value),
        tuple(
            f"{session}: {_step(places.get(session), place)}"
            for session, place in after.places.items()
            if places.get(session) != place
        ),
    )


def _step(was: Place | None, now: Place) -> str:
    if was is None:
        return f"{now.state}, {now.attendance}"  # which may be another than was asked for
    changed = [f"{getattr(was, one)} → {getattr(now, one)}" for one in ("state", "attendance", "interpretation")
               if getattr(was, one) != getattr(now, one)]  # fmt: skip
    return ", ".join(changed)


def undecidable(said: Said, known: Known | None) -> Verdict | None:
    """The refusal of a row that says of a session that it is offered or refused, where it is not."""
    if known is not None and all(_stands(known, one, {state}) for one, state in said.stands.items()):
        return None
    return _refused(said, "state", "not-importable", _STANDS) if said.stands else None


def is_known(said: Said, known: Known | None, conference: Conference) -> bool:
    """Whether all that a row asks for is so already. Then nobody has to decide anything: sessions may be over."""
    if known is None:
        return False
    return all(_is_known(one, known, conference) for one in said.submissions)


def _is_known(said: Submission, known: Known, conference: Conference) -> bool:
    sessions = sessions_of(said, conference)
    if not isinstance(said, RegistrationSubmitted):
        here = sessions & known.places.keys() if said.data.sessions == "all" else sessions
        return bool(here) and all(_stands(known, one, {"withdrawn"}) for one in here)
    places = [known.places[one] for one in sessions if _stands(known, one, {"registered", "pending", "waitlisted"})]
    return (
        len(places) == len(sessions)
        and all(_is_so(known.fields, name, value) for name, value in _of_the_person(said.data).items())
        and all(said.data.attendance in {None, place.attendance} for place in places)
        and ("interpretation" not in said.data.model_fields_set or {said.data.interpretation} >= {
            place.interpretation for place in places})
    )  # fmt: skip


def _stands(known: Known, session: str, states: set[str]) -> bool:
    return session in known.places and known.places[session].state in states


def _of_the_person(data: RegistrationData) -> dict[str, object]:
    apart = {"email", "sessions", "attendance", "interpretation"}
    return data.model_dump(exclude=apart, exclude_unset=True, exclude_none=True)


def _is_so(fields: Mapping[str, object], name: str, value: object) -> bool:
    known = fields.get(name)
    if isinstance(value, Mapping) and isinstance(known, Mapping):
        return all(known.get(key) == one for key, one in value.items())
    return known == value


def sessions_of(said: Submission, conference: Conference) -> frozenset[str]:
    """The sessions that a submission speaks of."""
    named = said.data.sessions
    return frozenset(one.id for one in conference.sessions) if named == "all" else frozenset(named)


def repeated(said: Said, before: Sequence[Said], conference: Conference) -> Verdict | None:
    """The fate of a row of which others of the same person (`before`) leave nothing to be decided: it says the same, or
    contradicts them. None where it adds to them."""
    for other in before:
        if _without_address(said) == _without_address(other) and said.stands == other.stands:
            return Verdict(said.number, "twice", said.address)
        if said.full_name and other.full_name and words.plain(said.full_name) != words.plain(other.full_name):
            return _refused(said, "full_name", "shared-address", _SHARED.format(row=other.number))
        if _all_sessions(said, conference) & _all_sessions(other, conference):
            return _refused(said, "sessions", "contradiction", _CONTRADICTS.format(row=other.number))
    return None


def _without_address(said: Said) -> list[Submission]:
    """What a row asks for. It is about the same person: how their address is written says nothing."""
    return [one.model_copy(update={"data": one.data.model_copy(update={"email": ""})}) for one in said.submissions]


def _all_sessions(said: Said, conference: Conference) -> frozenset[str]:
    return frozenset(said.stands).union(*(sessions_of(one, conference) for one in said.submissions))


def _refused(said: Said, name: str, code: str, message: str) -> Verdict:
    return Verdict(said.number, "refused", said.address, reasons=(Reason(field=name, code=code, message=message),))


def counts(verdicts: Iterable[Verdict]) -> dict[Fate, int]:
    """How many rows have which fate, in the order in which they are told."""
    fates: dict[Fate, int] = {"new": 0, "changes": 0, "same": 0, "before": 0, "twice": 0, "refused": 0}
    for one in verdicts:
        fates[one.fate] += 1
    return fates
