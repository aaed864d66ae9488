"""The pages of letters: filters, what can be done about them, failures by reason, replays shown first; pauses."""

from datetime import timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy import update

from adapters.database import audits, envelopes, letters, outbox, participants, pauses, suppressions
from adapters.database.tables import LetterRow
from schemas.draft import Draft
from schemas.registration import RegistrationData
from tests.web.conftest import Door, House
from tests.web.page import Page
from tests.web.street import NOW, PERSON
from tests.web.test_admin import log_in, tables

HOUR = timedelta(hours=1)


def a_letter(
    house: House, number: int = 0, *, kind: str = "notice", state: str = "planned", reason: str | None = None,
    bounced: str | None = None, useful_for: timedelta = 2 * HOUR, language: str | None = None,
) -> str:  # fmt: skip
    """A letter to a person of that number, in this state; its id."""
    toolbox = house.toolbox
    said = {"email": f"person{number}@example.org", "language": language}
    with toolbox.database.write() as session:
        data = RegistrationData.model_validate(PERSON | said)
        person = participants.locked_or_created(session, toolbox.vault, "rivers-2026", data, NOW, NOW)
        about = "opening"
        draft = Draft(kind=kind, about=about, revision=1, sessions=("opening",), due_at=NOW + number * HOUR,
                      not_after=NOW + useful_for)  # fmt: skip
        assert letters.add(session, person.id, "rivers-2026", "example.org", draft, NOW, NOW)
        (row,) = [one for one in letters.of_participant(session, person.id, [kind]) if one.about == about]
        if state != "planned":
            session.execute(update(LetterRow).where(LetterRow.id == row.id).values(state="claimed"))
            went = {"sent_at": NOW} if state == "sent" else {}
            ended = {"state": state, "reason": reason, "bounced": bounced, "tries": 1, **went}
            session.execute(update(LetterRow).where(LetterRow.id == row.id).values(**ended))
        return row.id


def row_of(house: House, letter: str) -> LetterRow:
    with house.toolbox.database.read() as session:
        return session.get_one(LetterRow, letter)


def noted(house: House) -> list[tuple[str, str, str | None]]:
    with house.toolbox.database.read() as session:
        return [(one.who, one.action, one.reason) for one in audits.listed(session, house.toolbox.vault, 20)]


def posted(door: Door, address: str, **fields: Any) -> httpx2.Response:
    token = Page(door.get(address).text).all("input", name="token")[-1]["value"]
    return door.post(address, data={"token": token, **fields})


def listed(door: Door, query: str = "") -> list[str]:
    """Ids of the letters on the page, in order."""
    found = tables(Page(door.get(f"/admin/outbox?{query}").text))
    rows = next(rows for caption, rows in found.items() if caption.startswith("Letters"))
    return [row[0] for row in rows[1:] if row[0].startswith("let_")]


@pytest.fixture
def monitor(door: Door) -> Door:
    assert log_in(door).status_code == 303
    return door


def test_letters_are_filtered_by_what_they_are_and_by_whom_they_are_for(monitor: Door, house: House) -> None:
    planned = a_letter(house, 0)
    failed = a_letter(house, 1, state="failed", reason="smtp-550", language="fr")
    bounced = a_letter(house, 2, kind="confirmation", state="sent", bounced="hard-5.1.1")
    assert listed(monitor) == [bounced, failed, planned]
    assert listed(monitor, "state=planned&conference=rivers-2026&session=opening") == [planned]
    assert listed(monitor, "state=bounced") == [bounced]
    assert listed(monitor, "state=sent") == []
    assert listed(monitor, "kind=notice") == [failed, planned]
    assert listed(monitor, "language=fr") == [failed]
    assert listed(monitor, "language=en") == [bounced, planned]
    assert listed(monitor, "reason=smtp-550") == [failed]
    assert listed(monitor, "session=another") == []
    assert listed(monitor, "from=2026-09-01T12:05") == [bounced, failed]  # by the clocks of Vienna
    assert listed(monitor, "until=2026-09-01T12:05") == [planned]
    for nonsense in ("from=yesterday", "state=nonsense", "after=x~y", "from=9999-99-99T00:00"):
        assert len(listed(monitor, nonsense)) == 3
    assert monitor.get("/admin/outbox?kind=%00").status_code == 400
    assert listed(monitor, "kind=%3Cscript%3E&reason=%22%3E%3Cscript%3E") == []


