"""What an admin sees of a person whom they must decide about: enough to know where from, and not who."""

_KEPT = 1


def masked(address: str) -> str:
    """The first letter of an address, and its domain: `o…@mission.example.org`."""
    local, _, domain = address.rpartition("@")
    return f"{local[:_KEPT]}…@{domain}"
