"""Every answer to every scale question."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd
from altair.typing import ChartType

from workbench.charts.theme import (
    ACCENT,
    LINE,
    SOFT,
    estimate_in_words,
    explained,
    n_in_words,
    nothing_yet,
    one_each,
    panel_title,
    room,
    row_names,
    width_of,
    wrapped,
)

TITLE = "What was answered"
_PLOT_WIDTH, _ROW, _TALLEST, _LABEL_WIDTH = 300, 52, 36, 30


def answers_chart(distribution: pd.DataFrame, *, title: str = TITLE) -> ChartType:
    """For each question a row of bars: the share that gave each answer.

    Parameters
    ----------
    distribution : one row per question and point of its scale, as from ``answer_distribution``: ``question``, ``scale`` ("1 to 5"),
        ``answer``, ``n`` of ``n_of``, ``share`` (0 to 1), and the question's ``mean`` with ``low`` and ``high``

    Returns
    -------
    A panel for each scale; in it all bars have the same measure, the tallest with its share beside it.
    """
    if distribution.empty:
        return nothing_yet(title, "No scale questions yet")
    table = distribution.assign(label=distribution["question"].map(_labels(distribution["question"])))
    several = table["scale"].nunique() > 1
    most = float(table["share"].max())
    panels = [_panel(rows, f"Scale {scale}" if several else "", table, most) for scale, rows in table.groupby("scale", sort=False)]
    chart = alt.vconcat(*panels, spacing=26)
    return explained(chart, title, "Share of those who answered the question; all bars to the same measure", _in_words(table))


def _labels(questions: pd.Series) -> dict[str, str]:
    names = list(dict.fromkeys(questions))
    return dict(zip(names, one_each(wrapped(str(q).replace("_", " "), _LABEL_WIDTH, 2) for q in names), strict=True))


def _panel(rows: pd.DataFrame, heading: str, table: pd.DataFrame, most: float) -> ChartType:
    names = list(dict.fromkeys(rows["label"]))
    floor = rows["label"].map({name: _ROW * (i + 1) for i, name in enumerate(names)})
    drawn = rows[["label", "answer"]].assign(
        floor=floor,
        top=floor - _TALLEST * rows["share"] / most,
        middle=floor - _TALLEST / 2,
        percent=[f"{100 * share:.0f} %" for share in rows["share"]],
        said=_said(rows),
    )
    base = alt.Chart(drawn).encode(x=_points(rows))
    ends = {"y": _place("floor", names), "y2": "top:Q"}
    by_row = alt.Chart(drawn.drop_duplicates("label")[["label", "middle", "said"]]).encode(y=_place("middle", names))
    right = _PLOT_WIDTH + 14 + width_of(_said(table))
    layers = [
        room(by_row, 12 + width_of(table["label"]), right),
        by_row.mark_rule(color=LINE).encode(y=_place("floor", names), x=alt.value(0), x2=alt.value(_PLOT_WIDTH)),
        base.mark_bar(color=ACCENT, width={"band": 0.7}).encode(**ends),
        base.mark_text(dy=-6, color=SOFT, fontSize=11).encode(y=_place("top", names), text="percent:N"),
        by_row.mark_text(align="left", dx=14).encode(x=alt.value(_PLOT_WIDTH), text="said:N"),
        row_names(by_row, "label"),
    ]
    return alt.layer(*layers, width=_PLOT_WIDTH, height=_ROW * len(names), title=panel_title(heading))


def _said(table: pd.DataFrame) -> list[str]:
    return [_mean_in_words(row) for row in table.itertuples()]


def _mean_in_words(row: Any) -> str:
    return f"mean {estimate_in_words(row.mean, row.low, row.high, 'points')} · {n_in_words(row.n_of)}"


def _points(rows: pd.DataFrame) -> alt.X:
    points = sorted(set(rows["answer"]))
    axis = alt.Axis(labelAngle=0, grid=False)
    return alt.X("answer:O", sort=points, title=None, scale=alt.Scale(type="band", domain=points), axis=axis)


def _place(column: str, names: list[str]) -> alt.Y:
    return alt.Y(f"{column}:Q", axis=None, scale=alt.Scale(domain=[0, _ROW * len(names)], reverse=True, nice=False, zero=False))


def _in_words(table: pd.DataFrame) -> str:
    parts = [_question_in_words(str(q), rows) for q, rows in table.groupby("question", sort=False)]
    return f"How many gave each answer of each scale question. {'; '.join(parts)}."


def _question_in_words(question: str, rows: pd.DataFrame) -> str:
    counts = ", ".join(_answer(row) for row in rows.itertuples())
    return f"{question}, {rows['scale'].iloc[0]}, {_said(rows)[0]}: {counts}"


def _answer(row: Any) -> str:
    return f"{row.answer} {100 * row.share:.0f} %"
