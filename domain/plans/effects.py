"""What a changed session does to one registration for it: what there is to tell, whether SEQUENCE rises, how its
participant attends from now on, and whether a join link is wanted.

RFC 5546 (2.1.4): SEQUENCE rises where start, end, status, place or join link change. For a title or the interpretation
it stays, and calendar programs keep the answer that a person has given.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from domain.admission import closes_at
from domain.plans.changes import SessionChange
from domain.programme import has_zoom_link, said, said_in_any_language
from domain.registration import is_over, wants_link
from domain.telling import WAITING, Place, Reader, heard_now
from schemas.programme import Conference, Session
from schemas.registration import Attendance

STANDING: Final = frozenset({"registered", "pending", "waitlisted", "offered"})
"""States in which somebody has a place, or may get one."""

_RAISES: Final = frozenset({"moved", "cancelled", "restored", "confirmed", "format", "link"})
_TOLD_TO_WHO_WAITS: Final = frozenset({"moved", "cancelled", "restored", "confirmed"})


@dataclass(frozen=True, slots=True)
class Versions:
    """A programme as it is in force, and as it will be. `other_events`: ids of sessions behind which another Zoom event
    will be, at which nobody is registered yet."""

    before: Conference
    after: Conference
    other_events: frozenset[str]


def effect(change: SessionChange, place: Place, reader: Reader, versions: Versions, now: datetime) -> Place:
    """A registration as the change leaves it `now`; the same where it is not concerned."""
    if change.before is None or change.after is None or place.state not in STANDING:
        return place
    if is_past(change, versions, now):
        return place
    left = _with_offer(change, replace(place, attendance=_attendance(change, place)), versions, now)
    left = replace(left, link=_link(change, left, versions))
    reasons = tuple(_reasons(change, left, reader, versions))
    if not reasons:
        return left
    raises = not _RAISES.isdisjoint(reasons) or ("place" in reasons and left.attendance == "in-person")
    return replace(
        left,
        told=_known(change.before, place, reader, versions.before),
        revision=place.revision + 1,
        sequence=place.sequence + (raises and place.told_revision > 0),
        changes=tuple(dict.fromkeys([*place.changes, *reasons])),
    )


def is_past(change: SessionChange, versions: Versions, now: datetime) -> bool:
    """Whether the session is over in both versions: then nobody is told anything of it any more."""
    sides = (change.before, versions.before), (change.after, versions.after)
    return all(one is not None and is_over(one, whole, now) for one, whole in sides)


def _attendance(change: SessionChange, place: Place) -> Attendance:
    """Who was in the room of what is online only now attends online, and the other way round. A room that is added
    moves nobody into it."""
    assert change.after is not None  # noqa: S101 - see effect
    return place.attendance if change.after.format == "hybrid" else change.after.format


def _with_offer(change: SessionChange, place: Place, versions: Versions, now: datetime) -> Place:
    """No offer stands longer than the new hour allows. Where it could not stand at all, whoever had it is the first on
    the waiting list again."""
    if place.offered_until is None or {"moved", "cancelled"}.isdisjoint(change.kinds):
        return place
    assert change.after is not None  # noqa: S101 - see effect
    closes = closes_at(change.after, versions.after, place.attendance)
    if closes is None or closes <= now:
        return replace(place, state="waitlisted", offered_until=None)
    return replace(place, offered_until=min(place.offered_until, closes))


def _link(change: SessionChange, place: Place, versions: Versions) -> str:
    assert change.after is not None  # noqa: S101 - see effect
    if change.after.cancelled or place.state != "registered":
        return place.link
    if not wants_link(change.after):
        return "none"
    if place.link == "none":
        return "wanted"
    # Where letters carry Zoom's own address, the old one leads to the wrong event. Our own join page stays.
    other_event = change.session in versions.other_events
    return "wanted" if other_event and has_zoom_link(change.after, versions.after) else place.link


def _reasons(change: SessionChange, place: Place, reader: Reader, versions: Versions) -> Iterator[str]:
    """What this person is to be told. `place` is as it will be."""
    after = change.after
    assert after is not None  # noqa: S101 - see effect
    if after.cancelled:
        yield from ("cancelled",) if "cancelled" in change.kinds else ()
        return
    if after.unconfirmed is not None:
        return
    for one in _of_session(change, place, reader, versions):
        if place.state == "registered" or one in _TOLD_TO_WHO_WAITS:
            yield one


def _of_session(change: SessionChange, place: Place, reader: Reader, versions: Versions) -> Iterator[str]:
    after, kinds = change.after, change.kinds
    assert after is not None  # noqa: S101 - see effect
    yield from (one for one in ("restored", "confirmed", "moved", "format") if one in kinds)
    if {"renamed", "texts"} & set(kinds) and _has_another_title(change, reader, versions):
        yield "renamed"
    if "place" in kinds and (place.attendance == "in-person" or after.format == "hybrid"):
        yield "place"
    if {"languages", "interpretation"} & set(kinds):
        yield "languages"
    if place.link != "none" and _leads_elsewhere(change, versions):
        yield "link"


def _leads_elsewhere(change: SessionChange, versions: Versions) -> bool:
    assert change.after is not None  # noqa: S101 - see effect
    leads_to_zoom = has_zoom_link(change.after, versions.after)
    return "link" in change.kinds or (leads_to_zoom and change.session in versions.other_events)


def _has_another_title(change: SessionChange, reader: Reader, versions: Versions) -> bool:
    """Whether the title that this reader was told is the session's in no language any more: one that is translated now
    is no other."""
    language = reader.language or versions.before.language
    known = said(versions.before, "title", language, change.before)
    return known is not None and known.text not in said_in_any_language(versions.after, "title", change.after)


def _known(before: Session, place: Place, reader: Reader, conference: Conference) -> dict[str, object] | None:
    """What was told, also where that was not kept, as of who waits: nothing is untold, so it was what was in force."""
    has_heard = place.entry == "requested" or place.state in WAITING
    is_told = place.told is None and has_heard and place.told_revision == place.revision
    if not is_told or before.unconfirmed is not None:
        return place.told
    return heard_now(place, before, conference, reader).to_keep()
