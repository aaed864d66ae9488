"""Mailboxes: that of bounces is emptied into the inbox, that of answers is looked through. Each message is deleted only
when it is safe."""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from types import SimpleNamespace
from unittest.mock import patch

import pytest
from pydantic import SecretStr
from sqlalchemy import select

from adapters.broker.queues import QUEUES, QueueState
from adapters.database.engine import DatabaseUnavailable
from adapters.database.tables import EnvelopeRow
from adapters.ids import entry_uid
from adapters.imap import MailboxUnavailable
from tests.domain.answers import samples
from tests.domain.bounces.samples import report, statuses
from tests.house import House
from tests.servers.imap import Mailbox, a_mailbox
from workers import housekeeping
from workers import mailbox as taking
from workers.app import EMPTY_MAILBOX
from workers.housekeeping import Housekeeper
from workers.mailbox import all_answers, empty, empty_mailbox, receive, receive_answer, sift

once = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For what no database decides."""

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


# The mailbox of answers, which people may read.

PERSON = samples.A_PERSON


def with_answers(house: House, mailbox: Mailbox, *, also_bounces: bool = False) -> House:
    url = SecretStr(mailbox.url())
    changes = {"answers_imap_url": url} | ({"bounces_imap_url": url} if also_bounces else {})
    settings = house.toolbox.settings.model_copy(update=changes)
    return replace(house, toolbox=replace(house.toolbox, settings=settings))


def entry(house: House, session_id: str = "survivor-voices") -> str:
    """The UID of a session's entry in calendars."""
    with house.toolbox.database.read() as session:
        in_force = house.toolbox.shelf.get(session, "alliance-2021")
    assert in_force is not None
    return entry_uid(house.toolbox.vault, "alliance-2021", session_id, in_force.calendar_domain)


def ours(house: House, raw: bytes = samples.THUNDERBIRD) -> bytes:
    """A sample that answers an entry of this house. UIDs are of one length, so that lines are folded alike."""
    uid = entry(house)
    return raw.replace(b"\r\n ", b"").replace(samples.UID.encode(), uid.encode())


@once
def test_only_answers_to_our_own_entries_are_taken_and_all_else_stays_unread(house: House, mailbox: Mailbox) -> None:
    mailbox.put(PERSON, ours(house), samples.OUT_OF_OFFICE, samples.THUNDERBIRD, samples.AN_INVITATION)
    toolbox = with_answers(house, mailbox).toolbox
    assert sift(toolbox) == (5, 1)
    assert list(mailbox.messages.values()) == [
        PERSON, samples.OUT_OF_OFFICE, samples.THUNDERBIRD, samples.AN_INVITATION,
    ]  # fmt: skip
    assert [(row.source, row.conference, row.state) for row in kept(house)] == [("answer", "mail", "received")]
    # Nothing was fetched of what is no calendar's, and nothing was marked.
    assert [one for one in mailbox.heard if one[:5] in {"FETCH", "STORE"}] == [
        "FETCH 1:5 (UID BODYSTRUCTURE)", "FETCH 2 (BODY.PEEK[]<0.262144>)", r"STORE 2 +FLAGS.SILENT (\Deleted)",
        "FETCH 4 (BODY.PEEK[]<0.262144>)", "FETCH 5 (BODY.PEEK[]<0.262144>)",
    ]  # fmt: skip


def test_what_was_looked_at_is_not_looked_at_again(house: House, mailbox: Mailbox) -> None:
    mailbox.put(PERSON, samples.THUNDERBIRD)
    toolbox = with_answers(house, mailbox).toolbox
    assert [sift(toolbox), sift(toolbox)] == [(2, 0), (0, 0)]
    first, second = (one for one in mailbox.heard if one.startswith("SEARCH"))
    assert re.fullmatch(r"SEARCH UNDELETED SINCE \d\d-[A-Z][a-z]{2}-\d{4}", first)  # no years of mail
    assert second == "SEARCH UNDELETED UID 3:*"
    mailbox.put(ours(house))
    assert [sift(toolbox), sift(toolbox)] == [(1, 1), (0, 0)]
    mailbox.validity += 1  # the server has numbered its messages anew
    assert sift(toolbox) == (2, 0)


@once
def test_a_long_mailbox_is_looked_through_in_turns(house: House, mailbox: Mailbox) -> None:
    mailbox.put(*[PERSON] * 5, ours(house))
    mailbox.by_literals = True
    toolbox = with_answers(house, mailbox).toolbox
    with patch.object(taking, "LOOKED_THROUGH_AT_ONCE", 2), patch.object(taking, "sift", partial(sift, limit=2)):
        assert all_answers(toolbox) == 1
    assert mailbox.heard.count("LOGIN") == 4


@once
def test_names_of_parts_may_be_said_as_literals(house: House, mailbox: Mailbox) -> None:
    mailbox.by_literals = True
    mailbox.put(PERSON, ours(house, samples.A_FILE_ALONE), PERSON)
    assert sift(with_answers(house, mailbox).toolbox) == (3, 1)


@once
@pytest.mark.parametrize("command", ["LOGIN", "SELECT", "SEARCH", "FETCH", "STORE"])
def test_what_could_not_be_looked_through_is_looked_at_again(house: House, mailbox: Mailbox, command: str) -> None:
    mailbox.put(PERSON, ours(house))
    mailbox.cut.add(command)
    toolbox = with_answers(house, mailbox).toolbox
    with pytest.raises(MailboxUnavailable):
        sift(toolbox)
    mailbox.cut.clear()
    mailbox.marked.clear()
    assert sift(toolbox)[1] == 1
    assert (len(kept(house)), mailbox.messages) == (1, {1: PERSON})


@once
def test_one_mailbox_for_both_is_read_once_and_sorted(house: House, mailbox: Mailbox) -> None:
    bounce = report(statuses("failed", "5.1.1"))
    mailbox.put(PERSON, ours(house), bounce, samples.OUT_OF_OFFICE)
    empty_mailbox_of(with_answers(house, mailbox, also_bounces=True))
    assert sorted(row.source for row in kept(house)) == ["answer", "bounce"]
    assert list(mailbox.messages.values()) == [PERSON, samples.OUT_OF_OFFICE]
    assert mailbox.heard.count("LOGIN") == 1


@once
def test_a_mailbox_that_is_away_keeps_nobody_from_the_other(house: House, mailbox: Mailbox) -> None:
    mailbox.put(ours(house))
    both = with_answers(with_mailbox(house, mailbox, "Elsewhere"), mailbox)
    empty_mailbox_of(both)
    assert [row.source for row in kept(house)] == ["answer"]


def empty_mailbox_of(house: House) -> None:
    with patch.object(taking, "tools", return_value=house.toolbox):
        empty_mailbox()


@once
def test_only_answers_are_kept_whichever_way_they_come(house: House) -> None:
    raw = ours(house)
    first, second = receive_answer(house.toolbox, raw), receive_answer(house.toolbox, b"From a@b Tue Jun  1\n" + raw)
    assert first is not None
    assert second is not None
    assert (second.id, second.duplicate) == (first.id, True)
    for other in samples.REFUSED.values():
        assert receive_answer(house.toolbox, other) is None
