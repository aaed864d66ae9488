"""Registrations that were not understood: the letter that says so, planned when an envelope is rejected.

It goes half an hour after the envelope came. If the envelope has been accepted by then, or its sender has registered,
it is skipped (see `workers.correspondence`).
"""

from collections.abc import Sequence

from sqlalchemy.orm import Session

from adapters.database import envelopes, letters, participants
from adapters.database.letters import Draft
from adapters.database.programmes import InForce
from adapters.database.tables import EnvelopeRow
from adapters.toolbox import Toolbox
from domain import misunderstood
from schemas.registration import Reason

_KIND = "not-understood"


def tell(toolbox: Toolbox, session: Session, row: EnvelopeRow, reasons: Sequence[Reason]) -> bool:
    """Plan a letter about an envelope that is being rejected, where its sender can mend what was wrong and can be
    reached; whether one was planned. `row` is locked."""
    if not misunderstood.is_for_the_participant(row.source, reasons):
        return False
    in_force = toolbox.shelf.get(session, row.conference)
    if in_force is None:
        return False
    opened = envelopes.opened(row, toolbox.vault)
    attempt = misunderstood.attempt(row.source, opened.body, opened.content_type, in_force.conference)
    if attempt is None:
        return False
    now = toolbox.clock.now()
    person = participants.locked_or_noted(session, toolbox.vault, row.conference, attempt, now)
    wants_discretion = attempt.visibility == "discreet" and person.visibility != "discreet"
    return _plan(toolbox, session, in_force, person.id, row, ("visibility",) if wants_discretion else ())


def _plan(
    toolbox: Toolbox, session: Session, in_force: InForce, participant_id: str, row: EnvelopeRow,
    changes: tuple[str, ...],
) -> bool:  # fmt: skip
    now = toolbox.clock.now()
    # No other worker can write one meanwhile: the participant is locked.
    before = letters.of_participant(session, participant_id, [_KIND])
    if not misunderstood.may_be_told((one.created_at for one in before if one.state != "skipped"), now):
        return False
    due_at = row.received_at + misunderstood.WAIT
    revisions = [one.revision for one in before if one.about == row.id]
    draft = Draft(
        kind=_KIND, about=row.id, revision=max(revisions, default=0) + 1, sessions=(), changes=changes, due_at=due_at,
        not_after=max(due_at, now) + misunderstood.USEFUL_FOR,
    )  # fmt: skip
    return letters.add(session, participant_id, in_force.conference.id, in_force.calendar_domain, draft, now,
                       toolbox.clock.machine_now())  # fmt: skip
