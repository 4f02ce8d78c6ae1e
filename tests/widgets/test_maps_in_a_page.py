"""Journey and empathy maps in a plain Chromium page, answered by the real Python: what a team does, and what the study says then."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import serious_violations
from miniature import full_study
from playwright.sync_api import expect
from widgets.stand_in import CanvasPage

from workbench.analysis import build_journey
from workbench.analysis.journey_rebuilding import rebuild_journey
from workbench.errors import UnknownName
from workbench.model import Basis
from workbench.store import load_codings, remove_coding
from workbench.study import Study
from workbench.widgets.empathy_desk import EmpathyDesk
from workbench.widgets.journey_desk import JourneyDesk

ARTEFACTS = Path(__file__).parents[1] / "artefacts"
PAINS = "check_out/Pain points"


@pytest.fixture
def coded(tmp_path: Path) -> Iterator[Study]:
    study = full_study(tmp_path)
    study.add_coding("P02", "Check out", 0, len(study.load_transcript("P02").text))  # Joon's passage is in the stage too
    yield study
    study.close()


Open = Callable[..., CanvasPage]


@pytest.fixture
def open_map(context: Any, coded: Study) -> Iterator[Open]:
    """Opens a journey map for a coder; at the end nothing has complained and nothing was fetched."""
    pages: list[CanvasPage] = []

    def open_one(coder: str = "ana", **about: Any) -> CanvasPage:
        pages.append(CanvasPage(context, JourneyDesk(coded, coder=coder, **about), "journey_map"))
        return pages[-1]

    yield open_one
    assert [(p.said, p.asked) for p in pages] == [([], [])] * len(pages)


@pytest.fixture
def tab(open_map: Open) -> CanvasPage:
    return open_map()


@pytest.fixture
def empathy(context: Any, coded: Study) -> Iterator[CanvasPage]:
    page = CanvasPage(context, EmpathyDesk(coded, coder="ana"), "empathy_map")
    yield page
    assert (page.said, page.asked) == ([], [])


def shown(study: Study) -> Any:
    """The map as a script rebuilds it: what was written over what the data say."""
    (saved,) = study.journeys
    return rebuild_journey(saved, build_journey(study))


# the journey map


def test_what_was_coded_is_on_the_map_with_how_many_said_it(tab: CanvasPage) -> None:
    assert tab.words_in(PAINS) == ["Slot expires"]
    expect(tab.item("Slot expires").locator("small").first).to_have_text("2 of 2")


def test_a_statement_opens_to_what_people_said_and_keeps_back_who_does_not_want_to_be_quoted(tab: CanvasPage) -> None:
    tab.go_to("Slot expires")
    quotes = tab.page.locator(".wbc-behind .wbc-quote").all_text_contents()
    assert quotes == ["the slot was gone", "(counted; no consent to show the words)"]


def test_what_somebody_writes_is_assumed_until_evidence_stands_behind_it(tab: CanvasPage, coded: Study) -> None:
    tab.go_to_list(PAINS)
    tab.press("n")
    tab.type("Nobody says how long it holds", "Enter")
    tab.wait_saved()
    tab.go_to("Nobody says")
    expect(tab.item("Nobody says").locator(".wbc-assumed")).to_have_text("assumed")
    tab.press("f")
    tab.type("anxious")
    tab.page.wait_for_function("document.querySelectorAll('.wbc-hit').length === 1")
    tab.press("Enter")
    tab.wait_saved()
    expect(tab.item("Nobody says").locator("small").first).to_have_text("1 of 2")
    mine = next(s for c in shown(coded).cells for s in c.statements if s.text.startswith("Nobody says"))
    assert (mine.basis, mine.asserted_by, mine.said_by, mine.quotes[0].text) == (Basis.OBSERVED, "ana", ("P01",), "the slot was gone")


def test_other_words_stay_when_the_data_change_and_the_count_is_new(tab: CanvasPage, coded: Study) -> None:
    tab.go_to("Slot expires")
    tab.press("Enter")
    tab.type("The slot is lost while paying", "Enter")
    tab.wait_saved()
    (coding,) = [c for c in coded.codings.itertuples() if c.participant == "P02" and c.code == "Slot expires"]
    gone = next(c for c in load_codings(coded.db) if c.id == coding.coding)
    remove_coding(coded.db, gone, coder="ben")
    expect(tab.item("The slot is lost").locator("small").first).to_have_text("1 of 2")


def test_taking_off_hides_and_keeps(tab: CanvasPage, coded: Study) -> None:
    tab.go_to("Slot expires")
    tab.press("x")
    tab.wait_saved()
    assert tab.words_in(PAINS) == []
    hidden = next(s for c in shown(coded).cells for s in c.statements if s.text == "Slot expires")
    assert hidden.hidden
    assert hidden.n == 2
    tab.press("h")
    tab.go_to("Slot expires")
    tab.press("x", "h")
    tab.wait_saved()
    assert tab.words_in(PAINS) == ["Slot expires"]


def test_undo_takes_back_each_step_also_after_a_restart(tab: CanvasPage, coded: Study, open_map: Open) -> None:
    tab.go_to("Slot expires")
    tab.press("m")
    tab.type("Look at the log.", "Control+Enter")
    tab.wait_saved()
    again = open_map()
    expect(again.item("Slot expires").locator('[title="Look at the log."]')).to_have_count(1)
    again.go_to("Slot expires")
    again.press("z")
    again.wait_saved()
    expect(again.item("Slot expires").locator('[title="Look at the log."]')).to_have_count(0)
    again.press("Shift+Z")
    again.wait_saved()
    expect(again.item("Slot expires").locator('[title="Look at the log."]')).to_have_count(1)


def test_a_stage_a_lane_and_a_step_of_ones_own(tab: CanvasPage, coded: Study) -> None:
    tab.go_to("Slot expires")
    tab.press("Shift+S")
    tab.page.wait_for_selector(".wbc-more")
    tab.type("Wait", "Control+Enter")
    tab.page.wait_for_selector(".wbc-stagename >> text=Wait")
    tab.go_to("Slot expires")
    tab.press("Shift+L")
    tab.page.wait_for_selector(".wbc-more")
    tab.type("Our bets", "Control+Enter")
    tab.page.wait_for_selector(".wbc-lanename >> text=Our bets")
    tab.page.get_by_role("button", name="New step in Check out").click()
    tab.page.wait_for_selector(".wbc-more")
    tab.type("Pays with the bank app")
    tab.page.locator("[name=channel]").fill("app")
    tab.page.locator("[name=online]").select_option("yes")
    tab.press("Control+Enter")
    tab.page.wait_for_selector(".wbc-step >> text=Pays with the bank app")
    tab.wait_saved()
    made = shown(coded)
    assert [s.name for s in made.stages] == ["Check out", "Wait"]
    assert "Our bets" in [lane.name for lane in made.lanes]
    assert [(x.name, x.channel, x.online, x.stage) for x in made.steps] == [("Pays with the bank app", "app", True, "check_out")]


def test_a_feeling_set_by_hand_stands_beside_the_coded_one(tab: CanvasPage, coded: Study) -> None:
    tab.page.locator(".wbc-stagename").click()
    tab.page.locator("[name=hand_set]").fill("-0.5")
    tab.page.locator("[name=problem]").fill("Mara needs time because paying is slow")
    tab.press("Control+Enter")
    expect(tab.page.locator(".wbc-byhand")).to_have_text("✋ −0.5")
    expect(tab.page.locator(".wbc-dotvalue")).to_have_text("−2.0")
    expect(tab.page.locator(".wbc-need")).to_have_text("Mara needs time because paying is slow")
    tab.wait_saved()
    felt = shown(coded).feeling("check_out")
    assert (felt.hand_set, felt.estimate.value) == (-0.5, -2.0)
    for written, kept in (("1", 1.0), ("2", 2.0), ("", None)):
        tab.page.locator(".wbc-stagename").click()
        tab.page.locator("[name=hand_set]").fill(written)
        tab.press("Control+Enter")
        tab.wait_saved()
        felt = shown(coded).feeling("check_out")
        assert felt.hand_set == kept


def test_a_number_that_is_not_on_the_scale_is_refused_with_a_sentence(tab: CanvasPage) -> None:
    tab.page.locator(".wbc-stagename").click()
    tab.page.locator("[name=hand_set]").fill("7")
    tab.press("Control+Enter")
    tab.wait_saved()
    assert "Write a number from −2 to 2." in tab.status


def test_moments_of_truth_and_the_one_critical(tab: CanvasPage, coded: Study) -> None:
    tab.go_to_list(PAINS)
    tab.press("n")
    tab.type("No way back", "Enter")
    tab.wait_saved()
    for key, text in (("!", "Slot expires"), ("!", "No way back"), ("o", "Anxious")):
        tab.go_to(text)
        tab.press(key)
        tab.wait_saved()
    assert {m.statement: m.critical for m in shown(coded).moments} == {"Slot expires": False, "No way back": True, "Anxious": False}
    expect(tab.item("No way back")).to_contain_text("critical moment")


def test_a_statement_moves_by_key_and_stays_there_when_the_map_is_rebuilt(tab: CanvasPage, coded: Study) -> None:
    tab.go_to_list(PAINS)
    tab.press("n")
    tab.type("Second thing", "Enter")
    tab.wait_saved()
    tab.go_to("Second thing")
    tab.press("Alt+ArrowUp")
    tab.wait_saved()
    assert tab.words_in(PAINS) == ["Second thing", "Slot expires"]
    tab.press("Alt+ArrowDown")
    tab.wait_saved()
    assert tab.words_in(PAINS) == ["Slot expires", "Second thing"]


def test_an_excerpt_is_dragged_onto_the_map(tab: CanvasPage, coded: Study) -> None:
    tab.go_to("Slot expires")
    tab.page.wait_for_selector(".wbc-hit")
    tab.page.locator(".wbc-hit >> text=Anxious").first.drag_to(tab.page.locator(f'[data-list="{PAINS}"]'))
    tab.wait_saved()
    expect(tab.page.locator(f'[data-list="{PAINS}"] .wbc-item')).to_have_count(2)


def test_a_version_is_kept_and_what_changed_since_is_told_with_its_evidence(tab: CanvasPage, coded: Study) -> None:
    tab.go_to("Slot expires")
    tab.press("s")
    tab.page.get_by_label("Name of the version").fill("First workshop")
    tab.press("Enter")
    tab.wait_saved()
    tab.press("Escape")
    remove_coding(coded.db, next(c for c in load_codings(coded.db) if c.coder == "ben"), coder="ben")
    expect(tab.item("Slot expires").locator("small").first).to_have_text("1 of 2")
    tab.go_to("Slot expires")
    tab.press("c")
    expect(tab.page.locator(".wbc-versions")).to_contain_text("changed from 2 of 2 to 1 of 2 (1 quote gone)")


def test_a_to_be_map_is_a_map_of_its_own(tab: CanvasPage, coded: Study) -> None:
    tab.go_to("Slot expires")
    tab.press("t")
    tab.press("Enter")
    tab.page.wait_for_selector(".wbc-corner >> text=To be")
    tab.go_to("Slot expires")
    tab.press("x")
    tab.wait_saved()
    assert [(j.title, j.state.value) for j in coded.journeys] == [("Slots, to be", "to-be")]


def test_the_table_and_the_timeline_show_the_same_map(tab: CanvasPage) -> None:
    tab.go_to("Slot expires")
    tab.press("v")
    expect(tab.page.locator(".wbc-table")).to_contain_text("Slot expires")
    tab.item("Slot expires").focus()
    tab.press("v")
    expect(tab.page.locator(".wbc-timeline")).to_contain_text("Check out")


def test_what_a_colleague_writes_appears(open_map: Open, coded: Study) -> None:
    ana = open_map()
    JourneyDesk(coded, coder="ben").answer({"id": "b1", "op": "add", "list": PAINS, "text": "Bens pain", "item": "b"})
    ana.page.wait_for_selector("text=Bens pain")
    ana.go_to("Bens pain")
    expect(ana.page.locator(".wbc-behind")).to_contain_text("written by ben")


def test_two_people_who_reword_the_same_statement_are_told_and_lose_nothing(coded: Study) -> None:
    ana, ben = JourneyDesk(coded, coder="ana"), JourneyDesk(coded, coder="ben")
    item = next(s["id"] for s in ana.state()["lists"][PAINS])
    asked = {"op": "reword", "item": item, "before": "Slot expires"}
    assert ana.answer({**asked, "id": "1", "text": "Anas words"})["ok"]
    refused = ben.answer({**asked, "id": "2", "text": "Bens words"})
    assert 'it says "Anas words" now' in refused["error"]
    assert refused["state"]["lists"][PAINS][0]["text"] == "Anas words"


def test_a_request_that_comes_twice_is_done_once(coded: Study) -> None:
    request = {"id": "r1", "op": "add", "list": PAINS, "text": "Once", "item": "once"}
    for _ in range(2):
        assert JourneyDesk(coded, coder="ana").answer(request)["ok"]
    assert [s["text"] for s in JourneyDesk(coded, coder="ana").state()["lists"][PAINS]].count("Once") == 1


def test_what_could_not_be_sent_is_sent_after_a_reload(tab: CanvasPage, coded: Study) -> None:
    tab.go_to("Slot expires")
    tab.page.evaluate("window.line = 'down'")
    tab.press("x")
    tab.page.wait_for_selector('.wbc[data-unsaved="1"]')
    tab.open()
    tab.wait_saved()
    assert tab.words_in(PAINS) == []


def test_only_what_people_wrote_is_kept(tab: CanvasPage, coded: Study) -> None:
    """The rest is built anew, so a participant who withdraws is on no saved map."""
    tab.go_to_list(PAINS)
    tab.press("n")
    tab.type("Mine", "Enter")
    tab.wait_saved()
    (saved,) = coded.journeys
    assert [s.text for c in saved.cells for s in c.statements] == ["Mine"]


def test_a_map_of_a_persona_that_is_not_there_is_named(coded: Study) -> None:
    with pytest.raises(UnknownName, match="Nobody"):
        JourneyDesk(coded, coder="ana", persona="Nobody")


# the empathy map


def test_the_fields_are_filled_from_the_codes(empathy: CanvasPage) -> None:
    assert empathy.words_in("pains") == ["Slot expires"]
    assert empathy.words_in("feels") == ["Anxious"]
    assert empathy.words_in("says") == ["“the slot was gone”"]
    expect(empathy.item("the slot was gone")).to_contain_text("2 of 2spoke of “Slot expires”, one in these words")


def test_a_thought_is_inferred_also_with_words_behind_it(empathy: CanvasPage, coded: Study) -> None:
    empathy.go_to_list("thinks")
    empathy.press("n")
    empathy.type("Will it be gone again?", "Enter")
    empathy.wait_saved()
    empathy.go_to("Will it be gone")
    empathy.press("f")
    empathy.page.wait_for_selector(".wbc-hit")
    empathy.press("Enter")
    empathy.wait_saved()
    (saved,) = coded.empathy_maps
    (note,) = saved.notes
    assert (note.quadrant, note.statement.basis, note.statement.n) == ("thinks", Basis.INFERRED, 1)


def test_the_problem_statement_is_written_down(empathy: CanvasPage, coded: Study) -> None:
    empathy.page.locator(".wbc-problem").click()
    empathy.page.locator("[name=problem]").fill("People need time because slots expire")
    empathy.press("Control+Enter")
    expect(empathy.page.locator(".wbc-problem")).to_contain_text("People need time because slots expire")
    empathy.wait_saved()
    assert coded.empathy_maps[0].problem == "People need time because slots expire"


# both


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_has_no_complaint(tab: CanvasPage, empathy: CanvasPage, scheme: str) -> None:
    ARTEFACTS.mkdir(exist_ok=True)
    for name, page in (("journey-map", tab), ("empathy-map", empathy)):
        page.page.emulate_media(color_scheme=scheme)
        page.go_to("Slot expires")
        page.page.wait_for_selector(".wbc-hit")
        assert serious_violations(page.page, ".wbc") == []
        page.page.screenshot(path=ARTEFACTS / f"{name}-{scheme}.png")


def test_nothing_that_people_write_runs(tab: CanvasPage) -> None:
    evil = "<img src=x onerror=window.hacked=1></script><svg onload=window.hacked=1>"
    ask = tab.desk.answer
    assert ask({"id": "e1", "op": "add", "list": PAINS, "text": evil, "item": "evil"})["ok"]
    assert ask({"id": "e2", "op": "note", "item": "evil", "text": evil})["ok"]
    for k, of in enumerate(("stage:check_out", "lane:Pain points", "step:new@check_out", "about")):
        fields = ("name", "description", "problem", "note", "channel", "touchpoint", "scope", "goals")
        ask({"id": f"f{k}", "op": "fill", "of": of, "values": dict.fromkeys(fields, evil)})
    tab.open()
    tab.page.locator("[data-item=evil]").focus()
    tab.page.wait_for_selector(".wbc-behind >> text=onerror")
    tab.press("v", "v")
    assert tab.page.evaluate("[window.hacked, document.querySelectorAll('.wbc img, .wbc script').length]") == [None, 0]


def test_closing_the_view_leaves_no_listener(tab: CanvasPage) -> None:
    tab.page.evaluate("window.closeView()")
    assert tab.page.evaluate("[window.listeners.size, document.querySelectorAll('.wbc').length]") == [0, 0]


def test_what_waited_for_one_map_reaches_no_other(context: Any, coded: Study) -> None:
    """A view that shows one map is loaded anew by a desk that has turned to another."""
    desk = JourneyDesk(coded, coder="ana")
    first = desk.id
    assert desk.answer({"id": "1", "op": "add", "doc": first, "list": PAINS, "text": "In the first", "item": "a"})["ok"]
    assert desk.answer({"id": "2", "op": "copy", "doc": first, "title": "Another"})["ok"]
    assert desk.id != first
    assert desk.answer({"id": "3", "op": "add", "doc": first, "list": PAINS, "text": "Late, for the first", "item": "b"})["ok"]
    written = {j.title: [s.text for c in j.cells for s in c.statements] for j in coded.journeys}
    assert written == {"Slots": ["In the first", "Late, for the first"], "Another": ["In the first"]}


def test_a_blueprint_is_the_same_map_with_its_lines(tab: CanvasPage) -> None:
    tab.desk.answer({"id": "w", "op": "fill", "of": "lane:", "values": {"name": "Backstage", "kind": "backstage"}})
    tab.desk.answer({"id": "x", "op": "add", "list": "check_out/Backstage", "text": "Holds the slot", "item": "held"})
    tab.page.get_by_role("button", name="About").click()
    tab.page.locator("[name=kind]").select_option("service blueprint")
    tab.press("Control+Enter")
    expect(tab.page.locator(".wbc-across").first).to_be_visible()
    assert "line of visibility" in tab.page.locator(".wbc-across").all_text_contents()
    assert "Slot expires" in tab.words_in(PAINS)


def test_evidence_that_stands_nowhere_else_on_the_map_is_kept(coded: Study) -> None:
    """A passage outside every stage, chosen for a statement of one's own."""
    words = coded.load_transcript("P01").text
    start = words.index("I left, I always leave.")
    chosen = coded.add_coding("P01", "Anxious", start, start + 6).id
    desk = JourneyDesk(coded, coder="ana")
    assert desk.answer({"id": "1", "op": "add", "list": PAINS, "text": "They leave", "item": "own", "codings": [chosen]})["ok"]
    (mine,) = [s for s in JourneyDesk(coded, coder="ana").state()["lists"][PAINS] if s["id"] == "own"]
    assert (mine["n"], mine["quotes"], mine["assumed"]) == (1, 1, False)


