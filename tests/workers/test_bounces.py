"""Letters that come back: what is believed, what is shown, and who is not written to any more."""

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from adapters.database import bounces, envelopes, letters, outgoing, participants, suppressions
from adapters.database.engine import Database
from adapters.database.tables import (
    LETTER_KINDS,
    BounceRow,
    EnvelopeRow,
    LetterEventRow,
    LetterRow,
    ParticipantRow,
    SuppressionRow,
)
from adapters.tokens import BounceTokens
from domain.letters.headers import carried_address
from schemas.smtp import SmtpAnswer
from tests.domain.bounces import samples
from tests.domain.bounces.samples import plain, report, statuses
from tests.house import OLGA, House
from tests.workers.test_delivery import answering
from workers import bounces as judging
from workers import delivery, forgetting, housekeeping, intake
from workers.suppression import lift

ADDRESS = str(OLGA["email"])
MAILBOX = "bounces@mail.example.org"


def letter(house: House, about: str = "survivor-voices") -> LetterRow:
    """The one invitation to a session."""
    (row,) = [one for one in house.outbox("invitation") if one.about == about]
    return row


def sent(house: House, about: str = "survivor-voices", **changes: Any) -> LetterRow:
    """An invitation that the mail server has taken."""
    house.register(OLGA | {"sessions": [about]} | changes)
    return letter(house, about)


def address_of(house: House, row: LetterRow) -> str:
    return BounceTokens(house.toolbox.vault).address(MAILBOX, row.id)


def comes(house: House, raw: bytes, source: str = "bounce") -> EnvelopeRow:
    """A report comes, and is judged; its envelope."""
    clock = house.toolbox.clock
    with house.toolbox.database.write() as session:
        envelope = envelopes.record(
            session, house.toolbox.vault, conference="mail", source=source, delivery_id=f"d{next(house.numbers)}",
            content_type="message/rfc822", body=raw, now=clock.now(), machine_now=clock.machine_now(),
        ).id  # fmt: skip
    intake.judge(house.toolbox, envelope)
    return house.envelope(envelope)


def about(house: House, row: LetterRow, status: str, said: str = "", action: str = "failed") -> bytes:
    """A report about this letter, brought to its envelope sender."""
    return report(statuses(action, status, said), to=address_of(house, row), letter="Subject: Invitation\n")


def history(house: House, row: LetterRow) -> list[tuple[str, str | None]]:
    with house.toolbox.database.read() as session:
        rows = session.scalars(
            select(LetterEventRow).where(LetterEventRow.letter_id == row.id).order_by(LetterEventRow.id)
        )
        return [(one.state, one.reason) for one in rows]


def suppressed(house: House) -> list[tuple[str, str, str | None]]:
    with house.toolbox.database.read() as session:
        return [(one.reason, one.source, one.code) for one in suppressions.listed(session, 100) if not one.lifted_at]


def states(house: House, *kinds: str) -> list[tuple[str, str | None]]:
    """How letters of these kinds stand, in the order of the alphabet."""
    return sorted(((one.state, one.reason) for one in house.outbox(*kinds)), key=repr)


def test_a_letter_that_was_accepted_comes_back_and_both_are_shown(house: House) -> None:
    row = sent(house)
    envelope = comes(house, about(house, row, "5.1.1", "smtp; 550 5.1.1 no such user"))
    assert (envelope.state, envelope.participant_id) == ("accepted", None)
    assert history(house, row) == [("planned", None), ("sent", None), ("bounced", "hard-5.1.1")]
    row = letter(house)
    assert (row.state, row.sent_at is not None, row.bounced) == ("sent", True, "hard-5.1.1")
    with house.toolbox.database.read() as session:
        assert outgoing.counts(session)["alliance-2021", "invitation", "bounced"] == 1
        assert [one.id for one in outgoing.listed(session, states=["bounced"], limit=9)] == [row.id]
        assert outgoing.listed(session, states=["sent"], limit=9) == []


def test_the_next_letter_to_an_address_that_nobody_has_is_held_for_a_person(house: House) -> None:
    comes(house, about(house, sent(house), "5.1.1"))
    assert suppressed(house) == [("hard-bounce", "bounce", "5.1.1")]
    house.register(OLGA | {"sessions": ["day-1"]})
    assert states(house, "invitation") == [("held", "hard-bounce"), ("sent", None)]
    with house.toolbox.database.read() as session:
        assert outgoing.given_up(session)["invitation", "held", "hard-bounce"] == 1
    assert len(house.mail) == 1


