"""Places are not oversold while people come and go, offers are answered, and the programme changes, all at once."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import func, select

from adapters.database import participants
from adapters.database.tables import ParticipantRow, RegistrationRow
from adapters.toolbox import Toolbox, build
from tests.house import House
from tests.workers.test_old_and_new import changed
from tests.workers.test_oversold import asking, house, told, work
from workers import intake, invitation, offers, plans

__all__ = ["house", "told"]

MOST = 12
"""The most places that any of the programmes gives."""


def sent(house: House, kind: str, address: str) -> str:
    data = {"email": address, "sessions": ["talk"]}
    return house.receive(data, kind=f"registration.{kind}", conference="room-2030")


def with_places(house: House, places: int, start: str) -> Callable[[Toolbox], object]:
    """Apply a programme with so many places, that also moves the session."""

    def apply(toolbox: Toolbox) -> object:
        with toolbox.database.read() as session:
            known = toolbox.shelf.get(session, "room-2030")
        assert known is not None
        fields: dict[str, Any] = {"start": start, "admission": {"in_person": {"places": places}}}
        return plans.apply(toolbox, changed(known.conference, "talk", fields), None, "cli:tester")

    return apply


def accept_all(house: House) -> Callable[[Toolbox], object]:
    """Accept every place that is on offer."""

    def accept(toolbox: Toolbox) -> None:
        with toolbox.database.read() as session:
            offered = select(ParticipantRow).join(RegistrationRow).where(RegistrationRow.state == "offered")
            people = [participants.opened(one, toolbox.vault).address for one in session.scalars(offered)]
        for one in people:
            intake.open_in_turn(toolbox, sent(house, "offer_accepted", one))

    return accept


def taken(house: House) -> int:
    held = RegistrationRow.state.in_(("registered", "offered"))
    with house.toolbox.database.read() as session:
        return session.scalar(select(func.count()).select_from(RegistrationRow).where(held)) or 0


@pytest.mark.usefixtures("told")
def test_whoever_comes_goes_accepts_or_changes_the_programme_no_place_is_given_twice(house: House) -> None:
    with_places(house, 8, "18:00")(house.toolbox)
    work(house.toolbox, [asking(house, number) for number in range(20)])
    new = [asking(house, number) for number in range(20, 40)]
    gone = [sent(house, "withdrawn", f"person{number:03}@example.org") for number in range(5)]
    with house.toolbox.database.read() as session:
        people = list(session.scalars(select(ParticipantRow.id)))
    turns: Sequence[Sequence[Callable[[Toolbox], object]]] = (
        [lambda toolbox, one=one: intake.open_in_turn(toolbox, one) for one in new],  # type: ignore[misc]
        [lambda toolbox, one=one: intake.open_in_turn(toolbox, one) for one in gone],  # type: ignore[misc]
        [with_places(house, places, start) for places, start in ((MOST, "18:10"), (6, "18:20"), (10, "18:30"))],
        [offers.sweep] * 6,
        [accept_all(house)] * 4,
        [lambda toolbox, one=one: invitation.write(toolbox, one) for one in people],  # type: ignore[misc]
    )

    def take(turn: Sequence[Callable[[Toolbox], object]]) -> None:
        toolbox = build(house.toolbox.settings)
        try:
            for step in turn:
                step(toolbox)
        finally:
            toolbox.close()

    with ThreadPoolExecutor(len(turns)) as pool:
        list(pool.map(take, turns))
    assert taken(house) <= MOST
    work(house.toolbox, [])
    with_places(house, MOST, "18:30")(house.toolbox)
    while offers.sweep(house.toolbox):
        accept_all(house)(house.toolbox)
    assert taken(house) == MOST
