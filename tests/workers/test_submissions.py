"""Rejected submissions: opened, corrected, judged again, set aside. What was not meant stays sealed as it came."""

import json

import pytest

from adapters.database import audits, envelopes
from adapters.database.audits import Audit
from adapters.database.submissions import Sought
from adapters.database.tables import EnvelopeRow
from domain.submissions import NotCorrected, NotJudged
from tests.house import OLGA, House
from workers import app as corridor
from workers.submissions import Submissions

WRONG = OLGA | {"sessions": ["no-such-session"], "email": "olga@mision.example.org"}
RIGHT = {"sessions": ["survivor-voices"], "email": OLGA["email"]}
OPEN = Sought(open=True)


@pytest.fixture
def house(house: House) -> House:
    corridor.configure(house.toolbox.settings)
    corridor.use(house.toolbox)
    return house


@pytest.fixture
def clerk(house: House) -> Submissions:
    return Submissions(house.toolbox)


def noted(house: House) -> list[Audit]:
    with house.toolbox.database.read() as session:
        return audits.listed(session, house.toolbox.vault, 20)


def stored(house: House, envelope: str) -> EnvelopeRow:
    return house.envelope(envelope)


def test_a_corrected_copy_is_accepted_and_the_original_stays_as_it_came(house: House, clerk: Submissions) -> None:
    wrong = house.register(WRONG)
    before = stored(house, wrong).sealed_body
    copy = clerk.correct(wrong, RIGHT, "admin:ada", "By telephone")
    house.process(copy)
    house.deliver()
    assert [mail.message["To"].addresses[0].addr_spec for mail in house.mail] == [OLGA["email"]]
    original, corrected = stored(house, wrong), stored(house, copy)
    assert (original.state, original.sealed_body, original.set_aside_at) == (
        "rejected", before, house.toolbox.clock.now(),
    )  # fmt: skip
    assert (corrected.state, corrected.source, corrected.corrects) == ("accepted", "corrected", wrong)
    assert corrected.machine_received == original.machine_received
    opened = envelopes.opened(corrected, house.toolbox.vault)
    said = json.loads(opened.body)["data"]
    assert (said["full_name"], said["interpretation"]) == (OLGA["full_name"], OLGA["interpretation"])


def test_its_sender_is_not_told_any_more_that_it_was_not_understood(house: House, clerk: Submissions) -> None:
    wrong = house.register(WRONG)
    clerk.correct(wrong, RIGHT, "admin:ada", "By telephone")
    house.at("2021-06-01T10:00:00+02:00")
    house.deliver()
    assert [(row.state, row.reason) for row in house.outbox("not-understood")] == [("skipped", "resolved")]


def test_the_same_correction_twice_is_one_and_it_is_noted_without_what_it_says(
    house: House, clerk: Submissions
) -> None:
    wrong = house.register(WRONG)
    first, second = (clerk.correct(wrong, RIGHT, "admin:ada", "By telephone") for _ in range(2))
    assert first == second
    (one,) = noted(house)
    assert (one.who, one.action, one.about, one.reason) == ("admin:ada", "submission.correct", wrong, "By telephone")
    assert one.details == {"fields": ["email", "sessions"], "copy": first}


@pytest.mark.parametrize("given", [{"sessions": ["nothing-here"]}, {"email": "no address"}, {"full_name": None}])
def test_a_correction_that_would_be_rejected_again_is_refused(
    house: House, clerk: Submissions, given: dict[str, object]
) -> None:
    wrong = house.register(WRONG)
    with pytest.raises(NotCorrected) as refused:
        clerk.correct(wrong, RIGHT | given, "admin:ada", "x")
    assert {one.field for one in refused.value.reasons} == set(given)
    assert (stored(house, wrong).set_aside_at, noted(house)) == (None, [])


def test_what_was_accepted_or_was_no_registration_is_not_corrected(house: House, clerk: Submissions) -> None:
    accepted = house.register(OLGA)
    withdrawal = house.register({"email": "nobody@example.org"}, kind="registration.withdrawn")
    for envelope in (accepted, withdrawal, "env_nothing"):
        with pytest.raises(NotCorrected):
            clerk.correct(envelope, RIGHT, "admin:ada", "x")


def test_a_later_registration_is_not_undone_by_the_correction_of_an_older_one(house: House, clerk: Submissions) -> None:
    wrong = house.register(WRONG | {"email": OLGA["email"], "interpretation": "fr", "language": "fr"})
    house.register(OLGA | {"language": "de"})
    house.process(clerk.correct(wrong, {"sessions": ["survivor-voices"]}, "admin:ada", "x"))
    house.deliver()
    assert {str(mail.message["Content-Language"]) for mail in house.mail} == {"de"}


def test_who_opens_one_sees_what_it_says_and_is_noted(house: House, clerk: Submissions) -> None:
    wrong = house.register(WRONG)
    opened = clerk.open(wrong, "admin:ada", "They called")
    assert opened is not None
    assert (opened.fields["email"], opened.fields["sessions"]) == (WRONG["email"], ["no-such-session"])
    assert "no-such-session" in opened.text
    assert WRONG["email"] not in repr(opened)
    (one,) = noted(house)
    assert (one.action, one.about, one.reason, one.details) == ("submission.reveal", wrong, "They called", {})
    assert clerk.open("env_nothing", "admin:ada", "x") is None


def test_what_is_no_json_is_shown_as_it_came(house: House, clerk: Submissions) -> None:
    toolbox = house.toolbox
    with toolbox.database.write() as session:
        envelope = envelopes.record(
            session, toolbox.vault, conference="alliance-2021", source="standard", delivery_id="x",
            content_type="application/json", body=b"<script>\xff", now=toolbox.clock.now(),
            machine_now=toolbox.clock.machine_now(),
        ).id  # fmt: skip
    house.process(envelope)
    opened = clerk.open(envelope, "admin:ada", "x")
    assert opened is not None
    assert (opened.correctable, opened.text) == (False, "<script>\ufffd")


def test_many_are_judged_again_once_and_only_those_that_were_shown(house: House, clerk: Submissions) -> None:
    wrong = [house.register(WRONG | {"email": f"p{number}@example.org"}) for number in range(3)]
    plan = clerk.plan(OPEN)
    assert (plan.submissions, plan.codes) == (3, {"unknown-session": 3})
    house.register(WRONG | {"email": "p9@example.org"})
    with pytest.raises(NotJudged):
        clerk.replay(OPEN, plan.digest, "admin:ada", "The programme was mended")
    chosen = Sought(open=True, code="unknown-session", until=None)
    plan = clerk.plan(chosen)
    first, second = (clerk.replay(chosen, plan.digest, "admin:ada", "The programme was mended") for _ in range(2))
    assert (len(first), second) == (4, [])
    assert {stored(house, one).state for one in wrong} == {"received"}
    assert [(one.action, one.details["submissions"]) for one in noted(house)] == [("submissions.replay", 4)]


def test_what_is_set_aside_waits_for_nobody_and_can_be_judged_again_all_the_same(
    house: House, clerk: Submissions
) -> None:
    wrong = house.register(WRONG)
    assert clerk.set_aside([wrong, "env_nothing"], "admin:ada", "A test of theirs") == [wrong]
    assert clerk.set_aside([wrong], "admin:ada", "A test of theirs") == []
    assert clerk.plan(OPEN).submissions == 0
    assert clerk.replay([wrong], None, "admin:ada") == [wrong]
    assert stored(house, wrong).set_aside_at is None
