"""The look that all charts share: fixed colours that a report maps to its own, and how labels and numbers are written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from math import inf, isfinite
from textwrap import wrap
from typing import Any
from unicodedata import east_asian_width

import altair as alt
import pandas as pd
from altair.typing import ChartType

from workbench.model import FEW

# A static SVG follows light, dark and print because the HTML exporter knows these values and maps each to a CSS variable.
INK, SOFT, LINE = "#1d2129", "#5c6470", "#e3e0da"
ACCENT, POS, NEG = "#3d5a98", "#0f766e", "#b4432d"
GOLD, SKY, EARTH = "#a16a08", "#3a86b8", "#8b5e4c"
TRANSPARENT = "transparent"

#: For series: any two stay apart under deuteranopia, protanopia and tritanopia (a test simulates them).
CATEGORIES = (ACCENT, GOLD, POS, NEG, SKY, EARTH, INK)
SHAPES = ("circle", "diamond", "triangle-up", "triangle-down", "square", "cross", "triangle-right")
DIVERGING = (NEG, LINE, POS)

WIDTH = 640
PANELS_A_ROW = 3
BAND_OPACITY = 0.14
LINE_HEIGHT = 15
_TITLE_WIDTH, _SUBTITLE_WIDTH = 60, 84
# Of a letter at 12 pixels, in the widest font that stands behind system-ui (DejaVu Sans); Vega measures with another.
_LETTER = 6.9
FONT = "ui-sans-serif, system-ui, 'Segoe UI', Roboto, 'Helvetica Neue', sans-serif"

#: Labels carry their line breaks; the axis splits them again.
LINES = "split(datum.label, '\\n')"
PERCENT = "format(100 * datum.value, '.0f')"
_MINUS = str.maketrans("-", "−")
_MINUTE, _HOUR, _DAY = 60, 3_600, 86_400


@alt.theme.register("workbench", enable=False)
def workbench_theme() -> alt.theme.ThemeConfig:
    """Quiet axes, type that can be read in print, and the fixed colours."""
    axis = {
        "domain": False,
        "ticks": False,
        "gridColor": LINE,
        "labelColor": SOFT,
        "labelFontSize": 12,
        "labelLimit": 0,
        "labelPadding": 8,
        "titleColor": SOFT,
        "titleFontSize": 12,
        "titleFontWeight": "normal",
        "titlePadding": 10,
        "titleLimit": 0,
    }
    key = {"labelColor": INK, "labelFontSize": 12, "labelLimit": 0, "titleColor": SOFT, "titleFontSize": 12, "titleFontWeight": "normal"}
    config: dict[str, Any] = {
        "background": TRANSPARENT,
        "font": FONT,
        "padding": 8,
        "view": {"stroke": None, "continuousWidth": WIDTH, "discreteWidth": WIDTH, "continuousHeight": 240},
        "title": {
            "anchor": "start",
            "frame": "bounds",
            "color": INK,
            "fontSize": 16,
            "fontWeight": 600,
            "offset": 14,
            "subtitleColor": SOFT,
            "subtitleFontSize": 12.5,
            "subtitlePadding": 6,
            "limit": 0,
        },
        "axis": axis,
        "axisBand": {"grid": False, "labelColor": INK},
        "axisPoint": {"grid": False, "labelColor": INK},
        "legend": {**key, "orient": "top", "symbolSize": 90, "symbolStrokeWidth": 0, "symbolOpacity": 1, "columnPadding": 18, "offset": 12},
        "header": {**key, "labelFontWeight": 600, "labelAnchor": "start", "title": None},
        "mark": {"color": ACCENT},
        "bar": {"color": ACCENT},
        "line": {"color": ACCENT, "strokeWidth": 2.5, "strokeJoin": "round", "strokeCap": "round"},
        "area": {"color": ACCENT, "opacity": BAND_OPACITY},
        "point": {"color": ACCENT, "filled": True, "size": 90, "opacity": 1},
        "rule": {"color": SOFT},
        "tick": {"color": INK, "thickness": 2},
        "text": {"color": INK, "fontSize": 12},
        "range": {"category": list(CATEGORIES), "diverging": list(DIVERGING), "heatmap": [LINE, ACCENT], "ramp": [LINE, ACCENT]},
    }
    return {"config": config}  # type: ignore[typeddict-item]


def nothing_yet(title: str, what: str = "No data yet") -> alt.Chart:
    """What a chart function returns for an empty table."""
    data = pd.DataFrame({"message": [what]})
    text = alt.Chart(data).mark_text(color=SOFT, fontSize=14).encode(text="message:N")
    chart: alt.Chart = text.properties(title=title, width=WIDTH, height=80, description=f"{title}: {what.lower()}.")
    return chart


def explained(chart: ChartType, title: str, subtitle: str | Sequence[str], description: str) -> ChartType:
    """``chart`` with its heading and the text for those who cannot see it."""
    below = [line for text in ([subtitle] if isinstance(subtitle, str) else subtitle) for line in wrap(text, _SUBTITLE_WIDTH)]
    return chart.properties(title=alt.Title(wrap(title, _TITLE_WIDTH), subtitle=below), description=description)


def panel_width(total: int, n_panels: int, narrowest: int) -> int:
    """The width of one panel when they stand side by side."""
    return max(total // min(n_panels, PANELS_A_ROW), narrowest)


def panel_title(group: str) -> Any:
    """The heading of one panel among several; none when there is one."""
    if not group:
        return alt.Undefined
    return alt.Title(wrapped(group, 28).split("\n"), fontSize=13, frame="group", offset=6)


def wrapped(text: object, width: int = 26, lines: int = 3) -> str:
    """``text`` on at most ``lines`` lines of ``width`` characters, joined by line breaks."""
    return "\n".join(wrap(" ".join(str(text).split()), width, max_lines=lines, placeholder=" …")) or "(no name)"


def row_names(base: alt.Chart, column: str, *, at: float = -12, **look: Any) -> alt.Chart:
    """The names of the rows, right-aligned ``at`` a place beside the picture and each centred on its row.

    An axis would centre the first line only, and let the others run into the next row.
    """
    rise = alt.expr(f"-{LINE_HEIGHT / 2:g} * (length(split(datum.{column}, '\\n')) - 1)")
    text = base.mark_text(align="right", baseline="middle", dy=rise, lineBreak="\n", lineHeight=LINE_HEIGHT, **look)
    named: alt.Chart = text.encode(x=alt.value(at), text=f"{column}:N")
    return named


def room(base: alt.Chart, left: float, right: float) -> alt.Chart:
    """Nothing to see: room from ``-left`` to ``right`` of the picture, for words that are wider in the reader's font."""
    nothing: alt.Chart = base.mark_rule(opacity=0, aria=False).encode(x=alt.value(-left), x2=alt.value(right))
    return nothing


