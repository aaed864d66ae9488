"""Webinars and meetings: found, made, changed, deleted, and shown as Zoom's API shows them."""

import json
import re
import secrets
import sqlite3
from datetime import UTC, datetime, timedelta
from typing import cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from schemas.zoom import EventKind
from web.zoom_emulator import settings, users
from web.zoom_emulator.accounts import EmulatedAccount
from web.zoom_emulator.limits import take_event_change
from web.zoom_emulator.links import EventNames, new_names, registration_url
from web.zoom_emulator.notifications import announce, milliseconds, operator
from web.zoom_emulator.recurrence import occurrences
from web.zoom_emulator.refusals import invalid, refusal
from web.zoom_emulator.work import Body, Work, compact, zoom_time

_TYPES = {"webinar": (5, 6, 9), "meeting": (1, 2, 3, 8)}
_USUAL_TYPE = {"webinar": 5, "meeting": 2}
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ?")
_TEXTS = {"topic": 200, "agenda": 2000, "password": 10}
_TOLD = ("topic", "type", "start_time", "duration", "timezone")


def find(work: Work, account: EmulatedAccount, kind: EventKind, written: str) -> sqlite3.Row:
    """The account's event of this kind and number.

    Raises Refusal: 300 where it is no number, 3001 where there is none, 3000 for a webinar asked for as a meeting.
    """
    if not written.isdecimal() or len(written) > 18:
        raise refusal(f"invalid_{kind}_id")
    row = work.one("SELECT * FROM events WHERE number = ? AND account = ?", int(written), account.name)
    if row is None:
        raise refusal(f"{kind}_missing", {"number": written})
    if row["kind"] != kind:
        raise refusal("meeting_endpoint_for_webinar_id" if kind == "meeting" else "invalid_webinar_id")
    return row


def create(
    work: Work, account: EmulatedAccount, host: sqlite3.Row, kind: EventKind, wanted: Body,
    names: EventNames | None = None, page: str | None = None,
) -> sqlite3.Row:  # fmt: skip
    """Make an event. `names` and `page`, its registration address: where they are those of an event that exists."""
    if kind == "webinar" and account.plan == "free":
        raise refusal("webinar_plan_missing")
    names = names or new_names(kind)
    plain = {"topic": f"Zoom {kind.title()}", "type": _USUAL_TYPE[kind], "duration": 60, "timezone": "Europe/Vienna"}
    made = {"agenda": "", "created_at": zoom_time(work.now), "password": f"{secrets.randbelow(900_000) + 100_000}"}
    details = _changed_details(kind, {**plain, **made, "start_time": zoom_time(work.now)}, wanted)
    chosen = _changed_settings(work, account, host, settings.defaults(kind, host["email"]), wanted)
    _agree(kind, details, chosen)
    work.run(
        "INSERT INTO events (number, account, kind, host_id, uuid, token, registration_url, details, settings, "
        "questions) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        names.number, account.name, kind, host["id"], names.uuid, names.token,
        page or registration_url(work.base_url, kind, names.token), compact(details), compact(chosen),
        compact({"questions": [], "custom_questions": []}),
    )  # fmt: skip
    return by_number(work, names.number)


def change(work: Work, account: EmulatedAccount, row: sqlite3.Row, wanted: Body) -> None:
    """PATCH; what has changed is announced with what was before."""
    host = users.by_id(work, row["host_id"])
    take_event_change(work, host["id"])
    before, chosen_before = json.loads(row["details"]), json.loads(row["settings"])
    details = _changed_details(row["kind"], before, wanted)
    chosen = _changed_settings(work, account, host, chosen_before, wanted)
    _agree(row["kind"], details, chosen)
    work.run(
        "UPDATE events SET details = ?, settings = ? WHERE number = ?", compact(details), compact(chosen), row["number"]
    )
    new, old = _differences(before, details), _differences(details, before)
    if settings_differ := _differences(chosen_before, chosen):
        new["settings"] = settings_differ
        old["settings"] = _differences(chosen, chosen_before)
    if new or old:
        announce(work, account, f"{row['kind']}.updated", {
            **operator(account), "scope": "single", "time_stamp": milliseconds(work),
            "object": {"id": row["number"], **new}, "old_object": {"id": row["number"], **old},
        })  # fmt: skip


def delete(work: Work, account: EmulatedAccount, row: sqlite3.Row) -> None:
    """With all its registrants."""
    scope = "all" if occurrences(json.loads(row["details"])) else "single"
    payload = {**operator(account), "operation": scope, "object": told(row)}
    work.run("DELETE FROM events WHERE number = ?", row["number"])
    work.run("DELETE FROM registrants WHERE number = ?", row["number"])
    announce(work, account, f"{row['kind']}.deleted", payload)


def by_number(work: Work, number: int) -> sqlite3.Row:
    """The event of this number, whoever's. Raises LookupError where there is none."""
    row = work.one("SELECT * FROM events WHERE number = ?", number)
    if row is None:
        raise LookupError("there is no such event")
    return row


