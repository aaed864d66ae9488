"""Zoom is slow, refuses, drops answers and limits, and workers are killed: everybody is there once, with a link."""

import json
from collections import Counter
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from adapters.database import participants, registrations
from adapters.database.tables import ParticipantRow, RegistrationRow
from config.programmes import load_programmes
from config.settings import ROOT
from tests.journeys.town import Town, a_town, eventually
from tests.servers.zoom import ZoomServer, a_zoom
from web.zoom_emulator.faults import Fault

PEOPLE = 150
SESSIONS = {"protecting-children": "osce-org", "survivor-voices": "odihr-pl"}
MORNING = datetime.fromisoformat("2021-06-01T09:30:00+02:00")
FAULTS = (
    Fault(kind="drop", endpoint="add-registrant", committed=True, percent=10, times=None),
    Fault(kind="drop", endpoint="batch-registrants", committed=True, percent=30, times=None),
    Fault(kind="html", status=502, percent=5, times=None),
    Fault(kind="error-200", case="rate_per_second", percent=3, times=None),
    Fault(kind="case", case="rate_per_second", headers=False, percent=3, times=None),
    Fault(kind="latency", seconds=0.3, percent=5, times=None),
    Fault(kind="case", case="token_expired", percent=2, times=None),
)


@pytest.mark.timeout(400)
def test_300_registrants_over_two_accounts_are_there_once_each_with_their_own_link(
    tmp_path: Path, database_url: str
) -> None:
    programme = load_programmes(ROOT / "config" / "conferences")["alliance-2021"]
    with a_zoom(tmp_path / "zoom", now=lambda: MORNING) as zoom:
        numbers = {name: zoom.emulator.seed(account, programme)[name] for name, account in SESSIONS.items()}
        for fault in FAULTS:
            zoom.emulator.inject(fault)
        accounts = json.dumps({account: zoom.account(account) for account in SESSIONS.values()})
        with a_town(tmp_path, database_url, ZOOM_ACCOUNTS=accounts) as town:
            killed = 0
            for person in range(PEOPLE):
                if person in {30, 70, 110}:
                    killed += town.kill("worker", "intake")
                town.register(person, sessions=list(SESSIONS))
            eventually(lambda: len(town.letters()) == PEOPLE, 60)
            killed += town.kill("worker", "intake")
            assert killed >= 2
            zoom.emulator.forget(faults=True)
            eventually(lambda: sum(town.letters().values()) >= 3 * PEOPLE, 240)
            links = links_here(town)
        for session, number in numbers.items():
            there = zoom.emulator.registrants(number)
            assert Counter(one["email"] for one in there) == Counter(address(person) for person in range(PEOPLE))
            assert {one["email"]: one["join_url"] for one in there} == links[session]
        # A confirmation and two invitations each. What a killed worker had handed over may come again, unchanged.
        assert len(town.message_ids()) == 3 * PEOPLE
        assert secrets_in(town.log(), zoom) == []


def address(person: int) -> str:
    return f"person{person}@mission.example.org"


def links_here(town: Town) -> dict[str, dict[str, str | None]]:
    """Everybody's link, by session and address."""
    found: dict[str, dict[str, str | None]] = {}
    with town.toolbox.database.read() as session:
        rows = session.execute(
            select(RegistrationRow, ParticipantRow).join(
                ParticipantRow, ParticipantRow.id == RegistrationRow.participant_id
            )
        )
        for place, person in rows:
            who = participants.opened(person, town.toolbox.vault).address
            found.setdefault(place.session, {})[who] = registrations.join_link(place, town.toolbox.vault)
    return found


def secrets_in(log: str, zoom: ZoomServer) -> list[str]:
    """Which of Zoom's secrets the log holds."""
    known = {"tk=", "Bearer", *(zoom.account(name)["client_secret"] for name in SESSIONS.values())}
    return sorted(one for one in known if one in log)
