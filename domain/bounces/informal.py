"""Reports as some servers write them, for people: qmail, Exim, Exchange, Domino, and those that follow none.

A text is taken for one only where the server itself speaks (the empty envelope sender, MAILER-DAEMON, postmaster) and
says plainly that something has failed, or where it bears a mark that no person writes. What it says is the codes in
it; without codes it says that a letter was refused, and no more.
"""

import re

from domain.bounces import codes
from domain.bounces.said import Notice, What
from domain.mail import Mail, addresses, header, is_address, message_ids, parts, text_of

_SERVERS = re.compile(r"^(mail(er)?-?daemon|mdaemon|postmaster|microsoftexchange[0-9a-f]*)@", re.IGNORECASE)
_EMPTY_SENDER = re.compile(r"^<\s*>$")

_FAILURE = re.compile(
    r"undeliver|failure notice|returned mail|mail delivery (failed|failure|system)|delivery (status )?notification"
    r"|delivery failure|delivery has failed|delivery problem|could not be delivered|not delivered"
    r"|mailbox (is )?full|over ?quota|unzustellbar|nicht zugestellt|non remis|échec de (la )?remise"
    r"|mancat[ao] (recapito|consegna)|impossibile recapitare|no se (ha podido|puede|pudo) entregar|correo devuelto"
    r"|не (было )?доставлен|недоставлен",
    re.IGNORECASE,
)
_DELAY = re.compile(
    r"delayed|has not (yet )?been delivered|will (continue to|keep) (try|be retried|retry)"
    r"|warning: (message|could not send)|still (being )?retried|verzögert|retardé|ritardat|retrasad|задерж",
    re.IGNORECASE,
)
_QMAIL = "Hi. This is the qmail-send program at"
_QMAIL_NAMES = re.compile(r"^<([^<>\s]+)>:", re.MULTILINE)
_BESIDE_ADDRESSES = re.compile(r"[\s<>()\[\]\"',;:]+")

_COPY = re.compile(
    r"^(-{2,} ?(Below this line|This is a copy|Original message|The following is)|Original message headers:"
    r"|-{3,} ?Original|Return-Path:|Received:|DKIM-Signature:)",
    re.IGNORECASE | re.MULTILINE,
)
"""Where the server's own words end and the letter begins."""
_MESSAGE_ID = re.compile(r"^Message-ID:[ \t]*(?:\r?\n[ \t]+)?(<[^<>\s]{3,320}>)", re.IGNORECASE | re.MULTILINE)
_RETURN_PATH = re.compile(r"^Return-Path:[ \t]*<([^<>\s]{3,320})>", re.IGNORECASE | re.MULTILINE)


def text_in(message: Mail) -> str:
    """The first text of a message that is not empty."""
    texts = (text_of(part) for part in parts(message) if part.get_content_maintype() == "text")
    return next((one for one in texts if one.strip()), "")


def notice(message: Mail, text: str) -> Notice | None:
    """What a server's own words say of a letter; None where it is not a server that speaks, or not of a failure."""
    failed = addresses(message, "X-Failed-Recipients")
    said = _own_words(text)
    plainly = f"{header(message, 'Subject')}\n{said}"
    late = bool(_DELAY.search(plainly))
    of_qmail = said.lstrip().startswith(_QMAIL)
    if not (failed or of_qmail or (_is_from_a_server(message) and (late or _FAILURE.search(plainly)))):
        return None
    what: What = "deferred" if late and not (failed or of_qmail) else "bounced"
    return Notice(
        what=what,
        recipients=failed or tuple(_QMAIL_NAMES.findall(said)[:20]) or _addresses_in(said),
        enhanced=codes.telling(codes.enhanced_in(said)),
        code=codes.basic_in(said),
        hint=codes.hinted(said),
    )


def known_by(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """By what the letter that is quoted can be known: its envelope sender, and its Message-ID."""
    found = _MESSAGE_ID.search(text)
    return tuple(_RETURN_PATH.findall(text)[:1]), message_ids(found[1]) if found else ()


def _own_words(text: str) -> str:
    found = _COPY.search(text)
    return text[: found.start()] if found else text


def _is_from_a_server(message: Mail) -> bool:
    if _EMPTY_SENDER.match(header(message, "Return-Path")):
        return True
    return any(_SERVERS.match(address) for address in addresses(message, "From", "Sender"))


def _addresses_in(text: str) -> tuple[str, ...]:
    words = (word.strip(".") for word in _BESIDE_ADDRESSES.split(text))
    return tuple(dict.fromkeys(word for word in words if is_address(word)))[:20]
