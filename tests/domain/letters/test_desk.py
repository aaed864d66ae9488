"""What each letter says, to whom, and what it refuses to say."""

import re
from dataclasses import replace
from datetime import date, time
from email import message_from_bytes, policy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar

from domain.letters.catalogues import load
from domain.letters.model import LetterError, Offer, Order, SessionNotConfirmed
from domain.letters.view import view_of
from domain.letters.wording import _remembered, for_text, in_columns
from schemas.programme import ZoomEvent
from tests.catalogues import extracted
from tests.domain.letters.samples import (
    ANSWER,
    CONFERENCE,
    DESK,
    FOLLOWS,
    LINK,
    LOCALE,
    NO_LINK,
    REMINDERS,
    SENDER,
    UNTIL,
    every_order,
    order,
    person,
    request,
    session,
    told,
    visit,
)

ORDERS = every_order()
BEFORE_THE_START = "appears fifteen minutes before the start"


def text(written: Order) -> str:
    """The text part on one line, as a reader takes it in."""
    return " ".join(DESK.write(written).text.split())


def event(written: Order) -> Any:
    calendar = DESK.write(written).calendar
    assert calendar is not None
    (found,) = Calendar.from_ical(calendar).walk("VEVENT")
    return found


@pytest.mark.parametrize("name", ORDERS)
def test_a_letter_is_the_same_bytes_each_time_and_its_parts_are_those_of_the_message(name: str) -> None:
    letter, again = DESK.write(ORDERS[name]), DESK.write(ORDERS[name])
    message = message_from_bytes(letter.message, policy=policy.default)
    parts = {part.get_content_type(): part.get_payload(decode=True) for part in message.walk()}
    assert letter == again
    assert message["Subject"] == letter.subject
    assert message["Content-Language"] == letter.language == "en"
    assert parts["text/plain"] == letter.text.replace("\n", "\r\n").encode()
    assert parts.get("text/calendar") == letter.calendar


@pytest.mark.parametrize("name", ORDERS)
def test_a_letter_weighs_far_less_than_gmail_clips(name: str) -> None:
    """D11: 90 KB of encoded HTML."""
    assert len(DESK.write(ORDERS[name]).message) < 40_000


@pytest.mark.parametrize("language", DESK.languages)
def test_a_letter_about_forty_sessions_is_not_clipped_either(language: str) -> None:
    """D11. Cyrillic takes twice the room, and titles are in it too."""
    title = "Выступления о том, как портовые города заботятся о детях, которые путешествуют одни, до берега"
    held = session("two-shores").model_copy(update={"title": title})
    visits = [
        replace(visit(interpretation="ru"), session=held.model_copy(update={"id": f"session-{number}"}))
        for number in range(40)
    ]
    letter = DESK.write(order("week-digest", *visits, person=person(language=language)))
    (html,) = [one for one in message_from_bytes(letter.message).walk() if one.get_content_type() == "text/html"]
    assert len(html.get_payload()) < 90_000
    assert letter.html.count(title) == 2 * 40  # as a heading, and in what its link is called


WITHOUT_A_TIME = [
    name for name, one in ORDERS.items()
    if one.kind == "not-understood" or "certain" in name
    or (one.kind in ("pending", "waitlist", "refusal", "cancellation", "withdrawal") and len(one.visits) > 1)
]  # fmt: skip


@pytest.mark.parametrize("name", sorted(ORDERS.keys() - set(WITHOUT_A_TIME)))
def test_the_first_sentence_carries_date_time_and_zone_on_both_clocks(name: str) -> None:
    """T5: it is what lists of mail show."""
    first_sentence = text(ORDERS[name]).removeprefix("Dear Olga Petrenko, ")[:210]
    assert re.search(r"(Monday, 14|Tuesday, 15) June 2021", first_sentence)
    assert re.search(r"1[128]:[03]0(–1[39]:[03]0)? Vienna time", first_sentence)
    assert re.search(r"· (05|06|12):[03]0(–(13|07):[03]0)? New York", first_sentence)


