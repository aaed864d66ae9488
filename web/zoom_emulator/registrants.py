"""Registrants of an event: added, found, listed, approved, denied, and shown as Zoom's API shows them.

One address is one registrant of an event, in whatever case it is written. Cancelling leaves it denied, and then it
cannot be added again; only approving brings it back.
"""

import json
import secrets
import sqlite3
from typing import Final

from schemas.zoom import RegistrantStatus, StatusAction
from web.zoom_emulator import events, settings, users
from web.zoom_emulator.accounts import EmulatedAccount
from web.zoom_emulator.links import join_url, key_in, new_id, new_key
from web.zoom_emulator.notifications import announce, operator
from web.zoom_emulator.recurrence import occurrences
from web.zoom_emulator.refusals import refusal
from web.zoom_emulator.work import Body, Work, compact, from_timestamp, zoom_time

FIELDS = (
    "address", "city", "country", "zip", "state", "phone", "industry", "org", "job_title", "purchasing_time_frame",
    "role_in_purchase_process", "no_of_employees", "comments",
)  # fmt: skip
"""What may be said of a registrant beside names and address, in the order in which Zoom repeats it."""

_AFTER: Final[dict[StatusAction, RegistrantStatus]] = {"approve": "approved", "deny": "denied", "cancel": "denied"}
_TOLD_AS: Final[dict[StatusAction, str]] = {"approve": "approved", "deny": "denied", "cancel": "cancelled"}


def open_for_registration(work: Work, event: sqlite3.Row, *, batch: bool) -> None:
    """Raises Refusal where nobody can register for the event: it has no registration, or is over."""
    webinar, number = event["kind"] == "webinar", event["number"]
    if json.loads(event["settings"])["approval_type"] == settings.NO_REGISTRATION:
        case = "webinar_without_registration" if webinar else "batch_registration_not_enabled"
        raise refusal(case, {"number": number}, variant=work.options.variant)
    over = events.ends_at(event)
    if event["state"] == "ended" or (over is not None and over <= work.now):
        raise refusal("event_is_over" if webinar else "meeting_is_over")
    if batch and json.loads(event["details"])["type"] != (5 if webinar else 2):
        raise refusal("batch_wrong_webinar_type" if webinar else "batch_wrong_type")


def add(
    work: Work, account: EmulatedAccount, event: sqlite3.Row, said: Body, *,
    auto_approve: bool = False, batch: bool = False, by_api: bool = True,
) -> sqlite3.Row:  # fmt: skip
    """Add somebody, whose data were validated; whoever is there is returned as they are.

    Raises Refusal for hosts, panelists and denied addresses, and where the event is full.
    """
    address, number = said["email"].strip().lower(), event["number"]
    if (present := _with_address(work, number, address)) is not None:
        if present["status"] == "denied":
            raise refusal("registrant_denied")
        return present
    _admissible(work, event, address)
    _room(work, event, "webinar_full_batch" if batch else "webinar_attendee_limit")
    automatic = json.loads(event["settings"])["approval_type"] == 0 or auto_approve
    fields = {name: said[name] for name in ("email", "first_name", "last_name", *FIELDS, "language", "source_id")
              if said.get(name)}  # fmt: skip
    fields["custom_questions"] = said.get("custom_questions") or []
    identity = new_id()
    work.run(
        "INSERT INTO registrants (number, id, address, status, key, pin, created_at, fields) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        number, identity, address, "approved" if automatic else "pending", new_key(),
        secrets.randbelow(900_000) + 100_000, work.now.timestamp(), compact(fields),
    )  # fmt: skip
    added = find(work, number, identity)
    if work.options.echo or not by_api:
        payload = {"object": {**events.told(event), "registrant": _created(work, event, added)}}
        announce(work, account, f"{event['kind']}.registration_created", payload)
    return added


def set_status(
    work: Work, account: EmulatedAccount, event: sqlite3.Row, registrant: sqlite3.Row, action: StatusAction
) -> None:
    """Approve, deny or cancel, and announce it where that changes anything. Raises Refusal (3035) where it is full."""
    after = _AFTER[action]
    if registrant["status"] == after:
        return
    if after == "approved":
        _room(work, event, "webinar_max_capacity_on_approve")
    work.run("UPDATE registrants SET status = ? WHERE row = ?", after, registrant["row"])
    _announce(work, account, event, find(work, event["number"], registrant["id"]), _TOLD_AS[action])


def delete(work: Work, account: EmulatedAccount, event: sqlite3.Row, registrant: sqlite3.Row) -> None:
    """Forget a registrant; the address can register again."""
    work.run("DELETE FROM registrants WHERE row = ?", registrant["row"])
    if registrant["status"] != "denied":
        _announce(work, account, event, registrant, "cancelled")


