"""What comes from outside: a programme, secrets, signed posts. All invented."""

import json
from datetime import UTC, datetime
from typing import Any

from standardwebhooks import Webhook

from schemas.programme import Conference

NOW = datetime(2026, 9, 1, 9, 5, 13, tzinfo=UTC)
SECRET = "whsec_xUmwgoNAdAqoiJGs90pdBiux0ULvfsOTovXGLJaMMgA="
ROTATED = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="
PASSWORD = "four invented words together"
JSON = "application/json"

CONFERENCE = Conference.model_validate({
    "id": "rivers-2026",
    "title": "Rivers Across Borders",
    "theme": "Who drinks first?",
    "starts": "2026-10-22",
    "ends": "2026-10-27",
    "contact": "rivers@example.org",
    "in_person_for": "Delegations only",
    "sessions": [
        {"id": "opening", "kind": "plenary", "title": "Opening", "date": "2026-10-22", "start": "14:00",
         "end": "15:00", "format": "hybrid", "place": "Great Hall", "interpretation": ["ru", "fr"]},
        {"id": "dams", "title": "Dams & <Deltas>", "date": "2026-10-22", "start": "14:30", "end": "16:00"},
        {"id": "fish", "title": "Fish", "date": "2026-10-27", "start": "14:00", "end": "15:00"},
        {"id": "ferries", "title": "Ferries", "start": "10:00", "end": "11:00", "unconfirmed": "two dates in print",
         "alternative_dates": ["2026-10-23", "2026-10-24"]},
        {"id": "frogs", "title": "Frogs", "date": "2026-10-27", "start": "16:00", "end": "17:00", "cancelled": True},
        {"id": "past", "title": "Long Past", "date": "2026-08-31", "start": "10:00", "end": "11:00"},
    ],
    "forms": [{"source": "google-forms", "sessions": ["opening"], "questions": [
        {"question": "Name", "field": "full_name"}, {"question": "E-mail", "field": "email"}]}],
})  # fmt: skip

PERSON = {"full_name": "Amina Kovač-Demo", "email": "amina.kovac@example.org", "sessions": ["opening"]}
HOOK = "/hooks/standard/rivers-2026"
GOOGLE = "/hooks/google-forms/rivers-2026"
PAGE = "/register/rivers-2026"


def native(**changes: Any) -> bytes:
    """A native body, as bytes."""
    return json.dumps({"type": "registration.submitted", "data": PERSON | changes}).encode()


def signed(body: bytes, *, key: str = SECRET, name: str = "msg_1", at: datetime = NOW) -> dict[str, str]:
    """The headers of a post, signed by the library; the body must be text."""
    return {
        "content-type": JSON,
        "webhook-id": name,
        "webhook-timestamp": str(int(at.timestamp())),
        "webhook-signature": Webhook(key).sign(name, at, body.decode()),
    }


def typed(**changes: Any) -> dict[str, Any]:
    """What the hosted page's form sends, as a browser does."""
    return {
        "nonce": "nonce-1",
        "website": "",
        "language": "en",
        "time_zone": "",
        "interpretation": "",
        **PERSON,
        **changes,
    }
