"""The calendar entry, rule by rule (the numbers are those of the reference), read back by icalendar."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest
from icalendar import Calendar

from domain.calendar import lines
from domain.calendar.entry import Method, Personal, Shared, write
from domain.times import Period, instant

VIENNA = "Europe/Vienna"
LINK = "https://zoom.example.org/w/91112223334?tk=abc,def;ghi"
SHARED = Shared(
    method="REQUEST",
    period=Period(instant(date(2021, 6, 14), time(18), VIENNA), instant(date(2021, 6, 14), time(19), VIENNA)),
    zone=VIENNA,
    summary="Echoes of the harbour: a reading, with music",
    organizer="conferences@example.org",
)
DESCRIPTION = f"Monday, 14 June 2021\n18:00–19:00 Vienna time (CEST, UTC+2)\n\n{LINK}\n\nКанал: русский"
PERSONAL = Personal(
    uid="ses-7f3a@conferences.example.org",
    sequence=0,
    dtstamp=datetime(2021, 6, 1, 9, 30, tzinfo=UTC),
    name="Olga Petrenko",
    address="olga@mission.example.org",
    location=LINK,
    description=lines.text("DESCRIPTION", DESCRIPTION),
    url=LINK,
)


def parsed(shared: Shared = SHARED, personal: Personal = PERSONAL) -> Any:
    return Calendar.from_ical(write(shared, personal))


def event(shared: Shared = SHARED, personal: Personal = PERSONAL) -> Any:
    (found,) = parsed(shared, personal).walk("VEVENT")
    return found


def test_there_is_one_calendar_with_one_event_and_its_zone_before_it() -> None:
    """Rules 7 and 22."""
    content = write(SHARED, PERSONAL)
    assert [one.name for one in parsed().subcomponents] == ["VTIMEZONE", "VEVENT"]
    assert content.count(b"BEGIN:VCALENDAR") == content.count(b"BEGIN:VEVENT") == content.count(b"BEGIN:VTIMEZONE") == 1


@pytest.mark.parametrize("method", ["REQUEST", "CANCEL"])
def test_the_method_is_said_once_on_the_calendar(method: Method) -> None:
    """Rule 9."""
    shared = replace(SHARED, method=method)
    assert parsed(shared)["METHOD"] == method
    assert write(shared, PERSONAL).count(b"METHOD:") == 1


def test_the_organizer_is_a_bare_address() -> None:
    """Rule 10."""
    assert b"\r\nORGANIZER:mailto:conferences@example.org\r\n" in write(SHARED, PERSONAL)


def test_an_organizer_who_is_not_the_sender_names_the_sender() -> None:
    """Rule 10."""
    shared = replace(SHARED, organizer="secretariat@example.org", sent_by="conferences@example.org")
    assert dict(event(shared)["ORGANIZER"].params) == {"SENT-BY": "mailto:conferences@example.org"}
    assert event(shared)["ORGANIZER"] == "mailto:secretariat@example.org"


def test_there_is_exactly_one_attendee_with_the_address_as_written() -> None:
    """Rule 11."""
    attendee = event(personal=replace(PERSONAL, address="Olga.Petrenko+osce@Mission.example.org"))["ATTENDEE"]
    assert attendee == "mailto:Olga.Petrenko+osce@Mission.example.org"
    assert dict(attendee.params) == {
        "CUTYPE": "INDIVIDUAL",
        "ROLE": "REQ-PARTICIPANT",
        "PARTSTAT": "NEEDS-ACTION",
        "RSVP": "TRUE",
        "CN": "Olga Petrenko",
    }


def test_the_uid_is_the_callers_and_the_calendar_itself_has_none() -> None:
    """Rule 13."""
    assert event()["UID"] == PERSONAL.uid
    assert "UID" not in parsed()


def test_sequence_and_stamps_are_the_callers_and_in_utc() -> None:
    """Rules 14 and 15."""
    vienna = PERSONAL.dtstamp.astimezone(instant(date(2021, 6, 1), time(9), VIENNA).tzinfo)
    content = write(SHARED, replace(PERSONAL, sequence=3, dtstamp=vienna))
    assert b"DTSTAMP:20210601T093000Z\r\nLAST-MODIFIED:20210601T093000Z\r\nSEQUENCE:3\r\n" in content


@pytest.mark.parametrize("method", ["REQUEST", "CANCEL"])
def test_what_breaks_other_readers_is_left_out(method: Method) -> None:
    """Rules 16, 21, 26, 27, 30 and 32."""
    content = write(replace(SHARED, method=method), PERSONAL)
    for name in (
        b"CDO-APPT-SEQUENCE",
        b"DURATION",
        b"X-ALT-DESC",
        b"LANGUAGE",
        b"CONFERENCE",
        b"PARTICIPANT:",
        b"RDATE",
    ):
        assert name not in content


def test_a_cancel_keeps_uid_organizer_and_times_and_has_no_alarm() -> None:
    """Rule 17."""
    cancel = replace(SHARED, method="CANCEL")
    entry, before = event(cancel, replace(PERSONAL, sequence=1)), event()
    assert entry["STATUS"] == "CANCELLED"
    assert entry["SEQUENCE"] == 1
    assert not entry.walk("VALARM")
    for name in ("UID", "ORGANIZER", "DTSTART", "DTEND", "ATTENDEE", "SUMMARY"):
        assert entry[name] == before[name]


def test_a_request_is_confirmed_also_after_a_cancel() -> None:
    """Rule 18."""
    assert event(personal=replace(PERSONAL, sequence=2))["STATUS"] == "CONFIRMED"


def test_hours_are_vienna_time_with_an_end() -> None:
    """Rule 21."""
    content = write(SHARED, PERSONAL)
    assert b"\r\nDTSTART;TZID=Europe/Vienna:20210614T180000\r\n" in content
    assert b"\r\nDTEND;TZID=Europe/Vienna:20210614T190000\r\n" in content


@pytest.mark.parametrize(
    ("day", "utc"),
    [
        (date(2021, 6, 14), datetime(2021, 6, 14, 16, tzinfo=UTC)),
        (date(2026, 3, 28), datetime(2026, 3, 28, 17, tzinfo=UTC)),
        (date(2026, 3, 29), datetime(2026, 3, 29, 16, tzinfo=UTC)),
        (date(2026, 10, 24), datetime(2026, 10, 24, 16, tzinfo=UTC)),
        (date(2026, 10, 25), datetime(2026, 10, 25, 17, tzinfo=UTC)),
    ],
)
def test_readers_find_the_right_instant_on_both_sides_of_each_change(day: date, utc: datetime) -> None:
    """Rule 24."""
    period = Period(instant(day, time(18), VIENNA), instant(day, time(19), VIENNA))
    entry = event(replace(SHARED, period=period))
    assert entry.start.astimezone(UTC) == utc
    assert entry.end - entry.start == timedelta(hours=1)


def test_the_doubled_hour_is_told_in_utc_without_a_zone() -> None:
    """Rule 21."""
    start = instant(date(2026, 10, 25), time(2, 15), VIENNA, "second")
    content = write(replace(SHARED, period=Period(start, start + timedelta(minutes=30))), PERSONAL)
    assert b"\r\nDTSTART:20261025T011500Z\r\nDTEND:20261025T014500Z\r\n" in content
    assert b"VTIMEZONE" not in content


def test_a_conference_under_other_clock_rules_is_told_in_utc() -> None:
    """Rule 21."""
    content = write(replace(SHARED, zone="Asia/Tashkent"), PERSONAL)
    assert b"\r\nDTSTART:20210614T160000Z\r\nDTEND:20210614T170000Z\r\n" in content
    assert b"VTIMEZONE" not in content


def test_the_join_link_stands_in_location_url_and_description() -> None:
    """Rule 26."""
    entry = event()
    assert entry["LOCATION"] == entry["URL"] == LINK
    assert LINK in entry["DESCRIPTION"]
    assert b"\r\nURL:" + LINK.encode() + b"\r\n" in write(SHARED, PERSONAL)


def test_without_a_link_there_is_no_url() -> None:
    assert "URL" not in event(personal=replace(PERSONAL, url=None, location="Online"))


def test_the_participant_is_busy_also_for_outlook() -> None:
    """Rule 28."""
    assert (event()["TRANSP"], event()["X-MICROSOFT-CDO-BUSYSTATUS"]) == ("OPAQUE", "BUSY")


def test_a_cancelled_entry_that_stays_in_a_calendar_takes_no_time() -> None:
    cancelled = event(replace(SHARED, method="CANCEL"))
    assert (cancelled["TRANSP"], cancelled["X-MICROSOFT-CDO-BUSYSTATUS"]) == ("TRANSPARENT", "FREE")


@pytest.mark.parametrize(("private", "said"), [(False, "PUBLIC"), (True, "PRIVATE")])
def test_an_entry_is_public_unless_it_must_be_hidden(private: bool, said: str) -> None:
    """Rule 29."""
    assert event(replace(SHARED, private=private))["CLASS"] == said


def test_one_alarm_rings_half_an_hour_before() -> None:
    """Rule 31."""
    (alarm,) = event().walk("VALARM")
    assert (alarm["ACTION"], alarm["TRIGGER"].dt, alarm["DESCRIPTION"]) == (
        "DISPLAY",
        timedelta(minutes=-30),
        SHARED.summary,
    )


@pytest.mark.parametrize("title", ["Голоса, опыт; и «надежда»\\будущее: " * 8, "A" * 300, "\\,;" * 90])
def test_every_line_ends_in_crlf_is_short_and_whole(title: str) -> None:
    """Rule 33, for what icalendar writes as for what we write."""
    content = write(
        replace(SHARED, summary=title),
        replace(PERSONAL, description=lines.text("DESCRIPTION", title * 5), name=title[:100]),
    )
    assert content.endswith(b"\r\n")
    assert b"\n" not in content.replace(b"\r\n", b"")
    for line in content.split(b"\r\n"):
        line.decode("utf-8")
        assert len(line) <= 75
        assert (len(line) - len(line.rstrip(b"\\"))) % 2 == 0
    assert event(replace(SHARED, summary=title))["SUMMARY"] == title


def test_the_description_reads_back_line_by_line() -> None:
    """Rules 6 and 34."""
    assert event()["DESCRIPTION"] == DESCRIPTION


def test_a_name_can_forge_no_second_attendee() -> None:
    """Rules 34 and 35."""
    name = 'Olga" :mailto:other@example.org\r\nATTENDEE:mailto:third@example.org'
    entry = event(personal=replace(PERSONAL, name=name))
    assert entry["ATTENDEE"] == "mailto:olga@mission.example.org"


@pytest.mark.parametrize(
    "address", ["olga@example.org\r\nATTENDEE:mailto:x@example.org", "ol ga@example.org", "ольга\x85@example.org"]
)
def test_an_address_that_would_end_its_line_is_refused_without_repeating_it(address: str) -> None:
    """Rule 35."""
    with pytest.raises(ValueError, match="without spaces and control characters") as refused:
        write(SHARED, replace(PERSONAL, address=address))
    assert address not in str(refused.value)


def test_the_same_arguments_make_the_same_bytes() -> None:
    """A letter that is sent again is the same letter."""
    assert write(SHARED, PERSONAL) == write(SHARED, PERSONAL)
