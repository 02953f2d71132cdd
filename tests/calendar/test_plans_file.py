"""All plans out as a table, edited, and back: compared first, then all of it or nothing."""

import csv
import io
import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from tests.cast import Cast
from tests.guards import given
from zhike.core.access import Forbidden
from zhike.core.calendar import seeds
from zhike.core.calendar.dates_diff import Change
from zhike.core.calendar.plan_services import PlanTerms, add_plan, terms_of
from zhike.core.calendar.plans_file import (
    FIELDS,
    MOST_PLANS,
    begin_plans_export,
    read_plans,
    write_plans,
)
from zhike.core.calendar.plans_import import apply_plans, compare_plans
from zhike.core.calendar.recounts import run_recounts
from zhike.core.errors import Conflict, RuleError
from zhike.core.models import AuditRow, DuePlan, DueRecount
from zhike.desk import services
from zhike.desk.case_types import BUILTIN_TYPES
from zhike.desk.models import Case, CaseType

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
HEAD = [str(field.label) for field in FIELDS]


@pytest.fixture(autouse=True)
def _planted(db: None) -> None:
    with given():
        seeds.plant(apps)
        seeds.plant_legal_plans(apps)
        for place, kind in enumerate(BUILTIN_TYPES, 1):
            CaseType.objects.get_or_create(
                code=kind.code,
                defaults={"prefix": kind.prefix, "is_builtin": True, "place": place * 10},
            )


def exported(cast: Cast) -> bytes:
    stream = io.BytesIO()
    write_plans(begin_plans_export(**cast.admin.acting), stream)
    return stream.getvalue()


def table(*rows: dict[str, str]) -> bytes:
    """A file as people save it; what a row does not name is empty."""
    stream = io.StringIO()
    writer = csv.writer(stream)
    writer.writerow(HEAD)
    for row in rows:
        writer.writerow([row.get(field.code, "") for field in FIELDS])
    return stream.getvalue().encode("utf-8-sig")


REPAIR = {"purpose": "首次答复", "subject": "报修", "amount": "20", "unit": "工作分钟"}


def all_terms() -> list[PlanTerms]:
    return [terms_of(row) for row in DuePlan.objects.order_by("pk")]


def test_what_goes_out_comes_back_the_same(cast: Cast):
    add_plan(
        **cast.admin.acting,
        terms=PlanTerms(
            "resolution", 2, "business_days", subject="repair", tier="vip", channel="phone",
            org_unit=cast.zhoukou.pk, source="合同第 3 条",
        ),
    )  # fmt: skip
    found = read_plans(exported(cast))
    assert not found.faults
    assert sorted(found.plans, key=repr) == sorted(all_terms(), key=repr)
    assert {one.change for one in compare_plans(found.plans).changes} == {Change.SAME}
    [row] = AuditRow.objects.filter(action="export.due_plans")
    assert json.loads(row.payload)["after"]["rows"] == DuePlan.objects.count()


def test_units_of_one_name_bear_their_number(cast: Cast):
    from tests.cast import make_unit

    with given():
        twin = make_unit(cast.zhoukou.name, cast.shangqiu)
    terms = PlanTerms("resolution", 2, "business_days", org_unit=twin.pk)
    add_plan(**cast.admin.acting, terms=terms)
    found = read_plans(exported(cast))
    assert not found.faults
    assert twin.pk in {plan.org_unit for plan in found.plans}
    [fault] = read_plans(table({**REPAIR, "org_unit": cast.zhoukou.name})).faults
    assert "部门" in fault.text


@pytest.mark.parametrize(
    ("change", "column"),
    [
        ({"purpose": ""}, "时限内容"),
        ({"purpose": "喝茶"}, "时限内容"),
        ({"subject": "旅游"}, "类型"),
        ({"tier": "铂金"}, "等级"),
        ({"channel": "烽火"}, "渠道"),
        ({"org_unit": "月球"}, "部门"),
        ({"amount": ""}, "时限"),
        ({"amount": "很快"}, "时限"),
        ({"amount": "0"}, "时限"),
        ({"amount": "9999999"}, "时限"),
        ({"unit": "年"}, "单位"),
        ({"calendar_id": "没有的日历"}, "工作时间"),
        ({"warn_percent": "100"}, "预警"),
        ({"source_on": "去年"}, "版本"),
        ({"name": "名" * 61}, "名称"),
    ],
)
def test_what_is_wrong_is_told_by_line_and_column(change: dict[str, str], column: str):
    good = {**REPAIR, "subject": "咨询"}
    found = read_plans(table(good, {**REPAIR, **change}))
    [fault] = found.faults
    assert fault.line == 3
    label = str(next(field.label for field in FIELDS if field.code in change))
    assert fault.text.startswith(f"{label}："), (fault.text, column)
    assert len(found.plans) == 1


def test_a_plan_told_twice_is_a_fault():
    [fault] = read_plans(table(REPAIR, REPAIR)).faults
    assert (fault.line, "2" in fault.text) == (3, True)


def test_what_is_no_table_of_plans_is_refused():
    for data, code in (
        (b"", "due_plan_file_empty"),
        (b"x" * 1_000_001, "due_plan_file_too_large"),
        ("日期,名称\n2027-01-01,元旦\n".encode(), "due_plan_file_form"),
        (table(*[REPAIR] * (MOST_PLANS + 1)), "due_plan_file_too_long"),
    ):
        with pytest.raises(RuleError) as refused:
            read_plans(data)
        assert refused.value.code == code


