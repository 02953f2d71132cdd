"""Weekly summaries over the API: what their page shows, with the rows behind each figure; finalised, as files."""

from datetime import date, datetime
from typing import Any, Literal

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema, Status

from zhike.accounts.models import Unit
from zhike.core import clock
from zhike.core.access import Grants
from zhike.core.api import REFUSALS, RowId, Strict, caller, idempotency_key
from zhike.core.errors import NotFound
from zhike.core.exporter.kinds import PurposeName
from zhike.core.exporter.pages import XLSX, answer
from zhike.desk.api import PhraseReason
from zhike.desk.services.handling import scoped_key
from zhike.desk.services.words import Kept
from zhike.insight.api import FigureOut, OfUnit
from zhike.insight.figures import BY_KEY
from zhike.insight.handing_out import hand_out
from zhike.insight.models import WeekReport
from zhike.insight.periods import Week
from zhike.insight.permissions import VIEW
from zhike.insight.selectors.days import differences
from zhike.insight.selectors.kept_weeks import listed_weeks, rows_of_figure
from zhike.insight.selectors.reach import chosen_unit
from zhike.insight.selectors.weekly import finalised
from zhike.insight.sentences import TARGETS
from zhike.insight.services import weeks
from zhike.insight.services.settling import thawed
from zhike.insight.views.weekly import week_of
from zhike.insight.week_page import Line, WeekPage, week_page

router = Router(tags=["reports"])
WEEKS_AT_ONCE = 12


def _bytes(*kinds: str, what: str) -> dict[str, Any]:
    content = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in kinds}
    return {"responses": {200: {"description": what, "content": content}}}


class WeekOut(Schema):
    week: str = Field(description="ISO week, such as 2026-W47.")
    unit_id: int
    first_day: date
    last_day: date
    is_over: bool
    is_final: bool = Field(description="A final week is kept as it was; its figures never change.")
    finalised_at: datetime | None
    finalised_by_name: str


class WeekList(Schema):
    items: list[WeekOut]
    next: str | None = Field(description="Pass it as `before` for earlier weeks.")


class WeekFigureOut(FigureOut):
    numerator_before: int = Field(description="Of the week before.")
    denominator_before: int | None
    target: float | None = Field(description="What a rate should reach, in per cent.")
    rows_of: str = Field(description="What the ids of its rows belong to.")
    rows_url: str = Field(description="The ids of the rows it counts, over this API.")
    page_url: str = Field(description="The same rows as a page for people.")


class WeekCauseOut(Schema):
    cause_id: int | None
    label: str
    depth: int
    count: int = Field(description="Complaints opened in the week; a cause counts with all below.")
    count_before: int


class DepartmentOut(Schema):
    unit_id: int
    name: str
    sent: int
    in_time: int
    judged: int = Field(description="Answered or overdue: of these `in_time` is a share.")
    waiting: int
    overdue: int


class TrendOut(Schema):
    week: str
    contacts: int
    complaints: int
    known: bool = Field(description="False for weeks before the first settled day.")
    whole: bool = Field(description="All seven days are settled.")


class MeasureOut(Schema):
    id: int
    week: str
    what: str
    who: str
    due: date
    is_done: bool | None
    note: str


class WordsOut(Schema):
    text: str = Field(description="Phone- and ID-like digits are masked.")
    note: str


class WeekDetailOut(WeekOut):
    unsettled_days: int = Field(description="Days that are over and missing from the sums.")
    sentences: list[str] = Field(description="What changed most, by stated rules.")
    figures: list[WeekFigureOut]
    visits: dict[str, int] = Field(description="Follow-up visits that fell due, by result.")
    causes: list[WeekCauseOut]
    departments: list[DepartmentOut]
    notice_ids: list[int] = Field(description="Notices answered with a measure in the week.")
    words: list[WordsOut]
    trend: list[TrendOut]
    carried: list[MeasureOut] = Field(description="Measures of the week before: were they done?")
    planned: list[MeasureOut]


class RowsOut(Schema):
    key: str
    rows_of: str
    numerator: int
    denominator: int | None
    rows: list[int]
    of_rows: list[int] = Field(description="Of a rate: ids of the rows of which it counts.")


class WeekChangeOut(Schema):
    key: str
    numerator: int
    denominator: int | None
    numerator_now: int
    denominator_now: int | None
    came: list[int]
    went: list[int]