def test_an_invitation_says_when_on_both_clocks_how_to_join_and_whom_to_ask() -> None:
    said = text(ORDERS["invitation"])
    for fact in (
        "18:00–19:00 Vienna time (CEST, UTC+2)",
        "12:00–13:00 New York (UTC−4)",
        "Lanterns at the pier: how harbour towns watch over children who travel alone, & what follows",
        "Convened by: Office of the Lighthouse Keepers; Guild of Pilots",
        "The page is for you alone: please do not pass its address on.",
        LINK,
        "please write to: help@harbour.example.org",
        "Harbour Conference Secretariat 7th Harbour Conference on Safe Passage",
    ):
        assert fact in said


def test_who_lives_by_vienna_time_reads_it_once() -> None:
    assert "New York" in text(order())
    assert text(order(person=person(time_zone="Europe/Warsaw"))).count("18:00–19:00") == 2
    assert "Warsaw" not in text(order(person=person(time_zone="Europe/Warsaw")))


def test_the_interpretation_wished_for_is_the_channel_to_choose() -> None:
    said = text(ORDERS["invitation, interpreted"])
    assert "Languages: English → Russian and French (simultaneous interpretation)" in said
    assert (
        "Interpretation Zoom shows the globe only once the host has started the interpretation. Please choose a "
        "channel even if you understand the speakers: others may speak another language. "
        "On a computer or in the browser Choose “Interpretation” (the globe) at the bottom of the Zoom window. "
        "On a phone or tablet Tap “More” (the three dots), then “Interpretation”. "
        "- Under “Listen In”, choose “Russian”. - To hear only the interpretation, choose “Mute Original Audio”. "
        "- To return to the original sound, choose “Original Audio” or “Original Audio (Interpretation off)” in "
        "the same menu."
    ) in said


def test_the_join_page_teaches_the_same_steps_in_the_same_words() -> None:
    """So that both are translated alike."""
    page, letters = extracted("pages.cfg"), extracted("babel.cfg")
    steps = {one for one in letters if "%(listen)s" in str(one) or "%(mute)s" in str(one) or one[0] == "Zoom"}
    assert len(steps) == 9
    assert steps <= page


def test_without_a_wish_any_channel_may_be_chosen() -> None:
    assert "Under “Listen In”, choose the language that you wish to hear." in text(
        ORDERS["invitation, channel to choose"]
    )


def test_a_wish_that_cannot_be_met_is_told_kindly_and_before_anything_else() -> None:
    said = text(ORDERS["invitation, not interpreted"])
    regret = "Unfortunately, the language that you asked for (Italian) is not available for this session."
    assert said.index(regret) < said.index("Two shores, one count")


def test_a_wish_for_the_language_of_the_room_is_no_wish_for_interpretation() -> None:
    said = text(order("invitation", visit(interpretation="en")))
    assert "Unfortunately" not in said
    assert "interpretation" not in said


def test_who_comes_in_person_learns_the_room_and_who_may_come_and_no_channel() -> None:
    said = text(ORDERS["invitation, in person"])
    assert "Where: Room 3, Old Customs House May attend in person: delegations only" in said
    assert "Zoom" not in said


def test_who_follows_a_hybrid_session_online_learns_of_the_room_too() -> None:
    said = text(ORDERS["invitation, hybrid online"])
    assert "Where: Online, on Zoom Also in person: Room 3, Old Customs House" in said


def test_a_link_that_is_not_there_yet_is_said_to_follow() -> None:
    assert (
        "Your personal link for joining will follow by email before the session. You do not need to do anything until "
        "your link comes. The letter with your link brings a new calendar entry, which replaces the one attached to "
        "this letter."
    ) in text(ORDERS["link-follows"])
    assert "URL" not in event(ORDERS["link-follows"])


