"""What people choose in a form, in their own words: languages, time zones, yes and no; and what programs write.

A word that is not known comes back as it was; the shape then refuses it, with a reason.
"""

import unicodedata
from datetime import UTC, datetime
from functools import cache
from zoneinfo import available_timezones

from babel import Locale
from babel.core import get_global

from schemas.programme import CORRESPONDENCE_LANGUAGES

_YES = frozenset({
    "yes", "y", "true", "on", "1", "i agree", "agree", "agreed", "i accept", "i consent", "yes, i agree",
    "yes, i consent", "oui", "j'accepte", "ja", "ich stimme zu", "sì", "sí", "si", "accetto", "acepto", "да",
    "согласен", "согласна", "так",
})  # fmt: skip
_NO = frozenset({"no", "n", "none", "false", "off", "0", "-", "–", "—", "non", "aucune", "nein", "keine", "nessuna",
                 "ninguna", "нет", "ні"})  # fmt: skip
_DISCREET = frozenset({"discreet", "discret", "diskret", "discreto"})
_IN_PERSON = frozenset({"in person", "in-person", "on site", "on-site", "en personne", "en présentiel", "persönlich",
                        "vor ort", "in presenza", "di persona", "en persona", "presencial", "очно",
                        "лично"})  # fmt: skip
_ONLINE = frozenset({"online", "virtual", "virtually", "remote", "via zoom", "zoom", "en ligne", "en línea", "онлайн",
                     "дистанционно"})  # fmt: skip
_NO_INTERPRETATION = frozenset({"", "no interpretation", "no interpretation needed", "not needed", "original", "floor"})


def plain(words: str) -> str:
    """Words as they are compared: without regard to case, width, and where the blanks are."""
    return " ".join(unicodedata.normalize("NFKC", words).casefold().split())


def is_yes(words: str) -> bool:
    """Whether an answer is a plain yes in one of the languages. "Yes, but …" is none: what is not clear is no consent,
    and a programme can say what a longer answer means."""
    return plain(words).rstrip(".!") in _YES


def is_no(words: str) -> bool:
    """Whether an answer says nothing but no."""
    return plain(words) in _NO


def instant(words: object) -> datetime | None:
    """An instant as programs write it (RFC 3339), in UTC; None for what has no offset or is none."""
    try:
        moment = datetime.fromisoformat(words) if isinstance(words, str) else None
        return None if moment is None or moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def language(words: str) -> str:
    """An ISO 639 code for a language named in any of the six: `Russian`, `русский`, `Russisch`, `ru`, `ru-RU`."""
    said = plain(words)
    subtag = said.replace("_", "-").split("-", 1)[0]
    return _languages().get(said) or (subtag if subtag in _languages().values() else words)


def is_language(words: str) -> bool:
    """Whether `language` knows one by these words."""
    return language(words) in _languages().values()


def interpretation(words: str) -> str | None:
    """As `language`; None where somebody answers that no interpretation is wanted."""
    return None if is_no(words) or plain(words) in _NO_INTERPRETATION else language(words)


def time_zone(words: str) -> str:
    """An IANA name for its own, in any case, or for its city: `Europe/Kyiv`, `europe/kyiv`, `Kyiv`, `New York`."""
    said = plain(words).replace(" ", "_")
    return _zones().get(said, words)


def attendance(words: str) -> str:
    """`online` or `in-person`."""
    said = plain(words)
    return "in-person" if said in _IN_PERSON else "online" if said in _ONLINE else words


def visibility(words: str) -> str:
    """`discreet` for a yes to the question whether letters shall be discreet, or for the word itself."""
    said = plain(words)
    return "discreet" if said in _DISCREET or is_yes(words) else "standard" if is_no(words) else said


@cache
def _languages() -> dict[str, str]:
    names: dict[str, str] = {}
    for tongue in CORRESPONDENCE_LANGUAGES:
        for code, name in Locale.parse(tongue).languages.items():
            if code.isalpha() and len(code) <= 3:
                names.setdefault(plain(str(name)), code)
    return names


@cache
def _zones() -> dict[str, str]:
    """Names and cities. A city that several zones are called after (Mountain) stands for none of them.

    `GMT+2` is refused: whoever writes it means two hours east, and the tz database means west.
    """
    zones = sorted(available_timezones())
    newest = get_global("zone_aliases")
    by_city: dict[str, set[str]] = {}
    for zone in (one for one in zones if not one.startswith("Etc/")):
        by_city.setdefault(zone.rpartition("/")[2].casefold(), set()).add(newest.get(zone, zone))
    cities = {city: min(found) for city, found in by_city.items() if len(found) == 1 and found <= set(zones)}
    return cities | {zone.casefold(): zone for zone in zones}
