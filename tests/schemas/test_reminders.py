"""`reminders` in a programme file: switches as they have always been, and rules."""

import re
from datetime import time
from pathlib import Path

import pytest
from pydantic import ValidationError
from ruamel.yaml import YAML

from schemas.reminders import Digest, LastReminder, QuietHours, Reminder, Reminders, Spread, WeekDigest


def test_what_is_not_said_is_as_usual() -> None:
    usual = Reminders.model_validate({})
    assert usual.week_digest == WeekDigest(days_before=7, at=time(17))
    assert usual.digest == Digest(days_before=1, at=time(17))
    assert usual.reminder == Reminder(minutes_before=60)
    assert usual.last_reminder is None
    assert usual.quiet_hours == QuietHours(start=time(21), end=time(7))
    assert usual.spread == Spread(minutes=10, from_letters=500)


def test_the_paper_shows_them_as_they_are() -> None:
    paper = (Path(__file__).parents[2] / "docs" / "programmes.md").read_text("utf-8")
    (shown,) = re.findall(r"```yaml\n(reminders:\n.*?)```", paper, re.DOTALL)
    assert Reminders.model_validate(YAML(typ="safe").load(shown)["reminders"]) == Reminders()


def test_the_switches_of_older_files_mean_what_they_meant() -> None:
    on = dict.fromkeys(("week_digest", "digest", "reminder", "last_reminder"), True)
    off = dict.fromkeys(on, False)
    assert Reminders.model_validate(on) == Reminders(last_reminder=LastReminder(minutes_before=10))
    assert Reminders.model_validate(off) == Reminders(week_digest=None, digest=None, reminder=None)


def test_a_rule_says_what_is_different_and_leaves_the_rest_as_usual() -> None:
    found = Reminders.model_validate(
        {
            "week_digest": {"at": "09:00"}, "digest": {"days_before": 2}, "reminder": {"minutes_before": 30},
            "quiet_hours": {"start": "22:00"}, "spread": {"minutes": 5},
        }
    )  # fmt: skip
    assert found == Reminders(
        week_digest=WeekDigest(at=time(9)), digest=Digest(days_before=2), reminder=Reminder(minutes_before=30),
        quiet_hours=QuietHours(start=time(22)), spread=Spread(minutes=5),
    )  # fmt: skip


@pytest.mark.parametrize("rules", [{}, {"digest": False, "last_reminder": True}, {"quiet_hours": False}])
def test_what_is_kept_of_them_is_read_as_the_same(rules: dict[str, object]) -> None:
    known = Reminders.model_validate(rules)
    assert Reminders.model_validate_json(known.model_dump_json()) == known


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"digest": "17:00"}, 'write for example {days_before: 1, at: "17:00"}'),
        ({"reminder": 60}, "write for example {minutes_before: 60}"),
        ({"digest": {"at": "5 pm"}}, "must be a time of day"),
        ({"digest": {"days_before": 0}}, "greater than or equal to 1"),
        ({"week_digest": {"days_before": 1}}, "it would not come before the digest of a day"),
        ({"reminder": {"minutes_before": 10}, "last_reminder": True}, "it would not come after the reminder"),
        ({"quiet_hours": {"start": "21:00", "end": "21:00"}}, "start and end are the same"),
    ],
)
def test_a_rule_that_cannot_be_meant_is_refused_with_what_to_write(wrong: dict[str, object], says: str) -> None:
    with pytest.raises(ValidationError, match=says.replace("{", r"\{")):
        Reminders.model_validate(wrong)
