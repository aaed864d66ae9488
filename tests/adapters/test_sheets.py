"""Tables in files: whatever program wrote them, and whatever somebody has done to them."""

import io
import stat
import tracemalloc
import zipfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from adapters.sheets import NotATable, read
from adapters.sheets.formulas import escaped, unescaped
from adapters.sheets.limits import MOST_BYTES, MOST_COLUMNS, MOST_ROWS
from adapters.sheets.written import as_csv, as_workbook, put
from schemas.sheet import Sheet, Table
from tests import sheets

ROWS = [
    ("Name", "E-Mail", "Organisation"),
    ("Jörg Grünwald", "joerg@ngo.example.org", 'Verein "Licht"; Wien'),
    ("Élodie d'Aubrac", "elodie@ngo.example.org", "two\nlines, one cell"),
]


def opened(folder: Path, name: str, content: bytes, **how: Any) -> Sheet:
    return read(sheets.a_file(folder, name, content), **how)


def refusal(folder: Path, name: str, content: bytes, **how: Any) -> str:
    with pytest.raises(NotATable) as refused:
        opened(folder, name, content, **how)
    return str(refused.value)


@pytest.mark.parametrize(
    "writer",
    [sheets.german_excel, sheets.excel_utf8, sheets.excel_unicode_text, sheets.google_sheets, sheets.libre_office],
)
def test_what_programs_write_as_csv_is_read_without_being_told_how(
    tmp_path: Path, writer: Callable[[sheets.Cells], bytes]
) -> None:
    found = opened(tmp_path, "table.csv", writer(ROWS))
    assert [found.head.cells, *(row.cells for row in found.rows)] == ROWS
    assert [row.number for row in found.rows] == [2, 3]


def test_a_workbook_reads_as_the_same_table(tmp_path: Path) -> None:
    found = opened(tmp_path, "table.xlsx", sheets.workbook(ROWS))
    assert [found.head.cells, *(row.cells for row in found.rows)] == ROWS


def test_who_reads_windows_1252_says_so(tmp_path: Path) -> None:
    assert opened(tmp_path, "a.csv", sheets.excel_utf8(ROWS)).remarks == ()
    (remark,) = opened(tmp_path, "b.csv", sheets.german_excel(ROWS)).remarks
    assert "Windows-1252" in remark


def test_cyrillic_of_an_old_excel_is_not_guessed_at(tmp_path: Path) -> None:
    raw = "Имя;Почта\r\nОксана Вербицкая;oksana@ngo.example.org\r\n".encode("windows-1251")
    assert "--encoding" in refusal(tmp_path, "a.csv", raw)
    assert opened(tmp_path, "b.csv", raw, encoding="windows-1251").rows[0].cells[0] == "Оксана Вербицкая"


def test_a_file_that_is_not_in_the_encoding_it_claims_is_refused(tmp_path: Path) -> None:
    assert "utf-8" in refusal(tmp_path, "a.csv", b"\xef\xbb\xbfName\r\nJ\xf6rg\r\n")
    assert "utf-8" in refusal(tmp_path, "b.csv", "Jörg".encode("windows-1252"), encoding="utf-8")


def test_the_delimiter_may_be_named_in_the_first_line(tmp_path: Path) -> None:
    found = opened(tmp_path, "a.csv", b"sep=;\r\na, b;c\r\n1;2\r\n")
    assert (found.head.cells, found.rows[0].cells) == (("a, b", "c"), ("1", "2"))


def test_blank_rows_are_left_out_and_counted(tmp_path: Path) -> None:
    found = opened(tmp_path, "a.csv", b"a,b\n\n,\n1,2\n")
    assert [(row.number, row.cells) for row in found.rows] == [(4, ("1", "2"))]


@pytest.mark.parametrize(
    ("raw", "says"),
    [
        (b"", "empty"),
        (b"\n\n", "empty"),
        (b'a,b\n"1,2\n', "quotation"),
        (b'a,b\n"1"2,3\n', "quotation"),
        (b"a,b\n1,2,3\n", "Row 2 has more cells"),
        (b"a,b\n1,\x00\n", "bytes"),
        (b"a\n" + b"1\n" * (MOST_ROWS + 1), "rows"),
        (b"a," * (MOST_COLUMNS + 1) + b"a\n", "columns"),
        (b"a\n" + b"1" * 200_000, "quotation"),
        (b"a" * (MOST_BYTES + 1), "MB"),
    ],
)  # fmt: skip
def test_a_text_that_is_no_table_or_too_large_is_refused_with_what_to_do(tmp_path: Path, raw: bytes, says: str) -> None:
    assert says in refusal(tmp_path, "a.csv", raw)


