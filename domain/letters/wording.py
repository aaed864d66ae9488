"""From templates to words: one Jinja environment a language, and drafts that are rendered once and filled for each.

What a letter says stands in files of words, a name for each sentence; how it is laid out, in one template for text and
one for HTML, which print those names. So both say the same.

Refuses to render what a template misspells (StrictUndefined) and to let a name be read as HTML: templates that end in
`.html` escape by themselves, and so do the blanks that are filled in afterwards.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from html import escape
from pathlib import Path
from textwrap import wrap
from types import CodeType

from jinja2 import BytecodeCache, Environment, FileSystemLoader, StrictUndefined, pass_eval_context, select_autoescape
from jinja2.bccache import Bucket
from jinja2.nodes import EvalContext
from markupsafe import Markup
from markupsafe import escape as escaped

from domain.letters.catalogues import Words
from domain.letters.view import FIRST_BLANK, LAST_BLANK, SessionView, View
from domain.programme import Said

WIDTH = 76
"""Columns of the text part. An address stands on a line of its own and is never broken."""

_BLANK = re.compile(f"([{chr(FIRST_BLANK)}-{chr(LAST_BLANK)}])")
_MARK = re.compile(r"^\s*(?:- |\d+\. )?")
_HOURS = r"(?:\d\d:\d\d–)?\d\d:\d\d"
_PLACE = r"[^·():\d]{1,30}"
_ZONE = rf"\((?:{_PLACE}, )?UTC[^)]{{0,24}}\)"
_TOGETHER = re.compile(
    rf"{_HOURS},? {_PLACE}?(?: {_ZONE}(?: ·)?| ·)|{_HOURS} UTC\S*(?: ·)?|\d\d:\d\d –"
    rf"|(?<=· ){_PLACE}: {_HOURS}(?: Uhr)?(?: {_ZONE})?|(?<=· ){_HOURS},? {_PLACE}$"
    rf"|\d{{1,2}}\.?(?: de)? [^\W\d]+(?: de)? \d{{4}}(?: г\.)?|{_ZONE}(?: ·)?"
)
"""Hours with their place and zone, and a date without its day of the week: no line of text ends within them, nor
before the dot between two clocks."""

_ON_A_LINE = re.compile(
    r"\d\d:\d\d–\d\d:\d\d|(?<=\d\d:\d\d )[^·():\d]{1,14} \(UTC[^)]{0,6}\)|\((?:[A-Z]{3,5}, )?UTC[^)]{0,24}\)"
)
"""What is short enough to be kept on one line of a telephone, in large letters."""

_HELD = "\x1f"
_GAPS = re.compile(r"\n{3,}")

_SHARED = ("_base/words.txt", "_base/interpretation.txt")
"""Words of all letters. What a kind says otherwise in its own words.txt takes their place."""

Blanks = Mapping[str, str]
"""What each blank character stands for."""


class Draft:
    """A rendered text with blanks in it."""

    def __init__(self, rendered: str) -> None:
        self.pieces = tuple(_BLANK.split(rendered))
        """Fixed, a blank, fixed, …"""

    def filled(self, blanks: Blanks) -> str:
        """The text with each blank replaced. What is filled in is not looked at again."""
        return "".join([blanks.get(piece, piece) for piece in self.pieces])


@dataclass(frozen=True)
class Wording:
    """A letter's words before they are anybody's. `description` is for the calendar entry."""

    subject: str
    text: Draft
    html: Draft
    description: Draft


class Compiled(BytecodeCache):
    """Templates that are compiled once for all languages: the languages differ only in what is looked up when a
    template is rendered."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Jinja asks: what it finds need not be compiled."""
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Jinja tells: this was just compiled."""
        if bucket.code is not None:
            self._codes[bucket.key, bucket.checksum] = bucket.code


def rooms(templates: Path, languages: Mapping[str, Words]) -> dict[str, Environment]:
    """The templates of each language, compiled once for all."""
    compiled = Compiled()
    return {language: environment(templates, words, compiled) for language, words in languages.items()}


def environment(templates: Path, words: Words, compiled: Compiled | None = None) -> Environment:
    """Where one language's templates are found and kept. They are all read now, not with the first letter; `compiled`:
    what languages before have compiled."""
    made = Environment(
        loader=FileSystemLoader(templates),
        bytecode_cache=compiled,
        extensions=["jinja2.ext.i18n"],
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.policies["ext.i18n.trimmed"] = True
    made.filters |= {"written": _writer(words.language), "unbroken": _unbroken}
    made.install_gettext_translations(words.translations, newstyle=True)  # type: ignore[attr-defined]
    for name in made.list_templates(extensions=["html", "txt"]):
        made.get_template(name)
    return made


def _writer(reader: str) -> Callable[[EvalContext, Said | str], str]:
    @pass_eval_context
    def written(context: EvalContext, value: Said | str) -> str:
        """A programme's words as they are; HTML says so where they are in another language than the letter."""
        if isinstance(value, str):
            return value
        if not context.autoescape or value.language == reader:
            return value.text
        return Markup('<span lang="{}">{}</span>').format(value.language, value.text)

    return written


