"""A language that nobody speaks: English with accents, in brackets and a third longer.

A string without brackets has escaped translation; a layout that breaks in it would break in Russian too. Its dates,
cities and languages are CLDR's Greek ones, whose letters nobody takes for ours.
"""

import re
from io import BytesIO

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po

PSEUDO = "qps"
"""Of the codes that ISO 639 keeps for private use; Windows calls its pseudo-locales so."""

LONGER = 0.35
"""By how much: what English takes in German and Russian, in sentences (L1)."""

_ACCENTED = str.maketrans(
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", "åƀçđéƒĝĥîĵķļɱñöþɋŕšţûṽŵẋýžÅƁÇĐÉƑĜĤÎĴĶĻṀÑÖÞǪŔŠŢÛṼŴẊÝŽ"
)
_KEPT = re.compile(r"(%\(\w+\)s|%%|<[^>]+>|&\w+;)")
"""Placeholders and markup."""

_FILLER = " öñé ţŵö ţĥŕéé ƒöûŕ ƒîṽé"


def pseudo(sentence: str) -> str:
    """`You are registered.` as `[Ýöû åŕé ŕéĝîšţéŕéđ. öñé ţŵ]`: placeholders are kept."""
    pieces = _KEPT.split(sentence)
    pieces[0::2] = [piece.translate(_ACCENTED) for piece in pieces[0::2]]
    length = round(sum(map(len, pieces[0::2])) * LONGER)
    filler = _FILLER * (length // len(_FILLER) + 1)
    return f"[{''.join(pieces)}{filler[:length].rstrip()}]"


def pseudo_catalogue(template: bytes) -> bytes:
    """The PO file of the pseudo-language, from a catalogue's template (the bytes of a .pot).

    Kept as `qps/LC_MESSAGES/<domain>.po` in a folder of catalogues, it makes a language as translators' files do.
    """
    catalogue = Catalog(locale="en")
    for message in read_po(BytesIO(template)):
        if message.id:
            said = pseudo(message.id) if isinstance(message.id, str) else tuple(map(pseudo, message.id))
            catalogue.add(message.id, said, context=message.context)
    written = BytesIO()
    write_po(written, catalogue)
    return written.getvalue()
