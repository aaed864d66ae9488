"""A house for tests: the real database, vault, letters and SMTP, with the corridor's steps called one by one."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, cast

import httpx2
from icalendar import Calendar, Event
from sqlalchemy import select, update

from adapters.clock import Movement, clock_from, steer
from adapters.database import claims, envelopes, registrants, zoom_events
from adapters.database.schema import migrate
from adapters.database.tables import EnvelopeRow, LetterRow, RegistrantRow, ZoomEventRow
from adapters.toolbox import Toolbox, build
from cli.catcher import MailCatcher
from config.programmes import load_programmes
from config.settings import Settings, load_settings
from schemas.programme import Session as ProgrammeSession
from tests.servers.zoom import ZoomServer, a_zoom
from web.zoom_emulator.faults import Fault
from workers import app as corridor
from workers import delivery, intake, invitation
from workers.conferencing import stage
from workers.programme import put_in_force

MORNING = datetime.fromisoformat("2021-06-01T09:30:00+02:00")
FOREVER = datetime.fromisoformat("9000-01-01T00:00:00+00:00")
ACCOUNTS = ("osce-org", "odihr-pl")
SECRETARIAT = "Conference Secretariat <secretariat@convenor.example.org>"

OLGA: dict[str, Any] = {
    "full_name": "Olga Petrenko",
    "email": "olga@mission.example.org",
    "organisation": "Permanent Mission of Examplia to the OSCE",
    "language": "en",
    "time_zone": "Europe/Kyiv",
    "sessions": ["survivor-voices"],
    "interpretation": "ru",
}


@dataclass(slots=True)
class House:
    """Everything of one host but the processes."""

    toolbox: Toolbox
    catcher: MailCatcher
    clock_file: Path
    zoom: ZoomServer
    heard: dict[str, int] = field(default_factory=dict)
    numbers: Iterator[int] = field(default_factory=lambda: iter(range(1_000_000)))

    def at(self, moment: str) -> None:
        """Hold the conference's clock at a moment, written with its offset."""
        held = datetime.fromisoformat(moment)
        steer(self.clock_file, Movement(held, anchor=0.0, speed=0.0))

    def wait(self, seconds: float) -> None:
        """Let so much of the conference's time pass, and hold it there."""
        self.at((self.toolbox.clock.now() + timedelta(seconds=seconds)).isoformat())

    def receive(self, data: dict[str, Any], *, kind: str = "registration.submitted", source: str = "standard",
                conference: str = "alliance-2021") -> str:  # fmt: skip
        """Record an envelope as the door does; its id."""
        return self.posted({"type": kind, "data": data}, source=source, conference=conference)

    def posted(self, body: dict[str, Any], *, source: str, conference: str) -> str:
        """Record what a provider has posted, as the door does; the envelope's id."""
        clock = self.toolbox.clock
        with self.toolbox.database.write() as session:
            return envelopes.record(
                session, self.toolbox.vault, conference=conference, source=source,
                delivery_id=f"msg_{next(self.numbers)}", content_type="application/json",
                body=json.dumps(body).encode(), now=clock.now(), machine_now=clock.machine_now(),
            ).id  # fmt: skip

    def process(self, envelope_id: str) -> None:
        """Take an envelope through the corridor as far as the outbox."""
        participant = intake.judge(self.toolbox, envelope_id)
        if participant is not None:
            self.tend(participant)
            invitation.write(self.toolbox, participant)

    def tend(self, participant: str) -> None:
        """Say to Zoom what there is to say about a participant's sessions, and write what others are to be told."""
        with self.toolbox.database.read() as session:
            events = registrants.events_of(session, participant)
        for event in events:
            self.tend_event(event)

    def tend_event(self, event: str) -> None:
        """One turn at a Zoom event, and what follows from it."""
        tended = stage.Tended()
        stage.tend(self.toolbox, event, tended)
        for one in dict.fromkeys(tended.participants):
            invitation.write(self.toolbox, one)
        for one in tended.envelopes:
            self.process(one)

    @contextmanager
    def zoom_away(self) -> Iterator[None]:
        """Every call to Zoom is answered 503."""
        fault = self.zoom.emulator.inject(Fault(kind="status", status=503, times=None))
        yield
        self.zoom.emulator.forget(fault=fault)

    def number(self, session_id: str, conference: str = "alliance-2021") -> int:
        """Zoom's number of a session's event."""
        programme = load_programmes(self.toolbox.settings.conferences)[conference]
        account = cast("ProgrammeSession", programme.session(session_id)).zoom
        assert account is not None
        return self.zoom.emulator.seed(account.account, programme)[session_id]

    def at_zoom(self, session_id: str, *statuses: str) -> list[dict[str, Any]]:
        """The registrants that Zoom has for a session, of these statuses or of all."""
        return self.zoom.emulator.registrants(self.number(session_id), *statuses)

    def zoom_event(self, session_id: str) -> ZoomEventRow:
        """The row of a session's Zoom event."""
        with self.toolbox.database.read() as session:
            found = zoom_events.of_session(session, "alliance-2021", session_id)
        assert found is not None
        return found

    def registrants(self) -> list[RegistrantRow]:
        """What is known of everybody at Zoom, in the order in which they came."""
        with self.toolbox.database.read() as session:
            return list(session.scalars(select(RegistrantRow).order_by(RegistrantRow.created_at, RegistrantRow.id)))

    def tend_all(self) -> None:
        """A turn at every Zoom event about which there is something to say now, and delivery."""
        clock = self.toolbox.clock
        with self.toolbox.database.read() as session:
            events = zoom_events.with_work(session, FOREVER, clock.now(), clock.machine_now(), 100)
        for event in events:
            self.tend_event(event)
        self.deliver()

    def look_at(self, session_id: str) -> ZoomEventRow:
        """Look after the Zoom event of a session; its row."""
        self.tend_event(self.zoom_event(session_id).id)
        return self.zoom_event(session_id)

    def visit_zoom(self, session_id: str, **who: str) -> None:
        """Somebody registers on Zoom's own page."""
        said = {
            "first_name": "Robin",
            "last_name": "Quill",
            "email": "robin@ngo.example.org",
            "language": "fr-FR",
        } | who
        event = self.zoom.emulator.event(self.number(session_id))
        kind = "meeting" if "/meeting/" in event["registration_url"] else "webinar"
        page = f"{self.zoom.url}/{kind}/register/{event['registration_url'].rpartition('/')[2]}"
        assert httpx2.post(page, data=said).status_code == 200

    def hear(self, *, account: str = "osce-org", only: str = "", backwards: bool = False) -> list[str]:
        """Take what Zoom has told since last time through the corridor; the envelopes' ids. `only`: whose event's name
        ends so; the rest is lost."""
        new = [one for one in self.zoom.emulator.notifications() if one["row"] > self.heard.get(account, 0)]
        self.heard[account] = max([one["row"] for one in new], default=self.heard.get(account, 0))
        wanted = [one["body"] for one in new if one["account"] == account and one["event"].endswith(only)]
        return [self.notified(body, account=account) for body in (reversed(wanted) if backwards else wanted)]

    def notified(self, body: str, *, account: str = "osce-org") -> str:
        """A notification of Zoom's, recorded as the door does and processed; the envelope's id."""
        envelope = self.recorded(body, account=account)
        self.process(envelope)
        self.deliver()
        return envelope

    def recorded(self, body: str, *, account: str = "osce-org") -> str:
        """A notification of Zoom's, recorded as the door does; the envelope's id."""
        clock = self.toolbox.clock
        with self.toolbox.database.write() as session:
            return envelopes.record(
                session, self.toolbox.vault, conference=account, source="zoom", delivery_id=body,
                content_type="application/json", body=body.encode(), now=clock.now(), machine_now=clock.machine_now(),
            ).id  # fmt: skip

    def notified_event(self, session_id: str) -> None:
        """Zoom has said that a session's event has changed."""
        with self.toolbox.database.write() as session:
            zoom_events.notified(session.get_one(ZoomEventRow, self.zoom_event(session_id).id))

    def asked_of_zoom(self) -> int:
        """How many calls Zoom has had."""
        return len(self.zoom.emulator.calls())

    def events_with_work(self) -> list[str]:
        """Zoom events of which a registrant could be spoken about now."""
        clock = self.toolbox.clock
        with self.toolbox.database.read() as session:
            ready = select(RegistrantRow.event_id).where(registrants.actionable(clock.now(), clock.machine_now()))
            wanted = set(session.scalars(ready))
            return [
                one for one in zoom_events.with_work(session, FOREVER, clock.now(), clock.machine_now(), 100)
                if one in wanted
            ]  # fmt: skip

    def register(self, data: dict[str, Any], **how: Any) -> str:
        """Receive, process and deliver; the envelope's id."""
        envelope_id = self.receive(data, **how)
        self.process(envelope_id)
        self.deliver()
        return envelope_id

    def withdraw(self, email: str, *sessions: str) -> None:
        """A withdrawal, processed and delivered."""
        self.register({"email": email, "sessions": list(sessions) or "all"}, kind="registration.withdrawn")

    def deliver(self) -> None:
        """Deliver whatever is due."""
        while delivery.deliver_batch(self.toolbox):
            pass

    @property
    def mail(self) -> list["Mail"]:
        """What the mail server took, in order."""
        return [Mail(file.read_bytes()) for file in self.catcher.caught]

    def kinds(self) -> list[str]:
        """The kinds of the letters that the mail server took, in order."""
        with self.toolbox.database.read() as session:
            rows = {row.message_id: row.kind for row in session.scalars(select(LetterRow))}
        return [rows[mail.message["Message-ID"]] for mail in self.mail]

    def outbox(self, *kinds: str) -> list[LetterRow]:
        """The outbox's rows of these kinds, in order of time."""
        with self.toolbox.database.read() as session:
            rows = session.scalars(select(LetterRow).where(LetterRow.kind.in_(kinds)))
            return sorted(rows, key=lambda row: (row.due_at, row.about, row.revision))

    def envelope(self, envelope_id: str) -> EnvelopeRow:
        """An envelope's row."""
        with self.toolbox.database.read() as session:
            found = envelopes.find(session, envelope_id)
        assert found is not None
        return found

    def retry_now(self) -> None:
        """Let every letter and every link that waits for another try be tried."""
        with self.toolbox.database.write() as session:
            session.execute(update(LetterRow).values(machine_try_after=None))
            session.execute(update(RegistrantRow).values(machine_try_after=None))
            session.execute(update(ZoomEventRow).values(machine_try_after=None))

    def go_on(self, envelope_id: str) -> None:
        """Take the participant of an accepted envelope on from the link to the mailbox, as a sweep would."""
        self.retry_now()
        participant = self.envelope(envelope_id).participant_id
        assert participant is not None
        self.tend(participant)
        invitation.write(self.toolbox, participant)
        self.deliver()

    def due(self) -> int:
        """How many letters could be claimed now."""
        clock = self.toolbox.clock
        with self.toolbox.database.read() as session:
            return claims.due_count(session, clock.now(), clock.machine_now(), 1000)


