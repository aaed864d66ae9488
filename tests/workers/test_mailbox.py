"""The mailbox of bounces: emptied into the inbox, each message deleted only when it is safe."""

from collections.abc import Iterator
from dataclasses import replace
from types import SimpleNamespace
from unittest.mock import patch

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from adapters.broker.queues import QUEUES, QueueState
from adapters.database.engine import DatabaseUnavailable
from adapters.database.tables import EnvelopeRow
from adapters.imap import MailboxUnavailable
from tests.house import House
from tests.servers.imap import Mailbox, a_mailbox
from workers import housekeeping
from workers import mailbox as taking
from workers.app import EMPTY_MAILBOX
from workers.housekeeping import Housekeeper
from workers.mailbox import empty, receive

ONE, TWO = b"Subject: one\r\n\r\n1\r\n", b"Subject: two\r\n\r\n2\r\n"


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with a_mailbox() as one:
        yield one


@pytest.fixture(autouse=True)
def _nobody_is_told() -> Iterator[None]:
    """There is no broker here; the sweep finds what no message has told of."""
    with patch.object(taking, "enqueue"):
        yield


def with_mailbox(house: House, mailbox: Mailbox, folder: str | None = None) -> House:
    settings = house.toolbox.settings.model_copy(update={"bounces_imap_url": SecretStr(mailbox.url(folder))})
    return replace(house, toolbox=replace(house.toolbox, settings=settings))


def kept(house: House) -> list[EnvelopeRow]:
    with house.toolbox.database.read() as session:
        return list(session.scalars(select(EnvelopeRow).order_by(EnvelopeRow.machine_received)))


def test_without_a_setting_there_is_nothing_to_look_into(house: House) -> None:
    assert empty(house.toolbox) == 0


def test_what_is_in_the_mailbox_is_kept_and_then_deleted(house: House, mailbox: Mailbox) -> None:
    mailbox.put(ONE, TWO)
    assert empty(with_mailbox(house, mailbox).toolbox) == 2
    assert [(row.source, row.conference, row.state) for row in kept(house)] == [("bounce", "mail", "received")] * 2
    assert mailbox.messages == {}
    assert mailbox.heard == [
        "CAPABILITY", "LOGIN", 'SELECT "INBOX"', "CAPABILITY", "SEARCH UNDELETED",
        "FETCH 1 (BODY.PEEK[]<0.262144>)", r"STORE 1 +FLAGS.SILENT (\Deleted)", "EXPUNGE 1",
        "FETCH 2 (BODY.PEEK[]<0.262144>)", r"STORE 2 +FLAGS.SILENT (\Deleted)", "EXPUNGE 2", "LOGOUT",
    ]  # fmt: skip


def test_a_part_of_many_is_taken_and_the_rest_the_next_time(house: House, mailbox: Mailbox) -> None:
    mailbox.put(ONE, TWO)
    toolbox = with_mailbox(house, mailbox).toolbox
    assert [empty(toolbox, 1), empty(toolbox, 1), empty(toolbox, 1)] == [1, 1, 0]


def test_a_server_that_cannot_remove_one_alone_is_left_to_remove_what_is_marked(house: House, mailbox: Mailbox) -> None:
    mailbox.capabilities = "IMAP4rev1"
    mailbox.put(ONE)
    toolbox = with_mailbox(house, mailbox).toolbox
    assert [empty(toolbox), empty(toolbox)] == [1, 0]
    assert (mailbox.marked, len(kept(house))) == ({1}, 1)


def test_a_server_that_says_by_itself_what_it_can_do_is_understood_too(house: House, mailbox: Mailbox) -> None:
    mailbox.says_at_login = True
    mailbox.put(ONE)
    assert empty(with_mailbox(house, mailbox).toolbox) == 1
    assert mailbox.messages == {}


def test_only_the_beginning_of_a_large_message_is_fetched(house: House, mailbox: Mailbox) -> None:
    mailbox.put(b"Subject: large\r\n\r\n" + b"x" * 1_000_000)
    empty(with_mailbox(house, mailbox).toolbox)
    (row,) = kept(house)
    assert 256 * 1024 < len(row.sealed_body) < 257 * 1024


@pytest.mark.parametrize("command", ["LOGIN", "SELECT", "SEARCH", "FETCH"])
@pytest.mark.parametrize("how", ["deaf", "cut"])
def test_a_mailbox_that_cannot_be_read_says_no_more_than_that(
    house: House, mailbox: Mailbox, command: str, how: str
) -> None:
    mailbox.put(ONE)
    getattr(mailbox, how).add(command)
    with pytest.raises(MailboxUnavailable) as refusal:
        empty(with_mailbox(house, mailbox).toolbox)
    assert "not now" not in str(refusal.value)
    assert (kept(house), mailbox.messages) == ([], {1: ONE})


def test_a_folder_that_is_not_there_is_said(house: House, mailbox: Mailbox) -> None:
    with pytest.raises(MailboxUnavailable, match="no such folder"):
        empty(with_mailbox(house, mailbox, "Elsewhere").toolbox)


@pytest.mark.parametrize("command", ["STORE", "EXPUNGE"])
def test_what_could_not_be_deleted_is_not_taken_twice(house: House, mailbox: Mailbox, command: str) -> None:
    mailbox.put(ONE)
    mailbox.cut.add(command)
    with pytest.raises(MailboxUnavailable):
        empty(with_mailbox(house, mailbox).toolbox)
    mailbox.cut.clear()
    mailbox.marked.clear()
    assert empty(with_mailbox(house, mailbox).toolbox) == 1
    assert (len(kept(house)), mailbox.messages) == (1, {})


def test_what_cannot_be_kept_stays_in_the_mailbox(house: House, mailbox: Mailbox) -> None:
    mailbox.put(ONE)
    with (
        patch.object(type(house.toolbox.database), "write", side_effect=DatabaseUnavailable("away")),
        pytest.raises(DatabaseUnavailable),
    ):
        empty(with_mailbox(house, mailbox).toolbox)
    assert (mailbox.messages, mailbox.marked) == ({1: ONE}, set())


def test_the_clock_has_the_mailbox_emptied_once_a_minute_where_there_is_one(house: House, mailbox: Mailbox) -> None:
    told: list[str] = []
    queues = tuple(QueueState(name, 0, None) for name in QUEUES)
    with (
        patch.object(housekeeping, "broker_state", return_value=SimpleNamespace(queues=queues)),
        patch.object(housekeeping, "enqueue", side_effect=lambda task, *_, **__: told.append(task)),
        patch.object(housekeeping, "enqueue_all"),
    ):
        for toolbox in (house.toolbox, with_mailbox(house, mailbox).toolbox):
            keeper = Housekeeper(toolbox)
            keeper.tick()
            keeper.tick()
    assert told.count(EMPTY_MAILBOX) == 1


def test_a_report_that_comes_twice_is_one(house: House) -> None:
    first, second = (
        receive(house.toolbox, ONE),
        receive(house.toolbox, b"From MAILER-DAEMON Tue Jun  1 09:30:00 2021\n" + ONE),
    )
    assert (second.id, second.duplicate) == (first.id, True)


def test_an_address_that_could_be_more_than_one_line_is_not_written_into_the_report(house: House) -> None:
    first, second = receive(house.toolbox, ONE), receive(house.toolbox, ONE, "a@example.org\r\nX-Evil: 1")
    assert second.id == first.id