@pytest.mark.parametrize(
    ("changes", "subject", "said"),
    [
        (
            ("link-arrived",),
            "Your link for joining: ",
            "Your personal link for this session is now available. Date and time: Monday",
        ),
        (("link-renewed",), "New link for joining: ", "earlier one no longer works. Date and time: Monday"),
        (("details",), "Changed: ", "Details of this session have changed. Date and time: Monday, 14 June 2021"),
        (("link-arrived", "details"), "Changed: ", "Details of this session have changed. Date and time: Monday"),
    ],
)
def test_an_update_says_what_is_new(changes: Any, subject: str, said: str) -> None:
    written = order("update", changes=changes)
    assert DESK.write(written).subject.startswith(subject)
    assert said in text(written)


@pytest.mark.parametrize(
    ("name", "said", "button"),
    [
        ("invitation", "Please join from your personal page. Its button to Zoom", "Open your page for joining"),
        ("invitation, hybrid in person", "Should you be unable to come, you can join online from your personal page",
         "Open your page for joining"),
        ("invitation, to Zoom itself", "Please join with your personal link. It is for you", "Join on Zoom"),
        ("invitation, hybrid, Zoom itself", "you can join online with your personal link.", "Join on Zoom"),
    ],
)  # fmt: skip
def test_a_letter_says_whether_its_link_opens_the_persons_page_or_zoom(name: str, said: str, button: str) -> None:
    """D12."""
    assert said in text(ORDERS[name])
    assert button in DESK.write(ORDERS[name]).html
    assert ("appears fifteen minutes before the start" in text(ORDERS[name])) == ("page" in said)


@pytest.mark.parametrize("visibility", ["standard", "discreet"])
def test_where_attendance_is_recorded_letter_and_entry_announce_it_to_who_may_join(visibility: str) -> None:
    watched = session("lanterns").model_copy(update={"zoom": ZoomEvent(account="harbour", record_attendance=True)})
    whose: dict[str, Any] = {"person": person(visibility=visibility)}
    written = order("invitation", replace(visit(), session=watched), **whose)
    announced = "The times at which you join and leave this session on Zoom are recorded for its organisers."
    assert announced in text(written)
    assert announced in str(event(written)["DESCRIPTION"])
    assert announced not in text(order("invitation", replace(visit(**NO_LINK), session=watched), **whose))
    assert announced not in text(order(**whose))


def test_links_that_were_asked_for_come_with_their_times_and_without_a_calendar_entry() -> None:
    letter, said = DESK.write(ORDERS["notice"]), text(ORDERS["notice"])
    assert letter.subject == "Your links for joining: 7th Harbour Conference on Safe Passage"
    assert said.startswith(
        "Dear Olga Petrenko, You asked how to join. You have 3 sessions. The first: Monday, 14 June 2021, 18:00"
    )
    assert said.index("1. Lanterns") < said.index(LINK) < said.index("2. Two shores") < said.index("3. The night")
    assert said.index("3. The night") < said.index("Still to be confirmed") < said.index("- The tide tables")
    assert "If you did not ask for this letter, you do not need to do anything" in said
    assert letter.calendar is None


def test_who_asks_before_any_time_is_certain_is_told_so() -> None:
    said = text(ORDERS["notice, none certain"])
    assert "You asked how to join. Date and time of what you chose are still to be confirmed." in said
    assert "- The tide tables" in said


def test_a_withdrawal_is_neutral_and_takes_the_session_out_of_the_calendar() -> None:
    written = ORDERS["withdrawal"]
    assert "You are no longer registered for this session: Monday, 14 June 2021, 18:00–19:00" in text(written)
    assert (event(written)["STATUS"], event(written)["SEQUENCE"]) == ("CANCELLED", 1)
    assert b"method=CANCEL" in DESK.write(written).message
    assert LINK.encode() not in (DESK.write(written).calendar or b"").replace(b"\r\n ", b"")


