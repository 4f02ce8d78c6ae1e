"""``demo``, ``new``, ``doctor``: first steps."""

from __future__ import annotations

import shlex
import time
import webbrowser
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.output import opened, print_json, print_table, say, working
from workbench.errors import BadSetting, UnknownName
from workbench.model import STAGE_PRESETS


def demo(
    folder: Annotated[Path, typer.Argument(help="Where the sample study is made.")] = Path("demo-study"),
    open_: Annotated[bool, typer.Option("--open", help="Show the report in the browser.")] = False,
    again: Annotated[bool, typer.Option("--again", help="Make it anew: what is in FOLDER is moved aside first.")] = False,
) -> None:
    """Make the sample study, code it, run its report, and say where to look.

    Example: `workbench demo --open`
    """
    from workbench.reports.batches.make import make_alone
    from workbench.study.sample import make_sample_study, move_aside

    clock = time.perf_counter()
    if again and (aside := move_aside(folder)) is not None:
        say(f"What was in {folder} is now in {aside}")
    with working("Making the sample study …"):
        study, imported = make_sample_study(folder)
    for result in imported:
        say(f"  {result.kind:<13} {result.what}")
    with working("Running the report …"):
        record, _ = make_alone("journey_map", study)
    study.close()
    page = (study.folder / "reports" / record.output).resolve()
    say(f"\nThe study is in  {study.folder}")
    say(f"The report is    {page}  ({page.stat().st_size / 1000:,.0f} KB)", "bold")
    say(f"Done in {time.perf_counter() - clock:.1f} s. Open the report in any browser; it needs no network.")
    if open_:
        webbrowser.open(page.as_uri())


def new(
    folder: Annotated[Path, typer.Argument(help="A new or empty folder.")],
    title: Annotated[str, typer.Option("--title", "-t", help="What the study is called.")] = "A new study",
    stages: Annotated[str, typer.Option(help=f"The stages to begin with: {', '.join(STAGE_PRESETS)}.")] = "",
    starter: Annotated[
        str,
        typer.Option(
            help="An industry whose stages and codes to begin with, as hypotheses: big-retail, cafe-chain, car-dealer, device-maker, e-commerce, "
            "healthcare, lodging, restaurant, saas, telecom, travel."
        ),
    ] = "",
) -> None:
    """Make a new study: a study.toml with an example of everything, and its folders.

    Example: `workbench new checkout-study --title "Why carts are left" --stages purchase`
    """
    from workbench.study import new_study
    from workbench.study.starters import find_starter

    if stages and stages not in STAGE_PRESETS:
        raise UnknownName("set of stages", stages, STAGE_PRESETS)
    if stages and starter:
        raise BadSetting("workbench new", "--stages and --starter both say which stages to begin with", "Use one of them.")
    begun = find_starter(starter) if starter else None
    with closing(new_study(folder, title, stages=STAGE_PRESETS.get(stages, ()), starter=begun)) as study:
        n_stages, n_codes = len(study.settings.stages), len(study.codebook)
    say(f"{folder}: a new study. Next, edit {folder / 'study.toml'}, then:")
    say(f"  workbench import participants.csv --study {shlex.quote(str(folder))}")
    say(f"  workbench import interviews/*.vtt --study {shlex.quote(str(folder))}")
    if begun is not None:
        say(
            f"Its {n_stages} stages and {n_codes} codes are the hypotheses of the starter “{begun.title}”, to be tested: nothing of it is a finding."
        )


def doctor(
    study: Annotated[
        Path | None, typer.Option("--study", "-s", help="Look at this study too: what does not fit together in it.", show_default=False)
    ] = None,
    json_: Annotated[bool, typer.Option("--json", help="Print JSON for a script.")] = False,
) -> None:
    """Say what is installed, what is missing, and what to do about it; of a study, what its map would lack.

    Example: `workbench doctor --study my-study`
    """
    from workbench.analysis import check_study
    from workbench.reports.doctor import Check, examine

    checks = examine()
    if study is not None:
        with opened(study) as of:
            checks += [Check("study", ok=False, found="", advice=sentence, needed=False) for sentence in check_study(of)] or [
                Check("study", ok=True, found="all fits")
            ]
    if json_:
        print_json([{"name": c.name, "ok": c.ok, "found": c.found, "advice": c.advice} for c in checks])
    else:
        print_table(
            ["", "what", "found", "what to do"],
            [("ok" if c.ok else "MISSING" if c.needed else "–", c.name, c.found, c.advice) for c in checks],
        )
    if not all(c.ok for c in checks if c.needed):
        raise typer.Exit(1)


def register(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    for command in (demo, new, doctor):
        app.command()(command)
