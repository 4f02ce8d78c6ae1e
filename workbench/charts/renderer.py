"""How a chart travels: the specification with only the columns it draws, the picture, and the same in words, in one output.

The picture needs no network; JupyterLab, GitHub and the HTML export show it as it is.
"""

from __future__ import annotations

import re
from ast import literal_eval
from collections.abc import Iterator, Mapping
from typing import Any

import altair as alt

from workbench.drawing import vegalite_svg

VEGALITE_MIME = "application/vnd.vegalite.v6+json"
SVG_MIME = "image/svg+xml"
MAX_LINES = 12
_MAX_CHARACTERS = 110

Spec = Mapping[str, Any]
Bundle = dict[str, Any]

_VIEWS = ("layer", "hconcat", "vconcat", "concat")
_FIELDS = frozenset({"field", "fields", "argmax", "argmin"})
# Transforms that name columns under their own name; and all of them.
_NAMING = frozenset({"density", "extent", "flatten", "fold", "impute", "loess", "lookup", "pivot", "quantile", "regression", "stack"})
_TRANSFORMS = _NAMING | {"aggregate", "bin", "calculate", "filter", "joinaggregate", "sample", "timeUnit", "window"}
_TRANSFORM_FIELDS = _FIELDS | _NAMING | {"groupby", "key", "on"}
_EXPRESSIONS = frozenset({"and", "calculate", "clear", "expr", "filter", "labelExpr", "not", "on", "or", "test", "update"})
_WHOLE_ROWS = frozenset({"argmax", "argmin", "values"})
# What a view uses that has no data itself, but whose inner views have.
_ABOVE = ""
# In these, ``datum`` is a tick or a key, not a row of the data.
_ELSEWHERE = frozenset({"axis", "config", "header", "legend", "title"})
_DATUM = re.compile(r"""\bdatum\s*(?:\.\s*([^\W\d][\w$]*|\$[\w$]*)|\[\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')\s*\])""")
_DEFINED = re.compile(r'<(?:clipPath|linearGradient|radialGradient|pattern) id="([^"]+)"')
_REFERRED = re.compile(r"""(\bid="|url\(#)([^")]+)("|\))""")
_LITERAL = re.compile(r""""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'""")
_UNKNOWABLE = re.compile(r"\bdatum\b|\bevent\s*(?:\.\s*item\b|\[)|\b(?:data|indata|item|group)\s*\(|\\")


def enable(*, svg: bool = True) -> None:
    """Show every chart with the workbench's theme and renderer.

    Parameters
    ----------
    svg : whether to draw the picture at once.  Drawing starts a JavaScript engine with threads, so a process that forks
        reports leaves it to the export.
    """
    alt.theme.enable("workbench")
    alt.renderers.enable("workbench", svg=svg)


def render(spec: Spec, *, svg: bool = True, **options: Any) -> tuple[Bundle, Bundle]:
    """One output for a Vega-Lite specification: ``(data, metadata)`` by MIME type.

    Parameters
    ----------
    spec : as :meth:`altair.Chart.to_dict` makes it
    svg : whether to draw the picture now
    options : what ``alt.renderers.set_embed_options`` was given; kept beside the specification
    """
    lean = without_spare_columns(spec)
    data: Bundle = {VEGALITE_MIME: lean, "text/plain": in_words(lean)}
    metadata: Bundle = {VEGALITE_MIME: options} if options else {}
    if svg:
        try:
            data[SVG_MIME] = to_svg(lean)
            metadata[SVG_MIME] = {"alt": alt_text(lean)}
        except ValueError as error:
            reason = (str(error).strip().splitlines() or ["no reason given"])[:2][-1]
            data["text/plain"] += f"\n\nThis chart could not be drawn: {reason}"
    return data, metadata


alt.renderers.register("workbench", render)


def to_svg(spec: Spec) -> str:
    """The picture, drawn without network.

    Raises
    ------
    ValueError
        Vega-Lite cannot draw it, or its data are on the network.
    """
    version = ".".join(alt.SCHEMA_VERSION.lstrip("v").split(".")[:2])
    svg = _renumbered(vegalite_svg(spec, version))
    # JupyterLab shows a picture on its own background, which may be dark; a page that maps the colours drops this.
    return svg.replace("<svg ", '<svg style="background:#fff" ', 1)