def test_a_confirmation_lists_all_in_order_of_time_points_out_overlaps_and_promises_no_open_time() -> None:
    said = text(ORDERS["confirmation"])
    assert said.index("1. Lanterns at the pier") < said.index("2. Two shores") < said.index("3. The night watch")
    assert "Tuesday, 15 June 2021 - 11:30–13:00: Two shores, one count - 12:00–13:30: The night watch" in said
    assert "Still to be confirmed; we will write to you as soon as the time is certain: - The tide tables" in said
    assert "16 June" not in said
    assert "The hour is open" not in said  # why it is open is for the secretariat
    assert "https://harbour.example.org/privacy" in said


def test_a_confirmation_lists_sessions_by_time_whatever_their_order() -> None:
    visits = ORDERS["confirmation"].visits
    assert text(replace(ORDERS["confirmation"], visits=visits[::-1])).index("1. Lanterns at the pier") > 0


def test_a_reminder_stays_true_when_it_is_read_late() -> None:
    """R4: absolute times."""
    for name in (name for name, one in ORDERS.items() if one.kind in REMINDERS):
        said = f"{DESK.write(ORDERS[name]).subject} {text(ORDERS[name])}".casefold().replace(BEFORE_THE_START, "")
        assert not {"today", "tomorrow", "hour", "minutes", "soon", "now"} & set(said.replace(".", " ").split())


def test_a_reminder_of_what_has_begun_says_so_in_its_subject() -> None:
    assert DESK.write(ORDERS["reminder, under way"]).subject.startswith("Under way: Lanterns")
    assert DESK.write(ORDERS["reminder, under way"]).subject.endswith(
        " (began: Monday, 14 June 2021, 18:00 Vienna time · 12:00 New York)"
    )


def test_a_digest_has_all_of_the_days_sessions_each_with_its_link_or_room() -> None:
    said = text(ORDERS["digest, two"])
    assert (
        DESK.write(ORDERS["digest, two"]).subject
        == "Your 2 sessions: Tuesday, 15 June 2021, 11:30 Vienna time · 05:30 New York"
    )
    assert said.index("1. Two shores") < said.index(LINK) < said.index("2. The night watch") < said.index("Room 3")


def test_a_digest_points_out_overlaps_too() -> None:
    said = text(ORDERS["digest, two"])
    assert "overlap: Tuesday, 15 June 2021 - 11:30–13:00: Two shores, one count - 12:00–13:30: The night" in said


def test_sessions_that_overlap_in_a_chain_are_listed_once_each_and_in_order_of_time() -> None:
    early, late = visit("two-shores"), visit("night-watch")
    evening = replace(visit(), session=session("lanterns").model_copy(update={"date": date(2021, 6, 15)}))
    other = replace(visit(), session=session("lanterns").model_copy(update={"id": "other", "date": date(2021, 6, 15)}))
    listed = order("digest", other, evening, late, early, overlaps=((late, early), (other, evening), (evening, other)))
    assert [[one.title.text[:8] for one in group] for group in view_of(listed, load(LOCALE)["en"]).clashes] == [
        ["Two shor", "The nigh"], ["Lanterns", "Lanterns"]
    ]  # fmt: skip


def test_dates_and_zones_are_never_broken_over_two_lines_of_text() -> None:
    said = "x" * 50 + " понедельник, 14 июня 2021 г., 18:00 " + "x" * 24 + " (MESZ, UTC+2) 14 de junio de 2021"
    assert in_columns(said).splitlines() == [
        "x" * 50 + " понедельник,",
        "14 июня 2021 г., 18:00 " + "x" * 24 + " (MESZ, UTC+2)",
        "14 de junio de 2021",
    ]


