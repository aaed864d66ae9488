"""Accounts of the monitor, made and changed: what is done, and what is noted of it."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from adapters.database import admins, audits, logins
from adapters.database.tables import AdminRow
from adapters.passwords import fits
from domain.accounts import NotChanged
from tests.house import House
from workers.accounts import Warden

CLI, WORDS, OTHER = "cli:somebody", "four invented words together", "other words, many of them"
BADGE = "what the browser keeps"


@pytest.fixture
def warden(house: House) -> Warden:
    """With an account `anna`."""
    one = Warden(house.toolbox)
    assert one.create("anna", "admin", WORDS, CLI) is not None
    return one


def anna(house: House) -> AdminRow:
    with house.toolbox.database.read() as session:
        found = admins.named(session, "anna")
    assert found is not None
    return found


def noted(house: House) -> list[tuple[str, str | None, dict[str, object]]]:
    """What was noted of `anna` since she was made."""
    with house.toolbox.database.read() as session:
        found = audits.listed(session, house.toolbox.vault, 20)
    assert {(one.who, one.about) for one in found} == {(CLI, anna(house).id)}
    return [(one.action, one.reason, dict(one.details)) for one in reversed(found)][1:]


def log_in(house: House) -> None:
    now = house.toolbox.clock.machine_now()
    with house.toolbox.database.write() as session:
        logins.begin(session, anna(house), BADGE, now)


def is_in(house: House, later: timedelta = timedelta()) -> bool:
    with house.toolbox.database.read() as session:
        return logins.find(session, BADGE, house.toolbox.clock.machine_now() + later) is not None


def test_each_deed_is_done_and_noted_once_however_often_it_is_asked_for(house: House, warden: Warden) -> None:
    for _ in range(2):
        warden.change_role("anna", "viewer", CLI, "on leave")
        warden.disable("anna", CLI, "has left")
    for _ in range(2):
        warden.enable("anna", CLI)
        warden.end_logins("anna", CLI)
    warden.set_password("anna", OTHER, CLI)
    assert fits(anna(house).password_hash, OTHER)
    assert not fits(anna(house).password_hash, WORDS)
    assert noted(house) == [
        ("admin.role", "on leave", {"was": "admin", "became": "viewer"}), ("admin.disable", "has left", {}),
        ("admin.enable", None, {}), ("admin.password", None, {}),
    ]  # fmt: skip


def test_another_app_takes_the_place_of_the_one_before(house: House, warden: Warden) -> None:
    before = admins.totp_of(house.toolbox.vault, anna(house))
    new = warden.renew_totp("anna", CLI)
    assert new != before
    assert admins.totp_of(house.toolbox.vault, anna(house)) == new
    assert warden.renew_totp("anna", CLI, totp="at-login") is None
    assert (anna(house).sealed_totp, anna(house).without_totp) == (None, False)
    assert warden.renew_totp("anna", CLI, totp="never") is None
    assert anna(house).without_totp
    assert warden.renew_totp("anna", CLI) is not None
    assert not anna(house).without_totp


def test_logins_end_with_what_they_stood_on(house: House, warden: Warden) -> None:
    deeds: tuple[Callable[[], object], ...] = (
        lambda: warden.change_role("anna", "operator", CLI), lambda: warden.set_password("anna", OTHER, CLI),
        lambda: warden.renew_totp("anna", CLI), lambda: warden.end_logins("anna", CLI),
        lambda: warden.disable("anna", CLI),
    )  # fmt: skip
    for deed in deeds:
        log_in(house)
        assert is_in(house)
        deed()
        assert not is_in(house)


def test_a_login_lasts_half_an_hour_without_a_sign_and_twelve_hours_with_signs(house: House, warden: Warden) -> None:
    log_in(house)
    now = house.toolbox.clock.machine_now()
    minute = timedelta(minutes=1)
    assert [is_in(house, later=later * minute) for later in (0, 29, 31)] == [True, True, False]
    with house.toolbox.database.write() as session:
        logins.see(session, logins.id_of(BADGE), now + timedelta(hours=11, minutes=45))
    assert [is_in(house, later=later * minute) for later in (11 * 60 + 58, 12 * 60 + 1)] == [True, False]


def test_what_is_refused_changes_nothing(house: House, warden: Warden) -> None:
    refusals: tuple[Callable[[], object], ...] = (
        lambda: warden.create("anna", "viewer", WORDS, CLI), lambda: warden.create("Anna K", "viewer", WORDS, CLI),
        lambda: warden.create("olga", "viewer", "too short", CLI), lambda: warden.set_password("anna", "anna" * 5, CLI),
        lambda: warden.disable("nobody", CLI), lambda: warden.change_role("anna' OR '1'='1", "viewer", CLI),
    )  # fmt: skip
    for refused in refusals:
        with pytest.raises(NotChanged):
            refused()
    assert noted(house) == []
    assert fits(anna(house).password_hash, WORDS)


def test_one_step_of_an_app_is_used_by_one(house: House, warden: Warden) -> None:
    with house.toolbox.database.write() as session:
        assert [admins.use_step(session, anna(house).id, step) for step in (7, 7, 6, 8)] == [True, False, False, True]


def test_no_account_and_another_password_are_told_alike(house: House, warden: Warden) -> None:
    assert not fits(None, WORDS)
    assert not fits(anna(house).password_hash, OTHER)
