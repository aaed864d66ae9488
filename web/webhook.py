"""The webhook: verify who sent it, record the envelope, answer 202, queue its id. Nothing else.

It refuses to look into a registration: what is wrong with its content is for a worker to say, in the receipt.
Judged in this order: 404, 405, 413, 415, 401 (429 for who fails too often), 400, 503.
"""

from datetime import datetime, timedelta
from itertools import product

import structlog
from prometheus_client import CollectorRegistry, Counter
from pydantic_core import to_json
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from adapters.toolbox import Toolbox
from web.bodies import body_of, is_one_of
from web.conferences import Conferences
from web.inbox import Inbox
from web.limits import Limiter, client_of
from web.problems import Problem
from web.sources import SOURCES, Source
from web.sources.post import NotAuthentic, Post

log = structlog.get_logger(__name__)

_FAILED_SIGNATURES = 300
"""A minute, from one client. Well-signed posts never count, and are taken from a client that is over the limit."""


class Webhook:
    """`POST /hooks/{source}/{conference}`."""

    def __init__(self, toolbox: Toolbox, inbox: Inbox, conferences: Conferences, registry: CollectorRegistry) -> None:
        self._settings = toolbox.settings
        self._clock = toolbox.clock
        self._inbox = inbox
        self._conferences = conferences
        self._failures = Limiter(_FAILED_SIGNATURES, timedelta(minutes=1))
        self._posts = Counter(
            "convenor_webhook_posts", "Posts to the webhooks, by source and by the status of the answer",
            ["source", "status"], registry=registry,
        )  # fmt: skip
        for source, status in product((*SOURCES, "unknown"), ("500", "503")):
            self._posts.labels(source, status)  # there before the first: an alert looks for an increase

    async def answer(self, request: Request) -> Response:
        """Answer one post."""
        source, conference = request.path_params["source"], request.path_params["conference"]
        known = source if source in SOURCES else "unknown"
        try:
            response = await self._take(request, source, conference)
        except Problem as refusal:
            self._posts.labels(known, str(refusal.status_code)).inc()
            log.info("refused", source=known, status=refusal.status_code)
            raise
        except ClientDisconnect:
            raise  # nobody is answered
        except Exception:
            self._posts.labels(known, "500").inc()
            raise
        self._posts.labels(known, str(response.status_code)).inc()
        return response

    async def _take(self, request: Request, source: str, conference: str) -> Response:
        provider = SOURCES.get(source)
        if provider is None:
            raise Problem(404, "There is no such form provider here.")
        await self._conferences.expect(conference)
        if request.method != "POST":
            raise Problem(405, "Registrations are posted here.", headers={"Allow": "POST"})
        body = await body_of(request)
        if not is_one_of(provider.media_types, request):
            raise Problem(415, f"Send {' or '.join(sorted(provider.media_types))}, in UTF-8, not compressed.")
        post = Post(request, body, self._settings.secrets_for(conference, source), self._times())
        self._authenticate(provider, post)
        delivery = await provider.delivery(post)
        if delivery is None:
            raise Problem(400, "This is not of the form that this address takes.")
        receipt = await self._inbox.record(
            conference=conference, source=source, delivery_id=delivery.id, content_type=delivery.content_type,
            body=delivery.body,
        )  # fmt: skip
        said = {"receipt": receipt.id, **({"duplicate": True} if receipt.duplicate else {})}
        return Response(to_json(said), 202, media_type="application/json", background=self._inbox.queueing(receipt))

    def _authenticate(self, provider: Source, post: Post) -> None:
        try:
            provider.authenticate(post)
        except NotAuthentic as wrong:
            client, now = client_of(post.request), self._clock.machine_now()
            if wait := self._failures.wait(client, now):
                raise Problem(429, "Too many posts without a right signature.", retry_after=wait) from None
            self._failures.take(client, now)
            raise Problem(401, str(wrong), headers={"WWW-Authenticate": provider.scheme}) from None

    def _times(self) -> set[datetime]:
        """What counts as now. In a rehearsal senders may live in either of its two times."""
        machine = self._clock.machine_now()
        return {machine, self._clock.now()} if self._clock.rehearsing else {machine}
