"""A formula on one line of plain text, for the page's contents, its title and its search: ``κ = (pₒ − pₑ)/(1 − pₑ)``."""

from __future__ import annotations

import re
from copy import deepcopy
from html import escape
from typing import Any
from unicodedata import combining

import lxml.html

_MARKS = dict(zip("ˆ^¯‾~˜˙¨→ˇ\u0332", "\u0302\u0302\u0304\u0304\u0303\u0303\u0307\u0308\u20d7\u030c\u0305", strict=True))
_LOWERED = str.maketrans("0123456789+−-=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ")
_RAISED = str.maketrans("0123456789+−-=()in′″‴∘", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁱⁿ′″‴°")
_BETWEEN = frozenset("=<>≤≥≠≈∼≡∝±∓×·÷+−-→⇒⟹⇔⟺∈∉⊂⊆∪∩∣⩽⩾≪≫←↔≔")
_BRACES = frozenset("⏞⏟")
_WORD = re.compile(r"[^\W\d_]{3}")
_SILENT = str.maketrans("", "", "\u2061\u2062\u2063\ufe00")
_FORMULA = re.compile(r'<math class="formula".*?</math>', re.DOTALL)
_ONE_THING = re.compile(r"\w[\w\u0300-\u036f\u20d7]*|.")


def words_of(element: Any) -> str:
    """The words of an element of the page: formulas in words too, numbers of footnotes left out."""
    if element.tag != "math" and element.find(".//math") is None and element.find(".//sup/a") is None:
        return str(element.text_content())
    inside = lxml.html.Element("div")
    inside.append(deepcopy(element))
    inside[0].tail = None
    for formula in list(inside.iter("math")):
        words = lxml.html.Element("span")
        words.text, words.tail = " ".join(_row(formula).split()), formula.tail
        formula.getparent().replace(formula, words)
    for number in inside.xpath('.//sup[a[starts-with(@href, "#wb-note-")]]'):
        number.drop_tree()
    return str(inside.text_content())


def formulas_in_words(html: str) -> str:
    """A page for a reader that does not draw MathML."""
    return _FORMULA.sub(lambda found: escape(words_of(lxml.html.fragment_fromstring(found[0])), quote=False), html)


def _row(parent: Any) -> str:
    """What stands side by side; a sign between two things has a blank on either side, and so has the name of a function."""
    written = ""
    for node in parent:
        words = _in_words(node)
        if not words:
            continue
        is_sign = node.tag == "mo" and words in _BETWEEN and written.rstrip()[-1:] not in ("", "(", "[", ",")
        is_name = len(words.strip()) > 1 and (node.tag in ("mi", "mtext") or (node.tag == "mo" and words.isalpha()))
        if is_sign or (is_name and written[-1:].isalnum()) or (written[-1:] == "\t" and words[:1] not in ("(", "[")):
            written = f"{written.rstrip()} "
        written = written.rstrip("\t") + words + (" " if is_sign or words == "," else "\t" if is_name else "")
    return written.rstrip("\t")


def _in_words(node: Any) -> str:
    if node.tag in ("mi", "mn", "mo", "mtext"):
        return str(node.text_content()).translate(_SILENT).replace("\xa0", " ")
    if node.tag == "mspace":
        return " " if node.get("width") else ""
    if node.tag == "mphantom":
        return ""
    if node.tag == "msqrt":
        return f"√{_grouped(_row(node))}"
    if node.tag == "mtable":
        return "; ".join(" ".join(_row(cell).strip() for cell in row).strip() for row in node)
    write = _WRITTEN.get(node.tag)
    parts = [_in_words(part) for part in node] if write else []
    return write(node, *parts) if write and len(parts) == (3 if node.tag in ("msubsup", "munderover") else 2) else _row(node)


def _fraction(node: Any, above: str, below: str) -> str:
    return f"{_grouped(above)} over {_grouped(below)}" if node.get("linethickness") else f"{_grouped(above)}/{_grouped(below)}"


def _grouped(words: str) -> str:
    """In brackets where something beside it would be read as part of it."""
    words = words.strip()
    return words if not words or _ONE_THING.fullmatch(words) else f"({words})"


def _small(words: str, letters: dict[int, int], before: str) -> str:
    """Small letters where there are such, otherwise behind a sign: ``x₁``, ``x_max``."""
    words = words.strip()
    if all(ord(letter) in letters for letter in words) and not _WORD.search(words):
        return words.translate(letters)
    return before + _grouped(words)


def _sub(node: Any, base: str, below: str) -> str:
    return base if node.get("accentunder") or below in _BRACES else base + _small(below, _LOWERED, "_")


def _sup(_node: Any, base: str, above: str) -> str:
    return base + _small(above, _RAISED, "^")


def _both(_node: Any, base: str, below: str, above: str) -> str:
    return base + _small(below, _LOWERED, "_") + _small(above, _RAISED, "^")


def _over(node: Any, base: str, above: str) -> str:
    if node.get("accent") or above in _BRACES:
        mark = _MARKS.get(above, above if combining(above[:1]) else "")
        return base + mark if len(base) == 1 else base
    return _sup(node, base, above)


_WRITTEN: dict[str, Any] = {
    "mfrac": _fraction,
    "mroot": lambda _node, base, index: f"{_small(index, _RAISED, '')}√{_grouped(base)}",
    "msub": _sub,
    "munder": _sub,
    "msup": _sup,
    "mover": _over,
    "msubsup": _both,
    "munderover": _both,
}
