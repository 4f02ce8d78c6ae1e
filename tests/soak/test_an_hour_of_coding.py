"""A researcher codes for an hour by keyboard alone while kernels die and pages are loaded anew; then the study is read.

Whenever the page says that nothing is unsaved, what it draws and what the database holds are compared.  The page is read for these
checks and never acted on but by keys; the notebook around it is run, restarted and loaded anew as its menus do it.
``WORKBENCH_SOAK_ACTIONS`` says how long, ``WORKBENCH_SOAK_SEED`` which hour it is.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from random import Random
from statistics import mean, quantiles
from time import monotonic
from typing import Any

import pytest
from browser import launch_chromium
from playwright.sync_api import TimeoutError as TookTooLong
from sqlalchemy import select
from widgets.lab import IDLE, Lab, LabPage, run_lab

from workbench.model import Coding
from workbench.resources import resource
from workbench.store import load_codebook, load_codings
from workbench.store.schema import ENTITIES, change
from workbench.study import Study, new_study, open_study
from workbench.study.importing import ImportOptions, import_files

ACTIONS = int(os.environ.get("WORKBENCH_SOAK_ACTIONS", "1500"))
SEED = int(os.environ.get("WORKBENCH_SOAK_SEED", "1"))
SHARED = Path(__file__).parents[3] / "shared" / "data"
REAL = ("transcripts/zoom-vtt-ethereum/**/zkevm/*/transcript.vtt", "transcripts/zoom-vtt-ethereum/**/zkevm/*/chat.txt", "study/heritrace-usability/**/[1-4]e_transcription.md")  # fmt: skip

OF_A_DEAD_KERNEL = re.compile("nothing yet")
pytestmark = pytest.mark.soak

#: What the page shows: asked with true, with everything that is drawn.
LOOK = """(whole) => {
  const root = document.querySelector(".wbc-coder:not(.before)"), kept = Object.keys(localStorage).filter((k) => k.startsWith("workbench-coder:"));
  const seen = { there: !!root, kept: kept.map((k) => JSON.parse(localStorage[k])), dialog: !!document.querySelector(".jp-Dialog") };
  if (!root) return seen;
  const one = (s) => root.querySelector(s), all = (s) => [...root.querySelectorAll(s)], box = one(".wbc-box"), listed = all(".wbc-t");
  Object.assign(seen, {
    unsaved: root.dataset.unsaved, status: one(".wbc-saved").textContent, open: root.dataset.open, filled: "filled" in root.dataset, box: box.hidden ? "" : box.dataset.mode,
    inside: document.activeElement === one(".wbc-doc"), undo: one("[data-do=undo]").title, place: listed.findIndex((t) => t.matches(".wbc-on")), places: listed.length,
    selected: one(".wbc-focus") ? null : all(".wbc-text .wbc-sel").map((m) => m.textContent).join(""),
    chosen: all(".wbc-ticked > span").map((s) => s.textContent.slice(2)).concat(all(".wbc-options .wbc-on > span").map((s) => s.textContent)), named: one(".wbc-form input")?.value,
  });
  if (whole) Object.assign(seen, {
    chips: all(".wbc-margin .wbc-chip").map((c) => [c.dataset.coding, c.firstElementChild.textContent, c.title]), pending: all(".wbc-doc .wbc-pending").length,
    rows: all(".wbc-row").map((r) => r.querySelector(".wbc-text")).map((p) => [p.textContent, p.querySelector("mark[title]") ? [...p.childNodes].map((n) => [n.textContent, n.title ?? ""]) : []]),
  });
  return seen;
}"""  # fmt: skip


# ---------------------------------------------------------------- what is heard on the way


def content_of(frame: str | bytes) -> Any:
    """What a message between JupyterLab and the kernel says to a widget, if it says anything to one."""
    if isinstance(frame, str):
        message = json.loads(frame).get("content")
    else:
        n = int.from_bytes(frame[:8], "little")
        at = [int.from_bytes(frame[8 * k : 8 * k + 8], "little") for k in range(1, n + 1)]
        message = json.loads(frame[at[4] : at[5]])
    data = message.get("data") if isinstance(message, dict) else None
    return data.get("content") if isinstance(data, dict) and data.get("method") == "custom" else None


class Wire:
    """Every request that was to be kept and the last answer to each, by the request's id; and what the console complained of."""

    def __init__(self, page: Any) -> None:
        self.asked: dict[str, Any] = {}
        self.answers: dict[str, Any] = {}
        self.console: list[str] = []
        page.on("websocket", self._listen)
        page.on("console", lambda m: self.console.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda error: self.console.append(f"{error.name}: {error.message}"))

    def _listen(self, socket: Any) -> None:
        if "/channels" in socket.url:
            socket.on("framesent", self._sent)
            socket.on("framereceived", self._received)

    def _sent(self, frame: str | bytes) -> None:
        if isinstance(said := content_of(frame), dict) and "order" in said:
            self.asked[said["id"]] = said

    def _received(self, frame: str | bytes) -> None:
        if isinstance(said := content_of(frame), dict) and "re" in said:
            self.answers[said["re"]] = said


