"""``history``: who changed what, and ``undo``."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.output import CoderOption, JsonOption, StudyOption, print_json, print_table, say


def history(
    study: StudyOption = Path(),
    who: Annotated[str, typer.Option(help="Only this coder's.")] = "",
    limit: Annotated[int, typer.Option("--limit", "-n", help="How many, newest first.")] = 20,
    json_: JsonOption = False,
) -> None:
    """Say who changed what, newest first.

    Example: `workbench history --who ana -n 5`
    """
    from workbench.study import open_study

    entries = open_study(study).history(who=who or None, limit=limit)
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
    from workbench.errors import UnknownName
    from workbench.study import open_study

    opened = open_study(study, coder=as_ or None)
    batch = None
    if action:
        own = [e.batch for e in opened.history(who=opened.coder)]
        batch = next((b for b in own if b.startswith(action)), None)
        if batch is None:
            raise UnknownName(f"action of {opened.coder}", action, [b[:8] for b in own])
    done = opened.undo(batch)
    say(f"{done.action}: {done.n_changes:,} rows put back")


def redo(study: StudyOption = Path(), as_: CoderOption = "") -> None:
    """Do again what you undid last.

    Example: `workbench redo --as ana`
    """
    from workbench.study import open_study

    done = open_study(study, coder=as_ or None).redo()
    say(f"{done.action}: {done.n_changes:,} rows")


def _entities(names: tuple[str, ...]) -> str:
    return ", ".join(Counter(names))


def register(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    for command in (history, undo, redo):
        app.command()(command)
