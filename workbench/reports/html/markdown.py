"""A report as one readable Markdown file, from the same results as the page and with the same numbers of figures and tables.

What anybody said is escaped: no words of the data become a link, a heading or markup.  Only the author's own Markdown stays as written.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import lxml.html
from nbformat import NotebookNode

from workbench.reports import blocks
from workbench.reports.html import vega
from workbench.reports.html.author import markdown_as_html
from workbench.reports.html.outline import Numbered, Outline
from workbench.reports.html.outputs import RASTER_KINDS, REPR, UNDESCRIBED, described, left_out, merged, plain_of, spec_of, text_of
from workbench.reports.html.references import name_of, resolve_words
from workbench.reports.html.sanitise import clean_html, printable

_MARKUP = re.compile(r"[\\`*_\[\]{}<>|~&$^]|:(?=[\w+-]+:)")
# A line that would begin a heading, a list, a rule or a quotation.
_LINE_START = re.compile(r"^(?:(\d{1,9})([.)])(?!\S)|(#|[=:]|[+-](?![\w.])))")
# Addresses become links by themselves, backslash or not; an empty comment inside keeps them words.
_ADDRESS = re.compile(r"(?<=\w)(?=://)|(?<=\bwww)(?=\.)|(?<=\w)(?=@\w)|(?<=\bmailto)(?=:)|(?<=\bxmpp)(?=:)", re.IGNORECASE)
_ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_APART = ("p", "div", "li", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "dt", "dd", "br", "summary", "details")
_NOT_SHOWN = {"remove-cell", "hide-cell", "parameters", "injected-parameters"}


def render_markdown(notebook: NotebookNode) -> str:
    """An executed notebook as Markdown: its words, its results, its figures as a summary in words; no code."""
    outline = Outline()
    parts = [part for cell in notebook.cells for part in _cell(cell, outline)]
    text = "\n\n".join(part.strip("\n") for part in parts if part.strip())
    title = notebook.metadata.get("title") or notebook.metadata.get("workbench", {}).get("title")
    if title and not re.search(r"^# ", text, re.MULTILINE):
        text = f"# {plain(title)}\n\n{text}"
    return resolve_words(text, outline) + "\n"


def plain(text: object) -> str:
    """Words on one line that Markdown shows as they are."""
    return _line(" ".join(printable(str(text)).split()))


def _line(text: str) -> str:
    apart = "<!-- -->".join(_MARKUP.sub(lambda m: "\\" + m[0], piece) for piece in _ADDRESS.split(text))
    return _LINE_START.sub(lambda m: f"{m[1]}\\{m[2]}" if m[1] else f"\\{m[3]}", apart)


def _lines(text: object) -> list[str]:
    """The lines of some words, each without what Markdown would read in it; empty ones between paragraphs stay."""
    return [_line(" ".join(line.split())) for line in printable(str(text)).strip().splitlines()]


def _paragraphs(texts: Iterable[object]) -> list[str]:
    return ["\n".join(_lines(text)) for text in texts if str(text).strip()]


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.splitlines())


def _cell(cell: NotebookNode, outline: Outline) -> list[str]:
    tags = {str(t).replace("_", "-") for t in cell.metadata.get("tags", ())}
    if tags & _NOT_SHOWN:
        return []
    if cell.cell_type == "markdown":
        return [printable(cell.source)]
    if cell.cell_type != "code" or tags & {"remove-output", "hide-output"} or cell.metadata.get("jupyter", {}).get("outputs_hidden"):
        return []
    outline.label, outline.caption = name_of(cell, tags)
    parts = [part for output in merged(cell.outputs) for part in _output(output, outline)]
    outline.label = outline.caption = ""
    return parts


def _output(output: NotebookNode, outline: Outline) -> list[str]:
    if output.output_type == "stream":
        return [_verbatim(output.text)]
    if output.output_type == "error":
        return [_quoted("\n\n".join([f"**Error** {plain(output.ename)}", *_paragraphs([output.evalue])]))]
    data, metadata = output.get("data", {}), output.get("metadata", {})
    bundle = data.get(blocks.MIME)
    if isinstance(bundle, dict) and bundle.get("block") in _BLOCKS and isinstance(bundle.get("data"), dict):
        return _BLOCKS[bundle["block"]](bundle["data"], outline)
    if bundle is None:
        shown = _figure(data, metadata, outline) or _html(text_of(data.get("text/html", "")), outline)
        if shown:
            return shown
    if "text/markdown" in data:
        # It was put together by code, perhaps from what somebody said: its words, without its markup.
        return _html(markdown_as_html(text_of(data["text/markdown"])), outline)
    text, missing = text_of(data.get("text/latex") or plain_of(data)), "" if bundle else left_out(data)
    return [*_paragraphs([missing]), *([] if REPR.fullmatch(text.strip()) else [_verbatim(text)])]


def _verbatim(text: object) -> str:
    """Words as a terminal would show them, in a fence that they cannot end."""
    lines = [line.rstrip("\r").rsplit("\r", 1)[-1] for line in _ESCAPE.sub("", text_of(text)).split("\n")]
    words = printable("\n".join(lines)).strip("\n")
    fence = "`" * max(3, *(len(run) + 1 for run in re.findall("`+", words)), 3)
    return f"{fence}text\n{words}\n{fence}" if words.strip() else ""


def _figure(data: Mapping[str, Any], metadata: Mapping[str, Any], outline: Outline) -> list[str]:
    """What a picture shows in words, under its number."""
    html = text_of(data.get("text/html", ""))
    spec = spec_of(data) or vega.spec_in_html(html) or {}
    mime = next((m for m in ("image/svg+xml", *RASTER_KINDS) if m in data), "")
    if not (spec or mime or html.lstrip().startswith("<svg")):
        return []
    label, caption = described(data, metadata, mime, vega.description(spec))
    numbered = outline.number("figure", caption or vega.title(spec))
    text = text_of(data.get("text/plain", ""))
    first = _name(numbered) if numbered else f"*Picture:* {plain(label)}" if label != UNDESCRIBED else f"*{label}.*"
    summary = _summary(label.replace(UNDESCRIBED, "") if REPR.fullmatch(text.strip()) or not text.strip() else text)
    return [first, *(words for words in summary if words != plain(numbered.caption if numbered else label))]


def _summary(text: str) -> list[str]:
    """Paragraphs; one of several lines, such as the rows of a chart's data, is a list."""
    written = []
    for paragraph in re.split(r"\n\s*\n", printable(text).strip()):
        lines = _lines(paragraph)
        written.append("\n".join(f"- {line}" for line in lines) if len(lines) > 1 else "\n".join(lines))
    return written


