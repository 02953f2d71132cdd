"""What all methods promise: a frozen record that says how it came about, an example that runs, a page."""

import dataclasses
import doctest
import importlib
import inspect
import pkgutil
import typing
from pathlib import Path

import pytest

from zhike import methods

MODULES = [
    importlib.import_module(f"zhike.methods.{one.name}")
    for one in pkgutil.iter_modules(methods.__path__)
]
PAGES = Path(__file__).parents[2] / "docs/methods"
# Input made ready, or a step on the way: what a method hands out at the end says how it came about.
STEPS = {
    "Answers", "Counted", "Estimates", "ItemMoments", "PathModel", "Peak", "PlsOptions", "Rotation", "Rounds",
    "Rows", "Transactions", "Wiring",
}  # fmt: skip


def results():
    """Public functions whose answer is a record, with that record."""
    for module in MODULES:
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ != module.__name__ or name.startswith("_"):
                continue
            answer = typing.get_type_hints(function).get("return")
            record = typing.get_origin(answer) or answer
            if not (isinstance(record, type) and dataclasses.is_dataclass(record)):
                continue
            if record.__name__ not in STEPS:
                yield pytest.param(function, record, id=f"{module.__name__[14:]}.{name}")


RESULTS = list(results())


def test_there_are_many():
    assert len(RESULTS) > 40


@pytest.mark.parametrize(("function", "record"), RESULTS)
def test_a_result_is_frozen_and_says_method_options_n_and_exclusions(function, record):
    assert record.__dataclass_params__.frozen
    assert [
        name for name in ("method", "options", "n", "excluded") if not hasattr(record, name)
    ] == []


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__[14:])
def test_the_examples_run(module):
    tried = doctest.testmod(module)
    assert tried.failed == 0
    gives = [param.values[0] for param in RESULTS if param.values[0].__module__ == module.__name__]
    assert tried.attempted >= len([function for function in gives if ">>>" in function.__doc__])


@pytest.mark.parametrize(("function", "record"), RESULTS)
def test_a_method_has_an_example_and_a_page_that_names_its_module(function, record):
    # The record of one settled sample, an inner step of `estimate`.
    if function.__name__ == "result_of":
        return
    assert ">>>" in function.__doc__
    pages = [page.read_text(encoding="utf-8") for page in PAGES.glob("*.md")]
    path = f"src/{function.__module__.replace('.', '/')}.py"
    assert any(path in page and function.__name__ in page for page in pages)
