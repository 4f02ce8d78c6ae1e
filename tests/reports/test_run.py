"""A report is checked before it runs, appears whole or not at all, and gives nobody away."""

from __future__ import annotations

import copy
import hashlib
import html
import json
import os
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import nbformat
import nbformat.v4 as v4
import papermill
import pytest
from miniature import SETTINGS, empty_study, write, write_all

from workbench.errors import (
    BadFile,
    BadParameter,
    BadSetting,
    DiskFull,
    FolderNotWritable,
    MissingTool,
    ReportFailed,
    UnknownName,
    WorkbenchError,
)
from workbench.reports import execute as execute_module
from workbench.reports.locks import LOCK_FILE
from workbench.reports.provenance import RunRecord, fingerprints
from workbench.reports.run import run_report
from workbench.reports.templates.template_files import template_parameters
from workbench.resources import resource
from workbench.store import newest_seq
from workbench.study import Study
from workbench.study.importing import import_files
from workbench.study.sample import make_sample_study

# The sample study, run once.  P09 never agreed to be quoted, and the consent of P03 is over.


@dataclass(frozen=True)
class Made:
    study: Study
    record: RunRecord
    page: str
    inputs: dict[str, str]

    @property
    def words(self) -> str:
        """What the page says, with plain spaces."""
        return re.sub(r"\s+", " ", html.unescape(self.page)).replace("\N{NO-BREAK SPACE}", " ")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    folder = tmp_path_factory.mktemp("run") / "sample study"
    people = (resource("datasets") / "grocery" / "participants.csv").read_text("utf-8")
    with closing(make_sample_study(folder)[0]) as study:
        over = re.sub(r"^(P03,.*,yes,yes),$", r"\1,2026-01-31", people, flags=re.MULTILINE)
        assert over != people
        import_files(study, write(folder.parent, "people.csv", over))
        inputs = fingerprints(study)
        record = run_report("journey_map", study)
        yield Made(study, record, (folder / "reports" / record.output).read_text("utf-8"), inputs)


def quotes(study: Study, *aliases: str) -> set[str]:
    """What they said and somebody coded, as far as it could be told from anybody's words."""
    codings = study.codings
    own = codings[[bool({row.participant, *row.voices} & set(aliases)) for row in codings.itertuples()]]
    return {" ".join(text.split()) for text in own["text"] if len(text) >= 25}


@pytest.mark.parametrize("alias", ["P09", "P03"])
def test_who_did_not_agree_is_counted_and_not_quoted(made: Made, alias: str) -> None:
    theirs = quotes(made.study, alias)
    assert len(theirs) > 20
    assert [text for text in theirs if text in made.words] == []
    pseudonym = made.study.participants.loc[alias, "pseudonym"]
    assert f"{pseudonym} " in re.sub(r"<[^>]+>", " ", made.words), "they are in the list of people"
    assert "counted, not shown: no consent to quote" in made.words


def test_the_others_are_quoted_and_all_twelve_are_counted(made: Made) -> None:
    shown = [text for text in quotes(made.study, "P01", "P05") - quotes(made.study, "P03", "P09") if text in made.words]
    assert len(shown) > 20
    assert "8 of 12" in made.words
    assert "of 11" not in made.words


def test_the_page_says_the_main_findings(made: Made) -> None:
    plain = re.sub(r"<[^>]+>", " ", made.words)
    for said in ("Slot expires while paying", "+27 points", "51 % → 67 %"):
        assert said in plain


def test_no_name_and_no_address_of_a_participant_leaves_the_study(made: Made) -> None:
    rows = (resource("datasets") / "grocery" / "participants.csv").read_text("utf-8").splitlines()[1:]
    secrets = {cell for row in rows for cell in row.split(",")[2:4]}
    secrets |= {word for cell in secrets for word in cell.split()}
    assert len(secrets) > 40
    record = made.record.as_json()
    assert [s for s in secrets if re.search(rf"\b{re.escape(s)}\b", made.words) or s in record] == []


def test_no_place_of_this_machine_is_in_the_page(made: Made) -> None:
    places = {str(made.study.folder), str(made.study.folder.parent), str(Path.home()), sys.prefix, tempfile.gettempdir(), str(Path.cwd())}
    assert [place for place in places if len(place) > 1 and place in made.page] == []
    assert "sample study" in made.words, "its name is there"


