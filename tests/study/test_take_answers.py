"""Answers, tickets and events, each with the person who gave them."""

from __future__ import annotations

from pathlib import Path

import pytest
from miniature import FILES, state, write

from workbench.errors import BadFile, BadRows, MissingColumn
from workbench.study import Study
from workbench.study.importing import ImportOptions, import_files


def test_an_unknown_participant_is_refused_row_by_row_with_a_guess(study: Study, tmp_path: Path) -> None:
    people = write(tmp_path, "people.csv", FILES["people.csv"])
    survey = write(
        tmp_path, "pulse.csv", "id,participant,answered,recommend\nR1,P01,2026-09-01,9\nR2,P0l,2026-09-02,8\nR3,P99,2026-09-02,8\n"
    )
    with pytest.raises(BadRows) as error:
        import_files(study, [people, survey])
    assert error.value.problems == (
        'respondent R2: there is no participant "P0l" in this study. Did you mean "P02"? Or use --new-participants.',
        'respondent R3: there is no participant "P99" in this study. Accepted: P01, P02. Or use --new-participants.',
    )
    assert study.history() == []


def test_an_unknown_participant_is_added_when_asked(study: Study, tmp_path: Path) -> None:
    survey = write(tmp_path, "pulse.csv", "id,participant,answered,recommend\nR1,P01,2026-09-01,9\nR2,P01,2026-09-02,8\n")
    import_files(study, survey, ImportOptions(new_participants=True))
    assert list(study.participants.index) == ["P01"]
    assert list(study.responses["participant"]) == ["P01", "P01"]


def test_bad_rows_of_reading_and_of_matching_are_said_at_once(full: Study, tmp_path: Path) -> None:
    bad = write(
        tmp_path,
        "pulse.csv",
        "id,participant,answered,recommend\n,P01,2026-09-01,9\nR8,P99,2026-09-02,8\nR1,P01,2026-09-01,3\nR9,P01,never,3\n",
    )
    with pytest.raises(BadRows) as error:
        import_files(full, bad)
    assert [p[:20] for p in error.value.problems] == [
        'row 2, column "id": ',
        'row 5, column "answe',
        "respondent R8: there",
        "respondent R1: the s",
    ]
    assert "the study holds other answers of theirs. Undo the import of those first" in error.value.problems[3]


def test_good_answers_come_in_without_the_bad_ones(full: Study, tmp_path: Path) -> None:
    path = write(tmp_path, "pulse.csv", "id,participant,answered,recommend\n,P01,2026-09-01,9\nR8,P99,2026-09-02,8\nR9,P01,2026-09-01,3\n")
    (result,) = import_files(full, path, ImportOptions(skip_bad_rows=True))
    assert (result.n_new, len(result.left_out), result.what) == (1, 2, "survey pulse: 1 answer sheet")


def test_a_survey_lacks_a_column_that_study_toml_names(study: Study, tmp_path: Path) -> None:
    with pytest.raises(MissingColumn, match=r'pulse\.csv: there is no column "answered" \(survey "pulse"\)'):
        import_files(study, write(tmp_path, "pulse.csv", "id,participant,day,recommend\nR1,P01,2026-09-01,9\n"))


def test_a_question_may_be_called_as_a_column_of_ours(study: Study, tmp_path: Path) -> None:
    import_files(study, write(tmp_path, "x.csv", "id,survey,heard\nR1,yes,no\n"), ImportOptions(kind="survey"))
    assert study.responses.iloc[0]["survey"] == "x"


# Tickets


def test_tickets_are_counted_and_read(full: Study) -> None:
    answers = full.responses[full.responses["survey"] == "tickets"]
    assert answers["reason"].value_counts().to_dict() == {"slot expired": 1, "other": 1}
    assert [u.speaker for u in full.load_transcript("tickets").utterances] == ["T1", "T2"]


def test_another_batch_of_the_same_name_is_renamed_first(full: Study, tmp_path: Path) -> None:
    more = write(tmp_path, "tickets.csv", FILES["tickets.csv"] + "T3,2026-09-03,,other,More\n")
    with pytest.raises(BadFile, match="Rename the file: each batch of tickets has its own name"):
        import_files(full, more)
    (result,) = import_files(full, more.rename(more.with_name("tickets-2.csv")))
    assert (result.n_new, result.n_known) == (1, 2)


# Events

BAD = "user_id,event,ts\nu1,visit,2026-09-01\nu2,,2026-09-01\nu3,pay,soon\n"


def test_bad_events_are_said_and_keep_the_others_out(study: Study, tmp_path: Path) -> None:
    before = state(study)
    with pytest.raises(BadRows) as error:
        import_files(study, write(tmp_path, "events.csv", BAD))
    assert [p[:6] for p in error.value.problems] == ["row 3:", "row 4:"]
    assert state(study) == before


def test_events_without_their_bad_rows_can_be_read_ever_after(study: Study, tmp_path: Path) -> None:
    (result,) = import_files(study, write(tmp_path, "events.csv", BAD), ImportOptions(skip_bad_rows=True))
    assert (result.n_new, len(result.left_out)) == (1, 2)
    assert study.events is not None
    assert study.events.n_events == 1


def test_events_that_are_undone_are_gone_and_come_back(study: Study, tmp_path: Path) -> None:
    import_files(study, write(tmp_path, "events.csv", FILES["events.csv"]))
    assert study.events is not None
    study.undo()
    assert study.events is None
    study.redo()
    assert study.events is not None


@pytest.mark.parametrize(("content", "says"), [(None, "is missing"), ("user_id,event,ts\n", "was changed after it was imported")])
def test_an_original_that_is_not_as_it_was_is_named(full: Study, content: str | None, says: str) -> None:
    (source,) = [s for s in full.sources if s.kind == "events"]
    path = full.folder / "datasets" / source.stored_as
    path.unlink()
    if content is not None:
        path.write_text(content)
    with pytest.raises(BadFile, match=rf"the original of events\.csv {says}\. Put it back from a backup, or undo its import"):
        _ = full.events
