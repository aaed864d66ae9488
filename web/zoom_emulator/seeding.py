"""A conference's events at Zoom, as a secretariat would have made them there."""

from babel import Locale

from domain.times import Period, WallTimeError, session_period
from schemas.programme import Conference, Session
from schemas.zoom import EventKind
from web.zoom_emulator import events, users
from web.zoom_emulator.accounts import EmulatedAccount
from web.zoom_emulator.links import EventNames, derived
from web.zoom_emulator.users import SYSTEM_LANGUAGES
from web.zoom_emulator.work import Body, Work, zoom_time


def seed(work: Work, account: EmulatedAccount, conference: Conference) -> dict[str, int]:
    """Make an event for each session that names this account and has a date and hours; what is there already stays as
    it is. Returns the events' numbers by session.

    A session keeps the registration address that it has at Zoom. Zoom's own mails are on, as Zoom has them.
    """
    found = {}
    for session in conference.sessions:
        if session.zoom is None or session.zoom.account != account.name:
            continue
        try:
            period = session_period(session, conference.time_zone)
        except WallTimeError:
            continue
        names, page = _names(account, conference, session)
        if work.one("SELECT 1 FROM events WHERE number = ?", names.number) is None:
            _make(work, account, conference, session, period, names, page)
        found[session.id] = names.number
    return found


def _make(
    work: Work, account: EmulatedAccount, conference: Conference, session: Session, period: Period, names: EventNames,
    page: str | None,
) -> None:  # fmt: skip
    host = users.host_of(work, account.name)
    spoken = _english((session.languages or conference.languages)[0])
    into = [(code, _english(code)) for code in session.interpretation]
    users.teach(work, host, {spoken, *(name for _, name in into)} - set(SYSTEM_LANGUAGES))
    interpreters = [
        {"email": f"interp.{code}@example.org", "interpreter_languages": f"{spoken},{name}"} for code, name in into
    ]
    wanted: Body = {
        "topic": (session.title or session.id)[:200], "start_time": zoom_time(period.start),
        "duration": round((period.end - period.start).total_seconds() / 60), "timezone": conference.time_zone,
        "settings": {
            "approval_type": 0,
            "language_interpretation": {"enable": bool(interpreters), "interpreters": interpreters},
        },
    }  # fmt: skip
    assert session.zoom is not None  # noqa: S101 - seen by the caller
    events.create(work, account, users.by_id(work, host["id"]), session.zoom.kind, wanted, names, page)


def _names(account: EmulatedAccount, conference: Conference, session: Session) -> tuple[EventNames, str | None]:
    """The event's names, and its registration address where it has one at Zoom."""
    assert session.zoom is not None  # noqa: S101 - seen by the caller
    kind, number = session.zoom.kind, session.zoom.event
    names = derived(kind, account.name, conference.id, session.id)
    page = str(session.registration) if session.registration else None
    token = _token_in(page, kind)
    if token:
        names = derived(kind, account.name, token)._replace(token=token)
    return names._replace(number=number or names.number), page if token else None


def _token_in(page: str | None, kind: EventKind) -> str | None:
    """What of a registration address names the event, where the address is of Zoom's form."""
    before, _, last = (page or "").rpartition("/")
    zooms = f"/{kind}/register" in before and last.startswith("WN_" if kind == "webinar" else "tJ")
    return last if zooms else None


def _english(code: str) -> str:
    return Locale(code).get_language_name("en") or code
