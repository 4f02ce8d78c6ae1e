"""The miniature study, empty and full."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from miniature import empty_study, write_all

from workbench.study import Study, open_study
from workbench.study.importing import import_files


@pytest.fixture
def opened() -> Iterator[Callable[..., Study]]:
    """Opens studies, and closes them when the test is over."""
    with ExitStack() as stack:

        def open_(folder: Path, **how: Any) -> Study:
            study = open_study(folder, **how)
            stack.callback(study.close)
            return study

        yield open_


@pytest.fixture
def study(tmp_path: Path) -> Iterator[Study]:
    opened = empty_study(tmp_path / "study")
    yield opened
    opened.close()


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    return write_all(tmp_path / "given")


@pytest.fixture
def full(study: Study, files: list[Path]) -> Study:
    import_files(study, files)
    return study
