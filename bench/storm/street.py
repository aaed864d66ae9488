"""Those who post: signed, several at a time, and again with the same id until the door has answered 202."""

import heapq
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import httpx2

from bench.storm.people import CONFERENCE, Person, Saying
from cli.doors import Refusal, Street
from config.programmes import load_programmes
from config.settings import ROOT
from tests.journeys.town import SECRETS

_PAUSE = 0.3
"""Seconds before a post is repeated."""


@dataclass(slots=True)
class Crowd:
    """People on their way to the door. What a person says, they say in order: the next when the last was accepted."""

    people: Sequence[Person]
    address: str
    senders: int = 6
    accepted: dict[str, str] = field(default_factory=dict)
    """Receipts by webhook id."""
    refused: int = 0
    """Posts that were not answered with 202, and made again."""
    _waiting: list[tuple[float, int, int]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _threads: list[threading.Thread] = field(default_factory=list)
    _begun: float = 0.0

    def begin(self) -> None:
        """Send them off."""
        self._begun = time.monotonic()
        self._waiting = [(one.sayings[0].after, number, 0) for number, one in enumerate(self.people)]
        heapq.heapify(self._waiting)
        self._threads = [threading.Thread(target=self._send, daemon=True) for _ in range(self.senders)]
        for one in self._threads:
            one.start()

    def through(self) -> bool:
        """Whether everything has been accepted."""
        return not any(one.is_alive() for one in self._threads)

    def _send(self) -> None:
        programme = load_programmes(ROOT / "config" / "conferences")[CONFERENCE]
        street = Street(self.address, programme, SECRETS)
        while (turn := self._next()) is not None:
            number, place = turn
            sayings = self.people[number].sayings
            self._post(street, sayings[place])
            if place + 1 < len(sayings):
                with self._lock:
                    heapq.heappush(self._waiting, (sayings[place + 1].after, number, place + 1))
        street.close()

    def _next(self) -> tuple[int, int] | None:
        with self._lock:
            if not self._waiting:
                return None
            after, number, place = heapq.heappop(self._waiting)
        time.sleep(max(0.0, self._begun + after - time.monotonic()))
        return number, place

    def _post(self, street: Street, saying: Saying) -> None:
        body = {"type": saying.kind, "timestamp": "2021-06-01T07:30:00Z", "data": saying.data}
        while True:
            try:
                receipt = street.post("standard", body, saying.id, datetime.now(UTC))
            except (Refusal, httpx2.TransportError):
                with self._lock:
                    self.refused += 1
                time.sleep(_PAUSE)
            else:
                with self._lock:
                    self.accepted[saying.id] = receipt
                return
