"""What is to be said to Zoom about one person: from what is wanted, and what Zoom's list says."""

from typing import Literal

from schemas.zoom import ZoomRegistrant

Step = Literal["add", "approve", "cancel", "keep", "forget", "hold", "again"]
"""`add`, `approve`, `cancel`: to be said to Zoom. `keep`: it is as wanted, and the link is there. `forget`: it is as
wanted, and there is nobody, or somebody who is denied. `hold`: a person must look. `again`: Zoom is not done yet."""


def step(desired: str, found: ZoomRegistrant | None, *, denied_by: str | None, wanted_elsewhere: bool = False) -> Step:
    """The step for somebody who is `found` on the list, or None who is not.

    `desired`: approved or cancelled. `denied_by`: who denied them before, as far as is known: `here`, `zoom` (cancelled
    on Zoom's side), `host`. `wanted_elsewhere`: another session has the same Zoom event, and they stay in that one.

    Zoom's list does not tell who was refused by its host from who cancelled. The latter may come back; of the former,
    and of whom nobody knows, a person decides.
    """
    if desired == "cancelled":
        return "forget" if found is None or found.status == "denied" or wanted_elsewhere else "cancel"
    if found is None:
        return "add"
    if found.status == "approved":
        return "keep" if found.join_url is not None else "again"
    if found.status == "denied" and denied_by not in {"here", "zoom"}:
        return "hold"
    return "approve"
