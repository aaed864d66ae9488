"""Wall clocks and instants: the conference's clock, the participant's own, and how letters say both.

Inside the house a time is an aware UTC `datetime`. Wall-clock times come from programmes, and each must name exactly
one instant: nothing here guesses across a clock change. Whatever is subtracted or compared is in UTC, because Python
takes two times of one zone for naive ones and loses the hour of the change.

CLDR's own zone skeletons (`v`, `z`) print "CET" on June dates and are never used.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Final, Literal
from zoneinfo import ZoneInfo

from babel.dates import format_date

from domain.cities import city
from domain.locales import capital, locale_of, plain
from schemas.programme import Session

_ABBREVIATIONS = {"CET": {"de": "MEZ"}, "CEST": {"de": "MESZ"}}
"""The tz database's abbreviations that letters repeat, and their names in other languages. All others are left out:
"IST" is India, Israel and Ireland."""

N_ = str
"""Marks a sentence for the catalogues."""

VIENNA: Final = "Europe/Vienna"
"""Where the secretariat reads the monitor."""
_HOURS_AT = {
    # Translators: the hours of a session in Vienna: "18:00–19:00, heure de Vienne (CEST, UTC+2)"
    VIENNA: N_("%(hours)s Vienna time (%(zone)s)"),
    # Translators: the hours of a session in Warsaw: "18:00–19:00 по варшавскому времени (CEST, UTC+2)"
    "Europe/Warsaw": N_("%(hours)s Warsaw time (%(zone)s)"),
}
_START_AT = {
    # Translators: when a session in Vienna starts, in a subject: "18:00, heure de Vienne"
    VIENNA: N_("%(start)s Vienna time"),
    # Translators: when a session in Warsaw starts, in a subject: "18:00 по варшавскому времени"
    "Europe/Warsaw": N_("%(start)s Warsaw time"),
}
"""Where conferences usually are, in sentences of their own: languages inflect a city's name, each in its way."""

# Translators: a session's hours at the place of a conference, its name as it is: "18:00–19:00 Oslo time (CEST, UTC+2)"
_HOURS_IN_A_CITY = N_("%(hours)s %(city)s time (%(zone)s)")
# Translators: when a session starts at the place of a conference, in a subject: "18:00 Oslo time"
_START_IN_A_CITY = N_("%(start)s %(city)s time")

_NO_CITY, _NO_CITY_START = "%(hours)s %(zone)s", "%(start)s %(zone)s"

_BETWEEN = " · "
"""Between the clock of the place and the participant's own."""


class WallTimeError(ValueError):
    """A wall-clock time that does not name exactly one instant. Trying again does not help; the programme must say."""


class NonexistentTime(WallTimeError):
    """The clock was put forward over this time."""


class AmbiguousTime(WallTimeError):
    """The clock shows this time twice on this day, and nothing says which of the two is meant."""


class TimeNotSet(WallTimeError):
    """The session has no date or no hours yet."""


