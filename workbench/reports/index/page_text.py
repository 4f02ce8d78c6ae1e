"""The words that a page shows, each passage under its heading and with its address on the page."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import lxml.etree
import lxml.html

from workbench.reports.html.formula_words import words_of
from workbench.reports.html.svg import names

#: Changed with what is read from a page and how it is packed, so that nothing that was read in another way is taken for it.
READER = 2

#: What stands inside a line of text; everything else begins a new passage.
_IN_LINE = names(
    "a abbr b bdi bdo br button cite code dfn em i img input kbd label mark math q s samp small span strong sub sup time tspan u var td th"
)
_NEVER_SHOWN = names("script style template noscript svg")
#: Read aloud only, code, fingerprints, or put there for one reader.
_NOT_READ = names("unseen code trace here live said prov note-link")
_HEADINGS = names("h1 h2 h3 h4")
_A_WORD = re.compile(r"[^\W\d_]{2}|[^\W\d_a-zA-Z]")

#: A place on the page: how far down it is, and its id.
_Place = tuple[int, str]


@dataclass(frozen=True)
class Section:
    """A heading, its address on the page, and the passages under it, each with the nearest address that it has."""

    heading: str
    anchor: str
    passages: tuple[tuple[str, str], ...]


def page_text(html: bytes) -> tuple[Section, ...]:
    """Every passage that a reader of the page can come to see, once, in its order.

    What is folded counts as shown.  Code, the labels in drawings, what is only read aloud and what is hidden are left out.
    """
    try:
        root = lxml.html.document_fromstring(html, parser=lxml.html.HTMLParser(encoding="utf-8", huge_tree=True))
    except lxml.etree.LxmlError:
        return ()
    reader = _Reader()
    for main in root.xpath("//main") or root.xpath("//body"):
        reader.read(main)
    return tuple(reader.sections())


@dataclass
class _Reader:
    _found: list[tuple[str, str, list[tuple[str, str]]]] = field(default_factory=lambda: [("", "", [])])
    _seen: set[str] = field(default_factory=set)
    _parts: list[str] = field(default_factory=list)
    _place: _Place = (0, "")
    _under: _Place = (0, "")
    _n: int = 0

    def sections(self) -> list[Section]:
        """Those with any words."""
        return [Section(heading, anchor, tuple(passages)) for heading, anchor, passages in self._found if heading or passages]

    def read(self, main: Any) -> None:
        """Everything in an element; without recursion, as a notebook may nest as deep as it likes."""
        inside: list[_Place] = [(0, "")]
        walk = lxml.etree.iterwalk(main, events=("start", "end", "comment", "pi"))
        for event, element in walk:
            if event == "start":
                self._n += 1
                inside.append((self._n, element.get("id")) if element.get("id") and element is not main else inside[-1])
                if not self._goes_into(element, inside[-1]):
                    walk.skip_subtree()
                continue
            if event == "end":
                inside.pop()
                if element.tag not in _IN_LINE:
                    self._end()
            self._say(element.tail, inside[-1])

    def _goes_into(self, element: Any, place: _Place) -> bool:
        """Begin an element, and say whether what is in it is to be read."""
        if _is_left_out(element):
            return False
        if element.tag not in _IN_LINE:
            self._end()
        elif element.tag in ("td", "th") or not _follows_text(element):
            self._parts.append(" ")
        if element.tag in _HEADINGS:
            self._begin(" ".join(words_of(element).split()), place)
            return False
        if element.tag == "math":
            self._say(words_of(element), place)
            return False
        self._say(element.text, place)
        return True

    def _end(self) -> None:
        """A passage is over."""
        text = " ".join("".join(self._parts).split())
        self._parts = []
        if text in self._seen or not _A_WORD.search(text):
            return
        self._seen.add(text)
        self._found[-1][2].append((text, max(self._place, self._under)[1]))

    def _begin(self, heading: str, place: _Place) -> None:
        if heading:
            self._under = max(place, self._under)
            self._found.append((heading, self._under[1], []))

    def _say(self, text: str | None, place: _Place) -> None:
        if not text:
            return
        if not "".join(self._parts).strip():
            self._place = place
        self._parts.append(text)


def _is_left_out(element: Any) -> bool:
    return (
        element.tag in _NEVER_SHOWN
        or element.get("hidden") is not None
        or element.text == "¶"
        or not _NOT_READ.isdisjoint((element.get("class") or "").split())
    )


def _follows_text(element: Any) -> bool:
    """Whether it stands in a sentence, not beside another element or on a line of its own."""
    before = element.getprevious()
    text = element.getparent().text if before is None else before.tail
    return bool(text) and "n" not in (element.get("class") or "").split()