def test_the_record_beside_the_page_says_what_it_was_made_from(made: Made) -> None:
    beside = json.loads((made.study.folder / "reports" / "journey_map.json").read_text("utf-8"))
    assert beside == json.loads(made.record.as_json())
    parts = {name: print_ for name, print_ in beside["inputs"].items() if name != "study"}
    assert parts.items() <= made.inputs.items(), "of what it read, and nothing else"
    assert {"settings", "codings", "participants", "responses", "events", "journeys"} <= parts.keys()
    assert not {"memos", "sources"} & parts.keys()
    assert (beside["template"], beside["output"], beside["result"], beside["parameters"]) == ("journey_map", "journey_map.html", "ok", {})
    assert {"workbench", "pandas", "altair", "papermill", "nbconvert"} <= beside["packages"].keys()
    assert beside["python"] == ".".join(map(str, sys.version_info[:3]))
    assert abs((datetime.now(UTC) - datetime.fromisoformat(beside["started"])).total_seconds()) < 600
    assert 0 < beside["duration_s"] < 120
    assert beside["inputs"]["study"][:12] in made.words
    assert beside["output_sha256"] == hashlib.sha256(made.page.encode()).hexdigest()
    assert (beside["engine"], beside["seq"]) == ("fork", newest_seq(made.study.db))
    assert 50 < beside["memory_mb"] < 5000


def test_nothing_is_left_beside_the_page_and_its_record(made: Made) -> None:
    assert {p.name for p in (made.study.folder / "reports").iterdir()} == {"journey_map.html", "journey_map.json", LOCK_FILE}


# Small templates


@pytest.fixture
def study(tmp_path: Path) -> Iterator[Study]:
    with closing(empty_study(tmp_path / "{a} study")) as made:
        yield made


PARAMETERS = 'study_dir: str = "."\nwho: str = "you"  # whom to greet\nn: int = 1'


def template(study: Study, *cells: str, name: str = "small", parameters: str = PARAMETERS) -> Path:
    made = [v4.new_markdown_cell("# Small"), v4.new_code_cell(parameters, metadata={"tags": ["parameters"]})]
    notebook = v4.new_notebook(cells=[*made, *map(v4.new_code_cell, cells)])
    return write(study.folder, f"templates/{name}.ipynb", nbformat.writes(notebook))


def files(study: Study) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in (study.folder / "reports").iterdir() if p.name != LOCK_FILE}


def test_a_parameter_is_used_and_recorded_and_not_given_away(study: Study) -> None:
    template(study, "print('Hello', len(who) * n)")
    record = run_report("small", study, {"who": "s3cr3t value", "n": "2"})
    page = files(study)[record.output].decode()
    assert "Hello 24" in page
    assert "s3cr3t" not in page
    assert record.parameters == {"who": "s3cr3t value", "n": 2}


def test_reports_with_other_parameters_lie_beside_each_other(study: Study) -> None:
    template(study, "1")
    given: list[dict[str, Any]] = [{}, {"who": "a b/c"}, {"who": "2"}, {"n": 2}, {"who": "x" * 200}, {"who": "x" * 201}]
    outputs = [run_report("small", study, values).output for values in given]
    assert outputs[:4] == ["small.html", "small-who-a-b-c.html", "small-who-2.html", "small-n-2.html"]
    assert len(set(outputs)) == 6
    assert max(map(len, outputs)) < 120


def test_a_list_of_days_reaches_the_notebook_and_the_record_as_text(study: Study) -> None:
    template(study, "print('Days', *days)", parameters='study_dir: str = "."\ndays: list = []')
    record = run_report("small", study, {"days": [date(2026, 1, 1), date(2026, 2, 1)]})
    assert "Days 2026-01-01 2026-02-01" in files(study)["small-days-2026-01-01-2026-02-01.html"].decode()
    assert json.loads(record.as_json())["parameters"] == {"days": ["2026-01-01", "2026-02-01"]}


def test_what_a_cell_says_of_this_machine_stays_here(study: Study) -> None:
    """Warnings carry paths of the installation, and a study shows the folder that our runner named."""
    template(
        study, "import warnings, sys; warnings.warn('care' + 'ful'); print('noi' + 'se', file=sys.stderr)", "print(study_dir); study_dir"
    )
    record = run_report("small", study)
    page = files(study)["small.html"].decode()
    assert [place for place in (str(study.folder), tempfile.gettempdir(), "careful", "noise") if place in page] == []
    assert "{a} study" in page
    assert any(note.endswith("UserWarning: careful") for note in record.notes)
    assert "noise" in record.notes
    assert tempfile.gettempdir() not in record.as_json()


