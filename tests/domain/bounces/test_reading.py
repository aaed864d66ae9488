"""What reports say, whoever has written them."""

import time
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.bounces.codes import class_of
from domain.bounces.reading import read
from domain.bounces.said import NotAReport, Notice
from tests.domain.bounces import samples
from tests.domain.bounces.samples import MESSAGE_ID, OLGA, TO

READINGS: dict[str, Notice] = {
    "POSTFIX": Notice("bounced", (OLGA, OLGA), "5.1.1", 550),
    "EXIM_REPORT": Notice("bounced", (OLGA, OLGA), "5.1.1", 550),
    "GOOGLE_POLICY": Notice("bounced", (OLGA, OLGA), "5.7.26", 550),
    "POLICY_WITHIN": Notice("bounced", (OLGA, OLGA), "5.7.1", 550, "policy"),
    "DELAYED": Notice("deferred", (OLGA, OLGA), "4.4.1"),
    "FULL": Notice("bounced", (OLGA, OLGA), "5.2.2", 552, "full"),
    "FULL_IN_WORDS": Notice("bounced", (OLGA, OLGA), "5.0.0", 552, "full"),
    "EXPIRED": Notice("bounced", (OLGA, OLGA), "4.4.7", 451),
    "UNCLEAR": Notice("bounced", (OLGA, OLGA), "5.0.0", 550),
    "DELIVERED": Notice("delivered", (OLGA, OLGA), "2.1.5"),
    "RELAYED": Notice("relayed", (OLGA, OLGA), "2.0.0"),
    "EXPANDED": Notice("expanded", (OLGA, OLGA), "2.1.5"),
    "EXCHANGE_ONLINE": Notice("bounced", (OLGA, OLGA), "5.1.10", 550),
    "WITHOUT_ACTION": Notice("bounced", (OLGA,), "5.1.2"),
    "INTERNATIONAL": Notice("bounced", ("ольга@mission.example.org",) * 2, "5.1.1"),
    "INTERNATIONAL_IN_LETTERS": Notice("bounced", ("ольга@mission.example.org",) * 2, "5.6.7"),
    "BASE64": Notice("bounced", (OLGA,), "5.1.1"),
    "BY_MESSAGE_ID": Notice("bounced", (OLGA, OLGA), "5.1.1"),
    "COMPLAINT": Notice("complained", (OLGA,)),
    "OPT_OUT": Notice("unsubscribed", (OLGA,)),
    "QMAIL": Notice("bounced", (OLGA,), "5.1.1"),
    "EXIM": Notice("bounced", (OLGA,), None, 550),
    "EXIM_WARNING": Notice("deferred"),
    "EXCHANGE": Notice("bounced", (OLGA,), "5.1.1", 550),
    "DOMINO": Notice("bounced", (OLGA,)),
    "MAILBOX_FULL": Notice("bounced", (OLGA,), hint="full"),
    "RUSSIAN": Notice("bounced", (OLGA,), None, 550),
    "WRONG_CHARSET": Notice("bounced", (OLGA,), "5.1.1", 550),
    "OUT_OF_OFFICE": Notice("autoresponded"),
    "OUT_OF_OFFICE_WITHOUT_A_MARK": Notice("autoresponded"),
    "VACATION": Notice("autoresponded"),
    "CHALLENGE": Notice("autoresponded"),
    "READ_RECEIPT": Notice("autoresponded"),
}


def sample(name: str) -> bytes:
    found: bytes = getattr(samples, name)
    return found


def test_a_charset_that_is_written_in_pieces_is_refused_with_the_rest() -> None:
    with pytest.raises(NotAReport):
        read(b"Content-Type: text/plain; charset*=us-ascii'en'utf-8\r\n\r\n\xd0\x9e")


@pytest.mark.parametrize("name", READINGS)
def test_each_kind_of_report_says_what_became_of_the_letter(name: str) -> None:
    assert read(sample(name)).notices == (READINGS[name],)


@pytest.mark.parametrize("name", READINGS)
def test_lines_may_end_as_they_do_on_the_way(name: str) -> None:
    assert read(sample(name).replace(b"\n", b"\r\n")) == read(sample(name))


