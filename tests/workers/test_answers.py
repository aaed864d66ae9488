"""What calendars answer: noted, in order, and never more than a note and one letter."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select

from adapters.database import answers, envelopes
from adapters.database.tables import AnswerRow, EnvelopeRow, RegistrationRow
from adapters.ids import entry_uid
from adapters.tokens import PageTokens
from tests.domain.answers import samples
from tests.domain.answers.samples import attendee, calendar, event, mail
from tests.house import OLGA, House
from workers import intake
from workers.forgetting import forget
from workers.mailbox import receive_answer

SESSION = "survivor-voices"
once = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what no database decides."""

FIRST, LATER = "20210601T073500Z", "20210601T081500Z"


@pytest.fixture
def invited(house: House) -> House:
    """A house where Olga has her invitation."""
    house.register(OLGA)
    return house


def uid_of(house: House) -> str:
    return str(house.mail[0].event["UID"])


def place(house: House) -> RegistrationRow:
    with house.toolbox.database.read() as session:
        return session.scalars(select(RegistrationRow)).one()


def noted(house: House) -> list[tuple[str, int, str]]:
    """Answers in the order in which they were noted: what, of which SEQUENCE, when."""
    with house.toolbox.database.read() as session:
        rows = session.scalars(select(AnswerRow).order_by(AnswerRow.id))
        return [(row.partstat, row.sequence, f"{row.dtstamp:%Y%m%dT%H%M%SZ}") for row in rows]


def a_reply(house: House, partstat: str = "DECLINED", *, stamp: str = FIRST, sequence: int = 0, uid: str | None = None,
            address: str = f"mailto:{OLGA['email']}", method: str = "REPLY", more: str = "",
            head: str = samples.HEAD) -> bytes:  # fmt: skip
    """An answer to Olga's invitation, as Thunderbird and its like send it."""
    said = event(
        attendee(partstat, address), uid=uid or uid_of(house), stamp=f"DTSTAMP:{stamp}\n",
        sequence=f"SEQUENCE:{sequence}\n", more=more,
    )  # fmt: skip
    return mail(calendar(said, method=f"METHOD:{method}\n"), f"text/calendar; method={method}", head=head)


def answered(house: House, raw: bytes) -> EnvelopeRow:
    """The envelope of an answer that came, judged; letters about it are sent."""
    receipt = receive_answer(house.toolbox, raw)
    assert receipt is not None
    intake.judge(house.toolbox, receipt.id)
    house.deliver()
    return house.envelope(receipt.id)


def reasons(row: EnvelopeRow) -> list[str]:
    return [one["code"] for one in row.reasons]


def counts(house: House) -> dict[str, int]:
    with house.toolbox.database.read() as session:
        return {partstat: number for (_, _, partstat), number in answers.counts(session).items()}


@once
@pytest.mark.parametrize("said", ["ACCEPTED", "TENTATIVE"])
def test_an_acceptance_is_noted_and_answered_with_nothing(invited: House, said: str) -> None:
    row = answered(invited, a_reply(invited, said))
    assert (row.state, row.source, row.conference, row.participant_id) == ("accepted", "answer", "mail", None)
    assert noted(invited) == [(said.lower(), 0, FIRST)]
    assert counts(invited) == {said.lower(): 1}
    assert invited.kinds() == ["invitation"]


def test_a_decline_is_a_note_and_a_letter_and_the_registration_stays(invited: House) -> None:
    before = place(invited)
    answered(invited, a_reply(invited))
    after = place(invited)
    assert (after.state, after.revision, after.sequence, after.link) == ("registered", before.revision, 0, "present")
    assert counts(invited) == {"declined": 1}
    assert invited.kinds() == ["invitation", "notice"]
    letter = invited.mail[-1]
    assert letter.message["To"].addresses[0].addr_spec == OLGA["email"]
    assert str(letter.message["Subject"]).startswith("Declined in your calendar: ")
    assert letter.message["Auto-Submitted"] == "auto-generated"
    assert letter.calendar is None
    page = PageTokens(invited.toolbox.vault).of(after.participant_id, 1)
    assert f"http://127.0.0.1:8080/r/{page}" in letter.text.splitlines()


