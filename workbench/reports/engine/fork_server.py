"""The process that has imported, once, what reports need, and forks one process for each notebook.

It has one thread, opens no ZeroMQ socket and never draws: what it did once would be broken in every fork.  It ends with the process that
started it.
"""

from __future__ import annotations

import builtins
import gc
import importlib.machinery
import importlib.util
import json
import os
import pkgutil
import re
import select
import signal
import socket
import sys
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

from workbench.drawing import draw_elsewhere

#: What templates and most notebooks use; a star stands for every module of a package.  Whatever is not installed is left to the notebook.
IMPORTS = (
    "IPython", "IPython.core.completerlib", "IPython.core.debugger", "IPython.core.logger", "IPython.core.oinspect",
    "IPython.extensions.storemagic", "faulthandler", "tornado.platform.asyncio", "ipykernel.debugger", "ipykernel.zmqshell", "numpy", "pandas", "altair", "pyarrow", "comm", "tqdm", "msgspec",
    "sqlalchemy.dialects.sqlite", "workbench.analysis.*", "workbench.charts.*", "workbench.study.*",
    "workbench.reports.engine.in_process_kernel", "workbench.reports.html.cells", "workbench.reports.blocks", "workbench.reports.provenance",
    "workbench.reports.sections.journey_page", "workbench.reports.sections.blueprint_page", "workbench.reports.sections.opportunities_page",
    "workbench.reports.sections.persona_page", "workbench.reports.sections.empathy_page",
    "workbench.reports.sections.overview_page", "workbench.reports.sections.findings_page", "workbench.reports.sections.code_page", "workbench.reports.sections.pulse_page",
    "workbench.reports.sections.funnel_page", "workbench.reports.sections.changes_page", "workbench.reports.sections.one_pager_page",
)  # fmt: skip

#: Start threads when they are imported; a fork imports them when it first uses them.
LATE = ("duckdb",)

#: What only some notebooks use, imported before the first that names it is forked; with what a notebook may name it by.
ON_DEMAND = {"scipy.stats": re.compile(r"\b(scipy|seaborn|sklearn|statsmodels)\b")}

#: A request names at most this much: the environment is in it.
LONGEST_REQUEST = 1 << 22

Answer = dict[str, Any]


def main(control: socket.socket, door: socket.socket, painters_door: socket.socket) -> None:
    """Prepare, say so, and serve until the process that started us has gone.

    Parameters
    ----------
    control : to the process that started us
    door, painters_door : of the processes that draw, from outside and from inside
    """
    from workbench.reports.engine.painter import fork_painters

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.chdir("/")  # the first notebook's folder may be taken away
    fork_painters(painters_door, (control, door))
    before = set(os.environ)
    prepare()
    if (n := threads()) != 1:
        _say(control, {"error": f"{n} threads after the imports"})
        return
    set_by_imports = {k: v for k, v in os.environ.items() if k not in before}
    Server(control, door, set_by_imports).serve()


def prepare() -> None:
    """Import, and use each thing once, so that no fork does it again."""
    gc.disable()  # nothing of what is imported is let go again
    with _as_in_a_kernel():
        for name in LATE:
            _import_when_used(name)
        for name in IMPORTS:
            _import(name)
        _hash_schemas_once()
        _warm_up()
    # BLAS libraries put their threads away at a fork, and start them again when they calculate.
    if (pid := os.fork()) == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    gc.collect()
    gc.freeze()
    gc.enable()


@contextmanager
def _as_in_a_kernel() -> Iterator[None]:
    """Let libraries that look, while they are imported, where they will show things find a kernel: pandas shows fewer columns elsewhere.

    What they warn of is not shown, but what they decide about warnings stays.
    """
    show, warnings.showwarning = warnings.showwarning, lambda *_, **__: None
    builtins.get_ipython = lambda: SimpleNamespace(kernel=None)  # type: ignore[attr-defined]
    try:
        yield
    finally:
        warnings.showwarning = show
        del builtins.get_ipython  # type: ignore[attr-defined]


def threads() -> int:
    """The threads of this process, those of libraries included where the system says."""
    try:
        return len(os.listdir("/proc/self/task"))  # noqa: PTH208
    except OSError:
        return threading.active_count()


