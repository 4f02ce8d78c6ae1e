"""The papermill engine ``workbench``: each notebook in a fresh process, forked from one that has imported what reports need.

Nothing here imports papermill when it is imported: papermill loads its engines while it is itself being imported.
"""

from __future__ import annotations

import os
import re
import sys
from functools import cache
from pathlib import Path
from typing import Any

from workbench.reports.engine.limits import FRESH_KERNEL_MB, limit_memory, memory_limit_mb

#: What our templates, and most notebooks, ask for.
KERNEL = "python3"

#: An argument: a list that the notebook is put into, whose cells and outputs are there even if it does not come to its end.
WATCHED = "watched"

#: What papermill's own engine takes to choose a kernel; who gives one wants that kernel.
_OWN_KERNEL = ("km", "kernel_manager_class")

#: How a notebook asks where other programs may connect to its kernel; nobody can connect to a forked one.
_TO_CONNECT = re.compile(r"%(connect_info|qtconsole)\b|\b(get|find)_connection_(file|info)\b|\bconnect_qtconsole\b")


class WorkbenchEngine:
    """``papermill in.ipynb out.ipynb --engine workbench``: the outputs of the ordinary engine, without the wait for a kernel.

    A notebook whose kernel is not this Python's, that tells others how to connect to it or that has a module of its own beside it, or a
    system that does not fork, gets the ordinary kernel; ``metadata.papermill.workbench`` in the result says which it was, and why.
    """

    @classmethod
    def execute_notebook(cls, nb: Any, kernel_name: str, **how: Any) -> Any:
        """Run it, as papermill asks its engines to."""
        return _managed().execute_notebook(nb, kernel_name, **how)

    @classmethod
    def nb_kernel_name(cls, nb: Any, name: str | None = None) -> str:
        """The kernel that a notebook names."""
        return str(_managed().nb_kernel_name(nb, name))

    @classmethod
    def nb_language(cls, nb: Any, language: str | None = None) -> str:
        """The language that a notebook names."""
        return str(_managed().nb_language(nb, language))


@cache
def _managed() -> Any:
    from papermill.engines import NBClientEngine

    class Managed(NBClientEngine):
        @classmethod
        def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **how: Any) -> Any:
            how.pop(WATCHED, []).append(nb_man.nb)
            started = _needs_a_network(nb_man.nb) or _start(kernel_name, how, nb_man.nb)
            note = {"engine": "kernel", "why": started} if isinstance(started, str) else {"engine": "fork"}
            nb_man.nb.metadata.papermill["workbench"] = note
            if isinstance(started, str):
                if memory_limit_mb() is not None and not any(how.get(name) for name in _OWN_KERNEL):
                    how["kernel_manager_class"] = _limited()
                return super().execute_managed_notebook(nb_man, kernel_name, **how)
            return _run(nb_man, kernel_name, *started, **how)

    return Managed


@cache
def _limited() -> Any:
    """An ordinary kernel that is held to the memory that the environment names."""
    from jupyter_client.manager import AsyncKernelManager

    class Limited(AsyncKernelManager):
        async def _async_post_start_kernel(self, **kw: Any) -> None:
            await super()._async_post_start_kernel(**kw)
            more_mb, pid = memory_limit_mb(), getattr(self.provisioner, "pid", None)
            if more_mb is not None and pid:
                limit_memory(FRESH_KERNEL_MB + more_mb, pid)

        post_start_kernel = _async_post_start_kernel

    return Limited


def start_early() -> Any:
    """Let the process to fork from begin its imports; does not wait for it.

    Gives its :class:`~workbench.reports.engine.forks.ForkServer`, or ``None`` where nothing is forked.
    """
    found = _server(KERNEL)
    return None if isinstance(found, str) else found[0]


def _needs_a_network(nb: Any) -> str:
    """Why its kernel must be one that others can connect to, if so."""
    asks = (_TO_CONNECT.search(cell.source) for cell in nb.cells if cell.cell_type == "code")
    return next((f'a cell asks how to connect to its kernel ("{found.group()}")' for found in asks if found), "")


def _start(kernel_name: str, how: dict[str, Any], notebook: Any) -> tuple[Any, list[str]] | str:
    """A fork server for a kernel, when it is ready, and the arguments of the kernel; or why there is none."""
    from workbench.reports.engine.forks import CannotFork

    if any(how.get(name) is not None for name in _OWN_KERNEL):
        return "a kernel manager was given"
    try:
        found = _server(kernel_name)
        if not isinstance(found, str):
            found[0].wait_until_ready()
            if name := found[0].ready_for(os.getcwd(), _named(notebook)):  # noqa: PTH109
                return f'there is a module "{name}" beside the notebook'
    except (CannotFork, OSError) as error:
        return str(error)
    return found


def _named(notebook: Any) -> list[str]:
    """The modules that a notebook seems to use, of those that are imported only then."""
    from workbench.reports.engine.fork_server import ON_DEMAND

    code = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "code")
    return [module for module, names in ON_DEMAND.items() if names.search(code)]


def _server(kernel_name: str) -> tuple[Any, list[str]] | str:
    if not forks_safely():
        return "this system does not fork safely"
    command = _command(kernel_name)
    if isinstance(command, str):
        return command
    options, arguments, environment = command
    if environment:
        return f'the kernel "{kernel_name}" has an environment of its own'
    from workbench.reports.engine.forks import fork_server

    return fork_server(options), arguments


def forks_safely() -> bool:
    """Whether this system copies a process so that what it imported still works: Apple's own libraries do not."""
    return hasattr(os, "fork") and sys.platform != "darwin"


def _command(kernel_name: str) -> tuple[tuple[str, ...], list[str], dict[str, str]] | str:
    """The interpreter's options, the kernel's arguments and its environment; or why it is not for us to run."""
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    try:
        spec = KernelSpecManager().get_kernel_spec(kernel_name)
    except NoSuchKernel:
        return f'there is no kernel "{kernel_name}"'
    python, *rest = spec.argv or [""]
    if not _is_this_python(python) or "ipykernel_launcher" not in rest:
        return f'the kernel "{kernel_name}" is not ipykernel in this Python'
    at = rest.index("ipykernel_launcher")
    arguments = [a for a in rest[at + 1 :] if a not in ("-f", "{connection_file}")]
    return tuple(rest[: at - 1]), arguments, dict(spec.env)


def _is_this_python(program: str) -> bool:
    """Whether it starts this interpreter; Jupyter itself takes a bare name for it."""
    usual = {"python", f"python{sys.version_info[0]}", f"python{sys.version_info[0]}.{sys.version_info[1]}"}
    place = Path(program)
    return program in usual or (place.parent == Path(sys.executable).parent and place.name in usual)


def _run(nb_man: Any, kernel_name: str, server: Any, arguments: list[str], **how: Any) -> Any:
    """What papermill's own engine does, with a forked kernel."""
    from papermill.log import logger
    from papermill.utils import merge_kwargs, remove_args

    from workbench.reports.engine.forked_kernel import ForkedClient

    timeout = how.pop("execution_timeout", None) or how.get("timeout")
    start_timeout = how.pop("start_timeout", 60)
    rest = remove_args(["input_path", "timeout", "startup_timeout", *_OWN_KERNEL], **how)
    settings = merge_kwargs(rest, timeout=timeout, startup_timeout=start_timeout, kernel_name=kernel_name, log=logger)
    return ForkedClient(nb_man, server, arguments, **settings).execute()
