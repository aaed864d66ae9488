"""The hosted registration page."""

import json
from datetime import timedelta
from typing import Any

import pytest

from adapters.database import envelopes
from adapters.database.engine import DatabaseUnavailable
from adapters.database.envelopes import Envelope
from domain.sources import reader
from schemas.registration import Consents, RegistrationData, RegistrationSubmitted
from tests.web.conftest import Door, House
from tests.web.page import Page
from tests.web.street import CONFERENCE, PAGE, PERSON, typed

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # what is tested is in front of it


def inbox(house: House) -> list[Envelope]:
    """All envelopes, opened."""
    with house.toolbox.database.read() as session:
        rows = envelopes.listed(session, states=("received",), limit=100)
        return [envelopes.opened(row, house.toolbox.vault) for row in rows]


def said(house: House) -> RegistrationData:
    """What the one envelope says, read as a worker reads it."""
    (envelope,) = inbox(house)
    found = reader(envelope.source).read(envelope.body, envelope.content_type, CONFERENCE)
    assert isinstance(found, RegistrationSubmitted)
    return found.data


@pytest.fixture
def page(door: Door) -> Page:
    """The page before anybody has typed."""
    return Page(door.get(PAGE).text)


def test_every_field_has_a_label_and_every_id_is_its_own(page: Page) -> None:
    labelled = {label["for"] for label in page.all("label")}
    fields = [one for tag in ("input", "select", "textarea") for one in page.all(tag)]
    assert [
        one.attributes for one in fields if one.attributes.get("type") != "hidden" and one["id"] not in labelled
    ] == []
    ids = [one["id"] for one in page.elements if "id" in one.attributes]
    assert len(ids) == len(set(ids))
    assert all(page.by_id(name) for one in page.elements for name in one.attributes.get("aria-describedby", "").split())


def test_the_page_carries_no_script_and_no_style_of_its_own(page: Page) -> None:
    assert page.all("script") == page.all("style") == []
    assert [one for one in page.elements if "style" in one.attributes or "onclick" in one.attributes] == []


def test_fields_are_named_as_in_the_native_body(page: Page) -> None:
    names = {one["name"] for tag in ("input", "select", "textarea") for one in page.all(tag)}
    assert names == {
        "nonce", "website", "full_name", "title", "email", "organisation", "country", "language", "time_zone",
        "sessions", "attendance", "interpretation", "visibility", "alias", "needs", "consents.recording",
        "consents.photography", "consents.announcements",
    }  # fmt: skip


def test_sessions_stand_by_day_in_the_time_of_the_place(page: Page) -> None:
    legends = [one.text.strip() for one in page.all("legend")]
    assert legends[:4] == [
        "Monday, 31 August 2026", "Thursday, 22 October 2026", "Tuesday, 27 October 2026", "Date to be confirmed",
    ]  # fmt: skip
    summer, winter = page.one("input", value="dams"), page.one("input", value="fish")
    assert page.description(summer).startswith("14:30–16:00 Vienna time (CEST, UTC+2) Online")
    assert page.description(winter).startswith("14:00–15:00 Vienna time (CET, UTC+1) Online")


def test_overlaps_open_dates_and_past_sessions_are_pointed_out(page: Page) -> None:
    described = {one["value"]: page.description(one) for one in page.all("input", name="sessions")}
    assert described["opening"].endswith("Overlaps in time with: Dams & <Deltas>")
    assert described["dams"].endswith("Overlaps in time with: Opening")
    assert described["ferries"].startswith(
        "Friday, 23 October 2026 or Saturday, 24 October 2026 You will be invited once it is settled."
    )
    assert described["past"].startswith("This session is over.")
    assert "disabled" in page.one("input", value="past").attributes
    assert "frogs" not in described


def test_titles_are_written_as_text_and_never_as_html(page: Page) -> None:
    dams = page.one("input", value="dams")
    assert page.one("label", for_=dams["id"]).text == "Dams & <Deltas>"


def test_the_place_and_who_may_come_are_said(page: Page) -> None:
    opening = page.one("input", value="opening")
    assert "Online and in person: Great Hall" in page.description(opening)
    assert "Delegations only" in page.text


def test_nothing_is_ticked_beforehand_but_online(page: Page) -> None:
    ticked = [(one["name"], one["value"]) for one in page.all("input") if "checked" in one.attributes]
    assert ticked == [("attendance", "online")]


def test_the_six_languages_and_what_is_interpreted_are_offered(page: Page) -> None:
    assert [one["value"] for one in page.all("option")][:9] == ["en", "fr", "de", "it", "ru", "es", "", "ru", "fr"]


