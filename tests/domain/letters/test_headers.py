"""Subjects and names that every reader must read as they were written (D7 and D8 of the reference)."""

import re
from base64 import b64decode
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.headerregistry import AddressHeader
from email.utils import getaddresses, parseaddr
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from domain.letters import headers
from domain.letters.model import LetterError

ALPHABETS = (
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "àâæçéèêëîïôœùûüÿÀÂÇÉÈÊËÎÏÔŒÙÛÜ",
    "äöüßÄÖÜẞ",
    "àèéìíîòóùúÀÈÉÌÒÙ",
    "абвгдежзийклмнопрстуфхцчшщъыьэюяАБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЭЮЯёЁ",
    "áéíñóúüÁÉÍÑÓÚÜ",
    "ґєіїўђћ中👩‍🚀",
    "ابتثجحخدذرزسشصضطظعغفقكلمنهويءآأؤإئةى،؟٠١٢\u064b\u0651",
    "אבגדהוזחטיכלמנסעפצקרשתךםןףץ\u05b0\u05b8\u200e\u200f",
    "ае\u0301и\u0306o\u0308u\u0302\u0327n\u0303",
)
"""The six languages of the letters, their neighbours, and what is written from right to left or in several marks."""
LANGUAGES = st.sampled_from(ALPHABETS)
TRAPS = " '\",;:<>()[]@\\.=?_-/&«»“”0123456789"


def words_of(traps: str, most: int) -> st.SearchStrategy[str]:
    """Words in one of six languages, with what trips up readers between them."""
    letters = LANGUAGES.flatmap(lambda alphabet: st.text(alphabet + traps, min_size=1, max_size=most))
    return letters.map(lambda text: " ".join(text.split())).filter(bool)


NAMES, SUBJECTS = words_of(TRAPS, 200), words_of(TRAPS, 300)
LONG_WORDS = LANGUAGES.flatmap(lambda alphabet: st.text(alphabet, min_size=70, max_size=250))
FORGERIES = (
    '"Olga" <b@example.org>',
    "Olga <b@example.org>, Petrenko",
    "Olga Petrenko of the Delegation of a very far country, with a long name that must be folded somewhere <b@x.org>",
    "=?utf-8?q?Olga_=3Cb=40example=2Eorg=3E?=",
    "Olga\\",
    'Olga "Olya',
    "b@example.org",
    "Ольга «Оля» Петренко <b@example.org>, третий секретарь постоянного представительства",
    "(comment) Olga",
    "undisclosed-recipients:;",
    "Olga\u202e <gro.elpmaxe@b>",
    "Ольга🙂🙂🙂, Петренко; «b@example.org»",
)


def read(raw: str) -> Any:
    return message_from_bytes(f"{raw}\r\n\r\n".encode("ascii"), policy=policy.default)


def read_the_old_way(raw: str) -> Any:
    return message_from_bytes(f"{raw}\r\n\r\n".encode("ascii"))


def encoded_words_stand_by_themselves(raw: str) -> bool:
    """None is longer than 75, and each holds whole code points (RFC 2047, sections 2 and 5): some readers decode one at
    a time. None but the last has padding, at which others stop; it cannot be helped where all letters have three
    octets but the first."""
    words = re.findall(r"=\?utf-8\?b\?([^?]*)\?=", raw)
    unpadded = "中" in "".join(b64decode(word).decode() for word in words) or not any("=" in one for one in words[:-1])
    return unpadded and all(b64decode(word).decode() and len(word) <= 63 for word in words)


def lines_are_short(raw: str) -> bool:
    return all(len(line) <= 76 for line in raw.split("\r\n"))


@given(subject=SUBJECTS | LONG_WORDS)
@example(subject="Приглашение: " + "параллельное мероприятие по вопросам спроса " * 5)
@example(subject="=?utf-8?q?not_a_word?=")
def test_subjects_in_six_languages_are_read_as_written(subject: str) -> None:
    subject = " ".join(subject.split())
    raw = headers.words("Subject", subject)
    assert lines_are_short(raw)
    assert "?==?" not in raw
    assert encoded_words_stand_by_themselves(raw)
    assert read(raw)["Subject"] == subject
    assert str(make_header(decode_header(read_the_old_way(raw)["Subject"]))) == subject


def test_a_plain_subject_stays_legible_in_the_source() -> None:
    assert headers.words("Subject", "Invitation: Two shores") == "Subject: Invitation: Two shores"
    assert headers.words(
        "Subject", "Invitation: how harbour towns watch over children who travel alone, & what then"
    ) == ("Subject: Invitation: how harbour towns watch over children who travel\r\n alone, & what then")


@given(name=NAMES | LONG_WORDS)
@pytest.mark.parametrize("field", ["To", "From"])
def test_a_name_is_read_as_written_and_forges_no_second_address(field: str, name: str) -> None:
    judge(field, name)


@pytest.mark.parametrize("name", FORGERIES)
def test_known_forgeries_are_names_and_nothing_else(name: str) -> None:
    judge("To", name)


def test_a_long_name_is_folded_between_its_words_where_that_can_be() -> None:
    """The library's reader shows a fold within a word as a space."""
    raw = headers.mailbox("To", "Анна Константинопольская", "olga@mission.example.org")
    assert " ".join(read(raw)["To"].addresses[0].display_name.split()) == "Анна Константинопольская"
    assert raw.count("=?utf-8?b?") == 2


def test_letters_of_three_octets_behind_one_of_one_are_folded_all_the_same() -> None:
    raw = headers.words("Subject", f"a{'中' * 100}")
    assert lines_are_short(raw)
    assert read(raw)["Subject"] == f"a{'中' * 100}"


