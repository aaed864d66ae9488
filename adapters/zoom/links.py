"""Personal join links, whoever makes them.

Refuses to invent one: where no link can be had, that is said, and the invitation waits or announces that it follows.
"""

import base64
from dataclasses import dataclass
from typing import Protocol

from adapters.vault import Vault


class LinkUnavailable(Exception):
    """No link now. `reason` is a code for the monitor; asking again later may help."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class LinkRequest:
    """Whose link for which session. `account` is None where the programme names no Zoom event."""

    participant_id: str
    conference: str
    session: str
    account: str | None


class JoinLinks(Protocol):
    """Gives each participant a link of their own to each session."""

    def obtain(self, request: LinkRequest) -> str:
        """The personal link: the same whenever it is asked for again.

        Raises:
            LinkUnavailable: where there is none now.
        """


class EmulatedLinks:
    """Links that lead to this machine's own page, for demonstrations, rehearsals and tests: never to a stranger's
    event. They follow from the participant and the session, so that asking twice gives one link."""

    def __init__(self, base_url: str, vault: Vault) -> None:
        self._base_url = base_url.rstrip("/")
        self._vault = vault

    def obtain(self, request: LinkRequest) -> str:
        """The link on a loopback address."""
        if request.account is None:
            raise LinkUnavailable("no-zoom-event")
        whose = f"{request.conference}\n{request.session}\n{request.participant_id}"
        token = base64.urlsafe_b64encode(self._vault.index("zoom-emulator", whose)).rstrip(b"=").decode()
        return f"{self._base_url}/zoom-emulator/j/{token}"


class NoLinks:
    """Where no Zoom account can be asked: every session's links are awaited, visibly."""

    def obtain(self, request: LinkRequest) -> str:
        """Always raises LinkUnavailable, with the reason."""
        raise LinkUnavailable("no-zoom-event" if request.account is None else "zoom-account-not-configured")
