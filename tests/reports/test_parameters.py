"""A report's parameters are checked before anything runs."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, time

import nbformat
import pytest

from workbench.errors import BadParameter
from workbench.reports.templates.parameters import Parameter, check_parameters, parse_assignments, read_parameters

CELL = """
from typing import Literal
name: str = "x"  # whose map
weeks: int = 4
share: float = 0.5
quotes: bool = True
since: date = "2026-10-05"
segment: str | None = None  # such as customer=new
mood: Literal["light", "dark"] = "light"
codes: list[str] = ["a"]
"""


def parameters(source: str = CELL) -> dict[str, Parameter]:
    cell = nbformat.v4.new_code_cell(source, metadata={"tags": ["parameters"]})
    return read_parameters(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("1"), cell]), "map.ipynb")


def test_names_types_defaults_and_comments_are_read_from_the_tagged_cell() -> None:
    found = parameters()
    assert list(found) == ["name", "weeks", "share", "quotes", "since", "segment", "mood", "codes"]
    assert (found["name"].help, found["segment"].optional, found["mood"].choices) == ("whose map", True, ("light", "dark"))
    assert (found["weeks"].default, found["codes"].default) == (4, ["a"])


def test_text_from_a_command_line_becomes_what_the_parameter_is() -> None:
    given = {"weeks": "6", "share": "0.25", "quotes": "no", "since": "2026-01-02", "segment": "none", "codes": "a, b"}
    assert check_parameters(parameters(), given, "map") == {
        "weeks": 6, "share": 0.25, "quotes": False, "since": "2026-01-02", "segment": None, "codes": ["a", "b"],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"week": 1}, 'no parameter "week". Did you mean "weeks"'),
        ({"weeks": "many"}, "parameter \"weeks\" is 'many', and takes a whole number"),
        ({"weeks": 2.5}, "takes a whole number"),
        ({"weeks": True}, "takes a whole number"),
        ({"share": "nan"}, "takes a number"),
        ({"share": float("inf")}, "takes a number"),
        ({"quotes": "perhaps"}, "takes true or false"),
        ({"since": "5.10.2026"}, "takes a day such as 2026-10-05"),
        ({"since": datetime(2026, 10, 5, 7, 30, tzinfo=UTC)}, r'"since" is 2026-10-05T07:30:00\+00:00, and takes a day such as'),
        ({"name": date(2026, 10, 5)}, '"name" is 2026-10-05, and takes text'),
        ({"codes": {"a": 1}}, "takes a list of texts, numbers or days"),
        ({"codes": [{"a": 1}]}, "takes a list of texts, numbers or days"),
        ({"codes": [["b", [{"a": 1}]]]}, "takes a list of texts, numbers or days"),
        ({"codes": 3}, "takes a list of texts, numbers or days"),
        ({"mood": "sepia"}, "takes one of light, dark"),
        ({"name": None}, "takes text"),
        ({"name": ("a", "b")}, "takes text"),
    ],
)
def test_a_wrong_name_or_type_is_refused_with_what_is_accepted(given: dict[str, object], says: str) -> None:
    with pytest.raises(BadParameter, match=says):
        check_parameters(parameters(), given, "map")


def test_days_in_a_list_become_text_however_deep_they_lie() -> None:
    given = [date(2026, 1, 1), ["a", 1, (0.5, True, time(7, 30))], datetime(2026, 1, 1, 7, 30)]  # noqa: DTZ001 - as TOML has it
    checked = check_parameters(parameters(), {"codes": given}, "map")
    assert checked == {"codes": ["2026-01-01", ["a", 1, [0.5, True, "07:30:00"]], "2026-01-01T07:30:00"]}
    assert check_parameters(parameters(), checked, "map") == json.loads(json.dumps(checked))


def test_all_mistakes_are_named_at_once() -> None:
    with pytest.raises(BadParameter, match=r'"week".*"quotes"'):
        check_parameters(parameters(), {"week": 1, "quotes": "perhaps"}, "map")


@pytest.mark.parametrize("source", ["x = 1", "x: int", "x: object = 1", "x: str = open('f').read()"])
def test_a_parameter_has_a_type_and_a_plain_default(source: str) -> None:
    with pytest.raises(BadParameter, match="map.ipynb, parameter"):
        parameters(source)


def test_exactly_one_cell_is_tagged() -> None:
    with pytest.raises(BadParameter, match='0 cells are tagged "parameters"'):
        read_parameters(nbformat.v4.new_notebook(), "map.ipynb")


def test_an_assignment_without_an_equals_sign_says_how_it_is_written() -> None:
    assert parse_assignments(["a=b=c", "d="]) == {"a": "b=c", "d": ""}
    with pytest.raises(BadParameter, match="is not name=value"):
        parse_assignments(["segment"])
