"""Delivery: letters that are due are claimed in batches, rendered, handed to the mail server, and their outcome is
recorded one by one.

A letter is rendered when it is sent, from the rows as they are then; its Message-ID, SEQUENCE and DTSTAMP were fixed
when it was written, so a second try is the same letter. Each outcome is committed before the next letter is offered:
whoever is killed can repeat at most the one letter whose answer was not recorded yet.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Final

import structlog
from celery.exceptions import SoftTimeLimitExceeded

from adapters.database import letters
from adapters.database.tables import LetterRow
from adapters.processes import identity
from adapters.tokens import BounceTokens
from adapters.toolbox import Toolbox
from domain.bounces import postmark
from domain.delivery import verdict
from domain.letters.headers import carried_address
from domain.letters.model import Order
from workers import suppression
from workers.app import DELIVER, app, desk, enqueue, tools
from workers.correspondence import Correspondence, NothingToSay

log = structlog.get_logger(__name__)

BATCH: Final = 50
LEASE: Final = timedelta(seconds=75)
"""Longer than any one letter can take (the task's soft limit ends it before), and renewed after each."""
WINDOW: Final = timedelta(seconds=15)
"""After so long a batch is put back and the rest left to the next task: a worker that is asked to end can."""
PAUSE: Final = timedelta(seconds=30)
"""How long the rest of a batch waits when the server is away or refuses us: one letter in fifty knocks."""
MOST_ATTEMPTS: Final = 5
"""So often a letter that meets an error of ours is tried before it is given up."""


@app.task(name=DELIVER)
def deliver() -> None:
    """Deliver what is due; where a whole batch was, wake the next task."""
    if deliver_batch(tools()) == BATCH:
        enqueue(DELIVER)


def deliver_batch(toolbox: Toolbox, limit: int = BATCH) -> int:
    """Claim up to `limit` due letters and bring each to an outcome; how many were claimed."""
    holder = f"{identity()}#{token_hex(4)}"
    machine_now = toolbox.clock.machine_now()
    with toolbox.database.write() as session:
        claimed = letters.claim(session, holder, limit, toolbox.clock.now(), machine_now, machine_now + LEASE)
    if claimed:
        Round(toolbox, holder, claimed, machine_now + WINDOW).run()
    return len(claimed)


@dataclass(slots=True)
class Round:
    """One batch of claimed letters, from the first to the last or to where the server stops answering."""

    toolbox: Toolbox
    holder: str
    claimed: list[LetterRow]
    until: datetime

    def run(self) -> None:
        """Bring each letter to an outcome; put back those that were not offered."""
        waiting = list(self.claimed)
        answering = True
        try:
            with self.toolbox.database.read() as session:
                correspondence = Correspondence.of(self.toolbox, session, waiting)
            while waiting and answering and self.toolbox.clock.machine_now() < self.until:
                answering = self._one(correspondence, waiting.pop(0))
        finally:
            # Also where a time limit or an error of ours ends the round: what was not offered is free at once.
            if waiting:
                pause = None if answering else self.toolbox.clock.machine_now() + PAUSE
                with self.toolbox.database.write() as session:
                    letters.put_back(session, waiting, self.holder, pause)

    def _one(self, correspondence: Correspondence, letter: LetterRow) -> bool:
        """Whether the server still answers, and takes letters from us at all."""
        try:
            order = correspondence.order(letter, self.toolbox.clock.now())
            written = desk().write(order)
        except NothingToSay as reason:
            self._record(letter, reason.state, reason.code, offered=False)
            return True
        except SoftTimeLimitExceeded:
            raise
        except Exception:
            log.exception("a letter could not be written", letter=letter.id, kind=letter.kind)
            last = letter.tries >= MOST_ATTEMPTS
            self._record(letter, "failed" if last else "planned", "could-not-be-written", None if last else PAUSE)
            return True
        recipient = carried_address(order.person.address)
        message = self._named_for_the_provider(letter) + written.message
        answer = self.toolbox.postman.hand_over(self._envelope_sender(letter, order), recipient, message)
        judged = verdict(answer, letter.tries)
        self._record(letter, judged.state, judged.reason, judged.wait)
        if judged.state == "failed":
            with self.toolbox.database.write() as session:
                suppression.refused(self.toolbox, session, letter, order.person.address, answer)
        return not answer.connection_ended and (answer.accepted or answer.stage != "connect")

    def _envelope_sender(self, letter: LetterRow, order: Order) -> str:
        """Where reports of non-delivery go: an address of the letter's own, the same at each try, or From's."""
        mailbox = self.toolbox.settings.mail_bounces
        return BounceTokens(self.toolbox.vault).address(mailbox, letter.id) if mailbox else order.sender.address

    def _named_for_the_provider(self, letter: LetterRow) -> bytes:
        """A header by which a provider that gives letters other names says later which one it speaks of."""
        if not self.toolbox.settings.secrets_for("mail", "postmark"):
            return b""
        return f"{postmark.HEADER}: {letter.id}\r\n".encode("ascii")

    def _record(
        self, letter: LetterRow, state: str, reason: str | None, wait: timedelta | None = None, *, offered: bool = True
    ) -> None:
        clock = self.toolbox.clock
        now, machine_now = clock.now(), clock.machine_now()
        with self.toolbox.database.write() as session:
            kept = letters.settle(session, letter, self.holder, state, reason, now, machine_now,
                                  try_after=machine_now + wait if wait else None, offered=offered)  # fmt: skip
            letters.extend(session, self.holder, machine_now + LEASE)
        level = log.info if state == "sent" else log.warning
        level("letter", letter=letter.id, kind=letter.kind, state=state if kept else "lease-lost", reason=reason,
              attempt=letter.tries, conference=letter.conference)  # fmt: skip
