"""Answers as calendars write them: the shapes are those of real ones, the people are invented."""

from base64 import encodebytes
from quopri import encodestring
from textwrap import dedent

UID = "3f9d1c0a5b7e4d2f8a6c1e0b9d7f5a3c@convenor.example.org"
OLGA = "olga@mission.example.org"
STAMP = "20210610T081500Z"
LINK = "https://zoom.example.org/j/91112223334?pwd=fictitious"

ZONE = dedent("""\
    BEGIN:VTIMEZONE
    TZID:Europe/Vienna
    BEGIN:STANDARD
    TZOFFSETFROM:+0200
    TZOFFSETTO:+0100
    DTSTART:19961027T030000
    RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU
    END:STANDARD
    END:VTIMEZONE
    """)


def attendee(partstat: str = "DECLINED", address: str = f"mailto:{OLGA}", more: str = "") -> str:
    """The one line that matters."""
    return f"ATTENDEE;CN=Olga Petrenko;PARTSTAT={partstat};ROLE=REQ-PARTICIPANT{more}:{address}\n"


def event(attendees: str, *, uid: str = UID, sequence: str = "SEQUENCE:1\n", stamp: str = f"DTSTAMP:{STAMP}\n",
          more: str = "") -> str:  # fmt: skip
    """A VEVENT, with all that comes back of our own."""
    return (
        f"BEGIN:VEVENT\n{stamp}UID:{uid}\nSUMMARY:Voices of survivors\\, heard\n"
        "ORGANIZER;CN=Conference Secretariat:mailto:secretariat@convenor.example.org\n"
        f"{attendees}DTSTART;TZID=Europe/Vienna:20210614T180000\nDTEND;TZID=Europe/Vienna:20210614T190000\n{sequence}"
        f"DESCRIPTION:You are registered.\\n\\nJoin: {LINK}\\nAll times are Vienna time.\nURL:{LINK}\n"
        f"{more}BEGIN:VALARM\nATTENDEE;PARTSTAT=ACCEPTED:mailto:alarm@mission.example.org\nEND:VALARM\nEND:VEVENT\n"
    )


def calendar(*events: str, method: str = "METHOD:REPLY\n", prodid: str = "-//Invented//EN") -> bytes:
    """An iCalendar object, folded, with CRLF."""
    plain = f"BEGIN:VCALENDAR\nPRODID:{prodid}\nVERSION:2.0\n{method}{ZONE}{''.join(events)}END:VCALENDAR\n"
    return b"".join(_folded(line.encode()) for line in plain.splitlines())


def _folded(line: bytes) -> bytes:
    """At 75 octets sharp, as some do: within a letter too."""
    pieces = [line[at : at + 74] for at in range(0, len(line), 74)]
    return b"\r\n ".join(pieces) + b"\r\n"


HEAD = (
    "From: Olga Petrenko <olga@mission.example.org>\r\nTo: secretariat@convenor.example.org\r\n"
    "Subject: Declined: Voices of survivors\r\nDate: Thu, 10 Jun 2021 10:15:00 +0200\r\n"
    "Message-ID: <invented@mission.example.org>\r\nMIME-Version: 1.0\r\n"
)


def mail(body: bytes, content_type: str, *, encoding: str = "8bit", head: str = HEAD) -> bytes:
    """A mail of one part."""
    return f"{head}{_part_head(content_type, encoding)}".encode() + _encoded(body, encoding)


def part(body: bytes, content_type: str, *, encoding: str = "8bit", more: str = "") -> bytes:
    """A part of a mail."""
    return f"{more}{_part_head(content_type, encoding)}".encode() + _encoded(body, encoding)


def _part_head(content_type: str, encoding: str) -> str:
    return f"Content-Type: {content_type}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n"


def _encoded(body: bytes, encoding: str) -> bytes:
    if encoding == "base64":
        return encodebytes(body)
    return encodestring(body) if encoding == "quoted-printable" else body


def multipart(kind: str, *within: bytes, boundary: str = "Boundary_(ID_1)") -> bytes:
    """Parts, as a part."""
    opening = f"\r\n--{boundary}\r\n".encode()
    head = f'Content-Type: multipart/{kind}; boundary="{boundary}"\r\n\r\n'.encode()
    return head + b"".join(opening + one for one in within) + f"\r\n--{boundary}--\r\n".encode()


def thunderbird(body: bytes, says: str = "declined") -> bytes:
    """mixed { alternative { plain, calendar }, application/ics }."""
    plain = part(f"Olga Petrenko <{OLGA}> has {says} your event invitation.\r\n".encode(), "text/plain; charset=UTF-8")
    within = multipart("alternative", plain, part(body, "text/calendar; method=REPLY; charset=UTF-8"), boundary="B2")
    file = part(body, "application/ics; name=invite.ics", more="Content-disposition: attachment\r\n")
    return HEAD.replace("MIME-Version", "MIME-version").encode() + multipart("mixed", within, file)


DECLINED = calendar(event(attendee()))
PLAIN = "text/calendar; charset=utf-8; method=REPLY"

