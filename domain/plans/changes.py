"""Two versions of a programme compared: what is different, session by session.

What a session leaves to its conference (place, languages, where links lead) is compared as it holds for the session, so
that a change of the conference's own shows with each session that it concerns.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from domain.programme import has_zoom_link
from domain.times import Period, WallTimeError, local_date, session_period
from schemas.admission import Admission
from schemas.programme import Conference, Session, ZoomEvent

Kind = Literal[
    "added", "removed", "cancelled", "restored", "confirmed", "unconfirmed", "moved", "renamed", "place", "format",
    "zoom", "languages", "interpretation", "link", "texts", "settings",
]  # fmt: skip
"""`removed`: the file has the session no more. `confirmed`, `unconfirmed`: invitations may go out now, or may no more.
`languages`: spoken in the room. `link`: letters lead to another door. `texts`: translations and what no letter goes out
for; `settings`: what participants are told nothing of."""

_TEXTS: Final = ("translations", "convenors", "in_person_for", "agenda")
_COMPARED_BY_THEMSELVES: Final = frozenset(
    {"id", "title", "date", "start", "end", "clock_change", "format", "place", "zoom", "languages", "interpretation",
     "unconfirmed", "cancelled", "link_in_letters", *_TEXTS}
)  # fmt: skip


@dataclass(frozen=True)
class SessionChange:
    """What is different in one session. `before` and `after` are as the two files have it, `was` and `will_be` when it
    is, where that is certain; `zone` the conference's, as it will be. `details`: what else is different, and how it was
    and will be, in words for the secretariat."""

    session: str
    kinds: tuple[Kind, ...]
    before: Session | None
    after: Session | None
    was: Period | None
    will_be: Period | None
    zone: str
    details: tuple[tuple[str, str, str], ...] = ()

    @property
    def title(self) -> str:
        """As it will be called, or was."""
        named = [one.title for one in (self.after, self.before) if one is not None and one.title]
        return named[0] if named else self.session

    @property
    def other_day(self) -> bool:
        """Whether the calendar day at the conference's place is another."""
        if self.was is None or self.will_be is None:
            return False
        return local_date(self.was.start, self.zone) != local_date(self.will_be.start, self.zone)


def session_changes(before: Conference, after: Conference) -> tuple[SessionChange, ...]:
    """The sessions that differ, in the order of the new file; those that it has no more come last."""
    found = [_change(before, after, one.id) for one in after.sessions]
    kept = {one.id for one in after.sessions}
    found += [_change(before, after, one.id) for one in before.sessions if one.id not in kept]
    return tuple(one for one in found if one.kinds)


def conference_changes(before: Conference, after: Conference) -> tuple[str, ...]:
    """The names of the conference's own fields that differ. `sessions` is among them where only their order does, or
    how something is written that is the same."""
    differ = tuple(name for name in type(after).model_fields if getattr(before, name) != getattr(after, name))
    return tuple(name for name in differ if name != "sessions" or not session_changes(before, after))


def certain_period(session: Session | None, conference: Conference) -> Period | None:
    """When a session is, where that is certain."""
    if session is None or session.unconfirmed is not None:
        return None
    try:
        return session_period(session, conference.time_zone)
    except WallTimeError:
        return None


def place_of(session: Session, conference: Conference) -> str | None:
    """Where a session is."""
    return session.place or conference.place


def _change(before: Conference, after: Conference, session_id: str) -> SessionChange:
    old, new = before.session(session_id), after.session(session_id)
    was, will_be = certain_period(old, before), certain_period(new, after)
    if old is None or new is None:
        kinds: tuple[Kind, ...] = ("added",) if old is None else ("removed",)
    else:
        kinds = _kinds(old, new, before, after)
    details = () if old is None or new is None else tuple(_details(old, new, before, after))
    return SessionChange(session_id, kinds, old, new, was, will_be, after.time_zone, details)


def _details(old: Session, new: Session, before: Conference, after: Conference) -> Iterator[tuple[str, str, str]]:
    shown = {
        "title": (old.title, new.title),
        "place": (place_of(old, before), place_of(new, after)),
        "format": (old.format, new.format),
        "Zoom event": (_written_zoom(old.zoom), _written_zoom(new.zoom)),
        "languages": (_listed(old.languages or before.languages), _listed(new.languages or after.languages)),
        "interpretation": (_listed(old.interpretation), _listed(new.interpretation)),
        "admission": (_written_terms(old.admission), _written_terms(new.admission)),
    }
    yield from ((what, one or "none", other or "none") for what, (one, other) in shown.items() if one != other)


def _listed(languages: tuple[str, ...]) -> str:
    return ", ".join(languages)


def _written_zoom(zoom: ZoomEvent | None) -> str:
    return "" if zoom is None else " ".join(str(one) for one in (zoom.account, zoom.kind, zoom.event) if one)


def _written_terms(admission: Admission | None) -> str:
    return "" if admission is None else admission.model_dump_json(exclude_defaults=True)


def _kinds(old: Session, new: Session, before: Conference, after: Conference) -> tuple[Kind, ...]:
    was, will_be = certain_period(old, before), certain_period(new, after)
    different: dict[Kind, bool] = {
        "cancelled": new.cancelled and not old.cancelled,
        "restored": old.cancelled and not new.cancelled,
        "confirmed": old.unconfirmed is not None and new.unconfirmed is None,
        "unconfirmed": old.unconfirmed is None and new.unconfirmed is not None,
        "moved": was is not None and will_be is not None and was != will_be,
        "renamed": old.title != new.title,
        "place": place_of(old, before) != place_of(new, after),
        "format": old.format != new.format,
        "zoom": _zoom_event(old.zoom) != _zoom_event(new.zoom),
        "languages": (old.languages or before.languages) != (new.languages or after.languages),
        "interpretation": old.interpretation != new.interpretation,
        "link": has_zoom_link(old, before) != has_zoom_link(new, after),
        "texts": any(getattr(old, name) != getattr(new, name) for name in _TEXTS),
        "settings": _settings(old) != _settings(new) or _open_dates(old, new) != _open_dates(new, old),
    }
    return tuple(kind for kind, is_so in different.items() if is_so)


def _zoom_event(zoom: ZoomEvent | None) -> tuple[object, ...]:
    return () if zoom is None else (zoom.account, zoom.kind, zoom.event)


def _settings(session: Session) -> tuple[object, ...]:
    names = (name for name in type(session).model_fields if name not in _COMPARED_BY_THEMSELVES)
    return (*(getattr(session, name) for name in names), session.zoom is not None and session.zoom.record_attendance)


def _open_dates(session: Session, other: Session) -> tuple[object, ...]:
    """When a session may be, as long as it is open."""
    still_open = session.unconfirmed is not None and other.unconfirmed is not None
    return (session.date, session.start, session.end, session.unconfirmed) if still_open else ()
