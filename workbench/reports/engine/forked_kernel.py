"""A forked process as papermill's notebook client wants a kernel: something to start, to ask, and to listen to."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Callable
from queue import Empty
from typing import Any

from jupyter_client.session import Session
from papermill.clientwrap import PapermillNotebookClient

from workbench.reports.engine.forks import Fork, ForkServer
from workbench.reports.engine.frames import IOPUB, KEY, SHELL, Parts, Unpacker, packed

#: An ordinary kernel, too, is given a while to end by itself.
PATIENCE_S = 5.0

Message = dict[str, Any]


class ForkedClient(PapermillNotebookClient):
    """Papermill's client with a forked kernel; cells, time-outs, errors and outputs are handled as for any kernel."""

    def __init__(self, nb_man: Any, server: ForkServer, arguments: list[str], **how: Any) -> None:
        super().__init__(nb_man, **how)
        self._server, self._arguments = server, arguments

    def create_kernel_manager(self) -> ForkedKernelManager:
        """Called by the client when it starts."""
        self.km = ForkedKernelManager(self._server, self._arguments)
        return self.km


class ForkedKernelManager:
    """Starts one kernel, interrupts and ends it."""

    ipykernel = True

    def __init__(self, server: ForkServer, arguments: list[str]) -> None:
        self._server, self._arguments = server, arguments
        self._fork: Fork | None = None
        self._client: ForkedKernelClient | None = None

    @property
    def has_kernel(self) -> bool:
        """Whether it was started."""
        return self._fork is not None

    @property
    def kernel_id(self) -> str:
        """Its process."""
        return str(self._fork.pid if self._fork else "not started")

    def start_kernel(self, extra_arguments: list[str] | None = None, **_: Any) -> None:
        """Fork it."""
        ours, its = socket.socketpair()
        with its:
            self._fork = self._server.fork_kernel(its, [*self._arguments, *(extra_arguments or ())])
        self._client = ForkedKernelClient(ours, self._fork)

    def client(self) -> ForkedKernelClient:
        """What talks with it."""
        if self._client is None:
            raise RuntimeError("the kernel was not started")
        return self._client

    def is_alive(self) -> bool:
        """Whether its process runs."""
        return self._fork is not None and self._fork.signal()

    def interrupt_kernel(self) -> None:
        """As Ctrl+C would."""
        if self._fork:
            self._fork.signal(signal.SIGINT)

    async def shutdown_kernel(self, *, now: bool = False) -> None:
        """Let it end by itself, unless at once; a cell that still runs is interrupted, as an ordinary kernel's is."""
        if self._client and self._client.runs_a_cell:
            self.interrupt_kernel()
        if self._fork and not (not now and self._client and await self._client.has_ended(PATIENCE_S)):
            self._fork.signal(signal.SIGKILL)

    def cleanup_resources(self) -> None:
        """There are no files."""


class Mailbox:
    """The messages of one channel that nobody has read."""

    def __init__(self, send: Callable[[Message], None]) -> None:
        self.send = send
        self.messages: asyncio.Queue[Message] = asyncio.Queue()

    async def get_msg(self, timeout: float | None = None) -> Message:
        """The next one.

        Raises
        ------
        Empty
            None came in time.
        """
        if not self.messages.empty():
            return self.messages.get_nowait()
        try:
            return await asyncio.wait_for(self.messages.get(), timeout)
        except TimeoutError:
            raise Empty from None


class ForkedKernelClient(asyncio.Protocol):
    """Sends requests to a kernel, and sorts what it says by channel."""

    allow_stdin = False

    def __init__(self, connection: socket.socket, fork: Fork) -> None:
        self._connection, self._fork = connection, fork
        self._transport: asyncio.Transport | None = None
        self._unpacker = Unpacker()
        self._asked, self._answered = "", ""
        self.session = Session(key=KEY)

    async def start_channels(self) -> None:
        """Listen from now on."""
        self._ended = asyncio.Event()
        self.shell_channel, self.iopub_channel = Mailbox(self._send), Mailbox(self._send)
        self._transport, _ = await asyncio.get_running_loop().create_connection(lambda: self, sock=self._connection)

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """It reads the first request when it is."""

    def data_received(self, data: bytes) -> None:
        """Called by the event loop."""
        for channel, parts in self._unpacker.feed(data):
            message = self._message(parts)
            if channel == SHELL:
                self._answered = self._asked if message["msg_type"] == "execute_reply" else self._answered
            mailbox = {SHELL: self.shell_channel, IOPUB: self.iopub_channel}[channel]
            mailbox.messages.put_nowait(message)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        """Called by the event loop."""
        self._ended.set()

    def _message(self, parts: Parts) -> Message:
        _, rest = self.session.feed_identities(parts, copy=True)
        return dict(self.session.deserialize(rest, copy=True))

    def _send(self, message: Message) -> None:
        if self._transport:
            self._transport.write(packed(SHELL, self.session.serialize(message)))

    def _request(self, kind: str, content: Message) -> str:
        message = self.session.msg(kind, content)
        self._send(message)
        return str(message["header"]["msg_id"])

    def execute(self, code: str, *, store_history: bool = True, stop_on_error: bool = True) -> str:
        """Ask it to run one cell; the id of the request."""
        content = {"code": code, "silent": False, "store_history": store_history, "user_expressions": {}, "allow_stdin": False}
        self._asked = self._request("execute_request", {**content, "stop_on_error": stop_on_error})
        return self._asked

    @property
    def runs_a_cell(self) -> bool:
        """Whether the last cell that it was given has not ended, as far as we heard."""
        return bool(self._asked) and self._asked != self._answered

    def kernel_info(self) -> str:
        """Ask what it is; the id of the request."""
        return self._request("kernel_info_request", {})

    def is_alive(self) -> bool:
        """Whether its process runs."""
        return self._fork.signal()

    async def has_ended(self, within_s: float) -> bool:
        """Tell it that no more will be asked; whether it ended in time."""
        if self._transport and self._transport.can_write_eof():
            self._transport.write_eof()
        try:
            await asyncio.wait_for(self._ended.wait(), within_s)
        except TimeoutError:
            return False
        return True

    async def stop_channels(self) -> None:
        """Stop listening."""
        if self._transport:
            self._transport.abort()
            await self._ended.wait()
