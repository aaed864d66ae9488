"""A house on each database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house import House, a_house


@pytest.fixture
def house(tmp_path: Path, database_url: str) -> Iterator[House]:
    """An empty house on the morning of 1 June 2021."""
    with a_house(tmp_path, database_url) as one:
        yield one
