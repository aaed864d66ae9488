"""A mailbox on loopback that speaks the IMAP (RFC 9051) which reading it takes, with real literals and UIDs."""

import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import Message

_SINCE = re.compile(r"UID (\d+):\*")
_PARTIAL = re.compile(r"BODY\.PEEK\[\]<0\.(\d+)>")
USER, PASSWORD = "bounces@mail.example.org", 'a "fictitious" pass\\word'


@dataclass(slots=True)
class Mailbox:
    """What is in the folder, by UID; and what has been heard. `deaf` commands are answered NO, `cut` ones hang up. What
    it can do beyond the protocol it says to those who are logged in. `by_literals`: names of parts it says so."""

    messages: dict[int, bytes] = field(default_factory=dict)
    folder: str = "INBOX"
    capabilities: str = "IMAP4rev1 UIDPLUS"
    says_at_login: bool = False
    deaf: set[str] = field(default_factory=set)
    cut: set[str] = field(default_factory=set)
    heard: list[str] = field(default_factory=list)
    marked: set[int] = field(default_factory=set)
    validity: int = 7
    by_literals: bool = False
    port: int = 0

    def put(self, *raw: bytes) -> None:
        """More mail comes."""
        for one in raw:
            self.messages[max(self.messages, default=0) + 1] = one

    def url(self, folder: str | None = None) -> str:
        """The setting for it."""
        user, password = USER.replace("@", "%40"), PASSWORD.replace('"', "%22").replace("\\", "%5C").replace(" ", "%20")
        return f"imap://{user}:{password}@127.0.0.1:{self.port}/{folder or self.folder}"


@contextmanager
def a_mailbox() -> Iterator[Mailbox]:
    """An empty mailbox."""
    mailbox = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as door:
        mailbox.port = door.getsockname()[1]
        thread = threading.Thread(target=_serve, args=(door, mailbox), daemon=True)
        thread.start()
        yield mailbox
        door.shutdown(socket.SHUT_RDWR)
        thread.join(5)


def _structure(part: Message) -> bytes:
    """BODYSTRUCTURE, with what matters of it."""
    if part.is_multipart() and part.get_content_maintype() == "multipart":
        within = b"".join(_structure(one) for one in part.walk() if one is not part and not one.is_multipart())
        return b'(%s "%s")' % (within, part.get_content_subtype().encode())
    name = part.get_filename()
    named = f'("name" "{name}")' if name else "NIL"
    kinds = f'"{part.get_content_maintype()}" "{part.get_content_subtype()}"'
    return f'({kinds} {named} NIL NIL "7bit" 10 1)'.encode()


def _serve(door: socket.socket, mailbox: Mailbox) -> None:
    while True:
        try:
            connection, _ = door.accept()
        except OSError:
            return
        with connection:
            _Session(connection, mailbox).run()


class _Session:
    def __init__(self, connection: socket.socket, mailbox: Mailbox) -> None:
        connection.settimeout(5)
        self._file = connection.makefile("rwb")
        self._mailbox = mailbox
        self._known = False

    def run(self) -> None:
        with suppress(OSError):
            self._say(b"* OK ready")
            while line := self._file.readline():
                if not self._answer(line.decode("ascii").rstrip("\r\n")):
                    break
        with suppress(OSError):
            self._file.close()

    def _answer(self, line: str) -> bool:
        tag, _, rest = line.partition(" ")
        name, _, arguments = rest.partition(" ")
        if name.upper() == "UID":
            name, _, arguments = arguments.partition(" ")
        name = name.upper()
        self._mailbox.heard.append(name if name == "LOGIN" else f"{name} {arguments}".strip())
        if name in self._mailbox.cut:
            return False
        refused = name in self._mailbox.deaf
        if not refused:
            refused = not getattr(self, f"_{name.lower()}")(arguments)
        self._say(f"{tag} {'NO not now' if refused else 'OK done'}".encode())
        return name != "LOGOUT"

    def _capability(self, _: str) -> bool:
        self._say(f"* CAPABILITY {self._mailbox.capabilities if self._known else 'IMAP4rev1'}".encode())
        return True

    def _login(self, arguments: str) -> bool:
        escaped = PASSWORD.replace("\\", "\\\\").replace('"', '\\"')
        self._known = arguments == f'{USER} "{escaped}"'
        if self._known and self._mailbox.says_at_login:
            self._say(f"* CAPABILITY {self._mailbox.capabilities}".encode())
        return self._known

    def _select(self, arguments: str) -> bool:
        self._say(f"* {len(self._mailbox.messages)} EXISTS".encode())
        self._say(f"* OK [UIDVALIDITY {self._mailbox.validity}] so far".encode())
        return arguments == f'"{self._mailbox.folder}"'

    def _search(self, arguments: str) -> bool:
        there = sorted(set(self._mailbox.messages) - self._mailbox.marked)
        if since := _SINCE.search(arguments):
            there = [one for one in there if one >= int(since[1])] or there[-1:]  # `*` is the last one
        self._say(f"* SEARCH {' '.join(map(str, there))}".rstrip().encode())
        return True

    def _fetch(self, arguments: str) -> bool:
        if "BODYSTRUCTURE" in arguments:
            return self._structures(*map(int, arguments.partition(" ")[0].split(":")))
        uid = int(arguments.partition(" ")[0])
        partial = _PARTIAL.search(arguments)
        assert partial is not None
        if uid in self._mailbox.messages:
            raw = self._mailbox.messages[uid][: int(partial[1])]
            self._say(f"* 1 FETCH (UID {uid} BODY[]<0> {{{len(raw)}}}".encode() + b"\r\n" + raw + b")")
        return True

    def _structures(self, first: int, last: int) -> bool:
        for number, (uid, raw) in enumerate(sorted(self._mailbox.messages.items()), start=1):
            if first <= uid <= last:
                self._say(f"* {number} FETCH (UID {uid} BODYSTRUCTURE ".encode() + self._shape(raw) + b")")
        return True

    def _shape(self, raw: bytes) -> bytes:
        shape = _structure(message_from_bytes(raw))
        if not self._mailbox.by_literals:
            return shape
        return re.sub(rb'"([^"]+\.[^"]+)"', lambda name: b"{%d}\r\n%s" % (len(name[1]), name[1]), shape)

    def _store(self, arguments: str) -> bool:
        uid, flags = arguments.split(" ", 1)
        assert flags == r"+FLAGS.SILENT (\Deleted)"
        self._mailbox.marked.add(int(uid))
        return True

    def _expunge(self, arguments: str) -> bool:
        self._mailbox.messages.pop(int(arguments), None)
        return True

    def _logout(self, _: str) -> bool:
        self._say(b"* BYE")
        return True

    def _say(self, line: bytes) -> None:
        self._file.write(line + b"\r\n")
        self._file.flush()
