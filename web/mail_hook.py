"""The door for mail providers' events: verify who sent it, record the envelope, answer 200, queue its id.

Answered 200, not 202: Mailgun takes nothing else for success. What an event says is for a worker to read. Judged in the
order of the other hooks (`web.webhook`).
"""

from datetime import datetime, timedelta

import structlog
from prometheus_client import CollectorRegistry, Counter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from adapters.toolbox import Toolbox
from web.bodies import body_of, is_one_of
from web.inbox import Inbox
from web.limits import Limiter, client_of
from web.mail import PROVIDERS
from web.problems import Problem
from web.sources import Source
from web.sources.post import NotAuthentic, Post

log = structlog.get_logger(__name__)

_CONFERENCE = "mail"
"""Letters of all conferences leave by one provider."""

_FAILED = 300
"""A minute, from one client, as at the other hooks."""


class MailHook:
    """`POST /hooks/mail/{provider}`."""

    def __init__(self, toolbox: Toolbox, inbox: Inbox, registry: CollectorRegistry) -> None:
        self._settings = toolbox.settings
        self._clock = toolbox.clock
        self._inbox = inbox
        self._failures = Limiter(_FAILED, timedelta(minutes=1))
        self._posts = Counter(
            "convenor_mail_hook_posts", "Posts of mail providers, by provider and by the status of the answer",
            ["provider", "status"], registry=registry,
        )  # fmt: skip

    async def answer(self, request: Request) -> Response:
        """Answer one post."""
        name = request.path_params["provider"]
        known = name if name in PROVIDERS else "unknown"
        try:
            response = await self._take(request, name)
        except Problem as refusal:
            self._posts.labels(known, str(refusal.status_code)).inc()
            log.info("refused", source=known, status=refusal.status_code)
            raise
        self._posts.labels(known, str(response.status_code)).inc()
        return response

    async def _take(self, request: Request, name: str) -> Response:
        provider = PROVIDERS.get(name)
        if provider is None:
            raise Problem(404, "There is no such mail provider here.")
        if request.method != "POST":
            raise Problem(405, "Events are posted here.", headers={"Allow": "POST"})
        body = await body_of(request)
        if not is_one_of(provider.media_types, request):
            raise Problem(415, "Send application/json, in UTF-8, not compressed.")
        post = Post(request, body, self._settings.secrets_for(_CONFERENCE, name), self._times())
        self._authenticate(provider, post)
        delivery = await provider.delivery(post)
        if delivery is None:
            raise Problem(400, "This is not of the form that this address takes.")
        receipt = await self._inbox.record(
            conference=_CONFERENCE, source=name, delivery_id=delivery.id, content_type=delivery.content_type,
            body=delivery.body,
        )  # fmt: skip
        return JSONResponse({"receipt": receipt.id}, background=self._inbox.queueing(receipt))

    def _authenticate(self, provider: Source, post: Post) -> None:
        client, now = client_of(post.request), self._clock.machine_now()
        try:
            provider.authenticate(post)
        except NotAuthentic as wrong:
            if wait := self._failures.wait(client, now):
                raise Problem(429, "Too many posts without the right secret.", retry_after=wait) from None
            self._failures.take(client, now)
            raise Problem(401, str(wrong), headers={"WWW-Authenticate": provider.scheme}) from None

    def _times(self) -> set[datetime]:
        machine = self._clock.machine_now()
        return {machine, self._clock.now()} if self._clock.rehearsing else {machine}
