"""What is encoded once with gaps, and filled, reads as if it had been encoded whole."""

import re
from email import message_from_bytes
from typing import cast

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.letters.encoded import Filling, body
from domain.letters.mime import TextPart

FIRST, SECOND = "\U000f0000", "\U000f0001"

Words = st.text(max_size=80)
Names = st.text(st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp")), max_size=120)


def read(part: bytes) -> str:
    return cast("bytes", message_from_bytes(part).get_payload(decode=True)).decode()


@given(before=Words, between=Words, after=Words, first=Names, second=Names)
@example(before="Dear ", between='">', after="</a>", first="Olga", second=".")
@example(before="Уважаемая ", between="", after="", first="", second="Ж")
@example(before="x" * 75 + " ", between="=", after=" \n", first=" " * 90, second="=" * 90)
@example(before=".\n..\n.x" + "y" * 80, between="z" * 74 + ".", after="\n." + "x" * 90, first="." * 90, second=".x")
@example(before="Ж" * 400, between="a", after="b", first="c", second="")
def test_a_part_that_is_filled_is_the_part_that_would_have_been_written(
    before: str, between: str, after: str, first: str, second: str
) -> None:
    filled = TextPart("plain", body([before, FIRST, between, SECOND, after])).filled(
        {FIRST: Filling(first), SECOND: Filling(second)}
    )
    whole = before + first + between + second + after
    lines = re.sub("\r\n|[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]", "\r\n", whole)
    assert read(filled) in {lines, lines + "\r\n"}
    assert filled.isascii()
    assert max(map(len, filled.split(b"\r\n"))) <= 76
    assert b"\n" not in filled.replace(b"\r\n", b"")
    assert b"\n." not in filled


@pytest.mark.parametrize("words", ["plain words\n", "Слова по-русски\n"])
@pytest.mark.parametrize("value", ["", "a", "ab", "abc", "abcd", "ж", "жж", "x" * 200])
def test_a_gap_may_hold_anything_of_any_length(words: str, value: str) -> None:
    part = TextPart("plain", body([words, FIRST, "", SECOND, "!", FIRST, words]))
    text = words + value + value + "!" + value + words
    assert read(part.filled({FIRST: Filling(value), SECOND: Filling(value)})) == text.replace("\n", "\r\n")