def test_a_failing_cell_is_named_and_the_good_page_stays(study: Study) -> None:
    template(study, "print('good')")
    run_report("small", study)
    before = files(study)
    template(study, "a = 41 + 1\na", "b = [\n  1]\nraise ValueError('no [bold] [/] luck.')", "print('never')")
    with pytest.raises(ReportFailed) as error:
        run_report("small", study)
    partial = study.folder / "reports" / "small.partial.ipynb"
    assert str(error.value) == (
        'small, code cell 3 ("b = [") failed with ValueError: no [bold] [/] luck. '
        f"As far as it ran it is in {partial}. The report from before, {partial.with_name('small.html')}, was left as it is."
    )
    assert {name: content for name, content in files(study).items() if name != partial.name} == before
    outputs = [o for c in nbformat.read(partial, as_version=4).cells for o in c.get("outputs", [])]
    assert [o.get("ename", o.get("data", {}).get("text/plain")) for o in outputs] == ["42", "ValueError"]


def test_the_partial_notebook_goes_when_it_works_again(study: Study) -> None:
    template(study, "1 / 0")
    with pytest.raises(ReportFailed, match=r"ZeroDivisionError: division by zero\. .* No report was written"):
        run_report("small", study)
    assert list(files(study)) == ["small.partial.ipynb"]
    template(study, "1 / 1")
    run_report("small", study)
    assert set(files(study)) == {"small.html", "small.json"}


def test_a_kernel_that_dies_is_named_with_its_cell(study: Study) -> None:
    template(study, "a = 1", "import os; os._exit(9)", "b = 1")
    with pytest.raises(ReportFailed, match=r'code cell 3 \("import os; os._exit\(9\)"\) failed with the end of its process'):
        run_report("small", study)


def test_without_a_kernel_it_is_said_what_to_install(study: Study, monkeypatch: pytest.MonkeyPatch) -> None:
    template(study, "1")
    monkeypatch.setattr(execute_module, "KERNEL", "no-such-kernel")
    with pytest.raises(MissingTool, match="Install it with: python -m ipykernel install"):
        run_report("small", study)


def test_what_changes_during_the_run_counts_as_changed(tmp_path: Path) -> None:
    """Else the next run would be spared although the page does not show it."""
    with closing(empty_study(tmp_path / "s", SETTINGS)) as study:
        import_files(study, write_all(tmp_path / "given"))
        before = fingerprints(study)
        template(study, "import workbench as wb; s = wb.open_study(study_dir, coder='x'); s.codings; s.add_coding('P01', 'Anxious', 0, 5)")
        assert run_report("small", study).inputs["codings"] == before["codings"] != fingerprints(study)["codings"]


def test_a_memo_that_is_written_during_the_run_counts_as_changed(tmp_path: Path) -> None:
    with closing(empty_study(tmp_path / "s", SETTINGS)) as study:
        import_files(study, write_all(tmp_path / "given"))
        cell = (
            "import workbench as wb\nfrom workbench.store import load_memos, save_memo\ns = wb.open_study(study_dir, coder='x')\n"
            "load_memos(s.db)\nwith s.db.atomic('x', 'memo') as t: save_memo(t, 'code', s.codebook.find('Anxious').id, 'why?')"
        )
        before = fingerprints(study)
        template(study, cell)
        assert run_report("small", study).inputs["memos"] == before["memos"] != fingerprints(study)["memos"]


# Refused before a kernel starts


@pytest.fixture
def no_kernel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(papermill, "execute_notebook", lambda *_, **__: pytest.fail("a kernel was started"))


@pytest.mark.usefixtures("no_kernel")
@pytest.mark.parametrize(
    ("name", "values", "expected", "says"),
    [
        ("smal", {}, UnknownName, 'there is no template "smal". Did you mean "small"?'),
        ("nonsense", {}, UnknownName, "Accepted: "),
        ("small", {"whom": "x"}, BadParameter, 'small.ipynb: there is no parameter "whom". Did you mean "who"?'),
        ("small", {"n": "many", "x": 1}, BadParameter, 'parameter "n" is \'many\', and takes a whole number. there is no parameter "x"'),
        ("small", {"who": 3}, BadParameter, 'parameter "who" is 3, and takes text'),
        ("small", {"study_dir": "/"}, BadParameter, 'there is no parameter "study_dir"'),
    ],
)
def test_a_wrong_template_or_parameter_is_refused(
    study: Study, name: str, values: dict[str, Any], expected: type[WorkbenchError], says: str
) -> None:
    template(study, "1")
    with pytest.raises(expected) as error:
        run_report(name, study, values)
    assert says in str(error.value)
    assert files(study) == {}


