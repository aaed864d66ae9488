"""What the monitor lists and counts of the few among many, found by their indexes

Revision ID: 0015
Revises: 0014
"""
import sqlalchemy as sa
from alembic import op

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None

_GIVEN_UP = "state IN ('skipped', 'expired', 'failed', 'held')"
_DEEDS = "action NOT IN ('admin.login', 'admin.login-failed', 'admin.left')"
_ASKS = "state = 'pending' OR state = 'registered' AND reason = 'not-approved'"
_IN_LINE = "state IN ('waitlisted', 'offered')"
_LISTED = ['conference', 'session', 'waiting_at', 'changed_at']


def upgrade() -> None:
    op.drop_index('ix_letters_bounced', 'letters')
    _index('ix_letters_unsent', 'letters',
           ['reason', 'due_at', 'id', 'state', 'conference', 'kind', 'participant_id'], _GIVEN_UP)
    _index('ix_letters_bounced', 'letters', ['due_at', 'id', 'conference', 'kind', 'bounced', 'participant_id'],
           "state = 'sent' AND bounced IS NOT NULL")
    _index('ix_registrations_asking', 'registrations', _LISTED, _ASKS)
    _index('ix_registrations_in_line', 'registrations', _LISTED, _IN_LINE)
    _index('ix_audits_deeds', 'audits', ['id'], _DEEDS)
    op.create_index('ix_participants_language', 'participants', ['conference', 'language', 'id'])


def downgrade() -> None:
    op.drop_index('ix_participants_language', 'participants')
    op.drop_index('ix_audits_deeds', 'audits')
    op.drop_index('ix_registrations_in_line', 'registrations')
    op.drop_index('ix_registrations_asking', 'registrations')
    op.drop_index('ix_letters_bounced', 'letters')
    op.drop_index('ix_letters_unsent', 'letters')
    _index('ix_letters_bounced', 'letters', ['conference', 'kind', 'state'], 'bounced IS NOT NULL')


def _index(name: str, table: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)
