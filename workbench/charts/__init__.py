"""A table in, an Altair chart out; one theme and one renderer for all."""

from workbench.charts.code_frequencies import code_frequency_chart
from workbench.charts.emotion_curve import emotion_curve_chart, feelings_table
from workbench.charts.export import save_chart
from workbench.charts.funnel import funnel_chart
from workbench.charts.measures import measures_chart, measures_table
from workbench.charts.opportunity_matrix import matrix_chart
from workbench.charts.renderer import enable
from workbench.charts.theme import workbench_theme

__all__ = [
    "code_frequency_chart",
    "emotion_curve_chart",
    "enable",
    "feelings_table",
    "funnel_chart",
    "matrix_chart",
    "measures_chart",
    "measures_table",
    "save_chart",
    "workbench_theme",
]
