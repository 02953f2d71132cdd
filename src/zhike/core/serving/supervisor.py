"""Starts web and jobs, starts them again when they die, and stops them together.

It imports nothing heavy and runs no thread, so it is small and its children may safely be forked from it. All
signals are blocked and fetched with `sigtimedwait`, so none can arrive in the middle of something.
"""

import logging
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from zhike.core.serving import lifeline

log = logging.getLogger("zhike.supervisor")

FIRST_WAIT_SECONDS = 0.5
LONGEST_WAIT_SECONDS = 30.0
# Whoever lived this long starts anew with the shortest wait.
HEALTHY_SECONDS = 60.0
TICK_SECONDS = 0.2
# A child that dies this often before the whole was ever ready will not get better.
HOPELESS_STARTS = 4

_SIGNALS = {signal.SIGTERM, signal.SIGINT, signal.SIGHUP, signal.SIGCHLD}


@dataclass
class Child:
    name: str
    argv: Sequence[str]
    # From TERM to KILL.
    stop_seconds: float = 8.0
    process: "subprocess.Popen[bytes] | None" = None
    started: float = 0.0
    start_again_at: float = 0.0
    wait_seconds: float = FIRST_WAIT_SECONDS
    deaths: int = 0


@dataclass
class Supervisor:
    """`is_ready` is asked until it says yes, then `on_ready` is called, once."""

    children: list[Child]
    environment: Mapping[str, str]
    is_ready: Callable[[], bool] = lambda: True
    on_ready: Callable[[], None] = lambda: None
    _ready: bool = field(default=False, init=False)

    def run(self) -> int:
        """Until SIGTERM, SIGINT or SIGHUP; the exit code."""
        before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
        try:
            return self._watch()
        finally:
            self._stop_all()
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def _watch(self) -> int:
        for child in self.children:
            self._start(child)
        while True:
            got = signal.sigtimedwait(_SIGNALS, TICK_SECONDS)
            if got is not None and got.si_signo != signal.SIGCHLD:
                return 0
            for child in self.children:
                self._look_after(child)
                if not self._ready and child.deaths >= HOPELESS_STARTS:
                    log.error("%s does not start; giving up", child.name)
                    return 1
            if not self._ready and self.is_ready():
                self._ready = True
                self.on_ready()

    def _start(self, child: Child) -> None:
        child.started = time.monotonic()
        # A session of its own: Ctrl-C in the terminal reaches us alone, and we can end all that it started.
        child.process = subprocess.Popen(
            child.argv,
            env={**self.environment, **lifeline.environment_for_child()},
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )

    def _look_after(self, child: Child) -> None:
        now = time.monotonic()
        if child.process is None:
            if now >= child.start_again_at:
                self._start(child)
            return
        code = child.process.poll()
        if code is None:
            return
        _kill_group(child.process.pid)
        child.process = None
        child.deaths += 1
        if now - child.started > HEALTHY_SECONDS:
            child.wait_seconds = FIRST_WAIT_SECONDS
        child.start_again_at = now + child.wait_seconds
        log.warning(
            "%s ended (%s); starting it again in %.1f s", child.name, code, child.wait_seconds
        )
        child.wait_seconds = min(child.wait_seconds * 2, LONGEST_WAIT_SECONDS)

    def _stop_all(self) -> None:
        living = [child for child in self.children if child.process is not None]
        for child in living:
            assert child.process is not None
            with suppress(ProcessLookupError):
                os.kill(child.process.pid, signal.SIGTERM)
        began = time.monotonic()
        for child in living:
            assert child.process is not None
            left = child.stop_seconds - (time.monotonic() - began)
            with suppress(subprocess.TimeoutExpired):
                child.process.wait(max(0.05, left))
            _kill_group(child.process.pid)
            child.process.wait()


def _kill_group(pid: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
