"""Imports: rows of a table on their way into the corridor, as any form's answers.

What would become of a row is found out by letting the corridor do it, in a transaction that is rolled back. What is
then imported becomes an envelope of the source `import`, and is judged by whichever worker takes it.
"""

import hashlib
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar

from sqlalchemy.orm import Session

from adapters.database import audits, envelopes, imports, participants, registrations
from adapters.database.envelopes import Arrival
from adapters.database.programmes import InForce
from adapters.toolbox import Toolbox
from domain.registration import Refused
from domain.sheets.fates import Known, Place, Verdict, difference, is_known, repeated, sessions_of, undecidable
from domain.sheets.rows import Said, Submission
from schemas.programme import Conference
from schemas.registration import Consents, Reason, RegistrationSubmitted
from workers import registration
from workers.admission import hold
from workers.app import OPEN_ENVELOPE, enqueue_all

SOURCE = "import"

Some = TypeVar("Some")

_A_MOMENT = timedelta(microseconds=1)
_IN_A_MESSAGE = 50
_IN_A_STATEMENT = 500
_ROWS, _REST = 20, 0.11
"""After so many rows that were tried whoever else wants to write has so many seconds: SQLite has one writer at a time,
and those who wait for it look every tenth of a second."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """An envelope to be: its delivery id, made of what the row says, and its body."""

    id: str = field(repr=False)
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Judged:
    """A row's fate, and what is to be recorded so that it comes about."""

    verdict: Verdict
    deliveries: tuple[Delivery, ...] = ()


def judge(toolbox: Toolbox, programme: Conference, rows: Sequence[Said], *, again: str = "") -> Iterator[Judged]:
    """What would become of each row; nothing is written. Places are given as if each row were alone. `again`: rows that
    were imported before are taken once more, under this name of the occasion."""
    people: dict[bytes, list[Said]] = {}
    tried = 0
    for said in rows:
        earlier = people.setdefault(participants.address_index(toolbox.vault, said.address), [])
        verdict = repeated(said, earlier, programme)
        judged = Judged(verdict) if verdict else _row(toolbox, programme, said, again)
        earlier.append(said)
        yield judged
        tried += judged.verdict.fate not in {"same", "twice"}
        if toolbox.database.is_sqlite and tried == _ROWS:
            time.sleep(_REST)
            tried = 0


def record(toolbox: Toolbox, conference: str, judged: Sequence[Judged], *, who: str) -> list[tuple[str, ...]]:
    """Keep what is to be recorded, all of it or nothing, and hand it to the corridor; the envelopes' ids for each row.
    What was refused the last time it was imported is judged again."""
    now, machine_now = toolbox.clock.now(), toolbox.clock.machine_now()
    deliveries = [one for each in judged for one in each.deliveries]
    arrivals = [
        # Each a moment later than the one before: of two rows about one person, the lower one is the newer.
        Arrival(conference, SOURCE, one.id, "application/json", one.body, now, machine_now + place * _A_MOMENT)
        for place, one in enumerate(deliveries)
    ]
    with toolbox.database.write() as session:
        receipts = [
            receipt for some in _parts(arrivals, _IN_A_STATEMENT)
            for receipt in envelopes.record_all(session.connection(), toolbox.vault, some)
        ]  # fmt: skip
        for receipt in receipts:
            if receipt.duplicate:
                envelopes.replay(session, receipt.id, machine_now)
        details = {"rows": len(judged), "envelopes": len(receipts)}
        audits.note(session, toolbox.vault, who=who, action="import", conference=conference, details=details, now=now,
                    machine_now=machine_now)  # fmt: skip
    ids = [receipt.id for receipt in receipts]
    enqueue_all(OPEN_ENVELOPE, [tuple(some) for some in _parts(ids, _IN_A_MESSAGE)])
    following = iter(ids)
    return [tuple(next(following) for _ in each.deliveries) for each in judged]


def settled(toolbox: Toolbox, ids: Sequence[str]) -> dict[str, list[Reason]]:
    """Those of these envelopes that were judged, with the reasons against each; none against one that was accepted."""
    with toolbox.database.read() as session:
        return {
            one: [Reason.model_validate(reason) for reason in row.reasons]
            for some in _parts(ids, _IN_A_STATEMENT)
            for one, row in envelopes.of_ids(session, some).items()
            if row.state != "received"
        }


