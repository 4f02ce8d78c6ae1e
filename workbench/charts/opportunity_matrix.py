"""What is worth doing first: expected value against effort."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from textwrap import wrap
from typing import Any

import altair as alt
import pandas as pd
from altair.typing import ChartType

from workbench.charts.theme import ACCENT, LINE, LINE_HEIGHT, SOFT, explained, nothing_yet, percent, width_of, wrapped
from workbench.model import OpportunityStatus

TITLE = "What is worth doing first"
MOST_LISTED = 12
_DONE = frozenset({OpportunityStatus.SHIPPED, OpportunityStatus.DROPPED})
_EFFORTS, _MOST_VALUE = 5, 10.0
_HEIGHT, _NARROWEST = 340, 116
_DOT, _GAP, _LABEL_WIDTH = 14, 7, 16
_NOTE_AT, _NOTE_WIDTH = 58, 100


def matrix_chart(ranking: pd.DataFrame, *, title: str = TITLE) -> ChartType:
    """Opportunities by what they are expected to be worth and by what they cost.

    Parameters
    ----------
    ranking : one row per opportunity, as from :func:`workbench.analysis.rank_opportunities`: ``rank``, ``opportunity``, ``status``,
        ``customer_value``, ``business_value`` and ``effort`` (1 to 5), ``confidence`` (0 to 1), ``missing``

    Returns
    -------
    A dot for each opportunity that was estimated, with its rank and its name; two at the same place share their dot.  Expected
    value is customer plus business value, times confidence: 0 to 10.  Those that were not estimated are listed below, with
    what is missing.
    """
    if ranking.empty:
        return nothing_yet(title, "No opportunities yet")
    complete = ranking["missing"] == ""
    estimated, rest = ranking[complete], ranking[~complete]
    drawn, width, height = _laid_out(estimated)
    layers = [*_dots(drawn, width, height), *_note(rest, height)]
    chart = alt.layer(*layers, width=_EFFORTS * width, height=height)
    return explained(chart, title, _subtitle(estimated), _in_words(estimated, rest))


def _laid_out(rows: pd.DataFrame) -> tuple[pd.DataFrame, float, float]:
    """Where each dot and each label goes, in pixels from the top left; the width of a strip and the height of the picture.

    Each effort has a strip of its own, wide enough for its dots and labels, so that those of two strips never meet.
    """
    value = (rows["customer_value"] + rows["business_value"]) * rows["confidence"]
    table = pd.DataFrame({"effort": rows["effort"], "value": value, "rank": rows["rank"]})
    table["label"] = [_label(row) for row in rows.itertuples()]
    table["done"] = rows["status"].isin(list(_DONE))
    table["tall"] = [LINE_HEIGHT * (label.count("\n") + 1) for label in table["label"]]
    needed = table.groupby("effort")["tall"].sum() + _GAP * table.groupby("effort").size()
    height = max(_HEIGHT, float(needed.max()) + _GAP) if len(table) else _HEIGHT
    table = table.sort_values(["effort", "value", "rank"], ascending=[True, False, True], ignore_index=True)
    table["y"] = height * (1 - table["value"] / _MOST_VALUE)
    strips = [own for _, own in table.groupby("effort")]
    table["lane"] = [lane for own in strips for lane in _lanes(own["y"])]
    table["label_y"] = [y for own in strips for y in _apart(own["y"], own["tall"], height)]
    lanes = int(table["lane"].max()) + 1 if len(table) else 1
    labels_at = _DOT * (lanes + 1)
    width = max(_NARROWEST, labels_at + width_of(table["label"]) + 3 * _GAP)
    left = (table["effort"] - 1) * width + _GAP
    table["x"], table["label_x"] = left + _DOT * (table["lane"] + 0.5), left + labels_at
    return table, width, height


def _label(row: Any) -> str:
    return wrapped(f"{row.rank} · {_asked(row)}", _LABEL_WIDTH, 4)


def _lanes(ys: Iterable[float]) -> list[int]:
    """For each dot of a strip, from the top, the first lane in which it covers none but those at its own place."""
    lowest: list[float] = []
    lanes: list[int] = []
    for y in ys:
        free = (i for i, last in enumerate(lowest) if y - last >= _DOT or y == last)
        lane = next(free, len(lowest))
        lowest[lane:] = [y, *lowest[lane + 1 :]]
        lanes.append(lane)
    return lanes


def _apart(ys: Iterable[float], tall: Iterable[float], height: float) -> list[float]:
    """The middles of the labels of a strip, from the top: each as near its dot as the others leave room, and none below the picture."""
    sizes, tops, floor = list(tall), [], -float(LINE_HEIGHT)
    for y, size in zip(ys, sizes, strict=True):
        tops.append(max(y - size / 2, floor))
        floor = tops[-1] + size + _GAP
    ceiling = height - _GAP / 2
    for i in reversed(range(len(tops))):
        tops[i] = min(tops[i], ceiling - sizes[i])
        ceiling = tops[i] - _GAP
    return [top + size / 2 for top, size in zip(tops, sizes, strict=True)]


def _dots(table: pd.DataFrame, width: float, height: float) -> list[alt.Chart]:
    drawn = table[["x", "y", "label_x", "label_y", "label", "done"]].assign(
        tip=table["label_x"] - _GAP / 2, moved=(table["label_y"] - table["y"]).abs() > _DOT / 2
    )
    base, (x, y) = alt.Chart(drawn), _axes(width, height)
    rise = alt.expr(f"-{LINE_HEIGHT / 2:g} * (length(split(datum.label, '\\n')) - 1)")
    text = base.mark_text(align="left", baseline="middle", dy=rise, lineBreak="\n", lineHeight=LINE_HEIGHT)
    colour = alt.Color("done:N", scale=alt.Scale(domain=[False, True], range=[ACCENT, SOFT]), legend=None)
    leader = base.transform_filter("datum.moved").mark_rule(color=SOFT, strokeWidth=0.75)
    return [
        leader.encode(x=x("x"), y=y("y"), x2="tip:Q", y2="label_y:Q"),
        base.mark_point(size=0.7 * _DOT**2).encode(x=x("x"), y=y("y"), color=colour),
        text.encode(x=x("label_x"), y=y("label_y"), text="label:N"),
    ]


def _axes(width: float, height: float) -> tuple[Callable[[str], alt.X], Callable[[str], alt.Y]]:
    """Both axes in pixels, labelled with what they mean."""
    efforts = alt.Axis(
        values=[i * width + _GAP + _DOT / 2 for i in range(_EFFORTS)],
        labelExpr=f"format(floor(datum.value / {width:g}) + 1, 'd')",
        grid=False,
        domain=True,
        domainColor=LINE,
        title="Effort: 1 little, 5 much",
        titleAnchor="start",
    )
    values = alt.Axis(
        values=[height * (1 - value / _MOST_VALUE) for value in range(0, int(_MOST_VALUE) + 1, 2)],
        labelExpr=f"format({_MOST_VALUE:g} * (1 - datum.value / {height:g}), '.0f')",
        grid=False,  # its lines would run through the names
        domain=True,
        domainColor=LINE,
        title=["Expected value", "(customer + business) × confidence"],
    )

    def x(column: str) -> alt.X:
        return alt.X(f"{column}:Q", scale=alt.Scale(domain=[0, _EFFORTS * width], nice=False), axis=efforts)

    def y(column: str) -> alt.Y:
        return alt.Y(f"{column}:Q", scale=alt.Scale(domain=[height, 0], nice=False), axis=values)

    return x, y


def _note(rest: pd.DataFrame, height: float) -> list[alt.Chart]:
    if rest.empty:
        return []
    entries = ["Not estimated yet, and what is missing:", *(f"·  {entry}" for entry in _listed(rest))]
    lines = [line for entry in entries for line in wrap(entry, _NOTE_WIDTH)]
    text = alt.Chart(pd.DataFrame({"note": ["\n".join(lines)]})).mark_text(
        align="left", baseline="top", color=SOFT, lineBreak="\n", lineHeight=LINE_HEIGHT + 2
    )
    return [text.encode(x=alt.value(0), y=alt.value(height + _NOTE_AT), text="note:N")]


def _listed(rest: pd.DataFrame) -> list[str]:
    """What was not estimated, and what it lacks."""
    shown = [f"{_asked(row)}: {row.missing}" for row in rest.head(MOST_LISTED).itertuples()]
    return shown + ([f"and {len(rest) - MOST_LISTED} more"] if len(rest) > MOST_LISTED else [])


def _asked(row: Any) -> str:
    return " ".join(str(row.opportunity).split()).rstrip("?")


def _subtitle(estimated: pd.DataFrame) -> list[str]:
    if estimated.empty:
        return ["Nothing is estimated yet"]
    done = estimated["status"].isin(list(_DONE)).any()
    return ["Numbered by value over effort, as the team judged them" + ("; grey: shipped or dropped" if done else "")]


def _in_words(estimated: pd.DataFrame, rest: pd.DataFrame) -> str:
    every: list[Any] = list(estimated.itertuples())
    said = [
        f"{row.rank}. {_asked(row)}: value {row.customer_value:.0f} + {row.business_value:.0f} at {percent(row.confidence)} confidence, "
        f"effort {row.effort:.0f}, {row.status}"
        for row in every
    ]
    lacking = f" Not estimated yet, and what is missing: {'; '.join(_listed(rest))}." if len(rest) else ""
    return f"Opportunities by expected value and effort, as the team judged them. {'; '.join(said) or 'None is estimated'}.{lacking}"
