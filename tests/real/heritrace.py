"""A real study, made from its own files: 19 people, think-aloud transcripts in two languages, 519 open codes, SUS sheets, task results.

Massari, A.: user testing of HERITRACE (CC0-1.0 and CC-BY-4.0).  What is written here is what a researcher would write to bring it in:
a study.toml, and small CSV files from the study's own notes.
"""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from workbench.study import Study, open_study
from workbench.study.importing import Imported, ImportOptions, import_files

#: Heading in a transcript (its beginning, in small letters) → stage.
STAGES = {
    "warm": "Explore", "task 1: edit": "Edit a record", "task 2: merge": "Merge duplicates", "task 3": "Restore a version",
    "task 4": "Create a record", "task 1: add": "Add validation", "task 2: add": "Add display",
}  # fmt: skip
TASKS = {
    "edit_publication": "Edit a record", "merge_authors": "Merge duplicates", "restore_version": "Restore a version",
    "create_publication": "Create a record", "add_shacl_validation": "Add validation", "add_display_support": "Add display",
}  # fmt: skip
CREDIT = {"complete": 1.0, "partial": 0.5}


def make_study(results: Path, folder: Path) -> tuple[Study, list[Imported], list[Imported]]:
    """The study in a new folder, and what each file brought; the open codes apart."""
    given = folder / "given"
    given.mkdir(parents=True)
    for name in ("datasets", "reports"):
        (folder / name).mkdir()
    (folder / "study.toml").write_text(_settings(results), encoding="utf-8")
    people = sorted(p.name.split("_")[0] for p in results.glob("*/transcriptions/*.md"))
    _write(given / "participants.csv", ({"id": p, "pseudonym": p, "role": _role(p)} for p in people))
    _write(given / "sus.csv", _sus(results))
    _write(given / "tasks.csv", _tasks(results))
    study = open_study(folder, coder="researcher")
    transcripts = [*sorted(results.glob("*/transcriptions/*.md")), *sorted(results.glob("*/written_answers/*.md"))]
    brought = import_files(study, [given / "participants.csv", given / "sus.csv", given / "tasks.csv", *transcripts])
    codes = import_files(
        study, sorted(results.glob("*/open_coding/*.json")), ImportOptions(kind="codings", new_codes=True, skip_bad_rows=True)
    )
    _write(given / "codebook.csv", _codebook(results))
    _write(given / "map_codings.csv", [*_stages(study), *_themes(study, results)])
    import_files(study, [given / "codebook.csv", given / "map_codings.csv"])
    return study, brought, codes


def _role(participant: str) -> str:
    return "end user" if participant.endswith("e") else "technician"


def _sus(results: Path) -> Iterator[dict[str, Any]]:
    for path in sorted(results.glob("*/sus/*.md")):
        who = path.name.split("_")[0]
        ratings = re.findall(r"Your rating:\s*([1-5])\s*$", path.read_text("utf-8").split("## Questions")[1], re.MULTILINE)
        yield {"participant": who, "role": _role(who), **{f"sus_{i}": r for i, r in enumerate(ratings, 1)}}


def _tasks(results: Path) -> Iterator[dict[str, Any]]:
    for path in sorted(results.glob("*/task_completion/*.json")):
        sheet = json.loads(path.read_text("utf-8"))
        for key, task in sheet["tasks"].items():
            yield {
                "participant": sheet["participant_id"], "role": _role(sheet["participant_id"]), "task": TASKS[key], "status": task["status"],
                "success": int(task["status"] == "complete"), "credit": CREDIT.get(task["status"], 0.0),
            }  # fmt: skip


def _stages(study: Study) -> Iterator[dict[str, Any]]:
    """Each section of a transcript is coded with the stage that its heading names."""
    for t in study.load_transcripts():
        headings = list(re.finditer(r"^#+ (.*)$", t.text, re.MULTILINE))
        for heading, following in zip(headings, [*headings[1:], None], strict=True):
            stage = next((s for start, s in STAGES.items() if heading[1].lower().startswith(start)), None)
            end = following.start() if following else len(t.text)
            start = heading.end() + 1
            body = t.text[start:end]
            if stage and body.strip():
                start += len(body) - len(body.lstrip())
                yield {"transcript": t.name, "coder": "researcher", "code": stage, "start": start, "end": start + len(body.strip())}


