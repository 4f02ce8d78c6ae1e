"""The kernel of one notebook, in the process that was forked for it: IPython's own, with a pipe where its network sockets were.

ipykernel's application, kernel, shell, display publisher and streams do the work, so an output is what the ordinary kernel makes of it.
"""

from __future__ import annotations

import asyncio
import atexit
import fcntl
import gc
import inspect
import os
import random
import select
import signal
import socket
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from heapq import heappop, heappush
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from ipykernel import ipkernel
from ipykernel.iostream import BackgroundSocket, IOPubThread, OutStream
from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp
from tornado import ioloop
from traitlets import Any as AnyTrait
from traitlets import Type
from traitlets.config import Config

from workbench.reports.engine.frames import IOPUB, KEY, SHELL, Parts, Unpacker, packed
from workbench.reports.engine.limits import limit_memory, memory_limit_mb, peak_memory_mb
from workbench.store import reads

LOG_LEVEL = "--log-level="


class Pipe:
    """Our end of the connection to papermill's process; whole messages, whoever of this process and its children writes."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection
        self._turn = tempfile.TemporaryFile()  # noqa: SIM115  open as long as this process
        self._lock = threading.Lock()
        os.register_at_fork(after_in_child=self._forked)

    def _forked(self) -> None:
        self._lock = threading.Lock()

    def send(self, channel: bytes, parts: Sequence[bytes | memoryview]) -> None:
        """Write one message; an interrupt waits until it is written."""
        message = packed(channel, parts)
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            with self._lock:
                fcntl.lockf(self._turn, fcntl.LOCK_EX)
                try:
                    self.connection.sendall(message)
                finally:
                    fcntl.lockf(self._turn, fcntl.LOCK_UN)
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)


class Channel:
    """One of the channels, as ipykernel takes it for a socket."""

    def __init__(self, pipe: Pipe, name: bytes) -> None:
        self.pipe, self.name = pipe, name

    def send_multipart(self, parts: Sequence[bytes | memoryview], *_: Any, **__: Any) -> None:
        """Write one message."""
        self.pipe.send(self.name, parts)

    def flush(self, *_: Any) -> None:
        """Nothing is kept back."""


class Later:
    """Calls things a little later, in a thread that starts with the first of them."""

    def __init__(self) -> None:
        self._due: list[tuple[float, int, Callable[[], object]]] = []
        self._number = count()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def call_later(self, delay_s: float, call: Callable[[], object]) -> None:
        """Call it after so many seconds."""
        with self._changed:
            heappush(self._due, (time.monotonic() + delay_s, next(self._number), call))
            self._changed.notify()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="IOPub", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            self._next()()

    def _next(self) -> Callable[[], object]:
        with self._changed:
            while not self._due or self._due[0][0] > time.monotonic():
                self._changed.wait(self._due[0][0] - time.monotonic() if self._due else None)
            return heappop(self._due)[2]


class Publisher(IOPubThread):
    """Where ipykernel would have its thread for a socket: messages are written at once, by who makes them."""

    def __init__(self, channel: Channel) -> None:
        # Nothing of the parent's, which would open sockets of ZeroMQ.
        self.socket = channel
        self.io_loop = Later()
        self.thread = SimpleNamespace(is_alive=lambda: False, ident=None)
        self.background_socket = BackgroundSocket(self)
        self._stopped = False

    def schedule(self, f: Callable[[], object]) -> None:
        """Do it now."""
        f()

    def send_multipart(self, *args: Any, **how: Any) -> None:
        """Write one message."""
        self.socket.send_multipart(*args, **how)

    def start(self) -> None:
        """There is no thread to start."""

    stop = close = start


class Stream(OutStream):
    """Standard output or error; what libraries and other processes wrote comes before what is written, or shown, after it."""

    def _setup_stream_redirects(self, name: str) -> None:
        self._reading = threading.RLock()
        self._is_reading = False
        super()._setup_stream_redirects(name)

    def _watch_pipe_fd(self) -> None:
        """What ipykernel runs in a thread."""
        while self._should_watch:
            select.select([self._fid], [], [])
            self._read_waiting()

    def _read_waiting(self) -> None:
        """Take what waits in the pipe that is our file descriptor."""
        if not self._should_watch or os.getpid() != self._master_pid:
            return
        with self._reading:
            if self._is_reading:  # it is this that writes
                return
            self._is_reading = True
            try:
                while select.select([self._fid], [], [], 0)[0]:
                    more = os.read(self._fid, 1 << 16)
                    super().write(more.decode(errors="replace"))
                    os.write(self._original_stdstream_copy, more)
            finally:
                self._is_reading = False

    def write(self, string: str) -> int | None:
        """Write text."""
        self._read_waiting()
        return super().write(string)

    def flush(self) -> None:
        """Send what was written."""
        self._read_waiting()
        super().flush()


class ForkedKernel(IPythonKernel):
    """IPython's kernel, given its requests one by one."""

    shell_stream = AnyTrait()
    _execute_sleep = 0  # after each cell, for a thread that would write its output; ours is written by then
    _supports_kernel_subshells = False

    async def answer(self, parts: Parts) -> None:
        """Handle one request as ipykernel's own loop would."""
        idents, rest = self.session.feed_identities(parts, copy=True)
        message = self.session.deserialize(rest, copy=True)
        self.set_parent(idents, message, channel="shell")
        self._publish_status("busy", "shell")
        self.pre_handler_hook()
        try:
            done = self.shell_handlers[message["header"]["msg_type"]](self.shell_stream, idents, message)
            if inspect.isawaitable(done):
                await done
        except KeyboardInterrupt:
            self.log.error("KeyboardInterrupt caught in kernel.")
        except Exception:
            self.log.error("Exception in message handler:", exc_info=True)
        finally:
            self.post_handler_hook()
        sys.stdout.flush()
        sys.stderr.flush()
        self._publish_status("idle", "shell")

    def _abort_queues(self, subshell_id: str | None = None) -> None:
        """Nothing waits in a queue: papermill asks for one cell at a time."""


