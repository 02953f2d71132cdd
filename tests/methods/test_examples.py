"""Each function a page of docs/methods names has an example in its docstring, and every example runs."""

import doctest
import importlib
import inspect
import pkgutil
import re
from pathlib import Path

import pytest

from zhike import methods

MODULES = [
    importlib.import_module(f"zhike.methods.{found.name}")
    for found in pkgutil.iter_modules(methods.__path__)
]
PAGES = sorted((Path(__file__).parents[2] / "docs" / "methods").glob("*.md"))


def functions():
    """Functions by name, those of every module."""
    return {
        name: one
        for module in MODULES
        for name, one in inspect.getmembers(module, inspect.isfunction)
        if one.__module__ == module.__name__ and not name.startswith("_")
    }


@pytest.mark.parametrize("written", PAGES, ids=lambda written: written.stem)
def test_functions_named_on_the_page_show_how_they_are_called(written):
    known = functions()
    named = set(re.findall(r"`([a-z_]+)(?:\(…[^`]*\))?`", written.read_text(encoding="utf-8")))
    lacking = [one for one in sorted(named & set(known)) if ">>>" not in (known[one].__doc__ or "")]
    assert lacking == []


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__)
def test_examples_run(module):
    assert doctest.testmod(module).failed == 0
