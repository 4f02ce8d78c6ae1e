"""Small notebooks of every kind that a kernel treats in its own way, by name; each must come out of both engines the same."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import nbformat.v4 as v4
from nbformat import NotebookNode


@dataclass(frozen=True)
class Case:
    """One notebook: the sources of its code cells, the tags of some, and how papermill is asked to run it."""

    cells: tuple[str, ...]
    tags: dict[int, list[str]] = field(default_factory=dict)
    how: dict[str, Any] = field(default_factory=dict)

    def notebook(self) -> NotebookNode:
        """A new notebook."""
        cells = [v4.new_code_cell(source, metadata={"tags": self.tags.get(i, [])}) for i, source in enumerate(self.cells)]
        metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
        return v4.new_notebook(cells=[v4.new_markdown_cell("# One"), *cells], metadata=metadata)


def _case(*cells: str, tags: dict[int, list[str]] | None = None, **how: Any) -> Case:
    return Case(cells, tags or {}, how)


# Before it dies, a cell waits a little: what an ordinary kernel had just said would be lost or not, by chance.

#: One of each main kind; they are run with every change.
CORE = {
    "results": _case("1 + 1", "x = 3", "x;", "x\nx + 1", "None", "'naïve ✓ 🎉'"),
    "streams": _case(
        "import sys\nprint('a')\nprint('b', file=sys.stderr)\nprint('c', end='')",
        "print('x'); display('shown'); print('y'); 5",
    ),
    "displays": _case(
        "from IPython.display import *\nh = display('first', display_id=True)",
        "h.update('second')\ndisplay('again', display_id=h.display_id)",
        "update_display('third', display_id=h.display_id)\nprint('after')",
    ),
    "clear_output": _case(
        "from IPython.display import clear_output\nprint('gone')\nclear_output()\nprint('kept')",
        "print('stays until'); clear_output(wait=True); print('this')",
        "print('stays'); clear_output(wait=True)",
    ),
    "error": _case("a = 1", "def f(x):\n    return 1 / x\nprint('before')\nf(0)", "print('never')"),
    "syntax_error": _case("a =", "1"),
    "magics": _case("%alias_magic here pwd", "%%capture out\nprint('caught')", "out.stdout", "%xmode Minimal", "1/0"),
    "subprocess": _case("import os, subprocess, sys\nos.system('echo out; echo err >&2')", "!echo bang", "_ = subprocess.run(['sh', '-c', 'echo run; echo err >&2'])\nprint('after')"),
    "await": _case("import asyncio\nawait asyncio.sleep(0.01)\n7", "async def f():\n    print('in f')\n    return 8\nawait f()", "t = asyncio.create_task(f())", "await t"),
    "tables_and_charts": _case(
        "import pandas as pd, altair as alt\ndf = pd.DataFrame({'code': ['a', 'b'], 'n': [1, 2]})\ndf",
        "alt.Chart(df).mark_bar().encode(x='n', y='code')",
        "import workbench.charts as charts\ncharts.enable()\nalt.Chart(df, title='Codes').mark_bar().encode(x='n:Q', y='code:N')",
    ),
    "input_refused": _case("input('name? ')"),
    "dead": _case("a = 1", "import os, time\nprint('x', flush=True)\ntime.sleep(0.3)\nos._exit(9)", "1"),
}  # fmt: skip

REST = {
    "empty": _case("", "# only a comment", "pass"),
    "timing": _case("%who_ls", "y = 2", "%whos"),
    "bad_magic": _case("%no_such_magic"),
    "bad_cell_magic": _case("%%no_such\nx"),
    "shell_capture": _case("x = !printf 'a\\nb\\n'\nx", "!exit 3", "_exit_code"),
    "cell_shell": _case("%%bash\necho one\necho two >&2\n", "%%sh\nexit 2"),
    "cell_python": _case("%%python\nprint('in another')", "%%writefile written.txt\nhello", "%%html\n<b>x</b>", "%%javascript\nlet a = 1", "%%latex\n$x$", "%%markdown\n# hi", "%%svg\n<svg></svg>"),
    "sys_exit": _case("import sys\nprint('x')\nsys.exit(3)", "print('after')"),
    "sys_exit_zero": _case("import sys\nsys.exit(0)", "1"),
    "exit": _case("exit()", "1"),
    "keyboard_interrupt": _case("raise KeyboardInterrupt", "1"),
    "sigint": _case("import os, signal, time\nos.kill(os.getpid(), signal.SIGINT)\ntime.sleep(5)"),
    "time_out": _case("import time\nprint('x', flush=True)\ntime.sleep(30)", execution_timeout=1),
    "segfault": _case("import ctypes, time", "print('x', flush=True)\ntime.sleep(0.3)\nctypes.string_at(0)"),
    "killed": _case("import os, signal, time\nprint('x', flush=True)\ntime.sleep(0.3)\nos.kill(os.getpid(), signal.SIGKILL)"),
    "expected_error": _case("1 / 0", "print('goes on')", tags={0: ["raises-exception"]}),
    "chained": _case("try:\n    {}['a']\nexcept KeyError as e:\n    raise ValueError('bad') from e"),
    "error_group": _case("raise ExceptionGroup('g', [ValueError(1), TypeError('t')])"),
    "error_repr": _case("class E(Exception):\n    def __str__(self): return 'multi\\nline <b>'\nraise E"),
    "broken_repr": _case("class A:\n    def __repr__(self): raise ValueError('no repr')\nA()", "1"),
    "broken_html": _case("class A:\n    def _repr_html_(self): raise ValueError('no html')\nA()", "1"),
    "recursion": _case("def f(): f()\ntry:\n    f()\nexcept RecursionError as e:\n    print(e)"),
    "rich": _case(
        "from IPython.display import *\ndisplay(HTML('<b>x</b>'), Markdown('*m*'), JSON({'a': (1, 2)}), Latex('$x$'), Pretty('p'))",
        "display({'text/plain': 'raw', 'application/x-own': {'a': [1]}}, raw=True, metadata={'m': 1})",
        "Image(data=bytes.fromhex('89504e470d0a1a0a0000000d4948445200000001000000010806000000" "1f15c4890000000d49444154789c6360000002000001e221bc330000000049454e44ae426082'))",
        "SVG('<svg xmlns=\"http://www.w3.org/2000/svg\"/>')",
        "Code('x = 1', language='python')",
    ),
    "mimebundle": _case("class A:\n    def _repr_mimebundle_(self, include=None, exclude=None): return {'text/plain': 'p', 'text/html': '<i>h</i>'}, {'text/html': {'k': 1}}\nA()"),
    "carriage": _case("import sys\nfor i in range(3):\n    sys.stdout.write(f'\\r{i}')\n    sys.stdout.flush()", "print('ab\\b\\bcd')"),
    "tqdm": _case("from tqdm import tqdm\nfor i in tqdm(range(3), bar_format='{n_fmt}/{total_fmt}', mininterval=0): pass"),
    "tqdm_auto": _case("from tqdm.auto import tqdm\nfor i in tqdm(range(3), bar_format='{n_fmt}/{total_fmt}', mininterval=0): pass"),
    "widgets": _case("import ipywidgets as w\ns = w.IntSlider(value=3, description='n')\ns", "s.value = 5\nprint(s.value)"),
    "output_widget": _case("import ipywidgets as w\no = w.Output()\nwith o:\n    print('inside'); display('shown')\no", "o.clear_output()\nprint(len(o.outputs))"),
    "warnings": _case("import warnings\nwarnings.warn('watch out')\nwarnings.warn('old', DeprecationWarning)"),
    "logging": _case("import logging\nlogging.warning('root')\nlogging.getLogger('a').error('named')\nlogging.info('unseen')"),
    "threads": _case("import threading\ndef f(): print('from a thread'); display('thread')\nt = threading.Thread(target=f); t.start(); t.join()"),
    "thread_error": _case("import threading\ndef f(): 1/0\nt = threading.Thread(target=f, name='T'); t.start(); t.join()"),
    "processes": _case("import multiprocessing as mp\nwith mp.get_context('fork').Pool(2) as p:\n    print(sorted(p.map(abs, [-1, -2, 3])))"),
    "process_prints": _case("import multiprocessing as mp, time\ndef f(): print('from a child', flush=True)\np = mp.get_context('fork').Process(target=f); p.start(); p.join()\ntime.sleep(0.5)"),
    "executors": _case("from concurrent.futures import ThreadPoolExecutor\nwith ThreadPoolExecutor(3) as e: print(list(e.map(len, ['a', 'bb'])))"),
    "descriptors": _case("import os\n_ = os.write(1, b'to one\\n')\n_ = os.write(2, b'to two\\n')", "import sys\nsys.stdout.fileno() > 2, sys.stdout.isatty(), sys.stdout.encoding, sys.stdin.read()"),
    "c_library": _case("import ctypes\nlibc = ctypes.CDLL(None)\nlibc.puts(b'from C')\nlibc.fflush(None)\nNone"),
    "history": _case("a = 1\na", "_", "__, _1, Out[1], In[1]", "%history", "_i, _ih[:3]"),
    "namespace": _case("sorted(n for n in dir() if not n.startswith('_'))", "__name__, type(__builtins__).__name__", "sorted(globals())[:40]", "import __main__; __main__.__name__, hasattr(__main__, 'sorted')"),
    "process": _case("import sys, os\n[a for a in sys.path if 'site-packages' not in a][:2], os.path.basename(sys.argv[0]), sys.flags", "os.getcwd(), os.environ.get('MPLBACKEND'), os.environ.get('COLUMNS')", "sorted(set(os.environ) - {'JPY_PARENT_PID'})"),
    "signals": _case("import signal, threading\nsignal.getsignal(signal.SIGINT).__name__, signal.getsignal(signal.SIGTERM), signal.getsignal(signal.SIGCHLD)", "threading.current_thread() is threading.main_thread()"),
    "pickles": _case("import pickle\nclass A: pass\ntype(pickle.loads(pickle.dumps(A()))).__qualname__, A.__module__"),
    "styles": _case("import pandas as pd\npd.DataFrame({'a': [1.5, 2]}).style.set_uuid('u').format(precision=1).highlight_max()", "pd.Series([1, 2], name='s')", "pd.DataFrame({'a': range(100)})"),
    "wide_table": _case("import pandas as pd\npd.DataFrame({f'answer {i}': ['a long answer'] for i in range(15)})", "pd.DataFrame({i: [0] for i in range(30)})"),
    "settings": _case(
        "import pandas as pd\n{name: pd.get_option(name) for name in sorted(pd._config.config._registered_options) if name != 'display.encoding'}",
        "import numpy as np\nnp.get_printoptions()", "import altair as alt\nalt.renderers.active, alt.theme.active, alt.data_transformers.active",
        "import logging, locale, decimal, sys\nlogging.root.handlers, logging.root.level, locale.getlocale(), decimal.getcontext(), sys.getrecursionlimit(), sys.getswitchinterval()",
    ),
    "warnings_of_libraries": _case("import warnings, numpy as np\nfor _ in range(2): np.polyfit([1, 1], [1, 1], 3)", "[f for f in warnings.filters if 'numpy' in str(f) or 'Rank' in str(f) or 'Completer' in str(f)]"),
    "interactive_chart": _case("import altair as alt, pandas as pd\nalt.Chart(pd.DataFrame({'x': [1]})).mark_point().encode(x='x').interactive()"),
    "undrawable_chart": _case(
        "import altair as alt, pandas as pd, workbench.charts as charts\ncharts.enable()\nalt.Chart('https://nowhere.example/a.csv').mark_bar().encode(x='x:Q')",
        "bars = alt.Chart(pd.DataFrame({'x': [1, 2]})).mark_bar().encode(x='x:Q')\nbars", "bars | bars",
    ),
    "duckdb": _case("import duckdb\nduckdb.sql('select 1 + 1 as two').fetchall()", "duckdb.__version__ and type(duckdb).__name__", "duckdb.sql('select sum(i) s, count(*) n from range(1000000) t(i)')"),
    "sqlite": _case("import sqlite3\nsqlite3.connect(':memory:').execute('select 40 + 2').fetchall()"),
    "blas": _case("import numpy as np\na = np.ones((600, 600))\nfloat((a @ a).sum())", "float(np.linalg.norm(a))"),
    "arrow": _case("import pyarrow as pa, pyarrow.compute as pc\npc.sum(pa.array(range(1000))).as_py()", "import pandas as pd\npd.DataFrame({'a': ['x'] * 3}).to_parquet('t.parquet')\npd.read_parquet('t.parquet')"),
    "parameters": _case("n = 1\nname = 'a'", "n, name", tags={0: ["parameters"]}, parameters={"n": 5, "name": "b'\"\n✓"}),
    "big_output": _case("print('x' * 3_000_000)", "'y' * 100"),
    "many_prints": _case("for i in range(3000): print(i)"),
    "event_hooks": _case("ip = get_ipython()\ndef after(result): print('ran', result.execution_count)\nip.events.register('post_run_cell', after)", "1", "2"),
    "custom_handler": _case("def h(self, et, ev, tb, tb_offset=None): print('handled', et.__name__)\nget_ipython().set_custom_exc((ZeroDivisionError,), h)", "1/0", "1"),
    "pager": _case("len?", "1"),
    "nested_async": _case("import asyncio\nasyncio.run(asyncio.sleep(0))", tags={0: ["raises-exception"]}),
    "async_error": _case("import asyncio\nawait asyncio.wait_for(asyncio.sleep(5), 0.01)"),
    "async_iteration": _case("async def g():\n    for i in range(2):\n        yield i\nasync for i in g(): print(i)\n[i async for i in g()]"),
    "background_task": _case("import asyncio\nasync def later():\n    await asyncio.sleep(0.01)\n    print('later')\nt = asyncio.create_task(later())", "await asyncio.sleep(0.1)\n'done'"),
    "unserialisable": _case("display({'text/plain': 'a', 'application/json': {'t': (1, 2), 'n': None}}, raw=True)"),
    "replaced_streams": _case("import sys, io\nold = sys.stdout\nsys.stdout = io.StringIO()\nprint('lost')\nsys.stdout, got = old, sys.stdout.getvalue()\ngot", "from contextlib import redirect_stdout\nb = io.StringIO()\nwith redirect_stdout(b): print('z')\nb.getvalue()"),
    "breakpoint": _case("breakpoint()"),
    "getpass": _case("import getpass\ngetpass.getpass()"),
    "atexit": _case("import atexit\nf = open('left.txt', 'w')\nf.write('unflushed')\natexit.register(lambda: open('atexit.txt', 'w').write('ran'))\nNone"),
    "load_ext": _case("%load_ext autoreload\n%autoreload 2", "%precision 3", "3.14159265"),
    "setattr_repr": _case("{'b': 1, 'a': [1] * 3}, {1, 2}, range(3), b'x', 1e100, float('nan'), list(range(40))"),
}  # fmt: skip

CORPUS = CORE | REST
