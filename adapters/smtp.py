"""Handing letters to the mail server: one recipient each, over a connection that is kept, one answer per letter.

Refuses to send readable where TLS was asked for, to trust a certificate it cannot verify, and to repeat what a server
said: its words can hold the recipient's address, so only codes leave this module.
"""

import smtplib
import socket
import ssl
import time
from collections.abc import Callable, Generator, Iterable
from typing import Final, TypeVar

from adapters.smtp_line import Line, Parcel, enhanced
from config.settings import SmtpAddress
from schemas.smtp import SmtpAnswer

__all__ = ["Parcel", "Postman"]

_IDLE_LIMIT: Final = 30.0
"""Seconds after which a kept connection is not trusted: servers close idle ones, and a letter must not find out."""

Said = TypeVar("Said", SmtpAnswer, SmtpAnswer | None)


class Postman:
    """One connection to one mail server, for one process; opened when it is needed."""

    def __init__(self, address: SmtpAddress, timeout: float, local_name: str | None = None) -> None:
        self._address = address
        self._timeout = timeout
        self._local_name = local_name
        self._connection: smtplib.SMTP | None = None
        self._line: Line | None = None
        self._used = 0.0

    def hand_over(self, parcels: Iterable[Parcel]) -> Generator[tuple[Parcel, SmtpAnswer], None, None]:
        """Offer letters, one after the other; each with its answer, in order, as soon as the answer is there.

        Takes a letter more from `parcels` than it offers, for its commands travel behind the text of the one before;
        and while the server reads that text, another, which is written meanwhile. Where the caller goes no further than
        an answer, those were not sent. Never raises for what the server or the network does: the answers say it, and a
        caller that goes on gets a new connection.
        """
        coming = iter(parcels)
        parcel, ahead = next(coming, None), next(coming, None)
        try:
            while parcel is not None:
                refusal = self._offer(parcel, ahead)
                if refusal is not None:
                    yield parcel, refusal
                    parcel, ahead = ahead, next(coming, None)
                else:
                    beyond = next(coming, None)
                    yield parcel, self._answer()
                    parcel, ahead = ahead, beyond
        finally:
            # What was announced must not be taken for what comes next. Where a time limit, say, has struck in the
            # middle of a letter, the next one's commands would be taken for its text.
            if self._line is not None and self._line.in_dialogue:
                self._drop()

    def _offer(self, parcel: Parcel, ahead: Parcel | None) -> SmtpAnswer | None:
        """A kept connection may have been closed meanwhile, after so many letters or so long: that is not this
        letter's fault, and it is offered once more. Unless its text has gone: then nobody knows. None where its answer
        is still to come."""
        kept = self._line
        answer = self._attempt(parcel, ahead)
        if answer is None or kept is None or not kept.ended or answer.stage in {"connect", "after-data"}:
            return answer
        return answer if answer.enhanced == "4.7.28" else self._attempt(parcel, ahead)

    def _attempt(self, parcel: Parcel, ahead: Parcel | None) -> SmtpAnswer | None:
        try:
            line = self._open()
        except smtplib.SMTPResponseException as refused:
            code = refused.smtp_code if refused.smtp_code > 0 else None
            return SmtpAnswer("connect", code, enhanced(refused.smtp_error))
        except (OSError, smtplib.SMTPException):
            return SmtpAnswer("connect")
        return self._said(line, lambda: line.offer(parcel, ahead))

    def _answer(self) -> SmtpAnswer:
        """To the letter whose text is on its way."""
        assert self._line is not None  # noqa: S101 - it has carried the text
        return self._said(self._line, self._line.answer)

    def _said(self, line: Line, ask: Callable[[], Said]) -> Said | SmtpAnswer:
        """What comes of one step over the line; hang up where that is its end."""
        said: Said | SmtpAnswer
        try:
            said = ask()
        except (OSError, smtplib.SMTPException):
            line.ended, said = True, SmtpAnswer(line.stage)
        except BaseException:
            self._drop()
            raise
        if line.ended and said is not None:
            self._drop()
        self._used = time.monotonic()
        return said

    def check(self) -> bool:
        """Connect and log in, for `doctor`; whether the server takes addresses in all letters (SMTPUTF8).

        Raises OSError or smtplib.SMTPException where it does not work.
        """
        self.close()
        extended = self._open().extended
        self.close()
        return extended

    def close(self) -> None:
        """Leave the server, politely where it still listens."""
        if self._line is not None and self._line.in_dialogue:
            self._drop()
        connection, self._connection, self._line = self._connection, None, None
        if connection is not None:
            try:
                connection.quit()
            except (OSError, smtplib.SMTPException):
                connection.close()

    def _drop(self) -> None:
        """Hang up without a word: what was begun must not be ended by it."""
        connection, self._connection, self._line = self._connection, None, None
        if connection is not None:
            connection.close()

    def _open(self) -> Line:
        if self._line is not None and time.monotonic() - self._used < _IDLE_LIMIT:
            return self._line
        self.close()
        connection = self._connect()
        self._connection, self._line, self._used = connection, Line(connection), time.monotonic()
        return self._line

    def _connect(self) -> smtplib.SMTP:
        address = self._address
        # Called only for TLS: to read all authorities' certificates takes longer than many letters.
        verifying = ssl.create_default_context
        if address.security == "tls":
            connection: smtplib.SMTP = smtplib.SMTP_SSL(
                address.host, address.port, self._local_name, timeout=self._timeout, context=verifying()
            )
        else:
            connection = smtplib.SMTP(address.host, address.port, self._local_name, timeout=self._timeout)
        try:
            # Without it each letter waits for the peer's delayed acknowledgement: some 40 ms.
            if connection.sock is not None:
                connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if address.security == "starttls":
                connection.starttls(context=verifying())
            connection.ehlo_or_helo_if_needed()
            if address.user is not None and address.password is not None:
                connection.login(address.user, address.password.get_secret_value())
        except BaseException:
            connection.close()
            raise
        return connection
