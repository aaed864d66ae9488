"""Where the API is: at the base address that came with the token, if a token may go there.

Zoom names a regional host in its answer. Whoever could answer in Zoom's place must not be able to have tokens sent to a
host of their own.
"""

from typing import Final
from urllib.parse import urlsplit

import structlog

from config.servers import is_loopback
from config.settings import ZoomAccount

log = structlog.get_logger(__name__)

_ZOOM: Final = ("zoom.us", "zoomgov.com")


def api_base(name: str, account: ZoomAccount, told: object) -> str:
    """The `api_url` of a token's answer, with /v2; the configured one where there is none, or it is a stranger's."""
    url = str(told or "").rstrip("/")
    if not url:
        return account.api_url
    if not _may_see_tokens(url, account):
        log.warning("Zoom's answer names a stranger's API address; the configured one is used", account=name)
        return account.api_url
    return url if url.endswith("/v2") else f"{url}/v2"


def _may_see_tokens(url: str, account: ZoomAccount) -> bool:
    """Below Zoom where Zoom gave the token; a host that the settings name; this machine where the token is from it."""
    try:
        there, oauth, api = urlsplit(url), urlsplit(account.oauth_url), urlsplit(account.api_url)
        host, _ = there.hostname or "", there.port
    except ValueError:
        return False
    if there.query or there.fragment or there.username is not None:
        return False
    if is_loopback(host):
        return there.scheme in {"http", "https"} and is_loopback(oauth.hostname or "")
    named = host in {oauth.hostname, api.hostname} or (_is_zoom(host) and _is_zoom(oauth.hostname or ""))
    return there.scheme == "https" and bool(host) and named


def _is_zoom(host: str) -> bool:
    return any(host == name or host.endswith(f".{name}") for name in _ZOOM)
