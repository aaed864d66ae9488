"""The house's papers: whatever README, CONTRIBUTING and docs name is there, under that name."""

import ast
import re
import shlex
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
import typer

from cli.main import app
from config.settings import PREFIX, Settings
from tests.servers.postgres import NAMED

ROOT = Path(__file__).resolve().parent.parent
DECISIONS = ROOT / "docs" / "decisions"
GUIDES = (ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "docs" / "architecture.md")
PAPERS = sorted(
    file for pattern in ("*.md", "docs/**/*.md", "deploy/*.md") for file in ROOT.glob(pattern) if file.is_file()
)
PRESENT = [file for file in PAPERS if file.parent != DECISIONS]
"""Papers about what is; a decision may name what was."""

UNITS = sorted(file for file in (ROOT / "deploy").rglob("*") if file.suffix in {".service", ".conf"})

_CODE = re.compile(r"```.*?```|`[^`\n]+`", re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_PATH = re.compile(r"[\w.@-]+(/[\w.@-]+)*/?")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_SUFFIXES = {".py", ".md", ".toml", ".lock", ".html", ".txt", ".yaml", ".cfg", ".pot", ".service", ".gs", ".conf"}
_TO_BE_FILLED_IN = {"DIR", "OUT", "KIND", "PROVIDER"}
_TARGET = re.compile(r"\bmake((?: -C \S+)?(?: [a-z][a-z-]*| \.venv/\.[a-z]+)+)")
_COMMAND = re.compile(r"\bconvenor((?: [a-z][a-z-]*)+)")
_VARIABLE = re.compile(rf"\b{PREFIX}([A-Z][A-Z_]*[A-Z])\b")


def names(papers: Iterable[Path]) -> list[str]:
    return [file.relative_to(ROOT).as_posix() for file in papers]


def code_in(paper: Path) -> Iterator[str]:
    """What stands in backticks, single or in a block."""
    for found in _CODE.findall(paper.read_text(encoding="utf-8")):
        yield found.strip("`")


def spans_in(paper: Path) -> Iterator[str]:
    """What stands in single backticks."""
    outside = re.sub(r"```.*?```", "", paper.read_text(encoding="utf-8"), flags=re.DOTALL)
    yield from re.findall(r"`([^`\n]+)`", outside)


def is_a_path_of_ours(span: str) -> bool:
    """A file or folder of the checkout; not what runs make, and not a pattern to be filled in."""
    parts = span.strip("/").split("/")
    if not _PATH.fullmatch(span) or parts[0] in {"var", ".venv"} or not _TO_BE_FILLED_IN.isdisjoint(map(stem, parts)):
        return False
    return Path(span).suffix in _SUFFIXES or span.endswith("/") or (len(parts) > 1 and (ROOT / parts[0]).is_dir())


def stem(part: str) -> str:
    return part.partition(".")[0]


def is_there(span: str, paper: Path) -> bool:
    """Seen from the checkout or from the paper; a file's bare name is told in a sentence about its folder."""
    beside = (ROOT / span).exists() or (paper.parent / span).exists()
    return beside or ("/" not in span and any(ROOT.glob(f"[a-z]*/**/{span}")))


@pytest.mark.parametrize("paper", PRESENT, ids=names(PRESENT))
def test_every_path_that_a_paper_names_is_there(paper: Path) -> None:
    assert sorted({span for span in spans_in(paper) if is_a_path_of_ours(span) and not is_there(span, paper)}) == []


def test_the_guides_name_paths() -> None:
    assert {file.name for file in GUIDES if any(map(is_a_path_of_ours, spans_in(file)))} == {
        "README.md", "CONTRIBUTING.md", "architecture.md",
    }  # fmt: skip


@pytest.mark.parametrize("paper", PAPERS, ids=names(PAPERS))
def test_every_relative_link_leads_somewhere(paper: Path) -> None:
    dead = []
    for link in _LINK.findall(paper.read_text(encoding="utf-8")):
        path, _, anchor = link.partition("#")
        if ":" in path:
            continue
        target = (paper.parent / unquote(path)) if path else paper
        if not target.exists() or (anchor and anchor not in anchors(target)):
            dead.append(link)
    assert dead == []


def anchors(paper: Path) -> set[str]:
    """As GitHub makes them: lower case, blanks as hyphens, no other punctuation."""
    headings = _HEADING.findall(re.sub(r"```.*?```", "", paper.read_text(encoding="utf-8"), flags=re.DOTALL))
    return {re.sub(r"[^\w -]", "", re.sub(r"[`*]", "", one)).strip().lower().replace(" ", "-") for one in headings}


@pytest.mark.parametrize("paper", PAPERS, ids=names(PAPERS))
def test_every_make_target_that_a_paper_names_is_in_the_makefile(paper: Path) -> None:
    rules = re.findall(r"^([\w./$()-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    known = {one.replace("$(VENV)", ".venv") for one in rules}
    asked = {
        target
        for code in code_in(paper)
        for words in _TARGET.findall(code)
        for target in re.sub(r"-C \S+", "", words).split()
    }
    assert sorted(asked - known) == []


def commands_in(text: str) -> Iterator[list[str]]:
    for words in _COMMAND.findall(text):
        yield words.split()


def known_words(words: list[str]) -> bool:
    """Whether the words name a command, and where that is a group, one of its own."""
    commands = getattr(typer.main.get_command(app), "commands", None)
    for word in words:
        if commands is None:
            return True  # an argument
        if word not in commands:
            return False
        commands = getattr(commands[word], "commands", None)
    return True


@pytest.mark.parametrize("paper", PAPERS, ids=names(PAPERS))
def test_every_command_that_a_paper_names_is_there(paper: Path) -> None:
    asked = [words for code in code_in(paper) for words in commands_in(code)]
    assert [words for words in asked if not known_words(words)] == []


def test_the_web_server_in_front_passes_every_address_that_people_and_senders_have() -> None:
    """All but what stays inside, and what is there in rehearsals alone."""
    example = (ROOT / "deploy" / "README.md").read_text(encoding="utf-8")
    (several,) = re.findall(r"location ~ \^/\(([a-z|-]+)\)\(/\|\$\) \{", example)
    passed = {*several.split("|"), *re.findall(r"location /([a-z-]+)/ \{", example)}
    routes = re.findall(r'\b(?:Route|Mount)\("/([a-z-]+)', (ROOT / "web" / "app.py").read_text(encoding="utf-8"))
    assert passed == set(routes) - {"livez", "readyz", "metrics"}


@pytest.mark.parametrize("unit", UNITS, ids=names(UNITS))
def test_every_unit_starts_a_command_that_is_there(unit: Path) -> None:
    for line in unit.read_text(encoding="utf-8").splitlines():
        if line.startswith("ExecStart="):
            program, *words = shlex.split(line.partition("=")[2])
            assert program.endswith("/.venv/bin/convenor")
            assert known_words([word for word in words if not word.startswith("-")])


def test_every_variable_that_a_paper_or_unit_names_is_a_setting() -> None:
    known = {name.upper() for name in Settings.model_fields} | {NAMED.removeprefix(PREFIX)}
    asked = {
        (file.name, name) for file in (*PAPERS, *UNITS) for name in _VARIABLE.findall(file.read_text(encoding="utf-8"))
    }
    assert sorted(one for one in asked if one[1] not in known) == []


def test_the_table_of_settings_has_every_setting_and_its_default() -> None:
    rows = re.findall(
        rf"^\| `{PREFIX}(\w+)` \| ([^|]+) \|", (ROOT / "docs" / "operating.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )  # fmt: skip
    said = dict(rows)
    assert sorted(said) == sorted(name.upper() for name in Settings.model_fields)
    wrong = []
    for name, field in Settings.model_fields.items():
        default = getattr(field.default, "get_secret_value", lambda field=field: field.default)()
        if isinstance(default, str) and f"`{default}`" not in said[name.upper()]:
            wrong.append(name)
    assert wrong == []


def test_every_step_of_the_walk_names_a_function_that_is_there() -> None:
    rows = re.findall(
        r"^\| [^|]+ \| `([\w/]+\.py)` \| ([^|]+) \|$", (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8"),
        re.MULTILINE,
    )  # fmt: skip
    assert len(rows) > 15
    missing = [
        (file, name)
        for file, named in rows
        for name in re.findall(r"`([\w.]+)`", named)
        if name not in defined_in(ROOT / file)
    ]
    assert missing == []


def defined_in(file: Path) -> set[str]:
    """The functions and classes of a module, and `Class.method`."""
    found = set()
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        if isinstance(node, ast.ClassDef):
            found |= {
                f"{node.name}.{one.name}"
                for one in node.body
                if isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef)
            }
    return found


def test_every_decision_is_in_the_index_under_its_number() -> None:
    pages = {file.name for file in DECISIONS.glob("[0-9]*.md")}
    index = re.findall(
        r"^\| \[(\d+)\]\(([^)]+)\) \|", (DECISIONS / "README.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    assert sorted(name for _, name in index) == sorted(pages)
    assert [(number, int(name[:4])) for number, name in index if int(number) != int(name[:4])] == []
    for name in pages:
        assert (DECISIONS / name).read_text(encoding="utf-8").startswith(f"# {int(name[:4])}. "), name


def test_every_library_has_its_line_in_the_decision_on_libraries() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = [one for name in ("dev", "otel") for one in project["dependency-groups"][name] if isinstance(one, str)]
    wanted = [re.split(r"[\[>=<; ]", one)[0] for one in (*project["project"]["dependencies"], *groups)]
    page = (DECISIONS / "0003-libraries.md").read_text(encoding="utf-8")
    listed = {name.strip() for cell in re.findall(r"^\| ([^|]+) \|", page, re.MULTILINE) for name in cell.split(",")}
    assert sorted(set(wanted) - listed) == []


def test_the_changelog_begins_with_what_is_unreleased() -> None:
    headings = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert headings[0] == "Unreleased"
