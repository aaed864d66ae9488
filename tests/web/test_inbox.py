"""Row first, queue second: what is taken is on disk before anybody is told so, and once."""

import asyncio
import json
from collections.abc import Sequence
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import Connection

from adapters.database import envelopes
from adapters.database.engine import DatabaseUnavailable
from adapters.database.envelopes import Arrival, Receipt
from adapters.database.tables import EnvelopeRow
from adapters.vault import Vault
from tests.web.conftest import Door, House
from tests.web.street import GOOGLE, HOOK, JSON, NOW, PAGE, native, signed, typed
from web.inbox import Inbox


def rows(house: House) -> list[EnvelopeRow]:
    """All that is in the inbox, the newest first."""
    with house.toolbox.database.read() as session:
        return envelopes.listed(session, states=("received",), limit=10)


def test_a_well_signed_post_is_sealed_committed_and_then_queued(door: Door, house: House) -> None:
    answer = door.post(HOOK, content=native(), headers=signed(native()))
    (row,) = rows(house)
    assert (answer.status_code, answer.json()) == (202, {"receipt": row.id})
    assert (row.conference, row.source, row.content_type, row.received_at) == ("rivers-2026", "standard", JSON, NOW)
    assert b"amina" not in row.sealed_body.lower()
    assert envelopes.opened(row, house.toolbox.vault).body == native()
    assert house.queued == [("intake.open_envelope", row.id)]


def test_a_repeat_gets_the_first_receipt_and_is_kept_once(door: Door, house: House) -> None:
    first = door.post(HOOK, content=native(), headers=signed(native()))
    later = NOW + timedelta(minutes=2)
    again = door.post(HOOK, content=native(), headers=signed(native(), at=later))
    assert again.json() == {"receipt": first.json()["receipt"], "duplicate": True}
    assert len(rows(house)) == 1


def test_one_webhook_id_at_two_sources_is_two_posts(door: Door, house: House) -> None:
    body = json.dumps({"type": "registration.submitted", "data": {"answers": []}}).encode()
    for address in (HOOK, GOOGLE):
        assert door.post(address, content=body, headers=signed(body)).status_code == 202
    assert {row.source for row in rows(house)} == {"standard", "google-forms"}


def test_what_cannot_be_committed_is_503_and_no_receipt_is_given(
    door: Door, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    door.post(HOOK, content=native(), headers=signed(native()))

    def locked(*_: object, **__: object) -> None:
        raise DatabaseUnavailable("OperationalError")

    monkeypatch.setattr(envelopes, "record_all", locked)
    answer = door.post(HOOK, content=native(), headers=signed(native(), name="msg_2"))
    assert (answer.status_code, answer.headers["retry-after"], "receipt" in answer.text) == (503, "30", False)
    assert len(house.queued) == 1


def test_a_database_that_is_gone_is_503(door: Door, house: House) -> None:
    door.post(HOOK, content=native(), headers=signed(native()))
    with house.toolbox.database.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE envelopes")
    assert door.post(HOOK, content=native(), headers=signed(native())).status_code == 503


def test_a_double_click_registers_once(door: Door, house: House) -> None:
    first, second = door.post(PAGE, data=typed()), door.post(PAGE, data=typed())
    assert first.headers["location"] == second.headers["location"]
    assert len(rows(house)) == 1


def test_the_same_page_sent_again_after_a_correction_is_not_lost(door: Door, house: House) -> None:
    door.post(PAGE, data=typed())
    door.post(PAGE, data=typed(sessions=["fish"]))
    assert len(rows(house)) == 2


def test_ids_that_wait_together_are_handed_over_in_few_messages(house: House) -> None:
    messages: list[tuple[str, ...]] = []
    inbox = Inbox(house.toolbox, lambda _task, *ids: messages.append(ids))

    async def knock(number: int) -> str:
        receipt = await inbox.record(conference="rivers-2026", source="standard", content_type=JSON, body=native(),
                                     delivery_id=f"msg_{number}")  # fmt: skip
        queueing = inbox.queueing(receipt)
        assert queueing is not None
        await queueing()
        return receipt.id

    async def rush() -> list[str]:
        return await asyncio.gather(*(knock(number) for number in range(30)))

    ids = asyncio.run(rush())
    assert (sorted(one for message in messages for one in message), len(messages) < 10) == (sorted(ids), True)


def test_one_that_cannot_be_kept_fails_alone_and_its_neighbours_are_kept(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    inbox, keep = Inbox(house.toolbox, lambda *_: None), envelopes.record_all

    def fail_for_one(connection: Connection, vault: Vault, arrivals: Sequence[Arrival]) -> list[Receipt]:
        if any(one.delivery_id == "msg_3" for one in arrivals):
            raise ValueError("not this one")
        return keep(connection, vault, arrivals)

    monkeypatch.setattr(envelopes, "record_all", fail_for_one)

    async def knock() -> list[Receipt | BaseException]:
        return await asyncio.gather(
            *(inbox.record(conference="rivers-2026", source="standard", content_type=JSON, body=native(),
                           delivery_id=f"msg_{number}") for number in range(8)),
            return_exceptions=True,
        )  # fmt: skip

    found = asyncio.run(knock())
    assert [number for number, one in enumerate(found) if not isinstance(one, Receipt)] == [3]
    assert {one.id for one in found if isinstance(one, Receipt)} == {row.id for row in rows(house)}


def test_repeats_that_wait_together_are_one_envelope_and_get_one_receipt(house: House) -> None:
    inbox = Inbox(house.toolbox, lambda *_: None)
    record = partial(
        inbox.record, conference="rivers-2026", source="standard", content_type=JSON, body=native(),
    )  # fmt: skip

    async def knock() -> list[Receipt]:
        return await asyncio.gather(*(record(delivery_id=f"msg_{number % 2}") for number in range(20)))

    receipts = asyncio.run(knock())
    assert {one.id for one in receipts} == {row.id for row in rows(house)}
    assert [one.duplicate for one in receipts].count(False) == len(rows(house)) == 2


def test_a_group_of_known_and_new_posts_gives_each_its_own_receipt(house: House) -> None:
    inbox = Inbox(house.toolbox, lambda *_: None)
    record = partial(
        inbox.record, conference="rivers-2026", source="standard", content_type=JSON, body=native(),
    )  # fmt: skip

    async def knock() -> tuple[Receipt, list[Receipt]]:
        known = await record(delivery_id="msg_1")
        return known, await asyncio.gather(*(record(delivery_id=f"msg_{number}") for number in range(3)))

    known, group = asyncio.run(knock())
    assert [one.duplicate for one in group] == [False, True, False]
    assert (group[1].id, {one.id for one in group}) == (known.id, {row.id for row in rows(house)})
