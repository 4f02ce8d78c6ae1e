r"""Where a formula begins and ends in an author's words: ``$…$``, ``$$…$$``, ``\(…\)``, ``\[…\]`` and LaTeX environments.

In research text a dollar sign is mostly money.  The rule is that of pandoc (the opening sign has a character right behind it, the closing one
has one right before it and no digit behind it), and what reads as an amount, as words or as the name of a shell variable is none either.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

#: What may begin a formula; a pattern without groups of its own, for the rules of a Markdown parser.
OPENER = r"\$+|\\\\?[(\[]|\\begin\{[a-zA-Z]+\*?\}"
#: No formula that a person writes is longer, and what looks for its end stops here.
LONGEST = 5000

_OPENER = re.compile(OPENER)
_DOLLARS = re.compile(r"(?<!\\)(?:\\\\){0,9}(\$+)")
_BLANK_LINE = re.compile(r"\n[ \t]*\n")
_SIGN = re.compile(r"[\\^_={}<>+]")
_WORD_AFTER_BLANK = re.compile(r"\s\W{0,3}[^\W\d_]{2,}")
_AMOUNT = re.compile(r"[\d.,/ –-]*[.,/–-]")
_NAME = re.compile(r"\{?[A-Za-z_]{2}")


@dataclass(frozen=True)
class Formula:
    """LaTeX in an author's words: its source without what marks it, whether it stands on a line of its own, and where it ends."""

    source: str
    display: bool
    end: int


def formula_at(text: str, start: int) -> Formula | None:
    """The formula that begins at ``start``, if one does."""
    opener = _OPENER.match(text, start)
    if opener is None:
        return None
    if opener[0] == "$":
        return _between_dollars(text, start)
    if opener[0] == "$$":
        return _between_double_dollars(text, start)
    if opener[0].startswith("\\begin"):
        return _environment(text, start, opener[0][7:-1])
    return None if opener[0].startswith("$") else _between_brackets(text, start, opener[0])


def _between_dollars(text: str, start: int) -> Formula | None:
    closer = _DOLLARS.search(text, start + 1, start + LONGEST)
    if closer is None or closer[1] != "$":
        return None
    body = text[start + 1 : closer.start(1)]
    if not body or body != body.strip() or "`" in body or _BLANK_LINE.search(body) or _is_prose(body):
        return None
    if _is_money_or_variable(text[max(start - 1, 0) : start], body, text[closer.end() : closer.end() + 1]):
        return None
    return Formula(body, display=False, end=closer.end())


def _is_money_or_variable(before: str, body: str, after: str) -> bool:
    r"""``3$, 4$``, ``A$AP``, ``$5-$10`` and ``$HOME/bin:$PATH``; but ``R$^2$`` and ``2$\times$2`` are formulas."""
    is_amount = (before.isalnum() and body[0] not in "\\^_") or (after.isdigit() and body[0] != "\\")
    return is_amount or ((after.isalpha() or after in ("_", "{")) and _NAME.match(body) is not None)


def _between_double_dollars(text: str, start: int) -> Formula | None:
    closer = next((m for m in _DOLLARS.finditer(text, start + 2, start + LONGEST) if len(m[1]) > 1), None)
    if closer is None or closer[1] != "$$" or text[max(start - 1, 0) : start].isalnum():
        return None
    body = text[start + 2 : closer.start(1)]
    if not body.strip() or _BLANK_LINE.search(body) or (_is_prose(body) and not _stands_alone(text, start, closer.end())):
        return None
    return Formula(body.strip(), display=True, end=closer.end())


def _between_brackets(text: str, start: int, opener: str) -> Formula | None:
    r"""``\(…\)`` and ``\[…\]``; with one backslash, which is also how Markdown escapes a bracket, only what looks like a formula."""
    closer, display = opener.replace("(", ")").replace("[", "]"), opener.endswith("[")
    end = text.find(closer, start + len(opener), start + LONGEST)
    body = text[start + len(opener) : end].strip() if end > 0 else ""
    if not body or _BLANK_LINE.search(body):
        return None
    end += len(closer)
    if len(opener) == 2 and (_is_prose(f" {body}") or (display and not (_SIGN.search(body) and _stands_alone(text, start, end)))):
        return None
    return Formula(body, display, end)


def _environment(text: str, start: int, name: str) -> Formula | None:
    r"""From ``\begin{align}`` to the ``\end{align}`` that belongs to it."""
    last, depth, place = f"\\end{{{name}}}", 0, start
    while (end := text.find(last, place, start + LONGEST)) > 0:
        depth += text.count(f"\\begin{{{name}}}", place, end) - 1
        place = end + len(last)
        if depth == 0:
            source = text[start:place]
            return None if _BLANK_LINE.search(source) else Formula(source, display=True, end=place)
    return None


def _is_prose(body: str) -> bool:
    """Words between two amounts (``5 and 10``), the rest of one (``5...``) or the end of a link."""
    if "](" in body and body.count("]") > body.count("["):
        return True
    return not _SIGN.search(body) and (_WORD_AFTER_BLANK.search(body) or _AMOUNT.fullmatch(body)) is not None


def _stands_alone(text: str, start: int, end: int) -> bool:
    """Whether nothing else is on its lines."""
    before, after = text[max(start - 100, 0) : start], text[end : end + 100]
    return not before.rpartition("\n")[2].strip() and not after.partition("\n")[0].strip()
