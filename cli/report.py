"""What came of a rehearsal: the manifest of its messages, and a table per session."""

import json
from collections import Counter
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import Any, cast

from sqlalchemy import select

from adapters.database import participants, registrations
from adapters.database.tables import LetterRow, ParticipantRow
from adapters.toolbox import Toolbox
from cli.tables import Row
from domain.letters.kinds import in_manifest
from domain.letters.model import LetterKind
from schemas.programme import Conference

COLUMNS = (
    "session", "registered", "invitation", "update", "cancellation", "withdrawal", "week-digest", "digest", "reminder",
)  # fmt: skip


def manifest(toolbox: Toolbox, out: Path, caught: tuple[Path, ...]) -> list[dict[str, Any]]:
    """Write `out/manifest.json`, in the order in which the mail server took the messages, and return it."""
    with toolbox.database.read() as session:
        rows = {row.message_id: row for row in session.scalars(select(LetterRow).where(LetterRow.state == "sent"))}
        people = {
            row.id: participants.opened(row, toolbox.vault)
            for row in session.scalars(select(ParticipantRow))
        }  # fmt: skip
    entries = []
    for file in caught:
        message = message_from_bytes(file.read_bytes())
        row = rows[str(message["Message-ID"])]
        entries.append(_entry(file, message, row, people[row.participant_id]))
    (out / "manifest.json").write_text(json.dumps(entries, indent=1, ensure_ascii=False), "utf-8")
    return entries


def _entry(file: Path, message: Message, row: LetterRow, person: participants.Participant) -> dict[str, Any]:
    assert row.sent_at is not None, "only sent letters are listed"  # noqa: S101 - a constraint of the table
    return {
        "file": f"messages/{file.name}",
        "kind": in_manifest(cast("LetterKind", row.kind)),
        "letter": row.kind,
        "to": person.address,
        "participant": row.participant_id,
        "conference": row.conference,
        "sessions": row.sessions,
        "language": str(message["Content-Language"]),
        "visibility": person.visibility,
        "sent_at": row.sent_at.isoformat(),
        "sequence": row.sequence,
    }


def per_session(toolbox: Toolbox, conference: Conference, entries: list[dict[str, Any]]) -> list[Row]:
    """One row per session: who is registered, and how many letters of each kind spoke of it."""
    with toolbox.database.read() as session:
        registered = registrations.registered(session, conference.id)
    spoken: Counter[tuple[str, str]] = Counter()
    for entry in entries:
        spoken.update((one, entry["letter"]) for one in entry["sessions"])
    return [
        {"session": one.id, "registered": registered.get(one.id, 0)}
        | {kind: spoken[one.id, kind] for kind in COLUMNS[2:]}
        for one in conference.sessions
    ]