def _themes(study: Study, results: Path) -> Iterator[dict[str, Any]]:
    """Each placed open code again with its theme, as a pain or a delight, and with how it felt."""
    themes = {
        (code["participant_id"], code["code"]): category["category_name"]
        for path in results.glob("*/*_axial_codes.json")
        for category in json.loads(path.read_text("utf-8"))["categories"]
        for code in category["related_codes"]
    }
    feeling = {
        (sheet["participant_id"], code["code"]): code["sentiment"]
        for path in results.glob("*/open_coding/*.json")
        for sheet in [json.loads(path.read_text("utf-8"))]
        for code in sheet["codes"]
    }
    seen = set()
    for c in study.codings.itertuples():
        sentiment = feeling[c.participant, c.code]
        rows = [("Felt good" if sentiment == "positive" else "Felt bad", {"positive": 1, "negative": -1}.get(sentiment, 0))]
        if (c.participant, c.code) in themes and sentiment != "neutral":
            rows.append((_theme(themes[c.participant, c.code], sentiment), None))
        for code, intensity in rows:
            if (key := (c.transcript, code, c.start, c.end)) not in seen:
                seen.add(key)
                yield {
                    "transcript": c.transcript,
                    "coder": "researcher",
                    "code": code,
                    "start": c.start,
                    "end": c.end,
                    "intensity": intensity,
                }


def _codebook(results: Path) -> Iterator[dict[str, Any]]:
    yield from ({"name": s, "kind": "stage"} for s in dict.fromkeys(STAGES.values()))
    yield from ({"name": n, "kind": "emotion", "valence": v} for n, v in (("Felt good", 1), ("Felt bad", -1)))
    names = {c["category_name"] for p in results.glob("*/*_axial_codes.json") for c in json.loads(p.read_text("utf-8"))["categories"]}
    for name in sorted(names):
        yield {"name": _theme(name, "positive"), "kind": "delight"}
        yield {"name": _theme(name, "negative"), "kind": "pain point"}


def _theme(category: str, sentiment: str) -> str:
    return f"{category}: {'praised' if sentiment == 'positive' else 'criticised'}"


def _write(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    rows = list(rows)
    names = list(dict.fromkeys(n for r in rows for n in r))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(rows)


def _settings(results: Path) -> str:
    written = "".join(f'[[interview]]\nfile = "{p.name}"\nkind = "open answer"\n\n' for p in sorted(results.glob("*/written_answers/*.md")))
    stages = "".join(f'[[stage]]\nid = "s{i}"\nname = "{s}"\n\n' for i, s in enumerate(dict.fromkeys(STAGES.values())))
    measures = "".join(
        f'[[measure]]\nname = "Task done"\nkind = "success"\nstage = "s{i}"\nsurvey = "tasks"\nquestion = "success"\nwhere = {{ task = "{s}" }}\n\n'.replace(
            '"Task done"', f'"{s}: done"'
        )
        for i, s in enumerate(dict.fromkeys(STAGES.values()))
        if s != "Explore"
    )
    items = ", ".join(f'"sus_{i}"' for i in range(1, 11))
    return f"""
[study]
title = "Editing a catalogue without being a librarian"
question = "Can curators and technicians use HERITRACE unaided?"
segments = ["role"]
language = "it"

{stages}
{written}
[[survey]]
id = "sus"
file = "sus.csv"
respondent = "participant"
participant = "participant"
attributes = ["role"]

[[survey]]
id = "tasks"
file = "tasks.csv"
respondent = ["participant", "task"]
participant = "participant"
attributes = ["role", "task"]

{measures}
[[measure]]
name = "SUS"
kind = "sus"
stage = "s0"
survey = "sus"
questions = [{items}]
by = "role"
"""
