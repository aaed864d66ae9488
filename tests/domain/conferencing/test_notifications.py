"""What Zoom's notifications say, read from sample bodies, and that nothing more of a person is read."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.conferencing.notifications import (
    AttendanceNotification,
    Deauthorized,
    EventChanged,
    EventDeleted,
    EventEnded,
    EventStarted,
    Notification,
    Other,
    RegistrantNotification,
    read,
    registration_data,
)
from domain.sources.understanding import NotUnderstood
from schemas.registration import RegistrationData
from schemas.zoom import ZoomRegistrant

SAMPLES = Path(__file__).parent / "samples"
ELENA = (
    "https://vienna-demo.zoom.us/w/98123456780?tk=1lIBeG05adTDhSB5UAyGhJ3rDKXIYWTyvMQ6MRabYvQ.DQYAAAAW2J0hDBZQM0FGYl94"
    "ZjJDckxmS2J2LUUzbGt4AAAAAAAAAAAAAAAAAAAAAAAAAAAA&uuid=WN_P3AFb_xf2CrLfKbv-E3lkx"
)
TOMAS = (
    "https://vienna-demo.zoom.us/w/95511223344?tk=IsYVUdFcm7So2KasYXmp5fe9uSBLHSETgow5MWn2hbc.DQYAAAAWPOmcMBY4a2lDVWtf"
    "dnY3V0FCM0ZnWUVBLXA3AAAAAAAAAAAAAAAAAAAAAAAAAAAA"
)


def sample(name: str) -> dict[str, Any]:
    """A sample body, to be changed."""
    found: dict[str, Any] = json.loads((SAMPLES / f"zoom_webhook_{name}.json").read_bytes())
    return found


def said(message: object) -> Notification:
    """What a body says."""
    return read(json.dumps(message).encode())


def registered(**changes: object) -> RegistrantNotification:
    """The sample of somebody who registered, with changes to the registrant."""
    message = sample("webinar_registration_created")
    message["payload"]["object"]["registrant"] |= changes
    found = said(message)
    assert isinstance(found, RegistrantNotification)
    return found


def refused(message: object) -> list[tuple[str, str]]:
    """The reasons for which a body is not understood."""
    with pytest.raises(NotUnderstood) as wrong:
        said(message)
    return [(reason.field, reason.code) for reason in wrong.value.reasons]


def elena(status: str, join_url: str | None) -> ZoomRegistrant:
    """The registrant of the webinar's samples."""
    return ZoomRegistrant.model_validate({
        "id": "YPgTcAWrPBfwYoyk9Mr_s_", "email": "elena.orlova@example.org", "first_name": "Елена",
        "last_name": "Орлова-Пример", "status": status, "join_url": join_url,
    })  # fmt: skip


def tomas(status: str, join_url: str | None) -> ZoomRegistrant:
    """The registrant of the meeting's samples."""
    return ZoomRegistrant.model_validate({
        "id": "1ar4h4761O4qAm2vuqfuRF", "email": "tomas.ferreira@example.org", "first_name": "Tomás",
        "last_name": "O'Ferreira Ñandú", "status": status, "join_url": join_url,
    })  # fmt: skip


WEBINAR: dict[str, Any] = {"kind": "webinar", "number": 98123456780}
MEETING: dict[str, Any] = {"kind": "meeting", "number": 95511223344}
REGISTERED = datetime(2026, 9, 1, 9, 5, 0, 412_000, tzinfo=UTC)
APPROVED = datetime(2026, 9, 1, 9, 30, 0, 100_000, tzinfo=UTC)
CANCELLED, DENIED = APPROVED + timedelta(days=1), APPROVED + timedelta(days=1, minutes=10)
UPDATED = datetime(2026, 9, 20, 7, 0, 1, tzinfo=UTC)
DELETED = datetime(2026, 9, 21, 7, 0, 0, 764_000, tzinfo=UTC)

