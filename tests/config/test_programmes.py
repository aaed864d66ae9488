"""Programme files: every error has a file, a line, words and a remedy."""

from pathlib import Path

import pytest

from config.problems import Problem
from config.programmes import MAX_BYTES, ProgrammeError, load_programme, load_programmes, open_programme

GOOD = """\
id: evening-2021
title: An evening
starts: 2021-06-14
ends: 2021-06-14
sessions:
  - id: talk
    title: "A talk: its title"
    date: 2021-06-14
    start: 18:00
    end: 19:00
    zoom: {account: osce-org}
  - id: open-end
    title: Afterwards
    unconfirmed: >-
      Nobody knows yet
      when.
"""


def written(folder: Path, text: str, name: str = "evening-2021.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def problems(folder: Path, text: str) -> list[tuple[int, str, str, str]]:
    with pytest.raises(ProgrammeError) as wrong:
        load_programme(written(folder, text))
    return [(one.line, one.path, one.message, one.remedy) for one in wrong.value.problems]


def test_a_programme_is_read_as_written(tmp_path: Path) -> None:
    conference = load_programme(written(tmp_path, GOOD))
    talk, afterwards = conference.sessions
    assert (talk.title, f"{talk.start:%H:%M}", str(talk.date)) == ("A talk: its title", "18:00", "2021-06-14")
    assert (afterwards.date, afterwards.unconfirmed) == (None, "Nobody knows yet when.")


def test_the_line_of_a_session_a_field_and_a_missing_field_can_be_asked_for(tmp_path: Path) -> None:
    opened = open_programme(written(tmp_path, GOOD))
    assert opened.line() == 1
    assert opened.line(None, "ends") == 4
    assert opened.line("talk") == 6
    assert opened.line("talk", "zoom", "account") == 11
    assert opened.line("open-end", "date") == 12


def test_all_errors_come_at_once_each_with_its_line(tmp_path: Path) -> None:
    text = """\
id: evening-2021
titel: An evening
starts: 14 June 2021
ends: 2021-02-30
time_zone: CET
languages: [english]
sessions:
  - id: talk
    title: 2021
    date: 20210614
    start: 1800
    end: 18.30
    format: on-line
    zoom: osce-org
    registration: osce-org.zoom.us
    interpretation: ru
    cancelled: perhaps
    agenda:
      - {titel: Opening}
  - id: late
    title: Late
    date: 2021-06-14
    start: 18:00
    end: 17:00
"""
    clock = "write two digits each, without a zone: 09:30 or 18:00"
    day, address = "write it as year-month-day: 2021-06-14", "write it whole, from https:// to its end"
    assert problems(tmp_path, text) == [
        (1, "", "`title` is missing", "add title:"),
        (2, "titel", "is not a field that programmes have here", "did you mean title?"),
        (3, "starts", "must be a date", day),
        (4, "ends", "is not a day of the calendar", "look at the length of the month"),
        (5, "time_zone", "is not an IANA time zone", "write for example Europe/Vienna"),
        (6, "languages[1]", "must be a language's code", "write two or three lower-case letters: en, fr, uk"),
        (9, "sessions[talk].title", "must be text", "put a number between double quotes, or leave the field out"),
        (10, "sessions[talk].date", "must be a date", day),
        (11, "sessions[talk].start", "must be a time of day", clock),
        (12, "sessions[talk].end", "must be a time of day", clock),
        (13, "sessions[talk].format", "is not one of the words allowed here",
         "write 'online', 'hybrid' or 'in-person'"),
        (14, "sessions[talk].zoom", "must have fields of its own", "write them below it, indented: name: value"),
        (15, "sessions[talk].registration", "must be an address of a web page", address),
        (16, "sessions[talk].interpretation", "must be a list", "begin each entry with a hyphen, or write [one, two]"),
        (17, "sessions[talk].cancelled", "must be true or false", "write true or false"),
        (19, "sessions[talk].agenda[1]", "`title` is missing", "add title:"),
        (19, "sessions[talk].agenda[1].titel", "is not a field that programmes have here", "did you mean title?"),
        (24, "sessions[late].end", "end is not later than start",
         "write both times as on one day; split what passes midnight"),
    ]  # fmt: skip


def test_a_repeated_field_does_not_hide_the_other_errors(tmp_path: Path) -> None:
    text = GOOD.replace("title: Afterwards", "title: Afterwards\n    title: Later\n    fromat: online")
    assert problems(tmp_path, text) == [
        (14, "", "`title` stands twice, first in line 13", "keep one of them"),
        (15, "sessions[open-end].fromat", "is not a field that programmes have here", "did you mean format?"),
    ]


def test_a_confirmed_session_needs_all_that_an_invitation_says(tmp_path: Path) -> None:
    text = GOOD.replace("    unconfirmed: >-\n      Nobody knows yet\n      when.\n", "")
    assert problems(tmp_path, text) == [
        (
            12,
            "sessions[open-end].id",
            "date, start, end missing",
            "give it, or say in `unconfirmed` why it is still open",
        )
    ]


@pytest.mark.parametrize(
    ("line", "instead", "where", "message"),
    [
        ("    end: 19:00\n", "", (6, "sessions[talk].id"), "end missing"),
        ("ends: 2021-06-14", "ends: 2021-06-13", (4, "ends"), "ends is before starts"),
        ("- id: open-end", "- id: talk", (5, "sessions"), "session ids stand twice: talk"),
        ("title: Afterwards", "languages: [en]\n    interpretation: [en]\n    title: A",
         (14, "sessions[open-end].interpretation"), "en is spoken in the room"),
        ("end: 19:00", "end: 19:00\n    alternative_dates: [2021-06-15]", (11, "sessions[talk].alternative_dates"),
         "a confirmed session has one date"),
        ("title: Afterwards", "title: Afterwards\n    translations: {fr: {place: Salle 3}}",
         (14, "sessions[open-end].translations"), "fr has place, and there is none to translate"),
        ("title: Afterwards", "title: A\n    translations:\n      fr: {title: Après}\n      pl: {title: Potem}",
         (16, "sessions[open-end].translations.pl"), "is not one of the words allowed here"),
    ],
)  # fmt: skip
def test_rules_about_several_fields_point_at_one_of_them(
    tmp_path: Path, line: str, instead: str, where: tuple[int, str], message: str
) -> None:
    ((at, path, said, _),) = problems(tmp_path, GOOD.replace(line, instead))
    assert ((at, path), said) == (where, message)


def test_a_form_that_names_unknown_sessions_is_refused(tmp_path: Path) -> None:
    forms = "forms:\n  - {source: google-forms, sessions: [tlak], questions: []}\n"
    message = "the form of google-forms names sessions that do not exist: tlak"
    assert problems(tmp_path, GOOD + forms) == [(17, "forms", message, "name some of: talk, open-end")]


def test_the_file_s_name_must_be_the_id(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD, "other.yaml")
    with pytest.raises(ProgrammeError) as wrong:
        load_programme(path)
    remedy = "name the file evening-2021.yaml, or make the id that of the file"
    assert wrong.value.problems == (Problem(str(path), 1, "id", "is not the name of the file", remedy),)


def test_an_error_reads_as_file_line_place_and_remedy(tmp_path: Path) -> None:
    path = written(tmp_path, GOOD.replace("start: 18:00", "start: 18.00"))
    with pytest.raises(ProgrammeError) as wrong:
        load_programme(path)
    remedy = "write two digits each, without a zone: 09:30 or 18:00"
    assert str(wrong.value) == f"{path}:9: sessions[talk].start: must be a time of day — {remedy}"


def test_an_id_with_a_terminal_s_escape_sequence_is_not_repeated(tmp_path: Path) -> None:
    text = GOOD.replace("- id: open-end", '- id: "\\e[31mred"')
    assert problems(tmp_path, text)[0][:2] == (12, "sessions[2].id")


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        (b"", 1, "is empty"),
        (b"# only a remark\n", 1, "is empty"),
        (b"id: a\ntitle: \xff\n", 2, "is not UTF-8"),
        (b"a: " + b"x" * MAX_BYTES, 1, "is too large"),
        (b"- a list\n", 1, "must have fields of its own"),
        (b"id: &a x\n", 1, "anchors (&) and aliases (*) are not read"),
    ],
)
def test_a_file_that_cannot_be_a_programme_says_why(tmp_path: Path, content: bytes, line: int, message: str) -> None:
    path = tmp_path / "evening-2021.yaml"
    path.write_bytes(content)
    with pytest.raises(ProgrammeError) as wrong:
        load_programme(path)
    assert [(one.line, one.message) for one in wrong.value.problems] == [(line, message)]


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path: Path) -> None:
    path = tmp_path / "evening-2021.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.encode())
    assert load_programme(path).id == "evening-2021"


