"""What becomes of one session, told to everybody who stands with it: the organiser has cancelled or moved it.

For whoever puts a changed programme in force: in the same transaction, after it. What a letter then says follows from
the programme in force and from what each participant was told before.
"""

from collections.abc import Sequence
from typing import Final, Literal

from sqlalchemy.orm import Session

from adapters.database import registrations
from adapters.toolbox import Toolbox

CANCELLED: Final = "cancelled"

Announcement = Literal["cancelled", "moved"]


def announce(toolbox: Toolbox, session: Session, conference: str, session_id: str, what: Announcement) -> Sequence[str]:
    """Note that everybody who has not withdrawn from a session is to be told; the ids of the participants, whose
    letters are to be written (`workers.invitation`) once this is committed. If nobody does, the sweep will.

    Everybody's SEQUENCE rises, cancelled or moved (RFC 5546 2.1.4).
    """
    clock = toolbox.clock
    return registrations.bump_all(session, conference, session_id, what, clock.now(), clock.machine_now())
