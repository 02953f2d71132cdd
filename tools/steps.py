"""The steps of `make test`; the first that fails ends it.

tools/steps.py all       everything; the browser's tests run beside PostgreSQL's, SQLite's come last
tools/steps.py check     what needs no database server and no browser
tools/steps.py sqlite | postgres | browser [PYTEST ARGUMENTS]
tools/steps.py proof     the long forms of the proofs on both databases, and a table of their figures
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import postgres
import system

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = Path(sys.executable).parent
WORKERS = "2"


@dataclass(frozen=True)
class Step:
    name: str
    command: tuple[str, ...]
    remedy: str


def tool(name: str) -> str:
    return str(SCRIPTS / name)


PYTHON = sys.executable
CHECKS = (
    Step("format", (tool("ruff"), "format", "--check", "."), "`make format` mends it."),
    Step("templates", (PYTHON, "tools/templates.py"), "Each line says what is missing."),
    Step("lint", (tool("ruff"), "check", "."), "`make format` mends what can be mended alone."),
    Step("house rules", (PYTHON, "tools/houserules.py"), "Each line says what to change."),
    Step("locks", (PYTHON, "tools/locks.py"), "Each line says what to do."),
    Step("paths in docs", (PYTHON, "tools/docpaths.py"), "Correct the page or the path."),
    Step("texts", (PYTHON, "tools/messages.py", "check"), "See CONTRIBUTING.md, “Texts”."),
    Step("import contracts", (tool("lint-imports"), "--no-logo"), "docs/architecture.md says why."),
    Step("django", (PYTHON, "-m", "django", "check", "--fail-level", "WARNING"), "See above."),
    Step(
        "migrations",
        (PYTHON, "-m", "django", "makemigrations", "--check", "--dry-run"),
        "Models changed without a migration: `.venv/bin/python -m django makemigrations`.",
    ),
    Step(
        "OpenAPI",
        (PYTHON, "tools/openapi.py", "--check"),
        "Meant? `make openapi`, and review the difference.",
    ),
    Step("types", (tool("mypy"),), "Each line says where."),
)


def environment(data: str) -> dict[str, str]:
    """The user's environment without anything that would steer the program or its tools."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("ZHIKE_") or name.startswith("ZHIKE_REWRITE_")
    }
    for name in ("PYTEST_ADDOPTS", "MYPYPATH", "RUFF_CONFIG", "DJANGO_SETTINGS_MODULE"):
        kept.pop(name, None)
    return {
        **kept,
        "ZHIKE_DATA": data,
        "DJANGO_SETTINGS_MODULE": "zhike.config.settings",
        "PYTHONWARNINGS": "default",
    }


def stop(name: str, remedy: str) -> int:
    sys.stdout.flush()
    print(f"\nStopped at “{name}”. {remedy}", file=sys.stderr)
    return 1


