"""What other registration systems have got wrong, replayed. What stands elsewhere:

- reminded of what is over, cancelled, moved, at once, or of tomorrow three days before; "will start" of what has begun
  (odoo 189340, cal.diy 6973 and 10749, Cal-ID 1442, oneuptime 2150, indico 5182): the first part of
  test_reminder_rules; moved into the past (indico 4893): test_plans
- a link before approval, reminders to who waits, strangers let in by Zoom's page (Indico; its plugins' PR 322):
  test_places; two posts at once that overbook: test_oversold, test_oversold_in_changes
- one change told to nobody, no CANCEL, no SEQUENCE (indico 1514): test_plans, test_old_and_new
- mail lost or repeated when something dies, a 550 tried ten times, a re-send refused: test_kills, test_rescue,
  test_delivery, as is one letter that cannot be written beside others that go; a registration that fails because Zoom
  is down: test_conferencing, test_corridor
- a day before as 24 hours before, over a clock change: tests.domain.test_cadence
"""

from tests.house import OLGA, House
from tests.workers.test_places import approve, hall, register, row_of

__all__ = ["hall"]


def test_an_approval_is_told_in_the_language_of_its_participant(hall: House) -> None:
    """Indico's goes in that of the manager who approves."""
    register(hall, "ada", "class", language="ru")
    approve(hall, row_of(hall, "ada", "class").id)
    assert [str(mail.message["Content-Language"]) for mail in hall.mail] == ["ru", "ru"]


def test_a_reminder_is_in_the_language_of_its_reader(house: House) -> None:
    """Indico's is in that of the event, with its zone alone."""
    house.register(OLGA | {"language": "fr", "time_zone": "America/New_York"})
    house.at("2021-06-14T17:00:00+02:00")
    house.deliver()
    assert [str(mail.message["Content-Language"]) for mail in house.mail] == ["fr", "fr"]
    assert "12:00–13:30" in house.mail[-1].text
    assert "18:00–19:30, heure de Vienne" in house.mail[-1].text
