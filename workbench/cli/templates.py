"""``templates``: which there are, a new one to begin with, what is wrong with one, and their pictures."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.output import JsonOption, StudyOption, opened, print_json, print_table, say, working

templates = typer.Typer(name="templates", help="Report templates: list, begin, check, draw.", no_args_is_help=True)

OwnOption = Annotated[
    Path | None, typer.Option("--study", "-s", help="A study's folder, whose own templates count too.", show_default=False)
]
NameArgument = Annotated[str, typer.Argument(help="A template's name or path.")]


@templates.command("list")
def list_(
    study: OwnOption = None,
    html: Annotated[Path | None, typer.Option("--html", help="Write a page with their pictures.", show_default=False)] = None,
    json_: JsonOption = False,
) -> None:
    """The templates: what each shows, what it needs, what it can be given.

    Example: `workbench templates list --study my-study --html templates.html`
    """
    from workbench.reports.templates.template_gallery import write_gallery
    from workbench.reports.templates.template_list import list_templates

    if study is not None:
        with opened(study):
            pass  # says so, where there is no study
    found = list_templates(study)
    if html is not None:
        write_gallery(found, html)
        say(f"{html} ({len(found)} templates)")
    elif json_:
        print_json([{**asdict(t), "parameters": [{**asdict(p), "accepted": p.accepted} for p in t.parameters]} for t in found])
    else:
        rows = [(t.name, t.problem or t.description, t.needs, ", ".join(p.name for p in t.parameters)) for t in found]
        print_table(["name", "shows", "needs", "parameters"], rows)


@templates.command()
def new(
    name: Annotated[str, typer.Argument(help="What it shall be called.")],
    study: StudyOption = Path(),
) -> None:
    """Write a template of one's own to begin with: it runs on any study, and explains itself.

    Example: `workbench templates new weekly_pulse --study my-study`
    """
    from workbench.reports.templates.template_list import new_template

    with opened(study) as of:
        path = new_template(of.folder, name)
    say(f"{path}: a new template. Edit it in JupyterLab, then:")
    say(f"  workbench templates check {path.stem} --study {study}")
    say(f"  workbench report {path.stem} --study {study}")


@templates.command()
def check(template: NameArgument, study: OwnOption = None, json_: JsonOption = False) -> None:
    """Say everything that is wrong with a template; exit code 1 when something is.

    Example: `workbench templates check weekly_pulse --study my-study`
    """
    from workbench.reports.templates.template_check import check_template
    from workbench.reports.templates.template_files import read_notebook

    path = _find(template, study)
    problems = check_template(read_notebook(path), path.name)
    if json_:
        print_json({"template": path.stem, "path": str(path), "problems": [asdict(p) for p in problems]})
    else:
        for problem in problems:
            say(str(problem), "yellow")
        say(f"{path.name}: {_verdict(len(problems))}")
    if problems:
        raise typer.Exit(1)


@templates.command()
def draw(template: NameArgument, study: StudyOption = Path()) -> None:
    """Run a template on a study and draw its page in small, for the list.

    Example: `workbench templates draw weekly_pulse --study my-study`
    """
    from workbench.reports.template_pictures import draw_template

    with opened(study) as of, working(f"Running {template} …"):
        path = draw_template(template, of)
    say(str(path))


def _find(template: str, study: Path | None) -> Path:
    from workbench.reports.templates.template_files import find_template

    if study is None:
        return find_template(template)
    with opened(study) as of:
        return find_template(template, of)


def _verdict(n: int) -> str:
    return f"{n} thing{'s' * (n != 1)} wrong." if n else "nothing wrong."


def register(app: typer.Typer) -> None:
    """Put these commands on the command line."""
    app.add_typer(templates)
