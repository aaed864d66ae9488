"""What a plan says is what then happens: letters, reminders, and nothing twice, on both databases."""

from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from sqlalchemy import select, update

from adapters.database import audits, registrations
from adapters.database.tables import LetterRow, ParticipantRow, ProgrammeRow, RegistrantRow, RegistrationRow
from domain.plans.plan import NotApplied, Plan
from schemas.programme import Conference
from tests.house import FOREVER, OLGA, House
from tests.workers.test_old_and_new import changed, entries, in_force
from workers import plans

SESSION = "survivor-voices"
"""15 June 2021, 18:00 to 19:30 in Vienna; online."""

CROWD: Sequence[dict[str, Any]] = (
    {"language": "en", "sessions": [SESSION, "day-1"]},
    {"language": "fr", "sessions": [SESSION, "community-policing"], "visibility": "discreet"},
    {"language": "de", "sessions": ["day-1"], "attendance": "in-person"},
    {"language": "it", "sessions": [SESSION, "day-1", "cedaw-gr38"]},
    {"language": "ru", "sessions": [SESSION], "time_zone": "Asia/Tokyo"},
    {"language": "es", "sessions": ["community-policing", "cedaw-gr38"]},
    {"language": "ru", "sessions": [SESSION]},
)


def person(number: int, **said: Any) -> dict[str, Any]:
    return {"full_name": f"Person {number}", "email": f"person{number}@ngo.example.org", "interpretation": None,
            "organisation": "OSCE Secretariat", **said}  # fmt: skip


def gather(house: House) -> None:
    """A crowd in six languages: invited, discreet, in the room; who has withdrawn, who awaits approval, and who is not
    invited yet, for Zoom is away."""
    for number, said in enumerate(CROWD):
        house.register(person(number, **said))
    house.withdraw("person6@ngo.example.org")
    house.register(person(7, language="de", sessions=[SESSION]))
    with house.toolbox.database.write() as session:
        whose = select(ParticipantRow.id).where(ParticipantRow.language == "de")
        session.execute(
            update(RegistrationRow)
            .where(RegistrationRow.participant_id.in_(whose), RegistrationRow.session == SESSION)
            .values(state="pending", entry="none", link="none", sealed_join_link=None)
        )
        session.execute(
            update(LetterRow)
            .where(LetterRow.participant_id.in_(whose), LetterRow.about == SESSION, LetterRow.kind == "invitation")
            .values(kind="pending", method=None, sequence=None, dtstamp=None)
        )
    with house.zoom_away():
        house.register(person(8, language="fr", sessions=[SESSION]))
    with house.toolbox.database.write() as session:
        unasked = update(RegistrantRow).where(RegistrantRow.status == "unasked")
        session.execute(unasked.values(machine_try_after=FOREVER))


def with_changes(conference: Conference, **sessions: dict[str, Any]) -> Conference:
    for name, fields in sessions.items():
        conference = changed(conference, name.replace("_", "-"), fields)
    return conference


def counted(plan: Plan) -> Counter[tuple[str, str, str]]:
    return Counter({(one.kind, one.session, one.language): one.count for one in plan.letters})


def gone(house: House, since: int) -> Counter[tuple[str, str, str]]:
    """Kind, session and language of the letters that the mail server has taken since."""
    with house.toolbox.database.read() as session:
        rows = {row.message_id: row for row in session.scalars(select(LetterRow))}
    new = [(rows[mail.message["Message-ID"]], mail.message) for mail in house.mail[since:]]
    return Counter((row.kind, row.about, str(message["Content-Language"])) for row, message in new)


def apply(house: House, after: Conference) -> tuple[Plan, Counter[tuple[str, str, str]]]:
    """Plan, apply, and deliver; the plan, and the letters that went."""
    since, made = len(house.mail), plans.plan(house.toolbox, after)
    plans.apply(house.toolbox, after, made.digest, "cli:somebody")
    for _ in range(2):  # what waits for its link is written when that is there
        house.wait(60)
        house.tend_all()
    return made, gone(house, since)


def another_version(house: House) -> None:
    with house.toolbox.database.write() as session:
        session.get_one(ProgrammeRow, "alliance-2021").version += 1


