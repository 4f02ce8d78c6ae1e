"""``import``, ``export``, ``codes``: what goes in and out."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.output import CoderOption, JsonOption, StudyOption, print_json, print_table, say, working

codes = typer.Typer(help="The codebook: list, import, export.", no_args_is_help=True)


def import_(
    paths: Annotated[list[Path], typer.Argument(metavar="FILE…", help="Files of any kind that workbench reads.", show_default=False)],
    study: StudyOption = Path(),
    kind: Annotated[
        str, typer.Option(help="participants, interview, survey, events, codebook, codings, tickets or synthesis; found out if not said.")
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
    from workbench.study import open_study
    from workbench.study.importing import ImportOptions, import_files

    options = ImportOptions(
        kind or None, participant, name, speakers or None, coder, encoding, new_participants, new_codes, skip_bad_rows, dry_run
    )
    with working("Importing …"):
        results = import_files(open_study(study, coder=as_ or None), paths, options)
    if json_:
        print_json({"dry_run": dry_run, "files": [asdict(r) for r in results]})
        return
    for r in results:
        counts = ", ".join(f"{n:,} {word}" for n, word in ((r.n_new, "new"), (r.n_changed, "changed"), (r.n_known, "known already")) if n)
        say(f"{r.path}: {r.what}{f' ({counts})' if counts else ''}")
        for note in r.notes:
            say(f"  {note}", "dim")
        for line in r.left_out:
            say(f"  left out: {line}", "yellow")
    if dry_run:
        say("Nothing was saved: this was a dry run.", "bold")


def export(
    path: Annotated[Path, typer.Argument(help="The file to write; .csv for the codings, .json for the whole study.")],
    study: StudyOption = Path(),
) -> None:
    """Write the codings (.csv) or the whole study (.json), with aliases instead of names.

    Example: `workbench export codings.csv --study my-study`
    """
    from workbench.study import open_study
    from workbench.study.exporting import export_study

    say(export_study(open_study(study), path))


@codes.command("list")
def list_codes(study: StudyOption = Path(), json_: JsonOption = False) -> None:
    """The codes with how many codings, passages and participants each has.

    Example: `workbench codes list`
    """
    from workbench.analysis.code_frequency import code_frequency
    from workbench.study import open_study

    opened = open_study(study)
    counts = code_frequency(opened.codings).set_index("code")
    book = opened.codebook
    rows = [
        (("  " * book.path(c).count(" / ")) + c.name, c.kind.value, *(int(counts.loc[c.name, k]) if c.name in counts.index else 0 for k in ("n_codings", "n_excerpts", "n_participants")))
        for c in book
    ]  # fmt: skip
    if json_:
        print_json([dict(zip(("code", "kind", "codings", "excerpts", "participants"), (r[0].strip(), *r[1:]), strict=True)) for r in rows])
    else:
        print_table(["code", "kind", "codings", "excerpts", "participants"], rows)


@codes.command("import")
def import_codes(
    path: Path, study: StudyOption = Path(), dry_run: Annotated[bool, typer.Option("--dry-run", help="Save nothing.")] = False
) -> None:
    """Import a codebook (CSV or JSON); codes with the same path are brought up to date.

    Example: `workbench codes import codebook.csv`
    """
    from workbench.study import open_study
    from workbench.study.importing import ImportOptions, import_files

    (result,) = import_files(open_study(study), [path], ImportOptions(kind="codebook", dry_run=dry_run))
    say(f"{path}: {result.what}, {result.n_new} new, {result.n_changed} changed{' (dry run: nothing was saved)' if dry_run else ''}")


@codes.command("export")
def export_codes(path: Path, study: StudyOption = Path()) -> None:
    """Write the codebook (CSV or JSON); it reads back the same.

    Example: `workbench codes export codebook.csv`
    """
    from workbench.io.codebook import write_codebook
    from workbench.study import open_study

    book = open_study(study).codebook
    write_codebook(book, path)
    say(f"{path}: {len(book)} codes")


def register(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    app.command("import")(import_)
    app.command()(export)
    app.add_typer(codes, name="codes")