def test_a_file_must_be_what_it_is_called(tmp_path: Path) -> None:
    assert "no workbook" in refusal(tmp_path, "a.xlsx", b"a,b\n1,2\n")
    assert "is a workbook" in refusal(tmp_path, "a.csv", sheets.workbook(ROWS))
    assert "before 2007" in refusal(tmp_path, "b.xlsx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
    assert "Only" in refusal(tmp_path, "a.ods", b"")
    with pytest.raises(NotATable, match="cannot be read"):
        read(tmp_path / "missing.csv")


def test_cells_read_as_people_see_them(tmp_path: Path) -> None:
    def padded(book: Any) -> None:
        book.active["B2"].number_format = "00000"

    row = (7.0, 42, True, datetime(2021, 6, 14), datetime(2021, 6, 14, 18, 30), time(18, 0), None, 0.5)  # noqa: DTZ001 - as workbooks have them
    found = opened(tmp_path, "a.xlsx", sheets.workbook([list("abcdefgh"), row], padded))
    assert found.rows[0].cells == ("7", "00042", "yes", "2021-06-14", "2021-06-14 18:30", "18:00", "", "0.5")


def test_formulas_are_never_evaluated_and_errors_are_no_words(tmp_path: Path) -> None:
    def with_an_error(book: Any) -> None:
        book.active["B2"].value = "#REF!"

    found = opened(tmp_path, "a.xlsx", sheets.workbook([("a", "b", "c"), ('=HYPERLINK("x")', "", "1")], with_an_error))
    assert found.rows[0].cells[0] == ""
    assert found.rows[0].unreadable == {1}


def test_hidden_rows_are_read_and_reported(tmp_path: Path) -> None:
    def hide(book: Any) -> None:
        book.active.row_dimensions[3].hidden = True

    found = opened(tmp_path, "a.xlsx", sheets.workbook(ROWS, hide))
    assert len(found.rows) == 2
    assert found.remarks == ("Rows that are hidden or filtered out in the workbook were read too: 3.",)


def test_merged_cells_are_reported_for_all_but_the_first_are_empty(tmp_path: Path) -> None:
    def merge(book: Any) -> None:
        book.active.merge_cells("A2:A3")

    found = opened(tmp_path, "a.xlsx", sheets.workbook(ROWS, merge))
    assert found.rows[1].cell(0) == ""
    assert found.remarks == ("Cells are merged in the workbook: only the first of them says what is written in it.",)


def test_the_first_visible_sheet_is_read_or_the_one_that_is_named(tmp_path: Path) -> None:
    def more(book: Any) -> None:
        book.active.title = "Notes"
        book.active.sheet_state = "hidden"
        for name in ("People", "Others"):
            book.create_sheet(name).append(["email", name])

    raw = sheets.workbook(ROWS, more)
    found = opened(tmp_path, "a.xlsx", raw)
    assert found.head.cells == ("email", "People")
    assert "--sheet" in found.remarks[0]
    assert opened(tmp_path, "a.xlsx", raw, sheet="Others").head.cells == ("email", "Others")
    assert opened(tmp_path, "a.xlsx", raw, sheet="Notes").head.cells == ROWS[0]
    assert "no sheet" in refusal(tmp_path, "a.xlsx", raw, sheet="Elsewhere")


def repacked(raw: bytes, name: str, content: bytes) -> bytes:
    """A workbook with one part replaced or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            if part.filename != name:
                new.writestr(part.filename, old.read(part))
        new.writestr(name, content)
    return out.getvalue()


def test_a_workbook_that_unpacks_to_too_much_is_not_unpacked(tmp_path: Path) -> None:
    bomb = repacked(sheets.workbook(ROWS), "xl/bomb.xml", b"\0" * (65 * 2**20))
    assert len(bomb) < 200_000
    assert "Unpacked" in refusal(tmp_path, "a.xlsx", bomb)


def test_a_directory_that_lies_about_sizes_gains_nothing(tmp_path: Path) -> None:
    raw = bytearray(repacked(sheets.workbook(ROWS), "xl/worksheets/sheet1.xml", b" " * (65 * 2**20)))
    size = (65 * 2**20).to_bytes(4, "little")
    honest = raw.replace(size, (100).to_bytes(4, "little"))
    assert honest != raw
    assert "cannot be read" in refusal(tmp_path, "a.xlsx", bytes(honest))


@pytest.mark.parametrize(("filler", "says"), [(b"<c/>" * 200_000, "cannot be read"), (b"</row><row>" * 30_000, "rows")])
def test_a_sheet_of_nothing_much_too_large_is_not_taken_into_memory(tmp_path: Path, filler: bytes, says: str) -> None:
    sheet = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row>%s</row>'
    raw = repacked(sheets.workbook(ROWS), "xl/worksheets/sheet1.xml", sheet % filler + b"</sheetData></worksheet>")
    tracemalloc.start()
    try:
        assert says in refusal(tmp_path, "a.xlsx", raw)
        assert tracemalloc.get_traced_memory()[1] < 64 * 2**20
    finally:
        tracemalloc.stop()


def test_entities_do_not_grow_and_fetch_nothing(tmp_path: Path) -> None:
    laughs = b"".join(b'<!ENTITY l%d "%s">' % (n, b"&l%d;" % (n - 1) * 10) for n in range(1, 12))
    head = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "lol">' + laughs
    sheet = (
        b']><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1">'
        b'<c r="A1" t="inlineStr"><is><t>%s</t></is></c></row></sheetData></worksheet>'
    )
    name = "xl/worksheets/sheet1.xml"
    growing = repacked(sheets.workbook(ROWS), name, head + sheet % b"&l11;")
    assert "cannot be read" in refusal(tmp_path, "a.xlsx", growing)
    outside = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">' + sheet % b"&e;"
    assert "cannot be read" in refusal(tmp_path, "a.xlsx", repacked(sheets.workbook(ROWS), name, outside))


def test_a_cell_at_the_end_of_the_world_is_too_far(tmp_path: Path) -> None:
    def far_down(book: Any) -> None:
        book.active.cell(1_000_000, 1, "x")

    def far_right(book: Any) -> None:
        book.active.cell(1, MOST_COLUMNS + 1, "x")

    assert "rows" in refusal(tmp_path, "a.xlsx", sheets.workbook(ROWS, far_down))
    assert "columns" in refusal(tmp_path, "a.xlsx", sheets.workbook(ROWS, far_right))


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=st.binary(max_size=300) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_whatever_bytes_there_are_it_is_a_table_or_none(tmp_path: Path, raw: bytes) -> None:
    for name in ("a.csv", "a.xlsx"):
        with suppress(NotATable):
            assert opened(tmp_path, name, raw).head.cells


_WHOLE = sheets.workbook(ROWS)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.integers(0, len(_WHOLE) - 1), byte=st.integers(0, 255), cut=st.booleans())
def test_a_damaged_workbook_is_read_or_refused(tmp_path: Path, place: int, byte: int, cut: bool) -> None:
    raw = _WHOLE[:place] if cut else _WHOLE[:place] + bytes([byte]) + _WHOLE[place + 1 :]
    with suppress(NotATable):
        assert opened(tmp_path, "a.xlsx", raw).head.cells


_TABLE = Table(
    ("full_name", "starts"),
    [["=1+1", datetime(2021, 6, 14, 18, 0)], ["@home", None], ["'-x", None], ["Olga", None]],  # noqa: DTZ001 - wall-clock times
    "# alliance-2021: 4 rows & more",
    datetime(2021, 6, 1, 9, 30),  # noqa: DTZ001 - as above
)


def test_csv_is_written_for_excel_with_formulas_made_harmless(tmp_path: Path) -> None:
    raw = as_csv(_TABLE, ";")
    assert raw == (
        b"\xef\xbb\xbffull_name;starts\r\n'=1+1;2021-06-14 18:00\r\n'@home;\r\n''-x;\r\nOlga;\r\n"
        b"# alliance-2021: 4 rows & more\r\n"
    )
    assert [row.cell(0) for row in opened(tmp_path, "a.csv", raw).rows[:3]] == ["=1+1", "@home", "'-x"]


def test_a_workbook_is_written_with_texts_dates_a_held_head_and_its_watermark(tmp_path: Path) -> None:
    raw = as_workbook(_TABLE)
    book = load_workbook(io.BytesIO(raw))
    sheet = book.active
    cells = [(cell.value, cell.data_type, cell.quotePrefix) for cell in sheet["A"]]
    assert cells[1:] == [("=1+1", "s", True), ("@home", "s", True), ("'-x", "s", True), ("Olga", "s", True)]
    assert (sheet["B2"].value, sheet["B2"].number_format) == (datetime(2021, 6, 14, 18, 0), "yyyy-mm-dd hh:mm")  # noqa: DTZ001
    assert (sheet.freeze_panes, sheet.column_dimensions["B"].width) == ("A2", 18)
    assert book.properties.title == "# alliance-2021: 4 rows & more"
    assert sheet.oddFooter.center.text == "# alliance-2021: 4 rows && more"
    assert [row.cell(0) for row in opened(tmp_path, "a.xlsx", raw).rows] == ["=1+1", "@home", "'-x", "Olga"]


@given(st.text(st.sampled_from("'=+-@\t\r\n\0＝a ,;\""), max_size=6))
def test_what_is_escaped_comes_back_and_never_begins_a_formula(text: str) -> None:
    assert unescaped(escaped(text)) == text
    assert not escaped(text).startswith(tuple("=+-@\t\r\n\0＝"))


@pytest.mark.parametrize(("delimiter", "other"), [(",", ";"), (";", ","), (",", "\t")])
@pytest.mark.parametrize("quote", ["", '"'])
def test_no_formula_begins_where_another_delimiter_is_usual(delimiter: str, other: str, quote: str) -> None:
    table = replace(_TABLE, rows=[[f"Olga{other}{quote}=1+1", None]])
    line = as_csv(table, delimiter).decode("utf-8-sig").splitlines()[1]
    assert not [cell for cell in line.split(other) if cell.lstrip('"').startswith("=")]


def test_an_export_is_for_its_owner_and_replaces_nothing_unasked(tmp_path: Path) -> None:
    path = tmp_path / "out.csv"
    put(path, b"first", force=False)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        put(path, b"second", force=False)
    assert path.read_bytes() == b"first"
    put(path, b"third", force=True)
    assert (path.read_bytes(), [one.name for one in tmp_path.iterdir()]) == (b"third", ["out.csv"])
