"""What an admin does for one participant: letters again, mail held, links, another address; each once, and audited."""

from typing import Any

import pytest
from sqlalchemy import update

from adapters.database import addresses, audits, participants, registrations
from adapters.database.audits import Audit
from adapters.database.tables import LetterRow, ParticipantRow, RegistrationRow
from domain.bounces.said import Notice
from tests.house import OLGA, House
from web.zoom_emulator.faults import Fault
from workers import invitation
from workers.attendant import Attendant
from workers.suppression import report

NEW = "olga.petrenko@ngo.example.org"
WHO, WHY = "admin:maria", "She wrote to us"
TWO = OLGA | {"sessions": ["survivor-voices", "community-policing"]}


def registered(house: House, data: dict[str, Any] = OLGA) -> str:
    """Somebody who has registered, and has their letters; the participant's id."""
    found = house.envelope(house.register(data)).participant_id
    assert found is not None
    return found


def go_on(house: House, participant: str) -> None:
    """What the corridor does of what was handed over."""
    house.tend(participant)
    invitation.write(house.toolbox, participant)
    house.deliver()


def noted(house: House) -> list[Audit]:
    with house.toolbox.database.read() as session:
        return audits.listed(session, house.toolbox.vault, 10)


def person(house: House, participant: str) -> ParticipantRow:
    with house.toolbox.database.read() as session:
        return session.get_one(ParticipantRow, participant)


def place(house: House, participant: str, session_id: str = "survivor-voices") -> RegistrationRow:
    with house.toolbox.database.read() as session:
        return registrations.of_participant(session, participant)[session_id]


def bounce(house: House, letter: LetterRow) -> None:
    """A report that nobody has the address which the letter went to."""
    with house.toolbox.database.write() as session:
        row = session.get_one(LetterRow, letter.id)
        address = addresses.of_letter(session, house.toolbox.vault, row)
        report(house.toolbox, session, row, address, Notice("bounced", enhanced="5.1.1", code=550), source="bounce")


def test_an_invitation_sent_again_has_the_same_entry_and_a_later_stamp_and_goes_once(house: House) -> None:
    registered(house)
    (letter,) = house.outbox("invitation")
    attendant = Attendant(house.toolbox)
    assert attendant.resend(letter.id, WHO, WHY).what == "letter-resent"
    assert attendant.resend(letter.id, WHO, WHY).what == "overtaken"
    house.deliver()
    assert attendant.resend(letter.id, WHO, WHY).what == "overtaken"
    first, second = (mail.event for mail in house.mail)
    assert house.kinds() == ["invitation", "invitation"]
    assert (first["UID"], first["SEQUENCE"]) == (second["UID"], second["SEQUENCE"])
    assert second.DTSTAMP is not None
    assert first.DTSTAMP is not None
    assert second.DTSTAMP > first.DTSTAMP
    (audit,) = noted(house)
    assert (audit.who, audit.action, audit.about, audit.reason) == (WHO, "letter-resent", letter.id, WHY)
    assert audit.details == {"kind": "invitation", "became": "written"}


def test_who_has_withdrawn_gets_the_cancellation_of_the_entry_again(house: House) -> None:
    registered(house)
    house.withdraw(OLGA["email"])
    (letter,) = house.outbox("withdrawal")
    assert Attendant(house.toolbox).resend(letter.id, WHO).what == "letter-resent"
    house.deliver()
    before, again = house.mail[-2:]
    assert house.kinds() == ["invitation", "withdrawal", "withdrawal"]
    assert again.calendar is not None
    assert str(again.calendar["METHOD"]) == "CANCEL"
    assert again.sequence == before.sequence


def test_a_confirmation_and_a_notice_go_again_too(house: House) -> None:
    registered(house, TWO)
    house.register({"email": OLGA["email"]}, kind="registration.links_requested")
    for kind in "confirmation", "notice":
        (letter,) = house.outbox(kind)
        assert Attendant(house.toolbox).resend(letter.id, WHO).what == "letter-resent"
    house.deliver()
    assert sorted(house.kinds()) == ["confirmation", "confirmation", "invitation", "invitation", "notice", "notice"]


def test_a_letter_that_is_on_its_way_or_nobodys_is_left_alone(house: House) -> None:
    house.process(house.receive(OLGA))
    (letter,) = house.outbox("invitation")
    assert Attendant(house.toolbox).resend(letter.id, WHO).what == "on-its-way"
    assert Attendant(house.toolbox).resend("let_nothing", WHO).what == "nobody"
    assert noted(house) == []


def test_mail_that_is_held_waits_until_it_is_released(house: House) -> None:
    one, attendant = registered(house), Attendant(house.toolbox)
    assert [attendant.hold(one, WHO, WHY).what for _ in range(2)] == ["mail-held", "held-already"]
    house.withdraw(OLGA["email"])
    (letter,) = house.outbox("withdrawal")
    assert (letter.state, letter.reason) == ("held", "held-by-hand")
    assert [attendant.release(one, WHO).what for _ in range(2)] == ["mail-released", "not-held"]
    house.deliver()
    assert house.kinds() == ["invitation", "withdrawal"]
    assert [(one.action, one.reason) for one in noted(house)] == [("mail-released", None), ("mail-held", WHY)]
    assert noted(house)[0].details == {"was": "held", "became": "going", "letters": 1}


