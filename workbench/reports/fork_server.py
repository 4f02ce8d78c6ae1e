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
import select
import signal
import socket
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

#: What templates and most notebooks use; a star stands for every module of a package.  Whatever is not installed is left to the notebook.
IMPORTS = (
    "IPython", "IPython.core.completerlib", "IPython.core.debugger", "IPython.core.logger", "IPython.core.oinspect",
    "IPython.extensions.storemagic", "faulthandler", "tornado.platform.asyncio", "ipykernel.debugger", "ipykernel.zmqshell", "numpy", "pandas", "altair", "pyarrow", "scipy.stats", "comm", "tqdm", "msgspec",
    "sqlalchemy.dialects.sqlite", "workbench.analysis.*", "workbench.charts.*", "workbench.study.*", "workbench.reports.painter",
    "workbench.reports.in_process_kernel", "workbench.reports.cells", "workbench.reports.blocks", "workbench.reports.provenance",
    "workbench.reports.journey_page", "workbench.reports.blueprint_page", "workbench.reports.opportunities_page",
    "workbench.reports.persona_page", "workbench.reports.empathy_page",
    "workbench.reports.overview_page", "workbench.reports.findings_page", "workbench.reports.code_page", "workbench.reports.pulse_page",
    "workbench.reports.funnel_page", "workbench.reports.changes_page", "workbench.reports.one_pager_page",
)  # fmt: skip

#: Start threads when they are imported; a fork imports them when it first uses them.
LATE = ("duckdb",)

#: A request names at most this much: the environment is in it.
LONGEST_REQUEST = 1 << 22

Answer = dict[str, Any]


def main(control: socket.socket) -> None:
    """Prepare, say so, and serve until the process that started us has gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.chdir("/")  # the first notebook's folder may be taken away
    before = set(os.environ)
    prepare()
    if (n := threads()) != 1:
        _say(control, {"error": f"{n} threads after the imports"})
        return
    set_by_imports = {k: v for k, v in os.environ.items() if k not in before}
    Server(control, set_by_imports).serve()


def prepare() -> None:
    """Import, and use each thing once, so that no fork does it again."""
    with _as_in_a_kernel():
        for name in LATE:
            _import_when_used(name)
        for name in IMPORTS:
            _import(name)
        _warm_up()
    # BLAS libraries put their threads away at a fork, and start them again when they calculate.
    if (pid := os.fork()) == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    gc.collect()
    gc.freeze()


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


def _warm_up() -> None:
    """A table and a chart, forgotten again: their first use builds what every later one finds ready."""
    import altair as alt
    import pandas as pd

    table = pd.DataFrame({"code": ["a", "b"], "n": [1, 2], "day": pd.to_datetime(["2026-01-01", "2026-01-02"])})
    table.groupby("code").agg({"n": "sum"}).merge(table, on="code")._repr_html_()
    bars = alt.Chart(table, title="t").mark_bar().encode(x=alt.X("n:Q", title="n"), y="code:N", tooltip=["n"])
    (bars | alt.layer(bars, bars.mark_text())).to_dict()


class Server:
    """Forks when it is asked to, and knows which of its forks still run.

    It is asked through the connection of the process that started it, and through others that this one hands in: the workers of a batch
    share one server.  With a connection go the forks that were asked for through it, and with the first one all.
    """

    def __init__(self, control: socket.socket, set_by_imports: dict[str, str]) -> None:
        self.owner, self.set_by_imports = control, set_by_imports
        self.painters: dict[socket.socket, socket.socket] = {}
        self.running: dict[int, socket.socket] = {}
        self.join(control)

    def join(self, control: socket.socket) -> None:
        """Serve whoever asks through this connection; their charts are drawn by a process of their own."""
        from workbench.reports.painter import fork_painter

        self.painters[control] = fork_painter([*self.painters, *self.painters.values(), control])
        _say(control, {"ready": os.getpid()})

    def serve(self) -> None:
        """Answer until the process that started us has gone; then nothing that was started stays."""
        try:
            while self.owner in self.painters:
                ready, _, _ = select.select([*self.painters], [], [], 1)
                self._reaped()
                for control in ready:
                    self._serve(control)
        finally:
            for control in tuple(self.painters):
                self._leave(control)

    def _serve(self, control: socket.socket) -> None:
        request = self._next(control)
        if request is None:
            self._leave(control)
            return
        fds = request.pop("fds")
        if "join" in request:
            self.join(socket.socket(fileno=fds.pop()))
        elif "fork" in request:
            _say(control, self.fork(control, fds, **request["fork"]))
        elif "own_module" in request:
            _say(control, {"name": own_module(**request["own_module"])})
        else:
            _say(control, self.signal(**request["signal"]))
        for fd in fds:
            os.close(fd)

    def _leave(self, control: socket.socket) -> None:
        """Nobody asks through it any more."""
        for pid in [pid for pid, of in self._reaped().items() if of is control]:
            self._kill(pid, signal.SIGKILL)
        self.painters.pop(control).close()
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

    def fork(self, control: socket.socket, fds: list[int], **how: Any) -> Answer:
        """Start the kernel of one notebook on a connection; the answer names its process."""
        gc.disable()
        pid = os.fork()
        if pid == 0:
            painter = self.painters.pop(control)
            for inherited in (control, *self.painters, *self.painters.values()):
                inherited.close()
            gc.enable()
            self._be_a_kernel(painter, fds, **how)
        gc.enable()
        self.running[pid] = control
        return {"pid": pid}

    def _be_a_kernel(self, painter: socket.socket, fds: list[int], environment: dict[str, str], **how: Any) -> None:
        from workbench.reports.in_process_kernel import run_kernel
        from workbench.reports.painter import draw_elsewhere

        draw_elsewhere(painter)
        connection, *outs = fds
        run_kernel(socket.socket(fileno=connection), outs, environment={**self.set_by_imports, **environment}, **how)

    def signal(self, pid: int, number: int) -> Answer:
        """Send a fork, and whatever it started, a signal (0 for none); the answer says whether it runs."""
        runs = pid in self._reaped()
        if runs and number:
            self._kill(pid, number)
        return {"runs": runs}

    def _reaped(self) -> dict[int, socket.socket]:
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
    main(socket.socket(fileno=int(sys.argv[1])))
