"""The audit: who did what, filtered, by pages, and as a table that no spreadsheet takes for formulas."""

import ast
import csv
import io
from collections.abc import Iterator

import pytest

from adapters.database import audits
from config.settings import ROOT
from domain.deeds import ACTIONS
from tests.web.conftest import Door, House
from tests.web.page import Page
from tests.web.street import NOW
from tests.web.test_admin import log_in, tables
from tests.web.test_admin_participants import as_a

AUDIT = "/admin/audit"
CAPTION = "Who did what, the newest first, in Vienna time"


@pytest.fixture
def monitor(house: House) -> Iterator[Door]:
    """Somebody who is logged in, after others have done things."""
    with house.toolbox.database.write() as session:
        for number in range(130):
            who = "admin:maria" if number % 2 else "cli:root"
            audits.note(
                session, house.toolbox.vault, who=who, action="mail-held", conference="rivers-2026",
                about=f"par_{number}", reason=f"=1+{number} <script>", details={"was": "a", "became": ["b", "c"]},
                now=NOW, machine_now=NOW,
            )  # fmt: skip
    with house.door() as door:
        log_in(door)
        yield door


def posted(door: Door, **fields: str) -> str:
    form = Page(door.get(AUDIT).text).all("input", name="token")[-1]["value"]
    answer = door.post(AUDIT, data={"token": form, **fields})
    assert answer.status_code == 200
    return answer.text


def rows(text: str) -> list[list[str]]:
    return tables(Page(text))[CAPTION][1:]


def test_all_is_there_by_pages_in_plain_words_and_harmless(monitor: Door) -> None:
    first = monitor.get(AUDIT).text
    before = Page(first).one("input", name="before")["value"]
    found = [*rows(first), *rows(posted(monitor, before=before))]
    assert [row[3].rpartition("par_")[2] for row in found] == [str(number) for number in reversed(range(130))]
    assert found[0] == ["2026-09-01 11:05 CEST", "admin:maria", "held all mail to somebody", "rivers-2026par_129",
                        "=1+129 <script>", "was: a, became: b c"]  # fmt: skip
    assert "<script>" not in first


@pytest.mark.parametrize(
    ("filters", "number"),
    [({"who": "admin:maria"}, 65), ({"about": "par_7"}, 1), ({"action": "import"}, 0), ({"action": "mail-held"}, 100),
     ({"conference": "elsewhere"}, 0), ({"conference": "rivers-2026", "who": "cli:root"}, 65),
     ({"before": "1"}, 0), ({"before": "x"}, 100)],
)  # fmt: skip
def test_it_is_filtered(monitor: Door, filters: dict[str, str], number: int) -> None:
    assert len([row for row in rows(posted(monitor, **filters)) if row != ["Nothing."]]) == number


def test_logins_are_shown_where_they_are_asked_for(monitor: Door) -> None:
    assert "logged in" not in {row[2] for row in rows(monitor.get(AUDIT).text)}
    for asked in ({"logins": "1"}, {"action": "admin.login"}):
        assert rows(posted(monitor, **asked))[0][1:3] == ["admin:admin", "logged in"]
    first = posted(monitor, logins="1")
    assert len(rows(first)) == 100
    assert Page(first).all("input", name="logins")[-1]["value"] == "1"


def test_a_page_leads_here_for_one_participant(monitor: Door) -> None:
    assert len(rows(monitor.get(f"{AUDIT}?about=par_12").text)) == 1


def test_the_table_holds_no_formula_and_that_it_was_taken_is_noted(monitor: Door, house: House) -> None:
    content = posted(monitor, deed="table", who="admin:maria")
    head, first, *_ = csv.reader(io.StringIO(content.lstrip("\ufeff")))
    assert head == ["when", "who", "did", "action", "conference", "about", "reason", "details"]
    assert first[6] == "'=1+129 <script>"
    with house.toolbox.database.read() as session:
        newest = audits.listed(session, house.toolbox.vault, 1)[0]
    assert (newest.who, newest.action, newest.details) == ("admin:admin", "audit-exported", {"rows": 65})


