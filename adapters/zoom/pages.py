"""Lists that come in pages.

A page token of Zoom's holds 15 minutes; when it has ended, the list is begun anew, so that no page is missing. Rows
can then come twice: the caller tells them apart by their ids.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Final

from adapters.zoom.answers import ZoomRefused, unreadable
from adapters.zoom.calls import Call
from schemas.zoom import Refusal

_BEGINNINGS: Final = 3
_MOST_PAGES: Final = 500
"""20,000 registrants in pages of 300 are 67; a list that does not end is no list."""

_NO_MATTER_OF_PAGES: Final = {124, 200, 429, 3001, 4711}


def all_pages(ask: Callable[[Call], dict[str, Any]], call: Call) -> Iterator[dict[str, Any]]:
    """The pages of a list, in order.

    Raises:
        ZoomRefused: as `ask` does, and where tokens end too often or the pages do not.
    """
    for left in reversed(range(_BEGINNINGS)):
        try:
            yield from _pages(ask, call)
        except _TokenEnded as ended:
            if not left:
                raise ZoomRefused(ended.refusal) from None
        else:
            return


class _TokenEnded(Exception):
    def __init__(self, refusal: Refusal) -> None:
        super().__init__("a page token ended")
        self.refusal = refusal


def _pages(ask: Callable[[Call], dict[str, Any]], call: Call) -> Iterator[dict[str, Any]]:
    token = ""
    for _ in range(_MOST_PAGES):
        page_call = replace(call, params={**call.params, "next_page_token": token}) if token else call
        try:
            page = ask(page_call)
        except ZoomRefused as refused:
            if token and _blames_token(refused.refusal):
                raise _TokenEnded(refused.refusal) from None
            raise
        yield page
        token = str(page.get("next_page_token") or "")
        if not token:
            return
    raise unreadable(call)


def _blames_token(refusal: Refusal) -> bool:
    """No document names the code of an ended token: it is a refusal of this page alone, after others were given."""
    by_zoom = refusal.status is not None and refusal.status < 500 and refusal.code is not None
    return by_zoom and refusal.code not in _NO_MATTER_OF_PAGES and refusal.status not in {401, 429}
