"""What comes back after letters, taken in: from mailboxes, or one by one from a mail server's pipe.

The mailbox of reports is emptied. That of answers may be one that people read: only answers to our own entries are
taken out of it, and nothing else is touched, or marked as read. Where both are one, reports are taken too.

Each is an envelope before it is deleted. What is read twice gives the same envelope.
"""

import hashlib
import re
from datetime import timedelta
from typing import Final

import structlog

from adapters.database import envelopes, facts
from adapters.database.envelopes import Receipt
from adapters.imap import Mailbox, MailboxUnavailable, open_mailbox
from adapters.toolbox import Toolbox
from config.servers import ImapAddress
from domain.answers import reading as answers
from domain.answers.said import NotAnAnswer
from domain.bounces import reading as reports
from domain.bounces.said import NotAReport
from domain.mail import MOST_BYTES
from workers.answers import known_entries
from workers.app import EMPTY_MAILBOX, OPEN_ENVELOPE, app, enqueue, tools

log = structlog.get_logger(__name__)

BATCH: Final = 100
LOOKED_THROUGH_AT_ONCE: Final = 1000
AT_FIRST: Final = timedelta(days=60)
"""So far back the mailbox of answers is looked through at first: it may have years of mail."""
_MBOX = re.compile(rb"\AFrom [^\n]*\n")
_RECIPIENT = re.compile(r"[!-~]{1,320}")


@app.task(name=EMPTY_MAILBOX)
def empty_mailbox() -> None:
    """Take what is in the mailboxes that are configured. One that is away is looked into again in a minute."""
    toolbox = tools()
    looks = {"answers": all_answers} if _is_one(toolbox) else {"bounces": all_reports, "answers": all_answers}
    for name, look in looks.items():
        try:
            look(toolbox)
        except MailboxUnavailable as wrong:
            log.warning("a mailbox is not to be read", name=name, reason=str(wrong))


def all_reports(toolbox: Toolbox) -> int:
    """Empty the mailbox of bounces, in turns; how many were taken. Raises as `empty` does. Where it is that of answers
    too, it is looked through as such, and not emptied."""
    if _is_one(toolbox):
        return all_answers(toolbox)
    taken = number = empty(toolbox)
    while number == BATCH:
        number = empty(toolbox)
        taken += number
    return taken


def _is_one(toolbox: Toolbox) -> bool:
    """Whether bounces and answers come to one mailbox."""
    settings = toolbox.settings
    return settings.answers_imap is not None and settings.answers_imap == settings.bounces_imap


def all_answers(toolbox: Toolbox) -> int:
    """Look through the mailbox of answers to its end, in turns; how many were taken. Raises as `sift` does."""
    taken = 0
    while True:
        seen, found = sift(toolbox)
        taken += found
        if seen < LOOKED_THROUGH_AT_ONCE:
            return taken


def empty(toolbox: Toolbox, limit: int = BATCH) -> int:
    """Take up to `limit` messages out of the mailbox of bounces; how many.

    Raises:
        MailboxUnavailable: where it cannot be read or emptied. What was taken before is safe, and is not taken twice.
        DatabaseUnavailable: where they cannot be kept. They stay in the mailbox.
    """
    address = toolbox.settings.bounces_imap
    if address is None:
        return 0
    with open_mailbox(address) as mailbox:
        uids = mailbox.messages(limit)
        for uid in uids:
            raw = mailbox.read(uid, MOST_BYTES)
            if raw is not None:
                receive(toolbox, raw)
                mailbox.delete(uid)
    return len(uids)


