"""The whole process tree is killed at random moments while it imports, sends to a receiver and closes cases.

Inside, everything acknowledged is there, once in effect; toward the receiver, once under a key it remembers, and
else at most once, with every uncertain message shown to a person as such.
"""

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests import migrated
from tests.proof_kills.clients import ROWS, Load
from tests.proof_kills.killsite.apps import KEYED, PLAIN
from tests.proofs import figure, rounds
from tests.server import free_port
from tests.serving.trees import Database, Tree, is_alive, wait_until

pytestmark = pytest.mark.proof

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PHASES = ("importing", "sending", "closing")
# A case is closed in a tenth of a second: who aims at it does not always hit it.
TRIES = 6
# Beyond the call's own time-out and its margin, so that all that was being sent is settled.
DRAINED_WITHIN_SECONDS = 240
STARTED_WITHIN_SECONDS = 150


@dataclass
class House:
    """The program on a data folder of its own, and the receiver beside it."""

    tree: Tree
    book: Path
    receiver_port: int
    receiver: "subprocess.Popen[bytes] | None" = None
    hits: Counter[str] = field(default_factory=Counter)
    # Found before the moment comes: looking for them takes longer than what is to be hit.
    pids: list[int] = field(default_factory=list)

    def ask(self, what: str) -> Any:
        command = [sys.executable, "-m", "tests.proof_kills.house", what]
        done = subprocess.run(
            command, env=self.tree.env(), cwd=ROOT, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr[-3000:]
        return json.loads(done.stdout)

    def start_receiver(self) -> None:
        command = [sys.executable, "-m", "tests.proof_kills.receiver"]
        self.receiver = subprocess.Popen(
            [*command, str(self.receiver_port), str(self.book)], cwd=ROOT
        )
        wait_until(self.in_hand_or_none, "the receiver to listen")

    def in_hand_or_none(self) -> dict[str, int] | None:
        try:
            address = f"http://127.0.0.1:{self.receiver_port}/"
            with urllib.request.urlopen(address, timeout=5) as answer:
                found: dict[str, int] = json.load(answer)
                return found
        except OSError:
            return None

    def kill_all(self) -> None:
        """The supervisor, the web processes, the worker: none gets a chance to say anything."""
        assert self.tree.process is not None
        known = self.pids
        while known:
            for pid in known:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            # Of those that came since only the children of the living could be left.
            known = [pid for pid in self.tree.all_pids() if pid not in known and is_alive(pid)]
        self.tree.process.wait()
        # The log says when the next one is ready.
        (self.tree.folder / "log").write_text("")

    def deliveries(self) -> list[tuple[str, str, bool]]:
        if not self.book.exists():
            return []
        return [tuple(json.loads(line)) for line in self.book.read_text().splitlines()]


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    url = os.environ.get("ZHIKE_DATABASE_URL", "")
    databases = Database(url)
    port = free_port()
    tree = Tree(
        tmp_path,
        databases.new(copy_of=migrated.postgres_template(url) if url else ""),
        environment={
            "PYTHONPATH": f"{HERE}{os.pathsep}{ROOT}",
            "DJANGO_SETTINGS_MODULE": "killsite.settings",
            "KILLSITE_RECEIVER": str(port),
        },
    )
    if not url:
        migrated.put_into(tree.data)
    made = House(tree, tmp_path / "deliveries.jsonl", port)
    made.start_receiver()
    try:
        yield made
    finally:
        tree.stop()
        if made.receiver is not None:
            made.receiver.kill()
            made.receiver.wait()
        databases.drop_all()


def test_killed_whole_at_random_moments_it_loses_nothing_and_does_nothing_twice(
    house: House,
) -> None:
    scene = house.ask("prepare")
    load = Load(
        port=house.tree.port,
        agent_token=scene["tokens"]["agent"],
        admin_token=scene["tokens"]["admin"],
        customer_id=scene["customer"],
        taken=lambda: len({key for _kind, key, _new in house.deliveries()}),
    )
    house.tree.start(STARTED_WITHIN_SECONDS)
    load.start()
    chance = random.Random(20261129)
    kills = sum(
        _kill_while(house, load, PHASES[turn % len(PHASES)], chance)
        for turn in range(rounds(short=3, long=50))
    )
    # A last stretch undisturbed, so that what was broken off is answered.
    time.sleep(3)
    load.end()
    end = _drained(house)
    house.tree.stop()
    everything = house.ask("tell-all")
    _check_inside(load, everything)
    uncertain, arrived = _check_outside(house, load, everything)
    assert end["running"] == 0
    _note(house, load, kills, uncertain, arrived, everything)


def _kill_while(house: House, load: Load, phase: str, chance: random.Random) -> int:
    """How many kills it took to hit what was aimed at: one that hits nothing proves nothing."""
    before = house.hits[phase]
    for kill in range(1, TRIES + 1):
        time.sleep(chance.uniform(0.0, 1.5))
        house.pids = house.tree.all_pids()
        _wait_for(house, load, phase)
        time.sleep(chance.uniform(0.0, 0.05))
        _kill(house, load)
        house.tree.start(STARTED_WITHIN_SECONDS)
        assert not load.faults, load.faults
        if house.hits[phase] > before:
            return kill
    pytest.fail(f"none of {TRIES} kills met the program {phase}: {house.hits}")


def _wait_for(house: House, load: Load, phase: str) -> None:
    """Each kill aims at one of the three; what else is under way it hits as well."""
    started = time.monotonic()

    def is_under_way() -> bool:
        if load.faults or time.monotonic() - started > 60:
            return True
        if phase == "closing":
            return load.closing > 0
        if phase == "sending":
            state = house.in_hand_or_none()
            return bool(state and state["in_hand"])
        return bool(load.is_importing)

    wait_until(is_under_way, f"the program to be {phase}", seconds=90)


def _kill(house: House, load: Load) -> None:
    closing = load.closing
    house.kill_all()
    hit = house.ask("glance")
    house.hits["importing"] += bool(hit["importing"])
    house.hits["sending"] += bool(hit["sending"])
    house.hits["closing"] += bool(closing)
    house.hits["a job"] += bool(hit["jobs"])


def _drained(house: House) -> Any:
    limit = time.monotonic() + DRAINED_WITHIN_SECONDS
    while True:
        now = house.ask("tell")
        unsettled = [m for m in now["messages"] if m[2] in {"waiting", "sending"}]
        importing = [run for run in now["imports"] if run[1] in {"running", "checking"}]
        if not unsettled and not importing and not now["running"] and not now["ready"]:
            return now
        assert time.monotonic() < limit, (unsettled[:5], importing, now["running"], now["ready"])
        time.sleep(1)


def _check_inside(load: Load, end: dict[str, Any]) -> None:
    told, cases = load.told, end["cases"]
    assert end["failed"] == []
    assert end["stumbled"] == []
    assert end["integrity"] == "ok"
    assert end["chain"] == ""
    assert end["counters"] == {"cases": [], "visits": [], "outbox": []}
    runs = {run: (state, created, total) for run, state, created, total in end["imports"]}
    assert {runs[run] for run in told.imports} == {("done", ROWS, ROWS)}
    rows = ROWS * len(told.imports)
    assert (end["feedback"], end["texts"]) == (rows, rows), "each row once"
    assert (end["journal"], end["identities"]) == (rows, rows)
    assert set(told.opened) <= set(cases), "what was acknowledged is there"
    assert set(told.closed) <= {n for n, case in cases.items() if case["state"] == "closed"}
    for number, case in cases.items():
        _check_case(number, case)


def _check_case(number: str, case: dict[str, Any]) -> None:
    kinds = Counter(kind for _seq, kind, _pk in case["lines"])
    is_closed = case["state"] == "closed"
    seqs = [seq for seq, _kind, _pk in case["lines"]]
    assert seqs == list(range(1, case["seq"] + 1)), f"{number}: no line lost, none twice"
    assert kinds["opened"] == 1, number
    assert kinds["reply"] <= 1, number
    assert kinds["closed"] == int(is_closed), number
    assert case["visits"] == int(is_closed), number
    assert case["audit"].get("desk.case.open") == 1, number
    assert case["audit"].get("desk.case.reply", 0) == kinds["reply"], number
    assert case["audit"].get("desk.case.close", 0) == int(is_closed), number
    assert case["timeline"].get("desk.closed", 0) == int(is_closed), number


def _check_outside(house: House, load: Load, end: dict[str, Any]) -> tuple[int, int]:
    """Of the messages nobody can be sure of: how many there are, and how many had arrived after all."""
    effects = Counter(key for _kind, key, is_new in house.deliveries() if is_new)
    tries = Counter(key for _kind, key, _new in house.deliveries())
    lines = {pk: n for n, case in end["cases"].items() for _s, _k, pk in case["lines"]}
    sent_for = {lines[subject]: kind for _key, kind, _state, subject in end["messages"]}
    assert load.told.replied.items() <= sent_for.items(), "each acknowledged reply has its message"
    assert len(sent_for) == len(end["messages"]), "one message for a reply"
    assert set(effects) <= {message[0] for message in end["messages"]}
    uncertain = arrived = 0
    for key, kind, state, _subject in end["messages"]:
        if kind == KEYED:
            assert (state, effects[key]) == ("sent", 1), key
        else:
            assert kind == PLAIN
            assert tries[key] <= 1, f"{key} was sent again"
            assert state in {"sent", "unknown"}, (key, state)
            assert state == "unknown" or effects[key] == 1, f"{key} is lost"
            uncertain += state == "unknown"
            arrived += state == "unknown" and effects[key] == 1
    return uncertain, arrived


def _note(
    house: House, load: Load, kills: int, uncertain: int, arrived: int, end: dict[str, Any]
) -> None:
    told, hits = load.told, house.hits
    figure("Kills of the whole tree", kills)
    figure(
        "Of them while importing / sending / closing",
        f"{hits['importing']} / {hits['sending']} / {hits['closing']}",
    )
    figure("Rows imported, each once", ROWS * len(told.imports))
    figure("Cases closed, each once in effect", len(told.closed))
    figure("Requests broken off and sent again", told.broken_off)
    messages = Counter(message[1] for message in end["messages"])
    again = sum(not is_new for _kind, _key, is_new in house.deliveries())
    figure(
        "Messages with a key: sent / sent again under it / twice in effect",
        f"{messages[KEYED]} / {again} / 0",
    )
    figure(
        "Messages without a key: sent / shown as uncertain (of these arrived) / sent twice",
        f"{messages[PLAIN] - uncertain} / {uncertain} ({arrived}) / 0",
    )
