"""A chart as a file: a picture for a text or a page, or a slide that can be presented as it is."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

import altair as alt
from altair.typing import ChartType

from workbench.charts.renderer import alt_text, to_svg, without_spare_columns
from workbench.errors import BadFile, BadSetting, MissingTool, cannot_write

#: A slide of 16:9, in points; what stands on it keeps away from its edges.
SLIDE_WIDTH, SLIDE_HEIGHT, MARGIN = 960.0, 540.0, 32.0
TITLE_HEIGHT, CAPTION_HEIGHT, GAP = 48.0, 26.0, 8.0
_TOP = MARGIN / 2 + TITLE_HEIGHT + GAP
_ROOM = SLIDE_HEIGHT - _TOP - GAP - CAPTION_HEIGHT - MARGIN / 2
#: Words of a chart that would be smaller than this on a slide can be read by nobody; most charts come out at 12 and more.
READABLE_PT = 6.0
_WORDS_PX = 12.0
_SHARPNESS = 2.0


class _Picture(NamedTuple):
    """A chart as SVG, its size in pixels, and its heading, which stands apart from it where ``title`` was taken out."""

    svg: str
    width: float
    height: float
    title: str
    caption: str
    says: str


def save_chart(chart: ChartType, path: str | Path, *, title: str | None = None, width_px: int | None = None) -> Path:
    """Write a chart as a picture or as a slide.

    Parameters
    ----------
    path : by its ending: ``.svg`` and ``.pdf`` (sharp at any size), ``.png``, or ``.pptx`` for one slide of 16:9 with the title as text, the
        chart as a picture with its description, and its subtitle (what is counted, which interval) as a caption
    title : instead of the chart's own
    width_px : how many pixels wide a ``.png`` is (twice the chart's own width)

    Returns
    -------
    Where it was written.

    Raises
    ------
    BadFile
        The ending is none of these, there is no such folder, the chart cannot be drawn, or it is too large for its words to be read on one slide.
    BadSetting
        ``width_px`` is below 1.
    MissingTool
        A slide is asked for and python-pptx is not installed.
    FolderNotWritable, DiskFull
    """
    place = Path(path)
    writers: dict[str, Callable[[dict[str, Any], Path], bytes]] = {
        ".svg": _as_svg,
        ".png": partial(_as_png, width_px=width_px),
        ".pdf": _as_pdf,
        ".pptx": _as_slide,
    }
    write = writers.get(place.suffix.lower())
    if write is None:
        raise BadFile(place, f'a chart cannot be saved as "{place.suffix or place.name}"', f"Use {', '.join(writers)}.")
    if width_px is not None and width_px < 1:
        raise BadSetting("width_px", f"it is {width_px}", "Use 1 or more, or leave it out.")
    content = write(_spec(chart, title), place)
    try:
        place.write_bytes(content)
    except OSError as error:
        raise cannot_write(place, error) from error
    return place


def _spec(chart: ChartType, title: str | None) -> dict[str, Any]:
    """The specification with only the columns it draws, in the workbench's look on white."""
    with alt.theme.enable("workbench"):
        spec = without_spare_columns(chart.to_dict())
    spec["config"] = {**spec.get("config", {}), "background": "#ffffff"}
    if title is not None:
        old = spec.get("title")
        spec["title"] = {**old, "text": title} if isinstance(old, Mapping) else title
    return spec


def _drawn(spec: Mapping[str, Any], path: Path) -> str:
    try:
        return to_svg(spec)
    except ValueError as error:
        reason = (str(error).strip().splitlines() or ["no reason given"])[0]
        raise BadFile(path, f"the chart cannot be drawn ({reason})", "Show it in a notebook to see what is wrong.") from error


def _as_svg(spec: dict[str, Any], path: Path) -> bytes:
    return _drawn(spec, path).encode()


def _as_pdf(spec: dict[str, Any], path: Path) -> bytes:
    import vl_convert

    return bytes(vl_convert.svg_to_pdf(_drawn(spec, path)))


def _as_png(spec: dict[str, Any], path: Path, width_px: int | None) -> bytes:
    svg = _drawn(spec, path)
    width, _ = _size(svg)
    return _png(svg, width_px / width if width_px else _SHARPNESS)


def _as_slide(spec: dict[str, Any], path: Path) -> bytes:
    try:
        from pptx import Presentation
        from pptx.util import Pt
    except ImportError as error:
        raise MissingTool("python-pptx, which writes slides,", 'pip install "ux-workbench[slides]"') from error
    picture = _without_heading(spec, path)
    show = Presentation()
    show.slide_width, show.slide_height = Pt(SLIDE_WIDTH), Pt(SLIDE_HEIGHT)
    about = show.core_properties
    about.title, about.author, about.last_modified_by = picture.title[:255], "", ""
    slide = show.slides.add_slide(show.slide_layouts.get_by_name("Title Only"))
    _write_title(slide, picture.title)
    _put_picture(slide, picture)
    _write_caption(slide, picture.caption)
    slide.notes_slide.notes_text_frame.text = picture.says
    written = BytesIO()
    show.save(written)
    return written.getvalue()


def _without_heading(spec: dict[str, Any], path: Path) -> _Picture:
    """The chart without title and subtitle, which a slide sets as its own text."""
    heading = spec.pop("title", None)
    heading = heading if isinstance(heading, Mapping) else {"text": heading}
    svg = _drawn(spec, path)
    width, height = _size(svg)
    if (words_pt := _WORDS_PX * _scale(width, height)) < READABLE_PT:
        found = f"the chart is {width:.0f} by {height:.0f} pixels, so that its words would be {words_pt:.0f} points high on a slide"
        raise BadFile(path, found, "Draw fewer rows of its table, or save it as .pdf.")
    return _Picture(svg, width, height, _one_line(heading.get("text")) or "Chart", _one_line(heading.get("subtitle"), "; "), alt_text(spec))


def _scale(width: float, height: float) -> float:
    """Points on the slide for a pixel of the chart."""
    return min((SLIDE_WIDTH - 2 * MARGIN) / width, _ROOM / height)


def _write_title(slide: Any, text: str) -> None:
    from pptx.util import Pt

    box = slide.shapes.title
    box.left, box.top, box.width, box.height = (Pt(n) for n in (MARGIN, MARGIN / 2, SLIDE_WIDTH - 2 * MARGIN, TITLE_HEIGHT))
    box.text_frame.text = text
    box.text_frame.word_wrap = True
    _plain_text(box.text_frame, Pt(28 if len(text) <= 60 else 22), bold=True)


def _put_picture(slide: Any, picture: _Picture) -> None:
    from pptx.util import Pt

    scale = _scale(picture.width, picture.height)
    width, height = picture.width * scale, picture.height * scale
    # Twice the pixels of a full-screen slide of 1,920: sharp on any projector, and when it is enlarged.
    content = _png(picture.svg, _SHARPNESS * 1920 / SLIDE_WIDTH * scale)
    left = (SLIDE_WIDTH - width) / 2
    shape = slide.shapes.add_picture(BytesIO(content), *map(Pt, (left, _TOP + (_ROOM - height) / 2, width, height)))
    named = shape._element.nvPicPr.cNvPr  # python-pptx has no other way to a picture's description
    named.set("name", picture.title)
    named.set("descr", picture.says)


def _write_caption(slide: Any, text: str) -> None:
    from pptx.util import Pt

    if not text:
        return
    top = SLIDE_HEIGHT - MARGIN / 2 - CAPTION_HEIGHT
    box = slide.shapes.add_textbox(*map(Pt, (MARGIN, top, SLIDE_WIDTH - 2 * MARGIN, CAPTION_HEIGHT)))
    box.name = "Source"
    box.text_frame.word_wrap = True
    box.text_frame.text = text
    _plain_text(box.text_frame, Pt(14), bold=False)


def _plain_text(frame: Any, size: Any, *, bold: bool) -> None:
    """One size, from the left, in the middle of its box."""
    from pptx.enum.text import MSO_ANCHOR, PP_ALIGN

    frame.vertical_anchor = MSO_ANCHOR.MIDDLE
    frame.margin_left = frame.margin_right = 0
    for paragraph in frame.paragraphs:
        paragraph.alignment = PP_ALIGN.LEFT
        paragraph.font.size, paragraph.font.bold = size, bold


def _png(svg: str, scale: float) -> bytes:
    import vl_convert

    return bytes(vl_convert.svg_to_png(svg, scale=scale))


def _size(svg: str) -> tuple[float, float]:
    """Width and height in pixels, as Vega writes them on the first element."""
    found = dict(re.findall(r'\b(width|height)="([\d.]+)"', svg[: svg.index(">")]))
    return float(found["width"]), float(found["height"])


def _one_line(words: object, between: str = " ") -> str:
    return between.join(" ".join(line.split()) for line in _strings(words))


def _strings(words: object) -> Iterator[str]:
    if isinstance(words, str):
        yield words
    elif isinstance(words, list):
        for each in words:
            yield from _strings(each)
