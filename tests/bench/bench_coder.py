"""Coding in a browser: how long it takes until a transcript can be used, a coding is drawn, and its mark says saved.

Drawing and scrolling are measured in a plain Chromium page that is answered by the real Python, opening and saving in a real
JupyterLab, beside an empty request (``changes``, when nothing has changed) through the same widget.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any
from uuid import uuid4

from tests.bench.figures import Figure, in_ms
from workbench.model import Code, CodeKind, Coding, Participant, Transcript, Utterance
from workbench.store import save_codes, save_codings, save_participants, save_transcripts
from workbench.study import Study, new_study
from workbench.widgets.coding_desk import CodingDesk

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # browser.py and widgets/ lie beside this folder

from browser import launch_chromium
from widgets.lab import run_lab
from widgets.stand_in import CoderPage

SIZES = {"60kb": (60_000, 1_000, 400, 16), "1mb": (1_000_000, 5_000, 1_000, 50)}
N_OPENED, N_CODED, N_EMPTY = 7, 60, 8
#: Presses a digit on the passage under the cursor; gives the milliseconds until the coding is laid out.
DRAW = """() => {
  const doc = document.querySelector(".wbc-doc");
  const key = (k) => doc.dispatchEvent(new KeyboardEvent("keydown", { key: k, bubbles: true, cancelable: true }));
  key("ArrowRight");
  doc.getBoundingClientRect();
  const began = performance.now();
  key("1");
  doc.querySelector(".wbc-sel")?.getBoundingClientRect();
  document.body.offsetHeight;
  return performance.now() - began;
}"""
#: The same, until the mark says saved (``saved``) or an empty request is answered (``empty``).
SAVE = """() => new Promise((done) => {
  const root = document.querySelector(".wbc"), doc = root.querySelector(".wbc-doc");
  const key = (k) => doc.dispatchEvent(new KeyboardEvent("keydown", { key: k, bubbles: true, cancelable: true }));
  key("ArrowRight");
  setTimeout(() => {
    const began = performance.now();
    new MutationObserver((_, seen) => { if (root.dataset.unsaved === "0") { seen.disconnect(); done(performance.now() - began); } }).observe(root, { attributes: true });
    key("1");
  }, 20);
})"""
#: How long the next request that only asks for changes takes.
EMPTY = """() => new Promise((done) => {
  const root = document.querySelector(".wbc");
  const n = () => Number(root.dataset.asked ?? 0), before = n();
  new MutationObserver((_, seen) => { if (n() > before) { seen.disconnect(); done(Number(root.dataset.emptyMs)); } }).observe(root, { attributes: true });
})"""
#: From the moment the widget asks for the transcript until it is laid out and takes keys.
OPENED = """() => {
  const last = (name) => performance.getEntriesByName(name).at(-1).startTime;
  return last("wbc-usable") - last("wbc-begin");
}"""
SCROLL = """() => new Promise((done) => {
  const doc = document.querySelector(".wbc-doc"), frames = [], began = performance.now();
  let last = began;
  const frame = (now) => {
    frames.push(now - last);
    last = now;
    doc.scrollTop += 900;
    if (now - began < 3000) requestAnimationFrame(frame);
    else done(Math.max(...frames.slice(2)));
  };
  setTimeout(() => requestAnimationFrame((now) => ((last = now), requestAnimationFrame(frame))), 1000);
})"""


def figures() -> Iterator[Figure]:
    """Opening, drawing and scrolling in a page; saving in JupyterLab."""
    with TemporaryDirectory() as folder, launch_chromium() as chromium:
        studies = {name: make_study(Path(folder) / name, n_letters, n) for name, (n_letters, n, *_) in SIZES.items()}
        for name, study in studies.items():
            yield from _page(chromium, study, name)
        with run_lab(_made(Path(folder) / "lab")) as lab:
            yield from _saved(chromium, lab, studies)


def make_study(folder: Path, n_letters: int, n_codings: int) -> Study:
    """One interview of that many letters with that many codings by two coders, spread evenly."""
    random = Random(3)
    study = new_study(folder, "Bench", coder="ana")
    words = ["the", "slot", "was", "gone", "before", "I", "had", "paid", "and", "so", "we", "waited", "again", "until", "Thursday"]
    turns, texts, at = [], [], 0
    while at < n_letters:
        says = " ".join(
            " ".join(random.choices(words, k=random.randrange(5, 16))).capitalize() + "." for _ in range(random.randrange(1, 5))
        )
        asks = len(turns) % 2 == 0
        turns.append(Utterance(at, at + len(says), "Interviewer" if asks else "Mara", at * 60, None, None if asks else "p1"))
        texts.append(says)
        at += len(says) + 1
    text = "\n".join(texts)
    codes = [Code(f"c{k}", f"Code number {k}", list(CodeKind)[k % 13], position=k) for k in range(60)]
    codings = []
    for k in range(n_codings):
        start = int(k * (len(text) - 200) / n_codings)
        end = start + random.randrange(20, 180)
        codings.append(Coding(uuid4().hex, "t1", f"c{k % 60}", ("ana", "ben")[k % 2], start, end, text[start:end]))
    with study.db.atomic("ana", "import") as transaction:
        save_participants(transaction, [Participant("p1", "P01", "Mara")])
        save_transcripts(transaction, [Transcript("t1", "P01", text, tuple(turns), participant="p1")])
        save_codes(transaction, codes)
        save_codings(transaction, codings)
    return study


def _page(chromium: Any, study: Study, name: str) -> Iterator[Figure]:
    *_, draw_ms = SIZES[name]
    context = chromium.new_context(viewport={"width": 1400, "height": 800})
    tab = CoderPage(context, CodingDesk(study, coder="ana"))
    tab.page.wait_for_selector(".wbc[data-filled]")
    _first_code(tab.page)
    drawn = [tab.page.evaluate(DRAW) / 1000 for _ in range(N_CODED)]
    yield from _limited(f"coder.key_to_drawn_{name}", drawn, p95_ms=draw_ms)
    if name == "1mb":
        yield Figure("coder.slowest_frame_scrolling_1mb", tab.page.evaluate(SCROLL), "ms", 1, limit=50)
    context.close()


def _saved(chromium: Any, lab: Any, studies: dict[str, Study]) -> Iterator[Figure]:
    for name, study in studies.items():
        context = chromium.new_context(viewport={"width": 1400, "height": 800})
        context.set_default_timeout(60_000)
        tab = lab.open(context, lab.write_notebook(study.folder, name=f"{name}.ipynb"))
        opened = []
        for _ in range(N_OPENED):
            tab.run()
            opened.append(tab.page.evaluate(OPENED))
        yield Figure(f"coder.open_{name}_median", median(opened), "ms", N_OPENED, limit=SIZES[name][2])
        _first_code(tab.page)
        tab.wait_saved()
        taken = [tab.page.evaluate(SAVE) / 1000 for _ in range(N_CODED)]
        empty = [tab.page.evaluate(EMPTY) / 1000 for _ in range(N_EMPTY)]
        limit = {"60kb": 1000 * median(empty) + 15}.get(name)
        yield from _limited(f"coder.key_to_saved_{name}", taken, empty, median_ms=limit, p95_ms={"60kb": 60, "1mb": 120}[name])
        context.close()


def _first_code(page: Any) -> None:
    """Number 1 gets a code."""
    page.locator(".wbc-doc").focus()
    for key in ("n", "Enter"):
        page.keyboard.press(key)
    page.keyboard.type("Code number 7")
    page.keyboard.press("Enter")


def _limited(
    name: str, seconds: list[float], empty: list[float] | None = None, *, median_ms: float | None = None, p95_ms: float | None = None
) -> Iterator[Figure]:
    peer = ("an empty round trip", empty) if empty else None
    for figure, limit in zip(in_ms(name, seconds, peer=peer), (median_ms, p95_ms), strict=True):
        yield replace(figure, limit=limit)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
