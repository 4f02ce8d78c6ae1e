"""``workbench new --starter``: a study that begins with what an industry often has, said to be hypotheses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from workbench.io.study_toml import read_settings
from workbench.study.starters import starter_names

Workbench = Any


def test_a_study_begins_with_a_starter_and_says_that_nothing_of_it_is_a_finding(workbench: Workbench, tmp_path: Path) -> None:
    done = workbench("new", tmp_path / "mine", "--starter", "restaurant")
    assert done.code == 0
    assert done.out.endswith("codes are the hypotheses of the starter “Restaurant”, to be tested: nothing of it is a finding.\n")
    assert [s.id for s in read_settings(tmp_path / "mine" / "study.toml").stages] == ["choose", "book", "arrive", "eat", "pay", "return"]
    assert "Nobody picks up the phone\tpain point\t0\t0\t0" in workbench("codes", "list", "--study", tmp_path / "mine").out


def test_a_starter_that_is_not_there_leaves_no_folder(workbench: Workbench, tmp_path: Path) -> None:
    done = workbench("new", tmp_path / "mine", "--starter", "restaurnt")
    assert (done.code, 'Did you mean "restaurant"' in done.err) == (1, True)
    assert not (tmp_path / "mine").exists()


def test_stages_and_a_starter_are_not_asked_for_together(workbench: Workbench, tmp_path: Path) -> None:
    done = workbench("new", tmp_path / "mine", "--starter", "saas", "--stages", "purchase")
    assert (done.code, "Use one of them" in done.err) == (1, True)


def test_help_names_every_starter(workbench: Workbench) -> None:
    told = "".join(c for c in workbench("new", "--help").out if c.isalnum() or c == "-")
    assert [name for name in starter_names() if name.replace("-", "") not in told.replace("-", "")] == []
