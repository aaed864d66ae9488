"""A running town on each database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.journeys.town import Town, a_town


@pytest.fixture
def town(tmp_path: Path, database_url: str) -> Iterator[Town]:
    """Everything up, as with `convenor up`."""
    with a_town(tmp_path, database_url) as one:
        yield one
