"""The map as it was at the end of a day: read in the same widget, unchanged by whatever is pressed, and back to today."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from browser import serious_violations
from miniature import FILES, SETTINGS, empty_study, write_all
from playwright.sync_api import expect
from widgets.stand_in import CanvasPage

from workbench.model import Consent
from workbench.store import save_participants
from workbench.study import Study
from workbench.study.importing import import_files
from workbench.widgets.journey_desk import JourneyDesk

ARTEFACTS = Path(__file__).parents[1] / "artefacts"
PAINS = "check_out/Pain points"
WITH_EVENTS = SETTINGS.replace('name = "Check out"', 'name = "Check out"\nevents = ["visit", "pay"]')


class Calendar:
    """A clock that a test turns on."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now

    def next_day(self) -> None:
        self.now += timedelta(days=1)


@pytest.fixture
def calendar() -> Calendar:
    return Calendar()


@pytest.fixture
def study(tmp_path: Path, calendar: Calendar) -> Iterator[Study]:
    """On 3 November everything was imported; on the 4th somebody wrote a pain point; it is the 5th now."""
    opened = empty_study(tmp_path / "study", WITH_EVENTS)
    opened.db.clock = calendar
    import_files(opened, write_all(tmp_path / "files", codings=FILES["codings.csv"] + "P02,ben,Check out,Nobody keeps a slot for me,,\n"))
    calendar.next_day()
    assert JourneyDesk(opened, coder="ana").answer({"id": "w", "op": "add", "list": PAINS, "text": "Written on the 4th", "item": "mine"})[
        "ok"
    ]
    calendar.next_day()
    yield opened
    opened.close()


@pytest.fixture
def desk(study: Study) -> JourneyDesk:
    return JourneyDesk(study, coder="ana")


@pytest.fixture
def tab(context: Any, desk: JourneyDesk) -> Iterator[CanvasPage]:
    page = CanvasPage(context, desk, "journey_map")
    yield page
    assert (page.said, page.asked) == ([], [])


def show_day(tab: CanvasPage, day: str) -> None:
    """By keyboard alone."""
    tab.page.locator("[data-item]").first.focus()
    tab.press("c")
    tab.page.get_by_label("The map as of a day").fill(day)
    tab.press("Enter")


def ask(desk: JourneyDesk, op: str, **body: Any) -> dict[str, Any]:
    return desk.answer({"id": f"{op}-{body}", "op": op, **body})


def words(state: dict[str, Any]) -> list[str]:
    return [s["text"] for s in state["lists"][PAINS]]


def test_a_day_is_shown_as_it_was_and_today_as_it_is(tab: CanvasPage) -> None:
    assert tab.words_in(PAINS) == ["Slot expires", "Written on the 4th"]
    show_day(tab, "2026-11-03")
    expect(tab.page.locator(".wbc-past")).to_contain_text("This is the map as it was at the end of 3 November 2026")
    assert tab.words_in(PAINS) == ["Slot expires"]
    tab.go_to("Slot expires")
    expect(tab.page.locator(".wbc-behind")).to_contain_text("the slot was gone")
    tab.page.get_by_role("button", name="Back to today").focus()
    tab.press("Enter")
    expect(tab.page.locator(".wbc-past")).to_be_hidden()
    assert tab.words_in(PAINS) == ["Slot expires", "Written on the 4th"]


def test_nothing_is_changed_on_another_day_and_a_sentence_says_so(tab: CanvasPage, study: Study) -> None:
    before = study.history()[0].batch
    show_day(tab, "2026-11-03")
    tab.go_to("Slot expires")
    for key in ("x", "n", "Enter", "m", "o", "t", "z", "Alt+ArrowDown", "Delete"):
        tab.press(key)
        expect(tab.page.locator(".wbc-writing, .wbc-form, .wbc-note textarea")).to_have_count(0)
    tab.wait_saved()
    assert "Go back to today first." in tab.status
    tab.page.locator(".wbc-stagename").click()
    expect(tab.page.locator(".wbc-form [name=problem]")).not_to_be_editable()
    assert study.history()[0].batch == before


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_has_no_complaint_of_another_day_and_of_an_open_funnel(tab: CanvasPage, scheme: str) -> None:
    tab.page.emulate_media(color_scheme=scheme)
    tab.page.locator("[data-funnel]").click()
    show_day(tab, "2026-11-03")
    expect(tab.page.locator(".wbc-past")).to_be_visible()
    tab.go_to("Slot expires")
    assert serious_violations(tab.page, ".wbc") == []
    tab.page.screenshot(path=ARTEFACTS / f"journey-map-past-{scheme}.png")
    tab.press("c")
    tab.page.wait_for_selector(".wbc-versions")
    assert serious_violations(tab.page, ".wbc") == []
    tab.page.screenshot(path=ARTEFACTS / f"journey-map-versions-{scheme}.png")


