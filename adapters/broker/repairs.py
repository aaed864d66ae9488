"""Two repairs of Celery 5.7.0 on Kombu 5.7.0, without which a worker may not survive a restart of the broker.

They are written against the sources of exactly these versions and refuse any other: a later one may have cured the
defects, or moved what is replaced here. `docs/decisions/0004-celery-repairs.md` tells what was measured, and when this
module can go.
"""

import functools
from collections.abc import Callable
from importlib.metadata import version

import redis
import structlog
from kombu.transport import redis as transport
from kombu.transport import virtual

log = structlog.get_logger(__name__)

REPAIRED = {"celery": "5.7.0", "kombu": "5.7.0"}


def repair() -> bool:
    """Apply both repairs to this process, once. Workers and publishers call it before they connect.

    Returns whether they are in place. With other versions of Celery or Kombu they are not, and the log says so.
    """
    found = {name: version(name) for name in REPAIRED}
    if found != REPAIRED:
        log.warning("Celery is not repaired: its version is another", version=str(found), reason=f"for {REPAIRED}")
        return False
    if not hasattr(transport.QoS.ack, "__wrapped__"):
        # By name: the methods' stubs forbid assignment, and one of them is private. That is what a repair is.
        for owner, name, repaired in (
            (transport.Channel, "_connparams", _telling_that_the_connection_is_gone),
            (transport.QoS, "ack", _giving_the_credit_back),
            (transport.QoS, "reject", _giving_the_credit_back),
        ):
            setattr(owner, name, repaired(getattr(owner, name)))
    return True


def _telling_that_the_connection_is_gone(
    connparams: Callable[..., dict[str, object]],
) -> Callable[..., dict[str, object]]:
    """A closed channel that is used once more must say so in an error which the worker knows how to survive.

    When the broker goes, `Connection.collect()` takes `client` from the transport. A late acknowledgement, or closing
    for the second time, then asks the old channel for its address, which is read from there: AttributeError. That is
    no connection error, so the worker holds it for a fault in itself and exits.
    """

    @functools.wraps(connparams)
    def checked(channel: transport.Channel, asynchronous: bool = False) -> dict[str, object]:
        if getattr(channel.connection, "client", None) is None:
            raise redis.ConnectionError("this channel's connection has been closed")
        return connparams(channel, asynchronous)

    return checked


def _giving_the_credit_back(settle: Callable[..., None]) -> Callable[..., None]:
    """A message whose acknowledgement fails must stop counting as one that this worker holds.

    The failure is logged and passed over, but the prefetch credit is returned only on success. With all credits gone
    the worker asks for no message, so no socket fails and nothing makes it reconnect: alive, and deaf for ever. The
    message itself stays among the broker's unacknowledged ones and comes back after the visibility timeout.
    """

    @functools.wraps(settle)
    def settled(qos: transport.QoS, delivery_tag: str, **how: bool) -> None:
        try:
            settle(qos, delivery_tag, **how)
        except Exception:
            virtual.QoS.ack(qos, delivery_tag)
            raise

    return settled
