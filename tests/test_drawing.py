"""A picture is the same, and comes, whoever draws it."""

import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from workbench import drawing
from workbench.drawing import draw_elsewhere, draw_here, vega_svg, vegalite_svg

PAINTERS = "import socket, sys; from workbench.reports.engine.painter import fork_painters; fork_painters(socket.socket(fileno=int(sys.argv[1])), [])"

BARS = {"data": {"values": [{"n": 1}, {"n": 2}]}, "mark": "bar", "encoding": {"x": {"field": "n", "type": "quantitative"}}}


@pytest.fixture
def door() -> Iterator[socket.socket]:
    """The inside of a door that this process knocks at."""
    ours, inside = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    drawing._drawn.cache_clear()
    draw_elsewhere(ours)
    with inside:
        yield inside
    draw_elsewhere(None)
    drawing._drawn.cache_clear()


def test_what_is_drawn_elsewhere_is_what_is_drawn_here(door: socket.socket, monkeypatch: pytest.MonkeyPatch) -> None:
    here = draw_here(json.dumps({"spec": BARS, "version": "6", "config": {"background": "#eee"}}))
    subprocess.run([sys.executable, "-c", PAINTERS, str(door.fileno())], pass_fds=[door.fileno()], check=True)
    monkeypatch.setattr(drawing, "draw_here", lambda _: pytest.fail("it was drawn here"))
    assert vegalite_svg(BARS, "6", {"background": "#eee"}) == here
    with pytest.raises(ValueError, match="conversion failed"):
        vegalite_svg({**BARS, "mark": "no such mark"}, "6")


def test_a_painter_that_ends_in_the_middle_is_done_without(door: socket.socket) -> None:
    """It took the wish, and will never answer."""
    with ThreadPoolExecutor(1) as pool:
        picture = pool.submit(vegalite_svg, BARS, "6")
        _, [wish], _, _ = socket.recv_fds(door, 1, 1)
        os.close(wish)
        assert picture.result().startswith("<svg")


def test_with_nobody_behind_the_door_a_picture_is_drawn_here(door: socket.socket) -> None:
    door.close()
    assert vega_svg({"$schema": "https://vega.github.io/schema/vega/v6.json", "marks": []}).startswith("<svg")


def test_a_chart_is_drawn_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The reports of a batch have charts in common."""
    first = vegalite_svg({**BARS, "title": "Once"}, "6")
    monkeypatch.setattr(drawing, "draw_here", lambda _: pytest.fail("it was drawn again"))
    assert vegalite_svg({**BARS, "title": "Once"}, "6") == first