# ---------------------------------------------------------------- what must hold


@dataclass
class Books:
    """Compares what is drawn with what is in the study, and keeps what does not fit."""

    study: Study
    wrong: list[str] = field(default_factory=list)
    n_compared: int = 0

    def __post_init__(self) -> None:
        self.texts = {t.id: t for t in self.study.load_transcripts()}

    def compare(self, seen: dict[str, Any], when: str) -> None:
        """The open transcript, when the page says that all of it is saved and all of it is drawn."""
        if not seen["there"] or seen["unsaved"] != "0":
            return
        if seen["kept"]:
            self.wrong.append(f"{when}: says “{seen['status']}” while {[m['op'] for m in seen['kept']]} wait for an answer")
        elif seen["filled"]:
            names = {c.id: c.name for c in load_codebook(self.study.db)}
            codings = load_codings(self.study.db, transcript=seen["open"])
            self.n_compared += 1
            self._hold(when, "marks as pending", seen["pending"], 0)
            self._hold(when, "chips", sorted(map(tuple, seen["chips"])), sorted((c.id, label(c, names), titled(c, names, "\n")) for c in codings))
            self._hold(when, "marks", *self._marks(seen, codings, names))

    def _hold(self, when: str, what: str, drawn: Any, true: Any) -> None:
        if drawn != true:
            there = [d for d in drawn if d not in true][:4] if isinstance(drawn, list) else drawn
            missing = [t for t in true if t not in drawn][:4] if isinstance(true, list) else true
            self.wrong.append(f"{when}: {what}: drawn and not in the study {there}; in the study and not drawn {missing}")

    def _marks(self, seen: dict[str, Any], codings: list[Coding], names: dict[str, str]) -> tuple[list[Any], list[Any]]:
        """The pieces of every coded row with what lies on each, as drawn and as they should be."""
        drawn, true, at, text = [], [], 0, self.texts[seen["open"]].text
        for words, pieces in seen["rows"]:
            start = text.index(words, at)
            at = start + len(words)
            on = [c for c in codings if c.start < at and c.end > start]
            cuts = sorted({start, at, *(p for c in on for p in (max(c.start, start), min(c.end, at)))})
            true += joined((text[a:b], [titled(c, names, ": ") for c in on if c.start <= a and c.end >= b]) for a, b in zip(cuts, cuts[1:], strict=False))
            drawn += joined((piece, [title] if title else []) for piece, title in pieces)
        return drawn, true


def label(c: Coding, names: dict[str, str]) -> str:
    sign = "" if not c.intensity else "−" if c.intensity < 0 else "+"
    return names[c.code] + (f" {sign}{abs(c.intensity)}" if c.intensity is not None else "")


def titled(c: Coding, names: dict[str, str], before_memo: str) -> str:
    return f"{label(c, names)} ({c.coder}){before_memo + c.memo if c.memo else ''}"


def joined(pieces: Iterator[tuple[str, list[str]]]) -> list[tuple[str, tuple[str, ...]]]:
    """Coded pieces, neighbours with the same codings as one."""
    lines = ((words, tuple(sorted("\n".join(titles).split("\n")))) for words, titles in pieces if words)
    return [("".join(w for w, _ in some), on) for on, some in groupby(lines, key=lambda p: p[1]) if on != ("",)]


def contents(study: Study) -> dict[str, dict[str, Any]]:
    """Every row of the study, without how often it was changed."""
    return {name: {r["id"]: {k: v for k, v in r.items() if k != "version"} for r in study.db.rows(t)} for name, t in ENTITIES.items()}


def records(study: Study) -> list[Any]:
    with study.db.reading() as connection:
        return list(connection.execute(select(change).order_by(change.c.seq)).all())


