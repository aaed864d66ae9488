"""The web part's process: uvicorn on the address of the settings.

No access log: paths carry tokens. Proxies are believed only on this machine, so that nobody can pretend to be another
client.
"""

import gc
import signal
from types import FrameType
from typing import NoReturn

import uvicorn

from adapters.toolbox import Toolbox
from web.admin.hands import Hands
from web.app import create_app
from web.inbox import Enqueue

_MOST_CONNECTIONS = 2000
"""At most so many at once, each with a body of 256 KiB at most."""

_OBJECTS_BETWEEN_COLLECTIONS = 10_000
"""Those of some fifty posts, of which little is left by then: it need not be looked through while they are answered."""


def serve(toolbox: Toolbox, enqueue: Enqueue, hands: Hands) -> None:
    """Serve until SIGTERM or Ctrl-C; requests that are being answered are answered, for 20 seconds at most."""
    host, _, port = toolbox.settings.bind.rpartition(":")
    # uvicorn shuts down, then raises the signal once more: this makes a clean end of that.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)
    app = create_app(toolbox, enqueue, hands)
    gc.collect()
    gc.freeze()  # programmes, catalogues and libraries stay: they need not be looked through again and again
    gc.set_threshold(_OBJECTS_BETWEEN_COLLECTIONS)
    uvicorn.run(
        app,
        host=host.strip("[]"),
        port=int(port),
        loop="uvloop",
        http="httptools",
        ws="none",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=True,
        forwarded_allow_ips=["127.0.0.1", "::1"],
        limit_concurrency=_MOST_CONNECTIONS,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=20,
    )


def _end(_signal: int, _frame: FrameType | None) -> NoReturn:
    raise SystemExit(0)