def _import(name: str) -> None:
    # A notebook that needs what does not work says so itself, in its own cell.
    with suppress(Exception):
        package = import_module(name.removesuffix(".*"))
        if name.endswith(".*"):
            for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
                _import(module.name)


class _Later(ModuleType):
    """A module that is read when somebody first uses something of it."""

    def __getattr__(self, name: str) -> Any:
        self.__class__ = ModuleType  # type: ignore[assignment]
        if self.__spec__ and self.__spec__.loader:
            self.__spec__.loader.exec_module(self)
        return getattr(self, name)


def _import_when_used(name: str) -> None:
    # importlib's own LazyLoader reads a module at the second "import" of it already.
    if name not in sys.modules and (spec := importlib.util.find_spec(name)):
        sys.modules[name] = module = importlib.util.module_from_spec(spec)
        module.__class__ = _Later


def _hash_schemas_once() -> None:
    """Altair works out the hash of each of its 568 schemas for every channel of every chart, which is a third of what a chart takes."""
    with suppress(ImportError, AttributeError):
        from altair.utils.schemapi import _FromDict

        known: dict[int, tuple[Any, int]] = {}  # with the schema itself: a number names it only as long as it is there
        worked_out = _FromDict.hash_schema

        def hash_schema(schema: Any, use_json: bool = True) -> int:
            if not use_json:
                return worked_out(schema, use_json)
            if id(schema) not in known:
                known[id(schema)] = (schema, worked_out(schema))
            return known[id(schema)][1]

        _FromDict.hash_schema = staticmethod(hash_schema)  # type: ignore[method-assign]


def _warm_up() -> None:
    """A table and a chart, forgotten again: their first use builds what every later one finds ready."""
    import altair as alt
    import pandas as pd

    table = pd.DataFrame({"code": ["a", "b"], "n": [1, 2], "day": pd.to_datetime(["2026-01-01", "2026-01-02"])})
    table.groupby("code").agg({"n": "sum"}).merge(table, on="code")._repr_html_()  # type: ignore[operator]  # the stubs take it for a column
    bars = alt.Chart(table, title="t").mark_bar().encode(x=alt.X("n:Q", title="n"), y="code:N", tooltip=["n"])
    (bars | alt.layer(bars, bars.mark_text())).to_dict()


