"""The numbers of a journey, stage by stage, beside what was wished for."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd
from altair.typing import ChartType

from workbench.charts.theme import (
    PERCENT,
    estimate_in_words,
    explained,
    n_in_words,
    nothing_yet,
    room,
    row_names,
    row_step,
    whole_intervals,
    width_of,
    wrapped,
)
from workbench.model import Journey, LaneKind, Measured

TITLE = "What was measured"
COLUMNS = ("stage", "measure", "segment", "value", "low", "high", "n", "of", "unit", "target", "source")
_NUMBERS = ["value", "low", "high", "target"]
_UNITS = {"share": "Share (%)", "points": "Points", "s": "Seconds", "valence": "Valence (−2 to +2)", "count": "Count"}
_PLOT_WIDTH, _LABEL_WIDTH, _STAGE_WIDTH = 250, 26, 15
_GUTTER = 24


def measures_table(journey: Journey) -> pd.DataFrame:
    """What was measured at each stage: what the measure lanes of the map hold.

    Returns
    -------
    One row per measure, stages in order: ``stage``, ``measure``, ``segment`` (names), ``value`` with ``low`` and ``high`` in
    ``unit`` (a share is 0 to 1), ``n`` and what it counts (``of``), ``target`` (NaN if none), ``source``.
    """
    lanes = [lane.name for lane in journey.lanes if lane.kind == LaneKind.MEASURE]
    rows = [
        _row(stage.name, measured)
        for stage in journey.stages
        for lane in lanes
        for statement in journey.cell(stage.id, lane).statements
        for measured in statement.measures
    ]
    return pd.DataFrame(rows, columns=list(COLUMNS)).astype(dict.fromkeys(_NUMBERS, float) | {"n": int})


def measures_chart(measures: pd.DataFrame | Journey, *, title: str = TITLE) -> ChartType:
    """Each measure with its interval and target.

    Parameters
    ----------
    measures : a journey, or the table :func:`measures_table` makes of it

    Returns
    -------
    Shares together on one axis from 0 to 100 %; every other measure in a panel of its own, in its own unit.
    """
    table = measures_table(measures) if isinstance(measures, Journey) else measures
    if table.empty:
        return nothing_yet(title)
    drawn = _drawn(table)
    stage_at = -(_GUTTER + width_of(drawn["label"]))
    left, right = width_of(drawn["heading"]) - stage_at, _PLOT_WIDTH + _GUTTER + width_of(drawn["said"])
    panels = [_panel(rows, stage_at, (left, right)) for _, rows in drawn.groupby("panel", sort=False)]
    return explained(alt.vconcat(*panels, spacing=26), title, _subtitle(drawn), _in_words(drawn))


def _row(stage: str, measured: Measured) -> tuple[Any, ...]:
    e = measured.estimate
    return (stage, measured.name, measured.segment, e.value, e.low, e.high, e.n, e.of, e.unit, measured.target, measured.source)


def _drawn(table: pd.DataFrame) -> pd.DataFrame:
    """The columns that are drawn: shares first, the rest by measure, each in the order of the stages."""
    rows = whole_intervals(table.astype(dict.fromkeys(_NUMBERS, float)).reset_index(drop=True))
    rows["name"] = [f"{m}, {s}" if s and pd.notna(s) else str(m) for m, s in zip(rows["measure"], rows["segment"], strict=True)]
    rows["label"] = _labels(rows)
    rows["panel"] = ["" if u == "share" else f"{m}, {u}" for m, u in zip(rows["measure"], rows["unit"], strict=True)]
    rows["said"] = [_said(row) for row in rows.itertuples()]
    rows = rows.sort_values("panel", key=lambda p: p.ne(""), kind="stable", ignore_index=True)
    rows["row"] = rows.groupby("panel").cumcount()
    new_stage = rows["stage"].ne(rows.groupby("panel")["stage"].shift())
    rows["heading"] = [wrapped(s, _STAGE_WIDTH, 2) if new else "" for s, new in zip(rows["stage"], new_stage, strict=True)]
    return rows


def _labels(rows: pd.DataFrame) -> list[str]:
    """The measure, and below it the group; a measure's further groups stand below it alone."""
    same = ["stage", "measure", "unit"]
    several = rows.groupby(same)["segment"].transform("nunique") > 1
    first = ~rows.duplicated(same)
    labels = []
    for row, split, begins in zip(rows.itertuples(), several, first, strict=True):
        group = [str(row.segment).split(" = ")[-1]] if split else []
        name = [wrapped(str(row.measure), _LABEL_WIDTH, 2)] if begins or not split else []
        labels.append("\n".join([*name, *group]))
    return labels


def _said(row: Any) -> str:
    return f"{estimate_in_words(row.value, row.low, row.high, row.unit)} · {n_in_words(row.n)}"


def _panel(rows: pd.DataFrame, stage_at: float, ends: tuple[float, float]) -> ChartType:
    unit = str(rows["unit"].iloc[0])
    drawn = rows[["row", "heading", "label", *_NUMBERS, "said"]].rename(columns={"heading": "stage", "label": "measure"})
    base = alt.Chart(drawn).encode(y=alt.Y("row:O", axis=None))
    layers = [
        room(base, *ends),
        base.mark_rule(strokeWidth=2).encode(x=_axis("low", rows, unit), x2="high:Q"),
        base.mark_point(size=80).encode(x=_axis("value", rows, unit)),
        base.mark_tick(height=18).encode(x=_axis("target", rows, unit)),
        base.mark_text(align="left", dx=12).encode(x=alt.value(_PLOT_WIDTH), text="said:N"),
        row_names(base, "measure"),
        row_names(base, "stage", at=stage_at, fontWeight=600),
    ]
    height = row_step([*rows["label"], *rows["heading"]], gap=12)
    return alt.layer(*layers, width=_PLOT_WIDTH, height=height)


def _axis(column: str, rows: pd.DataFrame, unit: str) -> alt.X:
    axis = alt.Axis(tickCount=4, labelExpr=PERCENT if unit == "share" else alt.Undefined)
    return alt.X(f"{column}:Q", scale=_scale(rows, unit), axis=axis, title=_UNITS.get(unit, unit))


def _scale(rows: pd.DataFrame, unit: str) -> alt.Scale:
    """The whole scale where the numbers tell it, so that a narrow interval is not blown up: a share, NPS, SUS."""
    numbers = rows[_NUMBERS]
    lowest, highest = numbers.min().min(), numbers.max().max()
    if unit == "share":
        return alt.Scale(domain=[0, 1])
    if unit == "points" and lowest >= -100 and 10 < highest <= 100:
        return alt.Scale(domain=[-100 if lowest < 0 else 0, 100])
    return alt.Scale(domain=[-2, 2]) if unit == "valence" else alt.Scale(zero=True, nice=True)


def _subtitle(rows: pd.DataFrame) -> str:
    return "With 95 % interval" + ("; upright mark: target" if rows["target"].notna().any() else "")


def _in_words(rows: pd.DataFrame) -> str:
    return f"What was measured at each stage, with 95 % interval. {'; '.join(_measure_in_words(r) for r in rows.itertuples())}."


def _measure_in_words(row: Any) -> str:
    target = "" if pd.isna(row.target) else f", target {row.target * 100:.0f} %" if row.unit == "share" else f", target {row.target:g}"
    return f"{row.stage}: {row.name} {row.said}{target}"
