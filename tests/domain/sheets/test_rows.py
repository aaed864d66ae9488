"""What columns and rows mean."""

from contextlib import suppress
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.sheets.columns import HeadNotUnderstood, columns
from domain.sheets.rows import Said, is_remark, listed, understood
from domain.sources import NotUnderstood
from schemas.programme import Conference, Form, Question, Session
from schemas.sheet import Row

OLGA = {"full_name": "Olga Petrenko", "email": "olga@mission.example.org"}


def a_session(identifier: str, title: str) -> Session:
    known = {"date": "2021-06-15", "start": "18:00", "end": "19:30", "format": "hybrid"}
    return Session.model_validate({"id": identifier, "title": title, **known})


FORM = Form(
    source="google-forms",
    questions=(
        Question(question="Your given name", field="full_name"),
        Question(question="Your family name", field="full_name"),
        Question(question="Ваш адрес", field="email"),
        Question(question="Which?", field="sessions", answers={"The first day": "day-1", "None of them": ""}),
        Question(question="Follow in", field="interpretation", answers={"I follow in English": "", "по-русски": "ru"}),
        Question(question="May we film you?", field="consents.recording"),
    ),
)

CONFERENCE = Conference(
    id="a-conference",
    title="A conference",
    starts=date(2021, 6, 14),
    ends=date(2021, 6, 16),
    forms=(FORM,),
    sessions=(
        a_session("day-1", "Day 1: Welcome, keynote and Panel 1"),
        a_session("day-2", "Day 2; Panels"),
        a_session("day-10", "Twice"),
        a_session("day-11", "Twice"),
    ),
)


def said(head: str, cells: str, conference: Conference = CONFERENCE, **given: str) -> Said:
    """What a row says; cells are parted by bars."""
    titles, texts = head.split("|"), cells.split("|")
    return understood(Row(2, tuple(texts)), columns(Row(1, tuple(titles)), conference, given))


def bodies(head: str, cells: str, conference: Conference = CONFERENCE, **given: str) -> list[dict[str, object]]:
    """What is submitted for a row, as a native body."""
    submissions = said(head, cells, conference, **given).submissions
    return [{"type": one.type} | one.data.model_dump(exclude_unset=True) for one in submissions]


def wrong(head: str, cells: str) -> set[tuple[str, str]]:
    """The fields that are wrong, with codes."""
    with pytest.raises(NotUnderstood) as refused:
        said(head, cells)
    return {(reason.field, reason.code) for reason in refused.value.reasons}


def head_refused(head: str, **given: str) -> str:
    with pytest.raises(HeadNotUnderstood) as refused:
        columns(Row(1, tuple(head.split("|"))), CONFERENCE, given)
    return str(refused.value)


REGISTERED = {"type": "registration.submitted", **OLGA}


def test_a_row_with_our_own_names_is_a_registration() -> None:
    head = "full_name|email|organisation|language|sessions|interpretation|consents.recording"
    assert bodies(head, "Olga Petrenko|olga@mission.example.org|Mission|русский|day-1|none|yes") == [
        REGISTERED
        | {"organisation": "Mission", "language": "ru", "sessions": ("day-1",), "interpretation": None}
        | {"consents": {"recording": True}}
    ]


@pytest.mark.parametrize(
    "head",
    [
        "Vorname|Nachname|E-Mail-Adresse|Sitzung", "First name|Last Name *|Email address|Session",
        "Prénom|Nom|Courriel|Séance", "Nome|Cognome|Indirizzo e-mail|Sessione", "Имя|Фамилия|Электронная почта|Сессия",
        "Nombre|Apellidos|Correo electrónico|Sesión", "Your given name|Your family name|Ваш адрес|Which?",
    ],
)  # fmt: skip
def test_heads_are_understood_in_six_languages_and_as_the_forms_have_them(head: str) -> None:
    assert bodies(head, "Olga|Petrenko|olga@mission.example.org|day-1") == [REGISTERED | {"sessions": ("day-1",)}]


def test_the_given_name_comes_first_wherever_its_column_stands() -> None:
    head = "Nachname|Vorname|Mail|Sitzung"
    assert said(head, "Petrenko|Olga|olga@mission.example.org|day-1").full_name == "Olga Petrenko"
    assert said("Name|Mail|Sitzung", "Olga Petrenko|olga@mission.example.org|day-1").full_name == "Olga Petrenko"


