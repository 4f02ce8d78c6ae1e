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
from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import groupby, pairwise
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
ARTEFACTS = Path(__file__).parents[1] / "artefacts"
REAL = ("transcripts/zoom-vtt-ethereum/**/zkevm/*/transcript.vtt", "transcripts/zoom-vtt-ethereum/**/zkevm/*/chat.txt", "study/heritrace-usability/**/[1-4]e_transcription.md")  # fmt: skip

#: Keeps what JupyterLab says of its kernel, for :meth:`LabPage.wait_for_new_kernel`.
HEAR_STATUS = """() => { window.seen = []; const s = window.jupyterapp.shell.currentWidget.context.sessionContext;
  s.statusChanged.connect((_, status) => window.seen.push(status)); }"""
#: Errors in the console that belong to a kernel which is gone.
OF_A_DEAD_KERNEL = re.compile("widget model not found|Canceled future for kernel_info_request|^Error: Cannot send$")
#: Whether another transcript is open than the given one.
IS_OTHER = "(was) => document.querySelector('.wbc-coder:not(.before)')?.dataset.open !== was"

#: What happens to the researcher, and how often between two actions.
TROUBLE_SHARE = 1 / 45
TROUBLES = ["kill", "restart", "reload", "kill and reload"]
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
    ticked: all(".wbc-ticked > span").map((s) => s.textContent.slice(2)), chosen: one(".wbc-options .wbc-on > span")?.textContent, written: one(".wbc-box input")?.value,
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
    lately: deque[str] = field(default_factory=lambda: deque(maxlen=8))
    n_compared: int = 0

    def __post_init__(self) -> None:
        self.texts = {t.id: t for t in self.study.load_transcripts()}

    def compare(self, seen: dict[str, Any], when: str) -> None:
        """The open transcript, when the page says that all of it is saved and all of it is drawn."""
        self.lately.append(when)
        if not seen["there"] or seen["unsaved"] != "0":
            return
        if seen["kept"]:
            self.wrong.append(
                f"{', '.join(self.lately)}: says “{seen['status']}” while {[m['op'] for m in seen['kept']]} wait for an answer"
            )
        elif seen["filled"]:
            names = {c.id: c.name for c in load_codebook(self.study.db)}
            codings = load_codings(self.study.db, transcript=seen["open"])
            self.n_compared += 1
            self._hold("marks as pending", seen["pending"], 0)
            self._hold("chips", sorted(map(tuple, seen["chips"])), sorted((c.id, label(c, names), titled(c, names, "\n")) for c in codings))
            self._hold("marks", *self._marks(seen, codings, names))

    def _hold(self, what: str, drawn: Any, true: Any) -> None:
        if drawn != true:
            there = [d for d in drawn if d not in true][:4] if isinstance(drawn, list) else drawn
            missing = [t for t in true if t not in drawn][:4] if isinstance(true, list) else true
            self.wrong.append(f"{', '.join(self.lately)}: {what}: drawn and not in the study {there}; in the study and not drawn {missing}")

    def _marks(self, seen: dict[str, Any], codings: list[Coding], names: dict[str, str]) -> tuple[list[Any], list[Any]]:
        """The pieces of every coded row with what lies on each, as drawn and as they should be."""
        drawn, true, at, text = [], [], 0, self.texts[seen["open"]].text
        for words, pieces in seen["rows"]:
            start = text.index(words, at)
            at = start + len(words)
            on = [c for c in codings if c.start < at and c.end > start]
            cuts = sorted({start, at, *(p for c in on for p in (max(c.start, start), min(c.end, at)))})
            true += joined((text[a:b], [titled(c, names, ": ") for c in on if c.start <= a and c.end >= b]) for a, b in pairwise(cuts))
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

    def __init__(self, page: Any, random: Random, names: list[str]) -> None:
        self.page, self.random, self.names = page, random, names
        self.meant: list[tuple[str, str, str]] = []
        self.n_made = 0
        self.can: dict[str, tuple[int, Callable[[], None]]] = {  # how often each is done
            "move": (18, self.move),
            "code": (22, self.code),
            "code several": (4, lambda: self.code(n_ticks=self.random.randint(1, 3))),
            "new code": (3, self.make_a_code),
            "in vivo": (3, lambda: self.press("ArrowRight", "v", "Enter")),
            "number": (10, lambda: self.press("ArrowRight", *self.some("123456789", 1))),
            "visit": (6, lambda: self.press(*self.some("jjk", 3))),
            "next uncoded": (5, lambda: self.press("n")),
            "nudge": (9, lambda: self.press(*self.some("jk", 1), *self.some("[]{}", 4))),
            "split": (4, lambda: self.press(*self.some("jk", 1), "w", "ArrowRight", *["ArrowRight"] * self.random.randint(1, 4), "i")),
            "merge": (3, lambda: self.press(*self.some("jk", 1), "g")),
            "merge in passage": (2, lambda: self.press("Escape", "ArrowLeft", "ArrowRight", "Shift+ArrowDown", "Shift+ArrowDown", "g")),
            "recode": (5, self.recode),
            "remove": (4, lambda: self.press(*self.some("jk", 1), "x")),
            "memo": (4, lambda: self.note(*self.some("jk", 1), "m")),
            "memo on transcript": (1, lambda: self.note("Shift+M")),
            "intensity": (5, lambda: self.press(*self.some("jk", 1), *self.some("++-", 2))),
            "undo": (6, lambda: self.press(*self.some("z", 3))),
            "redo": (3, lambda: self.press("Shift+Z")),
            "turn": (5, self.turn),
            "done": (1, lambda: self.press("d")),
            "find": (3, self.find),
        }

    def act(self) -> str:
        name = self.random.choices(list(self.can), [often for often, _ in self.can.values()])[0]
        self.can[name][1]()
        return name

    def look(self, whole: bool = False) -> Any:
        return self.page.evaluate(LOOK, whole)

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def some(self, keys: str, most: int) -> list[str]:
        """One to ``most`` of these keys."""
        return self.random.choices(keys, k=self.random.randint(1, most))

    def type(self, words: str) -> None:
        """Write, where there is something to write in: otherwise every letter would be a command."""
        if self.page.evaluate("document.activeElement.matches('.wbc input, .wbc textarea')"):
            self.page.keyboard.type(words)

    def move(self) -> None:
        if self.random.random() < 0.3:
            self.press(self.random.choice("cwssuu"))
        shift = self.random.choice(["", "", "Shift+"])
        for direction in self.random.choices(["Right", "Right", "Down", "Down", "Left", "Up"], k=self.random.randint(1, 4)):
            self.press(f"{shift}Arrow{direction}")

    def code(self, n_ticks: int = 0) -> None:
        self.press(self.random.choice(["ArrowRight", "ArrowDown", "Shift+ArrowRight"]), "Enter")
        for _ in range(n_ticks):
            self._type_a_code()
            self.press("Shift+Enter")
        if not n_ticks or self.random.random() < 0.5:
            self._type_a_code()
        self._mean()
        self.press("Enter")

    def make_a_code(self) -> None:
        self.n_made += 1
        self.press("ArrowRight", "Enter")
        self.type(f"made {self.n_made} {self.random.choice(self.names)[:12]}")
        self.press("Control+Enter")
        self._mean()
        self.press("Enter")

    def recode(self) -> None:
        self.press(*self.some("jk", 1), "r")
        self._type_a_code()
        self.press("Enter")

    def note(self, *keys: str) -> None:
        self.press(*keys)
        self.type(f"thought {self.random.randint(1, 999)} 😀 </b> ")
        self.press("Control+Enter")

    def turn(self) -> None:
        """To another transcript; mostly waiting until it is there."""
        seen, key = self.look(), self.random.choice(",.")
        self.press(key)
        if self.random.random() < 0.8 and seen["there"] and 0 <= seen["place"] + (1 if key == "." else -1) < seen["places"]:
            with suppress(TookTooLong):  # the kernel may be dead
                self.page.wait_for_function(IS_OTHER, arg=seen["open"], timeout=3000)

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
            with_ticks = seen["ticked"] + ([seen["chosen"]] if seen["written"] or not seen["ticked"] else [])
            names = with_ticks if seen["box"] == "code" else [seen["written"]]
            self.meant += [(seen["open"], "".join(seen["selected"].split()), name) for name in names]

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

    def __init__(self, lab: Lab, tab: LabPage, study: Study, wire: Wire) -> None:
        self.lab, self.tab, self.page, self.wire = lab, tab, tab.page, wire
        self.random = Random(SEED)
        self.books = Books(study)
        self.researcher = Researcher(tab.page, self.random, [c.name for c in load_codebook(study.db)])
        self.happened: Counter[str] = Counter()
        self.statuses: Counter[str] = Counter()
        self.seconds: list[float] = []
        self.to_come: list[str] = []
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
        self._save()
        self.researcher.come_back()

    def _save(self) -> None:
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
        self.books.compare(self.note(), f"{k} {name}")
        self.researcher.come_back()
        self.seconds.append(monotonic() - began)

    def wait_saved(self) -> None:
        self.page.wait_for_function("!Object.keys(localStorage).some((k) => k.startsWith('workbench-coder:'))")
        self.tab.wait_saved()
        self.page.wait_for_selector(".wbc-coder[data-filled]:not(.before)")

    def trouble(self, k: int) -> None:
        """Some codings, and before they are saved the kernel dies, is restarted, the page is loaded anew, or it dies and the page with it."""
        self.to_come = self.to_come or self.random.sample(TROUBLES, len(TROUBLES))
        what = self.to_come.pop()
        if what == "restart":
            self.choose("Kernel", "Restart Kernel…")
            self.page.wait_for_selector(".jp-Dialog")
            self.page.keyboard.press("Enter")
            self.researcher.come_back()
        self.page.evaluate(HEAR_STATUS)
        for _ in range(self.random.randint(1, 3)):
            self.researcher.code()
        if what in ("kill", "kill and reload"):
            os.kill(self.lab.kernel_pid, signal.SIGKILL)
        self.happened[f"unsaved at a {what}"] += len(self.note(whole=False)["kept"])
        self.happened[what] += 1
        if what in ("reload", "kill and reload"):
            self.page.reload()
            self.page.wait_for_selector(".jp-Notebook .jp-Cell")
        else:
            for _ in range(self.random.randint(0, 4)):
                self.act(k)
        self._recover(what)
        self.books.compare(self.note(), f"{k} after a {what}")

    def _recover(self, what: str) -> None:
        if what == "kill":
            self.tab.wait_for_new_kernel()
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
            self.page.wait_for_function(IS_OTHER, arg=seen["open"])

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
        wires: list[Wire] = []
        context.on("page", lambda page: wires.append(Wire(page)))
        notebook = lab.write_notebook(study.folder, transcript=study.load_transcripts()[0].name)
        yield Day(lab, lab.open(context, notebook), study, wires[0])
        context.close()


