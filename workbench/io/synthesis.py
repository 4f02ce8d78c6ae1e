"""Personas and opportunities as JSON, as a researcher writes them or as they were exported."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import BadFile
from workbench.io.formats import Format
from workbench.io.tables import head_columns, read_json, write_file
from workbench.model import Opportunity, Persona
from workbench.model.plain import build, to_plain


@dataclass(frozen=True)
class Synthesis:
    """What a study came to: its personas and its opportunities."""

    personas: Sequence[Persona] = ()
    opportunities: Sequence[Opportunity] = ()


def read_synthesis(path: Path, *, encoding: str | None = None) -> Synthesis:
    """The personas and opportunities of a JSON file.

    ``{"personas": [{"name": "Dana", …}], "opportunities": [{"how_might_we": "…", …}]}``, with names as in the model. An id that is
    not given is empty; a statement or an idea may be its text alone.

    Raises
    ------
    BadFile
        The file is not JSON, or a name is unknown, missing or of the wrong type; every such place is named.
    """
    given, _ = read_json(path, encoding)
    problems: list[str] = []
    synthesis = build(Synthesis, given, "it", problems)
    if problems:
        shown = "; ".join(problems[:20]) + (f"; and {len(problems) - 20} more" if len(problems) > 20 else "")
        raise BadFile(path, shown, "Mend the file; nothing of it was imported.")
    return synthesis  # type: ignore[no-any-return]


def write_synthesis(synthesis: Synthesis, path: Path) -> None:
    """Write personas and opportunities as JSON that reads back the same.

    Raises
    ------
    FolderNotWritable
    """
    write_file(path, json.dumps(to_plain(synthesis, whole=False), ensure_ascii=False, indent=1) + "\n")


def sniff(path: Path, head: bytes) -> bool:
    """Whether JSON begins with personas or opportunities."""
    return bool(head_columns(path, head) & {"personas", "opportunities"})


FORMAT = Format("synthesis", "Personas and opportunities (JSON)", "synthesis", (".json",), sniff, read_synthesis)
