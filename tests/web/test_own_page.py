"""`/r/{token}`: everything that somebody can see and change by themselves, and nobody who only looks."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.database.engine import DatabaseUnavailable
from adapters.database.tables import RegistrationRow
from adapters.tokens import CalendarTokens, JoinTokens, MuteTokens
from schemas.programme import CORRESPONDENCE_LANGUAGES
from tests.web.own import Home, a_home
from tests.web.page import Page
from web.participant.own import corridor
from web.participant.own import page as own_page

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # what is tested is in front of it

TWO = ["survivor-voices", "day-1"]
REGISTERED = ("registered", "online", "ru")


@pytest.fixture
def home(tmp_path: Path, database_url: str) -> Iterator[Home]:
    with a_home(tmp_path, database_url) as one:
        yield one


@pytest.fixture
def page(home: Home) -> str:
    """Olga's own page, who is registered for two sessions and lives in Kyiv."""
    return home.register(sessions=TWO)


def entries(page: Page) -> list[str]:
    return [" ".join(one.text.split()) for one in page.all("article")]


def test_it_shows_each_session_on_both_clocks_and_how_one_stands_with_it(home: Home, page: str) -> None:
    answer = home.door.get(page)
    shown = Page(answer.text)
    assert (answer.status_code, shown.one("h1").text) == (200, "Your registration")
    first, second = entries(shown)
    assert first.startswith("Day 1: ")
    assert "Monday, 14 June 2021 14:00–17:30 Vienna time (CEST, UTC+2) 15:00–18:30 Kyiv (UTC+3)" in first
    assert second.startswith("Ensuring Survivor Voices")
    assert "You are registered to attend online. Interpretation: Russian" in second
    assert "Further sessions" in shown.text


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_whoever_only_looks_changes_nothing(home: Home, page: str, method: str) -> None:
    before = home.everything()
    for address in (page, f"{page}?titles=shown&lang=de&done=env_nothing", f"{page}/sessions.ics", home.feed(page)):
        assert home.door.request(method, address).status_code == 200
    assert home.everything() == before


def test_it_says_neither_name_nor_address_and_is_kept_by_nobody(home: Home, page: str) -> None:
    answer = home.door.get(page)
    assert not any(one in answer.text for one in ("Olga", "Petrenko", "mission.example.org"))
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-robots-tag"] == "noindex"
    assert "set-cookie" not in answer.headers


def test_a_quick_way_out_stands_first_and_tells_no_address(home: Home, page: str) -> None:
    shown = Page(home.door.get(page).text)
    first = shown.all("a")[1]  # behind the one that skips to the content
    assert (first.text, first["href"], first["rel"]) == ("Leave this page", "https://www.wikipedia.org/", "noreferrer")
    assert "It does not delete this page from the browser's history" in shown.text


def test_a_session_is_withdrawn_from_and_taken_back_as_it_was(home: Home, page: str) -> None:
    shown = home.done(page, "withdraw", session="survivor-voices")
    assert home.places(page)["survivor-voices"] == ("withdrawn", "online", "ru")
    assert "Your change has been made." in shown.text
    assert "You are not registered for this session any more." in entries(shown)[-1]
    home.undo(page, shown)
    assert home.places(page)["survivor-voices"] == REGISTERED
    assert sorted(home.house.kinds()[-3:]) == ["confirmation", "invitation", "withdrawal"]


def test_undoing_can_be_undone(home: Home, page: str) -> None:
    shown = home.undo(page, home.done(page, "withdraw", session="day-1"))
    home.undo(page, shown)
    assert home.places(page)["day-1"][0] == "withdrawn"


def test_sessions_are_added_with_the_wishes_of_the_form(home: Home, page: str) -> None:
    shown = home.done(page, "add", session=["day-2", "community-policing"], attendance="online", interpretation="fr")
    places = home.places(page)
    assert places["community-policing"] == ("registered", "online", "fr")
    assert len(places) == 4
    home.undo(page, shown)
    assert {one for one, place in home.places(page).items() if place[0] == "registered"} == set(TWO)


def test_how_one_attends_is_changed_and_taken_back(home: Home, page: str) -> None:
    shown = home.done(page, "change", session="survivor-voices", interpretation="es")
    assert home.places(page)["survivor-voices"] == ("registered", "online", "es")
    home.undo(page, shown)
    assert home.places(page)["survivor-voices"] == REGISTERED


def test_language_zone_alias_and_discretion_are_changed_together_and_taken_back(home: Home, page: str) -> None:
    shown = home.done(page, "prefer", language="fr", time_zone="new york", visibility="discreet", alias="O. P.")
    row = home.person(page)
    assert (row.language, row.time_zone, row.visibility) == ("fr", "America/New_York", "discreet")
    assert shown.one("html")["lang"] == "fr"
    assert shown.one("input", id="alias")["value"] == "O. P."
    home.undo(page, shown)
    row = home.person(page)
    assert (row.language, row.time_zone, row.visibility) == ("en", "Europe/Kyiv", "standard")
    assert Page(home.door.get(page).text).one("input", id="alias")["value"] == ""


