"""`/j/{token}`: the page that leads to Zoom, in time, for whoever presses its button, and for nobody who only looks."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import pytest

from adapters.database import participants, registrations, zoom_events
from adapters.database.engine import DatabaseUnavailable
from adapters.database.programmes import put_in_force
from adapters.database.tables import RegistrationRow, ZoomEventRow
from adapters.database.zoom_events import Planned
from adapters.tokens import JoinTokens, MuteTokens
from schemas.programme import Conference, ZoomEvent
from schemas.registration import RegistrationData
from tests.web.conftest import Door, House
from tests.web.page import Page
from tests.web.street import CONFERENCE, NOW

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # what is tested is in front of it

LINK = "https://osce.zoom.us/w/91112223334?tk=Zm9v-bar_BAZ.DQQAAAAVM&uuid=WN_abcdefghijklmnopqrstuv"
START, END = datetime(2026, 10, 22, 12, tzinfo=UTC), datetime(2026, 10, 22, 13, tzinfo=UTC)
OPENS = START - timedelta(minutes=15)
PLANNED = Planned("rivers-2026", "opening", ZoomEvent(account="osce-org", event=98123456780), END)
EARLY = NOW

Register = Callable[..., str]


@pytest.fixture
def register(house: House) -> Register:
    """Register somebody for the opening, or as told; the address of their join page."""

    def registered(*, session_id: str = "opening", link: str | None = LINK, state: str = "registered",
                   attendance: Any = "online", interpretation: str | None = "ru", **changes: Any) -> str:  # fmt: skip
        data = RegistrationData(**{
            "full_name": "Amina Kovač-Demo", "email": "amina.kovac@example.org", "sessions": (session_id,),
            "time_zone": "America/New_York", **changes,
        })  # fmt: skip
        toolbox = house.toolbox
        with toolbox.database.write() as session:
            person = participants.locked_or_created(session, toolbox.vault, "rivers-2026", data, NOW, NOW)
            row = registrations.add(
                session, participant_id=person.id, conference="rivers-2026", session_id=session_id,
                attendance=attendance, interpretation=interpretation, wants_link=True, machine_said=NOW, now=NOW,
                machine_now=NOW,
            )  # fmt: skip
            session.flush()
            if link is not None:
                registrations.store_link(session, toolbox.vault, row.id, link, NOW, in_letters=False)
            if state != "registered":
                row.link, row.sealed_join_link = "none", None
            row.state = state
            return f"/j/{JoinTokens(toolbox.vault).of(row.id, row.join_version)}"

    return registered


@pytest.fixture
def address(register: Register) -> str:
    """The join page of somebody in New York who is registered for the opening and wishes to hear Russian."""
    return register()


def at(house: House, moment: datetime) -> None:
    house.clock.moment = moment


def button(answer: httpx2.Response) -> bool:
    return bool(Page(answer.text).all("form", method="post"))


def test_before_its_time_the_page_says_when_it_opens_on_both_clocks(door: Door, address: str) -> None:
    answer = door.get(address)
    page = Page(answer.text)
    assert (answer.status_code, page.one("h1").text, button(answer)) == (200, "Opening", False)
    assert "Thursday, 22 October 2026 14:00–15:00 Vienna time (CEST, UTC+2) 08:00–09:00 New York (UTC−4)" in page.text
    assert (
        "Fifteen minutes before the start, a button to Zoom appears on this page: "
        "Thursday, 22 October 2026, 13:45 Vienna time Thursday, 22 October 2026, 07:45 New York time"
    ) in page.text
    assert "Questions? Write to rivers@example.org." in answer.text.replace(
        '<a href="mailto:rivers@example.org">rivers@example.org</a>', "rivers@example.org"
    )


def test_who_lives_by_the_clock_of_the_place_reads_each_time_once(door: Door, register: Register) -> None:
    said = Page(door.get(register(time_zone="Europe/Berlin")).text).text
    assert said.count("14:00–15:00") == said.count("13:45") == 1
    assert "Berlin" not in said


def test_the_button_is_there_from_a_quarter_of_an_hour_before_until_half_an_hour_after(
    door: Door, house: House, address: str
) -> None:
    shown = {}
    for moment in (
        OPENS - timedelta(seconds=1),
        OPENS,
        END,
        END + timedelta(seconds=1799),
        END + timedelta(minutes=30),
    ):
        at(house, moment)
        shown[moment] = button(door.get(address))
    assert list(shown.values()) == [False, True, True, True, False]


def test_the_button_leads_to_zoom_as_often_as_it_is_pressed(door: Door, house: House, address: str) -> None:
    at(house, OPENS)
    for _ in range(3):
        answer = door.post(address)
        assert (answer.status_code, answer.headers["location"]) == (303, LINK)
        assert "set-cookie" not in answer.headers


def test_pressing_before_its_time_or_long_after_shows_the_page_and_no_link(
    door: Door, house: House, address: str
) -> None:
    for moment in (EARLY, OPENS - timedelta(seconds=1), END + timedelta(minutes=30)):
        at(house, moment)
        answer = door.post(address)
        assert (answer.status_code, "location" in answer.headers, button(answer)) == (200, False, False)


@pytest.mark.parametrize("moment", [EARLY, OPENS, END, END + timedelta(days=1)])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_whoever_only_looks_finds_no_link_and_changes_nothing(
    door: Door, house: House, address: str, moment: datetime, method: str
) -> None:
    """Mail scanners do."""
    at(house, moment)
    before = everything(house)
    answer = door.request(method, address)
    assert answer.status_code == 200
    assert not any(word in answer.text + str(answer.headers) for word in ("/w/", "911122", "tk=", "Zm9v"))
    assert everything(house) == before


def everything(house: House) -> list[tuple[object, ...]]:
    with house.toolbox.database.read() as session:
        return [
            tuple(getattr(row, column.name) for column in RegistrationRow.__table__.columns)
            for row in session.query(RegistrationRow)
        ]


def test_the_page_is_kept_by_nobody_and_tells_zoom_nothing_of_itself(door: Door, house: House, address: str) -> None:
    at(house, OPENS)
    for answer in (door.get(address), door.post(address)):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert answer.headers["x-robots-tag"] == "noindex"
        assert "set-cookie" not in answer.headers
    assert Page(door.get(address).text).one("meta", name="robots")["content"] == "noindex"


def test_the_browser_lets_the_form_lead_to_the_links_host_while_it_is_open_and_else_nowhere(
    door: Door, house: House, address: str
) -> None:
    """A browser holds each redirect that answers a form against the page's policy: Zoom's own ones as well. Whose
    account it is, nobody learns who only looks."""
    assert forms(door.get(address)) == ["'self'"]
    at(house, OPENS)
    zoom = ["https://zoom.us", "https://*.zoom.us", "https://zoom.com", "https://*.zoom.com",
            "https://zoomgov.com", "https://*.zoomgov.com"]  # fmt: skip
    assert forms(door.get(address)) == ["'self'", *zoom]


def forms(answer: httpx2.Response) -> list[str]:
    found = re.search(r"form-action ([^;]*);", answer.headers["content-security-policy"])
    assert found is not None
    return found[1].split()


@pytest.mark.parametrize(
    ("link", "origins"),
    [
        ("http://127.0.0.1:8080/zoom-emulator/w/1", ["http://127.0.0.1:8080"]),
        ("https://zoom.example.org/w/1", ["https://zoom.example.org"]),
        ("https://notzoom.us/w/1", ["https://notzoom.us"]),
    ],
)
def test_another_host_is_allowed_alone(
    door: Door, house: House, register: Register, link: str, origins: list[str]
) -> None:
    at(house, OPENS)
    answer = door.get(register(link=link))
    assert (forms(answer), button(answer)) == (["'self'", *origins], True)


@pytest.mark.parametrize(
    "link",
    ["https://a.example.org; script-src *", "https://user:word@zoom.us/w/1", "https://[::1]/w/1", "https://[::1/w/1",
     "javascript:alert(1)", "zoom.us/w/1"],
)  # fmt: skip
def test_a_link_that_no_browser_could_follow_is_none(door: Door, house: House, register: Register, link: str) -> None:
    at(house, OPENS)
    address = register(link=link)
    for answer in (door.get(address), door.post(address)):
        assert (answer.status_code, button(answer), forms(answer)) == (200, False, ["'self'"])
        assert "is still being prepared" in answer.text


def test_while_zoom_says_that_it_lasts_the_button_stays(door: Door, house: House, address: str) -> None:
    late = END + timedelta(minutes=90)
    at(house, late)
    for started, ended, shown in (
        (None, None, False), (START, None, True), (START, END, False), (late, END, True),
    ):  # fmt: skip
        with house.toolbox.database.write() as session:
            event = session.get_one(ZoomEventRow, zoom_events.ensure(session, PLANNED, NOW))
            event.started_at, event.ended_at = started, ended
        assert button(door.get(address)) is shown
    at(house, END + timedelta(hours=2))
    assert not button(door.get(address))


def test_who_comes_from_the_calendars_alarm_sees_the_button_appear(
    door: Door, house: House, address: str, register: Register
) -> None:
    """The page asks again each minute while somebody waits, and only then."""
    later = register(email="later@example.org", link=None)
    asks = []
    for moment in (OPENS - timedelta(minutes=31), OPENS - timedelta(minutes=30), OPENS, END + timedelta(hours=1)):
        at(house, moment)
        asks.append([
            [one["content"] for one in Page(door.get(page).text).all("meta", **{"http-equiv": "refresh"})]
            for page in (address, later)
        ])  # fmt: skip
    assert asks == [[[], []], [["60"], ["60"]], [[], ["60"]], [[], []]]


def test_who_has_withdrawn_finds_the_way_back_but_on_a_discreet_page(door: Door, register: Register) -> None:
    again = Page(door.get(register(state="withdrawn")).text).all("a", href="/register/rivers-2026")
    discreet = door.get(register(state="withdrawn", visibility="discreet", email="b@example.org"))
    assert [one.text for one in again] == ["Register again"]
    assert "rivers-2026" not in discreet.text


def test_in_the_hour_that_comes_twice_it_says_which_is_meant(door: Door, house: House) -> None:
    changed = CONFERENCE.model_dump(mode="json")
    changed["sessions"][0] |= {"date": "2026-10-25", "start": "02:30", "end": "04:00", "clock_change": "second"}
    with house.toolbox.database.write() as session:
        assert put_in_force(session, Conference.model_validate(changed), "example.org", NOW)
    said = Page(door.get(registered_for(house, "opening")).text).text
    assert "Sunday, 25 October 2026, 02:15 Vienna time (CET, UTC+1)" in said


def test_nothing_that_is_read_out_by_itself_has_a_form_in_it(door: Door, house: House, address: str) -> None:
    at(house, OPENS)
    answer = door.get(address)
    assert button(answer)
    assert 'role="status"' not in answer.text


def test_the_channel_is_shown_as_zoom_names_it_on_a_computer_and_on_a_telephone(door: Door, address: str) -> None:
    page = Page(door.get(address).text)
    assert [heading.text for heading in page.all("h3")] == ["On a computer or in the browser", "On a phone or tablet"]
    assert [step.text for step in page.all("li")] == [
        "Choose “Interpretation” (the globe) at the bottom of the Zoom window.",
        "Under “Listen In”, choose “Russian”.",
        "To hear only the interpretation, choose “Mute Original Audio”.",
        "Tap “More” (the three dots), then “Interpretation”.",
        "Under “Listen In”, choose “Russian”.",
        "To hear only the interpretation, choose “Mute Original Audio”.",
    ]
    assert "English, with simultaneous interpretation into Russian and French" in page.text
    assert "Zoom shows the globe only once the host has started the interpretation." in page.text


def test_without_a_wish_any_channel_may_be_chosen(door: Door, register: Register) -> None:
    said = Page(door.get(register(interpretation=None)).text).text
    assert said.count("Under “Listen In”, choose the language that you wish to hear.") == 2


def test_a_wish_that_cannot_be_met_is_told_kindly(door: Door, register: Register) -> None:
    said = Page(door.get(register(interpretation="it")).text).text
    assert "We are sorry that this session has no interpretation into Italian." in said
    assert "Under “Listen In”, choose the language that you wish to hear." in said


def test_where_nothing_is_interpreted_nothing_is_said_of_it_unless_somebody_wished_for_it(
    door: Door, register: Register
) -> None:
    plain = door.get(register(session_id="fish", interpretation=None))
    assert "nterpretation" not in plain.text
    wished = Page(door.get(register(session_id="dams", interpretation="ru")).text).text
    assert "no interpretation into Russian" in wished
    assert "Listen In" not in wished


def test_the_page_is_in_the_participants_language(door: Door, register: Register) -> None:
    answer = door.get(register(language="ru", time_zone="Europe/Kyiv"), headers={"accept-language": "fr"})
    page = Page(answer.text)
    assert (page.one("html")["lang"], page.one("html")["dir"]) == ("ru", "ltr")
    assert "Четверг, 22 октября 2026 г. 14:00–15:00 по венскому времени (CEST, UTC+2) 15:00–16:00 Киев" in page.text
    assert "выберите «Русский»" in page.text
    assert page.one("h1")["lang"] == "en"


def test_without_a_language_of_their_own_it_is_the_conferences(door: Door, house: House) -> None:
    with house.toolbox.database.write() as session:
        assert put_in_force(session, CONFERENCE.model_copy(update={"language": "de"}), "example.org", NOW)
    answer = door.get(registered_for(house, "opening"), headers={"accept-language": "fr"})
    assert Page(answer.text).one("html")["lang"] == "de"


def test_a_discreet_page_names_neither_conference_nor_session_nor_zooms_host_before_its_time(
    door: Door, house: House, register: Register
) -> None:
    answer = door.get(register(visibility="discreet"))
    shown = answer.text + str(answer.headers)
    page = Page(answer.text)
    assert (page.one("title").text, page.one("h1").text) == ("Online meeting", "Online meeting")
    assert not any(word in shown for word in ("Rivers Across", "Opening", "drinks", "Great Hall", "zoom.us"))
    assert "14:00–15:00 Vienna time" in page.text
    at(house, OPENS)
    later = door.get(answer.request.url.path)
    assert (button(later), "Opening" in later.text, "Rivers" in later.text) == (True, False, False)


def test_a_link_that_is_not_there_yet_is_said_to_be_prepared(door: Door, register: Register) -> None:
    page = Page(door.get(register(link=None)).text)
    assert "Your personal access to this session is being prepared." in page.text
    assert "13:45 Vienna time" in page.text
    assert page.one("a", class_="reload").text == "Reload this page"


def test_a_link_that_is_not_there_when_the_session_starts_has_somebody_to_write_to(
    door: Door, house: House, register: Register
) -> None:
    address = register(link=None)
    at(house, START)
    answer = door.post(address)
    assert (answer.status_code, button(answer)) == (200, False)
    assert (
        "Please reload this page in a moment. If there is no button when the session starts, "
        "please write to rivers@example.org at once." in Page(answer.text).text
    )


def test_the_room_is_told_to_those_who_come(door: Door, register: Register) -> None:
    said = Page(door.get(register(attendance="in-person")).text).text
    assert "You are registered to attend in person: Great Hall. Should you be unable to come, you can join" in said


def test_over_withdrawn_and_cancelled_are_said_and_lead_nowhere(door: Door, house: House, register: Register) -> None:
    cases = {
        register(email="a@example.org", session_id="frogs"): "This session does not take place.",
        register(email="b@example.org", state="withdrawn"): "You are not registered for this session any more.",
        register(email="c@example.org", session_id="past"): "This session is over.",
        register(email="d@example.org", session_id="ferries"): "still to be confirmed",
    }
    for address, said in cases.items():
        answer = door.post(address)
        assert (answer.status_code, button(answer), "location" in answer.headers) == (200, False, False)
        assert said in Page(answer.text).text


@pytest.mark.parametrize(
    ("title", "shown", "language"), [("Online meeting", "Réunion en ligne", "fr"), ("Video call", "Video call", "en")]
)
def test_the_discreet_title_is_translated_unless_the_programme_has_its_own(
    door: Door, house: House, register: Register, title: str, shown: str, language: str
) -> None:
    own = CONFERENCE.model_copy(update={"discreet_title": title})
    with house.toolbox.database.write() as session:
        assert put_in_force(session, own, "example.org", NOW)
    heading = Page(door.get(register(visibility="discreet", language="fr")).text).one("h1")
    assert (heading.text, heading["lang"]) == (shown, language)


def test_that_attendance_is_kept_is_said_where_it_is(door: Door, house: House) -> None:
    sessions = CONFERENCE.model_dump(mode="json")["sessions"]
    sessions[0]["zoom"] = {"account": "osce", "record_attendance": True}
    kept = Conference.model_validate(CONFERENCE.model_dump(mode="json") | {"sessions": sessions})
    with house.toolbox.database.write() as session:
        assert put_in_force(session, kept, "example.org", NOW)
    row_address = registered_for(house, "opening")
    assert "It is noted for the organisers when you join and leave." in Page(door.get(row_address).text).text
    assert "is noted" not in door.get(registered_for(house, "fish")).text


def registered_for(house: House, session_id: str) -> str:
    data = RegistrationData(full_name="A", email=f"{session_id}@example.org", sessions=(session_id,))
    with house.toolbox.database.write() as session:
        person = participants.locked_or_created(session, house.toolbox.vault, "rivers-2026", data, NOW, NOW)
        row = registrations.add(
            session, participant_id=person.id, conference="rivers-2026", session_id=session_id, attendance="online",
            interpretation=None, wants_link=True, machine_said=NOW, now=NOW, machine_now=NOW,
        )  # fmt: skip
        return f"/j/{JoinTokens(house.toolbox.vault).of(row.id, row.join_version)}"


def raised(house: House) -> None:
    with house.toolbox.database.write() as session:
        for row in session.query(RegistrationRow):
            row.join_version += 1


def test_an_address_that_was_revoked_and_one_that_never_was_get_the_same_answer(
    door: Door, house: House, address: str
) -> None:
    assert door.get(address).status_code == 200
    raised(house)
    for moment in (EARLY, OPENS):
        at(house, moment)
        for method in ("GET", "POST"):
            revoked, unknown = door.request(method, address), door.request(method, f"{address[:-8]}AAAAAAAA")
            assert (revoked.status_code, unknown.status_code) == (404, 404)
            assert revoked.text == unknown.text
            assert dict(revoked.headers) == dict(unknown.headers)
            assert "zoom" not in str(revoked.headers)


def test_the_renewed_address_holds(door: Door, house: House, address: str) -> None:
    raised(house)
    with house.toolbox.database.read() as session:
        (row,) = session.query(RegistrationRow)
    assert row.join_version == 2
    assert door.get(f"/j/{JoinTokens(house.toolbox.vault).of(row.id, 2)}").status_code == 200


@pytest.mark.parametrize("token", ["a", "reg_1.1.x", "é", "%00", "a" * 5000, "1.1"])
def test_what_is_no_token_is_told_to_be_incomplete_and_offered_the_form(door: Door, token: str) -> None:
    answer = door.get(f"/j/{token}")
    page = Page(answer.text)
    assert (answer.status_code, page.one("h1").text) == (404, "This address leads nowhere")
    (again,) = [one for one in page.all("a") if "lost-link" in one["href"]]
    assert (again["href"], again.text) == ("/lost-link?lang=en", "Have your links sent again")
    assert "Rivers" not in answer.text


def test_a_token_of_another_purpose_opens_nothing(door: Door, house: House) -> None:
    assert door.get(f"/j/{MuteTokens(house.toolbox.vault).of('reg_1')}").status_code == 404


def test_a_page_for_nobody_known_speaks_as_the_browser_wishes_or_as_is_asked_for(door: Door) -> None:
    german = Page(door.get("/j/x", headers={"accept-language": "uk, de-AT;q=0.7, en;q=0.1"}).text)
    assert german.one("h1").text == "Diese Adresse führt nirgendwohin"
    russian = Page(door.get("/j/x?lang=ru", headers={"accept-language": "de"}).text)
    assert (russian.one("html")["lang"], russian.one("h1").text) == ("ru", "Этот адрес никуда не ведёт")
    assert [one["hreflang"] for one in russian.all("a") if "hreflang" in one.attributes] == [
        "en", "fr", "de", "it", "es",
    ]  # fmt: skip


def test_a_month_after_the_end_the_address_is_none(door: Door, house: House, address: str) -> None:
    at(house, END + timedelta(days=29))
    assert door.get(address).status_code == 200
    at(house, END + timedelta(days=30))
    assert door.get(address).status_code == 404


def test_a_refusal_of_another_kind_is_in_the_readers_language_too(door: Door, house: House, address: str) -> None:
    browser = {"accept": "text/html", "accept-language": "de"}
    answer = door.request("PUT", address, headers=browser)
    assert (answer.status_code, set(answer.headers["allow"].split(", "))) == (405, {"GET", "HEAD", "POST"})
    assert Page(answer.text).one("h1").text == "Das konnte nicht verstanden werden"
    for page in ("/lost-link", "/lost-link/rivers-2026", f"/u/{MuteTokens(house.toolbox.vault).of('par_1')}"):
        answer = door.post(page, content=b"{}", headers=browser | {"content-type": "application/json"})
        assert (answer.status_code, Page(answer.text).one("html")["lang"]) == (415, "de")


def test_while_the_database_cannot_say_the_page_asks_for_patience(
    door: Door, house: House, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def gone(*_: object) -> None:
        raise DatabaseUnavailable("gone")

    monkeypatch.setattr(type(house.toolbox.database), "read", gone)
    answer = door.get(address, headers={"accept-language": "fr"})
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
    assert Page(answer.text).one("h1").text == "Cette page ne peut pas être affichée pour le moment"
