"""Do the tests of `zhike.methods` notice a fault? Plants one at a time and runs the tests of that module.

    make mutants                                    # 12 faults in every module; docs/mutants.md holds a run
    make mutants ARGS="control staffing --each 0"   # every fault there is in these

A fault is a small change of one expression: another comparison, another operator, a number by one off, `and` for
`or`, a refusal left out. It is noticed when a test fails (or does not end); those nobody notices are listed, for
either a test is lacking or the change changes nothing. Files are never touched: each fault lives in a process of
its own that loads the changed module.
"""

from __future__ import annotations

import argparse
import ast
import copy
import importlib.abc
import importlib.machinery
import os
import random
import signal
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import spec_from_file_location
from pathlib import Path
from types import CodeType, ModuleType

ROOT = Path(__file__).resolve().parents[1]
METHODS = ROOT / "src/zhike/methods"
TESTS = ROOT / "tests/methods"
PACKAGE = "zhike.methods"
# A fault that makes a loop endless is noticed as well.
SECONDS = 120

COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Pow: ast.Mult,
    ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult, ast.MatMult: ast.Mult, ast.BitAnd: ast.BitOr,
    ast.BitOr: ast.BitAnd,
}  # fmt: skip


@dataclass(frozen=True)
class Fault:
    """`place`: which of the module's expressions, in the order they are walked through."""

    module: str
    place: int
    line: int
    what: str


def changed(node: ast.AST) -> ast.AST | None:
    """The node with a fault, or None where none is planted."""
    new = copy.deepcopy(node)
    if isinstance(new, ast.Compare):
        new.ops[0] = COMPARISONS[type(new.ops[0])]()
    elif isinstance(new, ast.BinOp | ast.AugAssign) and type(new.op) in OPERATORS:
        new.op = OPERATORS[type(new.op)]()
    elif isinstance(new, ast.BoolOp):
        new.op = ast.Or() if isinstance(new.op, ast.And) else ast.And()
    elif isinstance(new, ast.UnaryOp) and isinstance(new.op, ast.USub | ast.Not | ast.Invert):
        return new.operand
    elif isinstance(new, ast.Constant) and isinstance(new.value, int | float):
        if isinstance(new.value, bool):
            return None
        new.value = new.value + 1
    elif isinstance(new, ast.Raise):
        return ast.Pass()
    else:
        return None
    return new


def places(tree: ast.Module) -> Iterator[tuple[ast.AST, str, int | None, ast.AST]]:
    """What can be changed: parent, field, position in a list, and the node. Types and sentences are no code."""
    left: list[ast.AST] = [tree]
    while left:
        parent = left.pop()
        for field, value in ast.iter_fields(parent):
            if field in ("annotation", "returns", "decorator_list"):
                continue
            for at, node in enumerate(value) if isinstance(value, list) else [(None, value)]:
                if not isinstance(node, ast.AST) or isinstance(node, ast.JoinedStr):
                    continue
                if isinstance(node, ast.BinOp) and _is_sentence(node):
                    continue
                yield parent, field, at, node
                # The sentence of a refusal is no arithmetic.
                if not isinstance(node, ast.Raise):
                    left.append(node)


def _is_sentence(node: ast.BinOp) -> bool:
    return any(isinstance(one, ast.JoinedStr) for one in ast.walk(node))


def faults(module: str) -> list[Fault]:
    found = []
    tree = ast.parse((METHODS / f"{module}.py").read_text())
    for place, (_parent, _field, _at, node) in enumerate(places(tree)):
        new = changed(node)
        if new is not None:
            before, after = (" ".join(ast.unparse(one).split())[:70] for one in (node, new))
            found.append(Fault(module, place, getattr(node, "lineno", 0), f"{before} → {after}"))
    return found


def planted(fault: Fault) -> ast.Module:
    tree = ast.parse((METHODS / f"{fault.module}.py").read_text())
    parent, field, at, node = list(places(tree))[fault.place]
    new = changed(node)
    assert new is not None
    if at is None:
        setattr(parent, field, new)
    else:
        getattr(parent, field)[at] = new
    return ast.fix_missing_locations(tree)


class Faulty(importlib.machinery.SourceFileLoader):
    def __init__(self, name: str, path: str, tree: ast.Module) -> None:
        super().__init__(name, path)
        self.tree = tree

    def get_code(self, fullname: str) -> CodeType:
        return compile(self.tree, self.path, "exec")


