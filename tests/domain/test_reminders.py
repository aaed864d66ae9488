"""Which reminders are owed, when they are due and until when; rules R1, R3, R5 and R9."""

from datetime import UTC, datetime, timedelta

from domain.reminders import Attended, Reminder, owed
from domain.times import Period

VIENNA = "Europe/Vienna"
LONG_BEFORE = datetime(2021, 6, 1, 7, 30, tzinfo=UTC)


def attended(session: str, start: datetime, *, online: bool = True) -> Attended:
    return Attended(session, Period(start, start + timedelta(hours=1)), online)


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


def test_an_online_session_brings_a_digest_at_17_in_vienna_the_day_before_and_a_reminder_an_hour_before() -> None:
    start = utc(2021, 6, 14, 16)
    assert owed([attended("children", start)], VIENNA, LONG_BEFORE) == (
        Reminder("digest", "2021-06-14", ("children",), utc(2021, 6, 13, 15), start, None),
        Reminder("reminder", "children", ("children",), utc(2021, 6, 14, 15), utc(2021, 6, 14, 16, 15), None),
    )


def test_who_comes_to_the_room_gets_the_digest_only() -> None:
    found = owed([attended("day-1", utc(2021, 6, 14, 12), online=False)], VIENNA, LONG_BEFORE)
    assert [one.kind for one in found] == ["digest"]


def test_one_digest_covers_all_sessions_of_a_day_and_is_of_use_until_the_first_begins() -> None:
    one, other = attended("late", utc(2021, 6, 16, 12)), attended("early", utc(2021, 6, 16, 9))
    (digest,) = [found for found in owed([one, other], VIENNA, LONG_BEFORE) if found.kind == "digest"]
    assert (digest.sessions, digest.not_after) == (("early", "late"), utc(2021, 6, 16, 9))


def test_the_digest_before_the_clock_goes_forward_is_at_17_on_viennas_clock() -> None:
    (digest, _) = owed([attended("spring", utc(2026, 3, 29, 8))], VIENNA, LONG_BEFORE)
    assert digest.due_at == utc(2026, 3, 28, 16)  # 17:00 CET; 24 hours before would be 09:00 CET


def test_the_digest_before_the_clock_goes_back_is_at_17_on_viennas_clock() -> None:
    (digest, _) = owed([attended("autumn", utc(2026, 10, 25, 9))], VIENNA, LONG_BEFORE)
    assert digest.due_at == utc(2026, 10, 24, 15)  # 17:00 CEST


def test_a_session_after_midnight_in_vienna_belongs_to_viennas_day() -> None:
    (digest, _) = owed([attended("night", utc(2021, 6, 14, 22, 30))], VIENNA, LONG_BEFORE)
    assert (digest.about, digest.due_at) == ("2021-06-15", utc(2021, 6, 14, 15))


def test_who_registers_after_a_reminders_time_is_not_reminded_of_the_past() -> None:
    found = owed([attended("children", utc(2021, 6, 14, 16))], VIENNA, utc(2021, 6, 13, 20))
    assert [(one.kind, one.skip) for one in found] == [("digest", "registered-after-its-time"), ("reminder", None)]


def test_a_reminder_within_half_an_hour_of_the_invitation_is_skipped() -> None:
    found = owed([attended("children", utc(2021, 6, 14, 16))], VIENNA, utc(2021, 6, 14, 14, 45))
    assert [(one.kind, one.skip) for one in found] == [
        ("digest", "registered-after-its-time"),
        ("reminder", "invited-just-before"),
    ]


def test_who_attends_nothing_is_owed_nothing() -> None:
    assert owed([], VIENNA, LONG_BEFORE) == ()
