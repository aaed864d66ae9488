"""Submissions that were not accepted, as a person looks at them, and what having many judged again would do."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from typing import Any, Final, NamedTuple

from schemas.programme import Conference
from schemas.registration import Reason

MOST: Final = 2000
"""Submissions that are judged again together."""

CORRECTABLE: Final = ("full_name", "title", "email", "organisation", "country", "language", "time_zone", "sessions",
                      "attendance", "interpretation", "visibility", "alias", "needs")  # fmt: skip
"""What can be corrected; consents are as they were given."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A submission, opened. `fields`: what it says by the native body's names, empty where that cannot be read or it
    was no registration; `text`: as it came. Both are personal."""

    id: str
    conference: Conference | None
    fields: Mapping[str, Any] = field(repr=False)
    text: str = field(repr=False)

    @property
    def correctable(self) -> bool:
        """Whether there is something that can be corrected."""
        return self.conference is not None and bool(self.fields)


class NotCorrected(Exception):
    """What was typed would be rejected again: `reasons` say why."""

    def __init__(self, reasons: Sequence[Reason]) -> None:
        super().__init__(", ".join(one.code for one in reasons))
        self.reasons = tuple(reasons)


class Rejected(NamedTuple):
    """A submission that might be judged again. `settled`: when it was judged, so that one that was rejected once more
    is another one to a digest; None where nothing is left of it, or it has been accepted."""

    id: str
    codes: tuple[str, ...]
    settled: str | None


@dataclass(frozen=True, slots=True)
class JudgedAgain:
    """What judging again would do now: to how many `submissions`, which had been rejected for these `codes`; `gone`: of
    how many nothing is left, or they were accepted meanwhile; `more`: there are more than go together."""

    submissions: int
    codes: dict[str, int]
    gone: int
    more: bool
    digest: str

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return asdict(self)


class NotJudged(Exception):
    """Others would be judged than were shown: `plan` is what holds now. Nothing was changed."""

    def __init__(self, plan: JudgedAgain) -> None:
        super().__init__("Submissions have changed since this was shown: others would be judged.")
        self.plan = plan


def plan_of(rejected: Iterable[Rejected], *, more: bool) -> JudgedAgain:
    """What follows from looking at each."""
    known = list(rejected)
    going = [one for one in known if one.settled is not None]
    written = json.dumps(sorted((one.id, one.settled) for one in going))
    codes = Counter(code for one in going for code in set(one.codes))
    return JudgedAgain(
        submissions=len(going), codes=dict(sorted(codes.items())), gone=len(known) - len(going), more=more,
        digest=sha256(written.encode()).hexdigest()[:32],
    )  # fmt: skip


def corrected(said: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The native body of what was said, with what was given in its place; an empty value takes one away."""
    data = {**said, **{name: given[name] for name in CORRECTABLE if name in given}}
    return {"type": "registration.submitted", "data": {name: value for name, value in data.items() if value}}


def changed(said: Mapping[str, Any], given: Mapping[str, Any]) -> list[str]:
    """Names of the fields that a correction changes."""
    return sorted(one for one in CORRECTABLE if one in given and (given[one] or None) != (said.get(one) or None))