def repair_case(cast: Cast) -> Case:
    new = services.NewCase(
        type_code="repair", channel="letter", text="爬坡断电", customer_id=cast.chen.pk
    )
    return services.open_case(**cast.lin.acting, new=new).case


def applied(cast: Cast, plans: Any, **more: Any) -> Any:
    digest = more.pop("digest", None) or compare_plans(plans).digest
    return apply_plans(
        **cast.admin.acting, file_name="时限.xlsx", plans=plans, digest=digest, **more
    )


def test_added_changed_and_removed_in_one_piece_and_counted_anew_once(cast: Cast, frozen_clock):
    frozen_clock(MONDAY)
    case = repair_case(cast)
    plans = all_terms()
    general = next(one for one in plans if one.purpose == "first_reply" and not one.subject)
    gone = DuePlan.objects.get(purpose="legal_return")
    new = replace(general, subject="inquiry", name="咨询", amount=30)
    sent = [
        replace(one, amount=50) if one is general else one
        for one in plans
        if one.purpose not in ("legal_return", "legal_refund")
    ]
    done = applied(cast, [*sent, new], remove={gone.pk})
    assert (done.added, done.changed, done.removed) == (1, 1, 1)
    # What the file does not name stays unless somebody said otherwise.
    assert DuePlan.objects.filter(purpose="legal_refund").exists()
    assert not DuePlan.objects.filter(pk=gone.pk).exists()
    actions = AuditRow.objects.filter(action__startswith="core.due_plan.")
    assert sorted(actions.values_list("action", flat=True)) == [
        f"core.due_plan.{what}" for what in ("add", "change", "import", "remove")
    ]
    assert DueRecount.objects.filter(kind="cases").count() == 1
    assert run_recounts(MONDAY) == 1
    assert (Case.objects.get(pk=case.pk).first_reply_due_at - MONDAY).seconds == 50 * 60


def test_what_only_reads_otherwise_counts_nothing_anew(cast: Cast):
    plans = [
        replace(one, source="合同") if one.purpose == "legal_refund" else one for one in all_terms()
    ]
    assert applied(cast, plans).changed == 1
    assert not DueRecount.objects.exists()


def test_the_same_file_again_changes_nothing(cast: Cast):
    done = applied(cast, all_terms())
    assert (done.added, done.changed, done.removed) == (0, 0, 0)
    assert not DueRecount.objects.exists()


def test_what_somebody_changed_meanwhile_is_not_overwritten(cast: Cast):
    plans = all_terms()
    digest = compare_plans(plans).digest
    add_plan(**cast.admin.acting, terms=PlanTerms("resolution", 1, "business_days", tier="vip"))
    before = all_terms()
    with pytest.raises(Conflict) as refused:
        applied(cast, plans[:3], digest=digest, remove={row.pk for row in DuePlan.objects.all()})
    assert refused.value.code == "due_plans_changed"
    assert all_terms() == before


def test_one_bad_plan_and_nothing_is_written(cast: Cast):
    before = all_terms()
    bad = [replace(before[0], amount=7), replace(before[1], amount=0)]
    with pytest.raises(RuleError):
        applied(cast, bad)
    assert all_terms() == before


def test_only_who_keeps_the_settings(cast: Cast):
    with pytest.raises(Forbidden):
        begin_plans_export(**cast.wang.acting)
    plans = all_terms()
    with pytest.raises(Forbidden):
        apply_plans(
            **cast.wang.acting,
            file_name="x",
            plans=plans,
            digest=compare_plans(plans).digest,
        )


def test_the_pages_export_compare_and_take_over(cast: Cast):
    client = cast.admin.client()
    answer = client.post(reverse("web:due-plans-export"))
    assert answer["Content-Disposition"].startswith("attachment")
    assert read_plans(b"".join(answer.streaming_content)).plans  # type: ignore[attr-defined]  # a file answer
    url = reverse("web:due-plans-import")
    assert client.get(url).status_code == 200
    assert client.post(url).status_code == 422
    before = all_terms()
    wrong = SimpleUploadedFile("plans.csv", table({**REPAIR, "amount": "0"}))
    answer = client.post(url, {"file": wrong})
    assert (answer.status_code, 'name="packed"' in answer.content.decode()) == (422, False)
    assert "时限：" in answer.content.decode()
    answer = client.post(url, {"file": SimpleUploadedFile("plans.csv", table(REPAIR))})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "20 工作分钟" in page
    assert all_terms() == before
    found = re.search(r'name="packed" value="([^"]+)"', page)
    assert found is not None
    apply = reverse("web:due-plans-apply")
    assert client.post(apply, {"packed": found[1] + "x"}).status_code == 422
    removed = DuePlan.objects.get(purpose="legal_return").pk
    sent = {"packed": found[1], "remove": [str(removed), "x"]}
    assert client.post(apply, sent).status_code == 302
    assert DuePlan.objects.filter(purpose="first_reply", subject="repair", amount=20).exists()
    assert not DuePlan.objects.filter(pk=removed).exists()
    # Once more: the plans compared with are no longer those.
    assert client.post(apply, sent).status_code == 409
    for name in ("web:due-plans-import", "web:due-plans-apply", "web:due-plans-export"):
        assert cast.wang.client().post(reverse(name)).status_code == 403
