"""What would silently be missing from a map is said."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from workbench.analysis import EventLog, check_study
from workbench.model import (
    Code,
    Codebook,
    CodeKind,
    Journey,
    MeasureKind,
    MeasureSetting,
    Stage,
    StageSetting,
    StudySettings,
    SurveyMapping,
)

TRANSCRIPTS = pd.DataFrame({"kind": ["interview", "ticket"], "speakers_known": [True, False]}, index=["P01", "tickets"])
CODINGS = pd.DataFrame(
    [("1", "P01", "P01", "ana", "Pay", "stage", 0, 40), ("2", "P01", "P01", "ana", "Slot gone", "pain point", 5, 9)],
    columns=["coding", "transcript", "participant", "coder", "code", "kind", "start", "end"],
)
NPS = MeasureSetting("NPS", MeasureKind.NPS, "pay", survey="pulse", questions=("recommend",))


def study(**changed: Any) -> Any:
    settings = {
        "title": "Grocery", "stages": (StageSetting("pay", "Pay", events=("paid",)),), "surveys": (SurveyMapping("pulse", ("id",)),),
        "measures": (NPS,), "segments": ("device",),
    }  # fmt: skip
    parts: dict[str, Any] = {
        "codebook": Codebook([Code("1", "Pay", CodeKind.STAGE)]),
        "participants": pd.DataFrame({"device": ["phone"], "heard": [True]}, index=["P01"]),
        "transcripts": TRANSCRIPTS,
        "codings": CODINGS,
        "personas": [],
        "journeys": [],
        "unreadable": [],
        "responses": pd.DataFrame({"survey": ["pulse"] * 3, "answered": pd.NaT, "recommend": ["9", "10", "3"]}),
        "events": EventLog.from_table(
            pd.DataFrame({"u": ["a"], "e": ["paid"], "t": pd.to_datetime(["2026-10-01"])}), user_col="u", event_col="e", time_col="t"
        ),
    }
    parts.update({k: v for k, v in changed.items() if k in parts})
    settings.update({k: v for k, v in changed.items() if k not in parts})
    return SimpleNamespace(settings=StudySettings(**settings), opportunities=[], **parts)


def test_a_study_in_which_everything_fits_has_nothing_to_say() -> None:
    assert check_study(study()) == []


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"codebook": Codebook([Code("1", "Pay", CodeKind.STAGE), Code("2", "Book", CodeKind.STAGE)])}, 'name of the stage code "Book"'),
        ({"codebook": Codebook([Code("1", "Slot gone", CodeKind.PAIN)])}, 'Stage "Pay" has no code of kind "stage" with its name'),
        ({"transcripts": TRANSCRIPTS.assign(speakers_known=False)}, 'Nobody is known to speak in "P01", so what is coded there counts for nobody'),
        ({"codings": CODINGS.iloc[:0]}, "Nothing is coded yet, so no map and no count speaks for anybody. Put codes on passages in wb.InterviewCoder(study)."),
        ({"codings": CODINGS.iloc[:1]}, "No passage is coded with a stage and with something else"),
        ({"codebook": Codebook([])}, "There are no codes yet. Import them with workbench import codebook.csv"),
        ({"transcripts": TRANSCRIPTS.iloc[:0]}, "No interviews are in the study yet. Bring them in with: workbench import"),
        ({"unreadable": ["The saved journey is damaged."]}, "The saved journey is damaged."),
        ({"journeys": [Journey("1", "Lost", (Stage("pay", "Pay"),), persona="Nora")]}, 'it is the map of the persona "Nora", who is not in the study any more'),
        ({"segments": ("plann",)}, 'segments names "plann", and no participant has such an attribute'),
        ({"stages": (StageSetting("pay", "Pay", events=("payed",)),)}, 'lists "payed" under events, and the event log has none. Its events are "paid"'),
        ({"surveys": (), "measures": ()}, 'Survey "pulse" is imported and study.toml does not say what its columns mean'),
        ({"responses": pd.DataFrame(columns=["survey"])}, 'Measure "NPS" has nothing to measure: no answers to survey "pulse" are imported'),
        ({"measures": (MeasureSetting("Paid", MeasureKind.CONVERSION, "pay", from_event="paid", to_event="paid", by="plattform"),)}, 'no attribute "plattform"'),
        ({"measures": (MeasureSetting("NPS", MeasureKind.NPS, "", survey="pulse", questions=("recommend",)),)}, "names no stage"),
        ({"measures": (MeasureSetting("NPS", MeasureKind.NPS, "pay", survey="pulse", questions=("recomend",)),)}, "recomend"),
    ],
)  # fmt: skip
def test_what_is_not_there_or_does_not_fit_is_named_with_a_way_out(changed: dict[str, Any], says: str) -> None:
    found = check_study(study(**changed))
    assert len(found) == 1
    assert says in found[0]


def test_measures_that_lack_the_same_thing_are_named_in_one_sentence() -> None:
    several = tuple(MeasureSetting(name, MeasureKind.NPS, "pay", survey="pulse", questions=("recommend",)) for name in ("NPS", "Later"))
    assert check_study(study(measures=several, responses=pd.DataFrame(columns=["survey"]))) == [
        'Measures "NPS", "Later" have nothing to measure: no answers to survey "pulse" are imported.'
    ]


def test_a_question_that_nobody_answered_yet_is_named() -> None:
    asked = MeasureSetting("Effort", MeasureKind.CES, "pay", survey="pulse", questions=("effort",))
    (said,) = check_study(study(measures=(asked,)))
    assert said == 'Measure "Effort" has nothing to measure: nobody answered "effort" of survey "pulse". Accepted: recommend.'
