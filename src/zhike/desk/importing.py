"""Importing cases: what was kept in a spreadsheet until now, open or closed."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop as _noop

from zhike.core import clock
from zhike.core.errors import NotFound, RuleError
from zhike.core.importer import (
    EXTERNAL_ID,
    CellError,
    Change,
    Context,
    ImportField,
    ImportKind,
    Outcome,
    Row,
)
from zhike.core.work import Work
from zhike.customers.import_fields import own_number
from zhike.desk import permissions
from zhike.desk.choices import Channel, Priority
from zhike.desk.choices import Outcome as Ending
from zhike.desk.models import Case, CaseType
from zhike.desk.services.callers import Caller
from zhike.desk.services.intake import NewCase, open_case
from zhike.desk.services.progress import close_case
from zhike.desk.services.relations import void_case

IN_FUTURE = _noop("The moment lies in the future.")
NAME_ALONE = _noop("A name alone does not find a customer.")
NAME_HINT = _noop("Give the phone number as well, or empty the cell for an unknown customer.")
WORKED_ON = _noop("Somebody has worked on this case since.")
DEFAULT_TYPE = "inquiry"


def _types() -> Sequence[tuple[str, Any]]:
    return [(kind.code, kind.label) for kind in CaseType.objects.filter(is_active=True)]


def _past(moment: Any) -> Any:
    if moment > clock.now():
        raise CellError(IN_FUTURE)
    return moment


FIELDS = (  # zh-data
    ImportField(
        "text", _("What the customer said"), kind="long_text", required=True, max_length=20_000,
        aliases=("内容", "问题描述", "描述", "详情", "诉求", "客户诉求", "反映内容", "投诉内容", "text"),
        example="新车骑了三天，左后轮有异响。",
    ),
    ImportField(
        "title", _("Subject"), aliases=("标题", "主题", "事由", "title", "subject"), max_length=200,
        help=_("Without it, the beginning of the words."), example="左后轮异响",
    ),
    ImportField(
        "type", _("Type"), kind="choice", choices=_types,
        aliases=("类型", "工单类型", "业务类型", "分类", "type"), help=_("Without it, an inquiry."),
    ),
    ImportField(
        "customer", _("Customer's phone"), kind="phone", personal=True, check=own_number,
        aliases=("电话", "手机", "手机号", "联系电话", "客户电话", "客户手机", "来电号码", "phone"),
        help=_("A number nobody has yet opens a new customer file."), example="13800002222",
    ),
    ImportField(
        "customer_name", _("Customer's name"), max_length=120,
        aliases=("姓名", "客户", "客户姓名", "客户名称", "联系人", "name"), example="陈志强",
    ),
    ImportField(
        "opened_at", _("Came in"), kind="datetime", check=_past,
        aliases=("时间", "日期", "受理时间", "创建时间", "来电时间", "登记时间", "提交时间", "date"),
        help=_("Without it, the moment of the import."), example="2026-10-08 14:20",
    ),
    ImportField(
        "channel", _("Channel"), kind="choice", choices=Channel.choices,
        aliases=("渠道", "来源", "受理渠道", "channel"),
    ),
    ImportField(
        "priority", _("Priority"), kind="choice",
        choices=tuple((str(value), label) for value, label in Priority.choices),
        aliases=("优先级", "紧急程度", "priority"),
    ),
    ImportField(
        "outcome", _("How it ended"), kind="choice", choices=Ending.choices,
        aliases=("处理结果", "结果", "结案方式", "outcome"), help=_("Only for cases that are closed."),
    ),
    ImportField(
        "closing", _("What was done"), kind="long_text", max_length=2000,
        aliases=("处理情况", "处理说明", "处理过程", "答复", "回复内容", "结案说明"),
        help=_("Filled in, the case is imported as closed."),
    ),
    ImportField(
        EXTERNAL_ID, _("Number in another system"), max_length=120,
        aliases=("编号", "工单号", "工单编号", "单号", "外部编号", "id"),
        help=_("With it, the same case is recognised in any later file."), example="GD-2026-0311",
    ),
)  # fmt: skip


class CaseImport(ImportKind):
    key: ClassVar[str] = "cases"
    label: ClassVar[Any] = _("Cases")
    list_url: ClassVar[str] = "desk:queue"
    icon: ClassVar[str] = "inbox"
    permission: ClassVar[str] = permissions.CREATE
    fields: ClassVar[tuple[ImportField, ...]] = FIELDS
    summary: ClassVar[Any] = _(
        "Inquiries, complaints, repairs: words, customer, day, type, outcome."
    )

    def check(self, row: Row) -> None:
        # A number that was refused is told already; that the name stands alone then is no news.
        is_refused = any(problem.field == "customer" for problem in row.problems)
        alone = row.values.get("customer_name") and not row.values.get("customer")
        if alone and not is_refused:
            row.refuse("customer_name", NAME_ALONE, NAME_HINT)

    def plan(self, rows: list[Row], context: Context) -> None:
        numbers = [row.values[EXTERNAL_ID] for row in rows if row.values.get(EXTERNAL_ID)]
        known = dict(Case.objects.filter(external_id__in=numbers).values_list("external_id", "pk"))
        for row in rows:
            row.known_id = known.get(row.values.get(EXTERNAL_ID, ""), row.known_id)
            if row.outcome is Outcome.CREATE and row.known_id is not None:
                # A case has a record of its own; a spreadsheet does not rewrite it.
                row.outcome = Outcome.SAME

    def save(self, rows: list[Row], context: Context, work: Work) -> None:
        for row in rows:
            case = _open(row, context)
            row.object_id = case.pk
            row.after = {"seq": case.seq}

    def undo_created(self, made: list[Change], context: Context, work: Work) -> dict[int, str]:
        seqs = {one.object_id: one.after.get("seq") for one in made}
        kept: dict[int, str] = {}
        rows = Case.objects.filter(pk__in=list(seqs), voided_at__isnull=True)
        for case_id in list(rows.values_list("pk", flat=True)):
            try:
                void_case(
                    actor=context.actor,
                    grants=context.grants,
                    case_id=case_id,
                    untouched_since=seqs[case_id],
                )
            except NotFound:
                kept[case_id] = WORKED_ON
            except RuleError as error:
                kept[case_id] = str(error)
        return kept

    def object_url(self, object_id: int) -> str:
        number = Case.objects.filter(pk=object_id).values_list("number", flat=True).first()
        return reverse("desk:case", args=[number]) if number else ""


def _open(row: Row, context: Context) -> Case:
    values = row.values
    phone = values.get("customer", "")
    case = open_case(
        actor=context.actor,
        grants=context.grants,
        new=NewCase(
            type_code=values.get("type", DEFAULT_TYPE),
            channel=values.get("channel", Channel.IMPORT),
            text=values["text"],
            title=values.get("title", ""),
            unit_id=context.unit_id,
            caller=Caller(phone, values.get("customer_name", "")) if phone else None,
            priority=int(values.get("priority", Priority.NORMAL)),
            keep=False,
            opened_at=values.get("opened_at"),
            external_id=values.get(EXTERNAL_ID, ""),
            import_run_id=context.run_id,
        ),
    ).case
    done = values.get("closing", "")
    if not done and not values.get("outcome"):
        return case
    return close_case(
        actor=context.actor,
        grants=context.grants,
        case_id=case.pk,
        outcome=values.get("outcome", Ending.ANSWERED),
        text=done or str(Ending(values["outcome"]).label),
        is_history=True,
    )
