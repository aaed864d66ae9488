"""The inbox viewer, asked as a browser asks it, on folders such as a rehearsal writes."""

import json
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.web.conftest import Door
from web.viewer import create_viewer
from web.viewer.entry import in_words
from web.viewer.fresh import once_per_change

SUBJECT = "Приглашение: открытие конференции о противодействии торговле людьми, первый день"
LINK = "https://zoom.example.org/w/91112223334?tk=abc"
CALENDAR = "\r\n".join(
    [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Example//EN", "METHOD:REQUEST", "BEGIN:VEVENT",
        "UID:opening@example.org", "DTSTAMP:20210601T073000Z", "DTSTART;TZID=Europe/Vienna:20210614T180000",
        "DTEND;TZID=Europe/Vienna:20210614T190000", "SEQUENCE:2", "SUMMARY:Открытие", f"LOCATION:{LINK}", f"URL:{LINK}",
        "ORGANIZER:mailto:secretariat@example.org", "STATUS:CONFIRMED",
        'ATTENDEE;PARTSTAT=NEEDS-ACTION;CN="Ольга":mailto:olga@example.org', "DESCRIPTION:18:00\\, Vienna time",
        "END:VEVENT", "END:VCALENDAR", "",
    ]
).encode()  # fmt: skip


def letter(subject: str = SUBJECT, html: str = "<html><head></head><p>Дорогая Ольга!</p></html>") -> EmailMessage:
    """A letter in the shape of calendar.md's first rule, without its attached copy."""
    message = EmailMessage()
    message["From"] = '"Secretariat" <secretariat@example.org>'
    message["To"] = "Ольга <olga@example.org>"
    message["Subject"] = subject
    message["Date"] = datetime(2021, 6, 13, 15, tzinfo=UTC)
    message.set_content(f"Дорогая Ольга!\n\n{LINK}\n")
    message.add_alternative(html, subtype="html")
    message.add_alternative(CALENDAR, maintype="text", subtype="calendar", params={"method": "REQUEST"})
    return message