class ForkedKernelApp(IPKernelApp):
    """IPython's kernel application, with its profile, settings and start-up files, but without a network."""

    kernel_class = Type(ForkedKernel)
    outstream_class = f"{__name__}.Stream"
    pipe: Pipe

    def parse_command_line(self, argv: Sequence[str] | None = None) -> None:
        """Arguments as on a command line; for none, or the one that our runner gives, no parser of all possible ones is built."""
        levels = [word.removeprefix(LOG_LEVEL) for word in argv or () if word.startswith(LOG_LEVEL)]
        if len(levels) < len(argv or ()):
            super().parse_command_line(argv)
        elif levels:
            self.update_config(Config(Application={"log_level": levels[-1]}))

    def init_poller(self) -> None:
        """The parent ends us; see the fork server."""

    def init_connection_file(self) -> None:
        """There is nothing to connect to."""

    init_heartbeat = write_connection_file = log_connection_info = init_connection_file

    def init_sockets(self) -> None:
        """A channel for what is published and one for replies."""
        self.iopub_thread = Publisher(Channel(self.pipe, IOPUB))
        self.iopub_socket = self.iopub_thread.background_socket
        self.session.key = KEY

    def init_kernel(self) -> None:
        """The kernel itself."""
        threads = SimpleNamespace(parent_thread=threading.current_thread())
        with _few_modules():
            self.kernel = kernel = self.kernel_class.instance(
                parent=self, session=self.session, shell_stream=Channel(self.pipe, SHELL), shell_channel_thread=threads,
                iopub_thread=self.iopub_thread, iopub_socket=self.iopub_socket, log=self.log, profile_dir=self.profile_dir, user_ns=self.user_ns,
            )  # fmt: skip
        self.displayhook.get_execution_count = lambda: kernel.execution_count


@contextmanager
def _few_modules() -> Iterator[None]:
    """Where ipykernel looks for the files of all modules, for a debugger that nobody attaches: a third of its start with 3,000 of them."""
    ipkernel.sys = SimpleNamespace(**{**vars(sys), "modules": {}})  # type: ignore[attr-defined]
    try:
        yield
    finally:
        ipkernel.sys = sys  # type: ignore[attr-defined]


def run_kernel(connection: socket.socket, arguments: list[str]) -> None:
    """Be the kernel of one notebook until its work is done; the process ends with it.

    Parameters
    ----------
    connection : to papermill's process
    arguments : for ipykernel's application
    """
    status = 1
    try:
        _settle(arguments)
        asyncio.run(_serve(connection, arguments))
        status = 0
    except BaseException:  # noqa: BLE001  whatever it was, nobody above may go on in this process
        sys.__excepthook__(*sys.exc_info())
    finally:
        _leave(connection, status)


def _settle(arguments: list[str]) -> None:
    """Let a fork look like a kernel that was started."""
    if sys.modules.get("rfc3987_syntax", sys) is None:
        del sys.modules["rfc3987_syntax"]
    launcher = next((place for p in sys.path if (place := Path(p) / "ipykernel_launcher.py").is_file()), Path("ipykernel_launcher.py"))
    sys.argv[:] = [str(launcher), *arguments]
    if reads.VARIABLE in os.environ:
        reads.watch_files()
        atexit.register(lambda: reads.note_read("memory", str(peak_memory_mb() or 0)))
    if (more_mb := memory_limit_mb()) is not None:
        limit_memory(more_mb)
    random.seed()
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed()


async def _serve(connection: socket.socket, arguments: list[str]) -> None:
    app = ForkedKernelApp.instance()
    app.pipe = Pipe(connection)
    app.initialize(arguments)
    app.kernel.io_loop = app.io_loop = ioloop.IOLoop.current()
    requests: asyncio.Queue[Parts | None] = asyncio.Queue()
    _listen(connection, requests)
    while (parts := await requests.get()) is not None:
        await app.kernel.answer(parts)


def _listen(connection: socket.socket, requests: asyncio.Queue[Parts | None]) -> None:
    """Put each request in the queue; and ``None`` at their end."""
    loop, unpacker = asyncio.get_running_loop(), Unpacker()

    def read() -> None:
        more = connection.recv(1 << 20)
        for _, parts in unpacker.feed(more):
            requests.put_nowait(parts)
        if not more:
            loop.remove_reader(connection)
            requests.put_nowait(None)

    loop.add_reader(connection, read)


def _leave(connection: socket.socket, status: int) -> None:
    """End as an interpreter does: threads, then what was registered, then open files; but leave the memory to the system."""
    try:
        if ForkedKernelApp.initialized() and (shell := ForkedKernelApp.instance().shell):
            threading._shutdown()  # type: ignore[attr-defined]
            atexit._run_exitfuncs()
            shell.user_ns.clear()
            shell.user_ns_hidden.clear()
            gc.collect()
            sys.stdout.flush()
            sys.stderr.flush()
    finally:
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RDWR)  # before the system takes the memory back, which nobody needs to wait for
        os._exit(status)
