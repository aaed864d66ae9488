"""A plan: what putting a changed programme in force will do, counted, and the digest by which it can be applied."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Final, Literal

from domain.plans.changes import SessionChange, conference_changes, session_changes
from domain.plans.decisions import Decision, Person
from domain.plans.digest import digest_of, plain
from domain.plans.effects import Versions
from domain.plans.refusals import refused
from domain.programme import Overlap, overlaps
from domain.rearming import Step
from domain.reminders import NOT_IN_TIME, USEFUL_AFTER_START, hour_before
from domain.times import Period, describe
from schemas.reminders import Reminders

Fate = Literal["moves", "again", "new", "void", "too-late"]
"""Of a reminder: it moves; it went before, and goes again in the new hour; it is new; it is not owed any more; its hour
has come too soon, or is past."""

_FATES: Final[tuple[Fate, ...]] = ("moves", "again", "new", "void", "too-late")


@dataclass(frozen=True, slots=True)
class Letters:
    """So many letters of one kind, about one session, in one language (ISO 639). `wait` of them until Zoom has given
    the join link."""

    kind: str
    session: str
    language: str
    count: int
    wait: int


@dataclass(frozen=True, slots=True)
class Reminded:
    """So many reminders of one kind that share a fate; `old` and `new`: when they were due, and will be (UTC)."""

    kind: str
    fate: Fate
    old: datetime | None
    new: datetime | None
    count: int


@dataclass(frozen=True, slots=True)
class Clash:
    """Two sessions that overlap from now on, and how many people are registered for both."""

    first: str
    second: str
    certain: bool
    people: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What the change does. `fields`: of the conference's own that differ; `refusals`: why it cannot be applied at all;
    `replaced`: letters that have not gone yet, in whose place others go; `waiting`: registrations that wait for their
    link already, and are invited under the new programme; `events`: sessions that will have another Zoom event."""

    conference: str
    title: str
    version: int
    changes: tuple[SessionChange, ...]
    fields: tuple[str, ...]
    refusals: tuple[str, ...]
    letters: tuple[Letters, ...]
    reminders: tuple[Reminded, ...]
    clashes: tuple[Clash, ...]
    replaced: int
    waiting: int
    events: tuple[str, ...]
    digest: str

    @property
    def is_empty(self) -> bool:
        """Whether the file says what is in force."""
        return not self.changes and not self.fields

    @property
    def total(self) -> int:
        """How many letters go."""
        return sum(one.count for one in self.letters)

    def as_json(self) -> dict[str, Any]:
        """For programs: instants and dates as ISO 8601 has them."""
        whole = asdict(self) | {"total": self.total, "changes": [_change_as_json(one) for one in self.changes]}
        found: dict[str, Any] = json.loads(json.dumps(whole, default=plain, ensure_ascii=False))
        return found


class NotApplied(Exception):
    """A plan is not to be applied, or not any more: `reasons` say why, `plan` is what holds now. Nothing was changed;
    trying again helps only with another file, or with the digest of the new plan."""

    def __init__(self, reasons: Sequence[str], plan: Plan | None = None) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = tuple(reasons)
        self.plan = plan


def plan_of(
    version: int, versions: Versions, people: Sequence[Person], decisions: Sequence[Decision], document: str
) -> Plan:
    """The plan that follows from everybody's decisions. `version` is the one in force, `document` the new programme as
    it will be kept."""
    changes = session_changes(versions.before, versions.after)
    refusals = tuple(one.sentence for one in refused(changes, people, versions.after))
    waiting = sum(one.waits and one.word is None for each in decisions for one in each.told)
    replaced = sum(len(one.word.withheld) for each in decisions for one in each.told if one.word and not one.waits)
    return Plan(
        conference=versions.after.id, title=versions.after.title, version=version, changes=changes,
        fields=conference_changes(versions.before, versions.after), refusals=refusals,
        letters=_letters(decisions),
        reminders=_reminders(decisions, versions.after.reminders, versions.before.reminders),
        clashes=_clashes(versions, people),
        replaced=replaced, waiting=waiting, events=tuple(sorted(versions.other_events)),
        digest=digest_of(version, document, decisions, refusals),
    )  # fmt: skip


