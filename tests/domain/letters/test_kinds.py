"""Every kind of letter has its word in `manifest.json`."""

from typing import get_args

from domain.letters.kinds import in_manifest
from domain.letters.model import LetterKind

WORDS = {"confirmation", "invitation", "update", "cancellation", "withdrawal", "reminder", "digest", "pending",
         "waitlist", "notice"}  # fmt: skip


def test_the_manifest_has_the_ten_words_of_the_interface_and_no_other() -> None:
    assert {in_manifest(kind) for kind in get_args(LetterKind)} == WORDS


def test_finer_kinds_are_listed_as_what_they_are_nearest_to() -> None:
    assert [in_manifest(kind) for kind in ("link-follows", "week-digest", "last-reminder", "offer", "refusal")] == [
        "invitation", "digest", "reminder", "waitlist", "notice",
    ]  # fmt: skip
