"""How long data are kept: a class per kind of data, filled by its room; a job ends what is over."""

from zhike.core.retention.classes import CLASSES, ENDED, DataClass
from zhike.core.retention.rounds import run_all, run_class
from zhike.core.retention.services import Overview, count_over, kept_days, overview, save_policy

__all__ = [
    "CLASSES",
    "ENDED",
    "DataClass",
    "Overview",
    "count_over",
    "kept_days",
    "overview",
    "run_all",
    "run_class",
    "save_policy",
]
