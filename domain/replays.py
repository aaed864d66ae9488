"""A replay of letters that did not go: which would go, to how many people, which not and why, and the digest by which
exactly that is done.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import Any, Final, Literal

MOST: Final = 2000
"""Letters that are replayed together."""

Why = Literal["over", "overtaken", "suppressed", "withdrawn", "muted", "waiting", "sent", "done", "unreadable"]

EXCLUDED: Final[Mapping[Why, str]] = {
    "over": "They would come too late.",
    "overtaken": "A later letter about the same session has been written.",
    "suppressed": "Their addresses are not written to any more.",
    "withdrawn": "What they are about does not hold any more: withdrawn, refused or cancelled.",
    "muted": "Their recipients, or the programme, have switched reminders off.",
    "waiting": "They are on their way already.",
    "sent": "The mail server has taken them. Correct the address and send a new letter from the participant's page.",
    "done": "They have been skipped: there is nothing to say any more.",
    "unreadable": "They cannot be written: see the log.",
}
"""Why letters are left out, in plain words."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A letter that might be replayed. `event`: the last of its history, so that a letter that has come back is another
    one to a digest. `why`: it would not go."""

    id: str
    participant: str
    kind: str
    event: int
    why: Why | None


@dataclass(frozen=True, slots=True)
class ReplayPlan:
    """What a replay would do now. `letters`: how many go, to so many `people`, of these `kinds`; `excluded`: how many
    do not, and why; `more`: there are more than are replayed together."""

    letters: int
    people: int
    kinds: dict[str, int]
    excluded: dict[Why, int]
    more: bool
    digest: str

    def as_json(self) -> dict[str, Any]:
        """For programs."""
        return asdict(self)


class NotReplayed(Exception):
    """Other letters would go than were shown: `plan` is what holds now. Nothing was changed."""

    def __init__(self, plan: ReplayPlan) -> None:
        super().__init__("Letters have changed since this was shown: others would go.")
        self.plan = plan


def going(candidates: Iterable[Candidate]) -> list[Candidate]:
    """Those that go."""
    return [one for one in candidates if one.why is None]


def plan_of(candidates: Iterable[Candidate], *, anyway: bool, more: bool) -> ReplayPlan:
    """What follows from looking at each. `anyway`: also to addresses that are suppressed."""
    known = list(candidates)
    gone = going(known)
    written = json.dumps([anyway, sorted((one.id, one.event) for one in gone)])
    return ReplayPlan(
        letters=len(gone), people=len({one.participant for one in gone}),
        kinds=dict(sorted(Counter(one.kind for one in gone).items())),
        excluded=dict(sorted(Counter(one.why for one in known if one.why is not None).items())),
        more=more, digest=sha256(written.encode()).hexdigest()[:32],
    )  # fmt: skip