class Finder(importlib.abc.MetaPathFinder):
    def __init__(self, name: str, path: Path, tree: ast.Module) -> None:
        self.name, self.path, self.tree = name, path, tree

    def find_spec(
        self, fullname: str, path: object = None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if fullname != self.name:
            return None
        loader = Faulty(fullname, str(self.path), self.tree)
        return spec_from_file_location(fullname, self.path, loader=loader)


def imports(path: Path) -> set[str]:
    """Modules of the methods that a file imports."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module, *(f"{node.module}.{one.name}" for one in node.names)]
            found |= {name.removeprefix(f"{PACKAGE}.") for name in names if PACKAGE in name}
    return found


def tests_of(module: str) -> list[str]:
    """The tests that import the module, its own first; where none does, those of the modules that use it."""
    known = {path: imports(path) for path in sorted(TESTS.glob("test_*.py"))}
    asked = {module}
    while not (chosen := [path for path, used in known.items() if used & asked]):
        asked |= {path.stem for path in METHODS.glob("*.py") if asked & imports(path)}
    return [str(path) for path in sorted(chosen, key=lambda path: path.stem != f"test_{module}")]


def noticed(fault: Fault, tests: list[str]) -> bool:
    """Runs the tests on the fault in a process of its own."""
    child = os.fork()
    if not child:
        os.setsid()
        try:
            os._exit(_run(fault, tests))
        finally:
            os._exit(1)
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return status != 0
        time.sleep(0.02)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return True


def _run(fault: Fault | None, tests: list[str]) -> int:
    import pytest

    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, 1)
    os.dup2(nothing, 2)
    if fault is not None:
        name = f"{PACKAGE}.{fault.module}"
        sys.meta_path.insert(0, Finder(name, METHODS / f"{fault.module}.py", planted(fault)))
    options = ["-c", os.devnull, f"--rootdir={ROOT}", "-o", f"pythonpath={ROOT}", "-W", "error",
        "-W", "ignore::pytest.PytestAssertRewriteWarning"]  # fmt: skip
    plain = ["-p", "no:django", "-p", "no:cacheprovider", "--noconftest", "-x", "-q"]
    return int(pytest.main([*options, *plain, "--import-mode=importlib", *tests]))


def _prepare() -> None:
    """What every run needs is imported once, before the processes part."""
    import hypothesis
    import numpy  # noqa: F401
    import pytest  # noqa: F401
    import scipy.linalg
    import scipy.optimize
    import scipy.special
    import scipy.stats  # noqa: F401

    hypothesis.settings.register_profile("faults", database=None, deadline=None, derandomize=True)
    hypothesis.settings.load_profile("faults")


def main() -> int:
    asked = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    asked.add_argument("modules", nargs="*", help="all where none is named")
    asked.add_argument("--each", type=int, default=12, help="faults in each module; 0: all")
    asked.add_argument("--seed", type=int, default=1)
    given = asked.parse_args()
    _prepare()
    modules = given.modules or sorted(
        path.stem for path in METHODS.glob("*.py") if path.stem not in ("__init__", "errors")
    )
    survivors: list[Fault] = []
    tried = 0
    print("| module | places | tried | noticed |\n|---|---|---|---|", flush=True)
    for module in modules:
        tests, known = tests_of(module), faults(module)
        if _forked_clean(tests):
            sys.exit(f"{module}: its tests fail without a fault")
        # A text as seed: the choice in one module does not depend on which others are asked for.
        chance = random.Random(f"{given.seed} {module}")
        count = len(known) if not given.each else min(given.each, len(known))
        chosen = sorted(chance.sample(known, count), key=lambda fault: fault.place)
        unseen = [fault for fault in chosen if not noticed(fault, tests)]
        survivors += unseen
        tried += count
        print(f"| {module} | {len(known)} | {count} | {count - len(unseen)} |", flush=True)
        for fault in unseen:
            print(f"    {module}.py:{fault.line}: {fault.what}", file=sys.stderr, flush=True)
    part = (tried - len(survivors)) / tried if tried else 1
    print(f"\n{tried} faults, {tried - len(survivors)} noticed ({part:.1%}).")
    return 0


def _forked_clean(tests: list[str]) -> int:
    child = os.fork()
    if not child:
        os._exit(_run(None, tests))
    return os.waitpid(child, 0)[1]


if __name__ == "__main__":
    # Threads and forks do not go together.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    sys.exit(main())
