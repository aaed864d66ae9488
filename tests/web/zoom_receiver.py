"""Somebody whom the emulated Zoom tells what happens, on a real socket; how it answers is chosen."""

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SECRET = "webhook-osce-org"


@dataclass(frozen=True, slots=True)
class Post:
    """One notification as it came."""

    headers: dict[str, str]
    raw: bytes

    @property
    def body(self) -> dict[str, Any]:
        """Read."""
        return dict(json.loads(self.raw))

    @property
    def genuine(self) -> bool:
        """Whether its signature is right."""
        signed = f"v0:{self.headers['x-zm-request-timestamp']}:".encode() + self.raw
        expected = "v0=" + hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
        return self.headers["x-zm-signature"] == expected


@dataclass
class Receiver:
    """What came, and how it is answered: `status`, or with the next of `answers`; proofs with `secret`."""

    url: str = ""
    secret: str = SECRET
    status: int = 204
    answers: list[int] = field(default_factory=list)
    validations: list[Post] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)
    hold: threading.Event = field(default_factory=threading.Event)

    def events(self) -> list[str]:
        """Their names, in the order in which they came."""
        return [one.body["event"] for one in self.posts]


@contextmanager
def a_receiver() -> Iterator[Receiver]:
    """Listening on a port of its own. While its `hold` is cleared, it does not answer."""
    receiver = Receiver()
    receiver.hold.set()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["content-length"]))
            post = Post({name.lower(): value for name, value in self.headers.items()}, raw)
            receiver.hold.wait(20)
            if post.body["event"] == "endpoint.url_validation":
                receiver.validations.append(post)
                self._answer(200, _proof(post, receiver.secret))
                return
            receiver.posts.append(post)
            self._answer(receiver.answers.pop(0) if receiver.answers else receiver.status, b"")

        def _answer(self, status: int, content: bytes) -> None:
            self.send_response(status)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_said: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        receiver.url = f"http://127.0.0.1:{server.server_address[1]}/hooks/zoom/osce-org"
        try:
            yield receiver
        finally:
            receiver.hold.set()
            server.shutdown()
            thread.join(20)


def _proof(post: Post, secret: str) -> bytes:
    plain = post.body["payload"]["plainToken"]
    proof = hmac.new(secret.encode(), plain.encode(), hashlib.sha256).hexdigest()
    return json.dumps({"plainToken": plain, "encryptedToken": proof}).encode()