@once
def test_reminders_go_on_after_a_decline(invited: House) -> None:
    planned = {(one.kind, one.state) for one in invited.outbox("reminder", "digest", "week-digest")}
    assert planned
    answered(invited, a_reply(invited))
    assert {(one.kind, one.state) for one in invited.outbox("reminder", "digest", "week-digest")} == planned


def test_one_letter_a_day_is_written_however_often_somebody_declines(invited: House) -> None:
    for moment, stamp, letters in (
        ("2021-06-01T09:40:00+02:00", "20210601T074000Z", 1),
        ("2021-06-01T09:41:00+02:00", "20210601T074100Z", 1),
        ("2021-06-02T09:39:59+02:00", "20210602T073900Z", 1),
        ("2021-06-02T09:40:00+02:00", "20210602T074000Z", 2),
    ):
        invited.at(moment)
        answered(invited, a_reply(invited, stamp=stamp))
        assert invited.kinds().count("notice") == letters
    assert [row.revision for row in invited.outbox("notice")] == [1, 2]


def test_an_answer_that_comes_twice_is_one(invited: House) -> None:
    raw = a_reply(invited)
    first, second = answered(invited, raw), answered(invited, raw)
    other_way = answered(invited, raw.replace(b"Subject", b"X-Way: another\r\nSubject"))
    assert (first.id == second.id, first.id == other_way.id, other_way.state) == (True, False, "accepted")
    assert noted(invited) == [("declined", 0, FIRST)]
    assert invited.kinds().count("notice") == 1


def test_an_older_answer_that_comes_later_has_no_say(invited: House) -> None:
    answered(invited, a_reply(invited, "ACCEPTED", stamp=LATER))
    assert answered(invited, a_reply(invited, stamp=FIRST)).state == "accepted"
    assert (noted(invited), counts(invited)) == ([("accepted", 0, LATER)], {"accepted": 1})
    assert invited.kinds() == ["invitation"]


def test_sequence_comes_before_dtstamp(invited: House) -> None:
    invited.withdraw(OLGA["email"], SESSION)
    invited.register(OLGA)
    sequence = place(invited).sequence
    assert sequence > 0
    answered(invited, a_reply(invited, "TENTATIVE", sequence=sequence, stamp=FIRST))
    answered(invited, a_reply(invited, "ACCEPTED", sequence=sequence - 1, stamp=LATER))
    assert noted(invited) == [("tentative", sequence, FIRST)]


@once
def test_within_one_second_the_answer_that_came_later_holds(invited: House) -> None:
    answered(invited, a_reply(invited, "ACCEPTED"))
    answered(invited, a_reply(invited))
    assert counts(invited) == {"declined": 1}


@once
def test_whoever_answers_from_the_future_has_not_the_say_for_ever(invited: House) -> None:
    answered(invited, a_reply(invited, "ACCEPTED", stamp="29990101T000000Z", sequence=999_999_999))
    answered(invited, a_reply(invited, stamp="29990101T000001Z", sequence=0))
    assert [(partstat, sequence) for partstat, sequence, _ in noted(invited)] == [("accepted", 0), ("declined", 0)]


def test_a_change_of_mind_before_the_letter_has_gone_makes_it_needless(invited: House) -> None:
    receipt = receive_answer(invited.toolbox, a_reply(invited))
    assert receipt is not None
    intake.judge(invited.toolbox, receipt.id)
    answered(invited, a_reply(invited, "ACCEPTED", stamp=LATER))
    assert [(row.state, row.reason) for row in invited.outbox("notice")] == [("skipped", "not-attending")]
    assert counts(invited) == {"accepted": 1}


def test_who_takes_the_answer_back_has_given_none(invited: House) -> None:
    answered(invited, a_reply(invited))
    now = invited.toolbox.clock.now()
    with invited.toolbox.database.write() as session:
        assert answers.take_back(session, place(invited).id, now)
        assert not answers.take_back(session, place(invited).id, now)
        assert not answers.take_back(session, "reg_nobodys", now)
    assert counts(invited) == {}
    answered(invited, a_reply(invited))  # the same mail, by another way
    assert counts(invited) == {}