def said_hours(period: Period | None, zone: str) -> str:
    """`Monday, 14 June 2021, 18:00–19:00 Vienna time (CEST, UTC+2)`, or that it is open."""
    return "not yet known" if period is None else describe(period, zone, zone, "en").in_full


def _letters(decisions: Iterable[Decision]) -> tuple[Letters, ...]:
    counts: Counter[tuple[str, str, str]] = Counter()
    waiting: Counter[tuple[str, str, str]] = Counter()
    for each in decisions:
        for one in each.told:
            if one.word is not None and one.word.letter is not None:
                key = one.word.letter.kind, one.place.session, each.language
                counts[key] += 1
                waiting[key] += one.waits
    return tuple(Letters(*key, counts[key], waiting[key]) for key in sorted(counts))


def _reminders(decisions: Iterable[Decision], rules: Reminders, before: Reminders) -> tuple[Reminded, ...]:
    counts = Counter(_fate(step, rules, before) for each in decisions for step in each.steps)
    counts.pop(None, None)
    found = [Reminded(*key, count) for key, count in counts.items() if key is not None]
    return tuple(sorted(found, key=lambda one: (_FATES.index(one.fate), one.kind, str(one.new or one.old))))


def _fate(step: Step, rules: Reminders, before: Reminders) -> tuple[str, Fate, datetime | None, datetime | None] | None:
    """None where only the sessions that it speaks of are others."""
    standing, draft = step.standing, step.draft
    old = None if standing is None else _hour(standing.kind, standing.due_at, standing.not_after, before)
    if draft is None:
        return (standing.kind, "void", old, None) if standing is not None else None
    new = _hour(draft.kind, draft.due_at, draft.not_after, rules)
    if step.reason in NOT_IN_TIME:
        return draft.kind, "too-late", old, new
    if step.moves:
        return None if old == new else (draft.kind, "moves", old, new)
    went = standing is not None and standing.state in {"sent", "claimed"}
    return draft.kind, "again" if went else "new", old if went else None, new


def _hour(kind: str, due_at: datetime, not_after: datetime, rules: Reminders) -> datetime:
    """When it is due, before it is spread."""
    if kind == "reminder" and rules.reminder is not None:
        return hour_before(not_after - USEFUL_AFTER_START, rules)
    return due_at


def _clashes(versions: Versions, people: Sequence[Person]) -> tuple[Clash, ...]:
    before, after = versions.before, versions.after
    known = {frozenset(_pair(one)) for one in overlaps(before.sessions, before.time_zone)}
    new = [one for one in overlaps(after.sessions, after.time_zone) if frozenset(_pair(one)) not in known]
    return tuple(Clash(*_pair(one), one.certain, _with_both(_pair(one), people)) for one in new)


def _pair(one: Overlap) -> tuple[str, str]:
    return one.first.id, one.second.id


def _with_both(pair: tuple[str, str], people: Iterable[Person]) -> int:
    return sum(all(one in each.places and each.places[one].state == "registered" for one in pair) for each in people)


def _change_as_json(one: SessionChange) -> dict[str, Any]:
    return {
        "session": one.session, "title": one.title, "kinds": list(one.kinds), "other_day": one.other_day,
        "was": _hours_as_json(one.was), "will_be": _hours_as_json(one.will_be),
        "was_said": said_hours(one.was, one.zone), "will_be_said": said_hours(one.will_be, one.zone),
        "details": {what: [old, new] for what, old, new in one.details},
    }  # fmt: skip


def _hours_as_json(period: Period | None) -> dict[str, str] | None:
    return None if period is None else {"start": period.start.isoformat(), "end": period.end.isoformat()}
