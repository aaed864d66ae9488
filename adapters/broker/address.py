"""`CONVENOR_REDIS_URL` as its two readers want it: Kombu (Celery's transport) and redis-py write addresses differently.

TLS is always verified unless the address itself says otherwise. Kombu alone would connect to a `rediss://` address
without options unverified, and says so only in its log.
"""

from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlencode, urlsplit

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from redis.sentinel import Sentinel

from adapters.broker.errors import BrokerMisconfigured

FORMS = (
    "CONVENOR_REDIS_URL must be redis://HOST:PORT/DB, rediss://HOST:PORT/DB, unix:///PATH?db=DB "
    "or sentinel://HOST:PORT,HOST:PORT/DB?master_name=NAME; USER:PASSWORD@ may stand before the host"
)

_PORTS = {"redis": 6379, "rediss": 6379, "sentinel": 26379}
_VERIFIED = {"ssl_cert_reqs": "required", "ssl_check_hostname": "true"}


@dataclass(frozen=True, slots=True)
class BrokerAddress:
    """One broker, for both readers. Its repr shows no password."""

    celery_url: str = field(repr=False)
    client_url: str = field(repr=False)
    transport_options: Mapping[str, object] = field(default_factory=dict)
    """What Celery's `broker_transport_options` must hold besides the usual."""
    sentinels: tuple[tuple[str, int], ...] = ()
    """Where given, `client_url` holds the master's database and credentials, and these know where it is."""

    @contextmanager
    def client(self, timeout: float = 1.0) -> Iterator[redis.Redis]:
        """A client of redis-py. None of its calls waits longer than `timeout` seconds for one answer.

        It never tries twice: redis-py would, up to ten times, and who asks for figures wants to be told that there are
        none.
        """
        options: dict[str, Any] = {
            "socket_timeout": timeout, "socket_connect_timeout": timeout, "retry": Retry(NoBackoff(), 0),
        }  # fmt: skip
        with redis.Redis.from_url(self.client_url, **options) as client:
            if not self.sentinels:
                yield client
                return
            named = client.get_connection_kwargs()
        known = {name: named[name] for name in ("username", "password", "db") if name in named}
        group = Sentinel(list(self.sentinels), sentinel_kwargs=options, **options, **known)  # type: ignore[no-untyped-call]
        with closing(group), group.master_for(self.transport_options["master_name"]) as master:  # type: ignore[no-untyped-call]
            yield master


@dataclass(frozen=True, slots=True)
class _Written:
    """A `redis://` address taken apart; what stands quoted in it stays quoted."""

    credentials: str
    place: str
    path: str
    query: dict[str, str]

    @classmethod
    def read(cls, url: str) -> Self:
        parts: SplitResult = urlsplit(url)
        credentials, at, place = parts.netloc.rpartition("@")
        return cls(credentials + at, place, parts.path, dict(parse_qsl(parts.query, strict_parsing=bool(parts.query))))

    @property
    def database(self) -> int:
        return int(self.path.strip("/") or 0)


def broker_address(url: str) -> BrokerAddress:
    """The address that `url` names, in redis-py's notation or Kombu's.

    Raises:
        BrokerMisconfigured: where it cannot be understood. Says what could be, never what was written.
    """
    readers = {"redis": _tcp, "rediss": _tcp, "unix": _socket, "redis+socket": _socket, "sentinel": _sentinel}
    scheme = url.partition("://")[0]
    try:
        return readers[scheme](scheme, _Written.read(url.replace(";sentinel://", ",")))
    except (KeyError, ValueError):
        raise BrokerMisconfigured(FORMS) from None


def _host_and_port(scheme: str, place: str) -> tuple[str, int]:
    parts = urlsplit(f"//{place}")
    if not parts.hostname:
        raise ValueError("no host")
    return parts.hostname, parts.port or _PORTS[scheme]


def _tcp(scheme: str, written: _Written) -> BrokerAddress:
    _host_and_port(scheme, written.place)
    query = dict(written.query)
    database = int(query.pop("db", written.database))
    if scheme == "rediss":
        query = _VERIFIED | query
    if any(not name.startswith("ssl_") for name in query) or (query and scheme == "redis"):
        raise ValueError("unknown option")
    url = f"{scheme}://{written.credentials}{written.place}/{database}" + (f"?{urlencode(query)}" if query else "")
    return BrokerAddress(url, url)


def _socket(scheme: str, written: _Written) -> BrokerAddress:
    query = dict(written.query)
    database = int(query.pop("db" if scheme == "unix" else "virtual_host", 0))
    if written.place or written.path in {"", "/"} or query:
        raise ValueError("not a socket's path")
    # Celery splits its setting at semicolons, so they must stay quoted.
    where = written.credentials + quote(unquote(written.path))
    return BrokerAddress(f"redis+socket://{where}?virtual_host={database}", f"unix://{where}?db={database}")


def _sentinel(scheme: str, written: _Written) -> BrokerAddress:
    query = dict(written.query)
    options = {"master_name": query.pop("master_name")}
    if query:
        raise ValueError("unknown option")
    sentinels = tuple(_host_and_port(scheme, place) for place in written.place.split(","))
    # Each of them whole: Kombu takes database and credentials from the one that it is trying.
    each = [f"sentinel://{written.credentials}{place}/{written.database}" for place in written.place.split(",")]
    return BrokerAddress(";".join(each), f"redis://{written.credentials}master/{written.database}", options, sentinels)
