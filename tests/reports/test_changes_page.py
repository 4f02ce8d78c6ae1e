"""What changed since a moment: what came, what became of the codes, and whether a measure moved by more than chance."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from miniature import FILES, empty_study, full_study, write, write_all

from workbench.errors import BadParameter
from workbench.reports.blocks import Block, Outline, render_block
from workbench.reports.sections.changes_page import WhatChanged, what_changed
from workbench.store.codebook_edits import merge_codes
from workbench.study import Study
from workbench.study.importing import import_files

SETTINGS = """
[study]
title = "Slots"

[[stage]]
id = "check_out"
name = "Check out"

[[survey]]
id = "pulse"
file = "pulse.csv"
respondent = "id"
participant = "participant"
answered = "answered"

[[measure]]
name = "NPS"
kind = "nps"
stage = "check_out"
survey = "pulse"
question = "recommend"
"""
THEN, BETWEEN, NOW = (datetime(2026, 11, day, tzinfo=UTC) for day in (1, 10, 20))
DAY = date(2026, 11, 21)
PULSE = "id,participant,answered,recommend\n"
OLD = PULSE + "".join(f"R{i},,2026-09-01,{10 if i % 2 else 0}\n" for i in range(40))
NEW = PULSE + "".join(f"S{i},,2026-11-15,10\n" for i in range(40))


@pytest.fixture
def study(tmp_path: Path) -> Iterator[Study]:
    """Mara's interview on the first of November; Joon's, forty happy answers and a merged code on the twentieth."""
    with closing(empty_study(tmp_path / "study", SETTINGS)) as made:
        made.db.clock = lambda: THEN
        first = {"people": "".join(FILES["people.csv"].splitlines(True)[:2]), "codings": "".join(FILES["codings.csv"].splitlines(True)[:4])}
        files = {p.name: p for p in write_all(tmp_path / "then", **first, pulse=OLD)}
        codes = write(tmp_path / "then", "codes.csv", FILES["codes.csv"] + "Slot lost,pain point,,The same\n")
        import_files(made, [files["people.csv"], files["P01.txt"], codes, files["codings.csv"], files["pulse.csv"]])
        made.db.clock = lambda: NOW
        placed = FILES["codings.csv"] + "P02,ben,Check out,Nobody keeps a slot for me,,\n"
        files = {p.name: p for p in write_all(tmp_path / "now", codings=placed)}
        lost = write(tmp_path / "now", "more.csv", "transcript,coder,code,quote\nP01,ben,Slot lost,I left\n")
        import_files(made, [files["people.csv"], files["P02.txt"], files["codings.csv"], files["tickets.csv"]])
        import_files(made, [write(tmp_path / "later", "pulse.csv", NEW), lost])
        yield made


def changed(study: Study, since: datetime | date | str | None = BETWEEN) -> WhatChanged:
    return what_changed(study, since=since, on=DAY)


def html(block: Block | None) -> str:
    assert block is not None
    return str(render_block(block.name, block.data, Outline())).replace("\N{NO-BREAK SPACE}", " ")


def test_one_callout_says_what_came_and_what_moved(study: Study) -> None:
    text = changed(study).block().text
    assert "Since 10 November 2026: 1 interview, 40 answer sheets, 2 support tickets and 3 codings" in text
    assert "NPS 0 → +50 (clearly better)" in text


def test_nothing_changed_is_one_sentence(study: Study) -> None:
    made = changed(study, "2026-11-21")
    assert not made
    assert made.block().text == "What changed: Since 21 November 2026, nothing changed in this study."
    assert made.summary().data["strong"] == "Since 21 November 2026, nothing changed in this study."
    assert [made.arrived(), made.codes(), made.quotes(), made.measures(), made.map()] == [None] * 5


def test_left_out_it_is_a_week_before_the_last_change(study: Study) -> None:
    assert changed(study, None).since == datetime(2026, 11, 13, tzinfo=UTC)


def test_what_came_is_compared_with_what_was_there_and_not_with_itself(study: Study) -> None:
    [nps] = changed(study).measure_changes
    assert nps.then
    assert nps.now
    assert nps.came
    assert nps.difference
    assert (nps.then.n, nps.came.n, nps.now.n) == (40, 40, 80)
    assert nps.difference.value == pytest.approx(100)
    assert nps.better


def test_a_measure_without_new_answers_is_left_out(study: Study) -> None:
    assert changed(study, datetime(2026, 11, 20, 12, tzinfo=UTC)).measure_changes == []


def test_a_merged_a_renamed_and_a_new_code_are_told_apart(study: Study, tmp_path: Path) -> None:
    ids = {c.name: c.id for c in study.codebook}
    study.db.clock = lambda: datetime(2026, 11, 21, tzinfo=UTC)
    with study.db.atomic("ana", "merge") as transaction:
        merge_codes(transaction, ids["Slot lost"], ids["Slot expires"])
    import_files(study, [write(tmp_path, "codes.csv", "name,kind\nWaits,action\n")])
    told = {(c.change, c.before, c.code) for c in changed(study, datetime(2026, 11, 20, tzinfo=UTC)).code_changes}
    assert told == {("merged", "Slot lost", "Slot expires"), ("came", "", "Waits")}


def test_new_words_honour_consent_and_names_are_pseudonyms(study: Study) -> None:
    made = changed(study)
    page = html(made.arrived()) + html(made.map()) + html(made.quotes())
    assert "1 new quote from Joon" in page
    assert "Minjae" not in page
    assert "Nobody keeps a slot" not in page


def test_a_study_that_was_empty_then_says_that_all_is_new(study: Study) -> None:
    made = changed(study, date(2026, 10, 1))
    assert "The study was empty then, so everything in it is new." in made.block().text
    assert "There was no map then" in html(made.map())


def test_an_empty_study_and_one_without_measures_have_a_page(tmp_path: Path) -> None:
    with closing(empty_study(tmp_path / "empty")) as none, closing(full_study(tmp_path)) as full:
        assert "nothing changed" in what_changed(none, on=DAY).summary().data["strong"]
        assert what_changed(full, on=DAY).arrivals.participants == ("P01", "P02")


def test_a_day_that_is_none_is_refused(study: Study) -> None:
    with pytest.raises(BadParameter, match="last week"):
        changed(study, "last week")
