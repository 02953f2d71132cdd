"""Every room's `tasks.py`, so that the worker knows all jobs and what repeats."""

from importlib import import_module

from django.utils.module_loading import autodiscover_modules


def discover() -> None:
    import_module("zhike.core.jobs.pruning")
    autodiscover_modules("tasks")
