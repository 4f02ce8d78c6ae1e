"""A page in small: which blocks stand on it, from top to bottom, drawn as a sketch."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import lxml.html

from workbench.errors import cannot_write
from workbench.reports.run import run_report
from workbench.reports.templates.template_files import find_template
from workbench.reports.templates.template_list import picture_of
from workbench.study import Study

WIDTH, HEIGHT = 240, 300
_LEFT, _INNER, _GAP = 18, WIDTH - 36, 12
_STYLE = (
    ".p{fill:#fff}.l{fill:#e3e0da}.s{fill:#b9bdc4}.i{fill:#1d2129}.a{fill:#3d5a98}.n{fill:#b4432d}.g{fill:#0f766e}.m{fill:#eef2f9}.c{fill:none;stroke:#3d5a98;stroke-width:2}"
    "@media(prefers-color-scheme:dark){.p{fill:#1b1e24}.l{fill:#2e333c}.s{fill:#5c6470}.i{fill:#e9e7e2}.a{fill:#8fadea}.n{fill:#ee8b72}.g{fill:#4fc3b4}.m{fill:#1d2636}.c{stroke:#8fadea}}"
)


@dataclass(frozen=True)
class Part:
    """A block of a page: its kind, and how many rows, cards or quotes it has."""

    kind: str
    n: int = 0


def draw_template(name: str, study: Study) -> Path:
    """Run a template on a study and write the sketch of its page into ``thumbnails`` beside it.

    Raises
    ------
    UnknownName, BadParameter, ReportFailed, FolderNotWritable
    """
    target = picture_of(find_template(name, study))
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "page.html"
        run_report(name, study, out=page)
        picture = sketch(parts_of(page.read_text(encoding="utf-8")))
    try:
        target.parent.mkdir(exist_ok=True)
        target.write_text(picture, encoding="utf-8")
    except OSError as error:
        raise cannot_write(target, error) from error
    return target


def parts_of(html: str) -> list[Part]:
    """The blocks of a page of ours, in its order; what is inside another is left out."""
    main = lxml.html.fromstring(html).find(".//main")
    found = (
        main.xpath("descendant::*[contains(concat(' ',@class,' '),' block ') or self::figure or @class='words']")
        if main is not None
        else []
    )
    return [_part(e) for e in found if not any(above in found for above in e.iterancestors())]


def sketch(parts: Sequence[Part]) -> str:
    """The top of a page as an SVG of its own, which follows a dark theme; what does not fit is cut off, as on a screen."""
    shapes: list[str] = []
    y = 20.0
    for part in parts:
        if y > HEIGHT:
            break
        marks, height = _DRAW.get(part.kind, _box)(part.n)
        shapes += [_at(mark, y) for mark in marks]
        y += height + _GAP
    body = "".join(shapes)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">'
        f'<style>{_STYLE}</style><rect class="p" width="{WIDTH}" height="{HEIGHT}"/>{body}</svg>\n'
    )


def _part(element: Any) -> Part:
    classes = set(element.get("class", "").split())
    if element.tag == "figure":
        return Part("chart")
    for kind, counted in _KINDS.items():
        if kind in classes:
            return Part(kind, len(element.xpath(counted)) if counted else 0)
    if rows := element.xpath(".//table/tbody/tr"):
        return Part("table", len(rows))
    if said := element.xpath(".//ul[@class='quotes']/li"):
        return Part("quotes", len(said))
    return Part("words" if "words" in classes else "box")


#: Blocks with a shape of their own, and what is counted in each.
_KINDS = {
    "summary": ".//*[contains(@class,'finding ') or @class='finding']",
    "callout": "", "method": "", "journey": "", "one-pager": "", "empathy": "", "opportunity-board": "", "persona": "",
}  # fmt: skip

#: A rectangle (class, x, y, width, height), or a path.
_Mark = tuple[str, float, float, float, float] | str


def _at(mark: _Mark, y: float) -> str:
    if isinstance(mark, str):
        return f'<path class="c" transform="translate(0,{y:g})" d="{mark}"/>'
    kind, x, top, width, height = mark
    return f'<rect class="{kind}" x="{x:g}" y="{y + top:g}" width="{width:g}" height="{height:g}" rx="2"/>'


def _columns(n: int, gap: float = 6) -> Iterator[tuple[float, float]]:
    """Left ends and width of ``n`` columns."""
    width = (_INNER - gap * (n - 1)) / n
    yield from ((_LEFT + i * (width + gap), width) for i in range(n))


def _summary(n: int) -> tuple[list[_Mark], float]:
    marks: list[_Mark] = [("s", _LEFT, 0, 60, 4), ("i", _LEFT, 9, 150, 10), ("s", _LEFT, 25, 180, 4), ("s", _LEFT, 33, 120, 4)]
    for x, width in _columns(min(n, 4)) if n else ():
        marks += [
            ("l", x, 45, width, 30),
            ("a", x + 5, 50, width / 2.4, 7),
            ("s", x + 5, 62, width * 0.7, 3),
            ("s", x + 5, 68, width * 0.5, 3),
        ]
    return marks, 75 if n else 38


def _table(n: int) -> tuple[list[_Mark], float]:
    rows = max(min(n, 6), 1)
    marks: list[_Mark] = [("i", _LEFT, 0, 70, 6), ("l", _LEFT, 12, _INNER, 8)]
    for i in range(rows):
        y = 25 + 11 * i
        marks += [("s", _LEFT, y, 60 + 23 * (i * 7 % 3), 4), ("s", 150, y, 24, 4), ("a", 186, y, 12 + 8 * (i * 5 % 4), 4)]
    return marks, 25 + 11 * rows


def _chart(_: int) -> tuple[list[_Mark], float]:
    bars: list[_Mark] = [("a", _LEFT + 50, 14 + 13 * i, 130 - 27 * i, 8) for i in range(4)]
    names: list[_Mark] = [("s", _LEFT + 8, 16 + 13 * i, 34, 4) for i in range(4)]
    return [("l", _LEFT, 0, _INNER, 70), ("i", _LEFT + 8, 5, 80, 4), *names, *bars], 70


def _quotes(n: int) -> tuple[list[_Mark], float]:
    marks: list[_Mark] = [("i", _LEFT, 0, 70, 6)]
    rows = max(min((n + 1) // 2, 3), 1)
    for row in range(rows):
        for x, width in _columns(2, 14):
            y = 14 + 28 * row
            marks += [
                ("a", x, y, 2, 20),
                ("s", x + 7, y + 1, width - 12, 4),
                ("s", x + 7, y + 8, width - 30, 4),
                ("l", x + 7, y + 15, 30, 4),
            ]
    return marks, 14 + 28 * rows


def _callout(_: int) -> tuple[list[_Mark], float]:
    return [("m", _LEFT, 0, 160, 28), ("a", _LEFT, 0, 3, 28), ("i", _LEFT + 10, 6, 60, 4), ("s", _LEFT + 10, 15, 120, 4)], 28


def _method(_: int) -> tuple[list[_Mark], float]:
    return [("i", _LEFT, 0, 80, 6), *(("l", _LEFT, 13 + 8 * i, 150 - 22 * (i % 2), 4) for i in range(5))], 53


def _journey(_: int) -> tuple[list[_Mark], float]:
    columns = list(_columns(6, 4))
    middle = [x + width / 2 for x, width in columns]
    heights = [44, 62, 42, 66, 36, 50]
    curve = f"M{middle[0]:g},{heights[0]}" + "".join(
        f" C{(a + b) / 2:g},{p} {(a + b) / 2:g},{q} {b:g},{q}" for a, b, p, q in zip(middle, middle[1:], heights, heights[1:], strict=False)
    )
    marks: list[_Mark] = [("i", _LEFT, 0, 70, 6), *(("a", x, 14, width, 8) for x, width in columns), ("m", _LEFT, 26, _INNER, 50), curve]
    for row, kind in enumerate(("s", "n", "g")):
        marks += [(kind if i % 3 == row else "l", x, 84 + 18 * row, width, 12) for i, (x, width) in enumerate(columns)]
    return marks, 136


def _one_pager(_: int) -> tuple[list[_Mark], float]:
    top, height = _summary(3)
    curve = "M24,128 C50,128 50,148 80,148 S110,124 140,124 S180,116 216,132"
    left = [("s", _LEFT, 172 + 14 * i, 90, 4) for i in range(3)]
    right = [("l", 128, 172 + 14 * i, 94, 8) for i in range(4)]
    foot = [("l", _LEFT, 236 + 8 * i, _INNER - 40 * i, 4) for i in range(2)]
    return [*top, ("m", _LEFT, height + 20, _INNER, 60), curve, *left, *right, *foot], 260


def _fields(_: int) -> tuple[list[_Mark], float]:
    cells: list[_Mark] = [("m", x, y, width, 36) for y in (14, 56) for x, width in _columns(2)]
    lines: list[_Mark] = [("s", x + 8, y + 8 + 8 * i, width - 30, 4) for y in (14, 56) for x, width in _columns(2) for i in range(2)]
    return [("i", _LEFT, 0, 70, 6), *cells, *lines], 92


def _board(_: int) -> tuple[list[_Mark], float]:
    cards: list[_Mark] = [
        ("l", x, 26 + 22 * row, width, 18) for i, (x, width) in enumerate(_columns(5, 5)) for row in range((3, 2, 1, 2, 1)[i])
    ]
    return [("i", _LEFT, 0, 70, 6), *(("a", x, 14, width, 6) for x, width in _columns(5, 5)), *cards], 92


def _persona(_: int) -> tuple[list[_Mark], float]:
    lines: list[_Mark] = [("s", 76, 18 + 10 * i, 130 - 25 * (i % 3), 4) for i in range(6)]
    return [("m", _LEFT, 0, _INNER, 84), ("a", _LEFT + 10, 10, 38, 38), ("i", 76, 8, 70, 6), *lines], 84


def _words(_: int) -> tuple[list[_Mark], float]:
    return [("i", _LEFT, 0, 70, 6), ("s", _LEFT, 13, 150, 4), ("s", _LEFT, 21, 110, 4)], 25


def _box(_: int) -> tuple[list[_Mark], float]:
    return [("i", _LEFT, 0, 70, 6), ("l", _LEFT, 13, _INNER, 40), *(("s", _LEFT + 8, 20 + 10 * i, 120 - 20 * i, 4) for i in range(3))], 53


_DRAW: dict[str, Callable[[int], tuple[list[_Mark], float]]] = {
    "summary": _summary, "table": _table, "chart": _chart, "quotes": _quotes, "callout": _callout, "method": _method, "journey": _journey,
    "one-pager": _one_pager, "empathy": _fields, "opportunity-board": _board, "persona": _persona, "words": _words,
}  # fmt: skip
