"""Registrations that were not understood: the letter that says so, planned when an envelope is rejected.

It goes half an hour after the envelope came. If the envelope has been accepted by then, or its sender has registered,
it is skipped (see `workers.correspondence`).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from adapters.database import envelopes, letters, participants
from adapters.database.programmes import InForce
from adapters.database.tables import EnvelopeRow
from adapters.toolbox import Toolbox
from domain import misunderstood
from schemas.draft import Draft
from schemas.registration import Reason
from workers import registration

_KIND = "not-understood"

FROM_ZOOM = ("zoom", "zoom-list")
"""Zoom's notifications, and what its lists say. The column `conference` of such an envelope has the account's name."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What follows from a rejected envelope: whether a letter about it was `planned`; who has something else `to_tell`,
    a participant's id."""

    planned: bool = False
    to_tell: str | None = None


def tell(toolbox: Toolbox, session: Session, row: EnvelopeRow, reasons: Sequence[Reason]) -> Outcome:
    """Plan a letter about an envelope that is being rejected, where its sender can mend what was wrong and can be
    reached. `row` is locked. A wish for discretion that can be read in it holds, whatever else was wrong; a wish for
    the contrary does not."""
    from_machines = row.source in FROM_ZOOM or row.source in envelopes.MAIL_SOURCES
    in_force = None if from_machines else toolbox.shelf.get(session, row.conference, hold=True)
    if in_force is None:
        return Outcome()
    opened = envelopes.opened(row, toolbox.vault)
    attempt = misunderstood.attempt(row.source, opened.body, opened.content_type, in_force.conference)
    if attempt is None:
        return Outcome()
    hidden = None
    if attempt.visibility == "discreet":
        person = participants.locked(session, toolbox.vault, row.conference, attempt.email)
        if person is not None and person.visibility != "discreet" and person.machine_said <= row.machine_received:
            hidden = person.id if registration.hide(toolbox, session, in_force, person) else None
    if not misunderstood.is_for_the_participant(row.source, reasons):
        return Outcome(to_tell=hidden)
    person = participants.locked_or_noted(session, toolbox.vault, row.conference, attempt, toolbox.clock.now())
    return Outcome(_plan(toolbox, session, in_force, person.id, row), hidden)


def _plan(toolbox: Toolbox, session: Session, in_force: InForce, participant_id: str, row: EnvelopeRow) -> bool:
    now = toolbox.clock.now()
    # No other worker can write one meanwhile: the participant is locked.
    before = letters.of_participant(session, participant_id, [_KIND])
    if not misunderstood.may_be_told((one.created_at for one in before if one.state != "skipped"), now):
        return False
    due_at = row.received_at + misunderstood.WAIT
    revisions = [one.revision for one in before if one.about == row.id]
    draft = Draft(
        kind=_KIND, about=row.id, revision=max(revisions, default=0) + 1, sessions=(), due_at=due_at,
        not_after=max(due_at, now) + misunderstood.USEFUL_FOR,
    )  # fmt: skip
    return letters.add(session, participant_id, in_force.conference.id, in_force.calendar_domain, draft, now,
                       toolbox.clock.machine_now())  # fmt: skip
