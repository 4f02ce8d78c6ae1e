"""What an installation brings along, and under which licences."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.metadata import PackageNotFoundError, distribution, version
from pathlib import Path

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent

#: Adding one is a decision (DESIGN D11): write it here too, and say in the commit what it is for.
RUN_TIME = [
    "alembic", "altair", "anywidget", "charset-normalizer", "cronsim", "defusedxml", "duckdb", "ipykernel", "ipywidgets", "jinja2", "jupyterlab",
    "lxml", "math-core", "msgspec", "nbconvert", "nh3", "numpy", "pandas", "papermill", "psutil", "pyarrow", "python-docx", "rapidfuzz", "rich", "scipy",
    "sqlalchemy", "typer", "vl-convert-python",
]  # fmt: skip
#: Weak copyleft, of files or of a library: looked at and accepted one by one.
WEAK_COPYLEFT = {"certifi", "fqdn", "tqdm"}
COPYLEFT = re.compile(r"\b[AL]?GPL|GNU (Affero|Lesser|Library|General)|MPL|Mozilla|EUPL|CeCILL|\bEPL|Eclipse", re.IGNORECASE)
#: Where the pins must hold; other platforms use the same file.
PINNED_FOR = {
    "python_version": "3.11",
    "python_full_version": "3.11.0",
    "sys_platform": "linux",
    "platform_system": "Linux",
    "os_name": "posix",
}


@cache
def project() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def requirements(lines: Iterable[str]) -> list[Requirement]:
    return [Requirement(line) for line in lines]


def group(name: str) -> Iterator[str]:
    for entry in project()["dependency-groups"][name]:
        if isinstance(entry, str):
            yield entry
        else:
            yield from group(entry["include-group"])


def closure(wanted: Iterable[Requirement]) -> set[str]:
    """The names of what is wanted and of all that it needs in turn, on Linux."""
    seen: set[tuple[str, str]] = set()
    todo = [(canonicalize_name(r.name), extra) for r in wanted for extra in ("", *r.extras)]
    while todo:
        name, extra = todo.pop()
        if (name, extra) in seen:
            continue
        seen.add((name, extra))
        for needed in requirements(_requires(name)):
            if needed.marker is None or needed.marker.evaluate({**PINNED_FOR, "extra": extra}):
                todo += [(canonicalize_name(needed.name), e) for e in ("", *needed.extras)]
    return {name for name, _ in seen}


def _requires(name: str) -> list[str]:
    try:
        return distribution(name).requires or []
    except PackageNotFoundError:  # for another platform than this one
        return []


def licence(name: str) -> str:
    """What a package says of its licence: the expression, else the classifiers, else the first line of its text."""
    about = distribution(name).metadata
    classifiers = [c for c in about.get_all("Classifier") or [] if c.startswith("License ::")]
    return about["License-Expression"] or " ".join(classifiers) or (about["License"] or "").strip().partition("\n")[0]


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    return dict(line.split("==") for line in lines if not line.startswith("#"))


def run_time() -> list[Requirement]:
    return requirements(project()["project"]["dependencies"])


def installed(names: Iterable[str]) -> list[str]:
    return [name for name in sorted(names) if _is_installed(name)]


def _is_installed(name: str) -> bool:
    try:
        return bool(version(name))
    except PackageNotFoundError:
        return False


def test_an_installation_needs_these_packages_and_no_others() -> None:
    assert sorted(r.name for r in run_time()) == RUN_TIME


def test_every_package_says_what_its_licence_is() -> None:
    assert [name for name in installed(closure(run_time())) if not licence(name)] == []


def test_nothing_at_run_time_is_under_a_licence_that_spreads() -> None:
    """GPL and AGPL never; the weaker ones by name."""
    spreading = {name for name in installed(closure(run_time())) if COPYLEFT.search(licence(name))}
    assert spreading <= WEAK_COPYLEFT
    assert [name for name in spreading if re.search(r"(?<!L)GPL|Affero|GNU General", licence(name))] == []


def test_the_pins_cover_all_that_is_used_to_run_and_to_test() -> None:
    extras = [line for lines in project()["project"]["optional-dependencies"].values() for line in lines]
    wanted = [*run_time(), *requirements(extras), *requirements(group("dev")), *requirements(project()["build-system"]["requires"])]
    assert sorted(closure(wanted) - pins().keys()) == []


def test_what_is_tested_is_what_is_pinned() -> None:
    """The file would otherwise promise releases that nobody has tried together."""
    different = {name: version(name) for name in installed(pins()) if version(name) != pins()[name]}
    assert different == {}


def test_every_pin_installs_on_the_oldest_python() -> None:
    """Debian 12 has 3.11.2; a release that asks for 3.11.5 would not install there."""
    wanted = {name: distribution(name).metadata["Requires-Python"] or "" for name in installed(pins())}
    assert {name: asked for name, asked in wanted.items() if not SpecifierSet(asked).contains("3.11.0")} == {}


def test_a_pin_names_a_release_and_nothing_else() -> None:
    """No path, no host, no platform: the same file serves every machine."""
    assert [f"{name}=={v}" for name, v in pins().items() if not re.fullmatch(r"[a-z0-9-]+==[0-9][0-9a-z.+]*", f"{name}=={v}")] == []
    assert list(pins()) == sorted(pins())
