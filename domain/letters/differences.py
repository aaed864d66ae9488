"""What is different in a session from what the last letter said of it: old and new, as an update shows them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from domain.letters.catalogues import Words
from domain.letters.model import Order
from domain.letters.told import Told
from domain.locales import capital
from domain.programme import Said, Text, said, said_in_any_language
from domain.times import Period, When, describe
from schemas.programme import Language

Matter = Literal["time", "title", "place", "attendance", "languages", "interpretation"]
"""What can be different, in the order in which it is told."""

_ALWAYS_TOLD: frozenset[Matter] = frozenset({"time", "attendance"})
"""What discreet letters tell; and the room, to who comes."""


@dataclass(frozen=True)
class Difference:
    """One matter, as it was told last and as it is now; each in lines that stand by themselves."""

    matter: Matter
    old: tuple[Said, ...]
    new: tuple[Said, ...]


def differences(order: Order, words: Words) -> tuple[Difference, ...]:
    """What the reader of an update finds changed; nothing where the order does not say what was told before."""
    if order.before is None:
        return ()
    found = _Comparison(order, order.before, words).found()
    if order.person.visibility == "standard":
        return tuple(found)
    comes = order.visits[0].attendance == "in-person"
    return tuple(one for one in found if one.matter in _ALWAYS_TOLD or (comes and one.matter == "place"))


def standing(when: When) -> tuple[str, ...]:
    """Day, hours at the conference's place, and hours at home where they differ: lines that begin with a capital."""
    lines = (when.date, when.venue_line, when.home_line)
    return tuple(capital(line) for line in lines if line)


def interpreted(spoken: str, into: str, words: Words) -> str:
    """The languages of a session with interpretation, in one line."""
    # Translators: for example: English → French and Russian (simultaneous interpretation); the names stand as in a list
    line = words.gettext("%(spoken)s → %(into)s (simultaneous interpretation)")
    return line % {"spoken": spoken, "into": into}


class _Comparison:
    """The one session of an update, as it was told and as it is."""

    def __init__(self, order: Order, before: Told, words: Words) -> None:
        (self.visit,) = order.visits
        self.conference, self.home, self.words = order.conference, order.person.time_zone, words
        self.before = before
        self.now = Told.of(self.visit.session, self.conference, self.visit.attendance, self.visit.interpretation)

    def found(self) -> Iterator[Difference]:
        before, now, session = self.before, self.now, self.visit.session
        if (before.start, before.end) != (now.start, now.end):
            yield Difference("time", self._hours(before), self._hours(now))
        if before.title not in said_in_any_language(self.conference, "title", session):
            yield Difference("title", *self._text("title", before.title, before.title_language))
        if self._has_room() and before.place not in said_in_any_language(self.conference, "place", session):
            yield Difference("place", *self._text("place", before.place, before.place_language))
        if self._attending(before) != self._attending(now):
            yield Difference("attendance", self._attending(before), self._attending(now))
        if (before.spoken, before.into) != (now.spoken, now.into):
            yield Difference("languages", self._languages(before), self._languages(now))
        if before.interpretation != now.interpretation:
            yield Difference("interpretation", self._wish(before), self._wish(now))

    def _has_room(self) -> bool:
        """Whether the letter names a room at all: see SessionView.place."""
        return "in-person" in (self.now.attendance, self.visit.session.format) or self.visit.session.format == "hybrid"

    def _hours(self, told: Told) -> tuple[Said, ...]:
        period, venue = Period(told.start, told.end), self.conference.time_zone
        when = describe(period, venue, self.home, self.words.language, self.words.gettext)
        return tuple(self._ours(line) for line in standing(when))

    def _text(
        self, text: Text, before: str | None, language: Language | None
    ) -> tuple[tuple[Said, ...], tuple[Said, ...]]:
        """`language`: of the old one; that of the new one where nothing says otherwise."""
        # Translators: in place of a room or an address
        unknown = self._ours(self.words.pgettext("place", "not yet known"))
        now = said(self.conference, text, self.words.language, self.visit.session) or unknown
        return (Said(before, language or now.language) if before else unknown,), (now,)

    def _attending(self, told: Told) -> tuple[Said, ...]:
        """How its reader attends; and, where that is what has changed, the room that is open to who attends online."""
        gettext = self.words.gettext
        if told.attendance == "in-person":
            return (self._ours(gettext("In person")),)
        online = self._ours(gettext("Online, on Zoom"))
        room = said(self.conference, "place", self.words.language, self.visit.session)
        is_open = told.format == "hybrid" and self.before.format not in {None, self.now.format}
        if not is_open or room is None:
            return (online,)
        # Translators: followed by the room where one may also attend
        return online, self._ours(f"{gettext('Also in person:')} {room.text}")

    def _languages(self, told: Told) -> tuple[Said, ...]:
        spoken = self.words.language_names(told.spoken)
        if not told.into:
            return (self._ours(spoken),)
        return (self._ours(interpreted(spoken, self.words.language_names(told.into), self.words)),)

    def _wish(self, told: Told) -> tuple[Said, ...]:
        if told.interpretation is None:
            # Translators: no interpretation is wished for
            return (self._ours(self.words.pgettext("interpretation", "none")),)
        return (self._ours(self.words.language_name(told.interpretation)),)

    def _ours(self, line: str) -> Said:
        return Said(line, self.words.language)