def test_the_letters_that_go_are_those_of_the_plan(house: House) -> None:
    gather(house)
    known = in_force(house)
    all_at_once = with_changes(
        known,
        survivor_voices={"start": "18:30", "end": "20:00"},
        day_1={"place": "Another hall", "title": "The first day"},
        community_policing={"cancelled": True}, cedaw_gr38={"interpretation": ["fr", "ru"]},
    )  # fmt: skip
    made, letters = apply(house, all_at_once)
    assert letters == counted(made)
    assert {one[0] for one in letters} == {"update", "cancellation", "pending"}
    assert made.waiting == 1
    restored = with_changes(
        all_at_once, community_policing={"cancelled": False}, day_1={"format": "online", "place": None}
    )
    made, letters = apply(house, restored)
    assert letters == counted(made)
    assert sum(one.count for one in made.letters if one.kind == "invitation") == 2


def test_a_plan_that_is_applied_twice_sends_once(house: House) -> None:
    house.register(OLGA)
    after = changed(in_force(house), SESSION, {"start": "18:30", "end": "20:00"})
    made, letters = apply(house, after)
    again = plans.apply(house.toolbox, after, made.digest, "cli:somebody")
    house.wait(60)
    house.deliver()
    assert again.is_empty
    assert letters == {("update", SESSION, "en"): 1}
    assert house.kinds() == ["invitation", "update"]


def test_five_changes_in_a_minute_send_one_letter_from_the_first_to_the_last(house: House) -> None:
    house.register(OLGA)
    for start in ("18:10", "18:20", "18:30", "18:40", "18:50"):
        plans.apply(house.toolbox, changed(in_force(house), SESSION, {"start": start}), None, "cli:somebody")
        house.wait(12)
        house.deliver()
    house.wait(48)
    house.deliver()
    assert house.kinds() == ["invitation", "update"]
    assert "18:00–19:30" in house.mail[-1].text
    assert "18:50–19:30" in house.mail[-1].text
    assert "18:40" not in house.mail[-1].text
    assert entries(house) == [("REQUEST", 0), ("REQUEST", 1)]


def test_a_change_that_is_taken_back_within_the_minute_is_told_nobody(house: House) -> None:
    house.register(OLGA)
    known = in_force(house)
    plans.apply(house.toolbox, changed(known, SESSION, {"start": "18:30"}), None, "cli:somebody")
    made, letters = apply(house, known)
    assert (made.total, letters, made.replaced) == (0, Counter(), 1)
    assert house.kinds() == ["invitation"]
    apply(house, changed(known, SESSION, {"title": "A title without its slip"}))
    assert entries(house) == [("REQUEST", 0), ("REQUEST", 0)]


def test_a_cancellation_that_is_taken_back_before_its_letter_went_is_told_nobody(house: House) -> None:
    house.register(OLGA)
    known = in_force(house)
    plans.apply(house.toolbox, changed(known, SESSION, {"cancelled": True}), None, "cli:somebody")
    made, letters = apply(house, known)
    assert (made.total, letters, made.replaced) == (0, Counter(), 1)
    assert [row.state for row in house.outbox("reminder")] == ["skipped", "planned"]


@pytest.mark.parametrize(
    ("meanwhile", "reason"),
    [
        (another_version, "Another version"),
        (lambda house: house.register(OLGA | {"email": "boris@ngo.example.org"}), "Registrations"),
        (lambda house: house.withdraw(OLGA["email"]), "Registrations"),
    ],
    ids=["another-version", "another-participant", "a-withdrawal"],
)
def test_a_plan_that_does_not_hold_any_more_is_refused_and_changes_nothing(
    house: House, meanwhile: Any, reason: str
) -> None:
    house.register(OLGA)
    after = changed(in_force(house), SESSION, {"start": "18:30"})
    made = plans.plan(house.toolbox, after)
    meanwhile(house)
    before, letters = in_force(house), house.kinds()
    with pytest.raises(NotApplied, match=reason) as refused:
        plans.apply(house.toolbox, after, made.digest, "cli:somebody")
    house.wait(60)
    house.deliver()
    assert refused.value.plan is not None
    assert (in_force(house), house.kinds()) == (before, letters)


def test_a_file_that_was_edited_since_is_refused(house: House) -> None:
    house.register(OLGA)
    made = plans.plan(house.toolbox, changed(in_force(house), SESSION, {"start": "18:30"}))
    with pytest.raises(NotApplied, match="edited"):
        plans.apply(house.toolbox, changed(in_force(house), SESSION, {"start": "18:45"}), made.digest, "cli:somebody")


def test_a_session_that_is_missing_from_the_file_is_to_be_cancelled_instead(house: House) -> None:
    house.register(OLGA)
    known = in_force(house)
    without = known.model_copy(update={"sessions": tuple(one for one in known.sessions if one.id != SESSION)})
    made = plans.plan(house.toolbox, without)
    assert made.refusals == (
        (
            "survivor-voices is missing from the file, with one registered. Do not take it out: write "
            "`cancelled: true`, so that everybody is told."
        ),
    )
    with pytest.raises(NotApplied):
        plans.apply(house.toolbox, without, made.digest, "cli:somebody")
    house.withdraw(OLGA["email"])
    assert plans.plan(house.toolbox, without).refusals == ()


