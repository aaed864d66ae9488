"""What became of a letter in one round of delivery: judged by the domain, noted in the journal, recorded in SQL."""

from datetime import datetime
from typing import Literal

from schemas.smtp import SmtpAnswer
from schemas.value import value

LetterState = Literal["planned", "claimed", "sent", "skipped", "expired", "failed", "held"]


@value
class Outcome:
    """The state that a claimed letter goes to, and when it was known (`at`: the conference's time; `machine_at` and
    `try_after`: the machine's). `reason` is a code of ours or of SMTP. Where it was not `offered` to the mail server it
    was no try, and needs no place in the letter's history unless it ends there. `answer` is what the mail server said,
    where the journal keeps it: what follows for the address is not in the state."""

    letter_id: str
    state: LetterState
    reason: str | None
    at: datetime
    machine_at: datetime
    try_after: datetime | None = None
    offered: bool = True
    answer: SmtpAnswer | None = None
