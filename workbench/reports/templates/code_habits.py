"""Habits of code that do no harm in a notebook and much in a report: read from the syntax tree, nothing is run."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

_ROOTS = "home|Users|root|tmp|var|mnt|media|opt|srv|etc|data|work|workspace|private|Volumes|content"
#: Paths of one machine; an address on a website such as /checkout/pay is none.
_ABSOLUTE = re.compile(rf"(?:file://)?/(?:{_ROOTS})/|[A-Za-z]:[\\/]|~[\\/]|\\\\\w")
_ADDRESS = re.compile(r"(?:https?|ftp|s3|gs)://", re.IGNORECASE)
_NETWORK = frozenset({"requests", "httpx", "aiohttp", "urllib.request", "urllib3", "http.client", "ftplib", "socket", "smtplib"})
_INSTALLERS = frozenset({"pip", "conda", "curl", "wget"})
_LIVE = frozenset({"ipywidgets", "anywidget"})
_CLOCKS = frozenset(
    {
        "datetime.datetime.now", "datetime.datetime.today", "datetime.datetime.utcnow", "datetime.date.today", "time.time", "time.time_ns",
        "pandas.Timestamp.now", "pandas.Timestamp.today", "pandas.Timestamp.utcnow",
    }
)  # fmt: skip
_LISTINGS = frozenset({"os.listdir", "os.scandir", "os.walk", "glob.glob", "glob.iglob"})
_LISTING_METHODS = frozenset({"glob", "rglob", "iterdir"})
#: What gives the same for any order.
_ORDERLESS = frozenset({"sorted", "set", "frozenset", "len", "sum", "min", "max", "any", "all", "Counter", "collections.Counter"})
#: What keeps the order that it is given.
_ORDERED = frozenset({"list", "tuple", "enumerate", "iter", "next", "zip", "map", "filter", "dict.fromkeys", "print"})
_UNSEEDED = frozenset({"numpy.random.default_rng", "numpy.random.RandomState", "random.Random"})


@dataclass(frozen=True)
class _Call:
    """A call, the full name of what is called, and the name of the method."""

    node: ast.Call
    called: str
    method: str


class Habits:
    """Looks through the code of one notebook.  First every cell is learnt, then each is asked for its problems.

    Parameters
    ----------
    widgets : names of our own widgets
    """

    def __init__(self, widgets: Collection[str]) -> None:
        self._widgets = widgets
        self._names: dict[str, str] = {}
        self._sets: set[str] = set()
        self._seeded: set[str] = set()

    def learn(self, tree: ast.Module) -> None:
        """Remember what the names of a cell stand for, which of them are sets, and which randomness is seeded."""
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                self._names |= {a.asname or a.name.partition(".")[0]: a.name if a.asname else a.name.partition(".")[0] for a in node.names}
            elif isinstance(node, ast.ImportFrom):
                self._names |= {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
            elif isinstance(node, ast.Assign) and self._is_set(node.value):
                self._sets |= {t.id for t in node.targets if isinstance(t, ast.Name)}
            elif isinstance(node, ast.Call) and (called := self._dotted(node.func)) in ("random.seed", "numpy.random.seed") and node.args:
                self._seeded.add(called.removesuffix(".seed"))

    def problems(self, tree: ast.Module) -> Iterator[str]:
        """One sentence for each thing that is wrong in a cell."""
        parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
        for node in ast.walk(tree):
            if isinstance(node, ast.Import | ast.ImportFrom):
                yield from self._imported(node)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield from _path(node.value, parents.get(node))
            elif isinstance(node, ast.For | ast.comprehension) and self._is_set(node.iter) and not self._order_is_lost(node, parents):
                yield _unsorted(ast.unparse(node.iter), "a set")
            elif isinstance(node, ast.FunctionDef) and node.name == "_repr_html_":
                yield from _markup(node)
            elif isinstance(node, ast.Call):
                yield from self._called(node, parents)

    def _imported(self, node: ast.Import | ast.ImportFrom) -> Iterator[str]:
        whole = [a.name for a in node.names] if isinstance(node, ast.Import) else [node.module or ""]
        finer = [f"{node.module}.{a.name}" for a in node.names] if isinstance(node, ast.ImportFrom) else []
        for name in [*whole, *finer]:
            if name in _NETWORK or name.partition(".")[0] in _NETWORK:
                yield f'it uses the network ("{name}"), and a report must open and run without. Import the data into the study.'
                return
            if name.partition(".")[0] in _LIVE:
                yield f'live widgets ("{name}") do nothing in a page that has no kernel behind it. Use a parameter, or a chart.'
                return

    def _called(self, node: ast.Call, parents: dict[ast.AST, ast.AST]) -> Iterator[str]:
        called = self._dotted(node.func)
        method = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        checks: tuple[Callable[[_Call], Iterator[str]], ...] = (_asks, _html, _clock, self._chance, _fetches, self._live)
        for check in checks:
            yield from check(_Call(node, called, method))
        listing = called in _LISTINGS or (method in _LISTING_METHODS and not called.startswith("glob."))
        if listing and not self._order_is_lost(node, parents):
            yield _unsorted(ast.unparse(node), "the files of a folder")
        if (called in _ORDERED or method == "join") and any(self._is_set(a) for a in node.args) and not self._order_is_lost(node, parents):
            yield _unsorted(ast.unparse(node), "a set")
        if method == "groupby" and _keyword(node, "sort") is False:
            yield "groupby(sort=False) leaves groups in the order of the rows, which changes with each import. Leave sort out."

    def _live(self, call: _Call) -> Iterator[str]:
        own = call.called.removeprefix("workbench.")
        if call.called.startswith("workbench.") and own.rpartition(".")[2] in self._widgets:
            yield f'live widgets ("{own}") do nothing in a page that has no kernel behind it. Use a report or a chart of the same thing.'

    def _chance(self, call: _Call) -> Iterator[str]:
        module = call.called.rpartition(".")[0]
        if call.called in _UNSEEDED:
            unseeded = not call.node.args and not call.node.keywords
        elif module in ("random", "numpy.random"):
            unseeded = module not in self._seeded and not call.called.endswith(".seed")
        else:
            unseeded = call.method == "sample" and not any(k.arg in ("random_state", None) for k in call.node.keywords)
        if unseeded:
            yield f"{ast.unparse(call.node)} gives something else each time. Give it a seed, for example random_state=0 or default_rng(0)."

    def _order_is_lost(self, node: ast.AST, parents: dict[ast.AST, ast.AST]) -> bool:
        """Whether something around an expression makes its order of no account."""
        above: ast.AST | None = parents.get(node)
        while above is not None and not isinstance(above, ast.stmt):
            if isinstance(above, ast.SetComp) or (isinstance(above, ast.Call) and self._dotted(above.func) in _ORDERLESS):
                return True
            above = parents.get(above)
        return False

    def _is_set(self, node: ast.expr) -> bool:
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr | ast.BitAnd | ast.Sub | ast.BitXor):
            return self._is_set(node.left) or self._is_set(node.right)
        named = isinstance(node, ast.Name) and node.id in self._sets
        made = isinstance(node, ast.Call) and self._dotted(node.func) in ("set", "frozenset")
        return named or made or isinstance(node, ast.Set | ast.SetComp)

    def _dotted(self, node: ast.expr) -> str:
        """The full name of what is called: ``numpy.random.choice`` for ``np.random.choice``."""
        if isinstance(node, ast.Name):
            return self._names.get(node.id, node.id)
        if isinstance(node, ast.Attribute) and (before := self._dotted(node.value)):
            return f"{before}.{node.attr}"
        return ""


def _path(text: str, parent: ast.AST | None) -> Iterator[str]:
    if _ABSOLUTE.match(text) and not isinstance(parent, ast.Expr):  # a string alone is a remark
        yield f'"{text}" is a path of one machine. Use a path from the study\'s folder, study.folder / "…", or a parameter.'


def _markup(node: ast.FunctionDef) -> Iterator[str]:
    if any(isinstance(inside, ast.JoinedStr) for inside in ast.walk(node)):
        yield "_repr_html_ puts text into markup, so that what somebody said could become part of the page. Return a block of workbench.reports.blocks."


def _html(call: _Call) -> Iterator[str]:
    if call.called in ("HTML", "IPython.display.HTML", "IPython.core.display.HTML") or call.called.endswith(".display.HTML"):
        yield "HTML(…) shows text as markup, so that what somebody said could become part of the page. Use a block of workbench.reports.blocks."
    if call.method == "to_html" and _keyword(call.node, "escape") is False:
        yield "to_html(escape=False) lets what somebody said become markup. Leave escape out, or use blocks.table."


def _clock(call: _Call) -> Iterator[str]:
    if call.called in _CLOCKS:
        yield f"{ast.unparse(call.node)} makes each run differ. Take the day as a parameter, or from the data; the method block says when the page was made."


def _asks(call: _Call) -> Iterator[str]:
    if call.called in ("input", "getpass.getpass"):
        yield f"{call.called}() waits for somebody, and a report runs alone. Make it a parameter."


def _fetches(call: _Call) -> Iterator[str]:
    first = call.node.args[0].value if call.node.args and isinstance(call.node.args[0], ast.Constant) else None
    reads = call.method.startswith("read_") or call.called.rpartition(".")[2].startswith("read_") or call.method in ("open", "urlopen")
    if reads and isinstance(first, str) and _ADDRESS.match(first):
        yield f'it uses the network ("{first}"), and a report must open and run without. Import the data into the study.'
    words = [a.value.split() for a in call.node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
    if call.method in ("run_line_magic", "system", "getoutput") and any(w and w[0].lstrip("!%") in _INSTALLERS for w in words):
        yield "it installs or fetches something while the report runs. Install it once, where reports run."


def _unsorted(code: str, what: str) -> str:
    return f"{code} goes through {what}, whose order is not the same each time. Put sorted(…) around it."


def _keyword(node: ast.Call, name: str) -> object:
    return next((k.value.value for k in node.keywords if k.arg == name and isinstance(k.value, ast.Constant)), None)
