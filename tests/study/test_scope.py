"""Whose words a map may show, and whom it is about, from files to journey."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest
from miniature import FILES, SETTINGS, empty_study, write

import workbench as wb
from workbench.errors import UnknownName
from workbench.model import Journey
from workbench.reports.sections.journey_page import journey_report
from workbench.study import Study
from workbench.study.importing import import_files

GROUP = '[[interview]]\nfile = "group.txt"\nkind = "focus group"\nspeakers = { Mara = "P01", Joon = "P02", Zoe = "P03" }\n'
PEOPLE = FILES["people.csv"].replace("consent_quote", "consent_quote,consent_until").replace("yes\n", "yes,\n").replace("no\n", "no,\n")
TALK = (
    "Moderator: Well?\nMara: My slot was gone.\nJoon: This is for your ears only.\nZoe: Mine was gone too.\n"
    "Moderator: And then?\nMara: I left.\nJoon: Nothing.\nZoe: Me too.\n"
)
PERSONAS = """{"personas": [
  {"name": "New", "segment": {"customer": "new"}},
  {"name": "Nobody yet", "segment": {"customer": "lapsed"}},
  {"name": "No such attribute", "segment": {"shoe_size": "44"}}]}"""


@pytest.fixture
def study(tmp_path: Path) -> Iterator[Study]:
    given = tmp_path / "given"
    files = [
        write(given, "people.csv", f"{PEOPLE}P03,Zoe,,,new,yes,2026-06-30\n"),
        write(given, "group.txt", TALK),
        write(given, "codes.csv", FILES["codes.csv"]),
        write(given, "synthesis.json", PERSONAS),
    ]
    with closing(empty_study(tmp_path / "study", f"{SETTINGS}\n{GROUP}")) as made:
        import_files(made, files)
        text = made.load_transcript("group").text
        for words in ("My slot was gone.", "I left.\nJoon: Nothing.", "Mine was gone too."):
            for code in ("Check out", "Slot expires"):
                made.add_coding("group", code, text.index(words), text.index(words) + len(words))
        yield made


def quotable(journey: Journey) -> dict[str, bool]:
    statement = next(s for c in journey.cells for s in c.statements if s.code == "Slot expires")
    return {" ".join(q.text.split()): q.quotable for q in statement.quotes}


ALL = {"My slot was gone.": True, "I left. Joon: Nothing.": False, "Mine was gone too.": True}


def test_a_passage_that_runs_on_into_the_words_of_somebody_who_refused_is_not_shown(study: Study) -> None:
    """It begins with Mara, who agreed, and ends with Joon, who did not."""
    voices = study.codings.set_index("text")["voices"]
    assert voices["I left.\nJoon: Nothing."].iloc[0] == ("P01", "P02")
    assert quotable(wb.build_journey(study, on=date(2026, 6, 1))) == ALL


def test_nor_is_it_shown_in_a_segment_without_them(study: Study) -> None:
    journey = wb.build_journey(study, segment="customer=new", on=date(2026, 6, 1))
    assert journey.participants == ("P01", "P03")
    assert quotable(journey) == ALL


@pytest.mark.parametrize(("day", "may"), [(date(2026, 6, 30), True), (date(2026, 7, 1), False)])
def test_consent_ends_with_its_last_day(study: Study, day: date, may: bool) -> None:
    assert quotable(wb.build_journey(study, on=day))["Mine was gone too."] is may


def test_a_persona_that_stands_for_nobody_yet_stops_no_report(study: Study) -> None:
    assert wb.build_journey(study, "Nobody yet").n_of == 0
    views = {v.label: v.journey.n_of for v in journey_report(study).views if v.group == "persona"}
    assert views == {"New": 2, "No such attribute": 0, "Nobody yet": 0}


def test_a_segment_that_nobody_is_in_is_a_mistake(study: Study) -> None:
    with pytest.raises(UnknownName, match='no participant with customer = "lapsed"'):
        wb.build_journey(study, segment="customer=lapsed")


def test_a_persona_and_a_segment_narrow_each_other(study: Study, tmp_path: Path) -> None:
    devices = write(tmp_path, "devices.csv", "id,pseudonym,device\nP01,Mara,phone\nP03,Zoe,computer\n")
    import_files(study, devices)
    assert wb.build_journey(study, "New").participants == ("P01", "P03")
    assert wb.build_journey(study, "New", "device=computer").participants == ("P03",)
