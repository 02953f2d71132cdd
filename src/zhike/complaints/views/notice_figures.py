"""Figures of notices per department, as a page and as a workbook."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import FileResponse, HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_POST, require_safe

from zhike.accounts.grants import actor_of_request
from zhike.complaints.choices import NoticeState
from zhike.complaints.permissions import MANAGE_NOTICES
from zhike.complaints.selectors.notice_figures import DepartmentFigures, department_figures
from zhike.core import access, clock, work
from zhike.core.access import Forbidden, Grants
from zhike.core.exporter import ExportColumn, write_xlsx
from zhike.core.exporter.pages import XLSX
from zhike.core.listing import DateRange
from zhike.core.listing.filters import PERIODS, Bound

REPORTS = "reports.view"
DEFAULT = "30d"
SENT = DateRange("sent", pgettext_lazy("notice", "Sent"), field="sent_at")
ASKED = [NoticeState.SENT, NoticeState.ANSWERED, NoticeState.HELD, NoticeState.FAILED]


@dataclass(frozen=True)
class Column:
    """A figure: where it stands in a row, what its rows are, and how it is defined."""

    key: str
    label: Any
    meaning: Any
    rows: Mapping[str, Any]
    in_period: bool = True


COLUMNS = (
    Column(
        "sent",
        pgettext_lazy("figure", "Sent"),
        gettext_lazy("Notices sent to the department in the period, without those withdrawn."),
        {"state": ASKED},
    ),
    Column(
        "answered",
        pgettext_lazy("figure", "Answered"),
        gettext_lazy("Of these, the ones that have an answer now; one given back has none."),
        {"answer": "answered"},
    ),
    Column(
        "share",
        pgettext_lazy("figure", "In time"),
        gettext_lazy(
            "Answered by the due time, of all that are answered or overdue. What is not due yet does not count."
        ),
        {"answer": "in_time"},
    ),
    Column(
        "hours",
        pgettext_lazy("figure", "Mean hours"),
        gettext_lazy(
            "Working hours from sending (or from giving the answer back) to the answer, as a mean of all answered."
        ),
        {"answer": "answered"},
    ),
    Column(
        "overdue",
        pgettext_lazy("figure", "Overdue now"),
        gettext_lazy("Without an answer past the due time, whenever they were sent."),
        {"answer": "overdue"},
        in_period=False,
    ),
    Column(
        "held",
        pgettext_lazy("figure", "Holds"),
        gettext_lazy("Measures that were checked later and hold."),
        {"state": NoticeState.HELD},
    ),
    Column(
        "failed",
        pgettext_lazy("figure", "Does not hold"),
        gettext_lazy("Measures that were checked later and do not hold."),
        {"state": NoticeState.FAILED},
    ),
    Column(
        "unchecked",
        pgettext_lazy("figure", "Not checked"),
        gettext_lazy("Answered, and nobody has looked yet whether the measure holds."),
        {"state": NoticeState.ANSWERED},
    ),
)


@dataclass(frozen=True)
class Cell:
    value: str
    url: str
    note: str = ""
    is_bad: bool = False


def _reader(request: HttpRequest) -> Grants:
    grants = access.grants_of(request.user)
    if not (grants.allows(MANAGE_NOTICES) or grants.allows(REPORTS)):
        raise Forbidden(MANAGE_NOTICES)
    return grants


def _period(data: QueryDict, grants: Grants) -> Bound:
    bound = SENT.bind(data, grants)
    return bound if bound.is_set else SENT.bind(QueryDict(f"sent={DEFAULT}"), grants)


def _rows(grants: Grants, period: Bound) -> list[DepartmentFigures]:
    return department_figures(grants, period.narrow, _("All departments"))


def _cell(row: DepartmentFigures, column: Column, period: Bound) -> Cell:
    query: list[tuple[str, Any]] = [("tab", "all")]
    if row.unit_id is not None:
        query.append(("unit", row.unit_id))
    query += period.pairs if column.in_period else []
    query += list(column.rows.items())
    url = f"{reverse('notices:list')}?{urlencode(query, doseq=True)}"
    match column.key:
        case "share":
            value = "—" if row.share_percent is None else f"{row.share_percent}%"
            return Cell(value, url, f"{row.in_time}/{row.judged}" if row.judged else "")
        case "hours":
            value = "—" if row.mean_hours is None else f"{row.mean_hours:g}"
            return Cell(value, url, f"n = {row.measured}" if row.measured else "")
    number = getattr(row, column.key)
    return Cell(str(number), url, is_bad=bool(number) and column.key in ("overdue", "failed"))


@require_safe
def departments(request: HttpRequest) -> HttpResponse:
    grants = _reader(request)
    period = _period(request.GET, grants)
    rows = _rows(grants, period)
    here = reverse("notices:departments")
    context = {
        "columns": COLUMNS,
        "rows": [(row, [_cell(row, column, period) for column in COLUMNS]) for row in rows],
        "period": period,
        "periods": [(code, f"{here}?sent={code}", period.text == code) for code in PERIODS],
        "query": urlencode(period.pairs),
    }
    return render(request, "complaints/notices/departments.html", context)


XLSX_COLUMNS = (
    ExportColumn("name", pgettext_lazy("notice", "Department"), width=20),
    ExportColumn("sent", pgettext_lazy("figure", "Sent"), kind="number", width=10),
    ExportColumn("answered", pgettext_lazy("figure", "Answered"), kind="number", width=10),
    ExportColumn("in_time", gettext_lazy("Answered in time"), kind="number", width=12),
    ExportColumn("judged", gettext_lazy("Answered, or overdue"), kind="number", width=14),
    ExportColumn("share_percent", gettext_lazy("In time, %"), kind="number", width=10),
    ExportColumn("mean_hours", gettext_lazy("Mean working hours"), kind="number", width=12),
    ExportColumn("overdue", pgettext_lazy("figure", "Overdue now"), kind="number", width=10),
    ExportColumn("held", pgettext_lazy("figure", "Holds"), kind="number", width=10),
    ExportColumn("failed", pgettext_lazy("figure", "Does not hold"), kind="number", width=10),
    ExportColumn("unchecked", pgettext_lazy("figure", "Not checked"), kind="number", width=10),
)


@require_POST
def export(request: HttpRequest) -> HttpResponseBase:
    """The same figures as a workbook; who took it stands in the log."""
    grants = _reader(request)
    period = _period(request.GET, grants)
    records = [
        {column.key: getattr(row, column.key) for column in XLSX_COLUMNS}
        for row in _rows(grants, period)
    ]
    with work.unit(actor_of_request(request)) as unit:
        unit.audit(
            "export.notice_departments",
            None,
            after={"rows": len(records), "query": urlencode(period.pairs)},
        )
    name = _("Notices by department")
    file = tempfile.TemporaryFile()  # noqa: SIM115  (closed by the response)
    write_xlsx(XLSX_COLUMNS, records, file, name)
    file.seek(0)
    return FileResponse(
        file,
        as_attachment=True,
        filename=f"{name}_{clock.today():%Y%m%d}.xlsx",
        content_type=XLSX,
    )
