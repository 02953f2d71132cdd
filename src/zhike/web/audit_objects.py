"""What a row of the audit log was about: the name people know it by, for those who may see it."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from zhike.accounts.models import Unit, User
from zhike.care.selectors import visible_follow_ups
from zhike.complaints.selectors.notices import visible_notices
from zhike.complaints.selectors.remedies import visible_approvals, visible_remedies
from zhike.core.access import Grants
from zhike.core.exporter.register import visible_exports
from zhike.core.models import AuditRow, WorkCalendar
from zhike.customers.segments import visible_segments
from zhike.customers.selectors import visible_customers
from zhike.desk.selectors.scope import visible_cases
from zhike.privacy.selectors import visible_requests
from zhike.satisfaction.delivery_selectors import visible_deliveries
from zhike.satisfaction.rule_selectors import visible_rules
from zhike.satisfaction.selectors import visible_improvements, visible_systems
from zhike.surveys.contact_selectors import visible_contacts
from zhike.surveys.selectors import visible_surveys


@dataclass(frozen=True)
class Named:
    """The name; `url` is empty where there is no page of its own."""

    label: str
    url: str = ""


@dataclass(frozen=True)
class _Kind:
    """`rows` are those the reader may see, `label` and `page` the columns for the name and the address."""

    rows: Callable[[Grants], QuerySet[Any]]
    label: str
    url: str = ""
    page: str = "pk"


def _everybody(grants: Grants) -> QuerySet[User]:
    return User.objects.all()


def _units(grants: Grants) -> QuerySet[Unit]:
    return Unit.objects.all()


def _calendars(grants: Grants) -> QuerySet[WorkCalendar]:
    return WorkCalendar.objects.all()


KINDS = {
    "desk.case": _Kind(visible_cases, "number", "desk:case", "number"),
    "customers.customer": _Kind(visible_customers, "name", "customers:file"),
    "customers.segment": _Kind(visible_segments, "name", "customers:segment"),
    "care.followup": _Kind(visible_follow_ups, "case__number", "care:visit"),
    "complaints.notice": _Kind(visible_notices, "number", "notices:notice", "number"),
    "complaints.remedy": _Kind(visible_remedies, "case__number", "desk:case", "case__number"),
    "complaints.approval": _Kind(visible_approvals, "case__number", "desk:case", "case__number"),
    "core.exportrun": _Kind(visible_exports, "number", "web:export", "number"),
    "privacy.datarequest": _Kind(visible_requests, "number", "privacy:request", "number"),
    "satisfaction.askrule": _Kind(visible_rules, "name", "satisfaction:rule"),
    "satisfaction.delivery": _Kind(visible_deliveries, "reference", "satisfaction:delivery"),
    "satisfaction.improvement": _Kind(
        visible_improvements, "item_title", "satisfaction:improvement"
    ),
    "satisfaction.indicatorsystem": _Kind(visible_systems, "title", "satisfaction:system"),
    "surveys.survey": _Kind(visible_surveys, "title", "surveys:detail"),
    "surveys.answercontact": _Kind(visible_contacts, "survey__title"),
    "accounts.user": _Kind(_everybody, "name"),
    "accounts.unit": _Kind(_units, "name"),
    "core.workcalendar": _Kind(_calendars, "name", "web:calendar"),
}


class ObjectNames:
    """Names for a page of rows, read at once with the first that is asked for: a statement per kind."""

    def __init__(self, grants: Grants) -> None:
        self._grants = grants
        self._names: dict[tuple[str, int], Named] | None = None

    def of(self, row: AuditRow, page: Iterable[AuditRow]) -> Named | None:
        """None for what is gone, out of reach or has no name."""
        if self._names is None:
            self._names = self._read(page)
        return self._names.get((row.object_type, row.object_id or 0))

    def _read(self, page: Iterable[AuditRow]) -> dict[tuple[str, int], Named]:
        wanted: dict[str, set[int]] = defaultdict(set)
        for row in page:
            if row.object_type in KINDS and row.object_id is not None:
                wanted[row.object_type].add(row.object_id)
        names = {}
        for kind_name, ids in wanted.items():
            kind = KINDS[kind_name]
            rows = kind.rows(self._grants).filter(pk__in=ids)
            for pk, label, page_key in rows.values_list("pk", kind.label, kind.page):
                url = reverse(kind.url, args=[page_key]) if kind.url else ""
                names[kind_name, pk] = Named(str(label), url)
        return names
