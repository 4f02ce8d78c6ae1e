"""A real Chromium for the tests of what a reader sees."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"
NAMES = ("chromium", "google-chrome", "chromium-browser", "google-chrome-stable", "chrome")


@contextmanager
def launch_chromium(**options: Any) -> Iterator[Any]:
    """A headless Chromium: the machine's own where there is one, otherwise Playwright's.  A missing browser is a failure, not a skip."""
    from playwright.sync_api import Error, sync_playwright

    executable = next((path for name in NAMES if (path := shutil.which(name))), None)
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"], **options)
        except Error as error:
            pytest.fail(f"No Chromium to test with. Install one with: playwright install chromium (or apt-get install chromium).\n{error}")
        try:
            yield browser
        finally:
            browser.close()


def axe_violations(page: Any, within: str = "html") -> list[dict[str, Any]]:
    """What axe-core finds wrong in a part of a page: the rule, its impact, and the first places.  A strict page must be opened past its policy."""
    assert AXE.exists(), "axe-core is not installed. Install it with: npm ci --prefix tests"
    page.add_script_tag(path=AXE)
    found = page.evaluate(
        "(within) => axe.run(document.querySelector(within), { resultTypes: ['violations'] }).then((r) => r.violations)", within
    )
    return [{"id": v["id"], "impact": v["impact"], "at": [n["html"] for n in v["nodes"]][:3]} for v in found]


def serious_violations(page: Any, within: str = "html") -> list[dict[str, Any]]:
    """The violations that shut somebody out."""
    return [v for v in axe_violations(page, within) if v["impact"] in ("serious", "critical")]


def opened(chromium: Any, page: Path, **options: Any) -> Any:
    """A file in a window of its own; ``options`` are those of Playwright's ``new_context``."""
    visit = chromium.new_context(**options).new_page()
    visit.goto(page.as_uri())
    return visit
