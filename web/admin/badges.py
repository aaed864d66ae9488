"""Who is logged in: a signed cookie, readable by nobody's script, and a token in each form that belongs to it."""

import hmac
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from itsdangerous import BadData, URLSafeSerializer
from starlette.requests import Request
from starlette.responses import Response

from domain.roles import Role

HOLDS = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Badge:
    """A browser's badge. `name` is empty until its holder has logged in."""

    id: str
    name: str
    until: datetime
    role: Role = "admin"


def new_badge(name: str, machine_now: datetime) -> Badge:
    """A fresh badge. Who logs in gets another than before, so that one that was planted is worth nothing."""
    return Badge(secrets.token_urlsafe(16), name, machine_now + HOLDS)


class Badges:
    """Signs badges and reads them. The cookie cannot be sent by other sites' forms (SameSite), nor, where the address
    is https, over an unencrypted connection or for another host (`__Host-`)."""

    def __init__(self, key: bytes, *, https: bool) -> None:
        self._cookie = "__Host-convenor_admin" if https else "convenor_admin"
        self._https = https
        self._signer = URLSafeSerializer(key, salt="badge")
        self._tokens = URLSafeSerializer(key, salt="form")

    def read(self, request: Request, machine_now: datetime) -> Badge | None:
        """The badge that the browser shows, if it is ours and holds."""
        try:
            badge_id, name, until = self._signer.loads(request.cookies.get(self._cookie, ""))
        except (BadData, ValueError, TypeError):
            return None
        badge = Badge(badge_id, name, datetime.fromtimestamp(until, UTC))
        return badge if badge.until > machine_now else None

    def give(self, response: Response, badge: Badge) -> None:
        """Let the browser keep a badge."""
        written = self._signer.dumps([badge.id, badge.name, int(badge.until.timestamp())])
        response.set_cookie(
            self._cookie, str(written), max_age=int(HOLDS.total_seconds()), secure=self._https, httponly=True,
            samesite="lax",
        )  # fmt: skip

    def take_back(self, response: Response) -> None:
        """Let the browser forget its badge."""
        response.delete_cookie(self._cookie, secure=self._https, httponly=True, samesite="lax")

    def token(self, badge: Badge) -> str:
        """What a form must carry to be of this badge's holder (against cross-site request forgery)."""
        return str(self._tokens.dumps(badge.id))

    def is_of(self, badge: Badge, token: str) -> bool:
        """Whether a form's token is this badge's."""
        return hmac.compare_digest(self.token(badge).encode(), token.encode())
