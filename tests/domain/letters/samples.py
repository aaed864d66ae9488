"""An invented conference, its people, and an order for every kind of letter."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from domain.letters.desk import Desk
from domain.letters.model import CalendarPart, Offer, Order, Person, Sender, Visit
from domain.letters.told import Told
from schemas.programme import Conference, Session

ROOT = Path(__file__).parents[3]
TEMPLATES, LOCALE = ROOT / "templates" / "email", ROOT / "locale"
DESK = Desk(TEMPLATES, LOCALE)

LINK = "https://zoom.example.org/w/91112223334?tk=Zm9v-bar_BAZ.DQQAAAAVM&uuid=WN_abcdefghijklmnopqrstuv"
CONFERENCE = Conference.model_validate(
    {
        "id": "harbour-2021",
        "title": "7th Harbour Conference on Safe Passage",
        "starts": "2021-06-14",
        "ends": "2021-06-16",
        "place": "Old Customs House, Vienna",
        "in_person_for": "delegations only",
        "privacy_notice": "https://harbour.example.org/privacy",
        "discreet_title": "Online meeting",
        "sessions": [
            {
                "id": "lanterns",
                "title": "Lanterns at the pier: how harbour towns watch over children who travel alone, & what follows",
                "date": "2021-06-14",
                "start": "18:00",
                "end": "19:00",
                "convenors": ["Office of the Lighthouse Keepers", "Guild of Pilots"],
            },
            {
                "id": "two-shores",
                "title": "Two shores, one count",
                "date": "2021-06-15",
                "start": "11:30",
                "end": "13:00",
                "interpretation": ["ru", "fr"],
                "convenors": ["Guild of Pilots"],
            },
            {
                "id": "night-watch",
                "title": "The night watch",
                "date": "2021-06-15",
                "start": "12:00",
                "end": "13:30",
                "format": "hybrid",
                "place": "Room 3, Old Customs House",
                "interpretation": ["ru"],
            },
            {"id": "open-slot", "title": "The tide tables", "date": "2021-06-16", "unconfirmed": "The hour is open"},
            {"id": "nameless", "unconfirmed": "The slot has no title"},
        ],
    }
)
MUTE = "https://convenor.example.org/u/mute-0001"
PAGE = "https://convenor.example.org/r/page-0001"
ANSWER = "https://convenor.example.org/o/answer-0001"
REGISTERING = "https://convenor.example.org/register/harbour-2021"
UNTIL = datetime(2021, 6, 11, 23, 30, tzinfo=UTC)
REMINDERS = ("week-digest", "digest", "reminder", "last-reminder")
SENDER = Sender("Harbour Conference Secretariat", "secretariat@harbour.example.org")


def session(session_id: str) -> Session:
    found = CONFERENCE.session(session_id)
    assert found is not None
    return found


def person(**changes: Any) -> Person:
    return Person(
        **{
            "participant_id": "par_1",
            "full_name": "Olga Petrenko",
            "address": "olga@mission.example.org",
            "title": None,
            "language": "en",
            "time_zone": "America/New_York",
            "visibility": "standard",
            **changes,
        }
    )


def visit(session_id: str = "lanterns", **changes: Any) -> Visit:
    fields: dict[str, Any] = {"attendance": "online", "interpretation": None, "join_link": LINK, "link": "present"}
    return Visit(session(session_id), **{**fields, **changes})


def request(**changes: Any) -> CalendarPart:
    fields: dict[str, Any] = {
        "method": "REQUEST",
        "uid": "ses-7f3a@harbour.example.org",
        "sequence": 0,
        "dtstamp": datetime(2021, 6, 1, 9, 30, tzinfo=UTC),
    }
    return CalendarPart(**{**fields, **changes})


def order(kind: str = "invitation", *visits: Visit, **changes: Any) -> Order:
    """An order for one letter; an invitation to the lanterns, unless told otherwise."""
    fields: dict[str, Any] = {
        "kind": kind,
        "conference": CONFERENCE,
        "person": person(),
        "visits": visits or (visit(),),
        "message_id": "<let_0001@harbour.example.org>",
        "date": datetime(2021, 6, 1, 9, 31, tzinfo=UTC),
        "sender": SENDER,
        "contact": "help@harbour.example.org",
        "calendar": request() if kind in ("invitation", "link-follows", "update") else None,
        "mute": MUTE if kind in REMINDERS else None,
        "page": None if kind == "not-understood" else PAGE,
        "offer": Offer(UNTIL, ANSWER) if kind == "offer" else None,
    }
    return Order(**{**fields, **changes})


def told(session_id: str = "night-watch", **changes: Any) -> Told:
    """What an earlier letter said of a session: what holds now, but for the changes."""
    return replace(Told.of(session(session_id), CONFERENCE, "online", None), **changes)


NO_LINK: dict[str, Any] = {"join_link": None, "link": "none"}
FOLLOWS: dict[str, Any] = {"join_link": None, "link": "follows"}
EVERYTHING_ELSE: dict[str, Any] = {
    "start": datetime(2021, 6, 14, 22, 0, tzinfo=UTC),
    "end": datetime(2021, 6, 14, 23, 30, tzinfo=UTC),
    "title": "The watch by night",
    "place": None,
    "attendance": "in-person",
    "spoken": ("en", "de"),
    "into": (),
    "interpretation": "ru",
}


def every_order(**changes: Any) -> dict[str, Order]:
    """A name and an order for every letter, in every variant that says something else. A name begins with its kind."""
    return _about_one(**changes) | _about_several(**changes) | _without_a_place(**changes)


def _about_one(**changes: Any) -> dict[str, Order]:
    cancel = request(method="CANCEL", sequence=1)
    here, hybrid = visit("night-watch", attendance="in-person", **NO_LINK), visit("night-watch", attendance="in-person")
    return {
        "invitation": order(**changes),
        "invitation, interpreted": order("invitation", visit("two-shores", interpretation="ru"), **changes),
        "invitation, channel to choose": order("invitation", visit("two-shores"), **changes),
        "invitation, not interpreted": order("invitation", visit("two-shores", interpretation="it"), **changes),
        "invitation, in person": order("invitation", here, **changes),
        "invitation, hybrid in person": order("invitation", hybrid, **changes),
        "invitation, hybrid online": order("invitation", visit("night-watch", interpretation="en"), **changes),
        "invitation, to Zoom itself": order("invitation", visit(leads_to="zoom"), **changes),
        "invitation, hybrid, Zoom itself": order("invitation", replace(hybrid, leads_to="zoom"), **changes),
        "link-follows": order("link-follows", visit(**FOLLOWS), **changes),
        "link-follows, in person": order(
            "link-follows", visit("night-watch", attendance="in-person", **FOLLOWS), **changes
        ),
        "update, link": order("update", changes=("link-arrived",), **changes),
        "update, details": order("update", changes=("details",), **changes),
        "update, renewed": order("update", changes=("link-renewed",), **changes),
        "update, both": order("update", changes=("link-arrived", "details"), **changes),
        "update, everything": order(
            "update", visit("night-watch"), changes=("details",), before=told(**EVERYTHING_ELSE), **changes
        ),
        "update, in person": order(
            "update", here, changes=("details",), before=told(attendance="online", place="Room 1"), **changes
        ),
        "cancellation": order("cancellation", visit(**NO_LINK), calendar=cancel, **changes),
        "cancellation, in person": order("cancellation", here, calendar=cancel, **changes),
        "cancellation, not certain": order("cancellation", visit("open-slot", **NO_LINK), **changes),
        "withdrawal": order("withdrawal", visit(**NO_LINK), calendar=cancel, **changes),
        "reminder": order("reminder", **changes),
        "reminder, under way": order("reminder", under_way=True, **changes),
        "reminder, interpreted": order("reminder", visit("two-shores", interpretation="ru"), **changes),
        "last-reminder": order("last-reminder", **changes),
        "last-reminder, under way": order("last-reminder", under_way=True, **changes),
        "digest, one": order("digest", visit("two-shores", interpretation="ru"), **changes),
        "digest, in person": order("digest", here, **changes),
        "week-digest, one": order("week-digest", **changes),
        "confirmation, one": order("confirmation", visit(), **changes),
        "notice, one": order("notice", visit(), **changes),
        "declined": order("declined", visit(), **changes),
        "declined, in person": order("declined", here, **changes),
        "declined, not certain": order("declined", visit("open-slot", **FOLLOWS), **changes),
    }  # fmt: skip


def _about_several(**changes: Any) -> dict[str, Order]:
    both = (visit("two-shores", interpretation="ru"), visit("night-watch", attendance="in-person", **NO_LINK))
    online = (visit("two-shores"), visit("night-watch"))
    many = tuple(
        replace(one, session=one.session.model_copy(update={"id": f"{one.session.id}-{number}"}))
        for number in range(3)
        for one in (visit(), visit("two-shores", interpretation="it"), visit("night-watch", attendance="in-person"))
    )
    lists = (visit(), *both, visit("open-slot", **FOLLOWS), visit("nameless", **FOLLOWS))
    return {
        "withdrawal, several": order("withdrawal", visit(**NO_LINK), visit("open-slot", **NO_LINK), **changes),
        "cancellation, several": order("cancellation", visit(**NO_LINK), visit("open-slot", **NO_LINK), **changes),
        "reminder, two": order("reminder", *online, **changes),
        "last-reminder, two": order("last-reminder", *online, **changes),
        "digest, two": order("digest", *both, overlaps=(both,), **changes),
        "week-digest": order(
            "week-digest", visit(), both[0], visit("night-watch", attendance="in-person"), overlaps=(both,), **changes
        ),
        "week-digest, to Zoom itself": order(
            "week-digest", *(replace(one, leads_to="zoom") for one in online), **changes
        ),
        "confirmation": order("confirmation", *lists, overlaps=(both,), **changes),
        "confirmation, none certain": order("confirmation", visit("open-slot", **FOLLOWS), **changes),
        "confirmation, many": order(
            "confirmation", *many, visit("two-shores", **FOLLOWS), visit("open-slot", **FOLLOWS), **changes
        ),
        "notice": order("notice", *lists, **changes),
        "notice, many": order("notice", *many, visit("open-slot", **FOLLOWS), **changes),
        "withdrawal, many": order("withdrawal", *many, visit("open-slot", **NO_LINK), **changes),
        "notice, none certain": order("notice", visit("open-slot", **FOLLOWS), **changes),
    }  # fmt: skip


def _without_a_place(**changes: Any) -> dict[str, Order]:
    here = visit("night-watch", attendance="in-person", **NO_LINK)
    found = {}
    for kind in ("pending", "waitlist", "offer", "refusal"):
        found[kind] = order(kind, visit(**NO_LINK), **changes)
        found[f"{kind}, in person"] = order(kind, here, **changes)
    for kind in ("pending", "waitlist", "refusal"):
        found[f"{kind}, several"] = order(kind, visit(**NO_LINK), here, visit("open-slot", **NO_LINK), **changes)
    lost: dict[str, Any] = {"visits": (), "registering": REGISTERING, **changes}
    return found | {
        "not-understood": order("not-understood", problems=("missing",), **lost),
        "not-understood, several reasons": order(
            "not-understood", problems=("unknown-session", "not-json", "missing"), **lost
        ),
        "not-understood, nowhere to register": order("not-understood", problems=("x",), **lost | {"registering": None}),
    }
