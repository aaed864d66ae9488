"""Waiting for what other processes do."""

import time
from collections.abc import Callable


def until(holds: Callable[[], bool], seconds: float = 30.0) -> None:
    """Return when it holds; fail where it does not within `seconds`, long enough for a busy machine."""
    for _ in range(int(seconds / 0.02)):
        if holds():
            return
        time.sleep(0.02)
    raise AssertionError(f"did not come true within {seconds:g} s: {holds}")
