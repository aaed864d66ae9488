"""In which language somebody reads a page who is not known: as the address says, or the browser, or the conference."""

import re

from babel.core import negotiate_locale
from starlette.requests import Request

from schemas.programme import CORRESPONDENCE_LANGUAGES

PARAMETER = "lang"

_RANGE = re.compile(r"\s*([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*)\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*)?")
_MOST = 1000


def language_of(request: Request, otherwise: str) -> str:
    """One of the six languages (ISO 639): `?lang=` of the address, else what the browser prefers (Accept-Language,
    RFC 9110, 12.5.4), else `otherwise`."""
    asked = request.query_params.get(PARAMETER, "")
    if asked in CORRESPONDENCE_LANGUAGES:
        return asked
    preferred = _in_order(request.headers.get("accept-language", "")[:_MOST])
    return negotiate_locale(preferred, CORRESPONDENCE_LANGUAGES, sep="-") or otherwise


def _in_order(accepted: str) -> list[str]:
    """The languages of the header that are wanted at all, best first."""
    ranges = [found for part in accepted.split(",") if (found := _RANGE.fullmatch(part))]
    weighed = [(float(one[2] or 1), one[1].lower()) for one in ranges]
    return [tag for weight, tag in sorted(weighed, key=lambda one: -one[0]) if weight > 0]
