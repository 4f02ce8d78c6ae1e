"""The opportunity board in a plain Chromium page, answered by the real Python: what a product team does, and what the study says then."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from browser import serious_violations
from playwright.sync_api import expect
from widgets.stand_in import CanvasPage

from workbench.study import Study
from workbench.study.sample import make_sample_study
from workbench.widgets.opportunity_desk import OpportunityDesk

ARTEFACTS = Path(__file__).parents[1] / "artefacts"
EVIL = "<img src=x onerror=window.hacked=1>"
SLOT, REFUNDS, REPLACING = "hold the slot", "pay small refunds", "ask before replacing"

Open = Callable[..., CanvasPage]


@pytest.fixture
def study(tmp_path: Path) -> Iterator[Study]:
    with closing(make_sample_study(tmp_path / "grocery")[0]) as made:
        yield made


@pytest.fixture
def open_board(context: Any, study: Study) -> Iterator[Open]:
    """Opens a board for a coder; at the end nothing has complained and nothing was fetched."""
    pages: list[CanvasPage] = []

    def open_one(coder: str = "ana") -> CanvasPage:
        pages.append(CanvasPage(context, OpportunityDesk(study, coder=coder), "opportunity_board"))
        return pages[-1]

    yield open_one
    assert [(p.said, p.asked) for p in pages] == [([], [])] * len(pages)


@pytest.fixture
def tab(open_board: Open) -> CanvasPage:
    return open_board()


def card(study: Study, words: str) -> Any:
    return next(o for o in study.opportunities if words in o.how_might_we)


def cards_in(tab: CanvasPage, status: str) -> list[str]:
    return [words.removeprefix("How might we ") for words in tab.words_in(status)]


def do(study: Study, coder: str, op: str, **body: Any) -> None:
    """What somebody does at another desk."""
    answer = OpportunityDesk(study, coder=coder).answer({"id": f"{coder}-{op}-{sorted(body.items())}", "op": op, **body})
    assert answer["ok"], answer["error"]


def test_the_board_shows_where_each_card_stands(tab: CanvasPage) -> None:
    assert tab.page.locator(".wbc-statuses h4").all_text_contents() == [
        "Proposed1",
        "Chosen1",
        "In test",
        "Reviewed",
        "Shipped1",
        "Dropped",
    ]
    assert cards_in(tab, "shipped") == ["hold the slot until the payment ends?"]
    expect(tab.item(SLOT).locator("small").first).to_have_text("8 of 12")
    assert tab.page.get_by_role("button", name="Versions").count() == 0


def test_a_card_is_written_moved_dropped_taken_up_and_removed_by_keyboard_alone(tab: CanvasPage, study: Study) -> None:
    tab.go_to_list("proposed")
    tab.press("n")
    tab.type("keep the bags dry", "Enter")
    tab.wait_saved()
    tab.press("Alt+ArrowRight")
    tab.wait_saved()
    assert card(study, "bags").status == "chosen"
    tab.press("x")
    tab.wait_saved()
    assert card(study, "bags").status == "dropped"
    tab.press("x", "F2")
    tab.type("How might we keep bags dry in the rain?", "Enter")
    tab.wait_saved()
    assert (card(study, "bags").how_might_we, card(study, "bags").status) == ("keep bags dry in the rain?", "chosen")
    tab.press("Delete")
    tab.wait_saved()
    assert len(study.opportunities) == 3
    tab.press("z")
    tab.wait_saved()
    tab.press("Shift+Z")
    tab.wait_saved()
    assert len(study.opportunities) == 3


def test_a_card_is_dragged_to_another_status(tab: CanvasPage, study: Study) -> None:
    tab.item(REFUNDS).drag_to(tab.page.locator('[data-list="in test"]'))
    tab.page.wait_for_selector('[data-list="in test"] [data-item]')
    tab.wait_saved()
    assert card(study, REFUNDS).status == "in test"


def test_estimates_are_written_in_the_form_of_a_card_and_change_the_ranking(tab: CanvasPage, study: Study) -> None:
    tab.go_to(REPLACING)
    tab.press("d")
    tab.page.locator("[name=effort]").select_option("1")
    tab.page.locator("[name=confidence]").fill("1")
    tab.page.locator("[name=ticket]").fill("https://tickets.example/7")
    tab.press("Control+Enter")
    tab.wait_saved()
    assert (card(study, REPLACING).effort, card(study, REPLACING).confidence) == (1, 1.0)
    expect(tab.page.locator(".wbc-behind a")).to_have_attribute("href", "https://tickets.example/7")
    tab.press("t")
    expect(tab.page.locator(".wbc-ranking tbody tr").nth(1)).to_contain_text("value 4 + 3 at 100 % confidence over effort 1 makes 7.0")


def test_a_ticket_that_is_no_address_is_no_link(study: Study, tab: CanvasPage) -> None:
    do(study, "ana", "fill", of=f"item:{card(study, SLOT).id}", values={"ticket": "javascript:window.hacked=1"})
    tab.item(SLOT).click()
    expect(tab.page.locator(".wbc-behind")).to_contain_text("javascript:window.hacked=1")
    assert tab.page.locator(".wbc-behind a").count() == 0


def test_ideas_are_written_voted_for_chosen_and_tested_by_keyboard(tab: CanvasPage, study: Study) -> None:
    tab.go_to(REFUNDS)
    tab.press("i")
    tab.type("A button in the chat", "Enter")
    tab.wait_saved()
    expect(tab.page.locator("[data-newidea]")).to_be_focused()
    tab.press("ArrowUp")
    tab.press("v")
    tab.wait_saved()
    tab.press("c")
    tab.wait_saved()
    tab.press("Enter")
    tab.page.locator("[name=test_result]").fill("4 of 5 got their money")
    tab.press("Control+Enter")
    tab.wait_saved()
    [idea] = card(study, REFUNDS).ideas
    assert (idea.text, list(idea.voted_by), idea.chosen, idea.test_result) == (
        "A button in the chat",
        ["ana"],
        True,
        "4 of 5 got their money",
    )
    expect(tab.page.locator(".wbc-chosen")).to_contain_text("4 of 5 got their money")


def test_what_is_proposed_is_taken_up_one_or_several_at_a_time(tab: CanvasPage, study: Study) -> None:
    tab.page.locator("[data-item]").first.focus()
    tab.press("p")
    tab.page.wait_for_selector(".wbc-proposal")
    expect(tab.page.locator(".wbc-proposal").first).to_contain_text("7 of 12")
    tab.press("Space", "ArrowDown", "Space", "Enter")
    tab.wait_saved()
    assert len(cards_in(tab, "proposed")) == 3
    tab.press("p")
    expect(tab.page.locator(".wbc-proposal")).to_have_count(1)


def test_a_shipped_card_says_what_changed_and_what_that_does_not_prove(tab: CanvasPage) -> None:
    tab.go_to(SLOT)
    behind = tab.page.locator(".wbc-behind")
    expect(behind).to_contain_text("+17 percentage points (+12 to +22)")
    expect(behind.locator(".wbc-honest")).to_contain_text("not an experiment")


def test_an_alert_leads_to_a_card_and_can_be_dismissed_until_the_numbers_change(tab: CanvasPage, study: Study) -> None:
    tab.page.get_by_role("button", name="Dismiss").click()
    expect(tab.page.locator(".wbc-notice")).to_have_count(0)
    tab.open()
    expect(tab.page.locator(".wbc-notice")).to_have_count(0)
    tab.page.get_by_role("button", name="1 dismissed").click()
    tab.page.get_by_role("button", name="Make an opportunity of it").click()
    tab.wait_saved()
    assert card(study, "bring").measure == "Orders within a day of the first checkout"
    tab.page.get_by_role("button", name="On the board").click()
    expect(tab.item("bring")).to_be_focused()


def boxes(tab: CanvasPage, selector: str) -> list[dict[str, float]]:
    return list(
        tab.page.locator(selector).evaluate_all(
            "(nodes) => nodes.map((n) => n.getBBox()).map(({x, y, width, height}) => ({x, y, width, height}))"
        )
    )


def meet(a: dict[str, float], b: dict[str, float]) -> bool:
    return a["x"] < b["x"] + b["width"] and b["x"] < a["x"] + a["width"] and a["y"] < b["y"] + b["height"] and b["y"] < a["y"] + a["height"]


def test_no_label_of_the_matrix_covers_another_however_many_share_a_place(study: Study, open_board: Open) -> None:
    desk = OpportunityDesk(study, coder="ana")
    for k in range(14):
        words = [
            "keep it cold",
            "answer within the hour whoever asks, on every channel that we have",
            "Donaudampfschifffahrtsgesellschaft",
        ][k % 3]
        desk.answer({"id": f"a{k}", "op": "add", "list": "proposed", "text": f"{words} {k}", "item": f"c{k}"})
        judged = {"customer_value": "3", "business_value": "4", "confidence": "0.5", "effort": f"{1 + k % 2}"}
        desk.answer({"id": f"f{k}", "op": "fill", "of": f"item:c{k}", "values": judged})
    tab = open_board()
    tab.page.locator("[data-item]").first.focus()
    tab.press("g")
    labels, dots = boxes(tab, ".wbc-labels text"), boxes(tab, ".wbc-place circle")
    assert len(labels) == len(dots) == 17
    assert [(a, b) for k, a in enumerate(labels) for b in labels[:k] if meet(a, b)] == []
    assert [(a, b) for k, a in enumerate(dots) for b in dots[:k] if meet(a, b)] == []
    assert [(a, b) for a in labels for b in dots if meet(a, b)] == []
    whole = tab.page.locator(".wbc-picture").evaluate("(n) => [n.width.baseVal.value, n.height.baseVal.value]")
    assert all(b["x"] >= 0 and b["y"] >= 0 and b["x"] + b["width"] <= whole[0] and b["y"] + b["height"] <= whole[1] for b in labels)


def test_a_dot_opens_its_card_and_what_is_not_estimated_stands_beside(tab: CanvasPage, study: Study) -> None:
    do(study, "ben", "fill", of=f"item:{card(study, REPLACING).id}", values={"effort": ""})
    tab.page.locator("[data-item]").first.focus()
    tab.press("g")
    expect(tab.page.locator(".wbc-unjudged .wbc-item")).to_contain_text("missing: effort")
    dot = tab.page.get_by_role("button", name="2 · hold the slot")
    dot.focus()
    expect(tab.page.locator(".wbc-behind > b")).to_contain_text(SLOT)
    tab.press("ArrowLeft")
    expect(tab.page.locator(".wbc-behind > b")).to_contain_text(REFUNDS)
    tab.press("Enter")
    expect(tab.item(REFUNDS)).to_be_focused()
    assert tab.page.locator(".wbc-statuses").count() == 1


def test_a_key_that_writes_goes_back_to_the_board_first(tab: CanvasPage, study: Study) -> None:
    tab.go_to(SLOT)
    tab.press("g", "Alt+ArrowLeft", "F2")
    tab.type("freeze the slot", "Enter")
    tab.wait_saved()
    assert card(study, "freeze").status == "shipped"


def test_evidence_is_found_and_put_behind_a_card(tab: CanvasPage, study: Study) -> None:
    tab.go_to(REPLACING)
    tab.press("f")
    tab.type("man changed seats")
    expect(tab.page.locator(".wbc-hit").first).to_contain_text("changed seats")
    tab.press("Enter")
    tab.wait_saved()
    assert [q.text for q in card(study, REPLACING).statement.quotes] == ["I said a word. A man changed seats."]
    tab.press("Escape")
    expect(tab.page.locator(".wbc-behind")).to_contain_text("A man changed seats.")


def test_a_clash_is_said_in_one_sentence_and_the_form_keeps_what_was_written(tab: CanvasPage, study: Study) -> None:
    tab.go_to(SLOT)
    tab.press("d")
    tab.page.wait_for_selector("[name=owner]")
    do(study, "ben", "fill", of=f"item:{card(study, SLOT).id}", values={"owner": "Lena"})
    tab.page.locator("[name=owner]").fill("Mo")
    tab.press("Control+Enter")
    tab.page.wait_for_selector("text=saved now: Lena")
    assert 'ben made it "Lena" meanwhile' in tab.status
    expect(tab.page.locator("[name=owner]")).to_have_value("Mo")
    tab.page.locator("[name=owner]").focus()
    tab.press("Control+Enter")
    tab.wait_saved()
    assert card(study, SLOT).owner == "Mo"


def test_what_a_colleague_does_appears_and_what_is_being_written_stays(tab: CanvasPage, study: Study) -> None:
    tab.go_to(SLOT)
    tab.press("i")
    tab.page.locator("[data-newidea]").focus()
    tab.type("half an id")
    do(study, "ben", "vote", item=card(study, SLOT).id, idea="Choose the slot after paying", vote=True)
    tab.page.wait_for_selector("text=▲ 3")
    tab.type("ea", "Enter")
    tab.wait_saved()
    assert card(study, SLOT).ideas[-1].text == "half an idea"


def test_a_new_card_is_not_lost_when_a_colleague_changes_the_board_meanwhile(tab: CanvasPage, study: Study) -> None:
    tab.go_to_list("proposed")
    tab.press("n")
    tab.type("half a card")
    do(study, "ben", "move", item=card(study, SLOT).id, list="dropped", before=None)
    tab.page.wait_for_function("window.sent.filter((m) => m.op === 'changes').length > 1")
    tab.type("board", "Enter")
    tab.page.wait_for_selector('[data-list="dropped"] [data-item]')
    tab.wait_saved()
    assert card(study, "half a card").how_might_we == "half a cardboard?"


def test_what_could_not_be_sent_is_sent_after_a_reload(tab: CanvasPage, study: Study) -> None:
    tab.go_to(SLOT)
    tab.page.evaluate("window.line = 'down'")
    tab.press("x")
    tab.page.wait_for_selector('.wbc[data-unsaved="1"]')
    tab.open()
    tab.wait_saved()
    assert card(study, SLOT).status == "dropped"


def test_no_words_are_run_as_markup(study: Study, open_board: Open) -> None:
    do(study, "ana", "add", list="proposed", text=EVIL, item="evil")
    do(
        study,
        "ana",
        "fill",
        of="item:evil",
        values={
            "owner": EVIL,
            "note": EVIL,
            "step": EVIL,
            "ticket": EVIL,
            "customer_value": "4",
            "business_value": "4",
            "effort": "1",
            "confidence": "1",
        },
    )
    do(study, "ana", "idea", item="evil", text=EVIL)
    tab = open_board(coder=EVIL)
    tab.go_to("<img")
    for key in ("t", "g", "g", "d"):
        tab.press(key)
    tab.page.wait_for_selector("[name=owner]")
    assert tab.page.evaluate("[window.hacked, document.querySelectorAll('.wbc img').length]") == [None, 0]


def test_the_board_is_accessible_in_light_and_dark_in_each_of_its_forms(tab: CanvasPage, study: Study) -> None:
    do(study, "ben", "fill", of=f"item:{card(study, REPLACING).id}", values={"effort": ""})
    ARTEFACTS.mkdir(exist_ok=True)
    for scheme in ("light", "dark"):
        tab.page.emulate_media(color_scheme=scheme)
        for form in ("Board", "Ranking", "Matrix"):
            tab.page.get_by_role("button", name=form, exact=True).click()
            tab.page.locator(f'[data-item="{card(study, SLOT).id}"]').focus()
            tab.page.wait_for_selector(".wbc-honest")
            assert serious_violations(tab.page, ".wbc") == []
            tab.page.screenshot(path=ARTEFACTS / f"opportunities-{form.lower()}-{scheme}.png")


def test_closing_the_view_leaves_no_listener(tab: CanvasPage) -> None:
    tab.page.evaluate("window.closeView()")
    assert tab.page.evaluate("[window.listeners.size, document.querySelectorAll('.wbc').length]") == [0, 0]


def test_two_clicks_on_a_label_of_the_matrix_lead_to_the_card(tab: CanvasPage) -> None:
    tab.page.get_by_role("button", name="Matrix").click()
    tab.page.locator(".wbc-labels text", has_text="refunds").dblclick()
    expect(tab.item(REFUNDS)).to_be_focused()


def test_a_vote_is_undone_where_it_was_given(tab: CanvasPage, study: Study) -> None:
    tab.go_to(SLOT)
    tab.press("i", "v")
    tab.page.wait_for_selector("text=▲ 7")
    tab.press("z")
    tab.page.wait_for_selector("text=▲ 6")
    assert card(study, SLOT).ideas[0].n_votes == 6


def test_the_sheet_of_keys_speaks_of_cards(tab: CanvasPage) -> None:
    tab.page.locator("[data-item]").first.focus()
    tab.press("?")
    sheet = str(tab.page.locator(".wbc-keys").text_content())
    assert "statement" not in sheet.lower()
    assert "take off" not in sheet
    assert "drop, or take up again" in sheet
