"""What happens to an event without the API: its host starts and ends it, people come and go, the owner leaves."""

import json
import sqlite3
from typing import cast

from schemas.zoom import StatusAction
from web.zoom_emulator import events, registrants, settings, users
from web.zoom_emulator.accounts import EmulatedAccount, expire_tokens
from web.zoom_emulator.links import derived
from web.zoom_emulator.notifications import announce, operator, post
from web.zoom_emulator.work import Body, Work, compact, zoom_time


def act(work: Work, account: EmulatedAccount, event: sqlite3.Row, action: str, registrant: str) -> None:
    """Do what an action of the admin says. Raises LookupError where there is no such action."""
    if (held := _OF_EVENTS.get(action)) is not None:
        held(work, account, event)
        return
    who = registrants.find(work, event["number"], registrant, registrant)
    if (attended := _OF_REGISTRANTS.get(action)) is not None:
        attended(work, account, event, who)
    elif action in {"approve", "deny", "cancel"}:
        registrants.set_status(work, account, event, who, cast("StatusAction", action))
    else:
        raise LookupError("there is no such action")


def act_on_account(work: Work, account: EmulatedAccount, action: str) -> None:
    """Do what an action of the admin says. Raises LookupError where there is no such action."""
    match action:
        case "expire-tokens":
            expire_tokens(work, account.name)
        case "validate":
            work.run("UPDATE subscriptions SET due_at = 0 WHERE account = ?", account.name)
        case "deauthorize":
            deauthorize(work, account)
        case "activate":
            work.run("DELETE FROM deactivated WHERE account = ?", account.name)
        case _:
            raise LookupError("there is no such action")


def start(work: Work, account: EmulatedAccount, event: sqlite3.Row) -> None:
    """The host opens it."""
    work.run("UPDATE events SET state = 'started' WHERE number = ?", event["number"])
    announce(work, account, f"{event['kind']}.started", {"object": events.told(event)})


def end(work: Work, account: EmulatedAccount, event: sqlite3.Row) -> None:
    """The host closes it for all; nobody can register any more."""
    work.run("UPDATE events SET state = 'ended' WHERE number = ?", event["number"])
    practice = {"practice_session": False} if event["kind"] == "webinar" else {}
    ended = {**events.told(event), "end_time": zoom_time(work.now), **practice}
    announce(work, account, f"{event['kind']}.ended", {"object": ended})


def join(work: Work, account: EmulatedAccount, event: sqlite3.Row, registrant: sqlite3.Row) -> None:
    """A registrant comes in by the personal link."""
    moment = {"join_time": zoom_time(work.now)}
    _attend(work, account, event, "participant_joined", {**_participant(registrant), **moment})


def leave(work: Work, account: EmulatedAccount, event: sqlite3.Row, registrant: sqlite3.Row) -> None:
    """A registrant goes."""
    said = _participant(registrant)
    why = f"{said['user_name']} left the {event['kind']}.<br>Reason: left the {event['kind']}."
    moment = {"leave_time": zoom_time(work.now), "leave_reason": why}
    _attend(work, account, event, "participant_left", {**said, **moment})


def convert(work: Work, account: EmulatedAccount, event: sqlite3.Row) -> None:
    """A webinar becomes a meeting under the same number, with its registrants."""
    details = {**json.loads(event["details"]), "type": 2}
    usual = settings.defaults("meeting", users.by_id(work, event["host_id"])["email"])
    before = json.loads(event["settings"])
    chosen = {name: before.get(name, value) for name, value in usual.items()}
    work.run(
        "UPDATE events SET kind = 'meeting', details = ?, settings = ? WHERE number = ?",
        compact(details), compact(chosen), event["number"],
    )  # fmt: skip
    told = events.told(events.by_number(work, event["number"]))
    announce(work, account, "webinar.converted_to_meeting", {**operator(account), "object": told})


def deauthorize(work: Work, account: EmulatedAccount) -> None:
    """The owner takes the app away: its tokens end, and it gets no new ones until it is activated."""
    work.run("DELETE FROM tokens WHERE account = ?", account.name)
    work.run("INSERT OR IGNORE INTO deactivated VALUES (?)", account.name)
    moment = zoom_time(work.now)
    post(work, account, "app_deauthorized", {
        "event": "app_deauthorized",
        "payload": {
            "account_id": account.account_id, "user_id": users.host_of(work, account.name)["id"],
            "signature": f"{derived('webinar', account.name).number:064x}",
            "deauthorization_time": moment.replace("Z", ".000Z"), "client_id": account.client_id,
            "event_ts": moment.replace("T", " ").removesuffix("Z"),
        },
    })  # fmt: skip


def _participant(registrant: sqlite3.Row) -> Body:
    fields = json.loads(registrant["fields"])
    name = " ".join(part for part in (fields["first_name"], fields.get("last_name", "")) if part)
    return {
        "user_id": str(16_778_240 + registrant["row"]), "user_name": name, "id": "",
        "participant_uuid": derived("webinar", registrant["id"]).token[3:], "email": fields["email"],
        "registrant_id": registrant["id"], "participant_user_id": "",
    }  # fmt: skip


def _attend(work: Work, account: EmulatedAccount, event: sqlite3.Row, what: str, participant: Body) -> None:
    attended = {**events.told(event), "participant": participant}
    announce(work, account, f"{event['kind']}.{what}", {"object": attended})


_OF_EVENTS = {"start": start, "end": end, "convert": convert, "delete": events.delete}
_OF_REGISTRANTS = {"join": join, "leave": leave}
