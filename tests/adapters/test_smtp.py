"""Handing letters to a real mail server that takes them, refuses them, or goes away."""

import io
import smtplib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from adapters.smtp import Postman
from cli.catcher import MailCatcher
from config.settings import SmtpAddress
from schemas.smtp import SmtpAnswer

SENDER, OLGA = "secretariat@convenor.example.org", "olga@mission.example.org"
CYRILLIC = "ольга@mission.example.org"
LETTER = b"Subject: dots\r\n\r\n.\r\n..\r\n.hidden\r\nend\r\n"


class Registering(MailCatcher):
    """A mail server that also keeps the envelopes: with which words a letter was brought."""

    def __init__(self, folder: Path, *, smtputf8: bool = True) -> None:
        super().__init__(folder, smtputf8=smtputf8)
        self.envelopes: list[tuple[str | None, list[str], bool, list[str]]] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        options = [str(option) for option in envelope.mail_options]
        self.envelopes.append((envelope.mail_from, list(envelope.rcpt_tos), envelope.smtp_utf8, options))
        return await super().handle_DATA(server, session, envelope)


@contextmanager
def a_server(folder: Path, *, smtputf8: bool) -> Iterator[tuple[Postman, Registering]]:
    """A real mail server, and a postman who knows the way."""
    server = Registering(folder, smtputf8=smtputf8)
    server.start()
    port = urlsplit(server.url).port
    assert port is not None
    postman = Postman(SmtpAddress(host="127.0.0.1", port=port, security="plain"), 5.0, "x.example.org")
    yield postman, server
    postman.close()
    server.stop()


class ScriptedServer:
    """A mail server on loopback that answers each command as scripted, or hangs up where the script says None."""

    def __init__(self, script: dict[str, str | None]) -> None:
        self._script = script
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self.connections = 0
        self.heard: list[str] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._socket.shutdown(socket.SHUT_RDWR)  # wakes the accept; closing alone would not
        self._socket.close()
        self._thread.join(5)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self.connections += 1
            with connection, connection.makefile("rwb") as stream:
                self._talk(stream)

    def _talk(self, stream: io.BufferedRWPair) -> None:
        def say(answer: str) -> None:
            stream.write(answer.encode() + b"\r\n")
            stream.flush()

        say(self._script.get("greeting") or "220 here")
        in_data = False
        for raw in stream:
            line = raw.decode().rstrip("\r\n")
            if in_data and line != ".":
                continue
            word = "DOT" if in_data else line.split(" ")[0].upper()
            self.heard.append(word)
            in_data = False
            usual = {"EHLO": "250 here", "DATA": "354 go on", "QUIT": "221 bye"}.get(word, "250 2.0.0 ok")
            answer = self._script.get(word, usual)
            if answer is None:
                return
            say(answer)
            in_data = word == "DATA" and answer.startswith("354")
            if word == "QUIT":
                return


Serve = Callable[..., tuple[Postman, ScriptedServer]]


@pytest.fixture
def serve() -> Iterator[Serve]:
    made: list[tuple[Postman, ScriptedServer]] = []

    def make(**script: str | None) -> tuple[Postman, ScriptedServer]:
        server = ScriptedServer(script)
        made.append(
            (Postman(SmtpAddress(host="127.0.0.1", port=server.port, security="plain"), 5.0, "x.example.org"), server)
        )
        return made[-1]

    yield make
    for postman, server in made:
        postman.close()
        server.close()


def test_a_letter_arrives_as_it_was_written_dots_and_all(tmp_path: Path) -> None:
    with a_server(tmp_path, smtputf8=False) as (postman, server):
        assert postman.hand_over(SENDER, OLGA, LETTER).accepted
    assert message_from_bytes(server.caught[0].read_bytes()).get_payload() == ".\r\n..\r\n.hidden\r\nend\r\n"
    assert server.envelopes == [(SENDER, [OLGA], False, [])]


def test_a_server_with_smtputf8_gets_a_letter_to_an_address_in_other_letters_byte_for_byte(tmp_path: Path) -> None:
    letter = f"To: {CYRILLIC}\r\n".encode() + LETTER
    with a_server(tmp_path, smtputf8=True) as (postman, server):
        assert postman.hand_over(SENDER, CYRILLIC, letter).accepted
    assert server.caught[0].read_bytes() == letter
    assert server.envelopes == [(SENDER, [CYRILLIC], True, ["SMTPUTF8", "BODY=8BITMIME"])]


def test_letters_to_ascii_addresses_ask_for_no_extension_also_where_there_is_one(tmp_path: Path) -> None:
    with a_server(tmp_path, smtputf8=True) as (postman, server):
        for recipient in (OLGA, CYRILLIC, OLGA):
            assert postman.hand_over(SENDER, recipient, LETTER).accepted
    assert [(extended, options != []) for *_, extended, options in server.envelopes] == [
        (False, False),
        (True, True),
        (False, False),
    ]