def ends_at(row: sqlite3.Row) -> datetime | None:
    """When it is over by its own times; None where it has none."""
    details = json.loads(row["details"])
    starts = [details.get("start_time"), *(one["start_time"] for one in occurrences(details))]
    last = max((one for one in starts if one), default=None)
    return datetime.fromisoformat(last) + timedelta(minutes=details["duration"]) if last else None


def body(work: Work, row: sqlite3.Row) -> Body:
    """As GET answers. `registration_url` is there only where people can register."""
    details, chosen = json.loads(row["details"]), json.loads(row["settings"])
    webinar, number = row["kind"] == "webinar", row["number"]
    password = details["password"]
    spoken = ["h323_passcode"] if webinar else ["h323_password", "pstn_password"]
    shown = {
        "uuid": row["uuid"], "id": number, "host_id": row["host_id"],
        "host_email": users.by_id(work, row["host_id"])["email"], "topic": details["topic"], "type": details["type"],
        **({} if webinar else {"status": "started" if row["state"] == "started" else "waiting"}),
        **{name: details[name] for name in ("start_time", "duration", "timezone", "agenda", "created_at")
           if name in details},
        "start_url": f"{work.base_url}/s/{number}?zak=emulated", "join_url": f"{work.base_url}/j/{number}",
        "registration_url": row["registration_url"], "password": password, **dict.fromkeys(spoken, password),
        "encrypted_passcode" if webinar else "encrypted_password": f"EMULATED{password}.1", "settings": chosen,
        **({} if webinar else {"pre_schedule": False}), "creation_source": "open_api",
    }  # fmt: skip
    if chosen["approval_type"] == settings.NO_REGISTRATION:
        del shown["registration_url"]
    if found := occurrences(details):
        shown |= {"recurrence": details["recurrence"], "occurrences": found}
    return shown


def list_item(work: Work, row: sqlite3.Row) -> Body:
    """As a host's list shows it: without registration address and settings."""
    wanted = ("uuid", "id", "host_id", "topic", "type", "start_time", "duration", "timezone", "agenda", "created_at",
              "join_url")  # fmt: skip
    shown = body(work, row)
    return {name: shown[name] for name in wanted if name in shown}


def told(row: sqlite3.Row) -> Body:
    """As notifications show it."""
    details = json.loads(row["details"])
    named = {"uuid": row["uuid"], "id": row["number"], "host_id": row["host_id"]}
    return {**named, **{name: details[name] for name in _TOLD if name in details}}


def _changed_details(kind: EventKind, before: Body, wanted: Body) -> Body:
    """Fields that Zoom does not know are dropped. Raises Refusal (300) for values it does not take."""
    after = dict(before)
    for name, longest in _TEXTS.items():
        if name in wanted:
            if not isinstance(wanted[name], str) or len(wanted[name]) > longest:
                raise invalid(name)
            after[name] = wanted[name]
    if "type" in wanted and wanted["type"] not in _TYPES[kind]:
        raise invalid("type")
    if "duration" in wanted and (type(wanted["duration"]) is not int or wanted["duration"] < 1):
        raise invalid("duration")
    after |= {name: wanted[name] for name in ("type", "duration", "timezone", "recurrence") if name in wanted}
    if "start_time" in wanted:
        after["start_time"] = _start_time(wanted["start_time"], after["timezone"])
    return after


def _changed_settings(work: Work, account: EmulatedAccount, host: sqlite3.Row, before: Body, wanted: Body) -> Body:
    allowed = work.options.interpretation_allowed and account.plan != "free"
    locked = settings.MAILS if work.options.mails_locked else frozenset[str]()
    return settings.changed(before, wanted.get("settings", {}), users.languages(host) if allowed else None, locked)


def _agree(kind: EventKind, details: Body, chosen: Body) -> None:
    """Without a fixed time there is neither a start nor registration; Zoom drops both without a word."""
    if details["type"] not in settings.FIXED_TIME[kind]:
        chosen["approval_type"] = settings.NO_REGISTRATION
        details.pop("start_time", None)
    occurrences(details)


def _start_time(written: object, zone: str) -> str:
    if not isinstance(written, str) or not _TIME.fullmatch(written):
        raise invalid("start_time")
    try:
        moment = datetime.fromisoformat(written)
        return zoom_time(moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC))
    except (ValueError, ZoneInfoNotFoundError):
        raise invalid("start_time") from None


def _differences(before: Body, after: Body) -> Body:
    """What `after` has otherwise, without the older codes of languages."""
    differing = {name: value for name, value in after.items() if before.get(name) != value}
    if interpretation := differing.get("language_interpretation"):
        told = [{key: one[key] for key in ("email", "interpreter_languages")} for one in interpretation["interpreters"]]
        differing["language_interpretation"] = {**cast("Body", interpretation), "interpreters": told}
    return differing