def test_a_form_s_answers_mean_what_the_programme_says() -> None:
    head = "Your given name|Ваш адрес|Which?|Follow in|May we film you?"
    (body,) = bodies(head, "Olga|olga@mission.example.org|The first day, day-2|по-русски|I agree")
    assert (body["sessions"], body["interpretation"]) == (("day-1", "day-2"), "ru")
    assert body["consents"] == {"recording": True}


def test_consents_are_imported_from_explicit_columns_alone_and_a_blank_says_nothing() -> None:
    head = "full_name|email|sessions|recording|photography"
    (body,) = bodies(head, "Olga Petrenko|olga@mission.example.org|day-1|yes|yes")
    assert "consents" not in body
    (body,) = bodies("name|email|sessions|consents.recording", "Olga Petrenko|olga@mission.example.org|day-1|")
    assert "consents" not in body
    (body,) = bodies("name|email|sessions|consents.recording", "Olga Petrenko|olga@mission.example.org|day-1|perhaps")
    assert body["consents"] == {"recording": False}


def test_what_is_blank_is_not_said() -> None:
    head = "full_name|email|sessions|organisation|interpretation|visibility|needs"
    assert bodies(head, "Olga Petrenko|olga@mission.example.org|day-1|| ||") == [REGISTERED | {"sessions": ("day-1",)}]


def test_a_person_says_what_a_column_means_before_anything_else_does() -> None:
    cells = "Olga Petrenko|olga@mission.example.org|nonsense|x"
    found = bodies("Wer|Kontakt|email|Tag", cells, Wer="full_name", Kontakt="email", email="", Tag="day-2")
    assert found == [REGISTERED | {"sessions": ("day-2",)}]


def test_a_head_that_cannot_be_used_says_what_to_do() -> None:
    assert "--map COLUMN=email" in head_refused("Olga Petrenko|olga@mission.example.org")
    assert "More than one column was understood as email" in head_refused("email|E-Mail|name")
    assert "not in the head: Kontakt" in head_refused("email|name", Kontakt="email")
    assert "neither a session's id" in head_refused("email|name", name="nickname")


def test_columns_that_mean_nothing_are_named_and_our_own_exports_are_known() -> None:
    found = columns(Row(1, ("Timestamp", "email", "participant", "session_title", "starts")), CONFERENCE, {})
    assert found.unread == ("Timestamp",)


@pytest.mark.parametrize(
    ("cell", "sessions"),
    [
        ("day-1", ("day-1",)),
        ("Day 1: Welcome, keynote and Panel 1", ("day-1",)),
        ("day 2; panels; Day 1: Welcome, keynote and Panel 1", ("day-2", "day-1")),
        ("day-10,day-1", ("day-10", "day-1")),
        ("day-1\nday-2", ("day-1", "day-2")),
        ("day-1 | day-2 |", ("day-1", "day-2")),
        ("The first day", ("day-1",)),
        ("all", "all"),
    ],
)
def test_sessions_in_one_cell_are_named_by_id_or_title(cell: str, sessions: object) -> None:
    head = Row(1, ("name", "email", "Which?"))
    row = Row(2, ("Olga Petrenko", "olga@mission.example.org", cell))
    (body,) = understood(row, columns(head, CONFERENCE, {})).submissions
    assert body.data.sessions == sessions


@pytest.mark.parametrize("cell", ["day-3", "day-1, day-3", "day-1x", "Twice", "day-1 day-2"])
def test_a_session_that_is_not_in_the_programme_or_not_clear_is_no_guess(cell: str) -> None:
    assert wrong("name|email|sessions", f"Olga Petrenko|olga@mission.example.org|{cell}") == {
        ("sessions", "unknown-session")
    }


def test_a_column_for_each_session_takes_a_mark() -> None:
    head = "name|email|day-1|Day 2; Panels|day-10"
    assert bodies(head, "Olga Petrenko|olga@mission.example.org|x|ja|no") == [
        REGISTERED | {"sessions": ("day-1", "day-2")}
    ]
    assert wrong(head, "Olga Petrenko|olga@mission.example.org|perhaps||") == {("sessions", "invalid")}
    assert wrong(head, "Olga Petrenko|olga@mission.example.org|||") == {("sessions", "missing")}


