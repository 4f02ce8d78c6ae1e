"""A formula's LaTeX as MathML, which every browser draws by itself and reads aloud.

What cannot be read is nothing: whoever asks shows the source instead.  The library's parser calls itself for every level of a formula, in
machine code, where a nesting without end would end the process; so nothing deep or long is handed to it, and no definition of an author's own.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache, lru_cache
from itertools import accumulate, zip_longest
from typing import Any

import lxml.html

from workbench.reports.html.svg import names

#: What the page may hold of MathML; nothing in it links, switches, loads or annotates.
TAGS = names(
    "math mi mn mo mtext mspace mrow mfrac msqrt mroot mstyle mpadded mphantom menclose msub msup msubsup munder mover munderover"
    " mmultiscripts mprescripts mtable mtr mtd"
)
ATTRIBUTES = {
    "math": {"display"},
    "mi": {"mathvariant"},
    "mo": names("form lspace rspace stretchy symmetric minsize maxsize largeop movablelimits accent fence separator"),
    "mspace": {"width", "height", "depth"},
    "mpadded": {"width", "height", "depth", "lspace", "voffset"},
    "mfrac": {"linethickness", "displaystyle", "scriptlevel"},
    "munder": {"accentunder"},
    "mover": {"accent"},
    "munderover": {"accent", "accentunder"},
    "menclose": {"notation"},
    "mtd": {"columnspan", "rowspan"},
    "mrow": {"displaystyle", "scriptlevel"},
    "mstyle": {"displaystyle", "scriptlevel"},
    "mtable": {"displaystyle", "scriptlevel"},
}
VALUE = re.compile(r"[-+.%\w ]{1,24}")
#: What the library says in style attributes, as classes for which formulas.css says the same.
_LOOKS = {
    "text-align:right": "to-right",
    "text-align:left": "to-left",
    "padding-left:0": "flush-left",
    "padding-right:0": "flush-right",
    "padding-left:1em": "gap-left",
    "padding-top:0": "dense",
    "margin-left:-0.16666667em": "tighter",
    "border-left:0.05em solid currentcolor": "ruled-left",
    "border-right:0.05em solid currentcolor": "ruled-right",
    "border-top:0.05em solid currentcolor": "ruled-above",
    "border-right:0.05em dashed currentcolor": "ruled-right",
    "border-top:0.05em dashed currentcolor": "ruled-above",
}
#: From how many letters' width on a formula is printed smaller, so that paper does not cut it.
_PRINTED_SMALLER = {"small-1": 48, "small-2": 65, "small-3": 89}
CLASSES = {"formula", "formula-row", "formula-long", *_LOOKS.values(), *_PRINTED_SMALLER}

# With these, the parser stays within 1.2 MB of stack, whatever it is given.
_LONGEST, _MOST_PARTS, _DEEPEST = 10_000, 700, 50
_PART = re.compile(r"\\[A-Za-z]|[\^_(\[]")
_BRACE = re.compile(r"\\[\\{}]|[{}]")
_DEFINITION = re.compile(r"\\(?:[egx]?def|let|newenvironment|(?:re)?newcommand|providecommand|DeclareMathOperator)(?![A-Za-z])")
_IN_TEXT = names("b i em code span s u")
_TAG = re.compile(r"<(\w+)")
_ELEMENT = re.compile(r"<[^>]*>")
_STYLE = re.compile(r' style="([^"]*)"')

_SAME = {
    "mbox": "text", "hbox": "text", "textnormal": "text", "mathnormal": "mathit", "mathds": "mathbb", "mathbbm": "mathbb", "smallsetminus": "setminus",
}  # fmt: skip
_ALIGNED, _GATHERED = ("align", "alignat", "alignedat", "flalign", "split"), ("gather", "multline")
_ENVIRONMENTS = dict.fromkeys(_ALIGNED, "aligned") | dict.fromkeys(_GATHERED, "gathered") | {"smallmatrix": "matrix"}
#: What the library does not know, in words that it does.  Numbers of equations are the author's: only ``\tag`` sets one.
_REWRITTEN: tuple[tuple[re.Pattern[str], Any], ...] = (
    (re.compile(r"\\begin\{(?:equation|displaymath|math)\*?\}|\\end\{(?:equation|displaymath|math)\*?\}|\\label\s*\{[^{}]*\}"), " "),
    (re.compile(r"\\(?:nonumber|notag)(?![A-Za-z])|\\!\s*(?=\\left(?![A-Za-z]))"), ""),  # only TeX puts a blank before \\left
    (re.compile(r"\\tag(\*?)\s*\{([^{}]*)\}"), lambda m: rf"\qquad\text{{{m[2] if m[1] else f'({m[2]})'}}}"),
    (re.compile(r"(\\begin\{(?:alignat|alignedat)\*?\})\s*\{\d+\}"), r"\1"),
    (re.compile(r"(\\begin\{(?:aligned|gathered|array|alignedat)\})\s*\[[tbc]\]"), r"\1"),
    (re.compile(r"\\begin\{eqnarray\*?\}"), r"\\begin{array}{rcl}"),
    (re.compile(r"\\end\{eqnarray\*?\}"), r"\\end{array}"),
    (re.compile(rf"\\(begin|end)\{{({'|'.join(_ENVIRONMENTS)})\*?\}}"), lambda m: f"\\{m[1]}{{{_ENVIRONMENTS[m[2]]}}}"),
    (re.compile(r"\\\\\*?\s*\[\s*-?[\d.]+\s*(?:ex|em|pt|mm|cm|in|pc|mu)\s*\]"), r"\\\\ "),
    (re.compile(rf"\\({'|'.join(_SAME)})(?![A-Za-z])"), lambda m: f"\\{_SAME[m[1]]}"),
    (re.compile(r"\\text\s*\{((?:[^{}$]|\$[^$]*\$)*)\}"), lambda m: rf"\text{{{re.sub(r'[$]([^$]*)[$]', _out_of_text, m[1])}}}"),
)  # fmt: skip
_MACROS = {"substack": r"\begin{subarray}{c}#1\end{subarray}"}


def draw_formulas(tree: Any, cleaned: Callable[[str], str]) -> None:
    """Put the drawing of each ``<code class="math">`` of a page's part in its place; one that cannot be read stays as it is written."""
    for code in list(tree.iter("code")):
        classes = (code.get("class") or "").split()
        drawn = mathml(code.text_content(), display="display" in classes) if "math" in classes else ""
        if drawn:
            formula = lxml.html.fragment_fromstring(cleaned(drawn))
            place = _placed(formula, display="display" in classes)
            place.tail, code.tail = code.tail, None
            code.getparent().replace(code, place)


