"""What a table file is read as, and what is said when it cannot be."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import BadFile, BadSetting, MissingColumn
from workbench.io.bad_cells import truth
from workbench.io.tables import find_delimiter, head_columns, read_table, unhold, write_table

SPECTRUM = "data/formats/csv-spectrum"
SURVEYS = "data/surveys"


def table(tmp_path: Path, text: str, name: str = "t.csv", encoding: str = "utf-8", **read_as):
    path = tmp_path / name
    path.write_bytes(text.encode(encoding))
    return read_table(path, **read_as)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found_even_where_cells_hold_the_others(tmp_path, delimiter):
    found = table(tmp_path, delimiter.join(["id", "said", "n"]) + "\n" + delimiter.join(["1", '"a, b; c|d\te"', '"3,5"']) + "\n")
    assert (found.delimiter, found.rows) == (delimiter, [{"id": "1", "said": "a, b; c|d\te", "n": "3,5"}])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_the_encoding_is_found_and_shown(tmp_path, encoding):
    found = table(tmp_path, "id;Qualität\n1;schön\n", encoding=encoding)
    assert found.rows == [{"id": "1", "Qualität": "schön"}]
    assert found.how.endswith("semicolon between cells, 1 heading row")
    assert found.encoding.startswith(encoding.removesuffix("-sig"))


def test_row_numbers_count_headings_blank_rows_and_cells_of_several_lines_as_a_spreadsheet_does(tmp_path):
    found = table(tmp_path, 'id,said\n1,"two\nlines"\n\n2,x\n')
    assert list(found.row_numbers) == [2, 4]
    assert found.rows[0]["said"] == "two\nlines"


def test_what_was_decided_can_be_overridden(tmp_path):
    found = table(tmp_path, "a;b,c\nd;e,f\n1;2,3\n", delimiter=";", header_rows=2)
    assert (found.columns, found.headings["a"], found.rows) == (["a", "b,c"], "d", [{"a": "1", "b,c": "2,3"}])
    with pytest.raises(BadSetting, match="Use 1, 2 or 3"):
        table(tmp_path, "a,b\n", header_rows=0)


def test_a_first_line_that_names_the_delimiter_is_no_heading(tmp_path):
    found = table(tmp_path, "sep=;\nid;a,b\n1;x\n")
    assert (found.columns, found.row_numbers) == (["id", "a,b"], [3])


def test_rows_that_do_not_fit_the_headings_are_named_and_left_out(tmp_path):
    found = table(tmp_path, "a,b\n1,2\n3\n4,5,6\n7,8,\n")
    assert [r["a"] for r in found.rows] == ["1", "7"]
    assert found.problems[3].startswith("row 3 has 1 cell where the headings have 2.")
    assert found.problems[4].startswith("row 4 has 3 cells where the headings have 2.")


def test_headings_that_are_the_same_or_missing_get_names_and_are_reported(tmp_path):
    found = table(tmp_path, "a,a,,a (2),\n1,2,3,4,\n")
    assert found.rows == [{"a": "1", "a (3)": "2", "column 3": "3", "a (2)": "4"}]
    assert len(found.notes) == 2


def test_a_quotation_mark_that_is_never_closed_is_an_error_and_not_one_long_cell(tmp_path):
    with pytest.raises(BadFile, match=r"row 3 \(up to line 4\) cannot be divided into cells"):
        table(tmp_path, 'a,b\n1,2\n3,"open\n4,5\n')


def test_a_cell_may_be_longer_than_csv_allows_by_itself(tmp_path):
    assert len(table(tmp_path, "a,b\n1," + "x" * 300_000 + "\n").rows[0]["b"]) == 300_000


@pytest.mark.parametrize("name", ["comma_in_quotes", "empty", "empty_crlf", "escaped_quotes", "json", "newlines", "newlines_crlf",
                                  "quotes_and_newlines", "simple", "simple_crlf", "utf8"])  # fmt: skip
def test_the_csv_spectrum_reads_as_its_json(shared, name):
    expected = json.loads(shared(f"{SPECTRUM}/json/{name}.json").read_text("utf-8").replace("\\r\\n", "\\n"))
    assert read_table(shared(f"{SPECTRUM}/csvs/{name}.csv")).rows == expected


def test_the_csv_spectrum_file_whose_json_is_another_row_keeps_its_columns(shared):
    found = read_table(shared(f"{SPECTRUM}/csvs/location_coordinates.csv"))
    assert found.rows[0]["Cities"] == "Modesto"
    assert found.rows[0]["Location Coordinates"].endswith('17.9"W')


def test_qualtrics_has_three_heading_rows(shared):
    found = read_table(shared(f"{SURVEYS}/qualtrics-sample/inst/extdata/sample.csv"))
    assert (found.header_rows, found.row_numbers, len(found.columns)) == (3, [4], 20)
    assert found.headings["Q2"] == "This is a free text question."
    assert found.rows[0]["Q2"] == "Hello World!"


def test_qualtrics_had_two_heading_rows_and_a_column_without_a_name(shared):
    found = read_table(shared(f"{SURVEYS}/qualtrics-sample/inst/extdata/sample_legacy.csv"))
    assert (found.header_rows, len(found.columns), found.headings["V1"]) == (2, 15, "ResponseID")
    assert found.rows[0][found.need("response id")] == "R_2YPOQ602ER1jkf1"


@pytest.mark.parametrize(
    ("year", "n_rows", "depth", "name", "wording"),
    [
        ("2018/results", 748, 2, "How many people work for your company or organization?", None),
        ("2022/RawData", 1048, 3, "Q1_1", "Where is your organization on its open source journey? (select all that apply) / "
         "Consuming open source code in products or services"),
        ("2023/RawData", 489, 3, "q1 / Not involved in open source", "Where is your organization on its open source journey? "
         "(select all that apply) / Not involved in open source"),
    ],
)  # fmt: skip
def test_surveymonkey_has_two_or_three_heading_rows_with_a_question_above_its_options(shared, year, n_rows, depth, name, wording):
    found = read_table(shared(f"{SURVEYS}/surveymonkey-ospo/{year}.csv"))
    assert (len(found.rows), found.header_rows, found.problems) == (n_rows, depth, {})
    assert found.headings[name] == (wording or name)


def test_a_plain_survey_has_one_heading_row_of_whole_questions(shared):
    found = read_table(shared(f"{SURVEYS}/sus-vr/SUS/sus.csv"))
    assert (len(found.rows), found.header_rows, found.columns[2]) == (30, 1, "I found the system unnecessarily complex")


def test_limesurvey_headings_are_codes_and_questions(tmp_path):
    found = table(tmp_path, '"id. Response ID","G01Q02[SQ001]. How satisfied? [Speed]"\n1,5\n')
    assert found.columns == ["id", "G01Q02[SQ001]"]
    assert found.headings["G01Q02[SQ001]"] == "How satisfied? [Speed]"


def test_a_file_of_headings_only_has_no_rows(tmp_path):
    assert table(tmp_path, "a,b\n").rows == []


def test_json_objects_are_rows_and_their_values_text(tmp_path):
    found = table(tmp_path, '[{"a": 1, "b": null}, 3, {"a": "x", "c": true}]', "t.json")
    assert found.rows == [{"a": "1", "b": "", "c": ""}, {"a": "x", "b": "", "c": "true"}]
    assert (found.row_numbers, list(found.problems), found.how) == ([1, 3], [2], "utf-8, JSON")


@pytest.mark.parametrize(("text", "says"), [("{", "line 1, column 2"), ('{"a": 1}', "not a list of objects"), ("[" * 99_999, "too deeply")])
def test_json_that_is_no_table_is_refused_with_the_place(tmp_path, text, says):
    with pytest.raises(BadFile, match=says):
        table(tmp_path, text, "t.json")


def test_a_column_is_found_whatever_its_capitals_and_signs_and_its_absence_says_what_there_is(tmp_path):
    found = table(tmp_path, "Don't use,Colour\nx,y\n")
    assert found.find("dont_use") == "Don't use"
    with pytest.raises(MissingColumn, match='there is no column "colours".*Did you mean "Colour"'):
        found.need("colours")


def test_sniffing_sees_the_columns_of_a_head_that_is_cut_off():
    assert head_columns(Path("a.csv"), 'id;Consent quote\n1;"ye'.encode("utf-16")) == {"id", "consentquote"}
    assert head_columns(Path("a.json"), b'[{"code": "x", "verbatim_quote": "y') == {"code", "verbatimquote"}
    assert head_columns(Path("a.csv"), b"\xff\xfe\x00\x00\x80") is not None


def test_a_text_without_delimiters_is_one_column():
    assert find_delimiter("name\nDana\n") == ","


cells = st.text(st.characters(exclude_characters="\r\0", exclude_categories=["Cs", "Cc"]) | st.sampled_from("=+-@\t'\"\n,;"))


@given(rows=st.lists(st.tuples(cells, cells), min_size=1))
@pytest.mark.parametrize("suffix", [".csv", ".tsv"])
def test_what_is_written_reads_back_exactly_formulas_and_apostrophes_too(tmp_path_factory, suffix, rows):
    path = tmp_path_factory.mktemp("t") / f"t{suffix}"
    write_table(path, ["n", "a", "b"], [{"n": "x", "a": a, "b": b} for a, b in rows])
    back = read_table(path, header_rows=1)
    assert [(unhold(r["a"]), unhold(r["b"])) for r in back.rows] == rows


@pytest.mark.parametrize("formula", ["=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(1)", "\t=1+1", "'=1"])
def test_no_cell_written_begins_like_a_formula(tmp_path, formula):
    write_table(tmp_path / "t.csv", ["a"], [{"a": formula}, {"a": -1}])
    written = (tmp_path / "t.csv").read_text()
    assert written.splitlines()[1].lstrip('"').startswith("'")
    assert written.splitlines()[2] == "-1"


def test_writing_to_an_unknown_extension_is_refused(tmp_path):
    with pytest.raises(BadFile, match=r"Use \.csv, \.tsv or \.json"):
        write_table(tmp_path / "t.xls", ["a"], [])


@pytest.mark.parametrize(("cell", "means"), [("Yes", True), (" true ", True), ("1", True), ("no", False), ("0", False), ("maybe", None)])
def test_yes_and_no_have_three_spellings_each(cell, means):
    assert truth(cell) is means
