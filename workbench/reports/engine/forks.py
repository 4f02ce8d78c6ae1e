"""Papermill's side of the fork server: start it once, ask it for processes, send them signals."""

from __future__ import annotations

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from workbench.drawing import draw_elsewhere

#: What decides how Python and its libraries start; a server that started with other values is not asked.
_AT_START = ("PYTHON", "LD_", "DYLD_", "LC_", "LANG", "OMP_", "OPENBLAS_", "MKL_", "NUMEXPR_", "BLIS_", "MALLOC_", "ARROW_")

#: What is imported there neither starts a thread nor speaks; the forks do not see this.
_QUIET_LIBRARIES = {"JE_ARROW_MALLOC_CONF": "background_thread:false", "PYDEVD_DISABLE_FILE_VALIDATION": "1"}

_START = (
    "import sys; sys.path.pop(0); from runpy import run_module; run_module('workbench.reports.engine.fork_server', run_name='__main__')"
)


class CannotFork(Exception):
    """There is no process to fork from, and why; an ordinary kernel runs the notebook, so nobody meets this."""


@dataclass(frozen=True)
class Fork:
    """The process of one notebook."""

    server: ForkServer
    pid: int

    def signal(self, number: int = 0) -> bool:
        """Send it, and what it started, a signal; whether it runs."""
        try:
            return bool(self.server.ask({"signal": {"pid": self.pid, "number": number}})["runs"])
        except (OSError, ValueError):
            return False

    def kill(self) -> None:
        """End it at once, and what it started."""
        self.signal(signal.SIGKILL)

    def wait(self, timeout: float) -> None:
        """Wait for its end, so many seconds at most.

        Raises
        ------
        TimeoutError
        """
        until = time.monotonic() + timeout
        while self.signal():
            if time.monotonic() > until:
                raise TimeoutError
            time.sleep(0.005)


