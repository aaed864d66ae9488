"""One open connection to a mail server, and the dialogue over it for one letter after the other.

Where the server offers PIPELINING (RFC 2920), a letter's commands go in one packet, and those of the next letter behind
the dot of this one. At any moment at most one letter's text is on its way without an answer: whoever is killed cannot
have sent more than that one without knowing. While the server reads it, the caller may do something useful.
"""

import re
import smtplib
from dataclasses import field
from typing import IO, Final

from schemas.smtp import SmtpAnswer, Stage
from schemas.value import value

_ENHANCED: Final = re.compile(rb"[245]\.\d{1,3}\.\d{1,3}(?=\s|$)")
_DONE, _GO_ON, _CLOSING = 250, 354, 421
_RESET: Final = b"RSET\r\n"
_DOT: Final = b".\r\n"
_IN_ADVANCE: Final = (b"", b"", b"")
"""Commands that have been sent already."""
_STEPS: Final[tuple[tuple[Stage, frozenset[int]], ...]] = (
    ("sender", frozenset({_DONE})), ("recipient", frozenset({_DONE, 251})), ("data", frozenset({_GO_ON})),
)  # fmt: skip
_LONGEST_LINE, _MOST_LINES = 8192, 100
"""Of an answer; RFC 5321 (4.5.3.1.5) has 512 octets. What is longer does not speak SMTP."""


@value
class Parcel:
    """A letter with its envelope. `message` is RFC 5322 with CRLF line ends, 7-bit clean unless `recipient` is not
    ASCII; dots are stuffed on the way (RFC 5321 4.5.2), but where it is `dotless`: known to have no line that begins
    with one."""

    letter_id: str
    sender: str
    recipient: str = field(repr=False)
    message: bytes = field(repr=False)
    dotless: bool = False


