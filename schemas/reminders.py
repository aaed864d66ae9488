"""When a conference reminds its participants, as `reminders` in its programme file says it.

Each kind is `true` (as usual), `false` (not at all) or a rule of its own. Hours are wall-clock times in the
conference's zone: "the day before at 17:00" is that hour on the previous date, also over the night of a clock change.
Quiet hours alone are on the recipient's clock.
"""

from datetime import time
from typing import Annotated, Final, Self

from pydantic import BeforeValidator, Field, model_validator
from pydantic.config import JsonDict

from schemas.base import Shape
from schemas.written import WallTime, fault

MostDays = Annotated[int, Field(ge=1, le=60)]


class Digest(Shape):
    """A letter about many sessions, so many days before them by date, at an hour on the wall."""

    days_before: MostDays = Field(default=1, description="By date, not in hours: 1 is the previous day")
    at: WallTime = Field(
        default=time(17),
        description="Wall-clock time in the conference's zone",
        json_schema_extra={"default": "17:00"},
    )


class WeekDigest(Digest):
    """The digest of the whole conference, counted from its first day."""

    days_before: MostDays = Field(default=7, description="Before the conference's first day, by date")


class Reminder(Shape):
    """A letter shortly before a session that is followed online."""

    minutes_before: int = Field(default=60, ge=5, le=12 * 60)


class LastReminder(Reminder):
    """The one just before the start."""

    minutes_before: int = Field(default=10, ge=5, le=12 * 60)


class QuietHours(Shape):
    """On the recipient's own clock, from `start` to `end`, over midnight where `end` is the earlier one. A digest that
    would be due in them goes before they begin."""

    start: WallTime = Field(default=time(21), json_schema_extra={"default": "21:00"})
    end: WallTime = Field(default=time(7), json_schema_extra={"default": "07:00"})

    @model_validator(mode="after")
    def _not_the_whole_day(self) -> Self:
        if self.start == self.end:
            raise fault("end", "start and end are the same", "give two times, or write quiet_hours: false")
        return self


class Spread(Shape):
    """How `reminder` is spread where very many are due at one moment: a burst looks like spam."""

    minutes: int = Field(
        default=10, ge=1, le=30, description="Up to so many before and after; at most half of `minutes_before`"
    )
    from_letters: int = Field(default=500, ge=1, description="So many at one moment; fewer go at their minute")


_ON: Final[JsonDict] = {"default": True}
_OFF: Final[JsonDict] = {"default": False}


def _switch(shape: type[Shape], example: str) -> BeforeValidator:
    """`true` for the shape as usual, `false` for none."""

    def read(value: object) -> object:
        if isinstance(value, bool):
            return {} if value else None
        if value is None or isinstance(value, dict | Shape):
            return value
        raise ValueError(f"must be true, false or a rule; write for example {example}")

    return BeforeValidator(read, json_schema_input_type=bool | shape)


class Reminders(Shape):
    """Which reminders a conference sends, and when. Who comes to the room gets the digests only."""

    week_digest: Annotated[WeekDigest | None, _switch(WeekDigest, '{days_before: 7, at: "17:00"}')] = Field(
        default=WeekDigest(),
        description="Seven days before the conference's first day, at 17:00: all that somebody has chosen",
        json_schema_extra=_ON,
    )
    digest: Annotated[Digest | None, _switch(Digest, '{days_before: 1, at: "17:00"}')] = Field(
        default=Digest(), description="At 17:00 on the day before: all sessions of the day", json_schema_extra=_ON
    )
    reminder: Annotated[Reminder | None, _switch(Reminder, "{minutes_before: 60}")] = Field(
        default=Reminder(), description="An hour before a session, to those who follow it online", json_schema_extra=_ON
    )
    last_reminder: Annotated[LastReminder | None, _switch(LastReminder, "{minutes_before: 10}")] = Field(
        default=None, description="Ten minutes before, to the same; off if left out", json_schema_extra=_OFF
    )
    quiet_hours: Annotated[QuietHours | None, _switch(QuietHours, '{start: "21:00", end: "07:00"}')] = Field(
        default=QuietHours(),
        description="The recipient's own: digests due in them go earlier, reminders all the same",
        json_schema_extra=_ON,
    )
    spread: Annotated[Spread | None, _switch(Spread, "{minutes: 10, from_letters: 500}")] = Field(
        default=Spread(),
        description="How reminders of large sessions are spread around their minute",
        json_schema_extra=_ON,
    )

    @model_validator(mode="after")
    def _one_after_another(self) -> Self:
        if self.week_digest and self.digest and self.week_digest.days_before <= self.digest.days_before:
            raise fault(
                "week_digest", "it would not come before the digest of a day", "raise its days_before, or write false"
            )
        if self.reminder and self.last_reminder and self.reminder.minutes_before <= self.last_reminder.minutes_before:
            raise fault(
                "last_reminder", "it would not come after the reminder", "lower its minutes_before, or write false"
            )
        return self
