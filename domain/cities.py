"""What the city of a time zone is called, in the languages of letters: by CLDR, with corrections.

CLDR's cities are meant for lists to choose from. In a sentence some read wrongly: abbreviated islands, names in
brackets, a town called Center that became "the centre", and cities that the Organization spells otherwise.
"""

import re
from functools import cache, lru_cache

from babel.core import get_global
from babel.dates import get_timezone_location

from domain.locales import locale_of, plain

_KYIV = dict.fromkeys(("fr", "it", "es"), "Kyiv")
_URALSK = dict.fromkeys(("en", "de", "it", "es"), "Uralsk")

_CITIES: dict[str, dict[str, str]] = {
    "America/Atikokan": {"ru": "Атикокан"},  # CLDR has the Russian name of Coral Harbour, this zone's old one
    "America/Coyhaique": {"ru": "Койайке"},
    "America/Fort_Nelson": {"ru": "Форт-Нельсон"},
    "America/North_Dakota/Beulah": {"it": "Beulah, Dakota del Nord", "ru": "Бьюла, Северная Дакота"},
    "America/North_Dakota/Center": {"it": "Center, Dakota del Nord", "ru": "Сентер, Северная Дакота"},
    "America/North_Dakota/New_Salem": {"it": "New Salem, Dakota del Nord"},
    "Africa/Tripoli": {"fr": "Tripoli"},
    "Asia/Almaty": {"fr": "Almaty"},
    "Asia/Aqtobe": {"fr": "Aktobe"},
    "Asia/Ashgabat": {"de": "Aschgabat"},
    "Asia/Oral": _URALSK,
    "Asia/Qyzylorda": {"fr": "Kyzylorda"},
    "Asia/Yangon": {"es": "Yangón"},
    "Atlantic/Canary": {"en": "Canary Islands"},
    "Europe/Busingen": {"en": "Büsingen", "es": "Büsingen", "ru": "Бюзинген"},
    "Europe/Kyiv": {"de": "Kyjiw", **_KYIV},
    "Europe/Tirane": {"en": "Tirana"},
}
"""Where CLDR's name is none that a letter would use."""

_RULES = (
    (re.compile(r" [\[(](.+)[\])]$"), r", \1"),  # Knox [Indiana]: brackets stand around the offset in our sentences
    (re.compile(r"\bо-ва\b"), "острова"),
    (re.compile(r"\bо-в\b"), "остров"),
)


@lru_cache(maxsize=4096)
def city(zone: str, language: str) -> str:
    """The name of a zone's city in `language`: Vienna, Wien, Vienne, Вена, Viena. Empty for a zone without a city.

    CLDR keeps its oldest name of a zone (Europe/Kiev), while Babel looks under the newest (Europe/Kyiv) and so prints
    some cities in Latin letters in Russian; therefore all names are tried.
    """
    newest = get_global("zone_aliases").get(zone, zone)
    if "/" not in newest or newest.startswith("Etc/"):
        return ""
    if own := _CITIES.get(newest, {}).get(language):
        return own
    name = plain(_by_cldr(newest, language))
    for pattern, instead in _RULES:
        name = pattern.sub(instead, name)
    return name


def _by_cldr(zone: str, language: str) -> str:
    known = locale_of(language).time_zones
    for name in (zone, *_older_names().get(zone, ())):
        if found := known.get(name, {}).get("city"):
            return str(found)
    return get_timezone_location(zone, locale=locale_of(language), return_city=True).rpartition("/")[2]


@cache
def _older_names() -> dict[str, list[str]]:
    names: dict[str, list[str]] = {}
    for old, new in get_global("zone_aliases").items():
        names.setdefault(new, []).append(old)
    return names
