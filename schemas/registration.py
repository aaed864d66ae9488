"""What a registration says: the native webhook body, and the shape into which every form's answers are brought."""

import re
from datetime import datetime
from functools import cache
from typing import Annotated, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, BeforeValidator, EmailStr, Field, StringConstraints

from schemas.base import ForeignShape
from schemas.programme import CORRESPONDENCE_LANGUAGES, Identifier, Language

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")

_WEB_ADDRESS = re.compile(r"://|\bwww\.", re.IGNORECASE)

_LINE_ENDS = {ord(sign): " " for sign in "\r\n\t"}


def _printable(value: str) -> str:
    """Names stand in headers and calendar lines: line breaks and direction overrides are refused, not stripped,
    because a name that carries them was not typed by a person (ASVS 1.3.11). So are web addresses: anybody can type
    somebody else's address beside them, and mail programs would make a link of such a salutation."""
    if _CONTROL.search(value):
        raise ValueError("must not contain line breaks or control characters")
    if _WEB_ADDRESS.search(value):
        raise ValueError("must not be a web address")
    if not any(sign.isalnum() for sign in value):
        raise ValueError("must have at least one letter or digit")
    return " ".join(value.split())


def _without_controls(value: str) -> str:
    if _CONTROL.search(value.translate(_LINE_ENDS)):
        raise ValueError("must not contain control characters")
    return value


def _blank_is_none(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


@cache
def _zones() -> frozenset[str]:
    """Read from disk once: it takes milliseconds."""
    return frozenset(available_timezones())


def _known_zone(value: str) -> str:
    if value not in _zones():
        raise ValueError("is not an IANA time zone, such as Europe/Kyiv")
    return value


def _correspondence(value: str) -> str:
    if value not in CORRESPONDENCE_LANGUAGES:
        raise ValueError(f"letters are written in {', '.join(CORRESPONDENCE_LANGUAGES)}")
    return value


def _code(value: object) -> object:
    """Codes are typed and sent in either case, and an empty one says nothing."""
    return _blank_is_none(value.strip().lower()) if isinstance(value, str) else value


def _hyphenated(value: object) -> object:
    code = _code(value)
    return code.replace("_", "-") if isinstance(code, str) else code


def _unsaid_is_no(value: object) -> object:
    return False if value is None else value


PersonName = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), AfterValidator(_printable)
]
OptionalName = Annotated[PersonName | None, BeforeValidator(_blank_is_none)]


Correspondence = Annotated[Language, AfterValidator(_correspondence)]
KnownZone = Annotated[str, AfterValidator(_known_zone)]
Needs = Annotated[str, StringConstraints(max_length=2000), AfterValidator(_without_controls)]
Consent = Annotated[bool, BeforeValidator(_unsaid_is_no)]
Attendance = Literal["online", "in-person"]
Visibility = Literal["standard", "discreet"]


class Consents(ForeignShape):
    """Each is asked for by itself and starts as no."""

    recording: Consent = False
    photography: Consent = False
    announcements: Consent = False


class RegistrationData(ForeignShape):
    """A person's registration for sessions of one conference.

    What is absent is None and means "not said": a known participant keeps what was said before, a new one gets the
    default. So a second form that does not ask cannot switch discreet letters off.
    """

    full_name: PersonName
    title: OptionalName = None
    email: EmailStr
    organisation: OptionalName = None
    country: OptionalName = None
    language: Annotated[Correspondence | None, BeforeValidator(_code)] = None
    time_zone: Annotated[KnownZone | None, BeforeValidator(_blank_is_none)] = None
    sessions: Annotated[tuple[Identifier, ...], Field(min_length=1, max_length=200)] | Literal["all"]
    attendance: Annotated[Attendance | None, BeforeValidator(_hyphenated)] = None
    interpretation: Annotated[Language | None, BeforeValidator(_code)] = None
    visibility: Annotated[Visibility | None, BeforeValidator(_code)] = None
    alias: OptionalName = None
    needs: Annotated[Needs | None, BeforeValidator(_blank_is_none)] = None
    consents: Consents | None = None


