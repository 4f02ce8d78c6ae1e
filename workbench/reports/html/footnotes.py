"""An author's footnotes (``[^1]`` and ``[^1]: words``): numbered over the whole page, in a list at its end, with links both ways.

The author may define a footnote in another cell than the one that refers to it; where several cells use the same label, each means its own.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any

from markupsafe import Markup

_LABEL = r"\[\^(?P<{}>[^\]\[\s]{{1,100}})\]"
_REFERENCE = _LABEL.format("note_label")
#: Up to a blank line or the next definition, and then all that is indented.
_DEFINITION = (
    rf"^ {{0,3}}{_LABEL.format('note_name')}:[ \t]*(?P<note_words>[^\n]*"
    r"(?:\n(?!\s*\n|\s*$| {0,3}(?:\[\^|[#>$`~|]|[-*+] |\d+[.)] ))[^\n]+)*(?:\n+(?: {2}|\t)[^\n]+)*)(?:\n|$)"
)
_LINK = re.compile(r'<sup><a href="#wb-note-(\d+)"[^>]*>\d+</a></sup>')


@dataclass
class Footnotes:
    """Those of one page.  ``notes`` are the words of those that were referred to, as Markdown, in the order of their numbers."""

    notes: list[str] = field(default_factory=list)
    _numbers: dict[str, int] = field(default_factory=dict)
    _of_page: dict[str, str] = field(default_factory=dict)
    _n_links: Counter[int] = field(default_factory=Counter)

    def define(self, label: str, words: str) -> None:
        """Let every cell of the page refer to a definition, unless one before it has the same label."""
        self._of_page.setdefault(label, words)

    def apart(self) -> Footnotes:
        """For words that are not the author's own: numbered with the others, but knowing only what they define themselves."""
        return replace(self, _of_page={})

    def number(self, label: str, own: dict[str, str]) -> int:
        """The number of the footnote that ``label`` means where ``own`` are defined; 0 where nothing is."""
        words = own.get(label) or self._of_page.get(label)
        if not words:
            return 0
        if words not in self._numbers:
            self.notes.append(words)
        return self._numbers.setdefault(words, len(self.notes))

    def linked(self, html: Markup) -> Markup:
        """A sanitised part of the page with every number leading to its footnote and having an address to come back to."""

        def written(match: re.Match[str]) -> str:
            number = int(match[1])
            if not 0 < number <= len(self.notes):
                return match[0]
            self._n_links[number] += 1
            return (
                f'<sup class="note-link"><a id="wb-note-{number}-from-{self._n_links[number]}" href="#wb-note-{number}" role="doc-noteref"'
                f' aria-label="Footnote {number}">{number}</a></sup>'
            )

        return Markup(_LINK.sub(written, html)) if self.notes else html  # noqa: S704

    def n_links(self, number: int) -> int:
        """From how many places of the page a footnote is referred to."""
        return self._n_links[number]


def reads_footnotes(markdown: Any, footnotes: Footnotes) -> None:
    """Teach a Markdown parser both marks; what refers to nothing stays as it is written."""

    def define(_block: Any, match: re.Match[str], state: Any) -> int:
        state.env.setdefault("footnotes", {}).setdefault(match["note_name"].casefold(), _words(match["note_words"]))
        return match.end()

    def refer(_inline: Any, match: re.Match[str], state: Any) -> int:
        number = footnotes.number(match["note_label"].casefold(), state.env.get("footnotes", {}))
        token = {"type": "footnote", "attrs": {"number": number}} if number else {"type": "text", "raw": match[0]}
        state.append_token(token)
        return match.end()

    markdown.block.register("footnote_words", _DEFINITION, define, before="ref_link")
    markdown.inline.register("footnote", _REFERENCE, refer, before="link")
    markdown.renderer.register("footnote", lambda _renderer, number: f'<sup><a href="#wb-note-{number}">{number}</a></sup>')


def collect_definitions(markdown: Any, source: str, footnotes: Footnotes) -> None:
    """Note what an author's cell defines, before any cell is written; ``markdown`` is a parser that reads footnotes."""
    state = markdown.block.state_cls()
    state.process(f"{source}\n")
    markdown.block.parse(state)
    for label, words in state.env.get("footnotes", {}).items():
        footnotes.define(label, words)


def _words(written: str) -> str:
    return re.sub(r"\n(?: {1,4}|\t)", "\n", written).strip()