def test_whoever_registers_again_with_the_address_is_not_freed_by_that(house: House) -> None:
    comes(house, about(house, sent(house), "5.1.1"))
    house.withdraw(ADDRESS)
    house.register(OLGA | {"sessions": ["survivor-voices", "day-1"]})
    letters = {(one.kind, one.about, one.state) for one in house.outbox("invitation", "withdrawal", "update")}
    assert letters == {
        ("invitation", "survivor-voices", "sent"), ("withdrawal", "survivor-voices", "held"),
        ("invitation", "day-1", "held"),
    }  # fmt: skip
    assert len(house.mail) == 1


def test_another_conference_does_not_write_to_the_address_either(house: House) -> None:
    comes(house, about(house, sent(house), "5.1.1"))
    with house.toolbox.database.read() as session:
        index = suppressions.index_of(house.toolbox.vault, ADDRESS.upper())
        assert suppressions.reasons(session, {index}, house.toolbox.clock.now()) == {index: {"hard-bounce"}}


def test_the_hash_of_a_suppressed_address_is_no_participants_hash(house: House) -> None:
    comes(house, about(house, sent(house), "5.1.1"))
    with house.toolbox.database.read() as session:
        indexes = {session.scalars(select(SuppressionRow.address_index)).one(),
                   session.scalars(select(ParticipantRow.address_index)).one()}  # fmt: skip
    assert len(indexes) == 2


@pytest.mark.parametrize(("status", "said"), [("5.7.1", "smtp; 550 5.7.1 blocked"), ("5.1.8", ""), ("5.3.4", ""),
                                              ("5.0.0", "smtp; 554 message refused as spam")])  # fmt: skip
def test_what_we_are_to_blame_for_suppresses_nobody_however_often(house: House, status: str, said: str) -> None:
    for session in ("survivor-voices", "day-1", "day-2"):
        comes(house, about(house, sent(house, session), status, said))
    assert suppressed(house) == []
    assert [one.bounced for one in house.outbox("invitation")] == [f"policy-{status}"] * 3


def test_a_refusal_without_a_reason_counts_with_the_second_letter(house: House) -> None:
    first = sent(house)
    for _ in range(2):
        comes(house, about(house, first, "5.0.0", "smtp; 550 no"))
    assert suppressed(house) == []
    comes(house, about(house, sent(house, "day-1"), "5.0.0", "smtp; 550 no"))
    assert suppressed(house) == [("refused-twice", "bounce", "5.0.0")]


def test_a_full_mailbox_is_given_up_after_three_letters_over_five_days(house: House) -> None:
    for day, session in ((1, "survivor-voices"), (3, "day-1"), (6, "day-2")):
        assert suppressed(house) == []
        house.at(f"2021-06-0{day}T09:30:00+02:00")
        comes(house, about(house, sent(house, session), "4.2.2", action="delayed"))
    assert suppressed(house) == [("mailbox-full", "bounce", "4.2.2")]
    house.at("2021-07-07T09:30:00+02:00")
    with house.toolbox.database.read() as reading:
        assert suppressions.count(reading, house.toolbox.clock.now()) == 0  # for thirty days


def test_a_letter_that_is_only_late_has_not_come_back(house: House) -> None:
    row = sent(house)
    comes(house, about(house, row, "4.4.1", action="delayed"))
    assert history(house, row)[-1] == ("deferred", "soft-4.4.1")
    assert letter(house).bounced is None


def test_the_same_told_twice_is_noted_once(house: House) -> None:
    row = sent(house)
    for _ in range(2):
        comes(house, about(house, row, "5.1.1"))
    assert history(house, row).count(("bounced", "hard-5.1.1")) == 1
    with house.toolbox.database.read() as session:
        assert bounces.counts(session) == {"hard": 1}


@pytest.mark.parametrize("action", ["delivered", "relayed", "expanded"])
def test_nobody_is_told_that_a_letter_was_delivered(house: House, action: str) -> None:
    row = sent(house)
    assert comes(house, about(house, row, "2.0.0", action=action)).state == "accepted"
    assert history(house, row)[-1] == ("sent", None)


