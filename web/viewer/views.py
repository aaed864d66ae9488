"""The viewer's answers, page by page."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from web.pages import Pages
from web.problems import Problem
from web.viewer.entry import in_words
from web.viewer.guard import LETTER_POLICY
from web.viewer.listing import Choice, listing, neighbours
from web.viewer.mailbox import Mailbox, numbered
from web.viewer.message import Part

_TABS = {"html": "HTML", "text": "Text", "calendar": "Calendar entry", "source": "Source"}
_METHOD = re.compile(rb"^METHOD:([A-Za-z-]{1,20})\r?$", re.MULTILINE)
_CALLS = re.compile("<(?=link|i?frame)", re.IGNORECASE)
"""Elements for which Chromium opens a connection before it asks the policy, which then forbids all that they load."""
_HEAD = re.compile("<head[^>]*>", re.IGNORECASE)


class Views:
    """Handlers for Starlette, which runs them in threads. All raise Problem for what is not there."""

    def __init__(self, mailbox: Mailbox, pages: Pages, zone: str) -> None:
        self._mailbox = mailbox
        self._pages = pages
        self._zone = ZoneInfo(zone)

    def inbox(self, request: Request) -> Response:
        """All mails, or those chosen."""
        entries = self._mailbox.entries()
        choice = Choice.of(request.query_params)
        found = listing(entries, choice, request.query_params.get("page", ""))
        rows = [(number, entry, self._mailbox.subject(entry)) for number, entry in found.rows]
        sessions = dict.fromkeys(session for entry in entries for session in entry.sessions)
        kinds = dict.fromkeys(entry.kind for entry in entries)
        return self._pages.page(
            "inbox.html", all=len(entries), choice=choice, found=found, rows=rows, sessions=list(sessions),
            kinds=list(kinds), clock=self._clock,
        )  # fmt: skip

    def mail(self, request: Request) -> Response:
        """One mail: its header, and one of four ways to read it."""
        entries = self._mailbox.entries()
        number, entry = numbered(entries, request.path_params["number"])
        mail = self._mailbox.mail(entry)
        story = [place for place, one in enumerate(entries, 1) if one.participant == entry.participant]
        asked = request.query_params.get("view", "")
        return self._pages.page(
            "mail.html", number=number, entry=entry, mail=mail, clock=self._clock, tabs=_TABS,
            view=asked if asked in _TABS else "html", around=neighbours(range(1, len(entries) + 1), number),
            story=story, in_story=neighbours(story, number), story_url=Choice(recipient=entry.participant).url(),
            events=in_words(mail.calendar.content) if mail.calendar else [], raw=mail.raw.decode("utf-8", "replace"),
        )  # fmt: skip

    def html(self, request: Request) -> Response:
        """The mail's own HTML, which can neither run nor load anything."""
        _, part = self._body(request, "text/html")
        return HTMLResponse(_inert(part.text or ""), headers={"Content-Security-Policy": LETTER_POLICY})

    def text(self, request: Request) -> Response:
        """The mail's plain text."""
        _, part = self._body(request, "text/plain")
        return PlainTextResponse(part.text)

    def calendar(self, request: Request) -> Response:
        """The calendar entry as a file, byte for byte."""
        number, part = self._body(request, "text/calendar", "application/ics")
        method = _METHOD.search(part.content)
        kind = "text/calendar; charset=utf-8" + (f"; method={method[1].decode()}" if method else "")
        return Response(part.content, headers={"Content-Type": kind, **_named("attachment", f"{number:04}.ics")})

    def source(self, request: Request) -> Response:
        """The message as received; saved, it is a file that mail programs open."""
        number, entry = numbered(self._mailbox.entries(), request.path_params["number"])
        return PlainTextResponse(self._mailbox.mail(entry).raw, headers=_named("inline", f"{number:04}.eml"))

    def _body(self, request: Request, *media_types: str) -> tuple[int, Part]:
        number, entry = numbered(self._mailbox.entries(), request.path_params["number"])
        part = self._mailbox.mail(entry).body(*media_types)
        if part is None:
            raise Problem(404, f"This mail has no part of type {media_types[0]}.")
        return number, part

    def _clock(self, moment: datetime) -> str:
        """`Mon 14 Jun 2021, 17:00 CEST`."""
        return f"{moment.astimezone(self._zone):%a %d %b %Y, %H:%M %Z}"


def _inert(html: str) -> str:
    """Links ask for a new window, which the sandbox denies: so a click leaves the letter where it is."""
    return _HEAD.sub(r'\g<0><base target="_blank">', _CALLS.sub("<no-", html), count=1)


def _named(disposition: str, name: str) -> dict[str, str]:
    return {"Content-Disposition": f'{disposition}; filename="{name}"'}
