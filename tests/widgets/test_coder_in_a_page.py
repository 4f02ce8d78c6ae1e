"""The coder in a plain Chromium page, answered by the real Python: what a researcher does, and what is in the database then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from browser import axe_violations
from playwright.sync_api import expect
from widgets.conftest import transcript
from widgets.stand_in import PAGE, CoderPage

from workbench.model import SourceKind
from workbench.store import load_codings, load_memos, save_transcripts
from workbench.study import Study
from workbench.study.importing import import_files
from workbench.widgets.coding_desk import CodingDesk

ARTEFACTS = Path(__file__).parents[1] / "artefacts"
Open = Callable[..., CoderPage]


def codings(study: Study) -> list[tuple[str, str, str]]:
    """Code, words and coder of every coding, by position."""
    return [(c.code, c.text, c.coder) for c in load_codings(study.db)]


def code_slot(tab: CoderPage, *, typed: str = "slot") -> None:
    """By keyboard alone: "The slot was gone." gets the code that is typed."""
    tab.start()
    tab.press("ArrowDown", "ArrowRight", "Enter")
    tab.page.keyboard.type(typed)
    tab.press("Enter")


def drag(tab: CoderPage, words: str, until: str | None = None) -> None:
    """Select from the beginning of some words to their end, or to the end of others, with the mouse."""
    box = """([from, to]) => {
      const find = (words, end) => {
        for (const p of document.querySelectorAll(".wbc-text")) {
          const at = p.textContent.indexOf(words);
          if (at < 0) continue;
          let left = end ? at + words.length : at;
          const walk = document.createTreeWalker(p, NodeFilter.SHOW_TEXT);
          for (let n = walk.nextNode(); n; n = walk.nextNode()) {
            if (left <= n.length) { const r = document.createRange(); r.setStart(n, left); r.collapse(true); const b = r.getBoundingClientRect(); return [b.x, b.y + b.height / 2]; }
            left -= n.length;
          }
        }
      };
      return [find(from, false), find(to, true)];
    }"""
    (x0, y0), (x1, y1) = tab.page.evaluate(box, [words, until or words])
    tab.page.mouse.move(x0 + 1, y0)
    tab.page.mouse.down()
    tab.page.mouse.move((x0 + x1) / 2, (y0 + y1) / 2)
    tab.page.mouse.move(x1, y1)
    tab.page.mouse.up()
    expect(tab.page.locator(".wbc-box input")).to_be_focused()  # the browser tells of a selection a moment later


# coding


def test_coding_with_the_keyboard_alone(tab: CoderPage, study: Study) -> None:
    code_slot(tab)
    assert tab.chips() == ["Slot expires"]
    tab.wait_saved()
    assert "✓ saved" in tab.status
    assert codings(study) == [("pain", "The slot was gone.", "ana")]


def test_coding_with_the_mouse(tab: CoderPage, study: Study) -> None:
    """After an emoji: the browser counts it twice, Python once."""
    drag(tab, "slot was", "gone")
    tab.page.locator(".wbc-options >> text=Anxious").click()
    tab.wait_saved()
    assert codings(study) == [("anxious", "slot was gone", "ana")]


def test_a_passage_over_several_utterances(tab: CoderPage, study: Study) -> None:
    drag(tab, "Then I called", "It was fine")
    tab.press("Enter")
    tab.wait_saved()
    assert [words for _, words, _ in codings(study)] == ["Then I called them. Nobody answered.\nIt was fine"]
    assert len(tab.page.locator(".wbc-mark").all()) == 2


def test_a_double_click_and_a_code_in_the_codebook(tab: CoderPage, study: Study) -> None:
    tab.page.locator(".wbc-text >> text=It was fine in the end.").dblclick(position={"x": 8, "y": 10})
    tab.press("Escape")
    tab.page.locator(".wbc-code >> text=Waits by the window").click()
    tab.wait_saved()
    assert codings(study) == [("wait", "It", "ana")]


def test_a_digit_applies_the_code_that_was_used_before(tab: CoderPage, study: Study) -> None:
    code_slot(tab)
    tab.press("ArrowRight", "1")
    tab.wait_saved()
    assert [c[0] for c in codings(study)] == ["pain", "pain"]


def test_several_codes_at_once(tab: CoderPage, study: Study) -> None:
    tab.start()
    tab.press("Enter")
    tab.page.keyboard.type("slot")
    tab.press("Shift+Enter")
    tab.page.keyboard.type("anx")
    tab.press("Enter")
    tab.wait_saved()
    assert {c[0] for c in codings(study)} == {"pain", "anxious"}
    expect(tab.page.locator(".wbc-box")).to_be_hidden()
    expect(tab.page.locator(".wbc-doc")).to_be_focused()
    tab.press("z")
    tab.wait_saved()
    assert codings(study) == []  # they were one step


def test_the_passage_grows_by_the_unit(tab: CoderPage) -> None:
    tab.start()
    tab.press("ArrowDown", "w", "Shift+ArrowRight", "Shift+ArrowRight")
    assert tab.selected == "No 😀. The slot"
    tab.press("Shift+ArrowLeft")
    assert tab.selected == "No 😀. The"
    tab.press("u")
    assert tab.selected.startswith("No")
    assert tab.selected.endswith("list.")
    tab.press("c", "ArrowRight", "ArrowRight")
    assert tab.selected == "😀"


def test_a_new_code_from_where_you_are(tab: CoderPage, study: Study) -> None:
    tab.start()
    tab.press("Enter")
    tab.page.keyboard.type("Lost time")
    tab.press("Control+Enter")
    tab.page.locator("select[aria-label=Kind]").select_option("theme")
    tab.page.locator("select[aria-label=Under]").select_option("pain")
    tab.page.locator("input[aria-label='Name of the new code']").press("Enter")
    tab.wait_saved()
    made = study.codebook.find("Lost time")
    assert (made.kind, made.parent) == ("theme", "pain")
    assert codings(study) == [(made.id, "Did the slot stay?", "ana")]
    tab.press("z")
    tab.wait_saved()
    expect(tab.page.locator(".wbc-code >> text=Lost time")).to_have_count(0)
    assert codings(study) == []


def test_a_code_in_vivo(tab: CoderPage, study: Study) -> None:
    tab.start()
    tab.press("v", "Enter")
    tab.wait_saved()
    assert study.codebook.find("Did the slot stay?")
    assert len(codings(study)) == 1


# working on codings


def test_undo_and_redo(tab: CoderPage, study: Study) -> None:
    code_slot(tab)
    tab.press("z")
    tab.wait_saved()
    assert tab.chips() == []
    assert codings(study) == []
    tab.press("Shift+Z")
    tab.wait_saved()
    assert tab.chips() == ["Slot expires"]
    assert len(codings(study)) == 1


def test_remove_recode_memo_intensity_and_ends(tab: CoderPage, study: Study) -> None:
    code_slot(tab)
    tab.press("j", "r")
    tab.page.keyboard.type("anx")
    tab.press("Enter", "-", "w", "[", "}", "m")
    tab.page.keyboard.type("laughs")
    tab.press("Control+Enter")
    tab.wait_saved()
    (c,) = load_codings(study.db)
    assert (c.code, c.text, c.intensity, c.memo, c.version) == ("anxious", "slot was", -2, "laughs", 6)
    assert tab.chips() == ["Anxious −2"]
    tab.press("]", "{")
    tab.wait_saved()
    assert codings(study)[0][1] == "The slot was gone"
    tab.press("x")
    tab.wait_saved()
    assert codings(study) == []


def test_split_and_merge(tab: CoderPage, study: Study) -> None:
    tab.start()
    tab.press("ArrowDown", "u", "1")
    assert "No code has the number 1 yet" in tab.status
    tab.press("Enter")
    tab.page.keyboard.type("slot")
    tab.press("Enter", "j", "s", "ArrowRight", "ArrowRight", "i")
    tab.wait_saved()
    halves = ["No 😀.", "The slot was gone. I had to start again from the list."]
    assert [words for _, words, _ in codings(study)] == halves
    tab.press("g")
    tab.wait_saved()
    assert [words for _, words, _ in codings(study)] == [" ".join(halves)]
    tab.press("z", "z")
    tab.wait_saved()
    assert len(codings(study)) == 1


def test_codings_in_a_passage_become_one(tab: CoderPage, study: Study) -> None:
    """Two sentences with the same code, and one between them without."""
    for start, end in ((107, 130), (148, 163)):
        study.add_coding("P01", "Waits by the window", start, end)
    tab.page.wait_for_selector(".wbc-chip")
    tab.page.locator(".wbc-doc").focus()
    tab.press("u", *["ArrowDown"] * 4, "g")
    tab.wait_saved()
    assert [(c.start, c.end) for c in load_codings(study.db)] == [(107, 163)]


def test_the_excerpts_of_a_code_lead_to_other_transcripts(tab: CoderPage, study: Study) -> None:
    study.add_coding("P02", "Anxious", 25, 43)
    tab.page.wait_for_function("document.querySelector('[data-excerpts=anxious]').textContent === '1'")
    tab.page.locator("[data-excerpts=anxious]").click()
    tab.page.keyboard.type("slot")
    tab.press("Enter")
    tab.page.wait_for_selector('.wbc[data-open="t2"]')
    expect(tab.page.locator(".wbc-chip.wbc-on")).to_have_text("Anxious")
    expect(tab.page.locator(".wbc-doc")).to_be_focused()


def test_a_code_gets_and_loses_its_number_in_the_codebook(tab: CoderPage, study: Study) -> None:
    pin = tab.page.locator("[data-pin=wait]")
    pin.click()
    expect(pin).to_have_text("1")
    tab.start()
    tab.press("1")
    tab.wait_saved()
    assert [c[0] for c in codings(study)] == ["wait"]
    pin.click()
    expect(pin).to_have_text("+")


def test_clicking_and_coding_in_a_shadow_root(context: Any, study: Study) -> None:
    """marimo draws widgets in one."""
    inside = "document.querySelector('#here').attachShadow({ mode: 'open' })"
    html = PAGE.replace(
        'el: document.querySelector("#here")', f"el: window.shade = Object.assign({inside}.appendChild(document.createElement('div')))"
    )
    tab = CoderPage(context, CodingDesk(study, coder="ana"), html)
    tab.page.locator(".wbc-text >> text=It was fine in the end.").click(position={"x": 8, "y": 10})
    tab.page.locator(".wbc-code >> text=Waits by the window").click()
    tab.wait_saved()
    assert codings(study) == [("wait", "It was fine in the end.", "ana")]


def test_where_storage_is_blocked_it_works_without(context: Any, study: Study) -> None:
    blocked = "Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('blocked', 'SecurityError'); } });"
    tab = CoderPage(context, CodingDesk(study, coder="ana"), PAGE.replace("const listeners", f"{blocked}\nconst listeners"))
    code_slot(tab)
    tab.wait_saved()
    assert tab.said == []
    assert len(codings(study)) == 1


# the recording


def test_the_recording_and_the_text_follow_each_other(context: Any, study: Study, recording: Path) -> None:
    """Where no file server can be asked, it comes from the kernel in pieces."""
    import_files(study, recording)
    tab = CoderPage(context, CodingDesk(study, coder="ana"))
    tab.start()
    tab.press("p")
    audio = "document.querySelector('.wbc-player audio')"
    tab.page.wait_for_function(f"{audio}.currentTime > 0.2")
    assert tab.page.evaluate(f"Math.round({audio}.duration)") == 30
    tab.press("p")
    tab.page.wait_for_function(f"{audio}.paused")
    tab.page.locator(".wbc-time >> text=00:15").click()
    tab.page.wait_for_function(f"{audio}.currentTime > 15")
    expect(tab.page.locator(".wbc-heard")).to_contain_text("I waited by the window.")
    tab.press("p", "ArrowDown", "ArrowDown")
    tab.page.wait_for_function(f"{audio}.currentTime === 10")
    expect(tab.page.locator(".wbc-heard")).to_contain_text("What did you do?")
    assert tab.said == []


def test_a_transcript_without_a_recording_says_how_to_get_one(tab: CoderPage) -> None:
    tab.start()
    tab.press("p")
    assert "has no recording" in tab.status


# by touch


def test_coding_by_touch(chromium: Any, study: Study) -> None:
    context = chromium.new_context(viewport={"width": 1180, "height": 820}, has_touch=True)
    tab = CoderPage(context, CodingDesk(study, coder="ana"))
    tab.page.locator(".wbc-text >> text=It was fine in the end.").tap()
    tab.page.locator(".wbc-code >> text=Waits by the window").tap()
    tab.wait_saved()
    assert codings(study) == [("wait", "It was fine in the end.", "ana")]
    context.close()


def test_next_uncoded_passes_the_interviewer(tab: CoderPage) -> None:
    tab.page.locator(".wbc-doc").focus()
    tab.press("n")
    assert tab.selected == "No 😀."
    tab.press("Enter", "Enter", "n")
    assert tab.selected == "I waited by the window."


def test_memos_on_a_transcript_and_a_code(tab: CoderPage, study: Study) -> None:
    tab.page.locator(".wbc-doc").focus()
    tab.press("Shift+M")
    tab.page.keyboard.type("calm throughout")
    tab.press("Control+Enter")
    code_slot(tab)
    tab.press("j")
    tab.page.locator("text=Memo on the code").click()
    tab.page.keyboard.type("not for weather")
    tab.press("Control+Enter")
    tab.wait_saved()
    assert {(m.about, m.about_id, m.text) for m in load_memos(study.db)} == {
        ("transcript", "t1", "calm throughout"),
        ("code", "pain", "not for weather"),
    }


def test_find_goes_round(tab: CoderPage) -> None:
    tab.page.locator(".wbc-doc").focus()
    tab.press("f")
    tab.page.keyboard.type("SLOT")
    assert tab.selected == "slot"
    tab.press("Enter", "Enter")
    assert tab.page.locator(".wbc-bar [role=status]").text_content() == "1 of 2"


def test_another_transcript_and_done(tab: CoderPage) -> None:
    tab.page.locator(".wbc-doc").focus()
    tab.press("d", ".")
    tab.page.wait_for_selector('.wbc[data-open="t2"]')
    expect(tab.page.locator('[data-transcript="t1"]')).to_contain_text("✓")
    tab.press(",")
    tab.page.wait_for_selector('.wbc[data-open="t1"]')


def test_the_sheet_of_keys(tab: CoderPage) -> None:
    tab.page.locator(".wbc-doc").focus()
    tab.press("?")
    expect(tab.page.locator(".wbc-keys")).to_be_focused()
    tab.press("Escape")
    expect(tab.page.locator(".wbc-doc")).to_be_focused()


def test_a_click_on_a_coded_passage_shows_its_code(tab: CoderPage) -> None:
    code_slot(tab)
    tab.page.locator(".wbc-mark").click()
    expect(tab.page.locator(".wbc-details")).to_contain_text("The slot is lost.")


# saving


def test_what_the_kernel_does_not_answer_is_kept_and_sent_again(tab: CoderPage, study: Study) -> None:
    tab.page.evaluate("window.line = 'down'")
    code_slot(tab)
    assert tab.chips() == ["Slot expires"]
    expect(tab.page.locator(".wbc-saved")).to_contain_text("1 not saved yet")
    assert codings(study) == []
    tab.open()
    tab.wait_saved()
    assert tab.chips() == ["Slot expires"]
    assert codings(study) == [("pain", "The slot was gone.", "ana")]
    assert tab.page.evaluate("Object.keys(localStorage).filter((k) => k.startsWith('workbench-coder')).length") == 0


def test_an_answer_that_was_lost_makes_no_double(tab: CoderPage, study: Study) -> None:
    tab.page.evaluate("window.line = 'mute'")
    code_slot(tab)
    tab.press("j", "w", "[")
    tab.page.wait_for_function("window.sent.filter((m) => m.op === 'edit').length === 2")
    tab.open()
    tab.wait_saved()
    assert [words for _, words, _ in codings(study)] == ["The slot was"]
    assert tab.chips() == ["Slot expires"]


def test_the_line_comes_back_without_a_reload(tab: CoderPage, study: Study) -> None:
    tab.page.evaluate("window.line = 'down'")
    code_slot(tab)
    tab.press("j", "w", "[")
    tab.page.evaluate("window.line = 'up'")
    tab.press("d")
    tab.wait_saved()
    assert [words for _, words, _ in codings(study)] == ["The slot was"]


@pytest.mark.parametrize("seed", range(4))
def test_whatever_the_line_does_what_is_shown_is_what_is_stored(tab: CoderPage, study: Study, seed: int) -> None:
    """Messages and answers get lost at random while somebody codes, moves ends, removes and undoes; a reload ends it."""
    random = Random(seed)
    code_slot(tab)
    for _ in range(30):
        tab.page.evaluate(f"window.line = '{random.choice(['up', 'down', 'mute'])}'")
        tab.press(
            *random.choice(
                [
                    ["n", "1"],
                    ["ArrowRight", "1"],
                    ["j", "w", "["],
                    ["k", "w", "]"],
                    ["j", "x"],
                    ["s", "ArrowDown", "1"],
                    ["z"],
                    ["Shift+Z"],
                    ["j", "m", "y", "Control+Enter"],
                ]
            )
        )
    tab.page.evaluate("window.line = 'up'")
    tab.open()
    tab.wait_saved()
    stored = load_codings(study.db)
    assert len({(c.code, c.start, c.end) for c in stored}) == len(stored)
    assert tab.page.locator(".wbc-status").get_by_text(f"P01: {len(stored)} coding").count() == 1
    tab.open()
    assert len(load_codings(study.db)) == len(stored) == len(tab.chips())


def test_a_coding_that_is_refused_is_taken_back_with_the_reason(tab: CoderPage, study: Study) -> None:
    from dataclasses import replace

    from workbench.store import save_codes

    book = study.codebook
    with study.db.atomic("ben", "retire") as transaction:
        save_codes(transaction, [replace(c, retired=c.retired or c.id == "pain") for c in book])
    code_slot(tab)
    expect(tab.page.locator(".wbc-saved")).to_contain_text("it is retired")
    assert tab.chips() == []
    assert codings(study) == []


def test_what_another_coder_does_appears(open_tab: Open, study: Study) -> None:
    ana, ben = open_tab("ana"), open_tab("ben")
    code_slot(ana)
    ana.wait_saved()
    expect(ben.page.locator(".wbc-margin .wbc-chip")).to_have_text(["Slot expiresana"])
    ben.page.locator(".wbc-mark").click()
    ben.press("x")
    assert "is ana's" in ben.status
    assert len(codings(study)) == 1


def test_two_tabs_of_one_coder_agree(open_tab: Open, study: Study) -> None:
    one, two = open_tab(), open_tab()
    code_slot(one)
    one.wait_saved()
    expect(two.page.locator(".wbc-margin .wbc-chip")).to_have_count(1)
    two.page.locator(".wbc-mark").click()
    two.press("x")
    two.wait_saved()
    expect(one.page.locator(".wbc-margin .wbc-chip")).to_have_count(0)
    assert codings(study) == []


def test_blind_shows_nothing_of_the_other(open_tab: Open, study: Study) -> None:
    study.add_coding("P01", "Slot expires", 25, 43)
    ben = open_tab("ben", blind=True)
    assert ben.chips() == []
    assert "blind" in str(ben.page.locator(".wbc-bar").text_content())


def test_mine_everyone_and_where_we_differ(open_tab: Open, study: Study) -> None:
    study.add_coding("P01", "Slot expires", 25, 43)
    ben = open_tab("ben")
    code_slot(ben)
    ben.press("ArrowRight", "Enter")
    ben.page.keyboard.type("anx")
    ben.press("Enter")
    ben.wait_saved()
    assert sorted(ben.chips()) == ["Anxious", "Slot expires", "Slot expires"]
    ben.press("o")
    assert sorted(ben.chips()) == ["Anxious", "Slot expires"]
    ben.press("o")
    assert ben.chips() == ["Anxious"]


# the page


def test_each_kind_of_transcript_has_one_heading_in_the_list(open_tab: Open, study: Study) -> None:
    answer = replace(transcript("t3", "P01 in writing", "p1"), kind=SourceKind.OPEN_ANSWER)
    with study.db.atomic("ana", "import an answer") as transaction:
        save_transcripts(transaction, [answer])
    tab = open_tab()
    assert tab.page.locator(".wbc-list h4").all_text_contents() == ["Interviews", "Open answers"]
    tab.start()
    tab.press(".")
    tab.page.wait_for_selector(".wbc-t.wbc-on >> text=P02")


def test_nothing_that_a_transcript_holds_runs(open_tab: Open, study: Study, shared_payloads: list[str]) -> None:
    from workbench.model import Code, Transcript, Utterance
    from workbench.store import save_codes, save_transcripts

    text = "\n".join(shared_payloads)
    at, turns = 0, []
    for words in shared_payloads:
        turns.append(Utterance(at, at + len(words), words[:80], None, None, None))
        at += len(words) + 1
    with study.db.atomic("ana", "evil") as transaction:
        save_transcripts(transaction, [Transcript("evil", shared_payloads[0], text, tuple(turns))])
        save_codes(transaction, [Code(f"e{k}", words.strip() or "x", colour=words) for k, words in enumerate(shared_payloads[:12])])
    from workbench.store import load_codebook, load_transcript

    for k in range(12):
        code = load_codebook(study.db).by_id(f"e{k}")
        from workbench.store import add_coding

        add_coding(
            study.db,
            load_transcript(study.db, shared_payloads[0]),
            code,
            turns[k].start,
            turns[k].end,
            coder="ana",
            memo=shared_payloads[k],
        )
    tab = open_tab(first=shared_payloads[0])
    tab.page.locator(".wbc-doc").focus()
    for _ in range(12):
        tab.press("j")
    tab.press("Enter")
    assert tab.page.locator(".wbc").locator("script, img, iframe, svg, object, embed, link, style, a").count() == 0
    assert tab.page.evaluate("document.querySelectorAll('.wbc-text').length") >= len([p for p in shared_payloads if p.strip()])


@pytest.fixture
def shared_payloads(shared: Any) -> list[str]:
    lines = (
        (shared("data/hostile/hostile-xss") / "Intruder" / "xss-payload-list.txt")
        .read_text(encoding="utf-8", errors="replace")
        .splitlines()
    )
    own = ["<img src=x onerror=alert(1)>", "</script><script>alert(1)</script>", "javascript:alert(1)"]
    return own + list(dict.fromkeys(line for line in lines if line.strip()))[:400]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_has_no_complaint(chromium: Any, study: Study, scheme: str) -> None:
    study.add_coding("P01", "Slot expires", 25, 43, memo="laughs")
    study.add_coding("P01", "Anxious", 30, 60, intensity=-2)
    context = chromium.new_context(viewport={"width": 1300, "height": 760}, color_scheme=scheme)
    tab = CoderPage(context, CodingDesk(study, coder="ana"))
    tab.page.locator(".wbc-doc").focus()
    for keys in (["j"], ["ArrowRight", "Enter"], ["Escape", "?"], ["Escape", "v"]):
        tab.press(*keys)
        assert axe_violations(tab.page, ".wbc") == []
    ARTEFACTS.mkdir(exist_ok=True)
    tab.press("Escape", "j")
    tab.page.screenshot(path=ARTEFACTS / f"interview-coder-{scheme}.png")
    context.close()


def test_closing_the_view_leaves_nothing(tab: CoderPage) -> None:
    tab.page.evaluate("window.closeView()")
    assert tab.page.evaluate("[window.listeners.size, document.querySelector('#here').childNodes.length]") == [0, 0]
    n = tab.page.evaluate("window.sent.length")
    tab.page.keyboard.press("j")
    tab.page.evaluate("document.dispatchEvent(new Event('selectionchange'))")
    tab.page.wait_for_function("new Promise((r) => setTimeout(() => r(true), 2100))")
    assert tab.page.evaluate("window.sent.length") == n


def test_no_key_leaves_the_widget(tab: CoderPage) -> None:
    """JupyterLab would insert a cell at "b"."""
    tab.page.evaluate("window.keys = []; document.addEventListener('keydown', (e) => window.keys.push(e.key))")
    tab.start()
    tab.press("b", "d", "x", "Enter", "Escape")
    assert tab.page.evaluate("window.keys") == []
    assert tab.page.locator(".wbc").get_attribute("data-lm-suppress-shortcuts") == "true"
