"""A Jupyter-centric UX research workbench: interviews, surveys and events become journey maps that keep their evidence.

>>> import workbench as wb                                # doctest: +SKIP
>>> study = wb.open_study("my-study")                     # doctest: +SKIP
>>> wb.build_journey(study, segment="customer=new")       # doctest: +SKIP

Names are loaded when they are first used, so that ``import workbench`` costs next to nothing.
"""

import os
from importlib import import_module
from typing import Any

if os.environ.get("WORKBENCH_QUICK_IMPORTS"):  # set by our own runner, for the kernels of its reports
    from workbench.quick_imports import skip_slow_imports

    skip_slow_imports()

__version__ = "0.1.0"

_WHERE = {
    "Study": "study", "open_study": "study", "new_study": "study", "read_events": "study",
    "import_files": "study.importing", "ImportOptions": "study.importing", "make_sample_study": "study.sample",
    "build_journey": "analysis", "build_empathy_map": "analysis.empathy", "rebuild_journey": "analysis.journey_rebuilding", "compare_journeys": "analysis.journey_changes",
    "propose_personas": "analysis.personas", "validate_persona": "analysis.persona_checks", "compare_personas": "analysis.personas", "touchpoint_analysis": "analysis.touchpoints",
    "channel_consistency": "analysis.consistency", "effect_of": "analysis.effects", "made_by": "analysis.team",
    "propose_opportunities": "analysis.opportunities", "rank_opportunities": "analysis.opportunities", "find_alerts": "analysis.alerts", "check_study": "analysis", "code_frequency": "analysis", "code_by_participant": "analysis", "code_by_attribute": "analysis",
    "nps": "analysis", "csat": "analysis", "ces": "analysis", "seq": "analysis", "sus": "analysis", "sus_scores": "analysis",
    "umux_lite": "analysis", "task_success": "analysis", "time_on_task": "analysis", "problem_discovery": "analysis",
    "EventLog": "analysis", "stage_counts": "analysis",
    "emotion_curve_chart": "charts", "code_frequency_chart": "charts", "funnel_chart": "charts", "measures_chart": "charts",
    "feelings_table": "charts", "measures_table": "charts", "enable_charts": "charts.renderer",
    "CodebookEditor": "widgets", "EmpathyMap": "widgets", "InterviewCoder": "widgets", "OpportunityBoard": "widgets", "JourneyMap": "widgets", "PersonaBuilder": "widgets", "journey_report": "reports.sections.journey_page", "run_report": "reports.run", "provenance_facts": "reports.provenance", "WorkbenchError": "errors",
    "planned_reports": "reports.planned", "run_batch": "reports.batches.batch", "why_run": "reports.changed",
    "blueprint_report": "reports.sections.blueprint_page", "opportunities_report": "reports.sections.opportunities_page", "save_chart": "charts.export",
    "persona_report": "reports.sections.persona_page", "empathy_report": "reports.sections.empathy_page",
    "overview_report": "reports.sections.overview_page", "findings_report": "reports.sections.findings_page", "code_report": "reports.sections.code_page", "pulse_report": "reports.sections.pulse_page",
    "funnel_report": "reports.sections.funnel_page", "what_changed": "reports.sections.changes_page", "one_pager": "reports.sections.one_pager_page",
}  # fmt: skip

#: Names that say too little outside their module.
_CALLED = {"enable_charts": "enable"}

__all__ = sorted([*_WHERE, "__version__"])


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f'workbench has no "{name}"')
    return getattr(import_module(f"workbench.{_WHERE[name]}"), _CALLED.get(name, name))


def __dir__() -> list[str]:
    return __all__
