"""The digest of a plan, by which it is applied. Its three parts let a refusal say what has changed since: the version
in force, the new document, and all that would become of everybody's registrations, letters and reminders.
"""

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date, time
from hashlib import sha256

from domain.plans.decisions import Decision, Told


def digest_of(version: int, document: str, decisions: Iterable[Decision], refusals: Iterable[str]) -> str:
    """`version` is the one in force, `document` the new programme as it will be kept."""
    decided = [
        [each.person, each.language, [_written(one) for one in each.told], [asdict(one) for one in each.steps]]
        for each in decisions
    ]
    return f"v{version}.{_sum(document)[:12]}.{_sum([decided, list(refusals)])[:24]}"


def why_stale(given: str, now: str) -> str | None:
    """What has changed since the plan of the digest `given` was shown, as a sentence; None where nothing has."""
    if given == now:
        return None
    before, after = given.split("."), now.split(".")
    if len(before) != len(after):
        return "This is not the digest of a plan. Make the plan, and give the digest that it ends with."
    if before[0] != after[0]:
        return "Another version of the programme has been put in force since the plan was made."
    if before[1] != after[1]:
        return "The file has been edited since the plan was made."
    return "Registrations, letters or reminders have changed since the plan was made: others would be told."


def plain(value: object) -> str:
    """A value that JSON has not: instants, dates and hours as ISO 8601 has them."""
    return value.isoformat() if isinstance(value, (date, time)) else str(value)


def _written(one: Told) -> list[object]:
    """How the registration stands then, and what is told of it; not the moment at which the letter is due."""
    word = one.word
    kind = None if word is None or word.letter is None else word.letter.kind
    return [asdict(one.place), one.waits, kind, [] if word is None else word.withheld]


def _sum(value: object) -> str:
    return sha256(json.dumps(value, sort_keys=True, default=plain, ensure_ascii=False).encode()).hexdigest()
