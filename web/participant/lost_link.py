"""`/lost-link/{conference}`: whoever cannot find the letter has their links sent again. `/lost-link`: the same for
all conferences, for those who do not know which it was, and for pages that must not name any.

The page says the same for every address, known or not, and as quickly: it only records an envelope. Whether there is
anything to send is found out by a worker, and told by letter alone. So the answer bears no receipt either.
"""

import asyncio
import json
import secrets
from collections.abc import Mapping
from datetime import timedelta

import structlog
from starlette.background import BackgroundTasks
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from adapters.database import programmes
from adapters.database.envelopes import Receipt
from adapters.toolbox import Toolbox
from domain.own_page import holds
from domain.sources import NotUnderstood
from domain.sources.understanding import N_, shaped
from schemas.programme import Conference
from schemas.registration import LinksRequested
from web.bodies import form_of
from web.conferences import Conferences
from web.inbox import Inbox
from web.limits import Limiter, client_of
from web.pages import Pages
from web.participant.form import HONEYPOT, Typed, letter_languages, typed
from web.participant.language import language_of
from web.participant.refusals import NOINDEX, refused
from web.problems import Problem

log = structlog.get_logger(__name__)

SOURCE = "lost-link"

_POSTS = 20
"""A minute, from one client. A delegation's office may share one address."""

_MOST_CONFERENCES = 20
"""An envelope for each."""

_WRONG = N_("Give an e-mail address like name@example.org.")


class LostLink:
    """The page, its form, and what follows."""

    def __init__(self, toolbox: Toolbox, inbox: Inbox, conferences: Conferences, pages: Pages) -> None:
        self._toolbox = toolbox
        self._inbox = inbox
        self._conferences = conferences
        self._pages = pages
        self._posts = Limiter(_POSTS, timedelta(minutes=1))

    async def answer(self, request: Request) -> Response:
        """GET: the form. POST: 303 to `sent`, or the form again with what is wrong (422), or why not now (429, 503)."""
        try:
            conference = await self._conference(request)
        except Problem as problem:
            return refused(self._pages, request, problem)
        language = _language(request, conference)
        if request.method != "POST":
            return self._page(conference, language, Typed({}))
        filled = typed(await form_of(request))
        client, machine_now = client_of(request), self._toolbox.clock.machine_now()
        if wait := self._posts.wait(client, machine_now):
            return self._page(conference, language, filled, status=429, retry_after=wait)
        self._posts.take(client, machine_now)
        if filled.one(HONEYPOT):
            log.info("a form was filled in where people see no field",
                     conference=conference.id if conference else None)  # fmt: skip
            return self._page(conference, language, filled, status=422, trapped=True)
        return await self._take(conference, language, filled)

    async def sent(self, request: Request) -> Response:
        """Says what happens now: the same, whatever will."""
        try:
            conference = await self._conference(request)
        except Problem as problem:
            return refused(self._pages, request, problem)
        language = _language(request, conference)
        return self._pages.page(
            "lost_link_sent.html", 200, NOINDEX, language=language, conference=conference, tongues=letter_languages(),
            contact=self._contact(conference), form=_form(conference),
        )  # fmt: skip

    async def _conference(self, request: Request) -> Conference | None:
        named = request.path_params.get("conference")
        return None if named is None else await self._conferences.programme(named)

    async def _take(self, conference: Conference | None, language: str, filled: Typed) -> Response:
        body = {"type": "registration.links_requested", "data": {"email": filled.one("email").strip()}}
        try:
            shaped(LinksRequested, body)
        except NotUnderstood:
            return self._page(conference, language, filled, status=422, wrong={"email": _WRONG})
        try:
            asked = [conference.id] if conference else await self._inbox.ask(self._coming)
            receipts = await asyncio.gather(*(self._record(one, body) for one in asked))
        except Problem as unavailable:
            wait = int((unavailable.headers or {}).get("Retry-After", 0))
            return self._page(conference, language, filled, status=unavailable.status_code, retry_after=wait)
        address = f"{self._pages.base}{_form(conference)}/sent?lang={language}"
        tasks = [task for one in receipts if (task := self._inbox.queueing(one))]
        return RedirectResponse(address, 303, background=BackgroundTasks(tasks))

    async def _record(self, conference_id: str, body: Mapping[str, object]) -> Receipt:
        return await self._inbox.record(
            conference=conference_id, source=SOURCE, delivery_id=secrets.token_urlsafe(16),
            content_type="application/json", body=json.dumps(body, ensure_ascii=False).encode(),
        )  # fmt: skip

    def _coming(self) -> list[str]:
        """The ids of the conferences that are not over, those first that begin first; then of those whose own pages
        still lead somewhere."""
        now = self._toolbox.clock.now()
        with self._toolbox.database.read() as session:
            held = [one for one in programmes.all_in_force(session) if holds(one, now)]
        in_order = sorted(held, key=lambda one: (one.ends < now.date(), one.starts))
        return [one.id for one in in_order[:_MOST_CONFERENCES]]

    def _page(
        self, conference: Conference | None, language: str, filled: Typed, *, status: int = 200, retry_after: int = 0,
        wrong: dict[str, str] | None = None, trapped: bool = False,
    ) -> Response:  # fmt: skip
        headers = NOINDEX | ({"Retry-After": str(retry_after)} if retry_after else {})
        return self._pages.page(
            "lost_link.html", status, headers, language=language,
            conference=conference, tongues=letter_languages(), contact=self._contact(conference), typed=filled,
            wrong=wrong or {}, trapped=trapped, status=status, form=_form(conference),
        )  # fmt: skip

    def _contact(self, conference: Conference | None) -> str:
        return (conference and conference.contact) or self._toolbox.settings.reply_to


def _language(request: Request, conference: Conference | None) -> str:
    return language_of(request, conference.language if conference else "en")


def _form(conference: Conference | None) -> str:
    """The path of the form, from which that of what follows is made."""
    return f"/lost-link/{conference.id}" if conference else "/lost-link"
