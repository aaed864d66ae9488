"""Who registers in a storm, and what each of them says, when."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

CONFERENCE: Final = "alliance-2021"
SESSIONS: Final = ("survivor-voices", "community-policing", "cedaw-gr38")
_LANGUAGES: Final = ("en", "fr", "de", "it", "ru", "es")
_ZONES: Final = ("Europe/Vienna", "Europe/Kyiv", "America/New_York", "Asia/Tashkent")
_CHANGING, _LEAVING, _RETURNING = 0.35, 0.15, 0.3
_NOBODY: Final = 25
"""Every so many have given an address that does not exist."""

Kind = Literal["registration.submitted", "registration.withdrawn"]


@dataclass(frozen=True, slots=True)
class Saying:
    """One post of a person: its webhook id, what it says, and when, in seconds from the beginning, at the soonest."""

    id: str
    kind: Kind
    data: dict[str, Any]
    after: float


@dataclass(frozen=True, slots=True)
class Person:
    """Invented. `exists`: whether the mail server knows the address. `standing`: by session, whether they come in the
    end; of those they have withdrawn from, that they do not."""

    name: str
    address: str
    exists: bool
    sayings: tuple[Saying, ...]
    standing: dict[str, bool]


def name_of(number: int) -> str:
    """A name that is nobody else's, nor a part of one."""
    letters = ""
    for _ in range(4):
        number, rest = divmod(number, 26)
        letters = chr(ord("a") + rest) + letters
    return f"Guest {letters.capitalize()}"


def crowd(seed: int, number: int, seconds: float) -> list[Person]:
    """So many people, who come within so many seconds."""
    return [_person(random.Random(f"{seed}/{one}"), seed, one, seconds) for one in range(number)]  # noqa: S311


def _person(chance: random.Random, seed: int, number: int, seconds: float) -> Person:
    exists = number % _NOBODY != 7
    address = f"{'guest' if exists else 'nobody'}{number}@mission{number % 40}.example.org"
    about: dict[str, Any] = {
        "full_name": name_of(number), "email": address, "language": chance.choice(_LANGUAGES),
        "time_zone": chance.choice(_ZONES), "interpretation": "ru",
    }  # fmt: skip
    chosen = chance.sample(SESSIONS, 2 if chance.random() < 0.15 else 1)
    said: list[tuple[Kind, dict[str, Any]]] = [("registration.submitted", about | {"sessions": chosen})]
    standing = dict.fromkeys(chosen, True)
    if chance.random() < _CHANGING:
        changed = about | {"interpretation": "fr", "sessions": chosen}
        said.append(("registration.submitted", changed))
    if chance.random() < _LEAVING:
        left = chosen[:1]
        said.append(("registration.withdrawn", {"email": address, "sessions": left}))
        standing |= dict.fromkeys(left, False)
        if chance.random() < _RETURNING:
            said.append(("registration.submitted", about | {"sessions": left}))
            standing |= dict.fromkeys(left, True)
    return Person(about["full_name"], address, exists, _in_time(said, chance, seed, number, seconds), standing)


def _in_time(
    said: Sequence[tuple[Kind, dict[str, Any]]], chance: random.Random, seed: int, number: int, seconds: float
) -> tuple[Saying, ...]:
    """Some say everything at once, others have second thoughts later."""
    at, sayings = chance.random() * seconds * 0.8, []
    for place, (kind, data) in enumerate(said):
        sayings.append(Saying(f"storm_{seed}_{number}_{place}", kind, data, at))
        at += chance.choice((0.0, 0.3, 2.0, seconds * 0.2))
    return tuple(sayings)