def find(work: Work, number: int, identity: str, email: str = "") -> sqlite3.Row:
    """By id, or by address where there is no such id. Raises Refusal (3079) where there is none."""
    row = work.one("SELECT * FROM registrants WHERE number = ? AND id = ?", number, identity)
    row = row or _with_address(work, number, email.strip().lower())
    if row is None:
        raise refusal("registrant_missing", {"registrant": identity})
    return row


def with_link(work: Work, number: int, tk: str) -> sqlite3.Row | None:
    """Whose personal link this is; None for nobody's, or one that is not approved."""
    return work.one(
        "SELECT * FROM registrants WHERE number = ? AND key = ? AND status = 'approved'", number, key_in(tk)
    )


def added(work: Work, event: sqlite3.Row, row: sqlite3.Row) -> Body:
    """The answer to an addition."""
    details = json.loads(event["details"])
    names = {"registrant_id": row["id"], "id": event["number"]}
    shown = {**names, "topic": details["topic"], "start_time": details["start_time"], **_link(work, event, row)}
    if found := occurrences(details):
        shown["occurrences"] = found
    return shown


def batch_added(work: Work, event: sqlite3.Row, row: sqlite3.Row) -> Body:
    """A row of the answer to a batch."""
    return {"email": json.loads(row["fields"])["email"], "registrant_id": row["id"], **_link(work, event, row)}


def body(work: Work, event: sqlite3.Row, row: sqlite3.Row) -> Body:
    """As lists show a registrant."""
    fields = json.loads(row["fields"])
    return {
        "id": row["id"], **_names(fields), **{name: fields.get(name, "") for name in FIELDS},
        "custom_questions": fields["custom_questions"], "status": row["status"],
        "create_time": zoom_time(from_timestamp(row["created_at"])), **_link(work, event, row),
    }  # fmt: skip


def whole(work: Work, event: sqlite3.Row, row: sqlite3.Row) -> Body:
    """As GET shows one: with the language."""
    return {**body(work, event, row), "language": json.loads(row["fields"]).get("language", "")}


def link(work: Work, event: sqlite3.Row, row: sqlite3.Row) -> str:
    """The registrant's own link."""
    return join_url(work.base_url, event["kind"], event["number"], event["token"], row["key"])


def _with_address(work: Work, number: int, address: str) -> sqlite3.Row | None:
    return work.one("SELECT * FROM registrants WHERE number = ? AND address = ?", number, address)


def _admissible(work: Work, event: sqlite3.Row, address: str) -> None:
    chosen = json.loads(event["settings"])
    if address in settings.hosts(chosen, users.by_id(work, event["host_id"])["email"]):
        raise refusal("host_cannot_register")
    if event["kind"] == "webinar" and address in settings.panelists(chosen):
        raise refusal("panelist_cannot_register")


def _room(work: Work, event: sqlite3.Row, webinar_case: str) -> None:
    webinar = event["kind"] == "webinar"
    chosen = json.loads(event["settings"]).get("registrants_restrict_number") or 10**9
    most = min(chosen, work.options.webinar_capacity if webinar else work.options.meeting_capacity)
    present = work.number("SELECT count(*) FROM registrants WHERE number = ? AND status = 'approved'", event["number"])
    if present >= most:
        raise refusal(webinar_case if webinar else "meeting_full", variant=work.options.variant)


def _names(fields: Body) -> Body:
    return {name: fields.get(name, "") for name in ("email", "first_name", "last_name")}


def _link(work: Work, event: sqlite3.Row, row: sqlite3.Row) -> Body:
    """Nothing while the registration waits for approval; meetings have a PIN beside the link."""
    if row["status"] != "approved":
        return {}
    pin = {} if event["kind"] == "webinar" else {"participant_pin_code": row["pin"]}
    return {"join_url": link(work, event, row), **pin}


def _created(work: Work, event: sqlite3.Row, row: sqlite3.Row) -> Body:
    shown = body(work, event, row)
    del shown["create_time"]
    return {**shown, **_source(event, row)}


def _announce(work: Work, account: EmulatedAccount, event: sqlite3.Row, row: sqlite3.Row, what: str) -> None:
    fields = json.loads(row["fields"])
    named = {"id": row["id"], **{name: fields.get(name, "") for name in ("first_name", "last_name", "email")}}
    said = {**named, **(_link(work, event, row) if what == "approved" else {}), **_source(event, row)}
    payload = {**operator(account), "object": {**events.told(event), "registrant": said}}
    announce(work, account, f"{event['kind']}.registration_{what}", payload)


def _source(event: sqlite3.Row, row: sqlite3.Row) -> Body:
    """By which of a webinar's tracking links somebody came."""
    source = json.loads(row["fields"]).get("source_id")
    if source is None or event["kind"] != "webinar":
        return {}
    before, _, token = event["registration_url"].rpartition("/")
    said = {"id": source, "source_name": f"source {source}", "tracking_url": f"{before}/{source}/{token}"}
    return {"tracking_source": said}
