"""Two million events: preparing the log and a funnel of five steps, beside the same funnel in DuckDB's SQL."""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median

import duckdb
import numpy as np
import pyarrow as pa

from tests.bench.figures import Figure, times
from workbench.analysis.events import EventLog

N_EVENTS, N_USERS, N_TIMES = 2_000_000, 100_000, 5
STEPS = ["e0", "e1", "e2", "e3", "e4"]

#: The first time of each step after the first time of the step before.
SQL = """
with s0 as (select u, min(t) as t from log where e = 'e0' group by u),
     s1 as (select l.u, min(l.t) as t from log l join s0 using (u) where e = 'e1' and l.t > s0.t group by l.u),
     s2 as (select l.u, min(l.t) as t from log l join s1 using (u) where e = 'e2' and l.t > s1.t group by l.u),
     s3 as (select l.u, min(l.t) as t from log l join s2 using (u) where e = 'e3' and l.t > s2.t group by l.u),
     s4 as (select l.u, min(l.t) as t from log l join s3 using (u) where e = 'e4' and l.t > s3.t group by l.u)
select (select count(*) from s0), (select count(*) from s1), (select count(*) from s2), (select count(*) from s3), (select count(*) from s4)
"""


def figures() -> Iterator[Figure]:
    """Prepare and funnel; both answer with the same counts."""
    table = _events()
    log = EventLog.from_table(table, user_col="u", event_col="e", time_col="t")
    prepared = times(lambda _: EventLog.from_table(table, user_col="u", event_col="e", time_col="t"), 3)
    yield Figure("events.prepare_2m_median", median(prepared), "s", 3)
    with duckdb.connect() as con:
        con.register("given", table)
        con.execute("create table log as select * from given")
        ours, theirs = [], []
        for _ in range(N_TIMES):  # in turns, so that a slow moment meets both
            ours += times(lambda _: log.funnel(STEPS), 1)
            theirs += times(lambda _: con.execute(SQL).fetchone(), 1)
        assert list(log.funnel(STEPS)["n"]) == list(con.execute(SQL).fetchone() or ())
    yield Figure("events.funnel_5_steps_2m_median", median(ours), "s", N_TIMES, peer="DuckDB SQL", ratio=median(ours) / median(theirs))


def _events() -> pa.Table:
    """No two events of a user at the same time, so that "after" means the same to both."""
    random = np.random.default_rng(7)
    users = random.integers(0, N_USERS, N_EVENTS)
    return pa.table(
        {
            "u": pa.array(np.char.add("u", users.astype(str))),
            "e": pa.array(np.char.add("e", random.integers(0, 20, N_EVENTS).astype(str))),
            "t": pa.array(random.permutation(N_EVENTS).astype("int64") * 1_000_000).cast(pa.timestamp("us", "UTC")),
        }
    )
