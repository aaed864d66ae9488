"""YAML 1.2 as plain data with lines, and what of YAML is refused."""

import pytest

from config.yaml_lines import Document, Fault, read_yaml


def faults(text: str) -> list[tuple[int, str]]:
    return [(one.line, one.message) for one in read_yaml(text).faults]


def test_values_come_with_their_lines() -> None:
    assert read_yaml("a: 1\nb:\n  - c\n  - d: true\n") == Document(
        data={"a": 1, "b": ["c", {"d": True}]},
        lines={(): 1, ("a",): 1, ("b",): 2, ("b", 0): 3, ("b", 1): 4, ("b", 1, "d"): 4},
    )


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("18:00", "18:00"), ("2021-06-14", "2021-06-14"), ("2021-02-30", "2021-02-30"), ("no", "no"), ("on", "on"),
        ("13.00", "13.00"), ("010", "010"), ("0x1F", "0x1F"), ("1e3", "1e3"), ("1_000", "1_000"), ("'12'", "12"),
        ("12", 12), ("-3", -3), ("true", True), ("false", False), ("", None), ("~", None), ("null", None),
        ("9" * 5000, "9" * 5000), ("'Вена'", "Вена"),
    ],
)  # fmt: skip
def test_only_whole_numbers_booleans_and_nothing_are_more_than_text(written: str, value: object) -> None:
    assert read_yaml(f"a: {written}\n").data == {"a": value}


def test_every_repeated_field_is_named_with_both_lines_and_the_first_is_kept() -> None:
    document = read_yaml("a: 1\nb:\n  c: 1\n  c: 2\na: 3\n")
    assert document.data == {"a": 1, "b": {"c": 1}}
    assert document.faults == [
        Fault(4, "`c` stands twice, first in line 3", "keep one of them"),
        Fault(5, "`a` stands twice, first in line 1", "keep one of them"),
    ]


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("a: 1\ntitle: Demand: a cause\n", 2, "mapping values are not allowed"),
        ("a:\n\tb: 1\n", 2, "cannot start any token"),
        ("a: 1\nb: 'open\nc: 2\n", 2, "unexpected end of stream"),
        ("a: 1\n---\na: 2\n", 2, "single document"),
        ("a: [1, 2\n", 1, "expected ',' or ']'"),
        ("a: 1\nb: \x07\n", 2, "cannot be printed"),
        ('a: 1\n"\\e[31mred": 2\n', 2, "plain word"),
        ("a: 1\n? [b]\n: c\n", 2, "plain word"),
    ],
)  # fmt: skip
def test_what_is_not_yaml_is_named_with_its_line(text: str, line: int, words: str) -> None:
    ((found, message),) = faults(text)
    assert (found, words in message) == (line, True)


def test_anchors_aliases_and_tags_are_refused_before_anything_is_built() -> None:
    bomb = "a: &a [x, x]\nb: &b [*a, *a]\nc: !!python/object:os.system x\n"
    anchor, tag = "anchors (&) and aliases (*) are not read", "tags (!) are not read"
    assert faults(bomb) == [(1, anchor), (2, anchor), (2, anchor), (2, anchor), (3, tag)]
    assert read_yaml(bomb).data is None


def test_a_hundred_thousand_brackets_are_refused_and_do_not_exhaust_the_stack() -> None:
    assert faults("[" * 100_000) == [(1, "is nested too deep")]


def test_the_rules_of_yaml_1_1_cannot_be_asked_for() -> None:
    assert faults("%YAML 1.1\n---\nstart: 18:00\n") == [(2, "only YAML 1.2 is read")]


def test_an_empty_text_holds_nothing() -> None:
    assert read_yaml("# nothing yet\n") == Document()
