"""The page of all reports in a reader's browser: found by keyboard, complete without JavaScript, nothing asked of anybody."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from batches import CODINGS, EVENTS, study_with
from browser import serious_violations
from made_pages import REPORTS, fail_page, make_page, measured, page_of
from playwright.sync_api import expect

from workbench.reports.index.index_page import write_index

NEW, RETURNING = "people-customer-new", "people-customer-returning"
PAINS = '<h2 id="pains">What hurts</h2><p>The slot is gone</p><blockquote id="q-1">“Café Zürich kept no slot for me”</blockquote>'


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with closing(study_with(tmp_path_factory.mktemp("index"), REPORTS, codings=CODINGS, events=EVENTS)) as study:
        for day, value in (("15", 12.0), ("22", 21.0)):
            started = f"2026-11-{day}T06:26:00.000+00:00"
            make_page(study, NEW, page_of(PAINS), started=started, shown=measured(value, value - 7, value + 7))
        make_page(
            study, RETURNING, page_of('<h2 id="joys">What pleases</h2><p>The slot was kept</p>'), started="2026-11-20T06:00:00.000+00:00"
        )
        make_page(study, "old", page_of("<p>&lt;img src=x onerror=alert(1)&gt; slotted</p>"))
        fail_page(study, "events", 'events, code cell 2 ("x") failed with ValueError: <b>no events</b>.', template="events")
        yield write_index(study)


@pytest.fixture
def visit(chromium: Any, index: Path) -> Iterator[Any]:
    page, trouble = chromium.new_page(), []
    page.on("console", lambda message: trouble.append(message.text))
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("dialog", lambda dialog: (trouble.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda request: None if request.url.startswith("file:") else trouble.append(request.url))
    page.goto(index.as_uri())
    yield page
    assert trouble == []
    page.close()


def hits(page: Any) -> Any:
    return page.locator("#wb-hits a.hit")


def search(page: Any, words: str) -> None:
    page.keyboard.press("/")
    page.keyboard.type(words)


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_axe_finds_nothing_serious_with_everything_open_and_in_what_was_found(chromium: Any, index: Path, scheme: str, width: int) -> None:
    page = chromium.new_context(color_scheme=scheme, bypass_csp=True, viewport={"width": width, "height": 900}).new_page()
    page.goto(index.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert serious_violations(page) == []
    search(page, "slot")
    expect(hits(page)).to_have_count(4)
    assert serious_violations(page) == []
    page.context.close()


def test_a_word_is_found_and_opened_by_keyboard_alone(visit: Any) -> None:
    search(visit, "zurich CAFE")
    expect(hits(visit)).to_have_count(1)
    expect(hits(visit)).to_contain_text("What hurts“Café Zürich kept no slot for me”")
    assert visit.locator("#wb-hits mark").all_text_contents() == ["Café", "Zürich"]
    visit.keyboard.press("ArrowDown")
    expect(hits(visit)).to_be_focused()
    visit.keyboard.press("Enter")
    visit.wait_for_url(f"**/{NEW}.html#q-1")


def test_arrows_go_through_what_was_found_and_escape_ends_it(visit: Any) -> None:
    search(visit, "slot")
    expect(visit.locator(".search output")).to_have_text("3 pages")
    visit.keyboard.press("ArrowDown")
    visit.keyboard.press("ArrowDown")
    expect(hits(visit).nth(1)).to_be_focused()
    visit.keyboard.press("ArrowUp")
    visit.keyboard.press("ArrowUp")
    expect(visit.get_by_role("searchbox")).to_be_focused()
    visit.keyboard.press("Escape")
    expect(visit.locator("#wb-list")).to_be_visible()
    assert not visit.locator("#wb-hits").is_visible()


def test_several_words_find_pages_with_all_of_them_wherever_they_stand(visit: Any) -> None:
    search(visit, "slot pleases")
    expect(visit.locator("#wb-hits h2")).to_have_text(["customer: returning codings"])
    search(visit, "hurts pleases")
    expect(visit.get_by_text("No page shows all of these words.")).to_be_visible()


def test_enter_opens_the_first(visit: Any) -> None:
    search(visit, "kept no")
    visit.keyboard.press("Enter")
    visit.wait_for_url(f"**/{NEW}.html#q-1")


def test_what_a_page_quotes_is_text_in_what_was_found(visit: Any) -> None:
    search(visit, "slotted")
    expect(hits(visit)).to_contain_text("<img src=x onerror=alert(1)> slotted")
    assert visit.locator("img").count() == 0


@pytest.mark.parametrize("scripts", [True, False])
def test_a_choice_leaves_only_its_pages_with_and_without_javascript(chromium: Any, index: Path, scripts: bool) -> None:
    page = chromium.new_context(java_script_enabled=scripts).new_page()
    page.goto(index.as_uri())
    shown = page.locator(".page:visible h3")
    expect(shown).to_have_count(5)
    page.get_by_label("Made for").select_option(label="returning")
    expect(shown).to_have_text(["customer: returning"])
    page.get_by_label("Made for").select_option(label="everything")
    page.locator("#by-day").select_option(label="on 22 November 2026")
    expect(shown).to_have_text(["customer: new", "The whole study"])
    page.locator("#by-day").select_option(label="on any day")
    page.locator("#by-report").select_option(label="events (1)")
    expect(shown).to_have_text(["The whole study failed"])
    page.context.close()


def test_without_javascript_nothing_is_missing_but_the_search(chromium: Any, index: Path) -> None:
    page = chromium.new_context(java_script_enabled=False).new_page()
    page.goto(index.as_uri())
    expect(page.locator(".failures")).to_contain_text("failed with ValueError: <b>no events</b>")
    assert not page.get_by_role("searchbox").is_visible()
    page.get_by_text("2 runs").click()
    expect(page.get_by_role("cell", name="There was no page yet.")).to_be_visible()
    expect(page.get_by_label("over 2 runs from +12 on 15 Nov 2026 to +21 on 22 Nov 2026")).to_be_visible()
    page.context.close()


@pytest.mark.parametrize("width", [360, 1440])
def test_the_page_never_scrolls_sideways(chromium: Any, index: Path, width: int) -> None:
    page = chromium.new_page(viewport={"width": width, "height": 900})
    page.goto(index.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.close()
