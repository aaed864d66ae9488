"""The own page in a running town: what is changed there is so when the page comes back, and leaves no trace."""

import re
from email import message_from_bytes, policy

import httpx2
import pytest

from tests.journeys.test_privacy import MARKED, dump, holds_a_marker
from tests.journeys.town import Town, eventually


@pytest.fixture
def page(town: Town) -> str:
    """The address of somebody's own page, as their invitation has it."""
    town.register(1, **MARKED)
    eventually(lambda: len(town.catcher.caught) == 1)
    message = message_from_bytes(town.catcher.caught[0].read_bytes(), policy=policy.default)
    text = message.get_body(("plain",))
    assert text is not None
    (found,) = re.findall(rf"{town.address}/r/[^\s/]+(?=\s)", text.get_content())
    return str(found)


def done(page: str, **said: str) -> str:
    """The page that follows a form, in one go as a browser does it."""
    answer = httpx2.post(page, data=said, follow_redirects=True, timeout=20)
    assert answer.status_code == 200
    assert not holds_a_marker(str(answer.url).encode())
    return answer.text


def test_what_is_done_on_the_own_page_is_so_when_it_comes_back_and_leaves_no_trace(
    town: Town, page: str, database_url: str
) -> None:
    httpx2.get(page)
    shown = done(page, do="withdraw", session="survivor-voices", nonce="1")
    assert "Your change has been made." in shown
    assert "You are not registered for any session to come." in shown
    (envelope,) = re.findall(r'name="of" value="(env_\w+)"', shown)
    assert "You are registered to attend online." in done(page, do="undo", of=envelope, nonce="2")
    done(page, do="prefer", alias="Quixotica Other", language="fr", nonce="3")
    (feed,) = re.findall(r"<code>(\S+\.ics)</code>", httpx2.get(page).text)
    assert httpx2.get(feed).text.count("BEGIN:VEVENT") == 1
    eventually(lambda: any(b"Content-Language: fr" in file.read_bytes() for file in town.catcher.caught))
    token = page.rpartition("/")[2]
    log = town.log()
    assert not holds_a_marker(log.encode())
    assert token not in log
    assert feed.rpartition("/")[2] not in log
    assert not holds_a_marker(dump(town, database_url))
