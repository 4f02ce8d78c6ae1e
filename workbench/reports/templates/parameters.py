"""The parameters of a template: read from its tagged cell, and checked before a kernel starts.

Papermill itself only warns of unknown names and turns a tuple into text without a word; a report that ran with the wrong
parameter is worse than one that did not run.
"""

from __future__ import annotations

import ast
import io
import math
import tokenize
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from nbformat import NotebookNode

from workbench.errors import BadParameter, did_you_mean

SIMPLE = {"str": str, "int": int, "float": float, "bool": bool}

_IN_WORDS = {
    "str": "text", "int": "a whole number", "float": "a number", "bool": "true or false", "date": "a day such as 2026-10-05",
    "list": "a list of texts, numbers or days",
}  # fmt: skip


@dataclass(frozen=True)
class Parameter:
    """One name in the cell tagged ``parameters``.

    ``type`` is ``str``, ``int``, ``float``, ``bool``, ``date`` (ISO text in the notebook) or ``list``; ``choices`` those of a
    ``Literal``; ``optional`` whether ``None`` is accepted; ``help`` the comment beside it.
    """

    name: str
    type: str
    default: Any
    help: str = ""
    choices: Sequence[Any] = ()
    optional: bool = False

    @property
    def accepted(self) -> str:
        """What it takes, in words."""
        kind = f"one of {', '.join(map(str, self.choices))}" if self.choices else _IN_WORDS[self.type]
        return f"{kind}, or none" if self.optional else kind


def read_parameters(notebook: NotebookNode, where: str) -> dict[str, Parameter]:
    """The parameters of a template, by name.

    Raises
    ------
    BadParameter
        No cell, or more than one, is tagged ``parameters``, or a name has no type.
    """
    cells = [c for c in notebook.cells if "parameters" in c.metadata.get("tags", [])]
    if len(cells) != 1:
        raise BadParameter(
            f'{where}: {len(cells)} cells are tagged "parameters". Tag exactly one, with a name, a type and a default on each line.'
        )
    source = cells[0].source
    try:
        statements = ast.parse(source).body
        tokens = list(tokenize.generate_tokens(io.StringIO(source).readline))
    except (SyntaxError, tokenize.TokenError) as error:
        found_in = (getattr(error, "text", None) or source).strip().partition("\n")[0]
        raise BadParameter(
            f'{where}, parameters, "{found_in}": this is not Python ({error.args[0]}). Write  name: str = "default".'
        ) from None
    comments = {t.start[0]: t.string.lstrip("# ") for t in tokens if t.type == tokenize.COMMENT}
    found = {}
    for statement in statements:
        if isinstance(statement, ast.Import | ast.ImportFrom | ast.Expr):
            continue
        if not isinstance(statement, ast.AnnAssign) or not isinstance(statement.target, ast.Name) or statement.value is None:
            raise BadParameter(f'{where}, parameters, "{ast.unparse(statement)}": a parameter needs a type. Write  name: str = "default".')
        made = _parameter(statement, comments.get(statement.end_lineno or 0, ""), where)
        found[made.name] = made
    return found


def check_parameters(known: Mapping[str, Parameter], given: Mapping[str, Any], where: str) -> dict[str, Any]:
    """The given values, each as its parameter wants it; text (from a command line) is converted.

    Raises
    ------
    BadParameter
        A name is unknown or a value of the wrong type; all of them are named at once.
    """
    problems, checked = [], {}
    for name, value in given.items():
        if name not in known:
            problems.append(f'there is no parameter "{name}". {did_you_mean(name, known)}')
            continue
        try:
            checked[name] = _convert(known[name], value)
        except (ValueError, TypeError):
            problems.append(f'parameter "{name}" is {_shown(value)}, and takes {known[name].accepted}.')
    if problems:
        raise BadParameter(f"{where}: {' '.join(problems)}")
    return checked


def parse_assignments(assignments: Sequence[str]) -> dict[str, str]:
    """``["name=value"]`` from a command line as a dictionary.

    Raises
    ------
    BadParameter
    """
    pairs = {}
    for text in assignments:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise BadParameter(f'-p "{text}" is not name=value. Write for example -p persona="Nora".')
        pairs[name.strip()] = value
    return pairs


def _parameter(statement: ast.AnnAssign, comment: str, where: str) -> Parameter:
    name = statement.target.id  # type: ignore[union-attr]
    try:
        default = ast.literal_eval(statement.value)  # type: ignore[arg-type]
    except ValueError:
        raise BadParameter(
            f'{where}, parameter "{name}": its default is not a plain value. Use text, a number, true, none or a list.'
        ) from None
    annotation, optional, choices = statement.annotation, False, ()
    if isinstance(annotation, ast.BinOp):
        sides = [annotation.left, annotation.right]
        optional = any(isinstance(s, ast.Constant) and s.value is None for s in sides)
        annotation = next(s for s in sides if not (isinstance(s, ast.Constant) and s.value is None))
    if isinstance(annotation, ast.Subscript) and ast.unparse(annotation.value).endswith("Literal"):
        choices = _choices(annotation.slice, f'{where}, parameter "{name}"')
        kind = type(choices[0]).__name__ if choices else "Literal[()]"
    else:
        kind = ast.unparse(annotation).split("[")[0].split(".")[-1]
    if kind not in (*SIMPLE, "date", "list"):
        raise BadParameter(
            f'{where}, parameter "{name}": "{kind}" is not a type for a parameter. Use str, int, float, bool, date, list or Literal.'
        )
    return Parameter(name, kind, default, comment, choices, optional)


def _choices(given: ast.expr, where: str) -> tuple[Any, ...]:
    try:
        return tuple(ast.literal_eval(given) if isinstance(given, ast.Tuple) else [ast.literal_eval(given)])
    except ValueError:
        raise BadParameter(f'{where}: "{ast.unparse(given)}" is not a list of plain values. Write  Literal["light", "dark"].') from None


def _convert(parameter: Parameter, value: Any) -> Any:
    if value is None or (isinstance(value, str) and parameter.optional and value.lower() in ("", "none", "null")):
        if parameter.optional:
            return None
        raise ValueError
    converted = _CONVERT[parameter.type](value)
    if parameter.choices and converted not in parameter.choices:
        raise ValueError
    return converted


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _bool(value: Any) -> bool:
    words = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    word = str(value).lower()
    return words[word] if word in words else _refuse()


def _number(kind: type) -> Any:
    def convert(value: Any) -> Any:
        if isinstance(value, bool) or (kind is int and isinstance(value, float) and not value.is_integer()):
            raise TypeError
        number = kind(value)
        if not math.isfinite(number):
            raise ValueError  # a number that is none never equals itself, so its page would be made each time
        return number

    return convert


def _date(value: Any) -> str:
    if isinstance(value, datetime):
        raise TypeError
    return value.isoformat() if isinstance(value, date) else date.fromisoformat(value).isoformat()


def _list(value: Any) -> list[Any]:
    if isinstance(value, Mapping):
        raise TypeError
    return [v.strip() for v in value.split(",") if v.strip()] if isinstance(value, str) else [_inside(v) for v in value]


def _inside(value: Any) -> Any:
    """What a list holds, as a notebook and a record can hold it: days and times are ISO text, as a single day is."""
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [_inside(v) for v in value]
    if not isinstance(value, str | int | float | None):
        raise TypeError
    return value


def _shown(value: Any) -> str:
    return value.isoformat() if isinstance(value, date | time) else repr(value)


def _refuse() -> bool:
    raise ValueError


_CONVERT = {"str": _text, "int": _number(int), "float": _number(float), "bool": _bool, "date": _date, "list": _list}
