"""An author's Markdown: formulas, footnotes, attachments and lists of tasks in it, as HTML."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from typing import Any

from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath, MathBlockParser, MathInlineParser

from workbench.reports.html.footnotes import Footnotes, collect_definitions, reads_footnotes
from workbench.reports.html.formula_marks import OPENER, Formula, formula_at
from workbench.reports.html.outputs import RASTER_KINDS, text_of
from workbench.reports.html.sanitise import printable

_OPENER = re.compile(OPENER)
_LATEX = re.compile(r"[\\{}&#%~^_]")


class _Blocks(MathBlockParser):
    """Lines of a formula are no list, heading or quotation, whatever they begin with."""

    SPECIFICATION = MathBlockParser.SPECIFICATION | {"multiline_math": r"^ {0,3}(?=\$\$|\\\\?\[|\\begin\{)"}

    def parse_multiline_math(self, match: re.Match[str], state: Any) -> int | None:  # type: ignore[override]  # mistune knows None
        formula = formula_at(state.src, match.end())
        if formula is None:
            return None
        state.add_paragraph(state.src[match.start() : formula.end])
        return formula.end


class _Lines(MathInlineParser):
    """Formulas are found before anything else that their signs may mean."""

    SPECIFICATION = MathInlineParser.SPECIFICATION | {"formula": OPENER}
    DEFAULT_RULES = ("formula", *(rule for rule in MathInlineParser.DEFAULT_RULES if "math" not in rule and rule != "latex_environment"))

    def parse_formula(self, match: re.Match[str], state: Any) -> int | None:
        formula = formula_at(state.src, match.start())
        if formula is not None:
            state.append_token({"type": "formula", "raw": formula.source, "attrs": {"display": formula.display}})
            return formula.end
        if match[0].startswith("$"):
            self.process_text(match[0], state)
            return match.end()
        escaped = self.compile_sc(["escape"]).match(state.src, match.start())
        return self.parse_escape(escaped, state) if escaped else None


class _Markdown(IPythonRenderer):
    """Formulas as their source, headings without nbconvert's links, and diagrams as text."""

    def heading(self, text: str, level: int, **_: Any) -> str:
        return f"<h{level}>{text}</h{level}>\n"

    def task_list_item(self, text: str, checked: bool = False) -> str:
        return f"<li>{'☑' if checked else '☐'} {text}</li>\n"

    def block_mermaidjs(self, code: str) -> str:
        return f"<pre><code>{escape(code)}</code></pre>\n"

    def formula(self, source: str, *, display: bool) -> str:
        return _as_source(source, display=display)

    def _embed_image_or_attachment(self, src: str) -> str:
        bundle = self.attachments.get(src.removeprefix("attachment:"), {}) if src.startswith("attachment:") else {}
        return next((f"data:{mime};base64,{text_of(bundle[mime])}" for mime in RASTER_KINDS if mime in bundle), src)


def markdown_as_html(source: str, attachments: Mapping[str, Any] | None = None, footnotes: Footnotes | None = None) -> str:
    """Markdown as HTML that is still to be sanitised.

    Parameters
    ----------
    source : the Markdown
    attachments : the pictures pasted into its cell
    footnotes : those of the page; without them ``[^1]`` stays as it is written
    """
    return str(_parser(attachments, footnotes).render(printable(source)))


def define_footnotes(source: str, footnotes: Footnotes) -> None:
    """Let every cell of the page refer to the footnotes that this Markdown defines."""
    if "[^" in source:
        collect_definitions(_parser(None, footnotes), printable(source), footnotes)


def _parser(attachments: Mapping[str, Any] | None, footnotes: Footnotes | None) -> Any:
    renderer = _Markdown(escape=False, attachments=dict(attachments or {}))
    made = MarkdownWithMath(renderer=renderer, block=_Blocks(), inline=_Lines(hard_wrap=False))
    if footnotes is not None:
        reads_footnotes(made, footnotes)
    return made


def latex_as_html(source: str) -> str:
    """A result in LaTeX that is a formula, or words with formulas in them, as HTML that is still to be sanitised; empty where it is neither."""
    source = printable(source).strip()
    if source[:1] == source[-1:] == "$" and "$" not in source[1:-1] and source[1:-1].strip():
        return _as_source(source[1:-1], display=True)
    whole = formula_at(source, 0)
    if whole is not None and whole.end == len(source):
        return _as_source(whole.source, display=True)
    pieces, place = [], 0
    for opener in _OPENER.finditer(source):
        formula = formula_at(source, opener.start()) if opener.start() >= place else None
        if formula is not None:
            pieces += [source[place : opener.start()], formula]
            place = formula.end
    pieces.append(source[place:])
    if len(pieces) == 1 or any(isinstance(piece, str) and _LATEX.search(piece) for piece in pieces):
        return ""
    return f"<p>{''.join(_as_source(p.source, display=p.display) if isinstance(p, Formula) else escape(str(p)) for p in pieces)}</p>"


def _as_source(source: str, *, display: bool) -> str:
    return f'<code class="math{" display" if display else ""}">{escape(source.strip())}</code>'