@once
def test_who_says_on_the_own_page_to_attend_has_taken_the_answer_back(invited: House) -> None:
    answered(invited, a_reply(invited))
    said = {"email": OLGA["email"], "places": [{"session": SESSION, "attendance": "online", "interpretation": "ru"}]}
    invited.register(said, kind="registration.preferences")
    assert (counts(invited), place(invited).state) == ({}, "registered")
    assert invited.kinds() == ["invitation", "notice"]


@once
def test_who_has_spoken_while_the_decline_waited_to_be_read_has_not_declined(invited: House) -> None:
    receipt = receive_answer(invited.toolbox, a_reply(invited))
    assert receipt is not None
    said = {"email": OLGA["email"], "places": [{"session": SESSION, "attendance": "online", "interpretation": "ru"}]}
    invited.register(said, kind="registration.preferences")
    intake.judge(invited.toolbox, receipt.id)
    assert (counts(invited), noted(invited)) == ({}, [("declined", 0, FIRST)])
    assert invited.outbox("notice") == []


@once
def test_who_registers_anew_has_not_declined(invited: House) -> None:
    answered(invited, a_reply(invited))
    invited.withdraw(OLGA["email"], SESSION)
    invited.register(OLGA)
    assert (counts(invited), place(invited).state) == ({}, "registered")


@once
def test_an_acceptance_is_not_taken_back(invited: House) -> None:
    answered(invited, a_reply(invited, "ACCEPTED"))
    with invited.toolbox.database.write() as session:
        assert not answers.take_back(session, place(invited).id, invited.toolbox.clock.now())
    assert counts(invited) == {"accepted": 1}


@once
def test_who_has_withdrawn_is_not_asked(invited: House) -> None:
    raw = a_reply(invited)
    invited.withdraw(OLGA["email"], SESSION)
    answered(invited, raw)
    assert [kind for kind in invited.kinds() if kind == "notice"] == []
    assert (len(noted(invited)), counts(invited)) == (1, {})


@once
def test_nobody_is_asked_about_a_session_that_is_over(invited: House) -> None:
    invited.at("2021-06-17T12:00:00+02:00")
    answered(invited, a_reply(invited))
    assert invited.outbox("notice") == []


@once
def test_a_machine_that_declines_is_noted_and_not_written_to(invited: House) -> None:
    answered(invited, a_reply(invited, head=samples.HEAD + "Auto-Submitted: auto-replied\r\n"))
    assert (counts(invited), invited.outbox("notice")) == ({"declined": 1}, [])


@once
def test_our_own_letter_sent_back_is_no_answer(invited: House) -> None:
    answered(invited, a_reply(invited))
    for letter in invited.mail:
        assert receive_answer(invited.toolbox, letter.source) is None


def test_another_time_is_kept_sealed_and_nobody_is_written_to(invited: House) -> None:
    answered(invited, a_reply(invited, "DECLINED", method="COUNTER", more="COMMENT:Rather on Tuesday?\n"))
    assert (counts(invited), invited.outbox("notice")) == ({"countered": 1}, [])
    with invited.toolbox.database.read() as session:
        ((row, registration),) = answers.to_look_at(session, 10)
        said = json.loads(answers.comment(row, invited.toolbox.vault) or "")
    assert registration.session == SESSION
    assert said == {
        "words": "Rather on Tuesday?",
        "proposed": "2021-06-14T18:00:00+02:00[Europe/Vienna]/2021-06-14T19:00:00+02:00[Europe/Vienna]",
        "instead": None,
    }
    assert row.sealed_comment is not None
    assert b"Tuesday" not in row.sealed_comment


@once
def test_who_sends_a_deputy_is_noted(invited: House) -> None:
    raw = a_reply(invited, "DELEGATED").replace(b"ROLE=", b'DELEGATED-TO="mailto:deputy@mission.example.org";ROLE=')
    answered(invited, raw.replace(b"\r\n ", b""))
    assert (counts(invited), invited.outbox("notice")) == ({"delegated": 1}, [])


@once
def test_an_address_is_known_however_it_is_written(invited: House) -> None:
    for address in ("MAILTO:Olga@Mission.Example.ORG", "mailto:olga%40mission.example.org", "olga@mission.example.org",
                    "mailto:<olga@mission.example.org>"):  # fmt: skip
        assert answered(invited, a_reply(invited, "ACCEPTED", address=address)).state == "accepted", address


