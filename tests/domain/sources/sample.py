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
        {
            "source": "typeform",
            "form": "fiCtFm01",
            "sessions": ["opening"],
            "questions": [
                {"question": "first_name", "field": "full_name"},
                {"question": "fld000000002", "field": "email"},
                {"question": "Interpretation language", "field": "interpretation"},
                {"question": "consent", "field": "consents.recording"},
            ],
        },
        {
            "source": "tally",
            "form": "fForm1",
            "sessions": ["opening"],
            "questions": [
                {"question": "question_f00001", "field": "full_name"},
                {"question": "E-mail", "field": "email"},
                {"question": "question_f00003", "field": "interpretation"},
                {"question": "question_f00004", "field": "consents.announcements"},
            ],
        },
        {
            "source": "jotform",
            "form": "261230000000001",
            "sessions": ["opening"],
            "questions": [
                {"question": 3, "field": "full_name"},
                {"question": "email", "field": "email"},
                {"question": "q5_language", "field": "interpretation", "answers": {"English (original)": ""}},
                {"question": 6, "field": "consents.recording"},
                {"question": "remarks", "field": "needs"},
            ],
        },
        {
            "source": "ms-forms",
            "form": "fictFormId",
            "sessions": ["opening"],
            "questions": [
                {"question": "first_name", "field": "full_name"},
                {"question": "r0a1b2c3d4e5f40718293a4b5c6d7e8f9", "field": "full_name"},
                {"question": "email", "field": "email"},
                {"question": "r1b2c3d4e5f6071829304a5b6c7d8e9fa", "field": "email"},
                {"question": "language", "field": "interpretation"},
                {"question": "r2c3d4e5f607182930a4b5c6d7e8f9a0b", "field": "interpretation"},
                {"question": "consent", "field": "consents.recording"},
                {"question": "r3d4e5f607182930a1b5c6d7e8f9a0b1c", "field": "consents.recording"},
            ],
        },
    ],
})  # fmt: skip


def native(**changes: Any) -> dict[str, Any]:
    """A native body's data; a change to None takes a field out."""
    data = {"full_name": "Amina Kovač-Demo", "email": "amina.kovac@example.org", "sessions": ["opening"]}
    return {name: value for name, value in (data | changes).items() if value is not None}
