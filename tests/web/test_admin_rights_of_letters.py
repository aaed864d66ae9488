"""Who may do what on the pages of letters, submissions and pauses: whoever may not is refused, and nothing happens."""

import pytest

from adapters.database import audits, pauses
from domain.roles import ROLES, Right, Role, may
from tests.web.conftest import House, an_account
from tests.web.page import Page
from tests.web.test_admin import log_in
from tests.web.test_admin_inbox import rejected, stored
from tests.web.test_admin_outbox import a_letter, row_of

READS: tuple[tuple[str, Right], ...] = (
    ("/admin/outbox", "masked"), ("/admin/failures", "figures"), ("/admin/failures/replay?state=failed", "operate"),
    ("/admin/inbox", "masked"), ("/admin/inbox/{envelope}", "masked"), ("/admin/inbox/replay", "operate"),
    ("/admin/pauses", "figures"),
)  # fmt: skip
DEEDS: tuple[tuple[str, Right, dict[str, str]], ...] = (
    ("/admin/outbox", "operate", {"id": "{letter}", "deed": "hold"}),
    ("/admin/failures/replay?id={letter}", "operate", {"digest": "x"}),
    ("/admin/inbox", "correct", {"id": "{envelope}", "deed": "aside"}),
    ("/admin/inbox/replay?id={envelope}", "operate", {"digest": "x"}),
    ("/admin/inbox/{envelope}/opened", "reveal", {}),
    ("/admin/inbox/{envelope}/corrected", "correct", {"sessions": "dams", "full_name": "A", "email": "a@example.org"}),
    ("/admin/pauses", "operate", {"what": "mail", "deed": "pause"}),
)


@pytest.mark.parametrize("role", ROLES)
def test_each_page_and_each_button_takes_its_right(house: House, role: Role) -> None:
    letter, envelope = a_letter(house), rejected(house)
    with house.door() as door:
        with house.toolbox.database.write() as session:
            an_account(session, f"a-{role}", role)
        assert log_in(door, f"a-{role}").headers["location"] == "/admin/"
        for address, right in READS:
            expected = 200 if may(role, right) else 403
            assert (address, door.get(address.format(envelope=envelope)).status_code) == (address, expected)
        token = Page(door.get("/admin/failures").text).all("input", name="token")[-1]["value"]
        for address, right, said in DEEDS:
            if may(role, right):
                continue
            data = {name: value.format(letter=letter, envelope=envelope) for name, value in said.items()}
            where = address.format(letter=letter, envelope=envelope)
            answer = door.post(where, data=data | {"token": token, "reason": "x"})
            assert (address, answer.status_code) == (address, 403)
    with house.toolbox.database.read() as session:
        assert (pauses.in_force(session), audits.listed(session, house.toolbox.vault, 9)) == (frozenset(), [])
    assert (row_of(house, letter).state, stored(house, envelope).state) == ("planned", "rejected")