THUNDERBIRD = thunderbird(DECLINED)
EVOLUTION = mail(
    calendar(event(attendee() + "COMMENT:\n")), 'text/calendar; name="calendar.ics"; charset="utf-8"; METHOD="REPLY"',
    encoding="quoted-printable",
    head=HEAD.replace("Olga Petrenko", "=?koi8-r?Q?=EF=CC=D8=C7=C1_?= =?koi8-r?Q?=F0=C5=D4=D2=C5=CE=CB=CF?=\r\n\t"),
)  # fmt: skip
OUTLOOK = mail(
    calendar(
        "BEGIN:VEVENT\nATTENDEE;PARTSTAT=DECLINED;CN=Olga Petrenko:MAILTO:Olga@Mission.Example.org\n"
        "COMMENT;LANGUAGE=en-GB:I am travelling that day\\, sorry.\\nOlga\n"
        f"UID:{UID}\nSUMMARY;LANGUAGE=en-GB:Declined: Voices of survivors\\, heard\n"
        "DTSTART;TZID=W. Europe Standard Time:20210614T180000\nDTEND;TZID=W. Europe Standard Time:20210614T190000\n"
        f"CLASS:PUBLIC\nPRIORITY:5\nDTSTAMP:{STAMP}\nTRANSP:OPAQUE\nSTATUS:CONFIRMED\nSEQUENCE:1\n"
        "X-MICROSOFT-CDO-APPT-SEQUENCE:1\nX-MICROSOFT-CDO-BUSYSTATUS:BUSY\nEND:VEVENT\n",
        prodid="Microsoft Exchange Server 2010",
    ),
    'text/calendar; charset="utf-8"; method=REPLY', encoding="base64",
)  # fmt: skip
GOOGLE = (
    HEAD.replace("MIME-", "Sender: Calendar <calendar-notification@calendar.example.org>\r\nAuto-Submitted: "
                 "auto-generated\r\nMIME-").encode()
    + multipart(
        "mixed",
        multipart("alternative", part(b"Olga has declined this invitation.", "text/plain; charset=utf-8"),
                  part(b"<p>Olga has declined.", "text/html; charset=utf-8"),
                  part(DECLINED, "text/calendar; charset=UTF-8; method=REPLY", encoding="quoted-printable"),
                  boundary="g2"),
        part(DECLINED, 'application/ics; name="invite.ics"', encoding="base64"),
    )
)  # fmt: skip
METHOD_IN_THE_OBJECT_ALONE = mail(DECLINED, "text/calendar; charset=utf-8")
METHOD_IN_THE_HEADER_ALONE = mail(calendar(event(attendee()), method=""), PLAIN)
A_FILE_ALONE = HEAD.encode() + multipart(
    "mixed", part(b"See the file.", "text/plain"), part(DECLINED, 'application/octet-stream; name="Reply.ICS"')
)
AN_ICS_PART_ALONE = HEAD.encode() + multipart("mixed", part(DECLINED, "application/ics", encoding="base64"))
WRONG_CHARSET = mail(DECLINED, "text/calendar; charset=x-nobody-knows; method=REPLY")
LATIN = mail(DECLINED, "text/calendar; charset=iso-8859-1; method=REPLY")
SHORT_LINES = mail(DECLINED.replace(b"\r\n", b"\n"), PLAIN)
MARKED = mail(b"\xef\xbb\xbf" + DECLINED, PLAIN)
WITHOUT_AN_END = mail(DECLINED.partition(b"BEGIN:VALARM")[0], PLAIN)
LINES_OF_NONSENSE = mail(
    DECLINED.replace(b"SEQUENCE", b'\x00;;;:\r\nATTENDEE;="":\r\nX-\xff"=:\r\nATTENDEE\r\nSEQUENCE'), PLAIN
)
SMALL_LETTERS = mail(
    calendar(event(attendee().replace("ATTENDEE", "attendee").replace("PARTSTAT=DECLINED", "partstat=declined"))),
    PLAIN,
)

COUNTER = mail(
    calendar(
        event(attendee("TENTATIVE"), more="COMMENT:An hour later?\n")
        .replace("DTSTART;TZID=Europe/Vienna:20210614T180000", "DTSTART;TZID=W. Europe Standard Time:20210614T190000")
        .replace("DTEND;TZID=Europe/Vienna:20210614T190000", "DTEND;TZID=W. Europe Standard Time:20210614T200000"),
        method="METHOD:COUNTER\n",
    ),
    "text/calendar; charset=utf-8; method=COUNTER",
)
DELEGATED = mail(
    calendar(
        event(attendee("DELEGATED", more=';DELEGATED-TO="mailto:deputy@mission.example.org"')
              + attendee("NEEDS-ACTION", "mailto:deputy@mission.example.org", f';DELEGATED-FROM="mailto:{OLGA}"'))
    ), PLAIN,
)  # fmt: skip

OUT_OF_OFFICE = mail(b"I am away until Monday.", "text/plain", head=HEAD + "Auto-Submitted: auto-replied\r\n")
A_PERSON = mail(b"Dear colleagues, may I bring my deputy? Olga", "text/plain; charset=utf-8")
AN_INVITATION = mail(
    calendar(event(attendee("NEEDS-ACTION")), method="METHOD:REQUEST\n"), PLAIN.replace("REPLY", "REQUEST")
)
REFUSED = {
    "empty": b"", "nothing in it": HEAD.encode(), "out of office": OUT_OF_OFFICE, "a person": A_PERSON,
    "an invitation": AN_INVITATION, "no object": mail(b"", PLAIN), "not answered": mail(
        calendar(event(attendee("NEEDS-ACTION"))), PLAIN), "without UID": mail(DECLINED.replace(b"UID", b"XID"), PLAIN),
    "without attendee": mail(calendar(event("")), PLAIN), "an attendee without address": mail(
        calendar(event(attendee(address="urn:uuid:1"))), PLAIN),
    "forwarded": HEAD.encode() + multipart("mixed", part(mail(DECLINED, PLAIN), "message/rfc822")),
}  # fmt: skip
