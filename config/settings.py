"""Settings, from the environment (`CONVENOR_…`) or a `.env` file, read once at start.

A wrong value stops the start with one line that names the variable; secrets are `SecretStr`, so that no repr shows
them. Nothing else in the product reads the environment.
"""

import re
from email.utils import parseaddr
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from pydantic_settings import SettingsError as UnreadableSetting

from config.servers import ImapAddress, SmtpAddress, imap_address, is_loopback, smtp_address
from schemas.role import Role

ROOT = Path(__file__).resolve().parent.parent
"""The checkout: templates, catalogues and programmes ship with it."""

PREFIX = "CONVENOR_"

_LONGEST_LOCAL = 17
"""What 64 octets (RFC 5321 4.5.3.1.1) leave beside a `+` and the token of 46 that names a letter."""
_LOCAL = re.compile(rf"[A-Za-z0-9._=-]{{1,{_LONGEST_LOCAL}}}")
_DOMAIN = re.compile(r"[A-Za-z0-9.-]+")


BIG_DOMAINS = dict.fromkeys(
    ("gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "yahoo.com", "icloud.com", "aol.com",
     "gmx.de", "gmx.net", "web.de", "mail.ru", "yandex.ru"),
    20.0,
)  # fmt: skip
"""Letters a second to mailbox providers that take a burst for spam."""


class SettingsError(Exception):
    """One or more variables are wrong; the message has a line for each. Trying again without a change is useless."""


