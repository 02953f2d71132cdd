"""Due times of open requests by the plans of today; what moves is a step of the request."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from zhike.accounts.plan_scopes import under
from zhike.core import work
from zhike.core.calendar.plan_book import PlanBook, load_plans
from zhike.core.calendar.recounts import COUNTER, RECOUNTS, PlanScope, RecountKind
from zhike.core.models import DuePurpose
from zhike.privacy.choices import StepKind
from zhike.privacy.models import STILL_OPEN, DataRequest, RequestStep
from zhike.privacy.services.taking_in import DueTimes, add_step, due_times


def requests_under(scopes: Sequence[PlanScope]) -> QuerySet[DataRequest]:
    """Open requests that a plan of one of these scopes may rule; they know no tier and no channel of cases."""
    wanted = under(scopes, subject="kind", unit="unit_id")
    return DataRequest.objects.filter(STILL_OPEN, wanted, ended_at__isnull=True)


def _written_since(rows: QuerySet[DataRequest], since: datetime) -> QuerySet[DataRequest]:
    lately = RequestStep.objects.filter(request=OuterRef("pk"), at__gte=since)
    return rows.filter(Exists(lately))


def recount_requests(ids: Sequence[int], plan_name: str) -> int:
    """How many moved. Only those that would change are locked; a second run finds nothing left to move."""
    plans = load_plans()
    rows = DataRequest.objects.filter(STILL_OPEN, pk__in=ids).order_by("pk")
    changing = [one.pk for one in rows if not _is_counted(one, _due_of(one, plans))]
    return sum(_recount(pk, plan_name) for pk in changing)


def _due_of(request: DataRequest, plans: PlanBook) -> DueTimes:
    return due_times(request.kind, request.unit_id, request.asked_at, plans)


def _is_counted(request: DataRequest, due: DueTimes) -> bool:
    return (request.due_at, request.due_explanation) == (due.at, due.account)


def _recount(pk: int, plan_name: str) -> bool:
    with work.unit(COUNTER) as unit:
        rows = DataRequest.objects.select_for_update(of=("self",)).select_related("customer")
        request = rows.get(pk=pk)
        due = _due_of(request, load_plans())
        # Answered, or counted meanwhile by somebody who already knew the new plan.
        if not request.is_open or _is_counted(request, due):
            return False
        before = request.due_at
        request.remind_at = _bell(request, due, unit.now)
        request.due_at, request.warn_at, request.due_explanation = due.at, due.warn_at, due.account
        request.save(update_fields=["due_at", "warn_at", "due_explanation", "remind_at"])
        if due.at == before:
            # Another account of the same moment is no news.
            return False
        moved = {"from": before.isoformat(), "to": due.at.isoformat()}
        add_step(unit, request, StepKind.RECOUNTED, data={**moved, "plan": plan_name})
        unit.audit(
            "privacy.request.recounted",
            request,
            before={"due_at": moved["from"]},
            after={"request": request.number, "due_at": moved["to"]},
            unit_id=request.unit_id,
        )
        unit.touch(f"customer:{request.customer_id}")
    return True


def _bell(request: DataRequest, due: DueTimes, now: datetime) -> datetime | None:
    """What lies ahead again is told when it comes; what was told and is still behind us is not told twice."""
    is_warned = request.remind_at is None or request.remind_at == request.due_at
    is_told_over = request.remind_at is None
    if due.at == request.due_at:
        return request.remind_at if is_warned else due.first_bell
    if due.first_bell > now or not is_warned:
        return due.first_bell
    if due.at > now or not is_told_over:
        return due.at
    return None


def register() -> None:
    RECOUNTS.fill(
        RecountKind(
            "requests",
            _("open requests about personal data"),
            frozenset({DuePurpose.DATA_REQUEST.value}),
            requests_under,
            _written_since,
            recount_requests,
        )
    )
