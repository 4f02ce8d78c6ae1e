"""Survey files as responses, guessed mappings, days, and the search for personal data."""

from datetime import date
from pathlib import Path

import pytest

from workbench.errors import BadFile, BadRows, MissingColumn
from workbench.io.survey_csv import FORMAT, guess_mapping, personal_data_columns, read_survey
from workbench.io.tables import read_table
from workbench.model import SurveyMapping

PULSE = SurveyMapping("pulse", respondent=("id",), answered="when", attributes=("customer",))


def survey(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "pulse.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_row_becomes_a_response_and_an_empty_answer_is_not_there(tmp_path):
    path = survey(tmp_path, "id,when,customer,recommend,why,alias\nr1,2026-09-15T10:00:00+02:00,new,9, as it was ,P01\nr2,,,,,\n")
    first, second = read_survey(path, SurveyMapping("pulse", ("id",), "alias", "when", ("customer",)))
    assert (first.id, first.survey, first.respondent, first.participant, first.answered) == ("", "pulse", "r1", "P01", date(2026, 9, 15))
    assert (first.attributes, first.answers) == ({"customer": "new"}, {"recommend": "9", "why": " as it was "})
    assert (second.participant, second.answered, second.attributes, second.answers) == (None, None, {}, {})


def test_several_columns_can_say_who_answered(tmp_path):
    path = survey(tmp_path, "id,wave,q\na,1,x\na,2,y\n")
    assert [r.respondent for r in read_survey(path, SurveyMapping("s", ("id", "wave")))] == ["a / 1", "a / 2"]


def test_only_the_questions_named_and_the_comment_are_answers(tmp_path):
    path = survey(tmp_path, "id,q1,q2,why\na,1,2,slow\n")
    (response,) = read_survey(path, SurveyMapping("s", ("id",), questions=("q2",), comment="why"))
    assert response.answers == {"q2": "2", "why": "slow"}


def test_a_column_that_is_not_there_is_named_with_the_ones_that_are(tmp_path):
    with pytest.raises(MissingColumn, match=r'no column "customer" \(survey "pulse"\).*Did you mean "custmer"'):
        read_survey(survey(tmp_path, "id,when,custmer\na,,\n"), PULSE)


def test_every_bad_row_is_told_at_once_and_the_rest_can_be_imported(tmp_path):
    path = survey(tmp_path, "id,when,customer\na,2026-02-31,new\nb,2026-09-15,new\nb,2026-09-16,new\n,2026-09-16,new\nc,x\n")
    with pytest.raises(BadRows) as caught:
        read_survey(path, PULSE)
    assert [p.split(". ")[0] for p in caught.value.problems] == [
        'row 2, column "when": "2026-02-31" is not a day',
        'row 4, column "id": "b" has answered in row 3 already',
        'row 5, column "id": it is empty',
        "row 6 has 2 cells where the headings have 3",
    ]
    assert [r.respondent for r in read_survey(path, PULSE, skip_bad_rows=True)] == ["b"]


@pytest.mark.parametrize(
    "cells",
    [
        ["2026-09-15", "2026-10-01"],
        ["2026-09-15 23:59:00", "2026-10-01T00:00:00Z"],
        ["2026/09/15 11:05:00 PM GMT+2", "20261001"],
        ["15.9.2026", "1.10.26"],
        ["9/15/2026 14:30", "10/1/2026"],
        ["15/9/2026", "1/10/26"],
        ["46280.53487", "46296"],
    ],
)
def test_days_are_read_in_every_common_spelling(tmp_path, cells):
    path = survey(tmp_path, "id,when,customer\n" + "".join(f"{i},{cell},x\n" for i, cell in enumerate(cells)))
    assert [r.answered for r in read_survey(path, PULSE)] == [date(2026, 9, 15), date(2026, 10, 1)]


@pytest.mark.parametrize(("cells", "says"), [(["9/10/2026"], "no row settles it"), (["9/15/2026", "15/9/2026"], "and the month in")])
def test_the_order_of_day_and_month_is_never_guessed(tmp_path, cells, says):
    path = survey(tmp_path, "id,when,customer\n" + "".join(f"{i},{cell},x\n" for i, cell in enumerate(cells)))
    with pytest.raises(BadFile, match=says):
        read_survey(path, PULSE)


@pytest.mark.parametrize(
    ("name", "respondent", "answered", "first_day", "n"),
    [
        ("qualtrics-sample/inst/extdata/sample.csv", ("ResponseId",), "EndDate", date(2017, 7, 18), 1),
        ("qualtrics-sample/inst/extdata/sample_legacy.csv", ("V1",), "V9", date(2017, 7, 18), 1),
        ("surveymonkey-ospo/2018/results.csv", ("Respondent ID",), "End Date", date(2018, 7, 9), 748),
        ("surveymonkey-ospo/2023/RawData.csv", ("Respondent ID",), "End Date", date(2023, 9, 10), 489),
        ("sus-vr/SUS/sus.csv", ("Participant ID",), "", None, 30),
    ],
)
def test_an_unknown_survey_can_be_read_with_the_guessed_mapping(shared, name, respondent, answered, first_day, n):
    table = read_table(shared(f"data/surveys/{name}"))
    mapping = guess_mapping(table, "guessed")
    assert (tuple(mapping.respondent), mapping.answered) == (respondent, answered)
    responses = read_survey(table.path, mapping)
    assert (len(responses), responses[0].answered) == (n, first_day)


def test_what_the_tool_noted_is_guessed_to_be_no_question(shared):
    mapping = guess_mapping(read_table(shared("data/surveys/qualtrics-sample/inst/extdata/sample.csv")), "q")
    assert mapping.questions == ("Q1", "Q2", "Q2 - Topics")


def test_without_a_column_that_tells_rows_apart_the_row_number_does(tmp_path):
    path = survey(tmp_path, "id,q\na,1\na,2\n")
    mapping = guess_mapping(read_table(path), "s")
    assert (mapping.respondent, [r.respondent for r in read_survey(path, mapping)]) == ((), ["row 2", "row 3"])


def test_columns_that_say_who_somebody_is_are_found_by_heading_and_by_content(tmp_path):
    path = survey(
        tmp_path,
        "id,First Name,mail?,tel,seen from,why,home latitude\n"
        "114321933663,Ana,ana@example.org,0664 1234567,192.168.0.17,fine,48.2\n"
        "114321933664,Ben,,+43 1 5880 10,2001:db8::1,write to ben@example.org,48.3\n",
    )
    assert [(p.column, p.what, p.n_cells) for p in personal_data_columns(read_table(path))] == [
        ("First Name", "names", 2),
        ("mail?", "mail addresses", 1),
        ("tel", "phone numbers", 2),
        ("seen from", "IP addresses", 2),
        ("why", "mail addresses", 1),
        ("home latitude", "coordinates", 2),
    ]


def test_days_ids_scores_and_product_names_are_not_taken_for_personal_data(tmp_path):
    path = survey(tmp_path, "id,day,start,score,version,product name,size\n114321933663,2026-09-15,43290.53487,10,1.2.3,App,251-1000\n")
    assert personal_data_columns(read_table(path)) == []


def test_an_empty_column_of_addresses_is_no_warning(shared):
    found = personal_data_columns(read_table(shared("data/surveys/qualtrics-sample/inst/extdata/sample.csv")))
    assert [p.column for p in found] == ["IPAddress", "LocationLatitude", "LocationLongitude"]
    assert str(found[0]) == 'column "IPAddress" seems to hold IP addresses (1 cell)'


def test_any_csv_may_be_a_survey_and_nothing_else_is():
    assert FORMAT.sniff(Path("a.csv"), b"What do you think?\nnothing\n")
    assert not FORMAT.sniff(Path("a.json"), b'[{"a": 1}]')
