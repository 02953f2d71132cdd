"""How the tests are shared out among the workers of a run (`-n 2 --dist loadgroup`).

pytest-xdist 3.8 writes a test's group behind its id, where pytest 9.2 no longer reads it: the mark `xdist_group`
does nothing, and says nothing (pytest-xdist, issue 1386). So the groups are told here, by where a test lies.
"""

from typing import Any

from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]  # has no types

# Rooms whose tests start servers of their own. Two such houses at once crowd two processors, and what a module or
# a session has started serves all its tests only on one worker.
PROCESSES = (
    "tests/deployed/",
    "tests/proof_kills/",
    "tests/serving/",
    "tests/single_sign_on/test_real_service.py",
    "tests/upgrade/",
)
# Modules that make one large scene for all their tests.
SCENES = ("tests/matrix/test_matrix.py",)


def group_of(test: str) -> str:
    """Tests of one group run on one worker, one after the other; most are a group of their own."""
    if test.startswith(PROCESSES):
        return "processes"
    return next((scene for scene in SCENES if test.startswith(scene)), test)


class Shared(LoadScopeScheduling):  # type: ignore[misc]  # nor has its class
    """The largest groups first, so that none is left over when the others have finished."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


def scheduler(config: Any, log: Any) -> Shared | None:
    return Shared(config, log) if config.getvalue("dist") == "loadgroup" else None
