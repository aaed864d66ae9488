"""`/register/{conference}`: the hosted page, for conferences without a form of their own. It needs no JavaScript.

What is typed takes the same way as every other registration: an envelope in the inbox, judged by a worker. The page
only says beforehand what the worker would refuse.
"""

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import structlog
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from adapters.database.envelopes import Receipt
from adapters.toolbox import Toolbox
from domain.faults import faults
from domain.sources.understanding import N_
from schemas.programme import Conference
from schemas.registration import Reason
from web.bodies import form_of
from web.conferences import Conferences
from web.inbox import Inbox
from web.limits import Limiter, client_of
from web.pages import Pages
from web.participant.agenda import agenda
from web.participant.form import (
    CONSENTS,
    HONEYPOT,
    NONCE,
    Typed,
    letter_languages,
    native_body,
    time_zones,
    typed,
    untouched,
)  # fmt: skip
from web.participant.language import language_of
from web.problems import Problem
from web.receipts import RECEIPT

log = structlog.get_logger(__name__)

_POSTS = 60
"""A minute, from one client. A delegation's office may share one address."""

_ORDER = ("full_name", "title", "email", "organisation", "country", "sessions", "attendance", "language",
          "interpretation", "time_zone", "visibility", "alias", "needs")  # fmt: skip
"""Of the fields on the page; what is wrong is listed in it."""


_TRAPPED = Reason(
    field=HONEYPOT, code="honeypot",
    message=N_("A field that people do not see was filled in, perhaps by your browser. It is empty again: please send "
               "the page once more."),
)  # fmt: skip


class Registration:
    """The page, its form, and what follows."""

    def __init__(self, toolbox: Toolbox, inbox: Inbox, conferences: Conferences, pages: Pages) -> None:
        self._toolbox = toolbox
        self._inbox = inbox
        self._conferences = conferences
        self._pages = pages
        self._posts = Limiter(_POSTS, timedelta(minutes=1))

    async def answer(self, request: Request) -> Response:
        """GET or POST."""
        conference = await self._conferences.programme(request.path_params["conference"])
        language = language_of(request, conference.language)
        if request.method == "POST":
            return await self._take(request, conference, language)
        return self._page(conference, language, untouched(language, secrets.token_urlsafe(16)))

    async def _take(self, request: Request, conference: Conference, language: str) -> Response:
        """A filled page: 303 to `received`, or the page again with what is wrong (422), or why not now (429, 503)."""
        filled = typed(await form_of(request))
        client, machine_now = client_of(request), self._toolbox.clock.machine_now()
        if wait := self._posts.wait(client, machine_now):
            return self._page(conference, language, filled, status=429, retry_after=wait)
        self._posts.take(client, machine_now)
        if filled.one(HONEYPOT):
            # Some browser may have filled it in for a person, who must hear of it; a robot does not read the answer.
            log.info("a form was filled in where people see no field", conference=conference.id)
            return self._page(conference, language, filled, [_TRAPPED], status=422)
        body = native_body(filled)
        if reasons := faults(body, conference, self._toolbox.clock.now()):
            return self._page(conference, language, filled, reasons, status=422)
        try:
            receipt = await self._record(conference, filled, body)
        except Problem as unavailable:
            wait = int((unavailable.headers or {}).get("Retry-After", 0))
            return self._page(conference, language, filled, status=unavailable.status_code, retry_after=wait)
        return self._received(conference, language, receipt)

    async def received(self, request: Request) -> Response:
        """Says that it arrived and what comes next. Shows nothing that was typed."""
        conference = await self._conferences.programme(request.path_params["conference"])
        receipt = request.query_params.get("receipt", "")
        return self._pages.page(
            "received.html", language=language_of(request, conference.language), conference=conference,
            tongues=letter_languages(), contact=self._contact(conference),
            receipt=receipt if RECEIPT.fullmatch(receipt) else None,
        )  # fmt: skip

    async def _record(self, conference: Conference, filled: Typed, body: Mapping[str, Any]) -> Receipt:
        written = json.dumps(body, ensure_ascii=False, sort_keys=True).encode()
        # A double click is one registration; the same page sent again after a correction is another.
        said = hashlib.sha256(written).hexdigest()
        nonce = filled.one(NONCE)[:100] or secrets.token_urlsafe(16)
        return await self._inbox.record(
            conference=conference.id, source="hosted", delivery_id=f"{nonce}.{said}", content_type="application/json",
            body=written,
        )  # fmt: skip

    def _received(self, conference: Conference, language: str, receipt: Receipt) -> Response:
        address = f"{self._pages.base}/register/{conference.id}/received?receipt={receipt.id}&lang={language}"
        return RedirectResponse(address, 303, background=self._inbox.queueing(receipt))

    def _page(
        self, conference: Conference, language: str, filled: Typed, reasons: Sequence[Reason] = (), *,
        status: int = 200, retry_after: int = 0,
    ) -> Response:  # fmt: skip
        return self._pages.page(
            "register.html", status, {"Retry-After": str(retry_after)} if retry_after else {},
            language=language,
            conference=conference,
            tongues=letter_languages(),
            agenda=agenda(conference, language, self._toolbox.clock.now(), self._pages.words(language).gettext),
            typed=filled,
            reasons=sorted(reasons, key=_place_on_page),
            wrong={reason.field: reason.message for reason in reasons},
            status=status,
            contact=self._contact(conference),
            languages=letter_languages(),
            time_zones=time_zones(),
            consents=CONSENTS,
        )  # fmt: skip

    def _contact(self, conference: Conference) -> str:
        return conference.contact or self._toolbox.settings.reply_to


def _place_on_page(reason: Reason) -> int:
    return _ORDER.index(reason.field) if reason.field in _ORDER else len(_ORDER)