def test_who_has_applied_what_is_audited_without_a_personal_value(house: House) -> None:
    house.register(OLGA)
    made, _ = apply(house, changed(in_force(house), SESSION, {"start": "18:30"}))
    with house.toolbox.database.read() as session:
        (audit,) = audits.listed(session, house.toolbox.vault, 10)
    assert (audit.who, audit.action, audit.conference) == ("cli:somebody", "programme-applied", "alliance-2021")
    assert audit.details == {"version": 2, "digest": made.digest, "sessions": [SESSION], "letters": 1}


@pytest.mark.parametrize(
    ("fields", "sequences"),
    [
        ({"title": "Another title"}, [0, 0]),
        ({"interpretation": ["fr"]}, [0, 0]),
        ({"start": "18:30"}, [0, 1]),
        ({"link_in_letters": "zoom"}, [0, 1]),
        ({"notes": ["Only for us"]}, [0]),
        ({"place": "A hall nobody of these goes to"}, [0]),
        ({"convenors": ["Somebody else"]}, [0]),
    ],
    ids=["title", "interpretation", "moved", "link", "notes", "place-of-what-is-online", "convenors"],
)  # fmt: skip
def test_sequence_rises_where_a_calendar_must_ask_again_and_only_there(
    house: House, fields: dict[str, Any], sequences: list[int]
) -> None:
    """Rule 14 of calendars; RFC 5546 2.1.4."""
    house.register(OLGA)
    apply(house, changed(in_force(house), SESSION, fields))
    assert [sequence for _, sequence in entries(house)] == sequences
    stamps = [mail.event.decoded("DTSTAMP") for mail in house.mail]
    assert stamps == sorted(set(stamps))


def test_a_session_moved_into_the_past_is_told_and_reminds_nobody(house: House) -> None:
    house.register(OLGA)
    house.at("2021-06-15T08:00:00+02:00")
    house.deliver()
    before = len(house.mail)
    made, letters = apply(house, changed(in_force(house), SESSION, {"date": "2021-06-14"}))
    house.at("2021-06-15T17:30:00+02:00")
    house.deliver()
    assert letters == {("update", SESSION, "en"): 1}
    assert len(house.mail) == before + 1
    assert {one.fate for one in made.reminders} == {"too-late"}


def test_an_hour_before_its_start_a_cancellation_goes_at_once_and_at_night_too(house: House) -> None:
    house.register(OLGA | {"time_zone": "Asia/Tokyo"})
    house.at("2021-06-15T17:00:00+02:00")
    after = changed(in_force(house), SESSION, {"cancelled": True})
    plans.apply(house.toolbox, after, None, "cli:somebody")
    house.deliver()
    assert house.kinds()[-1] == "cancellation"
    assert entries(house)[-1] == ("CANCEL", 1)
    assert "reminder" not in house.kinds()


def test_who_was_in_the_room_of_what_is_online_now_gets_a_link_and_is_told_both_ways(house: House) -> None:
    house.register(OLGA | {"sessions": ["day-1"], "attendance": "in-person", "interpretation": None})
    hybrid = in_force(house)
    _, online = apply(house, changed(hybrid, "day-1", {"format": "online"}))
    assert online == {("update", "day-1", "en"): 1}
    assert "New way of attending" in house.mail[-1].text
    assert "/j/" in house.mail[-1].text
    _, back = apply(house, hybrid)
    assert back == {("update", "day-1", "en"): 1}
    assert "Also in person: Hofburg" in house.mail[-1].text
    assert [sequence for _, sequence in entries(house)] == [0, 1, 2]


def test_behind_another_zoom_event_links_are_obtained_anew_and_join_pages_keep_their_address(house: House) -> None:
    house.register(OLGA)
    before = link(house)
    known = in_force(house)
    another = changed(known, SESSION, {"id": "another", "title": "Another", "registration": None})
    zoom = {"account": "odihr-pl", "event": house.zoom.emulator.seed("odihr-pl", another)["another"]}
    made, letters = apply(house, changed(in_force(house), SESSION, {"zoom": zoom}))
    assert (made.events, letters) == ((SESSION,), Counter())
    assert link(house) != before


def link(house: House) -> str | None:
    with house.toolbox.database.read() as session:
        return registrations.join_link(session.scalars(select(RegistrationRow)).one(), house.toolbox.vault)


