"""What every command does first: read the settings, set up the log, open the toolbox; and how it says what is wrong."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import typer

from adapters.broker.errors import BrokerError
from adapters.clock import ClockError
from adapters.database.engine import DatabaseUnavailable
from adapters.database.facts import is_its_key_ring
from adapters.database.schema import is_current, migrate
from adapters.toolbox import Toolbox, build
from adapters.tracing import TracesUnavailable
from adapters.vault import VaultError
from config.logging import configure_logging
from config.programmes import ProgrammeError
from config.settings import Settings, SettingsError, load_settings

FAILED = 1
WRONG_USE = 2


def fail(message: str, code: int = FAILED) -> NoReturn:
    """End the command with one clear message on standard error."""
    typer.echo(message, err=True)
    raise typer.Exit(code)


@contextmanager
def said_plainly() -> Iterator[None]:
    """Turn what can go wrong at a start into one message instead of a traceback."""
    try:
        yield
    except SettingsError as wrong:
        fail(str(wrong), WRONG_USE)
    except ClockError as wrong:
        fail(f"CONVENOR_CLOCK: {wrong}", WRONG_USE)
    except ProgrammeError as wrong:
        fail("\n".join(str(problem) for problem in wrong.problems))
    except TracesUnavailable as wrong:
        fail(str(wrong), WRONG_USE)
    except (VaultError, BrokerError) as wrong:
        fail(str(wrong))
    except DatabaseUnavailable as wrong:
        fail(f"CONVENOR_DATABASE_URL: the database cannot be reached ({wrong}). Trying again may help.")


def settings_of(part: str, *, level: str | None = None) -> Settings:
    """The settings, with the log of this process set up under the part's name."""
    settings = load_settings()
    configure_logging(level or settings.log_level, settings.log_format, part)
    return settings


@contextmanager
def toolbox_of(settings: Settings, *, migrated: bool = True) -> Iterator[Toolbox]:
    """The toolbox; ends the command where the database has not the form that is needed."""
    toolbox = build(settings)
    try:
        if migrated and not is_current(toolbox.database):
            fail("The database has not the form that this version needs. Run: convenor migrate")
        if migrated:
            _check_keys(toolbox)
        yield toolbox
    finally:
        toolbox.close()


def _check_keys(toolbox: Toolbox) -> None:
    with toolbox.database.write() as session:
        if not is_its_key_ring(session, toolbox.vault):
            fail(f"The key ring {toolbox.settings.keys} is not the one that this database was written with. "
                 "Copy that one here, or name it with CONVENOR_KEYS_FILE.")  # fmt: skip


def migrated(settings: Settings) -> None:
    """Create or upgrade the database, in a toolbox of its own: what follows may fork."""
    with toolbox_of(settings, migrated=False) as toolbox:
        migrate(toolbox.database)


def is_terminal() -> bool:
    """Whether somebody watches: then tables and colours, otherwise plain lines."""
    return sys.stdout.isatty()
