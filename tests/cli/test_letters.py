"""Letters, submissions and pauses in the terminal."""

import json

from sqlalchemy import update

from adapters.database import audits, pauses
from adapters.database.tables import LetterRow
from tests.cli.conftest import Convenor, answer
from tests.house import OLGA, House

WHY = ("--reason", "The relay was wrong")


def deeds(house: House) -> list[tuple[str, str | None]]:
    with house.toolbox.database.read() as session:
        found = audits.listed(session, house.toolbox.vault, 20)
    assert {one.who.partition(":")[0] for one in found} <= {"cli"}
    return [(one.action, one.reason) for one in reversed(found)]


def test_letters_are_listed_held_released_and_replayed_by_a_digest(house: House, convenor: Convenor) -> None:
    house.process(house.receive(OLGA))
    (letter,) = house.outbox("invitation")
    (row,) = answer(convenor("outbox", "list", "--kind", "invitation", "--json"))
    assert (row["id"], row["state"], row["tries"]) == (letter.id, "planned", 0)
    assert convenor("outbox", "hold", letter.id, *WHY).stdout == "1 of 1: hold.\n"
    assert convenor("outbox", "hold", letter.id, *WHY).returncode == 1
    assert convenor("outbox", "release", letter.id).returncode == 0
    with house.toolbox.database.write() as session:
        for values in ({"state": "claimed"}, {"state": "failed", "reason": "smtp-550"}):
            session.execute(update(LetterRow).where(LetterRow.id == letter.id).values(**values))
    (group,) = answer(convenor("failures", "--groups", "--json"))
    assert (group["reason"], group["letters"], group["meaning"]) == (
        "smtp-550", 1, "The recipient's mail server refused it.",
    )  # fmt: skip
    (plan,) = answer(convenor("failures", "replay", "--of-reason", "smtp-550", "--dry-run", "--json"))
    assert (plan["letters"], plan["people"]) == (1, 1)
    of_reason = ("failures", "replay", "--of-reason", "smtp-550")
    assert convenor(*of_reason, "--digest", "0", *WHY).returncode == 1
    done = convenor(*of_reason, "--digest", str(plan["digest"]), *WHY)
    assert (done.returncode, done.stdout) == (0, "1 of 1 planned again.\n")
    assert deeds(house) == [("letters.hold", WHY[1]), ("letters.release", None), ("letters.replay", WHY[1])]


def test_a_rejected_submission_is_opened_corrected_and_set_aside(house: House, convenor: Convenor) -> None:
    wrong, other = (house.register(OLGA | {"sessions": ["nowhere"], "email": f"{one}@example.org"}) for one in "ab")
    assert convenor("inbox", "open", wrong, "--reason", " ").returncode == 2
    said = {row["field"]: row["value"] for row in answer(convenor("inbox", "open", wrong, *WHY, "--json"))}
    assert (said["email"], said["sessions"]) == ("a@example.org", ["nowhere"])
    assert convenor("inbox", "correct", wrong, "--set", "sessions=nothing", *WHY).returncode == 1
    assert convenor("inbox", "correct", wrong, "--set", "shoe_size=9", *WHY).returncode == 2
    corrected = convenor("inbox", "correct", wrong, "--set", "sessions=survivor-voices", *WHY)
    copy = corrected.stdout.split()[0]
    house.process(copy)
    assert (house.envelope(copy).state, house.envelope(copy).corrects) == ("accepted", wrong)
    assert convenor("inbox", "set-aside", other, *WHY).stdout == "1 of 1 set aside.\n"
    assert [one[0] for one in deeds(house)] == ["submission.reveal", "submission.correct", "submissions.set-aside"]


def test_mail_is_paused_for_a_reason_and_goes_on(house: House, convenor: Convenor) -> None:
    assert convenor("pause").returncode == 2
    assert convenor("pause", "everything", *WHY).returncode == 2
    assert convenor("pause", *WHY).stdout == "mail is paused.\n"
    assert convenor("pause", "mail", *WHY).stdout == "mail was paused already.\n"
    findings = {row["what"]: row["remedy"] for row in answer_of_doctor(convenor)}
    assert findings["mail"] == "let it go on with: convenor resume mail"
    with house.toolbox.database.read() as session:
        assert pauses.in_force(session) == {"mail"}
    assert [convenor("resume").stdout for _ in range(2)] == ["mail goes on.\n", "mail was not paused.\n"]
    assert deeds(house) == [("pause", WHY[1]), ("resume", None)]


def answer_of_doctor(convenor: Convenor) -> list[dict[str, object]]:
    """What it found, whatever its exit code."""

    found: list[dict[str, object]] = json.loads(convenor("doctor", "--json").stdout)
    return found
