"""A participant's personal particulars, as they are sealed in one column."""

from schemas.base import ForeignShape
from schemas.registration import Consents


class Profile(ForeignShape):
    """Everything personal but the address and the needs, which are sealed apart."""

    full_name: str
    title: str | None = None
    organisation: str | None = None
    country: str | None = None
    alias: str | None = None
    consents: Consents = Consents()
