"""Alembic's door: it runs inside the transaction that adapters.database.schema hands it."""

from typing import Any, Literal

from alembic import context

from adapters.database.tables import Instant, Table


def _rendered(kind: str, item: Any, _context: object) -> str | Literal[False]:  # noqa: ANN401 - Alembic's interface
    """Migrations name library types only, so that they do not change when ours do."""
    return "sa.DateTime(timezone=True)" if kind == "type" and isinstance(item, Instant) else False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Table.metadata,
    render_as_batch=True,  # SQLite cannot alter a table in place
    compare_type=True,
    render_item=_rendered,
)
with context.begin_transaction():
    context.run_migrations()
