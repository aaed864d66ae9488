"""`convenor conference`: list, show, check, new, as people and programs read them."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.conference import app
from config.programmes import load_programme
from domain.findings import findings

GOOD = """\
id: evening-2021
title: An evening [in Vienna]
starts: 2021-06-14
ends: 2021-06-14
sessions:
  - id: talk
    title: A talk
    date: 2021-06-14
    start: 18:00
    end: 19:00
    zoom: {account: osce-org}
    registration: https://example.org/register
    interpretation: [ru]
  - id: earlier
    title: Before it
    date: 2021-06-14
    start: 17:30
    end: 18:30
    format: in-person
    place: Vienna
"""


@pytest.fixture(autouse=True)
def _no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rich takes these for a terminal that can show colours."""
    for name in ("FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "evening-2021.yaml").write_text(GOOD, encoding="utf-8")
    return tmp_path


def run(*arguments: str | Path) -> tuple[int, str]:
    """Exit code and all output."""
    result = CliRunner().invoke(app, [str(one) for one in arguments])
    return result.exit_code, result.output


def test_list_has_a_line_for_each_programme(folder: Path) -> None:
    assert run("list", "--folder", folder) == (
        0, "evening-2021\tAn evening [in Vienna]\t2021-06-14\t2021-06-14\t2\t0\n"
    )  # fmt: skip


def test_list_can_be_read_by_a_program(folder: Path) -> None:
    code, output = run("list", "--folder", folder, "--json")
    assert (code, json.loads(output)) == (0, [{
        "id": "evening-2021", "title": "An evening [in Vienna]", "starts": "2021-06-14", "ends": "2021-06-14",
        "sessions": 2, "unconfirmed": 0,
    }])  # fmt: skip


def test_a_terminal_gets_a_table_with_brackets_as_written(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "140")
    code, output = run("list", "--folder", folder)
    assert (code, "┃" in output, "An evening [in Vienna]" in output) == (0, True, True)


def test_without_a_folder_the_settings_say_which(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONVENOR_CONFERENCES", str(folder))
    assert run("list")[1].startswith("evening-2021\t")


def test_show_has_the_sessions_in_order_of_time_with_zone_and_state(folder: Path) -> None:
    zone = "Vienna time (CEST, UTC+2)"
    assert run("show", "evening-2021", "--folder", folder) == (
        0,
        (
            "An evening [in Vienna] (evening-2021), 2021-06-14 to 2021-06-14, Europe/Vienna\n"
            f"earlier\t2021-06-14\t17:30–18:30 {zone}\tin-person\ten\tconfirmed\tBefore it\n"
            f"talk\t2021-06-14\t18:00–19:00 {zone}\tonline\ten → ru\tconfirmed\tA talk\n"
        ),
    )


def test_show_in_json_is_the_whole_programme(folder: Path) -> None:
    code, output = run("show", "evening-2021", "--folder", folder, "--json")
    assert (code, [one["id"] for one in json.loads(output)["sessions"]]) == (0, ["talk", "earlier"])


def test_show_of_what_is_not_there_is_wrong_use_and_says_what_is(folder: Path) -> None:
    code, output = run("show", "morning", "--folder", folder)
    assert (code, "evening-2021" in output) == (2, True)


def test_check_names_what_is_found_and_ends_well_without_errors(folder: Path) -> None:
    path = folder / "evening-2021.yaml"
    assert run("check", path) == (
        0,
        f"{path}:9: note: talk: It overlaps earlier: nobody can attend both.\nerrors: 0, warnings: 0, notes: 1\n",
    )


def test_check_of_a_broken_file_ends_with_1_and_file_line_and_remedy(folder: Path) -> None:
    path = folder / "evening-2021.yaml"
    path.write_text(GOOD.replace("start: 18:00", "start: 18.00").replace("title: A talk", "titel: A talk"))
    assert run("check", path) == (
        1,
        (
            f"{path}:7: error: sessions[talk].titel: is not a field that programmes have here — did you mean title?\n"
            f"{path}:9: error: sessions[talk].start: must be a time of day — "
            "write two digits each, without a zone: 09:30 or 18:00\n"
            "errors: 2, warnings: 0, notes: 0\n"
        ),
    )


def test_check_ends_with_1_for_a_programme_that_is_well_formed_and_impossible(folder: Path) -> None:
    path = folder / "evening-2021.yaml"
    path.write_text(
        GOOD.replace("ends: 2021-06-14", "ends: 2021-06-15").replace("    date: 2021-06-14", "    date: 2022-06-14")
    )
    code, output = run("check", path, "--json")
    assert code == 1
    assert [(one["line"], one["severity"], one["code"], one["session"]) for one in json.loads(output)] == [
        (8, "error", "outside", "talk"),
        (9, "note", "overlap", "talk"),
        (16, "error", "outside", "earlier"),
    ]


def test_check_takes_several_files_and_without_any_the_folder(folder: Path) -> None:
    second = folder / "morning-2021.yaml"
    second.write_text("id: morning-2021\n")
    both = run("check", folder / "evening-2021.yaml", second)
    assert both[0] == 1
    assert run("check", "--folder", folder) == both


def test_check_of_a_file_that_is_not_there_is_wrong_use(folder: Path) -> None:
    assert run("check", folder / "nothing.yaml")[0] == 2


def test_check_prints_paths_as_seen_from_here(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    assert run("check", folder / "evening-2021.yaml")[1].startswith("evening-2021.yaml:9: ")


def test_new_writes_a_start_that_passes_its_own_check(tmp_path: Path) -> None:
    code, output = run("new", "our-conference-2030", "--out", tmp_path)
    path = tmp_path / "our-conference-2030.yaml"
    assert (code, str(path) in output) == (0, True)
    conference = load_programme(path)
    assert conference.id == "our-conference-2030"
    assert {one.severity for one in findings(conference)} == {"warning", "note"}
    assert run("check", path)[0] == 0


def test_a_start_invites_nobody_until_its_examples_are_confirmed(tmp_path: Path) -> None:
    run("new", "our-conference-2030", "--out", tmp_path)
    assert all(one.unconfirmed for one in load_programme(tmp_path / "our-conference-2030.yaml").sessions)


def test_a_start_names_the_schema_by_a_path_that_leads_there(tmp_path: Path) -> None:
    run("new", "our-conference-2030", "--out", tmp_path)
    first, _, _ = (tmp_path / "our-conference-2030.yaml").read_text(encoding="utf-8").partition("\n")
    assert (tmp_path / first.rpartition("=")[2]).resolve().name == "conference.schema.json"
    assert (tmp_path / first.rpartition("=")[2]).exists()


def test_new_goes_to_the_folder_of_programmes(tmp_path: Path) -> None:
    run("new", "our-conference-2030", "--folder", tmp_path)
    assert (tmp_path / "our-conference-2030.yaml").exists()


@pytest.mark.parametrize("name", ["evening-2021.yaml", "evening-2021.yml"])
def test_new_never_overwrites(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text(GOOD, encoding="utf-8")
    code, output = run("new", "evening-2021", "--out", tmp_path)
    assert (code, "is there already" in output) == (1, True)
    assert [one.name for one in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text(encoding="utf-8") == GOOD


@pytest.mark.parametrize("name", ["Our Conference", "../elsewhere", "-x", ""])
def test_new_refuses_what_cannot_be_an_id(tmp_path: Path, name: str) -> None:
    assert run("new", "--out", tmp_path, "--", name)[0] == 2
    assert list(tmp_path.iterdir()) == []


def test_new_says_when_it_cannot_write(tmp_path: Path) -> None:
    code, output = run("new", "our-conference-2030", "--out", tmp_path / "nowhere")
    assert (code, "cannot be written" in output) == (1, True)