def _safe_web_address(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("must be an https address")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValueError("must be https: secrets travel there")
    return value.rstrip("/")


def _oauth_url(value: str) -> str:
    """A host alone is completed."""
    return value if urlsplit(value).path.strip("/") else f"{value}/oauth/token"


def _api_url(value: str) -> str:
    """With the version, whether it was written or not: Zoom's own answers name the host alone."""
    return value if value.endswith("/v2") else f"{value}/v2"


class ZoomAccount(BaseModel):
    """Server-to-Server OAuth of one Zoom account.

    `plan` decides how many calls Zoom allows, `person_limit` whether its three additions of one person a day are
    counted across all events, as was observed, or in each event, as it documents. `hosts`: ids or addresses of the
    users whose events are looked through for a registration address; where none is named, all users of the account.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    account_id: str
    client_id: str
    client_secret: SecretStr
    webhook_secret: SecretStr | None = None
    oauth_url: Annotated[str, AfterValidator(_safe_web_address), AfterValidator(_oauth_url)] = (
        "https://zoom.us/oauth/token"
    )
    api_url: Annotated[str, AfterValidator(_safe_web_address), AfterValidator(_api_url)] = "https://api.zoom.us/v2"
    plan: Literal["free", "pro", "business"] = "pro"
    person_limit: Literal["account", "event"] = "account"
    hosts: tuple[str, ...] = ()


def is_reserved(host: str) -> bool:
    """Whether a name can never be a real one (RFC 2606, RFC 6761): for documentation and tests."""
    return host.rpartition(".")[2] in {"test", "example", "invalid", "localhost"} or (
        ".".join(host.split(".")[-2:]) in {"example.org", "example.com", "example.net"}
    )


def _mailbox(value: str) -> str:
    address = parseaddr(value)[1]
    if "\n" in value or "\r" in value or "@" not in address:
        raise ValueError('must be an address or "Name <address>"')
    if not address.isascii():
        raise ValueError("must have an ASCII address; write an international domain in its xn-- form")
    return value


def _bounces(value: str) -> str:
    local, at, domain = value.rpartition("@")
    if not at or not _LOCAL.fullmatch(local) or not _DOMAIN.fullmatch(domain):
        raise ValueError(f"must be a bare ASCII address, with {_LONGEST_LOCAL} letters at most before its @")
    return value


def _bind(value: str) -> str:
    host, _, port = value.rpartition(":")
    if not host or not port.isdigit() or int(port) > 65535:
        raise ValueError("must be HOST:PORT, such as 127.0.0.1:8080")
    return value


def _leaving(value: str) -> str:
    parts = urlsplit(value)
    if parts.scheme != "https" or not parts.hostname:
        raise ValueError("must be an https address that says nothing of the conference")
    return value


def _database(value: str) -> str:
    if not value.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise ValueError("must begin with sqlite:/// or postgresql+psycopg://")
    return value


Mailbox = Annotated[str, AfterValidator(_mailbox)]


class Settings(BaseSettings):
    """Every setting, with its default. Names are those of the variables without `CONVENOR_`, in lower case."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_file=".env", env_file_encoding="utf-8", extra="ignore", frozen=True,
        hide_input_in_errors=True, env_ignore_empty=True,
    )  # fmt: skip

    var: Path = Field(default=Path("var"), description="Where the embedded parts keep their files")
    database_url: Annotated[str, AfterValidator(_database)] = Field(default="sqlite:///var/convenor.db", repr=False)
    redis_url: SecretStr | None = None
    smtp_url: SecretStr = SecretStr("smtp://127.0.0.1:25")
    smtp_allow_plain: bool = False
    smtp_timeout: float = Field(default=30.0, gt=0, le=300, description="Seconds an answer may take")
    smtp_rate: float = Field(default=0, ge=0, description="Letters a second to the mail server at most; 0: any number")
    smtp_domain_rates: dict[str, Annotated[float, Field(ge=0)]] = Field(
        default_factory=lambda: dict(BIG_DOMAINS), description="The same by recipients' domain; `*`: any other"
    )
    mail_from: Mailbox = "Conference Secretariat <secretariat@localhost>"
    mail_reply_to: Mailbox | None = None
    mail_bounces: Annotated[str, AfterValidator(_bounces)] | None = None
    bounces_imap_url: SecretStr | None = None
    answers_imap_url: SecretStr | None = None
    public_url: str = "http://127.0.0.1:8080"
    quick_exit_url: Annotated[str, AfterValidator(_leaving)] = "https://www.wikipedia.org/"
    bind: Annotated[str, AfterValidator(_bind)] = "127.0.0.1:8080"
    conferences: Path = ROOT / "config" / "conferences"
    keys_file: Path | None = None
    hook_secrets: dict[str, str | list[str]] = Field(default_factory=dict, repr=False)
    zoom_accounts: dict[str, ZoomAccount] = Field(default_factory=dict, repr=False)
    zoom_emulator: Literal["auto", "on", "off"] = "auto"
    alias_domain: str | None = None
    admin_oidc_issuer: Annotated[str, AfterValidator(_safe_web_address)] | None = None
    admin_oidc_client_id: str | None = None
    admin_oidc_client_secret: SecretStr | None = None
    admin_oidc_roles: dict[str, Role] = Field(default_factory=dict, description="Roles by group; the first that fits")
    admin_oidc_groups: str = Field(default="groups", description="The claim of the ID token that names the groups")
    admin_oidc_scope: str = "openid profile"
    clock: str | None = None
    metrics_token: SecretStr | None = Field(default=None, min_length=20)
    traces_url: Annotated[str, AfterValidator(_safe_web_address)] | None = None
    silent_after: float = Field(default=60.0, ge=5, le=600, description="Seconds after which a silent part is replaced")
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["json", "console"] = "json"

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        _ = self.smtp, self.bounces_imap, self.answers_imap
        if self.admin_oidc_issuer and not (self.admin_oidc_client_id and self.admin_oidc_roles):
            raise ValueError("CONVENOR_ADMIN_OIDC_ISSUER: CLIENT_ID and ROLES are needed, too")
        parts = urlsplit(self.public_url)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
            raise ValueError("CONVENOR_PUBLIC_URL must be an http or https address without query")
        if parts.scheme == "http" and not is_loopback(parts.hostname) and not is_reserved(parts.hostname):
            raise ValueError("CONVENOR_PUBLIC_URL must be https: it carries personal links")
        return self

    @property
    def smtp(self) -> SmtpAddress:
        """Raises ValueError where the address is wrong, or plain on a host that is not this machine."""
        return smtp_address(self.smtp_url.get_secret_value(), allow_plain=self.smtp_allow_plain)

    @property
    def bounces_imap(self) -> ImapAddress | None:
        """None where no mailbox of bounces is looked into. Raises ValueError as `imap_address` does."""
        return imap_address("CONVENOR_BOUNCES_IMAP_URL", self.bounces_imap_url)

    @property
    def answers_imap(self) -> ImapAddress | None:
        """None where no mailbox is looked into for answers from calendars. Raises ValueError as `imap_address` does."""
        return imap_address("CONVENOR_ANSWERS_IMAP_URL", self.answers_imap_url)

    @cached_property
    def sender(self) -> tuple[str, str]:
        """Name (may be empty) and address of From."""
        return parseaddr(self.mail_from)

    @cached_property
    def reply_to(self) -> str:
        """The address participants are told to write to: MAIL_REPLY_TO, or that of MAIL_FROM."""
        return parseaddr(self.mail_reply_to or self.mail_from)[1]

    @property
    def own_address(self) -> str:
        """Where this machine's own web part answers: on loopback, whatever participants use."""
        host, _, port = self.bind.rpartition(":")
        return f"http://{host if is_loopback(host) else '127.0.0.1'}:{port}"

    @property
    def keys(self) -> Path:
        """The key ring's file."""
        return self.keys_file or self.var / "keys.json"

    @property
    def emulates_zoom(self) -> bool:
        """Whether join links come from the embedded emulator.

        Its links lead to this machine: a letter to a real participant must never carry one. So it works only while
        no Zoom account is configured, and both the public address and the mail server are this machine's or have
        names reserved for examples, unless asked for.
        """
        if self.zoom_emulator != "auto":
            return self.zoom_emulator == "on"
        hosts = (urlsplit(self.public_url).hostname or "", self.smtp.host)
        return not self.zoom_accounts and all(is_loopback(host) or is_reserved(host) for host in hosts)

    def secrets_for(self, conference: str, source: str) -> tuple[str, ...]:
        """The secrets of which any may have signed a post to this conference from this source."""
        found = self.hook_secrets.get(f"{conference}/{source}", self.hook_secrets.get(source, ()))
        return (found,) if isinstance(found, str) else tuple(found)


def load_settings(**overrides: object) -> Settings:
    """The settings of this process.

    Raises:
        SettingsError: with one line per wrong variable, naming it and never its value.
    """
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as wrong:
        raise SettingsError("\n".join(_lines(wrong))) from None
    except UnreadableSetting as wrong:
        # The library says which field; what stood in it stays out of sight.
        named = re.search(r'field "(\w+)"', str(wrong))
        name = PREFIX + named[1].upper() if named else PREFIX + "…"
        raise SettingsError(f"{name}: is not JSON") from None


def _lines(wrong: ValidationError) -> list[str]:
    lines = []
    for error in wrong.errors(include_input=False, include_url=False):
        message = error["msg"].removeprefix("Value error, ")
        lines.append(f"{PREFIX}{str(error['loc'][0]).upper()}: {message}" if error["loc"] else message)
    return lines
