"""Health, metrics, and the headers around every answer."""

import signal
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import get_args

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from adapters.broker.embedded import EmbeddedBroker
from adapters.broker.queues import ENQUEUED_AT, QUEUES
from adapters.database import registrants, signs, zoom_events
from adapters.database.engine import Database
from adapters.database.schema import migrate
from adapters.database.tables import ZoomEventRow
from adapters.database.tallies import MESSAGES, REMINDER_LAG, SEND_DURATION, Tallies
from adapters.database.zoom_events import Planned
from config.logging import FIELDS
from domain.bounces.said import Class
from domain.health import CODES, SEVERITIES
from domain.letters.model import LetterKind
from schemas.programme import CORRESPONDENCE_LANGUAGES
from schemas.zoom import ZoomRegistrant
from tests.servers.postgres import NoPostgres, PrivatePostgres, private_postgres
from tests.web.conftest import Door, House
from tests.web.street import GOOGLE, HOOK, JSON, NOW, PAGE, native, signed, typed
from web.sources import SOURCES
from web.webhook import Webhook

_HISTOGRAMS = ("convenor_send_duration_seconds", "convenor_reminder_lag_seconds")


@pytest.fixture
def with_broker(house: House, broker: EmbeddedBroker) -> Iterator[Door]:
    """A web part whose broker answers."""
    house.set(redis_url=broker.client_url)
    with house.door() as door:
        yield door


def figures(door: Door) -> dict[str, float]:
    """Every figure of ours, by name and labels."""
    answer = door.get("/metrics")
    assert (answer.status_code, answer.headers["content-type"][:10]) == (200, "text/plain")
    return {
        f"{one.name}{sorted(one.labels.values())}": one.value
        for family in text_string_to_metric_families(answer.text)
        for one in family.samples
        if one.name.startswith("convenor_") and not one.name.endswith("_created")
    }


def test_the_process_is_alive_whatever_its_neighbours_are(door: Door, house: House) -> None:
    house.toolbox.database.dispose()
    assert door.get("/livez").status_code == 200


def test_with_both_neighbours_it_is_ready(with_broker: Door) -> None:
    answer = with_broker.get("/readyz")
    assert (answer.status_code, answer.json()) == (200, {"status": "ready", "database": "ok", "broker": "ok"})


def test_without_the_broker_it_is_degraded_but_still_takes_registrations(door: Door) -> None:
    answer = door.get("/readyz")
    expected = {"status": "degraded", "database": "ok", "broker": "unreachable"}
    assert (answer.status_code, answer.json()) == (200, expected)
    assert door.post(HOOK, content=native(), headers=signed(native())).status_code == 202


def test_with_a_database_of_another_form_it_is_not_ready(door: Door, house: House) -> None:
    with house.toolbox.database.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = 'another'")
    answer = door.get("/readyz")
    assert (answer.status_code, answer.json()["database"]) == (503, "not migrated")


def test_the_metrics_count_posts_rows_and_answers(door: Door, house: House) -> None:
    door.post(HOOK, content=native(), headers=signed(native()))
    door.post(GOOGLE, content=b"x", headers={"content-type": JSON})
    door.post("/hooks/invented-by-a-stranger/rivers-2026")
    with house.toolbox.database.write() as session:
        signs.see(session, "clock", house.clock.machine)
    house.clock.machine += timedelta(seconds=90)
    found = figures(door)
    nothing_found = {f"convenor_findings{sorted([code, severity])}": 0 for code in CODES for severity in SEVERITIES}
    first_to_come = {
        **{f"convenor_webhook_posts_total{sorted([status, one])}": 0 for status in ("500", "503")
           for one in (*SOURCES, "unknown")},
        **{f"convenor_bounces_total{[name]}": 0 for name in (*get_args(Class), "complained", "unsubscribed")},
        **{f"convenor_messages_total{sorted([kind, one, 'sent'])}": 0 for kind in get_args(LetterKind)
           for one in CORRESPONDENCE_LANGUAGES},
    }  # fmt: skip
    nobody_waits = {f"convenor_queue_unattended_seconds['{queue}']": 0 for queue in QUEUES}
    assert {name: number for name, number in found.items() if not name.startswith(_HISTOGRAMS)} == {
        **nothing_found,
        **first_to_come,
        **nobody_waits,
        "convenor_findings['clock-silent', 'warning']": 1,
        "convenor_findings['queue-ageing', 'warning']": 1,
        "convenor_findings['broker-down', 'critical']": 1,
        "convenor_counted_timestamp_seconds[]": 1788253603,
        "convenor_webhook_posts_total['202', 'standard']": 1,
        "convenor_webhook_posts_total['401', 'google-forms']": 1,
        "convenor_webhook_posts_total['404', 'unknown']": 1,
        "convenor_database_up[]": 1,
        "convenor_envelopes['received', 'rivers-2026', 'standard']": 1,
        "convenor_waiting['intake']": 1,
        "convenor_waiting['links']": 0,
        "convenor_waiting['invitations']": 0,
        "convenor_waiting['delivery']": 0,
        "convenor_waiting_oldest_age_seconds['intake']": 90,
        "convenor_waiting_oldest_age_seconds['delivery']": 0,
        "convenor_suppressed_addresses[]": 0,
        "convenor_delivery_paused['relay']": 0,
        "convenor_delivery_paused['domain']": 0,
        "convenor_sign_of_life_timestamp_seconds['clock']": 1788253513,
        "convenor_scheduler_last_run_timestamp_seconds[]": 1788253513,
        "convenor_workers['working']": 0,
        "convenor_workers['silent']": 0,
        "convenor_dead[]": 0,
        "convenor_log_fields_dropped_total[]": found["convenor_log_fields_dropped_total[]"],
        "convenor_broker_up[]": 0,
    }


