"""From a claimed letter to what the mail server is handed: written, in its envelope, with its address.

A letter is rendered when it is sent, from the rows as they are then; its Message-ID, SEQUENCE and DTSTAMP were fixed
when it was written, so a second try is the same letter.
"""

from dataclasses import field
from datetime import datetime

from adapters.database.tables import LetterRow
from adapters.smtp import Parcel
from adapters.tokens import BounceTokens
from adapters.toolbox import Toolbox
from domain.bounces import postmark
from domain.letters.headers import carried_address
from domain.letters.model import Order
from schemas.value import value
from workers.app import desk
from workers.correspondence import Correspondence


@value
class Packed:
    """A letter that is ready to be handed over. `address`: of its recipient, as it was typed."""

    letter: LetterRow
    address: str = field(repr=False)
    parcel: Parcel


class Packer:
    """Packs the letters of one batch."""

    def __init__(self, toolbox: Toolbox, correspondence: Correspondence) -> None:
        self._correspondence = correspondence
        self._bounces = toolbox.settings.mail_bounces
        self._bounce_tokens = BounceTokens(toolbox.vault)
        self._through_postmark = bool(toolbox.settings.secrets_for("mail", "postmark"))

    def packed(self, letter: LetterRow, now: datetime) -> Packed:
        """The letter as it goes at `now`. Raises as `Correspondence.order` and `Desk.message` do."""
        order = self._correspondence.order(letter, now)
        recipient = carried_address(order.person.address)
        message = self._named_for_the_provider(letter) + desk().message(order)
        parcel = Parcel(letter.id, self._envelope_sender(letter, order), recipient, message, dotless=True)
        return Packed(letter, order.person.address, parcel)

    def language(self, letter: LetterRow) -> str:
        """In which a letter is, or would have been, written."""
        return self._correspondence.language(letter)

    def _envelope_sender(self, letter: LetterRow, order: Order) -> str:
        """Where reports of non-delivery go: an address of the letter's own, the same at each try, or From's."""
        return self._bounce_tokens.address(self._bounces, letter.id) if self._bounces else order.sender.address

    def _named_for_the_provider(self, letter: LetterRow) -> bytes:
        """A header by which a provider that gives letters other names says later which one it speaks of."""
        return f"{postmark.HEADER}: {letter.id}\r\n".encode("ascii") if self._through_postmark else b""
