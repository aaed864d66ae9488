"""OpenID Connect: another house says who somebody is (Core 1.0; authorization code with PKCE, RFC 7636 and 9700).

Who somebody is follows from the ID token alone: signed by the issuer with a public-key algorithm, for this client, for
this very login (nonce), not expired. Authlib makes the requests and judges the claims, joserfc the signature. An e-mail
address is never asked for: in many houses its owner can change it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Final
from urllib.parse import urlsplit

import httpx2
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oidc.core import CodeIDToken
from httpx2 import HTTPError
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from config.settings import Settings

ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""Never `none`, and none with a secret that both sides hold: that would make the issuer's public key a password."""

_KNOWN_FOR: Final = timedelta(minutes=10)
_SECONDS: Final = 10.0
_CLOCKS_DIFFER: Final = 60
_NEEDED: Final = ("issuer", "authorization_endpoint", "token_endpoint", "jwks_uri")


class IssuerUnavailable(Exception):
    """The issuer does not answer, or not as it should. Trying again later helps, or a look at the settings."""


class NotVouchedFor(Exception):
    """The issuer does not say, in a way that can be believed, who this is. Logging in anew may help."""


@dataclass(frozen=True, slots=True)
class Voucher:
    """Who the issuer says that somebody is. `name`: how they are called, for people to read: it proves nothing."""

    issuer: str
    subject: str
    name: str
    groups: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Attempt:
    """What belongs to one login alone: told to nobody but the issuer. `back`: our address, where it ends."""

    back: str
    state: str
    nonce: str
    verifier: str


class Issuer:
    """The other house. Its methods ask it over the network; call them in a thread."""

    def __init__(self, settings: Settings, machine_now: Callable[[], datetime]) -> None:
        self._settings, self._now = settings, machine_now
        self._known: tuple[datetime, Mapping[str, Any]] | None = None

    def look(self) -> None:
        """Ask it what it says of itself.

        Raises:
            IssuerUnavailable: where that is nothing that one could log in by.
        """
        self._asked()

    def login_address(self, attempt: Attempt) -> str:
        """Where a browser is sent to log in.

        Raises:
            IssuerUnavailable: where the issuer cannot be asked for that.
        """
        known = self._metadata()
        with self._client(attempt, known) as client:
            address, _ = client.create_authorization_url(
                known["authorization_endpoint"], state=attempt.state, nonce=attempt.nonce,
                code_verifier=attempt.verifier,
            )  # fmt: skip
        return str(address)

    def voucher(self, attempt: Attempt, code: str, issuer: str | None) -> Voucher:
        """Who has come back with this code. `issuer`: who the answer says that it is from, if it does (RFC 9207).

        Raises:
            IssuerUnavailable: where the issuer does not answer.
            NotVouchedFor: where it does not know the code, or what it says cannot be believed.
        """
        known = self._metadata()
        if issuer is not None and issuer != known["issuer"]:
            raise NotVouchedFor("this answer is from another issuer")
        with self._client(attempt, known) as client:
            try:
                told = client.fetch_token(
                    known["token_endpoint"], grant_type="authorization_code", code=code, code_verifier=attempt.verifier
                )
                keys = _json(known["jwks_uri"])
            except OAuthError as refused:
                raise NotVouchedFor("the code is not taken") from refused
            except (HTTPError, ValueError) as wrong:
                raise IssuerUnavailable(type(wrong).__name__) from wrong
        return self._believed(told, keys, known["issuer"], attempt.nonce)

    def _believed(self, told: Mapping[str, Any], keys: Any, issuer: str, nonce: str) -> Voucher:  # noqa: ANN401 - as it came
        wanted = {"iss": {"essential": True, "value": issuer}, "aud": {"essential": True, "value": self._client_id}}
        params = {"nonce": nonce, "client_id": self._client_id, "access_token": told.get("access_token")}
        try:
            token = jwt.decode(str(told.get("id_token", "")), KeySet.import_key_set(keys), algorithms=ALGORITHMS)
            claims = CodeIDToken(token.claims, token.header, wanted, params)
            claims.validate(int(self._now().timestamp()), _CLOCKS_DIFFER)
        except (JoseError, ValueError, TypeError, KeyError) as wrong:
            raise NotVouchedFor(f"the ID token is not to be believed ({type(wrong).__name__})") from wrong
        groups = claims.get(self._settings.admin_oidc_groups, ())
        return Voucher(
            issuer, str(claims["sub"]), str(claims.get("preferred_username") or claims.get("name") or ""),
            tuple(one for one in groups if isinstance(one, str)) if isinstance(groups, list) else (),
        )  # fmt: skip

    def _metadata(self) -> Mapping[str, Any]:
        """What the issuer says of itself (Discovery 1.0)."""
        now = self._now()
        if self._known is None or now - self._known[0] > _KNOWN_FOR:
            self._known = now, self._asked()
        return self._known[1]

    def _asked(self) -> Mapping[str, Any]:
        ours = str(self._settings.admin_oidc_issuer)
        try:
            found = _json(f"{ours}/.well-known/openid-configuration")
        except (HTTPError, ValueError) as wrong:
            raise IssuerUnavailable(type(wrong).__name__) from wrong
        if not isinstance(found, dict) or not all(isinstance(found.get(one), str) for one in _NEEDED):
            raise IssuerUnavailable("it does not say where to log in")
        if found["issuer"].rstrip("/") != ours or any(_scheme(found[one]) != _scheme(ours) for one in _NEEDED):
            raise IssuerUnavailable("it says that it is another")
        return found

    def _client(self, attempt: Attempt, known: Mapping[str, Any]) -> OAuth2Client:
        secret = self._settings.admin_oidc_client_secret
        methods = known.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        way = (
            "none"
            if secret is None
            else "client_secret_basic"
            if "client_secret_basic" in methods
            else "client_secret_post"
        )
        return OAuth2Client(
            self._client_id, secret.get_secret_value() if secret else None, token_endpoint_auth_method=way,
            scope=self._settings.admin_oidc_scope, redirect_uri=attempt.back, code_challenge_method="S256",
            timeout=_SECONDS,
        )  # fmt: skip

    @cached_property
    def _client_id(self) -> str:
        return str(self._settings.admin_oidc_client_id)


def _json(address: str) -> Any:  # noqa: ANN401 - whatever it is
    return httpx2.get(address, timeout=_SECONDS).raise_for_status().json()


def _scheme(address: str) -> str:
    return urlsplit(address).scheme
