"""The address of the reader's own page: in every letter and in the entry, and the same draft for everybody."""

from dataclasses import replace

import pytest

from domain.letters.model import LetterError
from tests.domain.letters.samples import DESK, PAGE, every_order, order, person


@pytest.mark.parametrize("visibility", ["standard", "discreet"])
def test_every_letter_leads_to_it_but_one_to_whoever_is_not_known(visibility: str) -> None:
    for name, one in every_order(person=person(visibility=visibility)).items():
        letter = DESK.write(one)
        there = PAGE in letter.text.split(), f'href="{PAGE}"' in letter.html
        assert there == (one.kind != "not-understood",) * 2, name


def described(visibility: str) -> str:
    letter = DESK.write(order(person=person(visibility=visibility)))
    assert letter.calendar is not None
    return letter.calendar.replace(b"\r\n ", b"").decode()


def test_an_invitations_description_has_it() -> None:
    assert f"please open your own page (for you alone):\\n{PAGE}" in described("standard")


def test_a_discreet_one_has_it_not_for_others_may_see_the_entry_and_the_page_has_the_titles() -> None:
    assert PAGE not in described("discreet")


def test_whoever_has_withdrawn_can_come_back_by_it() -> None:
    letter = DESK.write(every_order()["withdrawal"])
    assert "you can register again on your own page" in " ".join(letter.text.split())


def test_a_confirmation_of_several_has_them_as_one_file_of_a_neutral_name() -> None:
    several = DESK.write(every_order()["confirmation"])
    assert f"All your sessions as one calendar file\n{PAGE}/sessions.ics\n" in several.text
    assert f'href="{PAGE}/sessions.ics"' in several.html
    assert "/sessions.ics" not in DESK.write(order()).text


def test_anothers_page_is_filled_into_the_same_draft() -> None:
    DESK.write(order())
    letter = DESK.write(replace(order(), page=f"{PAGE}-other"))
    assert PAGE not in letter.text.split()
    assert f"{PAGE}-other" in letter.text.split()


def test_what_is_no_address_is_refused() -> None:
    with pytest.raises(LetterError):
        DESK.write(replace(order(), page="javascript:alert(1)"))
