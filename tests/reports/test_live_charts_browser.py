"""Charts that answer: drawn by the browser under the strict policy, with the still picture behind them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import altair as alt
import nbformat.v4 as v4
import pandas as pd
import pytest
from browser import serious_violations
from playwright.sync_api import expect

from workbench.charts import renderer
from workbench.reports.html import live
from workbench.reports.html.exporter import WorkbenchExporter, render_html

HOSTILE = "<img src=x onerror=alert(1)>"
DATA = pd.DataFrame({"device": ["phone", HOSTILE, "tv"], "n": [3, 2, 1], "secret": ["said in private"] * 3})


def chart(title: str = "Visits") -> alt.Chart:
    return alt.Chart(DATA, title=title).mark_bar(color="#3d5a98").encode(x="n", y=alt.Y("device", sort=None))


def notebook(*specs: dict[str, Any], **metadata: Any) -> Any:
    shown = [{"application/vnd.vegalite.v6+json": spec, "text/plain": "a chart"} for spec in specs]
    cells = [v4.new_code_cell("x", outputs=[v4.new_output("display_data", data=data)]) for data in shown]
    return v4.new_notebook(cells=cells, metadata=metadata)


@pytest.fixture(scope="module")
def html() -> str:
    return render_html(notebook(*(chart(f"Chart {n}").to_dict() for n in range(3))), interactive=True)


def visit(chromium: Any, html: str, **options: Any) -> tuple[Any, list[str]]:
    """The page, and whatever it said or asked for that it should not."""
    page, noticed = chromium.new_page(**options), []
    page.on("dialog", lambda dialog: (noticed.append(dialog.message), dialog.dismiss()))
    page.on("console", lambda message: noticed.append(message.text))
    page.on("pageerror", lambda error: noticed.append(str(error)))
    page.route("**/*", lambda route: route.fulfill(body=html, content_type="text/html") if route.request.url == "http://report.test/" else (noticed.append(route.request.url), route.abort()))  # fmt: skip
    page.goto("http://report.test/")
    return page, noticed


def test_charts_are_drawn_under_the_policy_with_nothing_fetched_or_said(chromium: Any, html: str) -> None:
    page, noticed = visit(chromium, html, viewport={"width": 1200, "height": 2000})
    expect(page.locator(".frame.drawn .live svg")).to_have_count(3)
    assert noticed == []
    assert "unsafe-eval" not in html
    assert len(html.encode()) < 600_000


def test_the_keyboard_reads_every_mark_and_words_stay_words(chromium: Any, html: str) -> None:
    page, noticed = visit(chromium, html)
    place = page.locator(".live").first
    expect(page.locator(".frame.drawn")).not_to_have_count(0)
    place.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".tip")).to_have_text("n3devicephone")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".tip dd").last).to_have_text(HOSTILE)
    assert page.locator("#wb-said").text_content() == f"n 2, device {HOSTILE}"
    page.keyboard.press("Escape")
    expect(page.locator(".tip")).to_be_hidden()
    assert noticed == []


def test_a_pointer_shows_the_tip(chromium: Any, html: str) -> None:
    page, _ = visit(chromium, html)
    expect(page.locator(".frame.drawn")).not_to_have_count(0)
    page.locator(".live .mark-rect path").first.hover()
    expect(page.locator(".tip")).to_have_text("n3devicephone")


def test_focus_on_a_chart_stays_on_it_when_it_is_drawn(chromium: Any) -> None:
    wide = chart().properties(width=700).to_dict()
    late = v4.new_notebook(cells=[v4.new_markdown_cell("Words.\n\n" * 200), *notebook(wide).cells])
    page, _ = visit(chromium, render_html(late, interactive=True))
    page.evaluate("document.querySelector('.frame').focus({ preventScroll: true })")
    assert page.evaluate("document.activeElement.className") == "scroll frame"
    page.locator(".frame").scroll_into_view_if_needed()
    expect(page.locator(".frame.drawn .live")).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_live_charts_have_the_pages_colours_and_shut_nobody_out(chromium: Any, html: str, scheme: str) -> None:
    page, _ = visit(chromium, html, color_scheme=scheme, bypass_csp=True, viewport={"width": 1200, "height": 2000})
    expect(page.locator(".frame.drawn")).to_have_count(3)
    fill = page.locator(".live .mark-rect path").first.evaluate("e => getComputedStyle(e).fill")
    assert fill == {"light": "rgb(61, 90, 152)", "dark": "rgb(143, 173, 234)"}[scheme]
    assert serious_violations(page) == []


def test_a_live_chart_wider_than_a_phone_scrolls_inside_its_frame(chromium: Any) -> None:
    page, _ = visit(
        chromium, render_html(notebook(chart().properties(width=380).to_dict()), interactive=True), viewport={"width": 360, "height": 700}
    )
    expect(page.locator(".frame.drawn")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_paper_and_pages_without_scripts_show_the_still_pictures(chromium: Any, html: str) -> None:
    page, _ = visit(chromium, html)
    expect(page.locator(".frame.drawn")).not_to_have_count(0)
    still = page.locator(".frame.drawn > svg").first
    assert not still.is_visible()
    page.emulate_media(media="print")
    assert still.is_visible()
    assert not page.locator(".live").first.is_visible()
    bare, _ = visit(chromium, html, java_script_enabled=False)
    assert bare.locator(".frame > svg").first.is_visible()


def test_a_chart_that_vega_cannot_draw_keeps_its_picture(chromium: Any, html: str) -> None:
    broken = html.replace('"mark":{"type":"bar"', '"mark":{"type":"no such mark"')
    assert broken != html
    page, noticed = visit(chromium, broken, viewport={"width": 1200, "height": 2000})
    expect(page.locator(".live")).to_have_count(0)
    assert page.locator(".frame > svg").first.is_visible()
    assert noticed == []


def test_the_notebook_the_exporter_and_the_caller_can_ask_for_it() -> None:
    spec = chart().to_dict()
    by_notebook = render_html(notebook(spec, workbench={"charts": "interactive"}))
    by_option = WorkbenchExporter(interactive=True).from_notebook_node(notebook(spec))[0]
    assert by_notebook == by_option == render_html(notebook(spec), interactive=True)
    assert "wb-library" not in render_html(notebook(spec))
    assert "wb-library" not in render_html(notebook(), interactive=True)


def test_only_columns_that_are_drawn_travel_with_a_chart() -> None:
    assert "said in private" not in render_html(notebook(chart().to_dict()), interactive=True)


def test_a_chart_that_asks_for_anything_from_elsewhere_stays_still() -> None:
    spec = chart().to_dict()
    assert live.live_spec(spec, drawn_by_us=True)
    assert live.live_spec(spec | {"data": {"url": "https://x.test/d.csv"}}, drawn_by_us=True) == ""
    assert live.live_spec(spec | {"mark": {"type": "image"}}, drawn_by_us=True) == ""
    assert live.live_spec(spec | {"$schema": "https://vega.github.io/schema/vega/v6.json"}, drawn_by_us=True) == ""
    assert "usermeta" not in live.live_spec(spec | {"usermeta": {"embedOptions": {"ast": False}}}, drawn_by_us=True)
    assert "</script" not in live.live_spec(chart("</script>").to_dict(), drawn_by_us=True)


def test_a_chart_of_ours_keeps_its_own_look() -> None:
    data, metadata = renderer.render(chart().configure_axis(labelColor="#123456").to_dict())
    cell = v4.new_code_cell("x", outputs=[v4.new_output("display_data", data=data, metadata=metadata)])
    (spec,) = re.findall(r'class="spec">(.*?)</script>', render_html(v4.new_notebook(cells=[cell]), interactive=True))
    assert '"labelColor":"#123456"' in spec
    assert "sans-serif" not in spec


def test_the_library_is_kept_by_version_and_a_damaged_copy_is_built_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "user_cache_path", lambda *_, **__: tmp_path)
    built = live.library.__wrapped__()
    (kept,) = tmp_path.iterdir()
    monkeypatch.setattr("vl_convert.javascript_bundle", lambda *_: pytest.fail("built again"))
    assert live.library.__wrapped__() == built
    kept.write_bytes(b"not gzip")
    monkeypatch.setattr("vl_convert.javascript_bundle", lambda *_: "1")
    assert live.library.__wrapped__() != built
