"""Interpretation: languages by session; who may see figures alone sees no small ones."""

import csv
import io
from collections.abc import Callable

import pytest

from adapters.database.tables import ProgrammeRow
from domain.roles import Right, Role, may
from tests.web.conftest import Door, House
from tests.web.crowd import RIVERS, registered
from tests.web.page import Page
from tests.web.test_admin import log_in, tables


@pytest.fixture
def wishes(house: House) -> None:
    """Seven wish for Russian and two for French, online; one for Ukrainian, in the room; eight for nothing."""
    wished = ["ru"] * 7 + ["fr"] * 2 + [None] * 8
    for number, language in enumerate(wished):
        registered(house, number, interpretation=language)
    registered(house, 100, interpretation="uk", attendance="in-person")
    registered(house, 101, interpretation="ru", state="withdrawn")


def visitor(house: House, role: Role, monkeypatch: pytest.MonkeyPatch) -> Door:
    """Somebody of this role, who is logged in."""
    monkeypatch.setattr("web.admin.visits.may", _as(role))
    door = house.door()
    log_in(door)
    return door


def _as(role: Role) -> Callable[[Role, Right], bool]:
    return lambda _own, right: may(role, right)


@pytest.mark.usefixtures("wishes")
def test_who_orders_interpreters_sees_true_numbers(house: House) -> None:
    with house.door() as door:
        log_in(door)
        page = Page(door.get("/admin/interpretation").text)
    found = tables(page)["Wishes for rivers-2026"]
    assert found == [
        ["Session", "Attends", "French (fr)", "Russian (ru)", "Ukrainian (uk)", "none", "Together"],
        ["OpeningThu 22 Oct, 14:00–15:00 CEST", "online", "2 offered", "7 offered", "0", "8", "17"],
        ["OpeningThu 22 Oct, 14:00–15:00 CEST", "in-person", "0 offered", "0 offered", "1", "0", "1"],
    ]
    shades = [one["class"] for one in page.all("td") if "heat-" in one.attributes.get("class", "")]
    assert shades[:4] == ["number heat-2", "number heat-5", "number heat-0", "number heat-0"]


@pytest.mark.usefixtures("wishes")
@pytest.mark.parametrize("role", ["viewer", "auditor"])
def test_who_sees_figures_alone_sees_no_small_ones(house: House, monkeypatch: pytest.MonkeyPatch, role: Role) -> None:
    with visitor(house, role, monkeypatch) as door:
        text, file = door.get("/admin/interpretation").text, door.get("/admin/interpretation.csv").text
    rows = tables(Page(text))["Wishes for rivers-2026"][1:]
    assert [row[2:] for row in rows] == [
        ["… offered", "… offered", "0", "8", "…"],
        ["0 offered", "0 offered", "…", "0", "…"],
    ]
    numbers = [line[-1] for line in csv.reader(io.StringIO(file)) if len(line) > 1]
    assert numbers == ["people", "hidden", "hidden", "8", "hidden"]


@pytest.mark.usefixtures("wishes")
def test_the_file_has_a_line_for_each_wish_and_no_formula(house: House) -> None:
    with house.door() as door:
        log_in(door)
        answer = door.get("/admin/interpretation.csv")
    assert answer.headers["content-disposition"] == 'attachment; filename="interpretation.csv"'
    assert answer.headers["cache-control"] == "no-store"
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert lines[1] == ["rivers-2026", "opening", "Opening", "Thu 22 Oct, 14:00–15:00 CEST", "online",
                        "French (fr)", "2"]  # fmt: skip
    assert lines[-1] == ["Interpretation; taken out by admin:admin"]


def test_a_title_that_looks_like_a_formula_is_text_in_the_file(house: House) -> None:
    with house.toolbox.database.write() as session:
        row = session.get_one(ProgrammeRow, RIVERS)
        row.document = row.document.replace('"Opening"', '"=HYPERLINK(evil)"')
    registered(house, 1, interpretation="ru")
    with house.door() as door:
        log_in(door)
        text = door.get("/admin/interpretation.csv").content.decode("utf-8-sig")
    assert "'=HYPERLINK(evil)" in text
    assert not any(cell.startswith("=") for line in csv.reader(io.StringIO(text)) for cell in line)