class WeeksAsked(Strict):
    unit_id: RowId | None = None
    before: str | None = Field(None, max_length=8)
    limit: int = Field(WEEKS_AT_ONCE, ge=1, le=53)


class FinaliseIn(Strict):
    unit_id: RowId | None = None


class MeasureIn(Strict):
    unit_id: RowId | None = None
    what: str = Field(max_length=200)
    who: str = Field(max_length=60)
    due: date
    phrase_reason: PhraseReason = ""


class MeasureAnswerIn(Strict):
    is_done: bool
    note: str = Field("", max_length=200, description="Needed when it was not carried out.")
    phrase_reason: PhraseReason = ""


def _reader(request: HttpRequest, unit_id: int | None) -> tuple[Grants, Unit]:
    _actor, grants = caller(request)
    grants.require(VIEW)
    return grants, chosen_unit(grants, unit_id)


def _week_out(unit: Unit, week: Week, report: WeekReport | None) -> dict[str, Any]:
    return {
        "week": week.code,
        "unit_id": unit.pk,
        "first_day": week.monday,
        "last_day": week.sunday,
        "is_over": week.is_over,
        "is_final": report is not None,
        "finalised_at": report.finalised_at if report else None,
        "finalised_by_name": report.finalised_by_name if report else "",
    }


def _figure_out(page: WeekPage, line: Line) -> dict[str, Any]:
    figure = line.figure
    rows = reverse("api:weekly_figure_rows", args=[page.week.code, figure.key])
    return {
        "key": figure.key,
        "label": str(figure.label),
        "definition": str(figure.definition),
        "numerator": line.this.numerator,
        "denominator": line.this.denominator,
        "parts": line.this.parts,
        "numerator_before": line.last.numerator,
        "denominator_before": line.last.denominator,
        "target": TARGETS.get(figure.key),
        "rows_of": figure.kind.key,
        "rows_url": f"{rows}?unit_id={page.unit.pk}",
        "page_url": line.url,
    }


def _measure(row: Any) -> dict[str, Any]:
    kept = {name: getattr(row, name) for name in MeasureOut.model_fields if name != "week"}
    return {**kept, "week": Week(row.monday).code}


def _detail(grants: Grants, unit: Unit, week: Week) -> dict[str, Any]:
    page = week_page(grants, unit, week)
    content = page.content
    causes = zip(content["causes"], page.causes, strict=True)
    departments = zip(content["departments"], page.departments, strict=True)
    return {
        **_week_out(unit, week, page.report),
        "unsettled_days": content["unsettled"],
        "sentences": page.sentences,
        "figures": [_figure_out(page, line) for line in page.lines],
        "visits": content["visits"],
        "causes": [
            {
                "cause_id": row["cause"],
                "label": str(part.label),
                "depth": row["depth"],
                "count": row["this"],
                "count_before": row["last"],
            }
            for row, part in causes
        ],
        "departments": [
            {**row, "unit_id": row["unit"], "name": part.name} for row, part in departments
        ],
        "notice_ids": [row.pk for row in page.actions],
        "words": [{"text": one.text, "note": str(one.note)} for one in page.words],
        "trend": content["trend"],
        "carried": [_measure(row) for row in page.carried],
        "planned": [_measure(row) for row in page.planned],
    }


@router.get("/weekly-summaries", response={200: WeekList, **REFUSALS})
def list_weekly_summaries(request: HttpRequest, asked: Query[WeeksAsked]) -> Any:
    """Weeks of a unit, the newest first, back to its first settled day; without `unit_id` the caller's own."""
    _grants, unit = _reader(request, asked.unit_id)
    last = week_of(asked.before).before if asked.before else Week.of(clock.today())
    found, has_more = listed_weeks(unit, last, asked.limit)
    return {
        "items": [_week_out(unit, week, report) for week, report in found],
        "next": found[-1][0].code if has_more else None,
    }


@router.get("/weekly-summaries/{week}", response={200: WeekDetailOut, **REFUSALS})
def get_weekly_summary(request: HttpRequest, week: str, asked: Query[OfUnit]) -> Any:
    """One week with all its figures: as finalised, else as it is counted now."""
    grants, unit = _reader(request, asked.unit_id)
    return _detail(grants, unit, week_of(week))