class Folder:
    """A rehearsal's folder."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.entries: list[dict[str, Any]] = []
        (path / "messages").mkdir()
        self.list_them()

    def list_them(self) -> None:
        (self.path / "manifest.json").write_text(json.dumps(self.entries), "utf-8")

    def add(self, content: bytes | None = None, **said: Any) -> None:
        number = len(self.entries) + 1
        entry = {
            "file": f"messages/{number:04}.eml", "kind": "invitation", "to": "olga@example.org",
            "participant": "par_olga", "conference": "example-2021", "sessions": ["opening"], "language": "ru",
            "visibility": "standard", "sent_at": "2021-06-13T15:00:00+00:00", "sequence": 2,
        }  # fmt: skip
        self.entries.append(entry | said)
        self.list_them()
        if content is not None:
            (self.path / "messages" / f"{number:04}.eml").write_bytes(content)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


class Browser:
    """A browser on this machine."""

    def __init__(self, door: Door) -> None:
        self._door = door

    def get(self, path: str, host: str = "127.0.0.1:8025", query: Mapping[str, str] | None = None) -> httpx2.Response:
        return self._door.get(f"http://127.0.0.1:8025{path}", headers={"Host": host}, params=query)


@pytest.fixture
def viewer(folder: Folder) -> Iterator[Browser]:
    with Door(create_viewer(folder.path), ("127.0.0.1", 50000)) as door:
        yield Browser(door)


def text_of(page: str) -> str:
    """What a page says, without its tags."""
    return " ".join(re.sub("<[^>]*>", " ", page.replace("<wbr>", "")).split())


def test_the_list_says_of_each_mail_when_by_the_vienna_clock_what_and_to_whom(folder: Folder, viewer: Browser) -> None:
    folder.add(letter().as_bytes())
    folder.add(letter("After the change").as_bytes(), sent_at="2021-12-01T15:00:00Z", sessions=["a", "b"], sequence=0)
    page = text_of(viewer.get("/").text)
    assert f"1 Sun 13 Jun 2021, 17:00 CEST invitation {SUBJECT} To olga@example.org opening" in page
    assert "2 Wed 01 Dec 2021, 16:00 CET invitation After the change To olga@example.org a, b" in page


def test_the_list_is_narrowed_by_kind_session_and_recipient(folder: Folder, viewer: Browser) -> None:
    folder.add(kind="confirmation", sessions=["opening", "closing"])
    folder.add(to="ann@example.org", participant="par_ann")
    folder.add(to="joann@example.org", participant="par_joann", sessions=["closing"])

    def shown(query: str) -> list[str]:
        return re.findall(r'<a href="/mail/(\d+)"', viewer.get(f"/?{query}").text)

    assert shown("kind=invitation") == ["2", "3"]
    assert shown("session=closing") == ["1", "3"]
    assert shown("recipient=ANN@") == ["2", "3"]
    assert shown("recipient=par_ann") == ["2"]
    assert shown("kind=invitation&session=closing&recipient=ann") == ["3"]
    assert shown("kind=none") == []


def test_each_kind_is_counted_within_the_session_and_recipient_chosen(folder: Folder, viewer: Browser) -> None:
    folder.add(kind="confirmation")
    folder.add()
    folder.add()
    folder.add(sessions=["closing"])
    page = text_of(viewer.get("/?session=opening&kind=confirmation").text)
    assert page.startswith("1 mail · Inbox viewer")
    assert "1 mail of 4 All kinds 3 confirmation 1 invitation 2" in page


@pytest.mark.parametrize(("asked", "first"), [("", 1), ("2", 101), ("3", 201), ("0", 1), ("-1", 1), ("99999999", 1)])
def test_a_long_list_comes_in_pages(folder: Folder, viewer: Browser, asked: str, first: int) -> None:
    folder.add()
    folder.entries *= 250
    folder.list_them()
    page = viewer.get("/", query={"page": asked}).text
    assert re.findall(r'<a href="/mail/(\d+)"', page)[0] == str(first)
    assert "of 3" in text_of(page)


def test_a_mail_is_shown_with_its_header_decoded(folder: Folder, viewer: Browser) -> None:
    folder.add(letter().as_bytes())
    page = text_of(viewer.get("/mail/1").text)
    assert SUBJECT in page
    assert "Ольга &lt;olga@example.org&gt;" in page


def test_html_stands_in_a_frame_where_nothing_runs_or_loads(folder: Folder, viewer: Browser) -> None:
    hostile = '<html><head></head><LINK rel=preconnect href="//x.example.org"><iframe src="//x.example.org"></iframe>'
    folder.add(letter(html=hostile).as_bytes())
    assert '<iframe sandbox="" src="/mail/1/html"' in viewer.get("/mail/1").text
    answer = viewer.get("/mail/1/html")
    assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'; ")
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.text.strip() == (
        '<html><head><base target="_blank"></head><no-LINK rel=preconnect href="//x.example.org">'
        '<no-iframe src="//x.example.org"></iframe>'
    )


def test_text_is_shown_with_links_that_can_be_followed(folder: Folder, viewer: Browser) -> None:
    folder.add(letter().as_bytes())
    assert f'<a href="{LINK}" rel="noopener noreferrer" target="_blank">' in viewer.get("/mail/1?view=text").text
    answer = viewer.get("/mail/1/text")
    assert (answer.headers["Content-Type"], answer.text) == (
        "text/plain; charset=utf-8",
        f"Дорогая Ольга!\n\n{LINK}\n",
    )


def test_the_calendar_entry_is_said_in_words_and_can_be_saved_byte_for_byte(folder: Folder, viewer: Browser) -> None:
    folder.add(letter().as_bytes())
    assert "Time Monday, 14 June 2021, 18:00–19:00 Vienna time (CEST, UTC+2)" in text_of(
        viewer.get("/mail/1?view=calendar").text
    )
    answer = viewer.get("/mail/1/calendar.ics")
    assert answer.content == CALENDAR
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8; method=REQUEST"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="0001.ics"'


def test_a_june_session_at_18_in_vienna_is_said_as_16_utc() -> None:
    assert in_words(CALENDAR) == [
        [
            ("Method", "REQUEST"),
            ("Summary", "Открытие"),
            ("Time", "Monday, 14 June 2021, 18:00–19:00 Vienna time (CEST, UTC+2)"),
            ("In UTC", "Monday, 14 June 2021, 16:00–17:00 UTC"),
            ("Organizer", "secretariat@example.org"),
            ("Attendee", "Ольга <olga@example.org> (PARTSTAT=NEEDS-ACTION)"),
            ("Location", LINK),
            ("URL", LINK),
            ("Status", "CONFIRMED"),
            ("Sequence", "2"),
            ("UID", "opening@example.org"),
            ("Description", "18:00, Vienna time"),
        ]
    ]


@pytest.mark.parametrize(
    ("start", "said"),
    [
        (b"DTSTART:20210614T180000", "2021-06-14 18:00:00"),
        (b"DTSTART;TZID=Vienna/Hofburg:20210614T180000", "2021-06-14 18:00:00"),
        (b"DTSTART;VALUE=DATE:20210614", "2021-06-14"),
        (b"DTSTART:tomorrow", "tomorrow"),
    ],
)
def test_a_start_that_names_no_instant_is_said_as_written(start: bytes, said: str) -> None:
    (event,) = in_words(CALENDAR.replace(b"DTSTART;TZID=Europe/Vienna:20210614T180000", start))
    assert ("Start", said) in event


@pytest.mark.parametrize(
    "broken",
    [
        b"",
        b"no calendar",
        CALENDAR[:200],
        CALENDAR.replace(b"TZID=Europe/Vienna", b"TZID=Europe"),
        CALENDAR.replace(b"BEGIN:VEVENT", b"BEGIN:VTIMEZONE\r\nTZID:a\r\nTZID:b\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT"),
    ],
)
def test_a_broken_entry_says_nothing_in_words(broken: bytes) -> None:
    assert in_words(broken) == []


def test_the_source_is_the_message_as_received_and_its_parts_decoded(folder: Folder, viewer: Browser) -> None:
    folder.add(letter().as_bytes())
    page = text_of(viewer.get("/mail/1?view=source").text)
    assert "The message : multipart/alternative" in page
    assert "3 : text/calendar Content-Transfer-Encoding base64 Content-Type text/calendar; method=" in page
    assert f"Decoded part 3 , {len(CALENDAR)} octets BEGIN:VCALENDAR" in page
    answer = viewer.get("/mail/1/source")
    assert answer.content == (folder.path / "messages" / "0001.eml").read_bytes()
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"


def test_one_persons_mails_can_be_followed_in_order(folder: Folder, viewer: Browser) -> None:
    for participant in ("par_olga", "par_ann", "par_olga", "par_olga"):
        folder.add(letter().as_bytes(), participant=participant)
    page = viewer.get("/mail/3?view=text").text
    links = re.findall(r'<a href="([^"]*)"[^>]*>([^<]*)</a>', page)
    assert links[1:6] == [
        ("/mail/2?view=text", "← Previous mail"),
        ("/mail/4?view=text", "Next mail →"),
        ("/mail/1?view=text", "← Their previous"),
        ("/?recipient=par_olga", "All 3 mails to this person"),
        ("/mail/4?view=text", "Their next →"),
    ]


@pytest.mark.parametrize(
    ("view", "says"),
    [
        ("html", "This mail has no HTML."),
        ("text", "This mail has no plain text."),
        ("calendar", "This mail has no calendar entry."),
        ("unheard-of", "This mail has no HTML."),
    ],
)
def test_what_a_mail_lacks_is_said(folder: Folder, viewer: Browser, view: str, says: str) -> None:
    folder.add(b"Content-Type: image/png\r\n\r\n\x89PNG")
    assert says in text_of(viewer.get(f"/mail/1?view={view}").text)
    assert [viewer.get(f"/mail/1/{one}").status_code for one in ("html", "text", "calendar.ics")] == [404] * 3


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (b"=?utf-8?q?=D0=9E=D0=BB=D1=8C?=\r\n =?utf-8?q?=D0=B3=D0=B0?=", "Ольга"),
        ("Ольга".encode(), "Ольга"),
        (b"Olga\xff", "Olga\ufffd"),
        (b"=?no-such-charset?q?Olga?=", "=?no-such-charset?q?Olga?="),
        (b"=?utf-8?b?a?=", "=?utf-8?b?a?="),
        (b"=?unicode_escape?q?=5Cud800?=", "?"),
        (b"", "(no subject)"),
    ],
)
def test_odd_headers_are_shown_as_well_as_can_be(folder: Folder, viewer: Browser, written: bytes, shown: str) -> None:
    folder.add(b"Subject: " + written + b"\r\nContent-Type: text/plain; charset=no-such\r\n\r\nbody")
    assert f">{shown}</a>" in viewer.get("/").text
    assert f">{shown}</h1>" in viewer.get("/mail/1").text
    assert viewer.get("/mail/1/text").text == "body"


def test_nothing_that_a_mail_or_the_manifest_says_becomes_markup(folder: Folder, viewer: Browser) -> None:
    hostile = "\"'><script>alert(1)</script>"
    message = letter(hostile, html=hostile)
    message.replace_header("From", "x@example.org")
    message["X-Odd"] = hostile
    content = message.as_bytes().replace("Дорогая".encode(), hostile.encode())
    folder.add(content, kind=hostile, to=hostile, participant=hostile, sessions=[hostile], language=hostile)
    for view in ("", "mail/1", "mail/1?view=text", "mail/1?view=calendar", "mail/1?view=source"):
        assert "<script" not in viewer.get(f"/{view}", query=None if view else {"kind": hostile}).text


@pytest.mark.parametrize("host", ["127.0.0.1:8025", "localhost", "LOCALHOST:1", "[::1]:8025", "viewer.localhost"])
def test_this_machines_names_are_answered(viewer: Browser, host: str) -> None:
    assert viewer.get("/", host).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "example.org",
        "127.0.0.1.example.org",
        "localhost.example.org",
        "a_b.example.org",
        "192.0.2.7",
        "",
        "127.0.0.1@x",
    ],
)
def test_a_name_that_may_be_pointed_at_this_machine_is_refused(viewer: Browser, host: str) -> None:
    assert viewer.get("/", host).status_code == 421


@pytest.mark.parametrize(
    "path", ["/", "/mail/1", "/mail/1/text", "/mail/1/source", "/mail/2", "/nowhere", "/viewer.css"]
)
def test_every_answer_tells_browsers_to_be_careful(folder: Folder, viewer: Browser, path: str) -> None:
    folder.add(letter().as_bytes())
    headers = viewer.get(path).headers
    assert headers["Content-Security-Policy"] == (
        "default-src 'none'; style-src 'self'; img-src data:; frame-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("number", ["0", "2", "-1", "01", "1.0", "one", "²", "9" * 5000, "..%2f..%2fsecret"])
def test_there_is_no_mail_of_an_unknown_number(folder: Folder, viewer: Browser, number: str) -> None:
    folder.add(letter().as_bytes())
    assert viewer.get(f"/mail/{number}").status_code == 404


@pytest.mark.parametrize(
    "file",
    ["secret.eml", "messages/../secret.eml", "../secret.eml", "/etc/passwd", "messages/link.eml", "messages/a\0.eml"],
)
def test_no_file_outside_of_the_messages_is_read(folder: Folder, viewer: Browser, file: str) -> None:
    (folder.path / "secret.eml").write_text("Subject: secret\n\nsecret")
    (folder.path / "messages" / "link.eml").symlink_to(folder.path / "secret.eml")
    folder.add(file=file)
    assert viewer.get("/mail/1/source").status_code == 404
    assert "(the file cannot be read)" in viewer.get("/").text


def test_a_message_that_is_missing_or_none_at_all_is_a_plain_page(folder: Folder, viewer: Browser) -> None:
    folder.add()
    folder.add()
    (folder.path / "messages" / "0002.eml").mkdir()
    nesting = "Content-Type: multipart/mixed; boundary=x{0}\r\n\r\n--x{0}\r\n"
    folder.add("".join(map(nesting.format, range(3000))).encode())
    for number in (1, 2, 3):
        answer = viewer.get(f"/mail/{number}")
        assert (answer.status_code, "its file is missing or unreadable" in answer.text) == (404, True)


@pytest.mark.parametrize("manifest", [b"", b"[", b"{}", b"[1]", b'[{"file": "messages/0001.eml"}]', b"\xff"])
def test_a_broken_manifest_is_a_plain_page(folder: Folder, viewer: Browser, manifest: bytes) -> None:
    (folder.path / "manifest.json").write_bytes(manifest)
    answer = viewer.get("/")
    assert (answer.status_code, "manifest.json cannot be read" in answer.text) == (503, True)


def test_a_manifest_that_comes_later_is_found(folder: Folder, viewer: Browser) -> None:
    (folder.path / "manifest.json").unlink()
    assert viewer.get("/").status_code == viewer.get("/mail/1").status_code == 503
    folder.add(letter().as_bytes())
    assert viewer.get("/mail/1").status_code == 200
    folder.add(letter("A second one").as_bytes())
    assert "A second one" in viewer.get("/").text


def test_a_file_is_read_once_until_it_changes(tmp_path: Path) -> None:
    file, read = tmp_path / "file", []

    @once_per_change(1)
    def look(path: Path) -> str:
        read.append(path)
        return path.read_text()

    file.write_text("before")
    assert [look(file), look(file), len(read)] == ["before", "before", 1]
    file.write_text("afterwards")
    assert [look(file), look(file), len(read)] == ["afterwards", "afterwards", 2]
