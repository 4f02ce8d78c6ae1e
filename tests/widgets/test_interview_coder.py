"""The widget in Python: nothing of the study in its state, and a form that is left where it cannot live."""

from __future__ import annotations

import json

import pytest

import workbench as wb
from workbench.errors import BadSetting, UnknownTranscript
from workbench.study import Study


def test_no_word_of_the_study_is_in_the_state_that_a_notebook_can_save(study: Study) -> None:
    study.add_coding("P01", "Slot expires", 25, 43, memo="a memo of hers")
    state = {k: v for k, v in wb.InterviewCoder(study, "P01").get_state().items() if k not in ("_esm", "_css")}
    saved = json.dumps(state, default=str)
    assert not [word for word in ("slot", "Mara", "Dana", "memo of hers", "ana", "Groceries") if word in saved]


def test_what_is_left_are_the_coded_excerpts_under_pseudonyms(study: Study) -> None:
    study.add_coding("P01", "Slot expires", 0, 18)
    study.add_coding("P01", "Anxious", 25, 43, intensity=-2)
    html = wb.InterviewCoder(study, "P01")._repr_mimebundle_()[0]["text/html"]
    assert "The slot was gone." in html
    assert "Anxious −2" in html
    assert "Dana" in html
    assert "Mara" not in html
    assert "I waited" not in html


def test_the_whole_transcript_may_be_left_with_its_codes_and_pseudonyms(study: Study) -> None:
    study.add_coding("P01", "Anxious", 25, 43)
    study.add_coding("P01", "Slot expires", 30, 40)
    html = wb.InterviewCoder(study, "P01", leaves="transcript").static_form()
    assert "I waited by the window." in html
    assert 'title="Slot expires (ana), Anxious (ana)"' in html
    assert "Dana" in html
    assert "Mara" not in html
    kept_back = wb.InterviewCoder(study, "P02", leaves="transcript").static_form()
    assert "kept back" in kept_back
    assert "window" not in kept_back


def test_who_does_not_want_to_be_quoted_is_not(study: Study) -> None:
    study.add_coding("P02", "Anxious", 25, 43)
    html = wb.InterviewCoder(study, "P02").static_form()
    assert "slot" not in html
    assert "1 kept back: no consent" in html


def test_the_researcher_may_leave_nothing(study: Study) -> None:
    study.add_coding("P01", "Anxious", 25, 43)
    assert "slot" not in wb.InterviewCoder(study, "P01", leaves="nothing").static_form()
    with pytest.raises(BadSetting, match="everything"):
        wb.InterviewCoder(study, leaves="everything")


def test_what_was_said_is_text_in_what_is_left(study: Study) -> None:
    from workbench.model import Code
    from workbench.store import save_codes

    with study.db.atomic("ana", "a code") as transaction:
        save_codes(transaction, [Code("evil", "<img src=x onerror=alert(1)>", colour="red;}</style><script>")])
    study.add_coding("P01", "<img src=x onerror=alert(1)>", 0, 5)
    html = wb.InterviewCoder(study, "P01").static_form()
    assert "<img" not in html
    assert "<script" not in html


def test_a_transcript_that_is_not_there_is_named(study: Study) -> None:
    with pytest.raises(UnknownTranscript, match="P99"):
        wb.InterviewCoder(study, "P99")


def test_it_begins_with_the_first_transcript_that_is_not_done(study: Study) -> None:
    desk = wb.InterviewCoder(study)._desk
    desk.answer({"id": "1", "op": "done", "transcript": "t1", "done": True})
    assert wb.InterviewCoder(study)._desk.first.name == "P02"
    assert wb.InterviewCoder(study, coder="ben")._desk.first.name == "P01"


def test_a_study_as_it_was_cannot_be_coded(study: Study) -> None:
    from datetime import UTC, datetime

    with pytest.raises(BadSetting, match="what was cannot be changed"):
        wb.InterviewCoder(wb.open_study(study.folder, as_of=datetime.now(UTC)))