def test_automatic_replies_are_taken_and_nothing_follows(house: House) -> None:
    row = sent(house)
    reply = plain(samples.AWAY, sender=ADDRESS, subject="Automatic reply", to=address_of(house, row))
    assert comes(house, reply).state == "accepted"
    assert (history(house, row)[-1], suppressed(house)) == (("sent", None), [])


def test_a_complaint_stops_reminders_and_nothing_else(house: House) -> None:
    row = sent(house)
    complaint = report(
        f"Feedback-Type: abuse\nOriginal-Mail-From: <{address_of(house, row)}>\n", kind="feedback-report",
        to="complaints@convenor.example.org",
    )  # fmt: skip
    comes(house, complaint)
    assert (history(house, row)[-1], suppressed(house)) == (("complained", "wish"), [("complaint", "bounce", None)])
    house.at("2021-06-14T09:30:00+02:00")
    house.deliver()
    assert set(states(house, "digest", "week-digest", "reminder")) <= {
        ("skipped", "muted"),
        ("planned", None),
        ("skipped", "too-late"),
    }
    assert ("skipped", "muted") in states(house, "digest", "week-digest", "reminder")
    house.withdraw(ADDRESS)
    assert states(house, "withdrawal") == [("sent", None)]


@pytest.mark.parametrize(
    "to", ["bounces@mail.example.org", "bounces+let-token@mail.example.org", "bounces+{other}@mail.example.org"]
)
def test_a_report_without_a_token_of_ours_is_not_believed(house: House, to: str) -> None:
    row = sent(house)
    forged = BounceTokens(house.toolbox.vault).of(row.id)
    to = to.format(other=forged[:-1] + ("a" if forged[-1] != "a" else "b"))
    envelope = comes(house, report(statuses("failed", "5.1.1"), to=to, letter="Subject: x\n"))
    assert (envelope.state, [one["code"] for one in envelope.reasons]) == ("rejected", ["not-of-a-letter"])
    assert (history(house, row)[-1], suppressed(house)) == (("sent", None), [])


def test_a_message_id_is_believed_with_the_letters_own_recipient_and_not_with_another(house: House) -> None:
    row = sent(house)
    returned = f"Message-ID: {row.message_id}\n"
    for recipient, state in (("boris@ngo.example.org", "rejected"), (ADDRESS.upper(), "accepted")):
        raw = report(statuses("failed", "5.1.1", recipient=f"rfc822; {recipient}"), to="x@example.org", letter=returned)
        assert comes(house, raw).state == state
    assert letter(house).bounced == "hard-5.1.1"


def test_a_report_about_an_international_address_is_about_its_owner(house: House) -> None:
    hers = "ольга@миссия.example.org"
    row = sent(house, email=hers)
    returned = f"Message-ID: {row.message_id}\n"
    raw = report(
        statuses("failed", "5.1.1", recipient=f"utf-8; {carried_address(hers)}"), kind="global-delivery-status",
        to="x@example.org", letter=returned, returned="message/global-headers",
    )  # fmt: skip
    envelope = comes(house, raw)
    assert (envelope.state, letter(house).bounced) == ("accepted", "hard-5.1.1")


def test_of_several_recipients_the_one_counts_whom_the_letter_was_for(house: House) -> None:
    row = sent(house)
    assistant = "Final-Recipient: rfc822; assistant@mission.example.org\nAction: failed\nStatus: 5.1.1\n"
    groups = f"{assistant}\n{statuses('delivered', '2.0.0', recipient=f'rfc822; {ADDRESS}')}"
    comes(house, report(groups, to=address_of(house, row)))
    assert letter(house).bounced is None


def test_what_is_no_report_is_kept_with_its_reason(house: House) -> None:
    envelope = comes(house, samples.ORDINARY)
    assert (envelope.state, [one["code"] for one in envelope.reasons]) == ("rejected", ["not-a-report"])


def test_a_refusal_at_once_counts_like_a_report(house: House) -> None:
    scripted, _ = answering(house, {ADDRESS: [SmtpAnswer("recipient", 550, "5.1.1")]})
    scripted.register(OLGA)
    assert suppressed(house) == [("hard-bounce", "smtp", "5.1.1")]
    assert history(house, letter(house)) == [("planned", None), ("failed", "smtp-550-5.1.1")]


