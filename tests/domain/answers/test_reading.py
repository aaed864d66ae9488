"""What calendars answer, whichever has written it."""

import time
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.answers.addresses import ways_to_write
from domain.answers.reading import read
from domain.answers.said import Answer, NotAnAnswer, Remark
from tests.domain.answers import samples
from tests.domain.answers.samples import LINK, OLGA, PLAIN, UID, attendee, calendar, event, mail

AT = datetime(2021, 6, 10, 8, 15, tzinfo=UTC)
DECLINED = Answer(UID, (OLGA,), "declined", 1, AT)


def sample(name: str) -> bytes:
    found: bytes = getattr(samples, name)
    return found


@pytest.mark.parametrize(
    "name",
    ["THUNDERBIRD", "EVOLUTION", "GOOGLE", "METHOD_IN_THE_OBJECT_ALONE", "METHOD_IN_THE_HEADER_ALONE", "A_FILE_ALONE",
     "AN_ICS_PART_ALONE", "WRONG_CHARSET", "LATIN", "SHORT_LINES", "MARKED", "WITHOUT_AN_END", "LINES_OF_NONSENSE",
     "SMALL_LETTERS"],
)  # fmt: skip
def test_a_decline_is_understood_whichever_calendar_has_written_it(name: str) -> None:
    assert read(sample(name)) == (DECLINED,)


@pytest.mark.parametrize("charset", ["charset*=us-ascii'en'utf-8", "charset*0*=utf-8''%ff; charset*1=x", "charset=é"])
def test_a_charset_that_is_written_in_an_unusual_way_costs_no_more_than_the_letters(charset: str) -> None:
    name = calendar(event(attendee()).replace("Olga", "Ольга"))
    assert read(mail(name, f"text/calendar; {charset}; method=REPLY")) == (DECLINED,)


def test_what_outlook_says_besides_is_kept_apart() -> None:
    (answer,) = read(samples.OUTLOOK)
    assert answer.remark == Remark(words="I am travelling that day, sorry.\nOlga")
    assert (answer.uid, answer.partstat, answer.sequence, answer.dtstamp) == (UID, "declined", 1, AT)
    assert OLGA in [one.casefold() for one in answer.addresses]


@pytest.mark.parametrize(
    ("partstat", "said"), [("ACCEPTED", "accepted"), ("TENTATIVE", "tentative"), ("Accepted", "accepted")]
)
def test_the_other_answers_are_told_apart(partstat: str, said: str) -> None:
    (answer,) = read(samples.thunderbird(calendar(event(attendee(partstat)))))
    assert answer.partstat == said


def test_another_time_is_kept_with_its_zone_whatever_the_calendar_calls_it() -> None:
    (answer,) = read(samples.COUNTER)
    assert answer.partstat == "countered"
    assert answer.remark == Remark(
        words="An hour later?",
        proposed="2021-06-14T19:00:00+02:00[Europe/Berlin]/2021-06-14T20:00:00+02:00[Europe/Berlin]",
    )


@pytest.mark.parametrize(
    ("start", "end", "proposed"),
    [
        ("DTSTART:20210614T170000Z", "DTEND:20210614T180000Z", "2021-06-14T17:00:00+00:00/2021-06-14T18:00:00+00:00"),
        ("DTSTART:20210614T190000", "DURATION:PT1H", "2021-06-14T19:00:00/PT1H"),
        ("DTSTART;VALUE=DATE:20210615", "X:", "2021-06-15"),
        ("DTSTART;TZID=/mozilla.org/20050126_1/Europe/Rome:20210614T190000", "X:",
         "2021-06-14T19:00:00+02:00[Europe/Rome]"),
        ("DTSTART;TZID=Customized Time Zone:20210614T190000", "X:", "2021-06-14T19:00:00[Customized Time Zone]"),
        ("DTSTART;TZID=Europe/Atlantis:20210614T190000", "X:", "2021-06-14T19:00:00[Europe/Atlantis]"),
        ("DTSTART:20219999T999999", "DTEND:20210614T180000Z", None),
        ("DTSTART:soon", "DTEND:later", None),
    ],
)  # fmt: skip
def test_a_proposed_time_is_text_for_people(start: str, end: str, proposed: str | None) -> None:
    said = event(attendee()).replace("DTSTART;TZID=Europe/Vienna:20210614T180000", start)
    said = said.replace("DTEND;TZID=Europe/Vienna:20210614T190000", end)
    (answer,) = read(mail(calendar(said, method="METHOD:COUNTER\n"), "text/calendar"))
    assert answer.remark.proposed == proposed


