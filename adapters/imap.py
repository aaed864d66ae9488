"""A mailbox that is read over IMAP (RFC 9051): what is taken is handed on, and deleted when that has come through. What
is left stays as it was, and unread.

`imaplib` of the standard library has the commands that this takes. Its exceptions hold what the server said, and
with it perhaps a mail's text: none of them leaves here.
"""

import imaplib
import re
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import datetime
from email.utils import format_datetime
from typing import Any, Final

from config.servers import ImapAddress

_SECONDS: Final = 30.0
_RESPONSE: Final = re.compile(rb"\d+ \(")
_UID: Final = re.compile(rb"\bUID (\d+)")
_OF_CALENDARS: Final = re.compile(rb"calendar|\bics\b", re.IGNORECASE)


class MailboxUnavailable(Exception):
    """The mailbox cannot be reached, or does not let us in; the message has no more than what kind of error it was.
    Trying again later may help."""


class Mailbox:
    """An open folder."""

    def __init__(self, server: imaplib.IMAP4) -> None:
        self._server = server
        self._removes_one_alone = "UIDPLUS" in _capabilities(server)
        _, said = server.response("UIDVALIDITY")
        self.validity = (said[0] or b"").decode("ascii", "replace") if said else ""
        """UIDs mean the same messages while this is the same (RFC 9051, 2.3.1.1)."""

    def messages(self, limit: int, *, after: int = 0, since: datetime | None = None) -> list[bytes]:
        """UIDs of messages that are not marked as deleted, the oldest first, `limit` at most; those that came after
        the message with the UID `after`, and on the day of `since` or later."""
        newer = ("UID", f"{after + 1}:*") if after else ()
        # As in a mail's Date: "Tue, 01 Jun 2021 …", and 01-Jun-2021 here, in English everywhere.
        recent = ("SINCE", format_datetime(since)[5:16].replace(" ", "-")) if since else ()
        found = self._said("SEARCH", "UNDELETED", *newer, *recent)
        # `*` is the last message's, which is named even where it came before (RFC 9051, 6.4.4).
        uids = [uid for uid in (found[0] or b"").split() if int(uid) > after] if found else []
        return uids[:limit]

    def with_calendars(self, uids: Sequence[bytes]) -> set[bytes]:
        """Which of these messages, in their order, may hold an iCalendar object, by their parts' types and names: what
        they say is not fetched."""
        if not uids:
            return set()
        found = self._said("FETCH", f"{int(uids[0])}:{int(uids[-1])}", "(UID BODYSTRUCTURE)")
        likely = [_UID.search(one) for one in _responses(found) if _OF_CALENDARS.search(one)]
        return {one[1] for one in likely if one} & set(uids)

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


def _responses(data: list[Any]) -> list[bytes]:
    """What is said of each message, in one piece; `imaplib` takes literals out of it."""
    found: list[bytes] = []
    for item in data:
        said, literal = item if isinstance(item, tuple) else (item or b"", b"")
        if _RESPONSE.match(said):
            found.append(b"")
        if found:
            found[-1] += said + b" " + literal
    return found


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