@dataclass
class Outcome:
    """What was there before and after; the records of what was ``coded``, and of all that was ``written`` until everything was undone."""

    day: Day
    before: dict[str, Any]
    coded: list[Any]
    written: list[Any]
    after_undo: dict[str, Any]
    n_undone: int
    n_cells: int


@pytest.fixture(scope="module")
def hour(day: Day) -> Outcome:
    study = day.books.study
    before, n_records = contents(study), len(records(study))
    day.run_cell()
    for k in range(ACTIONS):
        day.act(k)
        if day.random.random() < TROUBLE_SHARE:
            day.trouble(k)
    day.through_all("at the end")
    coded = records(study)[n_records:]
    n_undone = day.undo_all()
    day.through_all("after undoing")
    outcome = Outcome(
        day, before, coded, records(study)[n_records:], contents(study), n_undone, day.page.locator(".jp-Notebook .jp-Cell").count()
    )
    ARTEFACTS.mkdir(exist_ok=True)
    (ARTEFACTS / "soak.txt").write_text(report(outcome), encoding="utf-8")
    return outcome


def report(hour: Outcome) -> str:
    """The figures of the hour, and what was said on the way."""
    day, ms = hour.day, [1000 * s for s in hour.day.seconds]
    errors = Counter(a["error"] for a in day.wire.answers.values() if a.get("ok") is False)
    n_made = len({r.entity_id for r in hour.coded if r.entity == "coding" and r.before is None})
    said = {"happened": day.happened, "status": day.statuses, "refused": errors, "console": Counter(m[:200] for m in day.wire.console)}
    return "\n".join([
        f"{ACTIONS} actions (seed {SEED}) of {mean(ms):.0f} ms, 95 % within {quantiles(ms, n=20)[-1]:.0f} ms",
        f"{n_made} codings made, {len(day.researcher.meant)} of them meant by what stood on the screen, {day.books.n_compared} comparisons, {hour.n_undone} undone at the end, {len(day.wire.asked)} requests",
        *(f"\n{title}\n" + "\n".join(f"{n:6} {what}" for what, n in counted.most_common()) for title, counted in said.items()),
        f"\n{len(day.books.wrong)} mismatches", *day.books.wrong,
    ])  # fmt: skip


