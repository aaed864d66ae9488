"""One round of delivery: a batch of claimed letters, from the first to the last or to where the server stops answering.

Each answer is noted in the round's journal before the next letter's text is sent: whoever is killed can repeat at most
the one letter whose answer had not come yet. Outcomes are recorded in groups.
"""

from collections import deque
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import structlog
from celery.exceptions import SoftTimeLimitExceeded

from adapters.database import claims, pauses
from adapters.database.engine import DatabaseUnavailable
from adapters.database.tables import LetterRow
from adapters.journal import Journal
from adapters.smtp import Parcel
from adapters.toolbox import Toolbox
from domain.delivery import verdict
from schemas.outcome import LetterState, Outcome
from schemas.smtp import SmtpAnswer
from workers import suppression
from workers.correspondence import NothingToSay
from workers.counting import Counting
from workers.packing import Packed, Packer
from workers.traffic import Traffic

log = structlog.get_logger(__name__)

GROUP: Final = 100
GROUP_WITHIN: Final = timedelta(seconds=0.5)
"""So many outcomes are committed together, or those of so long."""
LEASE: Final = timedelta(seconds=75)
RENEW_AFTER: Final = timedelta(seconds=5)
"""A lease is longer than any one letter can take (the task's soft limit ends it before), and is renewed with the first
group that is committed after so long."""
PAUSE: Final = timedelta(seconds=30)
"""How long the rest of a batch waits when the server is away: one letter of it knocks."""
MOST_LOST: Final = 3
"""So many connections lost in a row, each with a letter of its own, are the server's trouble."""
MOST_ATTEMPTS: Final = 5
"""So often a letter that meets an error of ours is tried before it is given up."""
NOT_WRITTEN: Final = "could-not-be-written"


