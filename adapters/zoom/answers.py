"""What Zoom answers, read: a JSON object, or a refusal with its code.

Trusts no HTTP status alone: Zoom sends errors with 200, and proxies send pages with any status. What a refusal means
is not judged here (`domain.conferencing.outcomes`).
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

from adapters.zoom.calls import Call
from schemas.zoom import Refusal

_LONGEST_WAIT: Final = 86_400.0
"""Seconds. No limit of Zoom's lasts longer than a day."""

_SKEW: Final = 60.0
_PER_PERSON: Final = 3
_NUMBER_IN_BRACKETS: Final = re.compile(r"\((\d{1,9})\)")
_NOT_PRINTABLE: Final = re.compile(r"[^\x21-\x7e]")


class ZoomRefused(Exception):
    """A call did not bring what it should. Whether trying again helps is `domain.conferencing.outcomes`' to say."""

    def __init__(self, refusal: Refusal) -> None:
        told = f"status {refusal.status}, code {refusal.code}, tracking id {refusal.tracking_id}"
        super().__init__(f"{refusal.endpoint}: {refusal.ours or told}")
        self.refusal = refusal


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it came. Headers are found whatever their case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def tracking_id(self) -> str | None:
        """Zoom's own name for this call, which its support asks for."""
        written = self.headers.get("x-zm-trackingid", "")
        return _NOT_PRINTABLE.sub("", written)[:120] or None

    @property
    def ends_second(self) -> bool:
        """Whether the limit per second is used up by this call."""
        kind = self.headers.get("x-ratelimit-type", "")
        return kind.strip().upper() == "QPS" and self.headers.get("x-ratelimit-remaining", "").strip() == "0"


def read(call: Call, reply: Reply, now: datetime, rehearsed: datetime | None = None) -> dict[str, Any]:
    """The JSON object of an answer; empty where a change is answered by nothing (204).

    `now` is the machine's time, from which a Retry-After is counted where the answer has no Date; `rehearsed` the
    conference's, in which an emulated Zoom may live.

    Raises:
        ZoomRefused: for every other answer.
    """
    told = _json(reply.body)
    good = 200 <= reply.status < 300
    if good and call.method != "GET" and not reply.body.strip():
        return {}
    if good and told is not None and not _is_error(told):
        return told
    raise ZoomRefused(_refusal(call, reply, told or {}, (now, rehearsed or now)))


def no_answer(call: Call, why: Exception) -> ZoomRefused:
    """The refusal of a call that nobody answered. Of the reason only its name is kept: the rest can hold an address."""
    return ZoomRefused(
        Refusal(endpoint=call.endpoint, kind=call.kind, category=call.category, message=type(why).__name__)
    )


def unreadable(call: Call, reply: Reply | None = None) -> ZoomRefused:
    """The refusal of an answer that is JSON, but does not say what this endpoint does."""
    return ZoomRefused(
        Refusal(
            endpoint=call.endpoint, kind=call.kind, category=call.category, status=reply.status if reply else 200,
            tracking_id=reply.tracking_id if reply else None, message="unreadable",
        )
    )  # fmt: skip


def _json(body: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _is_error(told: Mapping[str, Any]) -> bool:
    return "code" in told or ("error" in told and "access_token" not in told)


def _refusal(call: Call, reply: Reply, told: Mapping[str, Any], times: tuple[datetime, datetime]) -> Refusal:
    message, code = _message(told), _code(told)
    limited = 429 in {reply.status, code}
    limit = _limit(reply.headers, message) if limited else None
    return Refusal(
        endpoint=call.endpoint, kind=call.kind, category=call.category, status=reply.status, code=code,
        daily=limited and _daily(reply.headers, message, limit), limit=limit,
        retry_after=_seconds_to_wait(reply.headers, times), tracking_id=reply.tracking_id, message=message,
    )  # fmt: skip


def _message(told: Mapping[str, Any]) -> str:
    """Zoom's words; of the token endpoint, which has no codes, `error: reason` (RFC 6749 5.2 calls them otherwise)."""
    words = [str(told[name]) for name in ("error", "reason", "error_description", "message") if told.get(name)]
    return ": ".join(words)[:500]


def _code(told: Mapping[str, Any]) -> int | None:
    written = told.get("code")
    if isinstance(written, bool) or not isinstance(written, int | str):
        return None
    try:
        return int(written)
    except ValueError:
        return None


def _limit(headers: Mapping[str, str], message: str) -> int | None:
    written = headers.get("x-ratelimit-limit", "").strip()
    if written.isascii() and written.isdigit():
        return int(written[:9])
    found = _NUMBER_IN_BRACKETS.search(message)
    return int(found[1]) if found else None


def _daily(headers: Mapping[str, str], message: str, limit: int | None) -> bool:
    """Whether a 429 speaks of a day. Its headers may be missing: then the words tell, or a limit that no second has."""
    if kind := headers.get("x-ratelimit-type", "").lower():
        return "daily" in kind
    return limit == _PER_PERSON or "daily" in message.lower() or "GMT 00:00" in message


def _seconds_to_wait(headers: Mapping[str, str], times: tuple[datetime, datetime]) -> float | None:
    """Retry-After, in seconds from when the answer was made: a number, an HTTP date (RFC 9110 10.2.3), or, as Zoom
    writes it, an ISO 8601 date-time. At least one, at most a day; an instant of another time than the answer's says
    nothing."""
    written = headers.get("retry-after", "").strip()
    if written.isascii() and written.isdigit():
        return min(max(float(written[:9]), 1.0), _LONGEST_WAIT)
    at = _instant(written)
    if at is None:
        return None
    for base in (_instant(headers.get("date", "")) or times[0], times[1]):
        seconds = (at - base).total_seconds()
        if -_SKEW < seconds <= _LONGEST_WAIT + _SKEW:
            return max(seconds, 1.0)
    return None


def _instant(written: str) -> datetime | None:
    """An ISO 8601 or HTTP date; one without an offset is UTC."""
    if not written:
        return None
    try:
        at = datetime.fromisoformat(written)
    except ValueError:
        try:
            at = parsedate_to_datetime(written)
        except ValueError:
            return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
