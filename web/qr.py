"""QR codes, as pictures that stand in the page itself: nothing is asked of anybody else, and nothing is kept."""

import segno
from markupsafe import Markup

_MODULE = 4
"""Pixels."""


def picture(said: str, title: str) -> Markup:
    """An SVG of `said`, dark on light whatever the page's colours are, with the quiet zone that readers want."""
    made = segno.make(said, error="m", micro=False)
    return Markup(made.svg_inline(scale=_MODULE, dark="#000", light="#fff", title=title, svgclass="qr", lineclass=None))  # noqa: S704 - the library escapes the title; the rest is numbers