def width_of(labels: Iterable[str]) -> float:
    """Pixels that the longest line takes in any reader's font; wide letters count twice."""
    lines = (line for label in labels for line in label.split("\n"))
    return _LETTER * max((sum(1 + (east_asian_width(letter) in "WF") for letter in line) for line in lines), default=0)


def row_step(labels: Iterable[str], gap: int = 9) -> alt.Step:
    """The height of a row that holds the tallest of its names."""
    return alt.Step(LINE_HEIGHT * max((label.count("\n") + 1 for label in labels), default=1) + gap)


def one_each(labels: Iterable[str]) -> list[str]:
    """The labels, with a number after each repetition: an axis draws equal labels on one place."""
    seen: Counter[str] = Counter()
    taken: set[str] = set()
    unique = []
    for label in labels:
        seen[label] += 1
        new = label if seen[label] == 1 else f"{label} ({seen[label]})"
        while new in taken:
            seen[label] += 1
            new = f"{label} ({seen[label]})"
        taken.add(new)
        unique.append(new)
    return unique


def whole_intervals(table: pd.DataFrame) -> pd.DataFrame:
    """``table`` with neither end of an interval where one is unknown or infinite: Vega would draw the other as far as zero."""
    known = table[["low", "high"]].abs().lt(inf).all(axis=1)
    return table.assign(low=table["low"].where(known), high=table["high"].where(known))


def group_column(table: pd.DataFrame, known: Iterable[str]) -> str | None:
    """The first column, when it is none of the known ones: analysis puts what it grouped by there."""
    first = str(table.columns[0])
    return None if first in set(known) else first


def percent(share: float, digits: int = 0) -> str:
    """``52 %``."""
    return f"{100 * share:.{digits}f} %".translate(_MINUS)


def signed(value: float, digits: int = 1) -> str:
    """``+0.6``, ``−1.3``, ``0.0``."""
    text = f"{value:+.{digits}f}"
    return text[1:] if float(text) == 0 else text.translate(_MINUS)


def n_in_words(n: float) -> str:
    """``n 12``, or ``only n 5``: few is said aloud."""
    return f"only n {n:,.0f}" if n < FEW else f"n {n:,.0f}"


def estimate_in_words(value: float, low: float, high: float, unit: str) -> str:
    """``52 % (48 to 56)``, ``+0.6 (+0.1 to +1.0)``, ``310 s (200 to 480)``, with as many digits as the interval deserves."""
    if not isfinite(value):
        return "not known"
    known = isfinite(low) and isfinite(high)
    digits = _digits((high - low) * (100 if unit == "share" else 1) if known else inf, unit)
    if not known:
        return f"{_written(value, unit, digits)} (no interval)"
    low_text, high_text = (_written(x, unit, digits).removesuffix(" %").removesuffix(" s") for x in (low, high))
    return f"{_written(value, unit, digits)} ({low_text} to {high_text})"


def duration_in_words(seconds: float) -> str:
    """``45 s``, ``5:10 min``, ``3.2 h``, ``2.1 days``."""
    whole = round(seconds)
    if whole < 2 * _MINUTE:
        return f"{seconds:.0f} s"
    if whole < 2 * _HOUR:
        return f"{whole // _MINUTE}:{whole % _MINUTE:02d} min"
    return f"{seconds / _HOUR:.1f} h" if whole < 2 * _DAY else f"{seconds / _DAY:.1f} days"


def _digits(spread: float, unit: str) -> int:
    if unit == "valence":
        return 1
    return 0 if spread >= (3 if unit == "share" else 20) else 1


def _written(value: float, unit: str, digits: int) -> str:
    if unit == "share":
        return percent(value, digits)
    if unit == "valence":
        return signed(value, digits)
    return f"{value:,.{digits}f}{' s' if unit == 's' else ''}".translate(_MINUS)
