"""What an SMTP answer means for a letter."""

from datetime import timedelta
from typing import get_args

import pytest

from config.settings import ROOT
from domain.delivery import BEGINNINGS, TRANSITIONS, Verdict, stops, verdict
from schemas.outcome import LetterState
from schemas.smtp import SmtpAnswer

MINUTES = {one: timedelta(minutes=one) for one in (1, 5, 15, 30)}


def test_an_accepted_letter_is_sent() -> None:
    assert verdict(SmtpAnswer("after-data", 250, "2.0.0"), tries=1) == Verdict("sent", None)


def test_a_recipient_that_does_not_exist_is_final() -> None:
    answer = SmtpAnswer("recipient", 550, "5.1.1")
    assert verdict(answer, tries=1) == Verdict("failed", "smtp-550-5.1.1", None, "address")


def test_a_refusal_without_an_enhanced_code_is_final() -> None:
    assert verdict(SmtpAnswer("after-data", 554), tries=1) == Verdict("failed", "smtp-554")


@pytest.mark.parametrize(("tries", "minutes"), [(1, 1), (2, 5), (3, 15), (4, 30), (5, 30), (100, 30)])
def test_a_temporary_refusal_is_tried_again_later_and_later(tries: int, minutes: int) -> None:
    answer = SmtpAnswer("recipient", 451, "4.7.1")
    assert verdict(answer, tries) == Verdict("planned", "smtp-451-4.7.1", MINUTES[minutes])


def test_a_server_that_is_not_reached_is_tried_again() -> None:
    assert verdict(SmtpAnswer("connect"), tries=1) == Verdict("planned", "server-not-reached", MINUTES[1])


def test_a_connection_lost_after_the_letter_was_handed_over_leaves_it_unknown_and_to_be_repeated() -> None:
    assert verdict(SmtpAnswer("after-data"), tries=1) == Verdict("planned", "connection-lost-after-data", MINUTES[1])


@pytest.mark.parametrize(
    "answer",
    [
        SmtpAnswer("connect", 554, "5.3.2"),
        SmtpAnswer("sender", 550),
        SmtpAnswer("after-data", 550, "5.7.1"),
        SmtpAnswer("recipient", 553, "5.1.8"),
    ],
)
def test_a_refusal_of_ourselves_gives_no_letter_up(answer: SmtpAnswer) -> None:
    assert verdict(answer, tries=1) == Verdict("planned", str(answer), MINUTES[30], "us")


@pytest.mark.parametrize(
    "answer",
    [SmtpAnswer("recipient", 553, "5.6.7"), SmtpAnswer("sender", 550, "5.6.7"), SmtpAnswer("after-data", 554, "5.6.9")],
)
def test_an_address_that_somebody_on_the_way_cannot_write_is_left_to_a_person(answer: SmtpAnswer) -> None:
    assert verdict(answer, tries=1) == Verdict("failed", "address-needs-smtputf8")


@pytest.mark.parametrize("detail", ["1.1", "1.2", "1.3", "1.6", "1.10", "2.1"])
def test_an_address_that_is_none_is_told_from_other_refusals(detail: str) -> None:
    assert verdict(SmtpAnswer("recipient", 550, f"5.{detail}"), tries=1).concern == "address"


@pytest.mark.parametrize(
    ("answer", "concern"),
    [
        (SmtpAnswer("after-data", 550), "letter"),
        (SmtpAnswer("recipient", 450, "4.1.1"), "letter"),
        (SmtpAnswer("recipient", 550, "5.4.1"), "letter"),
        (SmtpAnswer("recipient", 553, "5.1.7"), "us"),
        (SmtpAnswer("recipient", 550, "5.7.26"), "us"),
        (SmtpAnswer("sender", 552, "5.3.4"), "us"),
        (SmtpAnswer("connect", 535, "5.7.8"), "us"),
        (SmtpAnswer("recipient", 421, "4.7.28"), "domain"),
        (SmtpAnswer("recipient", 450, "4.7.28"), "domain"),
        (SmtpAnswer("recipient", 452, "4.2.2"), "mailbox"),
        (SmtpAnswer("after-data", 552, "5.2.2"), "mailbox"),
    ],
)
def test_whom_a_refusal_is_about(answer: SmtpAnswer, concern: str) -> None:
    assert verdict(answer, tries=1).concern == concern


def test_a_full_mailbox_is_tried_three_times_more_over_five_days() -> None:
    answer = SmtpAnswer("recipient", 552, "5.2.2")
    full = [verdict(answer, tries, [str(answer)] * (tries - 1)) for tries in (1, 2, 3, 4)]
    assert sum((one.wait for one in full if one.wait), timedelta()) == timedelta(days=5)
    assert full[3] == Verdict("failed", "mailbox-full", None, "mailbox")


def test_other_troubles_on_the_way_to_a_mailbox_that_is_full_do_not_count() -> None:
    past = ["smtp-451-4.7.1", "server-not-reached", "worker-gone", "smtp-450-4.1.1", "smtp-452-4.2.2"]
    judged = verdict(SmtpAnswer("recipient", 452, "4.2.2"), 6, past)
    assert judged == Verdict("planned", "smtp-452-4.2.2", timedelta(hours=23), "mailbox")


def test_a_domain_that_wants_less_is_left_alone_for_ten_minutes_and_then_longer() -> None:
    slower = SmtpAnswer("recipient", 421, "4.7.28")
    assert [verdict(slower, tries).wait for tries in (1, 2, 3, 4, 9)] == [
        timedelta(minutes=one) for one in (10, 20, 40, 60, 60)
    ]


def test_a_refusal_of_our_sender_stops_all_at_once() -> None:
    assert stops(SmtpAnswer("sender", 550, "5.7.1"), 0, 0) == "relay"
    assert stops(SmtpAnswer("connect", 535, "5.7.8"), 0, 0) == "relay"
    assert stops(SmtpAnswer("sender", 552, "5.3.4"), 1, 1) is None


def test_a_refusal_of_what_we_send_stops_a_domain_when_five_recipients_hear_it_and_all_when_five_domains_do() -> None:
    ours = SmtpAnswer("after-data", 550, "5.7.1")
    assert [stops(ours, number, 1) for number in (1, 4, 5)] == [None, None, "domain"]
    assert [stops(ours, 1, number) for number in (1, 4, 5)] == [None, None, "relay"]
    assert stops(SmtpAnswer("recipient", 550, "5.1.1"), 9, 9) is None


def test_every_state_is_reached_from_a_beginning_and_says_where_it_leads() -> None:
    assert set(TRANSITIONS) == set(get_args(LetterState))
    reached = BEGINNINGS.union(*TRANSITIONS.values())
    assert reached == set(TRANSITIONS)


def test_the_papers_draw_the_same_transitions() -> None:
    drawn = (ROOT / "docs" / "letters.md").read_text("utf-8").partition("stateDiagram-v2")[2].partition("```")[0]
    arrows = [tuple(line.split(" --> ")) for line in drawn.split("\n") if "-->" in line]
    arrows = [(before.strip(), after.strip()) for before, after in arrows]
    expected = [("[*]", one) for one in BEGINNINGS]
    expected += [(before, after) for before, reached in TRANSITIONS.items() for after in reached]
    assert sorted(arrows) == sorted(expected)
