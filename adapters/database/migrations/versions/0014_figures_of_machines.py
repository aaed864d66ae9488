"""What machines are asked for: tallies, what waits for a person, and which submission a letter answers

Revision ID: 0014
Revises: 0013
"""
import sqlalchemy as sa
from alembic import op

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'tallies',
        sa.Column('name', sa.String(length=32), nullable=False),
        sa.Column('labels', sa.String(length=100), nullable=False),
        sa.Column('number', sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint('name', 'labels', name=op.f('pk_tallies')),
    )
    op.add_column('letters', sa.Column('cause', sa.String(length=32), nullable=True))
    _index('ix_letters_failed', 'letters', ['not_after'])
    _index('ix_envelopes_failed', 'envelopes', ['machine_received'])


def downgrade() -> None:
    op.drop_index('ix_envelopes_failed', 'envelopes')
    op.drop_index('ix_letters_failed', 'letters')
    op.drop_column('letters', 'cause')
    op.drop_table('tallies')


def _index(name: str, table: str, columns: list[str]) -> None:
    where = sa.text("state = 'failed'")
    op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)
