"""The emulated Zoom within the web part: there while no Zoom account is configured and nobody but this machine can be
meant (`Settings.emulates_zoom`)."""

from adapters.database import programmes
from adapters.toolbox import Toolbox
from web.zoom_emulator.accounts import EmulatedAccount
from web.zoom_emulator.emulator import Emulator

PATH = "/zoom-emulator"


def emulated_zoom(toolbox: Toolbox) -> Emulator:
    """The emulator whose accounts are those that any programme names, with the secrets that our client uses."""
    settings = toolbox.settings

    def account(name: str) -> EmulatedAccount | None:
        found = toolbox.zoom.account(name)
        secret = toolbox.zoom.webhook_secret(name)
        if found is None or secret is None:
            return None
        return EmulatedAccount(
            name, account_id=found.account_id, client_id=found.client_id,
            client_secret=found.client_secret.get_secret_value(), webhook_secret=secret.decode(),
            webhook_url=f"{settings.own_address}/hooks/zoom/{name}", plan=found.plan,
        )  # fmt: skip

    return Emulator(
        settings.var / "zoom-emulator", f"{settings.own_address}{PATH}", accounts=account, now=toolbox.clock.now,
        machine_now=toolbox.clock.machine_now,
    )  # fmt: skip


def seed(toolbox: Toolbox, emulator: Emulator) -> None:
    """Make an event at the emulated Zoom for each session that names one, as a secretariat would have."""
    with toolbox.database.read() as session:
        in_force = programmes.all_in_force(session)
    for conference in in_force:
        for account in sorted({one.zoom.account for one in conference.sessions if one.zoom}):
            emulator.seed(account, conference)
