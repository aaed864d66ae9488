"""What letters carry for joining: our page or Zoom's own link; sent again on request, renewed, and revoked."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from adapters.database import receipts, registrations
from adapters.database.tables import LetterRow, RegistrationRow
from adapters.tokens import JoinTokens
from config.settings import ROOT
from tests.house import OLGA, House, Mail, a_house
from workers import invitation
from workers.app import desk
from workers.correspondence import Correspondence
from workers.links import renew_join_address, revoke_join_address

ASK: dict[str, Any] = {"kind": "registration.links_requested"}
EMAIL = {"email": OLGA["email"]}


def places(house: House) -> dict[str, RegistrationRow]:
    with house.toolbox.database.read() as session:
        return {row.session: row for row in session.scalars(select(RegistrationRow))}


def page_of(house: House, session_id: str = "survivor-voices") -> str:
    row = places(house)[session_id]
    return f"http://127.0.0.1:8080/j/{JoinTokens(house.toolbox.vault).of(row.id, row.join_version)}"


def zoom_of(house: House, session_id: str = "survivor-voices") -> str:
    link = registrations.join_link(places(house)[session_id], house.toolbox.vault)
    assert link is not None
    return link


def everything_in(mail: Mail) -> str:
    """Text, HTML and calendar entry, decoded."""
    parts = [part.get_payload(decode=True) for part in mail.message.walk() if not part.is_multipart()]
    return "".join(part.decode().replace("\r\n ", "") for part in parts if isinstance(part, bytes))


def test_letter_and_entry_carry_the_join_page_and_zooms_link_nowhere(house: House) -> None:
    house.register(OLGA)
    (mail,) = house.mail
    page = page_of(house)
    assert (mail.event["LOCATION"], mail.event["URL"]) == (page, page)
    assert page in str(mail.event["DESCRIPTION"])
    assert page in mail.text.splitlines()
    assert f'href="{page}"' in everything_in(mail)
    assert zoom_of(house).partition("?")[0] not in everything_in(mail)


@pytest.mark.parametrize(("visibility", "is_zooms"), [("standard", True), ("discreet", False)])
def test_where_the_programme_says_so_letters_carry_zooms_link_but_never_to_who_wants_them_discreet(
    tmp_path: Path, database_url: str, visibility: str, is_zooms: bool
) -> None:
    with a_house(tmp_path, database_url, conferences=with_zooms_links(tmp_path)) as house:
        house.register(OLGA | {"visibility": visibility})
        (mail,) = house.mail
        expected, other = (zoom_of(house), page_of(house)) if is_zooms else (page_of(house), zoom_of(house))
        assert (mail.event["LOCATION"], mail.event["URL"]) == (expected, expected)
        assert other.partition("?")[0] not in everything_in(mail)


def with_zooms_links(folder: Path) -> Path:
    """The conference of 2021, with Zoom's own links in its letters."""
    programme = (ROOT / "config" / "conferences" / "alliance-2021.yaml").read_text("utf-8")
    programmes = folder / "programmes"
    programmes.mkdir()
    (programmes / "alliance-2021.yaml").write_text(f"{programme}\nlink_in_letters: zoom\n", "utf-8")
    return programmes


def test_a_second_try_is_the_same_letter_to_the_byte(house: House) -> None:
    house.register(OLGA | {"sessions": ["survivor-voices", "day-1"]})
    house.register(EMAIL, **ASK)
    with house.toolbox.database.read() as session:
        rows = list(session.scalars(select(LetterRow).where(LetterRow.state == "sent")))
    now = house.toolbox.clock.now()
    for _ in range(2):
        with house.toolbox.database.read() as session:
            correspondence = Correspondence.of(house.toolbox, session, rows)
        again = {row.message_id: desk().write(correspondence.order(row, now)).message for row in rows}
        assert {mail.message["Message-ID"]: mail.source for mail in house.mail} == again


