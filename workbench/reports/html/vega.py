"""A Vega or Vega-Lite chart that came without a picture: find its specification, draw it in the page's colours."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from workbench.drawing import vega_svg, vegalite_svg
from workbench.errors import BadFile

MIME = re.compile(r"application/vnd\.vega(?:lite)?\.v\d+(?:\.\d+)*[+.]json")
_SCHEMA = re.compile(r"https?://vega\.github\.io/schema/(vega|vega-lite)/v(\d+)(?:\.(\d+))?(?:\.\d+)*\.json")
_OBJECT = re.compile(r'[(=,]\s*(?=\{\s*")')
_SERIES = ["#3d5a98", "#a16a08", "#0f766e", "#b4432d", "#7a4a9c", "#3a86b8", "#8b5e4c", "#5c6470"]
CONFIG: dict[str, Any] = {
    "background": "#ffffff",
    "font": "sans-serif",
    "view": {"stroke": None},
    "title": {"color": "#1d2129", "fontSize": 14, "anchor": "start", "subtitleColor": "#5c6470"},
    "axis": {
        "labelColor": "#5c6470",
        "titleColor": "#1d2129",
        "titleFontWeight": "normal",
        "labelFontSize": 11,
        "titleFontSize": 12,
        "gridColor": "#e3e0da",
        "domainColor": "#e3e0da",
        "tickColor": "#e3e0da",
    },
    "legend": {"labelColor": "#1d2129", "titleColor": "#5c6470", "titleFontWeight": "normal", "labelFontSize": 11},
    "header": {"labelColor": "#1d2129", "titleColor": "#5c6470"},
    "mark": {"color": _SERIES[0]},
    "text": {"color": "#1d2129"},
    "rule": {"color": "#1d2129"},
    "range": {"category": _SERIES},
}


def spec_in_html(html: str) -> dict[str, Any] | None:
    """The specification inside the HTML that Altair's default renderer and ``vegaEmbed`` pages write; ``None`` if there is none.

    Every JSON object that is an argument or is assigned is read as JSON, never as a script, until one names Vega's schema.
    """
    decoder = json.JSONDecoder()
    for n, match in enumerate(_OBJECT.finditer(html)):
        if n == 200 or "vega" not in html:
            break
        try:
            found, _ = decoder.raw_decode(html, match.end())
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict) and _SCHEMA.fullmatch(str(found.get("$schema"))):
            return found
    return None


def draw(spec: Mapping[str, Any]) -> str:
    """The chart as SVG.

    Raises
    ------
    BadFile
        It is not one, it asks for data or pictures from elsewhere, or it cannot be drawn.
    """
    schema = _SCHEMA.fullmatch(str(spec.get("$schema", "")))
    if schema is None:
        raise BadFile("chart", "its specification names no Vega schema", "Save the chart with Altair.")
    if loads(spec):
        raise BadFile("chart", "it loads data or pictures from elsewhere", "Put the data into the chart.")
    try:
        if schema[1] == "vega":
            return vega_svg(spec)
        return vegalite_svg(spec, ".".join(filter(None, schema.group(2, 3))), CONFIG)
    except ValueError as error:
        reason = str(error).split("\n")[1:2] or [str(error)]
        raise BadFile("chart", f"it cannot be drawn ({reason[0]})", "Look at its specification.") from error


def lite_version(spec: Mapping[str, Any]) -> str:
    """The major version of Vega-Lite that a specification is for; empty for Vega and for what is neither."""
    schema = _SCHEMA.fullmatch(str(spec.get("$schema", "")))
    return schema[2] if schema is not None and schema[1] == "vega-lite" else ""


def title(spec: Mapping[str, Any]) -> str:
    """The title that stands in the picture, as one line."""
    found = spec.get("title")
    found = found.get("text") if isinstance(found, Mapping) else found
    return " ".join(map(str, found)) if isinstance(found, list) else found if isinstance(found, str) else ""


def description(spec: Mapping[str, Any]) -> str:
    """What a chart says about itself: its description, otherwise its title."""
    words = spec.get("description")
    return words if isinstance(words, str) and words else title(spec)


def shows_images(node: Any) -> bool:
    """Whether a specification places pictures, which may lie anywhere."""
    if isinstance(node, Mapping):
        return "image" in (node.get("mark"), node.get("type")) or any(
            shows_images(v) for k, v in node.items() if k not in {"values", "datasets"}
        )
    return isinstance(node, list | tuple) and any(map(shows_images, node))


def loads(node: Any) -> bool:
    """Whether a specification asks for a URL anywhere but in its rows of data."""
    if isinstance(node, Mapping):
        return "url" in node or any(loads(v) for k, v in node.items() if k not in {"values", "datasets"})
    return isinstance(node, list | tuple) and any(map(loads, node))
