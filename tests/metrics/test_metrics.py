"""/metrics: who may read it, which names it has, what they count, and what asking costs."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from tests.cast import Cast
from tests.guards import given
from tests.jobs.sample import fail_with
from zhike.core import work
from zhike.core.jobs import rows, runner
from zhike.core.metrics import measured, place
from zhike.core.metrics.measured import MEASURED
from zhike.core.models import AuditCheck, OutboxMessage, WorkerBeat
from zhike.core.tasks import fold_counters
from zhike.desk import services

pytestmark = pytest.mark.django_db
PAGE = Path(__file__).resolve().parents[2] / "docs" / "operate.md"
NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _looked_up_anew() -> None:
    MEASURED.forget()


def families(client: Client | None = None, **headers: str) -> dict[str, Any]:
    MEASURED.forget()
    answer = (client or Client()).get("/metrics", headers=headers)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=")
    return {one.name: one for one in text_string_to_metric_families(answer.content.decode())}


def value(found: dict[str, Any], name: str, **labels: str) -> float:
    family = found.get(name) or found[re.sub(r"_(total|count|sum)$", "", name)]
    (sample,) = [s for s in family.samples if s.name == name and s.labels == labels]
    return float(sample.value)


# --- who may read it


def status(address: str = "127.0.0.1", **headers: str) -> int:
    return Client(REMOTE_ADDR=address).get("/metrics", headers=headers).status_code


def test_this_machine_reads_it_and_nobody_else(settings: Any):
    assert (status(), status("::1"), status("203.0.113.9"), status("")) == (200, 200, 404, 404)
    settings.ZHIKE_METRICS_ADDRESSES = ["10.0.0.0/8"]
    assert (status("10.1.2.3"), status("11.1.2.3"), status()) == (200, 404, 404)


@pytest.mark.parametrize("name", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "Via"])
def test_through_a_proxy_nobody_counted_everybody_seems_near_and_is_refused(
    name: str, settings: Any
):
    assert status(**{name: "127.0.0.1"}) == 404
    # Counted, the address is what the proxy saw.
    settings.ZHIKE_PROXIES = 1
    assert status(**{name: "127.0.0.1"}) == 200


def test_a_token_opens_it_from_anywhere(settings: Any):
    shown = {"Authorization": "Bearer let-me-see"}
    assert status("203.0.113.9", **shown) == 404
    settings.ZHIKE_METRICS_TOKEN = "let-me-see"
    assert status("203.0.113.9", **shown) == 200
    assert status("203.0.113.9", Authorization="bearer let-me-see") == 200
    for wrong in ("Bearer let-me", "Bearer ", "Basic let-me-see", "Bearer é", ""):
        assert status("203.0.113.9", Authorization=wrong) == 404


def test_signed_in_people_do_not_read_it_either(cast: Cast):
    assert cast.admin.client().get("/metrics", REMOTE_ADDR="203.0.113.9").status_code == 404


def test_addresses_that_cannot_be_read_stop_the_start():
    assert place.networks(" 10.0.0.0/8, ::1,") == ["10.0.0.0/8", "::1"]
    with pytest.raises(ValueError, match=r"ZHIKE_METRICS_ADDRESSES: nowhere"):
        place.networks("nowhere")


# --- names and labels


def documented() -> dict[str, tuple[str, str]]:
    """Kind and labels by name, from the table of docs/operate.md."""
    row = re.compile(r"^\| `(zhike_\w+)` \| (\w+) \| ([^|]*) \|", re.M)
    return {name: (kind, labels.strip()) for name, kind, labels in row.findall(PAGE.read_text())}


def everything_there_is(cast: Cast) -> dict[str, Any]:
    with given():
        fold_counters.enqueue()
        runner.run_row(rows.claim("w", ["default"]), lambda: False)
        fold_counters.enqueue()
        WorkerBeat.objects.create(worker_id="w", at=NOW, started_at=NOW)
        AuditCheck.objects.create(at=NOW, rows=1, head="a")
    cast.lin.client().get("/cases/")
    return families()


def test_every_name_stands_in_the_table_with_its_kind_and_labels(cast: Cast, settings: Any):
    Path(settings.DATA, "last-backup.json").write_text(f'{{"made_at": "{NOW.isoformat()}"}}')
    try:
        found = everything_there_is(cast)
    finally:
        Path(settings.DATA, "last-backup.json").unlink()
    told = {}
    for name, family in found.items():
        labels = sorted({label for s in family.samples for label in s.labels} - {"le"})
        shown = f"{name}_total" if family.type == "counter" else name
        if family.samples:
            told[shown] = (family.type, ", ".join(f"`{label}`" for label in labels))
    wanted = documented()
    if connection.vendor == "sqlite":
        wanted = {n: w for n, w in wanted.items() if not n.startswith("zhike_database_conn")}
    assert told == wanted


def test_no_label_names_a_person_or_a_case(cast: Cast):
    with given():
        services_open(cast)
    text = Client().get("/metrics").content.decode()
    for secret in ("陈志强", "1001", cast.lin.user.name, "周口", "13812346027"):
        assert f'"{secret}"' not in text
        assert secret not in re.sub(r"[\d.e+-]+$", "", text, flags=re.M)


def services_open(cast: Cast) -> Any:
    new = services.NewCase(
        type_code="repair", channel="phone", text="报错", customer_id=cast.chen.pk
    )
    return services.open_case(**cast.lin.acting, new=new).case


# --- what they count


def test_requests_are_counted_by_route_method_and_status(cast: Cast):
    client = cast.lin.client()
    client.get("/cases/")
    before = families()
    client.get("/cases/", {"q": "陈志强"})
    client.get("/nowhere/13812346027/")
    strict = Client(enforce_csrf_checks=True)
    strict.generic("BREW", "/account/sign-in/")
    after = families()

    def more(**labels: str) -> float:
        name = "zhike_http_requests_total"
        try:
            earlier = value(before, name, **labels)
        except ValueError:
            earlier = 0
        return value(after, name, **labels) - earlier

    assert more(route="desk:queue", method="GET", status="200") == 1
    assert more(route="none", method="GET", status="404") == 1
    # Refused before it was asked what it is: only a method we know names a label.
    assert more(route="accounts:sign-in", method="other", status="403") == 1
    name = "zhike_http_request_seconds_count"
    assert value(after, name, route="desk:queue") - value(before, name, route="desk:queue") == 1


def test_jobs_are_told_by_state_and_how_they_ended(frozen_clock: Callable[[datetime], None]):
    frozen_clock(NOW)
    with given():
        fail_with.enqueue("a reason")
        runner.run_row(rows.claim("w", ["default"]), lambda: False)
        fold_counters.enqueue()
        # The package writes this by the machine's clock.
        waiting = rows.Row.objects.filter(task_path=fold_counters.module_path)
        waiting.update(enqueued_at=NOW + timedelta(seconds=90))
        frozen_clock(NOW + timedelta(seconds=150))
        WorkerBeat.objects.create(worker_id="w", at=NOW, started_at=NOW)
    found = families()
    path = {"failed": fail_with.module_path, "ready": fold_counters.module_path}
    assert {
        state: value(found, "zhike_jobs", state=state, job=job) for state, job in path.items()
    } == {
        "failed": 1,
        "ready": 1,
    }
    assert value(found, "zhike_job_runs_total", job=path["failed"], outcome="failed") >= 1
    assert value(found, "zhike_job_seconds_count", job=path["failed"]) >= 1
    assert value(found, "zhike_job_oldest_waiting_seconds") == 60
    assert value(found, "zhike_worker_beat_age_seconds") == 150
    assert value(found, "zhike_workers") == 0


@pytest.fixture
def noon(frozen_clock: Callable[[datetime], None]) -> None:
    """Before the cast is made, whose rows in the audit log are the oldest."""
    frozen_clock(NOW)


def test_messages_cases_and_the_audit_log_are_told(
    noon: None, cast: Cast, frozen_clock: Callable[[datetime], None]
):
    with given():
        services_open(cast)
        frozen_clock(NOW + timedelta(days=30))
        AuditCheck.objects.create(at=NOW, rows=1, head="a", fault="changed", fault_row=1)
    found = families()
    assert (
        value(found, "zhike_cases_open", state="new")
        + value(found, "zhike_cases_open", state="open")
        == 1
    )
    assert value(found, "zhike_cases_overdue") == 1
    assert value(found, "zhike_outbox_messages", state="unknown") == OutboxMessage.objects.count()
    assert value(found, "zhike_audit_whole") == 0
    assert value(found, "zhike_audit_unsealed_rows") > 0
    assert value(found, "zhike_audit_lag_seconds") > 20 * 86400
    assert value(found, "zhike_disk_free_bytes") > 0


# --- what asking costs


def test_a_look_costs_few_statements_and_is_kept_for_ten_seconds(
    cast: Cast, django_assert_max_num_queries: Any
):
    with django_assert_max_num_queries(14):
        families()
    with django_assert_max_num_queries(0):
        assert Client().get("/metrics").status_code == 200


def test_without_a_database_the_counters_are_told_all_the_same(monkeypatch: pytest.MonkeyPatch):
    def refuse(now: datetime) -> Any:
        raise OperationalError("gone")

    monkeypatch.setattr(measured, "_jobs", refuse)
    monkeypatch.setattr(connection, "close", lambda: None)
    found = families()
    assert value(found, "zhike_database_up") == 0
    assert "zhike_http_requests" in found
    assert "zhike_workers" not in found


# --- several processes

COUNT_AND_GO = """
import sys
from zhike.core.metrics.counted import STREAMS, count_job
count_job(job="a.job", outcome="done", seconds=0.1)
STREAMS.inc()
if sys.argv[1] == "tell":
    from prometheus_client import CollectorRegistry
    from prometheus_client.exposition import generate_latest
    from prometheus_client.multiprocess import MultiProcessCollector
    from zhike.core.metrics.place import forget_dead
    import os, pathlib
    forget_dead(pathlib.Path(os.environ["PROMETHEUS_MULTIPROC_DIR"]))
    whole = CollectorRegistry()
    MultiProcessCollector(whole)
    sys.stdout.write(generate_latest(whole).decode())
"""


def test_processes_under_one_supervisor_are_added_up_and_a_restart_begins_anew(tmp_path: Path):
    def run(what: str, variables: dict[str, str]) -> str:
        command = [sys.executable, "-c", COUNT_AND_GO, what]
        done = subprocess.run(
            command, env={**os.environ, **variables}, capture_output=True, text=True, check=True
        )
        return done.stdout

    variables = place.environment_of(tmp_path, 8001)
    run("count", variables)
    text = run("tell", variables)
    assert 'zhike_job_runs_total{job="a.job",outcome="done"} 2.0' in text
    # The streams of the process that has gone are gone.
    assert "zhike_live_streams 1.0" in text
    other = place.environment_of(tmp_path, 8002)
    assert 'outcome="done"} 1.0' in run("tell", other)
    assert 'outcome="done"} 1.0' in run("tell", place.environment_of(tmp_path, 8001))


def test_the_chain_is_up_to_date_when_nothing_waits():
    from zhike.core import audit_chain

    with work.unit(work.Actor.system("tests")) as unit:
        unit.audit("tests.did", None)
    assert audit_chain.waiting()[0] == 1
    with given():
        audit_chain.lengthen()
    assert audit_chain.waiting() == (0, None)
