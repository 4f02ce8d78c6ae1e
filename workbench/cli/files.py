"""``import``, ``export``, ``codes``: what goes in and out."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.output import CoderOption, JsonOption, StudyOption, opened, print_json, print_table, say, working
from workbench.model import Code, Codebook

#: Of what was left out, so many are shown.
MOST_LINES = 20

codes = typer.Typer(help="The codebook: list, import, export.", no_args_is_help=True)


def import_(
    paths: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Files of any kind that workbench reads.", show_default=False)],
    study: StudyOption = Path(),
    kind: Annotated[
        str,
        typer.Option(
            help="participants, interview, recording, survey, events, codebook, codings, tickets or synthesis; found out if not said."
        ),
    ] = "",
    participant: Annotated[str, typer.Option("--participant", "-P", help="Alias of the person interviewed.")] = "",
    name: Annotated[str, typer.Option(help="What the transcript or survey is called; the file's name if not said.")] = "",
    speakers: Annotated[
        str, typer.Option(help="How the text names speakers, when it is not found out: voices, names, dashes, brackets or none.")
    ] = "",
    coder: Annotated[str, typer.Option(help="The coder of codings that name none.")] = "",
    encoding: Annotated[str, typer.Option(help="Of a text file, when it is found out wrongly: cp1250, for example.")] = "",
    new_participants: Annotated[bool, typer.Option("--new-participants", help="Add participants that are not known yet.")] = False,
    new_codes: Annotated[bool, typer.Option("--new-codes", help="Add codes that are not in the codebook yet.")] = False,
    skip_bad_rows: Annotated[bool, typer.Option("--skip-bad-rows", help="Import the rows that are fine and list the others.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Check everything and save nothing.")] = False,
    json_: JsonOption = False,
    as_: CoderOption = "",
) -> None:
    """Import files, all of them or none.  The same file twice changes nothing.

    Example: `workbench import participants.csv interviews/*.vtt survey.csv --study my-study`
    """
    from workbench.study.importing import ImportOptions, import_files

    options = ImportOptions(
        kind or None, participant, name, speakers or None, coder, encoding, new_participants, new_codes, skip_bad_rows, dry_run
    )
    with opened(study, as_) as into, working("Importing …"):
        results = import_files(into, paths, options)
    if json_:
        print_json({"dry_run": dry_run, "files": [asdict(r) for r in results]})
        return
    for r in results:
        counts = ", ".join(f"{n:,} {word}" for n, word in ((r.n_new, "new"), (r.n_changed, "changed"), (r.n_known, "known already")) if n)
        say(f"{r.path}: {r.what}{f' ({counts})' if counts else ''}")
        for note in r.notes:
            say(f"  {note}", "dim")
        for line in r.left_out[:MOST_LINES]:
            say(f"  left out: {line}", "yellow")
        if len(r.left_out) > MOST_LINES:
            say(f"  left out: {len(r.left_out) - MOST_LINES:,} more (--json lists them all)", "yellow")
    if dry_run:
        say("Nothing was saved: this was a dry run.", "bold")


def export(
    path: Annotated[Path, typer.Argument(help="The file to write; .csv for the codings, .json for the whole study.", show_default=False)],
    study: StudyOption = Path(),
) -> None:
    """Write the codings (.csv) or the whole study (.json), with aliases instead of names.

    Example: `workbench export codings.csv --study my-study`
    """
    from workbench.study.exporting import export_study

    with opened(study) as whole:
        say(export_study(whole, path))


@codes.command("list")
def list_codes(study: StudyOption = Path(), json_: JsonOption = False) -> None:
    """The codes with how many codings, passages and participants each has.

    Example: `workbench codes list`
    """
    from workbench.analysis.code_frequency import code_frequency

    with opened(study) as of:
        book, codings = of.codebook, of.codings
    counts = code_frequency(codings).set_index("path")
    rows = [
        {
            "code": c.name,
            "path": book.path(c),
            "kind": c.kind.value,
            **{
                what: int(counts.loc[book.path(c), f"n_{what}"]) if book.path(c) in counts.index else 0
                for what in ("codings", "excerpts", "participants")
            },
        }
        for c in book
    ]
    if json_:
        print_json(rows)
        return
    shown = ["code", "kind", "codings", "excerpts", "participants"]
    indented = [{**row, "code": "  " * _depth(book, code) + code.name} for row, code in zip(rows, book, strict=True)]
    print_table(shown, [[row[name] for name in shown] for row in indented])


def _depth(book: Codebook, code: Code) -> int:
    return 1 + _depth(book, book.by_id(code.parent)) if code.parent else 0


@codes.command("import")
def import_codes(
    path: Annotated[Path, typer.Argument(help="A codebook: .csv, .tsv or .json.", show_default=False)],
    study: StudyOption = Path(),
    skip_bad_rows: Annotated[bool, typer.Option("--skip-bad-rows", help="Import the codes that are fine and list the others.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Save nothing.")] = False,
    json_: JsonOption = False,
    as_: CoderOption = "",
) -> None:
    """Import a codebook (CSV or JSON); codes with the same path are brought up to date.

    Example: `workbench codes import codebook.csv`
    """
    import_([path], study, kind="codebook", skip_bad_rows=skip_bad_rows, dry_run=dry_run, json_=json_, as_=as_)


@codes.command("export")
def export_codes(
    path: Annotated[Path, typer.Argument(help="The file to write: .csv, .tsv or .json.", show_default=False)],
    study: StudyOption = Path(),
) -> None:
    """Write the codebook (CSV or JSON); it reads back the same.

    Example: `workbench codes export codebook.csv`
    """
    from workbench.io.codebook import write_codebook

    with opened(study) as of:
        book = of.codebook
    write_codebook(book, path)
    say(f"{path}: {len(book)} codes")


def register(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    app.command("import")(import_)
    app.command()(export)
    app.add_typer(codes, name="codes")
