"""One id, the receipt that the sender was given, leads through the log from the webhook to the mail server."""

import json
from email import message_from_bytes
from typing import Any

from sqlalchemy import select

from adapters.database.tables import LetterRow
from config.logging import FIELDS
from tests.journeys.town import Town, eventually


def lines(town: Town) -> list[dict[str, Any]]:
    """Whole lines of the log, as the parts have said them."""
    said = town.log().splitlines(keepends=True)
    return [json.loads(line) for line in said if line.startswith("{") and line.endswith("}\n")]


def about(town: Town, receipt: str) -> list[dict[str, Any]]:
    """The lines that one search for the receipt finds."""
    return [line for line in lines(town) if receipt in json.dumps(line)]


def test_one_search_in_the_log_leads_from_the_door_to_the_mail_server(town: Town) -> None:
    receipt = town.register(1)
    eventually(lambda: any("went" in line for line in about(town, receipt)))
    with town.toolbox.database.read() as session:
        (letter,) = session.scalars(select(LetterRow).where(LetterRow.cause == receipt, LetterRow.state == "sent"))
    door, task, *_, mail = about(town, receipt)
    assert (door["part"], door["event"], door["envelope"]) == ("web", "received", receipt)
    assert (task["part"], task["event"], task["envelope"]) == ("worker", "accepted", receipt)
    assert task["participant"] == letter.participant_id
    assert (mail["part"], f"{letter.id}:{receipt}" in mail["went"]) == ("worker", True)
    caught = [message_from_bytes(file.read_bytes()) for file in town.catcher.caught]
    assert [message["Message-ID"] for message in caught] == [letter.message_id]
    assert {name for line in lines(town) for name in line} <= FIELDS
    assert not any("dropped" in line for line in lines(town))
