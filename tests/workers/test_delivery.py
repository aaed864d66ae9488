"""Letters that are due: claimed, handed to a real mail server, and their outcome recorded."""

import errno
import os
from collections.abc import Generator, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from sqlalchemy import select, update

from adapters.database import claims, letters
from adapters.database.engine import DatabaseUnavailable
from adapters.database.tables import LetterEventRow, LetterRow
from adapters.journal import Journal, Journals
from adapters.processes import identity
from adapters.smtp import Parcel, Postman
from adapters.tokens import BounceTokens
from cli.catcher import MailCatcher
from config.settings import load_settings
from domain.letters.model import Order
from schemas.outcome import Outcome
from schemas.smtp import SmtpAnswer
from tests.house import OLGA, House
from workers import delivery, rounds
from workers.correspondence import Correspondence
from workers.housekeeping import Housekeeper
from workers.traffic import Traffic


class ScriptedPostman(Postman):
    """A mail server that answers as scripted, by recipient; every other letter is taken."""

    def __init__(self, real: Postman, answers: dict[str, list[SmtpAnswer]]) -> None:
        self._real = real
        self._answers = answers
        self.offered: list[tuple[str, bytes]] = []
        self.brought: list[tuple[str, str]] = []

    def hand_over(self, parcels: Iterable[Parcel]) -> Generator[tuple[Parcel, SmtpAnswer], None, None]:
        for parcel in parcels:
            self.offered.append((parcel.recipient, parcel.message))
            self.brought.append((parcel.sender, parcel.recipient))
            waiting = self._answers.get(parcel.recipient)
            if waiting:
                yield parcel, waiting.pop(0)
            else:
                yield from self._real.hand_over([parcel])

    def close(self) -> None:
        self._real.close()


@pytest.fixture
def people(house: House) -> House:
    """Three people whose invitations are due."""
    for name in ("anna", "boris", "clara"):
        house.process(house.receive(OLGA | {"email": f"{name}@ngo.example.org", "full_name": name.title()}))
    return house


def answering(house: House, answers: dict[str, list[SmtpAnswer]]) -> tuple[House, ScriptedPostman]:
    postman = ScriptedPostman(house.toolbox.postman, answers)
    return replace(house, toolbox=replace(house.toolbox, postman=postman)), postman


def states(house: House) -> dict[str, int]:
    found = [row.state for row in house.outbox("invitation")]
    return {state: found.count(state) for state in set(found)}


def history(house: House, letter: LetterRow) -> list[tuple[str, str | None]]:
    with house.toolbox.database.read() as session:
        rows = session.scalars(
            select(LetterEventRow).where(LetterEventRow.letter_id == letter.id).order_by(LetterEventRow.id)
        )
        return [(row.state, row.reason) for row in rows]


def test_one_refused_recipient_does_not_hold_up_the_others(people: House) -> None:
    house, _ = answering(people, {"boris@ngo.example.org": [SmtpAnswer("recipient", 550, "5.1.1")]})
    house.deliver()
    assert states(house) == {"sent": 2, "failed": 1}
    (failed,) = [row for row in house.outbox("invitation") if row.state == "failed"]
    assert (failed.reason, history(house, failed)) == (
        "smtp-550-5.1.1",
        [("planned", None), ("failed", "smtp-550-5.1.1")],
    )


def test_a_temporary_refusal_is_tried_again_as_the_same_letter(people: House) -> None:
    house, postman = answering(people, {"boris@ngo.example.org": [SmtpAnswer("recipient", 451, "4.7.1")]})
    house.deliver()
    assert states(house) == {"sent": 2, "planned": 1}
    assert house.due() == 0
    house.retry_now()
    house.deliver()
    assert states(house) == {"sent": 3}
    tries = [message for recipient, message in postman.offered if recipient == "boris@ngo.example.org"]
    assert len(tries) == 2
    assert tries[0] == tries[1]


def test_a_connection_lost_after_the_letter_went_over_is_repeated_with_the_same_message_id(people: House) -> None:
    house, postman = answering(people, {"anna@ngo.example.org": [SmtpAnswer("after-data")]})
    house.deliver()
    house.retry_now()
    house.deliver()
    tries = [message for recipient, message in postman.offered if recipient == "anna@ngo.example.org"]
    assert tries[0] == tries[1]
    assert states(house) == {"sent": 3}


