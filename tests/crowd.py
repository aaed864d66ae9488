"""Many people at once, written straight into the database: for measurements, and for killing what delivers to them."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import cycle, islice
from typing import Any, Literal

from sqlalchemy import insert

from adapters.database.tables import LetterRow, ParticipantRow, RegistrationRow
from adapters.toolbox import Toolbox
from schemas.participant import Profile

SESSION = "survivor-voices"
CONFERENCE = "alliance-2021"
PEOPLE = (
    ("en", "Europe/Vienna", "Person Number {}"), ("de", "Europe/Berlin", "Jürgen Größer {}"),
    ("fr", "Europe/Paris", "Amélie Noël-Îlot {}"), ("ru", "Europe/Kyiv", "Ольга Петренко {}"),
    ("it", "America/New_York", "Niccolò d'Elsa {}"), ("es", "America/Lima", "Íñigo Núñez Peña {}"),
)  # fmt: skip
NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def gather(toolbox: Toolbox, number: int, kind: Literal["reminder", "invitation"], *, first: int = 0) -> None:
    """So many people in six languages, each registered with a link of their own, and each with a letter that is due."""
    people = list(islice(_people(toolbox, kind, first), number))
    with toolbox.database.write() as session:
        for place, table in enumerate((ParticipantRow, RegistrationRow, LetterRow)):
            session.connection().execute(insert(table), [one[place] for one in people])


def _people(toolbox: Toolbox, kind: str, first: int) -> Iterator[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]]:
    now, vault = toolbox.clock.now(), toolbox.vault
    for number, (language, zone, name) in enumerate(cycle(PEOPLE), first):
        person, place, letter = (f"{kind}_{number:026}" for kind in ("par", "reg", "let"))
        address, profile = f"person{number}@ngo.example.org", Profile(full_name=name.format(number))
        yield (
            {
                "id": person, "conference": CONFERENCE, "address_index": vault.index("participants.address", address),
                "sealed_address": vault.seal(f"participants:{person}:address", address.encode()),
                "sealed_profile": vault.seal(f"participants:{person}:profile", profile.model_dump_json().encode()),
                "language": language, "time_zone": zone, "visibility": "standard", "submissions": 1,
                "reminders_version": 1,  # as if planned: a clock that runs leaves these letters as they are
                "machine_said": now, "created_at": now,
            },
            {
                "id": place, "participant_id": person, "conference": CONFERENCE, "session": SESSION,
                "state": "registered", "attendance": "online", "interpretation": "ru", "link": "present",
                "sealed_join_link": vault.seal(f"registrations:{place}:join_link", b"https://zoom.example.org/w/1"),
                "revision": 1, "told_revision": 1, "sequence": 0, "changes": [], "entry": "requested",
                "created_at": now, "changed_at": now, "machine_said": now, "machine_queued": now, "join_version": 1,
            },
            {
                "id": letter, "participant_id": person, "conference": CONFERENCE, "kind": kind, "about": SESSION,
                "revision": 1, "sessions": [SESSION], "changes": [],
                "message_id": f"<{letter}@convenor.example.org>",
                **({"method": "REQUEST", "sequence": 0, "dtstamp": now} if kind == "invitation" else {}),
                "due_at": now - timedelta(minutes=5), "not_after": now + timedelta(hours=1), "state": "planned",
                "tries": 0, "created_at": now,
            },
        )  # fmt: skip
