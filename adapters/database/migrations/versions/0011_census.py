"""What is counted over all rows for the monitor, kept for its pages; and what needs a person, found by its index

Revision ID: 0011
Revises: 0010
"""
import sqlalchemy as sa
from alembic import op

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None

_OPEN = (
    "desired = 'approved' AND status <> 'approved'"
    " OR desired = 'cancelled' AND status IN ('unasked', 'pending', 'approved')"
)


def upgrade() -> None:
    op.create_table(
        'census',
        sa.Column('name', sa.String(length=32), nullable=False),
        sa.Column('document', sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint('name', name=op.f('pk_census')),
    )
    _index('ix_registrants_held', 'registrants', ['event_id'], 'held')
    _index('ix_registrants_open', 'registrants', ['event_id'], _OPEN)


def downgrade() -> None:
    op.drop_index('ix_registrants_open', 'registrants')
    op.drop_index('ix_registrants_held', 'registrants')
    op.drop_table('census')


def _index(name: str, table: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)
