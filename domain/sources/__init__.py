"""What a form's post says, in our own shapes: one reader for each provider.

A reader is pure: the bytes of an envelope and the programme come in, a shape goes out. Who signed the post is not
asked here; that was judged at the door (`web.sources`). A new provider is a module here with a `read`, one there, and
a line in each of the two tables.
"""

from collections.abc import Mapping

from domain.sources import google_forms, jotform, ms_forms, standard, tally, typeform
from domain.sources.understanding import NotUnderstood, Reader, Submission
from schemas.registration import Reason

__all__ = ["NAMES", "NotUnderstood", "Reader", "Submission", "reader"]

_READERS: Mapping[str, Reader] = {
    "standard": standard,
    "google-forms": google_forms,
    "typeform": typeform,
    "tally": tally,
    "jotform": jotform,
    "ms-forms": ms_forms,
    "lost-link": standard,
    "import": standard,  # a table's row is written down as a native body
    "self-service": standard,  # what somebody does on their own page is written down as a native body, too
    "corrected": standard,  # a copy that the secretariat has corrected, of whatever source it came from
    "hosted": standard,  # the hosted page writes down what was typed as a native body
}


NAMES = tuple(_READERS)


def reader(source: str) -> Reader:
    """The reader of a source's envelopes.

    Raises:
        NotUnderstood: where no reader is known here. An envelope of a source that was taken out is kept so, with a
            reason, and can be replayed when its reader is back.
    """
    found = _READERS.get(source)
    if found is None:
        raise NotUnderstood(Reason(field="", code="unknown-source", message="This form's provider is not known here."))
    return found
