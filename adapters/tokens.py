"""Tokens that stand in addresses: signed, bound to one purpose, and saying nothing of the person but an opaque id.

A token of one purpose fails for any other. The same participant has the same token, so that a letter that is sent
again is the same letter.
"""

from itsdangerous import BadSignature, URLSafeSerializer

from adapters.vault import Vault


class MuteTokens:
    """Who may mute whose reminders: whoever got one (RFC 8058). What they do can be undone, so they do not expire."""

    def __init__(self, vault: Vault) -> None:
        self._serializer = URLSafeSerializer(vault.signing_key("mute"), salt="mute")

    def of(self, participant_id: str) -> str:
        """The token of a participant."""
        return str(self._serializer.dumps(participant_id))

    def participant(self, token: str) -> str | None:
        """Whose token it is; None for one that we did not make."""
        try:
            found = self._serializer.loads(token)
        except BadSignature:
            return None
        return found if isinstance(found, str) else None
