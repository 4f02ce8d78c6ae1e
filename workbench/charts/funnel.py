"""How many go on from step to step."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd
from altair.typing import ChartType

from workbench.charts.theme import (
    ACCENT,
    INK,
    LINE,
    PANELS_A_ROW,
    PERCENT,
    WIDTH,
    duration_in_words,
    estimate_in_words,
    explained,
    group_column,
    nothing_yet,
    one_each,
    panel_title,
    panel_width,
    room,
    row_names,
    row_step,
    width_of,
    wrapped,
)

TITLE = "How many go on from step to step"
_COLUMNS = ["step", "n", "share_of_first", "share_of_previous", "low", "high", "share_of_first_low", "share_of_first_high", "median_s"]
_KEY_TO_WORDS = "Users · share of the step before (95 % interval) · median time from there"
_LABEL_WIDTH, _LABELS, _BAR = 24, 180, 14


def funnel_chart(funnel: pd.DataFrame, *, title: str = TITLE) -> ChartType:
    """What is left of the users of the first step at each later one.

    Parameters
    ----------
    funnel : one row per step in order, as from ``EventLog.funnel``: ``step``, ``n`` (users), ``share_of_first``,
        ``share_of_previous`` with ``low`` and ``high`` (0 to 1), ``median_s`` (from the step before).
        A first column of another name groups: one panel per value, side by side

    Returns
    -------
    A bar per step over a pale bar of the step before, so that what is pale was lost here.  Above it: users, conversion with
    its interval, median time; the line under its end is that interval.
    """
    if funnel.empty:
        return nothing_yet(title)
    group = group_column(funnel, _COLUMNS)
    table = _drawn(funnel, group)
    panels = [_panel(table, name, first=i % PANELS_A_ROW == 0) for i, name in enumerate(dict.fromkeys(table["group"]))]
    chart = panels[0] if group is None else alt.concat(*panels, columns=PANELS_A_ROW, spacing=28)
    counted = str(funnel.attrs.get("counted", ""))
    return explained(chart, title, [_KEY_TO_WORDS, counted[:1].upper() + counted[1:]], _in_words(table, counted))


def _drawn(funnel: pd.DataFrame, group: str | None) -> pd.DataFrame:
    table = funnel.reindex(columns=[*([group] if group else []), *_COLUMNS]).reset_index(drop=True)
    table["group"] = table[group].astype(str) if group else ""
    by_group = table.groupby("group", sort=False)
    place = by_group.cumcount()
    longest = table.loc[table["group"] == by_group.size().idxmax(), "step"]
    labels = one_each(wrapped(step, _LABEL_WIDTH, 2) for step in longest)
    table["name"], table["step"] = table["step"].astype(str), place.map(dict(enumerate(labels)))
    before = by_group["share_of_first"].shift()
    table["before"], table["from"], table["to"] = before, before * table["low"], before * table["high"]
    table["said"] = [_said(row) for row in table.itertuples()]
    return table.drop(columns=[c for c in (group, "share_of_first_low", "share_of_first_high") if c and c != "group"])


def _said(row: Any) -> str:
    """``296 · 52 % (48 to 56) · 5:10 min``."""
    parts = [f"{row.n:,.0f}"]
    if pd.notna(row.share_of_previous):
        parts.append(estimate_in_words(row.share_of_previous, row.low, row.high, "share"))
    if pd.notna(row.median_s):
        parts.append(duration_in_words(row.median_s))
    return " · ".join(parts)


def _panel(table: pd.DataFrame, group: str, *, first: bool) -> ChartType:
    steps = list(dict.fromkeys(table["step"]))
    width = panel_width(WIDTH - _LABELS, table["group"].nunique(), narrowest=200)
    rows = table.loc[table["group"] == group, ["step", "share_of_first", "before", "from", "to", "said"]]
    base = alt.Chart(rows).encode(y=alt.Y("step:N", axis=None, scale=alt.Scale(domain=steps)))
    layers = [
        room(base, 12 + width_of(steps) if first else 0, max(width, width_of(table["said"]))),
        base.mark_bar(size=_BAR, yOffset=_BAR / 2, color=LINE).encode(x=_share("before")),
        base.mark_bar(size=_BAR, yOffset=_BAR / 2, color=ACCENT).encode(x=_share("share_of_first")),
        base.mark_rule(yOffset=_BAR + 4, color=INK, strokeWidth=2).encode(x=_share("from"), x2="to:Q"),
        base.mark_text(align="left", dy=-_BAR / 2 - 2).encode(x=alt.value(0), text="said:N"),
        *([row_names(base, "step")] if first else []),
    ]
    return alt.layer(*layers, width=width, height=row_step(steps, gap=38), title=panel_title(group))


def _share(column: str) -> alt.X:
    axis = alt.Axis(labelExpr=PERCENT, tickCount=4, grid=False)
    return alt.X(f"{column}:Q", scale=alt.Scale(domain=[0, 1]), axis=axis, title="Share of users of the first step (%)")


def _in_words(table: pd.DataFrame, counted: str) -> str:
    said = [_steps_in_words(str(group), rows) for group, rows in table.groupby("group", sort=False)]
    how = f" {counted.rstrip('.')}." if counted else ""
    return f"Users at each step, conversion from the step before with 95 % interval, median time.{how} {'. '.join(said)}."


def _steps_in_words(group: str, rows: pd.DataFrame) -> str:
    steps = "; ".join(f"{row.name} {row.said}" for row in rows.itertuples())
    return f"{group}: {steps}" if group else steps
