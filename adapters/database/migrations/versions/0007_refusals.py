"""Who refuses us by policy, told apart; which letters a person has planned again; held letters that end

Revision ID: 0007
Revises: 0006
"""
import sqlalchemy as sa
from alembic import op

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

BEFORE = (
    ('planned', 'claimed'), ('planned', 'skipped'), ('planned', 'expired'),
    ('claimed', 'planned'), ('claimed', 'sent'), ('claimed', 'skipped'), ('claimed', 'expired'), ('claimed', 'failed'),
    ('claimed', 'held'), ('failed', 'planned'), ('held', 'planned'),
)
TRANSITIONS = (*BEFORE, ('held', 'expired'))


def upgrade() -> None:
    op.add_column('destinations', sa.Column('refused', sa.JSON(), server_default='[]', nullable=False))
    op.add_column('letters', sa.Column('replayed', sa.Boolean(), server_default=sa.text('false'), nullable=False))
    op.execute("UPDATE letters SET replayed = true WHERE state = 'planned' AND reason = 'replayed'")
    held = sa.text("state = 'held'")
    op.create_index('ix_letters_held', 'letters', ['not_after'], sqlite_where=held, postgresql_where=held)
    _allow(TRANSITIONS)


def downgrade() -> None:
    _allow(BEFORE)
    op.drop_index('ix_letters_held', 'letters')
    op.drop_column('letters', 'replayed')
    op.drop_column('destinations', 'refused')


def _allow(transitions: tuple[tuple[str, str], ...]) -> None:
    """The trigger that refuses all others, made anew: a CHECK cannot see the state before (see 0005)."""
    allowed = ', '.join(f"'{before}>{after}'" for before, after in transitions)
    condition = f"OLD.state <> NEW.state AND OLD.state || '>' || NEW.state NOT IN ({allowed})"
    begins = 'CREATE TRIGGER letters_state_update BEFORE UPDATE OF state ON letters'
    if op.get_bind().dialect.name == 'sqlite':
        op.execute('DROP TRIGGER letters_state_update')
        op.execute(f"{begins} WHEN {condition} BEGIN SELECT RAISE(ABORT, 'no such transition of a letter'); END")
    else:
        op.execute('DROP TRIGGER letters_state_update ON letters')
        op.execute(f'{begins} FOR EACH ROW WHEN ({condition}) EXECUTE FUNCTION refuse_letter_transition()')
