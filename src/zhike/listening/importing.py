"""Importing customers' words: reviews, comment cards, letters."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop as _noop

from zhike.core import clock
from zhike.core.importer import (
    EXTERNAL_ID,
    CellError,
    Change,
    Context,
    ImportField,
    ImportKind,
    Outcome,
    Problem,
    Row,
)
from zhike.core.importer.values import NOT_A_DATE
from zhike.core.work import Work
from zhike.customers.importing import refuse_numbers
from zhike.customers.permissions import PHONE, is_hidden
from zhike.customers.selectors import customers_by_external_id, customers_by_phone
from zhike.listening.models import Feedback
from zhike.listening.permissions import MANAGE
from zhike.listening.rules import Scale, read_scale
from zhike.listening.services.feedback import LONGEST, count, note_recorded

NO_SCALE = _noop("A rating needs its scale.")
NO_SCALE_HINT = _noop("Give it for the whole file, for example 1-5.")
NOT_A_SCALE = _noop("This is not a scale.")
SCALE_HINT = _noop("Write lowest and highest value, for example 1-5.")
OUTSIDE = _noop("The rating lies outside its scale.")
OUTSIDE_HINT = _noop("The scale is %(scale)s.")
IN_FUTURE = _noop("The day lies in the future.")
FUTURE_HINT = _noop("Today is %(today)s.")
UNKNOWN_CUSTOMER = _noop("No customer has this number.")
UNKNOWN_HINT = _noop("Import the customer first, or empty the cell to keep the words as anonymous.")
IS_CASE = _noop("It has been turned into a case.")


def _past(day: date) -> date:
    if day > clock.today():
        proposal = ""
        try:
            proposal = day.replace(year=day.year - 1).isoformat()
        except ValueError as error:
            raise CellError(NOT_A_DATE) from error
        raise CellError(IN_FUTURE, FUTURE_HINT, proposal=proposal, today=clock.today().isoformat())
    return day


def _scale(text: str) -> Scale:
    scale = read_scale(text)
    if scale is None:
        raise CellError(NOT_A_SCALE, SCALE_HINT)
    return scale


FIELDS = (  # zh-data
    ImportField(
        "text",
        _("Customer's words"),
        kind="long_text",
        aliases=("review", "text", "comment", "content", "评价", "评论", "内容", "评价内容", "反馈",
                 "反馈内容", "留言", "意见", "原话", "客户原话", "意见建议", "建议"),
        required=True,
        max_length=LONGEST,
        example="师傅上门很快，换完电池还帮我把刹车调了一遍。",
    ),
    ImportField(
        "rating",
        _("Rating"),
        kind="number",
        aliases=("rating", "score", "stars", "label", "评分", "星级", "打分", "得分", "满意度", "分数"),
        help=_("A number on the scale given below."),
        example="5",
    ),
    ImportField(
        "rating_scale",
        _("Scale of the rating"),
        aliases=("评分范围", "量程", "分制", "scale"),
        help=_("Lowest and highest value, for example 1-5. Usually the same for the whole file."),
        example="1-5",
        check=_scale,
    ),
    ImportField(
        "date",
        _("Day"),
        kind="date",
        aliases=("date", "time", "日期", "时间", "评价时间", "评论时间", "反馈日期", "反馈时间", "创建时间"),
        help=_("Without it, the day of the import."),
        example="2026-10-08",
        check=_past,
    ),
    ImportField(
        "customer",
        _("Customer's phone or number"),
        aliases=("customer", "phone", "客户", "手机", "手机号", "电话", "联系电话", "客户编号", "会员手机"),
        help=_("Phone number, or the number of the customer in your other system."),
        personal=True,
        max_length=80,
        example="13800002222",
    ),
    ImportField(
        "source",
        _("Source"),
        aliases=("source", "channel", "来源", "渠道", "平台", "出处"),
        help=_("Where it was said: a platform, a survey, a visit."),
        max_length=60,
        example="美团点评",
    ),
    ImportField(
        EXTERNAL_ID,
        _("Number in the other system"),
        aliases=("id", "review_id", "编号", "评价编号", "评论编号", "外部编号", "序号ID"),
        help=_("With it, the same row is recognised in any later file."),
        max_length=120,
        example="R-20261008-0031",
    ),
)  # fmt: skip


class FeedbackImport(ImportKind):
    key = "feedback"
    label = _("Customers' words")
    list_url = "listening:list"
    icon = "message-2"
    permission = MANAGE
    fields = FIELDS
    summary = _("Reviews, comment cards, letters: text, rating, day, source.")

    def check_mapping(self, mapped: frozenset[str], constants: Mapping[str, str]) -> list[Problem]:
        if "rating" in mapped and "rating_scale" not in mapped:
            return [Problem(NO_SCALE, NO_SCALE_HINT, "rating_scale")]
        return []

    def identity(self, row: Row, by_line: str) -> str:
        external = row.values.get(EXTERNAL_ID)
        # Two platforms may count alike.
        return f"x:{row.values.get('source', '')}:{external}" if external else by_line

    def unique_values(self, row: Row) -> Mapping[str, str]:
        external = row.values.get(EXTERNAL_ID)
        return {EXTERNAL_ID: f"{row.values.get('source', '')}:{external}"} if external else {}

    def plan(self, rows: list[Row], context: Context) -> None:
        if is_hidden(context.grants, PHONE):
            refuse_numbers(rows)
        customers = _customers([str(row.values.get("customer", "")) for row in rows])
        for row in rows:
            wanted = row.values.get("customer")
            if wanted and row.found is None:
                row.found = customers.get(wanted)
                if row.found is None:
                    row.refuse("customer", UNKNOWN_CUSTOMER, UNKNOWN_HINT)
            if row.outcome is Outcome.CREATE and row.known_id is not None:
                # Heard before, under its number in the other system. What was said stays as it was said.
                row.outcome = Outcome.SAME

    def check(self, row: Row) -> None:
        rating: Decimal | None = row.values.get("rating")
        scale: Scale | None = row.values.get("rating_scale")
        if rating is None:
            return
        if scale is None:
            row.refuse("rating_scale", NO_SCALE, NO_SCALE_HINT)
        elif not scale.holds(rating):
            row.refuse("rating", OUTSIDE, OUTSIDE_HINT, scale=str(scale))

    def save(self, rows: list[Row], context: Context, work: Work) -> None:
        today = clock.local(work.now).date()
        made = [_feedback(row, context, work, today) for row in rows]
        for feedback in made:
            feedback.refresh_search()
            feedback.refresh_ratio()
        Feedback.objects.bulk_create(made)
        for row, feedback in zip(rows, made, strict=True):
            row.object_id = feedback.pk
        note_recorded(work, made)

    def undo_created(self, made: list[Change], context: Context, work: Work) -> dict[int, str]:
        rows = list(
            Feedback.objects.select_for_update().filter(
                pk__in=[one.object_id for one in made], voided_at__isnull=True
            )
        )
        kept = {row.pk: IS_CASE for row in rows if row.case_id is not None}
        gone = [row for row in rows if row.pk not in kept]
        Feedback.objects.filter(pk__in=[row.pk for row in gone]).update(voided_at=work.now)
        for row in gone:
            count(work, row, -1)
        work.touch("feedback")
        return kept

    def object_url(self, object_id: int) -> str:
        return reverse("listening:detail", args=[object_id])


def _feedback(row: Row, context: Context, work: Work, today: date) -> Feedback:
    values: dict[str, Any] = row.values
    rating: Decimal | None = values.get("rating")
    scale: Scale | None = values.get("rating_scale") if rating is not None else None
    return Feedback(
        text=values["text"],
        rating=rating,
        rating_min=scale.low if scale else None,
        rating_max=scale.high if scale else None,
        said_on=values.get("date") or today,
        source=values.get("source", ""),
        customer_id=row.found,
        unit_id=context.unit_id,
        external_id=values.get(EXTERNAL_ID, ""),
        import_run_id=context.run_id,
        recorded_at=work.now,
    )


def _customers(wanted: list[str]) -> dict[str, int]:
    """Customer ids by phone number or by their number elsewhere, in two queries."""
    texts = {text for text in wanted if text}
    found = customers_by_phone(texts)
    return found | customers_by_external_id(texts - set(found))
