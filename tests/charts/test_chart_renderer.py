"""How a chart travels."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import altair as alt
import nbformat
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.charts import enable
from workbench.charts.renderer import MAX_LINES, SVG_MIME, VEGALITE_MIME, alt_text, in_words, render, to_svg, without_spare_columns

CODINGS = pd.DataFrame(
    {
        "a": [1, 2, 3, 4],
        "b": [3.0, 1, 2, 2],
        "c": list("xyxy"),
        "day": pd.to_datetime(["2026-10-01", "2026-10-08", "2026-10-15", "2026-11-01"]),
        "a.b": [4, 3, 2, 1],
        "quote": ["You pay and you pray."] * 4,
        "text": ["I stand there like a dog."] * 4,
        "value": ["For a yoghurt."] * 4,
    }
)
PEOPLE = pd.DataFrame({"c": list("xy"), "age": [34, 71], "quote": ["It is like concert tickets."] * 2})
RESEARCH_WORDS = re.compile("pray|dog|yoghurt|concert")

chart = alt.Chart(CODINGS)
brush = alt.selection_interval(encodings=["x"], name="brush")
pick = alt.selection_point(fields=["c"], name="pick")
q = "quantitative"

NAMED = {
    "shorthand": (chart.mark_point().encode(x="a:Q", y="mean(b):Q", color="c"), "a b c"),
    "condition": (chart.mark_point().encode(x="a", color=alt.condition("datum['b'] > 1", "c:N", alt.value("red"))), "a b c"),
    "condition on a predicate": (chart.mark_point().encode(x="a", size=alt.condition(alt.datum.b > 1, alt.value(9), alt.value(3))), "a b"),
    "tooltip": (chart.mark_point().encode(x="a", tooltip=["b", "c:N"]), "a b c"),
    "detail, order": (chart.mark_line().encode(x="a", y="b", order="day:T", detail="c"), "a b c day"),
    "sort": (chart.mark_bar().encode(x=alt.X("c", sort=alt.EncodingSortField("b", op="mean")), y="a"), "a b c"),
    "argmax": (chart.mark_point().encode(x=alt.X("b:Q", aggregate=alt.ArgmaxDef(argmax="a"))), "a b"),
    "size by expression": (chart.mark_point(size=alt.expr("datum.b * 20")).encode(x="a"), "a b"),
    "only a count": (chart.mark_bar().encode(y="count()"), ""),
    "a dot in the name": (chart.mark_point().encode(x="a\\.b:Q"), "a.b"),
    "box plot": (chart.mark_boxplot().encode(x="c", y="b"), "b c"),
    "calculate": (chart.transform_calculate(z="datum.a + datum['b']").mark_bar().encode(x="z:Q"), "a b"),
    "filter": (chart.transform_filter("datum.c == 'x'").mark_bar().encode(x="a"), "a c"),
    "filter by field": (chart.transform_filter(alt.FieldOneOfPredicate("c", ["x"]) | (alt.datum.b > 1)).mark_bar().encode(x="a"), "a b c"),
    "aggregate": (chart.transform_aggregate(m="mean(b)", groupby=["c"]).mark_bar().encode(x="m:Q", y="c:N"), "b c"),
    "join aggregate": (chart.transform_joinaggregate(m="mean(b)", groupby=["c"]).mark_bar().encode(x="m:Q", y="a"), "a b c"),
    "window": (chart.transform_window(r="rank(b)", sort=[alt.SortField("a")], groupby=["c"]).mark_point().encode(x="r:Q"), "a b c"),
    "fold": (chart.transform_fold(["a", "b"], as_=["k", "v"]).mark_point().encode(x="v:Q", y="k:N"), "a b"),
    "pivot": (chart.transform_pivot("c", value="b", groupby=["a"]).mark_point().encode(x="x:Q", y="y:Q"), "a b c"),
    "density": (chart.transform_density("b", groupby=["c"], as_=["v", "d"]).mark_area().encode(x="v:Q", y="d:Q"), "b c"),
    "regression": (chart.transform_regression("a", "b", groupby=["c"]).mark_line().encode(x="a", y="b"), "a b c"),
    "loess": (chart.transform_loess("a", "b").mark_line().encode(x="a", y="b"), "a b"),
    "quantile": (chart.transform_quantile("b", probs=[0.1, 0.5], as_=["p", "v"]).mark_point().encode(x="v:Q"), "b"),
    "impute": (chart.transform_impute("b", key="a", groupby=["c"], value=0).mark_line().encode(x="a", y="b"), "a b c"),
    "stack": (chart.transform_stack(stack="b", as_=["lo", "hi"], groupby=["c"], sort=[alt.SortField("a")]).mark_bar().encode(x="lo:Q"), "a b c"),
    "bin": (chart.transform_bin("ab", field="a").mark_bar().encode(x="ab:Q", y="count()"), "a"),
    "time unit": (chart.transform_timeunit(m="month(day)").mark_bar().encode(x="m:O", y="count()"), "day"),
    "facet": (chart.mark_point().encode(x="a").facet("c:N"), "a c"),
    "row": (chart.mark_point().encode(x="a", row="c"), "a c"),
    "repeat": (chart.mark_point().encode(x=alt.X(alt.repeat("column"), type=q), y="b").repeat(column=["a", "b"]), "a b"),
    "repeat by layer": (chart.mark_line().encode(x="a", y=alt.Y(alt.repeat("layer"), type=q)).repeat(layer=["a", "b"]), "a b"),
    "named like a mark": (chart.mark_text().encode(x="a", text="b"), "a b"),
    "named like a title": (chart.mark_point().encode(x=alt.X("a", title="quote")).properties(title="text", description="quote"), "a"),
    "named like a literal": (chart.mark_text(text="quote").encode(x="a", y=alt.value(3)), "a"),
    "named like a tick's": (chart.mark_point().encode(x=alt.X("a", axis=alt.Axis(labelExpr="datum.value + 1"))), "a"),
    "selection": (chart.mark_point().encode(x="a", y="b").add_params(brush), "a b"),
    "words about data": (chart.mark_point().encode(x="a").properties(title="Survey data (n = 4)"), "a"),
}  # fmt: skip

SEVERAL = {
    "layers": (alt.layer(chart.mark_line().encode(x="a", y="b"), alt.Chart(PEOPLE).mark_rule().encode(x="age:Q")), ["a b", "age"]),
    "side by side": (chart.mark_line().encode(x="a", y="b") | alt.Chart(PEOPLE).mark_point().encode(x="age:Q"), ["a b", "age"]),
    "lookup": (chart.transform_lookup("c", alt.LookupData(PEOPLE, "c", ["age"])).mark_point().encode(x="a", y="age:Q"), ["a c", "age c"]),
    "selection across": (
        chart.mark_point().encode(x="a").add_params(pick) | alt.Chart(PEOPLE).transform_filter(pick).mark_bar().encode(x="age:Q"),
        ["a c", "age c"],
    ),
}

WHOLE = {
    "tooltip of whole rows": chart.mark_point(tooltip={"content": "data"}).encode(x="a"),
    "computed property": chart.transform_calculate(z="datum[which]").mark_bar().encode(x="z:Q"),
    "the row itself": chart.transform_calculate(z="length(datum)").mark_bar().encode(x="z:Q"),
    "rows in a column": chart.transform_aggregate(v="values(a)").transform_calculate(z="datum.v[0].b").mark_bar().encode(x="z:Q"),
    "other data": chart.transform_calculate(z="data('source_0')[0].b").mark_bar().encode(x="z:Q"),
    "map": chart.mark_geoshape(),
}


def columns_of(spec: dict[str, Any]) -> list[str]:
    """The columns of each table of a specification."""
    return sorted(" ".join(sorted(rows[0])) for rows in spec["datasets"].values())


@pytest.mark.parametrize("name", NAMED)
def test_only_the_columns_that_a_chart_names_travel_with_it(name: str) -> None:
    """Altair embeds every column; a column of quotes beside a bar chart would be shared with it."""
    drawn, columns = NAMED[name]
    full = drawn.to_dict()
    lean = without_spare_columns(full)
    assert columns_of(lean) == [columns]
    assert not RESEARCH_WORDS.search(json.dumps(lean))
    assert to_svg(lean) == to_svg(full)


@pytest.mark.parametrize("name", SEVERAL)
def test_each_table_keeps_its_own_columns(name: str) -> None:
    drawn, columns = SEVERAL[name]
    full = drawn.to_dict()
    lean = without_spare_columns(full)
    assert columns_of(lean) == columns
    assert to_svg(lean) == to_svg(full)


@pytest.mark.parametrize("name", WHOLE)
def test_a_table_stays_whole_where_its_use_cannot_be_known(name: str) -> None:
    full = WHOLE[name].to_dict()
    assert without_spare_columns(full) == full


def test_a_lookup_of_whole_rows_keeps_the_rows_it_looks_up_and_no_others() -> None:
    looked_up = chart.transform_lookup("c", alt.LookupData(PEOPLE, "c"), as_="who").mark_point().encode(x="a")
    assert columns_of(without_spare_columns(looked_up.to_dict())) == ["a c", "age c quote"]


def test_data_written_into_a_view_are_pruned_too() -> None:
    rows = [{"a": 1, "day": "2026-10-01", "quote": "You pay and you pray."}]
    data = {"values": rows, "format": {"type": "json", "parse": {"day": "date", "quote": "string"}}}
    lean = without_spare_columns({"data": data, "mark": "bar", "encoding": {"x": {"field": "a"}, "y": {"field": "day"}}})
    assert lean["data"] == {"values": [{"a": 1, "day": "2026-10-01"}], "format": {"type": "json", "parse": {"day": "date"}}}
    assert "quote" in rows[0]


@given(st.dictionaries(st.text(min_size=1, max_size=8), st.booleans(), min_size=1, max_size=6))
def test_any_column_name_is_kept_when_encoded_and_left_when_not(columns: dict[str, bool]) -> None:
    escaped = {name: re.sub(r"([\\.\[\]'\"])", r"\\\1", name) for name in columns}
    spec = {
        "data": {"values": [dict.fromkeys(columns, 1)]},
        "mark": "point",
        "encoding": {"tooltip": [{"field": escaped[name]} for name, encoded in columns.items() if encoded]},
    }
    lean = without_spare_columns(spec)["data"]["values"][0]
    assert set(lean) == {name for name, encoded in columns.items() if encoded}


def a_chart() -> Any:
    return chart.mark_bar().encode(x="c", y="a").properties(title="Codes", description="Bars: x 3 <b>&</b>, y 4.")


def test_one_output_holds_the_specification_the_picture_and_the_words() -> None:
    data, metadata = render(a_chart().to_dict())
    assert set(data) == {VEGALITE_MIME, SVG_MIME, "text/plain"}
    assert data[SVG_MIME].startswith("<svg ")
    assert metadata == {SVG_MIME: {"alt": "Bars: x 3 <b>&</b>, y 4."}}
    assert not RESEARCH_WORDS.search(json.dumps(data))


def test_a_notebook_takes_the_output() -> None:
    """Altair's own renderer writes a MIME type that nbformat refuses."""
    data, metadata = render(a_chart().to_dict())
    output = nbformat.v4.new_output("display_data", data, metadata=metadata)
    nbformat.validate(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(outputs=[output], id="one")]))


