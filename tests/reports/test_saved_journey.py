"""What people wrote on a map is laid over what the data say, and the page says whose is which."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from miniature import full_study
from sqlalchemy import update

from workbench.errors import BadSetting, UnknownName
from workbench.model import (
    Basis,
    Cell,
    Consent,
    Feeling,
    Journey,
    JourneyKind,
    JourneyState,
    Lane,
    LaneKind,
    MomentOfTruth,
    Quote,
    Stage,
    Statement,
    Step,
    Transition,
)  # fmt: skip
from workbench.reports.blocks import Outline, render_block
from workbench.reports.sections.journey_page import JourneyReport, journey_report
from workbench.reports.sections.map_block import without_hidden
from workbench.reports.sections.map_steps import channel_of
from workbench.store import remove_document, save_document, save_participants
from workbench.store.schema import document
from workbench.study import Study, open_study
from workbench.widgets.journey_desk import JourneyDesk
from workbench.widgets.journey_map import JourneyMap

REWORDED = Statement("The slot is gone too soon", code="Slot expires", reworded_by="ana", id="check_out/Pain points/Slot expires")
SAVED = Journey(
    "map-1",
    "How a slot is lost",
    stages=(Stage("check_out", "Check out", problem="People need a slot that waits."), Stage("after", "Tell others")),
    lanes=(Lane(LaneKind.PAIN, "Pain points"), Lane(LaneKind.CUSTOM, "Open questions")),
    cells=(
        Cell("check_out", "Pain points", (REWORDED,)),
        Cell("check_out", "Open questions", (Statement("<b>On a tablet, too?</b>", Basis.ASSUMED, asserted_by="ana"),)),
    ),
    steps=(Step("s1", "check_out", "Choose a slot", touchpoint="Slot picker", channel="app", online=True, significance=4),),
    feelings=(Feeling("check_out", None, hand_set=-1.5),),
    moments=(MomentOfTruth("after", "Shows the app to a friend", "We hear of it."),),
    transitions=(Transition("check_out", "after", quality="Two days of silence"),),
)


@pytest.fixture
def study(tmp_path: Path) -> Iterator[Study]:
    with closing(full_study(tmp_path)) as made:
        yield made


def save(study: Study, *journeys: Journey) -> None:
    with study.db.atomic("ana", "save a map") as transaction:
        for journey in journeys:
            save_document(transaction, journey)


def report(study: Study, **asked: Any) -> JourneyReport:
    return journey_report(study, on=date(2026, 11, 1), **asked)


def html(made: JourneyReport) -> str:
    block = made.map()
    return str(render_block(block.name, block.data, Outline()))


def lane(made: JourneyReport, name: str) -> dict[str, Any]:
    return next(row for row in made.map().data["lanes"] if row["name"] == name)


def test_the_map_saved_for_the_same_people_is_laid_over_every_view(study: Study) -> None:
    save(study, SAVED)
    made = report(study)
    assert made.summary().data["title"] == "How a slot is lost"
    assert len(made.views) > 2
    assert all("The slot is gone too soon" in [s.text for c in v.journey.cells for s in c.statements] for v in made.views)
    assert "laid over" in made.method().text


def test_without_a_saved_map_of_these_people_nothing_is_laid_over(study: Study) -> None:
    save(study, replace(SAVED, persona="Nora"))
    assert report(study).saved is None
    assert report(study, persona="Nora").saved is not None


def test_a_saved_map_whose_persona_was_removed_says_how_to_get_it_back(study: Study) -> None:
    save(study, replace(SAVED, persona="Nora"))
    (nora,) = study.personas
    with study.db.atomic("ana", "remove Nora") as transaction:
        remove_document(transaction, nora.id)
    with pytest.raises(BadSetting, match='map of the persona "Nora", who is not in the study any more. Take back what removed') as stopped:
        report(study, journey="map-1")
    assert 'wb.JourneyMap(study, "How a slot is lost", persona="another persona")' in str(stopped.value)
    assert str(stopped.value) in report(study).to_know().text, "the map of everyone is shown, and says it too"
    study.undo()
    assert report(study, journey="map-1").journey.persona == "Nora"


def test_a_map_is_given_to_another_persona_where_its_own_was_removed(study: Study) -> None:
    save(study, replace(SAVED, persona="Gone"))
    with pytest.raises(BadSetting, match="who is not in the study any more"):
        JourneyDesk(study, coder="ana", title="How a slot is lost")
    with pytest.raises(BadSetting, match="who is not in the study any more"):
        JourneyMap(study, study.journeys[0])
    desk = JourneyDesk(study, coder="ana", title="How a slot is lost", persona="Nora")
    assert desk.answer({"id": "1", "op": "fill", "of": "about", "values": {"scope": "Berlin"}})["ok"]
    (kept,) = study.journeys
    assert (kept.id, kept.persona, kept.scope) == ("map-1", "Nora", "Berlin")
    assert "The slot is gone too soon" in [s.text for c in kept.cells for s in c.statements]


def test_a_map_that_cannot_be_read_stops_no_other(study: Study) -> None:
    save(study, SAVED, replace(SAVED, id="map-2", title="Damaged"))
    with study.db.engine.begin() as connection:
        connection.execute(update(document).where(document.c.id == "map-2").values(body={"id": "map-2", "title": 7}))
    made = report(study)
    assert made.journey.title == "How a slot is lost"
    assert 'The saved journey "Damaged" cannot be read and is left out' in made.to_know().text
    with pytest.raises(BadSetting, match='journey "Damaged": it cannot be shown. The saved journey "Damaged" cannot be read'):
        report(study, journey="Damaged")
    assert "cannot be read" in JourneyDesk(study, coder="ana").state()["trouble"][0]
    with pytest.raises(BadSetting, match="Or begin another"):
        JourneyDesk(study, coder="ana", title="Damaged")


def test_the_map_of_a_day_is_the_map_of_then_and_says_so(study: Study) -> None:
    """What was saved since is not on it, and whoever withdrew since is not quoted."""
    then = datetime.fromisoformat(study.history()[0].at)
    save(study, SAVED)
    with study.db.atomic("ana", "withdraw") as transaction:
        save_participants(transaction, [replace(p, consent=Consent(quote=False)) for p in study.load_participants()])
    with closing(open_study(study.folder, as_of=then)) as past:
        made = report(past)
        assert made.saved is None
        assert f"as it was at the end of {then:%-d %B %Y}" in made.summary().data["kicker"]
        assert "the consent to be quoted of today" in made.method().text
        assert "the slot was gone" not in html(made)
        assert "Slot expires" in html(made)


def test_a_map_on_which_nobody_is_heard_does_not_speak_as_a_finding(study: Study) -> None:
    with closing(open_study(study.folder, as_of="2020-01-01")) as empty:
        made = report(empty)
        assert made.summary().data["strong"] == "Nothing that people said is on this map yet, so it holds no finding of theirs."
        assert "No interviews are in the study yet." in made.to_know().text
        assert "nobody was heard yet" in html(made)


def test_a_saved_map_is_found_by_title_or_id_and_brings_its_people(study: Study) -> None:
    save(study, replace(SAVED, persona="Nora"), replace(SAVED, id="map-2", title="Phones", segment="customer = new"))
    assert report(study, journey="how a SLOT is lost").journey.persona == "Nora"
    assert report(study, journey="map-2").journey.segment == "customer = new"
    with pytest.raises(UnknownName, match="saved journey"):
        report(study, journey="No such map")
    with pytest.raises(BadSetting, match="it is the map of Nora, not of customer = new"):
        report(study, journey="map-1", segment="customer=new")


def test_of_several_maps_the_one_of_what_is_comes_first_and_the_others_are_named(study: Study) -> None:
    save(study, SAVED, replace(SAVED, id="map-2", title="A wish", state=JourneyState.TO_BE))
    made = report(study)
    assert made.journey.state == JourneyState.AS_IS
    assert "“A wish” (customer journey, to-be)" in made.method().text


def test_a_reworded_statement_keeps_its_people_and_says_who_worded_it(study: Study) -> None:
    save(study, SAVED)
    (item,) = lane(report(study), "Pain points")["cells"][0]["items"]
    assert item["text"] == "The slot is gone too soon"
    assert item["n"][0][:2] == [1, 2]
    assert "worded by ana; the code is “Slot expires”" in item["rests_on"]


def test_what_was_taken_off_the_map_is_counted_and_not_shown(study: Study) -> None:
    hidden = replace(REWORDED, hidden=True)
    save(study, replace(SAVED, cells=(Cell("check_out", "Pain points", (hidden,)),)))
    made = report(study)
    assert "gone too soon" not in html(made)
    assert "1 statement was taken off the map by hand" in made.method().text


def test_a_moment_goes_with_the_statement_that_was_taken_off() -> None:
    quote = Quote("c1", "P01", "P01", 0, 3, "Ah!")
    gone = Statement("Lost", evidence=(quote,), said_by=("P01",), n_of=2, hidden=True)
    whole = Journey("", "", (Stage("a", "A"),), (Lane(LaneKind.PAIN, "Pain points"),), (Cell("a", "Pain points", (gone,)),), moments=(MomentOfTruth("a", "Lost", "", True), MomentOfTruth("a", "Own words", "")))  # fmt: skip
    assert [m.statement for m in without_hidden(whole).moments] == ["Own words"]


def test_a_feeling_set_by_hand_stands_beside_the_estimate_in_picture_and_words(study: Study) -> None:
    save(study, SAVED)
    made = report(study)
    data = made.map().data
    felt = data["feelings"][0][0]
    assert (felt["value"], felt["by_hand"]) == ("−2.0", "−1.5")
    (mark,), (point,) = data["curves"][0]["by_hand"], data["curves"][0]["points"]
    assert mark["x"] > point["x"], "beside, not on top"
    assert "Set by hand: Check out −1.5." in data["curve_says"][0]
    assert "−1.5 set by hand" in html(made)
    assert "an opinion, not a count" in made.method().text


def test_steps_transitions_problems_own_lanes_and_own_moments_are_on_the_page(study: Study) -> None:
    save(study, SAVED)
    page = html(report(study))
    for said in ("Choose a slot", "Slot picker · app (online)", "4 of 5", "to Tell others: Two days of silence", "People need a slot that waits.",
                 "Open questions", "the word of ana, not of a participant", "Shows the app to a friend", "Marked by hand as a moment of truth"):  # fmt: skip
        assert said in page
    assert "&lt;b&gt;On a tablet, too?&lt;/b&gt;" in page


def test_a_map_of_what_is_wanted_says_so(study: Study) -> None:
    save(study, replace(SAVED, state=JourneyState.TO_BE, kind=JourneyKind.ONBOARDING))
    made = report(study)
    assert made.summary().data["title"] == "How a slot is lost (to be)"
    assert "to-be: what is wanted, not what is" in made.summary().data["kicker"]
    assert "a map of what is wanted" in html(made)


def test_an_own_critical_moment_without_words_behind_it_is_no_finding(study: Study) -> None:
    save(study, replace(SAVED, moments=(replace(SAVED.moments[0], critical=True),)))
    summary = report(study).summary().data
    assert "no participant is on record as saying so" in summary["strong"]
    assert not [f for f in summary["findings"] if "friend" in f["text"]]


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (Step("1", "a", "A", channel="app", online=True), "app (online)"),
        (Step("1", "a", "A", channel="shop", online=False, physical=True), "shop (offline, physical)"),
        (Step("1", "a", "A", channel="letter"), "letter"),
        (Step("1", "a", "A", online=False), "offline"),
    ],
)
def test_a_channel_says_whether_it_is_online(step: Step, said: str) -> None:
    assert channel_of(step) == said
