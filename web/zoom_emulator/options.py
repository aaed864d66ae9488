"""How the emulated Zoom behaves where Zoom's documents leave it open, or where a rehearsal needs it otherwise."""

from typing import Literal

from pydantic import Field

from schemas.base import Shape


class Options(Shape):
    """Chosen for the whole emulation, and kept with its data. Percentages fall by `seed`, the same each time."""

    limits: bool = Field(default=True, description="Calls per second and per day, by the account's plan")
    rate_headers: bool = Field(default=True, description="X-RateLimit-… and Retry-After; Zoom leaves them out at times")
    person_limit: Literal["event", "account", "off"] = Field(
        default="event", description="Three additions per day of one registrant: in one event, or across all"
    )
    person_limit_in_batches: bool = Field(default=True, description="Whether batches count towards it")
    variant: int = Field(
        default=0,
        ge=0,
        le=2,
        description="Where an error is known with several HTTP statuses: the first, second, third",
    )
    token_seconds: int = Field(default=3600, gt=0, description="Of the machine's time")
    api_url: str | None = Field(default=None, description="In the token's answer; default: the emulator's own")
    webinar_capacity: int = Field(default=10_000, ge=0, description="Registrants that the licence allows")
    meeting_capacity: int = Field(default=4_999, ge=0)
    mails_locked: bool = Field(
        default=False, description="The portal locks the e-mail settings: changes of them are dropped without a word"
    )
    interpretation_allowed: bool = Field(default=True, description="The portal's setting")
    echo: bool = Field(default=True, description="registration_created also for registrants that the API has added")
    ids: Literal["documented", "number", "string"] = Field(
        default="documented", description="Of events in notifications. Documented: string from started on, else number"
    )
    duplicates: int = Field(default=0, ge=0, le=100, description="Percentage of notifications that are sent twice")
    loss: int = Field(default=0, ge=0, le=100, description="Percentage of notifications that are never sent")
    reorder: bool = Field(default=False, description="Notifications that wait together are sent in another order")
    renew_timestamp: bool = Field(default=True, description="Whether a repeated notification is signed anew")
    paused: bool = Field(default=False, description="Notifications wait")
    seed: int = 0
