"""The map on the page, in a real browser with the network off: what it shows is what Python computed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from browser import serious_violations
from playwright.sync_api import Browser, Page

from workbench.reports.html.exporter import render_html
from workbench.reports.sections.journey_page import JourneyReport, journey_report
from workbench.study.sample import make_sample_study


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> JourneyReport:
    return journey_report(make_sample_study(tmp_path_factory.mktemp("page") / "grocery")[0])


@pytest.fixture(scope="module")
def file(report: JourneyReport, tmp_path_factory: pytest.TempPathFactory) -> Path:
    blocks = (report.summary(), report.map(), report.opportunities(), report.people(), report.method())
    outputs = [nbformat.v4.new_output("execute_result", data=b._repr_mimebundle_()) for b in blocks]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("", outputs=[o]) for o in outputs])
    path = tmp_path_factory.mktemp("page") / "map.html"
    path.write_text(render_html(notebook), encoding="utf-8")
    return path


@pytest.fixture
def page(chromium: Browser, file: Path) -> Iterator[Page]:
    context = chromium.new_context(viewport={"width": 1440, "height": 1000})
    opened = context.new_page()
    trouble: list[str] = []
    opened.on("console", lambda message: trouble.append(message.text))
    opened.on("pageerror", lambda error: trouble.append(str(error)))
    opened.on("request", lambda request: None if request.url.startswith("file:") else trouble.append(request.url))
    opened.goto(file.as_uri())
    yield opened
    assert trouble == [], "no request, no console message, no error"
    context.close()


def counts(page: Page) -> dict[str, str]:
    """Each statement that is shown, with what it says of its n."""
    return page.evaluate(
        """() => Object.fromEntries([...document.querySelectorAll("details.item")].filter(d => !d.hidden).map(d =>
            [d.closest("tr").querySelector("th .name").textContent + " " + d.cellIndex + d.closest("td").cellIndex + " " + d.querySelector(".t").textContent,
             d.querySelector(".count").textContent]))"""
    )


def expected(report: JourneyReport, view: int) -> dict[str, str]:
    journey = report.views[view].journey
    order = [s.id for s in journey.stages]
    return {
        f"{c.lane} undefined{order.index(c.stage) + 1} {s.text}": f"{s.n} of {s.n_of}"
        for c in journey.cells
        for s in c.statements
        if s.said_by
    }


def test_every_view_shows_exactly_the_people_whom_python_counted(page: Page, report: JourneyReport) -> None:
    assert len(report.views) == 10, "everyone, seven segments, two personas"
    for i, view in enumerate(report.views):
        page.locator(f'button[data-key="{view.key}"]').click()
        assert counts(page) == expected(report, i), view.label
        assert page.locator('[aria-pressed="true"]').text_content() == f"{view.label} {view.journey.n_of}"


def test_a_view_shows_only_quotes_of_its_people(page: Page, report: JourneyReport) -> None:
    page.locator('button[data-key="device-phone"]').click()
    shown = set(page.eval_on_selector_all("blockquote:not([hidden])", "quotes => quotes.map(q => q.dataset.p)"))
    phone = next(v for v in report.views if v.key == "device-phone").journey.participants
    assert shown <= set(phone)
    assert len(shown) == 7


def test_a_statement_opens_by_keyboard_to_who_said_it_where_and_when(page: Page) -> None:
    critical = page.locator("details.truth")
    critical.locator("summary").focus()
    page.keyboard.press("Enter")
    quote = critical.locator("blockquote").first
    assert quote.is_visible()
    assert quote.locator("footer").inner_text().startswith("Mara · new, phone, couple · ")
    assert critical.locator(".rests").inner_text().startswith("8 of 12; of people like these 39 to 86 % would be a fair guess; ")
    page.locator('button[data-key="device-phone"]').click()
    assert critical.locator(".rests").inner_text().startswith("7 of 7; of people like these 65 to 100 % would be a fair guess; ")
    assert critical.locator(".reason").inner_text().startswith("Proposed as the critical moment: 8 of 12 said it")


def test_a_number_opens_to_what_it_was_counted_from(page: Page) -> None:
    measure = page.locator('[data-view="0"] > details.m', has_text="Orders within a day of the first checkout")
    measure.locator("summary").click()
    assert "964 of 1,731 users (events)" in measure.locator(".rests").nth(1).inner_text()


def test_a_stage_opens_its_funnel_also_without_javascript(chromium: Browser, file: Path, report: JourneyReport) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(file.as_uri())
    row = page.locator(".funnels")
    row.get_by_text("open_checkout → order_placed").first.click()
    said = row.locator('[data-view="0"] details[open]').inner_text()
    log = report.study.events
    assert log is not None
    _, placed = log.funnel(["open_checkout", "order_placed"], count="any entry")["n"]
    assert f"{placed:,} users" in said
    assert "largest drop" in said
    assert "Wilson" in said
    assert row.locator("td").nth(5).inner_text().strip() == "", "Return names no events"
    context.close()


def test_the_funnel_of_a_view_counts_the_users_of_its_segment(page: Page, report: JourneyReport) -> None:
    page.locator('button[data-key="device-phone"]').click()
    log = report.study.events
    assert log is not None
    n, _ = log.funnel(["open_checkout", "order_placed"], count="any entry", where={"device": "phone"})["n"]
    index = [v.key for v in report.views].index("device-phone")
    shown = page.locator(f'.funnels td:nth-of-type(4) [data-view="{index}"] summary')
    assert shown.is_visible()
    assert f"n {n:,}" in shown.inner_text()


def test_a_link_to_a_quote_opens_its_statement(page: Page, file: Path) -> None:
    link = page.locator("details.truth blockquote a").first.get_attribute("href")
    page.goto("about:blank")
    page.goto(file.as_uri() + str(link))
    assert page.locator(f"blockquote{link}").is_visible()


def test_someone_who_did_not_agree_to_be_quoted_is_counted_and_silent(page: Page, report: JourneyReport) -> None:
    html = page.content()
    words = [q.text for c in report.journey.cells for s in c.statements for q in s.quotes if q.participant == "P09" and len(q.text) > 25]
    assert len(words) > 20
    assert [w for w in words if w in html] == []
    assert "P09" in report.journey.participants


def test_the_map_can_be_read_without_javascript(chromium: Browser, file: Path) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(file.as_uri())
    assert page.get_by_text("12 of 12 talked about it").first.is_visible()
    page.locator("details.truth summary").click()
    assert page.locator("details.truth blockquote").first.is_visible()
    assert not page.locator(".views").is_visible(), "what cannot work is not offered"
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_with_everything_open(chromium: Browser, file: Path, scheme: str) -> None:
    # The page's policy lets no other script run, axe neither: it comes in past the policy.
    context = chromium.new_context(color_scheme=scheme, bypass_csp=True)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(file.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert serious_violations(page) == []
    context.close()


@pytest.mark.parametrize("width", [360, 1024, 1440])
def test_the_page_itself_never_scrolls_sideways(chromium: Browser, file: Path, width: int) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    page.goto(file.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()


def test_nothing_of_the_map_is_cut_on_paper(chromium: Browser, file: Path) -> None:
    context = chromium.new_context(viewport={"width": 1040, "height": 720})
    page = context.new_page()
    page.goto(file.as_uri())
    page.emulate_media(media="print")
    map_, sheet = page.locator("table.map").bounding_box(), page.locator(".journey").bounding_box()
    assert map_ is not None
    assert sheet is not None
    assert map_["x"] + map_["width"] <= sheet["x"] + sheet["width"] + 1
    assert page.evaluate("[...document.querySelectorAll('table.map td, table.map th')].every(c => c.scrollWidth <= c.clientWidth + 1)")
    context.close()


def test_the_page_lists_its_map_as_a_table_with_every_statement(page: Page, report: JourneyReport) -> None:
    page.locator(".as-table > summary").click()
    statements = [s for c in report.journey.cells for s in c.statements]
    rows = sum(max(1, len(s.measures)) for s in statements)
    assert page.locator(".as-table tbody tr").count() == rows


def test_a_map_of_some_people_says_that_what_was_collected_is_the_whole_studys(report: JourneyReport) -> None:
    assert "in a study with" not in report.summary().data["lede"]
    lede = journey_report(report.study, segment="customer=new").summary().data["lede"]
    assert lede.startswith("Six people, in a study with 436 answer sheets of 2 surveys, 260 support tickets and ")
