"""What a report shows, as data: kept in its run record, so that the next report can say what is new."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from nbformat import NotebookNode

from workbench.model import moments
from workbench.reports.blocks import MIME, Block

#: A report shows more statements than this only where something lists everything; the rest is not compared.
MOST_ITEMS = 3000

#: So many of each kind of news are shown at once; the rest is one click away.
FIRST = 6

Item = Mapping[str, Any]
Shown = Mapping[str, Any]


def what_is_shown(notebook: NotebookNode) -> dict[str, Any]:
    """The measures, statements and quotes of an executed notebook's blocks.

    Returns
    -------
    ``items``, one for each: ``kind`` (``measure``, ``statement`` or ``number``), ``where`` on the page, ``what`` it is about, ``text`` and
    ``note`` as the page shows them, ``value`` where it is a number; and ``quotes``, the anchors of those that are shown: a record
    names nobody and quotes nobody.
    """
    items: dict[tuple[str, str, str], dict[str, Any]] = {}
    quotes: dict[str, None] = {}
    for name, data in _blocks(notebook):
        for item in _ITEMS.get(name, lambda _: ())(data):
            items.setdefault((item["kind"], item["where"], item["what"]), item)
        quotes.update(dict.fromkeys(q["id"] for q in _quotes(data)))
    found = list(items.values())[:MOST_ITEMS]
    return {"items": found, "quotes": list(quotes), "measures": [_measure(i) for i in found if i["kind"] == "measure" and "value" in i]}


def _measure(item: Item) -> dict[str, Any]:
    """A measure as the index follows it from run to run."""
    id = f"{item['where']} · {item['what']}"
    return {"id": id, "name": item["what"], "n": item.get("count"), **{k: item.get(k) for k in ("value", "low", "high", "unit")}}


def since_last(before: Shown, day: str, now: Shown, notebook: NotebookNode) -> Block:
    """What is new on a page, as a block of it.

    Parameters
    ----------
    before, now : from :func:`what_is_shown`
    day : when the data of the page before were changed last
    notebook : the new one, for the words of the quotes that are new
    """
    old, new = _by_key(before), _by_key(now)
    came = [new[k] for k in new if k not in old]
    went = [old[k] for k in old if k not in new]
    changed = [{**new[k], "was": _said(old[k])} for k in new if k in old and _said(old[k]) != _said(new[k])]
    old_quotes, new_quotes = set(before.get("quotes", ())), set(now["quotes"])
    fresh = {q["id"]: q for _, data in _blocks(notebook) for q in _quotes(data) if q["id"] in new_quotes - old_quotes}
    news = [
        _news("Numbers that changed", [_line(i, f"{i['was']} → {_said(i)}") for i in changed if i["kind"] != "statement"]),
        _news("New on this page", [_line(i, _said(i)) for i in came]),
        _news("Statements with other counts", [_line(i, f"{i['was']} → {_said(i)}") for i in changed if i["kind"] == "statement"]),
        _news("No longer on this page", [_line(i, _said(i)) for i in went]),
        _news("New quotes", [{"text": q["text"], "note": q.get("who", ""), "href": f"#{id}"} for id, q in fresh.items()]),
    ]
    n_gone = len(old_quotes - new_quotes)
    lede = "" if any(news) or n_gone else "Nothing that this page shows is different."
    data = {
        "day": moments.in_words(moment) if (moment := moments.read(day)) else "nothing yet",
        "lede": lede,
        "news": [n for n in news if n],
        "n_gone": n_gone,
        "first": FIRST,
    }
    return Block("since", data, f"Since the report before ({day}): {lede or ', '.join(n['title'].lower() for n in news if n)}")


def _said(item: Item) -> str:
    return f"{item['text']} ({item['note']})" if item.get("note") else str(item["text"])


def _line(item: Item, said: str) -> dict[str, str]:
    return {"text": item["what"], "note": " · ".join(x for x in (item["where"], said) if x), "href": ""}


def _news(title: str, lines: Sequence[Mapping[str, str]]) -> dict[str, Any] | None:
    return {"title": title, "lines": list(lines)} if lines else None


def _by_key(shown: Shown) -> dict[tuple[str, str, str], Item]:
    return {(i["kind"], i["where"], i["what"]): i for i in shown.get("items", ())}


def is_summary(output: Mapping[str, Any]) -> bool:
    """Whether an output is the headline with its findings."""
    bundle = output.get("data", {}).get(MIME)
    return isinstance(bundle, dict) and bundle.get("block") == "header"


def _blocks(notebook: NotebookNode) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for cell in notebook.cells:
        for output in cell.get("outputs", ()):
            bundle = output.get("data", {}).get(MIME)
            if isinstance(bundle, dict) and isinstance(bundle.get("data"), dict):
                yield str(bundle.get("block")), bundle["data"]


def _quotes(data: Any) -> Iterator[Mapping[str, Any]]:
    """Every quote inside a block's data."""
    if isinstance(data, dict):
        if str(data.get("id", "")).startswith("q-") and data.get("text"):
            yield data
        data = list(data.values())
    if isinstance(data, list):
        for inner in data:
            yield from _quotes(inner)


def _map_items(data: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    measured = {lane.get("name") for lane in data.get("lanes", ()) if lane.get("kind") == "measure"}
    for row in data.get("rows", ()):
        kind = "measure" if row.get("lane") in measured else "statement"
        note = row.get("rests_on", "") if kind == "measure" else ""
        yield _item(kind, f"{row.get('stage')} · {row.get('lane')}", row.get("text"), row.get("n"), note, row.get("value"), row)


def _table_items(data: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    columns, title = data.get("columns", ()), data.get("title") or data.get("caption") or ""
    for row in data.get("rows", ()):
        for column, cell in zip(columns[1:], row[1:], strict=False):
            if column.get("kind") in ("number", "share") and cell.get("text"):
                where = " · ".join(x for x in (title, column.get("label")) if x)
                yield _item("number", where, row[0].get("text"), cell["text"], cell.get("note", ""), cell.get("value"), cell)


def _findings(data: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for f in data.get("findings", ()):
        yield _item("number", "", f.get("text"), f.get("value"), f.get("detail", ""), None, f)


def _item(kind: str, where: str, what: Any, text: Any, note: str, value: Any, source: Mapping[str, Any]) -> dict[str, Any]:
    more = {k: source[k] for k in ("low", "high", "count", "unit") if isinstance(source.get(k), int | float | str)}
    number = {"value": value} if isinstance(value, int | float) and not isinstance(value, bool) else {}
    return {"kind": kind, "where": where, "what": str(what), "text": str(text), "note": str(note), **number, **more}


_ITEMS = {"journey-map": _map_items, "table": _table_items, "header": _findings}
