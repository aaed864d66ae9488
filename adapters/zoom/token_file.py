"""A small secret shared by the processes of one host: a sealed file, and a lock that lets one of them renew it.

A file that cannot be read is as good as none, and one that cannot be written costs the sharing alone: each process
then has a token of its own, which Zoom allows.
"""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import structlog

from adapters.vault import Vault, VaultError

log = structlog.get_logger(__name__)


class SealedFile:
    """`folder`/`name`.token with mode 0600, sealed for this name; `name` is opaque."""

    def __init__(self, folder: Path, name: str, vault: Vault) -> None:
        self._file = folder / f"{name}.token"
        self._lock = folder / f"{name}.lock"
        self._place = f"zoom:{name}:token"
        self._vault = vault

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else on this host is in here. The kernel ends it when a process dies, however it dies."""
        descriptor = self._locked()
        try:
            yield
        finally:
            if descriptor is not None:
                os.close(descriptor)

    def read(self) -> bytes | None:
        """What was written last; None where there is nothing that can be opened."""
        try:
            return self._vault.open(self._place, self._file.read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, VaultError):
            log.warning("the file with Zoom's token cannot be read; it is replaced", exc_info=True)
            return None

    def write(self, clear: bytes) -> None:
        """Replace it, whole."""
        draft = self._file.with_name(f".{self._file.name}.{secrets.token_hex(8)}")
        try:
            descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as out:
                out.write(self._vault.seal(self._place, clear))
            draft.replace(self._file)
        except OSError:
            log.warning("the file with Zoom's token cannot be written", exc_info=True)
        finally:
            with suppress(OSError):
                draft.unlink()

    def _locked(self) -> int | None:
        try:
            self._lock.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self._lock, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError:
            log.warning("Zoom's token cannot be shared between processes", exc_info=True)
            return None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        except BaseException:
            os.close(descriptor)
            raise
        return descriptor
