"""A conference in which each of a number of people got nothing, and each for another reason."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from adapters.database import envelopes
from adapters.tokens import BounceTokens
from domain.roles import ROLES
from tests.domain.bounces.samples import report, statuses
from tests.house import House, a_house
from tests.servers.smtp import Habits, MailServer, a_mail_server
from web.zoom_emulator.faults import Fault
from workers import intake
from workers.accounts import Warden
from workers.attendant import Attendant
from workers.pauses import Pauser

CONFERENCE = "lakes-2030"
PASSWORD = "four invented words together"
BOUNCES = "bounces@mail.example.org"
WRONG = "bela@wrong.example.org"
LAKES = f"""\
id: {CONFERENCE}
title: Lakes Without Borders
starts: 2030-06-14
ends: 2030-06-16
languages: [en]
in_person_for: Staff of the house
sessions:
  - id: opening
    title: Opening of the conference, with greetings from all who share a shore
    date: 2030-06-14
    start: 18:00
    end: 19:30
    interpretation: [fr, ru]
    zoom: {{account: osce-org}}
  - id: talk
    title: A talk <b>about</b> "reeds"
    date: 2030-06-15
    start: 18:00
    end: 19:30
    format: hybrid
    place: A hall
    zoom: {{account: osce-org}}
    admission: {{in_person: {{places: 1}}}}
  - id: class
    title: A class
    date: 2030-06-16
    start: 18:00
    end: 19:30
    zoom: {{account: osce-org}}
    admission: {{online: {{approval: true}}}}
  - {{id: early, title: A walk, date: 2030-06-14, start: 10:00, end: 11:00, format: in-person, place: A lawn}}
"""


@dataclass
class Troubles:
    """The house, its mail server, and whoever got nothing: participants by why."""

    house: House
    server: MailServer
    who: dict[str, str]
    rejected: dict[str, str]


def _registers(house: House, name: str, *sessions: str, domain: str = "example.org", **more: object) -> str:
    data = {"full_name": f"{name.title()} Quill", "email": f"{name}@{domain}", "sessions": list(sessions),
            "time_zone": "Europe/Helsinki", **more}  # fmt: skip
    return house.envelope(house.register(data, conference=CONFERENCE)).participant_id or ""


def _bounced(house: House, participant: str) -> None:
    """A report comes that nobody has this address."""
    letter = next(one for one in house.outbox("invitation") if one.participant_id == participant)
    address = BounceTokens(house.toolbox.vault).address(BOUNCES, letter.id)
    raw = report(statuses("failed", "5.1.1", "smtp; 550 no such user"), to=address, letter="Subject: Invitation\n")
    clock = house.toolbox.clock
    with house.toolbox.database.write() as session:
        envelope = envelopes.record(
            session, house.toolbox.vault, conference="mail", source="bounce", delivery_id=f"b{next(house.numbers)}",
            content_type="message/rfc822", body=raw, now=clock.now(), machine_now=clock.machine_now(),
        ).id  # fmt: skip
    intake.judge(house.toolbox, envelope)


@contextmanager
def troubles(folder: Path, *, nothing: bool = False, **settings: object) -> Iterator[Troubles]:
    """The conference on its first day; where `nothing` has happened, not even an account is there."""
    programmes = folder / "programmes"
    programmes.mkdir()
    (programmes / f"{CONFERENCE}.yaml").write_text(LAKES, "utf-8")
    with (
        a_mail_server(Habits(script={f"RCPT {WRONG}": "550 5.1.1 no such user"})) as server,
        a_house(folder, f"sqlite:///{folder}/convenor.db", conferences=programmes, mail_bounces=BOUNCES,
                smtp_url=f"smtp://127.0.0.1:{server.port}", **settings) as house,
    ):  # fmt: skip
        house.at("2030-06-13T09:30:00+02:00")
        if nothing:
            yield Troubles(house, server, {}, {})
            return
        world = _happened(house, server)
        head, class_, rest = LAKES.partition("  - id: class")
        edited = head + class_ + rest.replace("18:00", "17:00", 1)
        (programmes / f"{CONFERENCE}.yaml").write_text(edited, "utf-8")
        yield world


def with_accounts(house: House) -> None:
    """Somebody of each role, who logs in with PASSWORD; and `olena`, who has still to set up an authenticator app."""
    warden = Warden(house.toolbox)
    for role in ROLES:
        warden.create(role, role, PASSWORD, "cli:test", totp="never")
    warden.create("olena", "operator", PASSWORD, "cli:test", totp="at-login")


def _happened(house: House, server: MailServer) -> Troubles:
    attendant, who = Attendant(house.toolbox), {}
    with_accounts(house)
    who["well"] = _registers(house, "ada", "opening", "early", interpretation="fr")
    _registers(house, "alan", "talk", attendance="in-person")
    who["refused"] = _registers(house, "bela", "opening", domain="wrong.example.org")
    who["suppressed"] = _registers(house, "cleo", "opening")
    _bounced(house, who["suppressed"])
    _registers(house, "cleo", "early", attendance="in-person")
    who["held"] = _registers(house, "dora", "opening")
    attendant.hold(who["held"], "cli:test", "she has asked by telephone")
    _registers(house, "dora", "early", attendance="in-person")
    who["waitlisted"] = _registers(house, "emil", "talk", attendance="in-person")
    who["pending"] = _registers(house, "fay", "class")
    rejected = {
        "time zone": house.register({"full_name": "Gus Quill", "email": "gus@example.org", "sessions": ["opening"],
                                     "time_zone": "Mars/Olympus"}, conference=CONFERENCE),
        "address": house.register({"full_name": "Hal Quill", "email": "hal at example.org", "sessions": ["opening"]},
                                  conference=CONFERENCE),
        "session": house.register({"full_name": "Hugo Quill", "email": "hugo@example.org", "sessions": ["ending"]},
                                  conference=CONFERENCE),
    }  # fmt: skip
    fault = Fault(kind="case", case="validation_failed", endpoint="add-registrant", times=None)
    held = house.zoom.emulator.inject(fault)
    who["zoom"] = _registers(house, "ines", "opening")
    house.zoom.emulator.forget(fault=held)
    Pauser(house.toolbox).pause("mail", "cli:test", "the relay moves")
    who["expired"] = _registers(house, "ivo", "early", attendance="in-person")
    house.at("2030-06-14T12:30:00+02:00")
    Pauser(house.toolbox).resume("mail", "cli:test")
    house.deliver()
    Pauser(house.toolbox).pause("delivery", "cli:test", "the relay moves again")
    who["paused"] = _registers(house, "juno", "opening")
    return Troubles(house, server, who, rejected)
