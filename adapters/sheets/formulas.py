"""Text that a spreadsheet would take for a formula, made harmless in CSV (OWASP ASVS 5.0, 1.2.10; "CSV injection").

An apostrophe before it makes it text in every spreadsheet. One that stands there already gets a second, so that what
was escaped can be told from what was typed.
"""

import re

_DANGEROUS = re.compile(r"'*[=+\-@\t\r\n\0＝＋－＠]")
_ESCAPED = re.compile(r"'+[=+\-@\t\r\n\0＝＋－＠]")


def escaped(text: str) -> str:
    """The text as it is written into a file."""
    return f"'{text}" if _DANGEROUS.match(text) else text


def unescaped(text: str) -> str:
    """The text as it was before `escaped`."""
    return text[1:] if _ESCAPED.match(text) else text
