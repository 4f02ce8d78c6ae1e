"""Every starter makes a study, and a draft that data complete."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from workbench.analysis.journey_rebuilding import rebuild_journey
from workbench.analysis.touchpoints import touchpoint_analysis
from workbench.errors import UnknownName
from workbench.io.study_toml import read_settings
from workbench.model import Cell, CodeKind, Journey, Lane, LaneKind, Quote, Statement
from workbench.resources import resource
from workbench.study import new_study
from workbench.study.starters import draft_journey, find_starter, starter_names

INDUSTRIES = [
    "big-retail", "cafe-chain", "car-dealer", "device-maker", "e-commerce", "healthcare", "lodging", "restaurant", "saas", "telecom", "travel",
]  # fmt: skip


def test_there_is_one_for_each_industry() -> None:
    assert starter_names() == INDUSTRIES
    with pytest.raises(UnknownName, match='there is no starter "restaurants". Did you mean "restaurant"'):
        find_starter("restaurants")


@pytest.mark.parametrize("name", INDUSTRIES)
def test_it_begins_a_study_with_stages_and_a_codebook(name: str, tmp_path: Path) -> None:
    starter = find_starter(name)
    study = new_study(tmp_path / "study", "Mine", coder="ana", starter=starter)
    stages = [s.name for s in study.settings.stages]
    assert stages == [c.name for c in study.codebook.of_kind(CodeKind.STAGE)] == [s.name for s in starter.stages]
    assert {c.kind for c in study.codebook} >= {
        CodeKind.TOUCHPOINT,
        CodeKind.CHANNEL,
        CodeKind.EMOTION,
        CodeKind.PAIN,
        CodeKind.DELIGHT,
        CodeKind.NEED,
    }
    assert study.history()[0].action == f'begin with the starter "{starter.title}"'
    study.undo()
    assert len(study.codebook) == 0
    study.close()


@pytest.mark.parametrize("name", INDUSTRIES)
def test_its_measures_can_be_read_when_their_hashes_are_taken_away(name: str, tmp_path: Path) -> None:
    new_study(tmp_path / "study", "Mine", starter=find_starter(name)).close()
    path = tmp_path / "study" / "study.toml"
    before, heading, measures = path.read_text("utf-8").partition("# What is often measured here")
    survey = '[[survey]]\nid = "pulse"\nrespondent = "response_id"\n'
    path.write_text(
        before + survey + heading + re.sub(r"(?m)^# (?=\[\[measure|[a-z_]+ = )", "", measures.partition("# Where the study is kept")[0]),
        encoding="utf-8",
    )
    assert {m.name for m in read_settings(path).measures} >= {m["name"] for m in find_starter(name).measures}


@pytest.mark.parametrize("name", INDUSTRIES)
def test_it_asks_without_leading_and_calls_itself_a_hypothesis(name: str) -> None:
    starter = find_starter(name)
    questions = [q for s in starter.stages for q in s.questions]
    assert all(s.questions and s.touchpoints and s.description for s in starter.stages)
    assert all("?" in q or q.startswith(("Tell me", "Show me", "Take me", "Walk me")) for q in questions)
    assert not [q for q in questions if re.search(r"\b(?:don't you|isn't it|how (?:bad|good|annoying|easy|difficult))\b", q, re.IGNORECASE)]
    text = (resource("datasets") / "starters" / f"{name}.toml").read_text("utf-8")
    assert text.startswith(
        f"# A starter for `workbench new my-study --starter {name}`.  Everything in it is a hypothesis to be tested with data"
    )


def test_a_draft_is_all_assumed_and_data_complete_it() -> None:
    draft = draft_journey(find_starter("restaurant"))
    assert all(s.assumed and s.asserted_by == "starter “Restaurant”" for c in draft.cells for s in c.statements)
    quote = Quote("c1", "P01", "P01", 0, 4, "Ring ring", coders=("ana",))
    heard = Statement("Nobody picks up the phone", evidence=(quote,), code="Nobody picks up the phone", said_by=("P01",), n_of=3)
    lane = "Pain points"
    built = Journey(
        "", "Mine", draft.stages, (Lane(LaneKind.PAIN, lane),), (Cell("book", lane, (heard,)),), n_of=3, participants=("P01", "P02", "P03")
    )
    first, *others = rebuild_journey(draft, built).cell("book", lane).statements
    assert (first.text, first.n, first.assumed) == ("Nobody picks up the phone", 1, False)
    assert others
    assert all(s.assumed for s in others)


def test_the_touchpoints_of_a_draft_have_channels_before_anybody_spoke_of_them() -> None:
    table = touchpoint_analysis(draft_journey(find_starter("telecom"))).set_index("touchpoint")
    assert (table.loc["Hotline menu", "channels"], bool(table.loc["Hotline menu", "online"])) == (("Phone",), False)
    assert set(table["n"]) == {0}
