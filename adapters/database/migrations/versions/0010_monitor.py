"""Who may log in to the monitor, and what a person has paused

Revision ID: 0010
Revises: 0009
"""
import sqlalchemy as sa
from alembic import op

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'admins',
        sa.Column('id', sa.String(length=32), nullable=False),
        sa.Column('name', sa.String(length=64), nullable=False),
        sa.Column('role', sa.String(length=16), nullable=False),
        sa.Column('password_hash', sa.String(length=255), nullable=True),
        sa.Column('sealed_totp', sa.LargeBinary(), nullable=True),
        sa.Column('totp_step', sa.BigInteger(), nullable=True),
        sa.Column('without_totp', sa.Boolean(), nullable=False),
        sa.Column('identity', sa.String(length=64), nullable=True),
        sa.Column('machine_logged_in', _instant(), nullable=True),
        sa.Column('disabled_at', _instant(), nullable=True),
        sa.Column('created_at', _instant(), nullable=False),
        sa.CheckConstraint("role IN ('viewer', 'operator', 'secretariat', 'admin', 'auditor')",
                           name=op.f('ck_admins_role_known')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_admins')),
        sa.UniqueConstraint('name', name=op.f('uq_admins_name')),
        sa.UniqueConstraint('identity', name=op.f('uq_admins_identity')),
    )
    op.create_table(
        'admin_sessions',
        sa.Column('id', sa.String(length=64), nullable=False),
        sa.Column('admin_id', sa.String(length=32), nullable=False),
        sa.Column('role', sa.String(length=16), nullable=False),
        sa.Column('machine_begun', _instant(), nullable=False),
        sa.Column('machine_seen', _instant(), nullable=False),
        sa.ForeignKeyConstraint(['admin_id'], ['admins.id'], name=op.f('fk_admin_sessions_admin_id'),
                                ondelete='CASCADE'),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_admin_sessions')),
    )
    op.create_index(op.f('ix_admin_sessions_admin_id'), 'admin_sessions', ['admin_id'])
    op.create_table(
        'admin_tries',
        sa.Column('id', sa.String(length=64), nullable=False),
        sa.Column('machine_full', _instant(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_admin_tries')),
    )
    op.create_table(
        'pauses',
        sa.Column('name', sa.String(length=32), nullable=False),
        sa.Column('who', sa.String(length=100), nullable=False),
        sa.Column('machine_since', _instant(), nullable=False),
        sa.PrimaryKeyConstraint('name', name=op.f('pk_pauses')),
    )


def downgrade() -> None:
    for table in ('pauses', 'admin_tries', 'admin_sessions', 'admins'):
        op.drop_table(table)


def _instant() -> sa.DateTime:
    return sa.DateTime(timezone=True)