def test_when_the_server_is_away_the_rest_of_the_batch_is_put_back_and_counts_as_no_try(people: House) -> None:
    away = {f"{name}@ngo.example.org": [SmtpAnswer("connect")] for name in ("anna", "boris", "clara")}
    house, postman = answering(people, away)
    delivery.deliver_batch(house.toolbox)
    assert len(postman.offered) == 1
    rows = house.outbox("invitation")
    assert sorted((row.state, row.tries, row.reason) for row in rows) == [
        ("planned", 0, None), ("planned", 0, None), ("planned", 1, "server-not-reached"),
    ]  # fmt: skip
    assert house.due() == 0  # the rest waits a little: the server is not knocked at once for each


def test_a_failed_letter_can_be_replayed(people: House) -> None:
    house, _ = answering(people, {"boris@ngo.example.org": [SmtpAnswer("recipient", 550, "5.1.1")]})
    house.deliver()
    (failed,) = [row for row in house.outbox("invitation") if row.state == "failed"]
    clock = house.toolbox.clock
    with house.toolbox.database.write() as session:
        assert letters.replay(session, failed.id, clock.now(), clock.machine_now())
    house.deliver()
    assert states(house) == {"sent": 3}


def test_an_update_waits_for_its_invitation_that_is_still_being_tried(house: House) -> None:
    waiting, postman = answering(house, {"olga@mission.example.org": [SmtpAnswer("recipient", 451)]})
    waiting.register(OLGA)
    with house.toolbox.database.write() as session:
        for row in session.scalars(select(LetterRow).where(LetterRow.kind == "invitation")):
            row.state, row.leased_by = "claimed", "elsewhere"
            row.machine_leased_until = house.toolbox.clock.machine_now() + timedelta(minutes=1)
    waiting.register(OLGA | {"interpretation": "es"})
    assert [row.state for row in house.outbox("invitation", "update")] == ["claimed", "planned"]
    assert len(postman.offered) == 1


def test_a_letter_that_comes_too_late_expires_and_is_not_sent(house: House) -> None:
    house.process(house.receive(OLGA))
    house.at("2021-06-15T19:30:01+02:00")
    house.deliver()
    assert [(row.state, row.reason) for row in house.outbox("invitation")] == [("expired", "too-late")]
    assert house.kinds() == []


CYRILLIC = OLGA | {"email": "ольга@mission.example.org"}


def test_an_address_that_needs_smtputf8_gets_its_letter_where_the_server_has_it(house: House) -> None:
    house.register(CYRILLIC)
    (letter,) = house.mail
    assert "<ольга@mission.example.org>\r\n".encode() in letter.source
    assert letter.event["ATTENDEE"] == "mailto:ольга@mission.example.org"
    assert [(row.state, row.reason) for row in house.outbox("invitation")] == [("sent", None)]


@pytest.fixture
def plain(house: House, tmp_path: Path) -> Iterator[House]:
    """A house whose mail server is without SMTPUTF8."""
    catcher = MailCatcher(tmp_path / "plain", smtputf8=False)
    catcher.start()
    postman = Postman(load_settings(smtp_url=catcher.url).smtp, 5.0, "x.example.org")
    yield replace(house, toolbox=replace(house.toolbox, postman=postman), catcher=catcher)
    postman.close()
    catcher.stop()


def test_where_the_server_lacks_smtputf8_the_letter_is_set_aside_for_a_person_with_its_reason(plain: House) -> None:
    plain.register(CYRILLIC)
    plain.register(OLGA)
    assert sorted((row.state, row.reason) for row in plain.outbox("invitation")) == [
        ("failed", "address-needs-smtputf8"), ("sent", None),
    ]  # fmt: skip
    assert [mail.message["To"].addresses[0].addr_spec for mail in plain.mail] == ["olga@mission.example.org"]


def test_a_letter_set_aside_so_can_be_replayed_to_another_server(plain: House, house: House) -> None:
    plain.register(CYRILLIC)
    (failed,) = plain.outbox("invitation")
    clock = house.toolbox.clock
    with house.toolbox.database.write() as session:
        assert letters.replay(session, failed.id, clock.now(), clock.machine_now())
    house.deliver()
    assert house.kinds() == ["invitation"]


