"""Overview, findings, code report and survey pulse, each run once on the sample study and read in a real browser with the network off."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from browser import opened, serious_violations
from playwright.sync_api import Browser

from workbench.reports.run import run_report
from workbench.study.sample import make_sample_study

PAGES = ("study_overview", "interview_findings", "code_report", "survey_pulse")
LINKED = (*PAGES, "funnel", "what_changed", "journey_map", "one_pager")
DEAD_LINKS = "[...document.querySelectorAll('a[href^=\"#\"]')].map(a => decodeURIComponent(a.hash.slice(1))).filter(id => !document.getElementById(id))"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Path]]:
    with closing(make_sample_study(tmp_path_factory.mktemp("pages") / "grocery")[0]) as study:
        records = {name: run_report(name, study) for name in LINKED}
        yield {name: study.folder / "reports" / record.output for name, record in records.items()}


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(chromium: Browser, pages: dict[str, Path], name: str, scheme: str) -> None:
    visit = opened(chromium, pages[name], color_scheme=scheme, bypass_csp=True)
    assert serious_violations(visit) == []
    visit.context.close()


@pytest.mark.parametrize("name", LINKED)
def test_every_link_on_a_page_leads_somewhere_and_nothing_is_fetched(chromium: Browser, pages: dict[str, Path], name: str) -> None:
    visit, trouble = chromium.new_page(), []
    visit.on("console", lambda message: trouble.append(message.text))
    visit.on("request", lambda request: None if request.url.startswith("file:") else trouble.append(request.url))
    visit.goto(pages[name].as_uri())
    assert trouble == []
    assert visit.evaluate(DEAD_LINKS) == []
    visit.close()


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("width", [360, 1440])
def test_a_page_never_scrolls_sideways(chromium: Browser, pages: dict[str, Path], name: str, width: int) -> None:
    visit = opened(chromium, pages[name], viewport={"width": width, "height": 900})
    assert visit.evaluate("document.documentElement.scrollWidth") <= width
    visit.context.close()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_fits_into_a_mail(pages: dict[str, Path], name: str) -> None:
    assert pages[name].stat().st_size < 180_000


def test_the_sample_shows_what_was_planted_in_it(chromium: Browser, pages: dict[str, Path]) -> None:
    """The longer slot hold of 5 October helped phones; the expired slot is the pain that most share."""
    headings = {name: opened(chromium, pages[name]).locator("h1").first.inner_text().replace("\N{NO-BREAK SPACE}", " ") for name in LINKED}
    assert "Satisfied with the checkout, phone: 34 % before, 65 % after" in headings["survey_pulse"]
    assert "8 of 12 say it: Slot expires while paying" in headings["interview_findings"]
