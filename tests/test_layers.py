"""The house as it is drawn: which floor may use which."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parent.parent / "workbench"

#: What each floor may use besides itself, from ground to roof.
MAY_USE = {
    "errors": set(),
    "quick_imports": set(),
    "drawing": set(),
    "files": {"errors"},
    "resources": {"errors"},
    "model": {"errors"},
    "store": {"errors", "model"},
    "io": {"errors", "files", "model"},
    "analysis": {"errors", "model"},
    "study": {"errors", "files", "resources", "model", "store", "io", "analysis"},
    "charts": {"errors", "drawing", "model", "analysis"},
    "widgets": {"errors", "resources", "model", "store", "io", "analysis", "study", "charts"},
    "reports": {"errors", "drawing", "files", "quick_imports", "resources", "model", "store", "io", "analysis", "study", "charts"},
    "schedule": {"errors", "files", "resources", "model", "store", "io", "analysis", "study", "charts", "widgets", "reports"},
    "cli": {"errors", "resources", "model", "store", "io", "analysis", "study", "charts", "widgets", "reports", "schedule"},
}
#: What each room of the reports may use besides itself and what lies outside the rooms.
ROOMS: dict[str, set[str]] = {
    "engine": set(),
    "html": set(),
    "sections": {"html"},
    "templates": {"html"},
    "index": {"html", "templates"},
    "batches": {"engine", "index", "templates"},
}
#: What only the store may import: it is the only code that talks to the database.
DATABASE = {"alembic", "psycopg", "sqlalchemy"}
HEAVY = {
    "IPython",
    "alembic",
    "altair",
    "duckdb",
    "jupyterlab",
    "msgspec",
    "nbconvert",
    "numpy",
    "pandas",
    "pyarrow",
    "scipy",
    "sqlalchemy",
}


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def floor_of(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def imports(source: str, package: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    """Line and dotted name of everything imported, in functions too; ``package`` is where the module lies, for relative imports."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, name.name) for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else ()
            base = ".".join([*above, *filter(None, [node.module])])
            yield from ((node.lineno, f"{base}.{name.name}") for name in node.names)


def imports_of(path: Path) -> Iterator[tuple[int, str]]:
    return imports(path.read_text(encoding="utf-8"), path.relative_to(PACKAGE.parent).parent.parts)


def used_floor(name: str) -> str | None:
    """``store`` for ``workbench.store.changes``; ``None`` for what is not ours, and for the version."""
    head, _, rest = name.partition(".")
    return None if head != "workbench" or rest == "__version__" else rest.partition(".")[0] or "workbench"


def wrong_arrows(path: Path) -> list[str]:
    floor = floor_of(path)
    allowed = MAY_USE.get(floor, set()) | {floor, None}
    where = path.relative_to(PACKAGE.parent)
    return [f"{where}:{line} imports {name}" for line, name in imports_of(path) if used_floor(name) not in allowed]


def test_every_floor_is_on_the_drawing() -> None:
    """A new folder or module beside the others needs a place in the order first."""
    assert {floor_of(path) for path in modules()} <= {*MAY_USE, "__init__"}


def test_code_imports_only_from_the_floors_below_it() -> None:
    inside = [path for path in modules() if path != PACKAGE / "__init__.py"]
    assert [arrow for path in inside for arrow in wrong_arrows(path)] == []


def test_a_room_of_the_reports_has_doors_only_to_those_below_it() -> None:
    ways = {
        (path.parent.name, name.split(".")[2], f"{path.name}:{line}")
        for path in (PACKAGE / "reports").glob("*/*.py")
        for line, name in imports_of(path)
        if name.startswith("workbench.reports.")
    }
    assert [way for way in sorted(ways) if way[1] in ROOMS and way[1] not in ROOMS[way[0]] | {way[0]}] == []
    assert {way[1] for way in ways} > {*ROOMS} - {"batches"}


def test_the_drawing_has_no_way_up() -> None:
    order = list(MAY_USE)
    assert all(order.index(used) < order.index(floor) for floor, below in MAY_USE.items() for used in below)


def test_only_the_store_talks_to_the_database() -> None:
    others = [path for path in modules() if floor_of(path) != "store"]
    assert [f"{path.name}:{line}" for path in others for line, name in imports_of(path) if name.partition(".")[0] in DATABASE] == []


def test_the_nouns_need_only_the_standard_library() -> None:
    accepted = sys.stdlib_module_names | {"workbench"}
    nouns = [path for path in modules() if floor_of(path) in ("errors", "model")]
    assert [
        f"{path.name}:{line} {name}" for path in nouns for line, name in imports_of(path) if name.partition(".")[0] not in accepted
    ] == []


@pytest.mark.parametrize(
    ("line", "package", "found"),
    [
        ("import workbench.store.changes as c", "workbench.model", "store"),
        ("from workbench import store", "workbench.model", "store"),
        ("from workbench import open_study", "workbench.model", "open_study"),
        ("from ..store import Database", "workbench.model", "store"),
        ("from . import coding", "workbench.model", "model"),
        ("def f():\n from workbench.cli.main import app", "workbench.model", "cli"),
        ("if TYPE_CHECKING:\n from workbench.charts import theme", "workbench.model", "charts"),
        ("from workbench import __version__", "workbench.model", None),
        ("import workbenches", "workbench.model", None),
    ],
)
def test_no_way_of_importing_is_overlooked(line: str, package: str, found: str | None) -> None:
    [(_, name)] = imports(line, tuple(package.split(".")))
    assert used_floor(name) == found


def loaded_after(statement: str) -> set[str]:
    """The top-level names of what a fresh process has loaded after a statement."""
    code = f"{statement}\nimport sys\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize("statement", ["import workbench", "import workbench.model", "from workbench import WorkbenchError"])
def test_the_nouns_bring_nothing_heavy_along(statement: str) -> None:
    assert loaded_after(statement) & HEAVY == set()


def test_everything_that_the_package_offers_is_there() -> None:
    import workbench

    assert [name for name in workbench.__all__ if not hasattr(workbench, name)] == []
    assert set(workbench.__all__) <= set(dir(workbench))


def test_a_name_that_is_not_offered_is_an_attribute_error() -> None:
    import workbench

    assert not hasattr(workbench, "no_such_thing")