EXPECTED: dict[str, Notification] = {
    "webinar_registration_created": RegistrantNotification(
        name="webinar.registration_created", at=REGISTERED, **WEBINAR, what="created",
        registrant=elena("approved", ELENA), language=None,
    ),
    "webinar_registration_approved": RegistrantNotification(
        name="webinar.registration_approved", at=APPROVED, **WEBINAR, what="approved",
        registrant=elena("approved", ELENA), language=None,
    ),
    "webinar_registration_cancelled": RegistrantNotification(
        name="webinar.registration_cancelled", at=CANCELLED, **WEBINAR, what="cancelled",
        registrant=elena("denied", None), language=None,
    ),
    "webinar_registration_denied": RegistrantNotification(
        name="webinar.registration_denied", at=DENIED, **WEBINAR, what="denied",
        registrant=elena("denied", None), language=None,
    ),
    "meeting_registration_created": RegistrantNotification(
        name="meeting.registration_created", at=REGISTERED, **MEETING, what="created",
        registrant=tomas("approved", TOMAS), language=None,
    ),
    "meeting_registration_approved": RegistrantNotification(
        name="meeting.registration_approved", at=APPROVED, **MEETING, what="approved",
        registrant=tomas("approved", TOMAS), language=None,
    ),
    "meeting_registration_cancelled": RegistrantNotification(
        name="meeting.registration_cancelled", at=CANCELLED, **MEETING, what="cancelled",
        registrant=tomas("denied", None), language=None,
    ),
    "meeting_registration_denied": RegistrantNotification(
        name="meeting.registration_denied", at=DENIED, **MEETING, what="denied",
        registrant=tomas("denied", None), language=None,
    ),
    "webinar_updated": EventChanged(
        name="webinar.updated", at=UPDATED, **WEBINAR, what="updated",
        changed=frozenset({"start_time", "settings.language_interpretation"}),
    ),
    "meeting_updated": EventChanged(
        name="meeting.updated", at=UPDATED, **MEETING, what="updated", changed=frozenset({"start_time"})
    ),
    "webinar_converted_to_meeting": EventChanged(
        name="webinar.converted_to_meeting", at=DELETED + timedelta(days=1), kind="meeting", number=98123456780,
        what="converted", changed=frozenset(),
    ),
    "webinar_deleted": EventDeleted(name="webinar.deleted", at=DELETED, **WEBINAR, operation="single"),
    "meeting_deleted": EventDeleted(name="meeting.deleted", at=DELETED, **MEETING, operation="single"),
    "webinar_started": EventStarted(
        name="webinar.started", at=datetime(2026, 10, 22, 12, 0, 7, 572_000, tzinfo=UTC), **WEBINAR, practice=False
    ),
    "meeting_started": EventStarted(
        name="meeting.started", at=datetime(2026, 10, 27, 13, 0, 7, 572_000, tzinfo=UTC), **MEETING, practice=False
    ),
    "webinar_ended": EventEnded(
        name="webinar.ended", at=datetime(2026, 10, 22, 13, 20, tzinfo=UTC), **WEBINAR, practice=False
    ),
    "meeting_ended": EventEnded(
        name="meeting.ended", at=datetime(2026, 10, 27, 14, 35, tzinfo=UTC), **MEETING, practice=False
    ),
    "webinar_participant_joined": AttendanceNotification(
        name="webinar.participant_joined", at=datetime(2026, 10, 22, 12, 0, 40, tzinfo=UTC), **WEBINAR,
        what="joined", registrant_id="YPgTcAWrPBfwYoyk9Mr_s_",
    ),
    "webinar_participant_left": AttendanceNotification(
        name="webinar.participant_left", at=datetime(2026, 10, 22, 13, 20, tzinfo=UTC), **WEBINAR,
        what="left", registrant_id="YPgTcAWrPBfwYoyk9Mr_s_",
    ),
    "meeting_participant_joined": AttendanceNotification(
        name="meeting.participant_joined", at=datetime(2026, 10, 27, 13, 0, 40, tzinfo=UTC), **MEETING,
        what="joined", registrant_id="1ar4h4761O4qAm2vuqfuRF",
    ),
    "meeting_participant_left": AttendanceNotification(
        name="meeting.participant_left", at=datetime(2026, 10, 27, 14, 35, tzinfo=UTC), **MEETING,
        what="left", registrant_id="1ar4h4761O4qAm2vuqfuRF",
    ),
    "app_deauthorized": Deauthorized("25rIOd01-t6Ro88g0vcryG", datetime(2026, 9, 30, 10, tzinfo=UTC)),
    "endpoint_url_validation": Other("endpoint.url_validation"),
}  # fmt: skip