def test_it_is_read_and_answered_in_the_language_of_the_browser_or_of_the_address(door: Door) -> None:
    page = Page(door.get(PAGE, headers={"accept-language": "ru-RU,ru;q=0.9,en;q=0.5"}).text)
    chosen = [one["value"] for one in page.all("option") if "selected" in one.attributes]
    assert (page.one("html")["lang"], page.one("form")["action"], chosen[0]) == ("ru", f"{PAGE}?lang=ru", "ru")
    assert [one["href"] for one in page.all("a", hreflang="de")] == ["?lang=de"]
    refused = Page(door.post(f"{PAGE}?lang=ru", data=typed(full_name="")).text)
    assert refused.one("html")["lang"] == "ru"
    answer = door.post(f"{PAGE}?lang=ru", data=typed())
    assert Page(door.get(answer.headers["location"]).text).one("html")["lang"] == "ru"


def test_a_registration_is_received_and_its_page_shows_nothing_personal(door: Door, house: House) -> None:
    answer = door.post(PAGE, data=typed())
    (envelope,) = inbox(house)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{PAGE}/received?receipt={envelope.id}&lang=en")
    received = door.get(answer.headers["location"])
    assert (received.status_code, envelope.id in received.text) == (200, True)
    assert not any(word in received.text for word in ("Amina", "amina", "opening"))
    assert house.queued == [("intake.open_envelope", envelope.id)]


def test_what_was_typed_arrives_whole(door: Door, house: House) -> None:
    fields = typed(
        full_name="  Amina   Kovač-Demo ", title="Dr", organisation="Example Institute", country="HR", language="fr",
        sessions=["opening", "fish", "opening"], attendance="in-person", interpretation="ru", time_zone="Zagreb",
        visibility="discreet", alias="A. K.", needs="captions\r\nplease",
        **{"consents.recording": "yes", "consents.announcements": "on"},
    )  # fmt: skip
    assert door.post(PAGE, data=fields).status_code == 303
    assert said(house) == RegistrationData(
        full_name="Amina Kovač-Demo", title="Dr", email="amina.kovac@example.org", organisation="Example Institute",
        country="HR", language="fr", time_zone="Europe/Zagreb", sessions=("opening", "fish"), attendance="in-person",
        interpretation="ru", visibility="discreet", alias="A. K.", needs="captions\nplease",
        consents=Consents(recording=True, announcements=True),
    )  # fmt: skip


def test_an_unticked_consent_is_a_no_and_an_unticked_wish_for_discretion_is_not_said(door: Door, house: House) -> None:
    door.post(PAGE, data=typed())
    found = said(house)
    assert (found.consents, found.visibility, found.interpretation) == (Consents(), None, None)
    assert {"consents", "interpretation"} < found.model_fields_set
    assert "visibility" not in found.model_fields_set


def test_neither_nonce_nor_cookie_nor_choices_are_required(door: Door, house: House) -> None:
    assert door.post(PAGE, data={**PERSON, "sessions": "all"}).status_code == 303
    assert said(house).sessions == "all"


def test_a_form_may_be_sent_as_multipart(door: Door, house: House) -> None:
    parts = [(name, (None, value)) for name, value in PERSON.items() if isinstance(value, str)]
    assert door.post(PAGE, files=[*parts, ("sessions", (None, "fish"))]).status_code == 303
    assert said(house).full_name == "Amina Kovač-Demo"


def test_a_filled_honeypot_is_told_and_emptied_for_a_browser_may_have_filled_it(door: Door, house: House) -> None:
    answer = door.post(PAGE, data=typed(website="https://example.org"))
    page = Page(answer.text)
    assert (answer.status_code, inbox(house)) == (422, [])
    assert "A field that people do not see was filled in" in answer.text
    assert page.by_id("website")["value"] == ""
    assert page.by_id("full_name")["value"] == PERSON["full_name"]


def test_what_is_wrong_is_listed_above_with_links_and_said_beside_the_fields(door: Door, house: House) -> None:
    answer = door.post(PAGE, data=typed(full_name="", email="nobody", sessions=[], time_zone="Atlantis"))
    page = Page(answer.text)
    assert (answer.status_code, inbox(house)) == (422, [])
    links = [(one["href"], one.text) for one in page.all("a") if one["href"].startswith("#") and one["href"] != "#main"]
    assert links == [
        ("#full_name", "Give your full name."),
        ("#email", "Give an e-mail address like name@example.org."),
        ("#sessions", "Choose at least one session."),
        ("#time_zone", "Choose a time zone from the list, such as Europe/Vienna."),
    ]
    assert all(page.by_id(address[1:]).tag == "input" for address, _ in links)
    email = page.by_id("email")
    assert email["aria-invalid"] == "true"
    assert page.description(email).endswith("Error: Give an e-mail address like name@example.org.")
    assert page.one("title").text.startswith("Error:")
    assert page.one("section", role="alert")["tabindex"] == "-1"


