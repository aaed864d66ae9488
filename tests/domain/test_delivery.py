"""What an SMTP answer means for a letter."""

from datetime import timedelta

import pytest

from domain.delivery import Verdict, verdict
from schemas.smtp import SmtpAnswer

MINUTES = {one: timedelta(minutes=one) for one in (1, 5, 15, 30)}


def test_an_accepted_letter_is_sent() -> None:
    assert verdict(SmtpAnswer("after-data", 250, "2.0.0"), tries=1) == Verdict("sent", None)


def test_a_recipient_that_does_not_exist_is_final() -> None:
    answer = SmtpAnswer("recipient", 550, "5.1.1")
    assert verdict(answer, tries=1) == Verdict("failed", "smtp-550-5.1.1")


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
    assert verdict(answer, tries=1) == Verdict("planned", str(answer), MINUTES[30])


@pytest.mark.parametrize(
    "answer",
    [SmtpAnswer("recipient", 553, "5.6.7"), SmtpAnswer("sender", 550, "5.6.7"), SmtpAnswer("after-data", 554, "5.6.9")],
)
def test_an_address_that_somebody_on_the_way_cannot_write_is_left_to_a_person(answer: SmtpAnswer) -> None:
    assert verdict(answer, tries=1) == Verdict("failed", "address-needs-smtputf8")
