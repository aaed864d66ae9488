"""Letters that are due, and those that are claimed, found among a million that wait

SQLite uses a partial index only where the query says what the index says: `state IN ('planned', 'claimed')` was never
of use to a query for `state = 'planned'`.

Revision ID: 0006
Revises: 0005
"""
import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_index('ix_letters_waiting', 'letters')
    _index('ix_letters_planned', ['due_at', 'id'], "state = 'planned'")
    _index('ix_letters_claimed', ['leased_by', 'machine_leased_until'], "state = 'claimed'")


def downgrade() -> None:
    op.drop_index('ix_letters_claimed', 'letters')
    op.drop_index('ix_letters_planned', 'letters')
    _index('ix_letters_waiting', ['due_at', 'id'], "state IN ('planned', 'claimed')")


def _index(name: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, 'letters', columns, sqlite_where=where, postgresql_where=where)
