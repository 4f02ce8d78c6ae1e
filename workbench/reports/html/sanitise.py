"""What a notebook's outputs may bring onto the page: text, tables, pictures and plain style, and nothing that runs or loads.

HTML is parsed as a browser would (nh3), rearranged, and sanitised once more, so that the sanitiser has the last word.
Drawings are written anew (:mod:`workbench.reports.html.svg`). The page's content-security policy stands behind both.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from html import escape
from typing import Any

import lxml.html
import nh3
from markupsafe import Markup
from pygments.token import STANDARD_TYPES

from workbench.reports.blocks import safe_href
from workbench.reports.html import formulas
from workbench.reports.html.formula_words import words_of
from workbench.reports.html.outline import Numbered, Outline
from workbench.reports.html.references import link_mentions
from workbench.reports.html.remarks import make_callouts
from workbench.reports.html.svg import CHART_COLOURS, RASTER, Picture, clean_svg, names

__all__ = ["CHART_COLOURS", "Picture", "clean_html", "clean_style", "clean_svg", "printable"]

_TAGS = names(
    "a abbr b bdi bdo blockquote br caption cite code col colgroup dd del details dfn div dl dt em figcaption figure h1 h2 h3 h4 h5 h6 hr i img "
    "ins kbd li mark ol p pre q rp rt ruby s samp small span strong sub summary sup table tbody td tfoot th thead time tr u ul var wbr"
)
_NOT_EVEN_TEXT = names("script style template noscript iframe object svg select textarea title audio video canvas")
_ATTRIBUTES = {
    "*": {"id", "class", "style", "title", "lang", "dir"},
    "a": {"href"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "ol": {"start", "reversed", "type"},
    "details": {"open"},
    "time": {"datetime"},
    "col": {"span"},
    "colgroup": {"span"},
}
_ADDED = {tag: {"role", "tabindex", "aria-label"} for tag in ("div", "span")}
_CLASSES = {name for name in STANDARD_TYPES.values() if name} | {"highlight", "math", "display", "dataframe"}
_ADDED_CLASSES = {
    "scroll",
    "many",
    "end",
    "long",
    "own-colours",
    "missing",
    "callout",
    "callout-title",
    "kind",
    "tip",
    "important",
    "warning",
} | formulas.CLASSES

_CSS_PROPERTIES = re.compile(
    r"(?:background|background-color|border(?:-(?:top|right|bottom|left))?(?:-(?:color|style|width))?|border-collapse|border-radius|border-spacing|color"
    r"|font-(?:size|style|weight|variant)|line-height|list-style-type|(?:margin|padding)(?:-(?:top|right|bottom|left))?|max-width|min-width|opacity"
    r"|text-(?:align|decoration|indent|transform)|vertical-align|white-space|width)"
)
_CSS_VALUE = re.compile(r"[-\w\s#%.,()+!]+")
_CSS_FUNCTIONS = {"rgb", "rgba", "hsl", "hsla", "linear-gradient"}
_UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_RELATIVE = re.compile(r"(?!//)[-\w./?=&#%+]+")
_FUNCTION = re.compile(r"([-\w]*)\(")
_STYLER_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
_NUMBER = re.compile(r"[-−+±]?\s?[$€£]?\s?\d[\d.,’\u00a0\u202f ]*(?:e[-+]?\d+)?\s?%?|NaN|nan|<NA>|NaT|None|-?inf|–|", re.IGNORECASE)


def clean_html(source: str, outline: Outline, *, noted: bool = False) -> Markup:
    """Safe HTML with tables that scroll and can be read aloud, pictures that are in the page, and anchors that are its own.

    Parameters
    ----------
    source : text/html from an output, or rendered Markdown
    outline : keeps the page's anchors
    noted : whether these are the author's own words: their headings belong in the page's outline, their formulas are drawn,
        marked quotes are callouts, and ``@fig-visits`` is a reference
    """
    source = printable(source)
    styles = dict(_styler_styles(source))
    tree = lxml.html.fragment_fromstring(_cleaner(added=False).clean(source), create_parent="div")
    if noted:
        formulas.draw_formulas(tree, _cleaner(added=True).clean)
    for element in list(tree.iter()):
        if element is not tree:
            _mend(element, styles, outline, noted=noted)
    if noted:
        make_callouts(tree)
        link_mentions(tree)
    for table in list(tree.iter("table")):
        _mend_table(table, outline)
    inner = escape(tree.text or "") + "".join(lxml.html.tostring(child, encoding="unicode") for child in tree)
    return Markup(_cleaner(added=True).clean(inner))  # noqa: S704


def printable(text: str) -> str:
    """``text`` without control characters and broken halves of characters, which no parser agrees on."""
    return _UNPRINTABLE.sub("", text)


def clean_style(declarations: str) -> str:
    """The harmless declarations among ``declarations``; a background without a colour gets dark text, whatever the theme."""
    kept = dict(_declarations(declarations))
    if "color" not in kept and any(name.startswith("background") for name in kept):
        kept["color"] = "#1d2129"
    return ";".join(f"{name}:{value}" for name, value in kept.items())


@cache
def _cleaner(*, added: bool) -> nh3.Cleaner:
    attributes = {**_ATTRIBUTES, **(_ADDED | formulas.ATTRIBUTES if added else {})}
    classes = _CLASSES | (_ADDED_CLASSES if added else set())

    def allow(tag: str, name: str, value: str) -> str | None:
        if tag in formulas.TAGS and name != "class":
            return value if name in formulas.ATTRIBUTES.get(tag, ()) and formulas.VALUE.fullmatch(value) else None
        if name == "style":
            return clean_style(value) or None
        if name == "class":
            return " ".join(c for c in value.split() if c in classes) or None
        if name == "href":
            return value if safe_href(value) or _RELATIVE.fullmatch(value) else None
        if name == "src":
            return value if RASTER.fullmatch(value) else None
        if name in {"width", "height", "colspan", "rowspan", "span", "start"}:
            return value if re.fullmatch(r"\d{1,4}", value) else None
        return value

    return nh3.Cleaner(
        tags=_TAGS | formulas.TAGS if added else _TAGS,
        clean_content_tags=_NOT_EVEN_TEXT,
        attributes=attributes,
        attribute_filter=allow,
        url_schemes={"http", "https", "mailto", "data"},
    )


def _declarations(text: str) -> Iterator[tuple[str, str]]:
    for declaration in text.split(";"):
        name, _, value = (part.strip() for part in declaration.partition(":"))
        known = _CSS_PROPERTIES.fullmatch(name.lower()) and _CSS_VALUE.fullmatch(value)
        if known and {f.lower() for f in _FUNCTION.findall(value)} <= _CSS_FUNCTIONS:
            yield name.lower(), value


def _styler_styles(source: str) -> Iterator[tuple[str, str]]:
    """The style of each cell that pandas' Styler names in its ``<style>``; every other rule is left behind with it."""
    for sheet in re.findall(r"<style[^>]*>(.*?)</style>", source, re.DOTALL | re.IGNORECASE):
        for selectors, declarations in _STYLER_RULE.findall(sheet):
            style = clean_style(declarations)
            for selector in selectors.split(","):
                if style and re.fullmatch(r"#T_\w+", selector.strip()):
                    yield selector.strip()[1:], style


