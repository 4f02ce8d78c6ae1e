"""After a batch the command line says where all reports are listed."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

from batches import CODINGS, study_with

#: What pytest lends us in conftest.py, by its shape.
Workbench = Any


def test_the_last_line_says_where_all_reports_are(workbench: Workbench, tmp_path: Path) -> None:
    with closing(study_with(tmp_path, '[[report]]\ntemplate = "codings"\n', codings=CODINGS)) as study:
        folder = study.folder
    done = workbench("reports", "--study", folder)
    assert (done.code, done.out.splitlines()[-1]) == (0, "All of them: reports/index.html")
    assert (folder / "reports" / "index.html").is_file()
