"""The programme's own texts on the pages: in the page's language where the programme has them so, and marked if not."""

import pytest

from adapters.database import participants, registrations
from adapters.database.programmes import put_in_force
from adapters.tokens import JoinTokens
from schemas.programme import Conference
from schemas.registration import RegistrationData
from tests.web.conftest import Door, House
from tests.web.page import Page
from tests.web.street import CONFERENCE, NOW, PAGE, PERSON

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # what is tested is in front of it


@pytest.fixture(autouse=True)
def programme(house: House) -> None:
    """A conference whose texts are German, and some of them English and Russian too."""
    told = CONFERENCE.model_dump(mode="json") | {
        "language": "de",
        "translations": {"en": {"title": "Rivers In English"}, "ru": {"title": "Реки без границ"}},
    }
    told["sessions"][0]["translations"] = {"en": {"title": "The Opening"}, "ru": {"title": "Открытие"}}
    with house.toolbox.database.write() as session:
        assert put_in_force(session, Conference.model_validate(told), "example.org", NOW)


def test_the_registration_page_says_each_text_in_its_own_language_where_it_has_it_and_marks_the_others(
    door: Door,
) -> None:
    page = Page(door.get(PAGE, headers={"accept-language": "en"}).text)
    assert page.one("html")["lang"] == "en"
    assert page.one("title").text == "Registration: Rivers In English"
    assert (page.one("p", **{"class": "conference"}).text, page.one("p", **{"class": "conference"})["lang"]) == (
        "Rivers In English", "en",
    )  # fmt: skip
    assert page.one("p", **{"class": "theme"})["lang"] == "de"
    in_german = [one.text for one in page.all("span", lang="de")]
    assert in_german == ["Long Past", "Great Hall", "Dams & <Deltas>", "Dams & <Deltas>", "Fish", "Ferries",
                         "Delegations only"]  # fmt: skip
    assert page.description(page.one("input", value="dams")).endswith("Overlaps in time with: The Opening")


def test_the_page_for_joining_is_called_as_the_session_is_in_the_readers_language(door: Door, house: House) -> None:
    page = Page(door.get(joining(house, language="ru")).text)
    assert (page.one("h1").text, page.one("h1")["lang"]) == ("Открытие", "ru")
    assert page.one("p", **{"class": "conference"}).text == "Реки без границ"
    assert [one.text for one in page.all("span", lang="de")] == ["Great Hall"]


def test_where_the_programme_has_no_such_text_the_page_says_it_as_it_is_and_in_which_language(
    door: Door, house: House
) -> None:
    page = Page(door.get(joining(house, language="it")).text)
    assert (page.one("html")["lang"], page.one("h1").text, page.one("h1")["lang"]) == ("it", "Opening", "de")


def joining(house: House, language: str) -> str:
    """The join page of somebody who comes to the opening and reads `language`."""
    data = RegistrationData.model_validate(PERSON | {"language": language, "attendance": "in-person"})
    with house.toolbox.database.write() as session:
        person = participants.locked_or_created(session, house.toolbox.vault, "rivers-2026", data, NOW, NOW)
        row = registrations.add(
            session, participant_id=person.id, conference="rivers-2026", session_id="opening", attendance="in-person",
            interpretation=None, wants_link=True, machine_said=NOW, now=NOW, machine_now=NOW,
        )  # fmt: skip
        session.flush()
        return f"/j/{JoinTokens(house.toolbox.vault).of(row.id, row.join_version)}"