def run_checks() -> int:
    with tempfile.TemporaryDirectory(prefix="zhike-check-") as data:
        for step in CHECKS:
            begun = time.monotonic()
            done = subprocess.run(
                step.command,
                cwd=ROOT,
                env=environment(data),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
            if done.returncode:
                print(done.stdout)
                return stop(step.name, step.remedy)
            print(f"ok  {step.name:<18}{time.monotonic() - begun:6.1f} s", flush=True)
    return 0


def run_pytest(
    title: str,
    arguments: list[str],
    database_url: str = "",
    more_variables: dict[str, str] | None = None,
) -> int:
    print(f"\n{title}", flush=True)
    variables = environment("") | (more_variables or {})
    for name in ("ZHIKE_DATA", "DJANGO_SETTINGS_MODULE", "PYTHONWARNINGS"):
        del variables[name]
    if database_url:
        variables["ZHIKE_TEST_DATABASE_URL"] = database_url
    with tempfile.TemporaryDirectory(prefix="zhike-test-") as folder:
        variables["ZHIKE_TEST_FOLDER"] = folder
        done = subprocess.run([PYTHON, "-m", "pytest", *arguments], cwd=ROOT, env=variables)
    return done.returncode


def run_sqlite(more: list[str]) -> int:
    """With one worker more: that of the tests which start servers (tests/sharing.py) often only waits."""
    workers = str(int(WORKERS) + 1)
    arguments = ["-n", workers, "--dist", "loadgroup", "-m", "not browser", *more]
    return run_pytest("Unit tests on SQLite", arguments)


def run_postgres(more: list[str]) -> int:
    begun = time.monotonic()
    try:
        with postgres.own_server() as url:
            which = "not browser and not once"
            arguments = ["-n", WORKERS, "--dist", "loadgroup", "-q", "-m", which, *more]
            failed = run_pytest("Unit tests on PostgreSQL", arguments, url)
    except postgres.NoServer as problem:
        return stop("PostgreSQL", str(problem))
    if failed:
        return stop("unit tests on PostgreSQL", "Alone: `make test-postgres`.")
    print(f"ok  {'PostgreSQL':<18}{time.monotonic() - begun:6.1f} s", flush=True)
    return 0


def run_browser(more: list[str]) -> int:
    begun = time.monotonic()
    # Where they all lie; collecting the whole suite to leave it out takes longer than some of them.
    place = ("-o", "testpaths=tests/browser")
    arguments = ["-q", "-m", "browser", *place, "--output", "test-results", *more]
    if run_pytest("Browser tests", arguments):
        return stop(
            "browser tests",
            "Pictures and traces, if any: test-results. Alone: `make test-browser`.",
        )
    print(f"ok  {'browser':<18}{time.monotonic() - begun:6.1f} s", flush=True)
    return 0


def run_proofs(more: list[str]) -> int:
    """Each proof in its long form, on both databases; those no database has a part in, once."""
    parallel = ["-n", WORKERS, "--dist", "loadgroup", *more]
    with tempfile.TemporaryDirectory(prefix="zhike-proof-") as folder:

        def prove(database: str, mark: str, url: str = "") -> int:
            variables = {
                "ZHIKE_PROOF": "1",
                "ZHIKE_PROOF_FIGURES": str(Path(folder, f"{database}.jsonl")),
            }
            return run_pytest(f"Proofs on {database}", ["-m", mark, *parallel], url, variables)

        try:
            with postgres.own_server() as url:
                failed = prove("PostgreSQL", "proof and not once", url)
        except postgres.NoServer as problem:
            return stop("PostgreSQL", str(problem))
        failed = prove("SQLite", "proof") or failed
        print_figures(Path(folder))
    return stop("proofs", "See above.") if failed else 0


def print_figures(folder: Path) -> None:
    """A table in Markdown: README quotes it."""
    found: dict[str, dict[str, float | str]] = {}
    databases = ("SQLite", "PostgreSQL")
    for database in databases:
        file = folder / f"{database}.jsonl"
        for line in file.read_text("utf-8").splitlines() if file.exists() else ():
            name, value, add = json.loads(line)
            row = found.setdefault(name, {})
            row[database] = row.get(database, 0) + value if add else value
    print("\n| proof | SQLite | PostgreSQL |\n|---|---|---|")
    for name in sorted(found):
        print(f"| {name} | " + " | ".join(_shown(found[name].get(d, "")) for d in databases) + " |")


def _shown(value: float | str) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


@contextmanager
def beside(command: list[str]) -> Iterator[Callable[[], int]]:
    """A step in a process of its own while others run; what is given waits for it and tells what it said.

    Whoever leaves without waiting has it stopped.
    """
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=subprocess.STDOUT,
            # Its children are stopped with it.
            start_new_session=True,
        )

        def end() -> int:
            failed = process.wait()
            said.seek(0)
            print(said.read(), end="", flush=True)
            return failed

        try:
            yield end
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGINT)
                try:
                    process.wait(60)
                except subprocess.TimeoutExpired:
                    # A run in the background of a script does not hear Ctrl-C.
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()


def run_all() -> int:
    if run_checks():
        return 1
    # A page is fetched, drawn and looked at in turn: the browser's tests alone leave a processor idle.
    with beside([PYTHON, __file__, "browser"]) as end_of_browser:
        if run_postgres([]) or end_of_browser():
            return 1
    return run_sqlite([])


PAPER = (system.PANGO, system.CHINESE_FONT)
# Tests marked `once` bring a PostgreSQL of their own and stand nginx before it.
DEPLOYED = (system.POSTGRES, system.NGINX, system.SYSTEMD)
NEEDS = {
    "all": (*DEPLOYED, *system.BROWSER, *PAPER),
    "postgres": (system.POSTGRES, *PAPER),
    "sqlite": (*DEPLOYED, *PAPER),
    "browser": (*system.BROWSER, *PAPER),
    "proof": (*DEPLOYED, *PAPER),
}


def main() -> int:
    chosen, more = (sys.argv[1:2] or [""])[0], sys.argv[2:]
    problem = system.ensure(NEEDS.get(chosen, ()))
    if problem:
        return stop("what the system must have", problem)
    match chosen:
        case "all":
            return run_all()
        case "check":
            return run_checks()
        case "sqlite":
            return run_sqlite(more)
        case "postgres":
            return run_postgres(more)
        case "browser":
            return run_browser(more)
        case "proof":
            return run_proofs(more)
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    # Whoever ends a run from outside ends what runs beside it, as Ctrl-C does.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
