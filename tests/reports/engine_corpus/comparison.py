"""What two runs of a notebook have in common, told apart from what no two runs have in common."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
import papermill
from nbformat import NotebookNode

#: What no two runs have in common.
_CHANGES = [
    (re.compile(r"0x[0-9a-f]{6,}"), "0x…"),
    (re.compile(r"ipykernel_\d+/\d+"), "ipykernel_N/N"),
    (re.compile(r"altair-viz-[0-9a-f]+"), "altair-viz-N"),
    (re.compile(r"Process ForkP\w+-\d+"), "Process"),
    (re.compile(r"\bid='?\"?[0-9a-f-]{32,36}"), "id"),
    (re.compile(r"(?<![0-9a-f])[0-9a-f]{32}(?![0-9a-f])"), "…"),
    (re.compile(r"\(\d+ times\)"), "(n times)"),  # how deep a recursion gets
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"), "…"),
]


@dataclass(frozen=True)
class Outcome:
    """What somebody who ran the notebook finds: its cells, its error, and the files it left."""

    cells: list[Any]
    error: str
    about: dict[str, Any]
    files: dict[str, str]


def run(notebook: NotebookNode | Path, engine: str | None, folder: Path, **how: Any) -> Outcome:
    """Run a notebook in a folder, by papermill's own engine or the one that is named; the result stays beside the folder."""
    folder.mkdir(exist_ok=True)
    out, error = folder.parent / f"{folder.name}.ipynb", ""
    given = str(notebook) if isinstance(notebook, Path) else notebook
    try:
        papermill.execute_notebook(given, str(out), engine_name=engine, progress_bar=False, cwd=folder, **how)
    except Exception as caught:  # noqa: BLE001  it is compared
        error = f"{type(caught).__name__}: {caught}"
    if not out.exists():
        return _same({"cells": [], "error": error, "about": {}, "files": {}}, folder)
    result = nbformat.read(out, as_version=4)
    files = {path.name: path.read_text("utf-8", "replace") for path in sorted(folder.iterdir()) if path.suffix == ".txt"}
    about = {k: v for k, v in result.metadata.items() if k != "papermill"}
    about["papermill"] = {k: v for k, v in result.metadata.papermill.items() if k in ("exception", "parameters")}
    for state in about.pop("widgets", {}).values():
        about["widgets"] = sorted(re.sub(r"[0-9a-f]{32}", "…", json.dumps(widget)) for widget in state["state"].values())
    return _same({"cells": [_told(cell) for cell in result.cells], "error": error, "about": about, "files": files}, folder)


def _told(cell: Any) -> dict[str, Any]:
    metadata = cell.get("metadata", {})  # an invalid notebook may lack it
    about = metadata.get("papermill", {})
    return {
        "source": cell.get("source"),
        "count": cell.get("execution_count"),
        "outputs": _streams_in_order([dict(o) for o in cell.get("outputs", [])]),
        "tags": metadata.get("tags"),
        "papermill": (about.get("status"), about.get("exception")),
        "timed": sorted(metadata.get("execution", {})),
    }


def _streams_in_order(outputs: list[dict[str, Any]]) -> list[Any]:
    """Text between two displays, by stream: in how many pieces it arrives is left to chance by every kernel."""
    told: list[Any] = []
    for output in outputs:
        if output["output_type"] != "stream":
            told.append(output)
            continue
        if not told or "streams" not in told[-1]:
            told.append({"streams": {"stderr": "", "stdout": ""}})
        told[-1]["streams"][output["name"]] += output["text"]
    return told


def _same(told: dict[str, Any], folder: Path) -> Outcome:
    text = json.dumps(told, sort_keys=True).replace(str(folder), "FOLDER")
    for what, instead in _CHANGES:
        text = what.sub(instead, text)
    return Outcome(**json.loads(text))


def differences(ours: Outcome, usual: Outcome, again: Outcome) -> list[str]:
    """Where ours is not as usual; of what papermill's own engine does differently when it runs again, only the kind is compared."""
    found = [f"{n} cells, not {m}" for n, m in [(len(ours.cells), len(usual.cells))] if n != m]
    for at, (our, one, other) in enumerate(zip(ours.cells, usual.cells, again.cells, strict=False)):
        if (our != one and one == other) or _kinds(our) not in (_kinds(one), _kinds(other)):
            found.append(f"cell {at}: {json.dumps(our['outputs'])[:2000]}\n  not {json.dumps(one['outputs'])[:2000]}")
    for what in ("error", "about", "files"):
        our, one, other = (getattr(outcome, what) for outcome in (ours, usual, again))
        if our != one and one == other:
            found.append(f"{what}: {our}\n  not {one}")
    return found


def _kinds(cell: Any) -> Any:
    """How a cell ended and what it showed, but not what that said."""
    shown = [
        sorted(o["streams"]) if "streams" in o else (o["output_type"], sorted(o.get("data", {})), o.get("ename")) for o in cell["outputs"]
    ]
    return cell["count"], cell["papermill"], shown
