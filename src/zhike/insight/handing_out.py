"""The week as a file that leaves the house: it quotes customers, so it stands in the register like any list."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from zhike.accounts.models import Unit
from zhike.core import work
from zhike.core.access import Grants
from zhike.core.errors import RuleError
from zhike.core.exporter import register
from zhike.core.exporter.kinds import LABELS, FileLabel
from zhike.core.exporter.services import checked_wish
from zhike.core.exporter.watermark import Watermark
from zhike.core.models import ExportPurpose, ExportRun
from zhike.core.printing import require_printing
from zhike.insight.periods import Week
from zhike.insight.permissions import VIEW
from zhike.insight.week_page import WeekPage, week_page
from zhike.insight.week_paper import week_pdf
from zhike.insight.workbook import write_week

KIND = "weekly"
FORMATS = ("xlsx", "pdf")


@dataclass(frozen=True)
class HandedOut:
    run: ExportRun
    file_name: str
    chunks: Iterator[bytes]


def hand_out(
    *,
    actor: work.Actor,
    grants: Grants,
    unit: Unit,
    week: Week,
    file_format: str,
    purpose: str,
    reason: str,
) -> HandedOut:
    """The week as .xlsx or on two pages of A4, with its number, its reason and who took it on every sheet."""
    grants.require(VIEW)
    reason = checked_wish(reason, purpose)
    if file_format not in FORMATS:
        raise RuleError("export_format", _("Please choose .xlsx or .pdf."), field="format")
    if file_format == "pdf":
        require_printing()
    page = week_page(grants, unit, week)
    with work.unit(actor, reason) as doing:
        run = register.add(
            doing,
            grants,
            kind=KIND,
            purpose=purpose or ExportPurpose.OTHER,
            file_format=file_format,
            # What of it is words of people; the rest are figures.
            rows=len(page.words) + len(page.actions),
            revealed=False,
            query=f"{week.code} {unit.name}",
        )
        doing.audit(
            "export.weekly",
            run,
            after={
                "export": run.number,
                "purpose": run.purpose,
                "week": week.code,
                "format": file_format,
            },
            unit_id=unit.pk,
        )
    name = f"{_('Weekly summary')}_{unit.name}_{week.code}_{run.number}.{file_format}"
    return HandedOut(run, name, register.kept(run, _drawn(page, run)))


def _drawn(page: WeekPage, run: ExportRun) -> Iterator[bytes]:
    mark = Watermark.of(run)
    if run.file_format == "pdf":
        yield week_pdf(page, mark)
        return
    with write_week(page, mark) as file:
        while piece := file.read(1 << 16):
            yield piece


def fill() -> None:
    LABELS.fill(FileLabel(KIND, gettext_lazy("Weekly summary")))
