"""What is said again when somebody asks for it: how things stand now, as a letter of its own, whatever was told before.

The calendar entry stays the same: the same SEQUENCE, and a later DTSTAMP (RFC 5546, 2.1.5), so that no program takes it
for a change that has to be answered anew, nor for something old.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from domain.earlier import Earlier, next_dtstamp
from domain.telling import CANCELLED, Place, Reader, Word, draft_of, heard_now, is_farewell
from schemas.programme import Conference, Session


def said_again(
    place: Place, planned: Session, conference: Conference, reader: Reader, earlier: Sequence[Earlier], now: datetime
) -> Word:
    """The letter, None where nothing may be said of the session. `earlier` as in `telling.next_word`; what is planned
    and has not gone is overtaken. Whoever had an entry gets its cancellation again, where they are told of an end."""
    had_entry = any(one.method is not None and one.may_have_gone for one in earlier)
    ends = is_farewell(place, planned)
    place = replace(place, changes=(CANCELLED,) if planned.cancelled else ())
    letter, entry = draft_of(place, planned, conference, None, now, in_calendar=ends and had_entry, invited=False)
    if letter is None:
        return Word(None, (), place.entry, place.sequence, place.told)
    told = place.told
    if letter.method is not None:
        letter = replace(letter, dtstamp=next_dtstamp(now, earlier))
    if letter.method == "REQUEST":
        told = heard_now(place, planned, conference, reader).to_keep()
    return Word(letter, tuple(one.id for one in earlier if one.state == "planned"), entry, place.sequence, told)
