"""How often one client may try something. Counted in this process's memory alone: a restart forgets it, and nothing
about who came is kept."""

import ipaddress
import math
from collections import OrderedDict
from datetime import datetime, timedelta

from starlette.requests import Request

_MOST_CLIENTS = 10_000
"""Clients remembered at once; beyond that the one that came longest ago is forgotten."""


class Limiter:
    """A bucket per client that holds `most` tries and fills again evenly over `period`."""

    def __init__(self, most: int, period: timedelta) -> None:
        self._most = most
        self._period = period
        self._buckets: OrderedDict[str, tuple[float, datetime]] = OrderedDict()

    def take(self, client: str, now: datetime) -> None:
        """Count a try. `now` is the machine's time."""
        self._buckets[client] = (max(self._left(client, now) - 1, 0.0), now)
        self._buckets.move_to_end(client)
        if len(self._buckets) > _MOST_CLIENTS:
            self._buckets.popitem(last=False)

    def give_back(self, client: str, now: datetime) -> None:
        """Take back a try that turned out well."""
        self._buckets[client] = (min(self._left(client, now) + 1, float(self._most)), now)

    def wait(self, client: str, now: datetime) -> int:
        """Seconds until the client may try again; 0 where it may now."""
        missing = 1 - self._left(client, now)
        return math.ceil(missing * self._period.total_seconds() / self._most) if missing > 0 else 0

    def _left(self, client: str, now: datetime) -> float:
        left, then = self._buckets.get(client, (float(self._most), now))
        filled = max((now - then) / self._period, 0.0) * self._most
        return min(left + filled, float(self._most))


def client_of(request: Request) -> str:
    """What stands for a client: its IPv4 address, or its IPv6 network, of which one machine has all addresses."""
    host = request.client.host if request.client else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host[:64]
    if isinstance(address, ipaddress.IPv4Address):
        return str(address)
    return str(address.ipv4_mapped or ipaddress.ip_network((address, 64), strict=False))