@dataclass(frozen=True)
class Period:
    """From `start` to `end`, both aware and in UTC."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class When:
    """A period as a letter says it, in one language.

    `date`: the day at the venue, in full. `venue_line`: the hours there, "18:00–19:00 Vienna time (CEST, UTC+2)".
    `home_line`: the same on the participant's clock, with the date wherever it is another; None where both clocks
    show the same throughout. `start_line`: "18:00 Vienna time", and `home_start_line`: "12:00 New York", likewise.
    `hours`, beside a date and a zone that stand elsewhere: "18:00–19:00". Where a clock shows the start twice on that
    day, its line says which it is: "02:30 Vienna time (CEST, UTC+2)".
    """

    date: str
    venue_line: str
    home_line: str | None
    start_line: str
    home_start_line: str | None
    hours: str

    @property
    def date_line(self) -> str:
        """The date where it stands by itself, with a capital: `Lundi 14 juin 2021`."""
        return capital(self.date)

    @property
    def in_full(self) -> str:
        """For a first line: `Monday, 14 June 2021, 18:00–19:00 Vienna time (CEST, UTC+2) · 12:00–13:00 New York
        (UTC−4)`."""
        return _BETWEEN.join(filter(None, (f"{self.date}, {self.venue_line}", self.home_line)))

    @property
    def start_in_full(self) -> str:
        """For a subject: `Monday, 14 June 2021, 18:00 Vienna time · 12:00 New York`."""
        return _BETWEEN.join(filter(None, (f"{self.date}, {self.start_line}", self.home_start_line)))


def instant(day: date, wall: time, zone: str, clock_change: Literal["first", "second"] | None = None) -> datetime:
    """The UTC instant at which clocks in `zone` (an IANA name) show `wall` on `day`.

    `clock_change` says which, where the clock shows that time twice; elsewhere it is not looked at.
    Raises NonexistentTime in the gap of spring, AmbiguousTime in the doubled hour of autumn without `clock_change`,
    WallTimeError where `wall` carries a zone of its own.
    """
    return _instant(day, wall, zone, clock_change)


@lru_cache(maxsize=4096)
def _instant(day: date, wall: time, zone: str, clock_change: str | None) -> datetime:
    if wall.tzinfo is not None:
        raise WallTimeError("a wall-clock time has no zone of its own: it belongs to the conference's")
    shown = datetime.combine(day, wall)
    first, second = (shown.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC) for fold in (0, 1))
    if first.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0) != shown:
        raise NonexistentTime(f"there is no {wall:%H:%M} on {day} in {zone}: the clock is put forward over it")
    if first != second and clock_change is None:
        raise AmbiguousTime(f"{wall:%H:%M} comes twice on {day} in {zone}: say `first` or `second` in clock_change")
    return second if clock_change == "second" else first


def session_period(session: Session, zone: str) -> Period:
    """When a session is, its wall-clock times being of `zone`. `clock_change` holds for its start and its end.

    Raises TimeNotSet where date or hours are open, and as `instant` does. Beware: an unconfirmed session may well have
    a date; that it may be told to nobody is not looked at here.
    """
    day, start, end = session.date, session.start, session.end
    if day is None or start is None or end is None:
        raise TimeNotSet(f"session {session.id} has no date or no hours yet")
    period = _period(day, start, end, zone, session.clock_change)
    if period.end <= period.start:
        raise WallTimeError(f"session {session.id} would end before it starts: look at clock_change")
    return period


@lru_cache(maxsize=4096)
def _period(day: date, start: time, end: time, zone: str, clock_change: Literal["first", "second"] | None) -> Period:
    return Period(instant(day, start, zone, clock_change), instant(day, end, zone, clock_change))


def local_date(moment: datetime, zone: str) -> date:
    """The date that calendars in `zone` show at `moment` (aware)."""
    return moment.astimezone(ZoneInfo(zone)).date()


def previous_day_at(start: datetime, wall: time, zone: str) -> datetime:
    """The UTC instant at which clocks in `zone` show `wall` on the day before `start`'s day there.

    "One day before" is a wall-clock rule, not minus 24 hours: over the night of a clock change the two differ.
    Where `wall` comes twice, the first; where it does not exist, as much later as the clock was put forward.
    """
    shown = datetime.combine(local_date(start, zone) - timedelta(days=1), wall, ZoneInfo(zone))
    return shown.astimezone(UTC)


def describe(period: Period, venue: str, home: str, language: str, gettext: Callable[[str], str] = str) -> When:
    """The words for `period` on the clocks of `venue` and `home` (IANA names), in `language` (an ISO 639 code).

    `gettext` is the catalogue of that language; without it the sentences are English. Results are remembered, so it
    must be the same function each time, not a new lambda.
    """
    return _described(period, venue, home, language, gettext)


@lru_cache(maxsize=8192)
def _described(period: Period, venue: str, home: str, language: str, gettext: Callable[[str], str]) -> When:
    there, here = _clock(period, venue, language), _clock(period, home, language)
    venue_line = gettext(_HOURS_AT.get(venue, _HOURS_IN_A_CITY)) if there.city else _NO_CITY
    start_line = gettext(_START_AT.get(venue, _START_IN_A_CITY)) if there.city else _NO_CITY_START
    # Translators: a session's hours on the participant's own clock: "12:00–13:00 New York (UTC−4)"
    home_line = gettext("%(hours)s %(city)s (%(zone)s)") if here.city else _NO_CITY
    # Translators: when a session starts on the participant's own clock, in a subject: "12:00 New York"
    home_start = gettext("%(start)s %(city)s") if here.city else _NO_CITY_START
    same = there.offsets == here.offsets
    return When(
        date=there.day,
        venue_line=venue_line % vars(there),
        home_line=None if same else home_line % here.beside(there),
        start_line=_which(start_line, venue_line, there) % vars(there),
        home_start_line=None if same else _which(home_start, home_line, here) % here.beside(there),
        hours=there.hours,
    )


def _which(start_line: str, line: str, clock: "_Clock") -> str:
    """The sentence for a start; where the clock shows it twice, the one that has the zone too."""
    if not clock.comes_twice:
        return start_line
    return line.replace("%(hours)s", "%(start)s").replace("%(zone)s", "%(start_zone)s")


@dataclass(frozen=True)
class _Clock:
    """What the clocks of one place show during a period. `city` is empty for a zone that is none: UTC, Etc/GMT+5.
    `comes_twice`: the clocks show the start another time on that day."""

    offsets: tuple[timedelta | None, timedelta | None]
    city: str
    zone: str
    start_zone: str
    comes_twice: bool
    day: str
    start: str
    dated_start: str
    hours: str
    dated_hours: str
    dates: tuple[date, date]

    def beside(self, other: "_Clock") -> dict[str, object]:
        """The words beside those of another clock: with the date wherever it is not the other's."""
        start = self.start if self.dates[0] == other.dates[0] else self.dated_start
        return {**vars(self), "start": start, "hours": self.hours if self.dates == other.dates else self.dated_hours}


