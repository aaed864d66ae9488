"""Where the embedded broker lives. Imported by its keeper too, which should stay small: no redis-py here."""

import hashlib
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from adapters.broker.errors import BrokerMisconfigured

LONGEST_SOCKET_PATH = 103
"""Bytes. `sun_path` holds 108 with its final NUL on Linux (unix(7)), 104 on macOS; the smaller one serves both."""


@dataclass(frozen=True, slots=True)
class BrokerFolder:
    """The broker's data folder, an absolute path without symbolic links."""

    path: Path

    @property
    def socket(self) -> Path:
        """The Unix socket: in the data folder, or under /tmp where that path is too long for one.

        Nothing is written down: each process finds the same place from the folder's path alone, also after somebody
        has deleted the folder. Hence /tmp itself and not the temporary folder of this process's environment.
        """
        inside = self.path / "socket"
        if len(os.fsencode(inside)) <= LONGEST_SOCKET_PATH:
            return inside
        name = hashlib.sha256(os.fsencode(self.path)).hexdigest()[:16]
        return Path("/tmp") / f"convenor-{os.geteuid()}-{name}" / "socket"  # noqa: S108 - prepare() checks it

    @property
    def client_url(self) -> str:
        """The socket as redis-py writes it."""
        return f"unix://{quote(str(self.socket))}?db=0"

    @property
    def log(self) -> Path:
        """The server's own log: its starts, its rewrites of the append-only file, why it refused its data."""
        return self.path / "server.log"

    @property
    def data(self) -> Path:
        """The append-only file's folder, named so by Valkey."""
        return self.path / "appendonlydir"

    @property
    def refused(self) -> Path:
        """Where data go that the server would not load; the last such data only."""
        return self.path / "refused"

    def prepare(self) -> None:
        """Make the folders, open to nobody else.

        Raises:
            BrokerMisconfigured: where the socket's folder under /tmp was made by somebody else, who could then put a
                broker of his own there.
        """
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.path.chmod(0o700)
        outside = self.socket.parent
        if outside == self.path:
            return
        outside.mkdir(mode=0o700, exist_ok=True)
        found = outside.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
            raise BrokerMisconfigured(f"{outside} is not a private folder of this user: remove it")
