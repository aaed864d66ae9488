"""One participant as the monitor shows them: how they stand, why something did not reach them, and their time line.

Masked: of the address a letter and the domain, of the name nothing. The command line shows the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from adapters.database import addresses, dossiers, participants
from adapters.database.dossiers import Dossier
from adapters.database.letters import SESSION_KINDS
from adapters.database.outgoing import shown
from adapters.database.tables import LetterRow, RegistrationRow, SuppressionRow
from adapters.toolbox import Toolbox
from domain.bounces.suppression import ONLY_REMINDERS
from domain.diagnosis import Facts, Finding, Seat, Sent, findings
from domain.masks import masked
from domain.moments import written
from domain.story import REGISTRATIONS, STATES, because
from schemas.participant import Profile
from schemas.programme import Conference
from web.admin.timeline import Line, lines, named


@dataclass(frozen=True, slots=True)
class Place:
    """One registration. `link`: whether there is a link for joining."""

    id: str
    session: str
    title: str
    state: str
    attendance: str
    interpretation: str
    link: str


@dataclass(frozen=True, slots=True)
class Mail:
    """The newest letter about one matter. `again`: whether it can be sent again."""

    id: str
    name: str
    state: str
    reason: str
    at: datetime
    again: bool


@dataclass(frozen=True, slots=True)
class Revealed:
    """What is masked otherwise. `formers`: the addresses of before."""

    address: str
    profile: Profile
    formers: Sequence[str]
    needs: str | None


@dataclass(frozen=True, slots=True)
class Shown:
    """The whole page. `accepted_at`: when the mail server last took a letter to them."""

    id: str
    conference: str
    title: str
    address: str
    language: str
    time_zone: str
    visibility: str
    held_since: datetime | None
    is_suppressed: bool
    has_needs: bool
    places: Sequence[Place]
    mails: Sequence[Mail]
    findings: Sequence[Finding]
    accepted_at: datetime | None
    lines: Sequence[Line]
    revealed: Revealed | None = field(default=None, repr=False)


def person(toolbox: Toolbox, participant_id: str, *, revealed: bool = False, needs: bool = False) -> Shown | None:
    """Somebody, or None. Whoever asks for what is masked has noted that before."""
    with toolbox.database.read() as session:
        dossier = dossiers.read(session, toolbox.vault, participant_id)
        in_force = toolbox.shelf.get(session, dossier.person.conference) if dossier else None
    if dossier is None or in_force is None:
        return None
    row, conference = dossier.person, in_force.conference
    address = participants.address(row, toolbox.vault)
    newest, since = _newest(dossier.letters), _since(dossier)
    sent = [one.sent_at for one in dossier.letters if one.sent_at is not None and one.address_version is None]
    return Shown(
        id=row.id, conference=row.conference, title=conference.title, address=masked(address),
        language=row.language or conference.language, time_zone=row.time_zone or conference.time_zone,
        visibility=row.visibility, held_since=row.mail_held_at,
        is_suppressed=any(one.reason not in ONLY_REMINDERS for one in _in_force(toolbox, dossier)),
        has_needs=row.sealed_needs is not None,
        places=[_place(one, conference) for one in dossier.places], mails=[_mail(one, since[one.id]) for one in newest],
        findings=findings(_facts(toolbox, dossier, newest, since, conference, address), written),
        accepted_at=max(sent, default=None), lines=lines(dossier, toolbox.vault, revealed=revealed),
        revealed=_revealed(toolbox, dossier, address, needs=needs) if revealed else None,
    )  # fmt: skip


def _in_force(toolbox: Toolbox, dossier: Dossier) -> list[SuppressionRow]:
    now = toolbox.clock.now()
    return [one for one in dossier.suppressions if one.lifted_at is None and one.expires_at > now]


def _revealed(toolbox: Toolbox, dossier: Dossier, address: str, *, needs: bool) -> Revealed:
    profile = participants.opened(dossier.person, toolbox.vault).profile
    formers = [addresses.former(one, toolbox.vault) for one in dossier.formers]
    return Revealed(address, profile, formers, participants.needs(dossier.person, toolbox.vault) if needs else None)


def _newest(letters: Iterable[LetterRow]) -> list[LetterRow]:
    """Of each matter the latest to the present address: letters about one session replace each other."""
    found: dict[tuple[str, str], LetterRow] = {}
    for one in sorted(letters, key=lambda one: (one.revision, one.created_at)):
        if one.address_version is None:
            found[_matter(one)] = one
    return sorted(found.values(), key=lambda one: one.created_at, reverse=True)


def _matter(one: LetterRow) -> tuple[str, str]:
    return ("session" if one.kind in SESSION_KINDS else one.kind, one.about)


def _mail(one: LetterRow, since: datetime) -> Mail:
    state = shown(one)
    reason = because(one.bounced if state == "bounced" else one.reason)
    return Mail(one.id, named(one), STATES[state], reason, since, one.state not in {"planned", "claimed"})


def _since(dossier: Dossier) -> dict[str, datetime]:
    """When something last happened to each letter."""
    found: dict[str, datetime] = {}
    for event in dossier.events:
        found[event.letter_id] = max(found.get(event.letter_id, event.at), event.at)
    return {one.id: found.get(one.id, one.created_at) for one in dossier.letters}


def _place(one: RegistrationRow, conference: Conference) -> Place:
    planned = conference.session(one.session)
    title = one.session if planned is None or planned.title is None else planned.title
    link = {"present": "there", "wanted": "awaited from Zoom", "none": "–"}[one.link]
    return Place(one.id, one.session, title, REGISTRATIONS[one.state], one.attendance, one.interpretation or "–", link)


def _facts(
    toolbox: Toolbox, dossier: Dossier, newest: Sequence[LetterRow], since: Mapping[str, datetime],
    conference: Conference, address: str,
) -> Facts:  # fmt: skip
    row = dossier.person
    at_zoom = {each.registration_id: (each.reason or event.reason, each.held) for each, event in dossier.at_zoom}
    return Facts(
        domain=address.rpartition("@")[2],
        is_noted=participants.is_only_noted(row),
        held_since=row.mail_held_at,
        paused=[(one.name, one.machine_since) for one in dossier.pauses],
        muted_since=row.muted_at,
        suppressed=[(one.reason, one.since) for one in _in_force(toolbox, dossier)],
        letters=[Sent(one.kind, shown(one), one.bounced or one.reason, since[one.id], one.tries) for one in newest],
        seats=[Seat(_place(one, conference).title, one.state, _waits(one), *at_zoom.get(one.id, (None, False)))
               for one in dossier.places],
    )  # fmt: skip


def _waits(one: RegistrationRow) -> bool:
    return one.state == "registered" and one.link == "wanted" and one.told_revision < one.revision
