"""The admin page of programmes: what an edited file would do, and applying exactly what was shown."""

import os
from datetime import time
from pathlib import Path

import pytest

from adapters.database import audits, participants, programmes
from config.programmes import ProgrammeError, ProgrammeFile, programme_of
from schemas.registration import RegistrationData
from tests.web.conftest import Door, House
from tests.web.page import Page
from tests.web.street import NOW, PERSON
from tests.web.test_admin import log_in
from tests.workers.test_programme import PROGRAMME
from web.admin import programmes as pages
from workers import programme
from workers.everybody import Everybody
from workers.programme import Files, put_in_force

LIST, ONE = "/admin/programmes", "/admin/programmes/small"
EDITED = PROGRAMME.replace("18:00", "20:00").replace("19:30", "21:30")


@pytest.fixture
def file(house: House, tmp_path: Path) -> Path:
    """The file of a programme that is in force."""
    folder = tmp_path / "programmes"
    folder.mkdir()
    (folder / "small.yaml").write_text(PROGRAMME, "utf-8")
    house.set(conferences=folder)
    put_in_force(house.toolbox, folder)
    return folder / "small.yaml"


def form_of(page: Page) -> dict[str, str]:
    """The fields of the form that applies the plan."""
    token = page.all("input", name="token")[-1]["value"]
    return {"token": token, "digest": page.one("input", name="digest")["value"]}


def version(house: House) -> int | None:
    with house.toolbox.database.read() as session:
        return programmes.version(session, "small")


def test_without_a_login_nothing_is_shown_or_applied(house: House, file: Path) -> None:
    file.write_text(EDITED, "utf-8")
    with house.door() as door:
        for answer in (door.get(LIST), door.get(ONE), door.post(ONE, data={"digest": "x", "token": "y"})):
            assert (answer.status_code, answer.headers["location"]) == (303, "/admin/login")
    assert version(house) == 1


def test_a_file_that_differs_is_listed_its_plan_shown_and_applied_once(house: House, file: Path) -> None:
    with house.door() as door:
        log_in(door)
        assert "says what is in force" in door.get(LIST).text
        assert "nothing to do" in door.get(ONE).text
        file.write_text(EDITED, "utf-8")
        assert f'href="{ONE}"' in door.get(LIST).text
        shown = door.get(ONE)
        assert "18:00–19:30 Vienna time" in shown.text
        assert "20:00–21:30 Vienna time" in shown.text
        form = form_of(Page(shown.text))
        answer = door.post(ONE, data=form)
        assert (answer.status_code, answer.headers["location"]) == (303, ONE)
        assert "nothing to do" in door.get(ONE).text
        assert door.post(ONE, data=form).status_code == 303
    assert version(house) == 2
    with house.toolbox.database.read() as session:
        assert [one.who for one in audits.listed(session, house.toolbox.vault, 10)] == ["admin:admin"]


def test_a_plan_that_holds_no_more_is_refused_with_the_one_that_does(house: House, file: Path) -> None:
    file.write_text(EDITED, "utf-8")
    with house.door() as door:
        log_in(door)
        form = form_of(Page(door.get(ONE).text))
        file.write_text(EDITED.replace("21:30", "22:00"), "utf-8")
        refused = door.post(ONE, data=form)
        assert (refused.status_code, "edited since the plan was made" in refused.text) == (409, True)
        assert "20:00–22:00 Vienna time" in refused.text
        assert version(house) == 1
        assert door.post(ONE, data=form_of(Page(refused.text))).status_code == 303
    assert version(house) == 2


def test_a_form_from_elsewhere_applies_nothing(house: House, file: Path) -> None:
    file.write_text(EDITED, "utf-8")
    with house.door() as door:
        log_in(door)
        form = form_of(Page(door.get(ONE).text))
        assert door.post(ONE, data=form | {"token": "forged"}).status_code == 403
    assert version(house) == 1


def register(house: House) -> None:
    """Somebody in the small conference."""
    data = RegistrationData.model_validate(PERSON | {"full_name": "Olga Petrenko", "email": "olga@example.org"})
    with house.toolbox.database.write() as session:
        participants.locked_or_created(session, house.toolbox.vault, "small", data, NOW, NOW)


def test_what_concerns_very_many_people_is_left_to_the_command_line(
    house: House, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pages, "MOST", 0)
    register(house)
    file.write_text(EDITED, "utf-8")
    with house.door() as door:
        log_in(door)
        assert f'href="{ONE}"' in door.get(LIST).text
        shown = door.get(ONE)
        assert (shown.status_code, "convenor conference plan small" in shown.text) == (409, True)
        token = Page(shown.text).all("input", name="token")[-1]["value"]
        assert door.post(ONE, data={"token": token, "digest": "x"}).status_code == 409
    assert version(house) == 1


def test_where_the_file_says_what_is_in_force_nobody_is_looked_at(
    house: House, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    register(house)
    monkeypatch.setattr(Everybody, "of", None)
    with house.door() as door:
        log_in(door)
        assert "nothing to do" in door.get(ONE).text


def test_a_file_is_read_into_a_programme_once_for_what_stands_in_it(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files, read = Files(), list[Path]()

    def counted(path: Path, content: bytes) -> ProgrammeFile:
        read.append(path)
        return programme_of(path, content)

    monkeypatch.setattr(programme, "programme_of", counted)
    assert files.sound(file) is files.sound(file)
    assert read == [file]
    was = file.stat()
    file.write_text(EDITED, "utf-8")
    os.utime(file, ns=(was.st_atime_ns, was.st_mtime_ns))  # as a copy that keeps its times
    assert files.sound(file).sessions[0].start == time(20)
    file.write_text("id: small", "utf-8")
    for _ in range(2):
        with pytest.raises(ProgrammeError):
            files.sound(file)
    assert read == [file] * 3


@pytest.mark.parametrize("text", ["id: small\n", None], ids=["broken", "gone"])
def test_what_is_wrong_with_a_file_is_said(house: House, file: Path, text: str | None) -> None:
    file.unlink() if text is None else file.write_text(text, "utf-8")
    with house.door() as door:
        log_in(door)
        assert "small.yaml" in door.get(LIST).text
        assert door.get(ONE).status_code == 409


def test_a_conference_that_nobody_knows_is_said(door: Door) -> None:
    log_in(door)
    assert door.get("/admin/programmes/nothing").status_code == 409
