"""Delivery: letters that are due are claimed in batches, rendered, handed to the mail server, and their outcomes
recorded in groups.

A letter is rendered when it is sent, from the rows as they are then; its Message-ID, SEQUENCE and DTSTAMP were fixed
when it was written, so a second try is the same letter. Each answer is noted in the round's journal before the next
letter's text is sent: whoever is killed can repeat at most the one letter whose answer had not come yet.
"""

from collections import deque
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Final

import structlog
from celery.exceptions import SoftTimeLimitExceeded

from adapters.database import letters
from adapters.database.engine import DatabaseUnavailable
from adapters.database.tables import LetterRow
from adapters.journal import Journal
from adapters.processes import identity
from adapters.smtp import Parcel
from adapters.tokens import BounceTokens
from adapters.toolbox import Toolbox
from domain.bounces import postmark
from domain.delivery import verdict
from domain.letters.headers import carried_address
from domain.letters.model import Order
from schemas.outcome import LetterState, Outcome
from schemas.smtp import SmtpAnswer
from workers import rescue, suppression
from workers.app import DELIVER, app, desk, enqueue, tools
from workers.correspondence import Correspondence, NothingToSay
from workers.traffic import Traffic

log = structlog.get_logger(__name__)

BATCH: Final = 100
GROUP: Final = 50
GROUP_WITHIN: Final = timedelta(seconds=0.5)
"""So many outcomes are committed together, or those of so long."""
LEASE: Final = timedelta(seconds=75)
RENEW_AFTER: Final = timedelta(seconds=5)
"""A lease is longer than any one letter can take (the task's soft limit ends it before), and is renewed with the first
group that is committed after so long."""
WINDOW: Final = timedelta(seconds=15)
"""After so long a batch is put back and the rest left to the next task: a worker that is asked to end can."""
TURN: Final = timedelta(seconds=5)
"""After so long a task begins no other batch: with the last one's window, a worker that is asked to end still can."""
PAUSE: Final = timedelta(seconds=30)
"""How long the rest of a batch waits when the server is away: one letter in a hundred knocks."""
MOST_LOST: Final = 3
"""So many connections lost in a row, each with a letter of its own, are the server's trouble."""
MOST_ATTEMPTS: Final = 5
"""So often a letter that meets an error of ours is tried before it is given up."""
NOT_WRITTEN: Final = "could-not-be-written"


@app.task(name=DELIVER)
def deliver() -> None:
    """Deliver what is due, batch after batch; what is left after a while is for the next task."""
    toolbox = tools()
    until = toolbox.clock.machine_now() + TURN
    while deliver_batch(toolbox) == BATCH:
        if toolbox.clock.machine_now() >= until:
            enqueue(DELIVER)
            return


def deliver_batch(toolbox: Toolbox, limit: int = BATCH) -> int:
    """Claim up to `limit` due letters and bring each to an outcome; how many were claimed."""
    rescue.own(toolbox)
    holder = f"{identity()}#{token_hex(4)}"
    now, machine_now = toolbox.clock.now(), toolbox.clock.machine_now()
    with toolbox.database.write() as session:
        traffic = Traffic.now(toolbox, session, machine_now)
        claimed = letters.claim(
            session, holder, min(limit, traffic.most), now, machine_now, machine_now + LEASE,
            least_tried=traffic.on_trial,
        )  # fmt: skip
        going = traffic.admitted(session, len(claimed), machine_now)
        if going.number < len(claimed):
            letters.put_back(session, holder, claimed[going.number :], going.next_at)
        correspondence = Correspondence.of(toolbox, session, claimed[: going.number])
        past = letters.past(session, claimed[: going.number])
    if claimed:
        Round(toolbox, traffic, holder, claimed[: going.number], correspondence, past, machine_now + WINDOW).run()
    return len(claimed)


