"""Two web processes and two workers on PostgreSQL behind nginx, and one of each killed while people work.

What is promised: whoever cannot be reached is passed over, whatever the request. A GET that a death cuts off is
asked of the other process. A POST that a death cuts off is not repeated by nginx, for it may have had its effect;
the program that sent it gets 502 and repeats it with its Idempotency-Key, or looks. Nothing is lost, nothing is
done twice.
"""

import json
import threading
import time
import uuid
from collections import Counter
from random import Random
from typing import Any

import psycopg
import pytest

from tests.deployed.conftest import Stage
from tests.deployed.journey import CUT_OFF, imported, signed_in_page, until, walk
from tests.deployed.services import Service
from tests.proofs import figure, rounds
from tests.serving.listening import EventSource
from tests.serving.trees import wait_until
from zhike.complaints.models import ArchivePaper
from zhike.core.jobs.rows import Row
from zhike.desk.models import Case
from zhike.listening.models import Feedback

pytestmark = [pytest.mark.proof, pytest.mark.once]
REVIEWS = 150
CASES, WORDS = Case._meta.db_table, Feedback._meta.db_table
JOBS, PAPERS = Row._meta.db_table, ArchivePaper._meta.db_table


class Busy(threading.Thread):
    """Somebody who does something beside the test; what went wrong is told at the end."""

    def __init__(self, stage: Stage, name: str) -> None:
        super().__init__(daemon=True, name=name)
        self.stage = stage
        self.over = threading.Event()
        self._problem: BaseException | None = None
        self.start()

    def run(self) -> None:
        try:
            self.do()
        except (AssertionError, OSError, ValueError) as error:
            self._problem = error

    def do(self) -> None:
        raise NotImplementedError

    def end(self) -> None:
        self.over.set()
        self.join(120)
        if self._problem is not None:
            raise self._problem


class Load(Busy):
    """Opens cases, each under a key of its own, and reads."""

    def __init__(self, stage: Stage, number: int) -> None:
        self.program = stage.program("lin")
        self.opened: list[str] = []
        self.pages: list[int] = []
        super().__init__(stage, f"load-{number}")

    def do(self) -> None:
        while not self.over.wait(0.05):
            key = uuid.uuid4().hex
            new = {"type": "repair", "text": f"控制器报错 {key}", "channel": "phone"}
            status, _case = self.program.post("/cases", new, key=key)
            assert status in (200, 201)
            self.opened.append(key)
            self.program.get("/cases?limit=5")
            cookie = self.stage.scene["cookie"]
            self.pages.append(signed_in_page(self.stage.site, cookie, "/cases/")[0])


class Killer(Busy):
    """One web process and one worker at once, in whatever they are doing; the next pair when they are back."""

    def __init__(self, stage: Stage, kills: int) -> None:
        self.kills, self.random = kills, Random(20261129)
        super().__init__(stage, "killer")

    def do(self) -> None:
        site = self.stage.site
        for number in range(self.kills):
            time.sleep(self.random.uniform(0.2, 1.5))
            chosen = site.web[number % 2], site.workers[(number // 2) % 2]
            starts = [service.starts for service in chosen]
            for service in chosen:
                service.kill()
            for service, before in zip(chosen, starts, strict=True):
                came_back(self.stage, service, before)


def came_back(stage: Stage, service: Service, starts: int) -> None:
    wait_until(lambda: service.starts > starts, f"{service} to be started again", 30)
    if service in stage.site.web:
        wait_until(lambda: stage.site.answers(service), f"{service} to answer again", 60)


def rows(stage: Stage, statement: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(stage.database_url, autocommit=True) as connection:
        return list(connection.execute(statement.encode()).fetchall())


def everything_is_done_once(stage: Stage, opened: int, archived: int) -> None:
    assert rows(stage, f"SELECT count(*) FROM {CASES} WHERE number LIKE 'BX%'") == [(opened,)]
    assert rows(stage, f"SELECT count(*) FROM {WORDS}") == [(REVIEWS,)]
    # Those that repeat by the clock are always waiting or running; what somebody's work caused has ended.
    waits = f"SELECT task_path FROM {JOBS} WHERE status IN ('READY', 'RUNNING')"
    until(lambda: not rows(stage, f"{waits} AND args_kwargs::text LIKE '%id%'"), "jobs to end")
    assert rows(stage, f"SELECT task_path, traceback FROM {JOBS} WHERE status = 'FAILED'") == []
    papers = f"SELECT count(*), count(DISTINCT complaint_id) FROM {PAPERS}"
    assert rows(stage, papers) == [(archived, archived)]


def test_a_complaint_is_worked_on_while_one_of_each_is_killed(stage: Stage):
    kills = rounds(short=2, long=40)
    people = {name: stage.program(name) for name in ("lin", "wang", "zhang")}
    queue = f"queue:{stage.scene['zhoukou']}"
    heard = EventSource(stage.site, f"{queue}:", stage.scene["cookie"])
    until(lambda: heard.last_id, "the stream to open")
    loads = [Load(stage, number) for number in range(2)]
    killer = Killer(stage, kills)

    words = [f"骑手送凉了第{number}回" for number in range(1000, 1000 + REVIEWS)]
    imported(people["wang"], words)
    numbers = [walk(people, stage.scene, words[0])]
    while killer.is_alive():
        numbers.append(walk(people, stage.scene, words[len(numbers)]))
    killer.end()
    for load in loads:
        load.end()

    programs = [*people.values(), *(load.program for load in loads)]
    cut_off = sum(program.cut_off for program in programs)

    def got() -> Counter[str]:
        return Counter(got for _asked, got in stage.site.nginx.answered)

    # nginx writes its line after the answer has left: the last client may be here first.
    until(lambda: got()[str(CUT_OFF)] >= cut_off, "nginx's line of every answer cut off")
    # nginx went on to the other process, and no reader noticed.
    assert [asked for asked, _got in stage.site.nginx.answered if ", " in asked]
    assert {status for program in programs for status in program.gets} == {200}
    assert {status for load in loads for status in load.pages} == {200}
    # What failed were POSTs that were cut off, each known to who sent it.
    assert got()[str(CUT_OFF)] == cut_off
    assert not [status for status in got() if status >= "500" and status != str(CUT_OFF)]

    opened = sum(len(load.opened) for load in loads)
    everything_is_done_once(stage, opened, len(numbers))

    # The stream was cut as often as its process was killed, and missed nothing.
    told = signed_in_page(stage.site, stage.scene["cookie"], f"/poll?topics={queue}:")[2]
    head = int(json.loads(told)["topics"].rsplit(":", 1)[1])
    until(lambda: heard.seqs(queue)[-1:] == [head], "the last news")
    seqs = heard.seqs(queue)
    assert seqs == list(range(seqs[0], head + 1))
    heard.close()
    figure("Pairs of a web process and a worker killed behind nginx", kills)
    figure("… complaints from review to archive meanwhile", len(numbers))
    figure("… cases opened meanwhile, each once", opened)
    figure("… POSTs cut off, repeated by who sent them", cut_off)
    figure("… reads that failed", 0)


def test_a_restart_one_after_the_other_is_not_noticed(stage: Stage):
    loads = [Load(stage, number) for number in range(2)]
    for service in stage.site.web:
        starts = service.starts
        service.restart()
        came_back(stage, service, starts)
    for load in loads:
        load.end()
    assert sum(load.program.cut_off for load in loads) == 0
    assert all(load.opened for load in loads)
    assert {status for load in loads for status in load.program.gets + load.pages} == {200}
