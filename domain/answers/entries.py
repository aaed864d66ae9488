"""The entries of an iCalendar object that anybody may have written, as far as an answer needs them.

Line by line, and not as the library reads whole objects: that works out the rules of every VTIMEZONE, and one that
recurs each second for seventy years is a few lines long.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from icalendar.parser import Contentline, Contentlines

Property = tuple[Mapping[str, str | Sequence[str]], str]
"""Parameters by their names in capitals, and the value, unescaped."""

_WANTED: Final = frozenset({"UID", "SEQUENCE", "DTSTAMP", "ATTENDEE", "COMMENT", "DTSTART", "DTEND", "DURATION"})
_MOST_ENTRIES, _MOST_OF_A_KIND, _DEEPEST, _LONGEST_LINE = 10, 20, 10, 8 * 1024
_NAME = re.compile(r"\s*([A-Za-z-]{1,20})\s*[;:]")


class Entry:
    """One VEVENT."""

    def __init__(self) -> None:
        self._lines: dict[str, list[Contentline]] = {}

    def keep(self, name: str, line: Contentline) -> None:
        """Remember a line, unless there are too many of its kind."""
        lines = self._lines.setdefault(name, [])
        if len(lines) < _MOST_OF_A_KIND:
            lines.append(Contentline(line[:_LONGEST_LINE]))  # type: ignore[no-untyped-call]

    def all(self, name: str) -> Iterator[Property]:
        """The properties of this name that can be read."""
        for line in self._lines.get(name, ()):
            try:
                _, parameters, value = line.parts()
            except ValueError:
                continue  # its message would hold the line
            yield {str(key).upper(): given for key, given in parameters.items()}, str(value).strip()

    def first(self, name: str) -> str:
        """The first value of this name; empty where there is none."""
        return next((value for _, value in self.all(name)), "")


def entries(text: str) -> tuple[str, list[Entry]]:
    """METHOD in capitals, empty where there is none, and the entries, of which the last may be incomplete."""
    method, found, within = "", list[Entry](), list[str]()
    for line in Contentlines.from_ical(text.lstrip("\ufeff")):  # type: ignore[no-untyped-call]
        named = _NAME.match(line)
        name = named[1].upper() if named else ""
        value = line[named.end() :].strip().upper() if named else ""
        if name == "BEGIN":
            within.append(value)
            if value == "VEVENT":
                found.append(Entry())
        elif name == "END" and value in within:
            del within[within.index(value) :]
        elif name == "METHOD" and not method and "VEVENT" not in within:
            method = value
        elif name in _WANTED and within[-1:] == ["VEVENT"]:
            found[-1].keep(name, line)
        if len(within) > _DEEPEST or len(found) > _MOST_ENTRIES:
            break
    return method, found[:_MOST_ENTRIES]
