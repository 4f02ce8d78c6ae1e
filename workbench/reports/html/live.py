"""Charts that answer the mouse and the keyboard: the chart library once per page, compressed, and each chart's own specification.

The library is built by vl-convert, 1.3 seconds in every process that asks.  It is kept by version in the user's cache folder: shipped in the
package it would need vl-convert while the package is built, and could be another version than the one that draws the still pictures.
"""

from __future__ import annotations

import base64
import gzip
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

from platformdirs import user_cache_path

from workbench.errors import WorkbenchError
from workbench.files import write_whole
from workbench.reports.html import vega
from workbench.reports.html.svg import CHART_COLOURS

_MARKS = ("arc", "area", "bar", "circle", "geoshape", "line", "point", "rect", "square", "tick", "trail")


@dataclass(frozen=True)
class Library:
    """The chart library: gzip in base64, and the hash by which the page's policy lets exactly it run."""

    packed: str
    hash: str


def live_spec(spec: Mapping[str, Any], *, drawn_by_us: bool) -> str:
    """What the page's script draws, as JSON that can stand in HTML; empty when it asks for anything that is not in it.

    Parameters
    ----------
    spec : Vega-Lite
    drawn_by_us : whether the still picture has the exporter's look, which the live one then gets too
    """
    # Imported late: pages of still pictures need no chart library of Python's.
    from workbench.charts.renderer import without_spare_columns

    version = vega.lite_version(spec)
    if version not in {"5", "6"} or vega.loads(spec) or vega.shows_images(spec):
        return ""
    lean = without_spare_columns(spec)
    own = lean.pop("config", {})
    tips = {mark: {"tooltip": True} for mark in _MARKS}
    lean["config"] = _merged(_merged(tips, vega.CONFIG if drawn_by_us else {}), own if isinstance(own, Mapping) else {})
    # A specification may carry wishes to the program that shows it, the place of its settings among them.
    for name in ("$schema", "usermeta"):
        lean.pop(name, None)
    try:
        text = json.dumps(lean, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError):
        return ""
    return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def colour_rules() -> str:
    """Style that gives a live chart the page's colours, by what Vega writes."""
    rules = [
        f'.live [{name}="{colour}"]{{{name}:var({token})}}'
        for colour, token in CHART_COLOURS.items()
        if colour != "#ffffff"
        for name in ("fill", "stroke")
    ]
    return "\n".join([*rules, '.live text:is([fill="#000"],[fill="#000000"],[fill=black]){fill:var(--ink)}'])


@cache
def library() -> Library:
    """The chart library, from the cache folder or built anew."""
    import vl_convert  # late: it starts a JavaScript engine with threads

    kept = user_cache_path("workbench", appauthor=False) / f"vega-{version('vl-convert-python')}.js.gz"
    packed = _read(kept)
    if packed is None:
        script = f"(() => {{{vl_convert.javascript_bundle('window.vegaEmbed=vegaEmbed;')}}})();"
        packed = gzip.compress(script.encode(), compresslevel=9, mtime=0)
        _keep(kept, packed)
    digest = base64.b64encode(sha256(gzip.decompress(packed)).digest()).decode()
    return Library(base64.b64encode(packed).decode(), f"'sha256-{digest}'")


def _read(path: Path) -> bytes | None:
    """A kept library that is whole."""
    try:
        packed = path.read_bytes()
        gzip.decompress(packed)
    except (OSError, EOFError, ValueError):
        return None
    return packed


def _keep(path: Path, packed: bytes) -> None:
    """Keep it for the next process; without a cache folder each one builds its own."""
    with suppress(OSError, WorkbenchError):
        path.parent.mkdir(parents=True, exist_ok=True)
        own = path.with_name(f"{path.name}.{os.getpid()}")  # several processes may begin with it at once
        write_whole(own, packed)
        own.replace(path)


def _merged(base: Mapping[str, Any], over: Mapping[str, Any]) -> dict[str, Any]:
    """``base`` with what ``over`` says; mappings in both are merged in turn."""
    both = dict(base)
    for key, value in over.items():
        old = both.get(key)
        both[key] = _merged(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return both
