"""`convenor admin`: who may log in to the monitor."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated
from urllib.parse import urlsplit

import segno
import typer

from adapters.database import admins, logins
from adapters.database.tables import AdminRow
from adapters.toolbox import Toolbox
from cli.start import fail, is_terminal, said_plainly, settings_of, toolbox_of
from cli.tables import Row, show
from cli.who import who
from domain.accounts import NotChanged
from domain.roles import needs_second_factor
from domain.second_factor import address
from schemas.role import Role
from workers.accounts import Totp, Warden

app = typer.Typer(help="Who may log in to the monitor.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The account's name.")]
As = Annotated[Role, typer.Option("--role", help="What they may do: docs/operating.md says it.")]
Why = Annotated[str, typer.Option("--reason", help="Why, for the record.")]
FromInput = Annotated[bool, typer.Option("--password-stdin", help="Read the password from standard input, one line.")]
AtLogin = Annotated[bool, typer.Option("--at-login", help="Its holder sets up the app at the next login.")]
NoTotp = Annotated[bool, typer.Option("--no-totp", help="Let it in by the password alone; for rehearsals.")]


@app.command()
def create(
    name: Name, role: As, password_stdin: FromInput = False, at_login: AtLogin = False, no_totp: NoTotp = False
) -> None:
    """Make an account: asks for its password, and prints the secret of its authenticator app, once."""
    with _warden() as warden:
        totp = _when(at_login, no_totp)
        secret = warden.create(name, role, _password(from_input=password_stdin), who(), totp=totp)
        typer.echo(f"{name} may log in to the monitor, as {role}.")
        _tell(warden.toolbox, name, secret)


@app.command("list")
def list_(as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False) -> None:
    """List the accounts: role, how they log in, when they last did."""
    with _warden() as warden:
        with warden.toolbox.database.read() as session:
            lasting = logins.counts(session, warden.toolbox.clock.machine_now())
            rows: list[Row] = [_listed(one, lasting.get(one.id, 0)) for one in admins.listed(session)]
        show("Accounts", ["name", "role", "password", "app", "openid", "last_login", "logins", "disabled"], rows,
             as_json=as_json)  # fmt: skip


@app.command()
def role(name: Name, to: Annotated[Role, typer.Argument(help="The new role.")], reason: Why = "") -> None:
    """Give an account another role. Its logins end."""
    with _warden() as warden:
        warden.change_role(name, to, who(), reason)
        typer.echo(f"{name} is {to} now." + (_SECOND if needs_second_factor(to) else ""))


@app.command()
def password(name: Name, password_stdin: FromInput = False) -> None:
    """Give an account another password. Its logins end."""
    with _warden() as warden:
        warden.set_password(name, _password(from_input=password_stdin), who())
        typer.echo(f"{name} has another password now.")


@app.command()
def totp(name: Name, at_login: AtLogin = False, no_totp: NoTotp = False) -> None:
    """Give an account another authenticator app, for who has lost the telephone. Its logins end."""
    with _warden() as warden:
        secret = warden.renew_totp(name, who(), totp=_when(at_login, no_totp))
        typer.echo(f"The app that {name} had before opens nothing any more.")
        _tell(warden.toolbox, name, secret)


@app.command()
def disable(name: Name, reason: Why = "") -> None:
    """Lock an account out. Its logins end."""
    with _warden() as warden:
        warden.disable(name, who(), reason)
        typer.echo(f"{name} is locked out.")


@app.command()
def enable(name: Name, reason: Why = "") -> None:
    """Let an account in again."""
    with _warden() as warden:
        warden.enable(name, who(), reason)
        typer.echo(f"{name} may log in.")


@app.command()
def logout(name: Name, reason: Why = "") -> None:
    """End all logins of an account."""
    with _warden() as warden:
        typer.echo(f"{warden.end_logins(name, who(), reason)} ended.")


_SECOND = " Without an authenticator app they are asked to set one up at the next login."


@contextmanager
def _warden() -> Iterator[Warden]:
    with said_plainly(), toolbox_of(settings_of("cli", level="error")) as toolbox:
        try:
            yield Warden(toolbox)
        except NotChanged as why:
            fail(str(why))


def _listed(account: AdminRow, logins_now: int) -> Row:
    last = account.machine_logged_in
    return {
        "name": account.name, "role": account.role, "password": account.password_hash is not None,
        "app": account.sealed_totp is not None, "openid": account.identity is not None,
        "last_login": last.isoformat(timespec="seconds") if last else None, "logins": logins_now,
        "disabled": account.disabled_at is not None,
    }  # fmt: skip


def _password(*, from_input: bool) -> str:
    if from_input:
        return sys.stdin.readline().rstrip("\r\n")
    return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))


def _when(at_login: bool, no_totp: bool) -> Totp:
    return "never" if no_totp else "at-login" if at_login else "now"


def _tell(toolbox: Toolbox, name: str, secret: str | None) -> None:
    """The secret, to be read into the app now: it is not shown again."""
    if secret is None:
        return
    told = address(secret, name, f"Convenor {urlsplit(toolbox.settings.public_url).hostname}")
    typer.echo(f"\nFor the authenticator app, shown this once:\n  secret   {secret}\n  address  {told}")
    if is_terminal():
        segno.make(told, error="m", micro=False).terminal(compact=True)
