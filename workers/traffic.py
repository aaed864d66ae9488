"""What the mail server and the domains behind it bear: rates, pauses, and the circuit that a refusal by policy opens.

A refusal of us must not become five hundred refusals, nor one letter given up. The mail server is then left alone for
a while; afterwards one letter tries. Domains stand in SQL under their keyed hashes.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from sqlalchemy.orm import Session

from adapters.database import destinations
from adapters.database.destinations import RELAY
from adapters.toolbox import Toolbox
from domain.delivery import DOMAIN_PAUSES, RELAY_PAUSES, Verdict, stops_the_relay
from schemas.smtp import SmtpAnswer

log = structlog.get_logger(__name__)

ANY_DOMAIN = "*"
UNLIMITED = 1_000_000


@dataclass(frozen=True, slots=True)
class Admitted:
    """How many letters may go now, and when (machine time) the next."""

    number: int
    next_at: datetime | None = None


@dataclass(slots=True)
class Traffic:
    """What holds for one round.

    `most`: so many letters may be claimed; none while the mail server is left alone, one where it has not been tried
    since. `refusals`: letters refused by policy in a row. `until`: by domain, when it may be tried (machine time).
    """

    toolbox: Toolbox
    most: int
    on_trial: bool
    refusals: int
    until: dict[str, datetime]
    stopped: str | None = None
    _unsaid: int = 0
    _well: set[str] = field(default_factory=set)
    _slower: dict[str, str] = field(default_factory=dict)

    @classmethod
    def now(cls, toolbox: Toolbox, session: Session, machine_now: datetime) -> "Traffic":
        """As it stands."""
        relay = destinations.relay(session)
        until = relay.machine_paused_until if relay else None
        most = UNLIMITED if until is None else int(until <= machine_now)
        refusals = relay.refusals if relay else 0
        return cls(toolbox, most, until is not None, refusals, destinations.paused_domains(session))

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

    def answered(self, domain: str, answer: SmtpAnswer, judged: Verdict) -> None:
        """Learn from an answer."""
        if answer.accepted:
            if self.on_trial or self.refusals:
                self._well.add(RELAY)
            if self.until:
                self._well |= {self._name(domain)} & set(self.until)
            self.refusals = self._unsaid = 0
        elif judged.concern == "us":
            self.refusals, self._unsaid = self.refusals + 1, self._unsaid + 1
            log.error("the mail server refuses what we send: a person must look", reason=str(answer),
                      in_a_row=self.refusals)  # fmt: skip
            if self.on_trial or stops_the_relay(answer, self.refusals):
                self.stopped = str(answer)
        elif judged.concern == "domain" and judged.wait is not None:
            self._slower[self._name(domain)] = str(answer)
            self.until[self._name(domain)] = self.toolbox.clock.machine_now() + judged.wait

    def tell(self) -> None:
        """Let the other workers know."""
        if not (self._unsaid or self._well or self._slower or self.stopped):
            return
        machine_now = self.toolbox.clock.machine_now()
        with self.toolbox.database.write() as session:
            for name in self._well:
                destinations.all_is_well(session, name)
            if self._unsaid:
                destinations.count_refusals(session, self._unsaid)
            paused = [(RELAY, self.stopped, RELAY_PAUSES)] if self.stopped else []
            paused += [(name, reason, DOMAIN_PAUSES) for name, reason in self._slower.items()]
            for name, reason, lengths in paused:
                length = destinations.pause(session, name, reason, machine_now, lengths)
                log.error("nothing is sent for a while", kind="relay" if name == RELAY else "domain", reason=reason,
                          seconds=round(length.total_seconds()))  # fmt: skip
        if RELAY in self._well:
            log.warning("the mail server takes letters again")
            self.on_trial = False
        self._unsaid, self._well, self._slower = 0, set(), {}

    def _name(self, domain: str) -> str:
        return self.toolbox.vault.index("destinations", domain.lower()).hex()
