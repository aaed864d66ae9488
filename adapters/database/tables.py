"""The tables. Truth is here: Redis may be wiped at any moment, and nothing is lost.

Two kinds of time stand in them and are told apart by their names: `…_at` is the conference's time (a rehearsal may run
it fast), `machine_…` is the machine's, for leases and for the age of what waits. Columns named `sealed_…` hold
personal data and are encrypted (see adapters/vault.py). Invariants are constraints beside their columns.
"""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, get_args

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    DateTime,
    Dialect,
    Double,
    ForeignKey,
    Index,
    LargeBinary,
    MetaData,
    String,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)  # fmt: skip
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from schemas.registration import Attendance, Visibility
from schemas.role import Role
from schemas.zoom import EventKind

ENVELOPE_STATES = ("received", "accepted", "rejected", "failed")
ADMIN_ROLES: tuple[Role, ...] = get_args(Role)
REGISTRATION_STATES = ("registered", "pending", "waitlisted", "offered", "refused", "withdrawn")
ENTRY_STATES = ("none", "requested", "cancelled")
LINK_STATES = ("none", "wanted", "present")
ZOOM_EVENT_STATES = ("unknown", "ready", "stopped")
REGISTRANT_STATUSES = ("unasked", "pending", "approved", "denied", "gone")
PARTICIPATION = ("accepted", "tentative", "declined", "delegated", "countered")
LETTER_STATES = ("planned", "claimed", "sent", "skipped", "expired", "failed", "held")
BOUNCE_KINDS = ("bounced", "deferred", "complained", "unsubscribed")
BOUNCE_CLASSES = ("hard", "full", "soft", "unclear", "policy", "wish")
SUPPRESSION_REASONS = ("hard-bounce", "refused-twice", "mailbox-full", "complaint", "unsubscribed")
LETTER_KINDS = (
    "confirmation", "invitation", "update", "cancellation", "withdrawal",
    "week-digest", "digest", "reminder", "last-reminder",
    "pending", "waitlist", "offer", "refusal", "not-understood", "notice",
)  # fmt: skip
"""Those of domain.letters.model, without `link-follows`, an invitation until its link is there, and `declined`, a
notice."""


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime on both databases. A naive one is refused: nobody could say which hour it means."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Only aware datetimes go in."""
        return None if value is None else in_utc(value)

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], Any] | None:
        """For SQLite the text itself: the library's own way to the same text takes twice as long."""
        return _as_text if dialect.name == "sqlite" else super().bind_processor(dialect)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Only aware UTC datetimes come out."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def in_utc(value: datetime) -> datetime:
    """The same instant.

    Raises:
        ValueError: where it is none, for want of an offset.
    """
    if value.tzinfo is None:
        raise ValueError("a naive datetime says no instant")
    return value.astimezone(UTC)


def _as_text(value: datetime | None) -> str | None:
    """In UTC, without an offset."""
    return None if value is None else in_utc(value).isoformat(" ", "microseconds").removesuffix("+00:00")


def _one_of(column: str, values: tuple[str, ...]) -> CheckConstraint:
    return CheckConstraint(f"{column} IN ({', '.join(repr(one) for one in values)})", name=f"{column}_known")