@once
def test_an_international_address_is_known_in_both_its_forms(house: House) -> None:
    for number, (registered, answering) in enumerate((
        ("olga@bücher.example.org", "olga@xn--bcher-kva.example.org"),
        ("robin@xn--bcher-kva.example.org", "robin@BÜCHER.example.org"),
        ("ольга@mission.example.org", "%D0%BE%D0%BB%D1%8C%D0%B3%D0%B0@mission.example.org"),
    ), start=1):  # fmt: skip
        house.process(house.receive(OLGA | {"email": registered}))
        answered(house, a_reply(house, "ACCEPTED", address=f"mailto:{answering}", uid=entry_of(house)))
        assert counts(house) == {"accepted": number}


def entry_of(house: House) -> str:
    """The UID, where no letter can say it."""
    with house.toolbox.database.read() as session:
        in_force = house.toolbox.shelf.get(session, "alliance-2021")
    assert in_force is not None
    return entry_uid(house.toolbox.vault, "alliance-2021", SESSION, in_force.calendar_domain)


def test_somebody_who_is_not_registered_is_dropped(invited: House) -> None:
    row = answered(invited, a_reply(invited, address="mailto:stranger@mission.example.org"))
    assert (row.state, reasons(row)) == ("rejected", ["not-of-a-registration"])
    assert noted(invited) == []


@once
def test_who_is_registered_for_another_session_is_not_known_by_this_one(invited: House) -> None:
    invited.register({**OLGA, "email": "pat@ngo.example.org", "sessions": ["day-1"]})
    row = answered(invited, a_reply(invited, address="mailto:pat@ngo.example.org"))
    assert (row.state, noted(invited)) == ("rejected", [])


@once
def test_the_sender_is_not_looked_at(invited: House) -> None:
    assistant = samples.HEAD.replace("olga@mission", "assistant@mission")
    assert answered(invited, a_reply(invited, "ACCEPTED", head=assistant)).state == "accepted"
    stranger = a_reply(invited, address="mailto:stranger@mission.example.org")
    assert answered(invited, stranger).state == "rejected"


def test_each_attendee_has_an_answer_of_their_own(invited: House) -> None:
    invited.register({**OLGA, "email": "pat@ngo.example.org"})
    both = attendee("ACCEPTED", "mailto:pat@ngo.example.org") + attendee("TENTATIVE", f"mailto:{OLGA['email']}")
    answered(invited, mail(calendar(event(both, uid=uid_of(invited), sequence="")), samples.PLAIN))
    assert counts(invited) == {"accepted": 1, "tentative": 1}


def test_the_join_link_that_comes_back_is_sealed_and_gone_after_thirty_days(invited: House) -> None:
    raw = a_reply(invited, "ACCEPTED")
    row = answered(invited, raw)
    assert samples.LINK.encode() in raw.replace(b"\r\n ", b"")
    assert samples.LINK[:20].encode() not in row.sealed_body
    with invited.toolbox.database.read() as session:
        assert envelopes.opened(row, invited.toolbox.vault).body == raw
    with invited.toolbox.database.write() as session:
        session.get_one(EnvelopeRow, row.id).machine_received = datetime.fromisoformat("2021-01-01T00:00:00+00:00")
    forget()
    assert invited.envelope(row.id).sealed_body == b""


@once
@pytest.mark.parametrize(
    "changed",
    [{"uid": "event@elsewhere.example.org"}, {"partstat": "NEEDS-ACTION"}, {"method": "REQUEST"},
     {"method": "DECLINECOUNTER"}],
)  # fmt: skip
def test_what_is_no_answer_to_us_is_not_kept(invited: House, changed: dict[str, Any]) -> None:
    assert receive_answer(invited.toolbox, a_reply(invited, **changed)) is None


@once
def test_nothing_of_an_answer_is_in_the_log(invited: House, capfd: pytest.CaptureFixture[str]) -> None:
    for raw in (a_reply(invited, more="COMMENT:I am ill\n"), a_reply(invited, address="mailto:stranger@example.org")):
        answered(invited, raw)
    said: Sequence[str] = capfd.readouterr()
    for secret in ("olga", "Petrenko", "stranger", "zoom.example", "ill\n", "Voices", uid_of(invited)[:32]):
        assert not any(secret in one for one in said), secret
