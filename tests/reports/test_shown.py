"""A report that was made anew begins with what is new on it, told against the last page of other data."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from batches import OPEN, add_template
from miniature import FILES, full_study, write

from workbench.model import ReportFormat
from workbench.reports.run import run_report
from workbench.store import load_runs
from workbench.study import Study
from workbench.study.importing import import_files

MAP = f"{OPEN}\nreport = wb.journey_report(study)\nreport.summary()", "report.map()", "report.people()"


@pytest.fixture
def study(tmp_path: Path) -> Iterator[Study]:
    with closing(full_study(tmp_path)) as made:
        add_template(made, "small", *MAP)
        yield made


def news(study: Study) -> str:
    """What the page says is new; empty where it says nothing of that."""
    run_report("small", study)
    page = (study.folder / "reports" / "small.html").read_text("utf-8")
    found = re.search(r'<section class="block since">(.*?)</section>', page, re.DOTALL)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", found[1]))).strip() if found else ""


def test_the_first_page_has_nothing_new(study: Study) -> None:
    assert news(study) == ""


def test_new_statements_quotes_and_numbers_are_named_with_what_they_were(study: Study) -> None:
    news(study)
    text = "name,kind,valence,definition\nWalks away,pain point,,Leaves for good\n"
    import_files(study, write(study.folder.parent / "later", "codes.csv", FILES["codes.csv"] + text.splitlines()[1] + "\n"))
    passage = study.load_transcript("P01").text.index("I left")
    study.add_coding("P01", "Walks away", passage, passage + 6)
    study.add_coding("P01", "Check out", passage, passage + 6)
    said = news(study)
    assert "New on this page 1 Walks away Check out · Pain points · 1 of 2" in said
    assert "New quotes 1 “I left” Mara" in said
    assert "People · Passages coded · 2 → 3" in said


def test_what_is_gone_is_named_and_quotes_that_are_gone_are_only_counted(study: Study) -> None:
    news(study)
    (gone,) = [c for c in study.load_codings() if c.text == "Nobody keeps a slot for me"]
    import_files(study, write(study.folder.parent / "later", "people.csv", FILES["people.csv"].replace("yes", "no")))
    said = news(study)
    assert "1 quote of the page before is no longer shown." in said
    assert "slot was gone" not in said
    assert gone.text not in said


def test_made_again_of_the_same_data_it_is_the_same_page(study: Study) -> None:
    news(study)
    study.add_coding("P01", "Anxious", 0, 5)
    first = news(study)
    page = (study.folder / "reports" / "small.html").read_bytes()
    assert first.startswith("What is new since the report before")
    assert news(study) == first
    assert (study.folder / "reports" / "small.html").read_bytes() == page


def test_a_change_that_the_page_does_not_show_is_said_to_be_none(study: Study) -> None:
    news(study)
    codes = FILES["codes.csv"].replace("The slot is gone", "It ran out")
    import_files(study, write(study.folder.parent / "later", "codes.csv", codes))
    assert news(study).endswith("UTC. Nothing that this page shows is different.")


@pytest.mark.parametrize(("old", "new"), [('"data_of": "2', '"data_of": "last 2'), ('"started": "', '"started": "about ')])
def test_a_page_with_a_damaged_record_is_made_as_if_it_were_the_first(study: Study, old: str, new: str) -> None:
    news(study)
    record = study.folder / "reports" / "small.json"
    record.write_text(record.read_text("utf-8").replace(old, new), "utf-8")
    study.add_coding("P01", "Anxious", 0, 5)
    assert news(study) == ""


def test_the_store_keeps_of_what_was_shown_only_the_measures(study: Study) -> None:
    run_report("small", study)
    beside = json.loads((study.folder / "reports" / "small.json").read_text("utf-8"))
    (run,) = load_runs(study.db)
    assert set(run["record"]["shown"]) == {"measures"}
    assert beside["shown"]["items"]
    assert "slot was gone" not in json.dumps(beside), "quotes are named by their anchors"


def test_a_form_that_is_no_longer_wanted_goes_with_the_page_that_it_was_of(study: Study) -> None:
    run_report("small", study, formats=[ReportFormat.MARKDOWN])
    own = write(study.folder, "reports/small.txt", "mine")
    assert "Slots" in (study.folder / "reports" / "small.md").read_text("utf-8")
    run_report("small", study)
    assert not (study.folder / "reports" / "small.md").exists()
    assert own.exists()
