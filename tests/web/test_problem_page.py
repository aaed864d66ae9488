"""The page of a refusal says what it is given as text, whatever that is."""

import pytest

from config.settings import ROOT
from tests.web.page import Page
from web.pages import Pages


@pytest.mark.parametrize("detail", ["<script>alert(1)</script>", "100 % of it", "%(name)s", "&lt;"])
@pytest.mark.parametrize("language", ["en", "fr"])
def test_what_a_refusal_says_is_text_and_no_html(detail: str, language: str) -> None:
    pages = Pages(ROOT / "templates" / "web", "")
    answer = pages.page("problem.html", 422, language=language, title=detail, detail=detail)
    page = Page(bytes(answer.body).decode())
    assert (page.all("script"), page.one("h1").text, page.one("p").text) == ([], detail, detail)