@pytest.mark.parametrize("few", [0, 1, 2000], ids=["many", "one", "few"])
def test_letters_to_readers_of_a_language_are_found_however_many_read_it(
    monitor: Door, house: House, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(outbox, "_FEW", few)
    failed = a_letter(house, 1, state="failed", reason="smtp-550", language="fr")
    bounced = a_letter(house, 2, kind="confirmation", state="sent", bounced="smtp-550", language="fr")
    planned = a_letter(house, 3)
    assert listed(monitor, "language=fr") == [bounced, failed]
    assert listed(monitor, "language=fr&state=bounced") == [bounced]
    assert listed(monitor, "language=fr&state=failed&conference=rivers-2026") == [failed]
    assert listed(monitor, "language=fr&reason=smtp-550") == [bounced, failed]
    assert listed(monitor, "language=en&reason=smtp-550") == []
    assert listed(monitor, "language=en") == [planned]
    assert listed(monitor, "language=ru") == []


def test_a_list_goes_on_where_its_page_ended(monitor: Door, house: House) -> None:
    written = [a_letter(house, number) for number in range(53)]
    first = listed(monitor, "state=planned")
    assert first == written[:50]
    (link,) = [one for one in Page(monitor.get("/admin/outbox?state=planned").text).all("a") if "after=" in one["href"]]
    assert listed(monitor, link["href"].partition("?")[2]) == written[50:]


def test_nobodys_address_or_name_stands_on_the_page(monitor: Door, house: House) -> None:
    a_letter(house)
    text = monitor.get("/admin/outbox").text
    assert "person0" not in text
    assert str(PERSON["full_name"]) not in text


def test_what_is_held_waits_until_it_is_released_and_both_are_noted(monitor: Door, house: House) -> None:
    letter = a_letter(house)
    for _ in range(2):
        assert posted(monitor, "/admin/outbox", id=letter, deed="hold", reason="Wrong hall").status_code == 303
    assert (row_of(house, letter).state, row_of(house, letter).reason) == ("held", "by-hand")
    assert "A person holds it." in monitor.get("/admin/outbox").text
    for _ in range(2):
        assert posted(monitor, "/admin/outbox", id=letter, deed="release").status_code == 303
    assert (row_of(house, letter).state, row_of(house, letter).replayed) == ("planned", False)
    assert noted(house) == [
        ("admin:admin", "letters.release", None), ("admin:admin", "letters.hold", "Wrong hall"),
    ]  # fmt: skip


def test_holding_needs_a_reason_and_every_deed_a_letter(monitor: Door, house: House) -> None:
    letter = a_letter(house)
    assert posted(monitor, "/admin/outbox", id=letter, deed="hold").status_code == 422
    assert posted(monitor, "/admin/outbox", deed="retry").status_code == 422
    assert posted(monitor, "/admin/outbox", id=letter, deed="explode").status_code == 422
    assert row_of(house, letter).state == "planned"
    assert monitor.post("/admin/outbox", data={"id": letter, "deed": "hold", "reason": "x"}).status_code == 403


def test_a_letter_that_waits_for_another_try_is_tried_at_once(monitor: Door, house: House) -> None:
    letter = a_letter(house)
    later = house.clock.machine_now() + HOUR
    with house.toolbox.database.write() as session:
        session.execute(update(LetterRow).values(machine_try_after=later))
    answer = posted(monitor, "/admin/outbox", id=letter, deed="retry")
    assert answer.headers["location"] == "/admin/outbox?done=retry-1"
    assert row_of(house, letter).machine_try_after is None
    assert posted(monitor, "/admin/outbox", id=letter, deed="retry").headers["location"].endswith("retry-0")


def test_failures_stand_by_reason_with_what_they_mean_and_what_helps(monitor: Door, house: House) -> None:
    a_letter(house, 0, state="failed", reason="smtp-550-5.1.1")
    a_letter(house, 1, state="failed", reason="smtp-550-5.1.1")
    a_letter(house, 2, state="sent", bounced="policy-5.7.1")
    a_letter(house, 3, state="skipped", reason="superseded")
    found = tables(Page(monitor.get("/admin/failures").text))["Failures by reason"]
    assert [(row[0], row[2], row[4], row[5]) for row in found[1:]] == [
        ("The recipient's mail server says that nobody has this address. smtp-550-5.1.1", "failed", "2", "2"),
        ("It came back: a mail server refuses what we send. policy-5.7.1", "bounced", "1", "1"),
    ]  # fmt: skip


REPLAY = "/admin/failures/replay?state=failed&reason=smtp-550"


def test_a_replay_says_first_what_it_would_do_and_then_does_that_once(monitor: Door, house: House) -> None:
    """Of the letters one is over and one is suppressed."""
    going = a_letter(house, 0, kind="not-understood", state="failed", reason="smtp-550")
    house_rejects(house, going)
    a_letter(house, 1, state="failed", reason="smtp-550", useful_for=-HOUR)
    suppressed = a_letter(house, 2, state="failed", reason="smtp-550")
    index = suppressions.index_of(house.toolbox.vault, "person2@example.org")
    with house.toolbox.database.write() as session:
        suppressions.suppress(session, index, reason="hard-bounce", source="smtp", code=None, letter_id=suppressed,
                              now=NOW, until=NOW + 9 * HOUR)  # fmt: skip
    page = Page(monitor.get(REPLAY).text)
    assert "This would send 1 letter to 1 person." in page.text
    assert tables(page)["What would not go, and why"][1:] == [
        ["They would come too late.", "1"], ["Their addresses are not written to any more.", "1"],
    ]  # fmt: skip
    digest = page.one("input", name="digest")["value"]
    assert posted(monitor, REPLAY, digest=digest).status_code == 422
    said = {"digest": digest, "reason": "The relay was wrong"}
    token = page.all("input", name="token")[-1]["value"]
    answers = [monitor.post(REPLAY, data=said | {"token": token}).headers["location"] for _ in range(2)]
    assert answers == ["/admin/failures?replayed=1", "/admin/failures?replayed=0"]
    assert (row_of(house, going).state, row_of(house, suppressed).state) == ("planned", "failed")
    assert noted(house) == [("admin:admin", "letters.replay", "The relay was wrong")]
    assert "had been done already" in monitor.get("/admin/failures?replayed=0").text


def house_rejects(house: House, letter: str) -> None:
    """Let there be a rejected envelope that a letter of the kind not-understood is about."""
    toolbox = house.toolbox
    with toolbox.database.write() as session:
        receipt = envelopes.record(
            session, toolbox.vault, conference="rivers-2026", source="standard", delivery_id=letter,
            content_type="application/json", body=b"{}", now=NOW, machine_now=NOW,
        )  # fmt: skip
        row = envelopes.take(session, receipt.id)
        assert row is not None
        envelopes.settle(row, "rejected", NOW)
        session.execute(update(LetterRow).where(LetterRow.id == letter).values(about=receipt.id))


def test_a_replay_of_which_others_would_go_by_now_is_refused_and_shown_anew(monitor: Door, house: House) -> None:
    going = a_letter(house, 0, kind="not-understood", state="failed", reason="smtp-550")
    house_rejects(house, going)
    page = Page(monitor.get(REPLAY).text)
    digest, token = page.one("input", name="digest")["value"], page.all("input", name="token")[-1]["value"]
    other = a_letter(house, 1, kind="not-understood", state="failed", reason="smtp-550")
    house_rejects(house, other)
    refused = monitor.post(REPLAY, data={"token": token, "digest": digest, "reason": "again"})
    assert (refused.status_code, "This would send 2 letters" in refused.text) == (409, True)
    assert row_of(house, going).state == "failed"
    assert noted(house) == []


def test_chosen_letters_are_led_to_their_replay(monitor: Door, house: House) -> None:
    letter = a_letter(house, 0, state="failed", reason="smtp-550")
    answer = posted(monitor, "/admin/outbox", id=letter, deed="replay")
    assert answer.headers["location"] == f"/admin/failures/replay?id={letter}"


def test_all_mail_is_paused_with_a_reason_and_every_page_says_so_until_it_goes_on(monitor: Door, house: House) -> None:
    assert posted(monitor, "/admin/pauses", what="mail", deed="pause").status_code == 422
    assert posted(monitor, "/admin/pauses", what="everything", deed="pause", reason="x").status_code == 422
    for _ in range(2):
        assert posted(monitor, "/admin/pauses", what="mail", deed="pause", reason="Wrong address").status_code == 303
    with house.toolbox.database.read() as session:
        assert pauses.in_force(session) == {"mail"}
    for page in ("/admin/", "/admin/outbox", "/admin/places"):
        assert "All mail is paused." in monitor.get(page).text
    for _ in range(2):
        assert posted(monitor, "/admin/pauses", what="mail", deed="resume").status_code == 303
    assert "All mail is paused." not in monitor.get("/admin/").text
    assert noted(house) == [("admin:admin", "resume", None), ("admin:admin", "pause", "Wrong address")]
