"""Drawings get smaller and look the same."""

from __future__ import annotations

import altair as alt
import pandas as pd

from workbench.charts.renderer import to_svg
from workbench.reports.html.sanitise import clean_svg

SVG = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="200" height="100" viewBox="0 0 200 100">'


def drawn(inner: str, start: str = SVG) -> str:
    return str(clean_svg(f"{start}{inner}</svg>", label="x", prefix="d").svg).split(">", 1)[1].removesuffix("</svg>")


def test_numbers_have_the_digits_that_a_screen_can_show() -> None:
    assert drawn('<path fill="red" d="M1.23456789,-0.0001L1e-7,2.5"/>') == '<path fill="red" d="M1.23,0L0,2.5"/>'
    assert drawn('<rect x="10.123456" width="3" height="4" transform="translate(1.98765,2)"/>') == (
        '<rect x="10.12" width="3" height="4" transform="translate(1.99,2)"/>'
    )


def test_a_drawing_that_is_magnified_keeps_its_digits() -> None:
    inner = '<path d="M0.12345,0.5l0.98765,0"/>'
    assert "0.12345" in drawn(inner, SVG.replace("0 0 200 100", "0 0 2 1"))
    assert "0.12345" in drawn(f'<g transform="scale(50)">{inner}</g>')
    assert "0.988" in drawn(inner)


def test_what_all_shapes_of_a_group_say_is_said_once() -> None:
    inner = '<g><rect x="1" fill="#5c6470" stroke-width="2"/><rect x="2" fill="#5c6470" stroke-width="2"/></g>'
    assert drawn(inner) == '<g fill="var(--soft, #5c6470)" stroke-width="2"><rect x="1"/><rect x="2"/></g>'


def test_nothing_is_lifted_from_what_is_used_elsewhere() -> None:
    inner = '<g><path id="a" fill="red"/><path fill="red"/></g><use xlink:href="#a"/>'
    assert drawn(inner).count('fill="red"') == 2


def test_text_on_a_group_keeps_the_colour_that_the_page_maps() -> None:
    inner = '<g><text fill="#000">a</text><text fill="#000">b</text></g><path stroke="#5c6470"/>'
    assert drawn(inner).count('fill="var(--ink, #000)"') == 2


def test_what_cannot_be_seen_is_left_out() -> None:
    inner = '<g fill="none"><path d="M0,0h5"/><path d="M0,0h5" stroke="red"/><rect fill="red" display="none"/></g>'
    assert drawn(inner) == '<g fill="none"><path d="M0,0h5" stroke="red"/></g>'
    assert "<rect" in drawn('<defs><clipPath id="c" fill="none"><rect/></clipPath></defs><g clip-path="url(#c)"><rect/></g>')


def test_a_scatter_plot_weighs_a_third() -> None:
    data = pd.DataFrame({"x": range(300), "y": [n * n % 97 for n in range(300)]})
    svg = to_svg(alt.Chart(data).mark_point().encode(x="x", y="y").to_dict())
    smaller = str(clean_svg(svg, label="x", prefix="d").svg)
    assert smaller.count("<circle") == 300
    assert len(smaller) < len(svg) / 3