def test_a_post_that_an_error_of_ours_loses_is_counted_too(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Webhook, "_take", _fails)
    assert door.post(HOOK, content=native(), headers=signed(native())).status_code == 500
    assert figures(door)["convenor_webhook_posts_total['500', 'standard']"] == 1


async def _fails(*_given: object) -> None:
    raise ArithmeticError


def test_the_metrics_are_for_this_machine_and_its_network_alone(door: Door) -> None:
    assert door.get("/metrics").status_code == 200
    for header in ("X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"):
        assert door.get("/metrics", headers={header: "10.0.0.1"}).status_code == 404
    for host in ("198.51.101.7", "2a00:1450:4001::1", "", "not-an-address"):
        door.come_from(host)
        assert door.get("/metrics").status_code == 404


def test_with_a_token_they_are_for_whoever_says_it_and_nobody_else(house: House) -> None:
    house.set(metrics_token="a-token-of-at-least-20")
    with house.door() as door:
        refused = door.get("/metrics")
        assert (refused.status_code, refused.headers["www-authenticate"]) == (401, "Bearer")
        assert door.get("/metrics", headers={"Authorization": "Bearer another"}).status_code == 401
        door.come_from("198.51.101.7")
        told = {"Authorization": "Bearer a-token-of-at-least-20", "X-Forwarded-For": "198.51.101.7"}
        assert door.get("/metrics", headers=told).status_code == 200


def test_the_metrics_have_what_workers_have_counted_but_no_number_that_may_be_one_persons(
    door: Door, house: House
) -> None:
    counted = Tallies()
    for seconds in (0.02, 0.3, 0.3, 40.0):
        counted.observe(SEND_DURATION, seconds)
    for language, number in (("en", 5), ("ru", 4)):
        for _ in range(number):
            counted.count(MESSAGES, "invitation", language, "sent")
    for _ in range(2):  # a second worker counts on
        with house.toolbox.database.write() as session:
            counted.add(session)
        counted.observe(REMINDER_LAG, 2.0)
    found = figures(door)
    messages = {name: number for name, number in found.items() if name.startswith("convenor_messages")}
    assert {name: number for name, number in messages.items() if number} == {
        "convenor_messages_total['en', 'invitation', 'sent']": 5
    }
    bounds = ("0.01", "0.025", "0.5", "+Inf")
    assert [found[f"convenor_send_duration_seconds_bucket['{bound}']"] for bound in bounds] == [0, 1, 3, 4]
    assert found["convenor_send_duration_seconds_sum[]"] == pytest.approx(40.62)
    assert found["convenor_reminder_lag_seconds_count[]"] == 1


def test_the_metrics_show_each_queue_while_the_broker_answers(
    with_broker: Door, house: House, broker: EmbeddedBroker
) -> None:
    message = f'{{"headers": {{"{ENQUEUED_AT}": "{house.clock.machine.isoformat()}"}}}}'
    with broker.address.client() as client:
        client.lpush("intake", message, message)
    house.clock.machine += timedelta(seconds=7)
    found = figures(with_broker)
    assert found["convenor_broker_up[]"] == 1
    assert found["convenor_queue_messages['intake']"] == 2
    assert found["convenor_queue_oldest_age_seconds['intake']"] == 7
    assert found["convenor_queue_messages['delivery']"] == 0


