"""Every call of Zoom's API that is emulated: its address, its rate limit category, its scope, what it does."""

import base64
import binascii
import json
import secrets
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import cast

from schemas.zoom import Category, EventKind, StatusAction
from web.zoom_emulator import events, limits, registrants, users, validation
from web.zoom_emulator.accounts import EmulatedAccount, issue_token
from web.zoom_emulator.paging import page
from web.zoom_emulator.refusals import invalid, refusal
from web.zoom_emulator.work import Body, Work, compact, zoom_time

Reply = tuple[int, Body | None]


@dataclass(frozen=True, slots=True)
class Call:
    """A call of an account's app. `said` is its body, or for a token its form."""

    work: Work
    account: EmulatedAccount
    kind: EventKind
    path: Mapping[str, str]
    query: Mapping[str, str]
    said: Body
    authorization: str

    def event(self) -> sqlite3.Row:
        """The event that the address names."""
        return events.find(self.work, self.account, self.kind, self.path["number"])

    def user(self) -> sqlite3.Row:
        """The user that the address names."""
        return users.find(self.work, self.account.name, self.path["user"])


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One call. `name` as in `schemas.zoom.Endpoint`, where it stands there."""

    name: str
    method: str
    path: str
    category: Category | None
    scope: str
    do: Callable[[Call], Reply]
    kind: EventKind = "webinar"


def _token(call: Call) -> Reply:
    parameters = {**call.query, **call.said}
    offered = _basic(call.authorization)
    if not secrets.compare_digest(offered, f"{call.account.client_id}:{call.account.client_secret}".encode()):
        raise refusal("oauth_invalid_client", variant=call.work.options.variant)
    if call.work.one("SELECT 1 FROM deactivated WHERE account = ?", call.account.name):
        raise refusal("oauth_app_not_enabled")
    if parameters.get("grant_type") != "account_credentials":
        raise refusal("oauth_grant_type")
    scopes = sorted({one.scope for one in ENDPOINTS if one.scope})
    return 200, {
        "access_token": issue_token(call.work, call.account.name), "token_type": "bearer",
        "expires_in": call.work.options.token_seconds, "scope": " ".join(call.account.scopes or scopes),
        "api_url": call.work.options.api_url or call.work.base_url,
    }  # fmt: skip


def _basic(authorization: str) -> bytes:
    scheme, _, encoded = authorization.partition(" ")
    try:
        return base64.b64decode(encoded, validate=True) if scheme.lower() == "basic" else b""
    except (binascii.Error, ValueError):
        return b""


def _list_users(call: Call) -> Reply:
    users.host_of(call.work, call.account.name)
    rows, head = page(call.work, call.query, "SELECT * FROM users WHERE account = ?", call.account.name)
    return 200, {**head, "users": [users.body(row, call.account) for row in rows]}


def _get_user(call: Call) -> Reply:
    return 200, users.body(call.user(), call.account)


def _user_settings(call: Call) -> Reply:
    return 200, users.settings(call.work, call.user(), call.account)


def _create_event(call: Call) -> Reply:
    host = call.user()
    limits.take_event_change(call.work, host["id"])
    return 201, events.body(call.work, events.create(call.work, call.account, host, call.kind, call.said))


def _list_events(call: Call) -> Reply:
    """All events of a host, or with `type=upcoming` those that are not over."""
    sql = "SELECT * FROM events WHERE account = ? AND host_id = ? AND kind = ?"
    values: list[object] = [call.account.name, call.user()["id"], call.kind]
    if call.query.get("type", "scheduled").startswith("upcoming"):
        sql += " AND coalesce(json_extract(details, '$.start_time'), '') >= ?"
        values.append(zoom_time(call.work.now))
    rows, head = page(call.work, call.query, sql, *values)
    return 200, {**head, f"{call.kind}s": [events.list_item(call.work, row) for row in rows]}


def _get_event(call: Call) -> Reply:
    return 200, events.body(call.work, call.event())


def _update_event(call: Call) -> Reply:
    events.change(call.work, call.account, call.event(), call.said)
    return 204, None


def _delete_event(call: Call) -> Reply:
    events.delete(call.work, call.account, call.event())
    return 204, None


def _add(call: Call) -> Reply:
    work, event = call.work, call.event()
    registrants.open_for_registration(work, event, batch=False)
    validation.registrant(call.said, json.loads(event["questions"]))
    address = call.said["email"].strip().lower()
    limits.take_addition(work, call.account.name, event["number"], address, f"Add a {call.kind} registrant")
    approved = call.kind == "meeting" and call.said.get("auto_approve") is True
    row = registrants.add(work, call.account, event, call.said, auto_approve=approved)
    return 201, registrants.added(work, event, row)


def _batch(call: Call) -> Reply:
    """Rows are committed one by one: where one is refused, those before it are in."""
    work, event = call.work, call.event()
    registrants.open_for_registration(work, event, batch=True)
    rows = validation.batch(call.said)
    what = f"{call.kind.capitalize()} Batch Registration"
    for row in rows:
        address = row["email"].strip().lower()
        limits.take_addition(work, call.account.name, event["number"], address, what, batch=True)
    approved = call.said.get("auto_approve") is True
    added = [registrants.add(work, call.account, event, row, auto_approve=approved, batch=True) for row in rows]
    return 201, {"registrants": [registrants.batch_added(work, event, one) for one in added]}


def _list_registrants(call: Call) -> Reply:
    event, status = call.event(), call.query.get("status") or "approved"
    if status not in {"pending", "approved", "denied"}:
        raise invalid("status")
    sql = "SELECT * FROM registrants WHERE number = ? AND status = ?"
    rows, head = page(call.work, call.query, sql, event["number"], status)
    return 200, {**head, "registrants": [registrants.body(call.work, event, row) for row in rows]}


def _get_registrant(call: Call) -> Reply:
    event = call.event()
    row = registrants.find(call.work, event["number"], call.path["registrant"])
    return 200, registrants.whole(call.work, event, row)


def _delete_registrant(call: Call) -> Reply:
    event = call.event()
    row = registrants.find(call.work, event["number"], call.path["registrant"])
    registrants.delete(call.work, call.account, event, row)
    return 204, None


def _set_status(call: Call) -> Reply:
    work, event = call.work, call.event()
    action, named = validation.status_change(call.said)
    what = f"Update a {call.kind} registrant's status"
    for one in named:
        row = registrants.find(work, event["number"], str(one.get("id") or ""), str(one.get("email") or ""))
        limits.take_status_change(work, event["number"], row["address"], what)
        registrants.set_status(work, call.account, event, row, cast("StatusAction", action))
    return 204, None


def _questions(call: Call) -> Reply:
    return 200, json.loads(call.event()["questions"])


def _set_questions(call: Call) -> Reply:
    event = call.event()
    asked = json.loads(event["questions"]) | {
        name: call.said[name] for name in ("questions", "custom_questions") if isinstance(call.said.get(name), list)
    }
    call.work.run("UPDATE events SET questions = ? WHERE number = ?", compact(asked), event["number"])
    return 204, None


def _of(kind: EventKind) -> list[Endpoint]:
    """The calls about events of one kind."""
    event, scope = f"/v2/{kind}s/{{number}}", f"{kind}:%s:admin"
    table: list[tuple[str, str, str, Category, str, Callable[[Call], Reply]]] = [
        ("create-event", "POST", f"/v2/users/{{user}}/{kind}s", "light" if kind == "webinar" else "medium",
         f"write:{kind}", _create_event),
        ("list-events", "GET", f"/v2/users/{{user}}/{kind}s", "medium", f"read:list_{kind}s", _list_events),
        ("get-event", "GET", event, "light", f"read:{kind}", _get_event),
        ("update-event", "PATCH", event, "light", f"update:{kind}", _update_event),
        ("delete-event", "DELETE", event, "light", f"delete:{kind}", _delete_event),
        ("add-registrant", "POST", f"{event}/registrants", "light", "write:registrant", _add),
        ("batch-registrants", "POST", f"{event}/batch_registrants", "heavy", "write:batch_registrants", _batch),
        ("list-registrants", "GET", f"{event}/registrants", "medium", "read:list_registrants", _list_registrants),
        ("get-questions", "GET", f"{event}/registrants/questions", "light", "read:list_registration_questions",
         _questions),
        ("update-questions", "PATCH", f"{event}/registrants/questions", "light", "update:registration_question",
         _set_questions),
        ("set-status", "PUT", f"{event}/registrants/status", "medium", "update:registrant_status", _set_status),
        ("get-registrant", "GET", f"{event}/registrants/{{registrant}}", "light", "read:registrant",
         _get_registrant),
        ("delete-registrant", "DELETE", f"{event}/registrants/{{registrant}}", "light", "delete:registrant",
         _delete_registrant),
    ]  # fmt: skip
    return [
        Endpoint(name, method, path, category, scope % wanted, do, kind)
        for name, method, path, category, wanted, do in table
    ]


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint("token", "POST", "/oauth/token", None, "", _token),
    Endpoint("list-users", "GET", "/v2/users", "medium", "user:read:list_users:admin", _list_users),
    Endpoint("get-user", "GET", "/v2/users/{user}", "light", "user:read:user:admin", _get_user),
    Endpoint("user-settings", "GET", "/v2/users/{user}/settings", "medium", "user:read:settings:admin", _user_settings),
    *_of("webinar"),
    *_of("meeting"),
)
