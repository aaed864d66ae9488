"""The client against the emulated Zoom, over real connections: each method, and what can go wrong on the way."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from adapters.zoom.accounts import Outside, ZoomAccounts
from adapters.zoom.client import ZoomClient, ZoomRefused
from config.settings import Settings, ZoomAccount
from domain.conferencing.outcomes import outcome
from schemas.zoom import Endpoint, EventKind, NewRegistrant, Refusal, ZoomRegistrant
from tests.adapters.zoom_lab import Moment, a_vault, nobody
from tests.domain.conferencing.test_outcomes import DOCUMENTED
from tests.servers.zoom import ZoomServer, a_zoom, an_account
from web.zoom_emulator.faults import Fault

KINDS: tuple[EventKind, EventKind] = ("webinar", "meeting")
SEPTEMBER = datetime(2026, 9, 1, 9, 0, tzinfo=UTC)
MIDNIGHT = datetime(2026, 9, 2, tzinfo=UTC)


@dataclass
class Street:
    """An emulated Zoom, and our accounts in front of it."""

    zoom: ZoomServer
    accounts: ZoomAccounts
    now: Moment

    def client(self, name: str = "osce-org") -> ZoomClient:
        found = self.accounts.client(name)
        assert found is not None
        return found

    def event(self, kind: EventKind = "webinar", account: str = "osce-org", **settings: Any) -> int:
        wanted = {"topic": "Rivers across borders", "start_time": "2026-10-22T12:00:00Z", "duration": 75,
                  "settings": {"approval_type": 0, **settings}}  # fmt: skip
        return self.zoom.emulator.create(account, kind, wanted)

    def addresses(self, number: int, *statuses: str) -> list[str]:
        return [one["email"] for one in self.zoom.emulator.registrants(number, *statuses)]

    def fail(self, kind: str, endpoint: str, **more: Any) -> None:
        self.zoom.emulator.inject(Fault.model_validate({"kind": kind, "endpoint": endpoint, **more}))

    def meaning(self, refused: pytest.ExceptionInfo[ZoomRefused]) -> tuple[str, str]:
        found = outcome(refused.value.refusal, tries=0, now=self.now())
        return found.do, found.reason


@pytest.fixture
def street(tmp_path: Path) -> Iterator[Street]:
    now = Moment(SEPTEMBER)
    known = {"osce-org": an_account("osce-org"), "odihr-pl": an_account("odihr-pl", plan="business")}
    with a_zoom(tmp_path / "zoom", accounts=known, now=now, limits=False, person_limit="account") as zoom:
        configured = {name: ZoomAccount.model_validate(zoom.account(name)) for name in known}
        settings = Settings(var=tmp_path / "var", zoom_accounts=configured, zoom_emulator="off", _env_file=None)
        accounts = ZoomAccounts(settings, a_vault(), nobody(tmp_path), _machine_now, now, Outside())
        yield Street(zoom, accounts, now)
        accounts.close()


def _machine_now() -> datetime:
    return datetime.now(UTC)


def person(number: int) -> NewRegistrant:
    return NewRegistrant(email=f"person{number:03}@example.org", first_name="Person", last_name=f"No. {number}")


def people(first: int, last: int) -> list[tuple[NewRegistrant, str]]:
    return [(person(number), str(number)) for number in range(first, last)]


# What it is for


@pytest.mark.parametrize("kind", KINDS)
def test_whoever_is_added_has_a_link_and_is_on_the_list(street: Street, kind: EventKind) -> None:
    number, client = street.event(kind), street.client()
    who = NewRegistrant(email="Elena.Orlova@example.org", first_name="Елена", last_name="Орлова", language="ru-RU")
    added = client.add(kind, number, who, "elena")
    looked_up = client.registrant(kind, number, added.id)
    assert looked_up == ZoomRegistrant(
        id=added.id, email=who.email, first_name="Елена", last_name="Орлова", language="ru-RU", status="approved",
        join_url=added.join_url,
    )  # fmt: skip
    (listed,) = client.registrants(kind, number)
    assert listed.model_copy(update={"language": "ru-RU"}) == looked_up  # lists do not tell it
    assert client.add(kind, number, who, "elena").id == added.id
    assert street.addresses(number) == [who.email]


@pytest.mark.parametrize("kind", KINDS)
def test_thirty_are_added_at_once(street: Street, kind: EventKind) -> None:
    number, client = street.event(kind, approval_type=1), street.client()
    added = client.add_batch(kind, number, people(0, 30))
    assert [(one.email, one.status, one.join_url is not None) for one in added] == [
        (person(number).email, "approved", True) for number in range(30)
    ]
    assert {one.id: one.join_url for one in added} == {one.id: one.join_url for one in client.registrants(kind, number)}


def test_hundreds_are_listed_in_pages_and_a_token_that_ended_begins_anew(street: Street) -> None:
    number, client = street.event(), street.client()
    for first in range(0, 330, 30):
        client.add_batch("webinar", number, people(first, first + 30))
    street.fail("case", "list-registrants", case="page_token_invalid", skip=2)  # after: pending, and a page of approved
    listed = client.registrants("webinar", number)
    assert [one.email for one in listed] == [person(number).email for number in range(330)]
    asked = [one for one in street.zoom.emulator.calls() if one["endpoint"] == "list-registrants"]
    assert len(asked) == 1 + 2 + 2 + 1


@pytest.mark.parametrize("kind", KINDS)
def test_who_needs_approval_gets_a_link_by_it(street: Street, kind: EventKind) -> None:
    number, client = street.event(kind, approval_type=1), street.client()
    added = client.add("webinar", number, person(1), "1") if kind == "webinar" else None
    if added is None:
        # Our own additions to a meeting are approved; somebody else's wait.
        assert client.add(kind, number, person(1), "1").status == "approved"
        return
    assert (added.status, added.join_url) == ("pending", None)
    client.set_status(kind, number, "approve", [(added.id, added.email)])
    (listed,) = client.registrants(kind, number)
    assert (listed.status, listed.join_url is not None) == ("approved", True)


@pytest.mark.parametrize("kind", KINDS)
def test_who_was_cancelled_comes_back_by_approval_alone(street: Street, kind: EventKind) -> None:
    number, client = street.event(kind), street.client()
    added = client.add(kind, number, person(1), "1")
    client.set_status(kind, number, "cancel", [(added.id, added.email)])
    assert [one.status for one in client.registrants(kind, number)] == ["denied"]
    with pytest.raises(ZoomRefused) as caught:
        client.add(kind, number, person(1), "1")
    assert street.meaning(caught) == ("again", "zoom-3000-denied")
    client.set_status(kind, number, "approve", [(added.id, added.email)])
    assert [(one.id, one.status) for one in client.registrants(kind, number)] == [(added.id, "approved")]


@pytest.mark.parametrize("kind", KINDS)
def test_statuses_of_more_than_thirty_are_changed(street: Street, kind: EventKind) -> None:
    number, client = street.event(kind), street.client()
    added = [*client.add_batch(kind, number, people(0, 30)), *client.add_batch(kind, number, people(30, 35))]
    client.set_status(kind, number, "deny", [(one.id, one.email) for one in added])
    assert len(street.addresses(number, "denied")) == 35


@pytest.mark.parametrize(("kind", "other"), [KINDS, KINDS[::-1]])
def test_an_event_is_found_whichever_kind_it_was_said_to_be(street: Street, kind: EventKind, other: EventKind) -> None:
    number = street.event(kind)
    assert [street.client().event(said, number).kind for said in (kind, other)] == [kind, kind]


def test_all_events_of_all_hosts_are_found_with_their_registration_addresses(street: Street) -> None:
    numbers = {("webinar", street.event("webinar")), ("meeting", street.event("meeting"))}
    street.event("webinar", account="odihr-pl")
    street.zoom.emulator.add_user("osce-org", "second.host@example.org")
    found = list(street.client().events())
    assert {(one.kind, one.id) for one in found} == numbers
    assert {one.registration_url for one in found} == {
        street.zoom.emulator.event(number)["registration_url"] for _, number in numbers
    }


@pytest.mark.parametrize("kind", KINDS)
def test_zooms_own_mails_are_off_when_they_are_read_back(street: Street, kind: EventKind) -> None:
    number, client = street.event(kind), street.client()
    before = client.event(kind, number).settings
    client.switch_mails_off(kind, number)
    after = client.event(kind, number).settings
    assert (before.registrants_confirmation_email, after.registrants_confirmation_email) == (True, False)
    assert not after.registrants_email_notification
    assert not after.attendees_and_panelists_reminder_email_notification.enable
    assert after.approval_type == before.approval_type


@pytest.mark.parametrize("kind", KINDS)
def test_questions_that_must_be_answered_are_told(street: Street, kind: EventKind) -> None:
    number = street.event(kind)
    assert street.client().required_questions(kind, number) == ()
    street.zoom.emulator.ask(number, [{"field_name": "org", "required": True}], [{"title": "Why?", "required": True}])
    assert street.client().required_questions(kind, number) == ("org", "custom")


def test_a_question_about_questions_that_is_refused_stops_nothing(street: Street) -> None:
    street.fail("case", "get-questions", case="scope_missing", times=None)
    with pytest.raises(ZoomRefused) as caught:
        street.client().required_questions("webinar", street.event())
    assert street.meaning(caught) == ("again", "zoom-4711-questions")


def test_languages_made_in_the_portal_and_scopes_are_told(street: Street) -> None:
    host = street.zoom.emulator.add_user("osce-org", "host@example.org", "Arabic", "Italian")
    assert street.client().interpretation_languages(host) == {"Arabic", "Italian"}
    assert "webinar:write:registrant:admin" in street.client().scopes()


# What can go wrong


@pytest.mark.parametrize("kind", KINDS)
def test_an_addition_whose_answer_was_lost_is_found_by_the_list(street: Street, kind: EventKind) -> None:
    number, client = street.event(kind), street.client()
    street.fail("drop", "add-registrant", committed=True)
    with pytest.raises(ZoomRefused) as caught:
        client.add(kind, number, person(1), "1")
    assert street.meaning(caught) == ("again", "zoom-no-answer")
    assert [(one.email, one.join_url is not None) for one in client.registrants(kind, number)] == [
        (person(1).email, True)
    ]


def test_a_batch_whose_answer_was_lost_is_found_by_the_list(street: Street) -> None:
    number, client = street.event(), street.client()
    street.fail("drop", "batch-registrants", committed=True)
    with pytest.raises(ZoomRefused):
        client.add_batch("webinar", number, people(0, 30))
    assert len(client.registrants("webinar", number)) == 30
    assert len([one for one in street.zoom.emulator.calls() if one["endpoint"] == "batch-registrants"]) == 1


def test_a_question_whose_answer_was_lost_is_asked_again(street: Street) -> None:
    number = street.event()
    street.fail("drop", "list-registrants")
    assert street.client().registrants("webinar", number) == []


def test_a_batch_that_meets_the_end_of_the_places_leaves_the_rest_to_be_added_singly(street: Street) -> None:
    number, client = street.event(registrants_restrict_number=3), street.client()
    with pytest.raises(ZoomRefused) as caught:
        client.add_batch("webinar", number, people(0, 5))
    assert street.meaning(caught) == ("again", "zoom-3043-full")
    assert len(client.registrants("webinar", number)) == 3
    with pytest.raises(ZoomRefused) as caught:
        client.add("webinar", number, person(4), "4")
    assert street.meaning(caught) == ("ask", "zoom-3000-full")


@pytest.mark.parametrize("rate_headers", [True, False])
def test_a_fourth_addition_in_a_day_waits_until_midnight_utc(street: Street, rate_headers: bool) -> None:
    street.zoom.emulator.configure(limits=True, rate_headers=rate_headers)
    numbers, client = [street.event() for _ in range(4)], street.client()
    for number in numbers[:3]:
        client.add("webinar", number, person(1), "1")
    with pytest.raises(ZoomRefused) as caught:
        client.add("webinar", numbers[3], person(1), "1")
    found = outcome(caught.value.refusal, tries=0, now=street.now())
    assert (found.reason, found.until, found.scope) == ("zoom-429-person-per-day", MIDNIGHT, "person")
    street.now.at = MIDNIGHT
    assert client.add("webinar", numbers[3], person(1), "1").join_url is not None


@pytest.mark.parametrize("headers", [True, False])
def test_limits_are_told_apart_with_and_without_headers(street: Street, headers: bool) -> None:
    number, client = street.event(), street.client()
    found = []
    for case in ("rate_per_second", "rate_daily", "rate_same_registrant"):
        street.fail("case", "add-registrant", case=case, headers=headers)
        with pytest.raises(ZoomRefused) as caught:
            client.add("webinar", number, person(1), "1")
        one = outcome(caught.value.refusal, tries=0, now=street.now())
        found.append((one.reason, one.until, one.scope))
    assert found == [
        ("zoom-429-per-second", None, "account"),
        ("zoom-429-per-day", MIDNIGHT, "account"),
        ("zoom-429-person-per-day", MIDNIGHT, "person"),
    ]
    assert client.add("webinar", number, person(1), "1").join_url is not None


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ({"kind": "html", "status": 200}, "zoom-200-unreadable"),
        ({"kind": "html", "status": 502}, "zoom-502-down"),
        ({"kind": "status", "status": 503}, "zoom-503-down"),
        ({"kind": "error-200", "case": "meeting_full"}, "zoom-3043-full"),
        ({"kind": "drop"}, "zoom-no-answer"),
    ],
)
def test_what_is_no_answer_of_zooms_changes_nothing(street: Street, fault: dict[str, Any], reason: str) -> None:
    number, client = street.event(), street.client()
    street.fail(endpoint="add-registrant", **fault)
    with pytest.raises(ZoomRefused) as caught:
        client.add("webinar", number, person(1), "1")
    assert street.meaning(caught)[1] == reason
    assert street.addresses(number) == []
    client.add("webinar", number, person(1), "1")
    assert street.addresses(number) == [person(1).email]


@pytest.mark.parametrize("variant", [0, 1, 2])
@pytest.mark.parametrize("case", sorted(set(DOCUMENTED) - {"token_invalid", "token_expired"}))
def test_every_documented_error_is_understood_as_the_emulator_sends_it(street: Street, case: str, variant: int) -> None:
    endpoint, expected = DOCUMENTED[case]
    number, client = street.event(), street.client()
    street.zoom.emulator.configure(variant=variant)
    street.fail("case", endpoint, case=case)
    with pytest.raises(ZoomRefused) as caught:
        _asked(client, endpoint, number)
    found = outcome(caught.value.refusal, tries=0, now=street.now())
    assert (found.do, found.reason, found.scope) == (expected.do, expected.reason, expected.scope)


def _asked(client: ZoomClient, endpoint: Endpoint, number: int) -> None:
    """Turn to this endpoint."""
    match endpoint:
        case "add-registrant":
            client.add("webinar", number, person(1), "1")
        case "batch-registrants":
            client.add_batch("webinar", number, people(0, 2))
        case "set-status":
            client.set_status("webinar", number, "approve", [("id", person(1).email)])
        case "get-registrant":
            client.registrant("webinar", number, "id")
        case "update-event":
            client.switch_mails_off("webinar", number)
        case "list-registrants":
            client.registrants("webinar", number)
        case _:
            client._event("webinar", number)


def test_tokens_that_ended_before_their_time_are_renewed_on_the_way(street: Street) -> None:
    number, client = street.event(), street.client()
    client.registrants("webinar", number)
    street.zoom.emulator.expire_tokens()
    client.add("webinar", number, person(1), "1")
    tokens = [one for one in street.zoom.emulator.calls() if one["endpoint"] == "token"]
    assert (len(tokens), street.addresses(number)) == (2, [person(1).email])


def test_the_wrong_secret_and_the_missing_scope_stop_the_account(street: Street, tmp_path: Path) -> None:
    known = {"wrong": an_account("wrong"), "poor": an_account("poor", scopes=("webinar:read:webinar:admin",))}
    with a_zoom(tmp_path / "other", accounts=known) as zoom:
        configured = {
            "wrong": ZoomAccount.model_validate(zoom.account("wrong") | {"client_secret": "another"}),
            "poor": ZoomAccount.model_validate(zoom.account("poor")),
        }
        settings = Settings(var=tmp_path / "its", zoom_accounts=configured, zoom_emulator="off", _env_file=None)
        accounts = ZoomAccounts(settings, a_vault(), nobody(tmp_path), _machine_now, street.now)
        found = []
        for name in configured:
            client = accounts.client(name)
            assert client is not None
            with pytest.raises(ZoomRefused) as caught:
                client.add("webinar", 98123456780, person(1), "1")
            found.append(street.meaning(caught))
        accounts.close()
    assert found == [("stop", "zoom-token-invalid-client"), ("stop", "zoom-4711-scopes")]


def test_an_event_that_was_deleted_and_one_without_registration_stop_it(street: Street) -> None:
    deleted, closed, client = street.event(), street.event(approval_type=2), street.client()
    street.zoom.emulator.act(deleted, "delete")
    found = []
    for number in (deleted, closed):
        with pytest.raises(ZoomRefused) as caught:
            client.add("webinar", number, person(1), "1")
        found.append(street.meaning(caught))
    assert found == [("stop", "zoom-3001-no-event"), ("stop", "zoom-3000-no-registration")]


def test_two_accounts_do_not_see_each_others_events(street: Street) -> None:
    number = street.event(account="odihr-pl")
    assert street.client("odihr-pl").event("webinar", number).id == number
    with pytest.raises(ZoomRefused) as caught:
        street.client("osce-org").event("webinar", number)
    assert isinstance(caught.value.refusal, Refusal)
    assert street.meaning(caught) == ("stop", "zoom-3001-no-event")
