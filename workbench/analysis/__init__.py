"""Pure functions: from codings, answers and events to tables and numbers that say how sure they are."""

from workbench.analysis.alerts import Alert, AlertKind, RateRatio, find_alerts, rate_ratio
from workbench.analysis.checkup import check_study
from workbench.analysis.code_frequency import code_by_attribute, code_by_participant, code_frequency
from workbench.analysis.effects import Effect, effect_of, trend_of, weekly_values
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
from workbench.analysis.journey_changes import change_sentences, compare_journeys
from workbench.analysis.journey_rebuilding import rebuild_journey
from workbench.analysis.measures import Change, before_after, compute_measure, compute_measures
from workbench.analysis.opportunities import (
    board,
    opportunity_score,
    opportunity_scores,
    propose_opportunities,
    rank_opportunities,
    status_counts,
)
from workbench.analysis.statement_ids import match_statements, statement_key, with_ids
from workbench.analysis.touchpoints import touchpoint_analysis
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
    "Alert", "AlertKind", "Effect", "RateRatio", "board", "effect_of", "find_alerts", "opportunity_score", "opportunity_scores",
    "propose_opportunities", "rank_opportunities", "rate_ratio", "status_counts", "trend_of", "weekly_values",
    "change_sentences", "compare_journeys", "match_statements", "rebuild_journey", "statement_key", "touchpoint_analysis", "with_ids",
]  # fmt: skip
