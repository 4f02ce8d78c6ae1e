"""What a researcher works with in a notebook."""

from workbench.widgets.codebook_editor import CodebookEditor
from workbench.widgets.interview_coder import InterviewCoder

__all__ = ["CodebookEditor", "InterviewCoder"]