def test_whoever_sends_a_deputy_says_whom_and_the_deputy_has_not_answered() -> None:
    (answer,) = read(samples.DELEGATED)
    assert (answer.partstat, answer.addresses, answer.remark.instead) == (
        "delegated", (OLGA,), "deputy@mission.example.org",
    )  # fmt: skip


def test_every_attendee_who_answers_is_told_of() -> None:
    both = attendee() + attendee("ACCEPTED", "mailto:pat@ngo.example.org")
    found = read(mail(calendar(event(both)), PLAIN))
    assert [(one.addresses, one.partstat) for one in found] == [
        ((OLGA,), "declined"), (("pat@ngo.example.org",), "accepted"),
    ]  # fmt: skip


def test_an_answer_without_a_date_or_a_sequence_says_so() -> None:
    (answer,) = read(mail(calendar(event(attendee(), sequence="", stamp="")), PLAIN))
    assert (answer.sequence, answer.dtstamp) == (0, None)


@pytest.mark.parametrize("sequence", ["SEQUENCE:-1\n", "SEQUENCE:1e9\n", "SEQUENCE:99999999999999999999\n"])
@pytest.mark.parametrize("stamp", ["DTSTAMP:00000000T000000Z\n", "DTSTAMP:20210610\n", "DTSTAMP:yesterday\n"])
def test_numbers_and_dates_that_are_none_are_left_out(sequence: str, stamp: str) -> None:
    (answer,) = read(mail(calendar(event(attendee(), sequence=sequence, stamp=stamp)), PLAIN))
    assert (answer.sequence, answer.dtstamp) == (0, None)


def test_an_automatic_reply_is_told_from_an_answer_that_google_sends_for_somebody() -> None:
    robot = samples.HEAD + "Auto-Submitted: auto-replied (rejected)\r\n"
    assert [one.automatic for one in read(mail(samples.DECLINED, PLAIN, head=robot))] == [True]
    assert [one.automatic for one in read(samples.GOOGLE)] == [False]


@pytest.mark.parametrize("what", samples.REFUSED)
def test_what_answers_nothing_is_refused_with_one_reason(what: str) -> None:
    with pytest.raises(NotAnAnswer) as refusal:
        read(samples.REFUSED[what])
    assert [one.code for one in refusal.value.reasons] == ["not-an-answer"]


@pytest.mark.parametrize(
    ("uri", "ways"),
    [
        ("mailto:olga@mission.example.org", ("olga@mission.example.org",)),
        ("MailTo:olga%2Bx@mission.example.org", ("olga%2Bx@mission.example.org", "olga+x@mission.example.org")),
        ("MAILTO:<olga@mission.example.org>?subject=x", ("olga@mission.example.org",)),
        ("olga@mission.example.org", ("olga@mission.example.org",)),
        ("mailto:olga@xn--bcher-kva.example.org",
         ("olga@xn--bcher-kva.example.org", "olga@bücher.example.org")),
        ("mailto:olga@Bücher.example.org",
         ("olga@Bücher.example.org", "olga@bücher.example.org", "olga@xn--bcher-kva.example.org")),
        ("mailto:%D0%BE%D0%BB%D1%8C%D0%B3%D0%B0@mission.example.org",
         ("%D0%BE%D0%BB%D1%8C%D0%B3%D0%B0@mission.example.org", "ольга@mission.example.org")),
        ("mailto:", ()), ("invalid:nomail", ()), ("mailto:a@b c", ()), ("", ()), ("urn:uuid:2", ()),
        ("mailto:" + "a" * 400 + "@example.org", ()), ("mailto:a%0d%0a@example.org", ("a%0d%0a@example.org",)),
    ],
)  # fmt: skip
def test_an_address_is_known_in_all_the_ways_in_which_it_is_written(uri: str, ways: tuple[str, ...]) -> None:
    assert ways_to_write(uri) == ways


