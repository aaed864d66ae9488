"""Whatever the sessions, zones and hours are: the reminders that are owed keep the rules R1, R3, R5, R6, R8 and R9."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.cadence import is_quiet
from domain.reminders import Attended, Reminder, owed
from domain.times import Period
from schemas.programme import Conference
from schemas.reminders import QuietHours, Reminders

MANY = settings(max_examples=300, deadline=None)
ZONES = st.sampled_from(["Europe/Vienna", "America/New_York", "Asia/Tokyo", "Asia/Beirut", "Pacific/Honolulu", "UTC"])
FIRST_DAYS = st.sampled_from(
    [date(2021, 6, 14), date(2026, 3, 29), date(2026, 10, 25), date(2026, 3, 8), date(2026, 11, 1)]
)
"""Among them the days on which the clocks of Vienna or of New York change."""
HALF_AN_HOUR = timedelta(minutes=30)
QUARTER = timedelta(minutes=15)


@st.composite
def situations(draw: st.DrawFn) -> tuple[Conference, list[Attended], str, datetime]:
    """A conference of three days, what somebody attends of it, where that person lives, and the present moment."""
    first, zone = draw(FIRST_DAYS), draw(ZONES)
    rules = {
        "digest": draw(st.booleans()) and {"at": f"{draw(st.integers(0, 23)):02}:00"},
        "last_reminder": draw(st.booleans()),
        "reminder": {"minutes_before": draw(st.sampled_from([15, 30, 60, 120]))},
    }
    programme = Conference(
        id="c", title="C", starts=first, ends=first + timedelta(days=2), sessions=(), time_zone=zone,
        reminders=Reminders.model_validate(rules),
    )  # fmt: skip
    begin = datetime.combine(first, time(), ZoneInfo(zone)).astimezone(UTC)
    now = begin - timedelta(hours=draw(st.integers(-60, 300)), minutes=draw(st.integers(0, 59)))
    attended = []
    for number in range(draw(st.integers(1, 5))):
        start = begin + timedelta(minutes=5 * draw(st.integers(0, 800)))
        told_at = draw(st.none() | st.integers(0, 400).map(lambda minutes: now - timedelta(minutes=minutes)))
        attended.append(Attended(f"s{number}", Period(start, start + timedelta(hours=1)), draw(st.booleans()), told_at))
    return programme, attended, draw(ZONES), now


def going(situation: tuple[Conference, list[Attended], str, datetime]) -> list[Reminder]:
    programme, attended, home, now = situation
    return [one for one in owed(attended, programme, home, now) if one.skip is None]


@MANY
@given(situations())
def test_each_is_due_before_it_is_of_no_use_and_that_is_before_anything_has_ended(
    situation: tuple[Conference, list[Attended], str, datetime],
) -> None:
    """R3: a digest until the first session starts, a reminder until a quarter of an hour later."""
    starts = {one.session: one.period.start for one in situation[1]}
    for one in owed(*_arguments(situation)):
        first = min(starts[session] for session in one.sessions)
        assert one.due_at < one.not_after
        if one.kind in {"reminder", "last-reminder"}:
            assert one.not_after == first + QUARTER
        else:
            assert one.not_after <= first


@MANY
@given(situations())
def test_nothing_goes_of_what_was_told_after_its_time_or_within_half_an_hour_of_it(
    situation: tuple[Conference, list[Attended], str, datetime],
) -> None:
    """R5: and so nothing at all goes when somebody has just registered."""
    told = {one.session: one.told_at or situation[3] for one in situation[1]}
    for one in going(situation):
        assert any(one.due_at - told[session] > HALF_AN_HOUR for session in one.sessions)


@MANY
@given(situations())
def test_no_session_is_reminded_of_twice_and_none_without_its_own_skip_is_left_out(
    situation: tuple[Conference, list[Attended], str, datetime],
) -> None:
    """R1, R6: an online session has one reminder, its own or one within half an hour before; a room has none."""
    found = [one for one in owed(*_arguments(situation)) if one.kind == "reminder"]
    named = sorted(session for one in found for session in one.sessions)
    assert named == sorted(one.session for one in situation[1] if one.online)
    starts = {one.session: one.period.start for one in situation[1]}
    for one in found:
        assert all(starts[session] - starts[one.about] <= HALF_AN_HOUR for session in one.sessions)
    apart = sorted(starts[one.about] for one in found if one.skip is None)
    assert all(later - earlier > HALF_AN_HOUR for earlier, later in pairwise(apart))


@MANY
@given(situations())
def test_no_digest_is_due_in_the_recipients_night_nor_later_than_its_hour(
    situation: tuple[Conference, list[Attended], str, datetime],
) -> None:
    """R8, R9."""
    programme, _, home, _ = situation
    rule, zone = programme.reminders.digest, ZoneInfo(programme.time_zone)
    for one in owed(*_arguments(situation)):
        if one.kind in {"week-digest", "digest"}:
            assert not is_quiet(one.due_at.astimezone(ZoneInfo(home)).time(), QuietHours())
        if one.kind == "digest" and rule is not None:
            hour = datetime.combine(date.fromisoformat(one.about) - timedelta(days=1), rule.at, zone).astimezone(UTC)
            assert hour - timedelta(hours=11, minutes=30) <= one.due_at <= hour


def test_the_digest_of_a_week_that_would_come_after_its_use_is_not_owed() -> None:
    """A session long before the conference's first day."""
    rules = Reminders.model_validate({"digest": False, "reminder": False})
    programme = Conference(id="c", title="C", starts=date(2021, 6, 14), ends=date(2021, 6, 14), sessions=(),
                           reminders=rules)  # fmt: skip
    start = datetime(2021, 6, 1, 9, tzinfo=UTC)
    early = Attended("early", Period(start, start + timedelta(hours=1)), online=True)
    assert owed([early], programme, "Europe/Vienna", start - timedelta(days=20)) == ()


NOON = datetime(2021, 6, 14, 16, tzinfo=UTC)


@pytest.mark.parametrize(
    ("told", "now", "skip"),
    [
        ("2021-06-01T09:30", "2021-06-13T13:00", None),  # 13:30 in Vienna, 20:30 in Tokyo, is still to come
        ("2021-06-01T09:30", "2021-06-13T16:00", None),  # past; before 17:00 in Vienna it still goes, at once
        ("2021-06-01T09:30", "2021-06-13T17:30", "planned-after-its-time"),
        ("2021-06-13T15:00", "2021-06-13T15:00", "registered-after-its-time"),
        ("2021-06-13T13:10", "2021-06-13T13:10", "invited-just-before"),
    ],
)
def test_a_digest_whose_quiet_hour_is_past_goes_at_once_until_its_usual_hour_but_not_after_an_invitation(
    told: str, now: str, skip: str | None
) -> None:
    programme = Conference(id="c", title="C", starts=date(2021, 6, 14), ends=date(2021, 6, 14), sessions=())
    told_at, moment = (datetime.fromisoformat(f"{one}+02:00").astimezone(UTC) for one in (told, now))
    talk = Attended("talk", Period(NOON, NOON + timedelta(hours=1)), online=True, told_at=told_at)
    (digest,) = [one for one in owed([talk], programme, "Asia/Tokyo", moment) if one.kind == "digest"]
    assert (digest.due_at, digest.skip) == (datetime(2021, 6, 13, 11, 30, tzinfo=UTC), skip)


def _arguments(
    situation: tuple[Conference, list[Attended], str, datetime],
) -> tuple[list[Attended], Conference, str, datetime]:
    programme, attended, home, now = situation
    return attended, programme, home, now