def _mend(element: Any, styles: dict[str, str], outline: Outline, *, noted: bool) -> None:
    id = element.attrib.pop("id", None)
    if re.fullmatch("h[1-6]", element.tag):
        level, words = int(element.tag[1]), words_of(element)
        element.set("id", outline.heading(words, level, id or "") if noted else outline.anchor(id or words))
    elif id in styles:
        element.set("style", ";".join(filter(None, [styles[id], element.get("style")])))
    elif id and not id.startswith("T_"):
        element.set("id", outline.anchor(id))
    if element.tag == "img":
        _mend_image(element)


def _mend_image(image: Any) -> None:
    """A picture that is not in the notebook is named, not fetched."""
    if image.get("src"):
        image.set("alt", image.get("alt") or "Picture without a description")
        return
    image.tag, alt = "span", image.get("alt")
    image.attrib.clear()
    image.set("class", "missing")
    image.text = f"Picture not in this file: {alt}" if alt else "A picture was left out: it is not in this file."


def _mend_table(table: Any, outline: Outline) -> None:
    """Header cells with a scope, no empty ones, numbers to the right, all in a region that scrolls."""
    rows = [(row, list(row)) for row in table.iter("tr")]
    for row, cells in rows:
        in_head = row.getparent().tag == "thead" or all(cell.tag == "th" for cell in cells)
        for cell in cells:
            _mend_header_cell(cell, "col" if in_head else "row")
    rows = _one_header_row(rows)
    _align_numbers([cells for _, cells in rows], [cells for row, cells in rows if row.getparent().tag != "thead"])
    classes = ["scroll"]
    for cell in table.iter("td", "th"):
        if cell.get("class") is None and len(cell.text_content()) > 40:
            cell.set("class", "long")
    if max((len(cells) for _, cells in rows), default=0) > 9:
        classes.append("many")
    if any("color" in e.get("style", "") or "background" in e.get("style", "") for e in table.iter()):
        classes.append("own-colours")
    caption = table.find("caption")
    numbered = outline.number("table", words_of(caption) if caption is not None else "")
    label = numbered.caption or numbered.name if numbered else f"Table without a caption, {outline.count('unnamed table')}"
    region = lxml.html.Element("div", {"class": " ".join(classes), "role": "region", "tabindex": "0", "aria-label": label})
    if numbered:
        region.set("id", numbered.id)
        _number_caption(table, caption, numbered)
    region.tail, table.tail = table.tail, None
    table.getparent().replace(table, region)
    region.append(table)


