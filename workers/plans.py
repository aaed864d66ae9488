"""Plans: what a changed programme would do, and doing exactly that.

Both read the same rows and ask the same decisions (`domain.plans`). `apply` does so again, with everything locked that
could change meanwhile, compares the digest, and carries out what was decided in the one transaction that puts the
programme in force: so nobody is told anything that no plan had shown, and nothing is done twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy.orm import Session

from adapters.database import audits, participants, programmes, zoom_events
from adapters.database.programmes import InForce
from adapters.database.tables import ParticipantRow, ProgrammeRow, RegistrationRow
from adapters.toolbox import Toolbox
from domain.plans.changes import session_changes
from domain.plans.decisions import Decision, Told, decide
from domain.plans.digest import why_stale
from domain.plans.effects import Versions
from domain.plans.plan import NotApplied, Plan, plan_of
from schemas.programme import Conference
from workers import invitation, reminders
from workers.everybody import Everybody
from workers.programme import Files, file_of, follow, zoom_event_of
from workers.wishes import wish

log = structlog.get_logger(__name__)


class Planner:
    """Plans and applies what the files of the conferences' folder say: for the command line, and for the web part, to
    which it is handed."""

    def __init__(self, toolbox: Toolbox) -> None:
        self._toolbox = toolbox
        self._files = Files()

    def in_file(self, conference: str) -> Conference:
        """The programme in the conference's file.

        Raises:
            ProgrammeError: where there is none, or something in it is an error.
        """
        return self._files.sound(file_of(self._toolbox.settings.conferences, conference))

    def plan(self, conference: str, *, most: int | None = None) -> Plan:
        """As `plan`, for what the file says; raises ProgrammeError besides."""
        return plan(self._toolbox, self.in_file(conference), most=most)

    def apply(self, conference: str, digest: str, who: str, *, most: int | None = None) -> Plan:
        """As `apply`, for what the file says; raises ProgrammeError besides."""
        return apply(self._toolbox, self.in_file(conference), digest, who, most=most)


@dataclass(frozen=True, slots=True)
class _Intent:
    """A plan, and what it was made from."""

    plan: Plan
    crowd: Everybody
    decisions: Sequence[Decision]


def plan(toolbox: Toolbox, after: Conference, *, most: int | None = None) -> Plan:
    """What putting this programme in force would do now. Changes nothing. `most`: for how many people it is worked out,
    by whoever cannot wait.

    Raises:
        NotApplied: where the conference is not in force at all yet, or it is about more people than that.
    """
    with toolbox.database.read() as session:
        before, row = _known(programmes.in_force(session, after.id))
        _bound(session, before, after, most)
        return _intent(toolbox, session, before, row, after, lock=False).plan


def apply(
    toolbox: Toolbox, after: Conference, digest: str | None, who: str, *, most: int | None = None
) -> Plan:  # fmt: skip
    """Do what the plan of this digest says, in one transaction; what was done. Where this programme is in force
    already, an empty plan, and nothing is done. `digest` None: whatever the plan is. `who`: as audits name people;
    `most`: as `plan` has it.

    Raises:
        NotApplied: where something has changed since the plan was made, or the programme must not be changed so; and as
            `plan`.
    """
    with toolbox.database.write() as session:
        before, row = _known(programmes.locked(session, after.id))
        _bound(session, before, after, most)
        intent = _intent(toolbox, session, before, row, after, lock=True)
        made = intent.plan
        if made.is_empty:
            return made
        stale = None if digest is None else why_stale(digest, made.digest)
        if reasons := [one for one in (stale, *made.refusals) if one is not None]:
            raise NotApplied(reasons, made)
        programmes.replace(row, after, toolbox.clock.now())
        with session.no_autoflush:  # nothing that is written here is asked for: all rows go together, at the end
            _carry_out(toolbox, session, intent, InForce(after, row.calendar_domain, row.version))
        _note(toolbox, session, made, row.version, who)
    log.info("a changed programme is in force", conference=after.id, count=made.total)
    return made


def _known(found: tuple[Conference, ProgrammeRow] | None) -> tuple[Conference, ProgrammeRow]:
    if found is None:
        raise NotApplied(["This conference is not in force yet. `convenor migrate` puts it in force."])
    return found


def _bound(session: Session, before: Conference, after: Conference, most: int | None) -> None:
    """A plan looks at everybody, and at all that was written to them: with very many that takes minutes, and much
    memory, which the web part must not take from those who register."""
    if most is None or before == after or not participants.are_more_than(session, after.id, most):
        return
    said = (
        f"More than {most:,} people are in this conference: working out what the file would do to their letters takes "
        f"longer than a page may. `convenor conference plan {after.id}` does it, and says how it is applied."
    )
    raise NotApplied([said])


def _intent(
    toolbox: Toolbox, session: Session, before: Conference, row: ProgrammeRow, after: Conference, *, lock: bool
) -> _Intent:
    events = zoom_events.of_conference(session, after.id, lock=lock)
    others = frozenset(
        one.id
        for one in after.sessions
        if (event := events.get(one.id)) and zoom_events.is_another(event, zoom_event_of(after, one))
    )
    versions = Versions(before, after, others)
    crowd = Everybody.of(session, after.id, lock=lock) if before != after else Everybody.nobody()
    changes, now = session_changes(before, after), toolbox.clock.now()
    people = [crowd.person(one) for one in crowd.people]
    decisions = [decide(one, changes, versions, now) for one in people]
    made = plan_of(row.version, versions, people, decisions, after.model_dump_json())
    return _Intent(made, crowd, decisions)


def _carry_out(toolbox: Toolbox, session: Session, intent: _Intent, in_force: InForce) -> None:
    follow(toolbox, session, in_force.conference)
    events = zoom_events.of_conference(session, in_force.conference.id)
    for change in intent.plan.changes:
        if {"cancelled", "restored", "confirmed", "format"} & set(change.kinds) and change.session in events:
            zoom_events.look_again(events[change.session])
    rows = {one.id: one for one in intent.crowd.people}
    for decision in intent.decisions:
        person = rows[decision.person]
        for told in decision.told:
            _tell(toolbox, session, in_force, person, intent.crowd.places[person.id][told.place.session], told)
        reminders.take(toolbox, session, in_force, person.id, decision.steps)
        person.reminders_version = in_force.version if decision.is_done else None


def _tell(
    toolbox: Toolbox, session: Session, in_force: InForce, person: ParticipantRow, row: RegistrationRow, told: Told
) -> None:
    """One registration as it was decided: how it stands, what is wanted of Zoom, what is told of it."""
    now, link = toolbox.clock.now(), row.link
    place = told.place
    if row.attendance != place.attendance:
        row.approved_at = None  # an approval is for one way of attending
    if in_force.sessions[place.session].format != "hybrid" and row.state == "registered":
        row.reason = None  # there is no other way that they could have asked for
    row.state, row.offered_until = place.state, place.offered_until
    row.attendance, row.link, row.told = place.attendance, place.link, place.told
    row.revision, row.sequence, row.changes = place.revision, place.sequence, list(place.changes)
    row.changed_at, row.machine_queued = now, toolbox.clock.machine_now()
    if place.link != "present":
        row.sealed_join_link = None
    if place.link != link:
        wish(toolbox, session, in_force, person, row)
    if told.word is not None and not told.waits:
        invitation.keep_word(toolbox, session, in_force, row, told.word)


def _note(toolbox: Toolbox, session: Session, made: Plan, version: int, who: str) -> None:
    audits.note(
        session, toolbox.vault, who=who, action="programme-applied", conference=made.conference,
        details={
            "version": version, "digest": made.digest, "sessions": [one.session for one in made.changes],
            "letters": made.total,
        },
        now=toolbox.clock.now(), machine_now=toolbox.clock.machine_now(),
    )  # fmt: skip
