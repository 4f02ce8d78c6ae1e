"""The overview says what is there, counts whom it counts, and names the next step of any study."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from miniature import FILES, SETTINGS, empty_study, full_study, write_all

from workbench.analysis.saturation import Saturation
from workbench.reports.html.outline import link_to
from workbench.reports.sections.overview_page import OverviewReport, overview_report
from workbench.study import Study
from workbench.study.importing import import_files

ON = date(2026, 11, 1)


def report(study: Study) -> OverviewReport:
    return overview_report(study, on=ON)


def texts(block: Any) -> list[list[str]]:
    return [[cell["text"] for cell in row] for row in block.data["rows"]]


def test_people_are_counted_by_segment_with_their_consent(tmp_path: Path) -> None:
    with closing(full_study(tmp_path)) as study:
        assert texts(report(study).people()) == [
            ["Everyone", "all", "2", "1", "2"],
            ["Customer", "new", "1", "1", "1"],
            ["Customer", "returning", "1", "0", "1"],
        ]


def test_what_was_collected_has_its_n_and_its_days(tmp_path: Path) -> None:
    with closing(full_study(tmp_path)) as study:
        rows = texts(report(study).collected())
    assert rows[0][:3] == ["Interviews", "2", "37 words"]
    assert ["pulse", "3", "2 from participants who were recruited", "1 Sep 2026", "3 Sep 2026"] in rows
    assert ["Events", "3", "2 users, 2 kinds of event", "1 Sep 2026", "2 Sep 2026"] in rows


def test_the_coding_shows_what_each_interview_brought(tmp_path: Path) -> None:
    with closing(full_study(tmp_path)) as study:
        made = report(study)
        first, second = texts(made.coding())
    assert first[4:] == ["ana", "3", "2", "2"], "the stage is not counted as a code"
    assert second[4:] == ["ben", "1", "1", "0"]
    assert made.coding().data["title"] == "All interviews are coded"
    assert "Too few" in made._saturation_title()


def test_the_next_step_of_a_study_with_nothing_is_to_say_what_it_asks(tmp_path: Path) -> None:
    with closing(empty_study(tmp_path / "study")) as study:
        made = report(study)
        assert made.steps[0].startswith("Say in study.toml what the study asks")
        assert any("workbench import interviews" in step for step in made.steps)
        assert made.next_steps().data["kind"] == "warning"
        assert made.saturation() is None
        for block in (made.summary(), made.about(), made.people(), made.collected(), made.coding(), made.made(), made.method()):
            assert block.text


def test_what_is_imported_and_not_coded_is_the_next_step(tmp_path: Path) -> None:
    with closing(empty_study(tmp_path / "study", SETTINGS)) as study:
        import_files(study, [p for p in write_all(tmp_path / "files") if p.stem in ("people", "P01", "P02", "codes")])
        made = report(study)
        assert made.coding().data["title"] == "0 of 2 interviews are coded"
        assert any("Nothing is coded yet" in step for step in made.steps)


def test_interviews_that_still_bring_new_codes_are_a_reason_to_hear_more_people(tmp_path: Path) -> None:
    def steps(n_new: int) -> str:
        with closing(full_study(tmp_path / str(n_new))) as study:
            made = report(study)
            made.__dict__["_saturation"] = Saturation(4, 2, 0.05, n_base=40, n_new=n_new, reached=None)
            return " ".join(made.steps)

    assert "Hear more people, or say why these are enough: the last two interviews still brought nine new codes." in steps(9)
    assert "Hear more people" not in steps(2)


def test_a_map_without_goals_and_scope_lacks_them(tmp_path: Path) -> None:
    with closing(full_study(tmp_path)) as study:
        assert any("goals and scope under [study]" in step for step in report(study).steps)


def test_consent_is_asked_for_the_day_of_the_report(tmp_path: Path) -> None:
    people = "id,pseudonym,customer,consent_quote,consent_until\nP01,Mara,new,yes,2026-10-01\nP02,Joon,returning,yes,\n"
    with closing(full_study(tmp_path, people=people)) as study:
        assert texts(overview_report(study, on=date(2026, 10, 1)).people())[0][3:] == ["2", "2"]
        assert texts(overview_report(study, on=date(2026, 10, 2)).people())[0][3:] == ["1", "1"]


@pytest.mark.parametrize("files", [(), ("people", "P01", "P02", "codes"), tuple(Path(name).stem for name in FILES)])
def test_every_number_of_the_summary_leads_to_its_table(tmp_path: Path, files: tuple[str, ...]) -> None:
    with closing(empty_study(tmp_path / "study", SETTINGS)) as study:
        import_files(study, [p for p in write_all(tmp_path / "files") if p.stem in files])
        made = report(study)
        titles = [b.data["title"] for b in (made.about(), made.people(), made.collected(), made.coding())]
        links = {f["href"] for f in made.summary().data["findings"]} - {""}
    assert links <= {link_to(title) for title in titles}
    assert bool(links) == bool(files)


def test_what_people_saved_is_named_and_the_rest_leads_to_its_report(tmp_path: Path) -> None:
    with closing(full_study(tmp_path)) as study:
        rows = {row[0]: row[1:] for row in texts(report(study).made())}
    assert rows["Personas"] == ["1", "Nora", "persona_profile"]
    assert rows["Opportunities"] == ["1", "hold the slot? (proposed)", "opportunities"]
    assert rows["Journey maps"][0] == "0"
