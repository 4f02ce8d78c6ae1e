"""A notebook's cells and outputs as safe pieces of HTML, the best form of each output first."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from html import escape
from typing import Any

from jinja2 import TemplateError
from markupsafe import Markup
from nbconvert.filters.ansi import ansi2html
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexer import Lexer
from pygments.lexers import TextLexer, get_lexer_by_name
from pygments.util import ClassNotFound

from workbench.errors import BadFile
from workbench.reports import blocks, vega
from workbench.reports.sanitise import Picture, clean_html, clean_svg, printable

_RASTER = {
    "image/png": b"\x89PNG",
    "image/jpeg": b"\xff\xd8",
    "image/gif": b"GIF8",
    "image/webp": b"RIFF",
}
_REPR = re.compile(r"<[^<>]*>|alt\.\w*Chart\(\.\.\.\)|<VegaLite? \d+ object>.*", re.DOTALL)
_SCRIPT_PATH = re.compile(r"(?:[A-Za-z]:|~)?(?:[\\/][^\\/\s:\"'<>]+){0,30}[\\/]([^\\/\s:\"'<>]+\.(?:py|ipynb|pyx))")
_EMPTY = re.compile(r"(?:<(?!img)[^>]*>|\s|&nbsp;)*")
_NEEDS_SCRIPTS = {
    "application/javascript",
    "application/vnd.jupyter.widget-view+json",
    "application/vnd.plotly.v1+json",
    "application/vnd.bokehjs_exec.v0+json",
}


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
    """

    def __init__(self, notebook: NotebookNode, *, show_code: bool = True, show_output: bool = True, show_markdown: bool = True) -> None:
        self.notebook, self.outline = notebook, blocks.Outline()
        self.show_code, self.show_output, self.show_markdown = show_code, show_output, show_markdown
        language = notebook.metadata.get("language_info", {})
        self._lexer = _lexer(str(language.get("pygments_lexer") or language.get("name") or "python"))
        self._silent: list[str] = []
        self.has_code = False
        self.blocks: set[str] = set()

    def parts(self) -> list[Markup]:
        """Every part of the page, in order."""
        written = [self._cell(cell) for cell in self.notebook.cells]
        left_over = _macros().cell([], self._code()) if self._silent else Markup()
        return [part for part in (*written, left_over) if part]

    def _cell(self, cell: NotebookNode) -> Markup:
        tags = {str(t).replace("_", "-") for t in cell.metadata.get("tags", ())}
        if tags & {"remove-cell", "hide-cell", "parameters", "injected-parameters"}:
            return Markup()
        if cell.cell_type == "code":
            return self._code_cell(cell, tags)
        words = self._words(cell)
        return _macros().words(words) if words else words

    def _words(self, cell: NotebookNode) -> Markup:
        """A Markdown cell, or a raw one that says it is HTML or Markdown."""
        kind = cell.metadata.get("raw_mimetype", cell.metadata.get("format", "")) if cell.cell_type == "raw" else "text/markdown"
        if not self.show_markdown or kind not in {"text/markdown", "text/html"}:
            return Markup()
        html = _markdown(cell.source, cell.get("attachments", {})) if kind == "text/markdown" else cell.source
        return clean_html(html, self.outline, noted=True)

    def _code_cell(self, cell: NotebookNode, tags: set[str]) -> Markup:
        """What a cell shows and, folded beneath, its code with that of the silent cells before it."""
        hidden = cell.metadata.get("jupyter", {})
        if self.show_code and cell.source.strip() and not tags & {"remove-input", "hide-input"} and not hidden.get("source_hidden"):
            self._silent.append(cell.source)
        if not self.show_output or tags & {"remove-output", "hide-output"} or hidden.get("outputs_hidden"):
            return Markup()
        shown = [part for output in _merged(cell.outputs) if (part := self._output(output)).html]
        self.blocks |= {part.block for part in shown}
        return _macros().cell(shown, self._code()) if shown else Markup()

    def _code(self) -> list[Markup]:
        sources, self._silent = self._silent, []
        self.has_code = self.has_code or bool(sources)
        return [Markup(highlight(source, self._lexer, HtmlFormatter(nowrap=True))) for source in sources]  # noqa: S704

    def _output(self, output: NotebookNode) -> Part:
        if output.output_type == "stream":
            return Part(_macros().stream(_terminal(output.text), output.name))
        if output.output_type == "error":
            trace = _SCRIPT_PATH.sub(r"\1", _text(output.get("traceback", [])))
            return Part(_macros().error(printable(output.ename), printable(output.evalue), _terminal(trace)))
        return self._display(output)

    def _display(self, output: NotebookNode) -> Part:
        """The richest form of an output that can be shown, with a line on what had to be left out."""
        data = output.get("data", {})
        for draw in (self._block, self._drawing, self._chart, self._html, self._markdown_output, self._raster, self._latex):
            part = draw(data, output.get("metadata", {}))
            if part is not None:
                return part
        plain, missing = _text(data.get("text/plain", "")), _left_out(data)
        if missing and _REPR.fullmatch(plain.strip()):
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
        source = _text(data.get("image/svg+xml", ""))
        html = _text(data.get("text/html", "")).lstrip()
        return self._figure(source or (html if html.startswith("<svg") else ""), data, metadata, "image/svg+xml")

    def _chart(self, data: Mapping[str, Any], metadata: Mapping[str, Any]) -> Part | None:
        spec = next((v for k, v in data.items() if vega.MIME.fullmatch(k) and isinstance(v, dict)), None)
        spec = spec or vega.spec_in_html(_text(data.get("text/html", "")))
        if spec is None:
            return None
        try:
            return self._figure(vega.draw(spec), data, metadata, "image/svg+xml", vega.description(spec))
        except BadFile:
            return None

    def _figure(self, source: str, data: Mapping[str, Any], metadata: Mapping[str, Any], mime: str, described: str = "") -> Part | None:
        if not source:
            return None
        label, caption = _described(data, metadata, mime, described)
        try:
            picture = clean_svg(printable(source), label=label, prefix=f"wb-drawing-{self.outline.count('drawing')}")
        except BadFile:
            return None
        return self._captioned(picture, label, caption)

    def _raster(self, data: Mapping[str, Any], metadata: Mapping[str, Any]) -> Part | None:
        for mime, magic in _RASTER.items():
            content = "".join(_text(data.get(mime, "")).split())
            if content and _starts_with(content, magic):
                label, caption = _described(data, metadata, mime)
                size = metadata.get(mime, {})
                width, height = (f' {k}="{v}"' if isinstance(v := size.get(k), int) else "" for k in ("width", "height"))
                image = Markup(f'<img src="data:{mime};base64,{content}" alt="{escape(label)}"{width}{height}>')  # noqa: S704
                return self._captioned(Picture(image, own_colours=True, width=0), label, caption)
        return None

    def _captioned(self, picture: Picture, label: str, caption: str) -> Part:
        number = self.outline.count("figure") if caption else 0
        return Part(_macros().figure(picture, label, caption, number))

    def _html(self, data: Mapping[str, Any], _metadata: Mapping[str, Any]) -> Part | None:
        cleaned = clean_html(_text(data.get("text/html", "")), self.outline)
        return None if _EMPTY.fullmatch(cleaned) else Part(_macros().output(cleaned))

    def _markdown_output(self, data: Mapping[str, Any], _metadata: Mapping[str, Any]) -> Part | None:
        source = _text(data.get("text/markdown", ""))
        return Part(_macros().words(clean_html(_markdown(source, {}), self.outline, noted=True))) if source.strip() else None

    def _latex(self, data: Mapping[str, Any], _metadata: Mapping[str, Any]) -> Part | None:
        source = _text(data.get("text/latex", "")).strip()
        return Part(_macros().latex(printable(source))) if source else None


