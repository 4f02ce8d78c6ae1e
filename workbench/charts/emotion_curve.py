"""How the journey feels, stage by stage."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd
from altair.typing import ChartType

from workbench.charts.theme import (
    BAND_OPACITY,
    CATEGORIES,
    INK,
    LINE,
    LINE_HEIGHT,
    LINES,
    NEG,
    POS,
    SHAPES,
    SOFT,
    WIDTH,
    estimate_in_words,
    explained,
    n_in_words,
    nothing_yet,
    one_each,
    signed,
    whole_intervals,
    wrapped,
)
from workbench.model import Feeling, Journey

TITLE = "How each stage feels"
COLUMNS = ("series", "stage", "mean", "low", "high", "n", "hand_set")
_STAGE_WIDTH, _LETTER_WIDTH, _DODGE = 84, 7, 10
_SIGNS = {"pleasant": POS, "unpleasant": NEG, "neither": SOFT}


def feelings_table(*journeys: Journey) -> pd.DataFrame:
    """How the stages of one or several journeys feel.

    Returns
    -------
    One row per stage and journey, stages in order: ``series`` (persona, segment or title; only with several journeys),
    ``stage`` (name), ``mean``, ``low``, ``high`` (valence -2 to +2; NaN where nobody's feeling was coded), ``n`` (participants),
    ``hand_set`` (somebody's own value, else NaN).
    """
    names = one_each(j.persona or j.segment or j.title for j in journeys)
    rows = [
        (name, stage, *_numbers(journey.feeling(id)))
        for name, journey in zip(names, journeys, strict=True)
        for id, stage in zip((s.id for s in journey.stages), one_each(s.name for s in journey.stages), strict=True)
    ]
    table = pd.DataFrame(rows, columns=list(COLUMNS)).astype({"mean": float, "low": float, "high": float, "n": int, "hand_set": float})
    return table if len(journeys) > 1 else table.drop(columns="series")


def emotion_curve_chart(feelings: pd.DataFrame, *, title: str = TITLE) -> ChartType:
    """The mean feeling of each stage as a smooth curve with its interval.

    Parameters
    ----------
    feelings : one row per stage and series, stages in order, as from :func:`feelings_table`: ``stage``, ``mean``, ``low``, ``high``
        (valence -2 to +2), ``n`` (participants), and where wanted ``series`` (a persona or segment) and ``hand_set``

    Returns
    -------
    A curve, band and points coloured by sign, grey where the interval holds zero; a stage without a mean is a gap, a value set by hand a hollow mark.
    """
    if feelings.empty:
        return nothing_yet(title)
    table = _drawn(feelings)
    stages = list(dict.fromkeys(table["stage"]))
    width = max(WIDTH, _STAGE_WIDTH * len(stages))
    several = table["series"].nunique() > 1
    base = alt.Chart(table[["series", "stage", "mean", "low", "high", "hand_set", "feels"]]).encode(x=_stage_axis(stages))
    layers = _side_by_side(base, table, width / len(stages)) if several else _alone(base)
    chart = alt.layer(*layers, *_hand_set(base, table), width=width, height=220)
    return explained(chart, title, _subtitle(table, several=several), _in_words(table))


def _numbers(feeling: Feeling) -> tuple[float | None, float | None, float | None, int, float | None]:
    e = feeling.estimate
    return (e.value, e.low, e.high, e.n, feeling.hand_set) if e else (None, None, None, 0, feeling.hand_set)


def _drawn(feelings: pd.DataFrame) -> pd.DataFrame:
    """The columns that are drawn, and each stage's name with its numbers below it."""
    table = feelings.reindex(columns=list(COLUMNS)).astype({"mean": float, "low": float, "high": float, "hand_set": float})
    table = whole_intervals(table)
    table["series"] = table["series"].map(lambda name: "everyone" if pd.isna(name) else str(name))
    table["n"] = table["n"].fillna(0)
    table["name"] = table["stage"].astype(str)
    labels = {name: _stage_label(name, rows, table["name"].nunique()) for name, rows in table.groupby("name", sort=False)}
    table["stage"] = table["name"].map(dict(zip(labels, one_each(labels.values()), strict=True)))
    table["feels"] = [_feels(*row) for row in zip(table["mean"], table["low"], table["high"], strict=True)]
    return table


def _feels(mean: float, low: float, high: float) -> str:
    """``neither`` where the interval holds zero, as on the page of the map."""
    return "neither" if not mean or low <= 0 <= high else "pleasant" if mean > 0 else "unpleasant"


def _stage_label(name: object, rows: pd.DataFrame, n_stages: int) -> str:
    width = max(_STAGE_WIDTH, WIDTH // max(n_stages, 1)) // _LETTER_WIDTH
    heading = wrapped(name, width)
    if len(rows) > 1:
        return f"{heading}\nn {' · '.join(f'{n:,.0f}' for n in rows['n'])}"
    row = rows.iloc[0]
    return f"{heading}\nno data" if pd.isna(row["mean"]) else f"{heading}\n{signed(row['mean'])}\n{n_in_words(row['n'])}"


def _stage_axis(stages: list[str]) -> alt.X:
    return alt.X(
        "stage:O",
        sort=stages,
        title=None,
        scale=alt.Scale(type="band", padding=0),
        axis=alt.Axis(labelExpr=LINES, labelAngle=0, labelLineHeight=LINE_HEIGHT),
    )


def _valence(column: str) -> alt.Y:
    zero = alt.condition("datum.value == 0", alt.value(SOFT), alt.value(LINE))
    sign = "datum.value == 0 ? '0' : format(datum.value, '+d')"
    axis = alt.Axis(values=[-2, -1, 0, 1, 2], labelExpr=sign, gridColor=zero)
    return alt.Y(
        f"{column}:Q", scale=alt.Scale(domain=[-2, 2]), axis=axis, title=["Mean coded valence", "−2 very unpleasant, +2 very pleasant"]
    )


def _alone(base: alt.Chart) -> list[alt.Chart]:
    signs = alt.Scale(domain=list(_SIGNS), range=list(_SIGNS.values()))
    return [*_curve(base), base.mark_point(size=110).encode(y=_valence("mean"), color=alt.Color("feels:N", scale=signs, legend=None))]


def _side_by_side(base: alt.Chart, table: pd.DataFrame, stage_width: float) -> list[alt.Chart]:
    """Several curves, a little apart; their colour tells the series, so the sign is told by the zero line alone."""
    middle, names = stage_width / 2, list(dict.fromkeys(table["series"]))
    apart = alt.XOffset("series:N", sort=None, scale=alt.Scale(range=[middle - _DODGE, middle + _DODGE]))
    # With one domain written out for both, Vega-Lite draws one key.
    colour = alt.Color("series:N", scale=alt.Scale(domain=names, range=list(CATEGORIES)), title=None)
    shape = alt.Shape("series:N", scale=alt.Scale(domain=names, range=list(SHAPES)), title=None)
    base = base.encode(xOffset=apart, color=colour)
    return [*_curve(base), base.mark_point(size=110).encode(y=_valence("mean"), shape=shape)]


def _curve(base: alt.Chart) -> list[alt.Chart]:
    ends = {"y": _valence("low"), "y2": "high:Q"}
    return [
        base.mark_area(interpolate="monotone", opacity=BAND_OPACITY).encode(**ends),
        base.mark_rule(strokeWidth=1.5, opacity=0.6).encode(**ends),
        base.mark_line(interpolate="monotone").encode(y=_valence("mean")),
    ]


def _hand_set(base: alt.Chart, table: pd.DataFrame) -> list[alt.Chart]:
    if table["hand_set"].isna().all():
        return []
    return [base.mark_point(filled=False, shape="diamond", size=110, strokeWidth=1.5, stroke=INK).encode(y=_valence("hand_set"))]


def _subtitle(table: pd.DataFrame, *, several: bool) -> str:
    parts = ["Mean over participants with its 95 % interval", *(["n in the order of the key"] if several else [])]
    if table["hand_set"].notna().any():
        parts.append("hollow: set by hand, not coded")
    return "; ".join(parts)


def _in_words(table: pd.DataFrame) -> str:
    several = table["series"].nunique() > 1
    said = [
        f"{f'{series}: ' if several else ''}{'; '.join(_stage_in_words(row) for row in rows.itertuples())}"
        for series, rows in table.groupby("series", sort=False)
    ]
    return f"Mean coded valence from −2 to +2 by stage, with 95 % interval over participants. {'. '.join(said)}."


def _stage_in_words(row: Any) -> str:
    by_hand = "" if pd.isna(row.hand_set) else f", {signed(row.hand_set)} set by hand"
    if pd.isna(row.mean):
        return f"{row.name} no data{by_hand}"
    return f"{row.name} {estimate_in_words(row.mean, row.low, row.high, 'valence')}, {n_in_words(row.n)}{by_hand}"
