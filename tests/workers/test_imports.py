"""Rows on their way into the corridor, and out again."""

from typing import Any

from sqlalchemy import func, select

from adapters.database import audits, participants
from adapters.database.tables import AuditRow, EnvelopeRow, LetterRow, ParticipantRow, RegistrationRow
from domain.sheets.columns import columns
from domain.sheets.exported import Wanted
from domain.sheets.fates import Verdict
from domain.sheets.rows import Said, is_remark, understood
from schemas.programme import Conference
from schemas.sheet import Row, Table
from tests.house import OLGA, House
from workers import exports, imports
from workers.imports import Judged

WHO = "cli:clerk"
HEAD = ("full_name", "email", "organisation", "sessions", "state", "consents.recording")


def programme(house: House) -> Conference:
    with house.toolbox.database.read() as session:
        in_force = house.toolbox.shelf.get(session, "alliance-2021")
    assert in_force is not None
    return in_force.conference


def saids(house: House, rows: list[tuple[str, ...]], head: tuple[str, ...] = HEAD) -> list[Said]:
    meant = columns(Row(1, head), programme(house), {})
    numbered = [Row(number, cells) for number, cells in enumerate(rows, start=2)]
    return [understood(row, meant) for row in numbered if not is_remark(row)]


def judged(house: House, *rows: tuple[str, ...], again: str = "") -> list[Judged]:
    return list(imports.judge(house.toolbox, programme(house), saids(house, list(rows)), again=again))


def fates(house: House, *rows: tuple[str, ...], again: str = "") -> list[str]:
    return [one.verdict.fate for one in judged(house, *rows, again=again)]


def verdict(house: House, *cells: str) -> Verdict:
    (one,) = judged(house, cells)
    return one.verdict


def taken(house: House, *rows: tuple[str, ...], again: str = "") -> list[str]:
    """Import rows, and let the corridor judge them; the envelopes' states."""
    some = [one for one in judged(house, *rows, again=again) if one.deliveries]
    ids = [one for each in imports.record(house.toolbox, "alliance-2021", some, who=WHO) for one in each]
    for one in ids:
        house.process(one)
    return [house.envelope(one).state for one in ids]


def counted(house: House) -> dict[str, int]:
    """How many rows each table has."""
    tables: tuple[Any, ...] = (EnvelopeRow, ParticipantRow, RegistrationRow, LetterRow, AuditRow)
    with house.toolbox.database.read() as session:
        return {one.__tablename__: session.scalar(select(func.count()).select_from(one)) or 0 for one in tables}


def olga(house: House) -> participants.Participant:
    with house.toolbox.database.write() as session:
        row = participants.locked(session, house.toolbox.vault, "alliance-2021", OLGA["email"])
        assert row is not None
        return participants.opened(row, house.toolbox.vault)


def exported(house: House, wanted: Wanted) -> Table:
    return exports.export(house.toolbox, programme(house), wanted, who=WHO, form="csv")


MAX = ("Max Muster", "max@ngo.example.org", "", "day-1, survivor-voices", "", "")
OLGAS = ("Olga Petrenko", OLGA["email"], "", "survivor-voices", "", "")


def test_what_would_become_of_a_row_is_told_and_nothing_is_written(house: House) -> None:
    house.register(OLGA)
    before = counted(house)
    told = verdict(house, *MAX).difference.sessions
    assert told == ("day-1: registered, online", "survivor-voices: registered, online")
    assert fates(house, MAX, OLGAS) == ["new", "same"]
    changed = verdict(house, "Olga Petrenko", OLGA["email"].upper(), "Mission", "day-1, survivor-voices", "", "")
    assert (changed.fate, changed.difference.fields) == ("changes", ("organisation",))
    assert changed.difference.sessions == ("day-1: registered, online",)
    assert verdict(house, "", OLGA["email"], "", "survivor-voices", "withdrawn", "").difference.sessions == (
        "survivor-voices: registered → withdrawn",
    )
    assert counted(house) == before


def test_what_the_corridor_refuses_is_refused_with_its_reasons(house: House) -> None:
    house.at("2021-06-15T12:00:00+02:00")
    refused = [
        verdict(house, "Max Muster", "max@ngo.example.org", "", "day-1", "", ""),
        verdict(house, "", "max@ngo.example.org", "", "day-3", "withdrawn", ""),
        verdict(house, "Max Muster", "max@ngo.example.org", "", "day-3", "refused", ""),
    ]
    assert [(one.fate, one.reasons[0].code) for one in refused] == [
        ("refused", "session-over"), ("refused", "not-registered"), ("refused", "not-importable"),
    ]  # fmt: skip


