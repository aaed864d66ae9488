"""As whom people are added at Zoom."""

import pytest

from domain.conferencing.naming import AddressTooLong, new_registrant
from schemas.zoom import NewRegistrant


def test_a_name_stays_in_one_piece_and_the_language_is_zooms() -> None:
    assert new_registrant("Ольга Петренко", "olga@mission.example.org", "ru") == NewRegistrant(
        email="olga@mission.example.org", first_name="Ольга Петренко", last_name="", language="ru-RU"
    )


@pytest.mark.parametrize(
    ("ours", "zooms"),
    [("en", "en-US"), ("fr", "fr-FR"), ("de", "de-DE"), ("it", "it-IT"), ("es", "es-ES"), ("uk", None), (None, None)],
)
def test_each_language_of_our_letters_has_zooms_value(ours: str | None, zooms: str | None) -> None:
    assert new_registrant("Robin Quill", "robin@ngo.example.org", ours).language == zooms


def test_what_exceeds_64_characters_goes_on_in_the_last_name_divided_at_a_blank() -> None:
    name = "Maria " + "Anna-" * 10 + "Luisa de la Vega y Montoya-Example"

    who = new_registrant(name, "maria@ngo.example.org", None)

    assert (who.first_name, who.last_name) == ("Maria " + "Anna-" * 10 + "Luisa de", "la Vega y Montoya-Example")


def test_a_name_without_blanks_is_cut_after_64_and_128_characters() -> None:
    who = new_registrant("x" * 200, "x@ngo.example.org", None)

    assert (who.first_name, who.last_name) == ("x" * 64, "x" * 64)


def test_an_address_that_zoom_would_refuse_for_its_length_is_not_sent() -> None:
    with pytest.raises(AddressTooLong):
        new_registrant("Robin Quill", f"{'r' * 60}@{'n' * 60}.example.org", None)