@pytest.mark.parametrize("name", EXPECTED)
def test_each_sample_is_read_whole(name: str) -> None:
    assert read((SAMPLES / f"zoom_webhook_{name}.json").read_bytes()) == EXPECTED[name]


def test_there_is_a_reading_of_every_sample() -> None:
    names = {path.stem.removeprefix("zoom_webhook_") for path in SAMPLES.glob("zoom_webhook_*.json")}
    assert names - EXPECTED.keys() == {"endpoint_url_validation_response"}


@pytest.mark.parametrize("number", [98123456780, "98123456780", "981 2345 6780", " 981\u00a02345\u00a06780 "])
@pytest.mark.parametrize("name", ["webinar_registration_created", "webinar_ended", "webinar_updated"])
def test_a_number_may_come_as_a_number_as_text_and_with_blanks(name: str, number: object) -> None:
    message = sample(name)
    message["payload"]["object"]["id"] = number
    assert said(message) == EXPECTED[name]


@pytest.mark.parametrize(
    "number", [None, "", "x", "98123456780x", "-5", "٩٨١", "1_000", 0, -1, 2**63, True, 1.5, [], {}]
)
def test_what_is_no_number_is_refused(number: object) -> None:
    message = sample("webinar_started")
    message["payload"]["object"]["id"] = number
    assert refused(message) == [("id", "invalid")]


def test_the_time_may_come_as_text_too() -> None:
    message = sample("webinar_started")
    message["event_ts"] = str(message["event_ts"])
    assert said(message) == EXPECTED["webinar_started"]


@pytest.mark.parametrize("moment", [None, "", "2026-10-22T12:00:00Z", 1792670407, -1, 10**20, True, 1792670407572.5])
def test_what_are_no_milliseconds_of_this_century_is_refused(moment: object) -> None:
    message = sample("webinar_started")
    message["event_ts"] = moment
    assert refused(message) == [("event_ts", "invalid")]


def test_each_part_that_is_missing_is_named() -> None:
    assert refused({}) == [("event", "missing")]
    assert refused({"event": ["webinar.started"]}) == [("event", "invalid")]
    assert refused({"event": "webinar\n.started"}) == [("event", "invalid")]
    assert refused({"event": "webinar.started"}) == [("event_ts", "missing"), ("payload", "missing")]
    whole = {"event": "webinar.registration_created", "event_ts": 1788253500412}
    assert refused(whole | {"payload": {}}) == [("object", "missing")]
    assert refused(whole | {"payload": {"object": []}}) == [("object", "invalid")]
    assert refused(whole | {"payload": {"object": {}}}) == [("id", "missing")]
    assert refused(whole | {"payload": {"object": {"id": 1}}}) == [("registrant", "missing")]
    nobody: dict[str, object] = {"id": 1, "registrant": {}}
    assert refused(whole | {"payload": {"object": nobody}}) == [("id", "missing"), ("email", "missing")]
    attended = {"event": "meeting.participant_left", "event_ts": 1788253500412, "payload": {"object": {"id": 1}}}
    assert refused(attended) == [("participant", "missing")]
    assert refused({"event": "app_deauthorized"}) == [("payload", "missing")]
    assert refused({"event": "app_deauthorized", "payload": {}}) == [("account_id", "missing")]


@pytest.mark.parametrize("body", [b"", b"x", b"[]", b"\xff", b'{"event": NaN}'])
def test_what_is_no_json_object_is_refused(body: bytes) -> None:
    with pytest.raises(NotUnderstood):
        read(body)


@pytest.mark.parametrize("name", ["user.created", "meeting.sharing_started", "webinar.", "webinar", "phone.updated"])
def test_events_that_nobody_uses_are_taken_without_being_looked_into(name: str) -> None:
    assert said({"event": name}) == Other(name)


@pytest.mark.parametrize("status", ["pending", "denied"])
def test_who_may_not_come_yet_has_no_link(status: str) -> None:
    assert registered(status=status).registrant == elena(status, None)