def _name(numbered: Numbered | None) -> str:
    return f"**{numbered.name}** {plain(numbered.caption)}".rstrip() if numbered else ""


def _html(source: str, outline: Outline) -> list[str]:
    """Tables as tables, everything else as its words."""
    cleaned = clean_html(source, outline)
    if not re.sub(r"<[^>]*>|\s|&nbsp;", "", cleaned):
        return []
    tree, parts = lxml.html.fragment_fromstring(cleaned, create_parent="div"), []
    for table in list(tree.iter("table")):
        parts += _html_table(table)
        table.drop_tree()
    for element in tree.iter(*_APART):
        element.text, element.tail = f"\n\n{element.text or ''}", f"\n\n{element.tail or ''}"
    return [*_paragraphs(re.split(r"\n\s*\n", tree.text_content())), *parts]


def _html_table(table: Any) -> list[str]:
    caption = table.find("caption")
    number = caption.find("b") if caption is not None else None
    name = [f"**{plain(number.text)}** {plain(number.tail or '')}".rstrip()] if number is not None else []
    rows = _grid(table)
    n_head = len(table.findall("thead/tr"))
    head = [plain(" ".join(filter(None, words))) for words in zip(*rows[:n_head], strict=True)] or [""] * len(rows[0] if rows else ())
    body = [[plain(words) for words in row] for row in rows[n_head:]]
    return [*name, _table(head, body, [""] * len(head))] if head else name


