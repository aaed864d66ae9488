"""Letters keep to their states' transitions; what mail servers and domains want less of

Revision ID: 0005
Revises: 0004
"""
import sqlalchemy as sa
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

BEGINNINGS = ('planned', 'skipped')
TRANSITIONS = (
    ('planned', 'claimed'), ('planned', 'skipped'), ('planned', 'expired'),
    ('claimed', 'planned'), ('claimed', 'sent'), ('claimed', 'skipped'), ('claimed', 'expired'), ('claimed', 'failed'),
    ('claimed', 'held'), ('failed', 'planned'), ('held', 'planned'),
)
ALLOWED = ', '.join(f"'{before}>{after}'" for before, after in TRANSITIONS)
CHANGES = f"OLD.state <> NEW.state AND OLD.state || '>' || NEW.state NOT IN ({ALLOWED})"
BEGINS = f"NEW.state NOT IN ({', '.join(map(repr, BEGINNINGS))})"


def upgrade() -> None:
    op.create_table(
        'destinations',
        sa.Column('name', sa.String(length=64), nullable=False),
        sa.Column('refusals', sa.Integer(), nullable=False),
        sa.Column('pauses', sa.Integer(), nullable=False),
        sa.Column('machine_paused_until', _instant(), nullable=True),
        sa.Column('reason', sa.String(length=100), nullable=True),
        sa.Column('machine_free_at', _instant(), nullable=True),
        sa.CheckConstraint('(machine_paused_until IS NULL) = (reason IS NULL)',
                           name=op.f('ck_destinations_paused_with_reason')),
        sa.PrimaryKeyConstraint('name', name=op.f('pk_destinations')),
    )
    _index('due_at', 'id')  # in the order in which they are claimed: a reminder's letters are all due at one instant
    # A CHECK cannot see the state before. Whoever makes the table anew (batch_alter_table on SQLite) makes these anew.
    if op.get_bind().dialect.name == 'sqlite':
        for when, condition in (('UPDATE OF state', CHANGES), ('INSERT', BEGINS)):
            op.execute(f"CREATE TRIGGER letters_state_{when.split()[0].lower()} BEFORE {when} ON letters "
                       f"WHEN {condition} BEGIN SELECT RAISE(ABORT, 'no such transition of a letter'); END")
    else:
        op.execute("CREATE FUNCTION refuse_letter_transition() RETURNS trigger LANGUAGE plpgsql AS "
                   "$$ BEGIN RAISE EXCEPTION 'no such transition of a letter' USING ERRCODE = '23514'; END $$")
        for when, condition in (('UPDATE OF state', CHANGES), ('INSERT', BEGINS)):
            op.execute(f"CREATE TRIGGER letters_state_{when.split()[0].lower()} BEFORE {when} ON letters "
                       f"FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION refuse_letter_transition()")


def downgrade() -> None:
    on = '' if op.get_bind().dialect.name == 'sqlite' else ' ON letters'
    for name in ('letters_state_update', 'letters_state_insert'):
        op.execute(f'DROP TRIGGER {name}{on}')
    if on:
        op.execute('DROP FUNCTION refuse_letter_transition()')
    _index('due_at')
    op.drop_table('destinations')


def _index(*columns: str) -> None:
    waiting = sa.text("state IN ('planned', 'claimed')")
    op.drop_index('ix_letters_waiting', 'letters')
    op.create_index('ix_letters_waiting', 'letters', list(columns), sqlite_where=waiting, postgresql_where=waiting)


def _instant() -> sa.types.TypeEngine:
    return sa.DateTime(timezone=True)
