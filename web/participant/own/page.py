"""`/r/{token}`: somebody's own page. What they are registered for, and everything that they can change by themselves.

GET changes nothing: mail scanners follow addresses. POST takes one form of the page, and answers with 303 to the page,
which says what became of it and offers to undo it. A scanner that presses every button changes things, but for what
wants a ticked box; and all of that can be undone.
"""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import urlencode

import structlog
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from adapters.database import audits, participants
from adapters.tokens import CalendarTokens, PageTokens
from adapters.toolbox import Toolbox
from domain.own_page import undoing
from domain.sources import NotUnderstood
from domain.sources.understanding import because
from schemas.programme import CORRESPONDENCE_LANGUAGES
from schemas.registration import Reason
from web.bodies import form_of
from web.inbox import Inbox
from web.limits import Limiter, client_of
from web.pages import Pages
from web.participant.form import NONCE, Typed, letter_languages, time_zones, typed
from web.participant.language import PARAMETER
from web.participant.own.corridor import Corridor, Outcome
from web.participant.own.deeds import Asked, asked, sure, undone
from web.participant.own.listing import Lister
from web.participant.own.visitor import Visitor, visitor
from web.participant.refusals import NOINDEX, refused, unknown
from web.problems import Problem

log = structlog.get_logger(__name__)

_POSTS = 60
"""A minute, from one client. A delegation's office may share one address."""

_DONE, _AGAIN, _TITLES = "done", "again", "titles"
"""What an address of the page may say beside the token: the change that has just been made, whether it had been sent
before, and whether a discreet page shows titles."""


