"""Faults that are put into calls on purpose, so that whoever calls can be seen to get over them.

They are chosen beforehand, wait as rows, and fall on calls that match them, the oldest first.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, Self

from pydantic import Field, model_validator

from schemas.base import Shape
from web.zoom_emulator.limits import limited
from web.zoom_emulator.refusals import CASES, OAUTH_CASES, Refusal, refusal
from web.zoom_emulator.work import Body, Work, compact

JSON = "application/json;charset=UTF-8"
_HTML = "<html><head><title>{status}</title></head><body><center><h1>{status}</h1></center></body></html>"


class Fault(Shape):
    """What goes wrong, and with which calls.

    `committed`: the call does its work first, and only its answer is spoilt; else nothing is done, but for `latency`,
    which without it waits before the work and with it after. An endpoint is named as in `schemas.zoom.Endpoint`.
    """

    kind: Literal["case", "error-200", "latency", "status", "html", "drop"]
    case: str = Field(default="no_permission", description="An error of Zoom's, for `case` and `error-200`")
    status: int | None = Field(default=None, ge=200, le=599, description="Overrules the one that is usual")
    headers: bool = Field(default=True, description="Whether a 429 carries its headers")
    seconds: float = Field(default=4.0, ge=0, le=600)
    times: int | None = Field(default=1, ge=1, description="Of how many calls; none: until it is cleared")
    skip: int = Field(default=0, ge=0, description="Matching calls that go well before")
    percent: int = Field(default=100, ge=1, le=100, description="Of the matching calls, by the options' seed")
    endpoint: str | None = None
    account: str | None = None
    event: int | None = None
    committed: bool = False

    @model_validator(mode="after")
    def _known(self) -> Self:
        if self.case not in CASES and self.case not in OAUTH_CASES:
            raise ValueError("there is no such case")
        return self


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back. `dropped`: nothing does, the connection ends. `delay`: after so many seconds."""

    status: int
    content: bytes = b""
    media_type: str = JSON
    headers: dict[str, str] = field(default_factory=dict)
    dropped: bool = False
    delay: float = 0.0
    code: int | None = None


def as_answer(status: int, body: Body | None, headers: dict[str, str]) -> Answer:
    """An answer in Zoom's JSON."""
    content = b"" if body is None else compact(body).encode()
    code = body.get("code") if body and status != 201 else None
    return Answer(status, content, headers=headers, code=code)


def inject(work: Work, fault: Fault) -> int:
    """Let it wait for its calls; its id."""
    work.run("INSERT INTO faults (chosen) VALUES (?)", fault.model_dump_json())
    return work.number("SELECT last_insert_rowid()")


def clear(work: Work, fault_id: int | None = None) -> None:
    """Take back a fault, or all."""
    work.run("DELETE FROM faults WHERE ? IS NULL OR id = ?", fault_id, fault_id)


def waiting(work: Work) -> Iterator[tuple[int, Fault, int, int]]:
    """Every fault with its id, how many calls matched it, and to how many it was applied."""
    for row in work.rows("SELECT * FROM faults ORDER BY id"):
        yield row["id"], Fault.model_validate_json(row["chosen"]), row["matched"], row["applied"]


def take(work: Work, endpoint: str, account: str | None, event: int | None) -> Fault | None:
    """The fault that falls on this call."""
    for fault_id, fault, matched, applied in list(waiting(work)):
        over = fault.times is not None and applied >= fault.times
        if over or not _matches(fault, endpoint, account, event):
            continue
        work.run("UPDATE faults SET matched = matched + 1 WHERE id = ?", fault_id)
        if matched < fault.skip or work.chance("fault", fault_id, matched).randrange(100) >= fault.percent:
            continue
        work.run("UPDATE faults SET applied = applied + 1 WHERE id = ?", fault_id)
        return fault
    return None


def spoilt(work: Work, fault: Fault, values: Mapping[str, object]) -> Answer:
    """The answer in place of the right one. `values` are named by the errors' texts."""
    match fault.kind:
        case "drop":
            return Answer(0, dropped=True)
        case "status":
            return Answer(fault.status or 503, b"upstream connect error", "text/plain")
        case "html":
            status = fault.status or 502
            return Answer(status, _HTML.format(status=status).encode(), "text/html;charset=UTF-8")
        case _:
            refused = _refusal(work, fault, values)
            status = 200 if fault.kind == "error-200" else refused.status
            return as_answer(status, refused.body, refused.headers if fault.headers else {})


def _refusal(work: Work, fault: Fault, values: Mapping[str, object]) -> Refusal:
    variant = work.options.variant
    if fault.case in CASES and CASES[fault.case].rate is not None:
        return limited(work, fault.case, values)
    return refusal(fault.case, values, variant=variant, status=fault.status if fault.kind == "case" else None)


def _matches(fault: Fault, endpoint: str, account: str | None, event: int | None) -> bool:
    wanted = ((fault.endpoint, endpoint), (fault.account, account), (fault.event, event))
    return all(chosen is None or chosen == actual for chosen, actual in wanted)
