"""Which languages somebody hears, by their names in that person's own language."""

import pytest

from domain.interpretation import Languages, languages
from domain.letters.catalogues import load
from tests.catalogues import LOCALE
from tests.domain.letters.samples import CONFERENCE, session

ENGLISH = load(LOCALE)["en"]
SPOKEN, INTO = "English", "Russian and French"


@pytest.mark.parametrize(
    ("session_id", "wished", "heard"),
    [
        ("two-shores", None, Languages(SPOKEN, INTO, channel=None, missing=None)),
        ("two-shores", "ru", Languages(SPOKEN, INTO, channel="Russian", missing=None)),
        ("two-shores", "en", Languages(SPOKEN, INTO, channel="English", missing=None)),
        ("two-shores", "it", Languages(SPOKEN, INTO, channel=None, missing="Italian")),
        ("lanterns", "ru", Languages(SPOKEN, None, channel=None, missing="Russian")),
        ("lanterns", "en", Languages(SPOKEN, None, channel=None, missing=None)),
    ],
)
def test_a_wish_is_a_channel_or_missing(session_id: str, wished: str | None, heard: Languages) -> None:
    assert languages(session(session_id), CONFERENCE, wished, ENGLISH) == heard