@dataclass(slots=True)
class Round:
    """See above. `past`: by letter, why earlier tries came to nothing."""

    toolbox: Toolbox
    traffic: Traffic
    packer: Packer
    holder: str
    claimed: list[LetterRow]
    past: dict[str, list[str]]
    until: datetime
    offered: deque[Packed] = field(default_factory=deque)
    """Letters that the postman has, in order: the first may be in the mail server's hands."""
    outcomes: list[Outcome] = field(default_factory=list)
    refused: list[tuple[Packed, SmtpAnswer]] = field(default_factory=list)
    """Letters given up since the last commit."""
    judging: bool = False
    """An answer is being noted: no letter is in the mail server's hands."""
    interrupted: BaseException | None = None
    """What has ended the writing of letters. Those that are written are still brought to their answers."""
    pause: timedelta | None = None
    lost: int = 0
    went: list[str] = field(default_factory=list)
    """Letters taken since the last commit, each with what it goes back to."""
    renew_at: datetime = field(init=False)
    counting: Counting = field(init=False)

    def __post_init__(self) -> None:
        """Just claimed: the lease is new."""
        machine_now = self.toolbox.clock.machine_now()
        self.renew_at, self.counting = machine_now + RENEW_AFTER, Counting(self.packer, machine_now)

    def run(self) -> None:
        """Bring each letter to an outcome; put back those that were not offered."""
        self.claimed.reverse()
        journal = self._journal()
        try:
            with closing(self.toolbox.postman.hand_over(self._parcels())) as answers:
                for _, answer in answers:
                    self.judging = True
                    self._answered(journal, answer)
                    if self.pause is not None:
                        break
                    self.judging = False
        except BaseException:
            # A time limit, or an error of the connection's: the letter at hand may have been taken, or may not.
            if self.offered and not self.judging:
                self._answered(journal, SmtpAnswer("after-data"))
            raise
        finally:
            if journal is not None:
                journal.close()
            self._end()
        if self.interrupted is not None:
            raise self.interrupted

    def _journal(self) -> Journal | None:
        """None where there can be none, as on a full disk: then each outcome is committed before the next letter."""
        try:
            return self.toolbox.journals.begin(self.holder)
        except OSError:
            log.exception("no journal can be kept: each letter is recorded by itself")
            return None

    def _parcels(self) -> Iterator[Parcel]:
        """The letters that have something to say, written; what becomes of the others is noted. Raises nothing: another
        letter may be in the mail server's hands meanwhile."""
        while self.claimed and self.toolbox.clock.machine_now() < self.until:
            letter = self.claimed.pop()
            try:
                packed = self._packed(letter)
            except (SoftTimeLimitExceeded, DatabaseUnavailable) as wrong:
                self.claimed.append(letter)
                self.interrupted = wrong
                return
            if packed is not None:
                self.offered.append(packed)
                yield packed.parcel

    def _packed(self, letter: LetterRow) -> Packed | None:
        try:
            packed = self.packer.packed(letter, self.toolbox.clock.now())
            not_before = self.traffic.held_up(packed.parcel.recipient.rpartition("@")[2])
        except NothingToSay as reason:
            self._note(letter, reason.state, reason.code, offered=False)
        except (SoftTimeLimitExceeded, DatabaseUnavailable):
            raise
        except Exception:
            log.exception("a letter could not be written", letter=letter.id, kind=letter.kind)
            last = 1 + self.past.get(letter.id, []).count(NOT_WRITTEN) >= MOST_ATTEMPTS
            self._note(letter, "failed" if last else "planned", NOT_WRITTEN, None if last else self._after(PAUSE))
        else:
            if not_before is None:
                return packed
            self._note(letter, "planned", None, not_before, offered=False)
        return None

    def _answered(self, journal: Journal | None, answer: SmtpAnswer) -> None:
        """Judge an answer and note it where it survives this process; commit where there are enough."""
        packed = self.offered.popleft()
        letter = packed.letter
        judged = verdict(answer, letter.tries, self.past.get(letter.id, ()))
        again = self._after(judged.wait) if judged.wait else None
        outcome = self._note(letter, judged.state, judged.reason, again, answer=answer)
        kept = journal is not None and journal.note(outcome)
        self.counting.answered(letter, outcome)
        self.traffic.answered(packed.parcel.recipient, answer, judged)
        if judged.state == "failed":
            self.refused.append((packed, answer))
        self.lost = self.lost + 1 if answer.connection_ended else 0
        if self.traffic.stopped or answer.stage == "connect" or self.lost == MOST_LOST:
            self.pause = PAUSE
        elif not kept or self._is_a_group(outcome.machine_at):
            self._commit()

    def _is_a_group(self, machine_now: datetime) -> bool:
        return len(self.outcomes) >= GROUP or machine_now - self.outcomes[0].machine_at > GROUP_WITHIN

    def _note(
        self, letter: LetterRow, state: LetterState, reason: str | None, try_after: datetime | None = None, *,
        offered: bool = True, answer: SmtpAnswer | None = None,
    ) -> Outcome:  # fmt: skip
        clock = self.toolbox.clock
        outcome = Outcome(letter.id, state, reason, clock.now(), clock.machine_now(), try_after, offered, answer)
        self.outcomes.append(outcome)
        self.counting.ended(letter, outcome)
        if state == "sent":
            self.went.append(f"{letter.id}:{letter.cause or '-'}")
        elif offered or state != "planned":  # of those sent there are many: a line tells of a group
            log.warning("letter", letter=letter.id, envelope=letter.cause, kind=letter.kind, state=state, reason=reason,
                        attempt=letter.tries, conference=letter.conference)  # fmt: skip
        return outcome

    def _after(self, wait: timedelta) -> datetime:
        return self.toolbox.clock.machine_now() + wait

    def _commit(self) -> None:
        if self.outcomes:
            self._record()
        self.traffic.tell()

    def _record(self) -> None:
        machine_now = self.toolbox.clock.machine_now()
        with self.toolbox.database.write() as session:
            settled = claims.settle(session, self.holder, self.outcomes)
            self.traffic.note_mail(session, machine_now)
            for packed, answer in self.refused:
                suppression.refused(self.toolbox, session, packed.letter, packed.address, answer)
            if machine_now > self.renew_at:
                self.renew_at = machine_now + RENEW_AFTER
                claims.extend(session, self.holder, machine_now + LEASE)
            if pauses.mail_rests(pauses.in_force(session)):
                self.pause = self.pause or timedelta(0)
            self.counting.add(session)
        log.info("letters", sent=len(self.went), count=len(self.outcomes), went=" ".join(self.went))
        if settled < len(self.outcomes):
            # Whoever has them may be sending them: nothing more of this round goes over the wire.
            log.warning("letters had passed to somebody else", count=len(self.outcomes) - settled)
            self.pause = self.pause or timedelta(0)
        for done in (self.outcomes, self.refused, self.went):
            done.clear()

    def _end(self) -> None:
        """What was not offered is free, at once or after a pause. Then the journal has nothing left to tell."""
        waiting = [*(packed.letter for packed in self.offered), *self.claimed]
        after = None if self.pause is None else self._after(self.pause)
        for letter in waiting:
            self._note(letter, "planned", None, after, offered=False)
        self._commit()
        self.toolbox.journals.remove(self.holder)
