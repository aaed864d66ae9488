"""Which languages one participant hears in a session, by their names: for letters and for the join page."""

from dataclasses import dataclass

from domain.letters.catalogues import Words
from domain.locales import capital
from schemas.programme import Conference, Language, Session


@dataclass(frozen=True, slots=True)
class Languages:
    """`spoken`, `into`: the languages of the room and of the interpretation, as a sentence lists them. `channel`: the
    one to choose in Zoom, which writes it with a capital in every language. `missing`: the one that was wished for and
    is not offered.

    All are in the nominative, as CLDR has them: they stand behind a label, and never in a sentence that would inflect
    them.
    """

    spoken: str
    into: str | None
    channel: str | None
    missing: str | None


def languages(session: Session, conference: Conference, wished: Language | None, words: Words) -> Languages:
    """The session's languages for somebody who has `wished` for one, in that person's own language.

    A wish for a language of the room is a channel too: where another is spoken, interpreters speak on it.
    """
    spoken, offered = session.languages or conference.languages, session.interpretation
    heard = wished in (*spoken, *offered)
    return Languages(
        spoken=words.language_names(spoken),
        into=words.language_names(offered) if offered else None,
        channel=capital(words.language_name(wished)) if wished and heard and offered else None,
        missing=words.language_name(wished) if wished and not heard else None,
    )
