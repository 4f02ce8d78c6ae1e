"""The service looks, goes on after a mistake, and ends when it is told to: the page in work is finished, nothing is lost."""

from __future__ import annotations

import signal
import threading
from pathlib import Path

import pytest
from stand_in import Crash, at, world

from workbench.errors import BadSetting, MissingTool
from workbench.schedule.service import Stop, Stopped, not_twice, serve, stoppable
from workbench.schedule.state import Page


def ends(number: int) -> None:
    signal.raise_signal(number)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_during_work_ends_it_after_the_work(number: int) -> None:
    said: list[tuple[str, str]] = []
    before = signal.getsignal(number)
    serve(lambda: ends(number), Stop(), lambda event, says: said.append((event, says)))
    assert said == [("started", ""), ("stopped", "")]
    assert signal.getsignal(number) == before


def test_a_signal_while_it_waits_ends_it_at_once() -> None:
    said: list[str] = []
    looked = threading.Event()
    main = threading.get_ident()

    def end() -> None:
        looked.wait()
        signal.pthread_kill(main, signal.SIGTERM)

    thread = threading.Thread(target=end)
    thread.start()
    serve(looked.set, Stop(), lambda event, _says: said.append(event))
    thread.join()
    assert said == ["started", "stopped"]


def test_a_look_that_ends_in_a_sentence_is_said() -> None:
    said: list[tuple[str, str]] = []

    def look() -> None:
        ends(signal.SIGTERM)  # after this look
        raise BadSetting("study.toml", "it was edited", "Mend it.")

    serve(look, Stop(), lambda event, says: said.append((event, says)))
    assert said[1] == ("error", "study.toml: it was edited. Mend it.")


def test_the_same_mistake_is_not_said_every_minute() -> None:
    said: list[str] = []
    say = not_twice(said.append)
    for sentence in ("a", "a", "b", "", "b"):
        say(sentence)
    assert said == ["a", "b", "b"]


def test_without_apscheduler_the_sentence_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "apscheduler.events", None)
    with pytest.raises(MissingTool, match=r'pip install "ux-workbench\[schedule\]"'):
        serve(lambda: None, Stop(), lambda _event, _says: None)


def test_a_page_in_work_is_finished_and_the_next_run_makes_the_others(tmp_path: Path) -> None:
    w, stop = world(tmp_path / "s"), Stop()
    w.look()
    w.now = at("2026-11-23T06:00")
    stop.working = True
    w.step = lambda what: stop.ask(signal.SIGTERM, None) if what == "before a page" else None
    whole, w.make = w.make, stoppable(w.make, stop)
    with pytest.raises(Stopped):
        w.look()
    assert [page for _, page, _ in w.made] == ["map"]
    w.step, w.make = lambda _what: None, whole
    [run] = w.look()
    assert [(p.name, p.result) for p in run.pages] == [("map", "made"), ("pulse", "made")]
    assert len(w.made) == 2


def test_a_page_that_failed_after_somebody_asked_is_put_back() -> None:
    """Ctrl-C reaches the processes of the page too."""
    stop, kept = Stop(), []

    def make(_schedule: object, _without: object, ready) -> None:
        stop.asked = True
        ready(Page("map", "failed", error="KeyboardInterrupt"))
        raise Crash

    with pytest.raises(Stopped):
        stoppable(make, stop)(None, frozenset(), kept.append)
    assert kept == []
