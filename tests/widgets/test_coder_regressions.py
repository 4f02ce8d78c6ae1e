"""What an hour of random coding found: each of these was once drawn wrongly, refused wrongly or lost."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from playwright.sync_api import expect
from widgets.stand_in import CoderPage

from workbench.store import change_coding, load_codings
from workbench.study import Study
from workbench.widgets.coding_desk import CodingDesk

#: Presses a key on the transcript, whatever has the focus, as when the answer to it comes late.
PRESS = "(e, key) => e.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }))"


def found(study: Study) -> list[tuple[str, str]]:
    return sorted((c.code, c.text) for c in load_codings(study.db))


def code_here(tab: CoderPage) -> None:
    tab.press("Enter")
    tab.page.keyboard.type("slot")
    tab.press("Enter")
    tab.wait_saved()


@pytest.fixture
def coded(study: Study, open_tab: Callable[..., CoderPage]) -> CoderPage:
    """ "The slot was gone." is coded, and the coder is on it, moving by word."""
    study.add_coding("P01", "Slot expires", 25, 43)
    tab = open_tab()
    tab.start()
    tab.press("j", "w")
    return tab


def test_a_coding_is_merged_with_a_longer_one_that_begins_at_the_same_place(study: Study) -> None:
    for end in (43, 50):
        study.add_coding("P01", "Slot expires", 25, end)
    desk = CodingDesk(study, coder="ana")
    a, b = load_codings(study.db)
    words = {"start": 25, "end": 50, "text": study.load_transcript("P01").text[25:50], "memo": ""}
    merge = {"op": "edit", "id": "m1", "transcript": "t1", "what": "merge", "change": [{"id": a.id, "version": 1, "patch": words}]}
    assert desk.answer({**merge, "remove": [{"id": b.id, "version": 1}]})["ok"]
    assert len(load_codings(study.db)) == 1
    desk.answer({"op": "undo", "id": "u1", "transcript": "t1"})
    assert len(load_codings(study.db)) == 2


def test_the_words_of_a_removed_coding_are_selected_no_longer(coded: CoderPage) -> None:
    coded.press("x")
    coded.wait_saved()
    assert (coded.selected, coded.chips()) == ("", [])


def test_the_cursor_inside_a_coding_is_seen(coded: CoderPage) -> None:
    coded.press("ArrowRight")
    assert coded.selected == "The"


def test_an_undo_that_was_asked_in_another_transcript_is_drawn_in_this_one(tab: CoderPage, study: Study) -> None:
    tab.start()
    code_here(tab)
    tab.press(".")
    tab.page.wait_for_selector('.wbc[data-open="t2"]')
    tab.page.evaluate("window.line = 'down'")
    tab.press("z")
    tab.page.wait_for_selector('.wbc[data-unsaved="1"]')
    tab.open()  # a new view begins with the first transcript
    expect(tab.page.locator(".wbc-chip")).to_have_count(0)
    assert found(study) == []


def test_a_new_code_form_is_closed_when_another_transcript_comes(tab: CoderPage, study: Study) -> None:
    tab.start()
    tab.press("v")
    tab.page.locator(".wbc-doc").evaluate(PRESS, ".")
    tab.page.wait_for_selector('.wbc[data-open="t2"]')
    expect(tab.page.locator(".wbc-box")).to_be_hidden()
    assert {c.name for c in study.codebook} == {"Slot expires", "Waits by the window", "Anxious", "Old code"}


def test_a_memo_is_saved_though_another_transcript_came_while_it_was_written(coded: CoderPage, study: Study) -> None:
    coded.press("m")
    coded.page.keyboard.type("hello")
    coded.page.locator(".wbc-doc").evaluate(PRESS, ".")
    coded.page.wait_for_selector('.wbc[data-open="t2"]')
    coded.press("Control+Enter")
    coded.wait_saved()
    assert [c.memo for c in load_codings(study.db)] == ["hello"]


def test_what_rests_on_a_refused_change_is_refused_too_and_says_so(coded: CoderPage, study: Study) -> None:
    """Somebody changed the coding in another tab; two nudges are on their way."""
    (coding,) = load_codings(study.db)
    change_coding(study.db, replace(coding, memo="from another tab"), coder="ana")
    coded.page.locator(".wbc-doc").evaluate(f"(e) => {{ for (const key of [']', ']']) ({PRESS})(e, key); }}")
    coded.wait_saved()
    assert "not saved over" in coded.status
    assert found(study) == [("pain", "The slot was gone.")]


def test_words_that_are_a_code_already_get_that_code(tab: CoderPage, study: Study) -> None:
    for _ in range(2):
        tab.start()
        tab.press("v", "Enter")
        tab.wait_saved()
        tab.press(".")
        tab.page.wait_for_selector('.wbc[data-open="t2"]')
    assert [text for _, text in found(study)] == ["Did the slot stay?"] * 2
    assert len({code for code, _ in found(study)}) == 1