@pytest.mark.parametrize(
    ("said", "lines"),
    [
        (
            "Your session: Wednesday, 16 June 2021, 11:30–13:00 Vienna time (CEST, UTC+2) · 05:30–07:00 Lima (UTC−5)",
            [
                "Your session: Wednesday, 16 June 2021,",
                "11:30–13:00 Vienna time (CEST, UTC+2) · 05:30–07:00 Lima (UTC−5)",
            ],
        ),
        (
            "You are welcome still; it began: Monday, 14 June 2021, 18:00 Vienna time · 12:00 New York",
            ["You are welcome still; it began: Monday, 14 June 2021, 18:00 Vienna time ·", "12:00 New York"],
        ),
        (
            "Termin: Mittwoch, 16. Juni 2021, 11:30–13:00 Uhr Wiener Zeit (MESZ, UTC+2) · New York: 05:30 Uhr (UTC−4)",
            [
                "Termin: Mittwoch, 16. Juni 2021, 11:30–13:00 Uhr Wiener Zeit (MESZ, UTC+2) ·",
                "New York: 05:30 Uhr (UTC−4)",
            ],
        ),
        (
            "Votre séance : lundi 14 juin 2021, 18:00–19:00, heure de Vienne (CEST, UTC+2) · 18:00–19:00 UTC+5",
            [
                "Votre séance : lundi 14 juin 2021,",
                "18:00–19:00, heure de Vienne (CEST, UTC+2) · 18:00–19:00 UTC+5",
            ],
        ),
    ],
)
def test_hours_stay_with_their_city_and_zone_and_no_line_begins_with_a_dot(said: str, lines: list[str]) -> None:
    assert in_columns(said).splitlines() == lines


def test_hours_of_several_days_stay_with_their_dash_and_city() -> None:
    said = "Your session: Tuesday, 15 June 2021, 11:00–12:30 · Monday, 14 June 2021, 23:00 – Tuesday, 15 June 2021, "
    assert in_columns(f"{said}00:30 Buenos Aires (UTC−10)").splitlines() == [
        "Your session: Tuesday, 15 June 2021, 11:00–12:30 · Monday, 14 June 2021,",
        "23:00 – Tuesday, 15 June 2021, 00:30 Buenos Aires (UTC−10)",
    ]


def test_what_is_somebodys_own_is_not_remembered() -> None:
    lines = _remembered.cache_info()
    for_text({"a": "Olga Petrenko", "b": LINK})
    assert _remembered.cache_info() == lines


def test_who_joins_when_it_is_under_way_finds_the_button_there() -> None:
    said = text(ORDERS["reminder, under way"])
    assert "Please join from your personal page: the button to Zoom is on it." in said
    assert BEFORE_THE_START not in said


def test_hours_are_never_broken_over_two_lines_in_html() -> None:
    assert '<span style="white-space:nowrap">18:00–19:00</span> Vienna time' in DESK.write(order()).html


def test_zones_and_short_cities_are_never_broken_over_two_lines_in_html() -> None:
    html = DESK.write(order()).html
    assert 'Vienna time <span style="white-space:nowrap">(CEST, UTC+2)</span>' in html
    assert '<span style="white-space:nowrap">New York (UTC−4)</span>' in html


def test_reminders_leave_out_what_can_wait() -> None:
    """The button stands on a telephone's first screen."""
    said = text(ORDERS["reminder, interpreted"])
    assert "Convened by" not in said
    assert "Zoom shows the globe" not in said
    assert "- Under “Listen In”, choose “Russian”." in said


def test_each_sessions_link_is_its_own() -> None:
    first, second = LINK, LINK.replace("tk=", "tk=other-")
    letter = DESK.write(order("digest", visit("two-shores", join_link=first), visit("night-watch", join_link=second)))
    assert letter.text.index(first) < letter.text.index(second)
    assert letter.html.index(first.replace("&", "&amp;")) < letter.html.index(second.replace("&", "&amp;"))