def test_a_refusal_of_the_letter_itself_says_nothing_of_the_address(house: House) -> None:
    scripted, _ = answering(house, {ADDRESS: [SmtpAnswer("after-data", 554), SmtpAnswer("after-data", 554)]})
    scripted.register(OLGA)
    scripted.register(OLGA | {"sessions": ["day-1"]})
    assert suppressed(house) == []


def test_an_address_is_freed_by_a_person_and_what_was_held_goes_on_its_way(house: House) -> None:
    comes(house, about(house, sent(house), "5.1.1"))
    house.register(OLGA | {"sessions": ["day-1"]})
    clock, vault = house.toolbox.clock, house.toolbox.vault
    held = [row.id for row in house.outbox(*LETTER_KINDS) if row.state == "held"]
    house.at("2021-06-02T09:30:00+02:00")
    with house.toolbox.database.write() as session:
        (row,) = suppressions.listed(session, 9)
        assert lift(house.toolbox, session, row, suppressions.Lifting("A. Clerk", "spoke with her")) == len(held)
    house.deliver()
    assert [state for state, _ in states(house, "invitation")] == ["sent", "sent"]
    with house.toolbox.database.read() as session:
        (row,) = suppressions.listed(session, 9)
        assert (suppressions.lifting_of(row, vault), row.lifted_at) == (
            suppressions.Lifting("A. Clerk", "spoke with her"), clock.now(),
        )  # fmt: skip
        assert bounces.of_address(session, row.address_index) == []


def test_a_person_may_have_one_letter_tried_all_the_same(house: House) -> None:
    comes(house, about(house, sent(house), "5.1.1"))
    house.register(OLGA | {"sessions": ["day-1"]})
    clock = house.toolbox.clock
    with house.toolbox.database.write() as session:
        assert letters.replay(session, letter(house, "day-1").id, clock.now(), clock.machine_now())
    house.deliver()
    assert letter(house, "day-1").state == "sent"
    assert suppressed(house) == [("hard-bounce", "bounce", "5.1.1")]


def test_somebody_whose_address_cannot_be_opened_does_not_keep_another_from_being_freed(house: House) -> None:
    comes(house, about(house, sent(house), "5.1.1"))
    house.register(OLGA | {"sessions": ["day-1"]})
    freed = [row.id for row in house.outbox(*LETTER_KINDS) if row.state == "held"]
    lost = house.envelope(house.register(OLGA | {"email": "lost@mission.example.org"})).participant_id
    with house.toolbox.database.write() as session:
        theirs = update(LetterRow).where(LetterRow.participant_id == lost, LetterRow.state.in_(("planned", "claimed")))
        for state in ("claimed", "held"):
            session.execute(theirs.values(state=state, reason="hard-bounce"))
        session.get_one(ParticipantRow, lost).sealed_address = b"sealed with a key that is lost"
    with house.toolbox.database.write() as session:
        (row,) = suppressions.listed(session, 9)
        assert lift(house.toolbox, session, row, suppressions.Lifting("A. Clerk", "spoke with her")) == len(freed) > 0
    assert suppressed(house) == []
    held = [row for row in house.outbox(*LETTER_KINDS) if row.state == "held"]
    assert {row.participant_id for row in held} == {lost}


@pytest.mark.parametrize(
    "answer", [SmtpAnswer("recipient", 451, "4.7.1"), SmtpAnswer("connect"), SmtpAnswer("after-data")]
)
def test_a_letter_that_a_person_has_planned_again_is_tried_until_an_answer_is_final(
    house: House, answer: SmtpAnswer
) -> None:
    comes(house, about(house, sent(house), "5.1.1"))
    house.register(OLGA | {"sessions": ["day-1"]})
    clock = house.toolbox.clock
    with house.toolbox.database.write() as session:
        assert letters.replay(session, letter(house, "day-1").id, clock.now(), clock.machine_now())
    waiting, _ = answering(house, {OLGA["email"]: [answer]})
    waiting.deliver()
    assert (letter(house, "day-1").state, letter(house, "day-1").reason) == ("planned", str(answer))
    house.retry_now()
    house.deliver()
    assert letter(house, "day-1").state == "sent"