def test_who_asks_gets_one_letter_with_the_times_and_links_of_all_that_is_to_come(house: House) -> None:
    house.register(OLGA | {"sessions": ["survivor-voices", "community-policing", "protecting-children"]})
    house.withdraw(OLGA["email"], "protecting-children")
    house.register({"email": OLGA["email"].upper()}, **ASK)
    letter = house.mail[-1]
    assert house.kinds()[-1] == "notice"
    assert (
        letter.message["Subject"]
        == "Your links for joining: 21st Conference of the Alliance against Trafficking in Persons"
    )
    assert letter.calendar is None
    said = letter.text.splitlines()
    assert page_of(house) in said
    assert page_of(house, "community-policing") in said
    assert page_of(house, "protecting-children") not in said
    assert "18:00–19:30 Vienna time (CEST, UTC+2)" in said
    (row,) = house.outbox("notice")
    assert (row.about, row.due_at, (row.not_after - row.due_at).total_seconds()) == (
        "links", house.toolbox.clock.now(), 86400,
    )  # fmt: skip


def test_an_address_gets_one_such_letter_an_hour_and_three_a_day_however_often_it_is_asked_for(house: House) -> None:
    house.register(OLGA)
    for moment, letters in (
        ("2021-06-02T09:59:58+02:00", 1),
        ("2021-06-02T10:00:01+02:00", 1),  # another hour of the clock
        ("2021-06-02T10:59:57+02:00", 1),
        ("2021-06-02T10:59:58+02:00", 2),
        ("2021-06-02T12:00:00+02:00", 3),
        ("2021-06-02T20:00:00+02:00", 3),
        ("2021-06-03T09:59:57+02:00", 3),
        ("2021-06-03T09:59:58+02:00", 4),
        ("2021-06-03T10:59:58+02:00", 5),
        ("2021-06-03T11:59:58+02:00", 5),
        ("2021-06-03T12:00:00+02:00", 6),
    ):
        house.at(moment)
        for _ in range(3):
            house.register(EMAIL, **ASK)
        assert house.kinds().count("notice") == letters


def test_letters_that_were_numbered_by_the_hour_are_followed_by_others(house: House) -> None:
    house.register(OLGA)
    house.register(EMAIL, **ASK)
    with house.toolbox.database.write() as session:
        session.execute(update(LetterRow).where(LetterRow.kind == "notice").values(revision=451_000))
    house.at("2021-06-02T09:00:00+02:00")
    house.register(EMAIL, **ASK)
    assert [row.revision for row in house.outbox("notice")] == [451_000, 451_001]


@pytest.mark.parametrize("who", ["withdrawn", "over"])
def test_who_attends_nothing_any_more_gets_the_address_of_the_own_page(house: House, who: str) -> None:
    house.register(OLGA)
    if who == "withdrawn":
        house.withdraw(OLGA["email"])
    house.at("2021-06-15T19:29:59+02:00" if who != "over" else "2021-07-16T12:00:00+02:00")
    house.register(EMAIL, **ASK)
    letter = house.mail[-1]
    assert str(letter.message["Subject"]).startswith("Your own page: 21st Conference of the Alliance")
    assert "You are not registered for any session to come." in " ".join(letter.text.split())
    assert (letter.text.count("/r/"), letter.text.count("/j/"), letter.calendar) == (1, 0, None)


def test_who_attends_nothing_and_wants_discreet_letters_gets_one(house: House) -> None:
    house.register(OLGA | {"visibility": "discreet"})
    house.withdraw(OLGA["email"])
    house.register(EMAIL, **ASK)
    letter = house.mail[-1]
    assert letter.message["Subject"] == "Your own page: Online meeting"
    assert not any(word in everything_in(letter) for word in ("Alliance", "Survivor"))


