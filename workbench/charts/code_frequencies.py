"""Which codes most participants stand behind."""

from __future__ import annotations

from typing import Any

import altair as alt
import pandas as pd
from altair.typing import ChartType

from workbench.charts.theme import (
    ACCENT,
    EARTH,
    GOLD,
    INK,
    NEG,
    PANELS_A_ROW,
    PERCENT,
    POS,
    SKY,
    SOFT,
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
from workbench.model import FEW, CodeKind

TITLE = "How many participants stand behind each code"
_COLUMNS = ["code", "path", "kind", "n_codings", "n_excerpts", "n_participants", "n_of", "share", "low", "high"]
_PLOT_WIDTH, _LABEL_WIDTH = 340, 36
_SPOKEN = 12

#: Colour and shape of each kind, so that nothing is told by colour alone.
KINDS = {
    CodeKind.PAIN: (NEG, "triangle-down"),
    CodeKind.DELIGHT: (POS, "triangle-up"),
    CodeKind.EMOTION: (GOLD, "diamond"),
    CodeKind.NEED: (SKY, "triangle-right"),
    CodeKind.GOAL: (SKY, "triangle-left"),
    CodeKind.THOUGHT: (ACCENT, "circle"),
    CodeKind.ACTION: (EARTH, "square"),
    CodeKind.TOUCHPOINT: (ACCENT, "square"),
    CodeKind.CHANNEL: (ACCENT, "diamond"),
    CodeKind.STAGE: (INK, "square"),
    CodeKind.OPPORTUNITY: (GOLD, "triangle-up"),
    CodeKind.THEME: (INK, "circle"),
    CodeKind.OTHER: (SOFT, "cross"),
}


def code_frequency_chart(frequencies: pd.DataFrame, *, title: str = TITLE) -> ChartType:
    """The share of participants who said each code, most first, with its interval.

    Parameters
    ----------
    frequencies : one row per code, as from ``code_frequency``: ``code``, ``kind``, ``n_codings``, ``n_participants`` of ``n_of``,
        ``share`` (0 to 1) with ``low`` and ``high``.  A first column of another name groups: one panel per value

    Returns
    -------
    A dot in the colour and shape of the code's kind, its interval, and the count ("8 of 12").
    """
    if frequencies.empty:
        return nothing_yet(title)
    group = group_column(frequencies, _COLUMNS)
    table = _drawn(frequencies, group)
    panels = [_panel(table, name, first=i % PANELS_A_ROW == 0) for i, name in enumerate(dict.fromkeys(table["group"]))]
    chart = (
        panels[0] if group is None else alt.concat(*panels, columns=PANELS_A_ROW, spacing=24).resolve_scale(color="shared", shape="shared")
    )
    return explained(chart, title, _subtitle(table), _in_words(table))


def _drawn(frequencies: pd.DataFrame, group: str | None) -> pd.DataFrame:
    """The columns that are drawn, most participants first; codes of one name are told apart by those above them."""
    table = frequencies.reset_index(drop=True)
    table = table.assign(group=table[group].astype(str) if group else "", kind=table["kind"].astype(str), name=_names(table))
    order = table.groupby("name", sort=False)[["n_participants", "n_codings"]].sum().reset_index()
    order = order.sort_values(["n_participants", "n_codings", "name"], ascending=[False, False, True])
    place = {name: i for i, name in enumerate(order["name"])}
    labels = dict(zip(place, one_each(wrapped(name, _LABEL_WIDTH, 2) for name in place), strict=True))
    table = table.sort_values("name", key=lambda names: names.map(place), kind="stable", ignore_index=True)
    table["code"] = table["name"].map(labels)
    table["said"] = [f"{n:,.0f} of {n_of:,.0f}" for n, n_of in zip(table["n_participants"], table["n_of"], strict=True)]
    return table[["group", "name", "code", "kind", "share", "low", "high", "said", "n_of"]]


def _names(table: pd.DataFrame) -> pd.Series:
    """A code's name; its path where another code has the same name."""
    if "path" not in table.columns:
        return table["code"].astype(str)
    clashes = table.groupby("code")["path"].transform("nunique") > 1
    return table["code"].where(~clashes, table["path"]).astype(str)


def _panel(table: pd.DataFrame, group: str, *, first: bool) -> ChartType:
    codes = list(dict.fromkeys(table["code"]))
    width = panel_width(_PLOT_WIDTH, table["group"].nunique(), narrowest=110)
    rows = table.loc[table["group"] == group, ["code", "kind", "share", "low", "high", "said"]]
    base = alt.Chart(rows).encode(y=alt.Y("code:N", sort=codes, axis=None, scale=alt.Scale(domain=codes)))
    colour, shape = _looks(table["kind"])
    left = 12 + width_of(codes) if first else 0
    layers = [
        room(base, left, width + 10 + width_of(table["said"])),
        base.mark_rule(strokeWidth=2, opacity=0.6).encode(x=_share("low", width), x2="high:Q", color=colour),
        base.mark_point(size=80).encode(x=_share("share", width), color=colour, shape=shape),
        base.mark_text(align="left", dx=10).encode(x=alt.value(width), text="said:N"),
        *([row_names(base, "code")] if first else []),
    ]
    return alt.layer(*layers, width=width, height=row_step(codes), title=panel_title(group))


def _looks(kinds: pd.Series) -> tuple[alt.Color, alt.Shape]:
    """Colour and shape of the kinds that occur.  With one domain written out for both, Vega-Lite draws one key."""
    used = sorted(set(kinds), key=lambda k: (k not in KINDS, list(KINDS).index(k) if k in KINDS else 0, k))
    looks = [KINDS[CodeKind(k)] if k in KINDS else KINDS[CodeKind.OTHER] for k in used]
    key = alt.Legend(columns=5) if len(used) > 1 else None
    colour = alt.Color("kind:N", scale=alt.Scale(domain=used, range=[c for c, _ in looks]), title=None, legend=key)
    return colour, alt.Shape("kind:N", scale=alt.Scale(domain=used, range=[s for _, s in looks]), title=None, legend=key)


def _share(column: str, width: int) -> alt.X:
    axis = alt.Axis(labelExpr=PERCENT, tickCount=5 if width > 180 else 2, orient="top")
    return alt.X(f"{column}:Q", scale=alt.Scale(domain=[0, 1]), axis=axis, title="Share of participants (%)")


def _subtitle(table: pd.DataFrame) -> str:
    n_of = table["n_of"].unique()
    of = f"Share of {n_of[0]:,.0f} participants" if len(n_of) == 1 else "Share of participants"
    return f"{of} with its 95 % interval{'; only few were asked' if len(n_of) == 1 and n_of[0] < FEW else ''}"


def _in_words(table: pd.DataFrame) -> str:
    said = [_code_in_words(row) for row in table.head(_SPOKEN).itertuples()]
    more = f"; and {len(table) - _SPOKEN} more" if len(table) > _SPOKEN else ""
    return f"Share of participants who stand behind each code, with 95 % interval, most first. {'; '.join(said)}{more}."


def _code_in_words(row: Any) -> str:
    group = f" ({row.group})" if row.group else ""
    return f"{row.name}{group} {row.said}, {estimate_in_words(row.share, row.low, row.high, 'share')}"
