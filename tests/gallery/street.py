"""The house's own pages for the browser: served in this process, of a house in which somebody has registered."""

import asyncio
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
from playwright.async_api import Route

from cli.hands import hands_of
from cli.preview.personas import PERSONAS
from tests.house import House, a_house
from web.app import create_app
from workers.accounts import Warden

HOME = "http://127.0.0.1:8080"
PASSWORD = "four invented words together"
EARLY, OPEN = "2021-06-10T09:00:00+02:00", "2021-06-15T17:50:00+02:00"
"""Days before the session, and ten minutes: then the page for joining has its button."""


@dataclass
class Street:
    """A house, its pages by their names, and how a browser gets them."""

    house: House
    client: httpx2.AsyncClient
    join: dict[str, str]
    own: dict[str, str]

    async def serve(self, route: Route) -> bool:
        """Answer a request to the house; others are not ours."""
        if not route.request.url.startswith(HOME):
            return False
        answer = await self.client.get(route.request.url)
        await route.fulfill(status=answer.status_code, headers=dict(answer.headers), body=answer.content)
        return True

    def log_in(self, name: str = "admin") -> None:
        """Be an admin from now on; or `olena`, who has still to set up an authenticator app."""
        asyncio.run(self._log_in(name))

    async def _log_in(self, name: str) -> None:
        page = await self.client.get("/admin/login")
        (token,) = re.findall(r'name="token" value="([^"]+)"', page.text)
        said = {"token": token, "name": name, "password": PASSWORD}
        answer = await self.client.post("/admin/login", data=said)
        assert answer.headers["location"] in {"/admin/", "/admin/login/second"}


@contextmanager
def a_street(folder: Path, *languages: str) -> Iterator[Street]:
    """A house in which one person for each of these languages has registered for the survivors' session."""
    with a_house(folder, f"sqlite:///{folder}/convenor.db") as house:
        warden = Warden(house.toolbox)
        warden.create("admin", "admin", PASSWORD, "cli:test", totp="never")
        warden.create("olena", "operator", PASSWORD, "cli:test", totp="at-login")
        join = {language: _registered(house, language) for language in languages}
        own = {language: _discreet(house, language) for language in languages}
        app = create_app(house.toolbox, lambda _task, *_ids: None, hands_of(house.toolbox))
        client = httpx2.AsyncClient(transport=httpx2.ASGITransport(app=app), base_url=HOME,
                                    headers={"origin": HOME})  # fmt: skip
        yield Street(house, client, join, own)
        asyncio.run(client.aclose())


def _registered(house: House, language: str) -> str:
    """The address of the join page of somebody who reads this language, as the invitation has it."""
    house.register({
        "full_name": PERSONAS[0].full_name, "email": f"ines.{language}@ngo.example.org", "language": language,
        "time_zone": PERSONAS[0].time_zone, "sessions": ["survivor-voices"], "interpretation": "es",
    })  # fmt: skip
    (address,) = re.findall(rf"{HOME}/j/\S+", house.mail[-1].text)
    return str(address)


def _discreet(house: House, language: str) -> str:
    """The address of the own page of somebody who reads this language, is registered for several sessions, and wants
    discreet letters."""
    house.register({
        "full_name": PERSONAS[0].full_name, "email": f"own.{language}@ngo.example.org", "language": language,
        "time_zone": "America/New_York", "sessions": ["survivor-voices", "day-1", "day-2"], "interpretation": "es",
        "visibility": "discreet",
    })  # fmt: skip
    (address,) = set(re.findall(rf"{HOME}/r/[^\s/]+(?=\s)", house.mail[-1].text))
    return str(address)