def test_a_stage_opens_its_funnel_by_keyboard_and_keeps_it_open(tab: CanvasPage, study: Study) -> None:
    opens = tab.page.locator("[data-funnel]")
    expect(opens).to_have_text("50\xa0% visit → pay")
    opens.focus()
    tab.press("Enter")
    expect(opens).to_have_attribute("aria-expanded", "true")
    expect(tab.page.locator(".wbc-funnel")).to_contain_text("largest drop: 1 of 2 are lost")
    ask(JourneyDesk(study, coder="ben"), "fill", of="lane:", values={"name": "Our bets"})
    tab.page.wait_for_selector(".wbc-lanename >> text=Our bets")
    expect(tab.page.locator(".wbc-funnel")).to_be_visible()


def test_what_colleagues_do_meanwhile_does_not_turn_the_page(desk: JourneyDesk, study: Study) -> None:
    since = ask(desk, "hello")["seq"]
    assert words(ask(desk, "as_of", day="2026-11-03")["state"]) == ["Slot expires"]
    ask(JourneyDesk(study, coder="ben"), "add", list=PAINS, text="Meanwhile", item="b")
    told = ask(desk, "changes", since=since, past="2026-11-03")
    assert "state" not in told
    assert told["seq"] > since
    assert words(ask(desk, "as_of", day="")["state"]) == ["Slot expires", "Written on the 4th", "Meanwhile"]


def test_a_change_that_names_another_day_is_refused(desk: JourneyDesk) -> None:
    answer = ask(desk, "hide", item="mine", hidden=True, past="2026-11-04")
    assert answer["error"] == (
        "journey map: this is the map as it was at the end of 4 November 2026, and what was cannot be changed. Go back to today first."
    )
    assert "state" not in answer, "the view stays at that day"
    assert "not over yet" in ask(desk, "as_of", day="2026-11-06")["error"]
    assert '"soon" is not a day' in ask(desk, "find", typed="", past="soon")["error"]


def test_a_day_before_the_study_shows_an_empty_map(desk: JourneyDesk) -> None:
    state = ask(desk, "as_of", day="2026-11-01")["state"]
    assert (words(state), state["about"]["n_of"]) == ([], 0)


def test_who_withdrew_since_is_not_quoted_on_any_day(desk: JourneyDesk, study: Study) -> None:
    """What was agreed to then does not matter: a participant who has withdrawn is quoted nowhere."""
    (item,) = (s["id"] for s in ask(desk, "as_of", day="2026-11-03")["state"]["lists"][PAINS])
    quotes = ask(desk, "evidence", item=item, past="2026-11-03")["evidence"]["quotes"]
    assert [q["text"] for q in quotes] == ["the slot was gone", None]
    with study.db.atomic("ana", "withdraw") as transaction:
        save_participants(transaction, [replace(p, consent=Consent(quote=False)) for p in study.load_participants()])
    again = JourneyDesk(study, coder="ana")
    quotes = ask(again, "evidence", item=item, past="2026-11-03")["evidence"]["quotes"]
    assert [q["text"] for q in quotes] == [None, None]


@pytest.mark.parametrize("value", ["99", "0", "-1"])
def test_a_significance_off_the_scale_is_refused_with_a_sentence(desk: JourneyDesk, value: str) -> None:
    answer = ask(desk, "fill", of="step:new@check_out", values={"name": "Pays", "significance": value})
    assert answer["error"] == f"step, significance: {value} is not on the scale. Use 1 to 5, or nothing."
    assert ask(desk, "fill", of="step:new@check_out", values={"name": "Pays", "significance": "5"})["ok"]


def test_what_is_found_is_of_the_day_that_is_shown(tab: CanvasPage) -> None:
    tab.page.wait_for_selector(".wbc-hit")
    show_day(tab, "2026-11-01")
    expect(tab.page.locator(".wbc-hits")).to_have_text("Nothing is coded yet.")
    tab.page.get_by_role("button", name="Back to today").click()
    tab.page.wait_for_selector(".wbc-hit")


def test_who_withdraws_while_another_day_is_shown_is_not_quoted_any_more(desk: JourneyDesk, study: Study) -> None:
    since = ask(desk, "hello")["seq"]
    (item,) = (s["id"] for s in ask(desk, "as_of", day="2026-11-03")["state"]["lists"][PAINS])
    with study.db.atomic("ben", "withdraw") as transaction:
        save_participants(transaction, [replace(p, consent=Consent(quote=False)) for p in study.load_participants()])
    ask(desk, "changes", since=since, past="2026-11-03")
    assert [q["text"] for q in ask(desk, "evidence", item=item, past="2026-11-03")["evidence"]["quotes"]] == [None, None]
