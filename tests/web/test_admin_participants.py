"""The monitor's pages of participants: somebody is found, masked, revealed with a reason, and helped."""

from typing import Any

import httpx2
import pytest

from adapters.database import audits, letters, participants, registrations
from adapters.database.audits import Audit
from adapters.database.tables import LetterRow, ParticipantRow
from domain.roles import Role, may
from schemas.draft import Draft
from schemas.registration import RegistrationData
from tests.web.conftest import Door, House
from tests.web.page import Page
from tests.web.street import NOW, PERSON
from tests.web.test_admin import log_in, tables
from web.admin.participants import DEEDS

LIST = "/admin/participants"
EMAIL = "amina.kovac@example.org"
HARMFUL = PERSON | {"full_name": "Amina <script>alert(1)</script>"}


@pytest.fixture
def amina(house: House) -> str:
    """Somebody who is registered, and whose invitation was refused; the participant's id."""
    data = RegistrationData.model_validate(HARMFUL)
    with house.toolbox.database.write() as session:
        person = participants.locked_or_created(session, house.toolbox.vault, "rivers-2026", data, NOW, NOW)
        registrations.add(
            session, participant_id=person.id, conference="rivers-2026", session_id="opening", attendance="in-person",
            interpretation=None, wants_link=False, machine_said=NOW, now=NOW, machine_now=NOW,
        )  # fmt: skip
        draft = Draft(kind="invitation", about="opening", revision=1, sessions=("opening",), due_at=NOW,
                      not_after=NOW.replace(year=2027))  # fmt: skip
        letters.add(session, person.id, "rivers-2026", "example.org", draft, NOW, NOW)
        session.flush()
        (letter,) = letters.of_participant(session, person.id, ["invitation"])
        letter.state = "claimed"
        session.flush()
        letter.state, letter.reason, letter.tries = "failed", "smtp-550-5.1.1", 1
        letters.note(session, letter.id, "failed", letter.reason, NOW, NOW)
        return person.id


@pytest.fixture
def monitor(house: House) -> Any:
    """Somebody who is logged in."""
    with house.door() as door:
        log_in(door)
        yield door


def token(door: Door, page: str) -> str:
    return Page(door.get(page).text).all("input", name="token")[-1]["value"]


def posted(door: Door, page: str, **fields: str) -> httpx2.Response:
    return door.post(page, data={"token": token(door, page), **fields})


def noted(house: House) -> list[Audit]:
    with house.toolbox.database.read() as session:
        return audits.listed(session, house.toolbox.vault, 10)