def test_a_corrected_address_gets_everything_and_the_one_before_loses_its_entry(house: House) -> None:
    one = registered(house, TWO)
    before = place(house, one)
    done = Attendant(house.toolbox).correct_address(one, NEW, WHO, WHY)
    go_on(house, one)
    assert (done.what, done.details["letters"], done.details["calendars"]) == ("address-corrected", 3, 2)
    sent = house.mail[3:]
    to = {(str(mail.message["To"]).rpartition("<")[2].strip("<>"), kind)
          for mail, kind in zip(sent, house.kinds()[3:], strict=True)}  # fmt: skip
    assert to == {(OLGA["email"], "notice"), (NEW, "invitation"), (NEW, "confirmation")}
    for mail in sent:
        if mail.calendar is not None:
            is_old = str(mail.message["To"]) == OLGA["email"]
            assert str(mail.calendar["METHOD"]) == ("CANCEL" if is_old else "REQUEST")
            assert mail.sequence == before.sequence + 1
            assert ("Petrenko" in mail.text, "/r/" in mail.text) == (not is_old, not is_old)
    assert place(house, one).join_version == before.join_version + 1
    row = person(house, one)
    assert (row.page_version, row.calendar_version, row.address_version) == (2, 2, 2)
    (audit,) = noted(house)
    assert "olga" not in repr((audit.details, audit.reason)).lower()


def test_they_are_found_by_both_addresses_and_zoom_knows_the_new_one(house: House) -> None:
    one = registered(house)
    Attendant(house.toolbox).correct_address(one, NEW, WHO, WHY)
    go_on(house, one)
    with house.toolbox.database.read() as session:
        for address in OLGA["email"].upper(), NEW:
            (found,) = addresses.wearers(session, house.toolbox.vault, address, ["alliance-2021"])
            assert found.id == one
    assert [each["email"] for each in house.at_zoom("survivor-voices", "approved")] == [NEW]
    assert [each["email"] for each in house.at_zoom("survivor-voices", "denied")] == [OLGA["email"]]


def test_where_nothing_arrived_nothing_is_taken_out(house: House) -> None:
    one = registered(house)
    (letter,) = house.outbox("invitation")
    bounce(house, letter)
    done = Attendant(house.toolbox).correct_address(one, NEW, WHO, WHY)
    go_on(house, one)
    assert (done.details["letters"], done.details["calendars"]) == (1, 0)
    assert house.kinds() == ["invitation", "invitation"]
    assert NEW in str(house.mail[-1].message["To"])


def test_what_comes_back_later_from_the_old_address_is_not_held_against_the_new_one(house: House) -> None:
    one = registered(house)
    (letter,) = house.outbox("invitation")
    Attendant(house.toolbox).correct_address(one, NEW, WHO, WHY)
    go_on(house, one)
    bounce(house, letter)
    house.withdraw(NEW)
    assert [row.state for row in house.outbox("withdrawal")] == ["sent"]


def test_back_to_the_address_of_before(house: House) -> None:
    one, attendant = registered(house), Attendant(house.toolbox)
    for address in NEW, OLGA["email"]:
        assert attendant.correct_address(one, address, WHO, WHY).what == "address-corrected"
        go_on(house, one)
    assert [each["email"] for each in house.at_zoom("survivor-voices", "approved")] == [OLGA["email"]]
    last = {str(mail.message["To"]).rpartition("<")[2].strip(">"): str(mail.calendar["METHOD"])
            for mail in house.mail[-2:] if mail.calendar is not None}  # fmt: skip
    assert last == {NEW: "CANCEL", OLGA["email"]: "REQUEST"}


@pytest.mark.parametrize(
    ("typed", "code"), [("no address", "not-an-address"), (OLGA["email"].upper(), "same"), ("t@example.org", "taken")]
)
def test_what_is_no_address_or_somebodys_changes_nothing(house: House, typed: str, code: str) -> None:
    one = registered(house)
    registered(house, OLGA | {"email": "t@example.org"})
    assert Attendant(house.toolbox).correct_address(one, typed, WHO, WHY).what == code
    assert noted(house) == []
    assert person(house, one).address_version == 1


def test_while_a_letter_is_being_handed_over_the_address_stays(house: House) -> None:
    one = registered(house)
    house.process(house.receive({"email": OLGA["email"]}, kind="registration.withdrawn"))
    with house.toolbox.database.write() as session:
        session.execute(update(LetterRow).where(LetterRow.state == "planned").values(state="claimed"))
    assert Attendant(house.toolbox).correct_address(one, NEW, WHO, WHY).what == "on-its-way"


