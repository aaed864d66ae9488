"""Handing letters to a real mail server that takes them, refuses them, or goes away."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from email import message_from_bytes
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from pydantic import SecretStr

from adapters.smtp import Parcel, Postman
from cli.catcher import MailCatcher
from config.settings import SmtpAddress
from schemas.smtp import SmtpAnswer
from tests.servers.smtp import Habits, MailServer, a_certificate, a_mail_server

SENDER, OLGA = "secretariat@convenor.example.org", "olga@mission.example.org"
CYRILLIC = "ольга@mission.example.org"
LETTER = b"Subject: dots\r\n\r\n.\r\n..\r\n.hidden\r\nend\r\n"
STUFFED = b"Subject: dots\r\n\r\n..\r\n...\r\n..hidden\r\nend\r\n"


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


def offered(postman: Postman, *recipients: str, letter: bytes = LETTER) -> list[SmtpAnswer]:
    """A batch of the same letter to several, and the answers."""
    parcels = [Parcel(f"let_{place}", SENDER, one, letter) for place, one in enumerate(recipients)]
    answers = list(postman.hand_over(parcels))
    assert [parcel for parcel, _ in answers] == parcels
    return [answer for _, answer in answers]


Serve = Callable[..., tuple[Postman, MailServer]]


@pytest.fixture
def serve() -> Iterator[Serve]:
    with ExitStack() as stack:

        def make(habits: Habits | None = None, **script: str | None) -> tuple[Postman, MailServer]:
            server = stack.enter_context(a_mail_server(habits or Habits(script=script)))
            address = SmtpAddress(host="127.0.0.1", port=server.port, security="plain")
            postman = Postman(address, 5.0, "x.example.org")
            stack.callback(postman.close)
            return postman, server

        yield make


def test_a_letter_arrives_as_it_was_written_dots_and_all(tmp_path: Path) -> None:
    with a_server(tmp_path, smtputf8=False) as (postman, server):
        assert offered(postman, OLGA)[0].accepted
    assert message_from_bytes(server.caught[0].read_bytes()).get_payload() == ".\r\n..\r\n.hidden\r\nend\r\n"
    assert server.envelopes == [(SENDER, [OLGA], False, [])]


def test_a_server_with_smtputf8_gets_a_letter_to_an_address_in_other_letters_byte_for_byte(tmp_path: Path) -> None:
    letter = f"To: {CYRILLIC}\r\n".encode() + LETTER
    with a_server(tmp_path, smtputf8=True) as (postman, server):
        assert offered(postman, CYRILLIC, letter=letter)[0].accepted
    assert server.caught[0].read_bytes() == letter
    assert server.envelopes == [(SENDER, [CYRILLIC], True, ["SMTPUTF8", "BODY=8BITMIME"])]


def test_letters_to_ascii_addresses_ask_for_no_extension_also_where_there_is_one(tmp_path: Path) -> None:
    with a_server(tmp_path, smtputf8=True) as (postman, server):
        for recipient in (OLGA, CYRILLIC, OLGA):
            assert offered(postman, recipient)[0].accepted
    assert [(extended, options != []) for *_, extended, options in server.envelopes] == [
        (False, False),
        (True, True),
        (False, False),
    ]


def test_a_server_without_smtputf8_never_hears_of_such_an_address_and_goes_on_with_the_next(tmp_path: Path) -> None:
    with a_server(tmp_path, smtputf8=False) as (postman, server):
        assert offered(postman, CYRILLIC) == [SmtpAnswer("recipient", 553, "5.6.7")]
        assert offered(postman, OLGA)[0].accepted
    assert server.envelopes == [(SENDER, [OLGA], False, [])]


def test_a_server_that_knows_only_helo_has_no_extensions(serve: Serve) -> None:
    postman, server = serve(EHLO="502 5.5.2 what is that")
    assert offered(postman, CYRILLIC) == [SmtpAnswer("recipient", 553, "5.6.7")]
    assert offered(postman, OLGA)[0].accepted
    assert server.heard == ["EHLO", "HELO", "MAIL", "RCPT", "DATA", "DOT"]


@pytest.mark.parametrize("smtputf8", [True, False])
def test_an_examination_says_whether_the_server_takes_all_letters(tmp_path: Path, *, smtputf8: bool) -> None:
    with a_server(tmp_path, smtputf8=smtputf8) as (postman, _):
        assert postman.check() is smtputf8


PLAIN = ("ENHANCEDSTATUSCODES",)
"""What a server without PIPELINING says of itself."""

EACH_WAY = pytest.mark.parametrize("extensions", [PLAIN, ("PIPELINING",)], ids=["one by one", "pipelined"])


@EACH_WAY
@pytest.mark.parametrize(
    ("script", "answer"),
    [
        ({"greeting": "554 5.3.2 not today"}, SmtpAnswer("connect", 554, "5.3.2")),
        ({"greeting": "nonsense"}, SmtpAnswer("connect")),
        ({"EHLO": "421 4.3.2 later", "HELO": "421 4.3.2 later"}, SmtpAnswer("connect", 421, "4.3.2")),
        ({"MAIL": "550 5.7.1 not from you"}, SmtpAnswer("sender", 550, "5.7.1")),
        ({"RCPT": f"550 5.1.1 <{OLGA}> is nobody"}, SmtpAnswer("recipient", 550, "5.1.1")),
        ({"RCPT": "452 too many"}, SmtpAnswer("recipient", 452)),
        ({"RCPT": "550-5.7.1 one\r\n550 5.7.1 two"}, SmtpAnswer("recipient", 550, "5.7.1")),
        ({"DATA": "451 4.3.0 later"}, SmtpAnswer("data", 451, "4.3.0")),
        ({"DOT": "554 5.6.0 no"}, SmtpAnswer("after-data", 554, "5.6.0")),
        ({"DOT": "354 what"}, SmtpAnswer("after-data")),
        ({"DOT": "nonsense"}, SmtpAnswer("after-data")),
        ({"MAIL": None}, SmtpAnswer("sender")),
        ({"RCPT": None}, SmtpAnswer("recipient")),
        ({"DATA": None}, SmtpAnswer("data")),
        ({"DOT": None}, SmtpAnswer("after-data")),
    ],
)
def test_what_the_server_does_becomes_an_answer_with_its_stage_and_code_and_without_its_words(
    serve: Serve, script: dict[str, str | None], answer: SmtpAnswer, extensions: tuple[str, ...]
) -> None:
    postman, _ = serve(Habits(script, extensions))
    assert offered(postman, OLGA) == [answer]


def test_the_commands_of_a_letter_go_in_one_packet_and_those_of_the_next_behind_its_dot(serve: Serve) -> None:
    postman, server = serve()
    offered(postman, OLGA, "anna@ngo.example.org")
    assert server.packets == [
        b"ehlo x.example.org\r\n",
        f"MAIL FROM:<{SENDER}>\r\nRCPT TO:<{OLGA}>\r\nDATA\r\n".encode(),
        STUFFED + f".\r\nMAIL FROM:<{SENDER}>\r\nRCPT TO:<anna@ngo.example.org>\r\nDATA\r\n".encode(),
        STUFFED + b".\r\n",
    ]


def test_a_letter_without_dots_goes_as_it_is(serve: Serve) -> None:
    postman, server = serve()
    letter = b"Subject: none\r\n\r\nno line begins with one.\r\n"
    assert [answer.accepted for _, answer in postman.hand_over([Parcel("one", SENDER, OLGA, letter, dotless=True)])]
    assert server.packets[-1] == letter + b".\r\n"


def test_the_letter_after_the_next_is_written_while_the_server_reads(serve: Serve) -> None:
    postman, server = serve()
    written, in_time = threading.Event(), []
    server.before_answer = lambda received: in_time.append(written.wait(10)) if received == 1 else None

    def writing() -> Iterator[Parcel]:
        for place, one in enumerate(PEOPLE):
            if place == 2:
                written.set()
            yield Parcel(one, SENDER, one, LETTER)

    assert {answer.accepted for _, answer in postman.hand_over(writing())} == {True}
    assert in_time == [True]
    assert [one.recipient for one in server.taken] == list(PEOPLE)


def test_who_is_told_of_a_refusal_has_not_written_more_for_it(serve: Serve) -> None:
    postman, _ = serve(RCPT="550 5.7.1 not to them")
    written: list[str] = []

    def writing() -> Iterator[Parcel]:
        for one in PEOPLE:
            written.append(one)
            yield Parcel(one, SENDER, one, LETTER)

    with closing(postman.hand_over(writing())) as answers:
        assert next(answers)[1] == SmtpAnswer("recipient", 550, "5.7.1")
    assert written == list(PEOPLE[:2])


def test_a_server_without_pipelining_hears_each_command_after_its_answer(serve: Serve) -> None:
    postman, server = serve(Habits(extensions=PLAIN))
    assert offered(postman, OLGA, OLGA) == [SmtpAnswer("after-data", 250, "2.0.0")] * 2
    each = [f"MAIL FROM:<{SENDER}>\r\n".encode(), f"RCPT TO:<{OLGA}>\r\n".encode(), b"DATA\r\n", STUFFED + b".\r\n"]
    assert server.packets[1:] == each * 2


PEOPLE = tuple(f"{name}@ngo.example.org" for name in ("anna", "boris", "clara", "david", "emma"))


@EACH_WAY
@pytest.mark.parametrize("takes_to_nobody", [False, True])
@pytest.mark.parametrize("stage", ["MAIL", "RCPT", "DATA", "DOT"])
def test_one_that_is_refused_delays_nobody_and_costs_no_connection(
    serve: Serve, stage: str, extensions: tuple[str, ...], *, takes_to_nobody: bool
) -> None:
    refused = {"RCPT clara@ngo.example.org": "550 5.1.1 nobody"}
    if stage != "RCPT":
        refused = {f"{stage} clara@ngo.example.org": "550 5.5.0 no"} if stage != "MAIL" else {}
    postman, server = serve(Habits({**refused}, extensions, takes_to_nobody=takes_to_nobody))
    answers = offered(postman, *PEOPLE)
    expected = [True, True, stage == "MAIL", True, True]
    assert [answer.accepted for answer in answers] == expected
    kept = [name for name, taken in zip(PEOPLE, expected, strict=True) if taken]
    assert [one.recipient for one in server.taken] == kept
    assert {one.text for one in server.taken} == {LETTER}
    assert server.connections == 1


@EACH_WAY
@pytest.mark.parametrize("says_goodbye", [False, True])
def test_a_server_that_closes_after_so_many_letters_gets_them_all_once_over_new_connections(
    serve: Serve, extensions: tuple[str, ...], *, says_goodbye: bool
) -> None:
    postman, server = serve(Habits(extensions=extensions, closes_after=2, says_goodbye=says_goodbye))
    assert {answer.accepted for answer in offered(postman, *PEOPLE)} == {True}
    assert [one.recipient for one in server.taken] == list(PEOPLE)
    assert server.connections == 3


@EACH_WAY
def test_answers_that_come_in_two_packets_are_put_together(serve: Serve, extensions: tuple[str, ...]) -> None:
    postman, server = serve(Habits({"RCPT boris@ngo.example.org": "550 5.1.1 no"}, extensions, in_two=True))
    assert [answer.accepted for answer in offered(postman, *PEOPLE)] == [True, False, True, True, True]
    assert server.connections == 1


def test_what_a_server_has_said_is_too_big_it_does_not_get(serve: Serve) -> None:
    postman, server = serve(Habits(extensions=("PIPELINING", f"SIZE {len(LETTER)}")))
    assert offered(postman, OLGA, letter=LETTER + b"more\r\n") == [SmtpAnswer("sender", 552, "5.3.4")]
    assert offered(postman, OLGA)[0].accepted
    assert server.heard == ["EHLO", "MAIL", "RCPT", "DATA", "DOT"]


@EACH_WAY
def test_a_connection_lost_in_one_letter_is_another_one_for_the_next(serve: Serve, extensions: tuple[str, ...]) -> None:
    script: dict[str, str | None] = {"DOT boris@ngo.example.org": None, "RCPT david@ngo.example.org": None}
    postman, server = serve(Habits(script, extensions))
    assert offered(postman, *PEOPLE) == [
        SmtpAnswer("after-data", 250, "2.0.0"), SmtpAnswer("after-data"), SmtpAnswer("after-data", 250, "2.0.0"),
        SmtpAnswer("recipient"), SmtpAnswer("after-data", 250, "2.0.0"),
    ]  # fmt: skip
    assert [one.recipient for one in server.taken] == [PEOPLE[0], PEOPLE[2], PEOPLE[4]]


def test_a_letter_whose_text_may_have_arrived_is_not_offered_again_by_itself(serve: Serve) -> None:
    postman, server = serve(DOT=None)
    offered(postman, OLGA)
    assert server.heard.count("DOT") == 1


def test_a_server_that_asks_to_slow_down_is_not_asked_again_at_once(serve: Serve) -> None:
    postman, server = serve(Habits({"RCPT boris@ngo.example.org": "421 4.7.28 slowly"}))
    assert offered(postman, *PEOPLE[:2])[1] == SmtpAnswer("recipient", 421, "4.7.28")
    assert server.connections == 1


def test_who_goes_no_further_than_an_answer_has_not_sent_the_letter_that_was_announced(serve: Serve) -> None:
    postman, server = serve()
    going = postman.hand_over(Parcel(one, SENDER, one, LETTER) for one in PEOPLE)
    assert next(going)[1].accepted
    going.close()
    assert offered(postman, OLGA)[0].accepted
    assert [one.recipient for one in server.taken] == [PEOPLE[0], OLGA]
    assert server.connections == 2


def test_a_letter_that_was_interrupted_is_not_finished_by_the_next(serve: Serve) -> None:
    postman, server = serve(Habits(mute_from=1))

    def interrupted() -> Iterator[Parcel]:
        yield Parcel("one", SENDER, PEOPLE[0], LETTER)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(postman.hand_over(interrupted()))
    assert server.heard == []


def test_an_address_that_would_be_a_command_is_not_named(serve: Serve) -> None:
    postman, server = serve()
    for forged in ("olga@x.example.org>\r\nRCPT TO:<b@x.example.org", "olga@x.example.org> SIZE=1"):
        assert offered(postman, forged) == [SmtpAnswer("recipient", 553, "5.1.3")]
    assert server.heard == ["EHLO"]


def test_a_server_that_is_slower_than_patience_leaves_it_unknown(serve: Serve) -> None:
    _, server = serve(Habits(pause=1.5))
    postman = Postman(SmtpAddress(host="127.0.0.1", port=server.port, security="plain"), 0.3, "x.example.org")
    assert offered(postman, OLGA) == [SmtpAnswer("after-data")]


def test_where_nobody_listens_the_answer_says_so() -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    postman = Postman(SmtpAddress(host="127.0.0.1", port=port, security="plain"), 2.0)
    assert offered(postman, OLGA) == [SmtpAnswer("connect")]


def test_a_server_without_starttls_gets_no_letter_where_tls_was_asked_for(serve: Serve) -> None:
    _, server = serve()
    postman = Postman(SmtpAddress(host="127.0.0.1", port=server.port, security="starttls"), 2.0, "x.example.org")
    assert offered(postman, OLGA) == [SmtpAnswer("connect")]
    assert "MAIL" not in server.heard


@EACH_WAY
@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_letters_go_over_tls_to_a_server_that_can_be_verified(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, security: Literal["tls", "starttls"], extensions: tuple[str, ...]
) -> None:
    context, file = a_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(file))
    habits = Habits(extensions=(*extensions, "STARTTLS", "AUTH PLAIN"), in_two=True)
    with a_mail_server(habits, context, tls_at_once=security == "tls") as server:
        address = SmtpAddress(host="localhost", port=server.port, security=security, user="u", password=SecretStr("p"))
        postman = Postman(address, 5.0, "x.example.org")
        assert {answer.accepted for answer in offered(postman, *PEOPLE)} == {True}
        postman.close()
    assert [one.recipient for one in server.taken] == list(PEOPLE)
    assert server.connections == 1
    assert "AUTH" in server.heard


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_a_server_that_cannot_be_verified_gets_neither_letter_nor_password(
    tmp_path: Path, security: Literal["tls", "starttls"]
) -> None:
    context, _ = a_certificate(tmp_path)
    with a_mail_server(Habits(extensions=("STARTTLS",)), context, tls_at_once=security == "tls") as server:
        address = SmtpAddress(host="localhost", port=server.port, security=security, user="u", password=SecretStr("p"))
        assert offered(Postman(address, 5.0, "x.example.org"), OLGA) == [SmtpAnswer("connect")]
    assert {"MAIL", "AUTH"}.isdisjoint(server.heard)


def test_without_tls_no_certificates_are_read(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes longer than many letters, with each new connection."""
    monkeypatch.setattr("ssl.create_default_context", None)
    postman, _ = serve()
    assert offered(postman, OLGA)[0].accepted
