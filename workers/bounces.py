"""What comes back after letters: a report or a provider's event is an envelope like any other, judged in the corridor.

Nothing is believed of whoever could not know the letter: either the report was brought to the letter's own envelope
sender, whose token is signed, or it names the letter and the letter's own recipient.
"""

from collections.abc import Callable, Mapping

import structlog
from sqlalchemy.orm import Session

from adapters.database import addresses, envelopes, letters
from adapters.database.tables import EnvelopeRow, LetterRow
from adapters.tokens import BounceTokens
from adapters.toolbox import Toolbox
from domain.bounces import mailgun, postmark, reading
from domain.bounces.said import NotAReport, Notice, Report
from domain.letters.headers import carried_address
from workers.suppression import REPORTED, report

log = structlog.get_logger(__name__)

_READERS: Mapping[str, Callable[[bytes], Report]] = {
    "bounce": reading.read, "postmark": postmark.read, "mailgun": mailgun.read,
}  # fmt: skip


def take(toolbox: Toolbox, session: Session, envelope: EnvelopeRow) -> None:
    """Do what a report says.

    Raises:
        NotAReport: where it is none, or nothing shows that its sender knew the letter.
    """
    said = _READERS[envelope.source](envelopes.opened(envelope, toolbox.vault).body)
    if not said.notices:
        return
    letter, address, proven = _letter(toolbox, session, said)
    notices = [one for one in said.notices if _names(one, address)] or (list(said.notices) if proven else [])
    for one in notices:
        if one.what in REPORTED:
            report(toolbox, session, letter, address, one, source=envelope.source)
        else:
            log.info("nothing follows from a report", letter=letter.id, state=one.what, source=envelope.source)


def _letter(toolbox: Toolbox, session: Session, said: Report) -> tuple[LetterRow, str, bool]:
    """The letter that a report is about, its recipient's address, and whether a token has shown it."""
    tokens = BounceTokens(toolbox.vault)
    for own in filter(None, map(tokens.letter_at, said.addresses)):
        if letter := letters.by_id(session, own):
            return letter, _address(toolbox, session, letter), True
    named = [letters.by_id(session, one) for one in said.letters]
    named += [letters.by_message_id(session, one) for one in said.message_ids]
    for letter in filter(None, named):
        address = _address(toolbox, session, letter)
        if any(_names(one, address) for one in said.notices):
            return letter, address, False
    raise NotAReport("not-of-a-letter", "It shows no knowledge of a letter of ours and of its recipient.")


def _address(toolbox: Toolbox, session: Session, letter: LetterRow) -> str:
    return addresses.of_letter(session, toolbox.vault, letter)


def _names(notice: Notice, address: str) -> bool:
    """Whether a notice is about this address, as it was typed or as mail carries it."""
    own = {address.casefold(), carried_address(address).casefold()}
    return any(one.casefold() in own for one in notice.recipients)