@dataclass(slots=True)
class Round:
    """One batch of claimed letters, from the first to the last or to where the server stops answering."""

    toolbox: Toolbox
    traffic: Traffic
    holder: str
    claimed: list[LetterRow]
    correspondence: Correspondence
    past: dict[str, list[str]]
    """By letter: why earlier tries came to nothing."""
    until: datetime
    offered: deque[tuple[LetterRow, str]] = field(default_factory=deque)
    outcomes: list[Outcome] = field(default_factory=list)
    refused: list[tuple[LetterRow, str, SmtpAnswer]] = field(default_factory=list)
    """Letters given up since the last commit, with their addresses."""
    at_the_server: bool = False
    """Whether the letter at hand may be in the mail server's hands; not while another is written or recorded."""
    pause: timedelta | None = None
    lost: int = 0
    renew_at: datetime = field(init=False)
    bounce_tokens: BounceTokens = field(init=False)
    through_postmark: bool = field(init=False)

    def __post_init__(self) -> None:
        """Just claimed: the lease is new."""
        self.through_postmark = bool(self.toolbox.settings.secrets_for("mail", "postmark"))
        self.renew_at = self.toolbox.clock.machine_now() + RENEW_AFTER
        self.bounce_tokens = BounceTokens(self.toolbox.vault)

    def run(self) -> None:
        """Bring each letter to an outcome; put back those that were not offered."""
        self.claimed.reverse()
        journal = self._journal()
        try:
            with closing(self.toolbox.postman.hand_over(self._parcels())) as answers:
                for _, answer in answers:
                    self.at_the_server = False
                    self._answered(journal, answer)
                    if self.pause is not None:
                        break
                    self.at_the_server = True
        except BaseException:
            # A time limit, or an error of the connection's: the letter at hand may have been taken, or may not.
            if self.offered and self.at_the_server:
                self._answered(journal, SmtpAnswer("after-data"))
            raise
        finally:
            if journal is not None:
                journal.close()
            self._end()

    def _journal(self) -> Journal | None:
        """None where there can be none, as on a full disk: then each outcome is committed before the next letter."""
        try:
            return self.toolbox.journals.begin(self.holder)
        except OSError:
            log.exception("no journal can be kept: each letter is recorded by itself")
            return None

    def _parcels(self) -> Iterator[Parcel]:
        """The letters that have something to say, written; what becomes of the others is noted."""
        while self.claimed and self.toolbox.clock.machine_now() < self.until:
            self.at_the_server = False
            parcel = self._parcel(self.claimed.pop())
            self.at_the_server = True
            if parcel is not None:
                yield parcel

    def _parcel(self, letter: LetterRow) -> Parcel | None:
        try:
            order = self.correspondence.order(letter, self.toolbox.clock.now())
            recipient = carried_address(order.person.address)
            not_before = self.traffic.held_up(_domain(order.person.address))
            if not_before is not None:
                self._note(letter, "planned", None, not_before, offered=False)
                return None
            message = desk().message(order)
        except NothingToSay as reason:
            self._note(letter, reason.state, reason.code, offered=False)
            return None
        except (SoftTimeLimitExceeded, DatabaseUnavailable):
            self.claimed.append(letter)
            raise
        except Exception:
            log.exception("a letter could not be written", letter=letter.id, kind=letter.kind)
            last = 1 + self.past.get(letter.id, []).count(NOT_WRITTEN) >= MOST_ATTEMPTS
            after = None if last else self.toolbox.clock.machine_now() + PAUSE
            self._note(letter, "failed" if last else "planned", NOT_WRITTEN, after)
            return None
        self.offered.append((letter, order.person.address))
        message = self._named_for_the_provider(letter) + message
        return Parcel(letter.id, self._envelope_sender(letter, order), recipient, message)

    def _envelope_sender(self, letter: LetterRow, order: Order) -> str:
        """Where reports of non-delivery go: an address of the letter's own, the same at each try, or From's."""
        mailbox = self.toolbox.settings.mail_bounces
        return self.bounce_tokens.address(mailbox, letter.id) if mailbox else order.sender.address

    def _named_for_the_provider(self, letter: LetterRow) -> bytes:
        """A header by which a provider that gives letters other names says later which one it speaks of."""
        return f"{postmark.HEADER}: {letter.id}\r\n".encode("ascii") if self.through_postmark else b""

    def _answered(self, journal: Journal | None, answer: SmtpAnswer) -> None:
        """Judge an answer and note it where it survives this process; commit where there are enough."""
        letter, address = self.offered.popleft()
        judged = verdict(answer, letter.tries, self.past.get(letter.id, ()))
        machine_now = self.toolbox.clock.machine_now()
        again = machine_now + judged.wait if judged.wait else None
        outcome = replace(self._note(letter, judged.state, judged.reason, again), answer=answer)
        kept = journal is not None and journal.note(outcome)
        self.traffic.answered(carried_address(address), answer, judged)
        if judged.state == "failed":
            self.refused.append((letter, address, answer))
        self.lost = self.lost + 1 if answer.connection_ended else 0
        if self.traffic.stopped or answer.stage == "connect" or self.lost == MOST_LOST:
            self.pause = PAUSE
        elif not kept or len(self.outcomes) >= GROUP or machine_now - self.outcomes[0].machine_at > GROUP_WITHIN:
            self._commit()

    def _note(
        self, letter: LetterRow, state: LetterState, reason: str | None, try_after: datetime | None = None, *,
        offered: bool = True,
    ) -> Outcome:  # fmt: skip
        clock = self.toolbox.clock
        outcome = Outcome(letter.id, state, reason, clock.now(), clock.machine_now(), try_after, offered)
        self.outcomes.append(outcome)
        if state != "sent" and (offered or state != "planned"):  # of those sent there are many: the round is told
            log.warning("letter", letter=letter.id, kind=letter.kind, state=state, reason=reason,
                        attempt=letter.tries, conference=letter.conference)  # fmt: skip
        return outcome

    def _commit(self) -> None:
        if self.outcomes:
            self._record()
        self.traffic.tell()

    def _record(self) -> None:
        machine_now = self.toolbox.clock.machine_now()
        with self.toolbox.database.write() as session:
            settled = letters.settle(session, self.holder, self.outcomes)
            for letter, address, answer in self.refused:
                suppression.refused(self.toolbox, session, letter, address, answer)
            if machine_now > self.renew_at:
                self.renew_at = machine_now + RENEW_AFTER
                letters.extend(session, self.holder, machine_now + LEASE)
        log.info("letters", sent=sum(one.state == "sent" for one in self.outcomes), count=len(self.outcomes))
        if settled < len(self.outcomes):
            # Whoever has them may be sending them: nothing more of this round goes over the wire.
            log.warning("letters had passed to somebody else", count=len(self.outcomes) - settled)
            self.pause = self.pause or timedelta(0)
        self.outcomes.clear()
        self.refused.clear()

    def _end(self) -> None:
        """What was not offered is free, at once or after a pause. Then the journal has nothing left to tell."""
        waiting = [*(letter for letter, _ in self.offered), *self.claimed]
        after = None if self.pause is None else self.toolbox.clock.machine_now() + self.pause
        for letter in waiting:
            self._note(letter, "planned", None, after, offered=False)
        self._commit()
        self.toolbox.journals.remove(self.holder)


def _domain(address: str) -> str:
    """As it goes over the wire: an international one in its ASCII form."""
    return carried_address(address).rpartition("@")[2]
