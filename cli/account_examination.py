"""What `doctor` finds about the monitor's accounts."""

from collections.abc import Iterator, Sequence

from adapters.database import admins
from adapters.database.tables import AdminRow
from adapters.openid import Issuer, IssuerUnavailable
from adapters.toolbox import Toolbox
from cli.examination import Finding, known_here
from domain.roles import needs_second_factor

_NONE: Sequence[AdminRow] = ()


def accounts(toolbox: Toolbox) -> Iterator[Finding]:
    """Whether anybody can log in, who does so with a password alone, and whether the issuer answers."""
    found = [one for one in known_here(toolbox, admins.listed, _NONE) if one.disabled_at is None]
    issuer = toolbox.settings.admin_oidc_issuer
    if issuer is None and not found:
        yield Finding("monitor", "note", "nobody can log in", "run: convenor admin create NAME --role admin")
    for one in found:
        if one.without_totp and needs_second_factor(one.role):
            yield Finding(f"account {one.name}", "wrong", "is let in by its password alone",
                          f"run: convenor admin totp {one.name}")  # fmt: skip
    if issuer is not None:
        yield _asked(toolbox)


def _asked(toolbox: Toolbox) -> Finding:
    try:
        Issuer(toolbox.settings, toolbox.clock.machine_now).look()
    except IssuerUnavailable as wrong:
        return Finding("OpenID Connect", "wrong", f"does not answer ({wrong})", "look at CONVENOR_ADMIN_OIDC_ISSUER")
    return Finding("OpenID Connect", "well", "answers")
