"""What a change of the programme means for one participant: letters, reminders, and how each registration stands then.

The same decisions as everywhere: `domain.telling` says which letter goes, `domain.rearming` what becomes of reminders.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from domain.earlier import Earlier
from domain.plans.changes import SessionChange
from domain.plans.effects import Versions, effect
from domain.rearming import Key, Spoken, Standing, Step, is_done, owed_to, steps, told_at
from domain.telling import Place, Reader, Word, awaits_link, may_do_without, next_word


@dataclass(frozen=True, slots=True)
class Person:
    """A participant as things stand: registrations by session; the letters about each, in order of revision; the newest
    reminder of each kind and matter; what has spoken of sessions; and the sessions whose link was asked for in vain."""

    id: str
    reader: Reader
    places: Mapping[str, Place]
    letters: Mapping[str, Sequence[Earlier]]
    reminders: Mapping[Key, Standing]
    spoken: Sequence[Spoken]
    tried: frozenset[str]


@dataclass(frozen=True, slots=True)
class Told:
    """One registration that is concerned. `place`: as the change leaves it. `word`: what is told, at once or, where it
    `waits`, when Zoom has given the join link; None where that was so already, and the change brings no letter of its
    own."""

    place: Place
    word: Word | None
    waits: bool


@dataclass(frozen=True, slots=True)
class Decision:
    """All that becomes of one participant. `is_done`: whether the reminders are as they should be after the steps."""

    person: str
    language: str
    told: tuple[Told, ...]
    steps: tuple[Step, ...]
    is_done: bool


def decide(person: Person, changes: Sequence[SessionChange], versions: Versions, now: datetime) -> Decision:
    """What the change means for this participant, `now`."""
    told = tuple(
        one
        for change in changes
        if (place := person.places.get(change.session))
        and (one := _told(person, place, change, versions, now)) is not None
    )
    after, rules = versions.after, versions.after.reminders
    words = [one.word for one in told if one.word is not None and not one.waits]
    unsaid = {one for word in words for one in word.withheld}
    spoken = [*(one for one in person.spoken if one.letter not in unsaid), *filter(None, map(_spoken, words))]
    owing = owed_to(
        after, {**person.places, **{one.place.session: _standing(one) for one in told}}, person.reader.time_zone,
        told_at(spoken, rules), now,
    )  # fmt: skip
    return Decision(
        person=person.id,
        language=person.reader.language or after.language,
        told=told,
        steps=steps(person.reminders, owing, after),
        is_done=is_done(person.reminders, owing, rules),
    )


def _told(person: Person, place: Place, change: SessionChange, versions: Versions, now: datetime) -> Told | None:
    left = effect(change, place, person.reader, versions, now)
    planned = change.after
    if left == place or planned is None:
        return None
    if left.revision == place.revision:
        return Told(left, None, waits=False)
    earlier = person.letters.get(change.session, ())
    tried = place.link == "wanted" and change.session in person.tried - versions.other_events
    waits = awaits_link(left, planned) and not (may_do_without(left, planned, versions.after) and tried)
    if waits and place.told_revision < place.revision and awaits_link(place, planned):
        return Told(left, None, waits=True)
    heard = replace(left, link="present") if waits else left
    return Told(left, next_word(heard, planned, versions.after, person.reader, earlier, now), waits)


def _standing(told: Told) -> Place:
    """The registration once it has been told."""
    if told.word is None or told.waits:
        return told.place
    return replace(told.place, entry=told.word.entry)


def _spoken(word: Word) -> Spoken | None:
    letter = word.letter
    return None if letter is None else Spoken(None, letter.kind, letter.sessions, letter.due_at, letter.not_after)
