"""The codebook editor in a plain Chromium page, answered by the real Python: what a researcher does, and what the study says then."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from browser import serious_violations
from playwright.sync_api import expect
from widgets.stand_in import CodebookPage, CoderPage

from workbench.store import load_codings, load_memos
from workbench.study import Study
from workbench.widgets.codebook_desk import CodebookDesk

ARTEFACTS = Path(__file__).parents[1] / "artefacts"


@pytest.fixture
def coded(study: Study) -> Study:
    """Two passages with "Slot expires", one of them anxious too, one with "Waits by the window"."""
    for code, start, end in (("Slot expires", 18, 23), ("Slot expires", 25, 43), ("Anxious", 25, 43), ("Waits by the window", 107, 130)):
        study.add_coding("P01", code, start, end)
    return study


def codes(study: Study) -> dict[str, str]:
    """Name by id of the codes that take codings."""
    return {c.id: c.name for c in study.codebook if not c.retired}


def coded_as(study: Study) -> list[tuple[str, str]]:
    """Code name and words of every coding."""
    names = {c.id: c.name for c in study.codebook}
    return sorted((names[c.code], c.text) for c in load_codings(study.db))


def test_the_tree_counts_what_is_coded(coded: Study, codebook: CodebookPage) -> None:
    assert codebook.tree() == ["Slot expires", "Waits by the window", "Anxious"]
    assert codebook.page.locator(".wbc-node .wbc-n").all_text_contents() == ["2", "1", "1", "1", "1", "1"]


def test_a_code_is_made_renamed_and_described_by_keyboard_alone(study: Study, codebook: CodebookPage) -> None:
    codebook.page.locator(".wbc-tree").focus()
    codebook.press("n")
    codebook.type("Gives up", "Enter")
    codebook.wait_saved()
    expect(codebook.page.locator(".wbc-node.wbc-on .wbc-name")).to_have_text("Gives up")
    codebook.press("F2")
    codebook.type("Gives up in the end", "Enter")
    codebook.wait_saved()
    codebook.press("Enter")
    codebook.type("Leaves without an order.", "Escape")
    codebook.wait_saved()
    made = study.codebook.find("Gives up in the end")
    assert (made.definition, made.kind, made.parent) == ("Leaves without an order.", "pain point", None)
    expect(codebook.page.locator(".wbc-tree")).to_be_focused()


def test_a_code_moves_by_key(study: Study, codebook: CodebookPage) -> None:
    codebook.page.locator(".wbc-tree").focus()
    codebook.press("End", "Alt+ArrowUp")
    codebook.wait_saved()
    assert codebook.tree() == ["Slot expires", "Anxious", "Waits by the window"]
    codebook.press("Alt+ArrowRight")
    codebook.wait_saved()
    assert codebook.tree() == ["Slot expires", ".Anxious", "Waits by the window"]
    codebook.press("Alt+ArrowLeft")
    codebook.wait_saved()
    assert codebook.tree() == ["Slot expires", "Anxious", "Waits by the window"]
    assert study.codebook.find("Anxious").parent is None


def test_a_code_moves_by_dragging_under_another(study: Study, codebook: CodebookPage) -> None:
    rows = codebook.page.locator(".wbc-node")
    rows.nth(2).drag_to(rows.nth(0))
    codebook.page.wait_for_selector('.wbc-node[aria-level="2"]')
    assert codebook.tree() == ["Slot expires", ".Anxious", "Waits by the window"]


def test_merged_codes_bring_their_codings_along_and_undo_parts_them(coded: Study, codebook: CodebookPage) -> None:
    before = coded_as(coded)
    codebook.go_to("Waits by the window")
    codebook.press("g")
    codebook.type("slot", "Enter")
    codebook.wait_saved()
    expect(codebook.page.locator(".wbc-node.wbc-on .wbc-name")).to_have_text("Slot expires")
    assert sorted(codes(coded).values()) == ["Anxious", "Slot expires"]
    assert len([name for name, _ in coded_as(coded) if name == "Slot expires"]) == 3
    codebook.press("z")
    codebook.wait_saved()
    assert coded_as(coded) == before
    assert codebook.tree() == ["Slot expires", "Waits by the window", "Anxious"]


def test_picked_excerpts_get_a_new_code_and_undo_gives_them_back(coded: Study, codebook: CodebookPage) -> None:
    before = coded_as(coded)
    codebook.go_to("Slot expires")
    codebook.press("e", "ArrowDown", "Space", "s")
    codebook.type("Starts again", "Enter")
    codebook.wait_saved()
    assert ("Starts again", before[2][1]) in coded_as(coded)
    assert codebook.tree() == ["Slot expires", "Starts again", "Waits by the window", "Anxious"]
    codebook.page.get_by_role("button", name="Undo").click()
    codebook.wait_saved()
    assert coded_as(coded) == before


def test_picked_excerpts_are_recoded(coded: Study, codebook: CodebookPage) -> None:
    codebook.go_to("Slot expires")
    codebook.press("e", "a", "r")
    codebook.type("waits", "Enter")
    codebook.wait_saved()
    assert [name for name, _ in coded_as(coded)] == ["Anxious", *["Waits by the window"] * 3]
    assert len(codes(coded)) == 3


def test_a_retired_code_goes_out_of_sight_and_comes_back(study: Study, codebook: CodebookPage) -> None:
    codebook.go_to("Anxious")
    codebook.press("x")
    codebook.wait_saved()
    assert codebook.tree() == ["Slot expires", "Waits by the window"]
    codebook.press("h")
    assert codebook.tree() == ["Slot expires", "Waits by the window", "Anxious", "Old code"]
    codebook.go_to("Anxious")
    codebook.press("x")
    codebook.wait_saved()
    assert not study.codebook.find("Anxious").retired


def test_a_code_that_something_rests_on_is_not_removed(coded: Study, codebook: CodebookPage) -> None:
    codebook.go_to("Anxious")
    codebook.press("Delete")
    codebook.wait_saved()
    assert "Merge it into another code, or retire it." in codebook.status
    assert "Anxious" in codebook.tree()


def test_an_excerpt_is_shown_with_the_words_around_it(coded: Study, codebook: CodebookPage) -> None:
    codebook.go_to("Waits by the window")
    codebook.press("e", "Enter")
    expect(codebook.page.locator(".wbc-context mark")).to_have_text(coded_as(coded)[-1][1])
    codebook.press("Escape")
    expect(codebook.page.locator(".wbc-passages")).to_be_focused()


def test_what_a_colleague_does_appears_and_what_is_being_written_stays(coded: Study, codebook: CodebookPage) -> None:
    codebook.go_to("Anxious")
    codebook.press("Enter")
    codebook.type("half a sent")
    CodebookDesk(coded, coder="ben").answer({"id": "b1", "op": "add", "code": {"id": "new", "name": "Bens code", "kind": "theme"}})
    codebook.page.wait_for_selector("text=Bens code")
    expect(codebook.page.locator("[name=definition]")).to_have_value("half a sent")
    codebook.type("ence", "Escape")
    codebook.wait_saved()
    assert coded.codebook.find("Anxious").definition == "half a sentence"


def test_a_memo_is_shown_to_everyone(study: Study, codebook: CodebookPage) -> None:
    codebook.go_to("Anxious")
    codebook.press("m")
    codebook.type("Ask about it next time.", "Control+Enter")
    codebook.wait_saved()
    assert [m.text for m in load_memos(study.db, about="code")] == ["Ask about it next time."]
    expect(codebook.page.locator(".wbc-memo")).to_contain_text("ana: Ask about it")


def test_blind_coders_do_not_see_each_other_in_the_codebook(coded: Study) -> None:
    told = CodebookDesk(coded, coder="ben", blind=True).answer({"id": "1", "op": "hello"})
    assert told["counts"] == {}
    asked = CodebookDesk(coded, coder="ben", blind=True).answer({"id": "2", "op": "excerpts", "code": "pain"})
    assert asked["excerpts"] == []


def test_a_request_that_comes_twice_is_done_once(coded: Study) -> None:
    request = {"id": "r1", "op": "merge", "code": "wait", "into": "pain"}
    first, again = (CodebookDesk(coded, coder="ana").answer(request) for _ in range(2))
    assert first["ok"]
    assert again["ok"]
    assert len([e for e in coded.history() if e.action.startswith("merge")]) == 1


def test_what_could_not_be_sent_is_sent_after_a_reload(study: Study, codebook: CodebookPage) -> None:
    codebook.go_to("Anxious")
    codebook.page.evaluate("window.line = 'down'")
    codebook.press("x")
    codebook.page.wait_for_selector('.wbc[data-unsaved="1"]')
    codebook.open()
    codebook.wait_saved()
    assert study.codebook.find("Anxious").retired


def test_the_codebook_is_accessible_in_light_and_dark(coded: Study, codebook: CodebookPage, context: Any) -> None:
    codebook.go_to("Slot expires")
    codebook.page.locator(".wbc-passages").focus()
    codebook.press("Space")
    for scheme in ("light", "dark"):
        codebook.page.emulate_media(color_scheme=scheme)
        assert serious_violations(codebook.page, ".wbc") == []
        ARTEFACTS.mkdir(exist_ok=True)
        codebook.page.screenshot(path=ARTEFACTS / f"codebook-{scheme}.png")


def test_no_name_definition_or_excerpt_is_run_as_markup(study: Study, codebook: CodebookPage) -> None:
    evil = "<img src=x onerror=window.hacked=1>"
    desk = CodebookDesk(study, coder="ana")
    desk.answer({"id": "e1", "op": "add", "code": {"id": "evil", "name": evil, "kind": "theme", "colour": "red;x:url(javascript:1)"}})
    desk.answer({"id": "e2", "op": "revise", "code": "evil", "version": 1, "values": {"definition": f"</script>{evil}", "example": evil}})
    desk.answer({"id": "e3", "op": "memo", "code": "evil", "text": evil})
    codebook.open()
    codebook.go_to("<img")
    expect(codebook.page.locator(".wbc-memo")).to_contain_text(evil)
    assert codebook.page.evaluate("[window.hacked, document.querySelectorAll('.wbc img').length]") == [None, 0]


def test_closing_the_view_leaves_no_listener(codebook: CodebookPage) -> None:
    codebook.page.evaluate("window.closeView()")
    assert codebook.page.evaluate("[window.listeners.size, document.querySelectorAll('.wbc').length]") == [0, 0]


def test_an_excerpt_leads_to_the_coder_on_the_same_page(coded: Study, open_tab: Callable[..., CoderPage]) -> None:
    """The editor tells the page; a coder of the same study goes there and says so."""
    tab = open_tab()
    key = CodebookDesk(coded, coder="ana").answer({"id": "1", "op": "hello"})["study"]["key"]
    shown = """([study, transcript, start, end]) => !window.dispatchEvent(new CustomEvent("workbench-show",
      { cancelable: true, detail: { study, transcript, id: "gone", start, end } }))"""
    assert tab.page.evaluate(shown, [key, "t2", 19, 21])
    tab.page.wait_for_selector('.wbc[data-open="t2"]')
    expect(tab.page.locator(".wbc-text .wbc-sel")).not_to_have_count(0)
    assert not tab.page.evaluate(shown, ["another study", "t1", 0, 4])
