"""An empathy map on the page: eight fields, quotation marks only around somebody's words, and what people wrote laid over it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import nbformat.v4 as v4
import pytest
from browser import serious_violations
from miniature import empty_study, full_study, write
from playwright.sync_api import Browser

from workbench.analysis.empathy import build_empathy_map
from workbench.errors import BadSetting, UnknownName
from workbench.model import Basis, EmpathyMap, Note, Quadrant, Statement
from workbench.reports.blocks import Block
from workbench.reports.html.exporter import render_html
from workbench.reports.run import run_report
from workbench.reports.sections.empathy_page import EmpathyReport, empathy_report
from workbench.store import save_document
from workbench.study import Study
from workbench.study.importing import import_files
from workbench.study.sample import make_sample_study

ON = date(2026, 11, 1)
MARAS, JOONS = "the slot was gone", "Nobody keeps a slot for me"
HOSTILE = "<img src=x onerror=alert(1)>"
#: The room on a sheet of A4 across, in CSS pixels.
SHEET = {"width": 1032, "height": 703}


@pytest.fixture
def study(tmp_path: Path) -> Iterator[Study]:
    with closing(full_study(tmp_path)) as made:
        yield made


def keep(study: Study, map: EmpathyMap) -> None:
    with study.db.atomic("ana", "an empathy map") as transaction:
        save_document(transaction, map)


def with_note(map: EmpathyMap, id: str, **changed: Any) -> EmpathyMap:
    """The map with one statement changed."""
    notes = tuple(Note(n.quadrant, replace(n.statement, **changed)) if n.statement.id == id else n for n in map.notes)
    assert notes != map.notes
    return replace(map, notes=notes)


def field(report: EmpathyReport, quadrant: Quadrant) -> dict[str, dict[str, Any]]:
    found = report.map().data["fields"][quadrant]
    return {item["text"]: item for item in [*found["items"], *found["more"]]}


def blocks_of(report: EmpathyReport) -> list[Block]:
    made = [report.summary(), report.map(), report.problem_statements(), report.differences(), report.people(), report.method()]
    return [block for block in made if block]


def page_of(blocks: list[Block]) -> str:
    return render_html(
        v4.new_notebook(cells=[v4.new_code_cell("", outputs=[v4.new_output("execute_result", data=b._repr_mimebundle_())]) for b in blocks])
    )


# Quotation marks, consent


def test_only_somebodys_own_words_stand_in_quotation_marks(study: Study) -> None:
    report = empathy_report(study, on=ON)
    says = field(report, Quadrant.SAYS)[MARAS]
    assert (says["quoted"], says["mark"], says["n"]) == (True, "observed", [2, 2])
    assert not any(item["quoted"] for q in Quadrant if q != Quadrant.SAYS for item in field(report, q).values())
    assert f"“{MARAS}”" in page_of([report.map()])


def test_a_quote_says_that_the_count_is_of_its_code_and_not_of_these_words(study: Study) -> None:
    page = page_of([empathy_report(study, on=ON).map()])
    assert "spoke of “Slot expires”, one in these words" in page
    assert "one in these words" not in page_of([empathy_report(study, participant="P01", on=ON).map()]), "it is one person's"


def test_where_no_words_may_be_shown_the_code_stands_without_quotation_marks(study: Study) -> None:
    report = empathy_report(study, participant="P02", on=ON)
    says = field(report, Quadrant.SAYS)["Slot expires"]
    assert (says["quoted"], says["mark"], says["quotes"]) == (False, "inferred", [])
    assert JOONS not in page_of(blocks_of(report)) + json.dumps([b.text for b in blocks_of(report)])


def test_words_that_somebody_put_in_place_of_a_quote_are_not_called_a_quote(study: Study) -> None:
    keep(study, with_note(build_empathy_map(study), "says/Slot expires", text="It just went", reworded_by="ben"))
    item = field(empathy_report(study, on=ON), Quadrant.SAYS)["It just went"]
    assert (item["quoted"], item["mark"]) == (False, "observed")
    assert "worded by ben; the code is “Slot expires”" in item["rests_on"]


def test_a_note_written_by_hand_in_words_of_who_no_longer_agrees_does_not_show_them(study: Study, tmp_path: Path) -> None:
    built = build_empathy_map(study)
    quotes = tuple(q for n in built.notes for q in n.statement.quotes if q.participant == "P01")
    keep(
        study,
        replace(built, notes=(Note(Quadrant.HEARS, Statement(MARAS, evidence=quotes[:1], said_by=("P01",), n_of=2, asserted_by="ana")),)),
    )
    import_files(study, write(tmp_path / "more", "people.csv", "id,pseudonym,customer,consent_quote\nP01,Mara,new,no\n"))
    assert MARAS not in page_of(blocks_of(empathy_report(study, on=ON)))


def test_feelings_carry_their_mean_interval_and_n(study: Study) -> None:
    anxious = field(empathy_report(study, on=ON), Quadrant.FEELS)["Anxious"]
    assert (anxious["mark"], anxious["n"], anxious["measures"][0]["value"]) == ("inferred", [1, 2], "−2.0")


# What people saved


def test_what_people_took_off_is_not_shown_and_counted(study: Study) -> None:
    keep(study, with_note(build_empathy_map(study), "pains/Slot expires", hidden=True))
    report = empathy_report(study, on=ON)
    assert field(report, Quadrant.PAINS) == {}
    assert "1 note was taken off the map by hand" in report.method().text


def test_a_note_of_the_team_is_called_assumed(study: Study) -> None:
    own = Note(Quadrant.HEARS, Statement("Friends say it is dear", Basis.ASSUMED, asserted_by="ana"))
    keep(study, replace(build_empathy_map(study, segment="customer=new"), notes=(own,)))
    assert field(empathy_report(study, on=ON), Quadrant.HEARS) == {}, "the map was saved of other people"
    item = field(empathy_report(study, segment="customer=new", on=ON), Quadrant.HEARS)["Friends say it is dear"]
    assert (item["mark"], item["from"]) == ("assumed", "the word of ana; no participant said it")


def test_a_persona_is_found_by_what_stands_before_its_comma_and_its_saved_map_with_it(study: Study) -> None:
    keep(study, replace(build_empathy_map(study, persona="Nora"), problem="Nora needs a slot that stays"))
    report = empathy_report(study, persona="nora", on=ON)
    assert report.summary().data["strong"] == "Nora needs a slot that stays"
    with pytest.raises(UnknownName):
        empathy_report(study, persona="Nobody")
    with pytest.raises(BadSetting):
        empathy_report(study, persona="Nora", participant="P01")


# Problems, and two maps


def test_a_problem_statement_says_what_it_lacks(study: Study) -> None:
    block = empathy_report(study, on=ON).problem_statements()
    assert block is not None
    (row,) = block.data["rows"]
    assert (row["stage"], row["item"]["text"], row["lacks"]) == (
        "Check out",
        "People need … because slot expires",
        "nobody's need was coded here",
    )


def test_a_problem_that_people_wrote_stands_as_they_wrote_it(study: Study) -> None:
    keep(study, replace(build_empathy_map(study, stage="check_out"), problem="They need time"))
    block = empathy_report(study, on=ON).problem_statements()
    assert block is not None
    assert [(row["item"]["text"], row["proposed"]) for row in block.data["rows"]] == [("They need time", False)]


def test_two_maps_of_different_people_are_told_apart_with_an_interval(study: Study) -> None:
    block = empathy_report(study, persona="Nora", compare_with="customer=returning", on=ON).differences()
    assert block is not None
    rows = {row[0]["text"]: [cell["text"] for cell in row[1:]] + [row[-1]["note"]] for row in block.data["rows"]}
    assert rows["Anxious"] == ["Feels", "1 of 1", "0 of 1", "+100", "−12 to +100"]
    assert rows["Slot expires"][:3] == ["Says, pains", "1 of 1", "1 of 1"]


def test_two_maps_that_share_people_get_no_interval(study: Study) -> None:
    block = empathy_report(study, persona="Nora", compare_with="everyone", on=ON).differences()
    assert block is not None
    assert "some people stand behind both maps" in block.data["caption"]
    assert [c["label"] for c in block.data["columns"]] == ["Note", "Field", "Nora", "Everyone"]
    assert empathy_report(study, on=ON).differences() is None


def test_where_nobody_was_heard_the_page_says_so(tmp_path: Path) -> None:
    with closing(empty_study(tmp_path / "empty")) as nothing:
        report = empathy_report(nothing, on=ON)
        assert report.summary().data["lede"].startswith("Nobody was heard yet")
        assert (report.people(), report.problem_statements()) == (None, None)


# On the page


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Study]:
    with closing(make_sample_study(tmp_path_factory.mktemp("empathy") / "grocery")[0]) as made:
        yield made


@pytest.fixture(scope="module")
def file(sample: Study) -> Path:
    """The template, run once, on everyone in the sample study, beside a persona; on it a note that is an attack."""
    own = Note(Quadrant.HEARS, Statement(HOSTILE, Basis.ASSUMED, asserted_by=HOSTILE, note=HOSTILE))
    keep(sample, EmpathyMap("", HOSTILE, (own,), problem=HOSTILE))
    record = run_report("empathy_map", sample, {"compare_with": "Nora"})
    return sample.folder / "reports" / record.output


def test_the_template_shows_the_map_its_problems_and_the_other_one(file: Path) -> None:
    html = file.read_text("utf-8")
    for said in ("Each note opens to its evidence", "Problem statements", "Beside Nora", "12 participants, by pseudonym"):
        assert said in html


def test_who_did_not_agree_is_counted_and_not_quoted(sample: Study, file: Path) -> None:
    words = {row.text for row in sample.codings.itertuples() if "P09" in row.voices and len(row.text) > 25}
    html = file.read_text("utf-8")
    assert len(words) > 20
    assert [w for w in words if w in html] == []
    assert "of 12</span>" in html


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_with_everything_open(chromium: Browser, file: Path, scheme: str) -> None:
    context = chromium.new_context(color_scheme=scheme, bypass_csp=True)  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(file.as_uri())
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert serious_violations(page) == []
    context.close()


@pytest.mark.parametrize("width", [400, 800, 1280])
def test_nothing_runs_nothing_is_fetched_and_nothing_scrolls_sideways(chromium: Browser, file: Path, width: int) -> None:
    page = chromium.new_page(viewport={"width": width, "height": 900})
    trouble: list[str] = []
    page.on("console", lambda message: trouble.append(message.text))
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("dialog", lambda dialog: (trouble.append(dialog.message), dialog.dismiss()))
    page.on("request", lambda request: None if request.url.startswith("file:") else trouble.append(request.url))
    page.goto(file.as_uri())
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("main img").count() == 0
    assert trouble == []
    page.close()


def test_on_a_wide_screen_the_fields_stand_around_the_head_and_on_a_narrow_one_in_a_list(chromium: Browser, file: Path) -> None:
    for width, says_beside_thinks in ((1280, True), (400, False)):
        page = chromium.new_page(viewport={"width": width, "height": 900})
        page.goto(file.as_uri())
        says, thinks = (page.locator(f".field.{q}").bounding_box() for q in ("says", "thinks"))
        assert says is not None
        assert thinks is not None
        assert (says["y"] == thinks["y"]) is says_beside_thinks
        page.close()


def test_a_note_opens_to_its_quotes_without_javascript(chromium: Browser, file: Path) -> None:
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(file.as_uri())
    note = page.locator(".field.says details.known").first
    note.locator("summary").click()
    assert note.locator("blockquote").first.is_visible()
    context.close()


def test_the_map_prints_on_one_page_across(chromium: Browser, file: Path) -> None:
    page = chromium.new_page(viewport=SHEET)  # type: ignore[arg-type]
    page.goto(file.as_uri())
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    box = page.locator(".empathy").bounding_box()
    assert box is not None
    assert box["height"] <= SHEET["height"]
    assert page.evaluate("[...document.querySelectorAll('.empathy .field')].every(f => f.scrollWidth <= f.clientWidth + 1)")
    page.close()
