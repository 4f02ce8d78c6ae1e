"""What goes out is whole, says aliases and not names, and comes in again as it was."""

from __future__ import annotations

import errno
import json
import os
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from miniature import empty_study, write, write_all

from workbench.errors import BadFile, DiskFull
from workbench.io.codebook import write_codebook
from workbench.study import Study
from workbench.study.exporting import export_study
from workbench.study.importing import import_files
from workbench.study.sample import make_sample_study

SECRETS = ("Helena", "Voss", "Minjae", "Baek", "example.org")


def said(study: Study) -> set[tuple[Any, ...]]:
    """Every coding without the ids, which differ from study to study."""
    transcripts = {t.id: t.name for t in study.load_transcripts()}
    book = study.codebook
    return {
        (transcripts[c.transcript], book.path(book.by_id(c.code)), c.coder, c.start, c.end, c.text, c.memo, c.intensity)
        for c in study.load_codings()
    }


def test_codings_come_in_again_as_they_went_out(full: Study, tmp_path: Path) -> None:
    """Emoji, formulas, apostrophes, line ends and an emotion without an intensity of its own."""
    for memo in ("=SUM(A1)", "'so'", "two\nlines", "[bold]", ' "q", x', "-1"):
        full.add_coding("P01", "Anxious", len(memo), 40, memo=memo)
    full.add_coding("P02", "Anxious", 3, 20, intensity=2)
    assert export_study(full, tmp_path / "codings.csv").endswith("codings.csv: 11 codings")
    write_codebook(full.codebook, tmp_path / "book.csv")
    with closing(empty_study(tmp_path / "fresh")) as fresh:
        words = [p for p in write_all(tmp_path / "again") if p.name in ("people.csv", "P01.txt", "P02.txt")]
        import_files(fresh, [*words, tmp_path / "book.csv", tmp_path / "codings.csv"])
        assert said(fresh) == said(full)


def test_all_codings_of_the_sample_study_come_in_again(tmp_path: Path) -> None:
    with closing(make_sample_study(tmp_path / "sample")[0]) as sample, closing(empty_study(tmp_path / "fresh")) as fresh:
        export_study(sample, tmp_path / "codings.csv")
        write_codebook(sample.codebook, tmp_path / "book.json")
        originals = [sample.folder / "datasets" / s.stored_as for s in sample.sources if s.kind in ("participants", "interview")]
        for source, path in zip(sample.sources, originals, strict=False):
            write(tmp_path / "words", source.name, path.read_bytes())
        settings = (sample.folder / "study.toml").read_text("utf-8")
        write(fresh.folder, "study.toml", settings)
        with closing(Study(fresh.folder, sample.settings, fresh.db, coder="ana")) as reread:
            import_files(reread, [*(tmp_path / "words").iterdir(), tmp_path / "book.json", tmp_path / "codings.csv"])
            assert len(said(reread)) == 1376
            assert said(reread) == said(sample)


def test_the_whole_study_goes_out_as_json_with_aliases_instead_of_names(full: Study, tmp_path: Path) -> None:
    assert "aliases instead of names; the words are all in it" in export_study(full, tmp_path / "all.json")
    text = (tmp_path / "all.json").read_text("utf-8")
    whole = json.loads(text)
    assert [p["alias"] for p in whole["participants"]] == ["P01", "P02"]
    assert {name: len(whole[name]) for name in ("transcripts", "codes", "codings", "responses", "personas", "opportunities")} == {
        "transcripts": 3, "codes": 3, "codings": 4, "responses": 5, "personas": 1, "opportunities": 1,
    }  # fmt: skip
    assert [secret for secret in SECRETS if secret in text] == []


def test_no_name_and_no_address_is_among_exported_codings(full: Study, tmp_path: Path) -> None:
    export_study(full, tmp_path / "codings.csv")
    text = (tmp_path / "codings.csv").read_text("utf-8")
    assert [secret for secret in SECRETS if secret in text] == []


def test_a_study_without_codings_goes_out_as_a_heading(study: Study, tmp_path: Path) -> None:
    export_study(study, tmp_path / "none.csv")
    assert (tmp_path / "none.csv").read_text("utf-8").splitlines() == ["transcript,coder,code,start,end,quote,intensity,memo,at_ms"]


@pytest.mark.parametrize("name", ["study.xlsx", "study", "study.db"])
def test_another_extension_is_refused_with_what_can_be_written(full: Study, tmp_path: Path, name: str) -> None:
    with pytest.raises(BadFile, match=r"a study cannot be written as .*Use \.csv for the codings or \.json for everything"):
        export_study(full, tmp_path / name)


@pytest.mark.parametrize("name", ["out.csv", "out.json"])
def test_a_place_that_is_none_is_said_once(full: Study, tmp_path: Path, name: str) -> None:
    with pytest.raises(BadFile, match="the folder that it should go to does not exist") as error:
        export_study(full, tmp_path / "nowhere" / name)
    assert str(error.value).count(name) == 1


@pytest.mark.parametrize("name", ["out.csv", "out.json"])
def test_a_disk_that_fills_up_leaves_the_export_from_before(
    full: Study, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    path, write_bytes = write(tmp_path, name, "from before"), Path.write_bytes

    def half(unfinished: Path, content: bytes) -> None:
        write_bytes(unfinished, content[:4])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_bytes", half)
    with pytest.raises(DiskFull, match=f"{name}: the disk is full"):
        export_study(full, path)
    assert path.read_text() == "from before"
    assert [p.name for p in tmp_path.iterdir() if p.name.endswith(".part")] == []