class _Markdown(IPythonRenderer):  # type: ignore[misc]
    """Formulas as their source, headings without nbconvert's links, and diagrams as text."""

    def heading(self, text: str, level: int, **_: Any) -> str:
        return f"<h{level}>{text}</h{level}>\n"

    def block_mermaidjs(self, code: str) -> str:
        return f"<pre><code>{escape(code)}</code></pre>\n"

    def block_math(self, body: str) -> str:
        return f'<code class="math display">{escape(body.strip())}</code>'

    def latex_environment(self, name: str, body: str) -> str:
        source = f"\\begin{{{name}}}{body}\\end{{{name}}}"
        return f'<code class="math display">{escape(source)}</code>'

    def inline_math(self, body: str) -> str:
        # "from $5 to $9" is money: a formula has no blank inside its dollar signs.
        return f"${escape(body)}$" if body != body.strip() else f'<code class="math">{escape(body)}</code>'

    def _embed_image_or_attachment(self, src: str) -> str:
        bundle = self.attachments.get(src.removeprefix("attachment:"), {}) if src.startswith("attachment:") else {}
        return next((f"data:{mime};base64,{_text(bundle[mime])}" for mime in _RASTER if mime in bundle), src)


def _markdown(source: str, attachments: Mapping[str, Any]) -> str:
    return str(MarkdownWithMath(renderer=_Markdown(escape=False, attachments=attachments)).render(printable(source)))


