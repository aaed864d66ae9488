"""Kinds of letters, as they are told apart outside: `manifest.json` knows fewer than there are folders of templates."""

from collections.abc import Mapping

from domain.letters.model import LetterKind

_BROADER: Mapping[LetterKind, str] = {
    "link-follows": "invitation",
    "week-digest": "digest",
    "last-reminder": "reminder",
    "offer": "waitlist",
    "refusal": "notice",
    "not-understood": "notice",
    "declined": "notice",
}


def in_manifest(kind: LetterKind) -> str:
    """What `manifest.json` calls a letter of this kind. Programs rely on its ten words; no other is ever added."""
    return _BROADER.get(kind, kind)