@pytest.mark.parametrize("status", [None, "", "baked", 7, ["approved"]])
def test_a_status_that_is_not_known_is_none_and_the_person_is_not_lost(status: object) -> None:
    found = registered(status=status)
    assert (found.registrant.status, found.registrant.email) == (None, "elena.orlova@example.org")


@pytest.mark.parametrize("link", [None, "", 7, "javascript:alert(1)", "https://zoom.example.org/w/1 2", "https://x\n",
                                  "https://" + "x" * 2001])  # fmt: skip
def test_what_is_no_web_address_is_no_link(link: object) -> None:
    assert registered(join_url=link).registrant.join_url is None


@pytest.mark.parametrize("one", [None, "", "a b", "é", "x" * 65, 7])
def test_a_registrant_without_usable_id_is_refused(one: object) -> None:
    message = sample("webinar_registration_created")
    message["payload"]["object"]["registrant"]["id"] = one
    assert [field for field, _ in refused(message)] == ["id"]


@pytest.mark.parametrize(("at_zoom", "ours"), [("en-US", "en"), ("ru-RU", "ru"), ("jp-JP", "ja"), ("Tr-TR", "tr"),
                                               ("zh-TW", "zh"), ("", None), ("xx-XX", None), (None, None)])  # fmt: skip
def test_a_registrants_language_becomes_our_code(at_zoom: object, ours: str | None) -> None:
    assert registered(language=at_zoom).language == ours


def test_what_is_not_needed_of_a_person_is_not_read() -> None:
    everything = [repr(EXPECTED[name]) + repr(vars(EXPECTED[name])) for name in EXPECTED]
    for dropped in ("Fictitious Institute", "Vienna", "newsletter", "events.admin", "left the", "Russian", "402517"):
        assert dropped not in "".join(everything)


def test_what_is_printed_of_a_notification_names_nobody() -> None:
    printed = repr(registered())
    for secret in ("Елена", "Орлова", "elena", "tk="):
        assert secret not in printed


def test_a_field_that_was_set_to_what_it_was_is_not_changed() -> None:
    message = sample("webinar_updated")
    message["payload"]["object"]["topic"] = message["payload"]["old_object"]["topic"] = "Rivers"
    assert said(message) == EXPECTED["webinar_updated"]


def test_without_what_it_was_before_all_that_is_named_is_changed() -> None:
    message = sample("webinar_updated")
    del message["payload"]["old_object"]
    message["payload"]["object"] |= {"topic": None, "Ünusual name": 1}
    found = said(message)
    assert isinstance(found, EventChanged)
    assert found.changed == {"start_time", "topic", "settings.language_interpretation"}


@pytest.mark.parametrize(
    ("name", "kind", "what"),
    [
        ("meeting.created", "meeting", "created"),
        ("webinar.recovered", "webinar", "recovered"),
        ("meeting.converted_to_webinar", "webinar", "converted"),
    ],
)
def test_an_event_is_read_again_when_it_is_new_or_of_another_kind(name: str, kind: str, what: str) -> None:
    found = said(sample("meeting_deleted") | {"event": name})
    assert isinstance(found, EventChanged)
    assert (found.name, found.kind, found.what, found.changed) == (name, kind, what, frozenset())


def test_a_series_is_deleted_as_a_whole_or_in_part() -> None:
    message = sample("meeting_deleted") | {"event": "meeting.permanently_deleted"}
    message["payload"]["operation"] = "all"
    assert said(message) == EventDeleted(
        name="meeting.permanently_deleted", at=DELETED, **MEETING, operation="all"
    )  # fmt: skip


@pytest.mark.parametrize("name", ["webinar_started", "webinar_ended"])
def test_the_panelists_practice_is_told_apart_from_the_webinar(name: str) -> None:
    message = sample(name)
    message["payload"]["object"]["practice_session"] = True
    found = said(message)
    assert isinstance(found, EventStarted | EventEnded)
    assert found.practice


