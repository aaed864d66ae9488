"""What the mail server and the domains behind it bear: rates, pauses, and the circuits that a refusal by policy opens.

A refusal of us must not become five hundred refusals, nor one letter given up. The mail server, or the domain, is then
left alone for a while; afterwards one letter tries the mail server. One recipient who is refused delays nobody else,
however many letters there are for them. Domains and recipients stand in SQL under their keyed hashes.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal

import structlog
from sqlalchemy.orm import Session

from adapters.database import destinations, signs
from adapters.database.destinations import RELAY
from adapters.toolbox import Toolbox
from domain.delivery import DOMAIN_PAUSES, RELAY_PAUSES, Verdict, stops
from schemas.smtp import SmtpAnswer

log = structlog.get_logger(__name__)

ANY_DOMAIN = "*"
UNLIMITED = 1_000_000
SEVERAL = 5
"""So many recipients in a row to whom nothing can be sent now are no longer about themselves."""
LATER = "relay-later"
"""Where it is kept who they are, for all rounds and workers: letters may come one by one."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """How many letters may go now, and when (machine time) the next."""

    number: int
    next_at: datetime | None = None


@dataclass(slots=True)
class Traffic:
    """What holds for one round.

    `most`: so many letters may be claimed; none while the mail server is left alone, one where it has not been tried
    since. `refused`: by domain, which recipients were refused by policy in a row, and by `relay`, which domains.
    `until`: by domain, when it may be tried (machine time).
    """

    toolbox: Toolbox
    most: int
    on_trial: bool
    refused: dict[str, set[str]]
    until: dict[str, datetime]
    stopped: str | None = None
    mail: Literal["well", "unreachable", "refused"] | None = None
    """How the mail server has answered since the last commit."""
    _unsaid: dict[str, list[str]] = field(default_factory=dict)
    _well: set[str] = field(default_factory=set)
    _slower: dict[str, str] = field(default_factory=dict)

    @classmethod
    def now(cls, toolbox: Toolbox, session: Session, machine_now: datetime) -> "Traffic":
        """As it stands."""
        known = destinations.against(session)
        pauses = {name: row.machine_paused_until for name, row in known.items() if row.machine_paused_until is not None}
        until = pauses.pop(RELAY, None)
        most = UNLIMITED if until is None else int(until <= machine_now)
        return cls(toolbox, most, until is not None, {name: set(row.refused) for name, row in known.items()}, pauses)

    def admitted(self, session: Session, number: int, machine_now: datetime) -> Admitted:
        """How many of so many letters the mail server's rate lets through."""
        rate = self.toolbox.settings.smtp_rate
        if not rate or not number:
            return Admitted(number)
        return Admitted(*destinations.take(session, RELAY, number, rate, machine_now))

    def held_up(self, domain: str) -> datetime | None:
        """When a letter to this domain may go (machine time), where that is not now."""
        rates = self.toolbox.settings.smtp_domain_rates
        rate = rates.get(domain.lower(), rates.get(ANY_DOMAIN, 0))
        if not rate and not self.until:
            return None
        name, machine_now = self._name(domain), self.toolbox.clock.machine_now()
        until = self.until.get(name)
        if rate and (until is None or until <= machine_now):
            with self.toolbox.database.write() as session:
                granted, until = destinations.take(session, name, 1, rate, machine_now)
            if granted:
                return None
        if until is None or until <= machine_now:
            return None
        self.until[name] = until + (timedelta(seconds=1 / rate) if rate else timedelta(0))  # one after the other
        return until

    def answered(self, address: str, answer: SmtpAnswer, judged: Verdict) -> None:
        """Learn from what was answered to a letter to this address, whose domain is as it goes over the wire."""
        domain = address.rpartition("@")[2]
        self._observe(address, answer, judged)
        if answer.accepted:
            if self.on_trial or self.refused or self.until:
                self._taken(domain)
        elif judged.concern == "us":
            self._refused(self._name(domain), self._name(address), answer)
        elif judged.concern == "domain" and judged.wait is not None:
            self._leave_alone(self._name(domain), answer, judged.wait)

    def _observe(self, address: str, answer: SmtpAnswer, judged: Verdict) -> None:
        """Whether the mail server is there and takes letters. One recipient who is refused, or is to be tried later,
        says nothing of it; several in a row do."""
        if answer.accepted:
            self.mail = "well"
        elif answer.code is None:
            self.mail = "unreachable"
        elif judged.state == "planned" and judged.concern in {"letter", "us"}:
            number = self._later(self._name(address))
            if answer.stage in {"connect", "sender"} or number >= SEVERAL:
                self.mail = "refused"

    def _later(self, recipient: str) -> int:
        """How many in a row are to come later, this one among them; more than are needed are not counted."""
        known = self.refused.setdefault(LATER, set())
        if recipient not in known and len(known) < SEVERAL:
            known.add(recipient)
            self._unsaid.setdefault(LATER, []).append(recipient)
        return len(known)

    def note_mail(self, session: Session, machine_now: datetime) -> None:
        """Let everybody see how the mail server answers, and since when it does not."""
        if self.mail == "well":
            signs.mail_is_well(session, machine_now)
        elif self.mail is not None:
            signs.mail_trouble(session, self.mail, machine_now)
        self.mail = None

    def _taken(self, domain: str) -> None:
        well = {RELAY} if self.on_trial or RELAY in self.refused else set()
        well |= {self._name(domain), LATER} & {*self.until, *self.refused}
        for name in well:
            self.refused.pop(name, None)
            self._unsaid.pop(name, None)
        self._well |= well

    def _refused(self, domain: str, recipient: str, answer: SmtpAnswer) -> None:
        if stops(answer, 0, 0) is None:  # whose letter it was has nothing to do with a refusal of our sender
            for name, whose in ((domain, recipient), (RELAY, domain)):
                self.refused.setdefault(name, set()).add(whose)
                self._unsaid.setdefault(name, []).append(whose)
        recipients, domains = len(self.refused.get(domain, ())), len(self.refused.get(RELAY, ()))
        log.error("the mail server refuses what we send: a person must look", reason=str(answer),
                  in_a_row=max(recipients, domains))  # fmt: skip
        stopped = stops(answer, recipients, domains)
        if stopped == "relay":
            self.stopped = str(answer)
        elif stopped == "domain":
            self._leave_alone(domain, answer, DOMAIN_PAUSES[0])

    def _leave_alone(self, domain: str, answer: SmtpAnswer, wait: timedelta) -> None:
        self._slower[domain] = str(answer)
        self.until[domain] = self.toolbox.clock.machine_now() + wait
        self.refused.pop(domain, None)

    def tell(self) -> None:
        """Let the other workers know."""
        if not (self._unsaid or self._well or self._slower or self.stopped):
            return
        machine_now = self.toolbox.clock.machine_now()
        with self.toolbox.database.write() as session:
            for name in sorted(self._well):  # all workers in one order: each row is locked
                destinations.all_is_well(session, name)
            for name, whose in self._unsaid.items():
                destinations.count_refusals(session, name, whose, len(whose))
            paused = [(RELAY, self.stopped, RELAY_PAUSES)] if self.stopped else []
            paused += [(name, reason, DOMAIN_PAUSES) for name, reason in self._slower.items()]
            for name, reason, lengths in paused:
                length = destinations.pause(session, name, reason, machine_now, lengths)
                log.error("nothing is sent for a while", kind="relay" if name == RELAY else "domain", reason=reason,
                          seconds=round(length.total_seconds()))  # fmt: skip
        if RELAY in self._well:
            log.warning("the mail server takes letters again")
            self.on_trial = False
        self._unsaid, self._well, self._slower = {}, set(), {}

    def _name(self, place: str) -> str:
        """Of a domain, or of an address."""
        return self.toolbox.vault.index("destinations", place.lower()).hex()