def _renumbered(svg: str) -> str:
    """Clips and gradients counted from 1: Vega counts on from the last picture of the process."""
    numbers = {id: n for n, id in enumerate(dict.fromkeys(_DEFINED.findall(svg)), start=1)}
    return _REFERRED.sub(lambda m: f"{m[1]}chart-{numbers[m[2]]}{m[3]}" if m[2] in numbers else m[0], svg)


def alt_text(spec: Spec) -> str:
    """What a chart says about itself: its description, otherwise its title."""
    return _said(spec, "description") or _said(spec, "title") or "Chart without a description"


def in_words(spec: Spec) -> str:
    """The chart as text: title, description, and the first rows of its data, one line each."""
    rows = next(_tables(spec), [])
    lines = [" · ".join(f"{k}: {_short(v)}" for k, v in row.items()) for row in rows[:MAX_LINES] if isinstance(row, dict)]
    lines = [line if len(line) <= _MAX_CHARACTERS else f"{line[:_MAX_CHARACTERS]}…" for line in lines if line]
    if lines and len(rows) > MAX_LINES:
        lines.append(f"and {len(rows) - MAX_LINES} more rows")
    parts = [_said(spec, "title") or "Chart", _said(spec, "description"), "\n".join(lines)]
    return "\n\n".join(part for part in parts if part)


def without_spare_columns(spec: Spec) -> dict[str, Any]:
    """The specification with only the columns that its encodings and transforms name.

    Altair embeds every column of a table; research words in a column that nobody sees would be shared with the chart.
    Each source of data keeps its own columns.  Where a specification can use columns without naming them (a tooltip of whole
    rows, a computed property of ``datum``, an unknown transform, a map), its source stays whole.
    """
    return _Columns(spec).pruned()


class _Columns:
    """Which columns of which source a specification uses."""

    def __init__(self, spec: Spec) -> None:
        self.spec = spec
        self.used: dict[str, set[str]] = {}
        self.whole: set[str] = set()
        self.all_whole = self.selects = False
        self._walk(spec, _ABOVE)

    def pruned(self) -> dict[str, Any]:
        datasets = self.spec.get("datasets")
        lean = self._rebuilt({k: v for k, v in self.spec.items() if k != "datasets"})
        if isinstance(datasets, Mapping):
            lean["datasets"] = {name: self._rows(name, rows) for name, rows in datasets.items()}
        return dict(lean)

    def _rebuilt(self, node: Any) -> Any:
        if isinstance(node, Mapping):
            return {k: self._lean_data(v) if k == "data" and isinstance(v, Mapping) else self._rebuilt(v) for k, v in node.items()}
        return [self._rebuilt(item) for item in node] if isinstance(node, list) else node

    def _lean_data(self, data: Spec) -> dict[str, Any]:
        lean, kept = dict(data), self._kept(_source(data))
        if "values" in data:
            lean["values"] = self._rows(_source(data), data["values"])
        parse = data["format"].get("parse") if isinstance(data.get("format"), Mapping) else None
        if kept is not None and isinstance(parse, Mapping):
            lean["format"] = {**data["format"], "parse": {k: v for k, v in parse.items() if k in kept}}
        return lean

    def _rows(self, source: str, rows: Any) -> Any:
        kept = self._kept(source)
        if kept is None or not isinstance(rows, list):
            return rows
        return [{k: v for k, v in row.items() if k in kept} if isinstance(row, Mapping) else row for row in rows]

    def _kept(self, source: str) -> set[str] | None:
        """The columns that a source keeps; ``None`` for all."""
        if self.all_whole or source in self.whole:
            return None
        # A selection made on one view filters others by the same names, whatever their source.
        sources = self.used if self.selects else (source, _ABOVE)
        return set().union(*(self.used.get(s, set()) for s in sources))

    def _use(self, source: str | None, names: set[str]) -> None:
        if source is not None:
            self.used.setdefault(source, set()).update(names)

    def _keep_whole(self, source: str | None) -> None:
        if source:
            self.whole.add(source)
        else:
            self.all_whole = True

    def _walk(self, node: Any, source: str | None, key: str = "", *, transform: bool = False) -> None:
        """Note what ``node``, found under ``key``, uses of ``source``; ``None`` where ``datum`` is not a row of data."""
        if isinstance(node, list):
            for item in node:
                self._walk(item, source, key, transform=transform)
        elif isinstance(node, Mapping):
            self._walk_mapping(node, source, key, transform=transform)
        elif isinstance(node, str):
            if key in (_TRANSFORM_FIELDS if transform else _FIELDS):
                self._use(source, _columns_of(node))
            elif key in _EXPRESSIONS:
                self._walk_expression(node, source)

    def _walk_mapping(self, node: Spec, source: str | None, key: str, *, transform: bool) -> None:
        if isinstance(node.get("data"), Mapping):
            source = _source(node["data"])
        if _uses_whole_rows(node, key):
            self._keep_whole(source)
        self.selects = self.selects or "select" in node
        if "repeat" in node and "spec" in node:
            self._use(source, set(_strings(node["repeat"])))
        for name, value in node.items():
            if name == "transform" and isinstance(value, list):
                for step in value:
                    self._walk_transform(step, source)
            elif name not in {"data", "datasets", "usermeta"}:
                self._walk(value, None if name in _ELSEWHERE else source, name, transform=transform)

    def _walk_transform(self, step: Spec, source: str | None) -> None:
        if not _TRANSFORMS & step.keys():
            self._keep_whole(source)
        if "pivot" in step:
            self._use(source, set(_strings(step.get("value"))))
        self._walk(step, source, transform=True)

    def _walk_expression(self, text: str, source: str | None) -> None:
        try:
            names = {bare or literal_eval(quoted) for bare, quoted in _DATUM.findall(text)}
        except (SyntaxError, ValueError):
            self._keep_whole(source)
            return
        self._use(source, names)
        if _UNKNOWABLE.search(_LITERAL.sub("", _DATUM.sub("", text))):
            self._keep_whole(source)


