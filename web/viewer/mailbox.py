"""The folder that a rehearsal wrote: its manifest, and the messages that the manifest lists."""

import re
from pathlib import Path
from typing import Annotated

from pydantic import AliasChoices, AwareDatetime, Field, TypeAdapter, ValidationError

from schemas.base import ForeignShape
from web.problems import Problem
from web.viewer.fresh import once_per_change
from web.viewer.message import Mail, read_mail

_FILE = re.compile(r"messages/[A-Za-z0-9_-]+\.eml")
_NUMBER = re.compile(r"[1-9][0-9]{0,6}")


class Entry(ForeignShape):
    """One mail, as `manifest.json` lists it."""

    file: str
    kind: Annotated[str, Field(validation_alias=AliasChoices("letter", "kind"))]  # the finer, where it is there
    to: str
    participant: str
    conference: str
    sessions: tuple[str, ...]
    language: str
    visibility: str
    sent_at: AwareDatetime
    sequence: int | None = None


_MANIFEST = TypeAdapter(tuple[Entry, ...])


@once_per_change(4)
def _read_manifest(path: Path) -> tuple[Entry, ...]:
    return _MANIFEST.validate_json(path.read_bytes())


def numbered(entries: tuple[Entry, ...], number: str) -> tuple[int, Entry]:
    """The mail of this number and the number itself. Raises Problem (404) where there is none."""
    if not _NUMBER.fullmatch(number) or int(number) > len(entries):
        raise Problem(404, "There is no mail of this number.")
    return int(number), entries[int(number) - 1]


class Mailbox:
    """The folder's mails, each file read once until it changes. What cannot be read is a Problem and nothing else."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder.resolve()

    def entries(self) -> tuple[Entry, ...]:
        """All mails in the order of sending; the first has the number 1. Raises Problem (503)."""
        try:
            return _read_manifest(self._folder / "manifest.json")
        except FileNotFoundError:
            raise Problem(503, "There is no manifest.json yet. It is written when the rehearsal is done.") from None
        except (OSError, ValidationError):
            raise Problem(503, "manifest.json cannot be read. Is it still being written?") from None

    def mail(self, entry: Entry) -> Mail:
        """Raises Problem (404) where the file is missing, unreadable or outside of the folder."""
        try:
            return read_mail(self._path(entry))
        except (OSError, RecursionError):
            raise Problem(404, "The manifest lists this mail, but its file is missing or unreadable.") from None

    def subject(self, entry: Entry) -> str | None:
        """For lists; None where `mail` would find nothing to read."""
        try:
            return self.mail(entry).field("Subject")
        except Problem:
            return None

    def _path(self, entry: Entry) -> Path:
        path = self._folder / entry.file
        if not _FILE.fullmatch(entry.file) or path.resolve().parent != self._folder / "messages":
            raise FileNotFoundError
        return path