class Line:
    """A connection that has been greeted, secured and logged in.

    OSError and smtplib.SMTPException get out of `offer` and `answer` where the connection is lost; `stage` says at
    what.
    """

    def __init__(self, connection: smtplib.SMTP) -> None:
        assert connection.sock is not None  # noqa: S101 - it has just answered
        self._connection = connection
        self._socket = connection.sock
        self._replies: IO[bytes] = connection.file or self._socket.makefile("rb")  # what it has read ahead stays in it
        self._pipelining = connection.has_extn("pipelining")
        self.extended = connection.has_extn("smtputf8")
        size = connection.esmtp_features.get("size", "")
        self._size = int(size) if size.isdigit() else 0
        self._announced: Parcel | None = None
        self._unanswered = False  # a text is on its way
        self._begun = False  # a transaction that was refused, and must be reset before the next
        self.stage: Stage = "connect"
        self.ended = False

    @property
    def in_dialogue(self) -> bool:
        """Whether a letter was announced whose text has not gone, or one has gone without an answer: what comes next
        must not be taken for theirs, and hanging up is the only way not to send one."""
        return self._announced is not None or self._unanswered

    def offer(self, parcel: Parcel, ahead: Parcel | None = None) -> SmtpAnswer | None:
        """Bring one letter to where its text is on its way, and announce the one `ahead` with it, which must be offered
        next. None: ask for the answer then. What was refused before has its answer."""
        self.stage = "sender"
        if self._announced is not parcel:
            impossible = self._impossible(parcel)
            if impossible is not None:
                return impossible
        refusal = self._envelope(parcel)
        if refusal is None:
            self._text(parcel, ahead)
        return refusal

    def answer(self) -> SmtpAnswer:
        """What the server says of the text that is on its way. To be asked for once, before the next is offered."""
        code, said = self._reply()
        if not ((200 <= code < 300 and not self.ended) or code >= 400):
            raise smtplib.SMTPServerDisconnected("no answer to a letter")
        self._unanswered = False
        self.ended = self.ended or code == _CLOSING
        return SmtpAnswer("after-data", code, enhanced(said))

    def _impossible(self, parcel: Parcel) -> SmtpAnswer | None:
        """What the server would say of a letter that it has told us it cannot take; then it hears nothing of it."""
        if not parcel.recipient.isprintable() or set(" <>") & set(parcel.recipient):
            return SmtpAnswer("recipient", 553, "5.1.3")
        if not parcel.recipient.isascii() and not self.extended:
            return SmtpAnswer("recipient", 553, "5.6.7")  # RFC 6531 3.5
        if 0 < self._size < len(parcel.message):
            return SmtpAnswer("sender", 552, "5.3.4")  # RFC 1870 6.2
        return None

    def _envelope(self, parcel: Parcel) -> SmtpAnswer | None:
        """Sender and recipient, up to where the server waits for the text; its refusal where it does not."""
        commands = _IN_ADVANCE if self._pipelining else _commands(parcel)
        if self._pipelining and self._announced is not parcel:
            self._socket.sendall((_RESET if self._begun else b"") + b"".join(_commands(parcel)))
        self._announced = parcel
        if self._begun:
            self._reset()
        refusal, code = None, 0
        for (stage, welcome), command in zip(_STEPS, commands, strict=True):
            self.stage = stage
            try:
                if command:
                    self._socket.sendall(command)
                code, said = self._reply()
            except (OSError, smtplib.SMTPException):
                if refusal is None:
                    raise
                self.ended = True  # it hung up, but it had said why
                return refusal
            if code not in welcome:
                refusal = refusal or SmtpAnswer(stage, code, enhanced(said))
                self.ended = self.ended or code == _CLOSING
                if self.ended or not self._pipelining:
                    break
        if refusal is not None and not self.ended:
            self._withdraw(waits_for_text=code == _GO_ON)
        return refusal

    def _withdraw(self, *, waits_for_text: bool) -> None:
        """After a refusal. DATA went along with the recipient, and some servers wait for a text to nobody (RFC 2920,
        section 3.1)."""
        self._announced, self._begun = None, True
        if not waits_for_text:
            return
        try:
            self._socket.sendall(_DOT)
            self._reply()
        except (OSError, smtplib.SMTPException):
            self.ended = True

    def _reset(self) -> None:
        if not self._pipelining:
            self._socket.sendall(_RESET)
        code, _ = self._reply()
        if code != _DONE:
            raise smtplib.SMTPServerDisconnected("a server that cannot begin anew is left")
        self._begun = False

    def _text(self, parcel: Parcel, ahead: Parcel | None) -> None:
        """The letter itself, and the commands of the one ahead: RFC 2920 lets them share a packet with the dot."""
        self.stage, self._announced, self._unanswered = "after-data", None, True
        packet = [parcel.message if parcel.dotless else stuffed(parcel.message)]
        packet.append(_DOT if packet[0].endswith(b"\r\n") else b"\r\n" + _DOT)
        if ahead is not None and self._pipelining and self._impossible(ahead) is None:
            self._announced = ahead
            packet += _commands(ahead)
        try:
            self._socket.sendall(b"".join(packet))
        except TimeoutError:
            raise
        except OSError:
            self.ended = True  # in the middle of the text: perhaps it has said why

    def _reply(self) -> tuple[int, bytes]:
        """The code of an answer and the words of its last line."""
        for _ in range(_MOST_LINES):
            line = self._replies.readline(_LONGEST_LINE)
            if not line.endswith(b"\n") or not line[:3].isdigit():
                break
            if line[3:4] != b"-":
                return int(line[:3]), line[4:]
        raise smtplib.SMTPServerDisconnected("what came is no answer")


def _commands(parcel: Parcel) -> tuple[bytes, bytes, bytes]:
    options = "" if parcel.recipient.isascii() else " SMTPUTF8 BODY=8BITMIME"
    sender, recipient = f"MAIL FROM:<{parcel.sender}>{options}\r\n", f"RCPT TO:<{parcel.recipient}>\r\n"
    return sender.encode(), recipient.encode(), b"DATA\r\n"


def stuffed(message: bytes) -> bytes:
    """The text as DATA carries it, without its end."""
    body = message.replace(b"\r\n.", b"\r\n..")
    return b"." + body if body.startswith(b".") else body


def enhanced(said: bytes | str) -> str | None:
    """The enhanced status code at the beginning of a server's words (RFC 2034), if there is one."""
    match = _ENHANCED.match(said.encode("ascii", "replace") if isinstance(said, str) else said)
    return match[0].decode("ascii") if match else None