def test_a_file_that_is_not_there_is_a_problem_too(tmp_path: Path) -> None:
    with pytest.raises(ProgrammeError, match="cannot be read: No such file"):
        load_programme(tmp_path / "evening-2021.yaml")


def test_a_folder_s_programmes_come_by_id(tmp_path: Path) -> None:
    written(tmp_path, GOOD)
    written(tmp_path, GOOD.replace("evening-2021", "another-2021"), "another-2021.yml")
    written(tmp_path, "not a programme", "README.md")
    assert list(load_programmes(tmp_path)) == ["another-2021", "evening-2021"]


def test_two_files_with_one_id_are_refused(tmp_path: Path) -> None:
    written(tmp_path, GOOD)
    second = written(tmp_path, GOOD, "evening-2021.yml")
    with pytest.raises(ProgrammeError) as wrong:
        load_programmes(tmp_path)
    remedy = "keep one of the two files"
    assert wrong.value.problems == (Problem(str(second), 1, "id", "evening-2021.yaml has the same id", remedy),)


def test_the_problems_of_all_files_come_together(tmp_path: Path) -> None:
    written(tmp_path, "id: one\n", "one.yaml")
    written(tmp_path, "id: [\n", "two.yaml")
    with pytest.raises(ProgrammeError) as wrong:
        load_programmes(tmp_path)
    assert {Path(one.file).name for one in wrong.value.problems} == {"one.yaml", "two.yaml"}


def test_a_folder_that_is_none_is_a_problem(tmp_path: Path) -> None:
    with pytest.raises(ProgrammeError, match="is no folder"):
        load_programmes(tmp_path / "nowhere")
