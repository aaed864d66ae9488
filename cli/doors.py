"""Posting registrations the way strangers do: signed to the webhooks, or by the hosted page's form."""

import json
import time
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import httpx2
from standardwebhooks import Webhook

from cli.people import Invented
from schemas.programme import Conference

_ZOOM_LANGUAGES = {"en": "en-US", "fr": "fr-FR", "de": "de-DE", "it": "it-IT", "ru": "ru-RU", "es": "es-ES"}
_MOST_REPETITIONS = 3


class Refusal(Exception):
    """The door did not answer as it should; the message has the status."""


class Street:
    """A client of the doors of one running Convenor, with the secrets of its hooks."""

    def __init__(self, address: str, conference: Conference, secrets: dict[str, str]) -> None:
        self._http = httpx2.Client(base_url=address, timeout=30)
        self._conference = conference.id
        self._zoom_pages = {one.id: urlsplit(str(one.registration)).path for one in conference.sessions}
        self._secrets = secrets

    def close(self) -> None:
        """Leave."""
        self._http.close()

    def arrive(self, person: Invented, number: int, machine_now: datetime) -> None:
        """Register one invented person through the door that suits."""
        if person.door == "hosted":
            self._by_page(person.data)
        elif person.door == "zoom":
            self._by_zoom(person.data)
        elif person.door == "google-forms":
            self.post("google-forms", _google_answers(person.data, number), f"gf_{number}", machine_now)
        else:
            body = {"type": "registration.submitted", "timestamp": machine_now.isoformat(), "data": person.data}
            self.post("standard", body, f"msg_{number}", machine_now)

    def withdraw(self, email: str, sessions: list[str], number: int, machine_now: datetime) -> None:
        """Withdraw a person from sessions."""
        data = {"email": email, "sessions": sessions}
        body = {"type": "registration.withdrawn", "timestamp": machine_now.isoformat(), "data": data}
        self.post("standard", body, f"msg_{number}", machine_now)

    def post(self, source: str, body: dict[str, Any], delivery: str, machine_now: datetime) -> str:
        """Post one signed body; the receipt. Put off with 503, it is posted again, as senders do.

        Raises:
            Refusal: where the answer is not 202 in the end.
        """
        text = json.dumps(body, ensure_ascii=False)
        signature = Webhook(self._secrets[source]).sign(delivery, machine_now, text)
        headers = {
            "content-type": "application/json",
            "webhook-id": delivery,
            "webhook-timestamp": str(int(machine_now.timestamp())),
            "webhook-signature": signature,
        }
        said = partial(self._http.post, f"/hooks/{source}/{self._conference}", content=text.encode(), headers=headers)
        answer, again = said(), _MOST_REPETITIONS
        while answer.status_code == 503 and again:
            time.sleep(float(answer.headers.get("retry-after", "1")))
            answer, again = said(), again - 1
        if answer.status_code != 202:
            raise Refusal(f"/hooks/{source} answered {answer.status_code}")
        return str(answer.json()["receipt"])

    def untold_by_zoom(self) -> int:
        """How many notifications the emulated Zoom has still to deliver."""
        state = self._http.get("/zoom-emulator/admin/state")
        return int(state.json()["notifications"].get("planned", 0)) if state.status_code == 200 else 0

    def _by_zoom(self, data: dict[str, Any]) -> None:
        """On Zoom's own registration page, which the emulator has; what it knows comes by its webhook."""
        given, _, family = str(data["full_name"]).partition(" ")
        fields = {"first_name": given, "last_name": family, "email": data["email"],
                  "language": _ZOOM_LANGUAGES[data["language"]]}  # fmt: skip
        answer = self._http.post(f"/zoom-emulator{self._zoom_pages[data['sessions'][0]]}", data=fields)
        if answer.status_code != 200:
            raise Refusal(f"Zoom's registration page answered {answer.status_code}")

    def _by_page(self, data: dict[str, Any]) -> None:
        fields = {name: value for name, value in data.items() if value is not None}
        answer = self._http.post(f"/register/{self._conference}", data=fields)
        while answer.status_code == 429:  # the page is for one person at a time
            time.sleep(float(answer.headers["retry-after"]))
            answer = self._http.post(f"/register/{self._conference}", data=fields)
        if answer.status_code != 303:
            raise Refusal(f"/register answered {answer.status_code}")


def _google_answers(data: dict[str, Any], number: int) -> dict[str, Any]:
    """What the script in docs/connect sends for a form with the usual questions."""
    given, _, family = str(data["full_name"]).partition(" ")
    asked = {
        "First name": given, "Last name": family, "E-mail": data["email"], "Organisation": data["organisation"],
        "I consent to the processing of my data": ["Yes"],
    }  # fmt: skip
    answers = [
        {"item_id": 100000001 + place, "title": title, "type": "TEXT", "value": value}
        for place, (title, value) in enumerate(asked.items())
    ]
    return {
        "type": "registration.submitted",
        "data": {
            "provider": "google_forms", "form_id": "example-form", "response_id": f"example-response-{number}",
            "respondent_email": "", "answers": answers,
        },
    }  # fmt: skip
