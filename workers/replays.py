"""Replaying letters that did not go: what it would do, shown first, and doing exactly that, once.

Whether a letter still has anything to say is asked of whoever writes letters (`workers.correspondence`), so that what
is counted here goes.
"""

from collections.abc import Sequence

import structlog
from sqlalchemy.orm import Session

from adapters.database import audits, letters, outbox
from adapters.database.outbox import Wanted
from adapters.database.tables import LetterRow
from adapters.toolbox import Toolbox
from adapters.vault import VaultError
from domain.letters.model import LetterError
from domain.replays import MOST, Candidate, NotReplayed, ReplayPlan, Why, going, plan_of
from workers.app import DELIVER, enqueue
from workers.correspondence import Correspondence, NothingToSay

log = structlog.get_logger(__name__)

ACTION = "letters.replay"
_BY_STATE: dict[str, Why] = {"planned": "waiting", "claimed": "waiting", "sent": "sent", "expired": "over",
                             "skipped": "done"}  # fmt: skip
_BY_CODE: dict[str, Why] = {"too-late": "over", "not-attending": "withdrawn", "muted": "muted", "switched-off": "muted"}

Chosen = Sequence[str] | Wanted
"""Letters by their ids, or all that are wanted so."""


class Replayer:
    """Plans and does it: for the command line, and for the web part, to which it is handed."""

    def __init__(self, toolbox: Toolbox) -> None:
        self._toolbox = toolbox

    def plan(self, chosen: Chosen, *, anyway: bool = False) -> ReplayPlan:
        """What a replay would do now. `anyway`: also to addresses that are suppressed. Changes nothing."""
        with self._toolbox.database.read() as session:
            ids, more = _ids(session, chosen)
            return plan_of(self._candidates(session, ids, anyway=anyway, lock=False), anyway=anyway, more=more)

    def apply(self, chosen: Chosen, digest: str | None, who: str, reason: str | None, *, anyway: bool = False) -> int:
        """Plan the letters again of which the plan of this digest speaks; how many, 0 where that has been done.
        `digest` None: whatever goes. `who`: as audits name people.

        Raises:
            NotReplayed: where others would go by now.
        """
        with self._toolbox.database.write() as session:
            ids, more = _ids(session, chosen)
            candidates = self._candidates(session, ids, anyway=anyway, lock=True)
            plan = plan_of(candidates, anyway=anyway, more=more)
            if digest is not None and digest != plan.digest:
                if audits.is_done(session, ACTION, digest):
                    return 0
                raise NotReplayed(plan)
            done = self._replay(session, [one.id for one in going(candidates)], anyway=anyway)
            if done:
                self._note(session, plan, who, reason)
        enqueue(DELIVER)
        log.warning("letters replayed by hand", count=done)
        return done

    def _replay(self, session: Session, ids: list[str], *, anyway: bool) -> int:
        clock = self._toolbox.clock
        return len(letters.replay_all(session, ids, clock.now(), clock.machine_now(), anyway=anyway)) if ids else 0

    def _candidates(self, session: Session, ids: Sequence[str], *, anyway: bool, lock: bool) -> list[Candidate]:
        rows = outbox.by_ids(session, ids, lock=lock)
        events, overtaken = outbox.last_events(session, ids), letters.overtaken(session, ids)
        correspondence = Correspondence.of(self._toolbox, session, rows)
        session.expunge_all()  # what follows is asked as if they were sent now; nothing of it is to be written
        return [
            Candidate(one.id, one.participant_id, one.kind, events.get(one.id, 0),
                      "overtaken" if one.id in overtaken else self._why_not(correspondence, one, anyway=anyway))
            for one in rows
        ]  # fmt: skip

    def _why_not(self, correspondence: Correspondence, letter: LetterRow, *, anyway: bool) -> Why | None:
        if letter.state in _BY_STATE:
            return _BY_STATE[letter.state]
        if letter.conference not in correspondence.programmes:
            return "over"
        letter.replayed = anyway
        try:
            correspondence.order(letter, self._toolbox.clock.now())
        except NothingToSay as nothing:
            return "suppressed" if nothing.state == "held" else _BY_CODE.get(nothing.code, "done")
        except (VaultError, LetterError):
            return "unreadable"
        return None

    def _note(self, session: Session, plan: ReplayPlan, who: str, reason: str | None) -> None:
        clock = self._toolbox.clock
        details = {"letters": plan.letters, "people": plan.people, "kinds": plan.kinds, "excluded": plan.excluded}
        audits.note(
            session, self._toolbox.vault, who=who, action=ACTION, about=plan.digest, reason=reason, details=details,
            now=clock.now(), machine_now=clock.machine_now(),
        )  # fmt: skip


def _ids(session: Session, chosen: Chosen) -> tuple[Sequence[str], bool]:
    """At most as many as are replayed together, and whether there are more."""
    found = outbox.ids(session, chosen, MOST + 1) if isinstance(chosen, Wanted) else list(dict.fromkeys(chosen))
    return found[:MOST], len(found) > MOST