def test_what_was_typed_is_kept_and_escaped(door: Door) -> None:
    typing: dict[str, Any] = {
        "full_name": 'Eve "<script>alert(1)</script>', "email": "nobody", "needs": "</textarea><b>", "language": "it",
        "sessions": ["fish"], "visibility": "discreet", "attendance": "in-person", "interpretation": "fr",
        "consents.photography": "yes", "nonce": "kept",
    }  # fmt: skip
    page = Page(door.post(PAGE, data=typed(**typing)).text)
    assert page.all("script") == page.all("b") == []
    assert page.by_id("full_name")["value"] == typing["full_name"]
    assert page.by_id("needs").text.strip() == typing["needs"]
    assert page.one("input", name="nonce")["value"] == "kept"
    assert sorted(one["value"] for one in page.all("option") if "selected" in one.attributes) == ["fr", "it"]
    ticked = [one["value"] for one in page.all("input") if "checked" in one.attributes]
    assert ticked == ["fish", "in-person", "discreet", "yes"]


@pytest.mark.parametrize(
    ("sessions", "message"),
    [
        (["nonsense"], "Not a session of rivers-2026: number 1 in the list."),
        (["frogs"], "One of the sessions was cancelled."),
        (["past"], "All of these sessions are over."),
    ],
)
def test_sessions_that_a_worker_would_refuse_are_refused_at_once(door: Door, sessions: list[str], message: str) -> None:
    answer = door.post(PAGE, data=typed(sessions=sessions))
    assert (answer.status_code, message in answer.text) == (422, True)


def test_while_the_database_is_gone_the_page_keeps_what_was_typed(
    door: Door, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    door.get(PAGE)

    def gone(*_: object) -> None:
        raise DatabaseUnavailable("OperationalError")

    for way in ("read", "statement", "write"):
        monkeypatch.setattr(type(house.toolbox.database), way, gone)
    answer = door.post(PAGE, data=typed())
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
    page = Page(answer.text)
    assert page.by_id("email")["value"] == "amina.kovac@example.org"
    assert "could not be saved" in page.text


def test_who_posts_too_often_waits_and_keeps_what_was_typed(door: Door, house: House) -> None:
    answers = [door.post(PAGE, data=typed(email=f"person{number}@example.org")) for number in range(61)]
    assert [answer.status_code for answer in answers] == [303] * 60 + [429]
    assert answers[-1].headers["retry-after"] == "1"
    assert "person60@example.org" in answers[-1].text
    house.clock.machine += timedelta(seconds=1)
    assert door.post(PAGE, data=typed()).status_code == 303


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"json": {}}, 415),
        ({"content": b"x", "headers": {"content-type": "multipart/form-data"}}, 400),
        ({"content": b"x", "headers": {"content-type": "multipart/form-data; boundary=b"}}, 400),
        ({"content": b"a=b", "headers": {"content-type": "application/x-www-form-urlencoded; charset=idna"}}, 415),
        ({"data": {"needs": "x" * 256 * 1024}}, 413),
        ({"data": {f"field{number}": "x" for number in range(600)}}, 400),
        ({"files": {"needs": ("needs.txt", b"x")}}, 400),
    ],
)
def test_what_is_no_such_form_is_refused(door: Door, said: dict[str, Any], status: int) -> None:
    assert door.post(PAGE, **said).status_code == status


def test_people_are_told_on_a_page_and_programs_in_json(door: Door) -> None:
    page = door.get("/register/nowhere", headers={"accept": "text/html,*/*"})
    assert (page.status_code, page.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert "There is no such conference here." in page.text
    problem = door.get("/register/nowhere")
    assert problem.json() == {
        "type": "about:blank", "title": "Not Found", "status": 404, "detail": "There is no such conference here.",
    }  # fmt: skip


def test_a_strange_reference_is_not_repeated(door: Door) -> None:
    assert "forged" not in door.get(f"{PAGE}/received?receipt=forged").text


def test_another_method_is_405(door: Door) -> None:
    answer = door.request("DELETE", PAGE)
    assert (answer.status_code, set(answer.headers["allow"].split(", "))) == (405, {"GET", "HEAD", "POST"})


def test_the_envelope_is_a_native_body(door: Door, house: House) -> None:
    door.post(PAGE, data=typed())
    (envelope,) = inbox(house)
    assert (envelope.source, envelope.content_type) == ("hosted", "application/json")
    assert json.loads(envelope.body) == {
        "type": "registration.submitted",
        "data": {
            "full_name": "Amina Kovač-Demo", "email": "amina.kovac@example.org", "language": "en",
            "sessions": ["opening"], "interpretation": None,
            "consents": {"recording": False, "photography": False, "announcements": False},
        },
    }  # fmt: skip


def test_a_charset_that_hides_in_the_boundary_is_seen_for_what_it_is(door: Door, house: House) -> None:
    for charset in ("unicode_escape", "raw_unicode_escape", "rot13"):
        content_type = f'multipart/form-data; boundary="charset=utf-8"; charset={charset}'
        answer = door.post(PAGE, content=b"--charset=utf-8--\r\n", headers={"content-type": content_type})
        assert answer.status_code == 415
    assert inbox(house) == []
