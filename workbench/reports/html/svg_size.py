"""The same drawing in fewer bytes: no digits that no screen can show, nothing that cannot be seen, nothing said twice.

Works on the parsed tree, before :mod:`workbench.reports.html.svg` writes it anew.
"""

from __future__ import annotations

import re
from functools import partial
from typing import Any

import lxml.etree

#: What children take from the group that they stand in.
_INHERITED = (
    "fill", "fill-opacity", "stroke", "stroke-width", "stroke-opacity", "stroke-linecap", "stroke-linejoin", "stroke-dasharray",
    "stroke-miterlimit", "font-family", "font-size", "font-style", "font-weight", "text-anchor",
)  # fmt: skip
#: Which page colour these follow depends on the shape that they are on, so they stay there.
_OF_THE_SHAPE = re.compile(r"white|black|#(?:000|fff){1,2}|rgb\(\s*(?:0\s*,\s*0\s*,\s*0|255\s*,\s*255\s*,\s*255)\s*\)", re.IGNORECASE)
_NUMBERS = frozenset(
    (
        "x",
        "y",
        "x1",
        "y1",
        "x2",
        "y2",
        "cx",
        "cy",
        "r",
        "rx",
        "ry",
        "width",
        "height",
        "dx",
        "dy",
        "points",
        "d",
        "transform",
        "stroke-width",
        "opacity",
        "fill-opacity",
    )
)
_LONG = re.compile(r"-?\d*\.\d{3,}(?:e[-+]?\d+)?|-?\d+(?:\.\d+)?e[-+]?\d+", re.IGNORECASE)
_RELATIVE = re.compile("[mlcsqta]")
_CIRCLE = re.compile(r"M([\d.]+),0A\1,\1,0,1,1,-\1,0A\1,\1,0,1,1,\1,0")
_MAGNIFIES = re.compile(r"(?:matrix|scale)\((.*?)\)")
_SHAPES = frozenset({"path", "rect", "circle", "ellipse", "line", "polyline", "polygon"})
_STENCILS = frozenset({"defs", "symbol", "clipPath", "mask", "pattern", "marker"})
_DEAD = re.compile(r"class|role|tabindex|aria-.*|data-.*|cursor|pointer-events")


def lighten(root: Any) -> None:
    """Make a drawing smaller in place; it looks as before.  ``root`` is its ``svg`` element."""
    for element in root.iter(lxml.etree.Element):
        _drop_defaults(element)
    if not any(_tag(e) == "use" for e in root.iter(lxml.etree.Element)):
        _drop_unseen(root, fill="black", stroke="none")
        for group in reversed([e for e in root.iter(lxml.etree.Element) if _tag(e) == "g"]):
            _lift(group)
    if not _is_magnified(root):
        for element in root.iter(lxml.etree.Element):
            _round(element)


def _tag(element: Any) -> str:
    return str(lxml.etree.QName(element).localname)


def _drop_defaults(element: Any) -> None:
    for name in [n for n in element.attrib if _DEAD.fullmatch(n)]:
        del element.attrib[name]
    for name, nothing in (("opacity", "1"), ("transform", "translate(0,0)")):
        if element.get(name) == nothing:
            del element.attrib[name]


def _drop_unseen(element: Any, fill: str, stroke: str) -> None:
    """Take away shapes with neither fill nor stroke, and what is not displayed; a stencil is never seen itself."""
    for child in list(element):
        if not isinstance(child.tag, str) or _tag(child) in _STENCILS or child.get("style"):
            continue
        inner = child.get("fill", fill), child.get("stroke", stroke)
        unseen = (
            (_tag(child) in _SHAPES and not set(inner) - {"none", "transparent"}) or child.get("display") == "none" or child.get("d") == ""
        )
        if unseen and not any(e.get("id") for e in child.iter(lxml.etree.Element)):
            element.remove(child)
        else:
            _drop_unseen(child, *inner)


def _lift(group: Any) -> None:
    """Say once, on the group, what all of its shapes say; a group that says nothing gives way to its shapes."""
    children = list(group)
    for name in _INHERITED if len(children) > 1 else ():
        values = {child.get(name) for child in children}
        value = values.pop()
        if value is not None and not values and not _OF_THE_SHAPE.fullmatch(value):
            group.set(name, value)
            for child in children:
                del child.attrib[name]
    parent = group.getparent()
    if parent is not None and not group.attrib:
        place = parent.index(group)
        parent[place : place + 1] = children


def _is_magnified(root: Any) -> bool:
    """Whether one unit of the drawing may be more than two pixels."""
    box = [float(n) for n in re.findall(r"-?\d+(?:\.\d+)?", root.get("viewBox", ""))]
    width = re.match(r"[\d.]+", root.get("width", ""))
    larger = len(box) == 4 and box[2] > 0 and (float(width[0]) if width else 600) / box[2] > 2
    factors = (n for e in root.iter() for m in _MAGNIFIES.findall(e.get("transform", "")) for n in re.findall(r"-?[\d.]+", m)[:4])
    return larger or any(abs(float(n)) > 2 for n in factors)


def _round(element: Any) -> None:
    circle = _CIRCLE.fullmatch(element.get("d", "")) if _tag(element) == "path" else None
    if circle:
        element.tag = element.tag.replace("path", "circle")
        del element.attrib["d"]
        element.set("r", circle[1])
    for name, value in element.attrib.items():
        if name in _NUMBERS and not _MAGNIFIES.search(value):
            # Steps that start where the last one ended add up their errors.
            digits = 3 if name == "d" and _RELATIVE.search(value) else 2
            element.set(name, _LONG.sub(partial(_short, digits=digits), value))


def _short(number: re.Match[str], digits: int) -> str:
    text = f"{float(number[0]):.{digits}f}".rstrip("0").rstrip(".")
    return "0" if text in ("", "-0") else text