@pytest.mark.parametrize(
    "kind", ["invitation", "link-follows", "update", "reminder", "last-reminder", "digest", "week-digest", "offer"]
)
@pytest.mark.parametrize("session_id", ["open-slot", "nameless"])
def test_nothing_is_promised_for_an_unconfirmed_session(kind: str, session_id: str) -> None:
    with pytest.raises(SessionNotConfirmed, match=f"no {kind} may go out"):
        DESK.write(order(kind, visit(session_id, **FOLLOWS), calendar=None))


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"visits": ()}, "one session at least"),
        ({"visits": (visit(), visit("two-shores"))}, "a calendar entry is about one session"),
        ({"visits": (visit(join_link=None),)}, "a join link is there when it is said to be present"),
        ({"visits": (visit(link="none"),)}, "a join link is there when it is said to be present"),
        ({"visits": (visit(join_link="javascript:alert(1)"),)}, "a join link is a web address in ASCII"),
        ({"visits": (visit(join_link=f"{LINK}\r\nATTENDEE:x"),)}, "a join link is a web address in ASCII"),
        ({"mute": "javascript:alert(1)"}, "so are all addresses of one person's own"),
        ({"registering": "register"}, "so are all addresses of one person's own"),
        ({"offer": Offer(UNTIL, ANSWER)}, "an offer says until when it holds, and no other letter does"),
        ({"kind": "offer", "calendar": None}, "an offer says until when it holds"),
        ({"visits": (visit(), visit("two-shores")), "calendar": None, "before": told()}, "is about one session"),
        ({"overlaps": ((visit(), visit("two-shores")),)}, "sessions that overlap are among the visits"),
    ],
)
def test_an_order_that_contradicts_itself_is_refused(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(LetterError, match=why):
        DESK.write(replace(order(), **changes))


def test_a_title_goes_before_the_name_and_an_excellency_is_one() -> None:
    """L4."""
    assert text(order(person=person(title="Ambassador"))).startswith("Dear Ambassador Olga Petrenko, You")
    for typed in ("H.E.", "H. E.", "His Excellency", "S. E. M.", "Ваше Превосходительство"):
        assert text(order(person=person(title=typed))).startswith("Excellency, You")


def test_a_language_without_a_catalogue_is_written_to_in_english_and_says_so() -> None:
    letter = DESK.write(order(person=person(language="uk")))
    assert letter.language == "en"
    assert b"\r\nContent-Language: en\r\n" in letter.message
    assert '<html lang="en" dir="ltr" ' in letter.html


def test_an_international_domain_is_written_as_a_labels_in_header_and_entry_alike() -> None:
    """Rule 11: the To address as written."""
    written = order(person=person(address="olga@миссия.example.org"))
    assert b"<olga@xn--h1aakva9f.example.org>" in DESK.write(written).message
    assert event(written)["ATTENDEE"] == "mailto:olga@xn--h1aakva9f.example.org"


def test_an_address_with_other_letters_before_the_at_is_the_same_in_header_and_entry() -> None:
    """Rule 11, for mail servers with SMTPUTF8."""
    written = order(person=person(address="ольга@миссия.example.org"))
    assert "<ольга@xn--h1aakva9f.example.org>\r\n".encode() in DESK.write(written).message
    assert event(written)["ATTENDEE"] == "mailto:ольга@xn--h1aakva9f.example.org"


def test_the_organizer_is_the_sender_and_reply_to_is_left_out() -> None:
    """Rule 10."""
    assert event(order())["ORGANIZER"] == f"mailto:{SENDER.address}"
    assert b"\r\nReply-To:" not in DESK.write(order()).message


def test_where_answers_go_elsewhere_the_organizer_is_there_and_names_the_sender() -> None:
    """Rule 10."""
    written = order(sender=replace(SENDER, reply_to="help@harbour.example.org"))
    assert event(written)["ORGANIZER"] == "mailto:help@harbour.example.org"
    assert event(written)["ORGANIZER"].params["SENT-BY"] == f"mailto:{SENDER.address}"
    assert b"\r\nReply-To: help@harbour.example.org\r\n" in DESK.write(written).message


def test_a_letter_to_the_organizers_own_mailbox_has_no_entry_and_does_not_speak_of_one() -> None:
    """Rule 12."""
    letter = DESK.write(order(person=person(address=SENDER.address.upper())))
    assert letter.calendar is None
    assert b"text/calendar" not in letter.message
    assert "calendar" not in letter.text


def test_the_entry_holds_everything_for_readers_that_show_nothing_else() -> None:
    """Rule 6."""
    said = " ".join(event(ORDERS["invitation, not interpreted"])["DESCRIPTION"].split())
    for fact in (
        "11:30–13:00 Vienna time (CEST, UTC+2)",
        "05:30–07:00 New York (UTC−4)",
        "the language that you asked for (Italian) is not available",
        "English → Russian and French (simultaneous interpretation)",
        "Choose “Interpretation”",
        LINK,
        CONFERENCE.title,
        "Questions: help@harbour.example.org",
    ):
        assert fact in said


@pytest.mark.parametrize(
    ("name", "location"),
    [
        ("invitation", LINK),
        ("link-follows", "Online"),
        ("invitation, in person", "Room 3, Old Customs House"),
        ("invitation, hybrid in person", "Room 3, Old Customs House"),
        ("invitation, hybrid online", LINK),
    ],
)
def test_location_is_where_this_participant_goes(name: str, location: str) -> None:
    """Rule 26."""
    assert event(ORDERS[name])["LOCATION"] == location


def test_sessions_in_the_doubled_hour_stand_in_the_order_in_which_they_happen() -> None:
    night = {"date": date(2026, 10, 25)}
    first = session("lanterns").model_copy(
        update={**night, "start": time(2, 45), "end": time(2, 55), "clock_change": "first"}
    )
    second = session("two-shores").model_copy(
        update={**night, "start": time(2, 15), "end": time(2, 30), "clock_change": "second"}
    )
    said = text(order("digest", *(replace(visit(**NO_LINK), session=one) for one in (second, first))))
    assert said.index("02:45–02:55 Vienna time (CEST, UTC+2)") < said.index("02:15–02:30 Vienna time (CET, UTC+1)")


NAMES = st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=200)


