"""What the Makefile needs beside Python packages: found, or installed, or named in one sentence with the command that installs it.

``venv`` is run by the machine's own Python, which may be an old one; the others by the one in ``.venv``.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PINS = ROOT / "constraints.txt"
OLDEST_PYTHON = (3, 11)
OLDEST_NODE = 18
TOOLS_OF_INSTALLING = ("pip", "hatchling", "editables")
PINS_HEADER = """\
# What was tested together: the newest releases that fit together on Linux and on every Python from 3.11.0 on.
# All that the Makefile installs keeps to it; nothing is installed because it is listed here.
# Renewed by `make pins`, then `make test`.
"""


def main(step: str) -> None:
    """Do one step: ``venv``, ``tools`` or ``pins``."""
    {"venv": make_venv, "tools": find_tools, "pins": write_pins}[step]()


def make_venv() -> None:
    """An environment in ``.venv`` that belongs to this folder and whose Python runs."""
    found = ".".join(str(n) for n in sys.version_info[:2])
    if sys.version_info < OLDEST_PYTHON:
        sys.exit(f"workbench needs Python 3.11 or newer, and {sys.executable} is {found}. Name another one: make demo PYTHON=python3.12")
    if _is_whole(VENV):
        return
    package = f"python{found}-venv"
    if not _can_make_venv():
        install(f"venv for Python {found}", debian=package)
    if _run([sys.executable, "-m", "venv", "--clear", str(VENV)]) != 0:
        sys.exit(f"{sys.executable} could not make {VENV}. Check that the folder can be written and that the disk is not full.")


def find_tools() -> None:
    """Node, the packages of tests/package.json, and Chromium."""
    need_node()
    need_npm_packages(ROOT / "tests")
    need_chromium()


def need_node() -> None:
    """Node and npm, new enough for ``node --test``."""
    if not (shutil.which("node") and shutil.which("npm")):
        install("Node", debian="nodejs npm", brew="node")
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=False).stdout.strip()
    if int(version.lstrip("v").split(".")[0] or 0) < OLDEST_NODE:
        sys.exit(
            f"The tests need Node {OLDEST_NODE} or newer, and this machine has {version or 'none'}. Install one with: {_command('nodejs npm', 'node')}"
        )


def need_npm_packages(folder: Path) -> None:
    """What ``package-lock.json`` names, installed once per content of that file."""
    lock = folder / "package-lock.json"
    if not lock.is_file():
        return
    stamp = folder / "node_modules" / f".installed-{hashlib.sha256(lock.read_bytes()).hexdigest()[:12]}"
    if stamp.exists():
        return
    # Not --prefix: npm would then look for the machine's own settings (certificates, proxy) in this folder.
    if _run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"], cwd=folder) != 0:
        sys.exit(f"The JavaScript packages of the tests could not be fetched. See why with: cd {folder.relative_to(ROOT)} && npm ci")
    stamp.touch()


def need_chromium() -> None:
    """The machine's Chromium, else Playwright's download, else Debian's package."""
    from browser import NAMES

    if any(shutil.which(name) for name in NAMES) or _chromium_starts():
        return
    _say("Downloading Chromium for the browser tests (once) …")
    _run([sys.executable, "-m", "playwright", "install", "chromium"], quiet=True)
    if not _chromium_starts():
        install("Chromium, which the browser tests need,", debian="chromium", brew="chromium")


def install(what: str, *, debian: str, brew: str = "") -> None:
    """Install a package of the system where that needs no password, else say how to."""
    if shutil.which("apt-get") and os.geteuid() == 0:
        _say(f"Installing {debian} …")
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        _run(["apt-get", "update", "-qq"], env=quiet)
        done = _run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *debian.split()], env=quiet)
    elif brew and shutil.which("brew"):
        _say(f"Installing {brew} …")
        done = _run(["brew", "install", "--quiet", brew])
    else:
        done = 1
    if done != 0:
        sys.exit(f"{what} is missing, and could not be installed from here. Install it with: {_command(debian, brew)}")


def write_pins() -> None:
    """Resolve everything anew, without today's pins, and write ``constraints.txt``."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed", "--report", str(report)]
        # Debian 12 has 3.11.2: what asks for a later patch release than the oldest would not install there.
        oldest = ["--python-version", "3.11.0", "--only-binary", ":all:"]
        if (
            _run([*pip, *oldest, "--editable", ".[cluster,notify,pdf,postgres,schedule,slides]", "--group", "dev", *TOOLS_OF_INSTALLING])
            != 0
        ):
            sys.exit("The pins could not be resolved; constraints.txt is as it was.")
        chosen = json.loads(report.read_text(encoding="utf-8"))["install"]
    names = {
        i["metadata"]["name"].lower().replace("_", "-"): i["metadata"]["version"] for i in chosen if "dir_info" not in i["download_info"]
    }
    PINS.write_text(PINS_HEADER + "".join(f"{name}=={version}\n" for name, version in sorted(names.items())), encoding="utf-8")
    _say(f"constraints.txt names {len(names)} releases. Now: make test")


def _is_whole(venv: Path) -> bool:
    """Made for this very folder (its scripts carry the path), with a Python that still runs."""
    made = venv / "pyvenv.cfg"
    return made.is_file() and str(venv) in made.read_text(encoding="utf-8") and _run([str(venv / "bin" / "python"), "-c", ""]) == 0


def _can_make_venv() -> bool:
    """Debian takes ``ensurepip`` out of its Python and puts it into a package of its own."""
    return all(find_spec(name) for name in ("ensurepip", "venv"))


def _chromium_starts() -> bool:
    from playwright.sync_api import Error, sync_playwright

    with sync_playwright() as playwright:
        try:
            playwright.chromium.launch(args=["--no-sandbox"]).close()
        except Error:
            return False
    return True


def _command(debian: str, brew: str) -> str:
    return f"brew install {brew}" if sys.platform == "darwin" and brew else f"sudo apt-get install {debian}"


def _run(command: list[str], *, cwd: Path = ROOT, env: dict[str, str] | None = None, quiet: bool = False) -> int:
    said = subprocess.DEVNULL if quiet else None
    try:
        return subprocess.run(command, cwd=cwd, env=env, stdin=subprocess.DEVNULL, stdout=said, stderr=said, check=False).returncode
    except OSError:
        return 127


def _say(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")


if __name__ == "__main__":
    main(sys.argv[1])