def _clock(period: Period, zone: str, language: str) -> _Clock:
    start, end = (moment.astimezone(ZoneInfo(zone)) for moment in (period.start, period.end))
    first, last = (full_date(moment.date(), language) for moment in (start, end))
    zones = dict.fromkeys(_zone(moment, language) for moment in (start, end))
    one_day = first == last
    return _Clock(
        offsets=(start.utcoffset(), end.utcoffset()),
        city=city(zone, language),
        zone=" → ".join(zones),
        start_zone=_zone(start, language),
        comes_twice=start.utcoffset() != start.replace(fold=1 - start.fold).utcoffset(),
        day=first if one_day else f"{first} – {last}",
        start=f"{start:%H:%M}",
        dated_start=f"{first}, {start:%H:%M}",
        hours=f"{start:%H:%M}–{end:%H:%M}",
        dated_hours=f"{first}, {start:%H:%M}" + (f"–{end:%H:%M}" if one_day else f" – {last}, {end:%H:%M}"),
        dates=(start.date(), end.date()),
    )


def _zone(moment: datetime, language: str) -> str:
    """`CEST, UTC+2` where the abbreviation is one of ours, else `UTC−4`. Algiers keeps CET in June, which would look
    like the usual mistake: so it is written only while Vienna's clocks have it too."""
    abbreviation = moment.tzname() or ""
    own = _ABBREVIATIONS.get(abbreviation)
    if own is None or moment.astimezone(ZoneInfo(VIENNA)).tzname() != abbreviation:
        return offset(moment)
    return f"{own.get(language, abbreviation)}, {offset(moment)}"


def offset(moment: datetime) -> str:
    """`UTC+2`, `UTC−4` (with a true minus), `UTC+5:30`, or `UTC`: how far `moment`'s own zone is from UTC."""
    minutes = int((moment.utcoffset() or timedelta()).total_seconds()) // 60
    if minutes == 0:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'+' if minutes > 0 else '−'}{hours}" + (f":{rest:02}" if rest else "")


@lru_cache(maxsize=4096)
def full_date(day: date, language: str) -> str:
    """`Monday, 14 June 2021`, in `language`, with plain spaces only."""
    # CLDR's French has no "1er", which is how the first of a month is written and read.
    written = plain(format_date(day, "full", locale=locale_of(language)))
    return written.replace(" 1 ", " 1er ") if language == "fr" else written
