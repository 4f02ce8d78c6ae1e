"""What a researcher works with in a notebook."""

from workbench.widgets.codebook_editor import CodebookEditor
from workbench.widgets.empathy_map import EmpathyMap
from workbench.widgets.interview_coder import InterviewCoder
from workbench.widgets.journey_map import JourneyMap
from workbench.widgets.opportunity_board import OpportunityBoard
from workbench.widgets.persona_builder import PersonaBuilder

__all__ = ["CodebookEditor", "EmpathyMap", "InterviewCoder", "JourneyMap", "OpportunityBoard", "PersonaBuilder"]
