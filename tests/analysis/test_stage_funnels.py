"""The funnel inside a stage: counted by hand on a few users, and held against the funnel of the whole log."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.analysis.events import EventLog
from workbench.analysis.intervals import estimate_share
from workbench.analysis.stage_funnels import StageFunnels, funnel_in_words
from workbench.model import Journey, Stage, StageSetting

PAY = StageSetting("pay", "Pay", events=("open", "slot", "expired", "paid"))
STAGES = (StageSetting("look", "Look", events=("visit",)), PAY, StageSetting("wait", "Wait"))

#: Of four users on phones one expires and leaves, one leaves at the start; of two on desktops both pay, one after an expiry.
USERS = {
    ("a", "phone"): ["visit", "open", "slot", "paid"],
    ("b", "phone"): ["open", "slot", "expired"],
    ("c", "phone"): ["open"],
    ("d", "phone"): ["paid", "open", "slot", "paid"],
    ("e", "desktop"): ["open", "slot", "expired", "open", "slot", "paid"],
    ("f", "desktop"): ["open", "slot", "paid", "open"],
}


def log_of(users: dict[tuple[str, str], list[str]]) -> EventLog:
    begin = datetime(2026, 10, 1, tzinfo=UTC)
    rows = [(u, e, begin + timedelta(minutes=k), device) for (u, device), own in users.items() for k, e in enumerate(own)]
    table = pd.DataFrame(rows, columns=["u", "e", "t", "device"])
    return EventLog.from_table(table, user_col="u", event_col="e", time_col="t", attributes=["device"])


LOG = log_of(USERS)


def counts(funnels: StageFunnels, segment: str | None = None) -> dict[str, int]:
    return {s.event: s.n for s in funnels.of_segment(segment)["pay"].steps}


def test_each_event_counts_the_users_who_did_it_after_the_one_before() -> None:
    assert counts(StageFunnels(LOG, STAGES)) == {"open": 6, "slot": 5, "expired": 2, "paid": 4}


def test_what_few_do_on_their_way_is_beside_it_and_loses_nobody() -> None:
    """Else whoever pays in time would be lost at "expired"."""
    funnel = StageFunnels(LOG, STAGES).of_segment()["pay"]
    assert [(s.event, s.n, s.beside) for s in funnel.steps] == [("open", 6, False), ("slot", 5, False), ("expired", 2, True), ("paid", 4, False)]  # fmt: skip
    assert funnel.steps[2].of_previous is None
    assert funnel.steps[3].of_previous == estimate_share(4, 5, of="users"), "of those who picked a slot"


def test_the_steps_are_those_of_the_funnel_of_the_log() -> None:
    way = StageFunnels(LOG, STAGES).of_segment()["pay"].way
    table = LOG.funnel([s.event for s in way], count="any entry")
    assert [s.n for s in way] == table["n"].tolist()
    found = [(s.of_first.value, s.of_first.low, s.of_first.high) for s in way[1:] if s.of_first]
    assert found == [pytest.approx(row) for row in table[["share_of_first", "share_of_first_low", "share_of_first_high"]].to_numpy()[1:].tolist()]  # fmt: skip


def test_the_largest_drop_is_one_and_the_first_of_equals() -> None:
    funnel = StageFunnels(LOG, STAGES).of_segment()["pay"]
    assert [s.event for s in funnel.steps if s.largest_drop] == ["slot"], "one lost before slot, one before paid"
    nobody = log_of({("a", "phone"): ["open", "slot", "paid"]})
    assert not any(s.largest_drop for s in StageFunnels(nobody, STAGES).of_segment()["pay"].steps)


def test_a_segment_has_the_same_steps_and_its_own_users() -> None:
    funnels = StageFunnels(LOG, STAGES)
    assert counts(funnels, "device=phone") == {"open": 4, "slot": 3, "expired": 1, "paid": 2}
    assert counts(funnels, "device=desktop") == {"open": 2, "slot": 2, "expired": 1, "paid": 2}
    assert funnels.of_segment("device=desktop")["pay"].steps[2].beside, "for half of them it lies on the way; the steps stay"


def test_where_the_log_cannot_tell_the_people_it_is_everyones_and_says_so() -> None:
    funnels = StageFunnels(LOG, STAGES)
    assert counts(funnels, "plan=free") == counts(funnels)
    assert funnels.of_segment("plan=free")["pay"].note == "of all users: the event log has no attribute “plan”"
    nora = Journey("", "", (Stage("pay", "Pay"),), persona="Nora")
    assert "the persona Nora names no attribute" in funnels.of_journey(nora)["pay"].note
    assert funnels.of_journey(Journey("", "", (Stage("pay", "Pay"),), segment="device = phone"))["pay"].steps[0].n == 4


@pytest.mark.parametrize("events", [(), ("open",), ("open", "open"), ("open", "not in the log"), ("nobody", "never")])
def test_a_stage_with_fewer_than_two_events_of_the_log_has_none(events: tuple[str, ...]) -> None:
    assert StageFunnels(LOG, [StageSetting("pay", "Pay", events=events)]).of_segment() == {}


def test_without_a_log_or_without_users_there_is_none() -> None:
    assert StageFunnels(None, STAGES).of_segment("device=phone") == {}
    assert StageFunnels(LOG, STAGES).of_segment("device=tablet") == {}


def test_those_who_go_on_to_the_next_stage_say_what_is_a_step() -> None:
    """The last event of a stage can lie beside the way, too: most go on without it."""
    users = {(str(k), "phone"): ["search", "add", *(["list"] if k == 0 else []), "open"] for k in range(5)}
    stages = [StageSetting("fill", "Fill", events=("search", "add", "list")), StageSetting("pay", "Pay", events=("open",))]
    assert [s.event for s in StageFunnels(log_of(users), stages).of_segment()["fill"].way] == ["search", "add"]
    assert [s.event for s in StageFunnels(log_of(users), stages[:1]).of_segment()["fill"].way] == ["search", "add", "list"]


def test_in_words_every_number_has_its_n_and_its_interval() -> None:
    said = funnel_in_words(StageFunnels(LOG, STAGES).of_segment("plan=free")["pay"])
    assert (said["name"], said["value"], said["interval"], said["n"], said["drop"], said["few"]) == ("open → paid", "67\xa0%", "30 to 90", "6", "slot", True)  # fmt: skip
    assert said["whose"] == "all users"
    last = said["rows"][-1]
    assert (last["n"], last["of_first"], last["of_previous"]) == ("4 users", "67\xa0% (30 to 90, few) of the first", "80\xa0% (38 to 96, few) of the step before")  # fmt: skip
    assert said["rows"][1]["drop"] == "largest drop: 1 of 6 are lost"
    assert len(said["notes"]) == 3


@given(st.dictionaries(st.tuples(st.text("abc", min_size=1), st.just("phone")), st.lists(st.sampled_from(["open", "slot", "expired", "paid"]), min_size=1, max_size=8), min_size=1))  # fmt: skip
def test_nobody_is_counted_twice_and_no_step_has_more_than_the_one_before(users: dict[tuple[str, str], list[str]]) -> None:
    for funnel in StageFunnels(log_of(users), STAGES).of_segment().values():
        ns = [s.n for s in funnel.way]
        assert ns == sorted(ns, reverse=True)
        assert max(s.n for s in funnel.steps) == ns[0] <= len({u for u, _ in users})
        assert sum(s.largest_drop for s in funnel.steps) == (ns[-1] < ns[0])