def test_what_cannot_be_is_said_and_changes_nothing(home: Home, page: str) -> None:
    before = home.everything()
    for said in (
        {"do": "prefer", "language": "xx"}, {"do": "prefer", "language": "en", "time_zone": "Atlantis"},
        {"do": "withdraw-all"}, {"do": "renew-page"}, {"do": "renew-calendar"}, {"do": "add"}, {"do": "nonsense"},
        {"do": "undo", "of": "env_nothing"}, {"do": "withdraw", "session": "../x"},
    ):  # fmt: skip
        answer = home.door.post(page, data=said)
        shown = Page(answer.text)
        assert answer.status_code == 422, said
        assert shown.one("title").text.startswith("Error:"), said
        assert len(shown.all("section", role="alert")) == 1, said
    assert home.everything() == before


def test_what_the_corridor_refuses_is_said_with_its_reason(home: Home, page: str) -> None:
    home.house.at("2021-06-15T23:00:00+02:00")
    shown = home.done(page, "add", session="day-2")
    assert "This could not be done All of these sessions are over." in shown.text


def test_all_are_withdrawn_from_with_a_ticked_box_and_come_back_together(home: Home, page: str) -> None:
    shown = home.done(page, "withdraw-all", sure="yes")
    assert {place[0] for place in home.places(page).values()} == {"withdrawn"}
    assert "You are not registered for any session to come." in shown.text
    home.undo(page, shown)
    assert {place[0] for place in home.places(page).values()} == {"registered"}


def test_the_same_form_sent_twice_changes_nothing_twice(home: Home, page: str) -> None:
    first = home.do(page, "withdraw", session="day-1", nonce="once")
    home.undo(page, home.after(page, first))
    again = home.do(page, "withdraw", session="day-1", nonce="once")
    assert home.places(page)["day-1"][0] == "registered"
    assert "This had been sent before. Nothing was changed a second time." in home.after(page, again).text


def test_of_two_tabs_the_last_one_holds(home: Home, page: str) -> None:
    home.done(page, "prefer", language="de", time_zone="Europe/Kyiv")
    home.done(page, "prefer", language="it", time_zone="Europe/Kyiv")
    assert home.person(page).language == "it"


def test_while_the_corridor_rests_the_page_asks_for_patience(
    home: Home, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corridor, "PATIENCE", 0.1)
    home.works = False
    shown = home.done(page, "withdraw", session="day-1")
    assert "Your change has been received and will take effect in a moment." in shown.text
    assert shown.one("a", class_="reload")["href"] == ""


def test_reminders_are_muted_and_had_again(home: Home, page: str) -> None:
    assert "You get no reminders." in home.done(page, "remind", reminders="off").text
    assert home.person(page).muted_at is not None
    assert "You get reminders of your sessions." in home.done(page, "remind", reminders="on").text


def test_a_new_address_comes_by_letter_and_the_old_one_leads_nowhere(home: Home, page: str) -> None:
    answer = home.do(page, "renew-page", sure="yes")
    assert (answer.status_code, Page(answer.text).one("h1").text) == (200, "A new address is on its way")
    assert (home.house.kinds()[-1], home.door.get(page).status_code) == ("notice", 404)
    (new,) = {one for one in home.house.mail[-1].text.split() if "/r/" in one}
    assert home.door.get(new.removeprefix("http://127.0.0.1:8080")).status_code == 200


def test_who_has_withdrawn_from_all_gets_a_new_address_too(home: Home, page: str) -> None:
    shown = home.done(page, "withdraw-all", sure="yes")
    assert "Send me a new address" in shown.text
    assert home.do(page, "renew-page", sure="yes").status_code == 200
    assert home.door.get(page).status_code == 404
    (new,) = {one for one in home.house.mail[-1].text.split() if "/r/" in one}
    assert home.door.get(new.removeprefix("http://127.0.0.1:8080")).status_code == 200


def test_unknown_foreign_and_too_old_addresses_are_the_same_page(home: Home, page: str) -> None:
    row, vault = home.person(page), home.house.toolbox.vault
    foreign = [
        MuteTokens(vault).of(row.id), CalendarTokens(vault).of(row.id, 1), JoinTokens(vault).of(row.id, 1), "nothing",
        page.removeprefix("/r/")[:-1],
    ]  # fmt: skip
    shown = [home.door.get(f"/r/{one}") for one in foreign]
    home.house.at("2021-07-16T12:00:00+02:00")
    assert home.door.get(page).status_code == 200
    home.house.at("2021-07-17T12:00:00+02:00")
    shown += [home.door.get(page), home.door.post(page, data={"do": "withdraw", "session": "day-1"})]
    assert {one.status_code for one in shown} == {404}
    assert {Page(one.text).text for one in shown} == {Page(shown[0].text).text}
    assert home.places(page)["day-1"][0] == "registered"


