"""What may come onto the page from a notebook's own markup, and what may not."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import BadFile
from workbench.reports.blocks import Outline
from workbench.reports.html.sanitise import CHART_COLOURS, clean_html, clean_style, clean_svg, printable

SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="200" height="100" viewBox="0 0 200 100">'


def html(source: str, **kw: bool) -> str:
    return str(clean_html(source, Outline(), **kw))


def svg(inner: str) -> str:
    return str(clean_svg(f"{SVG}{inner}</svg>", label="A chart", prefix="d").svg)


@pytest.mark.parametrize(
    "gone", ["<script>x</script>", "<style>p{}</style>", "<iframe src=//x></iframe>", "<svg><text>x</text></svg>", "<template>x</template>"]
)
def test_what_runs_or_loads_goes_with_its_content(gone: str) -> None:
    assert html(f"<p>a{gone}b</p>") == "<p>ab</p>"


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd", "//elsewhere.test", "java\nscript:x"]
)
def test_links_that_are_no_links_lose_their_address(link: str) -> None:
    assert "href" not in html(f'<a href="{link}">x</a>')


@pytest.mark.parametrize("link", ["https://example.org/a?b=c#d", "mailto:a@example.org", "#Method", "other.html"])
def test_links_that_lead_somewhere_stay(link: str) -> None:
    assert f'href="{link}"' in html(f'<a href="{link}">x</a>')


def test_pictures_from_elsewhere_are_named_not_fetched() -> None:
    assert html('<img src="https://x.test/y.png" alt="Our shop">') == '<span class="missing">Picture not in this file: Our shop</span>'
    assert 'alt="Picture without a description"' in html('<img src="data:image/png;base64,iVBORw0=">')


@pytest.mark.parametrize(
    ("found", "kept"),
    [
        ("color: red; position: fixed", "color:red"),
        ("background: url(http://x.test)", ""),
        ("width: expression(alert(1))", ""),
        ("font-weight:bold;behavior:url(x)", "font-weight:bold"),
        ("background-color: lightgreen", "background-color:lightgreen;color:#1d2129"),
        ("background: linear-gradient(90deg, #d65f5f 50%, transparent 50%); color: white", "background:linear-gradient(90deg, #d65f5f 50%, transparent 50%);color:white"),
        ("color: \\75rl(x)", ""),
        ("--x: 1; width: var(--x)", ""),
    ],
)  # fmt: skip
def test_only_harmless_style_stays(found: str, kept: str) -> None:
    assert clean_style(found) == kept


def test_pandas_tables_get_scopes_a_real_corner_and_numbers_to_the_right() -> None:
    table = (
        '<table border="1" class="dataframe"><thead><tr style="text-align: right;"><th></th><th>device</th><th>visits</th></tr></thead>'
        "<tbody><tr><th>0</th><td>phone</td><td>38,211</td></tr><tr><th>1</th><td>tablet</td><td>NaN</td></tr></tbody></table>"
    )
    cleaned = html(table)
    assert '<td></td><th scope="col">device</th><th scope="col" class="end">visits</th>' in cleaned
    assert '<th scope="row">0</th><td>phone</td><td class="end">38,211</td>' in cleaned
    assert cleaned.startswith('<div class="scroll" role="region" tabindex="0" aria-label="Table without a caption, 1">')


def test_the_name_of_an_index_stands_in_the_one_heading_row() -> None:
    head = "<thead><tr><th></th><th>visits</th></tr><tr><th>device</th><th></th></tr></thead>"
    cleaned = html(f"<table>{head}<tbody><tr><th>phone</th><td>1</td></tr></tbody></table>")
    assert '<thead><tr><th scope="col">device</th><th scope="col" class="end">visits</th></tr></thead>' in cleaned


def test_the_colours_of_pandas_styler_stay_without_its_style_sheet() -> None:
    sheet = "<style>\n#T_ab_row0_col0, #T_ab_row1_col0 {\n background-color: yellow;\n}\n#T_ab th{position:fixed} *{background:url(//x)}</style>"
    cleaned = html(
        f'{sheet}<table id="T_ab"><tr><td id="T_ab_row0_col0" class="data row0">1</td><td id="T_ab_row0_col1">2</td></tr></table>'
    )
    assert '<td style="background-color:yellow;color:#1d2129"' in cleaned
    assert "own-colours" in cleaned
    assert "T_ab" not in cleaned
    assert "<style" not in cleaned


def test_anchors_are_unique_and_never_those_of_the_page() -> None:
    outline = Outline()
    cleaned = clean_html('<h2>A b</h2><h2>A b</h2><p id="wb-main" name="x">x</p><a id="A-b"></a>', outline, noted=True)
    assert re.findall(r'id="([^"]*)"', cleaned) == ["A-b", "A-b-2", "section-wb-main", "A-b-3"]
    assert [h.id for h in outline.headings] == ["A-b", "A-b-2"]
    assert "name=" not in cleaned


@given(st.text(alphabet=st.sampled_from(list("<>/\"'=&;:!- \n\x00\ud800abhimgscriptonerrortable12")), max_size=200))
def test_no_text_breaks_the_sanitiser_or_gets_through_it(source: str) -> None:
    cleaned = html(source)
    assert not re.search(r"<script|<[^>]*\son\w+\s*=", cleaned)
    assert html(cleaned).count("<script") == 0


def test_a_drawing_keeps_shapes_and_words_only() -> None:
    hostile = (
        '<script>alert(1)</script><foreignObject><b xmlns="http://www.w3.org/1999/xhtml">x</b></foreignObject><animate attributeName="href" to="javascript:x"/>'
        '<a href="javascript:alert(1)"><text onclick="alert(1)">Visits</text></a><image href="http://x.test/y.png"/><use href="http://x.test/z#a"/>'
        '<rect fill="url(http://x.test/p)" style="fill:url(//x.test);stroke:red" width="5" height="5"/><style>*{fill:url(//x)}</style>'
    )
    assert svg(hostile).split(">", 1)[1] == '<text>Visits</text><image/><use/><rect style="stroke:red" width="5" height="5"/></svg>'


def test_a_drawing_is_labelled_and_its_ids_are_its_own() -> None:
    drawn = svg('<defs><clipPath id="clip7"><rect id="body"/></clipPath></defs><g clip-path="url(#clip7)"><use xlink:href="#body"/></g>')
    assert drawn.startswith('<svg role="img" aria-label="A chart" viewBox="0 0 200 100" width="200" height="100">')
    assert '<clipPath id="d-1"><rect id="d-2"/>' in drawn
    assert '<g clip-path="url(#d-1)"><use href="#d-2"/>' in drawn


def test_a_drawing_made_for_the_page_takes_its_colours() -> None:
    drawn = svg(
        '<rect width="200" height="100" fill="white"/><text fill="#000">a</text><path stroke="#5C6470" fill="rgb(61, 90, 152)"/>'
        '<rect width="9" height="9" fill="#ffffff"/><path style="fill:#0f766e"/><path fill="#123456"/>'
    )
    assert re.findall(r'(?:fill|stroke)[=:]"?([^">]*)', drawn) == [
        "var(--paper, #ffffff)", "var(--ink, #000)", "var(--soft, #5c6470)", "var(--accent, #3d5a98)", "#ffffff", "var(--pos, #0f766e)", "#123456",
    ]  # fmt: skip


def test_any_other_drawing_keeps_its_own_colours() -> None:
    picture = clean_svg(f'{SVG}<rect width="200" height="100" fill="white"/><text fill="#000">a</text></svg>', label="x", prefix="d")
    assert picture.own_colours
    assert "var(" not in picture.svg


def test_every_chart_colour_is_a_colour_of_the_page() -> None:
    from workbench.reports.blocks import PAGE_FOLDER

    css = (PAGE_FOLDER / "page.css").read_text(encoding="utf-8")
    light = css.split("}")[0]
    for colour, name in CHART_COLOURS.items():
        assert re.search(rf"{name}:(\S+?);", light)[1].replace("#fff", "#ffffff") == colour, name


@pytest.mark.parametrize("source", ["", "<p>x</p>", "<svg", '<!DOCTYPE svg [<!ENTITY a "b">]><svg>&a;</svg>', "<svg>&nbsp;</svg>"])
def test_what_is_no_drawing_is_refused(source: str) -> None:
    with pytest.raises(BadFile):
        clean_svg(source, label="x", prefix="d")


def test_a_drawing_with_a_public_doctype_is_read_without_fetching_it() -> None:
    source = '<?xml version="1.0" encoding="utf-16"?>\n<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://elsewhere.test/svg11.dtd">\n'
    assert "<text>é</text>" in clean_svg(f"{source}{SVG}<text>é</text></svg>", label="x", prefix="d").svg


def test_broken_characters_are_left_out() -> None:
    assert printable("a\x00b\ud83dc\U0001f600\n") == "abc\U0001f600\n"