def _placed(formula: Any, *, display: bool) -> Any:
    """A line of its own where it is displayed; what may be wider than a telephone scrolls there, and can be scrolled by key."""
    width = _width(formula)
    is_long = width > 18
    if not (display or is_long):
        return formula
    smaller = [name for name, least in _PRINTED_SMALLER.items() if width >= least][-1:]
    place = lxml.html.Element("span", {"class": " ".join(["formula-row" if display else "formula-long", *smaller])})
    if is_long:
        place.attrib.update({"tabindex": "0", "role": "group", "aria-label": "Formula, scrolls sideways on a narrow screen"})
    place.append(formula)
    return place


def _width(node: Any) -> float:
    """About how many letters wide it is drawn."""
    if not len(node):
        return len(node.text or "") + 2.0 * ("width" in node.attrib)
    if node.tag == "mtable":
        columns = zip_longest(*([_width(cell) + 1 for cell in row] for row in node), fillvalue=0.0)
        return sum(map(max, columns))
    if node.tag in ("mfrac", "mover", "munder", "munderover"):
        return max(map(_width, node))
    first, *small = map(_width, node)
    if node.tag in ("msup", "msub"):
        return first + 0.7 * sum(small)
    return first + 0.7 * max(small) if node.tag == "msubsup" else first + sum(small)


def _out_of_text(formula: re.Match[str]) -> str:
    return rf"}}{formula[1]}\text{{"


@lru_cache(maxsize=2000)
def mathml(source: str, *, display: bool) -> str:
    """``source`` (LaTeX without its dollar signs) as one MathML element that is still to be sanitised; empty where it cannot be read."""
    if not source.strip() or len(source) > _LONGEST:
        return ""
    for pattern, instead in _REWRITTEN:
        source = pattern.sub(instead, source)
    if not _is_harmless(source):
        return ""
    converter, not_readable = _converter()
    try:
        written = str(converter.convert_with_local_state(source.strip(), displaystyle=display))
    except (not_readable, ValueError):
        return ""
    if _depth(written) > _DEEPEST or not set(_TAG.findall(written)) <= TAGS | _IN_TEXT:
        return ""
    return _STYLE.sub(_classes, written.replace("<math", '<math class="formula"', 1))


def _is_harmless(source: str) -> bool:
    """Whether the parser will not go deeper than a formula of a textbook does."""
    if len(_PART.findall(source)) > _MOST_PARTS or _DEFINITION.search(source):
        return False
    return max(accumulate((brace == "{") - (brace == "}") for brace in _BRACE.findall(source)), default=0) <= _DEEPEST


def _depth(markup: str) -> int:
    """How many elements of it lie in each other at most; other parsers on the way have limits, too."""
    steps = (0 if tag.endswith("/>") else -1 if tag.startswith("</") else 1 for tag in _ELEMENT.findall(markup))
    return max(accumulate(steps), default=0)


@cache
def _converter() -> tuple[Any, type[Exception]]:
    """Imported with the first formula: most notebooks have none."""
    from math_core import LatexError, LatexToMathML

    return LatexToMathML(macros=_MACROS, allow_unreliable_rendering=True, fancy_error=False, max_expansions=100), LatexError


def _classes(style: re.Match[str]) -> str:
    found = [_LOOKS[words] for part in style[1].split(";") if (words := part.strip().replace(": ", ":")) in _LOOKS]
    return f' class="{" ".join(found)}"' if found else ""
