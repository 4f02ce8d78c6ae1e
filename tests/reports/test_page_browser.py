"""What a reader's browser makes of the page: nothing of the notebook runs, nothing is fetched, everyone can read it."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat.v4 as v4
import pytest
from browser import serious_violations
from playwright.sync_api import expect

from workbench.reports import blocks
from workbench.reports.html.exporter import render_html

ADDRESS = "http://report.test/"
PAYLOADS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><script>alert(1)</script></svg>",
    "<a href='javascript:alert(1)'>link</a>",
    "[link](javascript:alert(1))",
    "![x](x\"onerror=\"alert(1))",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<math><mtext><table><mglyph><style><!--</style><img title='--&gt;&lt;img src=1 onerror=alert(1)&gt;'>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<form action=javascript:alert(1)><button>go</button></form>",
    "<style>@import url(http://evil.test/x.css); body{background:url(http://evil.test/y)}</style>",
    "<div style='background:url(http://evil.test/z);position:fixed;inset:0'>over</div>",
    "<a title='<h2>x</h2><img src=x onerror=alert(1)>'>title</a>",
    "<details open ontoggle=alert(1)><summary>x</summary></details>",
    "</title></style></textarea></script><script>alert(1)</script>",
    "$\\text{</math><img src=x onerror=alert(1)>}$ $$\\href{javascript:alert(1)}{x}$$",
    "Words[^<script>alert(1)</script>] and[^1]\n\n[^1]: <img src=x onerror=alert(1)> $</math><script>alert(1)</script>$",
    '"><base href=http://evil.test/><meta http-equiv=refresh content="0;url=http://evil.test/"><link rel=stylesheet href=http://evil.test/>',
]  # fmt: skip


class Visit:
    """A page opened as from a server, with everything noted that it should not do."""

    def __init__(self, chromium: Any, html: str, **options: Any) -> None:
        self.page = chromium.new_page(**options)
        self.asked: list[str] = []
        self.said: list[str] = []
        self.page.on("dialog", lambda dialog: (self.said.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        self.page.on("console", lambda message: self.said.append(message.text))
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.route("**/*", lambda route: self._answer(route, html))
        self.page.goto(ADDRESS)

    def _answer(self, route: Any, html: str) -> None:
        if route.request.url.split("#")[0] == ADDRESS:
            route.fulfill(body=html, content_type="text/html; charset=utf-8")
        else:
            self.asked.append(route.request.url)
            route.abort()


def outputs(payload: str) -> list[Any]:
    """One output of every kind that carries ``payload``."""
    kinds = {
        "text/html": payload,
        "text/markdown": payload,
        "text/plain": payload,
        "text/latex": payload,
        "application/javascript": "alert(1)",
        "image/svg+xml": f"<svg xmlns='http://www.w3.org/2000/svg' width='10' height='10' onload='alert(1)'>{payload}</svg>",
        "image/png": payload,
    }
    shown = [v4.new_output("display_data", data={mime: content}) for mime, content in kinds.items()]
    title = f"<svg xmlns='http://www.w3.org/2000/svg'><title><![CDATA[{payload.replace(']]>', '')}]]></title><text>a</text></svg>"
    shown.append(v4.new_output("display_data", data={"image/svg+xml": title}, metadata={"alt": payload, "caption": payload}))
    shown.append(v4.new_output("stream", name="stderr", text=payload))
    shown.append(v4.new_output("error", ename=payload, evalue=payload, traceback=[payload]))
    line = blocks.QuoteLine(payload, payload, payload, payload, payload)
    cards = [
        blocks.header(payload, kicker=payload, lede=payload, strong=payload, findings=[blocks.Finding(payload, payload, payload, payload)]),
        blocks.table([{"a": payload, "b": blocks.Cell(1, payload, payload, payload)}], caption=payload, title=payload),
        blocks.method(payload, {payload: payload}, title=payload),
        blocks.callout(payload, title=payload),
        blocks.quotes([line], title=payload),
    ]
    return shown + [v4.new_output("display_data", data=card._repr_mimebundle_()) for card in cards]


def hostile_page(payloads: list[str], everything: bool = True) -> str:
    notebook = v4.new_notebook()
    notebook.metadata["title"] = payloads[0]
    for payload in payloads:
        plain = [v4.new_output("display_data", data={"text/html": payload}), v4.new_output("stream", name="stdout", text=payload)]
        notebook.cells.append(v4.new_markdown_cell(f"## {payload}\n\n{payload}"))
        notebook.cells.append(v4.new_code_cell(payload, outputs=outputs(payload) if everything else plain))
    notebook.cells.append(v4.new_raw_cell(payloads[-1], metadata={"raw_mimetype": "text/html"}))
    return render_html(notebook)


DANGEROUS = """() => [...document.querySelectorAll("*")].filter(e =>
  [...e.attributes].some(a => /^on/i.test(a.name) || /^\\s*(javascript|vbscript)/i.test(a.value) && /^(href|src|action|xlink:href)$/.test(a.name))
  || /^(iframe|object|embed|form|base|foreignObject|animate|set)$/.test(e.localName)
  || e.localName === "script" && e.closest("main")
).map(e => e.outerHTML.slice(0, 200))"""


def without_policy(html: str) -> str:
    changed = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", html)
    assert changed != html
    return changed


@pytest.mark.parametrize("guarded", [True, False], ids=["with the policy", "sanitiser alone"])
def test_no_payload_runs_or_asks_for_anything(chromium: Any, guarded: bool) -> None:
    html = hostile_page(PAYLOADS)
    visit = Visit(chromium, html if guarded else without_policy(html))
    visit.page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert (visit.said, visit.asked, visit.page.evaluate(DANGEROUS)) == ([], [], [])


@pytest.mark.slow
def test_no_payload_of_the_public_list_runs(chromium: Any, shared: Callable[[str], Path]) -> None:
    payloads = shared("data/hostile/hostile-xss/Intruder/xss-payload-list.txt").read_text(encoding="utf-8", errors="replace").splitlines()
    for start in range(0, len(payloads), 1500):
        visit = Visit(chromium, without_policy(hostile_page(payloads[start : start + 1500], everything=False)))
        assert (visit.said, visit.asked, visit.page.evaluate(DANGEROUS)) == ([], [], [])
        visit.page.close()


def sample_notebook() -> Any:
    """One of everything, innocent."""
    frame = {"text/html": "<table border=1 class=dataframe><thead><tr style='text-align: right'><th></th><th>visits</th></tr></thead>"
             "<tbody><tr><th>0</th><td>12</td></tr></tbody></table>"}  # fmt: skip
    drawing = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="600" height="80" viewBox="0 0 600 80"><rect width="600" height="80" fill="white"/>'
        '<text x="20" y="40" fill="#1d2129">Visits by device</text><rect x="9" y="9" width="40" height="9" fill="#3d5a98"/></svg>'
    )
    shown = [
        blocks.header(
            "From the first order",
            kicker="week 46",
            lede="All say:",
            strong="phones.",
            findings=[blocks.Finding("52 %", "pay", "n 12", "#Numbers")],
        ),
        blocks.table(
            [{"step": "Cart", "users": 900}, {"step": "Pay", "users": 70}, {"step": "Ask", "users": 1000}], title="Numbers", caption="Steps"
        ),
        blocks.callout("Five days only.", title="Short week"),
        blocks.quotes([blocks.QuoteLine("It is like concert tickets, but it is potatoes.", "Joon", "interview", "19:09")], title="Words"),
        blocks.method("Twelve interviews.", {"data": "9f2c"}),
    ]
    results = [v4.new_output("execute_result", data=b._repr_mimebundle_()) for b in shown]
    results += [
        v4.new_output("display_data", data=frame),
        v4.new_output("display_data", data={"image/svg+xml": drawing, "text/plain": "Visits"}),
    ]
    results += [
        v4.new_output("stream", name="stdout", text="\x1b[32mok\x1b[0m\n"),
        v4.new_output("error", ename="E", evalue="x", traceback=["\x1b[31mE\x1b[0m"]),
    ]
    cells = [v4.new_code_cell(f"show({n})  # a café", outputs=[result]) for n, result in enumerate(results)]
    folded = "<details><summary>What was said</summary><p>A hidden potato at the café</p></details>"
    return v4.new_notebook(cells=[*cells, v4.new_markdown_cell(f"## Notes\n\nSome `code`, $x^2$ and [a link](#Numbers).\n\n{folded}")])


@pytest.fixture(scope="module")
def sample() -> str:
    return render_html(sample_notebook())


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1440])
def test_axe_finds_nothing_serious(chromium: Any, sample: str, scheme: str, width: int) -> None:
    visit = Visit(chromium, sample, color_scheme=scheme, viewport={"width": width, "height": 900}, bypass_csp=True)
    visit.page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert serious_violations(visit.page) == []


@pytest.mark.parametrize("width", [360, 390, 1024, 1440])
def test_the_page_never_scrolls_sideways(chromium: Any, sample: str, width: int) -> None:
    visit = Visit(chromium, sample, viewport={"width": width, "height": 800})
    assert visit.page.evaluate("document.documentElement.scrollWidth") == width
    assert (visit.said, visit.asked) == ([], [])


def test_search_counts_opens_what_is_folded_and_closes_it_again(chromium: Any, sample: str) -> None:
    page = Visit(chromium, sample).page
    page.keyboard.press("/")
    page.keyboard.insert_text("CAFE")
    expect(page.locator(".search output")).to_have_text("1 of 1")
    assert page.evaluate("document.querySelector('.words details').open")
    assert page.evaluate("[...CSS.highlights.get('hit')][0].toString()") == "café"
    page.keyboard.press("Escape")
    assert page.evaluate("document.querySelector('.words details').open") is False
    assert page.evaluate("CSS.highlights.size") == 0


def test_enter_goes_to_the_next_hit_and_shift_enter_back(chromium: Any, sample: str) -> None:
    page = Visit(chromium, sample).page
    page.locator("input[type=search]").fill("potato")
    output = page.locator(".search output")
    expect(page.locator(".search output")).to_have_text("1 of 2")
    page.keyboard.press("Enter")
    assert output.text_content() == "2 of 2"
    page.keyboard.press("Shift+Enter")
    assert output.text_content() == "1 of 2"


def test_drawings_follow_the_colours_that_the_reader_chooses(chromium: Any, sample: str) -> None:
    page = Visit(chromium, sample, color_scheme="light").page
    fill = "[...document.querySelectorAll('figure svg > *')].map(e => getComputedStyle(e).fill)"
    light = page.evaluate(fill)
    assert light == ["rgb(255, 255, 255)", "rgb(29, 33, 41)", "rgb(61, 90, 152)"]
    for _ in ("light", "dark"):
        page.locator("[data-do=theme]").click()
    dark = page.evaluate(fill)
    assert dark == ["rgb(27, 30, 36)", "rgb(233, 231, 226)", "rgb(143, 173, 234)"]
    page.emulate_media(media="print")
    assert page.evaluate(fill) == light


def test_a_heading_sorts_its_table_and_puts_it_back(chromium: Any, sample: str) -> None:
    page = Visit(chromium, sample).page
    users = "[...document.querySelectorAll('table.sortable tbody tr')].map(r => r.cells[1].textContent)"
    head = page.get_by_role("button", name="users")
    orders = [page.evaluate(users)]
    for _ in range(3):
        head.press("Enter")
        orders.append(page.evaluate(users))
    assert orders == [["900", "70", "1,000"], ["70", "900", "1,000"], ["1,000", "900", "70"], ["900", "70", "1,000"]]


def test_one_button_opens_all_code(chromium: Any, sample: str) -> None:
    page = Visit(chromium, sample).page
    opened = "[...document.querySelectorAll('details.code')].map(d => d.open)"
    assert not any(page.evaluate(opened))
    page.locator("[data-do=code]").click()
    assert all(page.evaluate(opened))


def test_the_contents_mark_the_section_being_read(chromium: Any, sample: str) -> None:
    page = Visit(chromium, sample, viewport={"width": 1200, "height": 500}).page
    assert page.locator("nav [aria-current]").text_content() == "Summary"
    page.evaluate("document.documentElement.style.scrollBehavior = 'auto'")
    page.locator("nav a", has_text="Words").click()
    expect(page.locator("nav [aria-current]")).to_have_text("Words")


def test_everything_can_be_read_without_scripts(chromium: Any, sample: str) -> None:
    visit = Visit(chromium, sample, java_script_enabled=False)
    assert not visit.page.locator(".tools").is_visible()
    assert visit.page.locator("main").inner_text().count("potatoes") == 1
    assert visit.page.locator("nav a").first.is_visible()


def test_paper_shows_what_is_folded_but_no_code(chromium: Any, sample: str) -> None:
    page = Visit(chromium, sample).page
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert page.get_by_text("A hidden potato").is_visible()
    assert not page.get_by_text("show(1)").is_visible()
    assert not page.locator(".top").is_visible()


def test_a_long_contents_list_becomes_a_menu(chromium: Any) -> None:
    notebook = v4.new_notebook(cells=[v4.new_markdown_cell(f"## Chapter number {n}\n\n" + "Words. " * 300) for n in range(20)])
    page = Visit(chromium, render_html(notebook), viewport={"width": 390, "height": 700}).page
    page.locator(".menu summary").click()
    page.locator(".menu a", has_text="Chapter number 7").click()
    expect(page.locator(".menu summary")).to_have_text("Chapter number 7")
    assert page.evaluate("document.querySelector('.menu').open") is False


# Links, lists and remarks


def linked_notebook() -> Any:
    """A figure, a table, remarks and references to them."""
    shown = [
        v4.new_output("display_data", data={"image/svg+xml": '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="60"><rect width="90" height="60"/></svg>'}),
        v4.new_output("display_data", data=blocks.table([{"step": "Cart", "users": 900}], caption="By step")._repr_mimebundle_()),
    ]  # fmt: skip
    cells = [
        v4.new_code_cell("x", outputs=[s], metadata={"tags": [t], "workbench": c}) for s, t, c in zip(shown, ("fig-a", "tbl-b"), ({"caption": "Visits"}, {}), strict=True)
    ]  # fmt: skip
    remarks = "\n\n".join(f"> [!{kind}]\n> Words" for kind in ("NOTE", "TIP", "IMPORTANT", "WARNING", "CAUTION"))
    return v4.new_notebook(cells=[v4.new_markdown_cell(f"# Orders\n\n## Why\n\nSee @fig-a and @tbl-b.\n\n{remarks}"), *cells])


@pytest.fixture(scope="module")
def linked() -> str:
    return render_html(linked_notebook())


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_remarks_figures_and_their_list(chromium: Any, linked: str, scheme: str) -> None:
    visit = Visit(chromium, linked, color_scheme=scheme, bypass_csp=True)
    visit.page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert serious_violations(visit.page) == []


def test_headings_figures_and_tables_have_a_link_that_can_be_copied(chromium: Any, linked: str) -> None:
    visit = Visit(chromium, linked)
    page = visit.page
    links = page.locator("a.here")
    assert links.evaluate_all("all => all.map(a => a.getAttribute('href'))") == ["#Orders", "#Why", "#fig-a", "#tbl-b"]
    link = page.get_by_role("link", name="Link to this figure")
    assert link.evaluate("e => getComputedStyle(e).opacity") == "0"
    page.evaluate(
        "window.copied = []; Object.defineProperty(navigator, 'clipboard', { value: { writeText: async (t) => copied.push(t) } })"
    )
    link.focus()
    expect(link).to_have_css("opacity", "1")
    page.keyboard.press("Enter")
    expect(page.locator("#wb-said")).to_have_text("Link copied")
    assert page.evaluate("[location.hash, ...copied]") == ["#fig-a", f"{ADDRESS}#fig-a"]
    assert (visit.said, visit.asked) == ([], [])


def test_a_reference_and_the_list_lead_to_the_figure(chromium: Any, linked: str) -> None:
    page = Visit(chromium, linked).page
    page.locator("main").get_by_role("link", name="Table 1").click()
    assert page.evaluate("document.querySelector(':target').id") == "tbl-b"
    page.get_by_text("Figures and tables").click()
    page.get_by_role("link", name="Figure 1 Visits").click()
    assert page.evaluate("document.querySelector(':target').id") == "fig-a"
    assert page.locator(".numbered").evaluate("e => e.open") is False


def test_search_finds_a_word_in_a_long_page_at_once(chromium: Any) -> None:
    words = "The basket was empty again when I came back to it. " * 400
    cells = [v4.new_markdown_cell(f"## Interview {n}\n\n{words}") for n in range(30)]
    page = Visit(chromium, render_html(v4.new_notebook(cells=[*cells, v4.new_markdown_cell("A needle.")]))).page
    page.keyboard.press("/")
    page.keyboard.type("needle")
    expect(page.locator(".search output")).to_have_text("1 of 1")
    expect(page.get_by_text("A needle.")).to_be_in_viewport()


def test_paper_cuts_no_figure_no_row_and_no_wide_table(chromium: Any) -> None:
    rows = [{f"column {n}": "some words" for n in range(24)} for _ in range(40)]
    wide = v4.new_code_cell("x", outputs=[v4.new_output("display_data", data=blocks.table(rows)._repr_mimebundle_())])
    page = Visit(
        chromium, render_html(v4.new_notebook(cells=[*linked_notebook().cells, wide])), viewport={"width": 1030, "height": 700}
    ).page
    page.emulate_media(media="print")
    whole = "(s) => [...new Set([...document.querySelectorAll(s)].map(e => getComputedStyle(e).breakInside))]"
    assert page.evaluate(whole, "figure, tr, svg, .callout") == ["avoid"]
    assert page.locator("table").last.evaluate("e => e.getBoundingClientRect().right <= innerWidth")
    assert page.locator(".scroll").last.evaluate("e => getComputedStyle(e).page") == "landscape"
