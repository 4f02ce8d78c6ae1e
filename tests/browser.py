"""A real Chromium for the tests of what a reader sees."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

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
