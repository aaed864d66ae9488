"""What `convenor doctor` finds of the mailboxes: those that are looked into, and who reads what calendars answer."""

import re
from collections.abc import Iterator

from adapters.imap import MailboxUnavailable, open_mailbox
from adapters.toolbox import Toolbox
from cli.examination import Finding
from config.servers import ImapAddress
from config.settings import Settings

_UNREAD = re.compile(r"(no|do-?not)[._-]?reply", re.IGNORECASE)


def mailboxes(toolbox: Toolbox) -> Iterator[Finding]:
    """Look into each mailbox, and at the address that calendar programs answer to."""
    settings = toolbox.settings
    for name, address in (("bounces", settings.bounces_imap), ("answers", settings.answers_imap)):
        if address is not None:
            yield _examined(name, address)
    yield from _answered_to(settings)


def _examined(name: str, address: ImapAddress) -> Finding:
    what, where = f"mailbox of {name}", f"{address.host}:{address.port}"
    try:
        with open_mailbox(address) as mailbox:
            mailbox.messages(1)
    except MailboxUnavailable as wrong:
        return Finding(what, "wrong", f"{where}: {wrong}", f"look at CONVENOR_{name.upper()}_IMAP_URL")
    return Finding(what, "well", f"{where}: lets us in")


def _answered_to(settings: Settings) -> Iterator[Finding]:
    """ORGANIZER must be a mailbox that somebody reads: calendar programs answer to it whatever Reply-To says."""
    if _UNREAD.match(settings.reply_to):
        yield Finding("answers", "wrong", "calendars would answer to an address that nobody reads",
                      "set CONVENOR_MAIL_REPLY_TO to a mailbox that people read")  # fmt: skip
    elif settings.answers_imap is None and settings.mail_reply_to is None:
        yield Finding("answers", "note", "calendars answer to the address of CONVENOR_MAIL_FROM: is it read?",
                      "set CONVENOR_MAIL_REPLY_TO or CONVENOR_ANSWERS_IMAP_URL: docs/connect/answers.md")  # fmt: skip
