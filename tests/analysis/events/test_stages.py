import pandas as pd
import pytest

from workbench.analysis.events import EventLog, stage_counts
from workbench.errors import UnknownName

STAGES = {"Discover": ["visit"], "Check out": ["open", "pay"], "Return": ["refund"]}


def log_of(*rows):
    users, events = zip(*rows, strict=True)
    times = pd.date_range("2026-10-05", periods=len(rows), freq="min", tz="UTC")
    return EventLog.from_table(pd.DataFrame({"user": users, "event": events, "ts": times}), "user", "event", "ts")


LOG = log_of(
    ("a", "visit"),
    ("a", "open"),
    ("a", "pay"),
    ("b", "visit"),
    ("b", "visit"),
    ("c", "refund"),
    ("c", "visit"),
    ("d", "open"),
    ("d", "refund"),
)


def test_each_stage_counts_its_users_and_events():
    table = stage_counts(LOG, STAGES).set_index("stage")
    assert table["n_users"].tolist() == [3, 2, 2]
    assert table["n_events"].tolist() == [4, 3, 2]
    assert table.loc["Discover", ["n_of", "share"]].tolist() == [4, 0.75]


def test_going_on_means_a_later_stage_afterwards():
    """User c had the refund before the visit, and so did not go on."""
    table = stage_counts(LOG, STAGES)
    assert table["n_later"].tolist() == [1, 1, 0]
    assert table["share_later"].tolist()[:2] == [pytest.approx(1 / 3), 0.5]
    assert table.loc[2, ["share_later", "later_low", "later_high"]].isna().all()


def test_shares_carry_wilsons_interval():
    discover = stage_counts(LOG, STAGES).iloc[0]
    assert (round(discover["low"], 4), round(discover["high"], 4)) == (0.3006, 0.9544)


def test_a_stage_with_an_unknown_event_is_named():
    with pytest.raises(UnknownName, match='no event "vist"'):
        stage_counts(LOG, {"Discover": ["vist"]})


def test_no_stages_and_an_empty_log_give_empty_counts():
    assert stage_counts(LOG, {}).empty
    assert stage_counts(LOG.where(until="2020-01-01"), STAGES)["n_users"].tolist() == [0, 0, 0]
