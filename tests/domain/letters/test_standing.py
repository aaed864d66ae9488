"""The letters that are neither invitation nor reminder: cancelled, awaited, offered, refused, not understood."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from icalendar import Calendar

from domain.letters.model import LetterKind, Offer, Order
from tests.domain.letters.samples import (
    ANSWER,
    CONFERENCE,
    DESK,
    LINK,
    MUTE,
    NO_LINK,
    PAGE,
    REGISTERING,
    REMINDERS,
    every_order,
    order,
    person,
    request,
    session,
    visit,
)

ORDERS = every_order()
FRIDAY = datetime(2021, 6, 11, 12, 0, tzinfo=UTC)
LANTERNS = session("lanterns").title
BEGINS = "Monday, 14 June 2021, 18:00 Vienna time · 12:00 New York"
TWO_SHORES = "Tuesday, 15 June 2021, 11:30 Vienna time · 05:30 New York"
UNTIL = "Saturday, 12 June 2021, 01:30 Vienna time · Friday, 11 June 2021, 19:30 New York"
WHEN = "Monday, 14 June 2021, 18:00–19:00 Vienna time (CEST, UTC+2) · 12:00–13:00 New York (UTC−4)"


def text(written: Order) -> str:
    """The text part on one line, as a reader takes it in."""
    return " ".join(DESK.write(written).text.split())


def description(written: Order) -> str:
    """What a calendar shows of the letter's entry."""
    (found,) = Calendar.from_ical(DESK.write(written).calendar or b"").walk("VEVENT")
    return str(found["DESCRIPTION"])


@pytest.mark.parametrize(
    ("kind", "opening"),
    [
        ("cancellation", f"We regret to inform you that this session has been cancelled. It was to take place: {WHEN}"),
        ("pending", f"Your registration for this session awaits approval by the organisers: {WHEN}"),
        ("waitlist", f"You are on the waiting list for this session: {WHEN}"),
        ("offer", f"A place has become available for you in this session: {WHEN}"),
        ("refusal", f"We regret that we were unable to accept your registration for this session: {WHEN}"),
        ("link-follows", f"You are invited to this session: {WHEN}"),
        ("last-reminder", f"You are registered for this session: {WHEN}"),
        ("week-digest, one", f"Here is your programme. Your session: {WHEN}"),
    ],
)
def test_a_letter_opens_with_how_things_stand_and_when(kind: str, opening: str) -> None:
    assert text(ORDERS[kind]).startswith(f"Dear Olga Petrenko, {opening}")


@pytest.mark.parametrize(
    ("kind", "subject"),
    [
        ("cancellation", "Cancelled: Lanterns"),
        ("pending", "Awaiting approval: Lanterns"),
        ("waitlist", "On the waiting list: Lanterns"),
        ("offer", f"A place for you: {LANTERNS} (please reply by: {UNTIL})"),
        ("refusal", "Your registration could not be accepted: Lanterns"),
        ("not-understood", "Please register again: 7th Harbour Conference on Safe Passage"),
        ("last-reminder", f"Last reminder: {LANTERNS} ({BEGINS})"),
        ("last-reminder, two", f"Last reminder: 2 sessions (the first: {TWO_SHORES})"),
        ("week-digest", f"Your programme: {CONFERENCE.title} (first session: {BEGINS})"),
        ("pending, several", "Awaiting approval: 3 sessions (7th Harbour Conference on Safe Passage)"),
        ("cancellation, several", "Cancelled: 2 sessions (7th Harbour Conference on Safe Passage)"),
    ],
)  # fmt: skip
def test_a_subject_says_what_it_is_about(kind: str, subject: str) -> None:
    assert DESK.write(ORDERS[kind]).subject.startswith(subject)