# ---------------------------------------------------------------- who codes


class Researcher:
    """Presses keys, by chance; what was meant is kept in ``meant``: transcript, words and code."""

    CAN = {  # how often each is done
        "move": 18, "code": 22, "code_several": 4, "make_a_code": 3, "in_vivo": 3, "number": 10, "visit": 6, "next_uncoded": 5, "nudge": 9,
        "split": 4, "merge": 3, "merge_passage": 2, "recode": 5, "remove": 4, "memo": 4, "note_on_transcript": 1, "feel": 5, "undo": 6, "redo": 3,
        "turn": 5, "done": 1, "find": 3,
    }  # fmt: skip

    def __init__(self, page: Any, random: Random, names: list[str]) -> None:
        self.page, self.random, self.names = page, random, names
        self.meant: list[tuple[str, str, str]] = []
        self.n_made = 0

    def look(self, whole: bool = False) -> Any:
        return self.page.evaluate(LOOK, whole)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def type(self, words: str) -> None:
        self.page.keyboard.type(words)

    def act(self) -> str:
        name = self.random.choices(list(self.CAN), list(self.CAN.values()))[0]
        getattr(self, name)()
        return name

    def move(self) -> None:
        if self.random.random() < 0.3:
            self.press(self.random.choice("cwssuu"))
        shift = self.random.choice(["", "", "Shift+"])
        for _ in range(self.random.randint(1, 4)):
            self.press(shift + self.random.choice(["ArrowRight", "ArrowDown", "ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp"]))

    def code(self, tick: int = 0) -> None:
        self.press(self.random.choice(["ArrowRight", "ArrowDown", "Shift+ArrowRight"]), "Enter")
        for _ in range(tick):
            self._type_a_code()
            self.press("Shift+Enter")
        if not tick or self.random.random() < 0.5:
            self._type_a_code()
        self._mean()
        self.press("Enter")

    def code_several(self) -> None:
        self.code(tick=self.random.randint(1, 3))

    def make_a_code(self) -> None:
        self.n_made += 1
        self.press("ArrowRight", "Enter")
        self.type(f"made {self.n_made} {self.random.choice(self.names)[:12]}")
        self.press("Control+Enter")
        self._mean()
        self.press("Enter")

    def in_vivo(self) -> None:
        self.press("ArrowRight", "v", "Enter")

    def number(self) -> None:
        self.press("ArrowRight", self.random.choice("123456789"))

    def visit(self) -> None:
        self.press(*self.random.choices("jjk", k=self.random.randint(1, 3)))

    def next_uncoded(self) -> None:
        self.press("n")

    def nudge(self) -> None:
        self.press(self.random.choice("jk"), *self.random.choices("[]{}", k=self.random.randint(1, 4)))

    def split(self) -> None:
        self.press(self.random.choice("jk"), "w", *["ArrowRight"] * self.random.randint(2, 5), "i")

    def merge(self) -> None:
        self.press(self.random.choice("jk"), "g")

    def merge_passage(self) -> None:
        self.press("Escape", "ArrowLeft", "ArrowRight", "Shift+ArrowDown", "Shift+ArrowDown", "g")

    def recode(self) -> None:
        self.press(self.random.choice("jk"), "r")
        self._type_a_code()
        self.press("Enter")

    def remove(self) -> None:
        self.press(self.random.choice("jk"), "x")

    def memo(self) -> None:
        self.press(self.random.choice("jk"), "m")
        self.type(f"thought {self.random.randint(1, 999)} 😀 </b> ")
        self.press("Control+Enter")

    def note_on_transcript(self) -> None:
        self.press("Shift+M")
        self.type(f"note {self.random.randint(1, 999)} ")
        self.press("Control+Enter")

    def feel(self) -> None:
        self.press(self.random.choice("jk"), *self.random.choices("++-", k=self.random.randint(1, 2)))

    def undo(self) -> None:
        self.press(*"z" * self.random.randint(1, 3))

    def redo(self) -> None:
        self.press("Shift+Z")

    def turn(self) -> None:
        """To another transcript; mostly waiting until it is there."""
        seen, key = self.look(), self.random.choice(",.")
        self.press(key)
        if self.random.random() < 0.8 and seen["there"] and 0 <= seen["place"] + (1 if key == "." else -1) < seen["places"]:
            with suppress(TookTooLong):  # the kernel may be dead
                self.page.wait_for_function(
                    "(was) => document.querySelector('.wbc-coder:not(.before)')?.dataset.open !== was", arg=seen["open"], timeout=3000
                )

    def done(self) -> None:
        self.press("d")

    def find(self) -> None:
        self.press("f")
        self.type(self.random.choice(["the", "we", "and", "is", "no", "non", "you"]))
        self.press(*["Enter"] * self.random.randint(0, 2), "Escape")

    def _type_a_code(self) -> None:
        words = [w for w in re.findall(r"\w+", self.random.choice(self.names)) if len(w) > 2]
        self.type((words or ["the"])[0][: self.random.randint(2, 5)])

    def _mean(self) -> None:
        """What Enter will do now, by what is seen."""
        seen = self.look()
        if seen["there"] and seen["selected"] and seen["box"] in ("code", "new") and not seen["dialog"]:
            made = [seen["named"]] if seen["box"] == "new" else []
            typed_nothing_new = made or seen["chosen"]
            self.meant += [(seen["open"], "".join(seen["selected"].split()), name) for name in typed_nothing_new]

    def come_back(self) -> Any:
        """Close what is open and put the focus back into the transcript, by keys; gives what is seen then."""
        for _ in range(200):
            seen = self.look()
            if seen["dialog"]:
                self.press("Enter")
            elif not seen["there"] or (seen["inside"] and not seen["box"]):
                return seen
            elif seen["box"]:
                self.press("Escape")
            else:
                self.press("Tab")
        raise AssertionError(f"no way back into the transcript: {seen}")


