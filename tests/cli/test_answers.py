"""`convenor answers`: counted, read from a pipe, a file or a mailbox, and looked into by the doctor."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select

from adapters.database import audits
from adapters.database.tables import EnvelopeRow
from tests.cli.conftest import Convenor, answer, environment_of
from tests.domain.answers import samples
from tests.domain.answers.samples import attendee, calendar, event, mail, thunderbird
from tests.house import OLGA, House
from tests.servers.imap import a_mailbox
from workers import intake

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # each command is a process

SESSION = "survivor-voices"


def piped(house: House, raw: bytes, *arguments: str, **changes: str) -> "subprocess.CompletedProcess[bytes]":
    """`convenor answers read`, as a mail server runs it."""
    command = [sys.executable, "-m", "cli.main", "answers", "read", *arguments]
    environment = environment_of(house) | changes
    return subprocess.run(command, env=environment, input=raw, check=False, capture_output=True, timeout=60)


def invited(house: House) -> str:
    """Olga has her invitation; the UID of its entry."""
    house.register(OLGA)
    return str(house.mail[0].event["UID"])


def countered(uid: str) -> bytes:
    said = event(attendee("TENTATIVE"), uid=uid, sequence="", more="COMMENT:An hour later?\n")
    return mail(calendar(said, method="METHOD:COUNTER\n"), "text/calendar; method=COUNTER")


def judge_all(house: House) -> list[EnvelopeRow]:
    with house.toolbox.database.read() as session:
        ids = list(session.scalars(select(EnvelopeRow.id).where(EnvelopeRow.source == "answer")))
    for one in ids:
        intake.judge(house.toolbox, one)
    return [house.envelope(one) for one in ids]


def test_an_answer_through_the_pipe_is_counted_and_its_words_are_for_who_asks(house: House, convenor: Convenor) -> None:
    done = piped(house, b"From olga Tue Jun  1 09:30:00 2021\n" + countered(invited(house)))
    assert (done.returncode, done.stdout) == (0, b"")
    assert [row.state for row in judge_all(house)] == ["accepted"]
    (row,) = [one for one in answer(convenor("answers", "--json")) if one["session"] == SESSION]
    assert row == {
        "conference": "alliance-2021", "session": SESSION, "registered": 1, "accepted": 0, "tentative": 0,
        "declined": 0, "delegated": 0, "countered": 1,
    }  # fmt: skip
    (said,) = answer(convenor("answers", "words", "--json"))
    assert (said["answer"], said["words"], said["proposed"][:16]) == ("countered", "An hour later?", "2021-06-14T18:00")
    with house.toolbox.database.read() as session:
        (audit,) = audits.listed(session, house.toolbox.vault, 10)
    assert (audit.action, audit.details, audit.who[:4]) == ("answers-shown", {"count": 1}, "cli:")


def test_what_is_no_answer_is_not_kept(house: House) -> None:
    for raw in (samples.A_PERSON, samples.THUNDERBIRD, b""):
        assert piped(house, raw).returncode == 0
    assert judge_all(house) == []


def test_files_may_be_mails_or_whole_mailboxes(house: House, tmp_path: Path) -> None:
    uid = invited(house)
    one = thunderbird(calendar(event(attendee("ACCEPTED"), uid=uid, sequence="")))
    (tmp_path / "one.eml").write_bytes(one)
    separator = b"From a@example.org Tue Jun  1 09:30:00 2021\n"
    several = b"\n\n".join(separator + raw.replace(b"\r\n", b"\n") for raw in (countered(uid), samples.A_PERSON, one))
    (tmp_path / "all.mbox").write_bytes(several + b"\n")
    done = piped(house, b"", str(tmp_path / "one.eml"), str(tmp_path / "all.mbox"))
    assert (done.returncode, done.stdout) == (0, b"3 answers taken, 1 other mails left out.\n")
    assert {row.state for row in judge_all(house)} == {"accepted"}
    assert piped(house, b"", str(tmp_path / "none.eml")).returncode == 2


def test_whatever_is_wrong_the_mail_server_is_told_to_come_again(house: House) -> None:
    raw = countered(invited(house))
    for changes in ({"CONVENOR_DATABASE_URL": "mysql://nobody"}, {"CONVENOR_KEYS_FILE": "/dev/null/keys.json"}):
        done = piped(house, raw, **changes)
        assert (done.returncode, str(OLGA["email"]) in done.stderr.decode()) == (75, False)


def test_the_mailbox_is_looked_through_when_somebody_asks(house: House, convenor: Convenor) -> None:
    with a_mailbox() as mailbox:
        mailbox.put(samples.A_PERSON, countered(invited(house)))
        done = convenor("answers", "fetch", CONVENOR_ANSWERS_IMAP_URL=mailbox.url())
        assert (done.returncode, done.stdout) == (0, "1 taken.\n")
        assert mailbox.messages == {1: samples.A_PERSON}
        away = convenor("answers", "fetch", CONVENOR_ANSWERS_IMAP_URL=mailbox.url("Elsewhere"))
    assert (away.returncode, "no such folder" in away.stderr, "fictitious" in away.stderr) == (1, True, False)
    assert convenor("answers", "fetch").returncode == 2


def findings(convenor: Convenor, **settings: str) -> dict[str, str]:
    """What the doctor says of mailboxes and answers."""
    found = json.loads(convenor("doctor", "--json", **settings).stdout)
    return {one["what"]: one["state"] for one in found if "answers" in one["what"] or "mailbox" in one["what"]}


def test_the_doctor_looks_into_the_mailboxes_and_at_who_reads_answers(house: House, convenor: Convenor) -> None:
    with a_mailbox() as mailbox:
        both = {"CONVENOR_ANSWERS_IMAP_URL": mailbox.url(), "CONVENOR_BOUNCES_IMAP_URL": mailbox.url("Elsewhere")}
        assert findings(convenor, **both) == {"mailbox of bounces": "wrong", "mailbox of answers": "well"}
    assert findings(convenor) == {"answers": "note"}
    assert findings(convenor, CONVENOR_MAIL_REPLY_TO="office@example.org") == {}
    assert findings(convenor, CONVENOR_MAIL_REPLY_TO="No-Reply@example.org") == {"answers": "wrong"}
