"""One request on the wire, bounded in every way: time to connect, time between bytes, time in all, length.

Refuses to follow redirects: a token goes where it was meant to go.
"""

import time
from contextlib import closing
from typing import Final

import httpx2

from adapters.zoom.answers import Reply

_TIMES: Final = httpx2.Timeout(connect=5.0, read=15.0, write=15.0, pool=5.0)
_IN_ALL: Final = 30.0
_LONGEST: Final = 8 * 1024 * 1024
"""Bytes. A page of 300 registrants with all their answers is well below one MiB."""

_KEPT_ALIVE: Final = 30.0


def connections(transport: httpx2.BaseTransport | None = None) -> httpx2.Client:
    """A client that keeps its connections. Proxies are those of the environment, but never to this machine."""
    here = ("all://localhost", "all://127.0.0.1", "all://[::1]")
    return httpx2.Client(
        timeout=_TIMES, transport=transport, limits=httpx2.Limits(max_connections=10, keepalive_expiry=_KEPT_ALIVE),
        mounts=None if transport else dict.fromkeys(here), follow_redirects=False,
        headers={"User-Agent": "convenor", "Accept": "application/json"},
    )  # fmt: skip


def exchange(client: httpx2.Client, request: httpx2.Request, *, again: bool) -> Reply:
    """Send it and read the whole answer. `again`: where the connection breaks, rather than being slow, once more.

    Raises:
        httpx2.RequestError: where there is no answer.
    """
    try:
        return _once(client, request)
    except (httpx2.NetworkError, httpx2.RemoteProtocolError):
        if not again:
            raise
    return _once(client, request)


def _once(client: httpx2.Client, request: httpx2.Request) -> Reply:
    begun = time.monotonic()
    with closing(client.send(request, stream=True)) as response:
        body = bytearray()
        for chunk in response.iter_bytes():
            body += chunk
            if len(body) > _LONGEST:
                raise httpx2.DecodingError("the answer does not end")
            if time.monotonic() - begun > _IN_ALL:
                raise httpx2.ReadTimeout("the answer trickles")
        return Reply(response.status_code, response.headers, bytes(body))
