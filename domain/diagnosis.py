"""Why somebody has got nothing, and what to do about it: the worst first, in sentences.

From how things stand alone; whoever asks has read them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple

from domain.conferencing.reasons import said as said_by_zoom
from domain.reasons import OTHER_MEANS, explained
from domain.story import LETTERS, because

_CORRECT = "Correct the address, or contact them by other means."
_PAUSED: Final[Mapping[str, str]] = {
    "mail": "All mail is paused",
    "delivery": "All mail is paused (the queue delivery)",
    "conferencing": "Invitations and links are paused (the queue conferencing)",
    "intake": "What was submitted is not judged (the queue intake is paused)",
}
"""Pauses for which somebody gets nothing."""

_WISHES = frozenset({"complaint", "unsubscribed"})


class Finding(NamedTuple):
    """`what` is the matter, and what to `do`; `deed`: what the page can do about it; `path`: where else it is done,
    below `/admin`."""

    what: str
    do: str
    deed: str = ""
    path: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """The newest letter about one matter. `reason`: of its state; `at`: when it came to it."""

    kind: str
    state: str
    reason: str | None
    at: datetime
    tries: int


@dataclass(frozen=True, slots=True)
class Seat:
    """One registration: how it stands, whether its letter waits for Zoom, what Zoom's side said last, and whether it is
    held for that."""

    session: str
    state: str
    waits_for_link: bool
    zoom: str | None
    held: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """How things stand with somebody. `domain`: of their address; `suppressed`: reason and since when; `paused`: what
    rests (`mail`, or a queue) and since when; `is_noted`: nothing that they have sent was understood."""

    domain: str
    is_noted: bool
    held_since: datetime | None
    paused: Sequence[tuple[str, datetime]]
    muted_since: datetime | None
    suppressed: Sequence[tuple[str, datetime]]
    letters: Sequence[Sent]
    seats: Sequence[Seat]


def findings(facts: Facts, moment: Callable[[datetime], str]) -> list[Finding]:
    """What is the matter; nothing where all that was due was accepted. `moment` writes an instant."""
    return [*_kept_back(facts, moment), *_refused(facts, moment), *_of_registrations(facts), *_muted(facts, moment)]


def _kept_back(facts: Facts, moment: Callable[[datetime], str]) -> Iterator[Finding]:
    if facts.held_since is not None:
        yield Finding(
            f"All mail to them is held by hand since {moment(facts.held_since)}.",
            "Release it; what was held and is still of use goes then.",
            "release",
        )
    for name, since in facts.paused:
        if name in _PAUSED:
            yield Finding(
                f"{_PAUSED[name]} since {moment(since)}, to everybody.",
                f"Let it go on, on the page Pauses or by: convenor resume {name}.",
                path="/pauses",
            )
    for one in facts.letters:
        if one.state == "held" and one.reason == "by-hand":
            yield Finding(
                f"{LETTERS[one.kind]}: held by hand since {moment(one.at)}.",
                "Release it in the outbox.",
                path="/outbox?state=held",
            )


def _refused(facts: Facts, moment: Callable[[datetime], str]) -> Iterator[Finding]:
    final = [one for one in facts.letters if one.state in {"failed", "bounced"}]
    held = sum(one.state == "held" for one in facts.letters)
    stops = next(((why, since) for why, since in facts.suppressed if why not in _WISHES), None)
    rests = "" if stops is None else f" Nothing more is sent to it since {moment(stops[1])}; letters held: {held}."
    lift = "" if stops is None else " If it works after all, let letters go there again."
    if final:
        worst = max(final, key=lambda one: one.at)
        yield Finding(
            f"The mail server of {facts.domain} refused a letter on {moment(worst.at)}. {because(worst.reason)} "
            f"Letters that it did not take: {len(final)}.{rests}",
            *_remedy(worst.reason, lift),
        )
    elif stops is not None:
        yield Finding(
            f"Their address is suppressed. {because(stops[0])}{rests}",
            f"{_CORRECT}{lift}",
            "correct-address",
        )
    for one in facts.letters:
        if one.state == "planned" and one.tries > 0:
            yield Finding(
                f"{LETTERS[one.kind]}: not taken yet, after {one.tries} tries. {because(one.reason)}",
                "It is tried again by itself. If it lasts, look at the outbox.",
            )
        elif one.state == "expired":
            yield Finding(
                f"{LETTERS[one.kind]}: not sent, for it would have come too late ({moment(one.at)}).",
                "Contact them by other means.",
            )


def _remedy(reason: str | None, lift: str) -> tuple[str, str]:
    """What to do about a refusal, and what the page can do: another address helps only where it was about the
    address."""
    known = explained(reason or "")
    if known is None or known.remedy == OTHER_MEANS:
        return f"{_CORRECT}{lift}", "correct-address"
    return f"{known.remedy}{lift}", ""


def _of_registrations(facts: Facts) -> Iterator[Finding]:
    if facts.is_noted:
        yield Finding("What they sent could not be understood; they are registered for nothing.", "Look at the inbox.")
    elif all(one.state == "withdrawn" for one in facts.seats):
        yield Finding("They are not registered for any session.", "Nothing is due to them. See how they stand below.")
    for one in facts.seats:
        if one.state in _NOT_YET:
            yield Finding(f"{one.session}: {_NOT_YET[one.state][0]}", *_NOT_YET[one.state][1:])
        if one.waits_for_link:
            yield _without_link(one)


def _without_link(one: Seat) -> Finding:
    said = f" {said_by_zoom(one.zoom)}." if one.zoom else ""
    if one.held:
        return Finding(
            f"{one.session}: Zoom does not take them, and so there is no invitation.{said}",
            "Mend that, with them or at Zoom; then let Zoom be asked again.",
            "ask-zoom",
        )
    return Finding(
        f"{one.session}: the invitation waits for Zoom’s link.{said}", "Zoom is asked again by itself.", path="/zoom"
    )


_NOT_YET: Final[Mapping[str, tuple[str, str, str, str]]] = {
    "pending": ("approval is awaited.", "Decide on the page Places.", "", "/places"),
    "waitlisted": (
        "they are on the waiting list, and so not invited.",
        "They are offered a place as soon as one is free. How many there are says the page Places.", "", "/places",
    ),
    "offered": (
        "they were offered a place, and have not taken it yet.",
        "Ask them to look at the letter; until when it holds says the page Places.", "", "/places",
    ),
    "refused": ("their registration was refused.", "Nothing more is due to them for it.", "", ""),
}  # fmt: skip


def _muted(facts: Facts, moment: Callable[[datetime], str]) -> Iterator[Finding]:
    wish = next((since for reason, since in facts.suppressed if reason in _WISHES), None)
    since = facts.muted_since or wish
    if since is not None:
        yield Finding(
            f"No reminders go to them since {moment(since)}, by their own wish.",
            "Invitations and changes go all the same.",
        )