def test_a_server_without_smtputf8_never_hears_of_such_an_address_and_goes_on_with_the_next(tmp_path: Path) -> None:
    with a_server(tmp_path, smtputf8=False) as (postman, server):
        assert postman.hand_over(SENDER, CYRILLIC, LETTER) == SmtpAnswer("recipient", 553, "5.6.7")
        assert postman.hand_over(SENDER, OLGA, LETTER).accepted
    assert server.envelopes == [(SENDER, [OLGA], False, [])]


def test_a_server_that_knows_only_helo_has_no_extensions(serve: Serve) -> None:
    postman, server = serve(EHLO="502 5.5.2 what is that")
    assert postman.hand_over(SENDER, CYRILLIC, LETTER) == SmtpAnswer("recipient", 553, "5.6.7")
    assert postman.hand_over(SENDER, OLGA, LETTER).accepted
    assert server.heard == ["EHLO", "HELO", "MAIL", "RCPT", "DATA", "DOT"]


@pytest.mark.parametrize("smtputf8", [True, False])
def test_an_examination_says_whether_the_server_takes_all_letters(tmp_path: Path, *, smtputf8: bool) -> None:
    with a_server(tmp_path, smtputf8=smtputf8) as (postman, _):
        assert postman.check() is smtputf8


@pytest.mark.parametrize(
    ("script", "answer"),
    [
        ({"greeting": "554 5.3.2 not today"}, SmtpAnswer("connect", 554, "5.3.2")),
        ({"MAIL": "550 5.7.1 not from you"}, SmtpAnswer("sender", 550, "5.7.1")),
        ({"RCPT": f"550 5.1.1 <{OLGA}> is nobody"}, SmtpAnswer("recipient", 550, "5.1.1")),
        ({"RCPT": "452 too many"}, SmtpAnswer("recipient", 452)),
        ({"DATA": "451 4.3.0 later"}, SmtpAnswer("data", 451, "4.3.0")),
        ({"DOT": "554 5.6.0 no"}, SmtpAnswer("after-data", 554, "5.6.0")),
        ({"RCPT": None}, SmtpAnswer("recipient")),
        ({"DATA": None}, SmtpAnswer("data")),
        ({"DOT": None}, SmtpAnswer("after-data")),
    ],
)
def test_what_the_server_does_becomes_an_answer_with_its_stage_and_code_and_without_its_words(
    serve: Serve, script: dict[str, str | None], answer: SmtpAnswer
) -> None:
    postman, _ = serve(**script)
    assert postman.hand_over(SENDER, OLGA, LETTER) == answer


def test_one_connection_serves_many_letters_and_a_refusal_in_between(serve: Serve) -> None:
    postman, server = serve(RCPT="550 5.1.1 nobody")
    for _ in range(3):
        postman.hand_over(SENDER, OLGA, LETTER)
    assert server.connections == 1
    assert server.heard == ["EHLO", *["MAIL", "RCPT", "RSET"] * 3]


def test_after_a_lost_connection_the_next_letter_gets_a_new_one(serve: Serve) -> None:
    postman, server = serve(DOT=None)
    postman.hand_over(SENDER, OLGA, LETTER)
    postman.hand_over(SENDER, OLGA, LETTER)
    assert server.connections == 2


def test_a_server_that_closes_is_left(serve: Serve) -> None:
    postman, server = serve(MAIL="421 4.3.2 closing")
    assert postman.hand_over(SENDER, OLGA, LETTER).connection_ended
    postman.hand_over(SENDER, OLGA, LETTER)
    assert server.connections == 2


def test_a_letter_that_was_interrupted_is_not_finished_by_the_next(
    serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    postman, server = serve()
    send = smtplib.SMTP.send

    def interrupted(self: smtplib.SMTP, s: bytes | str) -> None:
        if isinstance(s, bytes):
            raise KeyboardInterrupt
        send(self, s)

    monkeypatch.setattr(smtplib.SMTP, "send", interrupted)
    with pytest.raises(KeyboardInterrupt):
        postman.hand_over(SENDER, OLGA, LETTER)
    monkeypatch.undo()
    assert postman.hand_over(SENDER, OLGA, LETTER).accepted
    assert server.connections == 2


def test_where_nobody_listens_the_answer_says_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    postman = Postman(SmtpAddress(host="127.0.0.1", port=port, security="plain"), 2.0)
    assert postman.hand_over(SENDER, OLGA, LETTER) == SmtpAnswer("connect")


def test_a_server_without_starttls_gets_no_letter_where_tls_was_asked_for(serve: Serve) -> None:
    _, server = serve()
    postman = Postman(SmtpAddress(host="127.0.0.1", port=server.port, security="starttls"), 2.0, "x.example.org")
    assert postman.hand_over(SENDER, OLGA, LETTER) == SmtpAnswer("connect")
    assert "MAIL" not in server.heard
