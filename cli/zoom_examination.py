"""What `convenor doctor` asks of Zoom: does each account let us in, and is each event as the programme says?"""

from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from typing import Final

from adapters.database import programmes, zoom_events
from adapters.toolbox import Toolbox
from adapters.zoom.client import ZoomClient, ZoomRefused
from cli.examination import Finding, known_here
from domain.conferencing.differences import (
    Difference,
    custom_languages_missing,
    differences,
    languages_lacking,
    questions_required,
)
from domain.conferencing.matching import Ambiguous, Match, find
from domain.conferencing.outcomes import outcome
from domain.registration import is_over, wants_link
from schemas.programme import Conference, Session
from schemas.zoom import ZoomEventDetails

Sought = tuple[Conference, Session]

_NO_REGISTRATION: Final = 2

_OF_BOTH: Final = (
    "read:{}", "update:{}", "write:registrant", "write:batch_registrants", "read:list_registrants", "read:registrant",
    "update:registrant_status", "read:list_registration_questions",
)  # fmt: skip
_NEEDED: Final = {
    kind: tuple(f"{kind}:{one.format(kind)}:admin" for one in _OF_BOTH) for kind in ("webinar", "meeting")
}
_CLASSIC: Final = {kind: (f"{kind}:read:admin", f"{kind}:write:admin") for kind in ("webinar", "meeting")}


def zoom(toolbox: Toolbox) -> Iterator[Finding]:
    """One finding or more for each account that a programme in force names, and for each of its sessions ahead."""
    if toolbox.settings.emulates_zoom:
        return  # the emulator answers while the web part runs, and always as it should
    by_account = _sought(toolbox)
    for name in sorted({*by_account, *toolbox.zoom.known()} - {""}):
        client = toolbox.zoom.client(name)
        if client is None:
            yield Finding(f"Zoom {name}", "wrong", "is not configured: invitations wait for their links",
                          "set CONVENOR_ZOOM_ACCOUNTS")  # fmt: skip
            continue
        yield from _account(toolbox, name, client, by_account.get(name, []))
    for conference, session in by_account.get("", []):
        yield Finding(f"{conference.id} {session.id}", "wrong", "the programme names no Zoom event: links are awaited",
                      "give `zoom` in the programme, or change `format`")  # fmt: skip


def _sought(toolbox: Toolbox) -> dict[str, list[Sought]]:
    """Sessions with links to be had, by account; "" for those without."""
    in_force = known_here(toolbox, programmes.all_in_force, list[Conference]())
    found: dict[str, list[Sought]] = {}
    for conference in in_force:
        for one in conference.sessions:
            if wants_link(one) and not one.cancelled and not is_over(one, conference, toolbox.clock.now()):
                found.setdefault(one.zoom.account if one.zoom else "", []).append((conference, one))
    return found


def _account(toolbox: Toolbox, name: str, client: ZoomClient, sought: list[Sought]) -> Iterator[Finding]:
    try:
        scopes = client.scopes()
    except ZoomRefused as refused:
        yield Finding(f"Zoom {name}", "wrong", f"lets us not in: {why(toolbox, refused)}",
                      "look at account_id, client_id, client_secret, and whether the app is activated")  # fmt: skip
        return
    kinds = sorted({one.zoom.kind for _, one in sought if one.zoom})
    missing = [
        one for kind in kinds if not scopes.issuperset(_CLASSIC[kind]) for one in _NEEDED[kind] if one not in scopes
    ]
    if missing:
        # Zoom may report broader scopes in place of these: not certain, so not wrong.
        yield Finding(f"Zoom {name}", "note", f"its token does not name: {', '.join(missing)}",
                      "add these scopes to the app at Zoom, if calls are refused")  # fmt: skip
    else:
        yield Finding(f"Zoom {name}", "well", "lets us in")
    if toolbox.zoom.webhook_secret(name) is None:
        yield Finding(
            f"Zoom {name}", "note", "its webhooks are not taken", "give webhook_secret; see docs/connect/zoom.md"
        )
    try:
        yield from _events(toolbox, client, sought)
    except ZoomRefused as refused:
        yield Finding(f"Zoom {name}", "wrong", why(toolbox, refused), "look at the app's scopes, and at Zoom's status")


def _events(toolbox: Toolbox, client: ZoomClient, sought: list[Sought]) -> Iterator[Finding]:
    listed: list[ZoomEventDetails] | None = None
    for conference, session in sought:
        what = f"{conference.id} {session.id}"
        number = _number(toolbox, conference, session)
        if number is None:
            listed = list(client.events()) if listed is None else listed
            found = find(session, conference.time_zone, listed)
            if not isinstance(found, Match):
                yield Finding(what, "wrong", _not_found(found), "give the event's number in the programme: zoom, event")
                continue
            number = found.event.id
            if found.found_by == "title-and-time":
                yield Finding(what, "note", f"is taken to be Zoom's {number}, by title and time",
                              "confirm it: give the number in the programme")  # fmt: skip
        yield from _compared(toolbox, client, what, (conference, session), number)


def _compared(toolbox: Toolbox, client: ZoomClient, what: str, sought: Sought, number: int) -> Iterator[Finding]:
    conference, session = sought
    assert session.zoom is not None  # noqa: S101 - it was found by its account
    try:
        details = client.event(session.zoom.kind, number)
    except ZoomRefused as refused:
        yield Finding(what, "wrong", f"Zoom's {number}: {why(toolbox, refused)}", "look at the number and the account")
        return
    found = [
        *differences(session, conference, details, number_in_programme=session.zoom.event is not None),
        *_questions(client, details),
        *_languages(client, session, details),
    ]
    for one in found:
        yield Finding(what, "wrong" if one.severity == "alarm" else "note", one.said, one.remedy)
    if not found:
        yield Finding(what, "well", f"Zoom's {details.kind} {number} is as the programme says")


def _questions(client: ZoomClient, details: ZoomEventDetails) -> Iterator[Difference]:
    """Who may not read them is told nothing: a missing scope is a finding of its own."""
    if details.settings.approval_type == _NO_REGISTRATION:
        return
    with suppress(ZoomRefused):
        if one := questions_required(client.required_questions(details.kind, details.id)):
            yield one


def _languages(client: ZoomClient, session: Session, details: ZoomEventDetails) -> Iterator[Difference]:
    """Asked for only where a language is not one of Zoom's own; who may not read the settings is told nothing."""
    if not custom_languages_missing(session, frozenset()) or not details.host_id:
        return
    with suppress(ZoomRefused):
        offered = client.interpretation_languages(details.host_id)
        if one := languages_lacking(custom_languages_missing(session, offered)):
            yield one


def _number(toolbox: Toolbox, conference: Conference, session: Session) -> int | None:
    if session.zoom is not None and session.zoom.event is not None:
        return session.zoom.event
    row = known_here(toolbox, partial(zoom_events.of_session, conference=conference.id, session_id=session.id), None)
    return row.number if row else None


def _not_found(found: Ambiguous | None) -> str:
    if found is None:
        return "no event of the account has its registration address, or its title and time"
    return f"several of Zoom's events could be meant: {', '.join(map(str, found.numbers))}"


def why(toolbox: Toolbox, refused: ZoomRefused) -> str:
    """A refusal's code, with Zoom's tracking id where it has given one."""
    refusal = refused.refusal
    said = outcome(refusal, tries=0, now=toolbox.clock.now()).reason
    return f"{said} ({refusal.tracking_id})" if refusal.tracking_id else said
