"""A mail as bytes, read for what a calendar has answered in it.

Who has sent the mail is not looked at: assistants answer for those whose calendar they keep, and Google answers from
servers of its own. What counts is the ATTENDEE, and it can be forged like all the rest: an answer is a note.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from domain.answers.addresses import ways_to_write
from domain.answers.entries import Entry, entries
from domain.answers.moments import proposed, stamp
from domain.answers.said import Answer, NotAnAnswer, Partstat, Remark
from domain.mail import Mail, content_of, header, parsed, parts, text_of

_KINDS = ("text/calendar", "application/ics", "text/x-vcalendar", "application/calendar")
_FILE = re.compile(r"name\*?[0-9*]*=[^;]{0,200}\.ics\b", re.IGNORECASE)
_METHOD = re.compile(r";\s*method\s*=\s*\"?([a-z]{1,20})", re.IGNORECASE)
_FOLD = re.compile(rb"\r?\n[ \t]")
_NUMBER = re.compile(r"\d{1,9}")
_ANSWERS: Mapping[str, Partstat] = {
    "ACCEPTED": "accepted", "TENTATIVE": "tentative", "DECLINED": "declined", "DELEGATED": "delegated",
}  # fmt: skip
_LONGEST_WORDS = 2000
_BY_A_MACHINE = "auto-replied"
"""RFC 3834 5. Google marks the answers of people as `auto-generated`: that alone says nothing."""

Parameters = Mapping[str, str | Sequence[str]]


def read(raw: bytes) -> tuple[Answer, ...]:
    """What a mail answers: one at least, of each attendee in it.

    Raises:
        NotAnAnswer: where it answers nothing, or cannot be read.
    """
    try:
        message = parsed(raw)
        found = next(filter(None, map(_answers, _calendars(message))), ())
        automatic = header(message, "Auto-Submitted").lower().startswith(_BY_A_MACHINE)
    except RecursionError:
        raise NotAnAnswer("unreadable", "It is nested too deeply to be read.") from None
    if not found:
        raise NotAnAnswer("not-an-answer", "This is no answer of a calendar that is known here.")
    return tuple(replace(one, automatic=automatic) for one in found)


def _calendars(message: Mail) -> list[Mail]:
    """The parts that may be an iCalendar object, those that say so first."""
    kinds = [(part, part.get_content_type()) for part in parts(message)]
    said = [part for part, kind in kinds if kind == _KINDS[0]]
    others = [part for part, kind in kinds if kind in _KINDS[1:] or (kind != _KINDS[0] and _is_named_so(part))]
    return said + others


def _is_named_so(part: Mail) -> bool:
    return any(_FILE.search(header(part, name)) for name in ("Content-Type", "Content-Disposition"))


def _answers(part: Mail) -> tuple[Answer, ...]:
    # Unfolded as bytes: a fold within a letter of two bytes must not cost the letter (RFC 5545, 3.1).
    method, found = entries(text_of(part, _FOLD.sub(b"", content_of(part))))
    given = _METHOD.search(header(part, "Content-Type"))
    method = method or (given[1].upper() if given else "")
    if method not in {"REPLY", "COUNTER"}:
        return ()
    return tuple(answer for entry in found for answer in _of_entry(entry, countered=method == "COUNTER"))


def _of_entry(entry: Entry, *, countered: bool) -> Iterator[Answer]:
    uid, sequence = entry.first("UID"), _NUMBER.fullmatch(entry.first("SEQUENCE"))
    for parameters, value in entry.all("ATTENDEE"):
        partstat = "countered" if countered else _ANSWERS.get(_one(parameters, "PARTSTAT").upper())
        addresses = (*ways_to_write(value), *ways_to_write(_one(parameters, "EMAIL")))  # RFC 7986, 6.2
        if uid and partstat and addresses:
            yield Answer(
                uid=uid,
                addresses=addresses,
                partstat=partstat,
                sequence=int(sequence[0]) if sequence else 0,
                dtstamp=stamp(entry.first("DTSTAMP")),
                remark=_remark(entry, parameters, countered=countered),
            )


def _remark(entry: Entry, parameters: Parameters, *, countered: bool) -> Remark:
    """Outlook has somebody's own words in COMMENT (MS-OXCICAL 2.1.3.1.1.20.5). In DESCRIPTION our own come back."""
    words = "\n".join(value for _, value in entry.all("COMMENT") if value)[:_LONGEST_WORDS]
    instead = ways_to_write(_one(parameters, "DELEGATED-TO"))
    return Remark(words or None, proposed(entry) if countered else None, instead[0] if instead else None)


def _one(parameters: Parameters, name: str) -> str:
    """A parameter's value, the first where it has several; empty where it is not there."""
    given = parameters.get(name, "")
    return given if isinstance(given, str) else next(map(str, given), "")
