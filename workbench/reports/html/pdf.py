"""A page as PDF: by the Chromium, Chrome or Edge that is on the machine, otherwise by WeasyPrint.

The browser runs headless with a folder of its own and no way to the network; its process and its folder are gone afterwards.
The same page gives the same bytes, as long as the same browser prints it.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from workbench.errors import BadFile, BadSetting, MissingTool
from workbench.files import write_whole

VARIABLE = "WORKBENCH_CHROMIUM"
TIMEOUT_S = 120.0
_NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
    "chrome",
    "microsoft-edge",
    "microsoft-edge-stable",
    "msedge",
)
_PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge",
    r"C:\Program Files\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Google\Chrome\Application\chrome.exe",
    r"C:\Program Files (x86)\Microsoft\Edge\Application\msedge.exe",
    r"C:\Program Files\Microsoft\Edge\Application\msedge.exe",
)
_OPTIONS = (
    "--headless", "--disable-gpu", "--no-first-run", "--no-default-browser-check", "--disable-extensions", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-dev-shm-usage", "--host-resolver-rules=MAP * ~NOTFOUND",
    "--no-pdf-header-footer", "--export-tagged-pdf", "--generate-pdf-document-outline",
)  # fmt: skip
_DATE = re.compile(rb"(/(?:CreationDate|ModDate) \(D:)\d{14}")
_ID = re.compile(rb"(/ID\s*\[\s*<)([0-9A-Fa-f]+)(>\s*<)([0-9A-Fa-f]+)(>)")


def write_pdf(html_path: Path, pdf_path: Path, *, timeout_s: float = TIMEOUT_S) -> Path:
    """Print a page of ours to a tagged PDF with an outline.

    Parameters
    ----------
    html_path : the page
    pdf_path : where the PDF goes; what is there stays until the new one is whole
    timeout_s : when to give up on the browser

    Raises
    ------
    MissingTool
        There is neither a browser nor WeasyPrint.
    BadFile
        There is no such page, or it could not be printed.
    """
    if not html_path.is_file():
        raise BadFile(html_path, "there is no such page", "Make the report first.")
    browser = find_browser()
    pdf = _undated(_printed_by_browser(browser, html_path, timeout_s) if browser else _printed_by_weasyprint(html_path))
    write_whole(pdf_path, pdf)
    return pdf_path


def find_browser() -> str | None:
    """The browser that ``WORKBENCH_CHROMIUM`` names, otherwise the first on the path or in the usual places."""
    wanted = os.environ.get(VARIABLE)
    if wanted:
        found = shutil.which(wanted)
        if found is None:
            raise BadSetting(VARIABLE, f'there is no program "{wanted}"', "Name Chromium, Chrome or Edge, or unset it.")
        return found
    return next(_browsers(), None)


def _browsers() -> Iterator[str]:
    yield from filter(None, map(shutil.which, _NAMES))
    yield from (place for place in _PLACES if Path(place).is_file())


def _printed_by_browser(browser: str, page: Path, timeout_s: float) -> bytes:
    with tempfile.TemporaryDirectory(prefix="wb-pdf-", ignore_cleanup_errors=True) as folder:
        target = Path(folder) / "page.pdf"
        command = [browser, *_OPTIONS, f"--user-data-dir={folder}/profile", f"--print-to-pdf={target}", page.resolve().as_uri()]
        if hasattr(os, "geteuid") and os.geteuid() == 0:
            command.insert(1, "--no-sandbox")  # as root the sandbox refuses to start; the page runs nothing but our scripts
        said = _run(command, page, timeout_s, folder)
        if not target.is_file():
            raise BadFile(page, f"{Path(browser).name} did not print it ({said})", f"Name another browser in {VARIABLE}.")
        return target.read_bytes()


def _run(command: list[str], page: Path, timeout_s: float, folder: str) -> str:
    """Run the browser to its end, or to the end of our patience; gives its last line."""
    with (Path(folder) / "said").open("w+", encoding="utf-8", errors="replace") as said:
        try:
            process = subprocess.Popen(  # noqa: S603
                command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=said, start_new_session=True, env=_environment(folder)
            )
        except OSError as error:
            raise BadFile(command[0], f"it cannot be started ({error.strerror})", f"Name another browser in {VARIABLE}.") from error
        try:
            process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            raise BadFile(page, f"{Path(command[0]).name} did not print it in {timeout_s:g} s", "Try again, or print it by hand.") from None
        finally:
            _end(process)
        said.seek(0)
        return (said.read().strip().splitlines() or [f"exit code {process.returncode}"])[-1][:200]


def _environment(folder: str) -> dict[str, str]:
    """The browser keeps its other traces (crash reports, font caches) in the same folder, which goes."""
    return os.environ | {"XDG_CONFIG_HOME": f"{folder}/config", "XDG_CACHE_HOME": f"{folder}/cache", "TZ": "UTC"}


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a browser with all the processes that it started."""
    with suppress(OSError):
        if sys.platform == "win32":
            process.kill()
        else:
            os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _printed_by_weasyprint(page: Path) -> bytes:
    try:
        from weasyprint import HTML

        from workbench.reports.html.formula_words import formulas_in_words
    except (ImportError, OSError) as error:  # it needs libraries of the system, too
        raise MissingTool(
            "A browser (Chromium, Chrome or Edge) or WeasyPrint, one of which prints PDF,", 'pip install "ux-workbench[pdf]"'
        ) from error
    html = formulas_in_words(page.read_text(encoding="utf-8"))  # it would print a fraction as two numbers in a row
    return bytes(HTML(string=html, base_url=str(page), url_fetcher=_nothing_from_elsewhere).write_pdf(pdf_variant="pdf/ua-1"))


def _nothing_from_elsewhere(url: str, *_: Any, **__: Any) -> dict[str, Any]:
    if url.startswith("data:"):
        from weasyprint import default_url_fetcher

        return dict(default_url_fetcher(url))
    raise ValueError("a report asks for nothing outside itself")


def _undated(pdf: bytes) -> bytes:
    """Without the time and the chance that tell two prints of one page apart; nothing moves, so its index still holds."""
    still = _DATE.sub(rb"\g<1>20000101000000", pdf)
    name = sha256(_ID.sub(b"", still)).hexdigest().encode() * 2
    return _ID.sub(lambda m: m[1] + name[: len(m[2])] + m[3] + name[: len(m[4])] + m[5], still)
