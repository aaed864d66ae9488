"""All kinds of letters, and what was told before

Revision ID: 0003
Revises: 0002
"""
import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None

KINDS = (
    'confirmation', 'invitation', 'update', 'cancellation', 'withdrawal', 'week-digest', 'digest', 'reminder',
    'last-reminder', 'pending', 'waitlist', 'offer', 'refusal', 'not-understood', 'notice',
)
KINDS_BEFORE = (
    'confirmation', 'invitation', 'update', 'cancellation', 'withdrawal', 'reminder', 'digest', 'pending', 'waitlist',
    'notice',
)


def upgrade() -> None:
    op.add_column('registrations', sa.Column('told', sa.JSON(), nullable=True))
    op.add_column('participants', sa.Column('reminders_version', sa.Integer(), nullable=True))
    op.add_column('letters', sa.Column('before', sa.JSON(), nullable=True))
    _only(KINDS)


def downgrade() -> None:
    op.execute(sa.text('DELETE FROM letter_events WHERE letter_id IN (SELECT id FROM letters WHERE kind NOT IN :known)')
               .bindparams(sa.bindparam('known', KINDS_BEFORE, expanding=True)))
    op.execute(sa.text('DELETE FROM letters WHERE kind NOT IN :known')
               .bindparams(sa.bindparam('known', KINDS_BEFORE, expanding=True)))
    _only(KINDS_BEFORE)
    op.drop_column('letters', 'before')
    op.drop_column('participants', 'reminders_version')
    op.drop_column('registrations', 'told')


def _only(kinds: tuple[str, ...]) -> None:
    # SQLite alters no constraint: there, Alembic makes the table anew, with its other constraints. A table that others
    # refer to cannot be dropped meanwhile, so that its events step aside.
    on_sqlite = op.get_bind().dialect.name == 'sqlite'
    if on_sqlite:
        op.execute('CREATE TEMPORARY TABLE aside AS SELECT * FROM letter_events')
        op.execute('DELETE FROM letter_events')
    with op.batch_alter_table('letters') as batch_op:
        batch_op.drop_constraint(op.f('ck_letters_kind_known'), type_='check')
        batch_op.create_check_constraint(op.f('ck_letters_kind_known'), f"kind IN ({', '.join(map(repr, kinds))})")
    if on_sqlite:
        op.execute('INSERT INTO letter_events SELECT * FROM aside')
        op.execute('DROP TABLE aside')