@pytest.mark.parametrize("other", ["Ольга@mission.example.org", "ОЛЬГА@MISSION.example.org"])
def test_an_address_beyond_ascii_is_known_again_in_whatever_case(house: House, other: str) -> None:
    house.register(CYRILLIC)
    house.register(CYRILLIC | {"email": other})
    assert house.kinds() == ["invitation"]


def test_reports_of_non_delivery_go_to_an_address_that_names_the_letter_at_each_try(people: House) -> None:
    settings = people.toolbox.settings.model_copy(update={"mail_bounces": "bounces@mail.example.org"})
    bouncing = replace(people, toolbox=replace(people.toolbox, settings=settings))
    house, postman = answering(bouncing, {"boris@ngo.example.org": [SmtpAnswer("recipient", 451, "4.7.1")]})
    house.deliver()
    house.retry_now()
    house.deliver()
    tokens = BounceTokens(house.toolbox.vault)
    tried = [tokens.letter_at(sender) for sender, recipient in postman.brought if recipient == "boris@ngo.example.org"]
    assert len(tried) == 2
    assert len(set(tried)) == 1
    named = [tokens.letter_at(sender) for sender, _ in postman.brought]
    assert {f"<{letter}@convenor.example.org>" for letter in named} == {
        mail.message["Message-ID"] for mail in house.mail
    }


def test_without_an_address_for_them_reports_of_non_delivery_go_to_the_sender(people: House) -> None:
    house, postman = answering(people, {})
    house.deliver()
    assert {sender for sender, _ in postman.brought} == {"secretariat@convenor.example.org"}


def test_who_has_lost_the_lease_records_nothing(house: House) -> None:
    house.process(house.receive(OLGA))
    clock = house.toolbox.clock
    with house.toolbox.database.write() as session:
        (letter,) = claims.claim(session, "slow", 10, clock.now(), clock.machine_now(), clock.machine_now())
        claims.rescue(session, "slow", clock.now(), clock.machine_now())
    with house.toolbox.database.write() as session:
        assert claims.settle(session, "slow", [Outcome(letter.id, "sent", None, clock.now(), clock.machine_now())]) == 0
    house.deliver()
    assert house.kinds() == ["invitation"]


def test_what_a_killed_worker_of_this_host_had_claimed_is_free_at_the_next_tick(house: House) -> None:
    house.process(house.receive(OLGA))
    clock = house.toolbox.clock
    killed = "/".join([identity().split("/")[0], "4194305", "1"])
    with house.toolbox.database.write() as session:
        claims.claim(session, killed, 10, clock.now(), clock.machine_now(), clock.machine_now() + timedelta(hours=1))
    Housekeeper(house.toolbox)._wake_delivery({"delivery": 4})
    assert [row.state for row in house.outbox("invitation")] == ["planned"]


def test_two_claims_at_once_never_share_a_letter(people: House) -> None:
    clock = people.toolbox.clock
    until = clock.machine_now() + timedelta(minutes=1)
    with people.toolbox.database.write() as session:
        one = claims.claim(session, "one", 2, clock.now(), clock.machine_now(), until)
    with people.toolbox.database.write() as session:
        other = claims.claim(session, "other", 10, clock.now(), clock.machine_now(), until)
    assert (len(one), len(other)) == (2, 1)
    assert {row.id for row in one}.isdisjoint({row.id for row in other})


def test_a_server_that_refuses_our_login_is_not_asked_again_for_every_letter(people: House) -> None:
    refused = {f"{name}@ngo.example.org": [SmtpAnswer("connect", 535, "5.7.8")] for name in ("anna", "boris", "clara")}
    house, postman = answering(people, refused)
    delivery.deliver_batch(house.toolbox)
    assert len(postman.offered) == 1
    assert states(house) == {"planned": 3}


def test_an_invitation_that_may_have_arrived_is_cancelled_by_a_withdrawal(house: House) -> None:
    lost, _ = answering(house, {"olga@mission.example.org": [SmtpAnswer("after-data")]})
    lost.register(OLGA)
    house.withdraw("olga@mission.example.org")
    assert house.kinds() == ["withdrawal"]
    assert house.mail[0].calendar is not None
    assert str(house.mail[0].calendar["METHOD"]) == "CANCEL"