class Day:
    """The researcher in JupyterLab, with everything that happens to them."""

    def __init__(self, lab: Lab, tab: LabPage, study: Study) -> None:
        self.lab, self.tab, self.page = lab, tab, tab.page
        self.random = Random(SEED)
        self.wire, self.books = Wire(tab.page), Books(study)
        self.researcher = Researcher(tab.page, self.random, [c.name for c in load_codebook(study.db)])
        self.happened: Counter[str] = Counter()
        self.statuses: Counter[str] = Counter()
        self.seconds: list[float] = []
        self.page.on("dialog", lambda dialog: dialog.accept())  # the browser asks whether to leave an unsaved notebook

    def note(self, whole: bool = True) -> Any:
        seen = self.researcher.look(whole)
        self.wire.asked |= {m["id"]: m for m in seen["kept"]}
        self.statuses[re.sub(r"\d[\d:]*", "#", seen.get("status", "no widget"))] += 1
        return seen

    def choose(self, menu: str, item: str) -> None:
        self.page.locator(f'.lm-MenuBar-itemLabel:text-is("{menu}")').click()
        self.page.locator(f'.lm-Menu-itemLabel:text-is("{item}")').click()

    def run_cell(self) -> None:
        """Run the notebook and save it; if a kernel turns out to be dead still, once more."""
        for _ in range(5):
            with suppress(TookTooLong):
                self._answer_dialogs()
                self.page.evaluate("document.querySelectorAll('.wbc').forEach((e) => e.classList.add('before'))")
                self.choose("Run", "Run All Cells")
                self.page.wait_for_selector(".wbc-coder[data-filled]:not(.before)", timeout=15_000)
                break
        else:
            raise AssertionError("The coder does not come back.")
        self.press_save()
        self.researcher.come_back()

    def press_save(self) -> None:
        self.page.keyboard.press("Control+s")
        with suppress(TookTooLong):  # then the page asks before it is left
            self.page.wait_for_function("!window.jupyterapp.shell.currentWidget.context.model.dirty", timeout=2000)

    def _answer_dialogs(self) -> None:
        """Until the kernel is ready; JupyterLab tells of a dead one in a dialog, some seconds later."""
        self.page.wait_for_function(f"document.querySelector('.jp-Dialog') || {IDLE}")
        while self.researcher.look()["dialog"]:
            self.page.keyboard.press("Enter")
            self.page.wait_for_function(f"document.querySelector('.jp-Dialog') || {IDLE}")

    def act(self, k: int) -> None:
        began = monotonic()
        name = self.researcher.act()
        self.happened[name] += 1
        self.books.compare(self.note(), f"{k} {name}, at once")
        self.researcher.come_back()
        self.seconds.append(monotonic() - began)

    def wait_saved(self) -> None:
        self.page.wait_for_function("!Object.keys(localStorage).some((k) => k.startsWith('workbench-coder:'))")
        self.tab.wait_saved()
        self.page.wait_for_selector(".wbc-coder[data-filled]:not(.before)")

    def trouble(self, k: int) -> None:
        """Some codings, and before they are saved the kernel dies, the page is loaded anew, or both."""
        what = self.random.choice(["kill", "kill", "restart", "restart", "reload", "reload", "both"])
        if what == "restart":
            self.choose("Kernel", "Restart Kernel…")
            self.page.wait_for_selector(".jp-Dialog")
            self.page.keyboard.press("Enter")
        for _ in range(self.random.randint(1, 3)):
            self.researcher.code()
        if what in ("kill", "both"):
            os.kill(self.lab.kernel_pid, signal.SIGKILL)
        waiting = self.note(whole=False)["kept"]
        if what in ("reload", "both"):
            self.page.reload()
            self.page.wait_for_selector(".jp-Notebook .jp-Cell")
        else:
            for _ in range(self.random.randint(0, 4)):
                self.act(k)
            self.note(whole=False)
        self.happened |= {what: self.happened[what] + 1, f"unsaved at {what}": self.happened[f"unsaved at {what}"] + len(waiting)}
        self._recover(what)
        self.books.compare(self.note(), f"{k} after {what}")

    def _recover(self, what: str) -> None:
        if what == "kill":
            self.page.wait_for_selector(".jp-Dialog")  # "Kernel Restarting"
        if what == "reload":
            with suppress(TookTooLong):
                self.page.wait_for_selector(".wbc-coder[data-filled]", timeout=8000)
                self.researcher.come_back()
                return
            self.happened["reload without the coder"] += 1
        self.run_cell()

    def through_all(self, when: str) -> None:
        """Every transcript, one after the other, compared."""
        self.wait_saved()
        step = ","
        while True:
            seen = self.researcher.look()
            if step == ".":
                self.wait_saved()
                self.books.compare(self.note(), f"{when}, {self.books.texts[seen['open']].name}")
            if step == "," and seen["place"] == 0:
                step = "."
                continue
            if step == "." and seen["place"] == seen["places"] - 1:
                return
            self.page.keyboard.press(step)
            self.page.wait_for_function("(was) => document.querySelector('.wbc-coder:not(.before)').dataset.open !== was", arg=seen["open"])

    def undo_all(self) -> int:
        """z, until there is nothing to undo; gives how often."""
        n = 0
        while (seen := self.note(whole=False))["undo"] != "Nothing to undo":
            self.page.keyboard.press("z")
            self.wait_saved()
            n += 1
            if n % 50 == 0:
                self.books.compare(self.note(), f"undoing {n}")
            assert n < 20 * ACTIONS, f"undoing does not end: {seen['undo']}, {seen['status']}"
        return n


