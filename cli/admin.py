"""Who may log in to the monitor."""

import typer
from argon2 import PasswordHasher

from cli.start import WRONG_USE, fail

app = typer.Typer(help="Who may log in to the monitor.", no_args_is_help=True)

SHORTEST = 15
"""Characters; OWASP ASVS 5.0, 6.2.1."""


@app.callback()
def _group() -> None:
    """A group of commands, though there is only one yet."""


@app.command()
def password() -> None:
    """Ask for a password and print its argon2id hash, to be set as CONVENOR_ADMIN_PASSWORD_HASH."""
    chosen = typer.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    if len(chosen) < SHORTEST:
        fail(f"At least {SHORTEST} characters, please: several words are easier to remember than signs.", WRONG_USE)
    typer.echo(hashed(chosen))


def hashed(chosen: str) -> str:
    """The argon2id hash, with the library's current parameters (64 MiB, above OWASP's 19 MiB)."""
    return PasswordHasher().hash(chosen)
