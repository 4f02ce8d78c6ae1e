"""Runs of reports are kept and given back, oldest first."""

from __future__ import annotations

from workbench.store import Database, load_runs, save_run


def test_a_limit_gives_the_latest_runs_of_each_page_oldest_first(db: Database) -> None:
    for name, day in (("map", 1), ("map", 3), ("map", 2), ("pulse", 4)):
        save_run(db, name, {"template": "t", "started": f"2026-11-0{day}", "result": "ok"})
    assert [r["started"][-1] for r in load_runs(db, of_each=2)] == ["2", "3", "4"]
    assert [r["started"][-1] for r in load_runs(db)] == ["1", "2", "3", "4"]