def test_rows_about_one_person_may_not_contradict_each_other(house: House) -> None:
    rows = [
        MAX,
        ("max muster", "MAX@ngo.example.org", "", "day-2", "", ""),
        MAX,
        ("Max Muster", "max@ngo.example.org", "", "day-1", "withdrawn", ""),
        ("Erika Muster", "max@ngo.example.org", "", "day-3", "", ""),
    ]
    found = {one.verdict.row: one.verdict for one in judged(house, *rows)}
    assert [found[row].fate for row in range(2, 7)] == ["new", "new", "twice", "refused", "refused"]
    assert [found[row].reasons[0].code for row in (5, 6)] == ["contradiction", "shared-address"]
    assert "Row 2" in found[5].reasons[0].message


def test_a_row_with_the_address_in_other_letters_stands_there_already(house: House) -> None:
    again = ("Max Muster", "MAX@ngo.example.org", *MAX[2:])
    assert fates(house, MAX, again) == ["new", "twice"]


def test_a_file_imported_twice_does_nothing_twice(house: House) -> None:
    assert taken(house, MAX, OLGAS) == ["accepted", "accepted"]
    house.deliver()
    before, letters = counted(house), len(house.mail)
    assert fates(house, MAX, OLGAS) == ["same", "same"]
    assert taken(house, MAX, OLGAS) == []
    house.deliver()
    assert (counted(house), len(house.mail)) == (before | {"audits": before["audits"] + 1}, letters)


def test_recorded_twice_before_anybody_has_judged_it_is_one_envelope(house: House) -> None:
    first, second = judged(house, MAX), judged(house, MAX)
    ids = imports.record(house.toolbox, "alliance-2021", first, who=WHO)
    assert imports.record(house.toolbox, "alliance-2021", second, who=WHO) == ids
    assert imports.settled(house.toolbox, ids[0]) == {}
    house.process(ids[0][0])
    assert imports.settled(house.toolbox, ids[0]) == {ids[0][0]: []}


def test_a_row_that_changed_is_taken(house: House) -> None:
    taken(house, MAX)
    assert taken(house, ("Max Muster", "max@ngo.example.org", "Light", "day-1, survivor-voices", "", "")) == [
        "accepted"
    ]
    assert verdict(house, *MAX[:2], "Light", "day-1", "", "").fate == "same"


def test_an_old_row_does_not_undo_what_people_have_done_since_unless_somebody_says_so(house: House) -> None:
    taken(house, MAX)
    house.withdraw("max@ngo.example.org", "day-1")
    assert fates(house, MAX) == ["before"]
    assert taken(house, MAX) == []
    assert fates(house, MAX, again="monday") == ["changes"]
    assert taken(house, MAX, again="monday") == ["accepted"]
    assert fates(house, MAX) == ["same"]


def test_a_row_that_was_refused_is_judged_again_when_it_is_imported_again(house: House) -> None:
    recorded = judged(house, MAX)
    (ids,) = imports.record(house.toolbox, "alliance-2021", recorded, who=WHO)
    house.at("2021-06-20T12:00:00+02:00")  # until a worker took it, the sessions were over
    house.process(ids[0])
    assert [reason.code for reason in imports.settled(house.toolbox, ids)[ids[0]]] == ["session-over"]
    house.at("2021-06-01T12:00:00+02:00")
    assert fates(house, MAX) == ["new"]
    assert taken(house, MAX) == ["accepted"]


def test_nobody_is_written_to_because_a_row_was_refused(house: House) -> None:
    (ids,) = imports.record(house.toolbox, "alliance-2021", judged(house, MAX), who=WHO)
    house.at("2021-06-20T12:00:00+02:00")
    house.process(ids[0])
    assert house.outbox("not-understood") == []


def test_a_row_leaves_the_consents_that_it_does_not_speak_of(house: House) -> None:
    house.register(OLGA | {"consents": {"recording": True, "photography": True}})
    assert fates(house, (*OLGAS[:5], "yes")) == ["same"]
    assert verdict(house, *OLGAS[:5], "no").difference.fields == ("consents",)
    assert taken(house, (*OLGAS[:5], "no")) == ["accepted"]
    consents = olga(house).profile.consents
    assert (consents.recording, consents.photography) == (False, True)