def test_what_is_put_back_untried_keeps_the_permission_and_what_was_last_answered(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    comes(house, about(house, sent(house), "5.1.1"))
    house.register(OLGA | {"sessions": ["day-1"]})
    clock = house.toolbox.clock
    with house.toolbox.database.write() as session:
        assert letters.replay(session, letter(house, "day-1").id, clock.now(), clock.machine_now())
    waiting, _ = answering(house, {OLGA["email"]: [SmtpAnswer("recipient", 451, "4.7.1")]})
    waiting.deliver()
    house.retry_now()
    monkeypatch.setattr(delivery, "WINDOW", timedelta(0))
    delivery.deliver_batch(house.toolbox)
    kept = letter(house, "day-1")
    assert (kept.state, kept.reason, kept.tries) == ("planned", "smtp-451-4.7.1", 1)
    monkeypatch.undo()
    house.deliver()
    assert letter(house, "day-1").state == "sent"


def test_a_letter_that_is_held_until_it_is_too_late_expires(house: House) -> None:
    comes(house, about(house, sent(house), "5.1.1"))
    house.register(OLGA | {"sessions": ["day-1"]})
    clock = house.toolbox.clock
    housekeeper = housekeeping.Housekeeper(house.toolbox)
    housekeeper._sweep({"intake": 0, "conferencing": 0}, clock.machine_now())
    assert letter(house, "day-1").state == "held"
    house.at("2021-07-20T09:00+02:00")
    housekeeper._sweep({"intake": 0, "conferencing": 0}, clock.machine_now())
    assert states(house, "invitation") == [("expired", "too-late"), ("sent", None)]
    with house.toolbox.database.read() as session:
        told = select(LetterEventRow.state).where(LetterEventRow.letter_id == letter(house, "day-1").id)
        assert list(session.scalars(told.order_by(LetterEventRow.id))) == ["planned", "held", "expired"]


def test_letters_stay_held_while_another_reason_holds_them(house: House) -> None:
    row = sent(house)
    for status in ("5.1.1", "5.0.0"):
        comes(house, about(house, row, status, "smtp; 550 no"))
    comes(house, about(house, sent_all_the_same(house, "day-2"), "5.0.0", "smtp; 550 no"))
    house.register(OLGA | {"sessions": ["day-1"]})
    with house.toolbox.database.write() as session:
        (hard,) = [one for one in suppressions.listed(session, 9) if one.reason == "hard-bounce"]
        assert lift(house.toolbox, session, hard, suppressions.Lifting("A. Clerk", "asked her")) == 0
    assert letter(house, "day-1").state == "held"


def sent_all_the_same(house: House, about: str) -> LetterRow:
    """An invitation to a suppressed address, sent by hand."""
    house.register(OLGA | {"sessions": [about]})
    clock = house.toolbox.clock
    with house.toolbox.database.write() as session:
        letters.replay(session, letter(house, about).id, clock.now(), clock.machine_now())
    house.deliver()
    return letter(house, about)


def test_a_freed_address_that_comes_back_is_suppressed_again(house: House) -> None:
    comes(house, about(house, sent(house), "5.1.1"))
    with house.toolbox.database.write() as session:
        lift(house.toolbox, session, suppressions.listed(session, 9)[0], suppressions.Lifting("A. Clerk", "why not"))
    house.at("2021-06-02T09:30:00+02:00")
    comes(house, about(house, sent(house, "day-1"), "5.1.1"))
    assert suppressed(house) == [("hard-bounce", "bounce", "5.1.1")]


def test_a_suppression_that_has_run_out_begins_anew(house: House) -> None:
    first = sent(house)
    comes(house, about(house, first, "5.1.1"))
    with house.toolbox.database.write() as session:
        session.execute(update(SuppressionRow).values(expires_at=house.toolbox.clock.now()))
    house.at("2021-06-02T09:30:00+02:00")
    comes(house, about(house, sent(house, "day-1"), "5.1.1"))
    with house.toolbox.database.read() as session:
        (row,) = suppressions.listed(session, 9)
    now = house.toolbox.clock.now()
    assert (row.since, row.expires_at, row.letter_id != first.id) == (now, now + timedelta(days=365), True)


def postmark(row: LetterRow, **changes: Any) -> bytes:
    event = {"RecordType": "Bounce", "ID": 1, "Type": "HardBounce", "Email": ADDRESS, "Details": "smtp;550 5.1.1 no",
             "Metadata": {"letter": row.id}}  # fmt: skip
    return json.dumps(event | changes).encode()


def test_an_event_of_postmarks_is_taken_for_what_it_says(house: House) -> None:
    row = sent(house)
    assert comes(house, postmark(row), "postmark").state == "accepted"
    assert (letter(house).bounced, suppressed(house)) == ("hard-5.1.1", [("hard-bounce", "postmark", "5.1.1")])


def test_an_event_that_names_a_letter_and_somebody_else_is_not_believed(house: House) -> None:
    row = sent(house)
    assert comes(house, postmark(row, Email="boris@ngo.example.org"), "postmark").state == "rejected"
    assert suppressed(house) == []


def test_an_event_of_mailguns_is_known_by_the_message_id(house: House) -> None:
    row = sent(house)
    event = {
        "event": "complained",
        "recipient": ADDRESS,
        "message": {"headers": {"message-id": row.message_id.strip("<>")}},
    }
    assert comes(house, json.dumps({"event-data": event}).encode(), "mailgun").state == "accepted"
    assert suppressed(house) == [("complaint", "mailgun", None)]
    with house.toolbox.database.read() as session:
        assert participants.is_muted(session, row.participant_id)


def test_postmark_is_told_the_letters_name_where_it_is_used(house: House) -> None:
    settings = house.toolbox.settings.model_copy(
        update={"hook_secrets": {"postmark": "a-fictitious-secret-of-some-length"}}
    )
    row = sent(replace(house, toolbox=replace(house.toolbox, settings=settings)))
    assert house.mail[0].message["X-PM-Metadata-letter"] == row.id
    assert house.mail[0].message["Message-ID"] == row.message_id


def test_other_servers_are_not(house: House) -> None:
    sent(house)
    assert "X-PM-Metadata-letter" not in house.mail[0].message


def test_reports_are_kept_for_thirty_days_at_most_and_cannot_be_judged_afterwards(house: House) -> None:
    judged, refused = comes(house, about(house, sent(house), "5.1.1")), comes(house, samples.ORDINARY)
    with house.toolbox.database.write() as session:
        ago = house.toolbox.clock.machine_now() - timedelta(days=29)
        session.execute(update(EnvelopeRow).where(EnvelopeRow.source == "bounce").values(machine_received=ago))
    forget(house)
    assert [len(house.envelope(one.id).sealed_body) > 0 for one in (judged, refused)] == [False, True]
    with house.toolbox.database.write() as session:
        ago -= timedelta(days=2)
        session.execute(update(EnvelopeRow).where(EnvelopeRow.source == "bounce").values(machine_received=ago))
    forget(house)
    assert house.envelope(refused.id).sealed_body == b""
    with house.toolbox.database.write() as session:
        assert not envelopes.replay(session, refused.id, house.toolbox.clock.machine_now())


def forget(house: House) -> None:
    database: Database = house.toolbox.database
    now = house.toolbox.clock.machine_now()
    with database.write() as session:
        envelopes.forget(session, now - forgetting.KEEP_ACCEPTED_ENVELOPES)
        envelopes.forget_reports(session, now - forgetting.KEEP_REPORTS)


def test_every_source_of_reports_has_a_reader() -> None:
    assert {*judging._READERS, "answer"} == set(envelopes.MAIL_SOURCES)


def test_nothing_of_a_report_is_kept_in_clear(house: House) -> None:
    comes(house, about(house, sent(house), "5.1.1", f"smtp; 550 5.1.1 <{ADDRESS}> unknown"))
    with house.toolbox.database.read() as session:
        rows = [*session.scalars(select(BounceRow)), *session.scalars(select(SuppressionRow)),
                *session.scalars(select(LetterEventRow))]  # fmt: skip
    assert rows
    assert not any(ADDRESS in repr(vars(row)) for row in rows)


def test_a_held_letter_is_replayed_by_hand_only_while_it_is_of_use(house: House) -> None:
    comes(house, about(house, sent(house), "5.1.1"))
    house.register(OLGA | {"sessions": ["day-1"]})
    held = next(row for row in house.outbox("invitation") if row.state == "held")
    house.at("2021-06-20T09:30:00+02:00")
    clock = house.toolbox.clock
    with house.toolbox.database.write() as session:
        assert not letters.replay(session, held.id, clock.now(), clock.machine_now())
