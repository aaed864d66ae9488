"""Deeds of people in plain words: every action that audits have, and what becomes of those that somebody asks for.

A test finds each action that the code notes, and that it stands here.
"""

from collections.abc import Mapping
from typing import Final

from schemas.deed import Done

ACTIONS: Final[Mapping[str, str]] = {
    "address-corrected": "corrected an address",
    "admin.create": "created an account",
    "admin.disable": "closed an account",
    "admin.enable": "opened an account again",
    "admin.left": "logged out",
    "admin.login": "logged in",
    "admin.login-failed": "tried to log in, and was not let in",
    "admin.logout": "ended the logins of an account",
    "admin.password": "set an account’s password",
    "admin.role": "gave an account another role",
    "admin.totp": "set an account’s second factor",
    "answers-shown": "looked at what was said in answers from calendars",
    "audit-exported": "took the audit out as a table",
    "calendar-address-renewed": "renewed the address of a calendar feed",
    "export": "exported registrations",
    "import": "imported registrations",
    "join-address-renewed": "renewed links for joining",
    "join-address-revoked": "revoked links for joining",
    "language-changed": "changed the language of somebody’s letters",
    "letter-resent": "sent a letter again",
    "letters.hold": "held letters",
    "letters.release": "released letters",
    "letters.replay": "let failed or held letters go again",
    "letters.retry": "let letters be tried at once",
    "mail-held": "held all mail to somebody",
    "mail-released": "released the mail to somebody",
    "page-address-renewed": "renewed the address of somebody’s own page",
    "pause": "paused mail or a queue",
    "participant-exported": "took out all that is kept of somebody",
    "participant-revealed": "looked at somebody’s name and address",
    "places.approve": "approved a registration",
    "places.refuse": "refused a registration",
    "programme-applied": "put a changed programme in force",
    "resume": "let mail or a queue go on",
    "submission.correct": "corrected a submission",
    "submission.reveal": "looked into a submission",
    "submissions.replay": "had submissions judged again",
    "submissions.set-aside": "set submissions aside",
    "suppression-lifted": "let letters go to an address again that had refused them",
    "withdrawn-by-hand": "withdrew somebody from sessions",
    "zoom-asked": "had Zoom asked again",
}

_DONE: Final[Mapping[str, str]] = {
    "address-corrected": "The address is corrected, and all links are renewed; those that went to the one before lead "
    "nowhere now. Letters on their way to the new address: {letters}. Calendar entries taken out at the old one: "
    "{calendars}.",
    "calendar-address-renewed": "The calendar feed has another address; it stands on their own page.",
    "join-address-renewed": "The links for joining are renewed; a letter tells where one was told before.",
    "join-address-revoked": "The links for joining lead nowhere now, and nobody is told. Their next letter has others.",
    "language-changed": "Letters are in the chosen language from now on, and one tells it of each session to come.",
    "letter-resent": "The letter goes again, as things stand now.",
    "mail-held": "No mail goes to this person until it is released.",
    "mail-released": "Mail goes to this person again. Letters that had been held and go now: {letters}.",
    "page-address-renewed": "Their own page has another address; a letter tells it.",
    "suppression-lifted": "Letters go to this address again. Letters that had been held and go now: {letters}.",
    "withdrawn-by-hand": "They are withdrawn; a letter tells it, and takes the session out of their calendar.",
    "zoom-asked": "Zoom is asked again now. Look again in a minute.",
}
_SUPPRESSED: Final = (
    " But the new address is suppressed ({suppressed}): what is written to it is held until that is lifted."
)

_NOT_DONE: Final[Mapping[str, str]] = {
    "nobody": "There is no such participant, letter or registration.",
    "held-already": "Their mail is held already.",
    "not-held": "Their mail is not held.",
    "not-suppressed": "Letters go to their address already.",
    "nothing-at-zoom": "Nothing of theirs waits at Zoom.",
    "not-an-address": "This is no mail address.",
    "same": "This is their address already.",
    "taken": "Another participant of this conference has this address.",
    "on-its-way": "A letter about this is on its way already. Look again in a minute.",
    "overtaken": "There is a newer letter about this already.",
    "too-late": "It is too late for this letter: it is of no use any more.",
    "nothing-to-say": "There is nothing to say about this any more.",
    "waits-for-link": "Zoom has not given the link yet; the letter goes as soon as it has.",
    "so-already": "That is so already.",
    "nothing-to-come": "The conference is over, or they were never registered: no letter could tell the new address.",
}


def told(done: Done) -> str:
    """What was done, or why nothing was, in a sentence or two."""
    if done.audit is None:
        return f"Nothing was changed. {_NOT_DONE[done.what]}"
    said = _DONE[done.what] + (_SUPPRESSED if done.details.get("suppressed") else "")
    return said.format_map({"letters": 0, "calendars": 0} | dict(done.details))


def is_known(code: str) -> bool:
    """Whether there are words for why nothing was done."""
    return code in _NOT_DONE
