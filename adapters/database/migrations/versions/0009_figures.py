"""What the monitor counts of a million letters: those that were given up, and those that came back

Revision ID: 0009
Revises: 0008
"""
import sqlalchemy as sa
from alembic import op

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    _index('ix_letters_given_up', ['kind', 'state', 'reason'], "state IN ('skipped', 'expired', 'failed', 'held')")
    _index('ix_letters_bounced', ['conference', 'kind', 'state'], 'bounced IS NOT NULL')


def downgrade() -> None:
    op.drop_index('ix_letters_bounced', 'letters')
    op.drop_index('ix_letters_given_up', 'letters')


def _index(name: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, 'letters', columns, sqlite_where=where, postgresql_where=where)