@router.get(
    "/weekly-summaries/{week}/figures/{key}/rows",
    response={200: RowsOut, **REFUSALS},
    url_name="weekly_figure_rows",
)
def rows_of_weekly_figure(request: HttpRequest, week: str, key: str, asked: Query[OfUnit]) -> Any:
    """The ids of the rows behind one figure: those a final week kept, else those counted now."""
    grants, unit = _reader(request, asked.unit_id)
    figure = BY_KEY.get(key)
    if figure is None:
        raise NotFound()
    tally = rows_of_figure(figure, unit, week_of(week), grants.stamp)
    return {
        "key": key,
        "rows_of": figure.kind.key,
        "numerator": tally.numerator,
        "denominator": tally.denominator,
        "rows": sorted(tally.rows),
        "of_rows": sorted(tally.of_rows),
    }


@router.post("/weekly-summaries/{week}/finalise", response={201: WeekDetailOut, **REFUSALS})
def finalise_weekly_summary(request: HttpRequest, week: str, of: FinaliseIn) -> Any:
    """Keep a week that is over as it stands, with the rows of its figures. Once: 409 when it is final already."""
    actor, grants = caller(request)
    grants.require(VIEW)
    unit = chosen_unit(grants, of.unit_id)
    asked = week_of(week)
    weeks.finalise_week(actor=actor, grants=grants, unit_id=unit.pk, week=asked)
    return Status(201, _detail(grants, unit, asked))


@router.get("/weekly-summaries/{week}/changes", response={200: list[WeekChangeOut], **REFUSALS})
def changes_of_weekly_summary(request: HttpRequest, week: str, asked: Query[OfUnit]) -> Any:
    """Figures of a final week that would be counted differently today, with the rows that came or went."""
    _grants, unit = _reader(request, asked.unit_id)
    code = week_of(week)
    report = finalised(unit, code)
    if report is None:
        raise NotFound(_("This week is not final; its page counts as of now."), code="not_final")
    kept = {row.key: thawed(row) for row in report.figures.all()}
    return [
        {
            "key": line.figure.key,
            "numerator": line.kept.numerator,
            "denominator": line.kept.denominator,
            "numerator_now": line.now.numerator,
            "denominator_now": line.now.denominator,
            "came": sorted(line.came),
            "went": sorted(line.went),
        }
        for line in differences(kept, unit, code.period)
        if line.is_different
    ]


class WeekFileIn(Strict):
    format: Literal["xlsx", "pdf"]
    purpose: PurposeName
    reason: str = Field(min_length=2, max_length=300, description="What the file is needed for.")
    unit_id: RowId | None = None


@router.post(
    "/weekly-summaries/{week}/export",
    response=REFUSALS,
    openapi_extra=_bytes(
        XLSX, "application/pdf", what="A sheet for each table, or two pages of A4."
    ),
)
def export_weekly_summary(request: HttpRequest, week: str, wish: WeekFileIn) -> Any:
    """The week as a file, with its number in the export register; 503 where the system cannot print."""
    actor, grants = caller(request)
    grants.require(VIEW)
    handed = hand_out(
        actor=actor,
        grants=grants,
        unit=chosen_unit(grants, wish.unit_id),
        week=week_of(week),
        file_format=wish.format,
        purpose=wish.purpose,
        reason=wish.reason,
    )
    return answer(handed.file_name, handed.chunks, handed.run)


@router.post(
    "/weekly-summaries/{week}/measures",
    response={201: MeasureOut, **REFUSALS},
)
def add_measure(request: HttpRequest, week: str, new: MeasureIn) -> Any:
    """Note what is to be done after this week: what, who, by when. The next summary asks for it first."""
    actor, grants = caller(request)
    grants.require(VIEW)
    key = idempotency_key(request)
    made = weeks.add_measure(
        actor=actor,
        grants=grants,
        unit_id=chosen_unit(grants, new.unit_id).pk,
        week=week_of(week),
        new=weeks.NewMeasure(new.what, new.who, new.due, scoped_key(actor, key) or None),
        kept=Kept(new.phrase_reason),
    )
    return Status(201, _measure(made))


@router.post("/weekly-measures/{measure_id}/answer", response={200: MeasureOut, **REFUSALS})
def answer_measure(request: HttpRequest, measure_id: RowId, said: MeasureAnswerIn) -> Any:
    """Whether a measure was carried out; said once, 409 names who was first."""
    actor, grants = caller(request)
    return _measure(
        weeks.answer_measure(
            actor=actor,
            grants=grants,
            measure_id=measure_id,
            is_done=said.is_done,
            note=said.note,
            kept=Kept(said.phrase_reason),
        )
    )
