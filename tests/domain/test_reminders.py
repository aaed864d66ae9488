"""Which reminders are owed, when they are due and until when; rules R1, R3, R5, R6 and R9. All live in Vienna."""

from datetime import UTC, date, datetime, timedelta

from domain import reminders
from domain.reminders import Attended, Reminder
from domain.times import Period
from schemas.programme import Conference
from schemas.reminders import Reminders

LONG_BEFORE = datetime(2021, 6, 1, 7, 30, tzinfo=UTC)


def conference(starts: date = date(2021, 6, 14), **switches: bool) -> Conference:
    """In Vienna, with the digests of the week before left out where nothing else is said."""
    rules = Reminders.model_validate({"week_digest": False, **switches})
    return Conference(id="c", title="C", starts=starts, ends=starts, sessions=(), reminders=rules)


def owed(attended: list[Attended], programme: Conference, now: datetime) -> tuple[Reminder, ...]:
    return reminders.owed(attended, programme, "Europe/Vienna", now)


VIENNA = conference()


def attended(session: str, start: datetime, *, online: bool = True, told_at: datetime | None = None) -> Attended:
    return Attended(session, Period(start, start + timedelta(hours=1)), online, told_at)


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


def test_half_an_hour_after_the_invitation_is_still_too_soon_as_half_an_hour_apart_is_still_together() -> None:
    skips = [
        next(one.skip for one in owed([attended("talk", utc(2021, 6, 14, 16))], VIENNA, invited)
             if one.kind == "reminder")
        for invited in (utc(2021, 6, 14, 14, 30), utc(2021, 6, 14, 14, 29))
    ]  # fmt: skip
    assert skips == ["invited-just-before", None]


def test_a_skipped_session_takes_no_reminder_from_one_that_begins_soon_after_it() -> None:
    sessions = [attended("b", utc(2021, 6, 14, 16, 25)), attended("c", utc(2021, 6, 14, 16, 50))]
    found = owed(sessions, conference(digest=False), utc(2021, 6, 14, 15, 5))
    assert [(one.sessions, one.due_at, one.skip) for one in found] == [
        (("b",), utc(2021, 6, 14, 15, 25), "invited-just-before"),
        (("c",), utc(2021, 6, 14, 15, 50), None),
    ]


def test_a_session_of_which_nothing_was_said_lately_is_reminded_of_whatever_is_said_of_others() -> None:
    told = attended("talk", utc(2021, 6, 14, 16), told_at=LONG_BEFORE)
    found = owed([told], conference(digest=False), utc(2021, 6, 14, 14, 50))
    assert [one.skip for one in found] == [None]


def test_who_attends_nothing_is_owed_nothing() -> None:
    assert owed([], VIENNA, LONG_BEFORE) == ()


def test_a_week_before_the_first_day_one_digest_covers_everything_until_the_day_begins() -> None:
    """17:00 and midnight on Vienna's clock."""
    sessions = [attended("day-1", utc(2021, 6, 14, 12), online=False), attended("talk", utc(2021, 6, 15, 16))]
    found = owed(sessions, conference(week_digest=True), LONG_BEFORE)
    assert found[0] == Reminder(
        "week-digest", "2021-06-14", ("day-1", "talk"), utc(2021, 6, 7, 15), utc(2021, 6, 13, 22), None
    )
    assert [one.kind for one in found[1:]] == ["digest", "digest", "reminder"]


def test_a_session_on_the_eve_ends_the_use_of_the_week_digest_when_it_begins() -> None:
    eve = utc(2021, 6, 13, 16)
    found = owed([attended("eve", eve)], conference(week_digest=True), LONG_BEFORE)
    assert [one.not_after for one in found if one.kind == "week-digest"] == [eve]


def test_the_week_digest_before_the_clock_goes_forward_is_at_17_on_viennas_clock() -> None:
    (digest, *_) = owed([attended("spring", utc(2026, 4, 1, 8))], conference(date(2026, 4, 1), week_digest=True),
                        LONG_BEFORE)  # fmt: skip
    assert (digest.due_at, digest.not_after) == (utc(2026, 3, 25, 16), utc(2026, 3, 31, 22))


def test_a_conference_that_begins_where_there_is_no_midnight_is_digested_all_the_same() -> None:
    """Beirut's clocks went forward at 00:00 on 28 March 2021."""
    beirut = conference(date(2021, 3, 28), week_digest=True).model_copy(update={"time_zone": "Asia/Beirut"})
    (digest, *_) = owed([attended("spring", utc(2021, 3, 28, 8))], beirut, datetime(2021, 3, 1, tzinfo=UTC))
    assert digest.not_after == utc(2021, 3, 27, 22)


def test_who_registers_in_the_last_week_gets_no_week_digest() -> None:
    found = owed([attended("talk", utc(2021, 6, 14, 16))], conference(week_digest=True), utc(2021, 6, 8, 7))
    assert (found[0].kind, found[0].skip) == ("week-digest", "registered-after-its-time")


def test_ten_minutes_before_there_is_a_reminder_where_the_programme_wants_it() -> None:
    start = utc(2021, 6, 14, 16)
    found = owed([attended("talk", start)], conference(last_reminder=True, digest=False), LONG_BEFORE)
    assert found[1] == Reminder(
        "last-reminder", "talk", ("talk",), utc(2021, 6, 14, 15, 50), utc(2021, 6, 14, 16, 15), None
    )
    room = owed([attended("room", start, online=False)], conference(last_reminder=True), LONG_BEFORE)
    assert [one.kind for one in room] == ["digest"]


def test_what_a_programme_switches_off_is_not_owed() -> None:
    assert owed([attended("talk", utc(2021, 6, 14, 16))], conference(digest=False, reminder=False), LONG_BEFORE) == ()


def test_sessions_that_begin_within_half_an_hour_share_a_reminder() -> None:
    """Rule R6. The half hour is counted from the first of them."""
    starts = {"a": (11, 0), "b": (11, 30), "c": (11, 31), "room": (11, 10)}
    sessions = [attended(name, utc(2021, 6, 14, *at), online=name != "room") for name, at in starts.items()]
    found = owed(sessions, conference(digest=False), LONG_BEFORE)
    assert [(one.about, one.sessions, one.due_at, one.not_after) for one in found] == [
        ("a", ("a", "b"), utc(2021, 6, 14, 10), utc(2021, 6, 14, 11, 15)),
        ("c", ("c",), utc(2021, 6, 14, 10, 31), utc(2021, 6, 14, 11, 46)),
    ]
