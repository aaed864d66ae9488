"""What a participant was last told of a session, so that an update can say what is different: old and new."""

from dataclasses import dataclass
from datetime import datetime

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
        """What is told of `session`, whose time is certain, to somebody who attends it thus."""
        period = session_period(session, conference.time_zone)
        return cls(
            start=period.start, end=period.end, title=session.title or conference.title,
            place=session.place or conference.place, attendance=attendance,
            spoken=session.languages or conference.languages, into=session.interpretation,
            interpretation=interpretation,
        )  # fmt: skip
