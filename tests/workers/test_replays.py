"""Replays: what would go is what goes, and once. And letters that a person holds."""

from typing import Any

import pytest
from sqlalchemy import update

from adapters.database import audits, letters, suppressions
from adapters.database.outbox import Wanted
from adapters.database.tables import LetterRow
from domain.replays import NotReplayed
from tests.house import OLGA, House
from workers import app as corridor
from workers.outbox import OutboxKeeper
from workers.replays import Replayer

FAILED = Wanted(states=("failed",), reason="smtp-550")


@pytest.fixture
def house(house: House) -> House:
    corridor.configure(house.toolbox.settings)
    corridor.use(house.toolbox)
    return house


def failed(house: House, name: str, **data: Any) -> str:
    """An invitation to somebody of this name that was refused; its id."""
    before = {row.id for row in house.outbox("invitation")}
    house.process(house.receive(OLGA | {"email": f"{name}@mission.example.org"} | data))
    (letter,) = [row.id for row in house.outbox("invitation") if row.id not in before]
    with house.toolbox.database.write() as session:
        for values in ({"state": "claimed"}, {"state": "failed", "reason": "smtp-550", "tries": 1}):
            session.execute(update(LetterRow).where(LetterRow.id == letter).values(**values))
    return letter


def state(house: House, letter: str) -> tuple[str, str | None]:
    (row,) = [one for one in house.outbox("invitation") if one.id == letter]
    return row.state, row.reason


def suppress(house: House, name: str, letter: str) -> None:
    toolbox = house.toolbox
    index, now = suppressions.index_of(toolbox.vault, f"{name}@mission.example.org"), toolbox.clock.now()
    with toolbox.database.write() as session:
        suppressions.suppress(session, index, reason="hard-bounce", source="smtp", code=None, letter_id=letter,
                              now=now, until=now.replace(year=now.year + 1))  # fmt: skip


def test_of_a_group_go_those_that_still_have_something_to_say_to_whom_may_be_written_to(house: House) -> None:
    going, withdrawn, hard = (failed(house, name) for name in ("ada", "ben", "cem"))
    house.withdraw("ben@mission.example.org")
    suppress(house, "cem", hard)
    replayer = Replayer(house.toolbox)
    plan = replayer.plan(FAILED)
    assert (plan.letters, plan.people, plan.kinds) == (1, 1, {"invitation": 1})
    assert sum(plan.excluded.values()) == 2
    assert plan.excluded["suppressed"] == 1
    assert set(plan.excluded) <= {"suppressed", "withdrawn", "overtaken"}
    assert replayer.apply(FAILED, plan.digest, "admin:ada", "The relay was wrong") == 1
    assert [state(house, one)[0] for one in (going, withdrawn, hard)] == ["planned", "failed", "failed"]
    house.deliver()
    assert [mail.message["To"].addresses[0].addr_spec for mail in house.mail].count("ada@mission.example.org") == 1


def test_what_was_done_is_not_done_again_but_a_letter_that_failed_once_more_is_another(house: House) -> None:
    letter = failed(house, "ada")
    replayer = Replayer(house.toolbox)
    digest = replayer.plan(FAILED).digest
    assert [replayer.apply(FAILED, digest, "cli:warden", "x") for _ in range(2)] == [1, 0]
    with house.toolbox.database.write() as session:
        for values in ({"state": "claimed"}, {"state": "failed", "reason": "smtp-550", "tries": 1}):
            session.execute(update(LetterRow).where(LetterRow.id == letter).values(**values))
    again = replayer.plan(FAILED).digest
    assert again != digest
    assert replayer.apply(FAILED, again, "cli:warden", "x") == 1
    with house.toolbox.database.read() as session:
        noted = audits.listed(session, house.toolbox.vault, 9)
    assert [(one.action, one.about, one.details["letters"]) for one in noted] == [
        ("letters.replay", again, 1), ("letters.replay", digest, 1),
    ]  # fmt: skip


def test_a_digest_that_does_not_hold_any_more_does_nothing(house: House) -> None:
    first = failed(house, "ada")
    digest = Replayer(house.toolbox).plan(FAILED).digest
    failed(house, "ben")
    with pytest.raises(NotReplayed) as refused:
        Replayer(house.toolbox).apply(FAILED, digest, "cli:warden", "x")
    assert (refused.value.plan.letters, state(house, first)[0]) == (2, "failed")


def test_one_that_is_named_goes_to_a_suppressed_address_where_that_is_wanted(house: House) -> None:
    letter = failed(house, "ada")
    suppress(house, "ada", letter)
    replayer = Replayer(house.toolbox)
    assert replayer.plan([letter]).excluded == {"suppressed": 1}
    assert replayer.apply([letter], replayer.plan([letter], anyway=True).digest, "cli:warden", "x", anyway=True) == 1
    house.deliver()
    assert house.kinds() == ["invitation"]


def test_what_is_not_failed_is_left_out_with_its_reason(house: House) -> None:
    house.register(OLGA)
    (sent,) = house.outbox("invitation")
    (planned, *_) = house.outbox("reminder")
    plan = Replayer(house.toolbox).plan([sent.id, planned.id, "let_nothing"])
    assert (plan.letters, plan.excluded) == (0, {"sent": 1, "waiting": 1})


def test_a_held_letter_does_not_go_until_it_is_released_whatever_becomes_of_suppressions(house: House) -> None:
    house.process(house.receive(OLGA))
    (letter,) = house.outbox("invitation")
    keeper = OutboxKeeper(house.toolbox)
    assert keeper.do("hold", [letter.id], "cli:warden", "Wrong hall") == [letter.id]
    assert keeper.do("hold", [letter.id], "cli:warden", "Wrong hall") == []
    house.deliver()
    assert (house.kinds(), state(house, letter.id)) == ([], ("held", "by-hand"))
    with house.toolbox.database.read() as session:
        assert letters.held(session) == []  # those are the ones that wait for an address
    assert keeper.do("release", [letter.id], "cli:warden") == [letter.id]
    house.deliver()
    assert house.kinds() == ["invitation"]


def test_one_that_is_held_until_it_is_of_no_use_any_more_ends(house: House) -> None:
    house.process(house.receive(OLGA))
    (letter,) = house.outbox("invitation")
    OutboxKeeper(house.toolbox).do("hold", [letter.id], "cli:warden", "x")
    house.at("2021-07-01T12:00:00+02:00")
    clock = house.toolbox.clock
    with house.toolbox.database.write() as session:
        assert letters.expire_held(session, clock.now(), clock.machine_now()) == 1
    assert OutboxKeeper(house.toolbox).do("release", [letter.id], "cli:warden") == []


def test_who_has_withdrawn_while_their_invitation_was_held_gets_none(house: House) -> None:
    house.process(house.receive(OLGA))
    (letter,) = house.outbox("invitation")
    OutboxKeeper(house.toolbox).do("hold", [letter.id], "cli:warden", "x")
    house.withdraw(OLGA["email"])
    OutboxKeeper(house.toolbox).do("release", [letter.id], "cli:warden")
    house.deliver()
    assert "invitation" not in house.kinds()


def test_an_invitation_that_a_later_one_has_overtaken_is_not_released_any_more(house: House) -> None:
    house.process(house.receive(OLGA))
    (first,) = house.outbox("invitation")
    keeper = OutboxKeeper(house.toolbox)
    keeper.do("hold", [first.id], "cli:warden", "x")
    house.register(OLGA | {"visibility": "discreet"})
    assert len(house.kinds()) == 1
    assert keeper.do("release", [first.id], "cli:warden") == []
    house.deliver()
    assert len(house.kinds()) == 1