@pytest.mark.parametrize("time", [None, "", "later", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", {}])
def test_a_time_that_cannot_be_read_is_the_notifications_own(time: object) -> None:
    for name, field, part in (
        ("webinar_participant_left", "leave_time", "participant"),
        ("webinar_ended", "end_time", ""),
    ):
        message = sample(name)
        about = message["payload"]["object"]
        (about[part] if part else about)[field] = time
        message["event_ts"] = 1792675200000
        found = said(message)
        assert isinstance(found, AttendanceNotification | EventEnded)
        assert found.at == datetime(2026, 10, 22, 13, 20, tzinfo=UTC)


@pytest.mark.parametrize("one", ["", None])
def test_a_panelist_has_no_registrant_id(one: object) -> None:
    message = sample("webinar_participant_joined")
    message["payload"]["object"]["participant"]["registrant_id"] = one
    found = said(message)
    assert isinstance(found, AttendanceNotification)
    assert found.registrant_id is None


def test_a_deauthorization_without_a_time_of_its_own_takes_the_text_for_utc_and_is_not_lost_without() -> None:
    message = sample("app_deauthorized")
    del message["payload"]["deauthorization_time"]
    assert said(message) == Deauthorized("25rIOd01-t6Ro88g0vcryG", datetime(2026, 9, 30, 10, 0, 1, tzinfo=UTC))
    message["payload"]["event_ts"] = "yesterday"
    assert said(message) == Deauthorized("25rIOd01-t6Ro88g0vcryG", None)


def test_who_registered_at_zoom_is_registered_here_with_name_address_and_language() -> None:
    notification = registered(language="ru-RU", org="Fictitious Institute", email=" Elena.Orlova@example.org ")
    assert registration_data(notification, "survivor-voices") == RegistrationData(
        full_name="Елена Орлова-Пример", email="Elena.Orlova@example.org", language="ru",
        sessions=("survivor-voices",),
    )  # fmt: skip


def test_a_language_in_which_no_letters_are_written_is_not_taken_over() -> None:
    assert registration_data(registered(language="pl-PL"), "rivers").language is None


@pytest.mark.parametrize(
    ("first", "last", "name"),
    [
        (" Amina ", "", "Amina"),
        ("", "Kovač", "Kovač"),
        ("Ami\nna", "Ko\u202evač\x00", "Ami na Ko vač"),
        ("a" * 150, "b" * 150, "a" * 150 + " " + "b" * 49),
        (".", "-", "elena.orlova"),
        ("\u200b", "", "elena.orlova"),
        (None, 7, "elena.orlova"),
    ],
)
def test_nobody_is_lost_for_an_odd_name(first: object, last: object, name: str) -> None:
    assert registration_data(registered(first_name=first, last_name=last), "rivers").full_name == name


def test_who_has_neither_a_name_nor_an_address_that_is_one_is_refused_with_the_reason() -> None:
    with pytest.raises(NotUnderstood, match=r"^full_name: invalid$"):
        registration_data(registered(first_name="", last_name="", email="_@example.org"), "rivers")
    with pytest.raises(NotUnderstood, match=r"^email: invalid$"):
        registration_data(registered(email="not an address"), "rivers")


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3), max_leaves=8,
)  # fmt: skip


def understood_or_why(ask: Callable[[], object]) -> object:
    """The answer, or the reasons for which there is none. Anything else breaks the test."""
    try:
        return ask()
    except NotUnderstood as wrong:
        return wrong.reasons


@given(body=st.binary() | JSON_VALUES.map(lambda value: json.dumps(value).encode()))
def test_garbage_is_refused_with_reasons_and_never_breaks(body: bytes) -> None:
    assert understood_or_why(lambda: read(body))


@given(name=st.sampled_from(sorted(EXPECTED)), where=st.integers(0, 30), value=JSON_VALUES)
def test_a_sample_with_any_field_replaced_is_read_or_refused(name: str, where: int, value: object) -> None:
    message = sample(name)
    places = leaves(message)
    holder, key = places[where % len(places)]
    holder[key] = value
    found = understood_or_why(lambda: said(message))
    assert found
    if isinstance(found, RegistrantNotification):
        assert understood_or_why(lambda: registration_data(found, "rivers"))


def leaves(value: dict[str, Any]) -> list[tuple[dict[str, Any], str]]:
    """Where each field stands, those of inner objects too."""
    inner = [place for one in value.values() if isinstance(one, dict) for place in leaves(one)]
    return [(value, key) for key in value] + inner
