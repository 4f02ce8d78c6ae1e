"""Where in the interviews a code was said."""

from __future__ import annotations

import altair as alt
import pandas as pd
from altair.typing import ChartType

from workbench.charts.theme import ACCENT, LINE, explained, nothing_yet, one_each, room, row_names, row_step, width_of, wrapped

TITLE = "Where in the interviews it is said"
_PLOT_WIDTH, _LABEL_WIDTH = 460, 24
#: A passage of a few words would else be too thin to see.
_NARROWEST = 0.008


def places_chart(places: pd.DataFrame, *, title: str = TITLE) -> ChartType:
    """A strip for each interview, from its first word to its last, with the passages of a code on it.

    Parameters
    ----------
    places : one row per passage, as from ``places_in_interviews``: ``transcript``, ``from_share`` and ``to_share`` (0 to 1; NaN for an
        interview without any), and where wanted ``name``, what an interview is called
    """
    if places.empty:
        return nothing_yet(title, "No interviews yet")
    drawn, names = _drawn(places)
    rows = alt.Y("name:N", sort=names, axis=None, scale=alt.Scale(domain=names))
    strips = drawn[["name", "said"]].drop_duplicates()
    strip = alt.Chart(strips).encode(y=rows)
    layers = [
        room(strip, 12 + width_of(names), _PLOT_WIDTH + 12 + width_of(strips["said"])),
        strip.mark_rule(color=LINE, strokeWidth=14).encode(x=alt.value(0), x2=alt.value(_PLOT_WIDTH)),
        alt.Chart(drawn).mark_bar(color=ACCENT, height=14).encode(y=rows, x=_share("from_share"), x2="to_share:Q"),
        strip.mark_text(align="left", dx=12).encode(x=alt.value(_PLOT_WIDTH), text="said:N"),
        row_names(strip, "name"),
    ]
    chart = alt.layer(*layers, width=_PLOT_WIDTH, height=row_step(names, gap=11))
    return explained(chart, title, "Each strip is an interview from its first word to its last", _in_words(drawn))


def _drawn(places: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    called = places["name"] if "name" in places else places["transcript"]
    order = list(dict.fromkeys(zip(places["transcript"], called, strict=True)))
    names = one_each(wrapped(name, _LABEL_WIDTH, 2) for _, name in order)
    label = dict(zip((transcript for transcript, _ in order), names, strict=True))
    n = places.groupby("transcript")["from_share"].count()
    said = {t: f"{k} passage{'s' * (k != 1)}" if k else "none" for t, k in n.items()}
    wide = places[["from_share", "to_share"]].assign(to_share=places["to_share"].clip(lower=places["from_share"] + _NARROWEST, upper=1))
    drawn = wide.assign(name=places["transcript"].map(label), said=places["transcript"].map(said))
    return drawn, names


def _share(column: str) -> alt.X:
    words = "datum.value == 0 ? 'beginning' : datum.value == 1 ? 'end' : 'middle'"
    axis = alt.Axis(values=[0, 0.5, 1], labelExpr=words, orient="top", grid=False, labelFlush=True)
    return alt.X(f"{column}:Q", scale=alt.Scale(domain=[0, 1]), axis=axis, title=None)


def _in_words(drawn: pd.DataFrame) -> str:
    parts = []
    for name, rows in drawn.groupby("name", sort=False):
        at = ", ".join(f"{100 * place:.0f} %" for place in rows["from_share"].dropna())
        parts.append(f"{name}: {rows['said'].iloc[0]}" + (f", at {at}" if at else ""))
    return f"Where in each interview the passages begin, in percent of its length. {'; '.join(parts)}."
