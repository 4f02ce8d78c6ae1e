"""A widget's module in a plain Chromium page: the real Python answers, without Jupyter in between."""

from __future__ import annotations

import base64
from contextlib import suppress
from pathlib import Path
from typing import Any

import workbench.widgets
from workbench.widgets.saving import Desk

STATIC = Path(workbench.widgets.__file__).parent / "static"
ADDRESS = "http://localhost/widget"
#: ``line`` is the way to the kernel: "up", "down" (nothing arrives) or "mute" (it arrives, and the answer is lost).
PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Coder</title>
STYLES
<style>body{margin:8px;background:#e8e8e6}</style></head><body><main id="here"></main>
<script type="module">
import widget from "/MODULE.js";
const listeners = new Set();
window.sent = [];
window.line ??= "up";
const model = {
  get: (name) => ({ height: window.innerHeight - 20 })[name],
  on: (type, listener) => listeners.add(listener),
  off: (type, listener) => listeners.delete(listener),
  send: async (message) => {
    if (message.op === "hurry") return;
    window.sent.push(message);
    const way = window.line;
    if (way === "down") return;
    const answer = await window.answer(message);
    const buffers = (answer.buffers ?? []).map((b) => new DataView(Uint8Array.from(atob(b), (c) => c.charCodeAt(0)).buffer));
    if (way === "up") for (const listener of [...listeners]) listener(answer, buffers);
  },
};
window.listeners = listeners;
window.closeView = widget.render({ model, el: document.querySelector("#here") });
</script></body></html>"""


class WidgetPage:
    """A widget as one coder sees it in one tab."""

    module = ""
    styles: tuple[str, ...] = ()

    def __init__(self, context: Any, desk: Desk, html: str = PAGE) -> None:
        self.desk, self.said, self.asked = desk, [], []
        sheets = ("parts", *self.styles, self.module)
        html = html.replace("MODULE", self.module).replace("STYLES", "".join(f'<link rel="stylesheet" href="/{s}.css">' for s in sheets))
        self.page = context.new_page()
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("console", lambda message: self.said.append(message.text) if message.type == "error" else None)
        self.page.on("dialog", lambda dialog: (self.said.append(dialog.message), dialog.dismiss()))
        self.page.route("**/*", lambda route: self._serve(route, html))
        self.page.expose_function("answer", self._answer)
        self.open()

    def open(self) -> None:
        """Load the page, or load it again."""
        self.page.goto(ADDRESS)
        self.page.wait_for_selector(".wbc[data-filled]")

    def press(self, *keys: str) -> None:
        """Keys, one after the other, wherever the focus is."""
        for key in keys:
            self.page.keyboard.press(key)

    def wait_saved(self) -> None:
        """Until nothing waits for an answer."""
        self.page.wait_for_selector('.wbc[data-unsaved="0"]')

    @property
    def status(self) -> str:
        """What stands at the left of the status line."""
        return str(self.page.locator(".wbc-saved").text_content())

    def _answer(self, request: Any) -> Any:
        answer = self.desk.answer(request)
        if "buffers" in answer:
            answer["buffers"] = [base64.b64encode(b).decode() for b in answer["buffers"]]
        return answer

    def _serve(self, route: Any, html: str) -> None:
        name = route.request.url.rpartition("/")[2]
        with suppress(Exception):  # the page may be gone
            if route.request.url == ADDRESS:
                route.fulfill(body=html, content_type="text/html; charset=utf-8")
            elif (STATIC / name).is_file():
                kind = "text/javascript" if name.endswith("js") else "text/css"
                route.fulfill(body=(STATIC / name).read_text(encoding="utf-8"), content_type=f"{kind}; charset=utf-8")
            else:
                if not name.startswith("favicon"):
                    self.asked.append(route.request.url)
                route.fulfill(status=204, body="")


class CoderPage(WidgetPage):
    """The interview coder."""

    module = "interview_coder"

    def start(self) -> None:
        """Put the focus into the transcript and the cursor on its first sentence."""
        self.page.locator(".wbc-doc").focus()
        self.press("ArrowRight")

    @property
    def selected(self) -> str:
        """The words that are selected."""
        return "".join(self.page.locator(".wbc-text .wbc-sel").all_text_contents())

    def chips(self) -> list[str]:
        """The codes in the margin, in order."""
        return list(self.page.locator(".wbc-margin .wbc-chip > span:first-child").all_text_contents())


class CodebookPage(WidgetPage):
    """The codebook editor."""

    module = "codebook_editor"

    def tree(self) -> list[str]:
        """The names in the tree, each behind one dot per level."""
        names = "(nodes) => nodes.map((n) => '.'.repeat(n.getAttribute('aria-level') - 1) + n.querySelector('.wbc-name').textContent)"
        return list(self.page.locator(".wbc-node").evaluate_all(names))

    def go_to(self, name: str) -> None:
        """Choose a code with the mouse and wait for its excerpts."""
        self.page.locator(".wbc-node", has_text=name).first.click()
        self.page.wait_for_function(
            "document.querySelector('.wbc-passages').dataset.of === document.querySelector('.wbc-node.wbc-on').dataset.code"
        )

    def type(self, words: str, *keys: str) -> None:
        """Into whatever has the focus, and then some keys."""
        self.page.keyboard.type(words)
        self.press(*keys)


class CanvasPage(WidgetPage):
    """A canvas of statements: an empathy map, a journey map, a persona, a board."""

    styles = ("canvas",)

    def __init__(self, context: Any, desk: Desk, module: str) -> None:
        self.module = module
        super().__init__(context, desk)

    def item(self, text: str) -> Any:
        """A statement by its words."""
        return self.page.locator("[data-item]", has_text=text).first

    def go_to(self, text: str) -> None:
        """Focus a statement and wait for what stands behind it."""
        self.item(text).focus()
        self.page.wait_for_function("document.querySelector('.wbc-behind').dataset.of === document.activeElement.dataset.item")

    def go_to_list(self, id: str) -> None:
        """Focus the place where a list grows."""
        self.page.locator(f'[data-add="{id}"]').focus()

    def type(self, words: str, *keys: str) -> None:
        """Into whatever has the focus, and then some keys."""
        self.page.keyboard.type(words)
        self.press(*keys)

    def words_in(self, id: str) -> list[str]:
        """The statements of a list, in order."""
        return list(self.page.locator(f'[data-list="{id}"] .wbc-words').all_text_contents())
