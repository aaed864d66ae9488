"""The pages of submissions: listed without a name, opened for a reason, corrected, judged again, set aside."""

import json

import httpx2
import pytest

from adapters.database import audits, envelopes
from adapters.database.tables import EnvelopeRow
from tests.web.conftest import Door, House
from tests.web.page import Page
from tests.web.street import NOW, PERSON
from tests.web.test_admin import log_in, tables
from tests.web.test_admin_outbox import posted
from workers import app as corridor
from workers import intake

EVIL = '"><script>alert(1)</script>'
INBOX = "/admin/inbox"


def rejected(house: House, delivery: str = "x", **changes: object) -> str:
    """A submission that was judged, and rejected; its id."""
    toolbox = house.toolbox
    body = json.dumps({"type": "registration.submitted", "data": PERSON | {"sessions": ["nowhere"]} | changes})
    with toolbox.database.write() as session:
        envelope = envelopes.record(
            session, toolbox.vault, conference="rivers-2026", source="standard", delivery_id=delivery,
            content_type="application/json", body=body.encode(), now=NOW, machine_now=NOW,
        ).id  # fmt: skip
    intake.judge(toolbox, envelope)
    return envelope


def stored(house: House, envelope: str) -> EnvelopeRow:
    with house.toolbox.database.read() as session:
        return session.get_one(EnvelopeRow, envelope)


def deeds(house: House) -> list[tuple[str, str, str | None]]:
    with house.toolbox.database.read() as session:
        return [(one.action, one.about or "", one.reason) for one in audits.listed(session, house.toolbox.vault, 20)]


def opened(door: Door, envelope: str) -> httpx2.Response:
    page = Page(door.get(f"{INBOX}/{envelope}").text)
    token = page.all("input", name="token")[-1]["value"]
    return door.post(f"{INBOX}/{envelope}/opened", data={"token": token, "reason": "They called"})


@pytest.fixture
def monitor(door: Door, house: House) -> Door:
    corridor.configure(house.toolbox.settings)
    corridor.use(house.toolbox)
    assert log_in(door).status_code == 303
    return door


def test_what_was_rejected_is_listed_with_its_reasons_and_without_a_name(monitor: Door, house: House) -> None:
    envelope = rejected(house)
    page = Page(monitor.get(INBOX).text)
    (row,) = tables(page)["Submissions, the newest first"][1:]
    assert row[0].endswith(envelope)
    assert row[1:3] == ["rejected", "sessions: Not a session of rivers-2026: number 1 in the list. unknown-session"]
    for address in (INBOX, f"{INBOX}/{envelope}"):
        assert "amina" not in monitor.get(address).text.lower()
    for query, found in (("code=unknown-session", 1), ("code=other", 0), ("source=standard", 1), ("source=tally", 0),
                         ("state=accepted", 0), ("state=rejected", 1), ("conference=rivers-2026", 1)):  # fmt: skip
        assert monitor.get(f"{INBOX}?{query}").text.count("unknown-session</code>") == found


def test_it_is_opened_for_a_reason_which_is_noted_and_shows_what_was_said_beside_what_is_wrong(
    monitor: Door, house: House
) -> None:
    envelope = rejected(house, full_name="Amina <b>Kovač", organisation=EVIL, email="amina@example")
    assert deeds(house) == []
    answer = opened(monitor, envelope)
    page = Page(answer.text)
    assert answer.status_code == 200
    assert page.by_id("field-organisation")["value"] == EVIL
    assert EVIL not in answer.text
    assert page.by_id("field-email")["aria-invalid"] == "true"
    assert "Give an e-mail address" in page.description(page.by_id("field-email"))
    assert deeds(house) == [("submission.reveal", envelope, "They called")]


def test_it_is_corrected_in_the_form_and_the_copy_is_judged(monitor: Door, house: House) -> None:
    envelope = rejected(house)
    page = Page(opened(monitor, envelope).text)
    typed = {one["name"]: one.attributes.get("value", "") for one in page.all("input", type="text")}
    typed |= {"token": page.all("input", name="token")[-1]["value"], "sessions": "dams, fish", "reason": "By telephone"}
    refused = monitor.post(f"{INBOX}/{envelope}/corrected", data=typed | {"sessions": "nowhere"})
    assert refused.status_code == 422
    assert Page(refused.text).by_id("field-sessions")["aria-invalid"] == "true"
    assert monitor.post(f"{INBOX}/{envelope}/corrected", data=typed | {"reason": " "}).status_code == 422
    places = {monitor.post(f"{INBOX}/{envelope}/corrected", data=typed).headers["location"] for _ in range(2)}
    (place,) = places
    copy = place.rpartition("/")[2]
    assert stored(house, copy).corrects == envelope
    intake.judge(house.toolbox, copy)
    assert stored(house, copy).state == "accepted"
    shown = monitor.get(place)
    assert (shown.status_code, envelope in shown.text) == (200, True)
    assert [one[0] for one in deeds(house)] == ["submission.correct", "submission.reveal"]
    assert envelope not in monitor.get(INBOX).text


def test_it_is_set_aside_with_a_reason(monitor: Door, house: House) -> None:
    envelope = rejected(house)
    assert posted(monitor, INBOX, id=envelope, deed="aside").status_code == 422
    assert posted(monitor, INBOX, deed="aside", reason="x").status_code == 422
    assert posted(monitor, INBOX, id=envelope, deed="aside", reason="A test of theirs").status_code == 303
    assert stored(house, envelope).set_aside_at is not None
    assert envelope not in monitor.get(INBOX).text
    assert "set aside" in monitor.get(f"{INBOX}?state=rejected").text


def test_many_are_judged_again_after_their_number_was_shown(monitor: Door, house: House) -> None:
    first, second = rejected(house, "1"), rejected(house, "2")
    address = f"{INBOX}/replay?code=unknown-session"
    page = Page(monitor.get(address).text)
    assert "2 submissions would be judged again" in page.text
    said = {one: page.all("input", name=one)[-1]["value"] for one in ("token", "digest")}
    assert monitor.post(address, data=said).status_code == 422
    assert monitor.post(address, data=said | {"digest": "0", "reason": "x"}).status_code == 409
    for _ in range(2):
        assert monitor.post(address, data=said | {"reason": "The programme was mended"}).status_code == 303
    assert {stored(house, one).state for one in (first, second)} == {"received"}
    assert [one[::2] for one in deeds(house)] == [("submissions.replay", "The programme was mended")]


def test_what_there_is_not_is_told_so(monitor: Door) -> None:
    assert monitor.get(f"{INBOX}/env_nothing").status_code == 404
    assert monitor.get(f"{INBOX}/{'x' * 500}").status_code == 404
    assert monitor.get(f"{INBOX}/env_%00").status_code == 404
