"""Measures from week to week, month to month or wave to wave."""

from __future__ import annotations

from math import inf
from typing import Any

import altair as alt
import pandas as pd
from altair.typing import ChartType

from workbench.charts.theme import (
    ACCENT,
    BAND_OPACITY,
    INK,
    PERCENT,
    SOFT,
    estimate_in_words,
    explained,
    n_in_words,
    nothing_yet,
    whole_intervals,
    wrapped,
)

TITLE = "How the measures moved"
_PANEL, _HEIGHT, _COLUMNS = 270, 120, 2
_UNITS = {"share": "Share (%)", "s": "Seconds"}
_MOST_LABELS = 5


def trend_chart(trends: pd.DataFrame, *, title: str = TITLE) -> ChartType:
    """Each measure over time in a panel of its own, with its interval and its target.

    Parameters
    ----------
    trends : one row per measure and period, in order: ``measure``, ``period`` (its name), ``value`` with ``low`` and ``high`` in ``unit``
        (a share is 0 to 1), ``n``, ``target`` (NaN if none), ``note`` (below the measure's name)
    """
    if trends.empty:
        return nothing_yet(title, "Not over time yet")
    table = whole_intervals(trends.astype(dict.fromkeys(("value", "low", "high", "target"), float)).reset_index(drop=True))
    panels = [_panel(str(name), rows) for name, rows in table.groupby("measure", sort=False)]
    chart = alt.concat(*panels, columns=_COLUMNS, spacing=30)
    target = "; dashed: target" if table["target"].notna().any() else ""
    return explained(chart, title, f"With 95 % interval{target}; each panel on a scale of its own", _in_words(table))


def _panel(name: str, rows: pd.DataFrame) -> ChartType:
    unit, periods = str(rows["unit"].iloc[0]), list(rows["period"])
    base = alt.Chart(rows[["period", "value", "low", "high", "target", "n"]]).encode(x=_periods(periods))
    layers = [
        base.mark_area(opacity=BAND_OPACITY).encode(y=_axis("low", rows, unit), y2="high:Q"),
        base.mark_rule(color=ACCENT, strokeWidth=1, opacity=0.5).encode(y=_axis("low", rows, unit), y2="high:Q"),
        base.mark_line(color=INK, strokeWidth=1.5, strokeDash=[5, 4]).encode(y=_axis("target", rows, unit)),
        base.mark_line().encode(y=_axis("value", rows, unit)),
        base.mark_point(size=45).encode(y=_axis("value", rows, unit)),
    ]
    note = str(rows["note"].iloc[0])
    subtitle = wrapped(note, 44, 2).split("\n") if note else []
    heading = alt.Title(wrapped(name, 36, 2).split("\n"), subtitle=subtitle, fontSize=13, subtitleFontSize=12, frame="group", offset=8)
    return alt.layer(*layers, width=_PANEL, height=_HEIGHT, title=heading)


def _periods(names: list[str]) -> alt.X:
    step = -(-len(names) // _MOST_LABELS)
    axis = alt.Axis(labelAngle=0, values=names[::step], labelColor=SOFT, labelFontSize=11, labelOverlap=True)
    return alt.X("period:O", sort=names, title=None, scale=alt.Scale(type="point", padding=0.3), axis=axis)


def _axis(column: str, rows: pd.DataFrame, unit: str) -> alt.Y:
    ends = rows[["value", "low", "high", "target"]].replace([inf, -inf], float("nan"))
    scale = alt.Scale(domain=_domain(float(ends.min().min()), float(ends.max().max()), unit), nice=unit != "share", zero=False)
    axis = alt.Axis(tickCount=4, labelExpr=PERCENT if unit == "share" else alt.Undefined)
    return alt.Y(f"{column}:Q", scale=scale, axis=axis, title=_UNITS.get(unit, unit[:1].upper() + unit[1:]))


def _domain(lowest: float, highest: float, unit: str) -> list[float]:
    """A share from 0 to 1, so that a narrow interval is not blown up; else what the intervals span, and some room."""
    if unit == "share":
        return [0, 1]
    room = 0.1 * (highest - lowest) or 1
    return [lowest - room, highest + room]


def _in_words(table: pd.DataFrame) -> str:
    parts = [f"{name}: {', '.join(_point(row) for row in rows.itertuples())}" for name, rows in table.groupby("measure", sort=False)]
    return f"Each measure over time, with 95 % interval. {'; '.join(parts)}."


def _point(row: Any) -> str:
    return f"{row.period} {estimate_in_words(row.value, row.low, row.high, row.unit)} {n_in_words(row.n)}"
