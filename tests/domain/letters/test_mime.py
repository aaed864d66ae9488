"""Letters as mail: rules 1 to 8 of the calendar's reference, and D4 to D8, read back with the standard library."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from email import message_from_bytes, policy
from email.message import EmailMessage, MIMEPart
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.letters.mime import Head, compose
from domain.letters.model import LetterError

HEAD = Head(
    from_name="Harbour Conference Secretariat",
    from_address="secretariat@harbour.example.org",
    to_name="Ольга Петренко",
    to_address="olga@mission.example.org",
    reply_to=None,
    subject="Приглашение: два берега",
    date=datetime(2021, 6, 1, 9, 31, tzinfo=UTC),
    message_id="<let_0001@harbour.example.org>",
    language="ru",
)
TEXT, HTML = "Dear Olga,\n\n.a line with a dot\nFrom here = there\n", "<p>Здравствуйте</p>\n" * 50
CALENDAR = b"BEGIN:VCALENDAR\r\nSUMMARY:\xd0\x96\r\nEND:VCALENDAR\r\n"


def read(message: bytes) -> EmailMessage:
    return message_from_bytes(message, policy=policy.default)


def shape(part: MIMEPart) -> object:
    """The content types, nested as the parts are."""
    return (part.get_content_type(), [shape(one) for one in part.iter_parts()]) if part.is_multipart() else (
        part.get_content_type()
    )  # fmt: skip


def leaves(message: bytes) -> list[EmailMessage]:
    return [part for part in read(message).walk() if not part.is_multipart()]


def test_an_invitation_has_the_shape_that_mail_programs_accept() -> None:
    """Rules 1 and 4."""
    assert shape(read(compose(HEAD, TEXT, HTML, CALENDAR))) == (
        "multipart/mixed",
        [("multipart/alternative", ["text/plain", "text/html", "text/calendar"]), "application/ics"],
    )


def test_a_letter_without_an_entry_is_text_first_then_html() -> None:
    """D11."""
    assert shape(read(compose(HEAD, TEXT, HTML))) == ("multipart/alternative", ["text/plain", "text/html"])


@pytest.mark.parametrize("method", ["REQUEST", "CANCEL"])
def test_the_calendar_part_says_method_and_charset_and_has_no_disposition(method: str) -> None:
    """Rules 2 and 3."""
    message = compose(HEAD, TEXT, HTML, CALENDAR, "CANCEL" if method == "CANCEL" else "REQUEST")
    assert f"\r\nContent-Type: text/calendar; charset=UTF-8; method={method}\r\n".encode() in message
    (part,) = (one for one in leaves(message) if one.get_content_type() == "text/calendar")
    assert part.get_content_disposition() is None


def test_the_attachment_has_the_same_bytes_a_name_and_no_method() -> None:
    """Rule 4."""
    *_, inline, attached = leaves(compose(HEAD, TEXT, HTML, CALENDAR))
    assert inline.get_payload(decode=True) == attached.get_payload(decode=True) == CALENDAR
    assert attached.get_filename() == attached["Content-Type"].params["name"] == "invite.ics"
    assert "method" not in attached["Content-Type"].params


def test_every_part_is_seven_bit_clean_and_the_message_crlf_throughout() -> None:
    """Rule 5."""
    message = compose(HEAD, TEXT, HTML, CALENDAR)
    assert message.isascii()
    assert b"\n" not in message.replace(b"\r\n", b"")
    assert b"\n." not in message
    assert max(map(len, message.split(b"\r\n"))) <= 78
    assert {part["Content-Transfer-Encoding"] for part in leaves(message)} == {"quoted-printable", "base64"}


def test_headers_are_those_that_a_careful_machine_sends_and_no_others() -> None:
    """Rule 8, D4 to D6."""
    assert dict(read(compose(HEAD, TEXT, HTML)).items()) == {
        "From": "Harbour Conference Secretariat <secretariat@harbour.example.org>",
        "To": "Ольга Петренко <olga@mission.example.org>",
        "Subject": "Приглашение: два берега",
        "Date": "Tue, 01 Jun 2021 09:31:00 +0000",
        "Message-ID": "<let_0001@harbour.example.org>",
        "MIME-Version": "1.0",
        "Content-Language": "ru",
        "Auto-Submitted": "auto-generated",
        "X-Auto-Response-Suppress": "OOF, AutoReply",
        "Content-Type": read(compose(HEAD, TEXT, HTML))["Content-Type"],
    }


def test_answers_go_to_reply_to_where_there_is_one() -> None:
    head = replace(HEAD, reply_to="help@harbour.example.org")
    assert read(compose(head, TEXT, HTML))["Reply-To"] == "help@harbour.example.org"


def test_a_sender_without_a_name_is_a_bare_address() -> None:
    assert b"From: secretariat@harbour.example.org\r\n" in compose(replace(HEAD, from_name=None), TEXT, HTML)


def test_the_date_is_utc_whatever_zone_it_comes_in() -> None:
    vienna = timezone(timedelta(hours=2))
    assert compose(replace(HEAD, date=HEAD.date.astimezone(vienna)), TEXT, HTML) == compose(HEAD, TEXT, HTML)


def test_an_address_beyond_ascii_is_all_that_makes_a_message_more_than_ascii() -> None:
    """RFC 6532: the same message otherwise, its parts as seven-bit clean as ever."""
    plain = compose(replace(HEAD, to_address="olga@mission.example.org"), TEXT, HTML, CALENDAR)
    extended = compose(replace(HEAD, to_address="ольга@mission.example.org"), TEXT, HTML, CALENDAR)
    assert extended.replace("ольга".encode(), b"olga") == plain


@pytest.mark.parametrize("own", [{"from_address": "бюро@example.org"}, {"reply_to": "бюро@example.org"}])
def test_our_own_addresses_stand_in_everybodys_letter_and_are_ascii(own: dict[str, Any]) -> None:
    with pytest.raises(LetterError, match="ASCII"):
        compose(replace(HEAD, **own), TEXT, HTML)


@given(text=st.text(max_size=400), html=st.text(max_size=400))
@example(text="x" * 200 + " \n\t\n.\n--=_\n", html="=" * 300)
@example(text="Ж" * 400, html="From the pier\n\nFrom the shore")
def test_what_was_written_is_what_is_read(text: str, html: str) -> None:
    plain, rich = leaves(compose(HEAD, text, html))
    for part, written in ((plain, text), (rich, html)):
        read_back = part.get_payload(decode=True)
        assert isinstance(read_back, bytes)
        assert read_back.decode().split("\r\n") == [*written.splitlines(), ""]


@given(calendar=st.binary(max_size=2000))
def test_a_calendar_of_any_bytes_arrives_byte_for_byte(calendar: bytes) -> None:
    *_, inline, attached = leaves(compose(HEAD, TEXT, HTML, calendar))
    assert inline.get_payload(decode=True) == attached.get_payload(decode=True) == calendar


def test_the_same_letter_is_the_same_bytes_and_another_has_other_boundaries() -> None:
    other = replace(HEAD, message_id="<let_0002@harbour.example.org>")
    assert compose(HEAD, TEXT, HTML) == compose(HEAD, TEXT, HTML)
    assert read(compose(HEAD, TEXT, HTML)).get_boundary() != read(compose(other, TEXT, HTML)).get_boundary()


@pytest.mark.parametrize(
    "forged",
    [
        {"subject": "Hello\r\nBcc: b@example.org"},
        {"to_name": "Olga\r\nBcc: b@example.org"},
        {"to_address": "olga@example.org\r\nBcc: b@example.org"},
        {"from_name": "Secretariat\r\nBcc: b@example.org"},
        {"reply_to": "a@example.org\r\nBcc: b@example.org"},
        {"message_id": "<a@b>\r\nBcc: b@example.org"},
        {"language": "en\r\nBcc: b@example.org"},
    ],
)
def test_no_field_can_forge_another(forged: dict[str, Any]) -> None:
    """Rule 35."""
    with pytest.raises(LetterError) as refused:
        compose(replace(HEAD, **forged), TEXT, HTML)
    assert "Bcc" not in str(refused.value)


def test_a_letter_of_the_longest_name_address_and_subject_still_has_short_lines() -> None:
    head = replace(
        HEAD,
        to_name="Ж" * 200,
        to_address=f"{'o' * 64}@{'m' * 63}.{'n' * 63}.{'p' * 50}.org",
        subject="Параллельное мероприятие " * 12,
    )
    header = compose(head, TEXT, HTML).partition(b"\r\n\r\n")[0]
    long = [line for line in header.split(b"\r\n") if len(line) > 76]
    assert long == [b" <" + head.to_address.encode() + b">"]
