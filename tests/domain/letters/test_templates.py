"""Every folder of letters, and what every letter must be whatever it says (T1 to T11 of the reference)."""

import re
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from typing import get_args

import pytest

from domain.letters.model import Letter, LetterKind
from tests.catalogues import extracted
from tests.domain.letters.samples import DESK, TEMPLATES, every_order, person
from tests.mjml import OUTPUT, compiled

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
        self.styles: list[str] = []
        self.sizes: list[tuple[str, str]] = []
        self.open: list[str] = []
        self.size: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.tags.append((tag, attributes))
        if tag not in VOID:
            self.open.append(tag)
            own = re.findall(r"font-size:\s*(\w+)", attributes.get("style", ""))
            self.size.append(own[-1] if own else self.size[-1] if self.size else "")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag
        self.size.pop()

    def handle_data(self, data: str) -> None:
        if "style" in self.open:
            self.styles.append(data)
        elif data.strip() and "title" not in self.open:
            self.words.append(data)
            self.sizes.append((data, self.size[-1]))

    def attributes(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.tags if name == tag]


def test_there_is_a_folder_for_every_kind_of_letter_and_no_other() -> None:
    assert [folder.name for folder in FOLDERS] == sorted(get_args(LetterKind))


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_a_folder_holds_a_subject_and_words(folder: Path) -> None:
    assert sorted(file.name for file in folder.iterdir()) == ["subject.txt", "words.txt"]


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
    assert sorted(set(levels)) == list(range(1, max(levels) + 1))


@every_letter
def test_tables_are_for_layout_and_say_so(letter: Letter) -> None:
    """T4."""
    assert all(one["role"] == "presentation" for one in Page(letter.html).attributes("table"))


@every_letter
def test_nothing_is_fetched_hidden_or_run(letter: Letter) -> None:
    """T5, T6 and P6: no images, no style sheets from elsewhere, no scripts, no pixels."""
    page = Page(letter.html)
    assert {tag for tag, _ in page.tags}.isdisjoint({"img", "link", "script", "iframe", "form", "object"})
    assert not any({"src", "background", "srcset", "onclick"} & attributes.keys() for _, attributes in page.tags)
    assert not re.search(r"url\(|display:\s*none|visibility|opacity|@import|max-height|hidden", letter.html)


@every_letter
def test_every_word_is_large_enough_to_read(letter: Letter) -> None:
    """T4: 16 px. Cells of the layout that hold no words themselves say 0, against gaps between them."""
    assert {size for _, size in Page(letter.html).sizes} <= {"16px", "18px", "19px", "22px"}


@every_letter
def test_styles_stand_at_the_elements_and_the_rest_is_far_below_what_gmail_takes(letter: Letter) -> None:
    """T3, D11: 16 KB of styles in the head, 90 KB in all."""
    page = Page(letter.html)
    assert len("".join(page.styles).encode()) < 4_000
    assert len(letter.message) < 70_000
    assert all("style" in attributes for tag, attributes in page.tags if tag in {"p", "a", "li", "h1", "h2", "h3"})


@every_letter
def test_links_are_those_of_the_text_and_the_contact(letter: Letter) -> None:
    """D12."""
    hrefs = [one["href"] for one in Page(letter.html).attributes("a")]
    assert all(re.match(r"https://|mailto:(help|secretariat)@", href) for href in hrefs)
    assert [href for href in hrefs if href.startswith("https:")] == re.findall(r"https://\S+", letter.text)


@every_letter
def test_text_and_html_say_the_same_words(letter: Letter) -> None:
    """T7. Buttons are addresses in text; what HTML says below its button, text says above the address."""
    text = re.sub(r"(?m)^https://\S+$|^(?:- |\d+\. )", "", letter.text)
    html = re.sub(r"</?span[^>]*>", "", letter.html)
    assert sorted(text.split()) == sorted(" ".join(Page(html).words).split())


@every_letter
def test_the_button_is_high_enough_for_a_thumb_and_the_only_one(letter: Letter) -> None:
    """T4: 44 px, padding above and below and one line. T8: one that stands out."""
    large = [one["style"] for one in Page(letter.html).attributes("a") if "background" in one["style"]]
    assert len(large) <= 1
    assert all("padding:14px 28px" in style and "line-height:24px" in style for style in large)
    smaller = [one["style"] for one in Page(letter.html).attributes("a") if "inline-block" in one["style"]]
    assert all("padding:10px 0" in style and "line-height:24px" in style for style in smaller if style not in large)


@every_letter
def test_the_title_is_the_subject(letter: Letter) -> None:
    (title,) = re.findall(r"<title>(.*?)</title>", letter.html)
    assert unescape(title) == letter.subject


def test_colours_can_be_told_apart() -> None:
    """T4: 4.5 to 1, in the light and in the dark."""
    for papers, inks in (LIGHT, DARK):
        for ink in inks:
            assert min(contrast(ink, paper) for paper in papers) >= 4.5
    assert contrast("#ffffff", "#1b4f8f") >= 4.5  # the button's words
    assert contrast("#0f1d30", "#9cc4ff") >= 4.5


def test_no_other_colours_are_used() -> None:
    used = {colour for letter in LETTERS.values() for colour in re.findall(r"#[0-9a-f]{6}", letter.html)}
    named = {colour for side in (LIGHT, DARK) for colours in side for colour in colours}
    assert used == named | {"#d3dce7", "#3c4a5c", "#0f1d30"}  # rules beside what was, and the dark button's words


LIGHT = ({"#ffffff", "#f1f5fa", "#e9edf2"}, {"#1d2733", "#12365f", "#1b4f8f", "#4b5a6b"})
DARK = ({"#0f141a", "#1a212b", "#243040"}, {"#e6ebf1", "#c3dbfb", "#b3c0cf", "#9cc4ff"})
"""Papers, and the inks on them."""


def contrast(one: str, other: str) -> float:
    """As WCAG 2.2 defines it."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    """Relative luminance, as WCAG 2.2 defines it."""
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [one / 12.92 if one <= 0.04045 else ((one + 0.055) / 1.055) ** 2.4 for one in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@every_letter
def test_a_letter_about_one_session_is_short(letter: Letter) -> None:
    """T8: 150 words where possible. Letters about several sessions are lists; interpretation takes its steps, and an
    update shows what was beside what is."""
    if not re.search(r"(?m)^2\. |^Old |^Interpretation$", letter.text):
        assert len(letter.text.split()) - len(letter.subject.split()) <= 150


def test_html_has_no_words_of_its_own() -> None:
    """Every sentence is in a file of words, and so in the catalogue, which is made from the text templates."""
    sentences = re.findall(r'_\("(.*?)"', OUTPUT.read_text(encoding="utf-8"))
    assert all((None, one) in extracted("babel.cfg") for one in sentences)


def test_the_html_that_is_sent_is_the_one_that_its_mjml_makes() -> None:
    """T1. Where this fails: `make letters`."""
    assert OUTPUT.read_text(encoding="utf-8") == compiled()
