"""A notebook's cells and outputs as safe pieces of HTML, the best form of each output first."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from html import escape
from typing import Any

from jinja2 import TemplateError
from markupsafe import Markup
from nbconvert.filters.ansi import ansi2html
from nbformat import NotebookNode
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import TextLexer, get_lexer_by_name
from pygments.util import ClassNotFound

from workbench.errors import BadFile
from workbench.reports import blocks
from workbench.reports.html import live, vega
from workbench.reports.html.author import define_footnotes, latex_as_html, markdown_as_html
from workbench.reports.html.footnotes import Footnotes
from workbench.reports.html.outline import Outline
from workbench.reports.html.outputs import RASTER_KINDS, REPR, described, left_out, merged, plain_of, spec_of, starts_with, text_of
from workbench.reports.html.references import name_of, resolve
from workbench.reports.html.sanitise import Picture, clean_html, clean_svg, printable

_SCRIPT_PATH = re.compile(r"(?:[A-Za-z]:|~)?(?:[\\/][^\\/\s:\"'<>]+){0,30}[\\/]([^\\/\s:\"'<>]+\.(?:py|ipynb|pyx))")
_EMPTY = re.compile(r"(?:<(?!img)[^>]*>|\s|&nbsp;)*")


@dataclass(frozen=True)
class Part:
    """One output on the page.  ``block`` is the name of the block that it shows, if it is one."""

    html: Markup
    block: str = ""
    landscape: bool = False


class CellWriter:
    """Writes the parts of one page, and keeps its outline and the names of its blocks.

    Parameters
    ----------
    notebook : what is written
    show_code, show_output, show_markdown : which kinds of content
    interactive : whether charts carry what is needed to draw them live
    """

    def __init__(
        self,
        notebook: NotebookNode,
        *,
        show_code: bool = True,
        show_output: bool = True,
        show_markdown: bool = True,
        interactive: bool = False,
    ) -> None:
        self.notebook, self.outline, self.footnotes, self.interactive = notebook, Outline(), Footnotes(), interactive
        self.show_code, self.show_output, self.show_markdown = show_code, show_output, show_markdown
        language = notebook.metadata.get("language_info", {})
        self._lexer = _lexer(str(language.get("pygments_lexer") or language.get("name") or "python"))
        self._silent: list[str] = []
        self.has_code = self.has_live_charts = False
        self.blocks: set[str] = set()
        self.unknown_references: list[str] = []

    def parts(self) -> list[Markup]:
        """Every part of the page, in order."""
        for cell in self.notebook.cells:
            if cell.cell_type == "markdown" and not _is_removed(cell):
                define_footnotes(cell.source, self.footnotes)
        written = [self._cell(cell) for cell in self.notebook.cells]
        left_over = _macros().cell([], self._code()) if self._silent else Markup()
        parts = [self._with_references(part) for part in (*written, left_over) if part]
        return [*parts, *self._footnotes()]

    def _with_references(self, part: Markup) -> Markup:
        html, unknown = resolve(part, self.outline)
        self.unknown_references += unknown
        return self.footnotes.linked(html)

    def _footnotes(self) -> list[Markup]:
        """The list at the end of the page; a footnote may refer to further ones."""
        written: list[Markup] = []
        while len(written) < len(self.footnotes.notes):
            words = clean_html(markdown_as_html(self.footnotes.notes[len(written)], footnotes=self.footnotes), self.outline, noted=True)
            written.append(Markup(self._with_references(words).strip()))  # noqa: S704
        notes = [(words, self.footnotes.n_links(number)) for number, words in enumerate(written, start=1)]
        return [_macros().footnotes(notes)] if notes else []

    def _cell(self, cell: NotebookNode) -> Markup:
        if _is_removed(cell):
            return Markup()
        if cell.cell_type == "code":
            return self._code_cell(cell, _tags(cell))
        words = self._words(cell)
        return _macros().words(words) if words else words

    def _words(self, cell: NotebookNode) -> Markup:
        """A Markdown cell, or a raw one that says it is HTML or Markdown."""
        kind = cell.metadata.get("raw_mimetype", cell.metadata.get("format", "")) if cell.cell_type == "raw" else "text/markdown"
        if not self.show_markdown or kind not in {"text/markdown", "text/html"}:
            return Markup()
        html = markdown_as_html(cell.source, cell.get("attachments", {}), self.footnotes) if kind == "text/markdown" else cell.source
        return clean_html(html, self.outline, noted=True)

    def _code_cell(self, cell: NotebookNode, tags: set[str]) -> Markup:
        """What a cell shows and, folded beneath, its code with that of the silent cells before it."""
        hidden = cell.metadata.get("jupyter", {})
        if self.show_code and cell.source.strip() and not tags & {"remove-input", "hide-input"} and not hidden.get("source_hidden"):
            self._silent.append(cell.source)
        if not self.show_output or tags & {"remove-output", "hide-output"} or hidden.get("outputs_hidden"):
            return Markup()
        self.outline.label, self.outline.caption = name_of(cell, tags)
        shown = [part for output in merged(cell.outputs) if (part := self._output(output)).html]
        self.outline.label = self.outline.caption = ""
        self.blocks |= {part.block for part in shown}
        return _macros().cell(shown, self._code()) if shown else Markup()

    def _code(self) -> list[Markup]:
        sources, self._silent = self._silent, []
        self.has_code = self.has_code or bool(sources)
        return [_highlighted(source, self._lexer) for source in sources]

    def _output(self, output: NotebookNode) -> Part:
        if output.output_type == "stream":
            return Part(_macros().stream(_terminal(output.text), output.name))
        if output.output_type == "error":
            trace = _SCRIPT_PATH.sub(r"\1", text_of(output.get("traceback", [])))
            return Part(_macros().error(printable(output.ename), printable(output.evalue), _terminal(trace)))
        return self._display(output)

    def _display(self, output: NotebookNode) -> Part:
        """The richest form of an output that can be shown, with a line on what had to be left out."""
        data = output.get("data", {})
        for draw in (self._block, self._drawing, self._chart, self._html, self._markdown_output, self._formula, self._raster, self._latex):
            part = draw(data, output.get("metadata", {}))
            if part is not None:
                return part
        plain, missing = plain_of(data), left_out(data)
        if missing and REPR.fullmatch(plain.strip()):
            plain = ""
        return Part(_macros().plain(_terminal(plain), missing)) if plain or missing else Part(Markup())

    def _block(self, data: Mapping[str, Any], _metadata: Mapping[str, Any]) -> Part | None:
        bundle = data.get(blocks.MIME)
        if not isinstance(bundle, dict) or not blocks.is_block(bundle.get("block")) or not isinstance(bundle.get("data"), dict):
            return None
        try:
            html = blocks.render_block(bundle["block"], bundle["data"], self.outline)
        except (TemplateError, TypeError, ValueError, ArithmeticError):
            return None
        return Part(html, bundle["block"], bool(bundle.get("landscape")))

    def _drawing(self, data: Mapping[str, Any], metadata: Mapping[str, Any]) -> Part | None:
        source = text_of(data.get("image/svg+xml", ""))
        html = text_of(data.get("text/html", "")).lstrip()
        return self._figure(source or (html if html.startswith("<svg") else ""), data, metadata, spec_of(data) or {})

    def _chart(self, data: Mapping[str, Any], metadata: Mapping[str, Any]) -> Part | None:
        spec = spec_of(data) or vega.spec_in_html(text_of(data.get("text/html", "")))
        if spec is None:
            return None
        try:
            return self._figure(vega.draw(spec), data, metadata, spec, drawn_by_us=True)
        except BadFile:
            return None

    def _figure(
        self, source: str, data: Mapping[str, Any], metadata: Mapping[str, Any], spec: Mapping[str, Any], *, drawn_by_us: bool = False
    ) -> Part | None:
        """A drawing; ``spec`` is the chart that it shows, if it is one."""
        if not source:
            return None
        label, caption = described(data, metadata, "image/svg+xml", vega.description(spec))
        try:
            picture = clean_svg(printable(source), label=label, prefix=f"wb-drawing-{self.outline.count('drawing')}")
        except BadFile:
            return None
        drawn_live = live.live_spec(spec, drawn_by_us=drawn_by_us) if self.interactive else ""
        self.has_live_charts = self.has_live_charts or bool(drawn_live)
        return self._captioned(picture, label, caption, title=vega.title(spec), spec=drawn_live)

    def _raster(self, data: Mapping[str, Any], metadata: Mapping[str, Any]) -> Part | None:
        for mime, magic in RASTER_KINDS.items():
            content = "".join(text_of(data.get(mime, "")).split())
            if content and starts_with(content, magic):
                label, caption = described(data, metadata, mime)
                size = metadata.get(mime, {})
                width, height = (f' {k}="{v}"' if isinstance(v := size.get(k), int) else "" for k in ("width", "height"))
                image = Markup(f'<img src="data:{mime};base64,{content}" alt="{escape(label)}"{width}{height}>')  # noqa: S704
                return self._captioned(Picture(image, own_colours=True, width=0), label, caption)
        return None

    def _captioned(self, picture: Picture, label: str, caption: str, *, title: str = "", spec: str = "") -> Part:
        """With its number where somebody has words for it; a title that the picture shows is not shown again."""
        own_words = bool(caption or self.outline.caption)
        numbered = self.outline.number("figure", caption or title)
        return Part(_macros().figure(picture, label, numbered, own_words, Markup(spec)))  # noqa: S704

    def _html(self, data: Mapping[str, Any], _metadata: Mapping[str, Any]) -> Part | None:
        cleaned = clean_html(text_of(data.get("text/html", "")), self.outline)
        return None if _EMPTY.fullmatch(cleaned) else Part(_macros().output(cleaned))

    def _markdown_output(self, data: Mapping[str, Any], _metadata: Mapping[str, Any]) -> Part | None:
        source = text_of(data.get("text/markdown", ""))
        if not source.strip():
            return None
        html = markdown_as_html(source, {}, self.footnotes.apart())
        return Part(_macros().words(clean_html(html, self.outline, noted=True)))

    def _formula(self, data: Mapping[str, Any], _metadata: Mapping[str, Any]) -> Part | None:
        """LaTeX whose formulas can all be drawn."""
        source = text_of(data.get("text/latex", ""))
        html = clean_html(latex_as_html(source), self.outline, noted=True) if source.strip() else ""
        return Part(_macros().output(html)) if html and '<code class="math' not in html else None

    def _latex(self, data: Mapping[str, Any], _metadata: Mapping[str, Any]) -> Part | None:
        source = text_of(data.get("text/latex", "")).strip()
        return Part(_macros().latex(printable(source))) if source else None


def _tags(cell: NotebookNode) -> set[str]:
    return {str(tag).replace("_", "-") for tag in cell.metadata.get("tags", ())}


def _is_removed(cell: NotebookNode) -> bool:
    return bool(_tags(cell) & {"remove-cell", "hide-cell", "parameters", "injected-parameters"})


@cache
def _macros() -> Any:
    return blocks.environment().get_template("parts.html.j2").module


@lru_cache(maxsize=1000)
def _highlighted(source: str, lexer: Lexer) -> Markup:
    """A cell's code in colour; the reports of a batch have most of theirs in common."""
    return Markup(highlight(source, lexer, HtmlFormatter(nowrap=True)))  # noqa: S704


@cache
def _lexer(name: str) -> Lexer:
    try:
        return get_lexer_by_name(name)
    except ClassNotFound:
        return TextLexer()


def _terminal(text: str) -> Markup:
    """What a terminal would show in the end: colours kept, overwritten progress bars only once."""
    lines = [line.rstrip("\r").rsplit("\r", 1)[-1] for line in text.split("\n")]
    coloured = ansi2html("\n".join(lines).rstrip())
    return Markup(printable(str(coloured)))  # noqa: S704
