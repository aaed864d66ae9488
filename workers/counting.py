"""What one round of delivery counts for /metrics: outcomes, how long letters take, how late reminders are. Gathered in
memory, and added to the shared tallies with each group of outcomes, in its transaction."""

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from adapters.database.tables import LetterRow
from adapters.database.tallies import MESSAGES, REMINDER_LAG, SEND_DURATION, Tallies
from domain.reminders import KINDS
from schemas.outcome import Outcome
from workers.packing import Packer


@dataclass(slots=True)
class Counting:
    """`before`: when the letter before was answered, or the round began (machine time)."""

    packer: Packer
    before: datetime
    _tallies: Tallies = field(default_factory=Tallies)

    def ended(self, letter: LetterRow, outcome: Outcome) -> None:
        """A letter came to this; one that was put back untried came to nothing."""
        if outcome.offered or outcome.state != "planned":
            said = "deferred" if outcome.state == "planned" else outcome.state
            self._tallies.count(MESSAGES, letter.kind, self.packer.language(letter), said)

    def answered(self, letter: LetterRow, outcome: Outcome) -> None:
        """The mail server has answered: what the letter took since the one before, written and handed over."""
        if outcome.state == "sent":
            self._tallies.observe(SEND_DURATION, (outcome.machine_at - self.before).total_seconds())
            if letter.kind in KINDS:
                self._tallies.observe(REMINDER_LAG, (outcome.at - letter.due_at).total_seconds())
        self.before = outcome.machine_at

    def add(self, session: Session) -> None:
        """Hand it over; last in the transaction, because all rounds wait for the same rows."""
        self._tallies.add(session)
