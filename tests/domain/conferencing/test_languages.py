"""Zoom's names of languages."""

import pytest

from domain.conferencing.languages import SYSTEM_LANGUAGES, channel_code, english_name, registrant_code


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("English", "en"), ("Chinese", "zh"), ("Japanese", "ja"), ("German", "de"), ("French", "fr"), ("Russian", "ru"),
        ("Portuguese", "pt"), ("Spanish", "es"), ("Korean", "ko"),
    ],
)  # fmt: skip
def test_zooms_own_languages_have_codes(name: str, code: str) -> None:
    assert channel_code(name) == code
    assert code in SYSTEM_LANGUAGES
    assert english_name(code) == name


@pytest.mark.parametrize(
    ("name", "code"),
    [("Ukrainian", "uk"), (" arabic ", "ar"), ("Italian", "it"), ("Romanian", "ro"), ("украинский", "uk"),
     ("Floor", None), ("Signing", None), ("", None), ("US Spanish", None)],
)  # fmt: skip
def test_custom_languages_are_known_by_their_names(name: str, code: str | None) -> None:
    assert channel_code(name) == code


def test_the_deprecated_codes_are_those_of_countries() -> None:
    codes = ["US", "CN", "JP", "DE", "FR", "RU", "PT", "ES", "KR"]
    assert [channel_code(code) for code in codes] == ["en", "zh", "ja", "de", "fr", "ru", "pt", "es", "ko"]


@pytest.mark.parametrize(("value", "code"), [("en-US", "en"), ("ru_RU", "ru"), ("jp-JP", "ja"), ("ko-KO", "ko"),
                                             ("de", "de"), ("qq-QQ", None), (" ", None), (None, None)])  # fmt: skip
def test_a_registrants_language_has_our_code(value: str | None, code: str | None) -> None:
    assert registrant_code(value) == code


def test_a_language_without_a_name_is_called_by_its_code() -> None:
    assert english_name("qqx") == "qqx"
