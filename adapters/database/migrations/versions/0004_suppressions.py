"""Reports of non-delivery, and addresses that are not written to any more

Revision ID: 0004
Revises: 0003
"""
import sqlalchemy as sa
from alembic import op

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None

STATES = ('planned', 'claimed', 'sent', 'skipped', 'expired', 'failed', 'held')
ENDS = ('skipped', 'expired', 'failed', 'held')


def upgrade() -> None:
    op.add_column('letters', sa.Column('bounced', sa.String(length=32), nullable=True))
    _states(STATES, ENDS)
    op.create_table('bounces',
    sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
    sa.Column('letter_id', sa.String(length=32), nullable=False),
    sa.Column('address_index', sa.LargeBinary(length=32), nullable=False),
    sa.Column('kind', sa.String(length=16), nullable=False),
    sa.Column('bounce_class', sa.String(length=16), nullable=False),
    sa.Column('code', sa.String(length=16), nullable=True),
    sa.Column('source', sa.String(length=32), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('machine_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint("kind IN ('bounced', 'deferred', 'complained', 'unsubscribed')", name=op.f('ck_bounces_kind_known')),
    sa.CheckConstraint("bounce_class IN ('hard', 'full', 'soft', 'unclear', 'policy', 'wish')", name=op.f('ck_bounces_bounce_class_known')),
    sa.ForeignKeyConstraint(['letter_id'], ['letters.id'], name=op.f('fk_bounces_letter_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bounces')),
    sa.UniqueConstraint('letter_id', 'kind', 'bounce_class', name=op.f('uq_bounces_letter_id_kind_bounce_class'))
    )
    op.create_index('ix_bounces_address_index', 'bounces', ['address_index'], unique=False)
    op.create_table('suppressions',
    sa.Column('id', sa.String(length=32), nullable=False),
    sa.Column('address_index', sa.LargeBinary(length=32), nullable=False),
    sa.Column('reason', sa.String(length=16), nullable=False),
    sa.Column('source', sa.String(length=32), nullable=False),
    sa.Column('code', sa.String(length=16), nullable=True),
    sa.Column('letter_id', sa.String(length=32), nullable=False),
    sa.Column('since', sa.DateTime(timezone=True), nullable=False),
    sa.Column('expires_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('lifted_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('sealed_lifting', sa.LargeBinary(), nullable=True),
    sa.CheckConstraint("reason IN ('hard-bounce', 'refused-twice', 'mailbox-full', 'complaint', 'unsubscribed')", name=op.f('ck_suppressions_reason_known')),
    sa.CheckConstraint('(lifted_at IS NULL) = (sealed_lifting IS NULL)', name=op.f('ck_suppressions_lifted_by_somebody')),
    sa.ForeignKeyConstraint(['letter_id'], ['letters.id'], name=op.f('fk_suppressions_letter_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_suppressions'))
    )
    op.create_index('uq_suppressions_in_force', 'suppressions', ['address_index', 'reason'], unique=True,
                    sqlite_where=sa.text('lifted_at IS NULL'), postgresql_where=sa.text('lifted_at IS NULL'))


def downgrade() -> None:
    op.drop_table('suppressions')
    op.drop_table('bounces')
    op.execute("UPDATE letters SET state = 'failed' WHERE state = 'held'")
    op.execute("UPDATE letter_events SET state = 'failed' WHERE state = 'held'")
    _states(STATES[:-1], ENDS[:-1])
    op.drop_column('letters', 'bounced')


def _states(states: tuple[str, ...], ends: tuple[str, ...]) -> None:
    # SQLite alters no constraint: see 0003.
    on_sqlite = op.get_bind().dialect.name == 'sqlite'
    if on_sqlite:
        op.execute('CREATE TEMPORARY TABLE aside AS SELECT * FROM letter_events')
        op.execute('DELETE FROM letter_events')
    with op.batch_alter_table('letters') as batch_op:
        batch_op.drop_constraint(op.f('ck_letters_state_known'), type_='check')
        batch_op.create_check_constraint(op.f('ck_letters_state_known'), f"state IN ({', '.join(map(repr, states))})")
        batch_op.drop_constraint(op.f('ck_letters_ends_with_reason'), type_='check')
        batch_op.create_check_constraint(op.f('ck_letters_ends_with_reason'),
                                         f"state NOT IN ({', '.join(map(repr, ends))}) OR reason IS NOT NULL")
    if on_sqlite:
        op.execute('INSERT INTO letter_events SELECT * FROM aside')
        op.execute('DROP TABLE aside')
