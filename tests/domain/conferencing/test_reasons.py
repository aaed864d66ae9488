"""Zoom's reasons in plain words, compared with every code that can be written."""

import ast
from collections.abc import Iterator

import pytest

from config.settings import ROOT
from domain.conferencing.outcomes import _RULES
from domain.conferencing.reasons import said

_ROOMS = ("workers", "domain/conferencing", "adapters/database")
_NO_REASONS = frozenset({"zoom-list", "zoom-host", "zoom-event-in-doubt", "zoom-asked"})
"""A source of envelopes, somebody who approves, what a submission is told, and an action."""


def codes() -> Iterator[str]:
    """What stands as a word where something is held or stopped, and how the rules of refusals end."""
    for room in _ROOMS:
        for file in sorted((ROOT / room).rglob("*.py")):
            tree = ast.parse(file.read_text("utf-8"))
            words = {
                one.value for one in ast.walk(tree) if isinstance(one, ast.Constant) and isinstance(one.value, str)
            }
            yield from (
                one for one in words if one.startswith("zoom-") and one[-1] != "-" and one.replace("-", "").isalnum()
            )
    yield from ("alias-not-allowed", "address-too-long-for-zoom", "not-looked-up", "no-zoom-event")
    yield from (f"zoom-3000-{rule.name}" for rule in _RULES)
    yield from ("zoom-503-down", "zoom-404-unreadable", "zoom-777-unknown", "zoom-token-invalid-client", "zoom-4-token")


def test_there_are_words_for_every_code() -> None:
    found = {one for one in codes() if one not in _NO_REASONS}
    assert len(found) > 30
    assert {one for one in found if said(one) == one} == set()


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("zoom-300-invalid", "Zoom takes something in their data for invalid, mostly the address (zoom-300-invalid)"),
        ("zoom-429-person-per-day", "Zoom takes no more calls today (zoom-429-person-per-day)"),
        ("zoom-token-invalid-client", "Zoom refuses our app’s login (zoom-token-invalid-client)"),
        ("zoom-new", "zoom-new"),
    ],
)
def test_a_code_is_said_with_its_meaning(code: str, words: str) -> None:
    assert said(code) == words
