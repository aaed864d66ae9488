"""Letters that a person holds; submissions that a person has dealt with; what the monitor lists, page by page

Revision ID: 0013
Revises: 0012
"""
import sqlalchemy as sa
from alembic import op

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None

BEFORE = (
    ('planned', 'claimed'), ('planned', 'skipped'), ('planned', 'expired'),
    ('claimed', 'planned'), ('claimed', 'sent'), ('claimed', 'skipped'), ('claimed', 'expired'), ('claimed', 'failed'),
    ('claimed', 'held'), ('failed', 'planned'), ('held', 'planned'), ('held', 'expired'),
)
TRANSITIONS = (*BEFORE, ('planned', 'held'))


def upgrade() -> None:
    op.add_column('envelopes', sa.Column('set_aside_at', sa.DateTime(timezone=True), nullable=True))
    op.add_column('envelopes', sa.Column('corrects', sa.String(length=32), nullable=True))
    rejected = sa.text("state IN ('rejected', 'failed')")
    op.create_index('ix_envelopes_listed', 'envelopes', ['machine_received', 'id'])
    op.create_index('ix_envelopes_rejected', 'envelopes', ['machine_received', 'id'], sqlite_where=rejected,
                    postgresql_where=rejected)
    op.create_index('ix_letters_listed', 'letters', ['conference', 'kind', 'state', 'due_at', 'id'])
    op.create_index('ix_letters_about', 'letters', ['about', 'conference', 'kind', 'state', 'due_at', 'id'])
    _allow(TRANSITIONS)


def downgrade() -> None:
    _allow(BEFORE)
    op.drop_index('ix_letters_about', 'letters')
    op.drop_index('ix_letters_listed', 'letters')
    op.drop_index('ix_envelopes_rejected', 'envelopes')
    op.drop_index('ix_envelopes_listed', 'envelopes')
    op.drop_column('envelopes', 'corrects')
    op.drop_column('envelopes', 'set_aside_at')


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
