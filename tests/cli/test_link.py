"""The addresses of join pages, renewed and revoked by hand."""

from adapters.database import audits, registrations
from adapters.database.tables import ParticipantRow
from tests.cli.conftest import Convenor
from tests.house import OLGA, House
from workers import invitation
from workers.links import Changed, JoinChange, change_join_addresses

BOTH = OLGA | {"sessions": ["survivor-voices", "day-1"]}
TARAS = OLGA | {"email": "taras@mission.example.org", "full_name": "Taras Melnyk"}


def participant(house: House, envelope: str) -> str:
    found = house.envelope(envelope).participant_id
    assert found is not None
    return found


def versions(house: House, participant_id: str) -> dict[str, int]:
    """How often each address of somebody's was made."""
    with house.toolbox.database.read() as session:
        places = registrations.of_participant(session, participant_id)
        return {name: row.join_version for name, row in places.items()}


def registration(house: House, participant_id: str, session_id: str) -> str:
    with house.toolbox.database.read() as session:
        return registrations.of_participant(session, participant_id)[session_id].id


def test_a_registration_gets_another_address_and_the_participant_a_letter(house: House, convenor: Convenor) -> None:
    one = participant(house, house.register(OLGA))
    done = convenor("link", "renew", registration(house, one, "survivor-voices"))
    assert (done.returncode, done.stdout) == (0, "1 renewed.\n")
    assert versions(house, one) == {"survivor-voices": 2}
    invitation.write(house.toolbox, one)
    house.deliver()
    assert house.kinds() == ["invitation", "update"]


def test_an_address_is_revoked_and_nobody_is_told(house: House, convenor: Convenor) -> None:
    one = participant(house, house.register(OLGA))
    done = convenor("link", "revoke", one)
    assert (done.returncode, done.stdout) == (0, "1 revoked.\n")
    assert versions(house, one) == {"survivor-voices": 2}
    invitation.write(house.toolbox, one)
    house.deliver()
    assert house.kinds() == ["invitation"]


def test_who_is_not_there_is_said_with_exit_1(convenor: Convenor) -> None:
    done = convenor("link", "renew", "reg_nothing", "par_nobody")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "None of these is a registration or a participant who has any.\n"


def test_a_participant_stands_for_all_registrations_and_each_is_changed_once(house: House) -> None:
    olga, taras = (participant(house, house.register(one)) for one in (BOTH, TARAS))
    first = registration(house, olga, "day-1")
    (renewed,) = changed(house, [olga, first, olga], "renewed")
    assert sorted(renewed.sessions) == ["day-1", "survivor-voices"]
    assert versions(house, olga) == {"day-1": 2, "survivor-voices": 2}
    assert versions(house, taras) == {"survivor-voices": 1}


def test_a_registration_stands_for_itself_alone(house: House) -> None:
    olga = participant(house, house.register(BOTH))
    (revoked,) = changed(house, [registration(house, olga, "day-1")], "revoked")
    assert revoked.sessions == ("day-1",)
    assert versions(house, olga) == {"day-1": 2, "survivor-voices": 1}


def changed(house: House, ids: list[str], change: JoinChange) -> list[Changed]:
    with house.toolbox.database.write() as session:
        return change_join_addresses(house.toolbox, session, ids, change, who="cli:maria")


def page_versions(house: House, participant_id: str) -> tuple[int, int, list[tuple[str, str | None]]]:
    """Of somebody's own page and feed, and what was noted of them."""
    with house.toolbox.database.read() as session:
        row = session.get_one(ParticipantRow, participant_id)
        noted = audits.listed(session, house.toolbox.vault, 10)
        return row.page_version, row.calendar_version, [(one.action, one.about) for one in noted]


def test_an_own_page_gets_another_address_and_the_participant_a_letter(house: House, convenor: Convenor) -> None:
    one = participant(house, house.register(OLGA))
    done = convenor("link", "page", one)
    assert (done.returncode, done.stdout) == (0, "1 renewed.\n")
    assert page_versions(house, one) == (2, 1, [("page-address-renewed", one)])
    house.deliver()
    assert house.kinds() == ["invitation", "notice"]


def test_a_feed_gets_another_address_and_nobody_is_told(house: House, convenor: Convenor) -> None:
    one = participant(house, house.register(OLGA))
    done = convenor("link", "calendar", one)
    assert (done.returncode, done.stdout) == (0, "1 renewed.\n")
    assert page_versions(house, one) == (1, 2, [("calendar-address-renewed", one)])
    house.deliver()
    assert house.kinds() == ["invitation"]


def test_where_one_cannot_be_told_nobodys_page_is_changed(house: House, convenor: Convenor) -> None:
    over = participant(house, house.register(TARAS))
    house.at("2021-12-01T09:00:00+01:00")  # long after the conference, whose pages are gone
    one = participant(house, house.register(OLGA | {"sessions": ["opening"]}, conference="shdm-2022"))
    done = convenor("link", "page", one, over)
    assert (done.returncode, done.stdout) == (1, "")
    assert [page_versions(house, each) for each in (one, over)] == [(1, 1, []), (1, 1, [])]
