"""One participant in the terminal: masked, revealed with a reason, and helped as in the monitor."""

import json
import subprocess
import sys

from adapters.database import audits
from tests.cli.conftest import Convenor, answer, environment_of
from tests.house import OLGA, House

WHY = ("--reason", "She called")


def registered(house: House) -> str:
    found = house.envelope(house.register(OLGA)).participant_id
    assert found is not None
    return found


def noted(house: House) -> list[tuple[str, str | None, str | None]]:
    with house.toolbox.database.read() as session:
        return [(one.action, one.about, one.reason) for one in audits.listed(session, house.toolbox.vault, 9)]


def test_somebody_is_shown_masked_and_revealed_only_with_a_reason(house: House, convenor: Convenor) -> None:
    one = registered(house)
    shown = convenor("participant", "show", OLGA["email"])
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.startswith(f"{one}  o…@mission.example.org  alliance-2021  en  standard\n")
    assert "Petrenko" not in shown.stdout
    assert convenor("participant", "show", one, "--reveal").returncode == 2
    assert noted(house) == []
    revealed = answer(convenor("participant", "show", one, "--reveal", *WHY, "--json"))
    assert (revealed["revealed"]["address"], revealed["findings"]) == (OLGA["email"], [])
    assert noted(house) == [("participant-revealed", one, "She called")]


def test_mail_is_held_once_and_the_audit_tells_it(house: House, convenor: Convenor) -> None:
    one = registered(house)
    done = [convenor("participant", "hold", one, *WHY) for _ in range(2)]
    assert [each.returncode for each in done] == [0, 1]
    assert done[0].stdout == "No mail goes to this person until it is released.\n"
    assert done[1].stdout == "Nothing was changed. Their mail is held already.\n"
    (audit,) = answer(convenor("audit", "--about", one, "--json"))
    assert (audit["did"], audit["reason"]) == ("held all mail to somebody", "She called")


def test_an_address_is_asked_for_and_stands_in_no_command(house: House) -> None:
    one = registered(house)
    command = [sys.executable, "-m", "cli.main", "participant", "correct-address", one, *WHY]
    done = subprocess.run(command, env=environment_of(house), check=False, capture_output=True, text=True, timeout=60,
                          input="olga@ngo.example.org\n")  # fmt: skip
    assert (done.returncode, done.stdout.strip().partition(",")[0]) == (0, "The address is corrected"), done.stderr
    assert [action for action, _, _ in noted(house)] == ["address-corrected"]


def test_who_is_not_known_and_what_may_not_be_is_said(house: House, convenor: Convenor) -> None:
    assert (nobody := convenor("participant", "show", "nobody@example.org")).returncode == 1
    assert nobody.stderr == "Nobody is known by this.\n"
    assert convenor("participant", "hold", registered(house), "--reason", " ").returncode == 2


def test_all_that_is_kept_is_written_for_themselves(house: House, convenor: Convenor) -> None:
    one = registered(house)
    written = json.loads(convenor("participant", "export", one, *WHY).stdout)
    assert written["revealed"]["profile"]["full_name"] == OLGA["full_name"]
    assert noted(house) == [("participant-exported", one, "She called")]
