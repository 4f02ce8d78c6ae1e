"""What every test may rely on: the same settings on every machine, nothing sent anywhere, the shared data where it lies."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent

# How long one example takes says more about the machine than about the code.
settings.register_profile("workbench", deadline=None)
settings.load_profile("workbench")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "slow: takes over ten seconds")


@pytest.fixture(scope="session", autouse=True)
def _own_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nothing of the person who runs the tests is read or written."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("WORKBENCH_CODER", raising=False)
        for name in ("IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR"):
            patch.setenv(name, str(home / name.lower()))
        yield


@pytest.fixture(scope="session", autouse=True)
def _stays_on_this_machine() -> Iterator[None]:
    """A connection to another machine fails the test that opens it."""
    connect = socket.socket.connect

    def connect_here(self: socket.socket, address: Any) -> None:
        host = address[0] if isinstance(address, tuple) else "localhost"
        if host not in ("localhost", "127.0.0.1", "::1"):
            pytest.fail(f"the test connects to {host}; nothing leaves the machine")
        connect(self, address)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", connect_here)
        yield


@pytest.fixture(scope="session")
def tracked() -> list[Path]:
    """Every file that a clone holds or the next commit would add, relative to the top."""
    listing = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if listing.returncode != 0:
        pytest.fail(f"git does not know this folder ({listing.stderr.strip()}). Get it with git clone, or say: git init")
    return [path for name in sorted(set(listing.stdout.split("\0"))) if (ROOT / (path := Path(name))).is_file()]


@pytest.fixture(scope="session")
def shared() -> Callable[[str], Path]:
    """Finds real data that lies beside the repository; the test is skipped, with the reason, where it does not."""

    def find(name: str) -> Path:
        place = ROOT.parent / "shared" / name
        if not place.exists():
            pytest.skip(f"../shared/{name} is not on this machine")
        return place

    return find


@pytest.fixture(scope="module")  # not longer: while Playwright runs, nothing else in this process can use an event loop
def chromium() -> Iterator[Any]:
    from browser import launch_chromium

    with launch_chromium() as browser:
        yield browser
