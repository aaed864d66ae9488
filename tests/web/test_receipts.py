"""Receipts: what a sender may know."""

import pytest

from adapters.database import envelopes, participants, registrations
from schemas.registration import Reason, RegistrationData
from tests.web.conftest import Door, House
from tests.web.street import HOOK, NOW, PERSON, native, signed


@pytest.fixture
def receipt(door: Door) -> str:
    """Of a post that was just taken."""
    return str(door.post(HOOK, content=native(), headers=signed(native())).json()["receipt"])


def settle(house: House, receipt: str, state: str, *reasons: Reason, places: tuple[str, ...] = ()) -> None:
    """Write what a worker would."""
    with house.toolbox.database.write() as session:
        row = envelopes.take(session, receipt)
        assert row is not None
        person = None
        if state == "accepted":
            data = RegistrationData.model_validate(PERSON)
            person = participants.locked_or_created(session, house.toolbox.vault, "rivers-2026", data, NOW, NOW).id
            for number, place in enumerate(places):
                registrations.add(
                    session, participant_id=person, conference="rivers-2026", session_id=f"session-{number}",
                    attendance="online", interpretation=None, wants_link=False, machine_said=NOW, now=NOW,
                    machine_now=NOW, state=place, waiting_at=NOW if place == "waitlisted" else None,
                )  # fmt: skip
        envelopes.settle(row, state, NOW, participant_id=person, reasons=reasons)


def test_a_post_that_nobody_has_judged_is_received(door: Door, receipt: str) -> None:
    answer = door.get(f"/receipts/{receipt}")
    assert (answer.status_code, answer.json()) == (200, {"state": "received", "reasons": []})
    assert answer.headers["cache-control"] == "no-store"


def test_a_rejected_one_says_why(door: Door, house: House, receipt: str) -> None:
    reason = Reason(field="email", code="invalid", message="Give an e-mail address like name@example.org.")
    settle(house, receipt, "rejected", reason)
    assert door.get(f"/receipts/{receipt}").json() == {"state": "rejected", "reasons": [reason.model_dump()]}


def test_one_that_failed_for_a_reason_of_ours_is_still_received(door: Door, house: House, receipt: str) -> None:
    settle(house, receipt, "failed", Reason(field="", code="internal-error", message="An error of ours."))
    assert door.get(f"/receipts/{receipt}").json() == {"state": "received", "reasons": []}


@pytest.mark.parametrize(
    ("places", "state"),
    [
        ((), "registered"),
        (("registered", "withdrawn"), "registered"),
        (("pending", "waitlisted"), "pending"),
        (("waitlisted",), "waitlisted"),
        (("withdrawn",), "withdrawn"),
    ],
)
def test_an_accepted_one_says_how_the_registration_stands(
    door: Door, house: House, receipt: str, places: tuple[str, ...], state: str
) -> None:
    settle(house, receipt, "accepted", places=places)
    assert door.get(f"/receipts/{receipt}").json() == {"state": state, "reasons": []}


def test_one_that_the_organisers_have_refused_is_rejected(door: Door, house: House, receipt: str) -> None:
    settle(house, receipt, "accepted", places=("refused",))
    answer = door.get(f"/receipts/{receipt}").json()
    assert (answer["state"], [one["code"] for one in answer["reasons"]]) == ("rejected", ["refused"])


@pytest.mark.parametrize("unknown", ["env_" + "0" * 26, "env_x", "%00", "a" * 5000, "par_" + "0" * 26])
def test_an_unknown_receipt_is_404(door: Door, unknown: str) -> None:
    answer = door.get(f"/receipts/{unknown}")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
