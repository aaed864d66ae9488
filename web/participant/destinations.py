"""Where a join link leads, in the words of a Content-Security-Policy: browsers hold a form's redirects against it."""

import re
from urllib.parse import urlsplit

_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(?::\d{1,5})?")

_ZOOM = ("zoom.us", "zoom.com", "zoomgov.com")


def destinations(link: str) -> tuple[str, ...]:
    """The sources that a button with this link leads to; none where no browser could follow it.

    For Zoom's links they are all that is Zoom's: it passes its visitors on from an account's name to other hosts of
    its own, and the name of an account would tell whose conference a discreet page is about. Else the link's origin.
    """
    try:
        parts = urlsplit(link.lower())
    except ValueError:
        return ()
    origin = f"{parts.scheme}://{parts.netloc}"
    if not _ORIGIN.fullmatch(origin):
        return ()
    if any(f".{parts.netloc}".endswith(f".{domain}") for domain in _ZOOM):
        return tuple(f"https://{name}{domain}" for domain in _ZOOM for name in ("", "*."))
    return (origin,)
