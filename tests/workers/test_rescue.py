"""Letters that a round of delivery has left: settled by whoever finds them first, as its journal says."""

from pathlib import Path

import pytest

from adapters.database import letters
from adapters.journal import Journals
from adapters.processes import identity
from schemas.outcome import Outcome
from tests.house import OLGA, House
from workers import delivery, rescue

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
        return [one.id for one in letters.claim(session, holder, most, now, machine_now, machine_now + delivery.LEASE)]


def noted(house: House, holder: str, *letter_ids: str) -> Path:
    """The holder's journal says that these were sent; its file."""
    clock = house.toolbox.clock
    journal = house.toolbox.journals.begin(holder)
    for one in letter_ids:
        assert journal.note(Outcome(one, "sent", None, clock.now(), clock.machine_now()))
    journal.close()
    (file,) = (house.toolbox.settings.var / "journal").glob(f"{holder.replace('/', '.')}*")
    return file


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
