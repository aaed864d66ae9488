"""The pipe from a mail server, and addresses freed by hand."""

import subprocess
import sys

import pytest
from sqlalchemy import select

from adapters.database import envelopes
from adapters.database.tables import EnvelopeRow
from adapters.tokens import BounceTokens
from tests.cli.conftest import Convenor, answer, environment_of
from tests.domain.bounces.samples import report, statuses
from tests.house import OLGA, House
from tests.servers.imap import a_mailbox
from workers import intake

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # each command is a process


def piped(house: House, raw: bytes, *arguments: str, **changes: str) -> "subprocess.CompletedProcess[bytes]":
    """`convenor bounces read`, as a mail server runs it."""
    command = [sys.executable, "-m", "cli.main", "bounces", "read", *arguments]
    environment = environment_of(house) | changes
    return subprocess.run(command, env=environment, input=raw, check=False, capture_output=True, timeout=60)


def bounced(house: House) -> tuple[str, bytes]:
    """A letter that was sent; its envelope sender, and a report that names it nowhere."""
    house.register(OLGA)
    (row,) = house.outbox("invitation")
    sender = BounceTokens(house.toolbox.vault).address("bounces@mail.example.org", row.id)
    return sender, report(statuses("failed", "5.1.1"), to="undisclosed-recipients:;", letter="Subject: Invitation\n")


def judged(house: House) -> list[EnvelopeRow]:
    """All reports, after a worker has seen them."""
    with house.toolbox.database.read() as session:
        ids = list(session.scalars(select(EnvelopeRow.id).where(EnvelopeRow.source == "bounce")))
    for one in ids:
        intake.judge(house.toolbox, one)
    return [house.envelope(one) for one in ids]


def test_a_report_through_the_pipe_suppresses_the_address_until_somebody_frees_it(
    house: House, convenor: Convenor
) -> None:
    sender, raw = bounced(house)
    done = piped(house, b"From MAILER-DAEMON Tue Jun  1 09:30:00 2021\n" + raw, ORIGINAL_RECIPIENT=sender)
    assert (done.returncode, done.stdout) == (0, b"")
    assert [row.state for row in judged(house)] == ["accepted"]
    (bounce,) = answer(convenor("bounces", "--json"))
    assert (bounce["what"], bounce["class"], bounce["code"], bounce["source"]) == ("bounced", "hard", "5.1.1", "bounce")
    house.register(OLGA | {"sessions": ["day-1"]})
    shown = {(one["what"], one["state"], one["reason"]) for one in answer(convenor("failures", "--json"))}
    assert {("invitation", "held", "hard-bounce"), ("invitation", "bounced", "hard-5.1.1")} <= shown
    (one,) = answer(convenor("suppressions", "list", "--json"))
    assert (one["reason"], one["state"], one["participant"][:4]) == ("hard-bounce", "in force", "par_")
    done_by_hand = convenor("suppressions", "lift", one["id"], "--by", "A. Clerk", "--because", "spoke with her")
    assert (done_by_hand.returncode, done_by_hand.stdout[:15]) == (0, "1 of 1 lifted; ")
    (one,) = answer(convenor("suppressions", "list", "--json"))
    assert (one["state"], one["by"], one["because"]) == ("lifted", "A. Clerk", "spoke with her")
    assert convenor("suppressions", "lift", one["id"], "--by", "A. Clerk", "--because", "again").returncode == 1


def test_the_address_can_be_said_on_the_command_line(house: House) -> None:
    sender, raw = bounced(house)
    assert piped(house, raw, "--recipient", sender).returncode == 0
    assert [row.state for row in judged(house)] == ["accepted"]


def test_a_report_of_many_megabytes_is_read_to_its_end(house: House) -> None:
    _, raw = bounced(house)
    assert piped(house, raw + b"x" * 3_000_000).returncode == 0


@pytest.mark.parametrize(
    "changes",
    [
        {"CONVENOR_DATABASE_URL": "sqlite:////dev/null/all.db"}, {"CONVENOR_DATABASE_URL": "mysql://nobody"},
        {"CONVENOR_KEYS_FILE": "/dev/null/keys.json"},
    ],
)  # fmt: skip
def test_whatever_is_wrong_the_mail_server_is_told_to_come_again(house: House, changes: dict[str, str]) -> None:
    _, raw = bounced(house)
    done = piped(house, raw, **changes)
    assert (done.returncode, str(OLGA["email"]) in done.stderr.decode()) == (75, False)


def test_the_mailbox_is_emptied_when_somebody_asks(house: House, convenor: Convenor) -> None:
    with a_mailbox() as mailbox:
        mailbox.put(b"Subject: one\r\n\r\n1\r\n")
        done = convenor("bounces", "fetch", CONVENOR_BOUNCES_IMAP_URL=mailbox.url())
        assert (done.returncode, done.stdout) == (0, "1 taken.\n")
        away = convenor("bounces", "fetch", CONVENOR_BOUNCES_IMAP_URL=mailbox.url("Elsewhere"))
    assert (away.returncode, "no such folder" in away.stderr, "fictitious" in away.stderr) == (1, True, False)
    assert convenor("bounces", "fetch").returncode == 2


def test_the_inbox_lists_no_reports_that_were_understood(house: House, convenor: Convenor) -> None:
    sender, raw = bounced(house)
    piped(house, raw, "--recipient", sender)
    judged(house)
    assert [one["source"] for one in answer(convenor("inbox", "--json"))] == ["standard"]
    with house.toolbox.database.read() as session:
        assert envelopes.counts(session)["mail", "bounce", "accepted"] == 1
    assert "bounced" in [one["state"] for one in answer(convenor("outbox", "--json"))]
