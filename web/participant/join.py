"""`/j/{token}`: the join page. From a quarter of an hour before the start it has one button, which leads to Zoom.

GET changes nothing and never holds the link: mail scanners follow addresses, and learn what a letter says. POST
answers with the link, any number of times, and changes nothing either. There are no cookies.
"""

from functools import partial

from sqlalchemy.orm import Session
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from adapters.database import registrants, registrations, zoom_events
from adapters.database.tables import ParticipantRow, RegistrationRow, ZoomEventRow
from adapters.tokens import JoinTokens
from adapters.toolbox import Toolbox
from web.inbox import Inbox
from web.pages import Pages
from web.participant.place import Place, place_of
from web.participant.refusals import NOINDEX, refused, unknown
from web.problems import Problem
from web.safety import CSP, policy


class Join:
    """`GET`, `POST /j/{token}`."""

    def __init__(self, toolbox: Toolbox, inbox: Inbox, pages: Pages) -> None:
        self._toolbox = toolbox
        self._inbox = inbox
        self._pages = pages
        self._tokens = JoinTokens(toolbox.vault)

    async def answer(self, request: Request) -> Response:
        """The page as it stands now; 303 to Zoom for the button, while the door is open."""
        try:
            place = await self._inbox.ask(partial(self._find, request.path_params["token"]))
            if place is None:
                return unknown(self._pages, request, self._toolbox.settings.reply_to)
        except Problem as unavailable:
            return refused(self._pages, request, unavailable)
        if request.method == "POST" and place.link is not None:
            return RedirectResponse(place.link, 303, NOINDEX)
        leads_to = {} if place.link is None else {CSP: policy(*place.leads_to)}
        return self._pages.page(
            "join.html", 200, NOINDEX | leads_to, language=place.language, place=place, conference=place.conference,
            contact=place.contact,
        )  # fmt: skip

    def _find(self, token: str) -> Place | None:
        """What the token's registration says, with the link where the door is open; None for no token of ours."""
        known = self._tokens.registration(token)
        if known is None:
            return None
        registration_id, version = known
        with self._toolbox.database.read() as session:
            row = session.get(RegistrationRow, registration_id)
            return None if row is None or row.join_version != version else self._place(session, row)

    def _place(self, session: Session, row: RegistrationRow) -> Place | None:
        participant = session.get_one(ParticipantRow, row.participant_id)
        in_force = self._toolbox.shelf.get(session, row.conference)
        if in_force is None:
            return None
        settings, now = self._toolbox.settings, self._toolbox.clock.now()
        return place_of(
            in_force.conference, row, participant, now, self._pages.words, contact=settings.reply_to,
            is_there=registrants.leads_to_zoom(session, row.id),
            still_on=_still_on(zoom_events.of_session(session, row.conference, row.session)),
            link=partial(registrations.join_link, row, self._toolbox.vault),
        )  # fmt: skip


def _still_on(event: ZoomEventRow | None) -> bool:
    """Whether Zoom says that a session has begun, perhaps again, and not that it has ended."""
    if event is None or event.started_at is None:
        return False
    return event.ended_at is None or event.ended_at < event.started_at
