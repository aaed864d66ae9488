"""Who may do what in the monitor: five roles, and the rights of each.

A role is what a person is; a right is what a page or an action asks for. Nothing else decides.
"""

from collections.abc import Mapping
from typing import Final, Literal, get_args

from schemas.role import Role as Role  # noqa: PLC0414 - named together with its rights

Right = Literal["figures", "masked", "operate", "reveal", "correct", "programme", "accounts", "audit"]
"""`figures`: numbers, states and reasons, nobody's name. `masked`: single participants, masked. `operate`: replay,
hold, retry, resend, pause. `reveal`: what is masked, with a reason. `correct`: addresses, submissions, links, approval,
import and export. `programme`: plan and apply. `accounts`: who may log in. `audit`: who did what."""

ROLES: Final[tuple[Role, ...]] = get_args(Role)

_OPERATOR: Final[tuple[Right, ...]] = ("figures", "masked", "operate")
_SECRETARIAT: Final[tuple[Right, ...]] = (*_OPERATOR, "reveal", "correct", "programme")
_RIGHTS: Final[Mapping[Role, tuple[Right, ...]]] = {
    "viewer": ("figures",),
    "operator": _OPERATOR,
    "secretariat": _SECRETARIAT,
    "admin": (*_SECRETARIAT, "accounts", "audit"),
    "auditor": ("figures", "audit"),
}


def may(role: Role, right: Right) -> bool:
    """Whether somebody of this role has this right."""
    return right in _RIGHTS[role]


def needs_second_factor(role: Role) -> bool:
    """Whether a password alone is too little: for everybody who sees or does more than numbers."""
    return role != "viewer"
