"""What is shown of an address."""

from domain.masks import masked


def test_of_an_address_its_first_letter_and_its_domain_are_shown() -> None:
    assert masked("olga.petrenko@mission.example.org") == "o…@mission.example.org"
