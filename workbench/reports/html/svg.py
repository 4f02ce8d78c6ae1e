"""A drawing from a notebook, written anew from a list of what is allowed, in the colours of the page."""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape
from typing import Any, NamedTuple

import lxml.etree
from markupsafe import Markup

from workbench.errors import BadFile
from workbench.reports.html.svg_size import lighten

#: Colours of workbench's charts and the page's colour that each follows (light, dark, print).  White is followed only by a chart's
#: background, black only by its text; a colour that is not here stays as it is, which is right for text on a coloured mark.
CHART_COLOURS = {
    "#1d2129": "--ink",
    "#5c6470": "--soft",
    "#e3e0da": "--line",
    "#ffffff": "--paper",
    "#f4f2ee": "--lane",
    "#eef2f9": "--measure",
    "#3d5a98": "--accent",
    "#0f766e": "--pos",
    "#b4432d": "--neg",
    "#a16a08": "--gold",
    "#7a4a9c": "--violet",
    "#3a86b8": "--sky",
    "#8b5e4c": "--earth",
}
#: A picture with one of these was drawn for the page; any other keeps its own colours, on white.
_OURS = re.compile("#1d2129|#5c6470|#e3e0da", re.IGNORECASE)

RASTER = re.compile(r"data:image/(?:png|jpe?g|gif|webp);base64,[A-Za-z0-9+/=\s]+", re.IGNORECASE)


def names(text: str) -> frozenset[str]:
    """The words of ``text``."""
    return frozenset(text.split())


class Picture(NamedTuple):
    """A drawing that can stand in the page: its markup, whether it brings colours of its own, and its width in pixels."""

    svg: Markup
    own_colours: bool
    width: float


_TAGS = names(
    "svg g defs symbol use image marker mask pattern clipPath linearGradient radialGradient stop path rect circle ellipse line polyline polygon "
    "text tspan textPath title"
)
_ATTRIBUTES = names(
    "x y x1 y1 x2 y2 cx cy r rx ry fx fy d points width height viewBox preserveAspectRatio transform dx dy rotate textLength lengthAdjust pathLength "
    "gradientUnits gradientTransform spreadMethod offset patternUnits patternContentUnits patternTransform maskUnits clipPathUnits markerWidth "
    "markerHeight markerUnits refX refY orient startOffset href id style"
)
_STYLES = names(
    "fill fill-opacity fill-rule stroke stroke-width stroke-opacity stroke-linecap stroke-linejoin stroke-dasharray stroke-dashoffset "
    "stroke-miterlimit opacity color display visibility font-family font-size font-style font-weight font-variant letter-spacing word-spacing "
    "text-anchor text-decoration dominant-baseline alignment-baseline baseline-shift clip-path clip-rule mask marker-start marker-mid marker-end "
    "stop-color stop-opacity paint-order vector-effect shape-rendering text-rendering overflow mix-blend-mode"
)
_VALUE = re.compile(r"[^<>&\\@{}*]*")
_FUNCTIONS = {"rgb", "rgba", "hsl", "hsla", "translate", "rotate", "scale", "matrix", "skewx", "skewy"}
_FUNCTION = re.compile(r"([-\w]*)\(")
_LOCAL = re.compile(r"""url\(\s*['"]?#([^'")\s]+)['"]?\s*\)""")
_RGB = re.compile(r"rgb\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\s*\)")


@lru_cache(maxsize=64)  # reports of one batch have drawings in common
def clean_svg(source: str, *, label: str, prefix: str) -> Picture:
    """A drawing made of shapes and words only, labelled, in the page's colours when it was drawn for the page.

    Parameters
    ----------
    source : SVG, as XML
    label : what it shows, for those who cannot see it
    prefix : what its own ids begin with; unique on the page

    Raises
    ------
    BadFile
        It is not XML, not SVG, or declares entities.
    """
    root = _svg_root(source)
    lighten(root)
    return _Drawing(root, label, prefix, ours=_OURS.search(source) is not None).picture()


def _svg_root(source: str) -> Any:
    text = re.sub(r"^\ufeff?\s*<\?xml[^>]*\?>", "", source).strip()
    if "<!ENTITY" in text:
        raise BadFile("SVG output", "it declares entities", "Save the drawing without them.")
    parser = lxml.etree.XMLParser(
        encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True
    )
    try:
        root = lxml.etree.fromstring(text.encode(), parser)
    except (lxml.etree.XMLSyntaxError, ValueError) as error:
        raise BadFile("SVG output", f"it is not readable as XML ({error})", "Draw it again, or show it as PNG.") from error
    if lxml.etree.QName(root).localname != "svg":
        raise BadFile("SVG output", "it is not a drawing", "Its first element must be svg.")
    return root