@pytest.mark.parametrize(
    ("role", "status"), [("operator", 403), ("secretariat", 403), ("viewer", 403), ("auditor", 200)]
)
def test_only_who_has_the_right_reads_it(
    monitor: Door, monkeypatch: pytest.MonkeyPatch, role: str, status: int
) -> None:
    as_a(role, monkeypatch)  # type: ignore[arg-type]
    assert monitor.get(AUDIT).status_code == status


def test_every_action_that_the_code_notes_has_plain_words() -> None:
    assert set(Noted().actions()) - set(ACTIONS) == set()


class Noted:
    """Which actions the code notes: every call of `audits.note` is looked at, and where it says a parameter of the
    function around it, every call of that."""

    def __init__(self) -> None:
        trees = [ast.parse(file.read_text("utf-8")) for room in ("cli", "web", "workers")
                 for file in sorted((ROOT / room).rglob("*.py"))]  # fmt: skip
        self._calls = [(call, around, tree) for tree in trees for call, around in calls_in(tree)]

    def actions(self) -> Iterator[str]:
        for call, around, tree in self._calls:
            if ast.unparse(call.func) == "audits.note":
                yield from self._said(argument(call, "action", None), around, tree)

    def _said(self, value: ast.expr, around: ast.FunctionDef | None, tree: ast.Module) -> Iterator[str]:
        match value:
            case ast.Constant(value=str(action)):
                yield action
            case ast.JoinedStr(values=[ast.Constant(value=str(begins)), *_]):
                yield from (known for known in ACTIONS if known.startswith(begins))
            case ast.IfExp(body=one, orelse=other):
                yield from (*self._said(one, around, tree), *self._said(other, around, tree))
            case ast.Subscript(value=ast.Name(id=name)) | ast.Name(id=name) if name.isupper():
                yield from constant(tree, name)
            case ast.Name(id=name) if around is not None:
                yield from self._handed_on(around, name, tree)
            case _:
                raise AssertionError(f"nobody can tell which action this is: {ast.unparse(value)}")

    def _handed_on(self, function: ast.FunctionDef, parameter: str, home: ast.Module) -> Iterator[str]:
        names = [one.arg for one in function.args.args if one.arg != "self"]
        place = names.index(parameter) if parameter in names else None
        for call, around, tree in self._calls:
            if function.name.startswith("_") and tree is not home:
                continue
            if getattr(call.func, "attr", getattr(call.func, "id", "")) == function.name:
                yield from self._said(argument(call, parameter, place), around, tree)
            elif ast.unparse(call.func) == "partial" and ast.unparse(call.args[0]) == function.name:
                yield from self._said(call.args[1 + (place or 0)], around, tree)


def calls_in(tree: ast.AST, around: ast.FunctionDef | None = None) -> Iterator[tuple[ast.Call, ast.FunctionDef | None]]:
    """Every call, with the function that it stands in."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Call):
            yield node, around
        yield from calls_in(node, node if isinstance(node, ast.FunctionDef) else around)


def argument(call: ast.Call, name: str, place: int | None) -> ast.expr:
    for one in call.keywords:
        if one.arg == name:
            return one.value
    assert place is not None, ast.unparse(call)
    return call.args[place]


def constant(tree: ast.Module, name: str) -> Iterator[str]:
    """The texts that a module's constant holds: one, or a mapping's values."""
    for node in tree.body:
        if not isinstance(node, ast.AnnAssign | ast.Assign):
            continue
        target = node.target if isinstance(node, ast.AnnAssign) else node.targets[0]
        if ast.unparse(target) == name:
            values = node.value.values if isinstance(node.value, ast.Dict) else [node.value]
            yield from (one.value for one in values if isinstance(one, ast.Constant) and isinstance(one.value, str))
