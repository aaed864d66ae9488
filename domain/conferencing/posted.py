"""Zoom's bodies, field by field, as far as they are used: `domain.conferencing.notifications` says what they mean.

Lenient where a notification is worth more than one of its fields: a time, a link or a status that cannot be read is
None, and Zoom is asked again. Strict about numbers and ids, by which rows are found.
"""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, ValidationError, ValidatorFunctionWrapHandler, WrapValidator

from schemas.base import ForeignShape
from schemas.zoom import RegistrantStatus

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
_LINK = re.compile(r"https?://[!-~]{1,2000}")


def printable(value: object) -> str:
    """Words on one line. What `PersonName` refuses becomes a blank: whom Zoom has let in is not to be lost for it."""
    return " ".join(_UNPRINTABLE.sub(" ", value).split()) if isinstance(value, str) else ""


def _whole_number(value: object) -> object:
    digits = "".join(value.split()) if isinstance(value, str) else ""
    return int(digits) if re.fullmatch(r"[0-9]{1,19}", digits) else value


def _moment(value: object, parse: ValidatorFunctionWrapHandler) -> datetime | None:
    try:
        moment: datetime = parse(value)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValidationError, OverflowError):
        return None


def _empty_is_none(value: object) -> object:
    return None if value == "" else value


def _status(value: object) -> object:
    return value if value in ("pending", "approved", "denied") else None


def _link(value: object) -> object:
    return value if isinstance(value, str) and _LINK.fullmatch(value) else None


Number = Annotated[int, Field(strict=True, ge=1, le=2**63 - 1), BeforeValidator(_whole_number)]
"""An event's number: 98123456780, "98123456780" or "981 2345 6780"."""

Milliseconds = Annotated[
    int, Field(strict=True, ge=946_684_800_000, lt=4_102_444_800_000), BeforeValidator(_whole_number)
]
"""Unix time, in this century: what is given in seconds would be a day of 1970."""

Moment = Annotated[datetime, WrapValidator(_moment)]
"""Aware and UTC, which is meant where no zone is given; None where it cannot be read."""

RegistrantId = Annotated[str, Field(pattern=r"^[!-~]{1,64}$")]
Words = Annotated[str, BeforeValidator(printable)]


class Posted(ForeignShape):
    """Every notification but `app_deauthorized`."""

    event_ts: Milliseconds
    payload: dict[str, Any]

    @property
    def at(self) -> datetime:
        """When it happened, aware and UTC."""
        seconds, rest = divmod(self.event_ts, 1000)
        return datetime.fromtimestamp(seconds, UTC) + timedelta(milliseconds=rest)


class PostedEvent(ForeignShape):
    """`payload.object`: the event that it is about."""

    id: Number
    end_time: Moment | None = None
    practice_session: Annotated[bool, BeforeValidator(lambda value: value is True)] = False


class PostedRegistrant(ForeignShape):
    """`payload.object.registrant`."""

    id: RegistrantId
    email: str = Field(min_length=3, max_length=320, repr=False)
    first_name: Words = Field(default="", repr=False)
    last_name: Words = Field(default="", repr=False)
    language: Words = ""
    status: Annotated[RegistrantStatus | None, BeforeValidator(_status)] = None
    join_url: Annotated[str | None, BeforeValidator(_link)] = Field(default=None, repr=False)


class PostedParticipant(ForeignShape):
    """`payload.object.participant`. Guests have an empty registrant id."""

    registrant_id: Annotated[RegistrantId | None, BeforeValidator(_empty_is_none)] = None
    join_time: Moment | None = None
    leave_time: Moment | None = None


class PostedDeauthorization(ForeignShape):
    """`payload` of `app_deauthorized`, whose only times are texts, one of them without a zone."""

    account_id: str = Field(max_length=64)
    deauthorization_time: Moment | None = None
    event_ts: Moment | None = None