@pytest.mark.usefixtures("no_kernel")
def test_a_folder_is_nothing_that_a_report_can_be_said_to_read(study: Study) -> None:
    template(study, "1")
    with pytest.raises(BadSetting, match='reads: "templates" is a folder, and a change in it would not be seen. Name each file'):
        run_report("small", study, reads=["prices.csv", "templates"])
    assert files(study) == {}


NO_NOTEBOOKS = ["", "\x00", "[]", "null", "{}", '{"cells": 3}', '{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{"a": 1}]}']


@pytest.mark.usefixtures("no_kernel")
@pytest.mark.parametrize("text", NO_NOTEBOOKS)
def test_a_template_that_is_no_notebook_is_named(study: Study, text: str) -> None:
    write(study.folder, "templates/odd.ipynb", text)
    with pytest.raises((BadFile, BadParameter), match=r"odd\.ipynb"):
        run_report("odd", study)


@pytest.mark.usefixtures("no_kernel")
@pytest.mark.parametrize(
    ("parameters", "says"),
    [
        ("x: str =", r'parameters, "x: str =": this is not Python'),
        ("x: str = '''", "this is not Python"),
        ('x: Literal[y] = "y"', 'parameter "x": "y" is not a list of plain values'),
        ("x: dict = {}", '"dict" is not a type for a parameter'),
        ("x: str = open('f')", "its default is not a plain value"),
        ("x = 1", "a parameter needs a type"),
    ],
)
def test_a_template_whose_parameters_cannot_be_read_is_named(study: Study, parameters: str, says: str) -> None:
    template(study, "1", parameters=parameters)
    with pytest.raises(BadParameter, match=says):
        template_parameters("small", study)


@pytest.mark.usefixtures("no_kernel")
def test_a_page_has_a_place_of_its_own(study: Study, tmp_path: Path) -> None:
    template(study, "1")
    write(tmp_path, "file", "x")
    (tmp_path / "folder.html").mkdir()
    for out, says in (("map.json", "Name one that ends in .html"), ("map", "Name one that ends"), ("folder.html", "this is a folder")):
        with pytest.raises(BadFile, match=says):
            run_report("small", study, out=tmp_path / out)
    with pytest.raises(BadFile, match="there is a file where a folder should be"):
        run_report("small", study, out=tmp_path / "file" / "map.html")


# Writing


@pytest.mark.parametrize(("number", "expected"), [(28, DiskFull), (30, FolderNotWritable)])
@pytest.mark.parametrize("ending", [".html.part", ".json.part"])
def test_a_page_that_cannot_be_written_leaves_the_one_from_before(
    study: Study, monkeypatch: pytest.MonkeyPatch, number: int, expected: type[WorkbenchError], ending: str
) -> None:
    path = template(study, "1")
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata.papermill = {"workbench": {"engine": "fork"}}
    monkeypatch.setattr(papermill, "execute_notebook", lambda *_, **__: copy.deepcopy(notebook))
    run_report("small", study)
    before = files(study)
    notebook.cells.append(v4.new_markdown_cell("Something new."))
    monkeypatch.setattr(Path, "write_bytes", fails_for(ending, OSError(number, os.strerror(number))))
    with pytest.raises(expected):
        run_report("small", study)
    assert files(study) == before


def test_a_notebook_that_failed_and_cannot_be_kept_is_named(study: Study) -> None:
    template(study, "1 / 0")
    (study.folder / "reports" / "small.partial.ipynb").mkdir()
    with pytest.raises(BadFile, match=r"small\.partial\.ipynb: this is a folder"):
        run_report("small", study)


def fails_for(ending: str, error: OSError) -> Callable[..., int]:
    write_bytes = Path.write_bytes

    def fail(path: Path, content: bytes) -> int:
        if path.name.endswith(ending):
            write_bytes(path, content[:5])
            raise error
        return write_bytes(path, content)

    return fail


def test_sockets_have_a_short_path_or_are_ports() -> None:
    """A longer path than the system takes for a socket would stop the kernel."""
    assert execute_module._own_sockets("/tmp/wb-x").KernelManager.get("transport") == ("ipc" if os.name == "posix" else None)
    assert "transport" not in execute_module._own_sockets("/tmp/" + "x" * 100).KernelManager
