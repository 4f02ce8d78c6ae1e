"""How many new codes each interview brought."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd
from altair.typing import ChartType

from workbench.charts.theme import ACCENT, LINES, SOFT, WIDTH, explained, nothing_yet, one_each, wrapped

TITLE = "New codes in each interview"
_LABEL_WIDTH = 10


def saturation_chart(table: pd.DataFrame, *, title: str = TITLE) -> ChartType:
    """New codes of each interview as bars, and all codes so far as a line above them.

    Parameters
    ----------
    table : one row per interview in the order they were held, as from ``code_saturation``: ``transcript``, ``n_new``, ``n_seen``; and
        where known ``held``, a day
    """
    if table.empty:
        return nothing_yet(title, "No interview is coded yet")
    drawn = _drawn(table)
    base = alt.Chart(drawn).encode(x=_interviews(drawn))
    layers = [
        base.mark_bar(color=ACCENT, width={"band": 0.55}).encode(y=_codes("n_new")),
        base.mark_line(color=SOFT, strokeWidth=1.5).encode(y=_codes("n_seen")),
        base.mark_point(color=SOFT, size=40).encode(y=_codes("n_seen")),
        base.mark_text(dy=-9).encode(y=_codes("n_new"), text="new:N"),
        base.mark_text(dy=-11, color=SOFT).encode(y=_codes("n_seen"), text="seen:N"),
    ]
    chart = alt.layer(*layers, width=WIDTH, height=220)
    return explained(chart, title, "Bars: codes that nobody had used in an earlier interview; line: codes so far", _in_words(table))


def _drawn(table: pd.DataFrame) -> pd.DataFrame:
    names = one_each(wrapped(name, _LABEL_WIDTH, 2) for name in table["transcript"])
    days = table["held"] if "held" in table else [None] * len(table)
    labels = [name if pd.isna(day) else f"{name}\n{day:%-d %b}" for name, day in zip(names, days, strict=True)]
    grew, last = table["n_new"].gt(0) & table["n_seen"].ne(table["n_new"]), table.index == table.index[-1]
    said = {"new": table["n_new"].astype(str), "seen": table["n_seen"].astype(str).where(grew | last, "")}
    return table.assign(label=labels, **said)[["label", "n_new", "n_seen", "new", "seen"]]


def _interviews(drawn: pd.DataFrame) -> alt.X:
    return alt.X("label:N", sort=list(drawn["label"]), title=None, axis=alt.Axis(labelExpr=LINES, labelAngle=0))


def _codes(column: str) -> alt.Y:
    return alt.Y(f"{column}:Q", title="Codes", axis=alt.Axis(tickMinStep=1, tickCount=5))


def _in_words(table: pd.DataFrame) -> str:
    said = "; ".join(_interview_in_words(row) for row in table.itertuples())
    return f"Codes that appear for the first time in each interview, in the order they were held, and codes so far. {said}."


def _interview_in_words(row: Any) -> str:
    return f"{row.transcript}: {row.n_new} new, {row.n_seen} so far"