@pytest.mark.parametrize("in_a_round", [False, True], ids=["put-back", "claimed"])
def test_who_left_and_came_back_before_anything_has_surely_reached_them_is_invited(
    house: House, in_a_round: bool
) -> None:
    """The first invitation may have arrived, and does not go again: nobody can rely on its having been read."""
    email, clock = OLGA["email"], house.toolbox.clock
    lost, _ = answering(house, {email: [SmtpAnswer("after-data")]})
    lost.register(OLGA)
    if in_a_round:
        house.retry_now()
        with house.toolbox.database.write() as session:
            claims.claim(session, "a", 9, clock.now(), clock.machine_now(), clock.machine_now() + timedelta(minutes=1))
    house.process(house.receive({"email": email, "sessions": "all"}, kind="registration.withdrawn"))
    house.process(house.receive(OLGA))
    if in_a_round:  # which had read that she had left
        with house.toolbox.database.write() as session:
            (first,) = [row.id for row in house.outbox("invitation") if row.state == "claimed"]
            gone = Outcome(first, "skipped", "not-attending", clock.now(), clock.machine_now(), offered=False)
            claims.settle(session, "a", [gone])
    house.deliver()
    assert house.kinds() == ["invitation"]
    assert house.mail[0].sequence == 1


def test_a_failed_letter_that_a_later_one_has_overtaken_is_not_replayed(house: House) -> None:
    refusing, _ = answering(house, {"olga@mission.example.org": [SmtpAnswer("recipient", 550, "5.1.1")]})
    refusing.register(OLGA)
    (failed,) = house.outbox("invitation")
    house.register(OLGA | {"interpretation": "es"})
    clock = house.toolbox.clock
    with house.toolbox.database.write() as session:
        assert not letters.replay(session, failed.id, clock.now(), clock.machine_now())


def test_an_update_that_is_overtaken_hands_on_what_it_had_to_explain(house: House) -> None:
    house.register(OLGA | {"sessions": ["day-1"]})
    house.process(house.receive(OLGA | {"sessions": ["day-1"], "attendance": "in-person"}))
    house.process(house.receive(OLGA | {"sessions": ["day-1"], "attendance": "in-person", "interpretation": "es"}))
    (update,) = [row for row in house.outbox("update") if row.state == "planned"]
    assert update.changes == ["attendance", "interpretation"]


class Limited(Postman):
    """A mail server so slow that the task's time limit ends the round."""

    def __init__(self) -> None:
        """Needs no address: nothing is sent."""

    def hand_over(self, parcels: Iterable[Parcel]) -> Generator[tuple[Parcel, SmtpAnswer], None, None]:
        for _ in parcels:
            raise SoftTimeLimitExceeded
        yield from ()

    def close(self) -> None:
        """Nothing is open."""


def test_a_letter_that_a_time_limit_interrupted_may_have_gone_and_is_repeated_after_a_while(house: House) -> None:
    slow = replace(house, toolbox=replace(house.toolbox, postman=Limited()))
    with pytest.raises(SoftTimeLimitExceeded):
        slow.register(OLGA)
    assert [(row.state, row.reason) for row in house.outbox("invitation")] == [
        ("planned", "connection-lost-after-data")
    ]
    assert house.due() == 0
    house.retry_now()
    house.deliver()
    assert states(house) == {"sent": 1}