@dataclass(frozen=True, slots=True)
class Mail:
    """One message as the mail server took it."""

    source: bytes

    @property
    def message(self) -> EmailMessage:
        """Parsed."""
        return message_from_bytes(self.source, policy=policy.default)

    @property
    def text(self) -> str:
        """The text part."""
        part = self.message.get_body(("plain",))
        assert part is not None
        return str(cast("EmailMessage", part).get_content())

    @property
    def calendar(self) -> Calendar | None:
        """The calendar part, where there is one."""
        for part in self.message.walk():
            if part.get_content_type() == "text/calendar":
                return Calendar.from_ical(cast("bytes", part.get_payload(decode=True)))
        return None

    @property
    def sequence(self) -> int:
        """SEQUENCE of the one event in the calendar part."""
        return int(str(self.event["SEQUENCE"]))

    @property
    def event(self) -> Event:
        """The one event in the calendar part."""
        calendar = self.calendar
        assert calendar is not None
        (event,) = calendar.walk("VEVENT")
        return cast("Event", event)


def settings_for(folder: Path, database_url: str, smtp_url: str, **more: object) -> Settings:
    """Settings of a house in `folder`."""
    return load_settings(
        **{
            "var": folder / "var", "database_url": database_url, "smtp_url": smtp_url, "mail_from": SECRETARIAT,
            "keys_file": folder / "var" / "keys.json", "public_url": "http://127.0.0.1:8080", **more,
        }
    )  # fmt: skip