def test_an_event_that_comes_while_the_metrics_are_read_hides_nothing(
    door: Door, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = zoom_events.listed

    def then_somebody_comes(reading: Session) -> list[ZoomEventRow]:
        found = asked(reading)
        with house.toolbox.database.write() as session:
            event = zoom_events.ensure(session, Planned("rivers-2026", "opening", None, None), NOW)
            robin = ZoomRegistrant(id="fict1", email="robin@example.org", status="pending")
            registrants.named_by_zoom(session, house.toolbox.vault, event, robin, NOW).status = "pending"
        return found

    monkeypatch.setattr(zoom_events, "listed", then_somebody_comes)
    assert figures(door)["convenor_database_up[]"] == 1
    assert figures(door)["convenor_zoom_registrants['', 'pending']"] == 1


def test_the_metrics_do_without_a_database_that_is_gone(door: Door, house: House) -> None:
    with house.toolbox.database.engine.begin() as connection:
        for table in ("letter_events", "bounces", "suppressions"):
            connection.exec_driver_sql(f"DROP TABLE {table}")
        connection.exec_driver_sql("DROP TABLE letters")
    found = figures(door)
    of_its_own = ("convenor_findings", "convenor_webhook_posts_total")
    assert {name for name in found if not name.startswith(of_its_own)} == {
        "convenor_database_up[]", "convenor_broker_up[]", "convenor_log_fields_dropped_total[]",
    }  # fmt: skip
    assert {name for name, number in found.items() if name.startswith("convenor_findings") and number} == {
        "convenor_findings['critical', 'database-down']", "convenor_findings['broker-down', 'critical']",
    }  # fmt: skip


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # whose place PostgreSQL takes
def test_a_database_that_is_frozen_is_said_to_be_down_before_prometheus_gives_up(
    house: House, postgres_of_our_own: PrivatePostgres
) -> None:
    database = Database(postgres_of_our_own.url)
    migrate(database)
    house.toolbox = replace(house.toolbox, database=database)
    with house.door() as door:
        assert figures(door)["convenor_database_up[]"] == 1  # and a connection is kept open
        postgres_of_our_own.signal_all(signal.SIGSTOP)
        found = figures(door)
        assert (found["convenor_database_up[]"], found["convenor_findings['critical', 'database-down']"]) == (0, 1)
        assert door.get("/readyz").json()["database"] == "too slow"
        assert door.get("/livez").status_code == 200
        postgres_of_our_own.signal_all(signal.SIGCONT)
        assert figures(door)["convenor_database_up[]"] == 1
    database.dispose()


@pytest.fixture
def postgres_of_our_own() -> Iterator[PrivatePostgres]:
    """One that can be frozen, and goes on at the end."""
    try:
        with private_postgres() as one:
            yield one
            one.signal_all(signal.SIGCONT)
    except NoPostgres as missing:
        pytest.skip(str(missing))


def test_no_metric_carries_what_a_person_typed(door: Door) -> None:
    door.post(PAGE, data=typed())
    assert not any(word in door.get("/metrics").text.lower() for word in ("amina", "kova", "example.org"))


@pytest.mark.parametrize("address", ["/livez", PAGE, "/nothing", HOOK, "/admin/login", "/static/convenor.css"])
def test_every_answer_makes_browsers_careful(door: Door, address: str) -> None:
    headers = door.get(address).headers
    assert headers["content-security-policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    )
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == ("same-origin" if "admin" in address else "no-referrer")
    assert headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cache-control"] == ("max-age=3600" if "static" in address else "no-store")
    assert "strict-transport-security" not in headers


def test_over_https_browsers_are_told_to_stay_with_it(house: House) -> None:
    house.set(public_url="https://convenor.example.org")
    with house.door() as door:
        assert door.get("/livez").headers["strict-transport-security"] == "max-age=31536000"


def test_the_log_says_only_what_a_log_may_say(door: Door) -> None:
    with capture_logs() as lines:
        door.post(HOOK, content=native(), headers=signed(native()))
        door.post(HOOK, content=native(), headers={"content-type": JSON})
        door.post(PAGE, data=typed())
        door.post(PAGE, data=typed(website="spam"))
    assert len(lines) == 4
    assert {name for line in lines for name in line} <= FIELDS | {"log_level"}
    assert not any(word in repr(lines).lower() for word in ("amina", "kova", "@"))


def test_the_emulator_of_zoom_is_there_only_where_it_is_meant(house: House) -> None:
    with house.door() as door:
        answer = door.get("/zoom-emulator/j/token")
        assert (answer.status_code, "Zoom would open here" in answer.text) == (200, True)
    house.set(zoom_emulator="off")
    with house.door() as door:
        assert door.get("/zoom-emulator/j/token").status_code == 404


def test_below_a_path_of_the_public_address_links_and_redirects_carry_it(house: House) -> None:
    house.set(public_url="https://www.example.org/convenor/")
    with house.door() as door:
        assert 'href="/convenor/static/convenor.css"' in door.get(PAGE).text
        assert door.post(PAGE, data=typed()).headers["location"].startswith(f"/convenor{PAGE}/received")
        assert door.get("/admin/").headers["location"] == "/convenor/admin/login"