class _Drawing:
    """One drawing, on its way from the parsed tree to new markup."""

    def __init__(self, root: Any, label: str, prefix: str, *, ours: bool) -> None:
        self.root, self.label, self.prefix, self.ours = root, label, prefix, ours
        self.ids: dict[str, str] = {}
        self.size = self._size()
        self.out: list[str] = []

    def picture(self) -> Picture:
        width, height = self.size
        box = self.root.get("viewBox", "")
        box = box if re.fullmatch(r"[-+\d.eE\s,]+", box) else f"0 0 {width:g} {height:g}"
        self.out.append(
            f'<svg role="img" aria-label="{escape(self.label)}" viewBox="{escape(box)}" width="{width:g}" height="{height:g}"'
            f"{self._attributes(self.root, skip=('width', 'height', 'viewBox', 'x', 'y', 'id'))}>"
        )
        for child in self.root:
            self._write(child)
        self.out.append("</svg>")
        return Picture(Markup("".join(self.out)), not self.ours, width)  # noqa: S704

    def _size(self) -> tuple[float, float]:
        box = [float(n) for n in re.findall(r"-?\d+(?:\.\d+)?", self.root.get("viewBox", ""))]
        fallback = box[2:] if len(box) == 4 else [300.0, 150.0]
        width, height = (_pixels(self.root.get(name, "")) or fallback[i] for i, name in enumerate(("width", "height")))
        return width, height

    def _write(self, element: Any) -> None:
        tag = lxml.etree.QName(element).localname if isinstance(element.tag, str) else ""
        if tag not in _TAGS:
            if tag == "a":
                self._children(element)
            return
        if tag == "title":
            self.out.append(f"<title>{escape(''.join(element.itertext()))}</title>")
            return
        start = f"<{tag}{self._attributes(element)}"
        if len(element) or element.text:
            self.out.append(f"{start}>")
            self._children(element)
            self.out.append(f"</{tag}>")
        else:
            self.out.append(f"{start}/>")

    def _children(self, element: Any) -> None:
        words = lxml.etree.QName(element).localname in {"text", "tspan", "textPath"}
        self.out.append(escape(element.text or "") if words else "")
        for child in element:
            self._write(child)
            self.out.append(escape(child.tail or "") if words else "")

    def _attributes(self, element: Any, skip: tuple[str, ...] = ()) -> str:
        kept = []
        for full_name, value in element.attrib.items():
            name = lxml.etree.QName(full_name).localname
            safe = None if name in skip else self._value(name, value, element)
            if safe is not None:
                kept.append(f' {name}="{escape(safe)}"')
        return "".join(kept)

    def _value(self, name: str, value: str, element: Any) -> str | None:
        if name == "style":
            return self._style(value, element) or None
        if name == "id":
            return self._id(value)
        if name == "href":
            return self._href(value, element)
        if name in _STYLES:
            return self._styled(name, value, element)
        return value if name in _ATTRIBUTES and _harmless(value) else None

    def _style(self, text: str, element: Any) -> str:
        kept = []
        for declaration in text.split(";"):
            name, _, value = (part.strip() for part in declaration.partition(":"))
            safe = self._styled(name, value, element) if name in _STYLES else None
            if safe is not None:
                kept.append(f"{name}:{safe}")
        return ";".join(kept)

    def _styled(self, name: str, value: str, element: Any) -> str | None:
        local = _LOCAL.fullmatch(value.strip())
        if local:
            return f"url(#{self._id(local[1])})"
        if not _harmless(value):
            return None
        return self._colour(value, element) if name in {"fill", "stroke", "stop-color", "color"} else value

    def _href(self, value: str, element: Any) -> str | None:
        if value.startswith("#"):
            return f"#{self._id(value[1:])}"
        is_image = lxml.etree.QName(element).localname == "image"
        return value if is_image and RASTER.fullmatch(value) else None

    def _id(self, name: str) -> str:
        """Ids are numbered anew, so that two drawings on a page never share one and the same drawing is always the same bytes."""
        return self.ids.setdefault(name, f"{self.prefix}-{len(self.ids) + 1}")

    def _colour(self, value: str, element: Any) -> str:
        colour = _hexadecimal(value)
        tag = lxml.etree.QName(element).localname
        if not self.ours:
            return value
        if colour == "#000000" and tag in {"text", "tspan"}:
            return f"var(--ink, {value})"
        if colour == "#ffffff" and not (tag == "rect" and self._covers(element)):
            return value
        return f"var({CHART_COLOURS[colour]}, {colour})" if colour in CHART_COLOURS else value

    def _covers(self, element: Any) -> bool:
        size = tuple(element.get(name, "") for name in ("width", "height"))
        return size == ("100%", "100%") or tuple(map(_pixels, size)) == self.size


def _harmless(value: str) -> bool:
    return _VALUE.fullmatch(value) is not None and {f.lower() for f in _FUNCTION.findall(value)} <= _FUNCTIONS


def _pixels(length: str) -> float:
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*(px|pt|in|cm|mm)?\s*", length)
    return float(match[1]) * {"pt": 4 / 3, "in": 96, "cm": 37.8, "mm": 3.78}.get(match[2], 1) if match else 0.0


def _hexadecimal(colour: str) -> str:
    text = colour.strip().lower()
    rgb = _RGB.fullmatch(text)
    if rgb:
        return "#" + "".join(f"{min(int(n), 255):02x}" for n in rgb.groups())
    if re.fullmatch("#[0-9a-f]{3}", text):
        return "#" + "".join(2 * digit for digit in text[1:])
    return {"white": "#ffffff", "black": "#000000"}.get(text, text)