@contextmanager
def a_house(folder: Path, database_url: str, **more: object) -> Iterator[House]:
    """A house with an empty database, the programmes in force, and the clock held on the morning of 1 June 2021."""
    clock_file = folder / "clock"
    catcher = MailCatcher(folder / "messages")
    catcher.start()
    steer(clock_file, Movement(MORNING, anchor=0.0, speed=0.0))
    clock = f"{MORNING.isoformat()};speed=0;anchor=0;steer={clock_file}"
    # The house has no broker, and so no budget to share: how fast a test runs must not matter.
    with a_zoom(folder / "zoom", now=clock_from(clock).now, limits=False) as zoom:
        accounts = {name: zoom.account(name) for name in ACCOUNTS}
        chosen: dict[str, object] = {"clock": clock, "zoom_accounts": accounts, **more}
        smtp_url = str(chosen.pop("smtp_url", catcher.url))
        toolbox = build(settings_for(folder, database_url, smtp_url, **chosen))
        try:
            migrate(toolbox.database)
            corridor.use(toolbox)
            put_in_force(toolbox, toolbox.settings.conferences)
            for conference in load_programmes(toolbox.settings.conferences).values():
                for account in ACCOUNTS:
                    zoom.emulator.seed(account, conference)
            yield House(toolbox, catcher, clock_file, zoom)
        finally:
            toolbox.close()
            catcher.stop()
