"""A picture for a persona that is nobody's face: a pattern made from its name, with its initials."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Any

COLOURS = ("accent", "pos", "gold", "violet", "sky", "earth")
SIDE, TILES = 120, 4
_TILE = SIDE // TILES
#: A quarter and a half of a disc, a dot, and nothing, drawn in a tile whose corner is 0, 0.
_SHAPES = (
    f"M0,0 h{_TILE} a{_TILE},{_TILE} 0 0 1 -{_TILE},{_TILE} z",
    f"M0,0 a15,15 0 0 0 {_TILE},0 z",
    "M8,15 a7,7 0 1 0 14,0 a7,7 0 1 0 -14,0 z",
    "",
)


def picture_of(name: str) -> dict[str, Any]:
    """Ground and shapes of an SVG of ``SIDE`` units, in colours of the theme, and the initials; the same for the same name."""
    digest = sha256(name.strip().casefold().encode("utf-8", "replace")).digest()
    first, second = digest[0] % len(COLOURS), 1 + digest[1] % (len(COLOURS) - 1)
    pair = (COLOURS[first], COLOURS[(first + second) % len(COLOURS)])
    shapes = [_shape(i, byte, pair) for i, byte in enumerate(digest[2 : 2 + TILES * TILES])]
    return {"side": SIDE, "ground": pair[0], "shapes": [s for s in shapes if s["d"]], "initials": initials(name)}


def initials(name: str) -> str:
    """One or two letters: ``N`` for "Nora, first order on the tram", ``G1`` for "Group 1: new"."""
    own = re.split(r"[,:(·–—]", name.strip())[0]
    found = [letters[0].upper() for word in own.split() if (letters := re.findall(r"\w", word))]
    return "".join(found[:2]) or "?"


def _shape(i: int, byte: int, pair: tuple[str, str]) -> dict[str, Any]:
    turn = 90 * (byte >> 2 & 3)
    return {
        "d": _SHAPES[byte & 3],
        "x": i % TILES * _TILE,
        "y": i // TILES * _TILE,
        "turn": turn,
        "middle": _TILE // 2,
        "colour": pair[byte >> 4 & 1],
    }
