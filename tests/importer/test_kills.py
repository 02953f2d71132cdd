"""An import killed at random moments goes on where it stopped: every row once, none twice."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import migrated
from tests.importer.killable import ROWS
from tests.server import clean_environment

ROOT = Path(__file__).resolve().parents[2]
CASES = 40
KILLS = 5


@pytest.fixture
def house(tmp_path) -> Iterator[dict[str, str]]:
    """A data folder of its own; on PostgreSQL a database of its own beside the tests'."""
    environment = {
        **clean_environment(tmp_path / "data"),
        "DJANGO_SETTINGS_MODULE": "zhike.config.settings",
        "PYTHONPATH": str(ROOT),
    }
    url = os.environ.get("ZHIKE_TEST_DATABASE_URL", "")
    if not url:
        migrated.put_into(tmp_path / "data")
        yield environment
        return
    import psycopg

    name = f"zhike_kill_{os.getpid()}"
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}" TEMPLATE {migrated.postgres_template(url)}')
        try:
            yield {**environment, "ZHIKE_DATABASE_URL": f"{url.rsplit('/', 1)[0]}/{name}"}
        finally:
            admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def module(house: dict[str, str], what: str) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "tests.importer.killable", what]
    return subprocess.Popen(
        command, env=house, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def told(house: dict[str, str]) -> dict:
    out, err = module(house, "tell").communicate(timeout=120)
    assert out, err
    return json.loads(out)


def test_killed_at_random_moments_it_goes_on_and_adds_each_row_once(house) -> None:
    _out, err = module(house, "prepare").communicate(timeout=300)
    assert not err, err
    chance = random.Random(20261122)
    interrupted = 0
    for _kill in range(KILLS):
        process = module(house, "work")
        assert process.stdout is not None
        assert process.stdout.readline() == "working\n"
        time.sleep(chance.uniform(0.05, 0.5))
        if process.poll() is None:
            interrupted += 1
        process.send_signal(signal.SIGKILL)
        process.communicate()
    assert interrupted >= 2, "the kills came too late to prove anything"
    half = told(house)
    assert half["feedback"] == half["created"][0] == half["texts"]
    assert half["cases"] == half["created"][1] == half["numbers"]
    assert half["journal"] == half["identities"] == half["feedback"] + half["cases"]
    deadline = time.monotonic() + 240
    while set((end := told(house))["states"]) != {"done"}:
        assert time.monotonic() < deadline, end
        module(house, "work").communicate(timeout=240)
    assert (end["feedback"], end["texts"], end["done"][0]) == (ROWS, ROWS, ROWS)
    assert (end["cases"], end["numbers"], end["done"][1]) == (CASES, CASES, CASES)
    assert end["journal"] == end["identities"] == ROWS + CASES