class Table(DeclarativeBase):
    """All tables, with constraint names that migrations can rely on."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: Instant, dict[str, Any]: JSON, list[str]: JSON, list[dict[str, str]]: JSON}  # noqa: RUF012 - SQLAlchemy's own idiom


class ProgrammeRow(Table):
    """The programme that is in force: what participants have been told rests on it, not on an edited file."""

    __tablename__ = "programmes"

    conference: Mapped[str] = mapped_column(String(64), primary_key=True)
    version: Mapped[int]
    document: Mapped[str] = mapped_column(Text)  # schemas.programme.Conference as JSON
    calendar_domain: Mapped[str] = mapped_column(String(255))  # of UID and Message-ID; outlives a change of sender
    in_force_at: Mapped[datetime]


class EnvelopeRow(Table):
    """The inbox: one row per accepted post, before anybody has judged what it says."""

    __tablename__ = "envelopes"
    __table_args__ = (
        # A provider that repeats a delivery gets the same receipt, and nothing is done twice.
        UniqueConstraint("conference", "source", "delivery_key"),
        _one_of("state", ENVELOPE_STATES),
        Index("ix_envelopes_waiting", "machine_queued", sqlite_where=text("state = 'received'"),
              postgresql_where=text("state = 'received'")),
        Index("ix_envelopes_conference_state", "conference", "state", "received_at"),
        Index("ix_envelopes_listed", "machine_received", "id"),
        Index("ix_envelopes_rejected", "machine_received", "id", sqlite_where=text("state IN ('rejected', 'failed')"),
              postgresql_where=text("state IN ('rejected', 'failed')")),
        Index("ix_envelopes_failed", "machine_received", sqlite_where=text("state = 'failed'"),
              postgresql_where=text("state = 'failed'")),
    )  # fmt: skip

    id: Mapped[str] = mapped_column(String(32), primary_key=True)  # also the receipt: unguessable, says nothing
    conference: Mapped[str] = mapped_column(String(64))
    source: Mapped[str] = mapped_column(String(32))
    delivery_key: Mapped[bytes] = mapped_column(LargeBinary(32))  # keyed hash of the webhook id
    content_type: Mapped[str] = mapped_column(String(100))
    sealed_body: Mapped[bytes] = mapped_column(LargeBinary)
    state: Mapped[str] = mapped_column(String(16), default="received")
    reasons: Mapped[list[dict[str, str]]] = mapped_column(default=list)  # schemas.registration.Reason; no values
    participant_id: Mapped[str | None] = mapped_column(ForeignKey("participants.id"), index=True)
    attempts: Mapped[int] = mapped_column(default=0)
    received_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    machine_received: Mapped[datetime]
    machine_queued: Mapped[datetime]  # when its id was last handed to the broker
    set_aside_at: Mapped[datetime | None]  # a person has decided that nothing more is to be done about it
    corrects: Mapped[str | None] = mapped_column(String(32))  # the envelope of which this is a corrected copy


class ParticipantRow(Table):
    """A person, once per address and conference."""

    __tablename__ = "participants"
    __table_args__ = (
        UniqueConstraint("conference", "address_index"),  # one participant per address and conference
        CheckConstraint("visibility IN ('standard', 'discreet')", name="visibility_known"),
        Index("ix_participants_newest", "conference", "created_at", "id"),
        Index("ix_participants_language", "conference", "language", "id"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    conference: Mapped[str] = mapped_column(String(64))
    address_index: Mapped[bytes] = mapped_column(LargeBinary(32))
    sealed_address: Mapped[bytes] = mapped_column(LargeBinary)
    sealed_profile: Mapped[bytes] = mapped_column(LargeBinary)  # schemas.participant.Profile as JSON
    sealed_needs: Mapped[bytes | None] = mapped_column(LargeBinary)  # apart, because it is deleted first
    language: Mapped[str | None] = mapped_column(String(8))
    time_zone: Mapped[str | None] = mapped_column(String(64))
    visibility: Mapped[Visibility] = mapped_column(String(16))
    submissions: Mapped[int] = mapped_column(default=0)  # how many changed something: the revision of confirmations
    machine_said: Mapped[datetime]  # when the newest submission that was applied had been received
    created_at: Mapped[datetime]
    muted_at: Mapped[datetime | None]  # since when this person wants no reminders
    reminders_version: Mapped[int | None]  # of the programme, under which reminders were last planned
    page_version: Mapped[int] = mapped_column(
        default=1, server_default="1"
    )  # of the own page's address: raised, it revokes those before
    calendar_version: Mapped[int] = mapped_column(default=1, server_default="1")  # of the calendar feed's, likewise
    address_version: Mapped[int] = mapped_column(default=1, server_default="1")  # raised when the address is corrected
    mail_held_at: Mapped[datetime | None]  # since when a person has all letters to this one held


class FormerAddressRow(Table):
    """An address that somebody had before it was corrected: what went there is known by its version, and they are found
    by it still."""

    __tablename__ = "former_addresses"
    __table_args__ = (Index("ix_former_addresses_address_index", "address_index"),)

    participant_id: Mapped[str] = mapped_column(ForeignKey("participants.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    address_index: Mapped[bytes] = mapped_column(LargeBinary(32))
    sealed_address: Mapped[bytes] = mapped_column(LargeBinary)
    until: Mapped[datetime]


_ASKS = "state = 'pending' OR state = 'registered' AND reason = 'not-approved'"
_IN_LINE = "state IN ('waitlisted', 'offered')"


class RegistrationRow(Table):
    """One participant's place in one session.

    `revision` counts what there is to tell, `told_revision` what the outbox was given: where they differ there is a
    letter to write. `sequence` is RFC 5545's, of this person's calendar entry.
    """

    __tablename__ = "registrations"
    __table_args__ = (
        UniqueConstraint("participant_id", "session"),
        _one_of("state", REGISTRATION_STATES),
        _one_of("link", LINK_STATES),
        _one_of("entry", ENTRY_STATES),
        CheckConstraint("attendance IN ('online', 'in-person')", name="attendance_known"),
        CheckConstraint("told_revision <= revision", name="never_told_more_than_there_is"),
        CheckConstraint("(link = 'present') = (sealed_join_link IS NOT NULL)", name="link_present_with_its_link"),
        CheckConstraint("link = 'none' OR state = 'registered'", name="no_link_before_there_is_a_place"),
        CheckConstraint("(state = 'offered') = (offered_until IS NOT NULL)", name="offered_until_some_time"),
        CheckConstraint("state <> 'waitlisted' OR waiting_at IS NOT NULL", name="waiting_since_some_time"),
        Index("ix_registrations_conference", "conference", "session", "state"),
        Index("ix_registrations_asking", "conference", "session", "waiting_at", "changed_at",
              sqlite_where=text(_ASKS), postgresql_where=text(_ASKS)),
        Index("ix_registrations_in_line", "conference", "session", "waiting_at", "changed_at",
              sqlite_where=text(_IN_LINE), postgresql_where=text(_IN_LINE)),
        Index("ix_registrations_link_wanted", "machine_queued",
              sqlite_where=text("link = 'wanted'"), postgresql_where=text("link = 'wanted'")),
        Index("ix_registrations_untold", "machine_queued",
              sqlite_where=text("told_revision < revision"), postgresql_where=text("told_revision < revision")),
    )  # fmt: skip

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    participant_id: Mapped[str] = mapped_column(ForeignKey("participants.id"))
    conference: Mapped[str] = mapped_column(String(64))
    session: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16))
    attendance: Mapped[Attendance] = mapped_column(String(16))
    interpretation: Mapped[str | None] = mapped_column(String(8))
    link: Mapped[str] = mapped_column(String(16))
    sealed_join_link: Mapped[bytes | None] = mapped_column(LargeBinary)
    revision: Mapped[int] = mapped_column(default=1)
    told_revision: Mapped[int] = mapped_column(default=0)
    sequence: Mapped[int] = mapped_column(default=0)
    changes: Mapped[list[str]] = mapped_column(default=list)  # what is different since the last letter
    entry: Mapped[str] = mapped_column(String(16), default="none")  # what the outbox has last said to the calendar
    told: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))  # domain.letters.told: the last letter
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    machine_said: Mapped[datetime]  # when the newest submission that spoke of this session had been received
    machine_queued: Mapped[datetime]
    join_version: Mapped[int] = mapped_column(
        default=1, server_default="1"
    )  # of the join page's address: raised, it revokes those before
    approved_at: Mapped[datetime | None]  # by an admin; whoever was approved once is not judged again
    waiting_at: Mapped[datetime | None]  # since when on the waiting list, and so its order: no two are the same
    offered_until: Mapped[datetime | None]  # so long a place is kept for whoever stands first
    reason: Mapped[str | None] = mapped_column(String(32))  # why not as asked: domain.places.Why


class PlaceRow(Table):
    """The places of one session, in the room or online: locked by whoever counts and gives them, so that no two give
    the last one. How many are taken, the registrations say."""

    __tablename__ = "places"
    __table_args__ = (CheckConstraint("attendance IN ('online', 'in-person')", name="attendance_known"),)

    conference: Mapped[str] = mapped_column(String(64), primary_key=True)
    session: Mapped[str] = mapped_column(String(64), primary_key=True)
    attendance: Mapped[Attendance] = mapped_column(String(16), primary_key=True)


class AnswerRow(Table):
    """What a participant's calendar program has answered to an invitation (RFC 5546, 3.2.3 and 3.2.7). Anybody can
    forge one: a note, from which nothing follows by itself."""

    __tablename__ = "answers"
    __table_args__ = (
        _one_of("partstat", PARTICIPATION),
        Index("ix_answers_registration", "registration_id", "sequence", "dtstamp"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    registration_id: Mapped[str] = mapped_column(ForeignKey("registrations.id"))
    partstat: Mapped[str] = mapped_column(String(16))
    sequence: Mapped[int]  # of the entry that was answered
    dtstamp: Mapped[datetime]  # when it was answered, as the answer says
    sealed_comment: Mapped[bytes | None] = mapped_column(LargeBinary)
    at: Mapped[datetime]
    machine_at: Mapped[datetime]
    undone_at: Mapped[datetime | None]  # the participant has taken it back


class ZoomEventRow(Table):
    """The Zoom event behind one session, as far as it is known: its number, what it said when last read, and in what
    it differs from the programme. One row for each session that has links to be had."""

    __tablename__ = "zoom_events"
    __table_args__ = (
        UniqueConstraint("conference", "session"),
        _one_of("state", ZOOM_EVENT_STATES),
        CheckConstraint("kind IN ('webinar', 'meeting')", name="kind_known"),
        CheckConstraint("state <> 'ready' OR number IS NOT NULL", name="ready_with_its_number"),
        CheckConstraint("state = 'ready' OR reason IS NOT NULL", name="not_ready_with_reason"),
        Index("ix_zoom_events_account_number", "account", "number"),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    conference: Mapped[str] = mapped_column(String(64))
    session: Mapped[str] = mapped_column(String(64))
    account: Mapped[str | None] = mapped_column(String(64))  # None where the programme names no Zoom event
    kind: Mapped[EventKind] = mapped_column(String(16))
    number: Mapped[int | None] = mapped_column(BigInteger)
    type: Mapped[int] = mapped_column(default=0)  # Zoom's: 5 and 2 are scheduled; 0 is not known
    approval_type: Mapped[int] = mapped_column(default=1)  # Zoom's: 0 at once, 1 by a host, 2 no registration
    found_by: Mapped[str | None] = mapped_column(String(32))  # programme, registration-address, title-and-time
    state: Mapped[str] = mapped_column(String(16), default="unknown")
    reason: Mapped[str | None] = mapped_column(String(100))
    tracking_id: Mapped[str | None] = mapped_column(String(200))
    differences: Mapped[list[dict[str, str]]] = mapped_column(default=list)  # domain.conferencing.differences
    report: Mapped[dict[str, Any]] = mapped_column(default=dict)  # counts of the last reconciliation
    ends_at: Mapped[datetime | None]  # as the programme says; afterwards it is left alone
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    checked_at: Mapped[datetime | None]  # when it was last read; None where that is due
    reconcile_at: Mapped[datetime | None]  # when it is next compared with what is here
    due_at: Mapped[datetime | None]  # a limit per day: Zoom said until then (the conference's time); for people to see
    notified: Mapped[int] = mapped_column(default=0)  # how often Zoom has said that it has changed
    machine_silenced: Mapped[datetime | None]  # when Zoom's own mails were last switched off
    tries: Mapped[int] = mapped_column(default=0)
    machine_try_after: Mapped[datetime | None]
    machine_queued: Mapped[datetime]
    machine_leased_until: Mapped[datetime | None]  # while one worker speaks with Zoom about it: no two add at once
    leased_by: Mapped[str | None] = mapped_column(String(64))


_OPEN = (
    "desired = 'approved' AND status <> 'approved'"
    " OR desired = 'cancelled' AND status IN ('unasked', 'pending', 'approved')"
)


class RegistrantRow(Table):
    """One person at one Zoom event: what we want of Zoom (`desired`), and what Zoom last said (`status`).

    Written before Zoom is asked, so that an answer that is lost can be looked for by the address. Without a
    registration: somebody whom Zoom named, and who is not registered here (pending there, or cancelled).
    """

    __tablename__ = "registrants"
    __table_args__ = (
        UniqueConstraint("event_id", "address_index"),  # Zoom has one registrant per address and event
        _one_of("status", REGISTRANT_STATUSES),
        CheckConstraint("desired IN ('none', 'approved', 'cancelled')", name="desired_known"),
        CheckConstraint("denied_by IN ('here', 'zoom', 'host')", name="denied_by_known"),
        CheckConstraint("status IN ('unasked', 'gone') OR zoom_id IS NOT NULL", name="known_to_zoom_by_its_id"),
        Index("ix_registrants_zoom_id", "zoom_id"),
        Index("ix_registrants_wanted", "event_id", "desired", "status"),
        Index("ix_registrants_open", "event_id", sqlite_where=text(_OPEN), postgresql_where=text(_OPEN)),
        Index("ix_registrants_held", "event_id", sqlite_where=text("held"), postgresql_where=text("held")),
    )

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    event_id: Mapped[str] = mapped_column(ForeignKey("zoom_events.id"))
    registration_id: Mapped[str | None] = mapped_column(ForeignKey("registrations.id"), unique=True)
    address_index: Mapped[bytes] = mapped_column(LargeBinary(32))
    sealed_address: Mapped[bytes] = mapped_column(LargeBinary)  # as Zoom knows it: the person's own, or one of ours
    zoom_id: Mapped[str | None] = mapped_column(String(64))
    desired: Mapped[str] = mapped_column(String(16))
    status: Mapped[str] = mapped_column(String(16), default="unasked")
    was_cancelled: Mapped[bool] = mapped_column(default=False)  # by us, at some time: its echo may come late
    denied_by: Mapped[str | None] = mapped_column(String(16))  # here, zoom (cancelled there), host; Zoom does not tell
    held: Mapped[bool] = mapped_column(default=False)  # a person must look; see reason
    reason: Mapped[str | None] = mapped_column(String(100))
    tracking_id: Mapped[str | None] = mapped_column(String(200))
    tries: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime | None]  # waits for Zoom until then: a limit per day
    machine_try_after: Mapped[datetime | None]  # a failure: asked again then
    said_at: Mapped[datetime | None]  # Zoom's time of the newest event that was applied; older ones have no say
    created_at: Mapped[datetime]


class AttendanceRow(Table):
    """When somebody was in a Zoom event; kept only where the programme says so."""

    __tablename__ = "attendances"
    __table_args__ = (UniqueConstraint("registrant_id", "joined_at"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    registrant_id: Mapped[str] = mapped_column(ForeignKey("registrants.id"))
    joined_at: Mapped[datetime]
    left_at: Mapped[datetime | None]


class LetterRow(Table):
    """The outbox: every letter, invitation and reminder alike. What it says is rendered when it is sent, from data;
    what must not change between two tries stands here: Message-ID, SEQUENCE, DTSTAMP."""

    __tablename__ = "letters"
    __table_args__ = (
        UniqueConstraint("participant_id", "kind", "about", "revision"),  # nothing is written twice
        _one_of("state", LETTER_STATES),
        _one_of("kind", LETTER_KINDS),
        CheckConstraint("method IN ('REQUEST', 'CANCEL')", name="method_known"),
        CheckConstraint("(method IS NULL) = (sequence IS NULL) AND (method IS NULL) = (dtstamp IS NULL)",
                        name="calendar_part_complete"),
        CheckConstraint("(state = 'sent') = (sent_at IS NOT NULL)", name="sent_at_when_sent"),
        CheckConstraint("state NOT IN ('skipped', 'expired', 'failed', 'held') OR reason IS NOT NULL",
                         name="ends_with_reason"),
        Index("ix_letters_planned", "due_at", "id", sqlite_where=text("state = 'planned'"),
              postgresql_where=text("state = 'planned'")),
        Index("ix_letters_claimed", "leased_by", "machine_leased_until", sqlite_where=text("state = 'claimed'"),
              postgresql_where=text("state = 'claimed'")),
        Index("ix_letters_held", "not_after", sqlite_where=text("state = 'held'"),
              postgresql_where=text("state = 'held'")),
        Index("ix_letters_failed", "not_after", sqlite_where=text("state = 'failed'"),
              postgresql_where=text("state = 'failed'")),
        Index("ix_letters_given_up", "kind", "state", "reason",
              sqlite_where=text("state IN ('skipped', 'expired', 'failed', 'held')"),
              postgresql_where=text("state IN ('skipped', 'expired', 'failed', 'held')")),
        Index("ix_letters_unsent", "reason", "due_at", "id", "state", "conference", "kind", "participant_id",
              sqlite_where=text("state IN ('skipped', 'expired', 'failed', 'held')"),
              postgresql_where=text("state IN ('skipped', 'expired', 'failed', 'held')")),
        Index("ix_letters_bounced", "due_at", "id", "conference", "kind", "bounced", "participant_id",
              sqlite_where=text("state = 'sent' AND bounced IS NOT NULL"),
              postgresql_where=text("state = 'sent' AND bounced IS NOT NULL")),
        Index("ix_letters_conference", "conference", "kind", "state"),
        Index("ix_letters_listed", "conference", "kind", "state", "due_at", "id"),
        Index("ix_letters_about", "about", "conference", "kind", "state", "due_at", "id"),
    )  # fmt: skip

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    participant_id: Mapped[str] = mapped_column(ForeignKey("participants.id"))
    conference: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(16))
    about: Mapped[str] = mapped_column(String(64))  # a session, a date, an envelope, or empty: the whole registration
    revision: Mapped[int]
    sessions: Mapped[list[str]]
    changes: Mapped[list[str]] = mapped_column(default=list)
    before: Mapped[dict[str, Any] | None] = mapped_column(
        JSON(none_as_null=True)
    )  # what the last that may have gone said
    message_id: Mapped[str] = mapped_column(String(320), unique=True)
    method: Mapped[str | None] = mapped_column(String(8))
    sequence: Mapped[int | None]
    dtstamp: Mapped[datetime | None]
    due_at: Mapped[datetime]
    not_after: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(16), default="planned")
    reason: Mapped[str | None] = mapped_column(String(100))  # a code of ours or an SMTP code, never a server's words
    tries: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime]
    cause: Mapped[str | None] = mapped_column(String(32))  # the envelope that it answers; the clock's have none
    replayed: Mapped[bool] = mapped_column(
        default=False, server_default=text("false")
    )  # by a person: it goes until an answer is final, whatever the address
    sent_at: Mapped[datetime | None]
    address_version: Mapped[int | None]  # of the former address that it went to, or goes to; none: the present one
    bounced: Mapped[str | None] = mapped_column(String(32))  # after it was sent: class and code of the latest report
    machine_try_after: Mapped[datetime | None]  # a refused letter waits in the machine's time
    machine_leased_until: Mapped[datetime | None]
    leased_by: Mapped[str | None] = mapped_column(String(64))


class DestinationRow(Table):
    """What is known of the mail server (`relay`), or of a domain behind it: that it wants nothing, or less, from us for
    a while, and how many letters it has been given lately. A domain stands here under its keyed hash: which ones people
    come from says too much. No row: nothing is known against it."""

    __tablename__ = "destinations"
    __table_args__ = (CheckConstraint("(machine_paused_until IS NULL) = (reason IS NULL)", name="paused_with_reason"),)

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    refusals: Mapped[int] = mapped_column(default=0)  # by policy, in a row
    refused: Mapped[list[str]] = mapped_column(
        default=list, server_default="[]"
    )  # whose they were, each once, as keyed hashes: a domain's recipients, the mail server's domains
    pauses: Mapped[int] = mapped_column(default=0)  # in a row, with nothing taken in between
    machine_paused_until: Mapped[datetime | None]  # past: one letter may try; none: all is well
    reason: Mapped[str | None] = mapped_column(String(100))
    machine_free_at: Mapped[datetime | None]  # when all letters let through so far are due, at the rate allowed


class LetterEventRow(Table):
    """What happened to a letter, in order; never changed."""

    __tablename__ = "letter_events"

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    letter_id: Mapped[str] = mapped_column(ForeignKey("letters.id"), index=True)
    state: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str | None] = mapped_column(String(100))
    at: Mapped[datetime]
    machine_at: Mapped[datetime]


class BounceRow(Table):
    """What was reported of a letter after it had been handed over: once for each kind and class, whoever says it."""

    __tablename__ = "bounces"
    __table_args__ = (
        UniqueConstraint("letter_id", "kind", "bounce_class"),
        _one_of("kind", BOUNCE_KINDS),
        _one_of("bounce_class", BOUNCE_CLASSES),
        Index("ix_bounces_address_index", "address_index"),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    letter_id: Mapped[str] = mapped_column(ForeignKey("letters.id"))
    address_index: Mapped[bytes] = mapped_column(LargeBinary(32))  # of the suppressions' purpose
    kind: Mapped[str] = mapped_column(String(16))
    bounce_class: Mapped[str] = mapped_column(String(16))
    code: Mapped[str | None] = mapped_column(String(16))  # RFC 3463's or RFC 5321's
    source: Mapped[str] = mapped_column(String(32))
    at: Mapped[datetime]
    machine_at: Mapped[datetime]


class SuppressionRow(Table):
    """An address that is not written to any more, as a keyed hash. Lifted ones stay, with who has lifted them."""

    __tablename__ = "suppressions"
    __table_args__ = (
        _one_of("reason", SUPPRESSION_REASONS),
        CheckConstraint("(lifted_at IS NULL) = (sealed_lifting IS NULL)", name="lifted_by_somebody"),
        Index("uq_suppressions_in_force", "address_index", "reason", unique=True,
              sqlite_where=text("lifted_at IS NULL"), postgresql_where=text("lifted_at IS NULL")),
    )  # fmt: skip

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    address_index: Mapped[bytes] = mapped_column(LargeBinary(32))
    reason: Mapped[str] = mapped_column(String(16))
    source: Mapped[str] = mapped_column(String(32))
    code: Mapped[str | None] = mapped_column(String(16))
    letter_id: Mapped[str] = mapped_column(ForeignKey("letters.id"))  # which brought it about
    since: Mapped[datetime]
    expires_at: Mapped[datetime]
    lifted_at: Mapped[datetime | None]
    sealed_lifting: Mapped[bytes | None] = mapped_column(LargeBinary)  # who has lifted it, and why, as JSON


_DEEDS = "action NOT IN ('admin.login', 'admin.login-failed', 'admin.left')"


class AuditRow(Table):
    """Who did what by hand: never changed, and never with a personal value but in the reason, which is sealed."""

    __tablename__ = "audits"
    __table_args__ = (
        Index("ix_audits_conference", "conference", "id"),
        Index("ix_audits_about", "about", "id"),
        Index("ix_audits_who", "who", "id"),
        Index("ix_audits_action", "action", "id"),
        Index("ix_audits_deeds", "id", sqlite_where=text(_DEEDS), postgresql_where=text(_DEEDS)),
    )

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=True)
    who: Mapped[str] = mapped_column(String(100))  # `cli:NAME`, `admin:NAME`, `participant`
    action: Mapped[str] = mapped_column(String(64))
    conference: Mapped[str | None] = mapped_column(String(64))
    about: Mapped[str | None] = mapped_column(String(64))  # an opaque id
    sealed_reason: Mapped[bytes | None] = mapped_column(LargeBinary)  # why, as a person has typed it
    details: Mapped[dict[str, Any]] = mapped_column(default=dict)
    at: Mapped[datetime]
    machine_at: Mapped[datetime]


class AdminRow(Table):
    """Somebody who may log in to the monitor: with a password and a second factor kept here, or by an identity of
    another house (OpenID Connect), whose groups say the role."""

    __tablename__ = "admins"
    __table_args__ = (_one_of("role", ADMIN_ROLES),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    name: Mapped[str] = mapped_column(String(64), unique=True)  # what audits call them
    role: Mapped[Role] = mapped_column(String(16))
    password_hash: Mapped[str | None] = mapped_column(String(255))  # argon2id; none: no password
    sealed_totp: Mapped[bytes | None] = mapped_column(LargeBinary)
    totp_step: Mapped[int | None] = mapped_column(BigInteger)  # the last that was used: none twice (RFC 6238 5.2)
    without_totp: Mapped[bool]  # whatever the role: for demonstrations and rehearsals
    identity: Mapped[str | None] = mapped_column(String(64), unique=True)  # of issuer and subject, as a keyed hash
    machine_logged_in: Mapped[datetime | None]  # last
    disabled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class AdminSessionRow(Table):
    """One browser's login. The cookie holds the secret, the row its hash; times are the machine's."""

    __tablename__ = "admin_sessions"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)  # SHA-256 of the cookie's secret
    admin_id: Mapped[str] = mapped_column(ForeignKey("admins.id", ondelete="CASCADE"), index=True)
    role: Mapped[Role] = mapped_column(String(16))
    machine_begun: Mapped[datetime]
    machine_seen: Mapped[datetime]


class TryRow(Table):
    """Tries to log in to the monitor, by a keyed hash of the client or of the account's name, as one instant (machine
    time): when all of them are there again. From then on the row says nothing, and is forgotten."""

    __tablename__ = "admin_tries"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)
    machine_full: Mapped[datetime]


class PauseRow(Table):
    """What a person has paused: `mail`, or a queue. While the row is there, it rests."""

    __tablename__ = "pauses"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    who: Mapped[str] = mapped_column(String(100))
    machine_since: Mapped[datetime]


class CensusRow(Table):
    """What was counted over all rows for the monitor, as it stood then. Never a truth: it is counted anew, and nothing
    is lost with it."""

    __tablename__ = "census"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    document: Mapped[str] = mapped_column(Text)  # adapters.database.census.Census as JSON


class FactRow(Table):
    """What holds for the whole database, such as which key ring it was written with."""

    __tablename__ = "facts"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[str] = mapped_column(String(255))


class TallyRow(Table):
    """What has been counted since the beginning, for /metrics: one number for each combination of a few words, so that
    a million letters are no more to read than one."""

    __tablename__ = "tallies"

    name: Mapped[str] = mapped_column(String(32), primary_key=True)
    labels: Mapped[str] = mapped_column(String(100), primary_key=True)  # values, separated by commas
    number: Mapped[float] = mapped_column(Double)


class SignRow(Table):
    """Signs of life: `canary:QUEUE` is sent through each queue and answered by whoever consumes it; `clock` beats;
    `mail:…` is a trouble with the mail server, sent when it began and answered when a letter was taken."""

    __tablename__ = "signs"

    name: Mapped[str] = mapped_column(String(64), primary_key=True)
    machine_sent: Mapped[datetime | None]
    machine_seen: Mapped[datetime | None]
