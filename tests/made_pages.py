"""Pages of reports with their records and runs, without running a notebook."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from miniature import write

from workbench.reports.provenance import RunRecord
from workbench.store import save_run
from workbench.study import Study

REPORTS = """
[[report]]
template = "codings"
[[report]]
template = "codings"
name = "People"
for_each = { segment = ["customer=new", "customer=returning"] }
[[report]]
template = "events"
"""
PAGE = '<html><head><title>x</title><script>const never = "shown";</script></head><body><header>Contents</header><main id="wb-main">{}</main></body></html>'


def page_of(*parts: str) -> str:
    """A page with these parts."""
    return PAGE.format("".join(parts))


def make_page(
    study: Study, name: str, html: str, *, template: str = "codings", started: str = "2026-11-22T06:26:00.000+00:00", **record: Any
) -> None:
    """A page as a report would leave it."""
    made = _record(study, name, template, started, output_sha256=hashlib.sha256(html.encode()).hexdigest(), **record)
    write(study.folder, f"reports/{name}.html", html)
    write(study.folder, f"reports/{name}.json", made.as_json())
    save_run(study.db, name, asdict(made))


def fail_page(study: Study, name: str, sentence: str, *, template: str = "codings", started: str = "2026-11-23T06:26:00.000+00:00") -> None:
    """A run that failed."""
    save_run(study.db, name, asdict(_record(study, name, template, started, result=sentence)))


def measured(value: float, low: float | None = None, high: float | None = None, **others: Any) -> Mapping[str, Any]:
    """What a record says of one measure that its page shows."""
    measure = {"id": "nps", "name": "NPS", "value": value, "low": low, "high": high, "n": 100, "unit": "NPS points", **others}
    return {"measures": [measure]}


def _record(study: Study, name: str, template: str, started: str, **others: Any) -> RunRecord:
    facts: dict[str, Any] = {
        "template": template, "template_sha256": "t", "parameters": {}, "inputs": {}, "packages": {}, "python": "3.11", "started": started,
        "duration_s": 1.25, "result": "ok", "output": f"{name}.html", "memory_mb": 120.0,
    }  # fmt: skip
    return RunRecord(**{**facts, **others})
