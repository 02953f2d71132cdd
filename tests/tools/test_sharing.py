"""Which tests run on one worker, whatever the versions of pytest and of what shares them out."""

import subprocess
import sys
from pathlib import Path

from tests.sharing import PROCESSES, SCENES, group_of

TESTS = Path(__file__).parents[1]
ROOT = TESTS.parent


def test_every_place_named_is_there() -> None:
    for place in (*PROCESSES, *SCENES):
        assert (ROOT / place).exists(), place


def test_nobody_relies_on_the_mark_that_does_nothing() -> None:
    marked = [
        file.name
        for file in TESTS.rglob("*.py")
        if "mark." + "xdist_group" in file.read_text("utf-8")
    ]
    assert marked == [], "say it in tests/sharing.py"


def test_what_starts_servers_is_one_group_and_all_else_stands_alone() -> None:
    assert group_of("tests/deployed/test_front.py::test_a") == "processes"
    assert group_of("tests/upgrade/test_upgrade.py::test_a[0.1.0]") == "processes"
    assert group_of("tests/matrix/test_matrix.py::test_a") == group_of(
        "tests/matrix/test_matrix.py::test_b[x]"
    )
    assert group_of("tests/desk/test_rules.py::test_a") == "tests/desk/test_rules.py::test_a"


def test_a_run_keeps_a_group_on_one_worker(tmp_path: Path) -> None:
    """The real thing: two workers, a group of four tests and eight that stand alone."""
    (tmp_path / "conftest.py").write_text(
        "import sys\n"
        f"sys.path.insert(0, {str(ROOT)!r})\n"
        "import tests.sharing as sharing\n"
        "sharing.PROCESSES = ('house/',)\n"
        "def pytest_xdist_make_scheduler(config, log): return sharing.scheduler(config, log)\n"
    )
    for folder, count in (("house", 4), ("alone", 8)):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / f"test_{folder}.py").write_text(
            "import os, pathlib, pytest, time\n"
            f"@pytest.mark.parametrize('n', range({count}))\n"
            "def test_it(n):\n"
            "    time.sleep(0.05)\n"
            "    name = f'{n}-' + os.environ['PYTEST_XDIST_WORKER']\n"
            f"    pathlib.Path({str(tmp_path)!r}, '{folder}', name).touch()\n"
        )
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:django", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*command, "-c", "pytest.ini", "-n", "2", "--dist", "loadgroup", "."],
        cwd=tmp_path, capture_output=True, text=True,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr

    def workers(folder: str) -> set[str]:
        return {path.name.split("-")[1] for path in (tmp_path / folder).glob("*-gw*")}

    assert len(workers("house")) == 1
    assert workers("alone") >= {"gw0", "gw1"} - workers("house")
