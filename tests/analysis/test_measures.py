from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest

from workbench.analysis.events import EventLog
from workbench.analysis.measures import before_after, compute_measure, compute_measures, unanswered
from workbench.errors import BadAnswers, BadSetting
from workbench.model import MeasureKind, MeasureSetting

SHEETS = pd.DataFrame(
    [
        ("pulse", "R1", "P1", "2026-10-01", "phone", None, "9", "4", "fine"),
        ("pulse", "R2", "", "2026-10-02", "phone", None, "10", "2", None),
        ("pulse", "R3", "", "2026-10-06", "computer", None, "3", "5", None),
        ("pulse", "R4", "", None, "computer", None, None, "5", "slow"),
        ("test", "P1 refund", "P1", None, None, "refund", None, None, None),
        ("test", "P2 refund", "P2", None, None, "refund", None, None, None),
        ("test", "P1 order", "P1", None, None, "order", None, None, None),
    ],
    columns=["survey", "respondent", "participant", "answered", "device", "task", "recommend", "satisfied", "comment"],
).assign(success=[None] * 4 + ["yes", "0", "1"], seconds=[None] * 4 + ["30", "", "60"])


def setting(kind, question="", survey="pulse", **more):
    return MeasureSetting("M", MeasureKind(kind), survey=survey, questions=(question,) if question else (), **more)


def answered(wanted, responses=SHEETS, segment=None):
    return compute_measure(wanted, responses=responses, events=None, segment=segment)


START = pd.Timestamp("2026-10-05", tz="UTC")
EVENTS = [
    ("ann", "open", -60, "phone"), ("ann", "order", 30, "phone"), ("ann", "open", 40, "phone"),
    ("bob", "open", 0, "phone"), ("bob", "order", 5, "phone"),
    ("cem", "open", 5, "computer"),
]  # fmt: skip
LOG = EventLog.from_table(
    pd.DataFrame(
        [(user, event, START + pd.Timedelta(minutes=minute), device) for user, event, minute, device in EVENTS],
        columns=["user", "event", "ts", "device"],
    ),
    "user",
    "event",
    "ts",
    ["device"],
)
PAID = setting("conversion", survey="", from_event="open", to_event="order", target=0.8)


def converted(wanted, segment=None):
    return compute_measure(wanted, responses=None, events=LOG, segment=segment)


def test_a_measure_carries_name_source_segment_target_and_gaps():
    found = answered(setting("nps", "recommend", target=40.0), segment={"device": "computer"})
    assert (found.name, found.source, found.segment, found.target) == ("M", "survey pulse", "device = computer", 40)
    assert (found.estimate.value, found.estimate.n, found.note) == (-100, 1, "1 without an answer")


@pytest.mark.parametrize(
    ("wanted", "value", "n"),
    [
        (setting("nps", "recommend"), 100 / 3, 3),
        (setting("csat", "satisfied"), 0.75, 4),
        (setting("csat", "satisfied", top=("5",)), 0.5, 4),
        (setting("ces", "satisfied"), 4.0, 4),
        (setting("seq", "satisfied"), 4.0, 4),
        (setting("mean", "satisfied"), 4.0, 4),
        (setting("share", "comment", top=("slow",)), 0.5, 2),
        (setting("success", "success", survey="test"), 2 / 3, 3),
        (setting("success", "success", survey="test", where={"task": "refund"}), 0.5, 2),
        (setting("time", "seconds", survey="test"), 1800**0.5, 2),
    ],
)
def test_each_kind_of_answer_gives_its_number(wanted, value, n):
    found = answered(wanted).estimate
    assert (found.value, found.n) == (pytest.approx(value), n)


def test_sus_and_umux_lite_take_their_items():
    items = SHEETS[["survey"]].assign(**{f"q{i}": "3" for i in range(10)})
    sus = MeasureSetting("SUS", MeasureKind.SUS, survey="pulse", questions=tuple(f"q{i}" for i in range(10)))
    umux = MeasureSetting("UMUX", MeasureKind.UMUX_LITE, survey="pulse", questions=("q0", "q1"))
    assert (answered(sus, items).estimate.value, answered(umux, items).estimate.n) == (50, 4)


def test_seven_point_scales_stay_with_the_number():
    assert answered(setting("ces", "satisfied")).note == "scale 1 to 7"


def test_a_period_keeps_its_days_and_says_how_many_sheets_have_none():
    found = answered(setting("csat", "satisfied", until=datetime(2026, 10, 6, tzinfo=UTC)))
    assert (found.estimate.numerator, found.estimate.n, found.note) == (1, 2, "1 without a day left out")


def test_days_may_be_text_dates_or_timestamps():
    wanted = setting("csat", "satisfied", since=datetime(2026, 10, 2, tzinfo=UTC))
    stamps = SHEETS.assign(answered=pd.to_datetime(SHEETS["answered"]))
    dates = SHEETS.assign(
        answered=[
            None if d is None else date.fromisoformat(d) for d in SHEETS["answered"].astype(object).where(SHEETS["answered"].notna(), None)
        ]
    )
    assert [answered(wanted, sheets).estimate.n for sheets in (SHEETS, stamps, dates)] == [2, 2, 2]


@pytest.mark.parametrize("segment", [{"household": "family"}, {"task": "refund"}, {"device": "fridge"}])
def test_a_segment_that_the_answers_do_not_know_measures_nothing(segment):
    assert answered(setting("csat", "satisfied"), segment=segment) is None


