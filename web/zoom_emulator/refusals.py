"""Every error that Zoom is known to answer, by a name of ours: how it reads, and with which HTTP statuses.

Where reports or the versions of Zoom's specification name several statuses, all stand here, the likeliest first.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from web.zoom_emulator.work import Body


class Refusal(Exception):
    """An answer that is an error of Zoom's. What was written before it stays written."""

    def __init__(self, status: int, body: Body, headers: Mapping[str, str] | None = None) -> None:
        super().__init__("refused as Zoom would")
        self.status = status
        self.body = body
        self.headers = dict(headers or {})


@dataclass(frozen=True, slots=True)
class Case:
    """One error. `{number}`, `{scope}`, `{registrant}`, `{address}` and `{what}` in `message` are filled in."""

    code: int
    message: str
    statuses: tuple[int, ...] = (400,)
    field: str = ""
    rate: tuple[str, str, int] | None = None
    """Category, type (empty where Zoom leaves it out) and limit, for the headers of a 429."""
    daily: bool = False


_OVER = "is over, you cannot register now. If you have any questions, contact the"
_RESUME = "GMT 00:00:00."
_WAIT = "rate limit for this API."

CASES: dict[str, Case] = {
    "token_invalid": Case(124, "Invalid access token.", (401,)),
    "token_expired": Case(124, "Access token is expired.", (401,)),
    "scope_missing": Case(4711, "Invalid access token, does not contain scopes:[{scope}].", (400, 401, 403)),
    "validation_failed": Case(300, "Validation Failed.", field="email"),
    "webinar_without_registration": Case(3000, "This webinar does not have registration as required: {number}."),
    "webinar_attendee_limit": Case(
        3000, "You have reached the limit for the number of attendees you can add. Contact Zoom Support for more "
        "information."
    ),
    "webinar_paid_registration": Case(3000, "The Zoom REST API does not support paid registration."),
    "panelist_cannot_register": Case(
        3000, "You have been invited as a panelist for the webinar, please check your email to find more information "
        "about this webinar."
    ),
    "meeting_endpoint_for_webinar_id": Case(3000, "Cannot access webinar info."),
    "registrant_denied": Case(3000, "The registration of this email has been denied."),
    "host_cannot_register": Case(3027, "Host cannot register."),
    "work_email_wanted": Case(3034, "If you have been invited, please input your work email address."),
    "webinar_max_capacity_on_approve": Case(3035, "Webinar has reached maximum attendee capacity."),
    "event_is_over": Case(3038, f"Webinar {_OVER} webinar host."),
    "meeting_is_over": Case(3038, f"Meeting {_OVER.replace('cannot', 'can not')} Meeting host."),
    "meeting_full": Case(3043, "Meeting has reached maximum attendee capacity.", (400, 404)),
    "webinar_full_batch": Case(3043, "Webinar has reached maximum attendee capacity.", (400, 404)),
    "batch_wrong_webinar_type": Case(
        300, "This API can only be used for scheduled webinars (type 5). Batch registration is not supported for other "
        "webinar types."
    ),
    "batch_wrong_type": Case(
        303, "This API can only be used for scheduled meeting(meeting type: 2). Batch registration is not supported "
        "for other meeting types."
    ),
    "webinar_plan_missing": Case(
        200, "Webinar plan is missing. You must subscribe to the webinar plan and enable webinars for this user in "
        "order to perform this action."
    ),
    "no_permission": Case(200, "No permission."),
    "invalid_webinar_id": Case(300, "Invalid webinar ID."),
    "invalid_meeting_id": Case(300, "Invalid meeting ID."),
    "webinar_missing": Case(3001, "Webinar does not exist: {number}.", (404,)),
    "meeting_missing": Case(3001, "Meeting does not exist: {number}.", (404,)),
    "meeting_missing_1001": Case(1001, "Meeting does not exist: {number}.", (404,)),
    "user_missing": Case(1001, "User does not exist: {what}.", (404,)),
    "batch_registration_not_enabled": Case(
        404, "Registration has not been enabled for this meeting: {number}.", (400, 404)
    ),
    "registrant_missing": Case(3079, "This registrant does not exist: {registrant}."),
    "page_token_invalid": Case(300, "The next page token is invalid or expired."),
    "endpoint_unknown": Case(2300, "This API endpoint is not recognized.", (404,)),
    "rate_per_second": Case(
        429, f"You have reached the maximum per-second {_WAIT} Try again later.", (429,), rate=("light", "QPS", 30)
    ),
    "rate_daily": Case(
        429, f"You have reached the maximum daily {_WAIT} Refer to the response header for details on when you can "
        "make another request.", (429,), rate=("heavy", "Daily-limit", 30_000), daily=True,
    ),
    "rate_same_registrant": Case(
        429, "You have exceeded the daily rate limit of (3) for {what} API requests for the registrant ({address}). "
        f"You can resume these API requests at {_RESUME}", (429,), rate=("", "", 3),
    ),
    "rate_status_10": Case(
        429, "You have exceeded the daily rate limit of (10) for {what} API requests for the registrant ({address}). "
        f"You can resume these API requests at {_RESUME}", (429,), rate=("", "", 10),
    ),
    "rate_create_update_100": Case(
        429, "You have exceeded the daily rate limit (100) of Meeting Create/Update API requests permitted for this "
        f"particular user. You may resume these requests at {_RESUME}", (429,), rate=("", "", 100),
    ),
}  # fmt: skip

_NOTHING: Mapping[str, object] = MappingProxyType({})

OAUTH_CASES: dict[str, tuple[tuple[int, ...], Body]] = {
    "oauth_invalid_client": (
        (400, 401), {"reason": "Invalid client_id or client_secret", "error": "invalid_client"},
    ),
    "oauth_unknown_account": ((400,), {"reason": "Account does not exist", "error": "invalid_request"}),
    "oauth_app_not_enabled": (
        (400,), {"reason": "Account does not enabled the OAuth app type", "error": "invalid_request"},
    ),
    "oauth_grant_type": ((400,), {"reason": "unsupported grant type", "error": "unsupported_grant_type"}),
}  # fmt: skip
"""The token endpoint's own."""


def refusal(
    name: str, values: Mapping[str, object] = _NOTHING, *, variant: int = 0, status: int | None = None
) -> Refusal:
    """The error of this name, its text filled in with `values`. `variant` chooses among the statuses that it is known
    with; `status` overrules."""
    if name in OAUTH_CASES:
        statuses, body = OAUTH_CASES[name]
        return Refusal(status or _choose(statuses, variant), body)
    case = CASES[name]
    message = case.message.format_map(defaultdict(str, {key: str(value) for key, value in values.items()}))
    body = {"code": case.code, "message": message}
    if case.field:
        body["errors"] = [{"field": case.field, "message": "Invalid field."}]
    return Refusal(status or _choose(case.statuses, variant), body)


def invalid(*fields: str) -> Refusal:
    """Validation failed for these fields."""
    errors = [{"field": field, "message": "Invalid field."} for field in fields]
    return Refusal(400, {"code": 300, "message": "Validation Failed.", "errors": errors})


def _choose(statuses: tuple[int, ...], variant: int) -> int:
    return statuses[min(variant, len(statuses) - 1)]
