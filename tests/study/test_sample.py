"""The demo's study is made, found again, and made anew without losing anything."""

from __future__ import annotations

import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pandas as pd
import pytest
from miniature import state, write

from workbench.errors import BadFile, FolderNotEmpty, StudyExists
from workbench.resources import resource
from workbench.study import new_study, open_study
from workbench.study.sample import make_sample_study, move_aside

SAMPLE = resource("datasets") / "grocery"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("demo") / "demo study"
    make_sample_study(place)[0].close()
    return place


def test_it_is_all_there(folder: Path) -> None:
    with closing(open_study(folder)) as study:
        assert (len(study.participants), len(study.transcripts), len(study.codebook), len(study.codings)) == (12, 14, 47, 1376)
        assert study.responses["survey"].value_counts().to_dict() == {"pulse": 400, "tickets": 260, "usability": 36}
        assert study.events is not None
        assert (study.events.n_events, len(study.personas), len(study.opportunities)) == (60_000, 2, 3)


def test_twice_in_the_same_place_changes_nothing(folder: Path) -> None:
    with closing(open_study(folder)) as study:
        before = state(study)
        again, results = make_sample_study(folder)
        again.close()
        assert {r.what for r in results} == {"the same file was imported before; nothing changed"}
        assert state(study) == before


def test_what_somebody_did_in_it_stays(tmp_path: Path) -> None:
    with closing(make_sample_study(tmp_path / "s")[0]) as study:
        study.add_coding("P01", "Anxious", 0, 12)
        make_sample_study(tmp_path / "s")[0].close()
        assert len(study.codings) == 1377


def test_again_moves_the_earlier_one_aside_and_loses_nothing(tmp_path: Path) -> None:
    place = tmp_path / "s"
    with closing(make_sample_study(place)[0]) as study:
        study.add_coding("P01", "Anxious", 0, 12)
    for n in (2, 3):
        make_sample_study(place, again=True)[0].close()
        assert len(list(tmp_path.iterdir())) == n, "even twice in a second"
    kept = [p for p in tmp_path.iterdir() if p != place]
    with closing(open_study(min(kept))) as earlier, closing(open_study(place)) as later:
        assert (len(earlier.codings), len(later.codings)) == (1377, 1376)


def test_again_works_from_inside_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    new_study(tmp_path / "s", "t").close()
    monkeypatch.chdir(tmp_path / "s")
    aside = move_aside(Path())
    assert aside is not None
    assert aside.name.startswith("s-20")
    assert not (tmp_path / "s").exists()


@pytest.mark.parametrize("again", [False, True])
def test_a_folder_with_other_things_in_it_is_left_alone(tmp_path: Path, again: bool) -> None:
    write(tmp_path, "full/letter.txt", "Dear diary")
    with pytest.raises(FolderNotEmpty, match="full: the folder is not empty, and nothing in it was touched"):
        make_sample_study(tmp_path / "full", again=again)
    assert [p.name for p in (tmp_path / "full").iterdir()] == ["letter.txt"]


def test_another_study_is_left_alone(tmp_path: Path) -> None:
    new_study(tmp_path / "mine", "Mine").close()
    with pytest.raises(StudyExists, match="Choose another folder, or open this one"):
        make_sample_study(tmp_path / "mine")


def test_a_file_in_place_of_the_folder_is_named(tmp_path: Path) -> None:
    place = write(tmp_path, "demo-study", "x")
    for again in (False, True):
        with pytest.raises(BadFile, match="there is a file where a folder should be"):
            make_sample_study(place, again=again)


# What the generator makes is what is here

TABLES = ("survey.csv", "usability.csv", "tickets.csv", "participants.csv", "events.parquet")


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("generated")
    subprocess.run([sys.executable, "-B", SAMPLE / "generate.py", out], check=True, capture_output=True)
    return out


@pytest.mark.parametrize("name", TABLES)
def test_the_generator_makes_the_tables_that_are_here(generated: Path, name: str) -> None:
    read = pd.read_parquet if name.endswith("parquet") else pd.read_csv
    pd.testing.assert_frame_equal(read(generated / name), read(SAMPLE / name))


def test_the_generator_writes_the_truth_that_is_here(generated: Path) -> None:
    assert (generated / "truth.json").read_text("utf-8") == (SAMPLE / "truth.json").read_text("utf-8")
