"""What goes into a letter and what comes out of it. Nothing personal shows in a repr: those reach logs."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from domain.calendar.entry import Method
from domain.letters.told import Told
from domain.places import State, Why
from schemas.programme import Conference, LinkInLetters, Session
from schemas.registration import Attendance, Visibility
from schemas.value import value

LetterKind = Literal[
    "confirmation", "invitation", "link-follows", "update", "cancellation", "withdrawal",
    "week-digest", "digest", "reminder", "last-reminder",
    "pending", "waitlist", "offer", "refusal", "not-understood", "notice", "declined",
]  # fmt: skip
"""One folder of templates each. `link-follows`: an invitation whose link is still to come. `week-digest`, `digest`: a
week before the conference, and the day before, with all that somebody has chosen. `reminder`, `last-reminder`: an hour,
and ten minutes before. `pending`, `waitlist`, `offer`, `refusal`: awaiting approval, on the waiting list, a place that
has become free, and none. `notice`: links that somebody has asked for again. `declined`: somebody's calendar
has declined what they are still registered for."""

LinkState = Literal["present", "follows", "none"]
Change = Literal["link-arrived", "link-renewed", "details", "language", "time-zone", "visibility", "online-instead"]
"""What an update has to tell: of the link, of the session (`details`), and of how its reader is written to.
`online-instead`: who asked for the room attends online; an invitation tells it too."""


class LetterError(ValueError):
    """No letter can be written from this order. Trying again does not help; the message says what is wrong with it."""


class SessionNotConfirmed(LetterError):
    """A letter would promise a session that is unconfirmed or has no time yet."""


@value
class Person:
    """Whom the letter is for. `language`: of the letters asked for (ISO 639); `time_zone`: an IANA name."""

    participant_id: str
    full_name: str = field(repr=False)
    address: str = field(repr=False)
    title: str | None = field(repr=False)
    language: str
    time_zone: str
    visibility: Visibility


@value
class Visit:
    """One session as one participant attends it. `interpretation`: the language wished for (ISO 639).

    `link`: whether the personal `join_link` is `present`, `follows` in an update, or there is `none` to come.
    `leads_to`: what the link opens, the participant's page for joining or Zoom itself. `state`: how the participant
    stands with it; `why`, not as they asked.
    """

    session: Session
    attendance: Attendance
    interpretation: str | None
    join_link: str | None = field(repr=False)
    link: LinkState
    leads_to: LinkInLetters = "join-page"
    state: State = "registered"
    why: Why | None = None


@value
class Sender:
    """Whom the letter comes from. `reply_to`: a mailbox for answers, None where it is `address` itself."""

    name: str
    address: str
    reply_to: str | None = None


def organizer(sender: Sender) -> str:
    """The mailbox that answers to invitations go to, whatever Reply-To says: it must be one that people read."""
    return sender.reply_to or sender.address


@value
class Offer:
    """A place that has become free. `until` (aware): when it goes to the next. `answer`: where to accept or decline."""

    until: datetime
    answer: str = field(repr=False)


@value
class CalendarPart:
    """What must be the same each time one letter is sent. `dtstamp` is aware; `uid` is the session's for all people."""

    method: Method
    uid: str
    sequence: int
    dtstamp: datetime


@value
class Order:
    """Everything one letter is made from: the same order makes the same bytes.

    `visits`: at least one, but in `not-understood` and `notice`; exactly one where there is a `calendar` part.
    `message_id` in angle brackets. `date` is aware. `contact`: whom participants may ask, an address or a line.
    `under_way`: the session has begun already. `mute`: the address at which one click ends reminders (RFC 8058); for
    reminders only. `before`: what this person was last told of the one session of an `update`. `offer`: in an `offer`.
    `problems`: the codes of what a registration could not be understood by (schemas.registration.Reason).
    `registering`: where to register. `page`: the participant's own, where everything can be changed.
    """

    kind: LetterKind
    conference: Conference
    person: Person
    visits: tuple[Visit, ...]
    message_id: str
    date: datetime
    sender: Sender
    contact: str
    calendar: CalendarPart | None = None
    overlaps: tuple[tuple[Visit, Visit], ...] = ()
    changes: tuple[Change, ...] = ()
    under_way: bool = False
    mute: str | None = field(default=None, repr=False)
    before: Told | None = None
    offer: Offer | None = None
    problems: tuple[str, ...] = ()
    registering: str | None = None
    page: str | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Letter:
    """A letter, ready to send. `calendar`: the iCalendar object in it. `message`: RFC 5322, with CRLF, ASCII only; but
    the address in To is in UTF-8 where it has other letters before its @ (RFC 6532)."""

    subject: str = field(repr=False)
    text: str = field(repr=False)
    html: str = field(repr=False)
    calendar: bytes | None = field(repr=False)
    language: str
    message: bytes = field(repr=False)