def test_a_known_registration_for_a_session_that_is_over_is_no_error(house: House) -> None:
    house.register(OLGA)
    house.at("2021-06-20T12:00:00+02:00")
    assert fates(house, OLGAS) == ["same"]


def test_an_import_is_audited_without_anything_personal(house: House) -> None:
    taken(house, MAX, OLGAS)
    with house.toolbox.database.read() as session:
        (one,) = audits.listed(session, house.toolbox.vault, 10)
    assert (one.who, one.action, one.conference) == (WHO, "import", "alliance-2021")
    assert one.details == {"rows": 2, "envelopes": 2}


def crowd(house: House) -> None:
    house.register(
        OLGA | {"sessions": ["survivor-voices", "day-1"], "organisation": "=1+1", "needs": "a lift\nand a ramp"}
    )
    house.register(
        OLGA
        | {"full_name": "Айгерим Садыкова", "email": "участник@ngo.example.org", "language": "ru", "country": "KZ"}
        | {"visibility": "discreet", "alias": "-A.", "interpretation": None, "attendance": "in-person"}
        | {"sessions": "all", "time_zone": None, "title": "Dr"}
    )
    house.withdraw("участник@ngo.example.org", "day-2")


def test_an_export_imported_again_says_nothing_new(house: House) -> None:
    crowd(house)
    for moment in ("2021-06-01T12:00:00+02:00", "2021-06-30T12:00:00+02:00"):
        house.at(moment)
        for wanted in (
            Wanted("secretariat", needs=True, withdrawn=True), Wanted("secretariat", "participant", withdrawn=True),
        ):  # fmt: skip
            table = exported(house, wanted)
            rows = [tuple("" if cell is None else str(cell) for cell in row) for row in table.rows]
            found = imports.judge(
                house.toolbox, programme(house), saids(house, [*rows, (table.watermark,)], table.head)
            )
            assert {one.verdict.fate for one in found} == {"same"}
            assert len(rows) == (2 if wanted.per == "participant" else 11)


def test_columns_are_by_role(house: House) -> None:
    crowd(house)
    personal = {"Olga", "olga@", "участник", "Садыкова", "=1+1", "lift", "KZ"}
    viewer, operator = exported(house, Wanted()), exported(house, Wanted("operator"))
    assert viewer.head == (
        "participant", "session", "session_title", "starts", "state", "attendance", "interpretation", "registered_at",
        "changed_at",
    )  # fmt: skip
    assert operator.head[:5] == ("participant", "masked_address", "language", "time_zone", "visibility")
    for table in (viewer, operator):
        assert not [one for one in personal if one in repr(table.rows)]
        assert {row[0][:4] for row in table.rows if isinstance(row[0], str)} == {"par_"}
    assert exported(house, Wanted("auditor")).rows == viewer.rows
    assert exported(house, Wanted("admin")).head == exported(house, Wanted("secretariat")).head
    secretariat = exported(house, Wanted("secretariat", sessions=("survivor-voices",)))
    assert [row[:5] for row in secretariat.rows] == [
        ["standard", None, "Olga Petrenko", None, "olga@mission.example.org"],
        ["discreet", "Dr", "Айгерим Садыкова", "-A.", "участник@ngo.example.org"],
    ]
    assert "lift" not in repr(secretariat.rows)
    assert str(secretariat.rows[0][secretariat.head.index("starts")]) == "2021-06-15 18:00:00"
    assert "http" not in repr(secretariat.rows)


def test_who_has_withdrawn_is_shown_only_to_who_asks(house: House) -> None:
    crowd(house)
    without, with_them = (
        exported(house, Wanted(sessions=("day-2",))),
        exported(house, Wanted(sessions=("day-2",), withdrawn=True)),
    )
    assert (len(without.rows), [row[4] for row in with_them.rows]) == (0, ["withdrawn"])


def test_an_export_is_audited_with_columns_and_counts(house: House) -> None:
    crowd(house)
    table = exported(house, Wanted("secretariat", needs=True, sessions=("day-1",)))
    with house.toolbox.database.read() as session:
        (one,) = audits.listed(session, house.toolbox.vault, 10)
    assert (one.who, one.action, one.conference) == (WHO, "export", "alliance-2021")
    assert one.details == {
        "rows": 2, "columns": list(table.head), "role": "secretariat", "per": "registration", "format": "csv",
        "sessions": ["day-1"],
    }  # fmt: skip
    assert table.watermark == (
        "# alliance-2021: 2 rows, exported 2021-06-01 09:30 by cli:clerk for secretariat; times of Europe/Vienna"
    )
