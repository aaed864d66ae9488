"""What a refusal of Zoom's means: wait, try again, ask a person, stop, or nothing to do any more.

One table, by endpoint and code. Zoom's wording is read only where one code has several meanings (3000, 300, 200), and
never decides whether something is lost: what is not understood is tried again, and then shown to a person. Sources:
Zoom's OpenAPI files of 2024 and 2025; they file some codes under different HTTP statuses, so the status decides only
where there is no code.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

from schemas.zoom import Endpoint, Refusal

Do = Literal["again", "wait", "ask", "stop", "done"]
Scope = Literal["person", "event", "account"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What to do, and the code under which it is shown.

    - `again`: this may pass by itself; list who is there, then the same once more, `after` so long.
    - `wait`: a limit; not before `until` (the conference's time, UTC), or `after` so long.
    - `ask`: a person must look. With `after` it can mend itself, and is looked at again by then; else it stays until
      somebody has changed something.
    - `stop`: nothing works here until somebody mends it: alarm, and look again slowly.
    - `done`: it is as it should be.

    `scope`: to whom else the same would be said: nobody else, all at this event, all of this account. What is said to
    a batch need not hold for each in it: it has the scope "person", and they are added one by one.
    """

    do: Do
    reason: str
    after: timedelta | None = None
    until: datetime | None = None
    scope: Scope = "event"


_WAITS: Final = tuple(timedelta(seconds=seconds) for seconds in (2, 5, 15, 30, 60, 120, 300, 600))
_PAUSES: Final = tuple(timedelta(seconds=seconds) for seconds in (1, 2, 2, 5, 15, 30, 60))
"""After a limit per second. They grow, because where Zoom's headers are missing it can be another limit."""

_SLOWLY: Final = timedelta(minutes=10)
_TRIES: Final = 3

_Endpoints = frozenset[Endpoint]
_ADDITIONS: Final[_Endpoints] = frozenset({"add-registrant", "batch-registrants"})
_CHANGES: Final[_Endpoints] = _ADDITIONS | {"set-status"}
_OF_PEOPLE: Final[_Endpoints] = _CHANGES | {"get-registrant"}
_OF_EVENT: Final[_Endpoints] = _OF_PEOPLE | {"get-event", "update-event", "list-registrants"}
_OF_ACCOUNT: Final[_Endpoints] = frozenset({"token", "list-users", "list-events", "user-settings"})
_ALL: Final[_Endpoints] = _OF_EVENT | _OF_ACCOUNT


@dataclass(frozen=True, slots=True)
class _Rule:
    """The first rule that fits decides. One of the `words` stands in Zoom's, whatever their case; none for any."""

    codes: tuple[int, ...]
    endpoints: _Endpoints
    do: Do
    name: str
    scope: Scope
    words: tuple[str, ...] = ()

    def fits(self, refusal: Refusal) -> bool:
        said = refusal.message.lower()
        return (
            refusal.code in self.codes
            and refusal.endpoint in self.endpoints
            and (not self.words or any(word in said for word in self.words))
        )


_RULES: Final = (
    _Rule((124,), _ALL, "stop", "token", "account"),
    # Without the scope for batches people are added one by one.
    _Rule((4711,), frozenset({"batch-registrants"}), "again", "no-batch", "person"),
    _Rule((4711,), _ALL, "stop", "scopes", "account"),
    _Rule((200,), _OF_ACCOUNT, "stop", "no-permission", "account"),
    _Rule((200,), _OF_EVENT, "stop", "no-licence", "event", ("plan is missing",)),
    _Rule((200,), _OF_EVENT, "stop", "no-permission", "event"),
    _Rule((1001, 3001), _OF_ACCOUNT, "stop", "no-host", "account"),
    _Rule((1001, 3001), _OF_EVENT, "stop", "no-event", "event"),
    _Rule((404,), _OF_EVENT, "stop", "no-registration", "event"),
    _Rule((3038,), _OF_EVENT, "stop", "over", "event"),
    _Rule((3000,), _OF_EVENT, "stop", "other-kind", "event", ("cannot access webinar",)),
    _Rule((3000,), _OF_EVENT, "stop", "no-registration", "event", ("not have registration",)),
    _Rule((3000,), _OF_EVENT, "stop", "paid-registration", "event", ("paid registration",)),
    _Rule((3000,), _ADDITIONS, "ask", "panelist", "person", ("panelist",)),
    _Rule((3000,), _CHANGES, "ask", "full", "event", ("limit for the number",)),
    # Since they were listed: the next list says how they stand.
    _Rule((3000,), _ADDITIONS, "again", "denied", "person", ("denied",)),
    _Rule((3000,), _ADDITIONS, "ask", "refused", "person"),
    _Rule((3035, 3043), _CHANGES, "ask", "full", "event"),
    _Rule((3027,), _ADDITIONS, "ask", "host", "person"),
    _Rule((3034,), _ADDITIONS, "ask", "work-address", "person"),
    _Rule((300,), _OF_EVENT, "stop", "no-event", "event", ("invalid webinar id", "invalid meeting id")),
    _Rule((300, 303), frozenset({"batch-registrants"}), "again", "no-batch", "event", ("can only be used",)),
    _Rule((300,), _ADDITIONS, "ask", "invalid", "person"),
    # Who was listed has gone since: the next list tells what is to be done.
    _Rule((3079,), _OF_PEOPLE, "again", "no-registrant", "person"),
)

