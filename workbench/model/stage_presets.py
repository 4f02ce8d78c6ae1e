"""Stages that journeys are often cut into, to begin with: each a list of names, in order."""

from __future__ import annotations

STAGE_PRESETS: dict[str, tuple[str, ...]] = {
    "purchase": ("Awareness", "Consideration", "Purchase", "Post-purchase"),
    "advocacy": ("Awareness", "Consideration", "Purchase", "Post-purchase", "Advocacy"),
    "retention": ("Awareness", "Consideration", "Decision", "Retention", "Advocacy"),
    "delivery": ("Awareness", "Exploration", "Consideration", "Purchase", "Delivery and support"),
    "decision": ("Awareness", "Evaluation", "Decision"),
    "conversion": ("Awareness", "Consideration", "Conversion", "Retention"),
    "after-sales": ("Awareness", "Decision", "Purchase", "Use", "After-sales"),
}
