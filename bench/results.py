"""The results page of a questionnaire with a million answers to thirty questions, from its stored tallies.

bench/results.py [--answers 1000000]

The answers are poured in by SQL over two years and five links, and tallied by SQL as the job does it; a thousand
are then counted by the job itself, and both ways must agree.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tools")]

from bench.database import Database  # noqa: E402
from postgres import own_server  # noqa: E402

QUESTIONS, LINKS, DAYS = 30, 5, 730
GOAL_SECONDS = 1.0
TIMES = 9

POUR = """
INSERT INTO surveys_response (ref, survey_id, version_id, link_id, language, state, answers, began_at,
    changed_at, revision, counted_revision, counted_state)
SELECT md5(n::text || 'bench'), %(survey)s, %(version)s, %(first)s + n %% %(links)s, 'zh-hans', 'complete',
    (SELECT jsonb_object_agg('q' || k, 1 + floor(random() * 5 + 0 * n)::int)
        FROM generate_series(1, %(questions)s) k),
    now() - (n %% %(days)s) * interval '1 day', now(), 1, %(counted)s, ''
FROM generate_series(%(start)s, %(end)s) n
"""
TALLY = """
INSERT INTO surveys_tally (survey_id, link_id, day, part, value, count, amount)
SELECT survey_id, link_id, (began_at AT TIME ZONE 'Asia/Shanghai')::date, part, value, count(*), sum(amount)
FROM surveys_response, LATERAL (
    SELECT key AS part, '' AS value, a.value::float AS amount FROM jsonb_each_text(answers) a
    UNION ALL SELECT key, a.value, 0 FROM jsonb_each_text(answers) a
    UNION ALL SELECT '', state, 0) parts