def _uses_whole_rows(node: Spec, key: str) -> bool:
    is_map = "geoshape" in (node.get("mark"), node.get("type"))
    lookup_of_all = key == "from" and "fields" not in node
    return is_map or lookup_of_all or node.get("content") == "data" or node.get("op") in _WHOLE_ROWS


def _columns_of(field: str) -> set[str]:
    """The columns that a field may mean: ``a.b`` is the column itself, or ``b`` inside ``a``; a backslash takes the second away."""
    root = re.match(r"(?:\\.|[^\\.\[])*", field)
    names = {field, root[0] if root else field, *re.findall(r"""\[['"]?(.*?)['"]?\]""", field)}
    return {re.sub(r"\\(.)", r"\1", name) for name in names}


def _source(data: Spec) -> str:
    return str(data.get("name") or f"inline {id(data)}")


def _strings(node: Any) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    for item in node.values() if isinstance(node, Mapping) else node if isinstance(node, list) else ():
        yield from _strings(item)


def _views(spec: Spec) -> Iterator[Spec]:
    """The specification and the views inside it, outermost first."""
    yield spec
    inner = [view for name in _VIEWS for view in spec.get(name) or ()] + [spec.get("spec")]
    for view in inner:
        if isinstance(view, Mapping):
            yield from _views(view)


def _tables(spec: Spec) -> Iterator[list[Any]]:
    for view in _views(spec):
        data = view.get("data")
        rows = data.get("values", spec.get("datasets", {}).get(data.get("name"))) if isinstance(data, Mapping) else None
        if isinstance(rows, list) and rows:
            yield rows


def _said(spec: Spec, what: str) -> str:
    """The outermost title or description, as one line."""
    for view in _views(spec):
        words = view.get(what)
        words = words.get("text") if isinstance(words, Mapping) else words
        text = " ".join(" ".join(_strings(words)).split()) if isinstance(words, str | list) else ""
        if text:
            return text
    return ""


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else "–" if value is None else " ".join(str(value).split())
