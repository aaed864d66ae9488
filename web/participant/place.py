"""What one person finds on their join page: everything its template may say, in their language, on both clocks.

For whoever wants discreet letters the page is as discreet as they are: a neutral title, no name of a conference.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime

from adapters.database.tables import ParticipantRow, RegistrationRow
from domain.discretion import discreet_title
from domain.interpretation import Languages, languages
from domain.join import Door, State, door
from domain.letters.catalogues import Words
from domain.locales import capital
from domain.programme import Said, said
from domain.times import Period, WallTimeError, When, describe, session_period
from schemas.programme import Conference, Session
from schemas.registration import Attendance
from web.participant.destinations import destinations


@dataclass(frozen=True, slots=True)
class Place:
    """One registration, as its page shows it now, in `language`; the programme's own texts may be in another.

    `conference` is None for discreet people. `when` is None while the time is not certain. `opens`: when the door
    opens, at the conference's place and, where the clocks differ, at the participant's. `room`: for those who come.
    `attendance_kept`: whether it is recorded who was there. `watched`: somebody may be waiting in front of the page.
    `link` is there while the door is open, and only then, and the browser lets it lead to `leads_to`.
    """

    language: str
    state: State
    title: Said
    conference: Conference | None
    contact: str
    when: When | None
    opens: tuple[When, ...]
    attendance: Attendance
    room: Said | None
    languages: Languages
    attendance_kept: bool
    watched: bool
    leads_to: tuple[str, ...]
    link: str | None = field(repr=False)


def place_of(
    conference: Conference, row: RegistrationRow, participant: ParticipantRow, now: datetime,
    words_in: Callable[[str], Words], *, contact: str, is_there: bool, still_on: bool, link: Callable[[], str | None],
) -> Place | None:  # fmt: skip
    """The place of a registration at `now` (the conference's time); None where its session is in the programme no
    more, or so long over that the address is none. `contact`: whom to ask where the programme names nobody.
    `is_there`: whether Zoom has this person; where it has lost them, the link that is kept leads nowhere. `still_on`:
    Zoom says that the session has begun, and not that it has ended.

    Raises:
        VaultError: where the link cannot be opened with the keys at hand.
    """
    session = conference.session(row.session)
    period = None if session is None else period_of(session, conference)
    if session is None:
        return None
    stands = _door(session, period, row, now, is_there=is_there, still_on=still_on)
    if stands.state == "unknown":
        return None
    stands, opened, leads_to = _opened(stands, link)
    words = words_in(participant.language or conference.language)
    home, discreet = participant.time_zone or conference.time_zone, participant.visibility == "discreet"
    return Place(
        language=words.language,
        state=stands.state,
        title=_title(conference, session, row, words, discreet=discreet),
        conference=None if discreet else conference,
        contact=conference.contact or contact,
        when=described(period, conference.time_zone, home, words) if period else None,
        opens=_opens(stands, period, conference.time_zone, home, words),
        attendance=row.attendance,
        room=said(conference, "place", words.language, session) if row.attendance == "in-person" else None,
        languages=languages(session, conference, row.interpretation, words),
        attendance_kept=session.zoom is not None and session.zoom.record_attendance,
        watched=stands.is_watched(now),
        leads_to=leads_to,
        link=opened,
    )


def _door(
    session: Session, period: Period | None, row: RegistrationRow, now: datetime, *, is_there: bool, still_on: bool
) -> Door:
    link = row.link if is_there else "wanted"
    return door(period, now, registration=row.state, link=link, cancelled=session.cancelled, still_on=still_on)


def _opened(stands: Door, link: Callable[[], str | None]) -> tuple[Door, str | None, tuple[str, ...]]:
    """The door with what is behind it. A link that no browser could follow is none."""
    if stands.state != "open":
        return stands, None, ()
    found = link()
    leads_to = () if found is None else destinations(found)
    return (stands, found, leads_to) if leads_to else (replace(stands, state="overdue"), None, ())


def _title(conference: Conference, session: Session, row: RegistrationRow, words: Words, *, discreet: bool) -> Said:
    """What the page is called."""
    title = None if discreet else said(conference, "title", words.language, session)
    return title or Said(*discreet_title(conference, words, in_person=row.attendance == "in-person"))


def period_of(session: Session, conference: Conference) -> Period | None:
    """When a session takes place; None while that is not certain."""
    if session.unconfirmed is not None:
        return None
    try:
        return session_period(session, conference.time_zone)
    except WallTimeError:
        return None


def _opens(stands: Door, period: Period | None, venue: str, home: str, words: Words) -> tuple[When, ...]:
    if stands.opens_at is None or period is None:
        return ()
    moment = Period(stands.opens_at, stands.opens_at)
    there, here = described(moment, venue, home, words), described(moment, home, home, words)
    return (there,) if there.home_line is None else (there, here)


def described(period: Period, venue: str, home: str, words: Words) -> When:
    """The words for a period, beginning with capitals: they stand by themselves."""
    said = describe(period, venue, home, words.language, words.gettext)
    return replace(said, date=said.date_line, home_line=said.home_line and capital(said.home_line))
