"""What the gallery looks for, it finds: each fault in a letter that has it."""

import pytest

from tests.gallery.browser import Browser

SOUND = '<html lang="en" dir="ltr"><head><title>A letter</title></head><body><h1>A letter</h1>{}</body></html>'


@pytest.mark.parametrize(
    ("inside", "fault"),
    [
        ("<p style='width: 400px'>wide</p>", "it scrolls sideways"),
        ("<div style='width: 90px; overflow: hidden'>" + "i" * 99 + "</div>", "overflows"),
        ("<p style='font-size: 15px'>small</p>", "<p> “small” is 15 px small"),
        ("<a href='#' style='display: inline-block; line-height: 24px'>low</a>", "<a> “low” is 24 px high"),
        ("<p style='margin-left: -20px'>left</p>", "begins outside of the page"),
    ],
    ids=["wide", "overflowing", "small", "low", "outside"],
)
def test_a_fault_of_layout_is_found(browser: Browser, inside: str, fault: str) -> None:
    browser.make(360, "light")
    browser.show(SOUND.format(inside))
    assert fault in "\n".join(browser.faults("en"))


def test_a_page_that_stays_light_in_the_dark_is_found(browser: Browser) -> None:
    browser.make(360, "dark")
    browser.show(SOUND.format("<style>body { background: #ffffff }</style>"))
    assert browser.faults("en") == ["the page stays light in the dark"]


def test_another_language_or_direction_is_found(browser: Browser) -> None:
    browser.show(SOUND.format(""))
    assert browser.faults("en") == []
    assert browser.faults("ru") == browser.faults("ar") == ["the page says en and ltr"]


def test_whatever_is_fetched_is_noted_and_not_reached(browser: Browser) -> None:
    browser.show(SOUND.format("<img alt='' src='https://pixel.example.org/1.gif'>"))
    assert browser.asked == ["https://pixel.example.org/1.gif"]


def test_faint_words_are_found_but_for_what_is_allowed(browser: Browser) -> None:
    browser.show(SOUND.format("<p style='color: #bbbbbb'>faint</p>"))
    found = browser.violations()
    assert sorted({one.partition(":")[0] for one in found}) == ["color-contrast", "landmark-one-main", "region"]
    assert [one.partition(":")[0] for one in browser.violations("landmark-one-main", "region")] == ["color-contrast"]
