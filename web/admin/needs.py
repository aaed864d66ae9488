"""What needs a person: one list, grouped, each with what to do about it and where that is done."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from adapters.database import answers, envelopes, figures, outgoing
from adapters.database.census import Census
from domain.story import because

N_ = str
"""Marks a sentence for the catalogues."""

_MOST_REASONS = 5
_MOST_PEOPLE = 3


_Numbers = Mapping[tuple[str], int] | Mapping[tuple[str, str], int]
_BY_HAND = frozenset({(because(one).removesuffix("."),) for one in ("by-hand", "held-by-hand")})


@dataclass(frozen=True, slots=True)
class Need:
    """`what` and `todo` are English sentences, for gettext; `path` is where it is done, below `/admin`. `of`: reasons,
    sessions or kinds, with numbers. `people`: ids of a few of those whom it is about, the newest first."""

    code: str
    what: str
    todo: str
    path: str
    number: int
    of: Sequence[tuple[str, int]] = ()
    people: Sequence[str] = field(default=())


def needs(session: Session, census: Census) -> list[Need]:
    """All that needs somebody now."""
    found = (*_submissions(session), *_letters(session), *_zoom(session), *_places(census), *_declined(session, census))
    return [one for one in found if one.number]


def _submissions(session: Session) -> Iterator[Need]:
    refused = figures.refused(session)
    from_mail = {of: number for of, number in refused.items() if of[0] in envelopes.MAIL_SOURCES}
    from_forms = {of: number for of, number in refused.items() if of not in from_mail}
    yield _need(
        "submissions", N_("Submissions that were not accepted"),
        N_("Read the reason, correct the submission, and have it judged again."), "/inbox", from_forms,
    )  # fmt: skip
    yield _need(
        "not-understood", N_("Answers and reports that were not understood"),
        N_("Read them: a person may have written, or a mail server in a way that is not known."), "/inbox", from_mail,
    )  # fmt: skip


def _letters(session: Session) -> Iterator[Need]:
    given_up = outgoing.given_up(session)
    yield _need(
        "failed", N_("Letters that failed"), N_("Remove the cause that the reason names, then replay them."),
        "/failures", _reasons(given_up, "failed"),
    )  # fmt: skip
    held = _reasons(given_up, "held")
    by_hand = {of: number for of, number in held.items() if of in _BY_HAND}
    yield _need(
        "held", N_("Letters held for a person, because the address does not take our mail"),
        N_("On the participant’s page, correct the address, or let letters go to it again."), "/failures",
        {of: number for of, number in held.items() if of not in by_hand},
    )  # fmt: skip
    yield _need(
        "held-by-hand", N_("Letters that somebody holds by hand"), N_("Release them when they may go."), "/outbox",
        by_hand,
    )  # fmt: skip
    yield _need(
        "bounced", N_("Letters that came back"),
        N_("Correct the address with the participant, then send the letter again."), "/failures",
        outgoing.bounced(session),
    )  # fmt: skip


def _reasons(given_up: Mapping[tuple[str, str, str], int], state: str) -> dict[tuple[str], int]:
    """Why letters are in a state, in words, with how many there are of each."""
    found: dict[tuple[str], int] = {}
    for (_, is_in, reason), number in given_up.items():
        if is_in == state:
            found[(_words(reason),)] = found.get((_words(reason),), 0) + number
    return found


def _words(reason: str) -> str:
    return because(reason).removesuffix(".")


def _zoom(session: Session) -> Iterator[Need]:
    held = figures.held_at_zoom(session)
    yield Need("held-at-zoom", N_("Registrants whom Zoom does not take"),
               N_("Read the reason that Zoom gives, mend it, and have Zoom asked again on the participant’s page."),
               "/zoom",
               sum(held.values()))  # fmt: skip


def _places(census: Census) -> Iterator[Need]:
    pending: dict[tuple[str, str], int] = {}
    for one in census.places:
        if one.state == "pending":
            pending[one.conference, one.session] = pending.get((one.conference, one.session), 0) + one.number
    yield _need("pending", N_("People waiting for approval"), N_("Approve or refuse them."), "/places", pending)


def _declined(session: Session, census: Census) -> Iterator[Need]:
    declined = {(one.conference, one.session): one.number for one in census.answers if one.partstat == "declined"}
    need = _need(
        "declined", N_("Declined in a calendar, but still registered"),
        N_("Nothing at once: each was asked by letter. Withdraw whoever says so."), "/participants", declined,
    )  # fmt: skip
    people = [place.participant_id for _, place in answers.to_look_at(session, _MOST_PEOPLE)] if need.number else []
    yield Need(need.code, need.what, need.todo, need.path, need.number, need.of, people)


def _need(code: str, what: str, todo: str, path: str, numbers: _Numbers) -> Need:
    most = sorted(numbers.items(), key=lambda each: (-each[1], each[0]))
    of = [(": ".join(name), number) for name, number in most[:_MOST_REASONS]]
    return Need(code, what, todo, path, sum(numbers.values()), of)
