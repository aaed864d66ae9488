"""What a participant was last told of a session, so that an update can say what is different: old and new."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter, ValidationError

from domain.programme import Text, text_language
from domain.times import session_period
from schemas.programme import Conference, Format, Language, Session
from schemas.registration import Attendance, Visibility

_TEXTS: tuple[Text, ...] = ("title", "place")


@dataclass(frozen=True)
class Told:
    """What one letter said of one session. `start` and `end` are aware, in UTC. `title` and `place` as the letter gave
    them, and `title_language` and `place_language` what they were in (ISO 639; None where that was not kept): no
    difference by themselves. `format`: of the session; None where that was not kept. `spoken`, `into`: codes of
    languages, of the room and of the interpretation; `interpretation`: the one wished for."""

    start: datetime
    end: datetime
    title: str
    place: str | None
    attendance: Attendance
    spoken: tuple[Language, ...]
    into: tuple[Language, ...]
    interpretation: Language | None
    title_language: Language | None = field(default=None, compare=False)
    place_language: Language | None = field(default=None, compare=False)
    format: Format | None = field(default=None, compare=False)

    @classmethod
    def of(
        cls, session: Session, conference: Conference, attendance: Attendance, interpretation: str | None,
        language: Language | None = None,
    ) -> "Told":  # fmt: skip
        """What is told of `session`, whose time is certain, to somebody who attends it thus; in the language in which
        both are given. That is kept where `language` names it: see domain.programme.text_language."""
        period = session_period(session, conference.time_zone)
        of_title, of_place = (
            text_language(conference, text, language, session) if language else None for text in _TEXTS
        )
        return cls(
            start=period.start, end=period.end, title=session.title or conference.title,
            place=session.place or conference.place, attendance=attendance,
            spoken=session.languages or conference.languages, into=session.interpretation,
            interpretation=interpretation, title_language=of_title, place_language=of_place, format=session.format,
        )  # fmt: skip

    @classmethod
    def kept(cls, kept: Mapping[str, Any]) -> "Told":
        """What `to_keep` made. Raises pydantic.ValidationError where it is anything else."""
        return _SHAPE.validate_python(kept)

    def to_keep(self) -> dict[str, Any]:
        """As JSON has it. Nothing in it is personal."""
        found: dict[str, Any] = _SHAPE.dump_python(self, mode="json")
        return found

    def discreetly(self, now: "Told") -> "Told":
        """As a discreet letter may compare it with what is told `now`: of the old it knows the time, and the room where
        somebody came to it and still does. All else is as now, and so no title of old gets into it."""
        known = self if self.attendance == now.attendance == "in-person" else now
        return replace(
            now, start=self.start, end=self.end, attendance=self.attendance,
            place=known.place, place_language=known.place_language,
        )  # fmt: skip


@dataclass(frozen=True)
class Heard:
    """What one person was told of a session, and how: the `language` (ISO 639) and `time_zone` (IANA) of the letter,
    discreet or not, and whether it had the link."""

    told: Told
    language: Language
    time_zone: str
    visibility: Visibility
    has_link: bool

    @classmethod
    def kept(cls, kept: Mapping[str, Any]) -> "Heard | None":
        """What `to_keep` made; None where it was not kept how somebody was told."""
        try:
            return _HEARD.validate_python({**kept, "told": kept})
        except ValidationError:
            return None

    def to_keep(self) -> dict[str, Any]:
        """As JSON has it: what was told, as `Told.kept` reads it, and beside it how."""
        how: dict[str, Any] = _HEARD.dump_python(self, mode="json", exclude={"told"})
        return {**self.told.to_keep(), **how}

    def news_since(self, before: "Heard", noted: Iterable[str]) -> tuple[str, ...] | None:
        """Of the changes `noted` since the letter before, those that its reader can find: not what was changed there
        and back, nor a time zone with the same hours, nor what discreet letters never say. None where the letter and
        its entry would say what was said."""
        earlier = before.told.discreetly(self.told) if self.visibility == "discreet" else before.told
        different = self._different_from(before, earlier)
        news = tuple(one for one in noted if one in different or one not in _COMPARED)
        return news if news or earlier != self.told else None

    def _different_from(self, before: "Heard", then: Told) -> set[str]:
        """`then`: what was told, as far as its reader may compare it."""
        now = self.told
        compared = {
            "moved": (now.start, now.end) != (then.start, then.end),
            "renamed": now.title != then.title,
            "place": now.place != then.place,
            "format": now.format != then.format,
            "languages": (now.spoken, now.into) != (then.spoken, then.into),
            "attendance": now.attendance != then.attendance,
            "interpretation": now.interpretation != then.interpretation and self.visibility == "standard",
            "visibility": self.visibility != before.visibility,
            "language": self.language != before.language,
            "time-zone": _offsets(now, self.time_zone) != _offsets(now, before.time_zone),
        }
        return {name for name, differs in compared.items() if differs}


def _offsets(told: Told, zone: str) -> list[object]:
    return [moment.astimezone(ZoneInfo(zone)).utcoffset() for moment in (told.start, told.end)]


_COMPARED = frozenset(
    {"added", "withdrawn", "attendance", "interpretation", "visibility", "language", "time-zone",
     "cancelled", "restored", "moved", "renamed", "place", "format", "languages"}
)  # fmt: skip
"""Changes that are found, or not, by comparing what is with what was. To be withdrawn and added again is none, nor to
be cancelled and restored."""

_SHAPE = TypeAdapter(Told)
_HEARD = TypeAdapter(Heard)
