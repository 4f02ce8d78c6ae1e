"""The persona builder in a plain Chromium page, answered by the real Python: what a researcher does, and what the study says then."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import serious_violations
from playwright.sync_api import expect
from widgets.stand_in import CanvasPage
from widgets.test_persona_desk import EVIL, Asking, coded, slot_coding, two_kinds  # noqa: F401 - fixtures

from workbench.model import Persona, TraitKind
from workbench.study import Study
from workbench.widgets.persona_desk import PersonaDesk

ARTEFACTS = Path(__file__).parents[1] / "artefacts"
Open = Callable[..., CanvasPage]


@pytest.fixture
def open_page(context: Any) -> Iterator[Open]:
    """Opens a builder for a coder; at the end nothing has complained and nothing was fetched."""
    pages: list[CanvasPage] = []

    def open_one(study: Study, coder: str = "ana") -> CanvasPage:
        pages.append(CanvasPage(context, PersonaDesk(study, coder=coder), "persona_builder"))
        return pages[-1]

    yield open_one
    assert [(p.said, p.asked) for p in pages] == [([], [])] * len(pages)


@pytest.fixture
def tab(open_page: Open, coded: Study) -> CanvasPage:  # noqa: F811
    return open_page(coded)


def nora(study: Study) -> Persona:
    return next(p for p in study.personas if p.name.startswith("Nora"))


def tabs(page: CanvasPage) -> list[str]:
    return list(page.page.locator(".wbc-tab > span").all_text_contents())


def write(page: CanvasPage, list_id: str, words: str) -> None:
    page.go_to_list(list_id)
    page.press("n")
    page.type(words, "Enter")
    page.wait_saved()


def add_scale(page: CanvasPage, low: str = "Plans", high: str = "Improvises") -> None:
    page.page.locator("[data-add]").first.focus()
    page.press("l")
    page.page.locator("[name=low]").wait_for()
    page.type(low, "Tab")
    page.type(high, "Enter")
    page.wait_saved()
    page.page.locator(".wbc-ends", has_text=high).wait_for()


def test_a_trait_is_assumed_until_somebody_said_it(tab: CanvasPage, coded: Study) -> None:  # noqa: F811
    write(tab, "goal", "Keep the slot")
    expect(tab.item("Keep the slot").locator(".wbc-assumed")).to_have_text("assumed")
    tab.press("f")
    tab.type("slot was gone")
    tab.page.wait_for_function("[...document.querySelectorAll('.wbc-hit q')].every((q) => q.textContent.includes('slot was gone'))")
    tab.press("Enter")
    tab.wait_saved()
    expect(tab.item("Keep the slot").locator("small").first).to_have_text("1 of 1")
    (goal,) = nora(coded).traits_of(TraitKind.GOAL)
    assert (goal.rank, goal.said_by, goal.asserted_by) == (1, ("P01",), "ana")


def test_goals_are_put_in_order_by_key(tab: CanvasPage, coded: Study) -> None:  # noqa: F811
    write(tab, "goal", "First")
    write(tab, "goal", "Second")
    tab.press("Alt+ArrowUp")
    tab.wait_saved()
    assert [s.text for s in nora(coded).traits_of(TraitKind.GOAL)] == ["Second", "First"]
    expect(tab.item("Second")).to_be_focused()


def test_an_empty_kind_is_folded_until_somebody_opens_it(tab: CanvasPage, coded: Study) -> None:  # noqa: F811
    assert tab.page.locator('[data-list="hobby"]').count() == 0
    tab.page.get_by_role("button", name="+ hobbies").click()
    tab.type("Sings in a choir", "Enter")
    tab.wait_saved()
    assert [s.text for s in nora(coded).traits_of(TraitKind.HOBBY)] == ["Sings in a choir"]
    tab.press("z")
    tab.wait_saved()
    tab.open()
    assert tab.page.locator('[data-list="hobby"]').count() == 0


def test_the_card_is_filled_in_and_its_picture_is_drawn_here(tab: CanvasPage, coded: Study) -> None:  # noqa: F811
    tab.page.locator("[data-add]").first.focus()
    tab.press("R")
    tab.page.locator("[name=age]").fill("29 to 41")
    tab.page.locator("[name=demographics]").fill("device: phones")
    tab.press("Control+Enter")
    tab.wait_saved()
    expect(tab.page.locator(".wbc-told-facts")).to_contain_text("29 to 41")
    assert (nora(coded).age, dict(nora(coded).demographics)) == ("29 to 41", {"device": "phones"})
    assert tab.page.locator(".wbc-profile svg text").text_content() == "N"
    assert tab.page.locator(".wbc-canvas :is(img, image, canvas)").count() == 0


def test_personas_are_made_duplicated_removed_and_chosen_by_key(tab: CanvasPage, coded: Study) -> None:  # noqa: F811
    write(tab, "goal", "Keep the slot")
    tab.press("D")
    tab.wait_saved()
    expect(tab.page.locator(".wbc-tab[aria-current] > span")).to_have_text("Nora, a copy")
    tab.press("N")
    tab.page.locator(".wbc-box [name=name]").wait_for()
    tab.page.locator("[name=name]").fill("Lena")
    tab.press("Control+Enter")
    tab.wait_saved()
    expect(tab.page.locator(".wbc-tab")).to_have_count(3)
    expect(tab.page.locator(".wbc-tab[aria-current] > span")).to_have_text("Lena")
    tab.page.locator("[data-add]").first.focus()
    tab.press("X")
    tab.wait_saved()
    expect(tab.page.locator(".wbc-tab")).to_have_count(2)
    tab.page.locator(".wbc-tab", has_text="a copy").click()
    expect(tab.page.locator(".wbc-tab[aria-current] > span")).to_have_text("Nora, a copy")
    tab.page.locator("[data-item]").first.focus()
    tab.press("[")
    expect(tab.page.locator(".wbc-tab[aria-current] > span")).to_have_text("Nora")
    assert sorted(p.name for p in coded.personas) == ["Nora", "Nora, a copy"]


def test_people_are_placed_on_a_scale_by_key(tab: CanvasPage, coded: Study) -> None:  # noqa: F811
    add_scale(tab)
    for name in ("Mara", "Joon"):
        tab.page.locator(".wbc-unplaced").get_by_role("button", name=name).click()
        tab.page.get_by_role("slider", name=name).wait_for()
        tab.wait_saved()
    tab.page.get_by_role("slider", name="Joon").focus()
    tab.press("ArrowLeft", "ArrowLeft", "ArrowLeft")
    expect(tab.page.get_by_role("slider", name="Joon")).to_have_attribute("aria-valuetext", "0.35 from Plans to Improvises")
    tab.press("Tab")
    tab.wait_saved()
    assert dict(nora(coded).scales[0].placed) == {"P01": 0.5, "P02": 0.35}
    tab.page.get_by_role("slider", name="Joon").focus()
    tab.press("Delete")
    tab.wait_saved()
    assert dict(nora(coded).scales[0].placed) == {"P01": 0.5}


def test_a_dot_is_dragged_and_keeps_its_focus(tab: CanvasPage, coded: Study) -> None:  # noqa: F811
    add_scale(tab)
    tab.page.locator("[data-place=P01]").click()
    dot = tab.page.get_by_role("slider", name="Mara")
    dot.wait_for()
    tab.wait_saved()
    dot.scroll_into_view_if_needed()
    at, line = dot.locator("i").bounding_box(), tab.page.locator(".wbc-line-of").bounding_box()
    assert at
    assert line
    tab.page.mouse.move(at["x"] + 7, at["y"] + 7)
    tab.page.mouse.down()
    tab.page.mouse.move(line["x"] + line["width"] * 0.81, at["y"] + 7, steps=4)
    tab.page.mouse.up()
    tab.wait_saved()
    assert dict(nora(coded).scales[0].placed) == {"P01": 0.8}
    expect(dot).to_be_focused()


def test_names_on_a_scale_do_not_overlap(open_page: Open, two_kinds: Study) -> None:  # noqa: F811
    ask = Asking(two_kinds)
    ask.done("new", item="n")
    ask.done("fill", of="scale:", values={"low": "a", "high": "b"})
    for k in range(10):
        ask.done("place", scale="a ↔ b", who=f"P{k}", at=0.5 + 0.05 * (k % 2))
    page = open_page(two_kinds).page
    page.wait_for_function("[...document.querySelectorAll('.wbc-placed')].some((n) => n.style.getPropertyValue('--row') > 3)")
    boxes = page.locator(".wbc-placed span").evaluate_all("(all) => all.map((n) => n.getBoundingClientRect().toJSON())")
    assert len(boxes) == 10
    for k, a in enumerate(boxes):
        for b in boxes[k + 1 :]:
            assert a["right"] <= b["left"] or b["right"] <= a["left"] or a["bottom"] <= b["top"] or b["bottom"] <= a["top"]


def test_a_proposal_is_read_merged_accepted_and_undone(open_page: Open, two_kinds: Study) -> None:  # noqa: F811
    tab = open_page(two_kinds)
    tab.page.locator("[data-add]").first.focus()
    tab.press("p")
    sheet = tab.page.get_by_role("group", name="Proposed personas")
    expect(sheet).to_contain_text("The 10 people fall into 2 groups (5 and 5)")
    expect(sheet.locator(".wbc-groups section").first).to_contain_text("5 of 50 of 5")
    assert two_kinds.personas == []
    for k in range(2):
        sheet.locator("[data-tick]").nth(k).check()
    sheet.get_by_role("button", name="Merge").click()
    expect(sheet.locator(".wbc-groups section")).to_have_count(1)
    expect(sheet.locator(".wbc-groups section")).to_contain_text("10 people")
    tab.press("Escape", "p")
    sheet.get_by_role("button", name="Accept as a persona").first.click()
    tab.wait_saved()
    sheet.get_by_role("button", name="Accept as a persona").click()
    tab.wait_saved()
    expect(tab.page.locator(".wbc-tab")).to_have_count(2)
    assert sorted(len(p.participants) for p in two_kinds.personas) == [5, 5]
    tab.press("Escape", "z", "z")
    tab.wait_saved()
    expect(tab.page.locator(".wbc-tab")).to_have_count(0)
    assert two_kinds.personas == []


def test_a_proposal_says_when_there_is_none(tab: CanvasPage) -> None:
    tab.page.get_by_role("button", name="Propose").click()
    expect(tab.page.locator(".wbc-box .wbc-bad")).to_contain_text("2 people were compared, and 8 are the least")
    tab.press("Escape")


def test_claims_are_held_against_data_and_kept_when_somebody_says_so(open_page: Open, two_kinds: Study) -> None:  # noqa: F811
    ask = Asking(two_kinds)
    told = ask.done("propose")["proposal"]
    ask.done("accept", groups=[{**told["groups"][0], "item": "g"}], everybody=told["everybody"])
    tab = open_page(two_kinds)
    tab.page.locator("[data-item]").first.focus()
    tab.press("v", "Enter")
    expect(tab.page.locator(".wbc-box tbody tr")).to_have_count(2)
    assert two_kinds.personas[0].checks == ()
    tab.page.get_by_role("button", name="Keep these checks").click()
    tab.wait_saved()
    assert len(two_kinds.personas[0].checks) == 2
    expect(tab.page.locator(".wbc-meta", has_text="○ not seen").first).to_be_visible()
    tab.page.get_by_role("button", name="Read them").click()
    expect(tab.page.locator(".wbc-box")).to_contain_text("Held against data, ")
    tab.press("Escape", "z")
    tab.wait_saved()
    assert two_kinds.personas[0].checks == ()


def test_personas_stand_side_by_side(tab: CanvasPage) -> None:
    write(tab, "goal", "Keep the slot")
    tab.press("D")
    tab.wait_saved()
    tab.press("b")
    expect(tab.page.locator(".wbc-box thead th")).to_have_text(["N Nora", "N Nora, a copy"])


def test_what_a_colleague_does_appears_and_does_not_turn_the_page(tab: CanvasPage, coded: Study) -> None:  # noqa: F811
    tab.page.locator(".wbc-tab").first.focus()
    ben = Asking(coded, "ben")
    ben.done("add", list="pain point", text="Ben wrote this", item="b")
    ben.done("new", item="bens")
    tab.page.wait_for_selector("text=Ben wrote this")
    expect(tab.page.locator(".wbc-tab")).to_have_count(2)
    expect(tab.page.locator(".wbc-tab[aria-current] > span")).to_have_text("Nora")
    expect(tab.page.locator(".wbc-tab", has_text="Nora")).to_be_focused()


def test_two_views_of_one_widget_may_show_two_personas(context: Any, coded: Study) -> None:  # noqa: F811
    desk = PersonaDesk(coded, coder="ana")
    first = CanvasPage(context, desk, "persona_builder")
    second = CanvasPage(context, desk, "persona_builder")
    second.page.get_by_role("button", name="New", exact=True).click()
    expect(second.page.locator(".wbc-tab[aria-current] > span")).to_have_text("New persona")
    write(first, "goal", "Of Nora")
    assert {p.name: len(p.traits) for p in coded.personas} == {"Nora": 1, "New persona": 0}


def test_what_could_not_be_sent_is_sent_after_a_reload_to_the_persona_it_was_written_for(tab: CanvasPage, coded: Study) -> None:  # noqa: F811
    Asking(coded).done("new", item="other")
    tab.page.locator(".wbc-tab", has_text="New persona").click()
    expect(tab.page.locator(".wbc-tab[aria-current] > span")).to_have_text("New persona")
    tab.page.evaluate("window.line = 'down'")
    tab.go_to_list("goal")
    tab.press("n")
    tab.type("Written on the train", "Enter")
    tab.page.wait_for_selector('.wbc[data-unsaved="1"]')
    tab.desk = PersonaDesk(coded, coder="ana", persona="Nora")  # the kernel was restarted
    tab.open()
    tab.wait_saved()
    assert {p.name: [t.statement.text for t in p.traits] for p in coded.personas} == {"Nora": [], "New persona": ["Written on the train"]}
    expect(tab.page.locator(".wbc-tab[aria-current] > span")).to_have_text("Nora")
    assert tab.words_in("goal") == []


def test_nothing_that_somebody_wrote_is_run_as_markup(open_page: Open, coded: Study) -> None:  # noqa: F811
    ask = Asking(coded)
    ask.done("fill", of="card", values={"name": EVIL, "summary": EVIL, "age": EVIL, "demographics": f"{EVIL}: {EVIL}"})
    ask.done("fill", of="scenario", values={"scenario": EVIL})
    ask.done("fill", of="scale:", values={"low": EVIL, "high": f"</script>{EVIL}"})
    ask.done("place", scale=f"{EVIL} ↔ </script>{EVIL}", who="P01", at=0.5)
    ask.done("add", list="goal", text=EVIL, item='"]<b>', codings=[slot_coding(coded, "P01")])
    ask.done("fill", of='item:"]<b>', values={"stage": "check_out"})
    tab = open_page(coded)
    tab.go_to(EVIL)
    for key in ("b", "v", "R"):
        tab.press(key)
        tab.page.locator(".wbc-box:not([hidden])").wait_for()
        tab.press("Escape")
    expect(tab.page.locator(".wbc-part-card > b")).to_have_text(EVIL)
    assert tab.page.evaluate("[window.hacked, document.querySelectorAll('.wbc :is(img, script)').length]") == [None, 0]


def test_the_builder_is_accessible_in_light_and_dark(open_page: Open, two_kinds: Study) -> None:  # noqa: F811
    ask = Asking(two_kinds)
    told = ask.done("propose")["proposal"]
    ask.done("accept", groups=[{**g, "item": f"g{k}"} for k, g in enumerate(told["groups"])], everybody=told["everybody"])
    ask.done("fill", of="scale:", values={"low": "plans", "high": "improvises"})
    ask.done("place", scale="plans ↔ improvises", who="P1", at=0.4)
    ask.done("keep_checks", since="2026-10-01", on="2026-11-22")
    tab = open_page(two_kinds)
    for scheme in ("light", "dark"):
        tab.page.emulate_media(color_scheme=scheme)
        tab.go_to("List lost") if tab.item("List lost").count() else tab.go_to("Late fee")
        for key, inside in (("", ""), ("p", "[data-tick]"), ("v", "[name=since]"), ("b", ".wbc-sheet-beside")):
            if key:
                tab.press(key)
                tab.page.locator(f".wbc-box {inside}").first.wait_for()
            assert serious_violations(tab.page, ".wbc") == [], (scheme, key)
            ARTEFACTS.mkdir(exist_ok=True)
            tab.page.screenshot(path=ARTEFACTS / f"persona-{scheme}{key}.png")
            tab.press("Escape")


def test_closing_the_view_leaves_no_listener(tab: CanvasPage) -> None:
    tab.page.evaluate("window.closeView()")
    assert tab.page.evaluate("[window.listeners.size, document.querySelectorAll('.wbc').length]") == [0, 0]
