"""Reminders of large sessions are spread around their minute: a thousand letters at once look like spam to whoever gets
them all (rule D17). What was planned stays what is owed; only the moment at which each goes is moved.

Where few are due at one moment each goes at its minute, as do all digests and the reminders just before the start.
"""

from datetime import datetime, timedelta
from functools import partial
from typing import Final

from sqlalchemy.orm import Session

from adapters.database import crowds
from adapters.database.crowds import Crowd
from adapters.toolbox import Toolbox
from domain.cadence import spread, spread_within
from domain.reminders import USEFUL_AFTER_START, hour_before
from schemas.reminders import Reminders

AHEAD: Final = timedelta(hours=2)
"""So long beforehand the audience is counted: most have registered, and the earliest of a spread has not gone."""


def spread_large(toolbox: Toolbox, most: int) -> int:
    """Spread what is due within two hours and is too much for one moment, up to `most` letters of each; how many it
    was. May run twice, and in several processes: where a letter is moved to follows from its id."""
    now = toolbox.clock.now()
    with toolbox.database.read() as session:
        found = [(one, _rules(toolbox, session, one)) for one in crowds.between(session, now, now + AHEAD)]
    return sum(_spread(toolbox, crowd, rules, now, most) for crowd, rules in found if rules is not None)


def _rules(toolbox: Toolbox, session: Session, crowd: Crowd) -> Reminders | None:
    in_force = toolbox.shelf.get(session, crowd.conference)
    return in_force.conference.reminders if in_force else None


def _spread(toolbox: Toolbox, crowd: Crowd, rules: Reminders, now: datetime, most: int) -> int:
    within, hour = spread_within(rules), hour_before(crowd.not_after - USEFUL_AFTER_START, rules)
    if within is None or rules.spread is None or crowd.size < rules.spread.from_letters or hour <= now:
        return 0
    with toolbox.database.write() as session:
        return crowds.spread(session, crowd, hour, partial(_moved, hour, within), most)


def _moved(hour: datetime, within: timedelta, letter_id: str) -> datetime:
    return spread(hour, letter_id, within)
