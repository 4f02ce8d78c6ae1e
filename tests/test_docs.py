"""What exists is documented, and what is documented exists."""

from __future__ import annotations

import inspect
import pkgutil
import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import nbformat
import pytest

import workbench
from workbench import errors
from workbench.resources import resource

ROOT = Path(__file__).resolve().parent.parent
#: How many ideas of each letter the table "where each idea lives" numbers: what a journey map and a persona hold, the kinds of map,
#: empathy and design thinking, action and upkeep.
N_IDEAS = {"J": 28, "T": 11, "P": 12, "E": 5, "A": 14}
IDEAS = [f"{letter}{n}" for letter, n_ideas in N_IDEAS.items() for n in range(1, n_ideas + 1)]


@cache
def page(name: str) -> str:
    path = ROOT / name
    return path.read_text(encoding="utf-8") if path.exists() else ""


def commands() -> Iterator[list[str]]:
    """Every command as it is typed, ``["codes", "list"]``."""
    import typer

    from workbench.cli.main import app

    def walk(command: Any, path: list[str]) -> Iterator[list[str]]:
        below = getattr(command, "commands", {})
        for name, sub in below.items():
            yield from walk(sub, [*path, name])
        if not below:
            yield path

    return walk(typer.main.get_command(app), [])


def is_shown(command: list[str], text: str) -> bool:
    """As ``workbench codes list`` or ``workbench codes import|list``."""
    *above, name = map(re.escape, command)
    return bool(re.search(rf"workbench {''.join(f'{word} ' for word in above)}(?:[\w-]+\|)*{name}(?![\w-])", text))


def error_classes() -> list[str]:
    return sorted(name for name, kind in vars(errors).items() if inspect.isclass(kind) and issubclass(kind, errors.WorkbenchError))


def parameters(template: Path) -> list[str]:
    from workbench.reports.templates.parameters import read_parameters

    return list(read_parameters(nbformat.read(template, as_version=4), template.name))


def exported() -> Iterator[tuple[str, Any]]:
    """Every name in the ``__all__`` of a package, with what it stands for."""
    packages = [f"workbench.{m.name}" for m in pkgutil.iter_modules(workbench.__path__) if m.ispkg]
    for package in ["workbench", *packages]:
        module = import_module(package)
        yield from ((f"{package}.{name}", getattr(module, name)) for name in getattr(module, "__all__", ()))


def has_docstring(thing: Any) -> bool:
    """Written by somebody: a dataclass without one is given its signature instead."""
    return bool(thing.__doc__) and not thing.__doc__.startswith(f"{thing.__name__}(")


def places(text: str) -> dict[str, list[str]]:
    """The dotted names in the last column of ``| J1 | what | `workbench.model.Journey.stages` |``, by idea."""
    rows = re.findall(r"^\|\s*([A-Z]\d+)\s*\|.*\|([^|]*)\|\s*$", text, re.MULTILINE)
    return {idea: re.findall(r"`(workbench[\w.]*)`", last) for idea, last in rows}


def resolves(dotted: str) -> bool:
    """Whether a name leads to a module, to something in it, or to a field of a class."""
    parts = dotted.split(".")
    for n in range(len(parts), 0, -1):
        try:
            found: Any = import_module(".".join(parts[:n]))
        except ModuleNotFoundError:
            continue
        return _has(found, parts[n:])
    return False


def _has(thing: Any, names: list[str]) -> bool:
    if not names:
        return True
    if hasattr(thing, names[0]):
        return _has(getattr(thing, names[0]), names[1:])
    return len(names) == 1 and names[0] in getattr(thing, "__dataclass_fields__", {})


def test_every_command_is_in_the_readme() -> None:
    assert [" ".join(c) for c in commands() if not is_shown(c, page("README.md"))] == []


def test_every_command_explains_itself_with_an_example() -> None:
    from typer.testing import CliRunner

    from workbench.cli.main import app

    helps = {" ".join(c): CliRunner().invoke(app, [*c, "--help"]).stdout for c in commands()}
    assert [name for name, text in helps.items() if f"workbench {name}" not in text.partition("Usage:")[2].partition("\n")[2]] == []


def test_every_format_is_in_the_readme_with_its_extensions() -> None:
    from workbench.io.registry import FORMATS

    readme = page("README.md")
    assert [f.title for f in FORMATS if f.title not in readme] == []
    assert sorted({e for f in FORMATS for e in f.extensions if e not in readme}) == []


def test_every_parameter_of_every_template_is_documented() -> None:
    text = page("README.md") + page("ARCHITECTURE.md")
    templates = sorted(resource("templates").glob("*.ipynb"))
    assert templates
    assert [f"{t.stem}: {name}" for t in templates for name in parameters(t) if f"`{name}`" not in text] == []


def test_every_error_is_named() -> None:
    text = page("README.md") + page("ARCHITECTURE.md")
    assert [name for name in error_classes() if f"`{name}`" not in text] == []


def test_everything_exported_says_what_it_is() -> None:
    named = {dotted: thing for dotted, thing in exported() if inspect.isclass(thing) or inspect.isfunction(thing)}
    assert [dotted for dotted, thing in named.items() if not has_docstring(thing)] == []


def test_every_idea_of_the_mission_has_a_place() -> None:
    found = places(page("ARCHITECTURE.md"))
    assert [idea for idea in IDEAS if not found.get(idea)] == []


def test_every_place_of_an_idea_exists() -> None:
    assert [f"{idea}: {name}" for idea, names in places(page("ARCHITECTURE.md")).items() for name in names if not resolves(name)] == []


def test_the_readme_opens_with_what_it_is_a_picture_and_two_commands() -> None:
    first_screen = page("README.md")[:3000]
    assert first_screen.startswith("# ")
    assert re.search(r"!\[[^\]]+\]\([^)]+\)", first_screen), "a picture, with words for those who cannot see it"
    assert "make demo" in first_screen
    assert "make test" in first_screen


@pytest.mark.parametrize("name", ["README.md", "ARCHITECTURE.md", "CHANGELOG.md"])
def test_no_link_leads_nowhere(name: str) -> None:
    targets = re.findall(r"\]\((?![a-z]+:)([^)#\s]+)", page(name))
    assert [target for target in targets if not (ROOT / target).exists()] == []


def test_a_field_without_a_default_counts_as_a_place() -> None:
    assert resolves("workbench.model.Coding.start")
    assert resolves("workbench.model.transcript.normalise_newlines")
    assert not resolves("workbench.model.Coding.no_such_field")
    assert not resolves("workbench.no_such_module.Coding")


def test_the_table_is_read_by_its_first_and_last_column() -> None:
    table = "| J1 | path, `first` | `workbench.model.Journey.stages`, `workbench.model.Stage` |\n| Id | Idea | Place |\n"
    assert places(table) == {"J1": ["workbench.model.Journey.stages", "workbench.model.Stage"]}


@pytest.mark.parametrize(
    ("text", "shown"),
    [("workbench codes list", True), ("workbench codes import|list", True), ("workbench codes listing", False), ("workbench list", False)],
)
def test_a_command_is_looked_for_as_it_is_typed(text: str, shown: bool) -> None:
    assert is_shown(["codes", "list"], text) is shown