def _number_caption(table: Any, caption: Any, numbered: Numbered) -> None:
    if caption is None:
        caption = lxml.html.Element("caption")
        table.insert(0, caption)
        caption.text = numbered.caption
    name = lxml.html.Element("b")
    name.text, name.tail, caption.text = numbered.name, f" {caption.text or ''}", None
    caption.insert(0, name)


def _one_header_row(rows: list[tuple[Any, list[Any]]]) -> list[tuple[Any, list[Any]]]:
    """The name of pandas' index stands in a row of its own: lift it into the empty corner above."""
    head = [cells for row, cells in rows if row.getparent().tag == "thead"]
    if len(head) != 2 or len(head[0]) != len(head[1]):
        return rows
    pairs = list(zip(*head, strict=True))
    if not all((above.tag == "td") != (below.tag == "td") for above, below in pairs):
        return rows
    for above, below in pairs:
        if above.tag == "td":
            above.getparent().replace(above, below)
    spare = rows[1][0]
    spare.getparent().remove(spare)
    return [(row, list(row)) for row, _ in rows if row is not spare]


def _mend_header_cell(cell: Any, scope: str) -> None:
    if cell.tag != "th":
        return
    if cell.text_content().strip():
        cell.set("scope", cell.get("scope") or scope)
    else:
        cell.tag = "td"
        cell.attrib.pop("scope", None)


def _align_numbers(rows: list[list[Any]], body: list[list[Any]]) -> None:
    """Numbers to the right with their heading; where cells span, each number for itself."""
    spans = any(cell.get("colspan") or cell.get("rowspan") for row in rows for cell in row)
    for column in range(max(map(len, body), default=0)):
        cells = [row[column] for row in body if column < len(row) and row[column].tag == "td"]
        numbers = [cell for cell in cells if _NUMBER.fullmatch(cell.text_content().strip())]
        if numbers and len(numbers) == len(cells) and not spans:
            numbers = [row[column] for row in rows if column < len(row)]
        elif not spans:
            numbers = []
        for cell in numbers:
            cell.set("class", "end")