def test_a_database_that_is_away_while_letters_are_written_is_no_error_of_the_letter(
    people: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise DatabaseUnavailable

    with people.toolbox.database.write() as session:
        session.execute(update(LetterRow).values(tries=rounds.MOST_ATTEMPTS - 1))
    monkeypatch.setattr(Traffic, "held_up", away)
    with pytest.raises(DatabaseUnavailable):
        delivery.deliver_batch(people.toolbox)
    rows = people.outbox("invitation")
    assert [(row.state, row.reason, row.tries) for row in rows] == [("planned", None, rounds.MOST_ATTEMPTS - 1)] * 3
    monkeypatch.undo()
    people.deliver()
    assert states(people) == {"sent": 3}


def test_where_no_more_can_be_written_what_is_on_its_way_is_still_brought_to_its_answer(
    people: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    held_up, asked = Traffic.held_up, []

    def away_at_the_third(traffic: Traffic, domain: str) -> datetime | None:
        asked.append(domain)
        if len(asked) == 3:
            raise DatabaseUnavailable
        return held_up(traffic, domain)

    monkeypatch.setattr(Traffic, "held_up", away_at_the_third)
    with pytest.raises(DatabaseUnavailable):
        delivery.deliver_batch(people.toolbox)
    found = sorted((row.state, row.reason, row.tries) for row in people.outbox("invitation"))
    assert found == [("planned", None, 0), ("sent", None, 1), ("sent", None, 1)]


def test_an_error_while_outcomes_are_recorded_says_nothing_of_the_letter_that_comes_next(
    people: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    record, asked = rounds.Round._record, []

    def away_once(one: rounds.Round) -> None:
        asked.append(one.holder)
        if len(asked) == 1:
            raise DatabaseUnavailable
        record(one)

    monkeypatch.setattr(rounds, "GROUP", 1)
    monkeypatch.setattr(rounds.Round, "_record", away_once)
    with pytest.raises(DatabaseUnavailable):
        delivery.deliver_batch(people.toolbox)
    found = sorted((row.state, row.reason, row.tries) for row in people.outbox("invitation"))
    assert found == [("planned", None, 0), ("planned", None, 0), ("sent", None, 1)]
    assert len(people.mail) == 1


def test_what_a_letter_has_met_before_counts_neither_as_a_full_mailbox_nor_as_an_error_of_ours(
    people: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    troubles = [SmtpAnswer("recipient", 451, "4.7.1")] * 4
    full = SmtpAnswer("recipient", 452, "4.2.2")
    house, _ = answering(people, {"anna@ngo.example.org": [*troubles, full], "boris@ngo.example.org": list(troubles)})
    for _ in troubles:
        house.retry_now()
        house.deliver()
    house.retry_now()
    order = Correspondence.order

    def breaks(correspondence: Correspondence, letter: LetterRow, now: datetime) -> Order:
        found = order(correspondence, letter, now)
        if found.person.address == "boris@ngo.example.org":
            raise LookupError
        return found

    with monkeypatch.context() as patch:
        patch.setattr(Correspondence, "order", breaks)
        delivery.deliver_batch(house.toolbox)
    found = [(row.state, row.reason) for row in house.outbox("invitation") if row.state != "sent"]
    assert sorted(found, key=repr) == [("planned", "could-not-be-written"), ("planned", "smtp-452-4.2.2")]


class FullDisk(Journals):
    """No file can be made."""

    def begin(self, holder: str) -> Journal:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), holder)


def test_without_a_journal_letters_go_all_the_same_and_each_is_recorded_before_the_next(
    people: House, tmp_path: Path
) -> None:
    house, postman = answering(people, {})
    full = replace(house, toolbox=replace(house.toolbox, journals=FullDisk(tmp_path / "journal")))
    sent: list[int] = []
    bring = postman.hand_over

    def counted(parcels: Iterable[Parcel]) -> Generator[tuple[Parcel, SmtpAnswer], None, None]:
        for one in bring(parcels):
            sent.append(states(full).get("sent", 0))
            yield one

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(postman, "hand_over", counted)
        full.deliver()
    assert sent == [0, 1, 2]
    assert states(full) == {"sent": 3}


def test_a_change_after_an_invitation_that_was_refused_for_now_is_told_as_the_invitation(house: House) -> None:
    refusing, _ = answering(house, {"olga@mission.example.org": [SmtpAnswer("recipient", 451, "4.7.1")]})
    refusing.register(OLGA)
    house.register(OLGA | {"interpretation": "es"})
    house.retry_now()
    house.deliver()
    assert house.kinds() == ["invitation"]


def test_a_change_after_an_invitation_that_may_have_arrived_is_told_after_it(house: House) -> None:
    lost, _ = answering(house, {"olga@mission.example.org": [SmtpAnswer("after-data")]})
    lost.register(OLGA)
    house.register(OLGA | {"interpretation": "es"})
    assert house.kinds() == []
    house.retry_now()
    house.deliver()
    house.deliver()
    assert house.kinds() == ["invitation", "update"]
    planned = [row.message_id for row in house.outbox("invitation", "update")]
    assert planned == [str(mail.message["Message-ID"]) for mail in house.mail]
