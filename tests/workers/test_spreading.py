"""Reminders of large sessions are spread around their minute; all else goes at it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import update

from adapters.database.tables import LetterRow
from domain.cadence import spread
from tests.house import OLGA, House, a_house
from tests.workers.test_corridor import LINK_FOLLOWS
from tests.workers.test_reminders import CHAIN, write_all
from workers.housekeeping import Housekeeper
from workers.spreading import spread_large

HOUR = datetime.fromisoformat("2021-10-30T17:00:00+02:00")
TEN_MINUTES = timedelta(minutes=10)
FROM_THREE = "{last_reminder: true, spread: {from_letters: 3}}"


@contextmanager
def a_session_for(number: int, folder: Path, database_url: str, rules: str = FROM_THREE) -> Iterator[House]:
    """A session at 18:00 with so many people, on its afternoon at 16:10."""
    programmes = folder / "programmes"
    programmes.mkdir()
    (programmes / "link-follows.yaml").write_text(f"{LINK_FOLLOWS}reminders: {rules}\n", "utf-8")
    with a_house(folder, database_url, conferences=programmes) as house:
        for one in range(number):
            someone = OLGA | {"email": f"person{one}@ngo.example.org", "sessions": ["evening"]}
            house.register(someone, conference="link-follows")
        house.at("2021-10-30T16:10:00+02:00")
        yield house


def test_a_large_audience_is_reminded_within_ten_minutes_of_the_hour_each_at_a_moment_of_its_own(
    tmp_path: Path, database_url: str
) -> None:
    with a_session_for(3, tmp_path, database_url) as house:
        assert spread_large(house.toolbox, 1000) == 3
        rows = house.outbox("reminder")
        assert [row.due_at for row in rows] == sorted(spread(HOUR, row.id, TEN_MINUTES) for row in rows)
        assert all(abs(row.due_at - HOUR) <= TEN_MINUTES for row in rows)
        assert all(row.due_at < row.not_after == HOUR + timedelta(minutes=75) for row in rows)


def test_digests_and_the_last_reminder_stay_at_their_minute(tmp_path: Path, database_url: str) -> None:
    with a_session_for(3, tmp_path, database_url) as house:
        house.at("2021-10-29T16:00:00+02:00")
        assert spread_large(house.toolbox, 1000) == 0
        house.at("2021-10-30T16:10:00+02:00")
        spread_large(house.toolbox, 1000)
        assert {row.due_at for row in house.outbox("digest")} == {HOUR - timedelta(days=1)}
        assert {row.due_at for row in house.outbox("last-reminder")} == {HOUR + timedelta(minutes=50)}


def test_a_small_audience_is_reminded_at_the_minute(tmp_path: Path, database_url: str) -> None:
    with a_session_for(2, tmp_path, database_url) as house:
        assert spread_large(house.toolbox, 1000) == 0
        assert {row.due_at for row in house.outbox("reminder")} == {HOUR}


def test_nothing_is_spread_where_the_programme_wants_none(tmp_path: Path, database_url: str) -> None:
    with a_session_for(3, tmp_path, database_url, "{spread: false}") as house:
        assert spread_large(house.toolbox, 1000) == 0


def test_spreading_twice_and_planning_anew_moves_nothing_again(tmp_path: Path, database_url: str) -> None:
    with a_session_for(3, tmp_path, database_url) as house:
        assert [spread_large(house.toolbox, 2), spread_large(house.toolbox, 2), spread_large(house.toolbox, 2)] == [
            2, 1, 0,
        ]  # fmt: skip
        before = [(row.id, row.due_at) for row in house.outbox("reminder")]
        write_all(house)
        assert [(row.id, row.due_at) for row in house.outbox("reminder")] == before


def test_who_registers_after_the_others_were_spread_is_spread_too(tmp_path: Path, database_url: str) -> None:
    with a_session_for(4, tmp_path, database_url) as house:
        spread_large(house.toolbox, 1000)
        late = OLGA | {"email": "late@ngo.example.org", "sessions": ["evening"]}
        house.register(late, conference="link-follows")
        assert spread_large(house.toolbox, 1000) == 1


def test_what_is_spread_goes_once_and_none_before_or_after_its_ten_minutes(tmp_path: Path, database_url: str) -> None:
    with a_session_for(3, tmp_path, database_url) as house:
        house.deliver()
        spread_large(house.toolbox, 1000)
        house.at("2021-10-30T16:49:59+02:00")
        house.deliver()
        assert house.kinds().count("reminder") == 0
        house.at("2021-10-30T17:10:00+02:00")
        house.deliver()
        assert house.kinds().count("reminder") == 3
        assert spread_large(house.toolbox, 1000) == 0


def test_what_is_due_already_is_not_moved_any_more(tmp_path: Path, database_url: str) -> None:
    with a_session_for(3, tmp_path, database_url) as house:
        house.at("2021-10-30T17:00:00+02:00")
        assert spread_large(house.toolbox, 1000) == 0


def test_who_comes_to_a_crowd_at_its_hour_is_reminded_at_once(tmp_path: Path, database_url: str) -> None:
    """Two of the crowd are still to come; nobody is made to wait for them."""
    with a_session_for(3, tmp_path, database_url, "{spread: {from_letters: 2}}") as house:
        later = [row.id for row in house.outbox("reminder")][:2]
        with house.toolbox.database.write() as session:
            moved = update(LetterRow).where(LetterRow.id.in_(later))
            session.execute(moved.values(due_at=HOUR + timedelta(minutes=5)))
        house.at("2021-10-30T17:00:00+02:00")
        assert spread_large(house.toolbox, 1000) == 0


def test_what_a_spread_reminder_has_said_counts_from_its_usual_hour(tmp_path: Path, database_url: str) -> None:
    """Of the second session, 25 minutes after the first, it has spoken already, though it went nine minutes early."""
    programmes = tmp_path / "programmes"
    programmes.mkdir()
    (programmes / "chain.yaml").write_text(CHAIN, "utf-8")
    with a_house(tmp_path, database_url, conferences=programmes) as house:
        house.register(OLGA | {"sessions": ["a", "b"]}, conference="chain")
        early = datetime.fromisoformat("2021-10-20T16:51:00+02:00")
        with house.toolbox.database.write() as session:
            session.execute(update(LetterRow).where(LetterRow.kind == "reminder").values(due_at=early))
        house.at("2021-10-20T16:51:00+02:00")
        house.deliver()
        house.register({"email": OLGA["email"], "sessions": ["a"]}, kind="registration.withdrawn", conference="chain")
        last = [row for row in house.outbox("reminder") if row.about == "b"][-1]
        assert (last.state, last.reason) == ("skipped", "invited-just-before")


def test_the_sweep_spreads_what_is_large(tmp_path: Path, database_url: str) -> None:
    with a_session_for(3, tmp_path, database_url) as house:
        Housekeeper(house.toolbox)._sweep({"intake": 0, "conferencing": 0}, house.toolbox.clock.machine_now())
        rows = house.outbox("reminder")
        assert [row.due_at for row in rows] == sorted(spread(HOUR, row.id, TEN_MINUTES) for row in rows)