# ---------------------------------------------------------------- the hour


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with run_lab(tmp_path_factory.mktemp("lab")) as running:
        yield running


@pytest.fixture(scope="module")
def study(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Study]:
    """Real transcripts where they lie beside this repository, otherwise those of the sample; a codebook, and codings of somebody else."""
    sample = resource("datasets") / "grocery"
    found = [p for pattern in REAL for p in sorted(SHARED.glob(pattern))] or sorted((sample / "interviews").iterdir())
    given = tmp_path_factory.mktemp("given")
    copies = [Path(shutil.copyfile(p, given / f"{k:02} {p.name}")) for k, p in enumerate(found)]
    made = new_study(lab.folder / "study", "An hour", coder="ana")
    import_files(made, copies, ImportOptions(kind="interview"))
    import_files(made, sample / "codebook.csv")
    other = open_study(made.folder, coder="ben")
    for t in made.load_transcripts():
        for u in [u for u in t.utterances if u.end - u.start > 40][:3]:
            other.add_coding(t.name, "Annoyed", u.start, u.end)
    other.close()
    yield made
    made.close()


@pytest.fixture(scope="module")
def day(lab: Lab, study: Study) -> Iterator[Day]:
    with launch_chromium() as browser:
        context = browser.new_context(viewport={"width": 1300, "height": 760})
        context.set_default_timeout(30_000)
        notebook = lab.write_notebook(study.folder, transcript=study.load_transcripts()[0].name)
        yield Day(lab, lab.open(context, notebook), study)
        context.close()


@dataclass
class Outcome:
    """What was there before, during and after."""

    day: Day
    before: dict[str, Any]
    after_coding: list[Any]
    after_undo: dict[str, Any]
    n_undone: int
    n_cells: int


