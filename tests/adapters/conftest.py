"""What tests of adapters share."""

from collections.abc import Iterator

import pytest

from adapters.database.engine import Database
from adapters.database.schema import migrate


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """One of each kind, with its tables."""
    one = Database(database_url)
    migrate(one)
    yield one
    one.dispose()
