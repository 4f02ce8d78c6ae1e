"""A study, opened: where files, store and settings come together."""

from workbench.study.events import read_events
from workbench.study.handle import Study, default_coder, new_study, open_study

__all__ = ["Study", "default_coder", "new_study", "open_study", "read_events"]
