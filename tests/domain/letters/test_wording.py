"""How templates are kept: what is shared between languages, and what is ready before the first letter."""

import pytest
from jinja2 import Environment, FileSystemLoader

from domain.letters import catalogues, wording
from tests.domain.letters.samples import LOCALE, TEMPLATES

LANGUAGES = catalogues.load(LOCALE)


def test_templates_are_compiled_once_for_all_languages(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = wording.Compiled()
    wording.environment(TEMPLATES, LANGUAGES["en"], compiled)
    monkeypatch.delattr(Environment, "compile")
    russian = wording.environment(TEMPLATES, LANGUAGES["ru"], compiled)
    assert "reminder/subject.txt" in russian.list_templates()


def test_every_template_has_been_read_before_the_first_letter(monkeypatch: pytest.MonkeyPatch) -> None:
    rooms = wording.environment(TEMPLATES, LANGUAGES["en"])
    monkeypatch.delattr(FileSystemLoader, "get_source")
    names = rooms.list_templates(extensions=["html", "txt"])
    assert [rooms.get_template(name).name for name in names] == names
