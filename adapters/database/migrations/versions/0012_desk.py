"""What is done for one participant: addresses that were corrected, mail that is held; audits to be searched

Revision ID: 0012
Revises: 0011
"""
import sqlalchemy as sa
from alembic import op

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None

AUDITED = ('about', 'who', 'action')


def upgrade() -> None:
    op.create_table(
        'former_addresses',
        sa.Column('participant_id', sa.String(length=32), nullable=False),
        sa.Column('version', sa.Integer(), nullable=False),
        sa.Column('address_index', sa.LargeBinary(length=32), nullable=False),
        sa.Column('sealed_address', sa.LargeBinary(), nullable=False),
        sa.Column('until', _instant(), nullable=False),
        sa.ForeignKeyConstraint(['participant_id'], ['participants.id'],
                                name=op.f('fk_former_addresses_participant_id')),
        sa.PrimaryKeyConstraint('participant_id', 'version', name=op.f('pk_former_addresses')),
    )
    op.create_index('ix_former_addresses_address_index', 'former_addresses', ['address_index'])
    op.add_column('participants', sa.Column('address_version', sa.Integer(), server_default='1', nullable=False))
    op.add_column('participants', sa.Column('mail_held_at', _instant(), nullable=True))
    op.add_column('letters', sa.Column('address_version', sa.Integer(), nullable=True))
    op.create_index('ix_participants_newest', 'participants', ['conference', 'created_at', 'id'])
    for column in AUDITED:
        op.create_index(f'ix_audits_{column}', 'audits', [column, 'id'])


def downgrade() -> None:
    for column in AUDITED:
        op.drop_index(f'ix_audits_{column}', 'audits')
    op.drop_index('ix_participants_newest', 'participants')
    op.drop_column('letters', 'address_version')
    op.drop_column('participants', 'mail_held_at')
    op.drop_column('participants', 'address_version')
    op.drop_table('former_addresses')


def _instant() -> sa.DateTime:
    return sa.DateTime(timezone=True)
