"""The processes that draw the charts of all reports.

They are forked before anything is imported, and one starts its JavaScript engine at once, while others still import.  All wait at one
door; one without an engine leaves a chart that waits there to the others for a moment, so that as many engines start as are needed.
"""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import time
from collections.abc import Iterable
from contextlib import suppress

from workbench.drawing import draw_here

#: How many draw at the same time, at most.
MOST = 8

#: How long one without an engine waits for the others to take a chart, in seconds: less than an engine takes to start.
PATIENCE_S = 0.1

_A_CHART = {"spec": {"data": {"values": [{"n": 1}]}, "mark": "bar", "encoding": {"x": {"field": "n"}}}, "version": "6", "config": None}


def fork_painters(door: socket.socket, not_theirs: Iterable[socket.socket]) -> None:
    """Fork them; they end with the last process that could ask.

    Parameters
    ----------
    door : where they wait; closed here
    not_theirs : connections that they must not keep open
    """
    for n in range(min(os.cpu_count() or 1, MOST)):
        if os.fork() == 0:
            try:
                signal.signal(signal.SIGINT, signal.SIG_IGN)
                for connection in not_theirs:
                    connection.close()
                _paint_for_all(door, at_once=n == 0)
            finally:
                os._exit(0)
    door.close()


def _paint_for_all(door: socket.socket, *, at_once: bool) -> None:
    door.setblocking(False)
    if at_once:
        draw_here(json.dumps(_A_CHART))
    has_engine = at_once
    while True:
        select.select([door], [], [])
        if not has_engine and _others_take_it(door):
            continue
        try:
            word, fds, _, _ = socket.recv_fds(door, 1, 1)
        except BlockingIOError:  # another one was faster
            continue
        if not word:
            return
        for fd in fds:
            with suppress(OSError, ValueError), socket.socket(fileno=fd) as client:
                _paint(client)
        has_engine = True


def _others_take_it(door: socket.socket) -> bool:
    time.sleep(PATIENCE_S)
    return not select.select([door], [], [], 0)[0]


def _paint(client: socket.socket) -> None:
    with client.makefile("rb") as wishes:
        wish = wishes.read().decode()
    try:
        drawn = {"svg": draw_here(wish)}
    except ValueError as error:
        drawn = {"error": str(error)}
    client.sendall(json.dumps(drawn).encode())
