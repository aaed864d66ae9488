"""The letters' MJML, compiled to the HTML that Convenor sends: `make letters`, or `python -m tests.mjml`.

MJML is for those who change the layout; what runs in production has neither it nor its compiler.
"""

import re
from pathlib import Path

import mrml

from config.settings import ROOT

LAYOUT = ROOT / "templates" / "email" / "_base"
SOURCE, OUTPUT = LAYOUT / "letter.mjml", LAYOUT / "letter.html"

_NOTICE = "{# Compiled from letter.mjml by `make letters`: change that file, not this one. #}\n"

_INDENT = re.compile(r"\n\s+")
"""Indentation is for the source: every letter would carry it."""


def compiled(source: Path = SOURCE) -> str:
    """The Jinja template that the MJML makes; its `mj-include` finds files beside it. Raises OSError where it is not
    there, and ValueError where it is no MJML."""
    beside = {file.name: file.read_text(encoding="utf-8") for file in source.parent.glob("*.mjml")}
    options = mrml.ParserOptions(include_loader=mrml.memory_loader(beside))
    made = mrml.to_html(beside[source.name], options, mrml.RenderOptions(disable_comments=True)).content
    return _NOTICE + _INDENT.sub("\n", made) + "\n"


if __name__ == "__main__":
    OUTPUT.write_text(compiled(), encoding="utf-8")
