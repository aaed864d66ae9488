"""The bytes of content lines: rules 33 to 35 of the reference."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from icalendar import Calendar

from domain.calendar import lines

CYRILLIC = "Ёлки, палки; и\nснова \\ о том же, "
ANY_TEXT = st.text(
    st.one_of(st.characters(exclude_categories=["Cs"]), st.sampled_from("\\;,\n\"'ЖПю中👩")), max_size=300
)


def read(content: bytes) -> str:
    event = b"BEGIN:VEVENT\r\n" + content + b"END:VEVENT\r\n"
    return str(Calendar.from_ical(event)["DESCRIPTION"])


@given(value=ANY_TEXT)
@example(value=CYRILLIC * 20)
@example(value="\\" * 300)
@example(value="\n" * 300)
def test_no_line_is_longer_than_75_octets_nor_torn_within_a_code_point_or_an_escape(value: str) -> None:
    """Rule 33."""
    written = lines.text("DESCRIPTION", value)
    assert written.endswith(b"\r\n")
    pieces = written[:-2].split(b"\r\n")
    assert max(map(len, pieces)) <= 75
    for piece in pieces:
        piece.decode("utf-8")
        backslashes = len(piece) - len(piece.rstrip(b"\\"))
        assert backslashes % 2 == 0


@given(value=ANY_TEXT)
@example(value=CYRILLIC * 20)
def test_text_reads_back_as_it_was_but_for_control_characters(value: str) -> None:
    """Rule 34."""
    kept = "".join(
        " " if one == "\t" else one
        for one in value
        if one in "\t\n" or not (one < " " or "\x7f" <= one <= "\x9f" or one in "\u2028\u2029")
    )
    assert read(lines.text("DESCRIPTION", kept)) == read(lines.text("DESCRIPTION", value)) == kept


@given(before=ANY_TEXT, value=ANY_TEXT, after=ANY_TEXT)
@example(before="", value="", after="")
@example(before=CYRILLIC * 20, value="\\" * 300, after="\n" * 300)
def test_a_line_with_a_gap_reads_as_if_it_had_been_written_whole(before: str, value: str, after: str) -> None:
    written = lines.Gapped("DESCRIPTION", [before, "\U000f0000", after]).filled({"\U000f0000": value})
    assert read(written) == read(lines.text("DESCRIPTION", before + value + after))
    assert max(map(len, written.split(b"\r\n"))) <= 75
    assert all(piece.decode("utf-8").count("\r") == 0 for piece in written.split(b"\r\n"))


def test_escapes_are_those_of_the_standard() -> None:
    """Rule 34."""
    assert lines.text("SUMMARY", "a\\b;c,d\ne") == b"SUMMARY:a\\\\b\\;c\\,d\\ne\r\n"


def test_control_characters_are_left_out_so_that_no_line_can_be_forged() -> None:
    """Rules 34 and 35."""
    assert lines.text("SUMMARY", "a\r\nATTENDEE:b\x00\x1b") == b"SUMMARY:a\\nATTENDEE:b\r\n"
    assert lines.quoted("a\r\nATTENDEE:b") == '"a ATTENDEE:b"'


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("Petrenko, Olga", '"Petrenko, Olga"'),
        ('Olga "Olya" Petrenko', '"Olga ’Olya’ Petrenko"'),
        ("Olga^nPetrenko", '"Olgaˆ' + 'nPetrenko"'),
        ("Anna\\n Petrenko\\", '"Anna∖n Petrenko∖"'),
        ("Ольга: Петренко; третья", '"Ольга: Петренко; третья"'),
    ],
)
def test_a_parameter_stands_in_quotes_and_has_none_within(name: str, written: str) -> None:
    """Rule 34."""
    assert lines.quoted(name) == written


def test_a_web_address_is_written_without_escapes() -> None:
    assert lines.uri("URL", "https://zoom.example.org/w/1?tk=a,b;c") == b"URL:https://zoom.example.org/w/1?tk=a,b;c\r\n"


@pytest.mark.parametrize("address", ["javascript:alert(1)", "https://a b", "https://a\r\nX:y", "https://пример", ""])
def test_what_is_no_web_address_is_refused_without_repeating_it(address: str) -> None:
    """Rule 35. A join link is personal: the error must not carry it into a log."""
    with pytest.raises(ValueError, match=r"^URL is no web address in ASCII$"):
        lines.uri("URL", address)


@given(value=ANY_TEXT)
def test_unfolding_undoes_folding(value: str) -> None:
    line = f"X-TEST:{value}".encode().replace(b"\n", b"").replace(b"\r", b"")
    assert lines.unfold(lines.fold(line)) == [line]
