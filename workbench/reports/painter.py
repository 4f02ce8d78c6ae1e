"""One process that draws the charts of all reports of a batch.

Drawing starts a JavaScript engine, half a second in every process that does it; and one that started it cannot be forked.
"""

from __future__ import annotations

import json
import os
import signal
import socket
from collections.abc import Iterable, Mapping
from contextlib import suppress
from typing import Any

from workbench.charts import renderer

_draw_here = renderer.to_svg


def fork_painter(not_its: Iterable[socket.socket]) -> socket.socket:
    """Fork the process that draws; it starts its engine with the first chart, and ends with the last process that could ask.

    Parameters
    ----------
    not_its : connections that it must not keep open
    """
    ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    if os.fork() == 0:
        try:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            for connection in (ours, *not_its):
                connection.close()
            _paint_for_all(its)
        finally:
            os._exit(0)
    its.close()
    return ours


def _paint_for_all(door: socket.socket) -> None:
    while True:
        word, fds, _, _ = socket.recv_fds(door, 1, 1)
        if not word:
            return
        for fd in fds:
            with suppress(OSError, ValueError), socket.socket(fileno=fd) as client:
                _paint(client)


def _paint(client: socket.socket) -> None:
    with client.makefile("rb") as wishes:
        spec = json.loads(wishes.read())
    try:
        drawn = {"svg": _draw_here(spec)}
    except ValueError as error:
        drawn = {"error": str(error)}
    client.sendall(json.dumps(drawn).encode())


def draw_elsewhere(door: socket.socket) -> None:
    """Let the painter behind ``door`` draw the charts of this process; without it, this process draws them."""

    def to_svg(spec: Mapping[str, Any]) -> str:
        try:
            drawn = _drawn(door, json.dumps(spec))
        except (OSError, ValueError, TypeError):
            return _draw_here(spec)
        if "error" in drawn:
            raise ValueError(drawn["error"])
        return drawn["svg"]

    renderer.to_svg = to_svg


def _drawn(door: socket.socket, spec: str) -> dict[str, str]:
    here, there = socket.socketpair()
    with here:
        with there:
            socket.send_fds(door, [b"?"], [there.fileno()])
        here.sendall(spec.encode())
        here.shutdown(socket.SHUT_WR)
        with here.makefile("rb") as answer:
            return json.loads(answer.read())
