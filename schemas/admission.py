"""Who is let in, as `admission` in a programme file says it: places, approval, waiting list, and whom a room is for.

For each way of attending by itself. What is left out is open to everybody.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from schemas.base import Shape
from schemas.written import Line, fault

Domain = Annotated[str, StringConstraints(pattern=r"^[a-z0-9-]+(\.[a-z0-9-]+)+$", max_length=253)]
"""Of an address, in small letters: `osce.org` stands for `mail.osce.org` too."""

Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
"""An ISO 3166 code: `AT`."""

Otherwise = Literal["online", "approval", "refused"]


class Who(Shape):
    """Whom a rule means, by what a registration says. One of the lists is enough, and one entry in it."""

    domains: tuple[Domain, ...] = Field(default=(), description="Of addresses, with what is below them: osce.org")
    organisations: tuple[Line, ...] = Field(default=(), description="Whole names; capitals do not matter")
    keywords: tuple[Line, ...] = Field(default=(), description="Words that an organisation's name has in it")
    countries: tuple[Country, ...] = Field(default=(), description="ISO 3166 codes, as AT")

    @model_validator(mode="after")
    def _means_somebody(self) -> Self:
        if not any(getattr(self, name) for name in type(self).model_fields):
            raise fault("", "it means nobody", "name domains, organisations, keywords or countries, or take it out")
        return self


class Eligibility(Shape):
    """Whom places are for. What a registration says, anybody can type; an address is proven by the letters to it."""

    at_once: Who | None = Field(default=None, description="These get a place without being asked")
    by_approval: Who | None = Field(default=None, description="These wait until an admin has approved them")
    otherwise: Otherwise = Field(
        default="online", description="All others: registered online instead, approved by an admin, or refused"
    )


class Offers(Shape):
    """How long a place that has become free is kept for whoever stands first on the waiting list."""

    hours: int = Field(default=24, ge=1, le=7 * 24)
    closes_minutes_before: int = Field(
        default=60, ge=0, le=7 * 24 * 60, description="No offer stands longer than until so long before the start"
    )


class Terms(Shape):
    """On which terms people attend in one way: in the room, or online."""

    places: int | None = Field(default=None, ge=1, le=100_000, description="How many; no limit if left out")
    approval: bool = Field(default=False, description="Whether an admin approves everybody")
    waiting_list: bool = Field(
        default=True, description="Whether people wait when all places are taken; else: online instead, or refused"
    )
    offer: Offers = Field(default_factory=Offers)
    eligible: Eligibility | None = Field(default=None, description="Whom places are for, where not everybody may have")


class Admission(Shape):
    """Terms for each way of attending. What a session leaves out is as the conference says."""

    online: Terms | None = None
    in_person: Terms | None = None
