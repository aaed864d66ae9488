"""The settings of an event: what Zoom sets where nobody says otherwise, and what it does with what somebody says.

Settings that Zoom does not know are dropped without a word, and interpretation is where the plan, the portal or a
language is missing; so whoever writes settings must read them back.
"""

import copy
from collections.abc import Collection
from typing import Final

from schemas.zoom import EventKind
from web.zoom_emulator.refusals import invalid
from web.zoom_emulator.users import SYSTEM_LANGUAGES
from web.zoom_emulator.work import Body

FIXED_TIME = {"webinar": (5, 9), "meeting": (2, 8)}
"""Types that have a time, and so can have registration."""

NO_REGISTRATION = 2

MAILS = frozenset({
    "registrants_email_notification", "registrants_confirmation_email",
    "attendees_and_panelists_reminder_email_notification", "follow_up_attendees_email_notification",
    "follow_up_absentees_email_notification", "panelists_invitation_email_notification", "email_notification",
})  # fmt: skip
"""The e-mail settings, which the portal can lock for the whole account."""

_NONE = {"enable": False, "type": 0}
_HOUR_BEFORE = {"enable": True, "type": 1}
_NO_INTERPRETATION = {"enable": False, "interpreters": list[Body]()}

_DEFAULTS: Final[dict[EventKind, Body]] = {
    "webinar": {
        "host_video": False, "panelists_video": False, "practice_session": True, "hd_video": False,
        "approval_type": NO_REGISTRATION, "registration_type": 1, "audio": "both", "auto_recording": "none",
        "enforce_login": False, "alternative_hosts": "", "close_registration": False, "show_share_button": False,
        "allow_multiple_devices": True, "on_demand": False, "contact_name": "Events Host", "contact_email": "",
        "registrants_restrict_number": 0, "registrants_email_notification": True,
        "registrants_confirmation_email": True, "post_webinar_survey": False, "meeting_authentication": False,
        "question_and_answer": {"enable": True, "allow_anonymous_questions": False, "answer_questions": "all"},
        "attendees_and_panelists_reminder_email_notification": _HOUR_BEFORE,
        "follow_up_attendees_email_notification": _NONE, "follow_up_absentees_email_notification": _NONE,
        "email_language": "en-US", "panelists_invitation_email_notification": True,
        "language_interpretation": _NO_INTERPRETATION, "sign_language_interpretation": {"enable": False},
        "email_in_attendee_report": True,
    },
    "meeting": {
        "host_video": False, "participant_video": False, "join_before_host": False, "mute_upon_entry": True,
        "waiting_room": True, "use_pmi": False, "approval_type": NO_REGISTRATION, "registration_type": 1,
        "audio": "both", "auto_recording": "none", "close_registration": False, "contact_name": "Events Host",
        "contact_email": "", "registrants_email_notification": True, "registrants_confirmation_email": True,
        "meeting_authentication": False, "allow_multiple_devices": True, "alternative_hosts": "",
        "language_interpretation": _NO_INTERPRETATION, "sign_language_interpretation": {"enable": False},
        "email_notification": True,
    },
}  # fmt: skip

_CHOICES = {"approval_type": (0, 1, 2), "registration_type": (1, 2, 3)}


def defaults(kind: EventKind, host_email: str) -> Body:
    """Zoom's own: its mails to registrants are on, and webinars remind an hour before."""
    return {**copy.deepcopy(_DEFAULTS[kind]), "contact_email": host_email}


def changed(current: Body, wanted: object, languages: set[str] | None, locked: Collection[str] = frozenset()) -> Body:
    """The settings after a change. `languages`: those that can be interpreted; None where none can be. `locked`: the
    names of settings that stay as they are.

    Raises Refusal (300) for values of another type.
    """
    if not isinstance(wanted, dict):
        raise invalid("settings")
    after = copy.deepcopy(current)
    for name, value in wanted.items():
        if name == "language_interpretation":
            after[name] = _interpretation(value, languages) or after[name]
        elif name in after and name not in locked:
            after[name] = _fitting(name, after[name], value)
    return after


def panelists(settings: Body) -> set[str]:
    """Addresses of interpreters, whom Zoom makes panelists of a webinar, in lower case."""
    return {str(one.get("email", "")).lower() for one in settings["language_interpretation"].get("interpreters", [])}


def hosts(settings: Body, host_email: str) -> set[str]:
    """Addresses of those who cannot register because they hold the event."""
    others = settings["alternative_hosts"].replace(";", ",").split(",")
    return {host_email.lower(), *(one.strip().lower() for one in others if one.strip())}


def _fitting(name: str, before: object, value: object) -> object:
    if type(value) is not type(before) or value not in _CHOICES.get(name, (value,)):
        raise invalid(f"settings.{name}")
    return {**before, **value} if isinstance(before, dict) and isinstance(value, dict) else value


def _interpretation(wanted: object, languages: set[str] | None) -> Body | None:
    """As Zoom reads it back; None where it does not apply it."""
    if not isinstance(wanted, dict) or languages is None:
        return None
    interpreters = wanted.get("interpreters") or []
    pairs = [[part.strip() for part in str(one.get("interpreter_languages", "")).split(",")] for one in interpreters]
    if len(interpreters) > 20 or any(len(pair) != 2 or not set(pair) <= languages for pair in pairs):
        return None
    return {
        "enable": bool(wanted.get("enable")),
        "interpreters": [
            {
                "email": str(one.get("email", "")),
                "interpreter_languages": ",".join(pair),
                "languages": ",".join(SYSTEM_LANGUAGES.get(name, name) for name in pair),
            }
            for one, pair in zip(interpreters, pairs, strict=True)
        ],
    }
