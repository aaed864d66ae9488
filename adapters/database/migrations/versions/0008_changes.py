"""Places, their approval and waiting lists; answers from calendars; own pages and feeds; what was done by hand

Revision ID: 0008
Revises: 0007
"""
import sqlalchemy as sa
from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None

STATES = ('registered', 'pending', 'waitlisted', 'offered', 'refused', 'withdrawn')
STATES_BEFORE = ('registered', 'pending', 'waitlisted', 'withdrawn')
CHECKS = {
    'no_link_before_there_is_a_place': "link = 'none' OR state = 'registered'",
    'offered_until_some_time': "(state = 'offered') = (offered_until IS NOT NULL)",
    'waiting_since_some_time': "state <> 'waitlisted' OR waiting_at IS NOT NULL",
}
OF_REGISTRATIONS = ('attendances', 'registrants')


def upgrade() -> None:
    for name in ('page_version', 'calendar_version'):
        op.add_column('participants', sa.Column(name, sa.Integer(), server_default='1', nullable=False))
    for name in ('approved_at', 'waiting_at', 'offered_until'):
        op.add_column('registrations', sa.Column(name, _instant(), nullable=True))
    op.add_column('registrations', sa.Column('reason', sa.String(length=32), nullable=True))
    op.execute("UPDATE registrations SET link = 'none', sealed_join_link = NULL WHERE state <> 'registered'")
    op.execute("UPDATE registrations SET waiting_at = created_at WHERE state = 'waitlisted'")
    _registrations(STATES, add=CHECKS)
    op.create_table(
        'places',
        sa.Column('conference', sa.String(length=64), nullable=False),
        sa.Column('session', sa.String(length=64), nullable=False),
        sa.Column('attendance', sa.String(length=16), nullable=False),
        sa.CheckConstraint("attendance IN ('online', 'in-person')", name=op.f('ck_places_attendance_known')),
        sa.PrimaryKeyConstraint('conference', 'session', 'attendance', name=op.f('pk_places')),
    )
    op.create_table(
        'answers',
        sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
        sa.Column('registration_id', sa.String(length=32), nullable=False),
        sa.Column('partstat', sa.String(length=16), nullable=False),
        sa.Column('sequence', sa.Integer(), nullable=False),
        sa.Column('dtstamp', _instant(), nullable=False),
        sa.Column('sealed_comment', sa.LargeBinary(), nullable=True),
        sa.Column('at', _instant(), nullable=False),
        sa.Column('machine_at', _instant(), nullable=False),
        sa.Column('undone_at', _instant(), nullable=True),
        sa.CheckConstraint("partstat IN ('accepted', 'tentative', 'declined', 'delegated', 'countered')",
                           name=op.f('ck_answers_partstat_known')),
        sa.ForeignKeyConstraint(['registration_id'], ['registrations.id'],
                                name=op.f('fk_answers_registration_id')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_answers')),
    )
    op.create_index('ix_answers_registration', 'answers', ['registration_id', 'sequence', 'dtstamp'])
    op.create_table(
        'audits',
        sa.Column('id', sa.Integer(), autoincrement=True, nullable=False),
        sa.Column('who', sa.String(length=100), nullable=False),
        sa.Column('action', sa.String(length=64), nullable=False),
        sa.Column('conference', sa.String(length=64), nullable=True),
        sa.Column('about', sa.String(length=64), nullable=True),
        sa.Column('sealed_reason', sa.LargeBinary(), nullable=True),
        sa.Column('details', sa.JSON(), nullable=False),
        sa.Column('at', _instant(), nullable=False),
        sa.Column('machine_at', _instant(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_audits')),
    )
    op.create_index('ix_audits_conference', 'audits', ['conference', 'id'])


def downgrade() -> None:
    for table in ('audits', 'answers', 'places'):
        op.drop_table(table)
    op.execute("UPDATE registrations SET state = 'waitlisted', waiting_at = coalesce(waiting_at, created_at), "
               "offered_until = NULL WHERE state = 'offered'")
    op.execute("UPDATE registrations SET state = 'withdrawn' WHERE state = 'refused'")
    _registrations(STATES_BEFORE, drop=CHECKS)
    for name in ('reason', 'offered_until', 'waiting_at', 'approved_at'):
        op.drop_column('registrations', name)
    for name in ('calendar_version', 'page_version'):
        op.drop_column('participants', name)


def _registrations(states: tuple[str, ...], *, add: dict[str, str] = {}, drop: dict[str, str] = {}) -> None:
    # SQLite alters no constraint: see 0003.
    on_sqlite = op.get_bind().dialect.name == 'sqlite'
    if on_sqlite:
        for table in OF_REGISTRATIONS:
            op.execute(f'CREATE TEMPORARY TABLE aside_{table} AS SELECT * FROM {table}')
            op.execute(f'DELETE FROM {table}')
    with op.batch_alter_table('registrations') as batch_op:
        batch_op.drop_constraint(op.f('ck_registrations_state_known'), type_='check')
        batch_op.create_check_constraint(op.f('ck_registrations_state_known'),
                                         f"state IN ({', '.join(map(repr, states))})")
        for name, condition in add.items():
            batch_op.create_check_constraint(op.f(f'ck_registrations_{name}'), condition)
        for name in drop:
            batch_op.drop_constraint(op.f(f'ck_registrations_{name}'), type_='check')
    if on_sqlite:
        for table in reversed(OF_REGISTRATIONS):
            op.execute(f'INSERT INTO {table} SELECT * FROM aside_{table}')
            op.execute(f'DROP TABLE aside_{table}')


def _instant() -> sa.types.TypeEngine:
    return sa.DateTime(timezone=True)
