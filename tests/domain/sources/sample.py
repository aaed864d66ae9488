"""A programme with forms, for the readers' tests. All invented."""

from typing import Any

from schemas.programme import Conference

FORM = "1FAIpQexampleForm"

CONFERENCE = Conference.model_validate({
    "id": "rivers-2026",
    "title": "Rivers Across Borders",
    "starts": "2026-10-22",
    "ends": "2026-10-23",
    "sessions": [
        {"id": "opening", "title": "Opening", "date": "2026-10-22", "start": "14:00", "end": "15:00"},
        {"id": "dams", "title": "Dams, and Who Decides", "date": "2026-10-22", "start": "16:00", "end": "17:00"},
    ],
    "forms": [
        {
            "source": "google-forms",
            "form": FORM,
            "questions": [
                {"question": 100000001, "field": "full_name"},
                {"question": "Last name", "field": "full_name"},
                {"question": "E-mail", "field": "email"},
                {"question": "Which sessions?", "field": "sessions"},
                {"question": "Language of letters", "field": "language"},
                {"question": "Interpretation", "field": "interpretation", "answers": {"I understand English": ""}},
                {"question": "Your time zone", "field": "time_zone"},
                {"question": "Will you come?", "field": "attendance", "answers": {"At the Hofburg": "in-person"}},
                {"question": "Discreet letters?", "field": "visibility"},
                {"question": "Recording", "field": "consents.recording"},
                {"question": "Photographs", "field": "consents.photography",
                 "answers": {"I may be in pictures": "yes"}},
            ],
        },
        {
            "source": "google-forms",
            "sessions": ["dams"],
            "questions": [
                {"question": "Name", "field": "full_name"}, {"question": "E-mail", "field": "email"},
            ],
        },
    ],
})  # fmt: skip


def native(**changes: Any) -> dict[str, Any]:
    """A native body's data; a change to None takes a field out."""
    data = {"full_name": "Amina Kovač-Demo", "email": "amina.kovac@example.org", "sessions": ["opening"]}
    return {name: value for name, value in (data | changes).items() if value is not None}
