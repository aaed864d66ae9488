"""What somebody does on their own page, as the native body that the corridor judges: from a form's fields, or as the
undoing of what was done before."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from domain.own_page import HELD, Deed
from domain.sources import NotUnderstood
from domain.sources.understanding import N_, because, shaped
from domain.sources.words import time_zone
from schemas.registration import OfferAccepted, OfferDeclined, Reason, RegistrationPreferences
from web.participant.form import Typed
from web.participant.own.visitor import Visitor

_SURE: Final = Reason(
    field="sure", code="not-sure", message=N_("Please tick the box first, so that nothing happens by mistake.")
)
_NOTHING: Final = Reason(field="", code="nothing", message=N_("Nothing was chosen that is not so already."))


@dataclass(frozen=True, slots=True)
class Asked:
    """A form that can be acted on: `kind` and `data` of the native body, without the address."""

    kind: str
    data: Mapping[str, Any] = field(repr=False)

    def body(self, address: str) -> dict[str, Any]:
        """The native body of whoever has this address."""
        return {"type": self.kind, "data": {"email": address, **self.data}}

    def deed(self, address: str) -> Deed:
        """The same in its shape.

        Raises:
            NotUnderstood: where a field is wrong.
        """
        return shaped(_SHAPES[self.kind], self.body(address))


_PREFERENCES, _ACCEPTED, _DECLINED = (
    "registration.preferences",
    "registration.offer_accepted",
    "registration.offer_declined",
)
_SHAPES: Mapping[str, type[Deed]] = {
    _PREFERENCES: RegistrationPreferences, _ACCEPTED: OfferAccepted, _DECLINED: OfferDeclined,
}  # fmt: skip


def asked(filled: Typed, visitor: Visitor) -> Asked:
    """What a form asks for.

    Raises:
        NotUnderstood: where it asks for nothing, or its box is not ticked, or it is no form of this page.
    """
    found = _FORMS.get(filled.one("do"))
    if found is None:
        raise NotUnderstood(because("type", "invalid"))
    return found(filled, visitor)


def undone(said: Mapping[str, Any]) -> Asked:
    """What brings back what was before a change: see domain.own_page.undoing."""
    return Asked(_PREFERENCES, said)


def sure(filled: Typed) -> None:
    """Raises NotUnderstood unless the box is ticked that a robot, or a slip, would leave empty."""
    if filled.one("sure") != "yes":
        raise NotUnderstood(_SURE)


def _withdraw(filled: Typed, _: Visitor) -> Asked:
    return Asked(_PREFERENCES, {"withdrawn": [filled.one("session")]})


def _withdraw_all(filled: Typed, visitor: Visitor) -> Asked:
    sure(filled)
    held = [one.session for one in visitor.places.values() if one.state in HELD]
    return _unless_nothing({"withdrawn": held} if held else {})


def _add(filled: Typed, _: Visitor) -> Asked:
    manner = _manner(filled)
    chosen = dict.fromkeys(filled.all("session"))
    return _unless_nothing({"places": [{"session": one, **manner} for one in chosen]} if chosen else {})


def _manner(filled: Typed) -> dict[str, str | None]:
    """How a session is to be attended, as far as the form asks."""
    asks = {name: filled.one(name) or None for name in ("attendance", "interpretation") if name in filled.fields}
    return {name: value for name, value in asks.items() if value or name == "interpretation"}


def _prefer(filled: Typed, visitor: Visitor) -> Asked:
    """Only what is different: another page may have said the rest meanwhile."""
    zone = filled.one("time_zone").strip()
    wanted = {
        "language": filled.one("language") or visitor.language,
        "time_zone": time_zone(zone) if zone else visitor.conference.time_zone,
        "visibility": "discreet" if filled.one("visibility") == "discreet" else "standard",
        "alias": filled.one("alias").strip() or None,
    }
    known = visitor.preferred()
    return _unless_nothing({name: value for name, value in wanted.items() if value != known[name]})


def _accept(filled: Typed, _: Visitor) -> Asked:
    return Asked(_ACCEPTED, {"sessions": [filled.one("session")]})


def _decline(filled: Typed, _: Visitor) -> Asked:
    return Asked(_DECLINED, {"sessions": [filled.one("session")]})


def _unless_nothing(data: Mapping[str, Any]) -> Asked:
    if not data:
        raise NotUnderstood(_NOTHING)
    return Asked(_PREFERENCES, data)


_FORMS: Mapping[str, Callable[[Typed, Visitor], Asked]] = {
    "withdraw": _withdraw, "withdraw-all": _withdraw_all, "add": _add, "change": _add, "prefer": _prefer,
    "accept": _accept, "decline": _decline,
}  # fmt: skip