def test_new_overlaps_are_counted_with_who_has_both(house: House) -> None:
    house.register(OLGA | {"sessions": [SESSION, "day-2"]})
    made = plans.plan(house.toolbox, changed(in_force(house), SESSION, {"start": "17:00", "end": "18:30"}))
    assert [(one.first, one.second, one.people) for one in made.clashes] == [("day-2", SESSION, 1)]


def test_at_zoom_nobody_is_removed_from_what_is_cancelled_and_who_comes_back_is_asked_for_again(house: House) -> None:
    house.register(OLGA)
    with house.zoom_away():
        house.register(OLGA | {"email": "late@ngo.example.org"})
    known = in_force(house)
    _, letters = apply(house, changed(known, SESSION, {"cancelled": True}))
    house.retry_now()
    house.tend_all()
    assert letters == {("cancellation", SESSION, "en"): 2}
    assert [one["email"] for one in house.at_zoom(SESSION)] == ["olga@mission.example.org"]
    assert states(house) == {("present", "cancelled"), ("none", "none")}
    made, letters = apply(house, known)
    assert counted(made) == letters == {("invitation", SESSION, "en"): 2}
    assert sorted(one["email"] for one in house.at_zoom(SESSION, "approved")) == [
        "late@ngo.example.org", "olga@mission.example.org",
    ]  # fmt: skip
    assert states(house) == {("present", "requested")}
    of_olga = [mail.sequence for mail in house.mail if mail.calendar and "olga@" in str(mail.message["To"])]
    assert of_olga == [0, 1, 2]


def states(house: House) -> set[tuple[str, str]]:
    with house.toolbox.database.read() as session:
        return {(row.link, row.entry) for row in session.scalars(select(RegistrationRow))}


def test_the_zoom_event_of_a_session_that_moves_is_looked_at_again_and_left_alone_later(house: House) -> None:
    house.register(OLGA)
    plans.apply(house.toolbox, changed(in_force(house), SESSION, {"date": "2021-06-16"}), None, "cli:somebody")
    event = house.zoom_event(SESSION)
    assert event.ends_at is not None
    assert (event.ends_at.isoformat(), event.checked_at) == ("2021-06-16T17:30:00+00:00", None)
    assert [one["code"] for one in house.look_at(SESSION).differences] == ["time"]


def at_once(house: House, *programmes: tuple[Conference, str]) -> list[Plan | NotApplied]:
    """Apply these at the same moment, by their digests; what came of each."""

    def one(after: Conference, digest: str) -> Plan | NotApplied:
        try:
            return plans.apply(house.toolbox, after, digest, "cli:somebody")
        except NotApplied as refused:
            return refused

    with ThreadPoolExecutor(len(programmes)) as threads:
        return list(threads.map(lambda pair: one(*pair), programmes))


def test_of_two_who_apply_one_plan_at_once_one_does_and_the_other_hears_that_it_is_done(house: House) -> None:
    house.register(OLGA)
    after = changed(in_force(house), SESSION, {"start": "18:30"})
    digest = plans.plan(house.toolbox, after).digest
    found = at_once(house, (after, digest), (after, digest))
    house.wait(60)
    house.deliver()
    assert sorted(isinstance(one, Plan) and one.is_empty for one in found) == [False, True]
    assert house.kinds() == ["invitation", "update"]


def test_of_two_who_apply_different_changes_at_once_one_is_refused(house: House) -> None:
    house.register(OLGA)
    known = in_force(house)
    wanted = [changed(known, SESSION, {"start": start}) for start in ("18:15", "18:30")]
    found = at_once(house, *((one, plans.plan(house.toolbox, one).digest) for one in wanted))
    (refused,) = [one for one in found if isinstance(one, NotApplied)]
    assert "Another version" in refused.reasons[0]
    house.wait(60)
    house.deliver()
    assert house.kinds() == ["invitation", "update"]


def test_a_change_that_is_taken_back_just_before_a_digest_takes_nothing_from_it(house: House) -> None:
    """The letter that would have told it never went: nobody has heard of the session just before."""
    house.register(OLGA)
    house.at("2021-06-14T16:45:00+02:00")
    known = in_force(house)
    for after in (changed(known, SESSION, {"start": "18:30"}), known):
        plans.apply(house.toolbox, after, None, "cli:somebody")
    assert [(row.state, row.due_at.isoformat()) for row in house.outbox("digest")][-1] == (
        "planned", "2021-06-14T15:00:00+00:00",
    )  # fmt: skip
    house.at("2021-06-14T17:00:00+02:00")
    house.deliver()
    assert house.kinds() == ["invitation", "digest"]
