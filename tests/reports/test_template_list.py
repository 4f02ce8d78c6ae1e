"""Templates are listed with what they need, begun from one that runs at once, and drawn from a page that they made."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from xml.etree import ElementTree

import nbformat
import pytest
from miniature import empty_study, full_study, write

from workbench.errors import BadFile
from workbench.reports.run import run_report
from workbench.reports.template_pictures import Part, draw_template, parts_of, sketch
from workbench.reports.templates.template_gallery import write_gallery
from workbench.reports.templates.template_list import list_templates, new_template, picture_of
from workbench.resources import resource
from workbench.study import Study


@pytest.fixture
def study(tmp_path: Path) -> Iterator[Study]:
    with closing(full_study(tmp_path)) as made:
        yield made


def test_every_template_of_workbench_says_what_it_is_shows_and_needs_and_has_a_picture() -> None:
    found = list_templates()
    assert [t.name for t in found] == sorted(p.stem for p in resource("templates").glob("*.ipynb"))
    assert [t.name for t in found if not (t.title and t.description and t.needs and t.picture) or t.problem or t.own] == []


def test_pictures_are_of_templates_that_are_there() -> None:
    pictures = sorted(p.stem for p in (resource("templates") / "thumbnails").iterdir())
    assert pictures == [t.name for t in list_templates()]


def test_a_study_s_own_template_takes_the_place_of_the_one_of_workbench(study: Study) -> None:
    write(study.folder, "templates/funnel.ipynb", (resource("templates") / "journey_map.ipynb").read_text(encoding="utf-8"))
    write(study.folder, "templates/odd.ipynb", "{")
    found = {t.name: t for t in list_templates(study.folder)}
    assert (found["funnel"].own, found["funnel"].title) == (True, "Journey map")
    assert "it is not a notebook" in found["odd"].problem


def test_a_new_template_runs_on_a_study_with_much_or_nothing_in_it(study: Study, tmp_path: Path) -> None:
    with closing(empty_study(tmp_path / "empty")) as empty:
        for one, seen in ((study, "In their words"), (empty, "Nothing that may be quoted")):
            path = new_template(one.folder, "weekly_pulse")
            record = run_report("weekly_pulse", one)
            page = (one.folder / "reports" / record.output).read_text(encoding="utf-8")
            assert path == one.folder / "templates" / "weekly_pulse.ipynb"
            assert nbformat.read(path, as_version=4).cells[0].source.startswith("# Weekly pulse\n")
            assert seen in page
            assert "Nobody keeps a slot" not in page


@pytest.mark.parametrize("name", ["funnel", "what_changed", "one_pager"])
def test_a_template_runs_and_shows_nobody_who_did_not_agree(study: Study, name: str) -> None:
    record = run_report(name, study)
    page = (study.folder / "reports" / record.output).read_text(encoding="utf-8")
    assert record.result == "ok"
    assert "Slots" in page
    assert "Nobody keeps a slot" not in page


@pytest.mark.parametrize("name", ["journey_map", "a/b", "..", "", "-x"])
def test_a_name_that_is_taken_or_none_is_refused(study: Study, name: str) -> None:
    with pytest.raises(BadFile):
        new_template(study.folder, name)


def test_what_somebody_wrote_is_never_written_over(study: Study) -> None:
    path = new_template(study.folder, "mine")
    path.write_text("mine", encoding="utf-8")
    with pytest.raises(BadFile, match="already"):
        new_template(study.folder, "mine.ipynb")
    assert path.read_text(encoding="utf-8") == "mine"


def test_a_picture_shows_the_blocks_of_a_page_in_their_order(study: Study) -> None:
    new_template(study.folder, "mine")
    page = study.folder / "page.html"
    run_report("mine", study, out=page)
    kinds = [part.kind for part in parts_of(page.read_text(encoding="utf-8"))]
    assert kinds == ["summary", "table", "chart", "quotes", "method"]
    assert draw_template("mine", study) == picture_of(study.folder / "templates" / "mine.ipynb")


def test_a_sketch_is_a_picture_that_stands_alone_whatever_is_on_the_page() -> None:
    kinds = [
        "summary",
        "table",
        "chart",
        "quotes",
        "callout",
        "method",
        "journey",
        "one-pager",
        "empathy",
        "opportunity-board",
        "persona",
        "words",
        "new",
    ]
    for n in (0, 1, 50):
        for kind in kinds:
            root = ElementTree.fromstring(sketch([Part(kind, n)]))
            inside = [float(r.get("x", 0)) + float(r.get("width", 0)) for r in root.iter("{http://www.w3.org/2000/svg}rect")]
            assert max(inside) <= 240, kind
    assert not re.search(r"href|url\(|script", sketch([Part(k, 3) for k in kinds]))


def test_the_gallery_is_one_file_with_a_card_each(study: Study, tmp_path: Path) -> None:
    new_template(study.folder, "mine")
    write_gallery(list_templates(study.folder), tmp_path / "out" / "gallery.html")
    page = (tmp_path / "out" / "gallery.html").read_text(encoding="utf-8")
    assert page.count('src="data:image/svg+xml;base64,') == len(list_templates())
    assert "No picture yet: workbench templates draw mine" in page
    assert "workbench report one_pager" in page
    assert "http://" not in re.sub(r"data:[^\"]+", "", page).replace("http://www.w3.org", "")
