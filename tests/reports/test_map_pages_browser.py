"""The pages with maps, blueprint and opportunities, each run once on the sample study and read in a real browser with the network off."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from browser import opened, serious_violations
from playwright.sync_api import Browser

from tests.reports.test_saved_journey import SAVED
from workbench.reports.run import run_report
from workbench.store.documents import save_document
from workbench.study.sample import make_sample_study

PAGES = ("journey_map", "service_blueprint", "opportunities")


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Path]]:
    with closing(make_sample_study(tmp_path_factory.mktemp("pages") / "grocery")[0]) as study:
        with study.db.atomic("ana", "save a map") as transaction:
            save_document(transaction, SAVED)
        records = {name: run_report(name, study, {"journey": SAVED.title}) for name in PAGES}
        yield {name: study.folder / "reports" / record.output for name, record in records.items()}


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_with_everything_open(chromium: Browser, pages: dict[str, Path], name: str, scheme: str) -> None:
    visit = opened(chromium, pages[name], color_scheme=scheme, bypass_csp=True)
    visit.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert serious_violations(visit) == []
    visit.context.close()


@pytest.mark.parametrize("name", PAGES)
def test_a_page_asks_for_nothing_and_complains_of_nothing(chromium: Browser, pages: dict[str, Path], name: str) -> None:
    visit, trouble = chromium.new_page(), []
    visit.on("console", lambda message: trouble.append(message.text))
    visit.on("pageerror", lambda error: trouble.append(str(error)))
    visit.on("request", lambda request: None if request.url.startswith("file:") else trouble.append(request.url))
    visit.goto(pages[name].as_uri())
    for button in visit.locator(".views button").all():
        button.click()
    assert trouble == []
    visit.close()


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("width", [360, 1440])
def test_a_page_never_scrolls_sideways(chromium: Browser, pages: dict[str, Path], name: str, width: int) -> None:
    visit = opened(chromium, pages[name], viewport={"width": width, "height": 900})
    assert visit.evaluate("document.documentElement.scrollWidth") <= width
    visit.context.close()


@pytest.mark.parametrize("name", ["journey_map", "service_blueprint"])
def test_nothing_of_a_map_is_cut_on_paper(chromium: Browser, pages: dict[str, Path], name: str) -> None:
    visit = opened(chromium, pages[name], viewport={"width": 1040, "height": 720})
    visit.emulate_media(media="print")
    cut = "[...document.querySelectorAll('table.map td, table.map th')].filter(c => c.scrollWidth > c.clientWidth + 1).map(c => c.textContent)"
    assert visit.evaluate(cut) == []
    visit.context.close()


def test_the_blueprint_can_be_read_without_javascript(chromium: Browser, pages: dict[str, Path]) -> None:
    visit = opened(chromium, pages["service_blueprint"], java_script_enabled=False)
    for line in ("line of interaction", "line of visibility", "line of internal interaction"):
        assert visit.get_by_text(line, exact=True).is_visible()
    visit.locator("details.item:has(.flag) summary").first.click()
    assert visit.locator("details.item:has(.flag) blockquote").first.is_visible()
    visit.context.close()


def test_an_opportunity_opens_to_what_people_said_without_javascript(chromium: Browser, pages: dict[str, Path]) -> None:
    visit = opened(chromium, pages["opportunities"], java_script_enabled=False)
    visit.locator("details.source summary").first.click()
    assert visit.locator("details.source blockquote").first.is_visible()
    assert visit.get_by_text("This is a before and after, not an experiment").is_visible()
    assert visit.get_by_text("below its target of 80 %").is_visible(), "the alert"
    visit.context.close()


def test_the_links_of_board_and_ranking_lead_to_the_opportunity(chromium: Browser, pages: dict[str, Path]) -> None:
    visit = opened(chromium, pages["opportunities"])
    targets = visit.evaluate("[...document.querySelectorAll('.opportunity-board a:not(.here), .sortable a')].map(a => a.hash.slice(1))")
    assert len(targets) == 6
    assert visit.evaluate("ids => ids.every(id => document.getElementById(id)?.localName === 'article')", targets)
    visit.context.close()


def test_what_somebody_wrote_is_text_and_who_did_not_agree_is_silent(pages: dict[str, Path]) -> None:
    html = {name: path.read_text("utf-8") for name, path in pages.items()}
    assert "<b>On a tablet" not in html["journey_map"]
    assert "&lt;b&gt;On a tablet, too?&lt;/b&gt;" in html["journey_map"]
    assert all('data-p="P09"' not in page for page in html.values())
