"""Why somebody has got nothing: the worst first, with what to do."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from adapters.database.tables import (
    LETTER_KINDS,
    LETTER_STATES,
    PARTICIPATION,
    REGISTRANT_STATUSES,
    REGISTRATION_STATES,
    SUPPRESSION_REASONS,
)
from domain.diagnosis import Facts, Finding, Seat, Sent, findings
from domain.moments import written
from domain.story import ANSWERS, AT_ZOOM, LETTERS, REGISTRATIONS, STATES, because

AT = datetime(2021, 6, 14, 16, 0, tzinfo=UTC)
SEAT = Seat("Opening", "registered", waits_for_link=False, zoom=None)
WELL = Facts(
    domain="mission.example.org", is_noted=False, held_since=None, paused=(), muted_since=None, suppressed=(),
    letters=(Sent("invitation", "sent", None, AT, 1),), seats=(SEAT,),
)  # fmt: skip


THEIR_HOST = "Zoom says that they are the event’s host"
TAKEN_LATER = "The recipient's mail server could not take it for the moment (451-4.7.1)."


def found(**facts: Any) -> list[Finding]:
    return findings(replace(WELL, **facts), written)


def sent(state: str, reason: str | None, tries: int = 1) -> tuple[Sent, ...]:
    return (Sent("invitation", state, reason, AT, tries),)


def test_where_all_was_accepted_nothing_is_the_matter() -> None:
    assert found() == []


def test_a_refused_address_is_said_with_when_why_and_what_to_do() -> None:
    assert found(letters=sent("failed", "smtp-550-5.1.1")) == [
        Finding(
            "The mail server of mission.example.org refused a letter on 2021-06-14 18:00 CEST. The recipient's mail "
            "server says that nobody has this address (550-5.1.1). Letters that it did not take: 1.",
            "Correct the address, or contact them by other means.",
            "correct-address",
        )
    ]


def test_what_came_back_and_is_suppressed_since_is_one_matter() -> None:
    (one,) = found(letters=sent("bounced", "hard-5.1.1"), suppressed=[("hard-bounce", AT)])
    assert "nobody has this address (5.1.1)." in one.what
    assert "Nothing more is sent to it since 2021-06-14 18:00 CEST; letters held: 0." in one.what
    assert one.do.endswith("If it works after all, let letters go there again.")


def test_where_our_mail_is_refused_another_address_is_no_remedy() -> None:
    (one,) = found(letters=sent("failed", "smtp-554-5.7.1"))
    assert "refuses us, not the recipient (554-5.7.1)" in one.what
    assert one.do.startswith("Have whoever keeps the mail server look at its login")
    assert one.deed == ""


def test_held_letters_are_counted() -> None:
    (one,) = found(letters=sent("held", "mailbox-full"), suppressed=[("mailbox-full", AT)])
    assert one.what.startswith("Their address is suppressed. The mailbox is full, and has been for days. Nothing more")
    assert "letters held: 1" in one.what


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"held_since": AT}, "All mail to them is held by hand since 2021-06-14 18:00 CEST."),
        ({"paused": [("mail", AT)]}, "All mail is paused since 2021-06-14 18:00 CEST, to everybody."),
        ({"paused": [("delivery", AT)]},
         "All mail is paused (the queue delivery) since 2021-06-14 18:00 CEST, to everybody."),
        ({"paused": [("conferencing", AT)]},
         "Invitations and links are paused (the queue conferencing) since 2021-06-14 18:00 CEST, to everybody."),
        ({"paused": [("intake", AT)]},
         "What was submitted is not judged (the queue intake is paused) since 2021-06-14 18:00 CEST, to everybody."),
        ({"letters": sent("held", "by-hand")}, "Invitation: held by hand since 2021-06-14 18:00 CEST."),
        ({"letters": sent("planned", "smtp-451-4.7.1", 3)},
         f"Invitation: not taken yet, after 3 tries. {TAKEN_LATER}"),
        ({"letters": sent("expired", "too-late")},
         "Invitation: not sent, for it would have come too late (2021-06-14 18:00 CEST)."),
        ({"is_noted": True}, "What they sent could not be understood; they are registered for nothing."),
        ({"seats": ()}, "They are not registered for any session."),
        ({"seats": (SEAT, replace(SEAT, state="pending"))}, "Opening: approval is awaited."),
        ({"seats": (replace(SEAT, state="waitlisted"),)},
         "Opening: they are on the waiting list, and so not invited."),
        ({"seats": (replace(SEAT, state="offered"),)},
         "Opening: they were offered a place, and have not taken it yet."),
        ({"seats": (replace(SEAT, state="refused"),)}, "Opening: their registration was refused."),
        ({"seats": (replace(SEAT, waits_for_link=True, zoom="zoom-no-answer"),)},
         "Opening: the invitation waits for Zoom’s link. Zoom does not answer (zoom-no-answer)."),
        ({"seats": (replace(SEAT, waits_for_link=True, zoom="zoom-3027-host", held=True),)},
         f"Opening: Zoom does not take them, and so there is no invitation. {THEIR_HOST} (zoom-3027-host)."),
        ({"muted_since": AT}, "No reminders go to them since 2021-06-14 18:00 CEST, by their own wish."),
        ({"suppressed": [("complaint", AT)]},
         "No reminders go to them since 2021-06-14 18:00 CEST, by their own wish."),
    ],
)  # fmt: skip
def test_each_matter_is_said_in_a_sentence(facts: dict[str, Any], said: str) -> None:
    (one,) = found(**facts)
    assert one.what == said
    assert one.do


def test_a_pause_that_keeps_nothing_from_anybody_is_no_matter() -> None:
    assert found(paused=[("housekeeping", AT)]) == []


def test_where_a_page_can_do_something_it_is_named() -> None:
    seats = tuple(replace(SEAT, state=state) for state in ("pending", "waitlisted", "offered"))
    paused = [("mail", AT)]
    assert [one.path for one in found(seats=(SEAT, *seats), paused=paused)] == ["/pauses", *["/places"] * 3]


def test_there_are_words_for_all_that_the_tables_know() -> None:
    assert set(LETTERS) == set(LETTER_KINDS)
    assert set(LETTER_STATES) <= set(STATES)
    assert set(REGISTRATIONS) == set(REGISTRATION_STATES)
    assert set(AT_ZOOM) == set(REGISTRANT_STATUSES)
    assert set(ANSWERS) == set(PARTICIPATION)
    assert not [one for one in SUPPRESSION_REASONS if because(one) == one]
