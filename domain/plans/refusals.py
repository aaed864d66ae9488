"""Changes that cannot be applied as long as anybody is registered: what to do in their place."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from domain.plans.changes import SessionChange
from domain.plans.decisions import Person
from domain.plans.effects import STANDING


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a session cannot be changed thus; `people`: how many are registered for it."""

    session: str
    people: int
    removed: bool

    @property
    def sentence(self) -> str:
        """For the secretariat."""
        whom = f"{self.people} registered" if self.people != 1 else "one registered"
        if self.removed:
            return (f"{self.session} is missing from the file, with {whom}. Do not take it out: write "
                    "`cancelled: true`, so that everybody is told.")  # fmt: skip
        return (f"{self.session} was confirmed and is unconfirmed now, with {whom}. Cancel it, and add another session "
                "for which people can register; or leave it as it was until the new time is certain.")  # fmt: skip


def refused(changes: Iterable[SessionChange], people: Sequence[Person]) -> Iterator[Refusal]:
    """What of these changes is refused."""
    for change in changes:
        if not {"removed", "unconfirmed"} & set(change.kinds) or (change.after and change.after.cancelled):
            continue
        standing = sum(1 for each in people if (place := each.places.get(change.session)) and place.state in STANDING)
        if standing:
            yield Refusal(change.session, standing, removed="removed" in change.kinds)
