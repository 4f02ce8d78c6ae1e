"""A chart leaves the notebook as a picture or as a slide that needs no retouching."""

from __future__ import annotations

import re
import struct
import sys
from io import BytesIO
from itertools import pairwise
from pathlib import Path

import altair as alt
import pandas as pd
import pytest

from workbench.charts import emotion_curve_chart, save_chart
from workbench.errors import BadFile, BadSetting, MissingTool

FELT = pd.DataFrame({"stage": ["Pay", "Receive"], "mean": [-1.1, 1.5], "low": [-1.6, 1.2], "high": [-0.5, 1.8], "n": [12, 12]})


@pytest.fixture
def chart() -> alt.TopLevelMixin:
    return emotion_curve_chart(FELT)


def png_width(content: bytes) -> int:
    return int(struct.unpack(">I", content[16:20])[0])


def test_each_ending_gives_its_kind_of_file(chart: alt.TopLevelMixin, tmp_path: Path) -> None:
    begins = {".svg": b"<svg", ".png": b"\x89PNG", ".pdf": b"%PDF", ".pptx": b"PK"}
    for ending, magic in begins.items():
        assert save_chart(chart, tmp_path / f"felt{ending}").read_bytes().startswith(magic)


def test_a_picture_is_as_wide_as_asked(chart: alt.TopLevelMixin, tmp_path: Path) -> None:
    assert abs(png_width(save_chart(chart, tmp_path / "a.png", width_px=1600).read_bytes()) - 1600) <= 2
    assert png_width(save_chart(chart, tmp_path / "b.PNG").read_bytes()) > 1200, "twice its own width"


def test_a_picture_has_the_workbench_look_even_where_another_is_on(chart: alt.TopLevelMixin, tmp_path: Path) -> None:
    with alt.theme.enable("dark"):
        svg = save_chart(chart, tmp_path / "felt.svg", title="Ours").read_text("utf-8")
        assert alt.theme.active == "dark", "and leaves it on"
    assert "Ours" in svg
    assert "How each stage feels" not in svg
    assert 'fill="#ffffff"' in svg or "background:#fff" in svg


def test_a_slide_has_title_picture_description_and_source(chart: alt.TopLevelMixin, tmp_path: Path) -> None:
    from pptx import Presentation

    show = Presentation(str(save_chart(chart, tmp_path / "felt.pptx", title="Paying hurts & <delivery> heals")))
    assert show.slide_width * 9 == show.slide_height * 16
    (slide,) = show.slides
    assert slide.shapes.title.text_frame.text == "Paying hurts & <delivery> heals"
    picture = next(s for s in slide.shapes if s.shape_type == 13)
    says = picture._element.nvPicPr.cNvPr.get("descr")
    assert says == slide.notes_slide.notes_text_frame.text
    assert "Pay −1.1 (−1.6 to −0.5), n 12" in says
    assert next(s for s in slide.shapes if s.name == "Source").text_frame.text == "Mean over participants with its 95 % interval"
    assert show.core_properties.title == "Paying hurts & <delivery> heals"


def test_two_lines_of_a_subtitle_stay_two_sentences_on_a_slide(tmp_path: Path) -> None:
    from pptx import Presentation

    chart = (
        alt.Chart(FELT).mark_bar().encode(x="stage", y="n").properties(title=alt.Title("Felt", subtitle=["Mean over people", "Two weeks"]))
    )
    (slide,) = Presentation(str(save_chart(chart, tmp_path / "felt.pptx"))).slides
    assert "Mean over people; Two weeks" in [s.text_frame.text for s in slide.shapes if s.has_text_frame]


def test_nothing_on_a_slide_overlaps_or_is_cut_and_the_picture_is_sharp(chart: alt.TopLevelMixin, tmp_path: Path) -> None:
    from pptx import Presentation

    show = Presentation(BytesIO(save_chart(chart, tmp_path / "felt.pptx").read_bytes()))
    shapes = sorted(show.slides[0].shapes, key=lambda s: s.top)
    assert all(a.top + a.height <= b.top for a, b in pairwise(shapes))
    assert all(s.left >= 0 and s.left + s.width <= show.slide_width and s.top + s.height <= show.slide_height for s in shapes)
    picture = next(s for s in shapes if s.shape_type == 13)
    on_screen = picture.width / show.slide_width * 1920
    assert png_width(picture.image.blob) >= 1.9 * on_screen


def test_a_chart_too_tall_for_its_words_to_be_read_is_refused_with_a_way_out(tmp_path: Path) -> None:
    rows = pd.DataFrame({"name": [f"row {n}" for n in range(200)], "n": range(200)})
    tall = alt.Chart(rows).mark_bar().encode(x="n:Q", y="name:N").properties(title="Tall", description="Tall")
    with pytest.raises(BadFile, match=r"words would be \d points high on a slide. Draw fewer rows of its table, or save it as .pdf"):
        save_chart(tall, tmp_path / "tall.pptx")
    assert save_chart(tall, tmp_path / "tall.pdf").stat().st_size


def test_another_ending_is_refused_with_those_that_go(chart: alt.TopLevelMixin, tmp_path: Path) -> None:
    with pytest.raises(BadFile, match=re.escape('"felt.gif"') + r"|Use \.svg, \.png, \.pdf, \.pptx"):
        save_chart(chart, tmp_path / "felt.gif")
    with pytest.raises(BadSetting, match="width_px: it is 0"):
        save_chart(chart, tmp_path / "felt.png", width_px=0)


def test_without_python_pptx_the_extra_is_named(chart: alt.TopLevelMixin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pptx", None)
    with pytest.raises(MissingTool, match=r"ux-workbench\[slides\]"):
        save_chart(chart, tmp_path / "felt.pptx")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_told(chart: alt.TopLevelMixin, tmp_path: Path) -> None:
    with pytest.raises(BadFile, match="the folder that it should go to does not exist"):
        save_chart(chart, tmp_path / "no" / "felt.svg")


def test_a_slide_carries_no_column_that_the_chart_does_not_draw(tmp_path: Path) -> None:
    kept = emotion_curve_chart(FELT.assign(said="her very own words"))
    assert b"her very own words" not in save_chart(kept, tmp_path / "felt.svg").read_bytes()