@pytest.mark.parametrize("who", ["nobody", "long ago"])
def test_where_there_is_nothing_to_send_the_request_is_accepted_all_the_same(house: House, who: str) -> None:
    if who != "nobody":
        house.register(OLGA)
    house.at("2021-06-15T19:29:59+02:00" if who == "nobody" else "2021-07-17T12:00:00+02:00")
    asked = house.register(EMAIL, **ASK)
    with house.toolbox.database.read() as session:
        found = receipts.outcome(session, asked)
    assert house.envelope(asked).state == "accepted"
    assert found is not None
    assert found.reasons == []
    assert house.outbox("notice") == []


def test_a_session_that_has_begun_is_still_to_be_joined(house: House) -> None:
    house.register(OLGA)
    house.at("2021-06-15T19:29:00+02:00")
    house.register(EMAIL, **ASK)
    assert page_of(house) in house.mail[-1].text


def test_what_is_over_when_the_letter_goes_is_not_in_it(house: House) -> None:
    house.register(OLGA | {"sessions": ["survivor-voices", "community-policing"]})
    house.at("2021-06-15T12:59:00+02:00")
    house.process(house.receive(EMAIL, **ASK))
    house.at("2021-06-15T23:00:00+02:00")
    house.deliver()
    assert page_of(house) not in house.mail[-1].text
    assert page_of(house, "community-policing") in house.mail[-1].text


def test_a_discreet_person_gets_a_discreet_letter(house: House) -> None:
    house.register(OLGA | {"visibility": "discreet"})
    house.register(EMAIL, **ASK)
    letter = house.mail[-1]
    assert letter.message["Subject"] == "Your links for joining: Online meeting"
    assert page_of(house) in letter.text
    assert not any(word in everything_in(letter) for word in ("Alliance", "Survivor", "interpretation"))


def test_a_renewed_address_is_told_and_comes_into_the_calendar(house: House) -> None:
    envelope = house.register(OLGA)
    before, sequence = page_of(house), house.mail[0].sequence
    participant = changed(house, envelope, renew=True)
    invitation.write(house.toolbox, participant)
    house.deliver()
    update, page = house.mail[-1], page_of(house)
    assert house.kinds() == ["invitation", "update"]
    assert update.message["Subject"].startswith("New link for joining: Ensuring Survivor Voices")
    assert "the earlier one no longer works" in " ".join(update.text.split())
    assert (update.event["URL"], update.event["LOCATION"], update.sequence) == (page, page, sequence + 1)
    assert before != page
    assert before not in everything_in(update)


def test_an_address_that_was_never_told_is_renewed_without_a_word(house: House) -> None:
    with house.zoom_away():
        envelope = house.register(OLGA)
    before = page_of(house)
    changed(house, envelope, renew=True)
    row = places(house)["survivor-voices"]
    assert (row.join_version, row.revision, row.changes) == (2, 1, [])
    assert page_of(house) != before


def test_a_revoked_address_is_told_to_nobody(house: House) -> None:
    envelope = house.register(OLGA)
    before = page_of(house)
    participant = changed(house, envelope, renew=False)
    invitation.write(house.toolbox, participant)
    house.deliver()
    assert house.kinds() == ["invitation"]
    assert page_of(house) != before


def changed(house: House, envelope: str, *, renew: bool) -> str:
    """Renew or revoke the one registration's address; the participant's id."""
    participant = house.envelope(envelope).participant_id
    assert participant is not None
    with house.toolbox.database.write() as session:
        (row,) = registrations.of_participant(session, participant, lock=True).values()
        if renew:
            renew_join_address(row, house.toolbox.clock.now())
        else:
            revoke_join_address(row)
    return participant


def test_nobodys_address_stands_anywhere_but_in_the_sealed_envelope(house: House) -> None:
    """P1."""
    envelope = house.envelope(house.receive({"email": "marker@example.org"}, **ASK))
    assert "marker" not in json.dumps({
        column.name: repr(getattr(envelope, column.name)) for column in envelope.__table__.columns
    })  # fmt: skip
