"""Wall clocks and instants: the conference's clock, the participant's own, and how letters say both.

Inside the house a time is an aware UTC `datetime`. Wall-clock times come from programmes, and each must name exactly
one instant: nothing here guesses across a clock change. Whatever is subtracted or compared is in UTC, because Python
takes two times of one zone for naive ones and loses the hour of the change.

CLDR's own zone skeletons (`v`, `z`) print "CET" on June dates and are never used.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

from babel import Locale
from babel.core import get_global
from babel.dates import format_date, get_timezone_location

from schemas.programme import Session

_SPECIAL_LOCALES = {"en": "en_GB"}
"""English dates are written "Monday, 14 June 2021": the day before the month, as the OSCE writes them."""

_ABBREVIATIONS = {"CET": {"de": "MEZ"}, "CEST": {"de": "MESZ"}}
"""The tz database's abbreviations that letters repeat, and their names in other languages. All others are left out:
"IST" is India, Israel and Ireland."""

_CITIES = {("Europe/Kyiv", language): "Kyjiw" if language == "de" else "Kyiv" for language in ("de", "fr", "it", "es")}
"""Where CLDR's spelling is not the one that the Organization uses."""

_NO_CITY = "%(hours)s %(zone)s"

_SPACES = str.maketrans({"\u00a0": " ", "\u2009": " ", "\u202f": " "})
"""CLDR's narrow and unbreakable spaces, which some mail readers show as boxes."""


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
    show the same throughout. `start_line`, for subjects: "18:00 Vienna time". `hours`, beside a date and a zone that
    stand elsewhere: "18:00–19:00". Where the clock shows the start twice on that day, `start_line` says which it is:
    "02:30 Vienna time (CEST, UTC+2)".
    """

    date: str
    venue_line: str
    home_line: str | None
    start_line: str
    hours: str


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
    if session.date is None or session.start is None or session.end is None:
        raise TimeNotSet(f"session {session.id} has no date or no hours yet")
    start, end = (instant(session.date, wall, zone, session.clock_change) for wall in (session.start, session.end))
    if end <= start:
        raise WallTimeError(f"session {session.id} would end before it starts: look at clock_change")
    return Period(start, end)


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


@lru_cache(maxsize=4096)
def _described(period: Period, venue: str, home: str, language: str, gettext: Callable[[str], str]) -> When:
    there = _clock(period, venue, language)
    # Translators: a session's hours at the conference's place: 18:00–19:00 Vienna time (CEST, UTC+2)
    venue_line = gettext("%(hours)s %(city)s time (%(zone)s)") if there.city else _NO_CITY
    # Translators: when a session starts, in a subject: 18:00 Vienna time
    start_line = gettext("%(start)s %(city)s time") if there.city else "%(start)s %(zone)s"
    if there.comes_twice:
        start_line = venue_line.replace("%(hours)s", "%(start)s").replace("%(zone)s", "%(start_zone)s")
    return When(
        date=there.day,
        venue_line=venue_line % vars(there),
        home_line=_home_line(period, venue, home, language, gettext),
        start_line=start_line % vars(there),
        hours=there.hours,
    )


def _home_line(period: Period, venue: str, home: str, language: str, gettext: Callable[[str], str]) -> str | None:
    if _offsets(period, venue) == _offsets(period, home):
        return None
    there, here = _clock(period, venue, language), _clock(period, home, language)
    # Translators: a session's hours on the participant's own clock: 12:00–13:00 New York (UTC−4)
    line = gettext("%(hours)s %(city)s (%(zone)s)") if here.city else _NO_CITY
    return line % (vars(here) if here.dates == there.dates else {**vars(here), "hours": here.dated_hours})


@dataclass(frozen=True)
class _Clock:
    """What the clocks of one place show during a period. `city` is empty for a zone that is none: UTC, Etc/GMT+5.
    `comes_twice`: the clocks show the start another time on that day."""

    city: str
    zone: str
    start_zone: str
    comes_twice: bool
    day: str
    start: str
    hours: str
    dated_hours: str
    dates: tuple[date, date]


def _clock(period: Period, zone: str, language: str) -> _Clock:
    start, end = (moment.astimezone(ZoneInfo(zone)) for moment in (period.start, period.end))
    first, last = (full_date(moment.date(), language) for moment in (start, end))
    zones = dict.fromkeys(_zone(moment, language) for moment in (start, end))
    one_day = first == last
    return _Clock(
        city=city(zone, language),
        zone=" → ".join(zones),
        start_zone=_zone(start, language),
        comes_twice=start.utcoffset() != start.replace(fold=1 - start.fold).utcoffset(),
        day=first if one_day else f"{first} – {last}",
        start=f"{start:%H:%M}",
        hours=f"{start:%H:%M}–{end:%H:%M}",
        dated_hours=f"{first}, {start:%H:%M}" + (f"–{end:%H:%M}" if one_day else f" – {last}, {end:%H:%M}"),
        dates=(start.date(), end.date()),
    )


def _zone(moment: datetime, language: str) -> str:
    """`CEST, UTC+2` where the abbreviation is one of ours, else `UTC−4`."""
    abbreviation = moment.tzname() or ""
    own = _ABBREVIATIONS.get(abbreviation)
    return offset(moment) if own is None else f"{own.get(language, abbreviation)}, {offset(moment)}"


def offset(moment: datetime) -> str:
    """`UTC+2`, `UTC−4` (with a true minus), `UTC+5:30`, or `UTC`: how far `moment`'s own zone is from UTC."""
    minutes = int((moment.utcoffset() or timedelta()).total_seconds()) // 60
    if minutes == 0:
        return "UTC"
    hours, rest = divmod(abs(minutes), 60)
    return f"UTC{'+' if minutes > 0 else '−'}{hours}" + (f":{rest:02}" if rest else "")


def _offsets(period: Period, zone: str) -> tuple[timedelta | None, ...]:
    return tuple(moment.astimezone(ZoneInfo(zone)).utcoffset() for moment in (period.start, period.end))


@lru_cache(maxsize=4096)
def full_date(day: date, language: str) -> str:
    """`Monday, 14 June 2021`, in `language`, with plain spaces only."""
    return format_date(day, "full", locale=locale_of(language)).translate(_SPACES)


@lru_cache(maxsize=4096)
def city(zone: str, language: str) -> str:
    """The name of a zone's city in `language`: Vienna, Wien, Vienne, Вена, Viena. Empty for a zone without a city.

    CLDR keeps its oldest name of a zone (Europe/Kiev), while Babel looks under the newest (Europe/Kyiv) and so prints
    some cities in Latin letters in Russian; therefore all names are tried.
    """
    newest = get_global("zone_aliases").get(zone, zone)
    if "/" not in newest or newest.startswith("Etc/"):
        return ""
    if own := _CITIES.get((newest, language)):
        return own
    known = locale_of(language).time_zones
    for name in (newest, *_older_names().get(newest, ())):
        if found := known.get(name, {}).get("city"):
            return str(found).translate(_SPACES)
    return (
        get_timezone_location(zone, locale=locale_of(language), return_city=True).rpartition("/")[2].translate(_SPACES)
    )


@cache
def _older_names() -> dict[str, list[str]]:
    names: dict[str, list[str]] = {}
    for old, new in get_global("zone_aliases").items():
        names.setdefault(new, []).append(old)
    return names


@cache
def locale_of(language: str) -> Locale:
    """CLDR's locale for letters in `language` (ISO 639)."""
    return Locale.parse(_SPECIAL_LOCALES.get(language, language))
