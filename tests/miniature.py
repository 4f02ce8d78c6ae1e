"""A study in miniature, made from files: two people, two interviews, a codebook, codings, a survey, tickets, an event log."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from workbench.store.schema import ENTITIES, change
from workbench.study import Study, open_study
from workbench.study.importing import import_files

SETTINGS = """
[study]
title = "Slots"
segments = ["customer"]

[[stage]]
id = "check_out"
name = "Check out"

[[survey]]
id = "pulse"
file = "pulse.csv"
respondent = "id"
participant = "participant"
answered = "answered"
"""

FILES = {
    "people.csv": "id,pseudonym,name,email,customer,consent_quote\n"
    "P01,Mara,Helena Voss,helena@example.org,new,yes\n"
    "P02,Joon,Minjae Baek,minjae@example.org,returning,no\n",
    "P01.txt": "Interviewer: How was it?\nMara: I picked a slot 😀 and then the slot was gone.\nInterviewer: And?\nMara: I left, I always leave.\n",
    "P02.txt": "Interviewer: And you?\nJoon: Nobody keeps a slot for me, and I would rather not be quoted on that.\n",
    "codes.csv": "name,kind,valence,definition\nCheck out,stage,,Paying\nSlot expires,pain point,,The slot is gone\nAnxious,emotion,-2,Fear\n",
    "codings.csv": "transcript,coder,code,quote,intensity,memo\n"
    "P01,ana,Check out,I picked a slot 😀 and then the slot was gone.,,\n"
    "P01,ana,Slot expires,the slot was gone,,she laughs\n"
    "P01,ana,Anxious,the slot was gone,,\n"
    "P02,ben,Slot expires,Nobody keeps a slot for me,,\n",
    "pulse.csv": "id,participant,answered,recommend\nR1,P01,2026-09-01,9\nR2,P02,2026-09-02,6\nR3,,2026-09-03,10\n",
    "tickets.csv": "ticket_id,opened_at,participant,reason,text\nT1,2026-09-01,P01,slot expired,My slot is gone\nT2,2026-09-02,,other,Hello?\n",
    "events.csv": "user_id,event,ts\nu1,visit,2026-09-01 10:00\nu1,pay,2026-09-01 10:05\nu2,visit,2026-09-02 10:00\n",
    "synthesis.json": '{"personas": [{"name": "Nora", "segment": {"customer": "new"}}],'
    ' "opportunities": [{"how_might_we": "hold the slot?", "stage": "check_out", "codes": ["Slot expires"]}]}',
}


def write(folder: Path, name: str, content: str | bytes) -> Path:
    """A file, and the folder for it."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def write_all(folder: Path, **others: str) -> list[Path]:
    """Every file of the miniature study; ``others`` by the name before the dot."""
    return [write(folder, name, others.get(name.partition(".")[0], text)) for name, text in FILES.items()]


def empty_study(folder: Path, settings: str = SETTINGS, *, coder: str = "ana") -> Study:
    """A study into which nothing was imported yet."""
    for name in ("datasets", "notebooks", "templates", "reports"):
        (folder / name).mkdir(parents=True)
    write(folder, "study.toml", settings)
    return open_study(folder, coder=coder)


def full_study(folder: Path, **others: str) -> Study:
    """A study in ``folder / "study"`` into which every file was imported."""
    study = empty_study(folder / "study")
    import_files(study, write_all(folder / "files", **others))
    return study


def state(study: Study) -> dict[str, Any]:
    """All that a study holds: its rows, its history, its originals."""
    tables = {name: sorted(map(repr, study.db.rows(table))) for name, table in ENTITIES.items()}
    files = {p.name: p.read_bytes() for p in (study.folder / "datasets").glob("*")}
    return {**tables, "change": len(study.db.rows(change)), "datasets": files}