@pytest.mark.parametrize("name", sorted(set(READINGS) - {"COMPLAINT", "BY_MESSAGE_ID"}))
def test_the_address_that_it_was_brought_to_comes_first(name: str) -> None:
    assert read(sample(name)).addresses[0] == TO


@pytest.mark.parametrize("header", ["X-Original-To", "Delivered-To", "Envelope-To", "Original-Recipient"])
def test_the_address_may_stand_in_any_of_several_headers(header: str) -> None:
    found = read(samples.report(samples.statuses("failed", "5.1.1"), to="undisclosed:;", more=f"{header}: {TO}\n"))
    assert TO in found.addresses


@pytest.mark.parametrize(
    "name", ["POSTFIX", "INTERNATIONAL", "EXCHANGE_ONLINE", "QMAIL", "EXIM", "EXCHANGE", "COMPLAINT"]
)
def test_the_returned_letter_is_known_by_its_message_id_and_its_envelope_sender(name: str) -> None:
    found = read(sample(name))
    assert (found.message_ids, TO in found.addresses) == ((MESSAGE_ID,), True)


def test_each_recipient_is_told_apart() -> None:
    assert [(one.what, one.recipients) for one in read(samples.TWO_RECIPIENTS).notices] == [
        ("bounced", (OLGA, OLGA)), ("delivered", ("forwarded@ngo.example.org",)),
    ]  # fmt: skip


def test_a_complaint_that_something_is_no_spam_is_understood_and_nothing_follows() -> None:
    assert read(samples.NOT_SPAM).notices == ()


@pytest.mark.parametrize("name", ["ORDINARY", "FORWARDED"])
def test_a_persons_own_words_are_no_report(name: str) -> None:
    with pytest.raises(NotAReport, match="not-a-report"):
        read(sample(name))


def test_a_report_of_many_megabytes_is_read_from_its_beginning() -> None:
    began = time.process_time()
    assert read(samples.HUGE).notices == (READINGS["POSTFIX"],)
    assert time.process_time() - began < 5


def test_a_report_about_thousands_is_read_in_part() -> None:
    assert len(read(samples.MANY_RECIPIENTS).notices) < 100


def test_what_is_nested_by_the_thousand_is_no_report() -> None:
    with pytest.raises(NotAReport):
        read(samples.NESTED)


@pytest.mark.parametrize("raw", samples.HOSTILE, ids=range(len(samples.HOSTILE)))
def test_damage_is_borne(raw: bytes) -> None:
    with suppress(NotAReport):
        assert all(one.what for one in read(raw).notices)


@example(noise=b"\x80", name="OUT_OF_OFFICE_WITHOUT_A_MARK", at=83)  # in the name of a subject's character set
@given(st.binary(max_size=2000), st.sampled_from(sorted(READINGS)), st.integers(0, 3000))
def test_whatever_is_put_into_a_report_it_is_read_or_refused(noise: bytes, name: str, at: int) -> None:
    raw = sample(name)
    with suppress(NotAReport):
        read(raw[:at] + noise + raw[at:])


CLASSES = {
    "POSTFIX": "hard", "EXIM_REPORT": "hard", "EXCHANGE_ONLINE": "hard", "WITHOUT_ACTION": "hard", "QMAIL": "hard",
    "INTERNATIONAL": "hard", "EXCHANGE": "hard", "GOOGLE_POLICY": "policy", "POLICY_WITHIN": "policy", "FULL": "full",
    "FULL_IN_WORDS": "full", "MAILBOX_FULL": "full", "DELAYED": "soft", "EXPIRED": "soft", "EXIM_WARNING": "soft",
    "UNCLEAR": "unclear", "EXIM": "unclear", "DOMINO": "unclear", "INTERNATIONAL_IN_LETTERS": "soft",
}  # fmt: skip


@pytest.mark.parametrize("name", CLASSES)
def test_why_a_letter_was_refused(name: str) -> None:
    assert class_of(read(sample(name)).notices[0]) == CLASSES[name]
