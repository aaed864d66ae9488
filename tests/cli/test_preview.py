"""`convenor preview`: pages of every letter, to be looked at before anybody gets one."""

import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.main import app
from cli.preview.command import written
from cli.preview.pages import Place, write
from cli.preview.personas import PERSONAS
from cli.preview.specimens import KINDS, desk, programme_shown, specimen
from domain.letters.model import LetterKind, Order

STANDARD = PERSONAS[0]
SHOWN = programme_shown()
ORDERS: dict[Any, Order] = {
    (kind, one.id): order
    for kind in KINDS for one in PERSONAS if (order := specimen(kind, one, "en", SHOWN)) is not None
}  # fmt: skip


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["preview", *arguments])
    return result.exit_code, result.output


def test_a_folder_of_pages_begins_with_the_index(tmp_path: Path) -> None:
    out = tmp_path / "pages"
    arguments = ("--out", str(out), "--kind", "invitation", "--language", "en", "--person", "standard")
    assert run(*arguments) == (0, f"1 letters. Open {out / 'index.html'}\n")
    assert sorted(file.relative_to(out).as_posix() for file in out.rglob("*.*")) == [
        "en/invitation.standard.html", "en/invitation.standard.ics", "en/invitation.standard.letter.html",
        "index.html", "index.standard.html", "preview.css", "viewer.css",
    ]  # fmt: skip


def test_a_page_shows_subject_header_text_and_entry_and_frames_the_letter(tmp_path: Path) -> None:
    place = Place("invitation", STANDARD, "en")
    (letter,) = (letters := written(desk(), [place])).values()
    write(tmp_path, letters)
    page = (tmp_path / place.page).read_text(encoding="utf-8")
    assert f'lang="en">{letter.subject}</h1>' in page
    assert "Ines Marchetti&#34; &lt;ines@ngo.example.org&gt;" in page
    assert "<dt>UID</dt>" in page
    assert '<a href="invitation.standard.ics" download>' in page
    assert '<iframe class="letter" sandbox="" src="invitation.standard.letter.html"' in page
    assert (tmp_path / place.letter).read_text(encoding="utf-8") == letter.html
    assert (tmp_path / place.calendar).read_bytes() == letter.calendar


def test_every_link_leads_to_a_page_that_is_there_and_nothing_is_fetched_from_elsewhere(tmp_path: Path) -> None:
    places = [Place(kind, one, "en") for one in (STANDARD, PERSONAS[2]) for kind in KINDS]
    write(tmp_path, written(desk(), places))
    for page in [one for one in tmp_path.rglob("*.html") if ".letter." not in one.name]:
        found = re.findall(r'(?:href|src)="([^"#]+)"', page.read_text(encoding="utf-8"))
        assert [one for one in found if one != "data:," and not (page.parent / one).is_file()] == []


@pytest.mark.parametrize(
    ("option", "said"), [("--kind", "no kind x"), ("--language", "no language x"), ("--person", "no person x")]
)
def test_what_there_is_not_is_wrong_use_and_named(option: str, said: str) -> None:
    code, output = run(option, "x")
    assert (code, said in " ".join(output.split())) == (2, True)


def test_the_pseudo_language_is_there_if_wanted(tmp_path: Path) -> None:
    arguments = ("--out", str(tmp_path), "--language", "qps", "--kind", "notice", "--person", "standard")
    assert run(*arguments)[0] == 2
    assert run(*arguments, "--pseudo")[0] == 0
    assert "[" in (tmp_path / "qps" / "notice.standard.html").read_text(encoding="utf-8").partition("<h1")[2]


def test_a_letter_that_never_goes_out_is_not_shown(tmp_path: Path) -> None:
    code, output = run("--out", str(tmp_path), "--kind", "reminder", "--person", "in-person")
    assert (code, "no such letter" in output, list(tmp_path.iterdir())) == (1, True, [])


def test_a_folder_that_cannot_be_written_fails_plainly(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    code, output = run("--out", str(tmp_path / "file"), "--kind", "invitation", "--language", "en")
    assert (code, output) == (1, f"{tmp_path / 'file'} cannot be written: Not a directory\n")


def test_nobody_who_comes_is_reminded_in_the_last_hour() -> None:
    missing = {(kind, one.id) for kind in KINDS for one in PERSONAS} - ORDERS.keys()
    assert missing == {("reminder", "in-person"), ("last-reminder", "in-person")}


def test_the_same_specimen_is_the_same_letter() -> None:
    again = specimen("invitation", STANDARD, "en", programme_shown())
    assert again is not None
    assert desk().write(again).message == desk().write(ORDERS["invitation", "standard"]).message


@pytest.mark.parametrize(("kind", "wanted"), [("withdrawal", "CANCEL"), ("invitation", "REQUEST")])
def test_a_calendar_entry_goes_with_what_is_about_one_session(kind: LetterKind, wanted: str) -> None:
    part = ORDERS[kind, "standard"].calendar
    assert part is not None
    assert part.method == wanted


def test_the_one_with_several_sessions_has_three_pairs_that_overlap() -> None:
    pairs = ORDERS["confirmation", "several"].overlaps
    assert [(one.session.id, other.session.id) for one, other in pairs] == [
        ("cedaw-gr38", "community-policing"),
        ("cedaw-gr38", "criminalising-knowing-use"),
        ("community-policing", "criminalising-knowing-use"),
    ]
