"""As whom somebody is added at Zoom: the least that Zoom needs, and no more than the person agreed to.

Not organisation, country, needs or consents. With an alias neither name nor address (rule P5 of our privacy rules).
"""

from schemas.zoom import NewRegistrant

_LANGUAGES = {"en": "en-US", "fr": "fr-FR", "de": "de-DE", "it": "it-IT", "ru": "ru-RU", "es": "es-ES"}
"""Zoom's values of a registrant's `language` for the languages that we write in."""

LONGEST_NAME = 64
LONGEST_ADDRESS = 128


class AddressTooLong(ValueError):
    """Zoom takes addresses of 128 characters at most. Trying again does not help; the person needs another one."""


def new_registrant(name: str, address: str, language: str | None) -> NewRegistrant:
    """Whom to add: name and address are the person's own, or the alias and an address of ours.

    `language`: of the person's letters (ISO 639), or None.

    The name stays in one piece, because nobody can tell which part of a stranger's name is the first; what exceeds
    Zoom's 64 characters goes on in the last name, divided at a blank.

    Raises:
        AddressTooLong: where Zoom would refuse the address for its length.
    """
    if len(address) > LONGEST_ADDRESS:
        raise AddressTooLong("an address may have 128 characters at Zoom")
    first, last = _in_two(name)
    return NewRegistrant(email=address, first_name=first, last_name=last, language=_LANGUAGES.get(language or ""))


def _in_two(name: str) -> tuple[str, str]:
    if len(name) <= LONGEST_NAME:
        return name, ""
    cut = name.rfind(" ", 0, LONGEST_NAME + 1)
    first, rest = (name[:cut], name[cut + 1 :]) if cut > 0 else (name[:LONGEST_NAME], name[LONGEST_NAME:])
    return first, rest[:LONGEST_NAME].strip()
