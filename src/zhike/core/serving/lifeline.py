"""A child process dies with its parent, however the parent dies (kill -9, out of memory).

Linux sends the signal asked for by `PR_SET_PDEATHSIG`. It belongs to the parent *thread*: start children from
a thread that lives as long as the process. The flag does not survive a fork, so forked grandchildren hold
again. Elsewhere a thread looks once a second whether the parent changed.
"""

import ctypes
import os
import signal
import sys
import threading
import time
import uuid

PARENT_VARIABLE = "ZHIKE_PARENT_PID"
# Which supervisor's child one is: what ended with all of them is nobody's own fault.
TREE_VARIABLE = "ZHIKE_TREE"
SUPERVISED_VARIABLE = "ZHIKE_SUPERVISED"
_PR_SET_PDEATHSIG = 1
_TREE = uuid.uuid4().hex[:8]


def environment_for_child() -> dict[str, str]:
    """Tells a child who its parent should be."""
    return {PARENT_VARIABLE: str(os.getpid()), TREE_VARIABLE: _TREE}


def hold_to_starter() -> None:
    """To be called first in a process started by the supervisor; also undoes the signals it had blocked."""
    signal.pthread_sigmask(signal.SIG_SETMASK, ())
    expected = os.environ.pop(PARENT_VARIABLE, "")
    if not expected.isdigit():
        return
    hold(int(expected))
    os.environ[SUPERVISED_VARIABLE] = "1"
    os.register_at_fork(before=_note_forker, after_in_child=_hold_to_forker)


def hold(expected_parent: int | None = None) -> None:
    """Die when the present parent dies; at once if it is already gone."""
    parent = os.getppid() if expected_parent is None else expected_parent
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    else:
        threading.Thread(target=_watch, args=(parent,), daemon=True).start()
    # The parent may have died between the fork and the line above.
    if os.getppid() != parent:
        os._exit(1)


def hold_if_supervised() -> None:
    """For a grandchild that was spawned rather than forked. Nobody else may die with the shell that began it."""
    if os.environ.get(SUPERVISED_VARIABLE):
        hold()


_forker = 0


def _note_forker() -> None:
    global _forker
    _forker = os.getpid()


def _hold_to_forker() -> None:
    hold(_forker)


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)