def test_a_cancelled_session_leaves_the_calendar_and_nothing_else_changes() -> None:
    written = ORDERS["cancellation"]
    assert b"method=CANCEL" in DESK.write(written).message
    assert (
        "The attached notice removes the session from your calendar. You do not need to do anything. Your "
        "registrations for other sessions are not affected by this letter."
    ) in text(written)
    assert description(written) == (
        "Monday, 14 June 2021\n18:00–19:00 Vienna time (CEST, UTC+2)\n12:00–13:00 New York (UTC−4)\n\n"
        "We regret to inform you that this session has been cancelled.\n\nhelp@harbour.example.org"
    )


def test_a_cancelled_session_without_a_certain_time_is_told_without_one() -> None:
    assert text(ORDERS["cancellation, not certain"]).startswith(
        "Dear Olga Petrenko, We regret to inform you that this session has been cancelled. The tide tables "
        "You do not need to do anything."
    )


@pytest.mark.parametrize("kind", ["pending", "waitlist", "refusal", "offer"])
def test_whoever_has_no_place_gets_neither_link_nor_calendar(kind: LetterKind) -> None:
    letter = DESK.write(order(kind, visit()))
    assert letter.calendar is None
    assert LINK not in letter.text + letter.html
    assert "Open your page for joining" not in letter.html


def test_who_awaits_approval_is_told_that_nothing_is_to_be_done() -> None:
    assert (
        "This letter is not an invitation yet. We will write to you as soon as a decision has been taken; you do "
        "not need to do anything until then."
    ) in text(ORDERS["pending"])


def test_several_that_await_approval_are_listed_and_an_open_time_is_called_open() -> None:
    said = text(ORDERS["pending, several"])
    assert said.startswith("Dear Olga Petrenko, Your registration for these 3 sessions awaits approval")
    assert "3. The tide tables Date and time are still to be confirmed." in said


def test_an_offer_says_until_when_on_both_clocks_and_where_to_answer() -> None:
    letter = DESK.write(ORDERS["offer"])
    assert (
        "Please reply by:\nSaturday, 12 June 2021\n01:30 Vienna time (CEST, UTC+2)\n"
        "Friday, 11 June 2021, 19:30 New York (UTC−4)\n\nAccept or decline the place\n"
        f"{ANSWER}\n\n"
    ) in letter.text
    assert f'href="{ANSWER}"' in letter.html
    assert "the place goes to the next person, and you are no longer on the waiting list." in text(ORDERS["offer"])


def test_two_offers_that_differ_in_their_address_alone_are_drafted_once() -> None:
    orders = [order("offer", visit(**NO_LINK), offer=Offer(FRIDAY, f"{ANSWER}-{name}")) for name in ("a", "b")]
    drafted = len(DESK._forms)
    texts = [DESK.write(one).text for one in orders]
    assert texts[0] == texts[1].replace(f"{ANSWER}-b", f"{ANSWER}-a")
    assert len(DESK._forms) == drafted + 1


def test_what_was_not_understood_is_said_in_sentences_and_nothing_is_lost() -> None:
    letter, said = (
        DESK.write(ORDERS["not-understood, several reasons"]),
        text(ORDERS["not-understood, several reasons"]),
    )
    assert (
        "The reasons: - An answer that we need is missing. - The form did not reach us as it should have. This is not "
        "your fault. - A session that was chosen is not in the programme. Register again "
        f"{REGISTERING} Nothing that you sent is lost: the secretariat has it, and will gladly help you."
    ) in said
    assert f'href="{REGISTERING}"' in letter.html
    assert letter.calendar is None


@pytest.mark.parametrize(
    ("code", "sentence"),
    [
        ("missing", "An answer that we need is missing."),
        ("too-long", "An answer is longer than we can take."),
        ("invalid", "An answer is not one of those that are possible."),
        ("unreadable", "An answer could not be read."),
        ("unknown-session", "A session that was chosen is not in the programme."),
        ("session-over", "All the sessions that were chosen are over."),
        ("session-cancelled", "A session that was chosen has been cancelled."),
        ("not-registered", "There is no registration under this address."),
        ("form-not-mapped", "The form did not reach us as it should have. This is not your fault."),
        ("not-json", "The form did not reach us as it should have. This is not your fault."),
    ],
)
def test_each_reason_has_its_sentence(code: str, sentence: str) -> None:
    assert f"The reason: - {sentence} " in text(order("not-understood", visits=(), problems=(code, code)))


