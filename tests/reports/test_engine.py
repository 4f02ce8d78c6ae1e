"""A notebook comes out of the forking engine as it comes out of papermill's own."""

from __future__ import annotations

import errno
import logging
import os
import socket
import subprocess
import sys
import time
import tomllib
from ast import literal_eval
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any
from warnings import catch_warnings, simplefilter

import nbformat
import nbformat.v4 as v4
import papermill
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager, NoSuchKernel
from jupyter_core.utils import ensure_event_loop
from nbformat import NotebookNode
from papermill.engines import papermill_engines
from reports.engine_corpus import CORE, REST, Case
from reports.engine_corpus.comparison import run

from workbench.reports.engine import forks
from workbench.reports.engine import papermill_engine as engine
from workbench.reports.engine.fork_server import Server
from workbench.reports.engine.forks import _QUIET_LIBRARIES, fork_server
from workbench.reports.engine.frames import IOPUB, SHELL, Unpacker, packed
from workbench.reports.engine.papermill_engine import WorkbenchEngine
from workbench.reports.run import run_report
from workbench.study.sample import make_sample_study


@pytest.fixture(autouse=True)
def _registered(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the installed package's entry point does; and ipykernel would leave file descriptors alone if it saw pytest."""
    monkeypatch.setitem(papermill_engines._engines, "workbench", WorkbenchEngine)
    monkeypatch.delenv("PYTEST_CURRENT_TEST", raising=False)
    monkeypatch.setattr(logging.getLogger("papermill"), "disabled", True)


def compare(case: Case, tmp_path: Path) -> None:
    with catch_warnings():
        simplefilter("ignore")  # of the ordinary engine's libraries
        ours, usual = (run(case.notebook(), engine, tmp_path / str(engine), **case.how) for engine in ("workbench", None))
    nbformat.validate(nbformat.read(tmp_path / "workbench.ipynb", as_version=4))
    assert ours.error == usual.error
    assert ours.cells == usual.cells
    assert ours == usual


@pytest.mark.parametrize("name", CORE)
def test_a_notebook_comes_out_as_from_the_ordinary_engine(name: str, tmp_path: Path) -> None:
    compare(CORE[name], tmp_path)


@pytest.mark.soak
@pytest.mark.parametrize("name", REST)
def test_every_kind_of_notebook_comes_out_as_from_the_ordinary_engine(name: str, tmp_path: Path) -> None:
    compare(REST[name], tmp_path)


# One notebook, one process


def outcome(*cells: str, **how: Any) -> NotebookNode:
    return papermill.execute_notebook(Case(cells).notebook(), None, engine_name="workbench", progress_bar=False, **how)


def values(notebook: NotebookNode) -> list[str]:
    return [o.data["text/plain"] for c in notebook.cells for o in c.get("outputs", []) if "data" in o]


def test_each_notebook_has_a_fresh_process() -> None:
    """What one did to its modules, its random numbers or its namespace, the next does not find."""
    look = "hasattr(pandas, 'left'), 'x' in dir()"
    cells = ("import os, random, pandas, numpy", look, "pandas.left = x = 1", "os.getpid(), random.random(), float(numpy.random.rand())")
    first, second = values(outcome(*cells)), values(outcome(*cells))
    assert first[0] == second[0] == "(False, False)"
    assert set(eval(first[1])).isdisjoint(eval(second[1]))


def test_a_notebook_finds_the_environment_and_folder_of_papermill(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONLY_NOW", "é")
    (told,) = values(outcome("import os; os.environ['ONLY_NOW'], os.getcwd()", cwd=tmp_path))
    assert literal_eval(told) == ("é", str(tmp_path))  # a long path is printed on a line of its own
    monkeypatch.delenv("ONLY_NOW")
    assert values(outcome("import os; os.environ.get('ONLY_NOW', 'gone')")) == ["'gone'"]


def test_it_says_which_process_ran_it() -> None:
    assert outcome("1").metadata.papermill.workbench == {"engine": "fork"}


def test_several_run_at_once() -> None:
    def times(_: int) -> tuple[float, float]:
        told = eval(values(outcome("import time; began = time.time(); time.sleep(1); began, time.time()"))[0])
        ensure_event_loop().close()  # Jupyter leaves one to every thread
        return told

    with ThreadPoolExecutor(2) as pool:
        one, two = pool.map(times, range(2))
    assert one[0] < two[1]
    assert two[0] < one[1]


def test_a_server_that_died_is_replaced() -> None:
    outcome("1")
    server = fork_server()
    server._process.kill()
    server._process.wait()
    assert values(outcome("1")) == ["1"]
    assert fork_server() is not server
    server.close()


def test_a_system_that_allows_no_more_processes_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def full() -> int:
        raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    ours, its = socket.socketpair()
    with ours, its:
        server = Server(its, its, {})
        monkeypatch.setattr("os.fork", full)
        how = {"arguments": [], "environment": {}, "folder": "/"}
        assert server._answer(its, [], "kernel", how) == {"error": f"it cannot be copied ({os.strerror(errno.EAGAIN)})"}


def test_the_process_that_forks_has_one_thread_and_has_not_begun_to_draw() -> None:
    """A thread, a socket of ZeroMQ or a JavaScript engine would be broken in every fork."""
    look = (
        "import sys, zmq; from workbench.reports.engine import fork_server as f; f.prepare();"
        "print(f.threads(), zmq.Context._instance, 'vl_convert' in sys.modules, '_duckdb' in sys.modules, 'workbench.analysis' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", look], env={**os.environ, **_QUIET_LIBRARIES}, capture_output=True, text=True, check=True)
    assert told.stdout.split() == ["1", "None", "False", "False", "True"]


def test_what_only_some_notebooks_use_is_imported_before_the_first_that_names_it() -> None:
    has_it = "import sys; 'sci' + 'py.stats' in sys.modules"
    forks.close_all()
    assert values(outcome(has_it)) == ["False"]
    assert values(outcome(f"{has_it}  # and not only numpy: scipy")) == ["True"]


LONG_REPORT = """
import sys, papermill, nbformat.v4 as v4
from papermill.engines import papermill_engines
from workbench.reports.engine.papermill_engine import WorkbenchEngine
papermill_engines.register("workbench", WorkbenchEngine)
cell = v4.new_code_cell("import os, time; print(os.getpid(), os.getppid(), flush=True); time.sleep(600)")
notebook = v4.new_notebook(cells=[cell], metadata={"kernelspec": {"name": "python3", "display_name": "", "language": "python"}})
papermill.execute_notebook(notebook, None, engine_name="workbench", progress_bar=False, stdout_file=sys.stdout)
"""


def test_nothing_stays_when_papermill_is_killed() -> None:
    """Neither the process that forks nor a kernel outlives the process that wanted the report."""
    with subprocess.Popen([sys.executable, "-c", LONG_REPORT], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as process:
        assert process.stdout
        pids = [int(pid) for pid in process.stdout.readline().split()]
        process.kill()
    assert len(pids) == 2
    deadline = time.monotonic() + 20
    while any(is_running(pid) for pid in pids):
        assert time.monotonic() < deadline


def is_running(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False


# Charts and pages

CHARTS = "import sys, altair as alt, pandas as pd, workbench.charts as charts\ncharts.enable()"
BARS = "data, _ = alt.Chart(pd.DataFrame({'n': [1, 2]})).mark_bar().encode(x='n:Q')._repr_mimebundle_()"


def test_charts_are_drawn_by_processes_that_do_so_for_all_reports() -> None:
    """To start the JavaScript engine costs a quarter of a second in every process that draws."""
    assert values(outcome(CHARTS, BARS, "'<svg' in data['image/svg+xml'], 'vl_convert' in sys.modules")) == ["(True, False)"]


def test_altair_finds_the_class_of_each_schema_as_it_does_elsewhere() -> None:
    """It works out the hash of every schema once, instead of once for each channel of a chart."""
    table = "from altair.utils import schemapi as s; found = s._FromDict(s._subclasses(s.SchemaBase)).class_dict"
    told = "sorted((str(k and s._FromDict.hash_schema(v[0]._schema) == k), sorted(c.__name__ for c in v)) for k, v in found.items())"
    here: dict[str, Any] = {}
    exec(f"import altair; {table}; told = {told}", here)
    assert eval(values(outcome(f"import altair; {table}", told))[0]) == here["told"]


@pytest.mark.soak
def test_every_template_gives_the_page_that_the_ordinary_engine_gives(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    starts = {"fork": engine._start, "kernel": lambda *_: "asked for"}
    with closing(make_sample_study(tmp_path / "s")[0]) as study:
        for template in ("journey_map", "opportunities", "service_blueprint"):
            pages = []
            for name, start in starts.items():
                monkeypatch.setattr(engine, "_start", start)
                record = run_report(template, study, out=tmp_path / f"{name}.html")
                pages.append((tmp_path / record.output).read_text("utf-8"))
            assert pages[0] == pages[1]


# What goes to the ordinary kernel


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (
            {"argv": ["other", "-m", "ipykernel_launcher", "-f", "{connection_file}"]},
            'the kernel "python3" is not ipykernel in this Python',
        ),
        ({"argv": ["python", "-m", "other_kernel", "-f", "{connection_file}"]}, 'the kernel "python3" is not ipykernel in this Python'),
        ({"env": {"A": "1"}}, 'the kernel "python3" has an environment of its own'),
    ],
)
def test_another_kernel_is_left_to_the_ordinary_engine(change: dict[str, Any], why: str, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = {"argv": ["python", "-m", "ipykernel_launcher", "-f", "{connection_file}"], **change}
    monkeypatch.setattr(KernelSpecManager, "get_kernel_spec", lambda *_: KernelSpec(**spec))
    assert engine._start("python3", {}, v4.new_notebook()) == why


def test_a_system_without_fork_gets_the_ordinary_kernel_and_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "forks_safely", lambda: False)
    with catch_warnings():
        simplefilter("ignore")  # of the ordinary engine's libraries
        run = outcome("1 + 1")
    assert values(run) == ["2"]
    assert run.metadata.papermill.workbench == {"engine": "kernel", "why": "this system does not fork safely"}


def test_a_notebook_that_others_connect_to_has_a_kernel_with_a_network() -> None:
    """A forked kernel has no connection file, so ``%qtconsole`` would not find it."""
    with catch_warnings():
        simplefilter("ignore")  # of the ordinary engine's libraries
        run = outcome("%connect_info")
    assert '"shell_port"' in run.cells[1].outputs[0].text
    assert run.metadata.papermill.workbench == {"engine": "kernel", "why": 'a cell asks how to connect to its kernel ("%connect_info")'}


def test_a_module_beside_the_notebook_is_the_one_that_is_imported(tmp_path: Path) -> None:
    """A fork would have the installed one already."""
    (tmp_path / "tqdm.py").write_text("mine = True", "utf-8")
    with catch_warnings():
        simplefilter("ignore")  # of the ordinary engine's libraries
        run = outcome("import tqdm; tqdm.mine", cwd=tmp_path)
    assert values(run) == ["True"]
    assert run.metadata.papermill.workbench == {"engine": "kernel", "why": 'there is a module "tqdm" beside the notebook'}


def test_a_module_that_hides_nothing_is_imported_in_a_fork(tmp_path: Path) -> None:
    (tmp_path / "my_own_names.py").write_text("mine = True", "utf-8")
    (tmp_path / "tqdm").mkdir()
    (tmp_path / "pandas.csv").touch()
    run = outcome("import my_own_names, tqdm; my_own_names.mine, hasattr(tqdm, 'tqdm')", cwd=tmp_path)
    assert (values(run), run.metadata.papermill.workbench) == (["(True, True)"], {"engine": "fork"})


def test_an_unknown_kernel_is_refused_as_ever() -> None:
    with pytest.raises(NoSuchKernel):
        outcome("1", kernel_name="no-such-kernel", language="python")


def test_a_server_that_cannot_fork_is_tried_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forks, "_START", "import sys; sys.exit(1)")
    monkeypatch.setattr(forks, "_servers", {})
    said = "the process that should fork did not start"
    assert said in str(engine._start("python3", {}, v4.new_notebook()))
    first = fork_server()
    assert said in str(engine._start("python3", {}, v4.new_notebook()))
    assert fork_server() is first
    forks.close_all()


# The command line

CLI = "import {first}; from papermill.cli import papermill as run; run(['in.ipynb', 'out.ipynb', '--engine', 'workbench', '--no-progress-bar'])"


@pytest.mark.parametrize("first", ["papermill", "workbench.reports.engine.papermill_engine"])
def test_papermill_finds_the_engine_by_its_name(first: str, tmp_path: Path) -> None:
    """Papermill loads its engines while it is being imported, so the order of imports could matter."""
    entry = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text("utf-8"))["project"]["entry-points"]["papermill.engine"]
    about = tmp_path / "found-1.0.dist-info"
    about.mkdir()
    (about / "entry_points.txt").write_text("[papermill.engine]\n" + "".join(f"{k} = {v}\n" for k, v in entry.items()), "utf-8")
    nbformat.write(Case(("40 + 2",)).notebook(), tmp_path / "in.ipynb")
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    subprocess.run([sys.executable, "-c", CLI.format(first=first)], cwd=tmp_path, env=environment, check=True, capture_output=True)
    out = nbformat.read(tmp_path / "out.ipynb", as_version=4)
    assert (values(out), out.metadata.papermill.workbench) == (["42"], {"engine": "fork"})


# The pipe


@given(st.lists(st.tuples(st.sampled_from([SHELL, IOPUB]), st.lists(st.binary(max_size=20), max_size=4))), st.integers(1, 30))
def test_messages_arrive_whole_however_they_are_cut(messages: list[tuple[bytes, list[bytes]]], size: int) -> None:
    stream, unpacker = b"".join(packed(*message) for message in messages), Unpacker()
    assert [m for at in range(0, len(stream), size) for m in unpacker.feed(stream[at : at + size])] == messages
