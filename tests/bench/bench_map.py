"""A journey map in JupyterLab: how long it takes until a large one can be used, and until an edit is saved.

Beside it an empty request (``changes``, when nothing has changed) through the same widget.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any
from uuid import uuid4

from tests.bench.figures import Figure, in_ms
from workbench.model import Code, CodeKind, Coding, Participant, Transcript, Utterance
from workbench.store import save_codes, save_codings, save_participants, save_transcripts
from workbench.study import Study, new_study, open_study

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # browser.py and widgets/ lie beside this folder

from browser import launch_chromium
from widgets.lab import run_lab

from tests.bench.bench_coder import EMPTY, OPENED

N_STAGES, N_PEOPLE, N_LINKS = 12, 15, 1_500
N_OPENED, N_EDITED, N_EMPTY = 7, 60, 8
KINDS = [k for k in CodeKind if k not in (CodeKind.STAGE, CodeKind.OTHER)]
CELL = """import os, pathlib
import workbench as wb
pathlib.Path("kernel.pid").write_text(str(os.getpid()))
wb.JourneyMap(wb.open_study({study!r}, coder={coder!r}), height=700)"""
#: Gives a statement other words; gives the milliseconds until the mark says saved.
SAVE = """() => new Promise((done) => {
  const root = document.querySelector(".wbc"), item = () => root.querySelectorAll("[data-item]")[40];
  const enter = (node) => node.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
  item().focus();
  setTimeout(() => {
    let sent = false;
    enter(item());
    const words = root.querySelector(".wbc-writing");
    words.value += " x";
    const began = performance.now();
    new MutationObserver((_, seen) => {
      if (root.dataset.unsaved !== "0") sent = true;
      else if (sent) { seen.disconnect(); done(performance.now() - began); }
    }).observe(root, { attributes: true });
    enter(words);
  }, 150);
})"""


def figures() -> Iterator[Figure]:
    """Opening a map of 12 stages with 1,500 pieces of evidence, and saving an edit of it."""
    with TemporaryDirectory() as folder, launch_chromium() as chromium:
        study = make_study(Path(folder) / "study")
        (Path(folder) / "lab").mkdir()
        with run_lab(Path(folder) / "lab") as lab:
            yield from _in_jupyterlab(chromium, lab, study)


def make_study(folder: Path) -> Study:
    """Fifteen people who each speak of twelve stages, with what they say coded in eleven kinds."""
    random = Random(5)
    made = new_study(folder, "Bench", coder="ana", stages=[f"Stage {k + 1}" for k in range(N_STAGES)])
    stages = [Code(f"s{k}", s.name, CodeKind.STAGE, position=k) for k, s in enumerate(made.settings.stages)]
    codes = [
        Code(f"{kind.value}{k}", f"{kind.value} number {k}", kind, valence=-1 if kind == CodeKind.EMOTION else None, position=100 + k)
        for kind in KINDS
        for k in range(6)
    ]
    people = [Participant(f"p{k}", f"P{k + 1:02d}", f"Name {k}") for k in range(N_PEOPLE)]
    transcripts, codings = [], []
    for person in people:
        said = [" ".join(random.choices(["slot", "paid", "waited", "again", "gone"], k=60)) + "." for _ in stages]
        starts = [sum(len(s) + 1 for s in said[:k]) for k in range(len(said))]
        turns = [Utterance(a, a + len(s), person.pseudonym, None, None, person.id) for a, s in zip(starts, said, strict=True)]
        text = "\n".join(said)
        transcripts.append(Transcript(f"t-{person.id}", person.alias, text, tuple(turns), participant=person.id))
        places = [(stage.id, a, a + len(s)) for stage, a, s in zip(stages, starts, said, strict=True)]
        told = list(places)
        for _ in range(N_LINKS // N_PEOPLE):
            _, a, b = random.choice(told)
            start = random.randrange(a, b - 30)
            places.append((random.choice(codes).id, start, start + 25))
        here = {(c, s, e): (c, s, e) for c, s, e in places}
        codings += [Coding(uuid4().hex, f"t-{person.id}", c, "ana", s, e, text[s:e]) for c, s, e in here]
    with made.db.atomic("ana", "import") as transaction:
        save_participants(transaction, people)
        save_transcripts(transaction, transcripts)
        save_codes(transaction, [*stages, *codes])
        save_codings(transaction, codings)
    made.close()
    return open_study(folder, coder="ana")


def _in_jupyterlab(chromium: Any, lab: Any, study: Study) -> Iterator[Figure]:
    context = chromium.new_context(viewport={"width": 1500, "height": 850})
    context.set_default_timeout(60_000)
    tab = lab.open(context, lab.write_notebook(study.folder, name="map.ipynb", cell=CELL))
    opened, asked = [], []
    tab.run(".wbc-journey")
    for _ in range(N_OPENED):
        began = perf_counter()
        tab.run(".wbc-journey")
        opened.append(1000 * (perf_counter() - began))
        asked.append(tab.page.evaluate(OPENED))
    yield Figure("map.cell_run_to_usable_median", median(opened), "ms", N_OPENED, limit=1000)
    yield Figure("map.asked_to_usable_median", median(asked), "ms", N_OPENED)
    taken = [tab.page.evaluate(SAVE) / 1000 for _ in range(N_EDITED)]
    empty = [tab.page.evaluate(EMPTY) / 1000 for _ in range(N_EMPTY)]
    for figure, limit in zip(in_ms("map.edit_to_saved", taken, peer=("an empty round trip", empty)), (None, 60), strict=True):
        yield replace(figure, limit=limit)
    context.close()