@pytest.fixture(scope="module")
def hour(day: Day, request: pytest.FixtureRequest) -> Outcome:
    study = day.books.study
    before, n_records = contents(study), len(records(study))
    day.run_cell()
    for k in range(ACTIONS):
        day.act(k)
        if day.random.random() < 1 / 45:
            day.trouble(k)
    day.through_all("at the end")
    written = records(study)[n_records:]
    n_undone = day.undo_all()
    day.through_all("after undoing")
    outcome = Outcome(day, before, written, contents(study), n_undone, day.page.locator(".jp-Notebook .jp-Cell").count())
    report(outcome, request.config.get_terminal_writer().line)
    return outcome


def report(hour: Outcome, line: Callable[[str], None]) -> None:
    day = hour.day
    errors = Counter(a["error"] for a in day.wire.answers.values() if a.get("ok") is False)
    line(f"\n{ACTIONS} actions (seed {SEED}), {1000 * mean(day.seconds):.0f} ms each (p95 {1000 * quantiles(day.seconds, n=20)[-1]:.0f} ms)")
    line(f"{len({r.entity_id for r in hour.after_coding if r.entity == 'coding' and r.before is None})} codings made, {len(day.wire.asked)} requests, ")
    line(f"{day.books.n_compared} comparisons, {hour.n_undone} undone at the end, {len(day.researcher.meant)} codings meant")
    for title, counted in (("happened", day.happened), ("status", day.statuses), ("refused", errors), ("console", Counter(m[:150] for m in day.wire.console))):
        line(f"{title}: " + "\n    ".join(f"{n} × {what}" for what, n in counted.most_common(40)))
    line(f"{len(day.books.wrong)} mismatches\n" + "\n".join(day.books.wrong))


def test_what_is_drawn_as_saved_is_what_the_study_holds(hour: Outcome) -> None:
    assert hour.day.books.n_compared > ACTIONS / 4
    assert hour.day.books.wrong == []


def test_every_request_was_answered_and_done_as_one_action(hour: Outcome) -> None:
    """Also those that were sent again to the next kernel, or by the next page."""
    wire, moments = hour.day.wire, {}
    for r in hour.after_coding:
        moments.setdefault(r.batch, set()).add((r.at, r.who, r.action))
    assert {batch: m for batch, m in moments.items() if len(m) > 1 or batch not in wire.asked} == {}
    silent = {id: m for id, m in wire.asked.items() if id not in wire.answers}
    assert silent == {}
    unwritten = [m for id, m in wire.asked.items() if id not in moments and wire.answers[id]["ok"]]
    assert [m for m in unwritten if m["op"] not in ("memo", "done") and not _was_there(m, wire.answers[m["id"]])] == []


def _was_there(asked: dict[str, Any], answer: dict[str, Any]) -> bool:
    """Only codings that lay there already, under other ids."""
    return not asked.get("change") and not asked.get("remove") and {c["id"] for c in asked.get("add", ())} <= set(answer["removed"])


def test_every_coding_that_was_meant_was_made(hour: Outcome) -> None:
    """By what stood on the screen when Enter was pressed, whatever was asked of the kernel."""
    rows = [(r.entity, image) for r in hour.after_coding for image in (r.before, r.after) if image]
    rows += [(name, image) for name in ("code", "coding") for image in hour.before[name].values()]
    names = {image["id"]: image["name"] for entity, image in rows if entity == "code"}
    made = {(c["transcript"], "".join(c["text"].split()), names[c["code"]]) for entity, c in rows if entity == "coding"}
    assert [m for m in hour.day.researcher.meant if m not in made] == []


def test_nobody_has_the_same_code_on_the_same_passage_twice(hour: Outcome) -> None:
    last = {r.entity_id: r.after for r in hour.after_coding if r.entity == "coding"}
    places = Counter((c["coder"], c["code"], c["transcript"], c["start"], c["end"]) for c in last.values() if c)
    assert [place for place, n in places.items() if n > 1] == []


def test_undoing_everything_brings_the_study_back(hour: Outcome) -> None:
    assert hour.n_undone > 0
    assert hour.after_undo == hour.before


def test_no_key_reached_the_notebook(hour: Outcome) -> None:
    assert hour.n_cells == 1


def test_only_the_dead_kernels_were_complained_of(hour: Outcome) -> None:
    assert [m for m in hour.day.wire.console if not OF_A_DEAD_KERNEL.search(m)] == []
