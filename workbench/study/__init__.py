"""A study, opened: where files, store and settings come together."""

from workbench.study.events import read_events
from workbench.study.handle import Study, default_coder, new_study, open_study
from workbench.study.take_recording import find_recording

__all__ = ["Study", "default_coder", "find_recording", "new_study", "open_study", "read_events"]
