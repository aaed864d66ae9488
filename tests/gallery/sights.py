"""What is to be seen at each address of the monitor: every page, full and empty, with what is refused."""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from starlette.applications import Starlette
from starlette.routing import Mount, Route

from tests.gallery.troubles import CONFERENCE, Troubles


class Sight(NamedTuple):
    """A page as somebody sees it: its address below `/admin`, who they are (nobody, where empty), what they have posted
    (None: they have opened it), and the status with which it is answered."""

    name: str
    path: Callable[[Troubles], str]
    who: str = "admin"
    posted: Sequence[tuple[str, str]] | None = None
    status: int = 200


def _at(path: str) -> Callable[[Troubles], str]:
    return lambda _: path


def _person(why: str, after: str = "") -> Callable[[Troubles], str]:
    return lambda world: f"/participants/{world.who[why]}{after}"


def _submission(what: str, after: str = "") -> Callable[[Troubles], str]:
    return lambda world: f"/inbox/{world.rejected[what]}{after}"


def _letters(world: Troubles) -> str:
    held = [one.id for one in world.house.outbox("invitation", "digest") if one.state in {"failed", "held"}]
    return "/failures/replay?" + "&".join(f"id={one}" for one in held)


_WHY: Final = ("reason", "asked for by telephone")

SIGHTS: Final[Mapping[str, Sequence[Sight]]] = {
    "/login": [
        Sight("login", _at("/login"), who=""),
        Sight("login-wrong", _at("/login"), who="", posted=[("name", "admin"), ("password", "no")], status=403),
    ],
    "/login/second": [
        Sight("enrolment", _at("/login/second"), who="olena"),
        Sight("enrolment-wrong", _at("/login/second"), who="olena", posted=[("code", "1")], status=403),
    ],
    "/": [Sight("today", _at("/")), Sight("today-viewer", _at("/"), who="viewer")],
    "/participants": [
        Sight("participants", _at("/participants")),
        Sight("participants-listed", _at(f"/participants?conference={CONFERENCE}")),
        Sight("participants-none", _at("/participants"), posted=[("given", "nobody@example.org")], status=404),
        Sight("participants-viewer", _at("/participants"), who="viewer", status=403),
    ],
    "/participants/{id}": [
        *(Sight(f"participant-{why}", _person(why)) for why in (
            "well", "refused", "suppressed", "held", "waitlisted", "pending", "zoom", "expired", "paused")),
        Sight("participant-oldest", _person("well", "?order=oldest")),
        Sight("participant-masked", _person("refused"), who="operator"),
        Sight("participant-revealed", _person("refused"), posted=[("deed", "reveal"), _WHY]),
        Sight("participant-why", _person("refused"), posted=[("deed", "correct-address")], status=422),
        Sight("participant-unknown-deed", _person("refused"), posted=[("deed", "dance")], status=422),
        Sight("participant-gone", _at("/participants/par_nobody"), status=404),
    ],
    "/audit": [
        Sight("audit", _at("/audit")),
        Sight("audit-none", _at("/audit"), posted=[("who", "admin:nobody")]),
        Sight("audit-auditor", _at("/audit"), who="auditor"),
    ],
    "/outbox": [
        Sight("outbox", _at("/outbox")),
        Sight("outbox-none", _at("/outbox?state=complained")),
        Sight("outbox-nothing-chosen", _at("/outbox"), posted=[("deed", "hold")], status=422),
    ],
    "/failures": [Sight("failures", _at("/failures")), Sight("failures-done", _at("/failures?replayed=2"))],
    "/failures/replay": [
        Sight("replay", _letters),
        Sight("replay-why", _letters, posted=[("digest", "")], status=422),
        Sight("replay-stale", _letters, posted=[("digest", "another"), _WHY], status=409),
    ],
    "/inbox": [
        Sight("inbox", _at("/inbox")),
        Sight("inbox-accepted", _at("/inbox?state=accepted")),
        Sight("inbox-none", _at("/inbox?source=tally")),
        Sight("inbox-nothing-chosen", _at("/inbox"), posted=[("deed", "aside")], status=422),
    ],
    "/inbox/replay": [
        Sight("judged-again", _at("/inbox/replay")),
        Sight("judged-again-why", _at("/inbox/replay"), posted=[("digest", "")], status=422),
    ],
    "/inbox/{envelope}": [
        Sight("submission", _submission("time zone")),
        Sight("submission-gone", _at("/inbox/env_nothing"), status=404),
    ],
    "/inbox/{envelope}/opened": [
        Sight("submission-why", _submission("time zone", "/opened"), posted=[("reason", "")], status=422),
        Sight("submission-opened", _submission("address", "/opened"), posted=[_WHY]),
    ],
    "/inbox/{envelope}/corrected": [
        Sight("submission-wrong", _submission("address", "/corrected"), status=422,
              posted=[("full_name", ""), ("email", "hal at example.org"), ("sessions", "nothing"), _WHY]),
    ],
    "/pauses": [
        Sight("pauses", _at("/pauses")),
        Sight("pauses-why", _at("/pauses"), posted=[("what", "mail"), ("deed", "pause")], status=422),
        Sight("pauses-viewer", _at("/pauses"), who="viewer"),
    ],
    "/queues": [Sight("queues", _at("/queues"))],
    "/zoom": [Sight("zoom", _at("/zoom"))],
    "/interpretation": [
        Sight("interpretation", _at("/interpretation")),
        Sight("interpretation-hidden", _at("/interpretation"), who="viewer"),
    ],
    "/figures": [Sight("figures", _at("/figures"))],
    "/programmes": [Sight("programmes", _at("/programmes"))],
    "/programmes/{conference}": [
        Sight("programme", _at(f"/programmes/{CONFERENCE}")),
        Sight("programme-unknown", _at("/programmes/nothing"), status=409),
        Sight("programme-stale", _at(f"/programmes/{CONFERENCE}"), posted=[("digest", "another")], status=409),
    ],
    "/places": [
        Sight("places", _at("/places")),
        Sight("places-done", _at("/places?done=approve-1-2")),
        Sight("places-nobody-chosen", _at("/places"), posted=[("deed", "approve")], status=422),
    ],
    "/accounts": [
        Sight("accounts", _at("/accounts")),
        Sight("accounts-refused", _at("/accounts"), posted=[("deed", "disable"), ("id", "")], status=422),
        Sight("accounts-secretariat", _at("/accounts"), who="secretariat", status=403),
    ],
}  # fmt: skip

NO_PAGES: Final = frozenset({"/logout", "/login/openid", "/login/openid/back", "/interpretation.csv"})
"""Addresses that answer with something else than a page: they send on, or give a file."""


def addresses(app: Starlette) -> set[str]:
    """Every address of the monitor, below `/admin`, as its routes have them."""
    (monitor,) = (one for one in app.routes if isinstance(one, Mount) and one.path == "/admin")
    return {one.path for one in monitor.routes if isinstance(one, Route)}