# A batch is refused for one of its people, or for more people than there are places.
_OF_SOME: Final = frozenset({"full", "no-batch", "panelist", "refused", "host", "work-address", "invalid"})


def outcome(refusal: Refusal, *, tries: int, now: datetime) -> Outcome:
    """What to do about a refusal. `tries`: how often it was refused before; `now`: the conference's time, UTC."""
    if refusal.endpoint == "get-questions":
        # Asked for the sake of a warning alone: nothing waits for its answer, and nothing stops without it.
        reason = "zoom-no-answer" if refusal.status is None else _reason(refusal, "questions")
        return Outcome("again", reason, after=_nth(_WAITS, tries))
    return _limit(refusal, tries, now) or _by_rule(refusal, tries) or _by_status(refusal, tries)


def _limit(refusal: Refusal, tries: int, now: datetime) -> Outcome | None:
    """Zoom's limits, and our own count of them, which says the same a little earlier."""
    if not refusal.ours and 429 not in {refusal.status, refusal.code}:
        return None
    if refusal.limits_one and refusal.endpoint == "batch-registrants":
        return Outcome("again", "zoom-429-person-per-day", after=_nth(_WAITS, tries), scope="person")
    asked = None if refusal.retry_after is None else timedelta(seconds=refusal.retry_after)
    until = _midnight(now) if asked is None else now + asked
    if refusal.ours == "person-budget" or (refusal.limits_one and refusal.endpoint in _OF_PEOPLE):
        return Outcome("wait", "zoom-429-person-per-day", until=until, scope="person")
    if refusal.limits_one:
        return Outcome("wait", "zoom-429-event-per-day", until=until)
    if refusal.daily:
        return Outcome("wait", "zoom-429-per-day", until=until, scope="account")
    return Outcome("wait", "zoom-429-per-second", after=asked or _nth(_PAUSES, tries), scope="account")


def _by_rule(refusal: Refusal, tries: int) -> Outcome | None:
    if refusal.endpoint == "set-status" and "already" in refusal.message.lower():
        return Outcome("done", _reason(refusal, "already"), scope="person")
    rule = next((rule for rule in _RULES if rule.fits(refusal)), None)
    if rule is None:
        return None
    reason = _reason(refusal, rule.name)
    if refusal.endpoint == "batch-registrants" and rule.name in _OF_SOME:
        return Outcome("again", reason, after=_nth(_WAITS, tries), scope="person")
    # Of a full event all that wait are told the same, so it is asked for one of them; a place may become free.
    slowly = _SLOWLY if rule.do == "stop" or rule.name == "full" else None
    return Outcome(rule.do, reason, after=_nth(_WAITS, tries) if rule.do == "again" else slowly, scope=rule.scope)


def _by_status(refusal: Refusal, tries: int) -> Outcome:
    """Without a code that is known."""
    status, scope = refusal.status, _scope(refusal)
    if status is None:
        return Outcome("again", "zoom-no-answer", after=_nth(_WAITS, tries), scope=scope)
    by_zoom = refusal.code is not None or refusal.message not in {"", "unreadable"}
    if status < 500 and by_zoom and refusal.endpoint == "token":
        return Outcome("stop", _token_reason(refusal), after=_SLOWLY, scope="account")
    if status == 401:
        return Outcome("stop", _reason(refusal, "token"), after=_SLOWLY, scope="account")
    if status >= 500 or not by_zoom:
        name = "down" if status >= 500 else "unreadable"
        return Outcome("again", f"zoom-{status}-{name}", after=_nth(_WAITS, tries), scope=scope)
    if tries + 1 < _TRIES:
        return Outcome("again", _reason(refusal, "unknown"), after=_nth(_WAITS, tries), scope=scope)
    return Outcome("ask", _reason(refusal, "unknown"), scope=scope)


def _scope(refusal: Refusal) -> Scope:
    """Of what nobody understands: the list that is read before every addition tells whether it is more than that."""
    if refusal.endpoint in _OF_ACCOUNT:
        return "account"
    return "person" if refusal.endpoint in _OF_PEOPLE else "event"


def _reason(refusal: Refusal, name: str) -> str:
    return f"zoom-{refusal.status if refusal.code is None else refusal.code}-{name}"


def _token_reason(refusal: Refusal) -> str:
    """With the error's name, as RFC 6749 5.2 writes it: `invalid_client`."""
    named = re.match(r"[a-z_]{1,40}(?=:|$)", refusal.message)
    return f"zoom-token-{named[0].replace('_', '-')}" if named else _reason(refusal, "token")


def _nth(waits: tuple[timedelta, ...], tries: int) -> timedelta:
    return waits[min(tries, len(waits) - 1)]


def _midnight(now: datetime) -> datetime:
    """The next 00:00 UTC, when Zoom begins to count anew."""
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return today + timedelta(days=1)
