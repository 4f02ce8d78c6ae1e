"""An author's Markdown: formulas, attachments and lists of tasks in it, as HTML."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

from workbench.reports.outputs import RASTER_KINDS, text_of
from workbench.reports.sanitise import printable


class _Markdown(IPythonRenderer):  # type: ignore[misc]
    """Formulas as their source, headings without nbconvert's links, and diagrams as text."""

    def heading(self, text: str, level: int, **_: Any) -> str:
        return f"<h{level}>{text}</h{level}>\n"

    def task_list_item(self, text: str, checked: bool = False) -> str:
        return f"<li>{'☑' if checked else '☐'} {text}</li>\n"

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
        return next((f"data:{mime};base64,{text_of(bundle[mime])}" for mime in RASTER_KINDS if mime in bundle), src)


def markdown_as_html(source: str, attachments: Mapping[str, Any] | None = None) -> str:
    """Markdown as HTML that is still to be sanitised; ``attachments`` are the pictures pasted into its cell."""
    return str(MarkdownWithMath(renderer=_Markdown(escape=False, attachments=attachments or {})).render(printable(source)))
