"""The event engine: a log prepared once, and questions asked of its arrays."""

from workbench.analysis.events.funnel import funnel
from workbench.analysis.events.log import Attribute, EventLog
from workbench.analysis.events.stages import stage_counts
from workbench.model.durations import parse_duration

__all__ = ["Attribute", "EventLog", "funnel", "parse_duration", "stage_counts"]
