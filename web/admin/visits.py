"""Visits to the monitor: every page and every button goes through here, and through nothing else.

A page says which right it takes; whoever is not logged in is sent to the login, whoever lacks the right is refused, and
a form that is not of a page of ours is refused before anybody reads what it says.
"""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from adapters.database.logins import Login
from adapters.database.tables import PauseRow
from domain.roles import Right, may
from web.admin.gate import HEADERS, Gate
from web.pages import Pages
from web.problems import Problem


class Place(NamedTuple):
    """An entry of the menu: a path below `/admin`, what it is called, and the right that it takes."""

    path: str
    name: str
    right: Right


MENU: Final = (
    Place("/", "Today", "figures"),
    Place("/participants", "Participants", "masked"),
    Place("/outbox", "Outbox", "masked"),
    Place("/failures", "Failures", "figures"),
    Place("/inbox", "Inbox", "masked"),
    Place("/queues", "Queues", "figures"),
    Place("/pauses", "Pauses", "figures"),
    Place("/interpretation", "Interpretation", "figures"),
    Place("/zoom", "Zoom", "figures"),
    Place("/figures", "Figures", "figures"),
    Place("/programmes", "Programmes", "programme"),
    Place("/places", "Places", "correct"),
    Place("/audit", "Audit", "audit"),
    Place("/accounts", "Accounts", "accounts"),
)


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of somebody who is logged in and may make it. `form`: what was posted, of a page of ours. `paused`:
    what a person has paused; every page says so."""

    request: Request
    login: Login
    form: FormData
    _gate: Gate
    _pages: Pages
    paused: Sequence[PauseRow]

    @property
    def who(self) -> str:
        """As audits name them."""
        return f"admin:{self.login.name}"

    def may(self, right: Right) -> bool:
        """Whether they have a further right."""
        return may(self.login.role, right)

    @property
    def menu(self) -> list[Place]:
        """Where they may go."""
        return [one for one in MENU if self.may(one.right)]

    def said(self, field: str) -> str:
        """What was typed into a field, without the blanks around it; empty where there is none."""
        return str(self.form.get(field, "")).strip()

    def page(self, template: str, status: int = 200, /, **context: Any) -> Response:  # noqa: ANN401 - a template takes what it takes
        """A page of the monitor, `templates/web/admin/TEMPLATE.html`, with its frame."""
        return self._pages.page(
            f"admin/{template}.html", status, HEADERS, token=self._gate.badges.token(self.login.id),
            name=self.login.name, here=self.request.url.path, menu=self.menu, may=self.may, paused=self.paused,
            **context,
        )  # fmt: skip

    def to(self, path: str) -> Response:
        """Off to another page, below `/admin`, after something was done (303)."""
        return RedirectResponse(f"{self._pages.base}/admin{path}", 303)


Handler = Callable[[Visit], Awaitable[Response]]


class Page(Route):
    """A page of the monitor, and what it takes to read it and to post to it; None where nothing can be posted."""

    right: Right
    posts: Right | None


class Visits:
    """Makes routes out of handlers."""

    def __init__(self, gate: Gate, pages: Pages, paused: Callable[[], Awaitable[Sequence[PauseRow]]]) -> None:
        self._gate, self._pages = gate, pages
        self._paused = paused

    def route(self, path: str, handler: Handler, *, right: Right, posts: Right | None = None) -> "Page":
        """A page below `/admin` that takes `right` to be read and, where something can be posted to it, `posts`."""

        async def answer(request: Request) -> Response:
            login = await self._gate.expect(request)
            if isinstance(login, Response):
                return login
            asks_for = posts if request.method == "POST" and posts else right
            if not may(login.role, asks_for):
                raise Problem(403, "Your role does not allow this.")
            form = await self._gate.form(request, login.id) if request.method == "POST" else FormData()
            _check_text(request, form)
            return await handler(Visit(request, login, form, self._gate, self._pages, await self._paused()))

        page = Page(path, answer, methods=["GET", "POST"] if posts else ["GET"])
        page.right, page.posts = right, posts
        return page


def _check_text(request: Request, form: FormData) -> None:
    """Nothing of ours has a NUL in it, and PostgreSQL takes none: it would answer as if it were not well."""
    if _has_nul(request.path_params.values()):
        raise Problem(404, "There is nothing at this address.")
    if _has_nul(request.query_params.values()) or _has_nul(one for _, one in form.multi_items()):
        raise Problem(400, "This cannot be read.")


def _has_nul(said: Iterable[object]) -> bool:
    return any(isinstance(one, str) and "\0" in one for one in said)
