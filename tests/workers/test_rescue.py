"""Letters that a round of delivery has left: settled by whoever finds them first, as its journal says."""

from collections.abc import Callable, Generator, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from adapters.clock import Clock
from adapters.database import claims, suppressions
from adapters.database.tables import LetterEventRow
from adapters.journal import Journals
from adapters.processes import identity
from adapters.smtp import Parcel
from adapters.toolbox import Toolbox
from schemas.outcome import Outcome
from schemas.smtp import SmtpAnswer
from tests.house import OLGA, House
from tests.workers.test_delivery import answering
from workers import delivery, rescue, rounds

NOW = datetime(2021, 6, 1, 7, 30, tzinfo=UTC)
A_SECOND = timedelta(seconds=1)
PLACE = identity().partition("/")[0]
"""This host, as holders of letters name it."""


def gone(number: int) -> str:
    """A process of this host that is gone."""
    return f"{PLACE}/{4194305 + number}/1#beef"


def invited(house: House, *names: str) -> None:
    """People whose invitations are due."""
    for name in names:
        house.process(house.receive(OLGA | {"email": f"{name}@ngo.example.org", "full_name": name.title()}))


def left(house: House, holder: str, most: int = 1) -> list[str]:
    """Letters that a holder has claimed and will never settle; their ids."""
    clock = house.toolbox.clock
    now, machine_now = clock.now(), clock.machine_now()
    with house.toolbox.database.write() as session:
        return [one.id for one in claims.claim(session, holder, most, now, machine_now, machine_now + rounds.LEASE)]


def noted(house: House, holder: str, *letter_ids: str) -> Path:
    """The holder's journal says that these were sent; its file."""
    clock = house.toolbox.clock
    journal = house.toolbox.journals.begin(holder)
    for one in letter_ids:
        assert journal.note(Outcome(one, "sent", None, clock.now(), clock.machine_now()))
    journal.close()
    (file,) = (house.toolbox.settings.var / "journal").glob(f"{holder.replace('/', '.')}*")
    return file


class Killed(BaseException):
    """What befalls a worker that is killed between two commits."""


def killed(_: rounds.Round) -> None:
    raise Killed


def suppressed(house: House) -> list[tuple[str, str, str | None]]:
    with house.toolbox.database.read() as session:
        return [(one.reason, one.source, one.code) for one in suppressions.listed(session, 100)]


def states(house: House) -> list[str]:
    return sorted(one.state for one in house.outbox("invitation"))


def test_a_journal_with_rubbish_in_it_keeps_neither_clock_nor_worker_from_going_on(house: House) -> None:
    invited(house, "anna", "boris")
    killed = gone(1)
    sent, _ = left(house, killed, 2)
    file = noted(house, killed, sent)
    file.write_bytes(b"\0" * 40 + b"\n" + file.read_bytes() + b'["let_x", "se\n')
    rescue.all_that_is_lost(house.toolbox)
    assert states(house) == ["planned", "sent"]
    assert house.toolbox.journals.left() == []
    house.deliver()
    assert (states(house), len(house.mail)) == (["sent", "sent"], 1)


