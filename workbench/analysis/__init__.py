"""Pure functions: from codings, answers and events to tables and numbers that say how sure they are."""

from workbench.analysis.checkup import check_study
from workbench.analysis.code_frequency import code_by_attribute, code_by_participant, code_frequency
from workbench.analysis.events import EventLog, funnel, stage_counts
from workbench.analysis.intervals import (
    bootstrap_mean,
    difference,
    difference_of_means,
    difference_of_shares,
    estimate_geometric_mean,
    estimate_mean,
    estimate_share,
    share_bounds,
)
from workbench.analysis.journey import build_journey, segments_of
from workbench.analysis.measures import Change, before_after, compute_measure, compute_measures
from workbench.analysis.ux_metrics import (
    CustomerEffortScore,
    CustomerSatisfaction,
    NetPromoterScore,
    SingleEaseQuestion,
    SystemUsabilityScale,
    TaskSuccess,
    TimeOnTask,
    UmuxLite,
    ces,
    csat,
    nps,
    people_to_discover,
    problem_discovery,
    seq,
    sus,
    sus_scores,
    task_success,
    time_on_task,
    umux_lite,
)

__all__ = [
    "Change", "CustomerEffortScore", "CustomerSatisfaction", "EventLog", "NetPromoterScore", "SingleEaseQuestion", "SystemUsabilityScale",
    "TaskSuccess", "TimeOnTask", "UmuxLite", "before_after", "bootstrap_mean", "build_journey", "ces", "check_study", "code_by_attribute", "code_by_participant",
    "code_frequency", "compute_measure", "compute_measures", "csat", "difference", "difference_of_means", "difference_of_shares",
    "estimate_geometric_mean", "estimate_mean", "estimate_share", "funnel", "nps", "people_to_discover", "problem_discovery",
    "segments_of", "seq",
    "share_bounds", "stage_counts", "sus", "sus_scores", "task_success", "time_on_task", "umux_lite",
]  # fmt: skip