def _row(toolbox: Toolbox, programme: Conference, said: Said, again: str) -> Judged:
    with toolbox.database.read() as session:
        before = _known(toolbox, session, programme, said.address)
    if verdict := undecidable(said, before):
        return Judged(verdict)
    if is_known(said, before, programme):
        return Judged(Verdict(said.number, "same", said.address))
    completed = [_completed(one, before) for one in said.submissions]
    try:
        after = _tried(toolbox, programme, said.address, completed)
    except Refused as refusal:
        return Judged(Verdict(said.number, "refused", said.address, reasons=refusal.reasons))
    changed = difference(before, after)
    if not changed:
        return Judged(Verdict(said.number, "same", said.address))
    ids = [_delivery_id(one, again) for one in said.submissions]
    if _was_imported(toolbox, programme, ids):
        return Judged(Verdict(said.number, "before", said.address, changed))
    deliveries = tuple(Delivery(one, _written(body)) for one, body in zip(ids, completed, strict=True))
    return Judged(Verdict(said.number, "changes" if before else "new", said.address, changed), deliveries)


def _tried(toolbox: Toolbox, programme: Conference, address: str, said: Sequence[Submission]) -> Known:
    """How things would stand with a person.

    Raises:
        Refused: where the corridor refuses.
    """
    with toolbox.database.write() as session:
        in_force = toolbox.shelf.get(session, programme.id, hold=True)
        assert in_force is not None, "a programme in force stays in force"  # noqa: S101
        # Places before the participant, and all at once, as everybody locks them: a row may be several submissions.
        hold(session, in_force.conference, {name for one in said for name in sessions_of(one, in_force.conference)})
        for one in said:
            _take(toolbox, session, in_force, one)
        after = _known(toolbox, session, programme, address)
        session.rollback()  # it was only tried
    assert after is not None, "whoever was registered or withdrawn is known"  # noqa: S101
    return after


def _was_imported(toolbox: Toolbox, programme: Conference, ids: Sequence[str]) -> bool:
    """Whether all of these came before, and were not refused then."""
    with toolbox.database.read() as session:
        states = imports.states(session, toolbox.vault, programme.id, SOURCE, ids)
    return len(states) == len(ids) and not {"rejected", "failed"}.intersection(states)


def _take(toolbox: Toolbox, session: Session, in_force: InForce, said: Submission) -> None:
    """As intake does with an envelope that has come now."""
    now = toolbox.clock.machine_now()
    if isinstance(said, RegistrationSubmitted):
        registration.register(toolbox, session, in_force, said.data, now)
    else:
        registration.withdraw(toolbox, session, in_force, said.data, now)


def _known(toolbox: Toolbox, session: Session, programme: Conference, address: str) -> Known | None:
    """How things stand with a person; None for nobody, and for somebody of whom nothing was ever understood."""
    row = participants.of_address(session, toolbox.vault, programme.id, address)
    if row is None or participants.is_only_noted(row):
        return None
    opened = participants.opened(row, toolbox.vault)
    fields = opened.profile.model_dump() | {
        "language": opened.language, "time_zone": opened.time_zone, "visibility": opened.visibility,
        "needs": participants.needs(row, toolbox.vault),
    }  # fmt: skip
    rows = registrations.of_participant(session, row.id)
    in_order = [rows[one.id] for one in programme.sessions if one.id in rows]
    places = {one.session: Place(one.state, one.attendance, one.interpretation) for one in in_order}
    return Known(fields, places)


def _completed(said: Submission, before: Known | None) -> Submission:
    """With the consents that the row does not speak of as they are known: a registration speaks of all or none."""
    if not isinstance(said, RegistrationSubmitted) or said.data.consents is None or before is None:
        return said
    known = Consents.model_validate(before.fields["consents"])
    consents = known.model_copy(update=said.data.consents.model_dump(exclude_unset=True))
    return said.model_copy(update={"data": said.data.model_copy(update={"consents": consents})})


def _written(said: Submission) -> bytes:
    """The native body, without what was not said."""
    return json.dumps(said.model_dump(mode="json", exclude_unset=True), ensure_ascii=False, sort_keys=True).encode()


def _delivery_id(said: Submission, again: str) -> str:
    """The same for the same row about the same person, in whatever table it stands."""
    return hashlib.sha256(_written(said) + again.encode()).hexdigest()


def _parts(all_of_them: Sequence[Some], size: int) -> Iterator[Sequence[Some]]:
    for start in range(0, len(all_of_them), size):
        yield all_of_them[start : start + size]