WHERE counted_revision = 1 GROUP BY 1, 2, 3, 4, 5
"""


def plant() -> dict[str, int]:
    """A questionnaire, its links, and somebody who may look at it."""
    from zhike.accounts.models import Role
    from zhike.accounts.services.units import create_unit
    from zhike.accounts.services.users import Profile, RoleGrant, create_user
    from zhike.core import clock, work
    from zhike.core.access import everything
    from zhike.surveys.choices import SurveyState
    from zhike.surveys.models import Link, Survey, SurveyVersion

    now, actor = clock.now(), work.Actor.system("bench")
    grants = everything("bench")
    unit = create_unit(actor=actor, grants=grants, name="公司", kind="company", parent=None)
    document = {
        "languages": ["zh-hans"],
        "title": "年度满意度",
        "sections": [
            {
                "key": "s1",
                "questions": [
                    {"key": f"q{number}", "kind": "scale", "text": f"第 {number} 项"}
                    for number in range(1, QUESTIONS + 1)
                ],
            }
        ],
    }
    with work.unit(actor):
        survey = Survey.objects.create(
            title="年度满意度", unit=unit, state=SurveyState.OPEN, made_at=now, changed_at=now
        )
        survey.current = SurveyVersion.objects.create(
            survey=survey, number=1, definition=document, made_at=now
        )
        survey.save()
        links = [
            Link.objects.create(
                survey=survey, token=f"bench{number:07d}", name=f"门店 {number}", made_at=now
            )
            for number in range(LINKS)
        ]
    create_user(
        actor=actor,
        grants=grants,
        profile=Profile(staff_number="1001", name="王", unit=unit),
        password="haichen-desk-1001",
        roles=[RoleGrant(Role.objects.get(code="administrator"), "")],
    )
    assert survey.current_id is not None
    return {
        "survey": survey.pk,
        "version": survey.current_id,
        "first": links[0].pk,
        "links": LINKS,
        "days": DAYS,
        "questions": QUESTIONS,
    }


def pour(given: dict[str, int], answers: int) -> None:
    from django.db import connection

    from zhike.surveys.services.counting import count_some

    began = time.monotonic()
    with connection.cursor() as cursor:
        cursor.execute(POUR, {**given, "start": 1, "end": answers, "counted": 1})
        cursor.execute(TALLY)
        cursor.execute(POUR, {**given, "start": answers + 1, "end": answers + 1000, "counted": 0})
        cursor.execute("ANALYZE surveys_response")
        cursor.execute("ANALYZE surveys_tally")
        while count_some():
            pass
        cursor.execute("SELECT count(*) FROM surveys_tally")
        rows = cursor.fetchone()[0]
        cursor.execute(
            "SELECT sum(count), sum(amount) FROM surveys_tally WHERE value = '' AND part <> ''"
        )
        counted, amount = cursor.fetchone()
        cursor.execute(
            "SELECT count(*), sum(a.value::float) FROM surveys_response, jsonb_each_text(answers) a"
        )
        true_count, true_amount = cursor.fetchone()
    agree = (counted, amount) == (true_count, true_amount)
    print(
        f"{answers + 1000:,} answers × {QUESTIONS} questions, {LINKS} links, {DAYS} days: {rows:,} tallies, "
        f"poured in {time.monotonic() - began:.0f} s; tallies and answers agree: {'yes' if agree else 'NO'}"
    )


def measure(answers: int) -> None:
    import django

    django.setup()
    from django.test import Client

    from zhike.accounts.models import User

    given = plant()
    pour(given, answers)
    survey = given["survey"]
    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(User.objects.get(staff_number="1001"))
    for name, path in (
        ("results", f"/surveys/{survey}/results/"),
        ("results of one link", f"/surveys/{survey}/results/?link={given['first']}"),
        ("who chose 5 at question 1", f"/surveys/{survey}/results/answers/?part=q1&value=5"),
    ):
        taken = []
        for _time in range(TIMES):
            began = time.perf_counter()
            answer = client.get(path)
            taken.append(time.perf_counter() - began)
            assert answer.status_code == 200, answer.status_code
        median = statistics.median(taken)
        verdict = "met" if median < GOAL_SECONDS else "missed"
        print(f"  {name}: median {median * 1000:.0f} ms; goal {GOAL_SECONDS:g} s: {verdict}")
    measure_index(client, survey)


def measure_index(client: Any, survey: int) -> None:
    """An index with months side by side, as its job computes it, and the answers behind it and one month."""
    import resource

    from zhike.core.access import everything
    from zhike.core.work import Actor
    from zhike.satisfaction import services
    from zhike.satisfaction.models import IndexRun
    from zhike.satisfaction.scopes import Scope

    acting: Any = {"actor": Actor.system("satisfaction"), "grants": everything("satisfaction")}
    system = services.make_system(**acting, survey_id=survey, title="Bench")
    run = services.ask_for_run(**acting, system_id=system.pk, scope=Scope(by="month"))
    began = time.perf_counter()
    services.carry_out_run(run.pk, "zh-hans")
    took = time.perf_counter() - began
    found = IndexRun.objects.get(pk=run.pk)
    assert found.state == "done", found.problem
    assert found.result is not None
    groups = found.result["groups"]["told"]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"  index of {found.n:,} answers, {len(groups)} months side by side: {took:.0f} s in a job, "
        f"{peak:.0f} MB at most"
    )
    base = f"/satisfaction/{system.pk}/runs/{run.number}/answers/"
    for name, path in (
        ("answers behind the index", base),
        (f"answers behind {groups[0]['title']}", f"{base}?group={groups[0]['key']}"),
    ):
        began = time.perf_counter()
        answer = client.get(path)
        print(f"  {name}: {time.perf_counter() - began:.2f} s")
        assert answer.status_code == 200
        assert "sr-card" in answer.content.decode(), path


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--answers", type=int, default=1_000_000)
    asked = parser.parse_args()
    with own_server() as url, tempfile.TemporaryDirectory() as folder:
        environment = Database(Path(folder), url, 0, 0).environment()
        zhike = str(Path(sys.executable).with_name("zhike"))
        subprocess.run([zhike, "migrate"], env=environment, check=True, stdout=subprocess.DEVNULL)
        command = [sys.executable, __file__, "measure", str(asked.answers)]
        subprocess.run(command, env=environment, check=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["measure"]:
        measure(int(sys.argv[2]))
    else:
        main()