def test_the_words_are_title_description_and_a_few_rows() -> None:
    many = pd.DataFrame({"code": [f"code\n{i}" for i in range(40)], "n": range(40)})
    spec = alt.Chart(many).mark_bar().encode(x="n", y="code").properties(title=["What", "people say"], description="Bars.").to_dict()
    title, description, rows = in_words(spec).split("\n\n")
    assert (title, description) == ("What people say", "Bars.")
    assert rows.splitlines()[:1] == ["code: code 0 · n: 0"]
    assert rows.splitlines()[MAX_LINES:] == ["and 28 more rows"]


def test_a_chart_without_words_is_named_by_its_title() -> None:
    inner = chart.mark_bar().encode(x="a").properties(title="Inside")
    assert alt_text((inner | inner).to_dict()) == "Inside"
    assert alt_text(chart.mark_bar().encode(x="a").to_dict()) == "Chart without a description"


def test_the_picture_is_the_same_bytes_each_time() -> None:
    """Vega counts clips on from picture to picture; here they begin at one."""
    spec = NAMED["selection"][0].to_dict()
    first = to_svg(spec)
    assert "url(#chart-1)" in first
    assert first == to_svg(spec)


def test_a_chart_of_data_on_the_network_says_why_there_is_no_picture() -> None:
    data, metadata = render(alt.Chart("https://example.invalid/events.csv").mark_point().encode(x="a:Q").to_dict())
    assert SVG_MIME not in data
    assert "could not be drawn" in data["text/plain"]
    assert "not allowed" in data["text/plain"]
    assert metadata == {}


@pytest.fixture
def _as_before() -> Iterator[None]:
    with alt.renderers.enable(alt.renderers.active), alt.theme.enable(alt.theme.active):
        yield


@pytest.mark.usefixtures("_as_before")
def test_enable_makes_every_chart_of_the_notebook_travel_so() -> None:
    enable()
    data, _ = a_chart()._repr_mimebundle_()
    assert data[SVG_MIME] == to_svg(data[VEGALITE_MIME])
    assert data[VEGALITE_MIME]["config"]["background"] == "transparent"


@pytest.mark.usefixtures("_as_before")
def test_the_picture_can_be_left_to_the_export() -> None:
    enable(svg=False)
    data, _ = a_chart()._repr_mimebundle_()
    assert set(data) == {VEGALITE_MIME, "text/plain"}


def test_importing_and_enabling_start_no_drawing_engine() -> None:
    """A process that forks reports must have one thread."""
    code = "import sys, workbench.charts as c; c.enable(svg=False); sys.exit('vl_convert' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
