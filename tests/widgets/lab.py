"""A real JupyterLab with settings of its own, and a notebook in it that opens the coder."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import nbformat.v4 as v4

START_WITHIN_S = 60
KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}}
IDLE = "window.jupyterapp?.shell.currentWidget?.context?.sessionContext.session?.kernel?.status === 'idle'"
CELL = """import os, pathlib
import workbench as wb
pathlib.Path("kernel.pid").write_text(str(os.getpid()))
wb.InterviewCoder(wb.open_study({study!r}, coder={coder!r}), {transcript!r}, height=600)"""


class Lab:
    """A running server; ``folder`` is its root."""

    def __init__(self, folder: Path, address: str) -> None:
        self.folder, self.address = folder, address

    def write_notebook(
        self, study: Path, *, name: str = "coding.ipynb", coder: str = "ana", transcript: str = "P01", before: str = "", cell: str = CELL
    ) -> str:
        """A notebook with the coder (or another ``cell``) at the end, and ``before`` in a cell above it; gives its name."""
        sources = [before.format(study=str(study))] if before else []
        cells = [v4.new_code_cell(c) for c in [*sources, cell.format(study=str(study), coder=coder, transcript=transcript)]]
        (self.folder / name).write_text(json.dumps(v4.new_notebook(cells=cells, metadata=KERNEL)), encoding="utf-8")
        return name

    def open(self, context: Any, notebook: str, *, workspace: str = "a") -> LabPage:
        """The notebook in a tab of the browser, its kernel ready."""
        page = context.new_page()
        page.goto(f"{self.address}/lab/workspaces/{workspace}/tree/{notebook}?reset")
        page.wait_for_selector(".jp-Notebook .jp-Cell")
        page.wait_for_function(IDLE)
        return LabPage(self, page)

    def open_in_notebook_7(self, context: Any, notebook: str) -> LabPage:
        """The notebook in Jupyter Notebook 7, which the same server has, its kernel ready."""
        page = context.new_page()
        page.goto(f"{self.address}/notebooks/{notebook}")
        page.wait_for_selector(".jp-Notebook .jp-Cell")
        page.wait_for_function(IDLE)
        return LabPage(self, page)

    @property
    def kernel_pid(self) -> int:
        """The process of the kernel that ran the cell last."""
        return int((self.folder / "kernel.pid").read_text())


class LabPage:
    """One tab with a notebook."""

    def __init__(self, lab: Lab, page: Any) -> None:
        self.lab, self.page = lab, page

    def run(self, widget: str = ".wbc-coder") -> None:
        """Run the cells and wait for the widget."""
        self.page.evaluate("document.querySelectorAll('.wbc').forEach((e) => e.classList.add('before'))")
        self.page.evaluate("void window.jupyterapp.commands.execute('notebook:run-all-cells')")
        self.page.wait_for_selector(f"{widget}[data-filled]:not(.before)")

    def restart_kernel(self) -> None:
        """A new kernel under the same notebook."""
        self.page.evaluate(
            "window.restarted = false; window.jupyterapp.shell.currentWidget.context.sessionContext.session.kernel.restart().then(() => (window.restarted = true)); 0"
        )
        self.page.wait_for_function("window.restarted")

    def kill_kernel(self) -> None:
        """End the kernel as a machine that runs out of memory would, and wait for the server to start another."""
        pid = self.lab.kernel_pid
        self.page.evaluate("""() => { const s = window.jupyterapp.shell.currentWidget.context.sessionContext; window.seen = [];
          s.statusChanged.connect((_, status) => window.seen.push(status)); }""")
        os.kill(pid, signal.SIGKILL)
        self.page.locator(".jp-Dialog button.jp-mod-accept").click()  # JupyterLab says that the kernel appears to have died
        self.page.wait_for_selector(".jp-Dialog", state="detached")

    def wait_for_new_kernel(self) -> None:
        """Until the server has started another kernel and it is idle."""
        self.page.wait_for_function("window.seen.includes('autorestarting') || window.seen.includes('restarting')")
        self.page.wait_for_function("window.seen.at(-1) === 'idle'")

    def save(self) -> None:
        """Save the notebook as the researcher would."""
        self.page.evaluate("void window.jupyterapp.commands.execute('docmanager:save')")
        self.page.wait_for_function("!window.jupyterapp.shell.currentWidget.context.model.dirty")

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def wait_saved(self) -> None:
        self.page.wait_for_selector('.wbc[data-unsaved="0"]:not(.before)')


@contextmanager
def run_lab(folder: Path) -> Iterator[Lab]:
    """A server on a free port; it is ended with the block."""
    own = folder / "own"
    config = own / "config" / "labconfig"
    config.mkdir(parents=True)
    (config / "page_config.json").write_text('{"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": true}}')
    root = folder / "root"
    root.mkdir()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = {
        **os.environ,
        **{f"JUPYTER_{name}_DIR": str(own / name.lower()) for name in ("CONFIG", "DATA", "RUNTIME")},
        "IPYTHONDIR": str(own / "ipython"),
    }
    command = [sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", f"--port={port}", "--ServerApp.port_retries=0",
               "--ServerApp.ip=127.0.0.1", "--IdentityProvider.token=", f"--ServerApp.root_dir={root}", "--LabApp.expose_app_in_browser=True", "--JupyterNotebookApp.expose_app_in_browser=True"]  # fmt: skip
    with (folder / "lab.log").open("wb") as log:
        server = subprocess.Popen(command, env=env, stdout=log, stderr=log, cwd=root)
    try:
        address = f"http://127.0.0.1:{port}"
        _wait_for(server, address, folder / "lab.log")
        yield Lab(root, address)
    finally:
        server.terminate()
        try:
            server.wait(20)
        except subprocess.TimeoutExpired:
            server.kill()


def _wait_for(server: subprocess.Popen[bytes], address: str, log: Path) -> None:
    until = monotonic() + START_WITHIN_S
    while monotonic() < until and server.poll() is None:
        try:
            with urlopen(f"{address}/api/status"):
                return
        except URLError:
            sleep(0.1)
    raise RuntimeError(f"JupyterLab did not start:\n{log.read_text(errors='replace')[-3000:]}")
