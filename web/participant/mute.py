"""`/u/{token}`: mute reminders, or have them again. Invitations, changes and withdrawals are not muted.

GET changes nothing (mail scanners follow links); POST does, at once, without a cookie and without a redirect, as mail
programs do it with one click (RFC 8058, 3.1). Doing it twice is doing it once, and it can be undone on the same page.
"""

from functools import partial

import structlog
from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import Response

from adapters.database import participants
from adapters.tokens import MuteTokens
from adapters.toolbox import Toolbox
from web.bodies import form_of
from web.inbox import Inbox
from web.pages import Pages
from web.participant.language import language_of
from web.participant.refusals import NOINDEX
from web.problems import Problem

log = structlog.get_logger(__name__)


class Mute:
    """`GET`, `POST /u/{token}`."""

    def __init__(self, toolbox: Toolbox, inbox: Inbox, pages: Pages) -> None:
        self._toolbox = toolbox
        self._inbox = inbox
        self._pages = pages
        self._tokens = MuteTokens(toolbox.vault)

    async def answer(self, request: Request) -> Response:
        """The page, or what was asked for on it."""
        participant = self._tokens.participant(request.path_params["token"])
        if participant is None:
            raise Problem(404, "This address is not complete. Please copy it whole from the letter.")
        muted, language = await self._inbox.ask(partial(self._known, participant))
        if request.method == "POST":
            muted = (await form_of(request)).get("reminders") != "on"
            await self._inbox.write(partial(self._mute, participant=participant, muted=muted))
            log.info("reminders muted" if muted else "reminders wanted again", participant=participant)
        return self._pages.page("mute.html", 200, NOINDEX, language=language or language_of(request, "en"), muted=muted)

    def _known(self, participant: str) -> tuple[bool, str | None]:
        """Whether reminders are muted, and the language of this person's letters."""
        with self._toolbox.database.read() as session:
            return participants.is_muted(session, participant), participants.language(session, participant)

    def _mute(self, session: Session, *, participant: str, muted: bool) -> None:
        participants.mute(session, participant, self._toolbox.clock.now() if muted else None)
