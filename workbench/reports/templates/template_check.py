"""What is wrong with a template, all of it at once: what would make its reports differ, leak or fail somewhere else."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from IPython.core.inputtransformer2 import TransformerManager
from nbformat import NotebookNode

from workbench.errors import BadParameter
from workbench.reports.templates.code_habits import Habits
from workbench.reports.templates.parameters import read_parameters

MOST_CELLS = 40
#: Our widgets need a kernel behind the page.
WIDGETS = frozenset({"CodebookEditor", "EmpathyMap", "InterviewCoder", "JourneyMap", "OpportunityBoard", "PersonaBuilder"})


@dataclass(frozen=True, order=True)
class Problem:
    """One thing that is wrong; ``cell`` counts all cells from 1, and is 0 for the notebook as a whole."""

    cell: int
    what: str

    def __str__(self) -> str:
        return f"Cell {self.cell}: {self.what}" if self.cell else self.what


def check_template(notebook: NotebookNode, name: str) -> list[Problem]:
    """Everything that is wrong with a template, from its first cell to its last.

    Parameters
    ----------
    name : what to call it
    """
    return sorted({*_whole(notebook), *_parameters(notebook, name), *_kept_outputs(notebook), *_code(notebook)})


def _whole(notebook: NotebookNode) -> Iterator[Problem]:
    n = len(notebook.cells)
    if n > MOST_CELLS:
        yield Problem(0, f"It has {n} cells, and a template has at most {MOST_CELLS}. Move what is long into a module and import it.")
    first = notebook.cells[0].source.lstrip() if n and notebook.cells[0].cell_type == "markdown" else ""
    settings = notebook.metadata.get("workbench")
    titled = isinstance(settings, dict) and bool(settings.get("title"))
    if not first.startswith("# ") and not titled:
        yield Problem(0, 'It has no title. Begin with a Markdown cell "# What it is", which says for whom it is and what it needs.')


def _parameters(notebook: NotebookNode, name: str) -> Iterator[Problem]:
    tagged = [i for i, c in enumerate(notebook.cells, 1) if "parameters" in c.metadata.get("tags", [])]
    if len(tagged) != 1:
        where = f"cells {', '.join(map(str, tagged))} are" if tagged else "no cell is"
        yield Problem(0, f'In it {where} tagged "parameters". Tag exactly one, with a name, a type, a default and a comment on each line.')
        return
    cell = tagged[0]
    try:
        found = read_parameters(notebook, name)
    except BadParameter:
        yield from _badly_written(notebook, cell, name)
        return
    for p in found.values():
        if not p.help:
            yield Problem(cell, f'the parameter "{p.name}" has no comment. Say behind it what it means, with its unit.')
    if "study_dir" not in found:
        yield Problem(
            cell, 'there is no parameter study_dir, by which a report finds its study. Write  study_dir: str = "."  # the study\'s folder'
        )


def _badly_written(notebook: NotebookNode, cell: int, name: str) -> Iterator[Problem]:
    """Every parameter that cannot be read, each looked at alone."""
    source = notebook.cells[cell - 1].source
    try:
        statements = ast.parse(source).body
    except SyntaxError as error:
        yield Problem(cell, f'the parameters are not Python ({error.msg}). Write  name: str = "default"  # what it means')
        return
    for statement in statements:
        alone = NotebookNode(
            cells=[NotebookNode(metadata={"tags": ["parameters"]}, source=ast.get_source_segment(source, statement) or "")]
        )
        try:
            read_parameters(alone, name)
        except BadParameter as error:
            said = str(error).removeprefix(f"{name}, ").removeprefix("parameters, ")
            yield Problem(cell, said[:1].lower() + said[1:])


def _kept_outputs(notebook: NotebookNode) -> Iterator[Problem]:
    for i, cell in enumerate(notebook.cells, 1):
        if cell.cell_type == "code" and (cell.get("outputs") or cell.get("execution_count")):
            yield Problem(i, "its output is kept in the file, where it may hold what people said. Clear all outputs and save again.")


def _code(notebook: NotebookNode) -> Iterator[Problem]:
    magics = TransformerManager()
    trees: list[tuple[int, ast.Module]] = []
    for i, cell in enumerate(notebook.cells, 1):
        if cell.cell_type != "code":
            continue
        try:
            trees.append((i, ast.parse(magics.transform_cell(cell.source))))
        except (SyntaxError, ValueError) as error:
            yield Problem(i, f"this is not Python ({getattr(error, 'msg', error)}).")
    habits = Habits(WIDGETS)
    for _, tree in trees:
        habits.learn(tree)
    for i, tree in trees:
        yield from (Problem(i, what) for what in habits.problems(tree))
