"""What the chart tests share: the theme, a picture, and what must hold for every chart."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import altair as alt
import pytest
from lxml import etree

from workbench.charts import theme
from workbench.charts.renderer import to_svg, without_spare_columns

FIXED = {value for name, value in vars(theme).items() if name.isupper() and isinstance(value, str) and value.startswith("#")}
HOSTILE = """</text><script>alert('x')</script> & "quoted" 'text' \\n ${1} =SUM(A1)"""


@pytest.fixture(autouse=True)
def _own_theme() -> Iterator[None]:
    with alt.theme.enable("workbench"):
        yield


@pytest.fixture
def draw() -> Callable[[Any], str]:
    """The picture of a chart, after checking what holds for all of them."""

    def picture(chart: Any) -> str:
        spec = chart.to_dict()
        assert spec["title"], "a chart has a title"
        assert spec["description"], "a chart says in words what it shows"
        svg = to_svg(without_spare_columns(spec))
        assert svg == to_svg(without_spare_columns(chart.to_dict())), "the same chart is the same picture"
        assert set(re.findall("#[0-9a-f]{6}", svg)) <= FIXED, "only colours that a page can map"
        assert not {e.tag for e in etree.fromstring(svg).iter() if str(e.tag).endswith("script")}
        return svg

    return picture


def words_of(svg: str) -> list[str]:
    """Every text of a picture, in drawing order; a line each."""
    texts = [e for e in etree.fromstring(svg).iter() if str(e.tag).endswith("}text")]
    lines = [t.text or "" for text in texts for t in (list(text) or [text])]
    return [line for line in lines if line]


def marks_of(svg: str, kind: str) -> list[Any]:
    """The marks of a kind (``symbol``, ``rule``, ``rect``, ``line``) that can be seen, without those of axes and legends."""
    groups = [e for e in etree.fromstring(svg).iter() if f"mark-{kind} role-mark" in (e.get("class") or "")]
    return [mark for group in groups for mark in group if mark.get("opacity") != "0"]
