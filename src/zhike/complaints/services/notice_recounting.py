"""Due times of notices nobody has answered yet by the plans of today; what moves has its line in the record."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from zhike.accounts.plan_scopes import under
from zhike.complaints.choices import NoticeState
from zhike.complaints.models import Notice
from zhike.complaints.services.notice_alarms import OWED
from zhike.complaints.services.notice_dues import due_of, put_due
from zhike.complaints.services.notice_handling import on_notice
from zhike.core.calendar import Due
from zhike.core.calendar.plan_book import PlanBook, load_plans
from zhike.core.calendar.recounts import COUNTER, RECOUNTS, PlanScope, RecountKind
from zhike.core.errors import RuleError
from zhike.core.models import DuePurpose
from zhike.desk.selectors.scope import HEAVY


def notices_under(scopes: Sequence[PlanScope]) -> QuerySet[Notice]:
    """Notices that wait for an answer and that a plan of one of these scopes may rule."""
    wanted = under(
        scopes,
        subject="case__type_id",
        tier="case__customer_tier",
        channel="case__channel",
        unit="unit_id",
    )
    return Notice.objects.filter(OWED, wanted, case__voided_at__isnull=True)


def _written_since(rows: QuerySet[Notice], since: datetime) -> QuerySet[Notice]:
    # Sending, giving back and recounting each write a line of the case.
    return rows.filter(case__last_event_at__gte=since)


def recount_notices(ids: Sequence[int], plan_name: str) -> int:
    """How many moved. Only those that would change are locked; a second run finds nothing left to move."""
    plans = load_plans()
    rows = Notice.objects.filter(OWED, pk__in=ids, case__voided_at__isnull=True)
    rows = rows.select_related("case").defer(*(f"case__{name}" for name in HEAVY))
    changing = [one.pk for one in rows.order_by("pk") if not _is_counted(one, _due_of(one, plans))]
    return sum(_recount(pk, plan_name) for pk in changing)


def _due_of(notice: Notice, plans: PlanBook) -> Due:
    return due_of(notice.case, notice.unit_id, notice.asked_at, plans)


def _is_counted(notice: Notice, due: Due) -> bool:
    return bool(notice.due_explanation == due.to_json())


def _recount(pk: int, plan_name: str) -> bool:
    try:
        with on_notice("recount", actor=COUNTER, notice_id=pk) as on:
            notice = on.notice
            due = _due_of(notice, load_plans())
            # Answered, withdrawn or counted meanwhile by somebody who already knew the new plan.
            if notice.state != NoticeState.SENT or _is_counted(notice, due):
                return False
            before = notice.due_at
            put_due(notice, due)
            if notice.due_at == before:
                # Another account of the same moment is no news.
                columns = ["due_warn_at", "due_explanation"]
                notice.save(update_fields=columns)
                return False
            _tell_anew(notice, on.now)
            on.write(
                "notice_recounted",
                before=before.isoformat(),
                after=notice.due_at.isoformat(),
                plan=plan_name,
            )
    except RuleError:
        # Its case was merged or taken back this moment; who keeps it recounts it there.
        return False
    return True


def _tell_anew(notice: Notice, now: datetime) -> None:
    """What lies ahead again is told when it comes; what was told and is still behind us is not told twice."""
    if notice.due_warn_at is None or notice.due_warn_at > now:
        notice.warned_at = None
    if notice.due_at > now:
        notice.overdue_told_at = notice.escalated_at = None


def register() -> None:
    RECOUNTS.fill(
        RecountKind(
            "notices",
            _("notices nobody has answered yet"),
            frozenset({DuePurpose.NOTICE.value}),
            notices_under,
            _written_since,
            recount_notices,
        )
    )
