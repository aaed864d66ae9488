"""The web part: which address is whose."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.responses import RedirectResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from adapters.toolbox import Toolbox
from config.lines import gathered
from config.settings import ROOT
from web.admin.accounts import Accounts
from web.admin.audit import Audits
from web.admin.enrolment import Enrolment
from web.admin.failures import Failures
from web.admin.figures import Figures
from web.admin.gate import Gate
from web.admin.hands import Hands
from web.admin.interpretation import Interpretation
from web.admin.login import Login
from web.admin.openid import OpenId
from web.admin.outbox import Outbox
from web.admin.participants import Participants
from web.admin.pauses import Pauses, resting
from web.admin.programmes import Programmes
from web.admin.queues import Queues
from web.admin.submissions import SubmissionPages
from web.admin.today import Today
from web.admin.visits import Visits
from web.admin.waiting import WaitingPeople
from web.admin.zoom import Zoom
from web.conferences import Conferences
from web.emulated_zoom import PATH, emulated_zoom, seed
from web.health import Health
from web.inbox import Enqueue, Inbox
from web.mail_hook import MailHook
from web.metrics import Metrics
from web.pages import Pages
from web.participant.join import Join
from web.participant.lost_link import LostLink
from web.participant.mute import Mute
from web.participant.own.calendar import Calendars
from web.participant.own.page import OwnPage
from web.participant.register import Registration
from web.problems import Answers
from web.receipts import Receipts
from web.safety import Safety
from web.traces import Traces
from web.webhook import Webhook
from web.zoom_emulator.app import create_emulator
from web.zoom_hook import ZoomHook

_ANY = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
"""For the hooks: an unknown conference is told so before a wrong method is."""


def create_app(toolbox: Toolbox, enqueue: Enqueue, hands: Hands) -> Starlette:
    """The ASGI application. `enqueue(task, id)` hands an id to the corridor, best effort; it is called in a thread,
    after the commit and after the answer, and must not raise where the broker is down. `hands` do what the monitor is
    asked for; in a thread too."""
    public = urlsplit(toolbox.settings.public_url)
    pages = Pages(ROOT / "templates" / "web", public.path.rstrip("/"))
    answers = Answers(pages)
    inbox = Inbox(toolbox, enqueue)
    conferences = Conferences(toolbox, inbox)
    metrics, health = Metrics(toolbox), Health(toolbox)
    webhook = Webhook(toolbox, inbox, conferences, metrics.registry)
    zoom_hook = ZoomHook(toolbox, inbox, metrics.registry, toolbox.zoom.webhook_secret)
    mail_hook = MailHook(toolbox, inbox, metrics.registry)
    registration = Registration(toolbox, inbox, conferences, pages)
    lost_link = LostLink(toolbox, inbox, conferences, pages)
    gate = Gate(toolbox, inbox, pages)
    visits = Visits(gate, pages, partial(inbox.ask, partial(resting, toolbox)))
    calendars = Calendars(toolbox, inbox, pages)
    routes: list[BaseRoute] = [
        Route("/hooks/mail/{provider}", mail_hook.answer, methods=_ANY),
        Route("/hooks/zoom/{account}", zoom_hook.answer, methods=_ANY),
        Route("/hooks/{source}/{conference}", webhook.answer, methods=_ANY),
        Route("/register/{conference}", registration.answer, methods=["GET", "POST"]),
        Route("/register/{conference}/received", registration.received),
        Route("/j/{token:path}", Join(toolbox, inbox, pages).answer, methods=["GET", "POST"]),
        Route("/lost-link", lost_link.answer, methods=["GET", "POST"]),
        Route("/lost-link/sent", lost_link.sent),  # so no conference may have this id
        Route("/lost-link/{conference}", lost_link.answer, methods=["GET", "POST"]),
        Route("/lost-link/{conference}/sent", lost_link.sent),
        Route("/r/{token}/sessions.ics", calendars.file),
        Route("/r/{token:path}", OwnPage(toolbox, inbox, pages).answer, methods=["GET", "POST"]),
        Route("/cal/{token:path}", calendars.feed),
        Route("/u/{token}", Mute(toolbox, inbox, pages).answer, methods=["GET", "POST"]),
        Route("/receipts/{receipt}", Receipts(toolbox, inbox).answer),
        Route("/livez", health.live),
        Route("/readyz", health.ready),
        Route("/metrics", metrics.answer),
        Route("/admin", lambda _: RedirectResponse(f"{pages.base}/admin/", 308)),
        Mount(
            "/admin",
            routes=[
                *Login(toolbox, inbox, pages, gate).routes(),
                *Enrolment(toolbox, inbox, pages, gate).routes(),
                *OpenId(toolbox, inbox, gate).routes(),
                *Participants(toolbox, inbox, visits, hands.attendant).routes(),
                *Audits(toolbox, inbox, visits).routes(),
                *Outbox(toolbox, inbox, visits, hands.outbox).routes(),
                *Failures(toolbox, inbox, visits, hands.replayer).routes(),
                *SubmissionPages(toolbox, inbox, visits, hands.clerk).routes(),
                *Pauses(toolbox, inbox, visits, hands.pauser).routes(),
                *Today(toolbox, inbox, visits).routes(),
                *Queues(toolbox, inbox, visits).routes(),
                *Zoom(toolbox, inbox, visits).routes(),
                *Interpretation(toolbox, inbox, visits).routes(),
                *Figures(toolbox, inbox, visits).routes(),
                *Programmes(toolbox, inbox, visits, hands.planner).routes(),
                *WaitingPeople(toolbox, inbox, visits, hands.approver).routes(),
                *Accounts(toolbox, inbox, visits, hands.warden).routes(),
            ],
        ),
        Mount("/static", StaticFiles(directory=ROOT / "web" / "static")),
    ]
    emulator = emulated_zoom(toolbox) if toolbox.settings.emulates_zoom else None
    if emulator is not None:
        routes.append(Mount(PATH, create_emulator(emulator)))

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        with gathered(asyncio.get_running_loop().call_soon):
            if emulator is None:
                yield
                return
            seed(toolbox, emulator)
            async with emulator.delivering():
                yield
            emulator.close()

    app = Starlette(
        routes=routes,
        lifespan=lifespan,
        middleware=[
            *([Middleware(Traces)] if toolbox.settings.traces_url else []),
            Middleware(Safety, answers=answers, https=public.scheme == "https"),
        ],
        exception_handlers={HTTPException: answers.refused},
    )
    # Its redirects would repeat whatever Host a stranger has sent.
    app.router.redirect_slashes = False
    return app