def judge(field: str, name: str) -> None:
    raw = headers.mailbox(field, name, "olga@mission.example.org")
    assert lines_are_short(raw)
    assert encoded_words_stand_by_themselves(raw)
    header = read(raw)[field]
    assert isinstance(header, AddressHeader)
    assert [one.addr_spec for one in header.addresses] == ["olga@mission.example.org"]
    assert "".join(header.addresses[0].display_name.split()) == "".join(name.split())  # it shows folds as spaces
    old = read_the_old_way(raw)[field]
    ((shown, address),) = getaddresses([old])
    assert address == parseaddr(old)[1] == "olga@mission.example.org"
    assert str(make_header(decode_header(shown))) == name
    assert re.findall(r"[^\s<>,\"]+@[^\s<>,\"]+", raw) == ["olga@mission.example.org"]


def test_a_long_address_stands_on_a_line_of_its_own() -> None:
    address = f"{'o' * 64}@{'m' * 60}.example.org"
    raw = headers.mailbox("To", "Olga Petrenko of the Delegation", address)
    assert raw == f'To: "Olga Petrenko of the Delegation"\r\n <{address}>'


def test_without_a_name_the_address_is_bare() -> None:
    assert headers.mailbox("From", None, "secretariat@example.org") == "From: secretariat@example.org"


@given(name=NAMES, control=st.sampled_from("\r\n\x00\x0b\x1b\x7f\x85\u2028"))
def test_a_control_character_in_a_name_is_refused_without_repeating_the_name(name: str, control: str) -> None:
    with pytest.raises(LetterError, match=r"^To holds a control character$"):
        headers.mailbox("To", f"{name}{control}Bcc: b@example.org", "olga@example.org")


@pytest.mark.parametrize(
    "address",
    ["olga@example.org, b@example.org", "olga", "o lga@example.org", "olga@example.org\r\nBcc: b@x.org",
     "<o@example.org>", "ольга@пример.example.org", '"o@b"@example.org', "ольга @example.org", "ольга\x85@example.org",
     "ольга\u2028@example.org", "ольга\xa0@example.org", "ольга@b@example.org", ""],
)  # fmt: skip
def test_what_is_not_one_address_is_refused_without_repeating_it(address: str) -> None:
    with pytest.raises(LetterError, match=r"^To is not one address$"):
        headers.mailbox("To", "Olga", address, extended=True)
    with pytest.raises(LetterError, match=r"^To is not one ASCII address$"):
        headers.mailbox("To", "Olga", address)


def test_other_letters_before_the_at_are_refused_where_everybody_would_get_them() -> None:
    with pytest.raises(LetterError, match=r"^From is not one ASCII address$"):
        headers.mailbox("From", "Olga", "ольга@example.org")


@pytest.mark.parametrize(
    ("address", "carried"),
    [
        ("Olga.Petrenko+osce@Mission.Example.org", "Olga.Petrenko+osce@Mission.Example.org"),
        ("olga@пример.example.org", "olga@xn--e1afmkfd.example.org"),
        ("olga@straße.example.org", "olga@xn--strae-oqa.example.org"),
        ("Ольга.Петренко@mission.example.org", "Ольга.Петренко@mission.example.org"),
        ("ольга@пример.example.org", "ольга@xn--e1afmkfd.example.org"),
        ("o\u0308lga@example.org", "ölga@example.org"),
    ],
)
def test_international_domains_travel_as_a_labels_and_what_is_before_the_at_as_typed(
    address: str, carried: str
) -> None:
    assert headers.carried_address(address) == carried


@pytest.mark.parametrize("name", [None, "Ольга Петренко", "Olga", "Ж" * 200])
@pytest.mark.parametrize("local", ["ольга", "أولغا", "ж" * 31])
def test_an_address_beyond_ascii_stands_in_the_header_as_it_is_and_is_read_so(local: str, name: str | None) -> None:
    """RFC 6532, section 3.2. Nothing else in the field is other than ASCII, nor longer for it."""
    address = f"{local}@mission.example.org"
    raw = headers.mailbox("To", name, address, extended=True)
    assert raw.replace(address, "").isascii()
    assert all(len(line.encode()) <= 86 for line in raw.split("\r\n"))
    header = message_from_bytes(f"{raw}\r\n\r\n".encode(), policy=policy.default)["To"]
    assert isinstance(header, AddressHeader)
    # The library keeps octets that it was given without a charset as surrogates.
    assert [one.addr_spec.encode(errors="surrogateescape").decode() for one in header.addresses] == [address]


@given(address=st.text(max_size=60) | st.text(max_size=30).map(lambda local: f"{local}@пример.example.org"))
def test_no_text_whatever_breaks_the_address_check_in_another_way(address: str) -> None:
    assume(not address.isascii())
    try:
        carried = headers.carried_address(address)
    except LetterError:
        return
    assert headers.mailbox("To", None, carried, extended=True) == f"To: {carried}"


@pytest.mark.parametrize("value", ["let_1@example.org", "<let_1>", "<a@b> <c@d>", "<a@b>\r\nX: y", "<a b@c>", ""])
def test_a_message_id_is_in_angle_brackets(value: str) -> None:
    with pytest.raises(LetterError, match="of the form <left@right>"):
        headers.message_id(value)


def test_our_own_fields_are_printable_ascii() -> None:
    assert headers.plain("Content-Language", "ru") == "Content-Language: ru"
    with pytest.raises(LetterError, match="Content-Language must be printable ASCII"):
        headers.plain("Content-Language", "ru\r\nBcc: b@example.org")