def test_two_people_who_note_the_same_statement_are_told(coded: Study) -> None:
    ana, ben = JourneyDesk(coded, coder="ana"), JourneyDesk(coded, coder="ben")
    item = next(s["id"] for s in ana.state()["lists"][PAINS])
    asked = {"op": "note", "item": item, "before": ""}
    assert ana.answer({**asked, "id": "1", "text": "Anas note"})["ok"]
    assert 'it says "Anas note" now' in ben.answer({**asked, "id": "2", "text": "Bens note"})["error"]


def test_a_moment_of_truth_goes_along_when_its_statement_is_reworded(coded: Study) -> None:
    desk = JourneyDesk(coded, coder="ana")
    desk.answer({"id": "1", "op": "add", "list": PAINS, "text": "Before", "item": "own"})
    desk.answer({"id": "2", "op": "critical", "item": "own"})
    desk.answer({"id": "3", "op": "reword", "item": "own", "before": "Before", "text": "After"})
    again = JourneyDesk(coded, coder="ana").current
    assert [m.statement for m in again.moments if m.critical] == ["After"]


@pytest.mark.parametrize(
    "request_", [{"op": "fill", "of": "about", "values": None}, {"op": "add"}, {"op": "open", "of": "nothing"}, {"op": 3}]
)
def test_every_request_has_an_answer(coded: Study, request_: dict[str, Any]) -> None:
    answer = JourneyDesk(coded, coder="ana").answer({"id": "1", **request_})
    assert not answer["ok"]
    assert answer["error"]
