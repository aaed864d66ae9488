"""Who refuses us by policy, told apart; which letters a person has planned again

Revision ID: 0007
Revises: 0006
"""
import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('destinations', sa.Column('refused', sa.JSON(), server_default='[]', nullable=False))
    op.add_column('letters', sa.Column('replayed', sa.Boolean(), server_default=sa.text('false'), nullable=False))
    op.execute("UPDATE letters SET replayed = true WHERE state = 'planned' AND reason = 'replayed'")


def downgrade() -> None:
    op.drop_column('letters', 'replayed')
    op.drop_column('destinations', 'refused')