@given(name=NAMES.map(lambda one: " ".join(one.split())).filter(bool))
def test_any_name_is_written_as_typed_and_never_as_html(name: str) -> None:
    letter = DESK.write(order(person=person(full_name=name)))
    assert " ".join(f"Dear {name},".split()) in " ".join(letter.text.split())
    written = name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    assert f"Dear {written}," in letter.html.replace("&#x27;", "'").replace("&quot;", '"')


def test_a_title_with_markup_is_text_and_a_name_cannot_become_a_link() -> None:
    hostile = CONFERENCE.model_copy(
        update={"sessions": (CONFERENCE.sessions[0].model_copy(update={"title": "<script>alert(1)</script> & more"}),)}
    )
    written = order("invitation", replace(visit(), session=hostile.sessions[0]), conference=hostile)
    assert "<script>" not in DESK.write(written).html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; more" in DESK.write(written).html
    assert "<script>alert(1)</script> & more" in DESK.write(written).text


def test_nobodys_name_or_link_stays_behind_in_what_the_desk_remembers() -> None:
    DESK.write(order(person=person(full_name="Marker Name"), visits=(visit(join_link="https://example.org/marker"),)))
    clean = DESK.write(order(person=person(full_name="Somebody Else")))
    assert b"arker" not in clean.message


def test_nothing_personal_shows_in_a_repr() -> None:
    shown = repr(order()) + repr(DESK.write(order()))
    for personal in ("Olga", "olga@", LINK):
        assert personal not in shown


def test_who_withdraws_finds_the_link_nowhere_in_letter_or_entry() -> None:
    withdrawn = order("withdrawal", visit(), calendar=request(method="CANCEL", sequence=1))
    assert event(withdrawn)["LOCATION"] == "Online"
    assert "URL" not in event(withdrawn)
    assert LINK not in event(withdrawn)["DESCRIPTION"] + DESK.write(withdrawn).text + DESK.write(withdrawn).html
