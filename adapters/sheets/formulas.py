"""Text that a spreadsheet would take for a formula, made harmless in CSV (OWASP ASVS 5.0, 1.2.10; "CSV injection").

An apostrophe before it makes it text in every spreadsheet. It stands behind whatever parts cells, too: opened where
another delimiter is usual, a text is several cells, and the second could begin with an equals sign. One that stands
there already gets a second, so that what was escaped can be told from what was typed.
"""

import re

_BEGINNING = r"((?:^|[,;\t\r\n])\"*)"
_DANGEROUS = re.compile(rf"{_BEGINNING}(?='*[=+\-@\t\r\n\0＝＋－＠])")
_ESCAPED = re.compile(rf"{_BEGINNING}'(?='*[=+\-@\t\r\n\0＝＋－＠])")


def escaped(text: str) -> str:
    """The text as it is written into a file."""
    return _DANGEROUS.sub(r"\1'", text)


def unescaped(text: str) -> str:
    """The text as it was before `escaped`."""
    return _ESCAPED.sub(r"\1", text)
