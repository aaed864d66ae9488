"""What a person does about submissions that were not accepted: opens one, corrects it, has it judged again, or sets it
aside. The original stays sealed as it came; what was corrected is an envelope of its own that names it.
"""

import json
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, Final

import structlog
from sqlalchemy.orm import Session

from adapters.database import audits, envelopes, submissions
from adapters.database.submissions import Sought
from adapters.database.tables import EnvelopeRow
from adapters.toolbox import Toolbox
from domain import misunderstood
from domain.faults import faults
from domain.submissions import (
    MOST,
    JudgedAgain,
    NotCorrected,
    NotJudged,
    Opened,
    Rejected,
    changed,
    corrected,
    plan_of,
)
from schemas.registration import Reason
from workers.app import OPEN_ENVELOPE, enqueue_all

log = structlog.get_logger(__name__)

REPLAY: Final = "submissions.replay"
_MOST_SHOWN: Final = 20_000

Chosen = Sequence[str] | Sought
"""Submissions by their ids, or all that are sought so."""


class Submissions:
    """Does all that: for the command line, and for the web part, to which it is handed. `who`: as audits name
    people."""

    def __init__(self, toolbox: Toolbox) -> None:
        self._toolbox = toolbox

    def open(self, envelope_id: str, who: str, reason: str) -> Opened | None:
        """Reveal one submission; None where there is none, or its body has been emptied. It is noted who has seen it.

        Raises:
            VaultError: where it cannot be opened with the keys at hand.
        """
        with self._toolbox.database.write() as session:
            row = envelopes.find(session, envelope_id)
            if row is None or not row.sealed_body:
                return None
            self._note(session, "submission.reveal", who, reason, row=row)
            return self._opened(session, row)

    def correct(self, envelope_id: str, given: Mapping[str, Any], who: str, reason: str) -> str:
        """Record a corrected copy of a rejected submission, to be judged as if it had come then; its id. `given`: the
        fields that are other than they were; an empty value takes one away. The same twice is one copy.

        Raises:
            NotCorrected: where it would be rejected again, or cannot be corrected at all.
        """
        with self._toolbox.database.write() as session:
            row = envelopes.find(session, envelope_id)
            opened = self._opened(session, row) if row is not None and row.sealed_body else None
            if row is None or opened is None or opened.conference is None or not opened.correctable:
                raise NotCorrected([_NOT_THIS_ONE])
            if row.state not in {"rejected", "failed"}:
                raise NotCorrected([_NOT_THIS_ONE])
            body = corrected(opened.fields, given)
            if wrong := faults(body, opened.conference, self._toolbox.clock.now()):
                raise NotCorrected(wrong)
            receipt = self._record(session, row, body)
            if not receipt.duplicate:
                names = changed(opened.fields, given)
                self._note(session, "submission.correct", who, reason, row=row, fields=names, copy=receipt.id)
        enqueue_all(OPEN_ENVELOPE, [(receipt.id,)])
        return receipt.id

    def plan(self, chosen: Chosen) -> JudgedAgain:
        """What judging submissions again would do now. Changes nothing."""
        with self._toolbox.database.read() as session:
            rejected, more = _looked_at(session, chosen)
            return plan_of(rejected, more=more)

    def replay(self, chosen: Chosen, digest: str | None, who: str, reason: str | None = None) -> list[str]:
        """Have the submissions judged again of which the plan of this digest speaks; their ids, none where that has
        been done. `digest` None: whatever goes.

        Raises:
            NotJudged: where others would be judged by now.
        """
        machine_now = self._toolbox.clock.machine_now()
        with self._toolbox.database.write() as session:
            rejected, more = _looked_at(session, chosen)
            plan = plan_of(rejected, more=more)
            if digest is not None and digest != plan.digest:
                if audits.is_done(session, REPLAY, digest):
                    return []
                raise NotJudged(plan)
            done = [one.id for one in rejected if one.settled and envelopes.replay(session, one.id, machine_now)]
            if done:
                self._note(session, REPLAY, who, reason, about=plan.digest, submissions=len(done), codes=plan.codes)
        enqueue_all(OPEN_ENVELOPE, [(one,) for one in done])
        log.warning("submissions replayed by hand", count=len(done))
        return done

    def set_aside(self, ids: Sequence[str], who: str, reason: str) -> list[str]:
        """Note that nothing more is to be done about submissions; the ids of those that waited for it."""
        with self._toolbox.database.write() as session:
            done = submissions.set_aside(session, list(dict.fromkeys(ids)), self._toolbox.clock.now())
            if done:
                self._note(session, "submissions.set-aside", who, reason, submissions=len(done), ids=done)
        return done

    def _opened(self, session: Session, row: EnvelopeRow) -> Opened:
        envelope = envelopes.opened(row, self._toolbox.vault)
        in_force = self._toolbox.shelf.get(session, row.conference)
        conference = None if in_force is None else in_force.conference
        said: object = None
        if conference is not None:
            said = misunderstood.said_in(row.source, envelope.body, row.content_type, conference)
        text = envelope.body[:_MOST_SHOWN].decode("utf-8", "replace")
        return Opened(row.id, conference, said if isinstance(said, dict) else {}, text)

    def _record(self, session: Session, row: EnvelopeRow, body: Mapping[str, Any]) -> envelopes.Receipt:
        clock, written = self._toolbox.clock, json.dumps(body, sort_keys=True).encode()
        digest = sha256(written).hexdigest()
        return submissions.record_correction(
            session, self._toolbox.vault, row, written, digest, clock.now(), clock.machine_now()
        )

    def _note(
        self, session: Session, action: str, who: str, reason: str | None, *, row: EnvelopeRow | None = None,
        about: str | None = None, **details: object,
    ) -> None:  # fmt: skip
        clock = self._toolbox.clock
        audits.note(
            session, self._toolbox.vault, who=who, action=action, reason=reason, details=details,
            conference=row.conference if row else None, about=row.id if row else about,
            now=clock.now(), machine_now=clock.machine_now(),
        )  # fmt: skip


_NOT_THIS_ONE: Final = Reason(
    field="", code="not-correctable", message="This cannot be corrected; it can be replayed or set aside."
)


def _looked_at(session: Session, chosen: Chosen) -> tuple[list[Rejected], bool]:
    if isinstance(chosen, Sought):
        rows = submissions.page(session, chosen, MOST + 1)
    else:
        known = envelopes.of_ids(session, chosen)
        rows = [known[one] for one in dict.fromkeys(chosen) if one in known]
    return [_rejected(one) for one in rows[:MOST]], len(rows) > MOST


def _rejected(row: EnvelopeRow) -> Rejected:
    is_there = row.state in submissions.REJECTED and bool(row.sealed_body)
    settled = f"{row.settled_at:%Y-%m-%dT%H:%M:%S.%f}" if is_there else None
    return Rejected(row.id, tuple(str(one["code"]) for one in row.reasons), settled)