class Server:
    """Forks when it is asked to, and knows which of its forks still run.

    It is asked through the connection of the process that started it, and by the workers that it forked, each of which has a connection
    of its own.  With a connection go the kernels that were asked for through it, and with the first one all.
    """

    def __init__(self, control: socket.socket, door: socket.socket, set_by_imports: dict[str, str]) -> None:
        self.owner, self.door, self.set_by_imports = control, door, set_by_imports
        self.controls = {control}
        self.running: dict[int, socket.socket | None] = {}  # with the connection whose end is theirs, too

    def serve(self) -> None:
        """Answer until the process that started us has gone; then no kernel stays, and workers end by themselves."""
        _say(self.owner, {"ready": os.getpid()})
        try:
            while self.owner in self.controls:
                ready, _, _ = select.select([*self.controls], [], [], 1)
                self._reaped()
                for control in ready:
                    self._serve(control)
        finally:
            for control in tuple(self.controls):
                self._leave(control)

    def _serve(self, control: socket.socket) -> None:
        request = self._next(control)
        if request is None:
            self._leave(control)
            return
        fds = request.pop("fds")
        _say(control, self._answer(control, fds, *request.popitem()))
        for fd in fds:
            os.close(fd)

    def _answer(self, control: socket.socket, fds: list[int], wish: str, how: dict[str, Any]) -> Answer:
        if wish == "ready_for":
            return {"own_module": self.ready_for(**how)}
        if wish == "signal":
            return self.signal(**how)
        try:
            return {"pid": self.fork_kernel(control, fds, **how) if wish == "kernel" else self.fork_worker(fds, **how)}
        except OSError as error:
            return {"error": f"it cannot be copied ({error.strerror})"}

    def _leave(self, control: socket.socket) -> None:
        """Nobody asks through it any more."""
        for pid in [pid for pid, of in self._reaped().items() if of is control]:
            self._kill(pid, signal.SIGKILL)
        self.controls.discard(control)
        control.close()

    def _next(self, control: socket.socket) -> Answer | None:
        try:
            text, fds, _, _ = socket.recv_fds(control, LONGEST_REQUEST, 3)
            while text and not text.endswith(b"\n"):
                text += (more := control.recv(LONGEST_REQUEST))
                if not more:
                    return None
        except ConnectionError:
            return None
        return {**json.loads(text), "fds": fds} if text else None

    def ready_for(self, folder: str, modules: list[str]) -> str:
        """Import what a notebook will; the module in its folder that a kernel there would import in place of one of ours, if there is one."""
        if missing := [name for name in modules if name not in sys.modules]:
            with _as_in_a_kernel():
                for name in missing:
                    _import(name)
            gc.freeze()
        return own_module(folder)

    def fork_kernel(self, control: socket.socket, fds: list[int], arguments: list[str], **how: Any) -> int:
        """Start the kernel of one notebook on a connection; the number of its process."""

        def be_a_kernel(connection: int) -> None:
            from workbench.reports.engine.in_process_kernel import run_kernel

            run_kernel(socket.socket(fileno=connection), arguments)

        pid = self._fork(be_a_kernel, fds, **how)
        self.running[pid] = control
        return pid

    def fork_worker(self, fds: list[int], module: str, options: list[str], **how: Any) -> int:
        """Start a process that does what standard input says, as the ``main`` of a module reads it; the number of that process."""
        ours, its = socket.socketpair()

        def be_a_worker(stdin: int) -> None:
            from workbench.reports.engine import forks

            os.dup2(stdin, 0)
            os.close(stdin)
            forks.join(tuple(options), its)
            import_module(module).main()

        self.controls.add(ours)
        with its:
            pid = self._fork(be_a_worker, fds, **how)
        self.running[pid] = None
        return pid

    def _fork(self, be: Callable[[int], object], fds: list[int], environment: dict[str, str], folder: str) -> int:
        """A copy of this process that is something else from now on; its files are what to be it with, standard output and error."""
        gc.disable()
        try:
            pid = os.fork()
        finally:
            gc.enable()
        if pid == 0:
            status = 1
            try:
                what_with, *outs = fds
                for inherited in self.controls:
                    inherited.close()
                _settle(outs, folder, {**self.set_by_imports, **environment})
                draw_elsewhere(self.door)
                be(what_with)
                status = 0
            except BaseException:  # noqa: BLE001  whatever it was, nobody above may go on in this process
                sys.__excepthook__(*sys.exc_info())
            finally:
                os._exit(status)
        return pid

    def signal(self, pid: int, number: int) -> Answer:
        """Send a fork, and whatever it started, a signal (0 for none); the answer says whether it runs."""
        runs = pid in self._reaped()
        if runs and number:
            self._kill(pid, number)
        return {"runs": runs}

    def _reaped(self) -> dict[int, socket.socket | None]:
        """The forks that run, after those that ended were let go."""
        for pid in tuple(self.running):
            if os.waitpid(pid, os.WNOHANG) != (0, 0):
                del self.running[pid]
        return self.running

    def _kill(self, pid: int, number: int) -> None:
        try:
            os.killpg(pid, number)
        except OSError:  # it has no group of its own yet
            with suppress(OSError):
                os.kill(pid, number)


def _settle(outs: list[int], folder: str, environment: dict[str, str]) -> None:
    """Let a copy look like a process that was started."""
    os.setsid()
    for number, out in enumerate(outs, start=1):
        os.dup2(out, number)
        os.close(out)
    os.environ.clear()
    os.environ.update(environment)
    time.tzset()
    os.chdir(folder)


def own_module(folder: str) -> str:
    """The name of a module in a folder that a kernel there would import in place of one that we have; empty if there is none."""
    suffixes, names = tuple(importlib.machinery.all_suffixes()), []
    with suppress(OSError):  # a folder that may not be listed
        names = sorted(os.listdir(folder))  # noqa: PTH208  there may be many files of data
    for name in names:
        module = name.split(".")[0]
        have = getattr(sys.modules.get(module), "__file__", None)
        place = Path(folder, name) if name.endswith(suffixes) else Path(folder, name, "__init__.py")
        if have and Path(have) != place and place.is_file():
            return module
    return ""


def _say(control: socket.socket, answer: Answer) -> None:
    with suppress(OSError):
        control.sendall(json.dumps(answer).encode() + b"\n")


if __name__ == "__main__":
    main(*(socket.socket(fileno=int(number)) for number in sys.argv[1:]))
