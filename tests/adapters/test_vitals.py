"""What tells whether the machines do their work, as it is asked of both databases."""

from datetime import UTC, datetime, timedelta

from adapters.database import signs, tallies, vitals
from adapters.database.engine import Database
from adapters.database.tables import PauseRow
from adapters.database.tallies import Histogram, Tallies

NOW = datetime(2021, 6, 14, 8, 0, tzinfo=UTC)
LATER = NOW + timedelta(seconds=30)


def test_tallies_of_several_add_up(database: Database) -> None:
    one, other = Tallies(), Tallies()
    lasted = Histogram("lasted", (1.0, 5.0))
    for counted in (one, other):
        counted.count("messages", "reminder", "fr", "sent")
        counted.observe(lasted, 1.0)
        counted.observe(lasted, 7.5)
        counted.observe(lasted, -3.0)
        with database.write() as session:
            counted.add(session)
            counted.add(session)  # it has nothing left to add
    with database.read() as session:
        found = tallies.all_of(session)
    assert found["messages"] == {"reminder,fr,sent": 2}
    assert lasted.cumulated(found["lasted"]) == ([("1.0", 4), ("5.0", 4), ("+Inf", 6)], 17.0)


def test_workers_and_clocks_are_told_apart_by_what_they_have_to_answer(database: Database) -> None:
    with database.write() as session:
        for identity in ("here/1/10", "here/2/20", "there/3/30"):
            signs.see(session, signs.of_process(identity), NOW)
        for identity in ("here/1/10", "there/3/30"):
            signs.send(session, signs.own(identity), NOW)
        signs.see(session, signs.own("here/1/10"), LATER)
    with database.read() as session:
        assert signs.workers(session) == [(NOW, LATER), (NOW, None)]
        assert signs.workers(session, "here") == [(NOW, LATER)]
        assert signs.clocks(session) == [NOW]
        assert signs.clocks(session, "there") == []


def test_a_trouble_with_the_mail_server_is_as_old_as_its_beginning_and_ends_with_a_letter(database: Database) -> None:
    with database.write() as session:
        signs.mail_is_well(session, NOW)
        assert signs.mail_troubles(session) == {}
        signs.mail_trouble(session, "unreachable", NOW)
        signs.mail_trouble(session, "unreachable", LATER)
    with database.write() as session:
        assert signs.mail_troubles(session) == {"unreachable": NOW}
        assert signs.all_signs(session) == []
        signs.mail_is_well(session, LATER)
    with database.read() as session:
        assert signs.mail_troubles(session) == {}


def test_an_empty_house_has_nothing_that_waits_nothing_dead_and_no_pause(database: Database) -> None:
    with database.read() as session:
        assert vitals.ready_since(session, NOW, NOW) == (None, None)
        assert vitals.dead_letters(session, NOW) == (0, None)
        assert vitals.dead_submissions(session) == (0, None)
        assert vitals.policy_bounces(session, NOW) == (0, None)
        assert vitals.pauses(session) == {}


def test_pauses_are_told_since_when(database: Database) -> None:
    with database.write() as session:
        session.add(PauseRow(name="mail", who="admin:Anna", machine_since=NOW))
    with database.read() as session:
        assert vitals.pauses(session) == {"mail": NOW}