def test_somebody_elses_change_is_neither_told_nor_undone(home: Home, page: str) -> None:
    other = home.register(email="taras@mission.example.org", full_name="Taras Melnyk", sessions=TWO)
    done = home.do(other, "withdraw", session="day-1").headers["location"]
    assert "Your change has been made." not in Page(home.door.get(page + done).text).text
    envelope = done.removeprefix("?done=").removesuffix("#main")
    assert home.do(page, "undo", of=envelope).status_code == 422
    assert home.places(other)["day-1"][0] == "withdrawn"


def test_a_discreet_page_is_neutral_until_it_is_asked_for_titles(home: Home) -> None:
    page = home.register(visibility="discreet", sessions=TWO)
    answer = home.door.get(page)
    shown = Page(answer.text)
    assert (shown.one("title").text, shown.one("h1").text) == ("Your registration", "Your registration")
    assert not any(word in answer.text for word in ("Survivor", "Alliance", "rafficking", "Day 1", "Hofburg"))
    assert [one.text for one in shown.all("h3")] == ["Online meeting", "Online meeting"]
    asked = Page(home.door.get(f"{page}?lang=en&titles=shown").text)
    assert asked.all("h3")[0].text.startswith("Day 1: ")
    assert asked.one("title").text == "Your registration"


def test_titles_stay_shown_or_hidden_through_a_change(home: Home) -> None:
    page = home.register(visibility="discreet", sessions=TWO)
    said = {"do": "withdraw", "session": "day-1", "nonce": "n"}
    answer = home.door.post(f"{page}?lang=de&titles=shown", data=said)
    assert answer.headers["location"].startswith("?lang=de&titles=shown&done=env_")


@pytest.mark.parametrize("language", CORRESPONDENCE_LANGUAGES)
def test_it_is_in_the_language_of_the_letters(home: Home, language: str) -> None:
    page = home.register(language=language)
    answer = home.door.get(page, headers={"accept-language": "fr"})
    assert Page(answer.text).one("html")["lang"] == language
    assert Page(home.door.get(f"{page}?lang=it").text).one("html")["lang"] == "it"


def test_what_was_never_offered_is_neither_declined_nor_to_be_undone(home: Home, page: str) -> None:
    before = home.places(page)
    assert "This could not be done" in home.done(page, "decline", session="day-1").text
    assert not home.done(page, "accept", session="day-1").all("input", name="of")
    assert home.places(page) == before


def test_too_many_forms_from_one_network_are_held_back(home: Home, page: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_page, "_POSTS", 1)
    with Home(home.house).door as door:
        answers = [door.post(page, data={"do": "remind", "reminders": "on"}) for _ in range(2)]
    assert [one.status_code for one in answers] == [303, 429]
    assert "Too many requests came from your network" in Page(answers[1].text).text


def test_while_the_database_cannot_say_the_page_asks_for_patience(
    home: Home, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> None:
        raise DatabaseUnavailable("gone")

    monkeypatch.setattr(type(home.house.toolbox.database), "read", gone)
    for address in (page, f"{page}/sessions.ics", "/cal/x.ics"):
        assert home.door.get(address, headers={"accept": "text/html"}).status_code in {503, 404}


OFFER_ENDS = datetime(2021, 6, 3, 7, 30, tzinfo=UTC)


def offered(home: Home, page: str, session_id: str) -> None:
    """A place has become free in a session for which Olga has waited."""
    with home.house.toolbox.database.write() as session:
        row = session.query(RegistrationRow).filter_by(session=session_id, participant_id=home.person(page).id).one()
        row.link, row.sealed_join_link, row.state, row.offered_until = "none", None, "offered", OFFER_ENDS


def test_an_offer_says_until_when_and_is_accepted(home: Home, page: str) -> None:
    offered(home, page, "day-1")
    first, _ = entries(Page(home.door.get(page).text))
    assert "A place has become available for you in this session." in first
    assert "Please reply by: Thursday, 3 June 2021, 09:30 Vienna time" in first
    shown = home.done(page, "accept", session="day-1")
    assert home.places(page)["day-1"][0] == "registered"
    home.undo(page, shown)
    assert home.places(page)["day-1"][0] == "withdrawn"


def test_an_offer_is_declined_and_the_session_asked_for_again(home: Home, page: str) -> None:
    offered(home, page, "day-1")
    shown = home.done(page, "decline", session="day-1")
    assert home.places(page)["day-1"][0] == "withdrawn"
    home.undo(page, shown)
    assert home.places(page)["day-1"][0] == "registered"


def test_an_offer_that_has_ended_is_refused_with_its_reason(home: Home, page: str) -> None:
    offered(home, page, "day-1")
    home.house.at("2021-06-03T10:00:00+02:00")
    assert "There is no such offer any more." in home.done(page, "accept", session="day-1").text