def test_a_letter_that_had_failed_goes_to_the_corrected_address(house: House) -> None:
    one = registered(house)
    house.process(house.receive({"email": OLGA["email"]}, kind="registration.links_requested"))
    for state in "claimed", "failed":
        with house.toolbox.database.write() as session:
            of_it = update(LetterRow).where(LetterRow.kind == "notice")
            session.execute(of_it.values(state=state, reason="smtp-550-5.1.1"))
    Attendant(house.toolbox).correct_address(one, NEW, WHO, WHY)
    go_on(house, one)
    (mail,) = [mail for mail, kind in zip(house.mail, house.kinds(), strict=True)
               if kind == "notice" and mail.calendar is None]  # fmt: skip
    assert NEW in str(mail.message["To"])


def test_withdrawn_by_hand_once_and_told(house: House) -> None:
    one, attendant = registered(house, TWO), Attendant(house.toolbox)
    done = [attendant.withdraw(one, ["survivor-voices"], WHO, WHY) for _ in range(2)]
    go_on(house, one)
    assert [each.what for each in done] == ["withdrawn-by-hand", "so-already"]
    assert done[0].details == {"sessions": ["survivor-voices"]}
    assert house.kinds()[-1] == "withdrawal"


def test_another_language_is_told_and_noted(house: House) -> None:
    one, attendant = registered(house), Attendant(house.toolbox)
    done = [attendant.prefer_language(one, "fr", WHO, WHY) for _ in range(2)]
    go_on(house, one)
    assert [each.what for each in done] == ["language-changed", "so-already"]
    assert done[0].details == {"was": "en", "became": "fr"}
    assert house.mail[-1].message["Content-Language"] == "fr"


def test_links_are_renewed_and_revoked_and_noted(house: House) -> None:
    one, attendant = registered(house, TWO), Attendant(house.toolbox)
    (own,) = [place(house, one).id]
    assert attendant.renew_joining(own, WHO).details == {"sessions": ["survivor-voices"]}
    assert len(attendant.revoke_joining(one, WHO, WHY).details["sessions"]) == 2
    assert attendant.renew_page(one, WHO).what == "page-address-renewed"
    assert attendant.renew_calendar(one, WHO).what == "calendar-address-renewed"
    assert attendant.renew_joining("reg_nothing", WHO).what == "nobody"
    assert [(each.action, each.about) for each in reversed(noted(house))] == [
        ("join-address-renewed", own), ("join-address-revoked", one), ("page-address-renewed", one),
        ("calendar-address-renewed", one),
    ]  # fmt: skip
    assert (place(house, one).join_version, person(house, one).page_version) == (3, 2)


def test_the_address_of_before_is_kept_sealed(house: House) -> None:
    one = registered(house)
    Attendant(house.toolbox).correct_address(one, NEW, WHO, WHY)
    with house.toolbox.database.read() as session:
        (former,) = addresses.formers_of(session, one)
        assert addresses.former(former, house.toolbox.vault) == OLGA["email"]
        assert b"olga" not in former.sealed_address
        assert participants.address(session.get_one(ParticipantRow, one), house.toolbox.vault) == NEW


def test_letters_go_again_to_an_address_that_works_after_all_and_it_is_noted_once(house: House) -> None:
    participant = registered(house)
    bounce(house, house.outbox("invitation")[0])
    house.register(OLGA | {"sessions": ["community-policing"]})
    attendant, before = Attendant(house.toolbox), len(house.mail)
    done = attendant.lift(participant, WHO, WHY)
    assert attendant.lift(participant, WHO, WHY).what == "not-suppressed"
    house.deliver()
    (audit,) = noted(house)
    assert (done.audit, audit.who, audit.action, audit.about, audit.reason) == (
        audit.id, WHO, "suppression-lifted", participant, WHY,
    )  # fmt: skip
    assert audit.details["was"] == ["hard-bounce"]
    assert len(house.mail) - before == audit.details["letters"] > 0


def test_a_wish_for_no_reminders_is_not_lifted_by_hand(house: House) -> None:
    participant = registered(house)
    (letter,) = house.outbox("invitation")
    with house.toolbox.database.write() as session:
        row = session.get_one(LetterRow, letter.id)
        report(house.toolbox, session, row, str(OLGA["email"]), Notice("complained"), source="mail-hook")
    assert Attendant(house.toolbox).lift(participant, WHO, WHY).what == "not-suppressed"
    assert noted(house) == []


def test_zoom_is_asked_again_for_whom_it_refused_and_the_invitation_goes(house: House) -> None:
    fault = Fault(kind="case", case="validation_failed", endpoint="add-registrant", times=None)
    refuses = house.zoom.emulator.inject(fault)
    participant = registered(house)
    house.zoom.emulator.forget(fault=refuses)
    attendant = Attendant(house.toolbox)
    assert (house.kinds(), [one.held for one in house.registrants()]) == ([], [True])
    done = attendant.ask_zoom(participant, WHO)
    house.tend_all()
    assert (done.what, house.kinds()) == ("zoom-asked", ["invitation"])
    assert attendant.ask_zoom(participant, WHO).what == "nothing-at-zoom"
    (audit,) = noted(house)
    assert (audit.who, audit.details) == (WHO, {"sessions": ["survivor-voices"], "was": ["zoom-300-invalid"]})
