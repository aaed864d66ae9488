"""Reasons in plain words, compared with every code that can be written."""

import ast
from collections.abc import Iterator
from itertools import product
from typing import get_args

import pytest

from adapters.database import letters
from adapters.database.tables import BOUNCE_CLASSES, SUPPRESSION_REASONS
from config.settings import ROOT
from domain.delivery import verdict
from domain.reasons import explained
from domain.reminders import SkipReason
from schemas.smtp import SmtpAnswer, Stage

_TAKERS = {"NothingToSay": 1, "withhold": 2}
"""Where the code of a reason stands among the arguments."""
_WRITERS = ("workers", "domain", "adapters/database")


def calls() -> Iterator[ast.Call]:
    for room in _WRITERS:
        for file in sorted((ROOT / room).rglob("*.py")):
            tree = ast.parse(file.read_text("utf-8"))
            yield from (node for node in ast.walk(tree) if isinstance(node, ast.Call))


def constants(node: ast.AST) -> set[str]:
    return {one.value for one in ast.walk(node) if isinstance(one, ast.Constant) and isinstance(one.value, str)}


def written_in_calls() -> set[str]:
    """Codes that stand as words where a letter's reason is given."""
    found: set[str] = set()
    for call in calls():
        name = getattr(call.func, "attr", getattr(call.func, "id", ""))
        place = _TAKERS.get(name)
        if place is not None and len(call.args) > place and isinstance(call.args[place], ast.Constant):
            found |= constants(call.args[place])
        if name == "values":
            given = [one.value for one in call.keywords if one.arg == "reason"]
            found |= {code for one in given if isinstance(one, ast.Constant) for code in constants(one)}
    return found


def returned_by(file: str, function: str) -> set[str]:
    """Codes that a function which decides about a reason returns."""
    tree = ast.parse((ROOT / file).read_text("utf-8"))
    (body,) = [one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef) and one.name == function]
    return set().union(*(constants(one) for one in ast.walk(body) if isinstance(one, ast.Return)))


def answered() -> set[str]:
    """The reasons of every answer that a mail server can give, tried first and last."""
    enhanced = [None, *(f"{kind}.{detail}" for kind in "45" for detail in (
        "0.0", "1.1", "1.2", "1.3", "1.6", "1.7", "1.8", "1.10", "2.1", "2.2", "2.3", "3.4", "4.1", "6.7", "6.9",
        "7.1", "7.28"))]  # fmt: skip
    codes = (None, 421, 450, 451, 452, 500, 550, 552, 553, 554, 571)
    stages: tuple[Stage, ...] = get_args(Stage)
    answers = [SmtpAnswer(stage, code, one if code else None) for stage, code, one in product(stages, codes, enhanced)]
    judged = [verdict(one, tries, ("x.2.2",) * tries) for one in answers for tries in (1, 5, 1000)]
    return {one.reason for one in judged if one.reason}


REASONS = (
    written_in_calls()
    | returned_by("workers/reminders.py", "why_not_now")
    | returned_by("domain/rearming.py", "_why_not")
    | answered()
    | {*get_args(SkipReason), *SUPPRESSION_REASONS, *BOUNCE_CLASSES, *(f"{one}-5.1.1" for one in BOUNCE_CLASSES)}
    | {letters.REPLAYED, letters.BY_HAND, letters.RETRIED, letters.RELEASED, "could-not-be-written", "worker-gone"}
)


def test_the_codes_were_found_where_they_are_written() -> None:
    some = {"too-late", "superseded", "not-attending", "muted", "moved", "resolved", "merged", "regrouped"}
    assert some | {"switched-off", "smtp-550-5.1.1", "gave-up-after-server-not-reached", "mailbox-full"} <= REASONS


@pytest.mark.parametrize("code", sorted(REASONS))
def test_every_reason_has_a_meaning_and_a_remedy(code: str) -> None:
    found = explained(code)
    assert found is not None
    assert all(one.endswith(".") for one in found)


@pytest.mark.parametrize("code", ["", "nonsense", "smtp-", "smtp-550-x", "gave-up-after-nonsense", "hard-<script>"])
def test_what_is_not_known_is_not_made_up(code: str) -> None:
    assert explained(code) is None


def test_a_refusal_of_us_is_not_laid_at_the_recipients_door() -> None:
    assert "refuses us" in (explained("smtp-550-5.7.1") or ("",))[0]
    assert "nobody has this address" in (explained("smtp-550-5.1.1") or ("",))[0]
    assert "Given up after five days" in (explained("gave-up-after-smtp-451-4.7.1") or ("",))[0]
