"""What these processes have done since they began: requests, streams, jobs."""

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
)

# A second series for every counter, to say when it began.
disable_created_metrics()  # type: ignore[no-untyped-call]  # of the library

# Ours alone: the library's own holds figures of the interpreter, which nobody has asked for.
COUNTED = CollectorRegistry()

REQUESTS = Counter(
    "zhike_http_requests",
    "Requests answered",
    ["route", "method", "status"],
    registry=COUNTED,
)
REQUEST_SECONDS = Histogram(
    "zhike_http_request_seconds",
    "Time a page took in its thread",
    ["route"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
    registry=COUNTED,
)
WAIT_SECONDS = Histogram(
    "zhike_http_wait_seconds",
    "Time a request waited for a thread",
    buckets=(0.001, 0.01, 0.05, 0.1, 0.5, 1, 5),
    registry=COUNTED,
)
BUSY = Counter("zhike_http_busy", "Requests refused because too many waited", registry=COUNTED)
STREAMS = Gauge(
    "zhike_live_streams",
    "Open streams of live updates",
    multiprocess_mode="livesum",
    registry=COUNTED,
)
JOB_RUNS = Counter(
    "zhike_job_runs",
    "Tries at jobs by how they ended: done, retry, failed, called_off, given_back, taken_over",
    ["job", "outcome"],
    registry=COUNTED,
)
JOB_SECONDS = Histogram(
    "zhike_job_seconds",
    "Time a try at a job took",
    ["job"],
    buckets=(0.05, 0.25, 1, 5, 30, 120, 600, 3600),
    registry=COUNTED,
)

_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def count_request(
    *, route: str, method: str, status: int, seconds: float, waited: float | None
) -> None:
    """`route` is a name of ours, empty for an address we do not know: labels must stay few."""
    method = method if method in _METHODS else "other"
    REQUESTS.labels(route or "none", method, str(status)).inc()
    REQUEST_SECONDS.labels(route or "none").observe(seconds)
    if waited is not None:
        WAIT_SECONDS.observe(max(0.0, waited))


def count_job(*, job: str, outcome: str, seconds: float) -> None:
    JOB_RUNS.labels(job, outcome).inc()
    JOB_SECONDS.labels(job).observe(seconds)