@cache
def _macros() -> Any:
    return blocks.environment().get_template("parts.html.j2").module


@cache
def _lexer(name: str) -> Lexer:
    try:
        return get_lexer_by_name(name)
    except ClassNotFound:
        return TextLexer()


def _text(value: object) -> str:
    """A value of an output: notebooks may keep text as a list of lines."""
    return "".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _terminal(text: str) -> Markup:
    """What a terminal would show in the end: colours kept, overwritten progress bars only once."""
    lines = [line.rstrip("\r").rsplit("\r", 1)[-1] for line in text.split("\n")]
    coloured = ansi2html("\n".join(lines).rstrip())
    return Markup(printable(str(coloured)))  # noqa: S704


def _merged(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Outputs with neighbouring pieces of one stream joined."""
    joined: list[NotebookNode] = []
    for output in outputs:
        last = joined[-1] if joined else None
        if last is not None and output.output_type == last.output_type == "stream" and output.name == last.name:
            joined[-1] = NotebookNode(last | {"text": _text(last.text) + _text(output.text)})
        elif output.output_type != "stream" or _text(output.text).strip():
            joined.append(output)
    return joined


def _described(data: Mapping[str, Any], metadata: Mapping[str, Any], mime: str, described: str = "") -> tuple[str, str]:
    """What a picture shows, for those who do not see it, and its caption."""
    near = metadata.get(mime) if isinstance(metadata.get(mime), dict) else {}
    specs = [v for k, v in data.items() if vega.MIME.fullmatch(k) and isinstance(v, dict)]
    plain = _text(data.get("text/plain", "")).strip()
    candidates: list[object] = [
        near.get("alt"),
        metadata.get("alt"),
        described,
        *map(vega.description, specs),
        "" if _REPR.fullmatch(plain) else plain,
    ]
    label = next((words for c in candidates if isinstance(c, str) and (words := " ".join(c.split()))), "Picture without a description")
    caption = near.get("caption") or metadata.get("caption") or ""
    return printable(label), printable(str(caption))


def _starts_with(content: str, magic: bytes) -> bool:
    """Whether base64 ``content`` is the kind of file that ``magic`` begins."""
    if re.fullmatch(r"[A-Za-z0-9+/]+={0,2}", content) is None:
        return False
    try:
        return base64.b64decode(content).startswith(magic)
    except binascii.Error:
        return False


def _left_out(data: Mapping[str, Any]) -> str:
    """A sentence on what could not be shown, if anything worth telling."""
    html = _text(data.get("text/html", ""))
    if any(vega.MIME.fullmatch(mime) for mime in data) or vega.spec_in_html(html):
        return "A chart was left out here: it cannot be drawn from what this file holds."
    if "image/svg+xml" in data or any(mime in data for mime in _RASTER):
        return "A picture was left out here: it cannot be read safely."
    if blocks.MIME in data:
        return "A result was left out here: it was made by another version."
    if _NEEDS_SCRIPTS & set(data) or re.search(r"<(?:script|iframe)", html, re.IGNORECASE):
        return "An interactive view was left out here: this page runs nothing from its notebook."
    return ""
