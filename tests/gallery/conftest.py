"""A browser, where there is one."""

from collections.abc import Iterator

import pytest

from tests.gallery.browser import NO_CHROMIUM, Browser, a_browser, chromium


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for all tests of a process: to start it takes a second."""
    executable = chromium()
    if executable is None:
        pytest.skip(NO_CHROMIUM)
    with a_browser(executable) as one:
        yield one
