"""Every folder of letters, and what every letter must be whatever it says (T1 to T8 of the reference)."""

import re
from html.parser import HTMLParser
from pathlib import Path
from typing import get_args

import pytest

from domain.letters.model import Letter, LetterKind
from tests.domain.letters.samples import DESK, TEMPLATES, every_order, person

FOLDERS = sorted(folder for folder in TEMPLATES.iterdir() if folder.is_dir() and not folder.name.startswith("_"))
LETTERS = {
    f"{name}, {visibility}": DESK.write(one)
    for visibility in ("standard", "discreet")
    for name, one in every_order(person=person(visibility=visibility)).items()
}
every_letter = pytest.mark.parametrize("letter", LETTERS.values(), ids=LETTERS.keys())
VOID = {"br", "meta", "img", "hr", "link", "input"}


class Page(HTMLParser):
    """The tags of a letter in order, its text, and whether each tag that opens is closed."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    def attributes(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.tags if name == tag]


def test_there_is_a_folder_for_every_kind_of_letter_and_no_other() -> None:
    assert [folder.name for folder in FOLDERS] == sorted(get_args(LetterKind))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_folder_holds_a_subject_and_two_bodies(folder: Path) -> None:
    assert sorted(file.name for file in folder.iterdir()) == ["body.html", "body.txt", "subject.txt"]


def test_every_kind_is_among_the_letters_that_are_looked_at() -> None:
    assert {name.split(",")[0] for name in LETTERS} == set(get_args(LetterKind))


@every_letter
def test_a_subject_is_one_line_of_words(letter: Letter) -> None:
    assert letter.subject == " ".join(letter.subject.split()) != ""


@every_letter
def test_text_has_at_most_76_columns_and_addresses_on_lines_of_their_own(letter: Letter) -> None:
    """T7."""
    for line in letter.text.splitlines():
        assert len(line) <= 76 or re.fullmatch(r"https?://\S+", line)
        assert "://" not in line or re.fullmatch(r"https?://\S+", line)
        assert line == line.rstrip()
    assert "\n\n\n" not in letter.text
    assert "&amp;" not in letter.text


@every_letter
def test_html_is_well_formed_and_says_its_language_twice(letter: Letter) -> None:
    """T4: on html and on the wrapper, because some readers drop the first."""
    page = Page(letter.html)
    assert page.open == []
    assert [one["lang"] for _, one in page.tags if "lang" in one] == ["en", "en"]
    assert [one["dir"] for _, one in page.tags if "dir" in one] == ["ltr", "ltr"]


@every_letter
def test_html_has_one_first_heading_and_skips_no_level(letter: Letter) -> None:
    """T4."""
    levels = [int(tag[1]) for tag, _ in Page(letter.html).tags if re.fullmatch(r"h[1-6]", tag)]
    assert levels.count(1) == 1
    assert levels == sorted(levels)
    assert set(levels) <= {1, 2}


@every_letter
def test_tables_are_for_layout_and_say_so(letter: Letter) -> None:
    """T4."""
    assert all(one["role"] == "presentation" for one in Page(letter.html).attributes("table"))


@every_letter
def test_nothing_is_fetched_hidden_or_run(letter: Letter) -> None:
    """T5, T6 and P6: no images, no style sheets, no scripts, no pixels."""
    page = Page(letter.html)
    assert {tag for tag, _ in page.tags}.isdisjoint({"img", "link", "script", "style", "iframe", "form", "object"})
    assert not any({"src", "background", "srcset", "onclick"} & attributes.keys() for _, attributes in page.tags)
    assert not re.search(
        r"url\(|display:\s*none|visibility|font-size:\s*(\d|1[0-5])\s*(px|;)|opacity|@import", letter.html
    )


@every_letter
def test_links_are_the_join_links_the_contact_and_the_privacy_notice(letter: Letter) -> None:
    """D12; and they are the same in text and HTML."""
    hrefs = [one["href"] for one in Page(letter.html).attributes("a")]
    assert all(re.match(r"https://|mailto:help@", href) for href in hrefs)
    assert sorted(href for href in hrefs if href.startswith("https:")) == sorted(
        re.findall(r"https://\S+", letter.text)
    )


@every_letter
def test_text_and_html_say_the_same_sentences(letter: Letter) -> None:
    """T7: the same facts. Only headings and the words of buttons stand in HTML alone."""
    said = " ".join(letter.text.split())
    alone = {letter.subject, "Join on Zoom", "Go to your page for joining", "Your registration",
             "Your 2 sessions on Tuesday, 15 June 2021", "Your session on Tuesday, 15 June 2021"}  # fmt: skip
    for words in (" ".join(one.split()) for one in Page(letter.html).words):
        assert words in said or words in alone


@every_letter
def test_the_button_is_high_enough_for_a_thumb(letter: Letter) -> None:
    """T4: 44 px. Padding above and below, and one line."""
    for one in Page(letter.html).attributes("a"):
        if "inline-block" in one["style"]:
            assert "padding:12px 28px" in one["style"]
            assert "line-height:24px" in one["style"]


def luminance(colour: str) -> float:
    """Relative luminance, as WCAG 2.2 defines it."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize(
    ("ink", "paper"),
    [("#1d2733", "#ffffff"), ("#1d2733", "#eef3f9"), ("#12365f", "#ffffff"), ("#12365f", "#eef3f9"),
     ("#1b4f8f", "#ffffff"), ("#ffffff", "#1b4f8f")],
)  # fmt: skip
def test_colours_can_be_told_apart(ink: str, paper: str) -> None:
    """T4: 4.5 to 1."""
    lighter, darker = sorted((luminance(ink), luminance(paper)), reverse=True)
    assert (lighter + 0.05) / (darker + 0.05) >= 4.5


def test_no_other_colours_are_used() -> None:
    used = {colour for letter in LETTERS.values() for colour in re.findall(r"#[0-9a-f]{6}", letter.html)}
    assert used == {"#1d2733", "#12365f", "#1b4f8f", "#ffffff", "#eef3f9", "#f3f5f8"}


@every_letter
def test_a_letter_about_one_session_is_short(letter: Letter) -> None:
    """T8: 150 words where possible; letters about several sessions are lists, and interpretation takes its steps."""
    if "\n2. " not in letter.text and "simultaneous" not in letter.text:
        assert len(letter.text.split()) <= 150