class OwnPage:
    """`GET`, `POST /r/{token}`."""

    def __init__(self, toolbox: Toolbox, inbox: Inbox, pages: Pages) -> None:
        self._toolbox = toolbox
        self._inbox = inbox
        self._pages = pages
        self._corridor = Corridor(toolbox, inbox)
        self._tokens = PageTokens(toolbox.vault)
        self._calendars = CalendarTokens(toolbox.vault)
        self._posts = Limiter(_POSTS, timedelta(minutes=1))

    async def answer(self, request: Request) -> Response:
        """The page, or what became of one of its forms."""
        try:
            known = self._tokens.participant(request.path_params["token"])
            found = await self._inbox.ask(partial(self._find, known))
            if found is None:
                return unknown(self._pages, request, self._toolbox.settings.reply_to)
            if request.method == "POST":
                return await self._take(request, found)
            done = request.query_params.get(_DONE, "")
            return self._page(request, found, outcome=await self._corridor.outcome(found, done) if done else None)
        except Problem as problem:
            return refused(self._pages, request, problem)

    def _find(self, known: tuple[str, int] | None) -> Visitor | None:
        with self._toolbox.database.read() as session:
            return visitor(self._toolbox, session, known, self._toolbox.clock.now())

    async def _take(self, request: Request, found: Visitor) -> Response:
        """A form of the page: 303 to what follows, or the page again with what is wrong (422), or why not now (429,
        503)."""
        filled = typed(await form_of(request))
        client, machine_now = client_of(request), self._toolbox.clock.machine_now()
        if wait := self._posts.wait(client, machine_now):
            return self._page(request, found, status=429, retry_after=wait)
        self._posts.take(client, machine_now)
        try:
            return await self._do(request, found, filled)
        except NotUnderstood as wrong:
            return self._page(request, found, status=422, reasons=wrong.reasons, filled=filled)
        except Problem as unavailable:
            wait = int((unavailable.headers or {}).get("Retry-After", 0))
            return self._page(request, found, status=unavailable.status_code, retry_after=wait)

    async def _do(self, request: Request, found: Visitor, filled: Typed) -> Response:
        match filled.one("do"):
            case "remind":
                await self._inbox.write(
                    partial(self._mute, participant=found.person.id, muted=filled.one("reminders") != "on")
                )
                return _see_other(request)
            case "renew-calendar":
                sure(filled)
                await self._inbox.write(partial(self._renew_calendar, found=found))
                return _see_other(request)
            case "renew-page":
                sure(filled)
                return await self._renew_page(request, found, filled)
            case "undo":
                return await self._change(request, found, filled, await self._undone(found, filled.one("of")))
            case _:
                return await self._change(request, found, filled, asked(filled, found))

    async def _change(self, request: Request, found: Visitor, filled: Typed, wanted: Asked) -> Response:
        address = found.person.address
        back = undoing(wanted.deed(address), found.preferred(), found.held())
        receipt = await self._corridor.take(found, _nonce(filled), wanted.body(address), back)
        done = {_DONE: receipt.id} | ({_AGAIN: "yes"} if receipt.duplicate else {})
        # Whoever has chosen another language reads on in that.
        return _see_other(request, *([PARAMETER] if "language" in wanted.data else []), **done)

    async def _undone(self, found: Visitor, envelope_id: str) -> Asked:
        """What brings back what was before a change of this visitor's."""
        outcome = await self._corridor.outcome(found, envelope_id)
        if outcome is None or not outcome.undoing:
            raise NotUnderstood(because("", "invalid"))
        return undone(outcome.undoing)

    async def _renew_page(self, request: Request, found: Visitor, filled: Typed) -> Response:
        body = {"type": "registration.links_requested", "data": {"email": found.person.address, "renew": True}}
        receipt = await self._corridor.take(found, _nonce(filled), body)
        outcome = await self._corridor.outcome(found, receipt.id)
        if outcome is not None and outcome.state == "rejected":
            raise NotUnderstood(*outcome.reasons)
        return self._pages.page(
            "own_renewed.html", 200, NOINDEX, language=_language(request, found), conference=None,
            contact=self._contact(found), leaving=self._toolbox.settings.quick_exit_url,
        )  # fmt: skip

    def _mute(self, session: Session, *, participant: str, muted: bool) -> None:
        participants.mute(session, participant, self._toolbox.clock.now() if muted else None)
        log.info("reminders muted" if muted else "reminders wanted again", participant=participant)

    def _renew_calendar(self, session: Session, *, found: Visitor) -> None:
        participants.renew_calendar_address(session, found.person.id)
        clock = self._toolbox.clock
        audits.note(session, self._toolbox.vault, who="participant", action="calendar-address-renewed",
                    conference=found.conference.id, about=found.person.id, now=clock.now(),
                    machine_now=clock.machine_now())  # fmt: skip

    def _page(
        self, request: Request, found: Visitor, *, status: int = 200, retry_after: int = 0,
        reasons: Sequence[Reason] = (), filled: Typed | None = None, outcome: Outcome | None = None,
    ) -> Response:  # fmt: skip
        words = self._pages.words(_language(request, found))
        named = not found.is_discreet or request.query_params.get(_TITLES) == "shown"
        lister = Lister(found, words, self._toolbox.clock.now(), named=named)
        preferring = filled if filled is not None and filled.one("do") == "prefer" else _preferred(found)
        return self._pages.page(
            "own.html", status, NOINDEX | ({"Retry-After": str(retry_after)} if retry_after else {}),
            language=words.language,
            conference=None if found.is_discreet else found.conference,
            contact=self._contact(found),
            tongues=letter_languages(),
            leaving=self._toolbox.settings.quick_exit_url,
            status=status,
            reasons=reasons,
            wrong={reason.field: reason.message for reason in reasons},
            outcome=outcome,
            again=_AGAIN in request.query_params,
            here=_here(request),
            token=request.path_params["token"],
            nonce=secrets.token_urlsafe(16),
            listing=lister.listing(),
            discreet=found.is_discreet,
            named=named,
            typed=preferring,
            zone=found.conference.time_zone,
            languages=letter_languages(),
            time_zones=time_zones(),
            muted=found.muted,
            feed=self._feed(found),
        )  # fmt: skip

    def _feed(self, found: Visitor) -> str:
        """The address of the calendar feed."""
        token = self._calendars.of(found.person.id, found.calendar_version)
        return f"{self._toolbox.settings.public_url.rstrip('/')}/cal/{token}.ics"

    def _contact(self, found: Visitor) -> str:
        ours = self._toolbox.settings.reply_to
        return ours if found.is_discreet else found.conference.contact or ours


def _language(request: Request, found: Visitor) -> str:
    """As the address says, or of their letters: never as the browser prefers, which somebody else may have set up."""
    asked_for = request.query_params.get(PARAMETER, "")
    return asked_for if asked_for in CORRESPONDENCE_LANGUAGES else found.language


def _nonce(filled: Typed) -> str:
    return filled.one(NONCE)[:100] or secrets.token_urlsafe(16)


def _preferred(found: Visitor) -> Typed:
    """How things stand, as a form that nobody has touched."""
    known = {**found.preferred(), "time_zone": found.person.time_zone}
    return Typed({name: (value,) if value else () for name, value in known.items() if value})


def _here(request: Request, *without: str, **more: str) -> str:
    """The page's own address, relative to it, as it is read now: in which language, and with titles or without."""
    kept = {
        name: request.query_params[name]
        for name in (PARAMETER, _TITLES)
        if name in request.query_params and name not in without
    }
    said: dict[str, Any] = kept | more
    return f"?{urlencode(said)}"


def _see_other(request: Request, *without: str, **more: str) -> Response:
    return RedirectResponse(f"{_here(request, *without, **more)}#main", 303, NOINDEX)
