"""What was made of a file, made again only when the file has changed."""

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

Made = TypeVar("Made")


def once_per_change(most: int) -> Callable[[Callable[[Path], Made]], Callable[[Path], Made]]:
    """Let a reader of files remember the last `most` results. It raises OSError where there is no such file."""

    def remembering(read: Callable[[Path], Made]) -> Callable[[Path], Made]:
        @lru_cache(maxsize=most)
        def remembered(path: Path, *_state: int) -> Made:
            return read(path)

        def look(path: Path) -> Made:
            state = path.stat()
            return remembered(path, state.st_mtime_ns, state.st_size, state.st_ino)

        return look

    return remembering
