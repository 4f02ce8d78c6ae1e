"""Block quotes that GitHub shows as remarks (``> [!NOTE]``), as the page's own callouts."""

from __future__ import annotations

import re
from typing import Any

import lxml.html

_MARK = re.compile(r"\s*\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\][ \t]*(?:\n|$)\s*", re.IGNORECASE)
_LOOKS = {"note": "", "tip": " tip", "important": " important", "warning": " warning", "caution": " warning"}


def make_callouts(tree: Any) -> None:
    """Turn each marked block quote into a callout that says aloud what it is."""
    for quote in list(tree.iter("blockquote")):
        first = quote[0] if len(quote) and quote[0].tag == "p" else None
        if first is None or (mark := _MARK.match(first.text or "")) is None:
            continue
        kind = mark[1].lower()
        first.text = first.text[mark.end() :]
        if not first.text_content().strip():
            quote.remove(first)
        elif len(first) and first[0].tag == "br" and not first.text:
            first[0].drop_tag()
        quote.tag = "div"
        quote.set("class", f"callout{_LOOKS[kind]}")
        quote.set("role", "note")
        title = lxml.html.Element("p", {"class": "callout-title"})
        word = lxml.html.etree.SubElement(title, "span", {"class": "kind"})
        word.text = kind.capitalize()
        quote.text = None
        quote.insert(0, title)
