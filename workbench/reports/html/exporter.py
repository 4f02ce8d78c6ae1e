"""The nbconvert exporter ``workbench``: any notebook as one HTML file that needs nothing else, and runs nothing of the notebook's.

Research results arrive as :class:`~workbench.reports.blocks.Block` data and are laid out by the page's own templates; everything
else in a notebook is somebody's markup and is sanitised. The same notebook always gives the same bytes.
"""

from __future__ import annotations

import base64
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Any

from workbench.quick_imports import skip_slow_imports

skip_slow_imports()

from markupsafe import Markup  # noqa: E402
from nbconvert.exporters.templateexporter import TemplateExporter  # noqa: E402
from nbconvert.utils.iso639_1 import iso639_1  # noqa: E402
from nbformat import NotebookNode  # noqa: E402
from traitlets import Bool, default  # noqa: E402

from workbench.reports.blocks import PAGE_FOLDER  # noqa: E402
from workbench.reports.html import live  # noqa: E402
from workbench.reports.html.cells import CellWriter  # noqa: E402
from workbench.reports.html.outline import Numbered  # noqa: E402
from workbench.reports.html.sanitise import printable  # noqa: E402

#: Blocks that want the whole width of a large screen; the page is then wider as a whole.
WIDE_BLOCKS = frozenset({"journey-map"})
#: Style sheets of an author's words, which build on no other.
_OF_WORDS = frozenset({"footnotes", "formulas"})


