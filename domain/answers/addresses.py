"""The address of an ATTENDEE (RFC 5545, 3.3.3), in all the ways in which it may have been registered."""

from urllib.parse import unquote

from email_validator import EmailNotValidError, validate_email

from domain.mail import is_address

_MAILTO = "mailto:"


def ways_to_write(uri: str) -> tuple[str, ...]:
    """An address as it stands, without what is percent-encoded (RFC 6068, 2), and with its domain in U-labels and in
    A-labels (RFC 5890). Nothing where it is no mail address. Case is for the comparison to leave out."""
    plain = uri.strip()
    if plain[: len(_MAILTO)].lower() == _MAILTO:
        plain = plain[len(_MAILTO) :].partition("?")[0].strip("<> ")
    found = dict.fromkeys(one for one in (plain, unquote(plain)) if is_address(one))
    return tuple(dict.fromkeys(form for one in found for form in (one, *_forms(one))))


def _forms(address: str) -> tuple[str, ...]:
    try:
        known = validate_email(address, check_deliverability=False)
    except EmailNotValidError:
        return ()
    return known.normalized, f"{known.local_part}@{known.ascii_domain}"