def test_an_attendee_who_is_no_mail_address_may_have_one_besides() -> None:
    (answer,) = read(mail(calendar(event(attendee(address="urn:uuid:1", more=f";EMAIL={OLGA}"))), PLAIN))
    assert answer.addresses == (OLGA,)


def test_nothing_personal_shows_in_a_repr() -> None:
    for raw in (samples.OUTLOOK, samples.COUNTER, samples.DELEGATED):
        assert not any(one in repr(read(raw)) for one in ("olga", "Olga", "travelling", "deputy", LINK))


@pytest.mark.parametrize(
    "body",
    [
        b"BEGIN:VEVENT\r\n" * 20_000,
        b"BEGIN:X\r\nEND:X\r\n" * 10_000,
        samples.DECLINED.replace(b"CN=Olga", b"CN=" + b'"' * 60_000),
        samples.DECLINED.replace(b"CN=Olga", b"CN=" + b" ;" * 30_000),
        samples.DECLINED.replace(b"CN=Olga", b"CN=" + b"\\" * 60_000),
        samples.DECLINED + b"ATTENDEE;PARTSTAT=ACCEPTED:mailto:a@example.org\r\n" * 5_000,
        b"\r\n" * 100_000 + samples.DECLINED,
        b"\r\n " * 80_000,
        calendar("".join(event(attendee(address=f"mailto:{n}@example.org")) for n in range(400))),
        samples.DECLINED.replace(b"RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU", b"RRULE:FREQ=SECONDLY"),
    ],
)  # fmt: skip
def test_what_is_written_to_take_long_does_not(body: bytes) -> None:
    begun = time.process_time()
    with suppress(NotAnAnswer):
        assert len(read(mail(body, PLAIN))) <= 200
    assert time.process_time() - begun < 5, "seconds, where milliseconds are meant"


def test_a_bomb_of_multiparts_is_refused() -> None:
    raw = mail(samples.DECLINED, PLAIN, head="")
    for depth in range(3000):
        raw = samples.multipart("mixed", raw, boundary=f"b{depth}")
    with pytest.raises(NotAnAnswer):
        read(samples.HEAD.encode() + raw)


def test_only_the_beginning_of_a_large_mail_is_looked_at() -> None:
    assert read(samples.THUNDERBIRD + b"x" * 30_000_000) == (DECLINED,)


ALL = [value for value in vars(samples).values() if isinstance(value, bytes)]


@given(raw=st.binary(max_size=2000))
def test_whatever_comes_is_read_or_refused(raw: bytes) -> None:
    with suppress(NotAnAnswer):
        read(raw)
    with suppress(NotAnAnswer):
        read(mail(raw, PLAIN))


@given(raw=st.sampled_from(ALL), cut=st.integers(0, 3000), junk=st.binary(max_size=12), gone=st.integers(0, 40))
def test_damage_is_read_or_refused(raw: bytes, cut: int, junk: bytes, gone: int) -> None:
    with suppress(NotAnAnswer):
        read(raw[:cut] + junk + raw[cut + gone :])


_LINES = st.text(alphabet=st.sampled_from('ATENDUIPRSOMQ;:=",\\ \t\r\n\x00é%@-BGVY0123mailto'), max_size=80)


@given(lines=st.lists(st.sampled_from(samples.DECLINED.decode("utf-8", "replace").splitlines()) | _LINES, max_size=40))
def test_lines_in_any_order_are_read_or_refused(lines: list[str]) -> None:
    with suppress(NotAnAnswer):
        read(mail("\r\n".join(lines).encode(), PLAIN))


@given(header=st.text(max_size=60), content_type=st.text(max_size=60))
def test_headers_of_any_kind_are_read_or_refused(header: str, content_type: str) -> None:
    raw = f"Subject: {header}\r\nContent-Type: {content_type}\r\nAuto-Submitted: {header}\r\n\r\n".encode()
    with suppress(NotAnAnswer):
        read(raw + samples.DECLINED)
