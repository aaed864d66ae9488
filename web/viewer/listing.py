"""Which mails the list shows."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from urllib.parse import urlencode

from web.viewer.mailbox import Entry

PER_PAGE = 100

Numbered = tuple[int, Entry]


@dataclass(frozen=True)
class Choice:
    """What is asked for; empty means all. `recipient`: part of an address, or a participant's id as it stands."""

    kind: str = ""
    session: str = ""
    recipient: str = ""

    @classmethod
    def of(cls, query: Mapping[str, str]) -> "Choice":
        """From the query of an address."""
        return cls(*(query.get(name, "").strip() for name in ("kind", "session", "recipient")))

    def admits(self, entry: Entry) -> bool:
        """Whether this mail is among those asked for."""
        return (
            self.kind in ("", entry.kind)
            and (not self.session or self.session in entry.sessions)
            and (self.recipient == entry.participant or self.recipient.casefold() in entry.to.casefold())
        )

    def url(self, **changes: str | int) -> str:
        """The list's address for this choice, changed so."""
        return "/?" + urlencode({name: value for name, value in (asdict(self) | changes).items() if value})


@dataclass(frozen=True)
class Listing:
    """One page of the list. `kinds`: how many mails of each kind the choice would show, whichever it chose."""

    rows: Sequence[Numbered]
    total: int
    page: int
    pages: int
    kinds: Mapping[str, int]


def listing(entries: Sequence[Entry], choice: Choice, page: str) -> Listing:
    """The page of this number among the mails of the choice; the nearest one, where there is no such page."""
    any_kind = replace(choice, kind="")
    beside = [(number, entry) for number, entry in enumerate(entries, 1) if any_kind.admits(entry)]
    chosen = [one for one in beside if choice.admits(one[1])]
    pages = max(1, -(-len(chosen) // PER_PAGE))
    wanted = min(int(page), pages) if page.isascii() and page.isdigit() and len(page) < 8 else 1
    shown = max(1, wanted)
    rows = chosen[(shown - 1) * PER_PAGE : shown * PER_PAGE]
    return Listing(rows, len(chosen), shown, pages, Counter(entry.kind for _, entry in beside))


def neighbours(numbers: Sequence[int], number: int) -> tuple[int | None, int | None]:
    """The numbers before and after this one, in a sequence that holds it."""
    place = numbers.index(number)
    return numbers[place - 1] if place else None, numbers[place + 1] if place + 1 < len(numbers) else None
