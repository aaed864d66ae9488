"""Handing letters to the mail server: one recipient each, over a connection that is kept, one answer per letter.

Refuses to send readable where TLS was asked for, to trust a certificate it cannot verify, and to repeat what a server
said: its words can hold the recipient's address, so only codes leave this module.
"""

import re
import smtplib
import socket
import ssl
import time
from typing import Final

from config.settings import SmtpAddress
from schemas.smtp import SmtpAnswer, Stage

_ENHANCED: Final = re.compile(r"[245]\.\d{1,3}\.\d{1,3}(?=\s|$)")

_SMTPUTF8: Final = ("SMTPUTF8", "BODY=8BITMIME")

_IDLE_LIMIT: Final = 30.0
"""Seconds after which a kept connection is not trusted: servers close idle ones, and a letter must not find out."""


class Postman:
    """One connection to one mail server, for one process; opened when it is needed."""

    def __init__(self, address: SmtpAddress, timeout: float, local_name: str | None = None) -> None:
        self._address = address
        self._timeout = timeout
        self._local_name = local_name
        self._connection: smtplib.SMTP | None = None
        self._used = 0.0

    def hand_over(self, sender: str, recipient: str, message: bytes) -> SmtpAnswer:
        """Offer one letter. Never raises for what the server or the network does: the answer says it.

        `message` is RFC 5322 with CRLF line ends, 7-bit clean unless `recipient` is not ASCII; dots are stuffed here
        (RFC 5321 4.5.2). To a server that has not said SMTPUTF8 in its EHLO such a recipient is not named at all; the
        answer is then what such a server has to say of one (RFC 6531 3.5).
        """
        stage: Stage = "connect"
        try:
            connection = self._open()
            extended = not recipient.isascii()
            if extended and not connection.has_extn("smtputf8"):
                return SmtpAnswer("recipient", 553, "5.6.7")
            stage = "sender"
            code, said = connection.mail(sender, _SMTPUTF8 if extended else ())
            if code != 250:
                return self._refused(stage, code, said)
            stage = "recipient"
            code, said = connection.rcpt(recipient)
            if code not in {250, 251}:
                return self._refused(stage, code, said)
            stage = "data"
            code, said = connection.docmd("DATA")
            if code != 354:
                return self._refused(stage, code, said)
            stage = "after-data"
            connection.send(_stuffed(message))
            code, said = connection.getreply()
        except smtplib.SMTPResponseException as refused:
            self._drop()
            return SmtpAnswer("connect", refused.smtp_code, _enhanced(refused.smtp_error))
        except (OSError, smtplib.SMTPException):
            self._drop()
            return SmtpAnswer(stage)
        except BaseException:
            # A time limit, say. In the middle of a letter the next one's commands would be taken for its text.
            self._drop()
            raise
        self._used = time.monotonic()
        return self._refused(stage, code, said) if code >= 300 else SmtpAnswer(stage, code, _enhanced(said))

    def check(self) -> bool:
        """Connect and log in, for `doctor`; whether the server takes addresses in all letters (SMTPUTF8).

        Raises OSError or smtplib.SMTPException where it does not work.
        """
        self.close()
        extended = self._open().has_extn("smtputf8")
        self.close()
        return extended

    def close(self) -> None:
        """Leave the server, politely where it still listens."""
        connection, self._connection = self._connection, None
        if connection is not None:
            try:
                connection.quit()
            except (OSError, smtplib.SMTPException):
                connection.close()

    def _drop(self) -> None:
        """Hang up without a word: what was begun must not be ended by it."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _open(self) -> smtplib.SMTP:
        if self._connection is not None and time.monotonic() - self._used < _IDLE_LIMIT:
            return self._connection
        self.close()
        address = self._address
        context = ssl.create_default_context()
        if address.security == "tls":
            connection: smtplib.SMTP = smtplib.SMTP_SSL(
                address.host, address.port, self._local_name, timeout=self._timeout, context=context
            )
        else:
            connection = smtplib.SMTP(address.host, address.port, self._local_name, timeout=self._timeout)
        try:
            # Without it each letter waits for the peer's delayed acknowledgement: some 40 ms.
            if connection.sock is not None:
                connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if address.security == "starttls":
                connection.starttls(context=context)
            connection.ehlo_or_helo_if_needed()
            if address.user is not None and address.password is not None:
                connection.login(address.user, address.password.get_secret_value())
        except BaseException:
            connection.close()
            raise
        self._connection, self._used = connection, time.monotonic()
        return connection

    def _refused(self, stage: Stage, code: int, said: bytes) -> SmtpAnswer:
        """After a refusal the transaction is reset; a server that is closing (421) is left."""
        answer = SmtpAnswer(stage, code if code > 0 else None, _enhanced(said))
        connection = self._connection
        if connection is not None:
            try:
                alive = code not in {421, -1} and connection.rset()[0] == 250
            except (OSError, smtplib.SMTPException):
                alive = False
            if not alive:
                self._drop()
        self._used = time.monotonic()
        return answer


def _stuffed(message: bytes) -> bytes:
    body = message.replace(b"\r\n.", b"\r\n..")
    if body.startswith(b"."):
        body = b"." + body
    return body + (b"" if body.endswith(b"\r\n") else b"\r\n") + b".\r\n"


def _enhanced(said: bytes | str) -> str | None:
    """The enhanced status code at the beginning of a server's words (RFC 2034), if there is one."""
    text = said.decode("ascii", "replace") if isinstance(said, bytes) else said
    match = _ENHANCED.match(text)
    return match[0] if match else None
