"""Status codes: where they stand, and what each means for the recipient's address (D13's table)."""

import pytest

from domain.bounces.codes import basic_in, class_of, enhanced_in, hinted, telling
from domain.bounces.said import Class, Notice


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("550 5.1.1 no such user", ["5.1.1"]),
        ("550-5.1.1 two lines", ["5.1.1"]),
        ("Sorry. (#5.1.1)", ["5.1.1"]),
        ("#5.1.10 at the end: 5.1.10.", ["5.1.10", "5.1.10"]),
        ("host mx [5.1.1.10] said 4.2.2", ["4.2.2"]),
        ("version 15.1.1 and 3.1.1", []),
    ],
)
def test_enhanced_codes_are_told_from_addresses_and_versions(text: str, codes: list[str]) -> None:
    assert enhanced_in(text) == codes


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("550 no", 550),
        ("421-later", 421),
        ("said:\n552", 552),
        ("on 1 May 1550 no", None),
        ("id 4501 x", None),
        ("", None),
    ],
)
def test_basic_codes_are_told_from_other_numbers(text: str, code: int | None) -> None:
    assert basic_in(text) == code


@pytest.mark.parametrize(
    ("codes", "code"),
    [
        (["5.0.0", "5.1.1"], "5.1.1"),
        (["5.1.1", "5.7.1"], "5.7.1"),
        (["5.0.0"], "5.0.0"),
        (["5.2.2", "5.1.1"], "5.2.2"),
        ([], None),
    ],
)
def test_of_several_codes_the_one_counts_that_says_most_and_first_what_blames_us(
    codes: list[str], code: str | None
) -> None:
    assert telling(codes) == code


@pytest.mark.parametrize("code", ["5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"])
def test_nobody_has_this_address(code: str) -> None:
    assert class_of(Notice("bounced", enhanced=code)) == "hard"


@pytest.mark.parametrize("code", ["5.7.1", "5.7.515", "4.7.28", "5.1.7", "5.1.8", "5.3.4", "5.2.3", "5.6.0"])
def test_what_blames_us_is_policy(code: str) -> None:
    assert class_of(Notice("bounced", enhanced=code)) == "policy"


@pytest.mark.parametrize("code", ["4.2.2", "5.2.2"])
def test_a_full_mailbox(code: str) -> None:
    assert class_of(Notice("bounced", enhanced=code)) == "full"


@pytest.mark.parametrize("code", ["4.1.1", "4.4.7", "4.0.0", "5.6.7", "5.6.9"])
def test_something_passing_or_on_the_way(code: str) -> None:
    assert class_of(Notice("bounced", enhanced=code)) == "soft"


@pytest.mark.parametrize("code", ["5.0.0", "5.1.0", "5.4.4", "5.5.0", None])
def test_refused_without_a_reason(code: str | None) -> None:
    assert class_of(Notice("bounced", enhanced=code, code=550)) == "unclear"


def test_what_is_only_late_is_no_hard_bounce() -> None:
    assert class_of(Notice("deferred", enhanced="5.1.1")) == "soft"


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ("mailbox is full", "full"), ("user is over quota", "full"), ("Das Postfach des Empfängers ist voll", "full"),
        ("blocked using zen.spamhaus.example.org", "policy"), ("rejected: SPF fails", "policy"), ("no such user", None),
    ],
)  # fmt: skip
def test_words_are_believed_where_they_spare_the_recipient(words: str, hint: Class | None) -> None:
    assert hinted(words) == hint


def test_plain_codes_count_more_than_words() -> None:
    assert class_of(Notice("bounced", enhanced="5.1.1", hint="policy")) == "hard"
    assert class_of(Notice("bounced", enhanced="5.0.0", code=550, hint="policy")) == "policy"
