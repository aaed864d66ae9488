"""Programmes from the folder into force, and what a changed file may do."""

from pathlib import Path

import pytest

from tests.house import OLGA, House, a_house
from workers.programme import Outcome, put_in_force

PROGRAMME = """\
id: small
title: A small conference
starts: 2021-06-14
ends: 2021-06-16
languages: [en]
sessions:
  - id: evening
    title: An evening
    date: 2021-06-15
    start: 18:00
    end: 19:30
    zoom: {account: osce-org}
"""
MAPPED = (
    PROGRAMME
    + """\
forms:
  - source: google-forms
    sessions: [evening]
    questions:
      - {question: Name, field: full_name}
      - {question: Mail, field: email}
"""
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    programmes = tmp_path / "programmes"
    programmes.mkdir()
    (programmes / "small.yaml").write_text(PROGRAMME, "utf-8")
    return programmes


def changed(house: House, folder: Path, text: str) -> Outcome:
    (folder / "small.yaml").write_text(text, "utf-8")
    return put_in_force(house.toolbox, folder)


def in_force(house: House) -> str:
    with house.toolbox.database.read() as session:
        found = house.toolbox.shelf.get(session, "small")
    assert found is not None
    return found.conference.model_dump_json()


def test_before_anybody_has_registered_a_changed_file_replaces_the_programme(
    tmp_path: Path, folder: Path, database_url: str
) -> None:
    with a_house(tmp_path, database_url, conferences=folder) as house:
        assert changed(house, folder, PROGRAMME.replace("18:00", "17:00")).in_force == ("small",)
        assert '"start":"17:00:00"' in in_force(house)


def test_after_that_a_moved_session_changes_nothing_and_is_said(
    tmp_path: Path, folder: Path, database_url: str
) -> None:
    with a_house(tmp_path, database_url, conferences=folder) as house:
        house.register(OLGA | {"sessions": ["evening"]}, conference="small")
        outcome = changed(house, folder, PROGRAMME.replace("18:00", "17:00"))
        assert (outcome.in_force, outcome.differing) == ((), ("small",))
        assert '"start":"18:00:00"' in in_force(house)


def test_a_corrected_form_mapping_comes_into_force_at_any_time(tmp_path: Path, folder: Path, database_url: str) -> None:
    with a_house(tmp_path, database_url, conferences=folder) as house:
        house.register(OLGA | {"sessions": ["evening"]}, conference="small")
        assert changed(house, folder, MAPPED).in_force == ("small",)
        assert '"google-forms"' in in_force(house)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("zoom: {account: osce-org}", "zoom: {account: odihr-pl}"),
        ("languages: [en]", "languages: [en]\nreminders: {reminder: {minutes_before: 30}}"),
    ],
    ids=["another-zoom-event", "other-reminders"],
)
def test_what_sends_letters_or_moves_reminders_takes_a_plan(
    tmp_path: Path, folder: Path, database_url: str, before: str, after: str
) -> None:
    with a_house(tmp_path, database_url, conferences=folder) as house:
        house.register(OLGA | {"sessions": ["evening"]}, conference="small")
        known = in_force(house)
        assert changed(house, folder, PROGRAMME.replace(before, after)).differing == ("small",)
        assert in_force(house) == known


GERMAN = """\
translations:
  de: {title: Eine kleine Konferenz}
"""


def test_a_translation_that_is_added_comes_into_force_and_one_that_was_told_stays(
    tmp_path: Path, folder: Path, database_url: str
) -> None:
    with a_house(tmp_path, database_url, conferences=folder) as house:
        house.register(OLGA | {"sessions": ["evening"]}, conference="small")
        assert changed(house, folder, PROGRAMME + GERMAN).in_force == ("small",)
        assert "Eine kleine Konferenz" in in_force(house)
        in_session = PROGRAMME.replace("    zoom:", "    translations: {de: {title: Ein Abend}}\n    zoom:") + GERMAN
        assert changed(house, folder, in_session).in_force == ("small",)
        assert changed(house, folder, in_session.replace("kleine", "große")).differing == ("small",)
        assert changed(house, folder, in_session.replace("Ein Abend", "Der Abend")).differing == ("small",)
        assert changed(house, folder, PROGRAMME).differing == ("small",)


def test_a_file_with_an_error_keeps_nothing_else_from_working(tmp_path: Path, folder: Path, database_url: str) -> None:
    with a_house(tmp_path, database_url, conferences=folder) as house:
        (folder / "broken.yaml").write_text("id: broken\n", "utf-8")
        # 02:30 on this day is in the gap of spring
        gap = (
            PROGRAMME.replace("id: small", "id: gap")
            .replace("2021-06-14", "2026-03-29")
            .replace("2021-06-16", "2026-03-29")
        )
        gap = gap.replace("2021-06-15", "2026-03-29").replace("18:00", "02:30").replace("19:30", "03:30")
        (folder / "gap.yaml").write_text(gap, "utf-8")
        outcome = put_in_force(house.toolbox, folder)
        assert outcome.in_force == ("small",)
        assert {Path(problem.file).name for problem in outcome.problems} == {"broken.yaml", "gap.yaml"}
