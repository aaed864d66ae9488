"""Cities by their names in the six languages (L10), as one would write them in a sentence."""

import re
from importlib.resources import files
from zoneinfo import available_timezones

import pytest

from domain.cities import city
from schemas.programme import CORRESPONDENCE_LANGUAGES

OSCE = """AL AD AM AT AZ BY BE BA BG CA HR CY CZ DK EE FI FR GE DE GR VA HU IS IE IT KZ KG LV LI LT LU MT MD MC MN ME NL
MK NO PL PT RO RU SM RS SK SI ES SE CH TJ TR TM UA GB US UZ"""
PARTNERS = "DZ EG IL JO MA TN AF AU JP KR TH"
"""The 57 participating States and the 11 partners, by their codes in ISO 3166."""


def zones() -> list[str]:
    """Every zone of those countries, by the tz database's own table."""
    table = (files("tzdata") / "zoneinfo" / "zone.tab").read_text("utf-8").splitlines()
    rows = [line.split("\t") for line in table if not line.startswith("#")]
    return [row[2] for row in rows if row[0] in f"{OSCE} {PARTNERS}".split()]


@pytest.mark.parametrize(
    ("zone", "names"),
    [
        ("Europe/Vienna", ("Vienna", "Vienne", "Wien", "Vienna", "Вена", "Viena")),
        ("Europe/Warsaw", ("Warsaw", "Varsovie", "Warschau", "Varsavia", "Варшава", "Varsovia")),
        ("Europe/Kyiv", ("Kyiv", "Kyiv", "Kyjiw", "Kyiv", "Киев", "Kyiv")),
        ("Europe/Kiev", ("Kyiv", "Kyiv", "Kyjiw", "Kyiv", "Киев", "Kyiv")),
        ("Asia/Almaty", ("Almaty", "Almaty", "Almaty", "Almaty", "Алматы", "Almaty")),
        ("Asia/Oral", ("Uralsk", "Ouralsk", "Uralsk", "Uralsk", "Уральск", "Uralsk")),
        ("Europe/Tirane", ("Tirana", "Tirana", "Tirana", "Tirana", "Тирана", "Tirana")),
        ("America/New_York", ("New York", "New York", "New York", "New York", "Нью-Йорк", "Nueva York")),
        ("America/Indiana/Indianapolis",
         ("Indianapolis", "Indianapolis", "Indianapolis", "Indianapolis", "Индианаполис", "Indianápolis")),
    ],
)  # fmt: skip
def test_cities_bear_the_names_of_the_letters_language(zone: str, names: tuple[str, ...]) -> None:
    assert tuple(city(zone, language) for language in CORRESPONDENCE_LANGUAGES) == names


def test_every_country_of_the_organization_has_a_zone_here() -> None:
    assert len(f"{OSCE} {PARTNERS}".split()) == 57 + 11
    assert len(zones()) > 150


@pytest.mark.parametrize("zone", zones())
def test_each_city_is_a_name_in_the_letters_of_its_language(zone: str) -> None:
    """L10. No brackets, no abbreviated islands, no soft hyphens, no Latin letters in Russian, no Cyrillic elsewhere."""
    for language in CORRESPONDENCE_LANGUAGES:
        letters = "Ѐ-ӿ" if language == "ru" else "A-Za-zÀ-ɏ"
        assert re.fullmatch(rf"[{letters} ’.,-]+", city(zone, language)), language
        assert not re.search(r"\bо-в", city(zone, language))


@pytest.mark.parametrize(
    ("zone", "language", "name"),
    [
        ("Asia/Sakhalin", "ru", "остров Сахалин"),
        ("Atlantic/Azores", "ru", "Азорские острова"),
        ("America/Indiana/Knox", "fr", "Knox, Indiana"),
        ("America/North_Dakota/Center", "ru", "Сентер, Северная Дакота"),
        ("America/Atikokan", "ru", "Атикокан"),
        ("Atlantic/Reykjavik", "de", "Reykjavík"),
        ("America/Argentina/Buenos_Aires", "en", "Buenos Aires"),
        ("Europe/Isle_of_Man", "ru", "остров Мэн"),
    ],
)
def test_where_cldr_has_a_label_for_a_list_a_sentence_has_a_name(zone: str, language: str, name: str) -> None:
    assert city(zone, language) == name


def test_every_zone_of_the_database_has_a_name_or_none() -> None:
    without = {zone for zone in available_timezones() if not city(zone, "ru")}
    assert {one.partition("/")[0] for one in without} <= {
        "Etc", "Factory", "GMT", "GMT+0", "GMT-0", "GMT0", "Greenwich", "UCT", "UTC", "Universal", "Zulu", "localtime",
    }  # fmt: skip
