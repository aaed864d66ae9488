"""Reports of non-delivery taken in: from a mailbox that is emptied, or one by one from a mail server's pipe.

Each is an envelope before it is deleted. What is read twice gives the same envelope.
"""

import hashlib
import re
from typing import Final

import structlog

from adapters.database import envelopes
from adapters.database.envelopes import Receipt
from adapters.imap import MailboxUnavailable, open_mailbox
from adapters.toolbox import Toolbox
from domain.mail import MOST_BYTES
from workers.app import EMPTY_MAILBOX, OPEN_ENVELOPE, app, enqueue, tools

log = structlog.get_logger(__name__)

BATCH: Final = 100
_MBOX = re.compile(rb"\AFrom [^\n]*\n")
_RECIPIENT = re.compile(r"[!-~]{1,320}")


@app.task(name=EMPTY_MAILBOX)
def empty_mailbox() -> None:
    """Take what is in the mailbox, if one is configured. One that is away is looked into again in a minute."""
    try:
        while empty(tools()) == BATCH:
            pass
    except MailboxUnavailable as wrong:
        log.warning("the mailbox of bounces is not to be read", reason=str(wrong))


def empty(toolbox: Toolbox, limit: int = BATCH) -> int:
    """Take up to `limit` messages out of the mailbox; how many.

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


def receive(toolbox: Toolbox, raw: bytes, recipient: str | None = None) -> Receipt:
    """Keep one report and hand it to the corridor. `recipient`: the address that it was brought to, where the mail
    server has said so.

    Raises:
        DatabaseUnavailable: where it cannot be kept. Trying again later helps.
    """
    body = _MBOX.sub(b"", raw, count=1)
    if recipient and _RECIPIENT.fullmatch(recipient):
        body = f"X-Original-To: {recipient}\r\n".encode("ascii") + body
    body = body[:MOST_BYTES]
    clock = toolbox.clock
    with toolbox.database.write() as session:
        receipt = envelopes.record(
            session, toolbox.vault, conference="mail", source="bounce", delivery_id=hashlib.sha256(body).hexdigest(),
            content_type="message/rfc822", body=body, now=clock.now(), machine_now=clock.machine_now(),
        )  # fmt: skip
    log.info("received", envelope=receipt.id, source="bounce", state="duplicate" if receipt.duplicate else "received")
    if not receipt.duplicate:
        enqueue(OPEN_ENVELOPE, receipt.id)
    return receipt