def test_what_is_drawn_as_saved_is_what_the_study_holds(hour: Outcome) -> None:
    assert hour.day.books.n_compared > ACTIONS / 4
    assert hour.day.books.wrong == []


def test_every_request_was_answered_and_done_as_one_action(hour: Outcome) -> None:
    """Also those that were sent again to the next kernel, or by the next page."""
    wire = hour.day.wire
    moments: dict[str, set[Any]] = {}
    for r in hour.written:
        moments.setdefault(r.batch, set()).add((r.at, r.who, r.action))
    assert {batch: m for batch, m in moments.items() if len(m) > 1 or batch not in wire.asked} == {}
    images = [image for r in hour.written if r.entity == "coding" for image in (r.before, r.after) if image]
    places = {(c["transcript"], c["code"], c["start"], c["end"]) for c in images if c["coder"] == "ana"}
    assert [m for id, m in wire.asked.items() if id not in moments and not _changes_nothing(m, wire.answers.get(id), places)] == []


def _changes_nothing(asked: dict[str, Any], answer: dict[str, Any] | None, places: set[Any]) -> bool:
    """A request that was refused, or asked for what was there already.

    No answer was heard where it came while the page was being left; the next page has then asked again, or had nothing to ask.
    """
    if answer is not None and (not answer["ok"] or asked["op"] in ("memo", "done")):
        return True
    only_adds = asked["op"] == "edit" and not asked.get("change") and not asked.get("remove")
    return only_adds and all((asked["transcript"], c["code"], c["start"], c["end"]) in places for c in asked["add"])


