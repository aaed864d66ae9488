"""What a participant was last told of a session, so that an update can say what is different: old and new."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from pydantic import TypeAdapter

from domain.times import session_period
from schemas.programme import Conference, Language, Session
from schemas.registration import Attendance


@dataclass(frozen=True)
class Told:
    """What one letter said of one session. `start` and `end` are aware, in UTC. `title` and `place` as the letter gave
    them, in its language; `spoken`, `into`: codes of languages (ISO 639), of the room and of the interpretation;
    `interpretation`: the one wished for."""

    start: datetime
    end: datetime
    title: str
    place: str | None
    attendance: Attendance
    spoken: tuple[Language, ...]
    into: tuple[Language, ...]
    interpretation: Language | None

    @classmethod
    def of(cls, session: Session, conference: Conference, attendance: Attendance, interpretation: str | None) -> "Told":
        """What is told of `session`, whose time is certain, to somebody who attends it thus; in the language in which
        both are given."""
        period = session_period(session, conference.time_zone)
        return cls(
            start=period.start, end=period.end, title=session.title or conference.title,
            place=session.place or conference.place, attendance=attendance,
            spoken=session.languages or conference.languages, into=session.interpretation,
            interpretation=interpretation,
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
        place = self.place if self.attendance == now.attendance == "in-person" else now.place
        return replace(now, start=self.start, end=self.end, attendance=self.attendance, place=place)


_SHAPE = TypeAdapter(Told)