def test_a_journal_that_cannot_be_read_holds_up_no_other_holders_letters(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    invited(house, "anna", "boris", "clara")
    here = f"{identity()}#beef"
    for holder in (gone(1), gone(2), here):
        noted(house, holder, *left(house, holder))
    read = Journals.read

    def broken(self: Journals, holder: str) -> list[Outcome]:
        if holder == gone(2):
            return read(self, holder)
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(Journals, "read", broken)
    rescue.all_that_is_lost(house.toolbox)
    rescue.own(house.toolbox)
    assert states(house) == ["claimed", "claimed", "sent"]
    monkeypatch.undo()
    rescue.all_that_is_lost(house.toolbox)
    rescue.own(house.toolbox)
    assert states(house) == ["sent", "sent", "sent"]


@pytest.mark.parametrize("whoever", [rescue.own, rescue.all_that_is_lost])
def test_an_address_whose_refusal_was_only_in_the_journal_is_suppressed_by_whoever_reads_it(
    house: House, monkeypatch: pytest.MonkeyPatch, whoever: Callable[[Toolbox], None]
) -> None:
    refusing, _ = answering(house, {"anna@ngo.example.org": [SmtpAnswer("recipient", 550, "5.1.1")]})
    invited(house, "anna")
    with monkeypatch.context() as dying:
        dying.setattr(rounds.Round, "_record", killed)
        with pytest.raises(Killed):
            delivery.deliver_batch(refusing.toolbox)
    assert (states(house), suppressed(house)) == (["claimed"], [])
    if whoever is rescue.all_that_is_lost:
        monkeypatch.setattr(rescue, "is_gone", lambda _: True)
    whoever(house.toolbox)
    assert states(house) == ["failed"]
    assert suppressed(house) == [("hard-bounce", "smtp", "5.1.1")]
    (row,) = house.outbox("invitation")
    with house.toolbox.database.read() as session:
        told = select(LetterEventRow.state, LetterEventRow.reason).where(LetterEventRow.letter_id == row.id)
        assert [tuple(one) for one in session.execute(told)] == [("planned", None), ("failed", "smtp-550-5.1.1")]
    house.register(OLGA | {"email": "anna@ngo.example.org", "full_name": "Anna", "sessions": ["day-1"]})
    assert states(house) == ["failed", "held"]


def test_a_refusal_that_was_committed_before_its_worker_was_killed_counts_once(house: House) -> None:
    refused = SmtpAnswer("recipient", 550)  # suppressed with the second letter
    refusing, _ = answering(house, {"anna@ngo.example.org": [refused]})
    invited(house, "anna")
    delivery.deliver_batch(refusing.toolbox)
    (row,) = house.outbox("invitation")
    clock = house.toolbox.clock
    journal = house.toolbox.journals.begin(gone(1))
    journal.note(Outcome(row.id, "failed", str(refused), clock.now(), clock.machine_now(), answer=refused))
    journal.close()
    invited(house, "boris")
    left(house, gone(1))
    rescue.all_that_is_lost(house.toolbox)
    assert (states(house), suppressed(house)) == (["failed", "planned"], [])


class Fast(Clock):
    """The clock of a host that is ahead of ours."""

    rehearsing = True

    def __init__(self, ours: Clock, ahead: timedelta) -> None:
        self._ours = ours
        self._ahead = ahead

    def now(self) -> datetime:
        return self._ours.now()

    def machine_now(self) -> datetime:
        return self._ours.machine_now() + self._ahead


def test_a_live_round_keeps_its_letters_from_another_host_whose_clock_is_ahead(
    house: House, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    invited(house, "anna", "boris", "clara")
    fast = Fast(house.toolbox.clock, timedelta(seconds=80))
    other = replace(house.toolbox, clock=fast, journals=Journals(tmp_path / "other"))
    elsewhere = rescue.Elsewhere()
    scripted, postman = answering(house, {})
    hand_over = postman.hand_over

    def watched(parcels: Iterable[Parcel]) -> Generator[tuple[Parcel, SmtpAnswer], None, None]:
        for one in hand_over(parcels):
            with monkeypatch.context() as there:
                there.setattr(rescue, "identity", lambda: "another/1/1")
                rescue.all_that_is_lost(other, elsewhere)
            yield one

    monkeypatch.setattr(postman, "hand_over", watched)
    scripted.deliver()
    assert (states(house), len(postman.offered)) == (["sent"] * 3, 3)


def test_a_round_whose_letters_have_passed_to_somebody_else_sends_nothing_more(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    invited(house, "anna", "boris", "clara", "dora")
    monkeypatch.setattr(rounds, "GROUP", 1)
    scripted, postman = answering(house, {})
    hand_over = postman.hand_over

    def robbed(parcels: Iterable[Parcel]) -> Generator[tuple[Parcel, SmtpAnswer], None, None]:
        clock = house.toolbox.clock
        for number, one in enumerate(hand_over(parcels)):
            if number == 1:
                with house.toolbox.database.write() as session:
                    (holder,) = claims.holders(session)
                    claims.rescue(session, holder, clock.now(), clock.machine_now())
            yield one

    monkeypatch.setattr(postman, "hand_over", robbed)
    delivery.deliver_batch(scripted.toolbox)
    assert (states(house), len(postman.offered)) == (["planned"] * 3 + ["sent"], 2)


def test_another_hosts_letters_are_taken_when_nothing_was_seen_of_it_for_two_minutes(house: House) -> None:
    invited(house, "anna")
    left(house, "another/1/1#beef")
    elsewhere = rescue.Elsewhere()
    for _ in range(24):
        rescue.all_that_is_lost(house.toolbox, elsewhere)
        assert elsewhere.looked is not None
        elsewhere.looked -= rescue.BETWEEN_LOOKS
    assert states(house) == ["claimed"]
    rescue.all_that_is_lost(house.toolbox, elsewhere)
    assert states(house) == ["planned"]


def test_a_holder_who_renews_its_lease_is_never_silent() -> None:
    elsewhere = rescue.Elsewhere()
    for second in range(600):
        now = NOW + second * A_SECOND
        assert elsewhere.silent({"a/1/1#b": NOW + second // 60 * 60 * A_SECOND}, now) == set()


def test_while_the_database_is_away_or_the_clock_is_set_nobody_is_taken_for_silent() -> None:
    held = {"a/1/1#b": NOW}
    elsewhere = rescue.Elsewhere()
    moments = [NOW, NOW + timedelta(hours=1), NOW - timedelta(days=1), NOW + timedelta(days=1)]
    assert [elsewhere.silent(held, one) for one in moments] == [set()] * 4
    assert elsewhere.unchanged == {("a/1/1#b", NOW): 2 * rescue.BETWEEN_LOOKS}