def test_no_answers_measure_nothing():
    assert answered(setting("nps", "recommend"), None) is None
    assert answered(setting("nps", "recommend"), SHEETS.iloc[:0]) is None
    assert answered(setting("nps", "recommend", survey="not yet imported")) is None
    assert converted(setting("conversion", from_event="open", to_event="order", until=datetime(2020, 1, 1, tzinfo=UTC))) is None
    assert compute_measure(PAID, responses=SHEETS, events=None) is None


@pytest.mark.parametrize("wanted", [setting("nps", "recomend"), setting("nps", "recommend", where={"devise": "phone"})])
def test_a_column_that_nobody_filled_in_measures_nothing_and_is_named(wanted):
    """A question that nobody has answered yet must not stop the map: the others were answered."""
    assert answered(wanted) is None
    assert [("recommend" in hint or "device" in hint) for hint in unanswered(wanted, SHEETS).values()] == [True]
    assert unanswered(setting("nps", "recommend"), SHEETS) == {}


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        (setting("sus", "satisfied"), 'measure "M": kind sus takes 10 and not 1 questions. Correct questions = […].'),
        (setting("share", "comment"), 'measure "M": it does not say which answers count. Add for example top = ["4", "5"].'),
        (setting("csat", "satisfied", top=("good",)), 'measure "M": top is good. For kind csat it takes whole numbers.'),
    ],
)
def test_a_setting_that_does_not_fit_the_answers_is_explained(wanted, message):
    with pytest.raises(BadSetting) as error:
        answered(wanted)
    assert str(error.value) == message


def test_answers_off_the_scale_name_the_measure_and_the_question():
    with pytest.raises(BadAnswers, match=r'measure "M", question comment: 2 of 2 answers do not fit \("fine", "slow"\)'):
        answered(setting("nps", "comment"))


def test_conversion_follows_each_users_first_entry():
    found = converted(PAID)
    assert (found.estimate.numerator, found.estimate.n, found.estimate.of) == (2, 3, "users")
    assert (found.source, found.target) == ("events", 0.8)
    assert converted(setting("conversion", from_event="open", to_event="order", within=timedelta(minutes=30))).estimate.numerator == 1


def test_conversion_of_a_segment_asks_the_row_of_the_entry():
    found = converted(PAID, {"device": "phone"})
    assert (found.estimate.n, found.segment) == (2, "device = phone")
    assert converted(PAID, {"household": "family"}) is None
    assert converted(setting("conversion", from_event="open", to_event="order", where={"device": "phone"}), {"device": "computer"}) is None


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"from_event": "opne", "to_event": "order"}, 'there is no event "opne" in the log. Did you mean "open"?'),
        (
            {"from_event": "open", "to_event": "order", "where": {"devise": "phone"}},
            'events have no attribute "devise". Did you mean "device"?',
        ),
    ],
)
def test_a_setting_that_does_not_fit_the_events_is_explained(more, message):
    with pytest.raises(BadSetting) as error:
        converted(setting("conversion", **more))
    assert str(error.value) == f'measure "M": {message}'


def test_before_and_after_count_each_user_once():
    change = before_after(PAID, date(2026, 10, 5), responses=None, events=LOG)
    assert (change.before.numerator, change.before.n) == (1, 1)
    assert (change.after.numerator, change.after.n) == (1, 2)
    assert change.difference.value == -0.5
    assert "Newcombe" in change.difference.method


def test_before_and_after_stay_inside_the_period_of_the_measure():
    wanted = setting("csat", "satisfied", since=datetime(2026, 10, 2, tzinfo=UTC))
    change = before_after(wanted, date(2026, 10, 5), responses=SHEETS, events=None)
    assert (change.before.n, change.after.n, change.difference.value) == (1, 1, 1)


def test_a_side_without_data_has_no_change():
    assert before_after(PAID, date(2020, 1, 1), responses=None, events=LOG) is None


def test_by_gives_one_measure_for_each_value():
    by_device = setting("csat", "satisfied", by="device")
    found = compute_measures(by_device, responses=SHEETS, events=None)
    assert [(m.segment, m.estimate.value) for m in found] == [("device = computer", 1.0), ("device = phone", 0.5)]
    assert len(compute_measures(by_device, responses=SHEETS, events=None, segment={"device": "phone"})) == 1
    assert [
        m.estimate.n
        for m in compute_measures(setting("conversion", from_event="open", to_event="order", by="device"), responses=None, events=LOG)
    ] == [1, 2]


def test_users_who_came_too_late_to_be_followed_are_left_out_and_counted_in_the_note():
    """The log ends before their day is over: that they have not ordered yet says nothing."""
    day = pd.Timestamp("2026-10-01", tz="UTC")
    rows = [
        ("a", "open", day),
        ("a", "order", day + pd.Timedelta(hours=2)),
        ("b", "open", day),
        ("c", "open", day + pd.Timedelta(hours=30)),
        ("d", "seen", day + pd.Timedelta(hours=40)),
    ]
    log = EventLog.from_table(pd.DataFrame(rows, columns=["u", "e", "t"]), user_col="u", event_col="e", time_col="t")
    found = compute_measure(
        setting("conversion", from_event="open", to_event="order", within=timedelta(days=1)), responses=None, events=log
    )
    assert (found.estimate.numerator, found.estimate.n) == (1, 2)
    assert "1 who came too late to be followed so long are left out" in found.note
