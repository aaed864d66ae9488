"""What the operator sees of Zoom events, asks again, and compares."""

from datetime import UTC, datetime, timedelta

from adapters.database import zoom_events
from tests.cli.conftest import Convenor, answer
from tests.house import OLGA, House
from web.zoom_emulator.faults import Fault
from workers.conferencing.asking import portions


def host(convenor: Convenor) -> str | None:
    """What is said of the host of one session."""
    (said,) = [row["host"] for row in answer(convenor("zoom", "--json")) if row["session"] == "survivor-voices"]
    assert said is None or isinstance(said, str)
    return said


def test_it_is_shown_when_the_host_has_started_and_ended(house: House, convenor: Convenor) -> None:
    started = datetime(2021, 6, 15, 14, 2, tzinfo=UTC)
    assert host(convenor) is None
    with house.toolbox.database.write() as session:
        row = zoom_events.of_session(session, "alliance-2021", "survivor-voices")
        assert row is not None
        row.started_at = started
    assert host(convenor) == "under way since 2021-06-15 14:02 UTC"
    with house.toolbox.database.write() as session:
        session.add(row)
        row.ended_at = started + timedelta(hours=1)
    assert host(convenor) == "ended 2021-06-15 15:02 UTC"
    with house.toolbox.database.write() as session:
        session.add(row)
        row.started_at = started + timedelta(hours=2)
    assert host(convenor) == "under way since 2021-06-15 16:02 UTC"


def test_a_session_is_compared_with_zoom_at_once(house: House, convenor: Convenor) -> None:
    house.register(OLGA)
    done = convenor("zoom", "compare", "survivor-voices", "--conference", "alliance-2021", "--json")
    ((said,), code) = answer(done), done.returncode
    assert code == 0
    kept = {name: said[name] for name in ("conference", "session", "compared", "at_zoom", "here", "missing_at_zoom")}
    assert kept == {
        "conference": "alliance-2021", "session": "survivor-voices", "compared": "yes", "at_zoom": 1, "here": 1,
        "missing_at_zoom": 0,
    }  # fmt: skip


def test_a_session_that_somebody_speaks_with_zoom_about_is_not_compared(house: House, convenor: Convenor) -> None:
    now = house.toolbox.clock.machine_now()
    event = house.zoom_event("survivor-voices")
    with house.toolbox.database.write() as session:
        assert zoom_events.lease(session, event.id, "somebody", now, now + timedelta(minutes=5)) is not None
    done = convenor("zoom", "compare", "survivor-voices", "--json")
    assert (done.returncode, [row["compared"] for row in answer(done)]) == (
        1, ["no: the event is not ready, or somebody speaks with Zoom about it just now"],
    )  # fmt: skip


def test_what_zoom_refuses_is_said_with_its_code(house: House, convenor: Convenor) -> None:
    house.zoom.emulator.inject(Fault(kind="status", status=503, times=None))
    done = convenor("zoom", "compare", "survivor-voices")
    conference, session, said, *_ = done.stdout.splitlines()[1].split("\t")
    assert (done.returncode, conference, session) == (1, "alliance-2021", "survivor-voices")
    assert said.startswith("no: zoom-503-down (v=2.0;")


def test_a_session_without_a_zoom_event_is_named(convenor: Convenor) -> None:
    done = convenor("zoom", "compare", "survivor-voices", "no-such-session")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "No Zoom event is behind: no-such-session.\n"


def test_who_was_spoken_with_is_asked_for_by_name(house: House, convenor: Convenor) -> None:
    with house.zoom_away():
        house.register(OLGA | {"visibility": "discreet"})
    (waiting,) = house.registrants()
    done = convenor("zoom", "replay", waiting.id, "--by-name")
    assert (done.returncode, done.stdout) == (0, "1 will be asked for again.\n")
    house.tend_all()
    assert [one["email"] for one in house.at_zoom("survivor-voices", "approved")] == [OLGA["email"]]


def test_by_name_takes_names_one_by_one(convenor: Convenor) -> None:
    for wrong in (("--by-name",), ("--all", "--by-name"), ("--all", "rgt_x"), ()):
        assert convenor("zoom", "replay", *wrong).returncode == 2


def test_very_many_ids_are_asked_about_in_portions() -> None:
    ids = [f"rgt_{number}" for number in range(1201)]
    found = portions(ids)
    assert [len(some) for some in found] == [500, 500, 201]
    assert [one for some in found for one in some] == ids
    assert list(portions([])) == []
