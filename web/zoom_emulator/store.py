"""What the emulated Zoom knows, in one SQLite file: killing its process loses nothing that it has answered.

Safe among several processes on one machine; not when the machine loses power (`synchronous=OFF`), which no emulation
needs.
"""

import fcntl
import sqlite3
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_TABLES = """
CREATE TABLE IF NOT EXISTS options (one INTEGER PRIMARY KEY CHECK (one = 1), chosen TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS tokens (
    token TEXT PRIMARY KEY, account TEXT NOT NULL, expires_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS deactivated (account TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS users (
    row INTEGER PRIMARY KEY, account TEXT NOT NULL, id TEXT NOT NULL UNIQUE, email TEXT NOT NULL,
    created_at REAL NOT NULL, languages TEXT NOT NULL DEFAULT '[]', UNIQUE (account, email));
CREATE TABLE IF NOT EXISTS events (
    row INTEGER PRIMARY KEY, number INTEGER NOT NULL UNIQUE, account TEXT NOT NULL, kind TEXT NOT NULL,
    host_id TEXT NOT NULL, uuid TEXT NOT NULL, token TEXT NOT NULL, registration_url TEXT NOT NULL,
    state TEXT NOT NULL DEFAULT 'waiting', details TEXT NOT NULL, settings TEXT NOT NULL, questions TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS registrants (
    row INTEGER PRIMARY KEY, number INTEGER NOT NULL, id TEXT NOT NULL, address TEXT NOT NULL, status TEXT NOT NULL,
    key TEXT NOT NULL UNIQUE, pin INTEGER NOT NULL, created_at REAL NOT NULL, fields TEXT NOT NULL,
    UNIQUE (number, id), UNIQUE (number, address));
CREATE TABLE IF NOT EXISTS page_tokens (
    token TEXT PRIMARY KEY, what TEXT NOT NULL, after INTEGER NOT NULL, expires_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS counters (key TEXT PRIMARY KEY, period INTEGER NOT NULL, count INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS faults (
    id INTEGER PRIMARY KEY, chosen TEXT NOT NULL, matched INTEGER NOT NULL DEFAULT 0,
    applied INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS calls (
    row INTEGER PRIMARY KEY, at REAL NOT NULL, account TEXT, endpoint TEXT NOT NULL, kind TEXT, event INTEGER,
    status INTEGER, code INTEGER, fault TEXT, tracking_id TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS subscriptions (
    account TEXT PRIMARY KEY, url TEXT NOT NULL, due_at REAL NOT NULL, valid INTEGER NOT NULL DEFAULT 0,
    failures INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS notifications (
    row INTEGER PRIMARY KEY, account TEXT NOT NULL, event TEXT NOT NULL, body TEXT NOT NULL, state TEXT NOT NULL,
    due_at REAL NOT NULL, attempts INTEGER NOT NULL DEFAULT 0, signed_at INTEGER, claimed_until REAL,
    answers TEXT NOT NULL DEFAULT '[]');
CREATE INDEX IF NOT EXISTS notifications_due ON notifications (state, due_at);
"""


class Store:
    """The file, with one connection that the threads of this process share one at a time. Opened when first used."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.RLock()
        self._open: sqlite3.Connection | None = None

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Committed at the end, and so before any answer; rolled back where an exception leaves it."""
        with self._lock:
            connection = self._connection()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._open is not None:
                self._open.close()
            self._open = None

    def _connection(self) -> sqlite3.Connection:
        if self._open is None:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._open = sqlite3.connect(
                self._folder / "zoom.sqlite", isolation_level=None, check_same_thread=False, timeout=30
            )
            # Whoever forgets to close it leaves no open file behind.
            weakref.finalize(self, self._open.close)
            self._open.row_factory = sqlite3.Row
            with (self._folder / "lock").open("w") as lock:
                # SQLite does not wait for another process that makes the same file at the same moment.
                fcntl.flock(lock, fcntl.LOCK_EX)
                self._open.executescript(f"PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; {_TABLES}")
        return self._open