def _grid(table: Any) -> list[list[str]]:
    """The words of each place; a cell over several places stands in the first of them."""
    places: dict[tuple[int, int], str] = {}
    rows = list(table.iter("tr"))
    for y, row in enumerate(rows):
        x = 0
        for cell in row.iter("td", "th"):
            while (y, x) in places:
                x += 1
            height, width = (int(cell.get(name, 1)) for name in ("rowspan", "colspan"))
            places |= {(y + dy, x + dx): "" for dy in range(min(height, len(rows) - y)) for dx in range(width)}
            places[y, x] = " ".join(cell.text_content().split())
    n_columns = max((x for _, x in places), default=-1) + 1
    return [[places.get((y, x), "") for x in range(n_columns)] for y in range(len(rows))]


def _table(head: list[str], rows: Iterable[list[str]], aligns: Iterable[str]) -> str:
    lines = [head, ["---:" if a == "end" else "---" for a in aligns], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _header(data: Mapping[str, Any], _outline: Outline) -> list[str]:
    lede = f"{plain(data.get('lede', ''))} {_bold(data.get('strong', ''))}".strip()
    cards = [
        f"- {_bold(f['value'])} {plain(f['text'])}" + (f" ({plain(f['detail'])})" if f.get("detail") else "")
        for f in data.get("findings", ())
    ]
    kicker = plain(data.get("kicker", ""))
    return [f"# {plain(data['title'])}", f"*{kicker}*" if kicker else "", lede, "\n".join(cards)]


def _bold(text: object) -> str:
    words = plain(text)
    return f"**{words}**" if words else ""


def _table_block(data: Mapping[str, Any], outline: Outline) -> list[str]:
    title, columns = data.get("title", ""), data["columns"]
    numbered = outline.number("table", data.get("caption") or title)
    rows = [[plain(cell["text"]) + (f" ({plain(cell['note'])})" if cell.get("note") else "") for cell in row] for row in data["rows"]]
    heading = [f"## {plain(title)}"] if title else []
    return [*heading, _name(numbered), _table([plain(c["label"]) for c in columns], rows, [c.get("align", "") for c in columns])]


def _method(data: Mapping[str, Any], _outline: Outline) -> list[str]:
    facts = " · ".join(f"{plain(key)} {plain(value)}" for key, value in data.get("facts", ()))
    return [f"## {plain(data['title'])}", *_paragraphs(data.get("paragraphs", ())), facts]


def _callout(data: Mapping[str, Any], _outline: Outline) -> list[str]:
    kind = "WARNING" if data.get("kind") == "warning" else "NOTE"
    return [_quoted("\n\n".join([f"[!{kind}]\n{_bold(data['title'])}", *_paragraphs(data.get("paragraphs", ()))]))]


def _quotes(data: Mapping[str, Any], _outline: Outline) -> list[str]:
    heading = [f"## {plain(data['title'])}"] if data.get("title") else []
    return [*heading, *map(_quote, data["quotes"])]


def _quote(quote: Mapping[str, Any]) -> str:
    where = ", ".join(plain(quote[k]) for k in ("where", "time") if quote.get(k))
    by = " · ".join(words for words in (_bold(quote["who"]), plain(quote.get("detail", "")), where) if words)
    return _quoted("\n".join([*_lines(quote["text"]), "", f"— {by}"]))


_BLOCKS: dict[str, Callable[[Mapping[str, Any], Outline], list[str]]] = {
    "header": _header,
    "table": _table_block,
    "method": _method,
    "callout": _callout,
    "quotes": _quotes,
}