def sift(toolbox: Toolbox, limit: int = LOOKED_THROUGH_AT_ONCE) -> tuple[int, int]:
    """Look through up to `limit` messages that have come to the mailbox of answers since last time; how many, and how
    many of them were taken. Of those that hold no calendar nothing is fetched but the types of their parts, unless the
    mailbox is that of bounces too.

    Raises:
        MailboxUnavailable, DatabaseUnavailable: as `empty` does. What was left is looked at next time.
    """
    address = toolbox.settings.answers_imap
    if address is None:
        return 0, 0
    for_all = _is_one(toolbox)
    with open_mailbox(address) as mailbox:
        name, validity = _place(toolbox, address), mailbox.validity
        after = last = _looked_through(toolbox, name, validity)
        uids = mailbox.messages(limit, after=after, since=None if after else toolbox.clock.machine_now() - AT_FIRST)
        likely = set(uids) if for_all else mailbox.with_calendars(uids)
        taken = 0
        try:
            for uid in uids:
                taken += uid in likely and _sifted(toolbox, mailbox, uid, for_all=for_all)
                last = int(uid)
        finally:  # whatever ends it, also the time that a task may take
            if last > after:
                with toolbox.database.write() as session:
                    facts.remember(session, name, f"{validity} {last}")
    return len(uids), taken


def _sifted(toolbox: Toolbox, mailbox: Mailbox, uid: bytes, *, for_all: bool) -> bool:
    """Whether a message was taken. `for_all`: reports are, too."""
    raw = mailbox.read(uid, MOST_BYTES)
    if raw is None or not (receive_answer(toolbox, raw) or (for_all and _receive_report(toolbox, raw))):
        return False
    mailbox.delete(uid)
    return True


def _place(toolbox: Toolbox, address: ImapAddress) -> str:
    """Where it is remembered how far a mailbox was looked through."""
    mailbox = f"{address.user}\n{address.host}:{address.port}\n{address.folder}"
    return f"looked-through:{toolbox.vault.index('mailbox', mailbox).hex()[:32]}"


def _looked_through(toolbox: Toolbox, name: str, validity: str) -> int:
    """The UID of the last message that was looked at; 0 where the server has numbered them anew."""
    with toolbox.database.read() as session:
        known, _, uid = (facts.recalled(session, name) or "").rpartition(" ")
    return int(uid) if uid and known == validity else 0


def receive_answer(toolbox: Toolbox, raw: bytes) -> Receipt | None:
    """Keep one answer to an entry of ours and hand it to the corridor; None for whatever else it is, which is not kept.

    Raises:
        DatabaseUnavailable: where it cannot be kept. Trying again later helps.
    """
    body = _MBOX.sub(b"", raw, count=1)[:MOST_BYTES]
    try:
        said = answers.read(body)
    except NotAnAnswer:
        return None
    with toolbox.database.read() as session:
        known = known_entries(toolbox, session)
    if not any(one.uid.casefold() in known for one in said):
        return None
    return _kept(toolbox, "answer", body)


def _receive_report(toolbox: Toolbox, raw: bytes) -> Receipt | None:
    """Keep what is a report about a letter, and not only somebody's absence."""
    try:
        said = reports.read(raw)
    except NotAReport:
        return None
    return receive(toolbox, raw) if any(one.what != "autoresponded" for one in said.notices) else None


def receive(toolbox: Toolbox, raw: bytes, recipient: str | None = None) -> Receipt:
    """Keep one report and hand it to the corridor. `recipient`: the address that it was brought to, where the mail
    server has said so.

    Raises:
        DatabaseUnavailable: where it cannot be kept. Trying again later helps.
    """
    body = _MBOX.sub(b"", raw, count=1)
    if recipient and _RECIPIENT.fullmatch(recipient):
        body = f"X-Original-To: {recipient}\r\n".encode("ascii") + body
    return _kept(toolbox, "bounce", body[:MOST_BYTES])


def _kept(toolbox: Toolbox, source: str, body: bytes) -> Receipt:
    clock = toolbox.clock
    with toolbox.database.write() as session:
        receipt = envelopes.record(
            session, toolbox.vault, conference="mail", source=source, delivery_id=hashlib.sha256(body).hexdigest(),
            content_type="message/rfc822", body=body, now=clock.now(), machine_now=clock.machine_now(),
        )  # fmt: skip
    log.info("received", envelope=receipt.id, source=source, state="duplicate" if receipt.duplicate else "received")
    if not receipt.duplicate:
        enqueue(OPEN_ENVELOPE, receipt.id)
    return receipt
