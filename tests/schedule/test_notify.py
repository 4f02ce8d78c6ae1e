"""People are told what failed and what changed, and nothing that anybody said."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from miniature import full_study
from stand_in import at

from workbench.model import NotifyOn, NotifySetting, StudySettings
from workbench.schedule.notify import message, teller
from workbench.schedule.state import Page, Run

#: Apprise imports a module that Python 3.13 no longer has; where it is gone, Apprise does without.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

FAILED = Page(
    "maps/new", "failed",
    error='journey_map, code cell 3 ("say(\'Helena Voss\')") failed with ValueError: Mara: "I picked a slot". As far as it ran it is in '
    "/home/ana/my study/maps.partial.ipynb. No report was written.",
)  # fmt: skip
CHANGED = Page("maps/old", "made", why=("Changed in the study: codings.", "The parameter persona is Mara and was Joon."), differs=True)
SAME = Page("pulse", "unchanged")
RUN = Run("Monday", at("2026-11-23T06:00"), at("2026-11-23T06:00"), at("2026-11-23T06:09"), (FAILED, CHANGED, SAME))
BOTH = (NotifyOn.FAILURE, NotifyOn.CHANGED)


class Webhook(BaseHTTPRequestHandler):
    """Keeps what it is sent; refuses what comes to …/refuse."""

    taken: list[tuple[str, dict[str, Any]]]

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        type(self).taken.append((self.path, body))
        self.send_response(500 if self.path.endswith("/refuse") else 200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def webhook() -> Iterator[tuple[str, list[tuple[str, dict[str, Any]]]]]:
    """A server on this machine: its address for Apprise, and what it took."""
    handler = type("Own", (Webhook,), {"taken": []})
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"json://127.0.0.1:{server.server_port}", handler.taken
        server.shutdown()
        thread.join()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    full_study(tmp_path).close()
    return tmp_path / "study"


def settings(*notify: NotifySetting) -> StudySettings:
    return StudySettings(title="Slots", notify=notify)


def test_a_webhook_is_told_what_failed_and_what_changed(webhook: Any, folder: Path) -> None:
    address, taken = webhook
    told = teller(folder, settings(NotifySetting([f"{address}/${{HOOK}}"], BOTH)), {"HOOK": "s3cret"})(RUN)
    assert told == ()
    [(path, body)] = taken
    assert path == "/s3cret"
    assert body["title"] == "Slots: 1 of 3 reports failed, 1 of 3 reports changed"
    assert body["message"].splitlines()[:7] == [
        'Schedule "Monday", due 2026-11-23 06:00 UTC.',
        "",
        "1 of 3 reports failed:",
        "- maps/new: journey_map, code cell 3 failed with ValueError.",
        "",
        "1 of 3 reports changed:",
        "- maps/old: Changed in the study: codings. The parameter persona is another.",
    ]


def test_no_name_and_no_word_of_the_research_goes_out(webhook: Any, folder: Path) -> None:
    address, taken = webhook
    page = replace(FAILED, error='The file datasets/Helena.vtt is gone. "the slot was gone" by MARA, see /data/x/y.csv')
    run = replace(RUN, pages=(FAILED, CHANGED, page))
    teller(folder, settings(NotifySetting([address], BOTH)), {})(run)
    said = json.dumps(taken, ensure_ascii=False)
    assert not [word for word in ("Mara", "MARA", "Joon", "Helena", "Voss", "picked", "slot was", "/home", "/data") if word in said]
    assert "The file datasets/(name).vtt is gone." in said


def test_who_wants_to_hear_of_failures_only_hears_of_nothing_else(webhook: Any, folder: Path) -> None:
    address, taken = webhook
    failures, changes = NotifySetting([f"{address}/f"]), NotifySetting([f"{address}/c"], (NotifyOn.CHANGED,))
    tell = teller(folder, settings(failures, changes), {})
    tell(replace(RUN, pages=(CHANGED, SAME)))
    tell(replace(RUN, pages=(FAILED, SAME)))
    tell(replace(RUN, pages=(SAME,)))
    tell(replace(RUN, pages=(), error="study.toml: there is no template"))
    assert [path for path, _ in taken] == ["/c", "/f", "/f"]
    assert taken[2][1]["title"] == "Slots: the reports could not be made (study.toml: there is no template)"


def test_a_missing_variable_is_named_and_the_address_is_not(folder: Path) -> None:
    told = teller(folder, settings(NotifySetting(["slack://s3cret/${SLACK_TOKEN}"])), {})(RUN)
    assert told == (
        f"{folder / 'study.toml'}, [[notify]] number 1, address 1 (slack): the environment variable SLACK_TOKEN is not set, "
        "so nobody was told there. Set it for whoever runs the schedule.",
    )


@pytest.mark.parametrize("wrong", ["nonsense", "slacc://s3cret/b", "json://", "${WHERE}"])
def test_what_is_no_address_is_a_sentence_without_it(folder: Path, wrong: str, capfd: pytest.CaptureFixture[str]) -> None:
    [told] = teller(folder, settings(NotifySetting([wrong])), {"WHERE": "s3cret"})(RUN)
    assert "this is no address that Apprise knows" in told
    assert "s3cret" not in told + "".join(capfd.readouterr())


def test_a_message_that_is_refused_is_said_and_the_others_are_sent(webhook: Any, folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    address, taken = webhook
    [told] = teller(folder, settings(NotifySetting([f"{address}/s3cret/refuse", f"{address}/fine"])), {})(RUN)
    assert "address 1 (json): the message was not taken there" in told
    assert [path for path, _ in taken] == ["/s3cret/refuse", "/fine"]
    assert "s3cret" not in told + "".join(capfd.readouterr())


def test_of_many_pages_the_first_are_named() -> None:
    pages = tuple(replace(FAILED, name=f"p{n}") for n in range(50))
    title, text = message("Slots", replace(RUN, pages=pages), BOTH)
    assert title == "Slots: 50 of 50 reports failed"
    assert text.count("\n- p") == 20
    assert "- and 30 more" in text


def test_without_apprise_the_sentence_says_what_to_install(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "apprise", None)
    [told] = teller(folder, settings(NotifySetting(["json://x"])), {})(RUN)
    assert told.endswith('Apprise, which sends messages, is not installed. Install it with: pip install "ux-workbench[notify]"')
