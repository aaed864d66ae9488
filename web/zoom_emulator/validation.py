"""What Zoom takes as a registrant's data."""

import re

from web.zoom_emulator.refusals import invalid
from web.zoom_emulator.registrants import FIELDS
from web.zoom_emulator.work import Body

LANGUAGES = ("en-US", "de-DE", "es-ES", "fr-FR", "jp-JP", "pt-PT", "ru-RU", "zh-CN", "zh-TW", "ko-KO", "it-IT",
             "vi-VN", "pl-PL", "Tr-TR")  # fmt: skip
MOST_IN_BATCH = 30
_ADDRESS = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
_LONGEST = {"email": 128, "first_name": 64, "last_name": 64}


def registrant(said: object, questions: Body) -> None:
    """One person, with the answers that the event's `questions` demand. Raises Refusal (300) naming the fields."""
    if not isinstance(said, dict):
        raise invalid("registrant")
    wrong = {*_wrong_texts(said), *_unanswered(said, questions)}
    if not isinstance(said.get("email"), str) or not _ADDRESS.fullmatch(said["email"].strip()):
        wrong.add("email")
    if not str(said.get("first_name") or "").strip():
        wrong.add("first_name")
    if said.get("language") not in {None, "", *LANGUAGES}:
        wrong.add("language")
    if len(said.get("country") or "AT") != 2:
        wrong.add("country")
    if wrong:
        raise invalid(*sorted(wrong))


def batch(said: Body) -> list[Body]:
    """The rows of a batch. Raises Refusal (300) where there are none, too many, or one is wrong."""
    rows = said.get("registrants")
    if not isinstance(rows, list) or not 1 <= len(rows) <= MOST_IN_BATCH:
        raise invalid("registrants")
    for row in rows:
        registrant(row, {})
    return [{name: row.get(name) for name in _LONGEST} for row in rows]


def status_change(said: Body) -> tuple[str, list[Body]]:
    """Action and registrants of a change of status. Raises Refusal (300)."""
    rows = said.get("registrants")
    if said.get("action") not in {"approve", "deny", "cancel"}:
        raise invalid("action")
    if not isinstance(rows, list) or not 1 <= len(rows) <= MOST_IN_BATCH or not all(isinstance(r, dict) for r in rows):
        raise invalid("registrants")
    return said["action"], rows


def _wrong_texts(said: Body) -> set[str]:
    longest = dict.fromkeys(FIELDS, 1024) | _LONGEST
    return {
        name for name, most in longest.items()
        if said.get(name) is not None and (not isinstance(said[name], str) or len(said[name]) > most)
    }  # fmt: skip


def _unanswered(said: Body, questions: Body) -> set[str]:
    """Standard questions by their field, custom ones by their title; and answers that are too long."""
    answers = said.get("custom_questions") or []
    if not isinstance(answers, list) or not all(isinstance(one, dict) for one in answers):
        return {"custom_questions"}
    given = {str(one.get("title")): str(one.get("value") or "") for one in answers}
    missing = {one["title"] for one in questions.get("custom_questions", []) if one.get("required")}
    missing -= {title for title, value in given.items() if value}
    wanted = {one["field_name"] for one in questions.get("questions", []) if one.get("required")}
    long = {"custom_questions"} if any(len(value) > 128 for value in given.values()) else set[str]()
    return {name for name in wanted if not said.get(name)} | missing | long