class WorkbenchExporter(TemplateExporter):
    """One self-contained page.  ``exclude_input`` (``--no-input``) leaves all code out, as does ``{"workbench": {"exclude_input": true}}``
    in the notebook's metadata, where ``title`` and ``language`` are read too, and ``"charts": "interactive"``.
    """

    interactive = Bool(
        False,
        help="Charts that answer the mouse and the keyboard; the page carries the chart library, 400 KB.",
    ).tag(config=True)

    export_from_notebook = "Workbench report"
    output_mimetype = "text/html"

    @default("optimistic_validation")
    def _checked_once(self) -> bool:
        return True  # after all preprocessors, not after each of them, most of which are switched off

    @default("file_extension")
    def _html_extension(self) -> str:
        return ".html"

    @default("template_paths")
    def _page_folder(self) -> list[str]:
        return [*self.extra_template_paths, str(PAGE_FOLDER)]

    def _create_environment(self) -> Any:
        made = super()._create_environment()
        made.autoescape = made.trim_blocks = made.lstrip_blocks = True
        return made

    def from_notebook_node(  # type: ignore[override]  # as nbconvert's own template exporter
        self, nb: NotebookNode, resources: dict[str, Any] | None = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        """The page, and nbconvert's resources."""
        # The ordinary step after preprocessing would hand the template the whole notebook, with its paths and parameters.
        notebook, resources = super(TemplateExporter, self).from_notebook_node(nb, resources, **kw)
        settings = notebook.metadata.get("workbench")
        settings = settings if isinstance(settings, Mapping) else {}
        writer = CellWriter(
            notebook,
            show_code=not (self.exclude_input or self.exclude_code_cell or settings.get("exclude_input")),
            show_output=not (self.exclude_output or self.exclude_code_cell),
            show_markdown=not self.exclude_markdown,
            interactive=self.interactive or settings.get("charts") == "interactive",
        )
        name = resources.get("metadata", {}).get("name", "")
        page = _page(notebook, writer, file_name="" if name == "Notebook" else name)
        for label in dict.fromkeys(writer.unknown_references):
            self.log.warning(f"@{label}: no figure or table on the page has this label. Give the cell that shows it the tag {label}.")
        assets = _assets(_sheets_for("".join(page.parts), writer.blocks), interactive=writer.has_live_charts)
        html = self.template.render(page=page, assets=assets)
        return html.encode("utf-8", "replace").decode(), resources


def render_html(notebook: NotebookNode, *, interactive: bool = False) -> str:
    """A notebook as one HTML page that opens anywhere and contacts nobody.

    Parameters
    ----------
    notebook : executed
    interactive : whether charts answer the mouse and the keyboard; the page is then some 400 KB larger
    """
    html, _ = _exporter(interactive).from_notebook_node(notebook)
    return str(html)


@dataclass(frozen=True)
class Page:
    """What the page's template is given.

    ``title_shown`` is whether somebody chose the title; ``title_in_body`` whether a heading of the first level stands in the parts already.
    ``contents_fit`` is whether the contents are short enough for one line; ``numbered`` are the figures and tables.
    """

    title: str
    language: str
    title_shown: bool
    title_in_body: bool
    contents: list[tuple[str, str]]
    contents_fit: bool
    numbered: list[Numbered]
    parts: list[Markup]
    has_code: bool
    wide: bool


@dataclass(frozen=True)
class Assets:
    """Style and scripts (one for the head, the others for the end of the body), and the policy that lets exactly these run.

    ``library`` is the packed chart library, where charts are live.
    """

    css: str
    head: str
    scripts: list[str]
    library: str
    policy: str


@cache
def _exporter(interactive: bool) -> WorkbenchExporter:
    return WorkbenchExporter(interactive=interactive)


@cache
def _classes_of(sheet: str) -> frozenset[str]:
    """The classes that a style sheet of ``page/`` has rules for."""
    return frozenset(re.findall(r"\.([A-Za-z][\w-]*)", (PAGE_FOLDER / f"{sheet}.css").read_text(encoding="utf-8")))


def _sheets_for(html: str, blocks: Iterable[str]) -> tuple[str, ...]:
    """The style sheets beside ``page.css`` that the page needs: those of its blocks, and those that alone know a class on it.

    ``evidence.css`` is what they all build on.
    """
    used = {name for classes in re.findall(r'\bclass="([^"]*)"', html) for name in classes.split()} - _classes_of("page")
    special = {path.stem: _classes_of(path.stem) & used for path in PAGE_FOLDER.glob("*.css") if path.stem not in {"page", "live"}}
    known_by = Counter(name for classes in special.values() for name in classes)
    needed = {name.replace("-", "_") for name in blocks} & special.keys()
    needed |= {sheet for sheet, classes in special.items() if any(known_by[name] == 1 for name in classes)}
    return tuple(sorted(needed | ({"evidence"} if needed - _OF_WORDS else set())))


@cache
def _assets(sheets: tuple[str, ...], *, interactive: bool) -> Assets:
    """The style and scripts of a page; a script goes with the style sheet of its name."""
    names = ["page", *sheets, *(["live"] if interactive else [])]
    files = {
        path.name: path.read_text(encoding="utf-8")
        for n in names
        for path in (PAGE_FOLDER / f"{n}.css", PAGE_FOLDER / f"{n}.js")
        if path.is_file()
    }
    css = [files[f"{n}.css"] for n in names] + ([live.colour_rules()] if interactive else [])
    scripts = [files[f"{n}.js"] for n in names if f"{n}.js" in files]
    head = (PAGE_FOLDER / "head.js").read_text(encoding="utf-8")
    library = live.library() if interactive else live.Library("", "")
    return Assets("\n".join(css), head, scripts, library.packed, _policy([head, *scripts], library.hash))


def _policy(scripts: list[str], library: str) -> str:
    """Only these scripts run, and nothing is fetched."""
    hashes = [f"'sha256-{base64.b64encode(sha256(script.encode()).digest()).decode()}'" for script in scripts]
    allowed = " ".join([*hashes, library]).strip()
    return f"default-src 'none'; script-src {allowed}; style-src 'unsafe-inline'; img-src data:; font-src data:; base-uri 'none'; form-action 'none'"


def _page(notebook: NotebookNode, writer: CellWriter, *, file_name: str) -> Page:
    parts, headings = writer.parts(), writer.outline.headings
    settings = notebook.metadata.get("workbench")
    settings = settings if isinstance(settings, Mapping) else {}
    first = next((h for h in headings if h.level == 1), None)
    chosen = settings.get("title") or notebook.metadata.get("title")
    contents = [(h.id, h.text) for h in headings if h.level == 2 or (h.level == 1 and h is not first)]
    return Page(
        title=printable(str(chosen or (first.text if first else file_name) or "Report")),
        language=_language(settings.get("language") or notebook.metadata.get("language")),
        title_shown=bool(chosen),
        title_in_body=first is not None,
        contents=contents,
        contents_fit=len(contents) < 9 and sum(len(text) + 3 for _, text in contents) <= (70 if writer.outline.numbered else 90),
        numbered=writer.outline.numbered,
        parts=parts,
        has_code=writer.has_code,
        wide=bool(writer.blocks & WIDE_BLOCKS),
    )


def _language(wanted: object) -> str:
    """A language tag that browsers know; English where the notebook names none (or names a programming language)."""
    tag = str(wanted or "")
    return tag if re.fullmatch(r"[a-z]{2}(-[A-Za-z0-9]{2,8})*", tag) and tag[:2] in iso639_1 else "en"
