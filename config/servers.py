"""Mail servers, as the settings name them: where letters are handed in, and mailboxes that are looked into.

What would travel readable to another machine is refused.
"""

import ipaddress
from typing import Literal
from urllib.parse import SplitResult, unquote, urlsplit

from pydantic import BaseModel, ConfigDict, SecretStr

_SMTP: dict[str, tuple[Literal["plain", "starttls", "tls"], int]] = {
    "smtp": ("plain", 25), "smtp+starttls": ("starttls", 587), "smtps": ("tls", 465),
}  # fmt: skip


class ImapAddress(BaseModel):
    """A mailbox that is looked into, taken apart from `BOUNCES_IMAP_URL` or `ANSWERS_IMAP_URL`."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    host: str
    port: int
    tls: bool
    user: str
    password: SecretStr
    folder: str


class SmtpAddress(BaseModel):
    """Where letters are handed in, taken apart from `SMTP_URL`."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)

    host: str
    port: int
    security: Literal["plain", "starttls", "tls"]
    user: str | None = None
    password: SecretStr | None = None


def is_loopback(host: str) -> bool:
    """Whether a host name or address can only mean this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def smtp_address(url: str, *, allow_plain: bool) -> SmtpAddress:
    """Raises ValueError where the address is wrong, or plain on a host that is not this machine."""
    parts = urlsplit(url)
    if parts.scheme not in _SMTP or not parts.hostname:
        raise ValueError("CONVENOR_SMTP_URL must be smtp://, smtp+starttls:// or smtps:// with a host")
    security, port = _SMTP[parts.scheme]
    if security == "plain" and not is_loopback(parts.hostname) and not allow_plain:
        raise ValueError(
            "CONVENOR_SMTP_URL is plain: letters and passwords would travel readable. "
            "Use smtp+starttls:// or smtps://, or allow it with CONVENOR_SMTP_ALLOW_PLAIN=1"
        )
    return SmtpAddress(
        host=parts.hostname, port=_port("CONVENOR_SMTP_URL", parts, port), security=security,
        user=unquote(parts.username) if parts.username else None,
        password=SecretStr(unquote(parts.password)) if parts.password else None,
    )  # fmt: skip


def imap_address(name: str, url: SecretStr | None) -> ImapAddress | None:
    """The mailbox that the variable `name` says; None where it says none. Raises ValueError where the address is wrong,
    or readable on its way to a host that is not this machine."""
    if url is None:
        return None
    parts = urlsplit(url.get_secret_value())
    host = parts.hostname or ""
    if parts.scheme not in {"imaps", "imap"} or not (host and parts.username and parts.password):
        raise ValueError(f"{name} must be imaps://USER:PASSWORD@HOST/FOLDER")
    if parts.scheme == "imap" and not is_loopback(host):
        raise ValueError(f"{name} is plain: the password would travel readable. Use imaps://")
    return ImapAddress(
        host=host, port=_port(name, parts, 993 if parts.scheme == "imaps" else 143), tls=parts.scheme == "imaps",
        user=unquote(parts.username), password=SecretStr(unquote(parts.password)),
        folder=unquote(parts.path.strip("/")) or "INBOX",
    )  # fmt: skip


def _port(name: str, parts: SplitResult, usual: int) -> int:
    try:
        return parts.port or usual
    except ValueError:
        raise ValueError(f"{name} has a port that is no number") from None
