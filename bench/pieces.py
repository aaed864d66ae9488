"""What single pieces cost, without broker, database or network."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from itertools import count

from adapters.vault import Vault, new_key_ring
from bench.measure import Figure, each
from config.programmes import load_programme
from config.settings import ROOT
from domain.letters.desk import Desk
from domain.letters.model import CalendarPart, Order, Person, Sender, Visit
from domain.sources import reader

_NOW = datetime(2021, 6, 1, 7, 30, tzinfo=UTC)
_BODY = (
    b'{"type":"registration.submitted","data":{"full_name":"Olga Petrenko","email":"olga@mission.example.org",'
    b'"sessions":["survivor-voices"],"language":"ru","time_zone":"Europe/Kyiv","interpretation":"ru"}}'
)


def pieces() -> Iterator[Figure]:
    """Letters by kind, opening an envelope, reading a body."""
    conference = load_programme(ROOT / "config" / "conferences" / "alliance-2021.yaml")
    session = conference.session("survivor-voices")
    assert session is not None
    desk = Desk(ROOT / "templates" / "email", ROOT / "locale")
    numbers = count()

    def order() -> Order:
        number = next(numbers)
        link = f"http://127.0.0.1:8080/j/{number:040}"
        return Order(
            kind="invitation", conference=conference, visits=(Visit(session, "online", "ru", link, "present"),),
            person=Person(f"par_{number}", f"Person Number {number}", f"person{number}@ngo.example.org", None, "en",
                          "Europe/Kyiv", "standard"),
            message_id=f"<let_{number}@convenor.example.org>", date=_NOW,
            sender=Sender("Conference Secretariat", "secretariat@convenor.example.org"),
            contact="secretariat@convenor.example.org", calendar=CalendarPart("REQUEST", "uid@example.org", 0, _NOW),
            page=f"http://127.0.0.1:8080/r/{number:040}",
        )  # fmt: skip

    yield each("invitation written, each for another person", lambda: desk.write(order()), 300)
    reminders = (replace(order(), kind="reminder", calendar=None) for _ in count())
    yield each("reminder written, each for another person", lambda: desk.write(next(reminders)), 300)
    vault = Vault(new_key_ring())
    sealed = vault.seal("a:b:c", _BODY)
    yield each("body sealed", lambda: vault.seal("a:b:c", _BODY), 5000)
    yield each("body opened", lambda: vault.open("a:b:c", sealed), 5000)
    yield each("body read and judged", lambda: reader("standard").read(_BODY, "application/json", conference), 500)
