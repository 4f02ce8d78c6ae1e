"""How an author names a figure or table and refers to it.

A cell names what it shows with a tag (``fig-visits``, ``tbl-steps``), with ``{"workbench": {"label": "visits", "caption": "…"}}`` in its
metadata, or with Quarto's lines at its top (``#| label: fig-visits``, ``#| fig-cap: Visits by device``).  Markdown refers to it with
``@fig-visits``, ``@fig:visits`` or ``[](#fig-visits)``, and the page puts "Figure 2" there.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

import lxml.html
from markupsafe import Markup

from workbench.reports.html.outline import Outline

_LABEL = re.compile(r"(?:fig|tbl)[-:]\w(?:[\w-]*\w)?")
_MENTION = re.compile(rf"(?<![\w@./-])@({_LABEL.pattern})")
_REFERENCE = re.compile(rf'<a href="#({_LABEL.pattern})"[^>]*>(@{_LABEL.pattern}|[Ff]igure|[Tt]able|)</a>')
_WORD_REFERENCE = re.compile(rf"\[(?:[Ff]igure|[Tt]able|)\]\(#({_LABEL.pattern})\)")
_OPTION = re.compile(r"#\|\s*(label|fig-cap|tbl-cap)\s*:\s*(.+)")
_LITERAL = {"a", "code", "pre", "kbd", "samp"}


def name_of(cell: Mapping[str, Any], tags: Iterable[str]) -> tuple[str, str]:
    """The label and the caption that a cell gives to the first figure or table it shows; empty where it gives none."""
    ours = cell["metadata"].get("workbench")
    given = dict(ours) if isinstance(ours, Mapping) else {}
    for line in str(cell["source"]).splitlines():
        option = _OPTION.match(line.strip())
        if option:
            given.setdefault("label" if option[1] == "label" else "caption", option[2].strip().strip("\"'"))
        elif line.strip() and not line.lstrip().startswith(("%", "#")):
            break
    label = given.get("label") or next((tag for tag in sorted(tags) if _LABEL.fullmatch(tag)), "")
    return str(label).replace(":", "-", 1), str(given.get("caption", ""))


def link_mentions(tree: Any) -> None:
    """Make a link of every ``@fig-visits`` in an author's words; code and other links stay as they are."""
    for element in list(tree.iter(lxml.html.etree.Element)):
        if not _LITERAL & {element.tag, *(a.tag for a in element.iterancestors())}:
            for place, link in enumerate(_links(element, "text")):
                element.insert(place, link)
        parent = element.getparent()
        if parent is not None and element is not tree and not _LITERAL & {parent.tag, *(a.tag for a in parent.iterancestors())}:
            for link in reversed(_links(element, "tail")):
                element.addnext(link)


def _links(element: Any, where: str) -> list[Any]:
    """The links in one piece of text, each followed by its words; the piece keeps what stands before the first."""
    before, *pieces = _MENTION.split(getattr(element, where) or "")
    if not pieces:
        return []
    setattr(element, where, before)
    links = []
    for label, words in zip(pieces[::2], pieces[1::2], strict=True):
        link = lxml.html.Element("a", {"href": f"#{label.replace(':', '-', 1)}"})
        link.text, link.tail = f"@{label}", words
        links.append(link)
    return links


def resolve_words(text: str, outline: Outline) -> str:
    """The same for Markdown that stays Markdown, where no link can lead to a figure."""
    known = {item.id: item.name for item in outline.numbered}

    def written(match: re.Match[str]) -> str:
        return known.get(match[1].replace(":", "-", 1), match[0])

    return _WORD_REFERENCE.sub(written, _MENTION.sub(written, text))


def resolve(html: Markup, outline: Outline) -> tuple[Markup, list[str]]:
    """The page's words with "Figure 2" for each reference, and the labels that nothing on the page has."""
    known = {item.id: item for item in outline.numbered}
    unknown: list[str] = []

    def written(match: re.Match[str]) -> str:
        label, words = match[1].replace(":", "-", 1), match[2]
        if label not in known:
            unknown.append(label)
            return words if words.startswith("@") else match[0]
        name = known[label].name
        return f'<a href="#{label}">{escape(name.lower() if words[:1].islower() else name)}</a>'

    return Markup(_REFERENCE.sub(written, html)), unknown  # noqa: S704
