"""A report as bytes, read by whichever form it has."""

from email.errors import MessageError
from email.header import decode_header, make_header

from domain.bounces import automatic, informal, standard
from domain.bounces.said import NotAReport, Notice, Report
from domain.mail import Mail, addresses, header, parsed, parts

DELIVERED_TO = (
    "X-Original-To", "Delivered-To", "Envelope-To", "X-Envelope-To", "X-Delivered-To", "Original-Recipient", "To",
)  # fmt: skip
"""Where a message says to which address it was brought. Anybody can write these; nobody can make the token in one."""


def read(raw: bytes) -> Report:
    """What a report says.

    Raises:
        NotAReport: where it is none, or cannot be read.
    """
    try:
        return _read(parsed(raw))
    except RecursionError:
        raise NotAReport("unreadable", "It is nested too deeply to be read.") from None


def _read(message: Mail) -> Report:
    delivered_to = addresses(message, *DELIVERED_TO)
    kinds = {part.get_content_type(): part for part in reversed(list(parts(message)))}
    for kind in standard.STATUS & kinds.keys():
        if statuses := standard.notices(kinds[kind]):
            return _with_the_letter(message, statuses, delivered_to)
    if standard.COMPLAINT in kinds:
        found, senders = standard.complaint(kinds[standard.COMPLAINT])
        return _with_the_letter(message, found, (*delivered_to, *senders))
    if automatic.RECEIPT in kinds:
        return Report((Notice("autoresponded"),), delivered_to)
    text = informal.text_in(message)
    failure = informal.notice(message, text)
    if failure is not None:
        senders, ids = informal.known_by(text)
        report = _with_the_letter(message, (failure,), (*delivered_to, *senders))
        return Report((failure,), report.addresses, (*report.message_ids, *ids))
    if automatic.is_automatic(message, _subject(message)):
        return Report((Notice("autoresponded"),), delivered_to)
    raise NotAReport("not-a-report", "This is no report of non-delivery that is known here.")


def _with_the_letter(message: Mail, notices: tuple[Notice, ...], delivered_to: tuple[str, ...]) -> Report:
    """A report with what the letter that it brings back can be known by."""
    letters = [found for found in map(standard.returned, parts(message)) if found is not None][:1]
    senders, ids = standard.known_by(letters[0]) if letters else ((), ())
    return Report(notices, (*delivered_to, *senders), ids)


def _subject(message: Mail) -> str:
    plain = header(message, "Subject")
    try:
        return str(make_header(decode_header(plain)))
    except (MessageError, LookupError, ValueError):
        return plain
