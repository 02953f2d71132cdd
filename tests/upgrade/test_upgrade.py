"""A house made by an earlier release comes back, is brought up to date, and has kept every value.

Each folder beside this file is the backup of a small company by that release, with the digest of every column.
CONTRIBUTING.md says how a release adds its own.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.server import clean_environment, zhike_command
from tests.serving.trees import Database

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
RELEASES = sorted(path.name for path in HERE.iterdir() if list(path.glob("*.backup")))
# What a later version has changed on purpose in rows it found: by release, "table.column", or "table" for rows it
# added to those there were. Anything else that differs is a loss.
CHANGED: dict[str, dict[str, str]] = {
    "before-0.1.0": {
        "accounts_role.permissions": "built-in roles got the permissions that are new",
        "accounts_role": "the roles of the three duties were added",
        "core_dueplan": "plans for new clocks, requests about personal data and legal times were added",
        "core_dueplan.calendar_id": "plans of the house follow the calendar of the unit",
        "desk_case.due_explanation": "renamed: it holds all clocks of a case now, each with its account",
        "core_stamp.value": "renewed with every change to a watched table",
    },
}
LARGEST = 200_000


@pytest.fixture(scope="module")
def databases() -> Iterator[Database]:
    made = Database(os.environ.get("ZHIKE_DATABASE_URL", ""))
    yield made
    made.drop_all()


@pytest.fixture(scope="module", params=RELEASES)
def restored(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, databases: Database
) -> tuple[str, Path, str]:
    """A release's house, restored and brought up to date once; each test looks at a copy."""
    release, folder = request.param, tmp_path_factory.mktemp("restored")
    url = databases.new()
    where = environment_of(folder / "data", url)
    run([zhike_command(), "restore", str(HERE / release / f"{vendor(where)}.backup")], where)
    return release, folder / "data", url


@pytest.fixture
def house(
    restored: tuple[str, Path, str], tmp_path: Path, databases: Database
) -> tuple[str, dict[str, str]]:
    release, data, url = restored
    shutil.copytree(data, tmp_path / "data")
    return release, environment_of(tmp_path / "data", databases.new(copy_of=url))


def environment_of(data: Path, url: str) -> dict[str, str]:
    named = {"ZHIKE_DATABASE_URL": url} if url else {}
    steady = {"LC_ALL": "C.UTF-8", "DJANGO_SETTINGS_MODULE": "zhike.config.settings"}
    return {**clean_environment(data), **steady, **named, "PYTHONPATH": str(ROOT)}


def vendor(environment: dict[str, str]) -> str:
    return "postgresql" if "ZHIKE_DATABASE_URL" in environment else "sqlite"


def run(command: list[str], environment: dict[str, str], told: str = "") -> str:
    done = subprocess.run(
        command, env=environment, cwd=ROOT, input=told, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout[-1000:] + done.stderr[-3000:]
    return done.stdout


def test_there_is_an_earlier_release_for_each_database() -> None:
    assert RELEASES
    for release in RELEASES:
        for name in ("sqlite", "postgresql"):
            backup = HERE / release / f"{name}.backup"
            assert 0 < backup.stat().st_size < LARGEST, backup
            assert (HERE / release / f"{name}.backup.keys").exists()


def test_a_house_of_an_earlier_release_keeps_every_value(
    house: tuple[str, dict[str, str]],
) -> None:
    release, environment = house
    before = json.loads((HERE / release / f"{vendor(environment)}.json").read_text("utf-8"))
    found = json.loads(
        run([sys.executable, "-m", "tests.upgrade.look"], environment, json.dumps(before))
    )
    assert lost(before, found["now"]) - set(CHANGED[release]) == set()
    assert found["chain"] == "", "the log of the earlier release still holds together"
    assert found["sealed"] > before["core_auditseal"]["rows"] > 30
    wrong = {path: status for path, status in found["pages"].items() if status != 200}
    assert wrong == {}
    assert len(found["pages"]) > 40


def test_nobody_is_told_of_what_was_late_before_the_upgrade(
    house: tuple[str, dict[str, str]],
) -> None:
    _release, environment = house
    found = json.loads(run([sys.executable, "-m", "tests.upgrade.alarms"], environment))
    assert found["late"] > 0
    assert found["unlooked"] == 0, "no open case is forgotten by the alarms"
    assert found["told"] == 0
    assert found["told_without_the_mark"] > found["late"]


def lost(before: dict[str, Any], now: dict[str, Any]) -> set[str]:
    """What is not as the earlier release left it: tables gone, rows more or fewer, columns gone or altered."""
    found: set[str] = set()
    for table, told in before.items():
        here = now.get(table, {"rows": -1, "columns": {}})
        if here["rows"] != told["rows"] and table not in GROWING:
            found.add(table)
        found |= {
            f"{table}.{column}"
            for column, digest in told["columns"].items()
            if here["columns"].get(column) != digest
        }
    return found


# The restore itself is in the log.
GROWING = frozenset({"core_auditrow"})
