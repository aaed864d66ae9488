"""Addresses as far as somebody must see them who only has to tell them apart."""


def masked(address: str) -> str:
    """`o…@m….org` for `olga@mission.example.org`: first letters and the last label."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}…@{domain[:1]}….{domain.rpartition('.')[2]}"
