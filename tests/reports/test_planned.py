"""What study.toml says of reports becomes pages, and every mistake in it is named before anything runs."""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path

import pytest
from batches import CODINGS, study_with

from workbench.errors import BadSetting, UnknownName
from workbench.model import ReportFormat
from workbench.reports.planned import planned_reports

REPORTS = """
[[report]]
template = "small"
parameters = { n = 3 }
formats = ["pdf"]
time_limit = "2 min"
memory_limit_mb = 500

[[report]]
template = "small"
name = "By customer"
for_each = { segment = "customer", n = [1, 2] }

[[report]]
template = "small"
name = "Personas"
for_each = { persona = "*" }
output = "people/{persona}"
"""


def test_a_report_is_made_once_or_for_each_combination(tmp_path: Path) -> None:
    with closing(study_with(tmp_path, REPORTS, small=CODINGS)) as study:
        planned = planned_reports(study)
        assert [p.name for p in planned] == [
            "small", "by-customer-customer-new-1", "by-customer-customer-new-2", "by-customer-customer-returning-1",
            "by-customer-customer-returning-2", "people/nora",
        ]  # fmt: skip
        assert planned[1].parameters == {"segment": "customer=new", "n": 1}
        assert (planned[0].time_limit_s, planned[0].memory_limit_mb) == (120, 500)
        assert planned[0].formats == (ReportFormat.HTML, ReportFormat.PDF)
        assert planned[5].page(study) == study.folder / "reports" / "people" / "nora.html"
        assert [p.name for p in planned_reports(study, ["Personas", "small"])] == ["small", "people/nora"]


WRONG = {
    'template = "smal"': 'there is no template "smal". Did you mean "small"?',
    'template = "small"\nparameters = { nn = 1 }': 'there is no parameter "nn". Did you mean "n"?',
    'template = "small"\nparameters = { n = "many" }': "parameter \"n\" is 'many', and takes a whole number",
    'template = "small"\nfor_each = { segmnt = "customer" }': 'for_each names "segmnt", which is no parameter of it. Did you mean "segment"?',
    'template = "small"\nfor_each = { segment = "custmer" }': 'no participant has the attribute "custmer". Did you mean "customer"?',
    'template = "small"\noutput = "a/{perona}"\nparameters = { persona = "x" }': 'output names "{perona}", which has no value. Did you mean "persona"?',
    'template = "small"\noutput = "../x"': 'output "../x" is not a name below reports/',
    'template = "small"\noutput = "/x"': 'output "/x" is not a name below reports/',
    'template = "small"\nreads = ["prices.csv", "templates"]': 'report "small", reads: "templates" is a folder, and a change in it would not be seen',
    'template = "small"\nreads = ["datasets/*.csv"]': '"datasets/*.csv" is no file, and what it could stand for is not looked up. Name each file: ',
    'template = "small"\nparameters = { n = 2026-01-01 }': 'parameter "n" is 2026-01-01, and takes a whole number',
    'template = "small"\nfor_each = { n = [1, 2] }\noutput = "x"': "would both be written to reports/x.html",
    'template = "small"\n[[report]]\ntemplate = "small"\nname = "SMALL"': "would both be written to reports/small.html",
}  # fmt: skip


@pytest.mark.parametrize("toml", WRONG)
def test_a_mistake_is_named_with_its_report(tmp_path: Path, toml: str) -> None:
    with closing(study_with(tmp_path, f"[[report]]\n{toml}", small=CODINGS)) as study, pytest.raises(BadSetting) as error:
        planned_reports(study)
    assert WRONG[toml] in str(error.value)
    assert re.search(r"study\.toml", str(error.value))


def test_a_report_that_is_not_there_is_named_with_those_that_are(tmp_path: Path) -> None:
    with closing(study_with(tmp_path, REPORTS, small=CODINGS)) as study, pytest.raises(UnknownName, match='no report "Persona"'):
        planned_reports(study, ["Persona"])


def test_a_value_of_for_each_may_be_a_list_and_is_taken_once(tmp_path: Path) -> None:
    toml = '[[report]]\ntemplate = "small"\nfor_each = { names = [["a"], ["b"], ["a"]] }'
    with closing(study_with(tmp_path, toml, small=CODINGS)) as study:
        source = study.folder / "templates" / "small.ipynb"
        source.write_text(source.read_text("utf-8").replace("n: int = 1", "names: list = []"), encoding="utf-8")
        assert [p.parameters for p in planned_reports(study)] == [{"names": ["a"]}, {"names": ["b"]}]


def test_days_in_a_list_are_text_and_name_their_page(tmp_path: Path) -> None:
    toml = '[[report]]\ntemplate = "small"\nfor_each = { days = [[2026-01-01, 2026-02-01], [2026-03-01]] }'
    with closing(study_with(tmp_path, toml, small=CODINGS)) as study:
        source = study.folder / "templates" / "small.ipynb"
        source.write_text(source.read_text("utf-8").replace("n: int = 1", "days: list = []"), encoding="utf-8")
        planned = planned_reports(study)
    assert [p.parameters for p in planned] == [{"days": ["2026-01-01", "2026-02-01"]}, {"days": ["2026-03-01"]}]
    assert [p.name for p in planned] == ["small-2026-01-01-2026-02-01", "small-2026-03-01"]


def test_a_mistake_in_one_report_does_not_stop_another_that_is_asked_for(tmp_path: Path) -> None:
    toml = '[[report]]\ntemplate = "small"\n[[report]]\ntemplate = "gone"'
    with closing(study_with(tmp_path, toml, small=CODINGS)) as study:
        assert [p.name for p in planned_reports(study, ["small"])] == ["small"]


def test_what_a_parameter_holds_cannot_lead_out_of_the_folder(tmp_path: Path) -> None:
    toml = '[[report]]\ntemplate = "small"\nfor_each = { persona = ["../../x", "..", "a/b", "=A c"] }'
    with closing(study_with(tmp_path, toml, small=CODINGS)) as study:
        assert [p.name for p in planned_reports(study)] == ["small-x", "small-none", "small-a-b", "small-a-c"]