class Attempt(ForeignShape):
    """What is used of a registration that could not be understood: whom to write to, and how."""

    email: EmailStr
    language: Annotated[Correspondence | None, BeforeValidator(_code)] = None
    time_zone: Annotated[KnownZone | None, BeforeValidator(_blank_is_none)] = None
    visibility: Annotated[Visibility | None, BeforeValidator(_code)] = None


class WithdrawalData(ForeignShape):
    """Withdrawal from the named sessions, or from all of them where none is named."""

    email: EmailStr
    sessions: Annotated[
        Annotated[tuple[Identifier, ...], Field(min_length=1, max_length=200)] | Literal["all"],
        BeforeValidator(lambda value: "all" if value is None else value),
    ] = "all"


class LinksData(ForeignShape):
    """Whose links for joining shall be sent again. `renew`: and their own page gets another address."""

    email: EmailStr
    renew: bool = False


class PlaceData(ForeignShape):
    """How somebody wants to attend one session. What is absent stays as it is, or is as a registration's own."""

    session: Identifier
    attendance: Annotated[Attendance | None, BeforeValidator(_hyphenated)] = None
    interpretation: Annotated[Language | None, BeforeValidator(_code)] = None


class PreferencesData(ForeignShape):
    """What somebody changes on their own page, in one go. What is absent stays; an `alias` of None is taken away.

    `places`: sessions to be registered for, or to be attended otherwise. `withdrawn`: sessions to be withdrawn from.
    So one such message says all that another one has changed, the other way round.
    """

    email: EmailStr
    language: Annotated[Correspondence | None, BeforeValidator(_code)] = None
    time_zone: Annotated[KnownZone | None, BeforeValidator(_blank_is_none)] = None
    visibility: Annotated[Visibility | None, BeforeValidator(_code)] = None
    alias: OptionalName = None
    places: Annotated[tuple[PlaceData, ...], Field(max_length=200)] = ()
    withdrawn: Annotated[tuple[Identifier, ...], Field(max_length=200)] = ()


class OfferData(ForeignShape):
    """Sessions with a place on offer, and whose it is."""

    email: EmailStr
    sessions: Annotated[tuple[Identifier, ...], Field(min_length=1, max_length=200)]


class RegistrationSubmitted(ForeignShape):
    """`registration.submitted`, as in the interface. Its `timestamp` is not read: what counts is when it arrived.

    `submitted_at` (UTC) is no part of it: when somebody pressed the button, as a form's provider says in what it
    signs. A provider that could not deliver comes again hours later, and must not undo what was said meanwhile.
    """

    type: Literal["registration.submitted"]
    data: RegistrationData
    submitted_at: datetime | None = None


class RegistrationWithdrawn(ForeignShape):
    """`registration.withdrawn`, as in the interface."""

    type: Literal["registration.withdrawn"]
    data: WithdrawalData


class LinksRequested(ForeignShape):
    """`registration.links_requested`: somebody cannot find the letters with their links. Answered by letter alone."""

    type: Literal["registration.links_requested"]
    data: LinksData


class RegistrationPreferences(ForeignShape):
    """`registration.preferences`: what a known participant changes. Refused for anybody else."""

    type: Literal["registration.preferences"]
    data: PreferencesData


class OfferAccepted(ForeignShape):
    """`registration.offer_accepted`: the place that had become free is taken."""

    type: Literal["registration.offer_accepted"]
    data: OfferData


class OfferDeclined(ForeignShape):
    """`registration.offer_declined`: the place that had become free goes to the next."""

    type: Literal["registration.offer_declined"]
    data: OfferData


class Reason(ForeignShape):
    """Why something was refused: which field, a code for programs, a sentence for people. Never the value itself."""

    field: str
    code: str
    message: str
