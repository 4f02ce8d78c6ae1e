"""What a canvas leaves where it cannot live: its statements as a page that needs nothing."""

from __future__ import annotations

from html import escape
from typing import Any

from workbench.widgets.saving import Answer


def statements_as_html(title: str, state: Answer) -> str:
    """The lists of a canvas, each statement with how many said it.  What people said word for word stays in the study."""
    lists = [(state["names"].get(id, id), [s for s in own if not s["hidden"]]) for id, own in state["lists"].items()]
    shown = "".join(f"<li><strong>{escape(str(name))}</strong><ul>{''.join(map(_item, own))}</ul></li>" for name, own in lists if own)
    return f'<section class="wb-excerpts" style="max-height:480px;overflow:auto"><p><strong>{escape(title)}</strong></p><ul>{shown}</ul></section>'


def _item(s: dict[str, Any]) -> str:
    count = f"{s['n']} of {s['of']}" if s["of"] else s["measured"] or "assumed" if s["assumed"] or s["measured"] else ""
    return f'<li>{escape(s["text"])} <span style="color:#5c6470">{escape(count)}</span></li>'
