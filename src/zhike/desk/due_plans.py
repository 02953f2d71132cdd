"""Cases and due plans: by what one is chosen, and what a change of one counts anew."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from zhike.accounts.plan_scopes import under
from zhike.core.calendar.plan_keys import CHANNEL, PLAN_KEYS, SUBJECT, PlanKey
from zhike.core.calendar.recounts import RECOUNTS, PlanScope, RecountKind
from zhike.core.models import ImportRun
from zhike.desk.choices import Channel
from zhike.desk.models import STILL_OPEN, Case
from zhike.desk.selectors.types import case_types
from zhike.desk.services.clocks import PURPOSES
from zhike.desk.services.recounting import recount_cases


def cases_under(scopes: Sequence[PlanScope]) -> QuerySet[Case]:
    """Open cases a plan of one of these scopes may rule."""
    wanted = under(
        scopes, subject="type_id", tier="customer_tier", channel="channel", unit="unit_id"
    )
    return Case.objects.filter(STILL_OPEN, wanted, voided_at__isnull=True)


def _written_since(rows: QuerySet[Case], since: datetime) -> QuerySet[Case]:
    # An import writes cases whose last word is years old.
    runs = ImportRun.objects.filter(changed_at__gte=since).values("pk")
    return rows.filter(Q(last_event_at__gte=since) | Q(import_run_id__in=runs))


def _types() -> list[tuple[str, str]]:
    return [(kind.code, kind.label) for kind in case_types()]


def register() -> None:
    PLAN_KEYS.fill(PlanKey(SUBJECT, _("Type"), _("All types"), _types))
    PLAN_KEYS.fill(PlanKey(CHANNEL, _("Channel"), _("All channels"), lambda: list(Channel.choices)))
    RECOUNTS.fill(
        RecountKind(
            "cases",
            _("open cases"),
            PURPOSES,
            cases_under,
            _written_since,
            recount_cases,
            columns=("due_at", "resolution_due_at", "step_due_at", "legal_due_at"),
        )
    )
