"""`convenor doctor`: tries every neighbour, and says what is wrong and how to mend it."""

import smtplib
import ssl
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime, time
from functools import partial
from typing import Annotated
from urllib.parse import urlsplit

import typer

from adapters.broker.errors import BrokerError
from adapters.broker.queues import ping
from adapters.database import pauses, programmes
from adapters.database.engine import DatabaseUnavailable
from adapters.database.schema import is_current
from adapters.database.tables import PauseRow
from adapters.toolbox import Toolbox
from cli.account_examination import accounts
from cli.examination import Finding, known_here
from cli.mailbox_examination import mailboxes
from cli.start import said_plainly, settings_of, toolbox_of
from cli.tables import show
from cli.zoom_examination import zoom
from config.programmes import ProgrammeError, load_programmes
from config.servers import is_loopback
from domain.findings import findings
from domain.times import instant
from web import vitals as health
from web.mail import PROVIDERS
from web.sources import SOURCES


def doctor(as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False) -> None:
    """Try every neighbour: database, broker, mail server, keys, programmes, time zones. Exit 1 where one is wrong."""
    with said_plainly(), toolbox_of(settings_of("doctor", level="error"), migrated=False) as toolbox:
        found = [one for examine in EXAMINATIONS for one in examine(toolbox)]
    show("Doctor", ["what", "state", "said", "remedy"], [asdict(one) for one in found], as_json=as_json)
    if any(one.state == "wrong" for one in found):
        raise typer.Exit(1)


def _database(toolbox: Toolbox) -> Iterator[Finding]:
    try:
        with toolbox.database.read():
            current = is_current(toolbox.database)
    except DatabaseUnavailable as wrong:
        yield Finding("database", "wrong", f"does not answer ({wrong})", "look at CONVENOR_DATABASE_URL and its server")
        return
    if current:
        yield Finding("database", "well", "answers, in the form that this version needs")
    else:
        yield Finding("database", "wrong", "has not the form that this version needs", "run: convenor migrate")


def _broker(toolbox: Toolbox) -> Iterator[Finding]:
    embedded = toolbox.settings.redis_url is None
    try:
        ping(toolbox.broker)
    except BrokerError as wrong:
        remedy = "it runs with: convenor up" if embedded else "look at CONVENOR_REDIS_URL and its server"
        yield Finding("broker", "note" if embedded else "wrong", f"does not answer ({type(wrong).__name__})", remedy)
        return
    yield Finding("broker", "well", "answers")


def _mail_server(toolbox: Toolbox) -> Iterator[Finding]:
    smtp = toolbox.settings.smtp
    where = f"{smtp.host}:{smtp.port}, {smtp.security}"
    try:
        extended = toolbox.postman.check()
    except smtplib.SMTPAuthenticationError:
        yield Finding("mail server", "wrong", f"{where}: refuses the login", "look at user and password in SMTP_URL")
    except ssl.SSLError as wrong:
        yield Finding(
            "mail server", "wrong", f"{where}: TLS fails ({wrong.reason})", "the name must be the certificate's"
        )
    except (OSError, smtplib.SMTPException) as wrong:
        yield Finding("mail server", "wrong", f"{where}: {type(wrong).__name__}", "look at CONVENOR_SMTP_URL")
    else:
        addresses = "addresses in all letters" if extended else "only addresses in ASCII (no SMTPUTF8)"
        yield Finding("mail server", "well", f"{where}: takes us, and {addresses}")
    if toolbox.settings.sender[1].endswith("@localhost"):
        yield Finding("sender", "wrong", "letters would come from localhost", "set CONVENOR_MAIL_FROM")


def _machines(toolbox: Toolbox) -> Iterator[Finding]:
    """What the monitor's first page says of a system that runs; of neighbours it was said already."""
    said = {"database-down", "broker-down"}
    for one in health.findings(toolbox) if known_here(toolbox, programmes.ids, None) is not None else ():
        if one.code not in said:
            yield Finding(one.code, "note", one.said, f"{one.remedy} See {one.runbook}")