def test_where_there_is_no_page_to_register_at_people_are_asked_to_write() -> None:
    said = text(ORDERS["not-understood, nowhere to register"])
    assert "Please write to us, and we will register you." in said
    assert "https://" not in said


def test_whoever_left_no_name_is_greeted_all_the_same() -> None:
    nameless = order("not-understood", visits=(), person=person(full_name=" ", title="Ambassador"))
    assert text(nameless).startswith("Dear participant, Thank you for registering.")


@pytest.mark.parametrize("name", [name for name, one in ORDERS.items() if one.kind in REMINDERS])
def test_a_reminder_ends_with_how_to_stop_reminders(name: str) -> None:
    letter = DESK.write(ORDERS[name])
    assert letter.text.endswith(
        "You can stop these reminders at any time. You will still receive invitations\nand letters about changes.\n\n"
        f"Stop reminders\n{MUTE}\n"
    )
    assert f'href="{MUTE}"' in letter.html


def test_where_reminders_cannot_be_stopped_nothing_is_said_of_it() -> None:
    assert "Stop reminders" not in text(replace(ORDERS["digest, one"], mute=None))


def test_a_week_before_all_sessions_are_listed_each_with_its_own_address() -> None:
    said = text(ORDERS["week-digest"])
    assert said.startswith(
        "Dear Olga Petrenko, Here is your programme, with 3 sessions. The first: Monday, 14 June 2021,"
    )
    assert said.index("1. Lanterns") < said.index("2. Two shores") < said.index("3. The night watch")
    assert said.count(f"Open your page for joining {LINK}") == 3
    assert f"Should you be unable to come, you can join online: Open your page for joining {LINK}" in said
    assert said.count("please do not pass them on") == 1


def test_links_to_zoom_itself_are_not_called_pages() -> None:
    said = text(ORDERS["week-digest, to Zoom itself"])
    assert "The addresses for joining are for you alone: please do not pass them on." in said
    assert "page" not in said.replace("please open your own page", "").replace(PAGE, "")


def test_a_title_in_another_language_than_the_letter_says_so_to_screen_readers() -> None:
    conference = ORDERS["invitation"].conference.model_copy(update={"language": "fr"})
    html = DESK.write(order(conference=conference)).html
    assert '<span lang="fr">Lanterns at the pier' in html
    assert '<span lang="fr">7th Harbour Conference on Safe Passage</span>' in html


def test_a_titles_translation_is_used_by_letter_and_calendar_where_there_is_one() -> None:
    own = ORDERS["invitation"].conference.model_dump(mode="json") | {"language": "fr"}
    own["sessions"][0]["translations"] = {"en": {"title": "Lights by the water"}}
    conference = type(ORDERS["invitation"].conference).model_validate(own)
    written = order("invitation", replace(visit(), session=conference.sessions[0]), conference=conference)
    (found,) = Calendar.from_ical(DESK.write(written).calendar or b"").walk("VEVENT")
    assert DESK.write(written).subject.startswith("Invitation: Lights by the water (")
    assert found["SUMMARY"] == "Lights by the water"


@pytest.mark.parametrize("name", [name for name, one in ORDERS.items() if one.calendar is not None])
def test_every_entry_says_when_on_both_clocks_and_whom_to_ask(name: str) -> None:
    """Rule 6 of the calendar's: some mail programs show nothing else."""
    said = description(ORDERS[name])
    assert "Vienna time (CEST, UTC+2)\n" in said
    assert "New York (UTC−4)\n" in said
    assert said.endswith("help@harbour.example.org")


def test_an_entry_of_a_link_that_follows_says_so() -> None:
    assert "Your personal link for joining will follow by email before the session." in description(
        order("link-follows", visit(join_link=None, link="follows"), calendar=request())
    )