def test_every_coding_that_was_meant_was_made(hour: Outcome) -> None:
    """By what stood on the screen when Enter was pressed, whatever was asked of the kernel."""
    rows = [(r.entity, image) for r in hour.coded for image in (r.before, r.after) if image]
    rows += [(name, image) for name in ("code", "coding") for image in hour.before[name].values()]
    names = {image["id"]: image["name"] for entity, image in rows if entity == "code"}
    made = {(c["transcript"], "".join(c["text"].split()), names[c["code"]]) for entity, c in rows if entity == "coding"}
    assert [m for m in hour.day.researcher.meant if m not in made] == []


def test_nobody_has_the_same_code_on_the_same_passage_twice(hour: Outcome) -> None:
    last = {r.entity_id: r.after for r in hour.coded if r.entity == "coding"}
    places = Counter((c["coder"], c["code"], c["transcript"], c["start"], c["end"]) for c in last.values() if c)
    assert [place for place, n in places.items() if n > 1] == []


def test_undoing_everything_brings_the_study_back(hour: Outcome) -> None:
    assert hour.n_undone > 0
    assert hour.after_undo == hour.before


def test_no_key_reached_the_notebook(hour: Outcome) -> None:
    assert hour.n_cells == 1


def test_only_the_dead_kernels_were_complained_of(hour: Outcome) -> None:
    assert [m for m in hour.day.wire.console if not OF_A_DEAD_KERNEL.search(m)] == []
