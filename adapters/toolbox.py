"""All the neighbours, built once per process; tests hand in others."""

from dataclasses import dataclass

from adapters.broker.address import BrokerAddress, broker_address
from adapters.broker.embedded import EmbeddedBroker
from adapters.clock import Clock, clock_from
from adapters.database.engine import Database
from adapters.database.programmes import Shelf
from adapters.journal import Journals
from adapters.smtp import Postman
from adapters.vault import Vault, open_key_ring
from adapters.zoom.accounts import ZoomAccounts
from config.settings import Settings


@dataclass(frozen=True, slots=True)
class Toolbox:
    """What the doors and the corridor work with. Make it after forking: it holds connections."""

    settings: Settings
    broker: BrokerAddress
    clock: Clock
    database: Database
    vault: Vault
    shelf: Shelf
    zoom: ZoomAccounts
    postman: Postman
    journals: Journals

    def close(self) -> None:
        """Close what is open."""
        self.postman.close()
        self.zoom.close()
        self.database.dispose()


def build(settings: Settings) -> Toolbox:
    """The toolbox that the settings describe.

    Raises:
        BrokerMisconfigured: where CONVENOR_REDIS_URL cannot be understood.
        VaultError: where the key ring cannot be used.
        ClockError: where CONVENOR_CLOCK cannot be read.
    """
    vault = Vault(open_key_ring(settings.keys))
    broker, clock = broker_of(settings), clock_from(settings.clock)
    return Toolbox(
        settings=settings,
        broker=broker,
        clock=clock,
        database=Database(settings.database_url),
        vault=vault,
        shelf=Shelf(),
        zoom=ZoomAccounts(settings, vault, broker, clock.machine_now, clock.now),
        # Said in EHLO; otherwise the library asks the DNS for this host's name, and tells it.
        postman=Postman(settings.smtp, settings.smtp_timeout, settings.sender[1].rpartition("@")[2]),
        journals=Journals(settings.var / "journal"),
    )


def broker_of(settings: Settings) -> BrokerAddress:
    """Where the broker is: the one that the settings name, or the embedded one under `var`.

    Raises:
        BrokerMisconfigured: where CONVENOR_REDIS_URL cannot be understood.
    """
    if settings.redis_url is not None:
        return broker_address(settings.redis_url.get_secret_value())
    return EmbeddedBroker(settings.var / "broker").address
