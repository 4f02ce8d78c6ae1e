"""Research results as data in a cell's output: the page lays them out, and no words of a participant ever travel as markup.

A cell whose last line is a :class:`Block` carries its data under :data:`MIME`, the same block as plain HTML for JupyterLab, and text.
How a block looks is in ``page/blocks/<name>.html.j2``; a template sees ``data``, ``heading(text)``,
``anchor(id)`` and ``number(kind, caption)``.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from enum import Enum
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from workbench.model.evidence import Estimate, Measured
from workbench.reports.html.outline import Outline

MIME = "application/vnd.workbench.block+json"
PAGE_FOLDER = Path(__file__).parent / "page"
_LINK = re.compile(r"#[^\s]+|(?:https?://|mailto:)[^\s]+", re.IGNORECASE)


@dataclass(frozen=True)
class Block:
    """One result, as data.

    Parameters
    ----------
    name : which template lays it out: ``header``, ``table``, ``method``, ``callout``, ``quotes``, ``journey-map``
    data : what it shows; anything JSON can say, and numbers and dates of NumPy and pandas
    text : the same in a line or two, for where nothing else can be shown
    landscape : whether it wants a page of its own across when printed
    """

    name: str
    data: Mapping[str, Any]
    text: str = ""
    landscape: bool = False

    def _repr_mimebundle_(self, **_: object) -> dict[str, Any]:
        data = as_json(self.data)
        bundle = {"block": self.name, "data": data, "landscape": self.landscape}
        return {MIME: bundle, "text/html": block_in_jupyterlab(self.name, data), "text/plain": self.text or f"{self.name} block"}


@dataclass(frozen=True)
class Finding:
    """One card under the headline: a number, what it says, how sure it is, and where on the page it comes from (``#id``)."""

    value: str
    text: str
    detail: str = ""
    href: str = ""


@dataclass(frozen=True)
class Column:
    """One column of a table.  ``kind`` is ``text``, ``number`` or ``share`` (0 to 1, drawn with a bar); ``align`` follows from it."""

    name: str
    label: str = ""
    kind: str = "text"
    align: str = ""
    digits: int | None = None
    unit: str = ""


@dataclass(frozen=True)
class Cell:
    """A value with the words it is shown as, a small line beneath (interval, n) and a link."""

    value: Any
    text: str = ""
    note: str = ""
    href: str = ""


@dataclass(frozen=True)
class QuoteLine:
    """Words of a participant, by pseudonym; ``where`` and ``time`` say in which conversation and when."""

    text: str
    who: str
    where: str = ""
    time: str = ""
    detail: str = ""

    @property
    def id(self) -> str:
        """The anchor of this quote: the same words of the same person at the same time have the same one in every report."""
        return quote_id(self.text, self.who, self.where, self.time)


def quote_id(text: str, who: str, where: str = "", time: str = "") -> str:
    """``q-`` and ten hexadecimal digits, made from the content."""
    return "q-" + sha256("\x1f".join((text, who, where, time)).encode()).hexdigest()[:10]


def clock(ms: int | None) -> str:
    """``04:12`` or ``1:04:12`` for a time in a recording; empty where it is not known."""
    if ms is None:
        return ""
    minutes, seconds = divmod(ms // 1000, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes:02}:{seconds:02}"


def header(
    title: str, *, kicker: str = "", lede: str = "", strong: str = "", findings: Iterable[Finding] = (), contents: str = "Summary"
) -> Block:
    """What a reader takes away in ten seconds: headline, a sentence (its end, ``strong``, in bold) and a card per finding.

    ``contents`` is what this block is called in the page's contents.
    """
    cards = [asdict(f) for f in findings]
    text = "\n".join([title, f"{lede} {strong}".strip(), *(f"{f['value']}: {f['text']}" for f in cards)])
    return Block(
        "header", {"title": title, "kicker": kicker, "lede": lede, "strong": strong, "findings": cards, "contents": contents}, text
    )


def table(rows: Any, columns: Sequence[Column | str] = (), *, caption: str = "", title: str = "", landscape: bool = False) -> Block:
    """A table that reads well on a phone, on paper and aloud, and can be sorted.

    Parameters
    ----------
    rows : one mapping per row, by column name, or a pandas frame; a value may be a :class:`Cell`, an
        :class:`~workbench.model.evidence.Estimate` or a ``Measured``, which then shows its interval and n
    columns : what to show, in order; all of the first row where left out
    """
    records = list(rows.to_dict("records") if hasattr(rows, "to_dict") else rows)
    chosen = [c if isinstance(c, Column) else Column(c) for c in columns or (records[0] if records else ())]
    by_column = [_cells([r.get(c.name) for r in records], c) for c in chosen]
    shown = [
        {"label": c.label or c.name, "kind": c.kind, "align": c.align or ("start" if c.kind == "text" else "end"), "unit": c.unit}
        for c in chosen
    ]
    data = {"title": title, "caption": caption, "columns": shown, "rows": [list(row) for row in zip(*by_column, strict=True)]}
    return Block("table", data, caption or title or f"Table of {len(records)} rows", landscape)


def method(paragraphs: str | Sequence[str], facts: Mapping[str, object] | None = None, *, title: str = "How this was made") -> Block:
    """How the report came about, and a line of facts that says from what: ``{"data": "9f2c…", "codebook": "v14"}``."""
    lines = [paragraphs] if isinstance(paragraphs, str) else list(paragraphs)
    pairs = [[key, str(value)] for key, value in (facts or {}).items()]
    text = "\n".join([title, *lines, " · ".join(f"{k} {v}" for k, v in pairs)]).strip()
    return Block("method", {"title": title, "paragraphs": lines, "facts": pairs}, text)


def callout(text: str, *, title: str, kind: str = "note") -> Block:
    """A remark that must not be missed; ``kind`` is ``note`` or ``warning``."""
    return Block("callout", {"kind": kind, "title": title, "paragraphs": text.split("\n\n")}, f"{title}: {text}")


def quotes(lines: Iterable[QuoteLine], *, title: str = "") -> Block:
    """What people said, each with a permanent address on the page."""
    said = [asdict(line) | {"id": line.id} for line in lines]
    return Block("quotes", {"title": title, "quotes": said}, "\n".join(f"“{q['text']}” {q['who']}" for q in said))


@cache
def environment() -> Environment:
    """Where the page's own templates come from; everything they are given is escaped."""
    made = Environment(loader=FileSystemLoader(PAGE_FOLDER), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    made.filters["href"] = safe_href
    return made


def is_block(name: object) -> bool:
    """Whether there is a template for a block of this name."""
    return isinstance(name, str) and re.fullmatch(r"[a-z]+(-[a-z]+)*", name) is not None and _template_file(name).is_file()


def render_block(name: str, data: Mapping[str, Any], outline: Outline) -> Markup:
    """The block as HTML for a page whose headings and anchors ``outline`` keeps."""
    template = environment().get_template(f"blocks/{_template_file(name).name}")
    return Markup(template.render(data=data, heading=outline.heading, anchor=outline.anchor, number=outline.number))  # noqa: S704


def block_in_jupyterlab(name: str, data: Mapping[str, Any]) -> str:
    """The block with a small style of its own, in JupyterLab's colours."""
    own = PAGE_FOLDER / f"{name.replace('-', '_')}.css"
    sheets = [PAGE_FOLDER / "blocks" / "jupyterlab.css", PAGE_FOLDER / "evidence.css", *([own] if own.is_file() else [])]
    style = "\n".join(sheet.read_text(encoding="utf-8") for sheet in sheets)
    return f'<div class="wb-block"><style>{style}</style>{render_block(name, data, Outline(counts=False))}</div>'


def safe_href(link: object) -> str:
    """``link`` when it leads to a place on the page, to a website or to a mailbox; otherwise nothing."""
    text = str(link or "").strip()
    return text if _LINK.fullmatch(text) else ""


def as_json(value: Any) -> Any:
    """Numbers, dates and containers of any library as JSON says them; what is not a number becomes ``None``."""
    if value is None or isinstance(value, str | bool):
        return str(value) if isinstance(value, str) else value
    if isinstance(value, Enum):
        return as_json(value.value)
    if isinstance(value, Mapping):
        return {str(k): as_json(v) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [as_json(v) for v in value]
    if isinstance(value, date):
        return "" if value != value else value.isoformat().removesuffix("T00:00:00")  # pandas' NaT is a date that is not itself
    if hasattr(value, "tolist"):
        return as_json(value.tolist())
    if isinstance(value, int | float):
        return value if math.isfinite(value) else None
    return "" if str(value) == "<NA>" else str(value)


def _template_file(name: str) -> Path:
    return PAGE_FOLDER / "blocks" / f"{name.replace('-', '_')}.html.j2"


def _cells(values: Sequence[Any], column: Column) -> list[dict[str, Any]]:
    """The cells of one column; its numbers have the same number of decimals."""
    cells = [_cell(v) for v in values]
    numbers = [c["value"] for c in cells if isinstance(c["value"], int | float)]
    digits = _digits(numbers) if column.digits is None else column.digits
    for cell in cells:
        cell["text"] = cell["text"] or _words(cell["value"], column, digits)
    return cells


def _cell(value: Any) -> dict[str, Any]:
    if isinstance(value, Measured):
        value = value.estimate
    if isinstance(value, Estimate):
        value = _estimate_cell(value)
    cell = value if isinstance(value, Cell) else Cell(value)
    return {"value": as_json(cell.value), "text": cell.text, "note": cell.note, "href": cell.href}


def _estimate_cell(estimate: Estimate) -> Cell:
    scale, sign, digits = (100, "\u00a0%", 0) if estimate.unit == "share" else (1, "", 1)
    low, value, high = (x * scale for x in (estimate.low, estimate.value, estimate.high))
    if low != high and _number(low, digits) == _number(high, digits):
        digits += 1
    interval = f"{_number(low, digits)} to {_number(high, digits)} · " if low != high else ""
    few = ", few" if estimate.small else ""
    note = f"{interval}n {estimate.n:,}{few}".replace(" ", "\u00a0").replace("\u00a0·\u00a0", " · ")
    return Cell(estimate.value, f"{_number(value, digits)}{sign}", note)


def _words(value: Any, column: Column, digits: int) -> str:
    if value is None or value == "":
        return "–"
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    if column.kind == "share":
        return f"{_number(value * 100, column.digits or 0)}\u00a0%"
    return f"{_number(value, digits)} {column.unit}".strip().replace(" ", "\u00a0")


def _digits(numbers: Sequence[float]) -> int:
    """As many decimals as the numbers have, up to two, and fewer where they are large."""
    largest = max(map(abs, numbers), default=0)
    most = 0 if largest >= 1000 else 1 if largest >= 100 else 2
    return next((d for d in range(most) if all(math.isclose(n, round(n, d), abs_tol=1e-9) for n in numbers)), most)


def _number(value: float, digits: int) -> str:
    return f"{value:,.{digits}f}".replace("-", "−")
