"""The UID of a session in calendars."""

from adapters.database.programmes import InForce
from adapters.vault import Vault


def uid_of(vault: Vault, in_force: InForce, session_id: str) -> str:
    """The same for all people and for the life of the session. It says nothing of it: it stands in discreet entries
    too."""
    event = vault.index("calendar.uid", f"{in_force.conference.id}/{session_id}").hex()[:32]
    return f"{event}@{in_force.calendar_domain}"
