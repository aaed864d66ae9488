"""An OpenID Connect issuer on a real socket: the authorization code with PKCE, RS256, each code once. It can lie."""

import base64
import hashlib
import hmac
import json
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import httpx2
from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "convenor-monitor", "a client's secret: with signs & blanks"
KID = "2026-09"

Claims = dict[str, Any]
Signer = Callable[[Claims], str]


@cache
def a_key(name: str) -> RSAKey:
    """A key pair, made once per process."""
    return RSAKey.generate_key(2048, {"kid": name})


@dataclass
class Issuer:
    """A running issuer. `person`: the claims of who sits at the browser; `changes`: what it says in place of the truth;
    `sign`: how ID tokens are signed."""

    url: str
    now: Callable[[], datetime]
    person: Claims = field(default_factory=lambda: {"sub": "4711", "preferred_username": "Anna.K", "groups": []})
    changes: Claims = field(default_factory=dict)
    sign: Signer = field(default=lambda claims: signed(claims))  # noqa: PLW0108 - defined below
    metadata: Claims = field(default_factory=dict)
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    asked: list[dict[str, str]] = field(default_factory=list)

    def visit(self, address: str) -> str:
        """Log in with a browser at the address that Convenor has sent it to; where it is sent back to."""
        answer = httpx2.get(address)
        assert answer.status_code == 302, answer.text
        return answer.headers["location"]

    def authorized(self, said: dict[str, str]) -> str:
        """The redirect of the authorization endpoint."""
        assert said["client_id"] == CLIENT
        assert (said["response_type"], said["code_challenge_method"]) == ("code", "S256")
        assert "openid" in said["scope"].split()
        assert "email" not in said["scope"]
        self.asked.append(said)
        code = secrets.token_urlsafe(16)
        self.codes[code] = said
        return f"{said['redirect_uri']}?{urlencode({'code': code, 'state': said['state'], 'iss': self.url})}"

    def token(self, said: dict[str, str], authorization: str) -> tuple[int, Claims]:
        """The answer of the token endpoint."""
        known = f"{quote(CLIENT)}:{quote(SECRET)}", f"{CLIENT}:{SECRET}"
        if base64.b64decode(authorization.removeprefix("Basic ")).decode() not in known:
            return 401, {"error": "invalid_client"}
        begun = self.codes.pop(said["code"], None)
        proof = _base64(hashlib.sha256(said["code_verifier"].encode()).digest())
        if begun is None or proof != begun["code_challenge"] or said["redirect_uri"] != begun["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        now = int(self.now().timestamp())
        claims = {"iss": self.url, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": begun["nonce"]} | self.person
        claims = {name: value for name, value in (claims | self.changes).items() if value is not None}
        return 200, {"access_token": "of-no-use-here", "token_type": "Bearer", "id_token": self.sign(claims)}


def signed(claims: Claims, *, key: str = KID) -> str:
    """As an honest issuer does; `key`: by which of its keys."""
    return jwt.encode({"alg": "RS256", "kid": key}, claims, a_key(key))


def signed_by_nobody(claims: Claims) -> str:
    """`alg: none`, as no library makes it."""
    return f"{_part({'alg': 'none', 'typ': 'JWT', 'kid': KID})}.{_part(claims)}."


def signed_by_a_stranger(claims: Claims) -> str:
    """With the name of the issuer's key, and another key."""
    return jwt.encode({"alg": "RS256", "kid": KID}, claims, a_key("stranger"))


def signed_with_what_everybody_knows(claims: Claims) -> str:
    """With the public key, as if it were a secret that both sides hold; no library makes that, either."""
    said = f"{_part({'alg': 'HS256', 'typ': 'JWT', 'kid': KID})}.{_part(claims)}"
    return f"{said}.{_base64(hmac.digest(a_key(KID).as_pem(private=False), said.encode(), 'sha256'))}"


def _part(said: Claims) -> str:
    return _base64(json.dumps(said).encode())


def _base64(said: bytes) -> str:
    return base64.urlsafe_b64encode(said).rstrip(b"=").decode()


@contextmanager
def an_issuer(now: Callable[[], datetime]) -> Iterator[Issuer]:
    """An issuer on 127.0.0.1."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    issuer = Issuer(f"http://127.0.0.1:{server.server_port}", now)
    server.issuer = issuer  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield issuer
    server.shutdown()
    server.server_close()
    thread.join()


class _Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        path, query = urlsplit(self.path)[2:4]
        issuer = self._issuer
        if path == "/.well-known/openid-configuration":
            self._say(200, {
                "issuer": issuer.url, "authorization_endpoint": f"{issuer.url}/authorize",
                "token_endpoint": f"{issuer.url}/token", "jwks_uri": f"{issuer.url}/keys",
            } | issuer.metadata)  # fmt: skip
        elif path == "/keys":
            self._say(200, {"keys": [a_key(KID).as_dict(private=False)]})
        else:
            self.send_response(302)
            self.send_header("location", issuer.authorized(_flat(query)))
            self.end_headers()

    def do_POST(self) -> None:
        said = _flat(self.rfile.read(int(self.headers["content-length"])).decode())
        self._say(*self._issuer.token(said, self.headers.get("authorization", "")))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's name
        """Quietly."""

    @property
    def _issuer(self) -> Issuer:
        return self.server.issuer  # type: ignore[attr-defined,no-any-return]

    def _say(self, status: int, said: Claims) -> None:
        body = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def _flat(query: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(query).items()}
