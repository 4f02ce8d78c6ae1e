"""A report beside its HTML page: as a PDF, as Markdown."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path

from nbformat import NotebookNode

from workbench.model import ReportFormat

_ENDINGS = {ReportFormat.PDF: ".pdf", ReportFormat.MARKDOWN: ".md"}


def beside(page: Path, formats: Iterable[str]) -> list[Path]:
    """Where the other forms of a page are written: the same name with another ending."""
    return [page.with_suffix(_ENDINGS[ReportFormat(f)]) for f in formats if f in _ENDINGS]


def in_formats(notebook: NotebookNode, html: str, page: Path, formats: Iterable[str]) -> dict[Path, bytes]:
    """The content of each file that :func:`beside` names.

    Raises
    ------
    MissingTool
        There is nothing that makes a PDF.
    """
    return {path: _MAKE[path.suffix](notebook, html) for path in beside(page, formats)}


def _pdf(_notebook: NotebookNode, html: str) -> bytes:
    from workbench.reports.html.pdf import write_pdf

    with tempfile.TemporaryDirectory(prefix="wb-") as folder:
        page, made = Path(folder) / "page.html", Path(folder) / "page.pdf"
        page.write_text(html, encoding="utf-8")
        write_pdf(page, made)
        return made.read_bytes()


def _markdown(notebook: NotebookNode, _html: str) -> bytes:
    from workbench.reports.html.markdown import render_markdown

    return render_markdown(notebook).encode()


_MAKE = {".pdf": _pdf, ".md": _markdown}
