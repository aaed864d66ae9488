"""What happened to one letter at the mail server, as the mail adapter says it and the domain judges it."""

from typing import Literal

from schemas.value import value

Stage = Literal["connect", "sender", "recipient", "data", "after-data"]


@value
class SmtpAnswer:
    """An answer and where in the dialogue it came.

    `code` is RFC 5321's, or None where the connection failed or was lost; `enhanced` is RFC 3463's, where the server
    gave one. The server's words are left out: they can hold the recipient's address.
    """

    stage: Stage
    code: int | None = None
    enhanced: str | None = None

    @property
    def accepted(self) -> bool:
        """The server has taken responsibility for the letter."""
        return self.stage == "after-data" and self.code is not None and 200 <= self.code < 300

    @property
    def connection_ended(self) -> bool:
        """There is nobody to talk to any more (421: the server closes)."""
        return self.code is None or self.code == 421

    def __str__(self) -> str:
        if self.code is None:
            return "connection-lost-after-data" if self.stage == "after-data" else "server-not-reached"
        return f"smtp-{self.code}-{self.enhanced}" if self.enhanced else f"smtp-{self.code}"
