"""A specification of Vega or Vega-Lite becomes a picture, without a network: drawn here, or by a process that draws for many.

Drawing starts a JavaScript engine with threads: a quarter of a second in each process that does it, and one that did cannot be forked.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

_door: socket.socket | None = None


def draw_elsewhere(door: socket.socket | None) -> None:
    """Let the processes behind ``door`` draw for this one from now on, which keeps it open; with ``None``, it draws by itself."""
    global _door
    if _door is not None:
        _door.close()
    _door = door


def vega_svg(spec: Mapping[str, Any]) -> str:
    """A chart of Vega as SVG; see :func:`vegalite_svg`."""
    return _drawn(json.dumps({"spec": spec}))


def vegalite_svg(spec: Mapping[str, Any], version: str, config: Mapping[str, Any] | None = None) -> str:
    """A chart of Vega-Lite as SVG.

    Parameters
    ----------
    version : for which it is written, such as ``6`` or ``6.1``
    config : colours and fonts for what it leaves open

    Raises
    ------
    ValueError
        It cannot be drawn, or asks for data from elsewhere.
    """
    return _drawn(json.dumps({"spec": spec, "version": version, "config": config}))


# Kept, since reports of one batch have charts in common, and drawing is what takes longest.
@lru_cache(maxsize=64)
def _drawn(wish: str) -> str:
    if _door is None:
        return draw_here(wish)
    try:
        drawn = _asked(_door, wish)
    except (OSError, ValueError):  # nobody is left behind the door
        return draw_here(wish)
    if "error" in drawn:
        raise ValueError(drawn["error"])
    return drawn["svg"]


def _asked(door: socket.socket, wish: str) -> dict[str, str]:
    here, there = socket.socketpair()
    with here:
        with there:
            socket.send_fds(door, [b"?"], [there.fileno()])
        here.sendall(wish.encode())
        here.shutdown(socket.SHUT_WR)
        with here.makefile("rb") as answer:
            return dict(json.loads(answer.read()))


def draw_here(wish: str) -> str:
    """The picture of what was wished for, drawn by this process.

    Raises
    ------
    ValueError
    """
    import vl_convert

    given = json.loads(wish)
    if "version" not in given:
        return str(vl_convert.vega_to_svg(given["spec"], allowed_base_urls=[]))
    version = _nearest(given["version"], vl_convert.get_vegalite_versions())
    return str(vl_convert.vegalite_to_svg(given["spec"], vl_version=version, config=given["config"], allowed_base_urls=[]))


def _nearest(version: str, known: list[str]) -> str | None:
    """That version; else the newest of the same major one; else the one that is used where nothing is said."""
    same = [v for v in known if v.split(".")[0] == version.split(".")[0]]
    return version if version in known else (same[-1] if same else None)
