"""What somebody typed into the registration page: kept to be shown again, and brought into the native body."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from zoneinfo import available_timezones

from babel import Locale
from babel.core import get_global
from starlette.datastructures import FormData

from domain.sources import words
from schemas.programme import CORRESPONDENCE_LANGUAGES

HONEYPOT = "website"
NONCE = "nonce"
CONSENTS = ("recording", "photography", "announcements")

_TEXTS = ("full_name", "title", "email", "organisation", "country", "language", "time_zone", "attendance", "visibility",
          "alias", "needs")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Typed:
    """The fields as they were typed, by name. Personal: shown to nobody but the person who typed them."""

    fields: Mapping[str, tuple[str, ...]]

    def one(self, name: str) -> str:
        """A field with one value; empty where it was not filled in."""
        return self.fields.get(name, ("",))[0]

    def all(self, name: str) -> tuple[str, ...]:
        """All values of a field."""
        return self.fields.get(name, ())


def typed(form: FormData) -> Typed:
    """The text fields of a form."""
    return Typed({name: tuple(one for one in form.getlist(name) if isinstance(one, str)) for name in form})


def untouched(language: str, nonce: str) -> Typed:
    """The page before anybody has typed: letters are offered in the `language` that it is read in."""
    return Typed({"language": (language,), "attendance": ("online",), NONCE: (nonce,)})


def native_body(filled: Typed) -> dict[str, Any]:
    """What was typed, as the native body says it.

    The page asks for every consent, so that none is a no, and for interpretation, so that none is none. Discreet
    letters are only ever switched on here: who asked for them before and comes back for another session keeps them.
    """
    data: dict[str, Any] = {name: value for name in _TEXTS if (value := filled.one(name).strip())}
    if "needs" in data:
        data["needs"] = data["needs"].replace("\r\n", "\n")
    if "time_zone" in data:
        data["time_zone"] = words.time_zone(data["time_zone"])
    sessions = tuple(dict.fromkeys(one.strip() for one in filled.all("sessions") if one.strip()))
    data["sessions"] = "all" if sessions == ("all",) else sessions
    if "interpretation" in filled.fields:
        data["interpretation"] = filled.one("interpretation").strip() or None
    data["consents"] = {name: words.is_yes(filled.one(f"consents.{name}")) for name in CONSENTS}
    return {"type": "registration.submitted", "data": data}


@cache
def letter_languages() -> tuple[tuple[str, str], ...]:
    """The six languages that letters can be asked for in, each by its own name."""
    return tuple((code, str(Locale.parse(code).languages[code]).capitalize()) for code in CORRESPONDENCE_LANGUAGES)


@cache
def time_zones() -> tuple[str, ...]:
    """The zones that are offered, in order: one name for each, none without a place."""
    return tuple(_offered(available_timezones()))


def _offered(zones: Iterable[str]) -> list[str]:
    older = get_global("zone_aliases")
    return sorted(zone for zone in zones if "/" in zone and not zone.startswith("Etc/") and zone not in older)
