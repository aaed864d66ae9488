"""Replies that a machine has written in somebody's name: away until Monday, please confirm that you are human, your
message was read. None of them is a bounce, and none is answered (RFC 3834 2)."""

import re

from domain.mail import Mail, header

_MARKS = ("X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Auto-Reply-From", "X-Mail-Autoreply")
_PRECEDENCES = frozenset({"auto_reply", "auto-reply"})
RECEIPT = "message/disposition-notification"
"""That a message was read, or thrown away unread (RFC 8098)."""
_SUBJECT = re.compile(
    r"^\W*((automatic|auto)[ -]?(reply|response|antwort)|auto:|out of (the )?office|away from|on leave|vacation"
    r"|abwesenheit|automatische antwort|r[ée]ponse automatique|absence du bureau|risposta automatica|fuori ufficio"
    r"|respuesta autom[aá]tica|fuera de la oficina|автоматический ответ|автоответ)",
    re.IGNORECASE,
)
_CHALLENGE = re.compile(
    r"(confirm|verify|authenticate) (that you|your (message|e-?mail|address|identity))"
    r"|sender (verification|confirmation)|challenge[ -]response|please confirm",
    re.IGNORECASE,
)


def is_automatic(message: Mail, subject: str) -> bool:
    """Whether a machine has written this. `subject` is decoded."""
    said = header(message, "Auto-Submitted").partition(";")[0].strip().lower()
    return (
        said not in {"", "no"}
        or any(name in message for name in _MARKS)
        or header(message, "Precedence").lower() in _PRECEDENCES
        or bool(_SUBJECT.match(subject) or _CHALLENGE.search(subject))
    )
