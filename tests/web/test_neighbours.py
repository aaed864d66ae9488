"""Health, metrics, and the headers around every answer."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from adapters.broker.embedded import EmbeddedBroker
from adapters.broker.queues import ENQUEUED_AT
from adapters.database import registrants, signs, zoom_events
from adapters.database.tables import ZoomEventRow
from adapters.database.zoom_events import Planned
from config.logging import FIELDS
from schemas.zoom import ZoomRegistrant
from tests.web.conftest import Door, House
from tests.web.street import GOOGLE, HOOK, JSON, NOW, PAGE, native, signed, typed


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
    assert figures(door) == {
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
        "convenor_broker_up[]": 0,
    }


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
    assert figures(door) == {"convenor_database_up[]": 0, "convenor_broker_up[]": 0}


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
    assert headers["referrer-policy"] == "no-referrer"
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
