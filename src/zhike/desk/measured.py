"""What /metrics tells of the desk: how many cases are under way, and how many are late. No unit, no name."""

from collections.abc import Iterator
from datetime import datetime

from prometheus_client.core import GaugeMetricFamily

from zhike.core import counts
from zhike.core.access import everything
from zhike.core.metrics.measured import SOURCES, counted_to_most, figure, figures
from zhike.desk.models import Case
from zhike.desk.models.cases import STILL_OPEN
from zhike.desk.rules import UNDER_WAY
from zhike.desk.services.handling import METRIC


def cases(now: datetime) -> Iterator[GaugeMetricFamily]:
    totals = counts.totals_by_state(METRIC, everything("metrics"))
    found: dict[tuple[str, ...], float] = {
        (state.value,): totals.get(state.value, 0) for state in UNDER_WAY
    }
    yield figures("zhike_cases_open", "Cases under way by state", ("state",), found)
    late = counted_to_most(Case.objects.filter(STILL_OPEN, queue_at__lte=now))
    yield figure("zhike_cases_overdue", "Cases past their due time, at most 10,000", late)


def register() -> None:
    SOURCES.fill(cases)
