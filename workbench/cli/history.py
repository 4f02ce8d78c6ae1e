"""``history``: who changed what, and ``undo``."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.output import CoderOption, JsonOption, StudyOption, opened, print_json, print_table, say
from workbench.errors import UnknownName

if TYPE_CHECKING:
    from workbench.study import Study


def history(
    study: StudyOption = Path(),
    who: Annotated[str, typer.Option(help="Only this coder's.")] = "",
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="How many, newest first.")] = 20,
    json_: JsonOption = False,
) -> None:
    """Say who changed what, newest first.

    Example: `workbench history --who ana -n 5`
    """
    with opened(study) as of:
        entries = of.history(who=who or None, limit=limit)
    if json_:
        print_json([asdict(e) for e in entries])
        return
    rows = [
        (
            e.at[:19].replace("T", " "),
            e.who,
            e.action + (" (undone)" if e.undone else ""),
            f"{e.n_changes:,}",
            _entities(e.entities),
            e.batch[:8],
        )
        for e in entries
    ]
    print_table(["when (UTC)", "who", "what", "rows", "of", "id"], rows)


def undo(
    action: Annotated[str, typer.Argument(help="The id of an action, as `history` shows it; your last one if not said.")] = "",
    study: StudyOption = Path(),
    as_: CoderOption = "",
) -> None:
    """Take back your last action, or another one of yours.

    Example: `workbench undo --as ana`
    """
    with opened(study, as_) as of:
        done = of.undo(_batch(of, action) if action else None)
    say(f"{done.action}: {done.n_changes:,} {_rows(done.n_changes)} put back")


def redo(study: StudyOption = Path(), as_: CoderOption = "") -> None:
    """Do again what you undid last.

    Example: `workbench redo --as ana`
    """
    with opened(study, as_) as of:
        done = of.redo()
    say(f"{done.action}: {done.n_changes:,} {_rows(done.n_changes)}")


def _batch(study: Study, action: str) -> str:
    """The one action of the coder whose id begins so, among those that are not undone."""
    own = [e for e in study.history(who=study.coder) if not e.undone and not e.action.startswith(("undo ", "redo "))]
    hits = [e.batch for e in own if e.batch.startswith(action)]
    if len(hits) != 1:
        raise UnknownName(f"single action of {study.coder} that can be undone and whose id begins with", action, [e.batch[:8] for e in own])
    return hits[0]


def _rows(n: int) -> str:
    return "row" if n == 1 else "rows"


def _entities(names: tuple[str, ...]) -> str:
    return ", ".join(Counter(names))


def register(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    for command in (history, undo, redo):
        app.command()(command)