class ForkServer:
    """A process that has imported what reports need.

    Parameters
    ----------
    options : of the interpreter, such as ``-Xfrozen_modules=off``

    Raises
    ------
    CannotFork
        It could not start, or has more than one thread.
    """

    def __init__(self, options: tuple[str, ...] = ()) -> None:
        (ours, its), (door, painters_door) = socket.socketpair(), socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with its, door, painters_door:
            inherited = [end.fileno() for end in (its, door, painters_door)]
            process = subprocess.Popen(  # noqa: S603
                [sys.executable, *options, "-c", _START, *map(str, inherited)], env={**os.environ, **_QUIET_LIBRARIES}, pass_fds=inherited,
                stdin=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip
            draw_elsewhere(door.dup())
        self._listen(options, ours, process)

    @classmethod
    def joined(cls, options: tuple[str, ...], control: socket.socket) -> ForkServer:
        """The server that forked this process, which started with these options."""
        self = cls.__new__(cls)
        self._listen(options, control, None)
        return self

    def _listen(self, options: tuple[str, ...], control: socket.socket, process: subprocess.Popen[bytes] | None) -> None:
        self.options, self._control, self._process = options, control, process
        self._answers = control.makefile("rb")
        self._turn = threading.Lock()
        self._is_ready, self._is_gone, self.failed = process is None, False, ""

    def wait_until_ready(self) -> None:
        """Wait for its imports.

        Raises
        ------
        CannotFork
        """
        with self._turn:
            if not self._is_ready and not self.failed:
                try:
                    said = self._read()
                except (OSError, ValueError):
                    said = {"error": "the process that should fork did not start"}
                self._is_ready, self.failed = "ready" in said, said.get("error", "")
        if self.failed:
            raise CannotFork(self.failed)

    def fork_kernel(self, connection: socket.socket, arguments: list[str]) -> Fork:
        """A process that is a kernel on this connection, in our folder and with our environment.

        Raises
        ------
        ConnectionError
            The server has ended, or the system lets it fork no more.
        """
        out = _open_or_null(1)
        try:
            return self._forked({"kernel": {"arguments": arguments}}, connection.fileno(), out)
        finally:
            os.close(out)

    def fork_worker(self, module: str, stdin: int, stdout: int) -> Fork:
        """A process that does what standard input tells the ``main`` of a module.

        Raises
        ------
        CannotFork, ConnectionError
        """
        return self._forked({"worker": {"module": module, "options": self.options}}, stdin, stdout)

    def _forked(self, what: dict[str, dict[str, Any]], *fds: int) -> Fork:
        """A fork with these files and our standard error."""
        self.wait_until_ready()
        [how] = what.values()
        how |= {"folder": os.getcwd(), "environment": dict(os.environ)}  # noqa: PTH109
        error = _open_or_null(2)
        try:
            told = self.ask(what, [*fds, error])
        finally:
            os.close(error)
        if "error" in told:
            raise ConnectionError(f"the process that should fork: {told['error']}")
        return Fork(self, told["pid"])

    def ready_for(self, folder: str, modules: Sequence[str]) -> str:
        """Let it import what a notebook in a folder will, as far as it knows that; see :data:`~workbench.reports.engine.fork_server.ON_DEMAND`.

        Gives the name of a module in that folder that a kernel there would import in place of one that is in every fork, or nothing.
        """
        return str(self.ask({"ready_for": {"folder": folder, "modules": modules}})["own_module"])

    def ask(self, request: dict[str, Any], fds: list[int] | None = None) -> dict[str, Any]:
        """Its answer to one request."""
        text = json.dumps(request).encode() + b"\n"
        with self._turn:
            sent = socket.send_fds(self._control, [text], fds) if fds else 0
            self._control.sendall(text[sent:])
            return self._read()

    def _read(self) -> dict[str, Any]:
        answer = self._answers.readline()
        if not answer:
            self._is_gone = True
            raise ConnectionError("the fork server has ended")
        return dict(json.loads(answer))

    @property
    def is_running(self) -> bool:
        """Whether it can be asked."""
        return not self._is_gone and (self._process is None or self._process.poll() is None)

    def leave(self) -> None:
        """Ask it no more; it ends, and whatever it forked, when nobody is left who could."""
        self._answers.close()
        self._control.close()

    def close(self) -> None:
        """Leave it and wait for its end; what is still importing has nothing to finish."""
        self.leave()
        if self._process is None:
            return
        if not self._is_ready:
            self._process.kill()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=10)


def _open_or_null(number: int) -> int:
    try:
        return os.dup(number)
    except OSError:
        return os.open(os.devnull, os.O_WRONLY)


def fork_server(options: tuple[str, ...] = ()) -> ForkServer:
    """The server of this process: the one that forked it, or its own, started at the first call; it may still be importing."""
    if _joined and _joined[0].is_running and not _joined[0].failed and _joined[0].options == options:
        return _joined[0]
    wanted = (options, *sorted((k, v) for k, v in os.environ.items() if k.startswith(_AT_START)))
    with _choosing:
        server = _servers.get(wanted)
        if server is None or not (server.is_running or server.failed):
            server = _servers[wanted] = ForkServer(options)
        return server


def join(options: tuple[str, ...], control: socket.socket) -> None:
    """Use the server that forked this process, and this connection to it."""
    _joined[:] = [ForkServer.joined(options, control)]


def close_all() -> None:
    """End every server of this process; the next notebook starts one."""
    while _joined:
        _joined.pop().close()
    draw_elsewhere(None)
    while _servers:
        _servers.popitem()[1].close()


def _forked() -> None:
    # A copy of this process must not keep the servers alive, nor take their answers.
    global _choosing
    _choosing = threading.Lock()
    while _joined:
        _joined.pop().leave()
    draw_elsewhere(None)
    while _servers:
        _servers.popitem()[1].leave()


_joined: list[ForkServer] = []
_servers: dict[tuple[Any, ...], ForkServer] = {}
_choosing = threading.Lock()
atexit.register(close_all)
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forked)