def _unbroken(sentence: str) -> Markup:
    """The sentence as HTML in which no line ends within a pair of hours, a zone, or before the dot between clocks."""
    held = str(escaped(sentence)).replace(" ·", "\N{NO-BREAK SPACE}·")
    return Markup(_ON_A_LINE.sub(r'<span style="white-space:nowrap">\g<0></span>', held))  # noqa: S704


def render(rooms: Environment, view: View) -> Wording:
    """The words for `view`, from the folder of its kind."""
    seen = _said(rooms, view)
    return Wording(
        subject=str(seen["subject"]),
        text=Draft(in_columns(_rendered(rooms, "_base/letter.txt", seen), _remembered)),
        html=Draft(_rendered(rooms, "_base/letter.html", seen)),
        description=_description(rooms, seen) if view.calendar else Draft(""),
    )


def describe(rooms: Environment, view: View) -> Draft:
    """The words for the calendar entry alone."""
    return _description(rooms, _said(rooms, view))


def _description(rooms: Environment, seen: Mapping[str, object]) -> Draft:
    return Draft(_tidy(_rendered(rooms, "_base/calendar.txt", seen)))


def _said(rooms: Environment, view: View) -> dict[str, object]:
    """Everything that the layouts may print."""
    seen = dict(vars(view))
    for name in (*_SHARED, f"{view.kind}/words.txt"):
        seen |= _words(rooms, name, seen)

    def session(visit: SessionView) -> dict[str, object]:
        return _words(rooms, "_base/session.txt", {**seen, "visit": visit})

    subject = " ".join(_rendered(rooms, f"{view.kind}/subject.txt", seen).split())
    return seen | {"session": session, "subject": subject}


def _words(rooms: Environment, name: str, seen: Mapping[str, object]) -> dict[str, object]:
    """What a file of words sets, by its names. It is text: HTML's layout escapes it."""
    return {
        name: value for name, value in vars(rooms.get_template(name).make_module(dict(seen))).items() if name[0] != "_"
    }


def _rendered(rooms: Environment, name: str, seen: Mapping[str, object]) -> str:
    return rooms.get_template(name).render(seen)


def _wrapped(line: str) -> str:
    line = line.rstrip()
    if len(line) <= WIDTH:
        return line
    line = _TOGETHER.sub(lambda found: found[0].replace(" ", _HELD), line)
    indent = " " * (len(line) - len(_MARK.sub("", line, count=1)))
    lines = wrap(line, WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
    return "\n".join(lines).replace(_HELD, " ")


_remembered = lru_cache(maxsize=4096)(_wrapped)
"""For drafts alone: what is anybody's own is not kept."""


def in_columns(text: str, wrapped: Callable[[str], str] = _wrapped) -> str:
    """Paragraphs of at most 76 columns, one empty line between them; longer words, such as addresses, stay whole."""
    return "\n".join(map(wrapped, _tidy(text).splitlines())) + "\n"


def _tidy(text: str) -> str:
    return _GAPS.sub("\n\n", text.strip())


def for_text(blanks: Blanks) -> dict[str, str]:
    """The blanks' values in columns: a name may be longer than a line. An address is one word, and stays whole."""
    return {
        blank: value if value.isprintable() and (len(value) <= WIDTH or " " not in value)
        else in_columns(value).rstrip("\n")
        for blank, value in blanks.items()
    }  # fmt: skip


def for_html(blanks: Blanks) -> dict[str, str]:
    """The blanks' values, safe between tags and in quoted attributes."""
    return {blank: escape(value) for blank, value in blanks.items()}
