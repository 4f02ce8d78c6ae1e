"""What a researcher works with in a notebook."""

from workbench.widgets.codebook_editor import CodebookEditor
from workbench.widgets.empathy_map import EmpathyMap
from workbench.widgets.interview_coder import InterviewCoder
from workbench.widgets.journey_map import JourneyMap

__all__ = ["CodebookEditor", "EmpathyMap", "InterviewCoder", "JourneyMap"]