def _public_address(toolbox: Toolbox) -> Iterator[Finding]:
    settings = toolbox.settings
    if is_loopback(urlsplit(settings.public_url).hostname or ""):
        yield Finding(
            "public address", "note", "is this machine's own", "set CONVENOR_PUBLIC_URL for real participants"
        )
    else:
        yield Finding("public address", "well", settings.public_url)
    if settings.emulates_zoom:
        yield Finding(
            "join links", "note", "lead to this machine: rehearsal only", "for real ones see docs/operating.md"
        )


def _hooks(toolbox: Toolbox) -> Iterator[Finding]:
    known = toolbox.settings.hook_secrets
    if not known:
        yield Finding("webhooks", "note", "no post can be signed", "set CONVENOR_HOOK_SECRETS; see docs/connect")
    for name, written in sorted(known.items()):
        provider = {**SOURCES, **PROVIDERS}.get(name.rpartition("/")[2])
        if provider is None:
            yield Finding(f"webhook {name}", "wrong", "no provider has this name",
                          f"write {', '.join([*SOURCES, *PROVIDERS])}")  # fmt: skip
            continue
        secrets = [written] if isinstance(written, str) else written
        for weakness in sorted({provider.weakness(secret) for secret in secrets or [""]} - {""}):
            yield Finding(f"webhook {name}", "wrong", weakness, "make a new one; see docs/connect")


def _programmes(toolbox: Toolbox) -> Iterator[Finding]:
    try:
        loaded = load_programmes(toolbox.settings.conferences)
    except ProgrammeError as wrong:
        yield Finding("programmes", "wrong", f"{len(wrong.problems)} problems", "run: convenor conference check")
        return
    for name, conference in loaded.items():
        errors = sum(one.severity == "error" for one in findings(conference))
        if errors:
            yield Finding(
                f"programme {name}", "wrong", f"{errors} errors", f"run: convenor conference check {name}.yaml"
            )
            continue
        in_force = known_here(toolbox, partial(programmes.in_force, conference=name), None)
        if in_force is not None and in_force[0] != conference:
            yield Finding(
                f"programme {name}",
                "note",
                "the file differs from what participants were told",
                f"convenor conference plan {name} says what it would do",
            )
        else:
            yield Finding(f"programme {name}", "well", f"{len(conference.sessions)} sessions")


def _time(toolbox: Toolbox) -> Iterator[Finding]:
    """The zone data must know the changes of 2026: an hour's error would reach every calendar."""
    known = [instant(date(2026, month, day), time(12), "Europe/Vienna") for month, day in ((3, 28), (3, 29), (10, 25))]
    right = [
        datetime(2026, month, day, hour, tzinfo=UTC) for month, day, hour in ((3, 28, 11), (3, 29, 10), (10, 25, 11))
    ]
    if known == right:
        yield Finding("time zones", "well", "know when Vienna's clock changes")
    else:
        yield Finding("time zones", "wrong", "are out of date or damaged", "install the locked version of tzdata")
    if toolbox.clock.rehearsing:
        yield Finding("clock", "note", "rehearses", "unset CONVENOR_CLOCK for a real conference")


def _pauses(toolbox: Toolbox) -> Iterator[Finding]:
    nothing: Sequence[PauseRow] = ()
    for one in known_here(toolbox, pauses.listed, nothing):
        yield Finding(one.name, "note", f"is paused, by {one.who}", f"let it go on with: convenor resume {one.name}")


EXAMINATIONS: tuple[Callable[[Toolbox], Iterator[Finding]], ...] = (
    _database, _broker, _machines, _mail_server, mailboxes, _public_address, accounts, zoom, _hooks, _programmes, _time,
    _pauses,
)  # fmt: skip
