"""What the doctor says of Zoom: the accounts, and each event against the programme; also without the database."""

from pathlib import Path

import pytest

from cli.examination import Finding
from cli.zoom_examination import zoom
from tests.cli.conftest import Convenor, answer
from tests.house import House


def of_session(house: House, session_id: str) -> list[Finding]:
    return [one for one in zoom(house.toolbox) if one.what == f"alliance-2021 {session_id}" and one.state != "well"]


def test_questions_that_must_be_answered_at_zoom_are_wrong(house: House) -> None:
    number = house.number("survivor-voices")
    before = of_session(house, "survivor-voices")
    house.zoom.emulator.ask(
        number, [{"field_name": "last_name", "required": True}, {"field_name": "org", "required": True}],
        [{"title": "Which language?", "type": "short", "required": True}],
    )  # fmt: skip
    (new,) = [one for one in of_session(house, "survivor-voices") if one not in before]
    assert (new.state, new.remedy) == ("wrong", "Make them optional in the event's registration at Zoom.")
    assert new.said.startswith("At Zoom must be answered: org, a question of the host's.")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_without_the_database_all_other_findings_are_given(convenor: Convenor, tmp_path: Path) -> None:
    away = tmp_path / "away"
    away.mkdir()
    done = convenor("doctor", "--json", CONVENOR_DATABASE_URL=f"sqlite:///{away}")
    found = {row["what"]: row["state"] for row in answer(done)}
    expected = {"database": "wrong", "mail server": "well", "Zoom osce-org": "well", "Zoom odihr-pl": "well",
                "programme alliance-2021": "well", "time zones": "well"}  # fmt: skip
    assert {name: found.get(name) for name in expected} == expected
    assert done.returncode == 1
