"""What a report or a provider's event says, in one vocabulary, whoever has said it.

The words are those of Anymail (anymail.dev, "Tracking sent mail status") and of RFC 3464 2.3.3, without openings and
clicks, which are not asked for.
"""

from dataclasses import dataclass, field
from typing import Final, Literal

from schemas.registration import Reason

What = Literal["bounced", "deferred", "delivered", "relayed", "expanded", "complained", "unsubscribed", "autoresponded"]
"""RFC 3464's failed and delayed are `bounced` and `deferred`. `delivered` is some server's word, and is told nobody."""
WISHES: Final = ("complained", "unsubscribed")
"""No refusal by a server but a wish of the recipient's."""

Class = Literal["hard", "full", "soft", "unclear", "policy"]
"""Why a letter was refused: nobody has this address; a full mailbox; something passing; without a reason given; or us,
for whom the recipient is not to blame."""


class NotAReport(Exception):
    """Nothing that is known here. Trying again does not help until another version knows it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.reasons = (Reason(field="", code=code, message=message),)


@dataclass(frozen=True, slots=True)
class Notice:
    """What became of one letter on its way to one recipient.

    `recipients`: whom it names, as it names them. `enhanced` is RFC 3463's code, `code` RFC 5321's. `hint` is the
    judgement of whoever has said it, or of its words, where the codes say nothing.
    """

    what: What
    recipients: tuple[str, ...] = field(default=(), repr=False)
    enhanced: str | None = None
    code: int | None = None
    hint: Class | None = None


@dataclass(frozen=True, slots=True)
class Report:
    """A report: what it says, and by what it can be told which letter it is about. Without a notice it is understood,
    and there is nothing to do.

    `addresses` may be the envelope sender of a letter. `message_ids`, with their brackets, and `letters`, our own ids,
    prove nothing by themselves: they stand in the letter, and whoever repeats them must know its recipient as well.
    """

    notices: tuple[Notice, ...]
    addresses: tuple[str, ...] = field(default=(), repr=False)
    message_ids: tuple[str, ...] = ()
    letters: tuple[str, ...] = ()
