"""Reading a page as a screen reader would: which field has which label, description and state."""

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Element:
    """One element, with the text in it."""

    tag: str
    attributes: dict[str, str]
    text: str = ""

    def __getitem__(self, name: str) -> str:
        return self.attributes[name]


_VOID = {"input", "meta", "link", "br", "option"}


@dataclass
class Page(HTMLParser):
    """A parsed page."""

    source: str
    elements: list[Element] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self._open: list[Element] = []
        self.feed(self.source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep it, and what it holds."""
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.elements.append(element)
        if tag not in _VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        """It holds nothing more."""
        if tag not in _VOID and self._open:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        """Text belongs to all elements around it."""
        for element in self._open:
            element.text += data

    def all(self, tag: str, **attributes: str) -> list[Element]:
        """All elements of a tag with these attributes."""
        wanted = {name.rstrip("_"): value for name, value in attributes.items()}
        return [one for one in self.elements if one.tag == tag and wanted.items() <= one.attributes.items()]

    def one(self, tag: str, **attributes: str) -> Element:
        """The one element of a tag with these attributes."""
        (found,) = self.all(tag, **attributes)
        return found

    def by_id(self, name: str) -> Element:
        """The one element with this id."""
        (found,) = [one for one in self.elements if one.attributes.get("id") == name]
        return found

    def description(self, element: Element) -> str:
        """What is read out after the label."""
        ids = element.attributes.get("aria-describedby", "").split()
        return " ".join(" ".join(self.by_id(name).text.split()) for name in ids)

    @property
    def text(self) -> str:
        """All words, with single blanks."""
        return " ".join(self.one("main").text.split())
