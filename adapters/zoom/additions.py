"""Adding people to an event: one, or many at once; at most so often a day.

Refuses to repeat itself: whoever got no answer lists first. Each attempt is counted before it is made, and stays
counted only where it was an addition: Zoom keeps the better account, and nobody must lose a day to an outage.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import ValidationError

from adapters.zoom.answers import ZoomRefused, unreadable
from adapters.zoom.budget import Budget
from adapters.zoom.calls import BATCH, Call, event_path
from adapters.zoom.line import Line
from adapters.zoom.shapes import registrant_of, rows
from schemas.zoom import EventKind, NewRegistrant, Refusal, RegistrantStatus, ZoomRegistrant

Person = tuple[NewRegistrant, str]
"""Whom to add, and the opaque key under which their additions are counted."""


class Additions:
    """Those of one account."""

    def __init__(self, line: Line, budget: Budget) -> None:
        self._line = line
        self._budget = budget

    def one(self, kind: EventKind, number: int, who: NewRegistrant, person: str) -> ZoomRegistrant:
        """`ZoomClient.add`."""
        body = _body(who) | ({"auto_approve": True} if kind == "meeting" else {})
        call = Call("add-registrant", "POST", f"{event_path(kind, number)}/registrants", kind, body=body)
        told = self._counted(call, self._admitted(call, [(who, person)]))
        # For webinars no document has auto_approve here: a link alone does not tell that the person is approved.
        return _added(call, told, who, "approved" if kind == "meeting" else None)

    def many(self, kind: EventKind, number: int, people: Sequence[Person]) -> list[ZoomRegistrant]:
        """`ZoomClient.add_batch`."""
        if len(people) > BATCH:
            raise ValueError(f"a batch is of {BATCH} at most")
        path = f"{event_path(kind, number)}/batch_registrants"
        admitted = self._admitted(Call("batch-registrants", "POST", path, kind), people)
        body = {"auto_approve": True, "registrants": [_body(who, without="language") for who, _ in admitted]}
        silent = {"registrants_confirmation_email": False} if kind == "meeting" else {}
        call = Call("batch-registrants", "POST", path, kind, body=body | silent)
        told = {str(row.get("email", "")).lower(): row for row in rows(self._counted(call, admitted), "registrants")}
        for who, person in admitted:
            if who.email.lower() not in told:
                self._budget.take_back(person)
        return [_added(call, told[key], who, "approved") for who, _ in admitted if (key := who.email.lower()) in told]

    def _admitted(self, call: Call, people: Sequence[Person]) -> list[Person]:
        """Those who may still be added today."""
        admitted = [(who, person) for who, person in people if self._budget.admit(person)]
        if not admitted:
            raise ZoomRefused(
                Refusal(
                    endpoint=call.endpoint, kind=call.kind, category=call.category, daily=True,
                    limit=self._budget.additions_per_day, ours="person-budget",
                )
            )  # fmt: skip
        return admitted

    def _counted(self, call: Call, people: Sequence[Person]) -> dict[str, Any]:
        try:
            return self._line.ask(call)
        except ZoomRefused as refused:
            used_up = refused.refusal.limits_one and refused.refusal.retry_after is None and len(people) == 1
            for _, person in people:
                (self._budget.use_up if used_up else self._budget.take_back)(person)
            raise


def _body(who: NewRegistrant, without: str = "") -> dict[str, Any]:
    """What goes to Zoom. What is empty is left out: Zoom takes no empty names."""
    return {name: value for name, value in who.model_dump(exclude_none=True).items() if value and name != without}


def _added(
    call: Call, row: Mapping[str, Any], who: NewRegistrant, with_link: RegistrantStatus | None
) -> ZoomRegistrant:
    """`with_link`: the status of somebody who has a link; without one they wait for approval."""
    try:
        return registrant_of(row, with_link if row.get("join_url") else "pending", who)
    except ValidationError:
        raise unreadable(call) from None
