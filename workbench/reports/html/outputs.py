"""What a notebook's outputs say: their text, their charts, their descriptions, whatever form they were kept in."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from typing import Any

from nbformat import NotebookNode

from workbench.reports import blocks
from workbench.reports.html import vega
from workbench.reports.html.sanitise import printable

#: Pictures made of points, and how their files begin.
RASTER_KINDS = {
    "image/png": b"\x89PNG",
    "image/jpeg": b"\xff\xd8",
    "image/gif": b"GIF8",
    "image/webp": b"RIFF",
}
#: Text that says only what kind of object was shown.
REPR = re.compile(r"<[^<>]*>|alt\.\w*Chart\(\.\.\.\)|<VegaLite? \d+ object>.*", re.DOTALL)
#: The label of a picture of which nobody says what it shows.
UNDESCRIBED = "Picture without a description"
_NEEDS_SCRIPTS = {
    "application/javascript",
    "application/vnd.jupyter.widget-view+json",
    "application/vnd.plotly.v1+json",
    "application/vnd.bokehjs_exec.v0+json",
}


def text_of(value: object) -> str:
    """A value of an output: notebooks may keep text as a list of lines."""
    return "".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def plain_of(data: Mapping[str, Any]) -> str:
    """The text of an output; data that are shown as nothing but their kind are written out."""
    plain = text_of(data.get("text/plain", ""))
    if REPR.fullmatch(plain.strip()) and isinstance(data.get("application/json"), dict | list):
        return json.dumps(data["application/json"], ensure_ascii=False, indent=2)
    return plain


def merged(outputs: list[NotebookNode]) -> list[NotebookNode]:
    """Outputs with neighbouring pieces of one stream joined."""
    joined: list[NotebookNode] = []
    for output in outputs:
        last = joined[-1] if joined else None
        if last is not None and output.output_type == last.output_type == "stream" and output.name == last.name:
            joined[-1] = NotebookNode(last | {"text": text_of(last.text) + text_of(output.text)})
        elif output.output_type != "stream" or text_of(output.text).strip():
            joined.append(output)
    return joined


def spec_of(data: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The Vega-Lite or Vega specification that an output carries, if any."""
    return next((v for k, v in data.items() if vega.MIME.fullmatch(k) and isinstance(v, dict)), None)


def described(data: Mapping[str, Any], metadata: Mapping[str, Any], mime: str, of_chart: str = "") -> tuple[str, str]:
    """What a picture shows, for those who do not see it, and its caption."""
    near = found if isinstance(found := metadata.get(mime), dict) else {}
    spec = spec_of(data)
    plain = text_of(data.get("text/plain", "")).strip()
    candidates: list[object] = [
        near.get("alt"),
        metadata.get("alt"),
        of_chart,
        vega.description(spec) if spec else "",
        "" if REPR.fullmatch(plain) else plain,
    ]
    label = next((words for c in candidates if isinstance(c, str) and (words := " ".join(c.split()))), UNDESCRIBED)
    caption = near.get("caption") or metadata.get("caption") or ""
    return printable(label), printable(str(caption))


def starts_with(content: str, magic: bytes) -> bool:
    """Whether base64 ``content`` is the kind of file that ``magic`` begins."""
    if re.fullmatch(r"[A-Za-z0-9+/]+={0,2}", content) is None:
        return False
    try:
        return base64.b64decode(content).startswith(magic)
    except binascii.Error:
        return False


def left_out(data: Mapping[str, Any]) -> str:
    """A sentence on what could not be shown, if anything worth telling."""
    html = text_of(data.get("text/html", ""))
    if any(vega.MIME.fullmatch(mime) for mime in data) or vega.spec_in_html(html):
        return "A chart was left out here: it cannot be drawn from what this file holds."
    if "image/svg+xml" in data or any(mime in data for mime in RASTER_KINDS):
        return "A picture was left out here: it cannot be read safely."
    if blocks.MIME in data:
        return "A result was left out here: it was made by another version."
    if _NEEDS_SCRIPTS & set(data) or re.search(r"<(?:script|iframe|video|audio|canvas|object|embed|input|button)\b", html, re.IGNORECASE):
        return "An interactive view was left out here: this page runs nothing from its notebook."
    return ""
