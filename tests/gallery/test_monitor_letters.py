"""The monitor's pages of letters, submissions and pauses in a browser: on a telephone, light and dark, read by axe."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.async_api import Route
from sqlalchemy import update

from adapters.database.tables import LetterRow
from tests.gallery.browser import Browser, Scheme
from tests.gallery.street import HOME, Street, a_street
from tests.gallery.test_pages import LOW, SMALL, both_schemes
from tests.house import OLGA
from workers.pauses import Pauser

EVIL = '"><script>x()</script>'


@dataclass
class Trouble:
    """A street on which some things did not go well: letters that failed, a submission that was rejected, a pause."""

    street: Street
    rejected: str

    async def serve(self, route: Route) -> bool:
        """Answer a request to the house; `…/opened` is asked for with its form."""
        address = route.request.url
        if not address.endswith("/opened"):
            return await self.street.serve(route)
        client = self.street.client
        page = await client.get(address.removesuffix("/opened"))
        token = re.findall(r'name="token" value="([^"]+)"', page.text)[-1]
        answer = await client.post(address, data={"token": token, "reason": "They called"})
        await route.fulfill(status=answer.status_code, headers=dict(answer.headers), body=answer.content)
        return True


@pytest.fixture(scope="module")
def trouble(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trouble]:
    with a_street(tmp_path_factory.mktemp("trouble"), "en") as street:
        house = street.house
        house.process(house.receive(OLGA))
        (letter,) = [one.id for one in house.outbox("invitation") if one.state == "planned"]
        with house.toolbox.database.write() as session:
            for values in ({"state": "claimed"}, {"state": "failed", "reason": "smtp-550-5.1.1", "tries": 1}):
                session.execute(update(LetterRow).where(LetterRow.id == letter).values(**values))
        rejected = house.register(OLGA | {"email": "b@example.org", "sessions": ["nowhere"], "organisation": EVIL})
        Pauser(house.toolbox).pause("mail", "admin:ada", "Wrong hall")
        street.log_in()
        yield Trouble(street, rejected)


@both_schemes
@pytest.mark.parametrize(
    "page", ["outbox", "failures", "failures/replay?state=failed&reason=smtp-550-5.1.1", "inbox", "inbox/replay",
             "inbox/{rejected}", "inbox/{rejected}/opened", "pauses"],
)  # fmt: skip
def test_a_page_is_sound(browser: Browser, trouble: Trouble, page: str, scheme: Scheme) -> None:
    browser.make(360, scheme)
    browser.visit(f"{HOME}/admin/{page.format(rejected=trouble.rejected)}", trouble.serve)
    assert browser.faults("en", small=SMALL, low=LOW) + browser.violations() + browser.asked == []


def test_the_buttons_of_the_outbox_are_reached_by_the_keyboard_alone(browser: Browser, trouble: Trouble) -> None:
    browser.make(360, "light")
    browser.visit(f"{HOME}/admin/outbox?state=failed", trouble.serve)
    assert {"Show", "Try now", "Hold", "Release", "Send again what failed or is held …"} <= set(browser.tabbed(40))