def as_a(role: Role, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever logs in has this role."""
    monkeypatch.setattr("web.admin.visits.may", lambda _, right: may(role, right))


def letter_of(house: House, participant: str) -> LetterRow:
    with house.toolbox.database.read() as session:
        return letters.of_participant(session, participant, ["invitation"])[-1]


def test_without_a_login_nobody_is_shown(house: House, amina: str) -> None:
    with house.door() as door:
        for answer in (door.get(LIST), door.get(f"{LIST}/{amina}"), door.post(f"{LIST}/{amina}", data={})):
            assert (answer.status_code, answer.headers["location"]) == (303, "/admin/login")


@pytest.mark.parametrize("by", ["address", "id", "letter", "message-id", "registration"])
def test_somebody_is_found_and_no_address_stands_in_an_address(
    monitor: Door, house: House, amina: str, by: str
) -> None:
    letter = letter_of(house, amina)
    with house.toolbox.database.read() as session:
        (place,) = registrations.of_participant(session, amina).values()
    given = {"address": EMAIL.upper(), "id": amina, "letter": letter.id, "message-id": letter.message_id,
             "registration": place.id}[by]  # fmt: skip
    answer = posted(monitor, LIST, given=f" {given} ")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{LIST}/{amina}")


def test_who_is_not_known_is_said_with_what_was_typed_kept_harmless(monitor: Door, amina: str) -> None:
    answer = posted(monitor, LIST, given='"><script>x@example.org')
    assert answer.status_code == 404
    assert "<script>" not in answer.text
    assert "Nobody is known by this." in Page(answer.text).text
    assert posted(monitor, LIST, given="").status_code == 404


def test_a_conferences_newest_are_listed_masked_and_by_pages(monitor: Door, house: House, amina: str) -> None:
    with house.toolbox.database.write() as session:
        for number in range(60):
            data = RegistrationData.model_validate(PERSON | {"email": f"person{number}@example.org"})
            participants.locked_or_created(session, house.toolbox.vault, "rivers-2026", data, NOW, NOW)
    seen = []
    address = f"{LIST}?conference=rivers-2026"
    while address:
        page = Page(monitor.get(address).text)
        seen += [row[0] for row in tables(page)["The newest of rivers-2026"][1:]]
        older = [one["href"] for one in page.all("a") if one.text == "Older"]
        address = older[0] if older else ""
    assert (len(seen), len(set(seen))) == (61, 61)
    assert amina in seen
    assert monitor.get(f"{LIST}?conference=elsewhere").status_code == 200


def test_why_somebody_got_nothing_stands_at_the_top_with_what_to_do(monitor: Door, amina: str) -> None:
    page = Page(monitor.get(f"{LIST}/{amina}").text)
    assert (
        "The mail server of example.org refused a letter on 2026-09-01 11:05 CEST. The recipient's mail server says "
        "that nobody has this address (550-5.1.1)."
    ) in page.text
    assert "Correct the address, or contact them by other means." in page.text
    assert page.text.index("What is the matter") < page.text.index("Their letters")


def test_the_page_is_masked(monitor: Door, amina: str) -> None:
    answer = monitor.get(f"{LIST}/{amina}")
    assert "a…@example.org" in answer.text
    assert not any(word in answer.text for word in ("amina.kovac", "Amina", "<script>"))
    assert answer.headers["cache-control"] == "no-store"


def test_it_is_revealed_once_with_a_reason_and_noted(monitor: Door, house: House, amina: str) -> None:
    page = f"{LIST}/{amina}"
    assert posted(monitor, page, deed="reveal", reason=" ").status_code == 422
    assert noted(house) == []
    shown = posted(monitor, page, deed="reveal", reason="She has called us")
    assert (shown.status_code, shown.headers["cache-control"]) == (200, "no-store")
    assert EMAIL in shown.text
    assert "Amina &lt;script&gt;" in shown.text
    (audit,) = noted(house)
    assert (audit.who, audit.action, audit.about, audit.reason) == (
        "admin:admin", "participant-revealed", amina, "She has called us",
    )  # fmt: skip
    assert EMAIL not in monitor.get(page).text


def test_find_correct_and_it_is_told_what_was_done(monitor: Door, house: House, amina: str) -> None:
    """The way of June: find why somebody got nothing, correct, and everything goes again."""
    page = posted(monitor, LIST, given=EMAIL).headers["location"]
    done = posted(monitor, page, deed="correct-address", address="amina@ngo.example.org", reason="A slip")
    told = Page(monitor.get(done.headers["location"]).text)
    assert "The address is corrected, and all links are renewed" in told.text
    assert "a…@ngo.example.org" in told.text
    assert "What is the matter" not in told.text
    assert letter_of(house, amina).state == "skipped"
    again = posted(monitor, page, deed="correct-address", address="amina@ngo.example.org", reason="A slip")
    assert "Nothing was changed. This is their address already." in monitor.get(again.headers["location"]).text
    assert [one.action for one in noted(house)] == ["address-corrected"]
    assert posted(monitor, LIST, given=EMAIL).headers["location"] == page


def test_what_is_said_of_another_participants_deed_is_not_shown(monitor: Door, house: House, amina: str) -> None:
    with house.toolbox.database.write() as session:
        audit = audits.note(session, house.toolbox.vault, who="cli:x", action="mail-held", about="par_other", now=NOW,
                            machine_now=NOW)  # fmt: skip
    for query in f"done={audit}", "done=99999999999999999999", "done=x", "said=<b>":
        assert 'role="status"' not in monitor.get(f"{LIST}/{amina}?{query}").text


def test_a_letter_of_somebody_else_is_not_sent_from_this_page(monitor: Door, house: House, amina: str) -> None:
    with house.toolbox.database.write() as session:
        data = RegistrationData.model_validate(PERSON | {"email": "other@example.org"})
        other = participants.locked_or_created(session, house.toolbox.vault, "rivers-2026", data, NOW, NOW).id
    done = posted(monitor, f"{LIST}/{other}", deed="resend", letter=letter_of(house, amina).id)
    assert done.headers["location"].endswith("?said=nobody")
    assert letter_of(house, amina).state == "failed"


def test_a_refused_letter_is_replayed_once(monitor: Door, house: House, amina: str) -> None:
    fields = {"deed": "resend", "letter": letter_of(house, amina).id}
    answers = [posted(monitor, f"{LIST}/{amina}", **fields).headers["location"] for _ in range(2)]
    assert "?done=" in answers[0]
    assert answers[1].endswith("?said=on-its-way")
    assert letter_of(house, amina).state == "planned"


def test_a_reason_that_somebody_has_typed_is_masked_like_the_name_that_may_stand_in_it(
    monitor: Door, house: House, amina: str
) -> None:
    page = f"{LIST}/{amina}"
    posted(monitor, page, deed="hold", reason="Amina Kovac, +43 1 000, has asked for it")
    masked = monitor.get(page).text
    assert ("a reason is kept" in masked, "Kovac" in masked) == (True, False)
    assert "Amina Kovac, +43 1 000" in posted(monitor, page, deed="reveal", reason="She has called us").text


@pytest.mark.parametrize("deed", [name for name, (_, needs_reason) in DEEDS.items() if needs_reason])
def test_what_changes_what_a_person_gets_needs_a_reason(monitor: Door, house: House, amina: str, deed: str) -> None:
    answer = posted(monitor, f"{LIST}/{amina}", deed=deed, address="x@example.org", session="opening", whose=amina)
    page = Page(answer.text)
    assert answer.status_code == 422
    assert page.by_id(f"why-{deed}")["aria-invalid"] == "true"
    assert noted(house) == []


@pytest.mark.parametrize("role", ["viewer", "auditor"])
def test_without_the_right_nobody_is_searched_or_shown(
    house: House, amina: str, monkeypatch: pytest.MonkeyPatch, role: Role
) -> None:
    with house.door() as door:
        log_in(door)
        form = token(door, LIST)
        as_a(role, monkeypatch)
        for answer in (door.get(LIST), door.get(f"{LIST}/{amina}"),
                       door.post(LIST, data={"token": form, "given": EMAIL})):  # fmt: skip
            assert answer.status_code == 403


@pytest.mark.parametrize("deed", DEEDS)
def test_an_operator_does_only_what_operators_may(
    house: House, amina: str, monkeypatch: pytest.MonkeyPatch, deed: str
) -> None:
    with house.door() as door:
        log_in(door)
        as_a("operator", monkeypatch)
        allowed = DEEDS[deed][0] == "operate"
        answer = posted(door, f"{LIST}/{amina}", deed=deed, reason="Because", address="b@example.org", whose=amina,
                        session="opening", language="fr", letter="let_none")  # fmt: skip
    assert answer.status_code == (303 if allowed else 403)
    assert allowed or noted(house) == []
    with house.toolbox.database.read() as session:
        assert session.get_one(ParticipantRow, amina).address_version == 1


def test_a_form_from_elsewhere_is_not_taken(monitor: Door, house: House, amina: str) -> None:
    answer = monitor.post(f"{LIST}/{amina}", data={"token": "forged", "deed": "hold", "reason": "x"})
    assert answer.status_code == 403
    assert posted(monitor, f"{LIST}/{amina}", deed="erase", reason="x").status_code == 422
    assert noted(house) == []


def test_who_is_not_there_is_not_found(monitor: Door) -> None:
    assert monitor.get(f"{LIST}/par_nobody").status_code == 404
