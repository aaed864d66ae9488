"""A mailbox that is emptied over IMAP (RFC 9051): what is in it is handed on, and deleted when that has come through.

`imaplib` of the standard library has the five commands that this takes. Its exceptions hold what the server said, and
with it perhaps a mail's text: none of them leaves here.
"""

import imaplib
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final

from config.servers import ImapAddress

_SECONDS: Final = 30.0


class MailboxUnavailable(Exception):
    """The mailbox cannot be reached, or does not let us in; the message has no more than what kind of error it was.
    Trying again later may help."""


class Mailbox:
    """An open folder."""

    def __init__(self, server: imaplib.IMAP4) -> None:
        self._server = server
        self._removes_one_alone = "UIDPLUS" in _capabilities(server)

    def messages(self, limit: int) -> list[bytes]:
        """UIDs of messages that are not marked as deleted, the oldest first, `limit` at most."""
        found = self._said("SEARCH", "UNDELETED")
        return (found[0] or b"").split()[:limit] if found else []

    def read(self, uid: bytes, most: int) -> bytes | None:
        """The first `most` bytes of a message, which stays unread; None where it is gone meanwhile."""
        found = self._said("FETCH", uid.decode("ascii"), f"(BODY.PEEK[]<0.{most}>)")
        literals = [part[1] for part in found if isinstance(part, tuple)]  # what else there is are the flags about it
        return literals[0] if literals else None

    def delete(self, uid: bytes) -> None:
        """Delete a message: marked first, and at once removed alone where the server can do that (RFC 4315)."""
        name = uid.decode("ascii")
        self._said("STORE", name, "+FLAGS.SILENT", r"(\Deleted)")
        if self._removes_one_alone:
            self._said("EXPUNGE", name)

    def _said(self, command: str, *arguments: str) -> list[Any]:
        """What the server has answered, as `imaplib` gives it: lines, and literals as pairs."""
        status, data = self._server.uid(command, *arguments)
        if status != "OK":
            raise MailboxUnavailable(f"refused {command}")
        return data


@contextmanager
def open_mailbox(address: ImapAddress) -> Iterator[Mailbox]:
    """The folder, open; closed at the end.

    Raises:
        MailboxUnavailable: where anything goes wrong with it, at any time.
    """
    try:
        server = _connected(address)
        try:
            server.login(address.user, address.password.get_secret_value())
            status, _ = server.select(_quoted(address.folder))
            if status != "OK":
                raise MailboxUnavailable("has no such folder")
            yield Mailbox(server)
        finally:
            with suppress(imaplib.IMAP4.error, OSError):
                server.logout()
            with suppress(OSError):
                server.shutdown()  # where it went before its answer, logging out has not closed the connection
    except (imaplib.IMAP4.error, OSError) as wrong:
        raise MailboxUnavailable(type(wrong).__name__) from None


def _connected(address: ImapAddress) -> imaplib.IMAP4:
    if address.tls:
        return imaplib.IMAP4_SSL(address.host, address.port, ssl_context=ssl.create_default_context(), timeout=_SECONDS)
    return imaplib.IMAP4(address.host, address.port, timeout=_SECONDS)


def _capabilities(server: imaplib.IMAP4) -> set[str]:
    """What the server can do for whoever is logged in, which is often more than it says before (RFC 9051, 6.2.3);
    `imaplib` asks only before."""
    _, lines = server.capability()
    return {word for line in lines if line for word in line.decode("ascii", "replace").upper().split()}


def _quoted(folder: str) -> str:
    """A quoted string (RFC 9051, 4.3)."""
    escaped = re.sub(r'(["\\])', r"\\\1", folder)
    return f'"{escaped}"'