def test_a_session_s_own_cell_may_say_how_and_whether() -> None:
    head = "name|email|attendance|day-1|day-2|day-10"
    cells = "Olga Petrenko|olga@mission.example.org|online|in person, ru|x|withdrawn, online"
    assert bodies(head, cells) == [
        REGISTERED | {"sessions": ("day-1",), "attendance": "in-person", "interpretation": "ru"},
        REGISTERED | {"sessions": ("day-2",), "attendance": "online"},
        {"type": "registration.withdrawn", "email": OLGA["email"], "sessions": ("day-10",)},
    ]


@pytest.mark.parametrize(("column", "cell"), [("state", "withdrawn"), ("Status", "abgemeldet"), ("withdraw", "x")])
def test_a_column_withdraws_and_then_needs_no_name(column: str, cell: str) -> None:
    left = {"type": "registration.withdrawn", "email": OLGA["email"]}
    assert bodies(f"email|sessions|{column}", f"olga@mission.example.org|day-1|{cell}") == [
        left | {"sessions": ("day-1",)}
    ]
    assert bodies(f"email|{column}", f"olga@mission.example.org|{cell}") == [left | {"sessions": "all"}]


def test_who_waits_asks_again_and_what_was_offered_or_refused_is_only_compared() -> None:
    head = "name|email|sessions|state"
    assert bodies(head, "Olga Petrenko|olga@mission.example.org|day-1|waitlisted") == [
        REGISTERED | {"sessions": ("day-1",)}
    ]
    for state in ("offered", "refused"):
        found = said(head, f"Olga Petrenko|olga@mission.example.org|day-1|{state}")
        assert (found.submissions, found.stands) == ((), {"day-1": state})
    assert wrong(head, "Olga Petrenko|olga@mission.example.org|day-1|perhaps") == {("state", "invalid")}


def test_everything_that_is_wrong_is_said_at_once() -> None:
    head = "name|email|sessions|language|time_zone|attendance"
    assert wrong(head, "|nobody|day-9, day-1|Klingon|Mars|perhaps") == {
        ("full_name", "missing"), ("email", "invalid"), ("sessions", "unknown-session"), ("language", "invalid"),
        ("time_zone", "invalid"), ("attendance", "invalid"),
    }  # fmt: skip


def test_a_cell_with_an_error_is_no_word() -> None:
    row = Row(2, ("#REF!", "olga@mission.example.org", "day-1"), frozenset({0, 5}))
    with pytest.raises(NotUnderstood) as refused:
        understood(row, columns(Row(1, ("name", "email", "sessions")), CONFERENCE, {}))
    assert [(reason.field, reason.code) for reason in refused.value.reasons] == [("full_name", "unreadable")]


def test_a_row_of_a_form_that_asks_for_no_session_is_for_the_form_s_own() -> None:
    form = FORM.model_copy(update={"sessions": ("day-2",), "questions": FORM.questions[:3]})
    conference = CONFERENCE.model_copy(update={"forms": (form,)})
    assert bodies(
        "Your given name|Your family name|Ваш адрес", "Olga|Petrenko|olga@mission.example.org", conference
    ) == [REGISTERED | {"sessions": ("day-2",)}]


def test_a_line_about_the_table_is_no_row() -> None:
    assert is_remark(Row(9, ("# a-conference: 4 rows", "", "")))
    assert not is_remark(Row(9, ("# a-conference", "olga@mission.example.org")))


@given(st.lists(st.text(max_size=30), min_size=6, max_size=6))
def test_whatever_cells_hold_it_is_understood_or_refused(cells: list[str]) -> None:
    head = Row(1, ("name", "email", "sessions", "state", "day-1", "consents.recording"))
    with suppress(NotUnderstood):
        found = understood(Row(2, tuple(cells)), columns(head, CONFERENCE, {}))
        assert found.submissions or found.stands


@given(st.text(st.sampled_from("dayx-123;,| \n"), max_size=40))
def test_a_list_of_names_comes_to_an_end(cell: str) -> None:
    assert len(list(listed(cell, {"day-1": "day-1", "day-2; x": "day-2"}))) <= len(cell)


@given(st.lists(st.text(max_size=12), max_size=8))
def test_whatever_a_head_holds_it_is_understood_or_refused(titles: list[str]) -> None:
    with suppress(HeadNotUnderstood):
        assert columns(Row(1, tuple(titles)), CONFERENCE, {}).asked
