"""Visits to the monitor: every page and every button goes through here, and through nothing else.

A page says which right it takes; whoever is not logged in is sent to the login, whoever lacks the right is refused, and
a form that is not of a page of ours is refused before anybody reads what it says.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from starlette.datastructures import FormData
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from domain.roles import Right, may
from web.admin.badges import Badge
from web.admin.login import Login
from web.bodies import form_of
from web.pages import Pages
from web.problems import Problem


class Place(NamedTuple):
    """An entry of the menu: a path below `/admin`, what it is called, and the right that it takes."""

    path: str
    name: str
    right: Right


MENU: Final = (
    Place("/", "Today", "figures"),
    Place("/programmes", "Programmes", "programme"),
    Place("/places", "Places", "correct"),
)


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of somebody who is logged in and may make it. `form`: what was posted, of a page of ours."""

    request: Request
    badge: Badge
    form: FormData
    _login: Login
    _pages: Pages

    @property
    def who(self) -> str:
        """As audits name them."""
        return f"admin:{self.badge.name}"

    def may(self, right: Right) -> bool:
        """Whether they have a further right."""
        return may(self.badge.role, right)

    def said(self, field: str) -> str:
        """What was typed into a field, without the blanks around it; empty where there is none."""
        return str(self.form.get(field, "")).strip()

    def page(self, template: str, status: int = 200, /, **context: Any) -> Response:  # noqa: ANN401 - a template takes what it takes
        """A page of the monitor, `templates/web/admin/TEMPLATE.html`, with its frame."""
        return self._pages.page(
            f"admin/{template}.html", status, token=self._login.badges.token(self.badge), name=self.badge.name,
            here=self.request.url.path, menu=[one for one in MENU if self.may(one.right)], may=self.may, **context,
        )  # fmt: skip

    def to(self, path: str) -> Response:
        """Off to another page, below `/admin`, after something was done (303)."""
        return RedirectResponse(f"{self._pages.base}/admin{path}", 303)


Handler = Callable[[Visit], Awaitable[Response]]


class Visits:
    """Makes routes out of handlers."""

    def __init__(self, login: Login, pages: Pages) -> None:
        self._login, self._pages = login, pages

    def route(self, path: str, handler: Handler, *, right: Right, posts: Right | None = None) -> Route:
        """A page below `/admin` that takes `right` to be read and, where something can be posted to it, `posts`."""

        async def answer(request: Request) -> Response:
            badge = self._login.expect(request)
            if isinstance(badge, Response):
                return badge
            asks_for = posts if request.method == "POST" and posts else right
            if not may(badge.role, asks_for):
                raise Problem(403, "Your role does not allow this.")
            form = await self._form(request, badge) if request.method == "POST" else FormData()
            return await handler(Visit(request, badge, form, self._login, self._pages))

        return Route(path, answer, methods=["GET", "POST"] if posts else ["GET"])

    async def _form(self, request: Request, badge: Badge) -> FormData:
        form = await form_of(request)
        if not self._login.badges.is_of(badge, str(form.get("token", ""))):
            raise Problem(403, "This form is not of this page. Please go back and try again.")
        return form
