"""Customer files by import: new, updated, refused, and taken back."""

import pytest

from tests.cast import make_cast
from tests.importer.scene import IMPORTER, counts, imported, tried, uploaded, whole, worked
from tests.importer.test_values import TEN_SPELLINGS
from zhike.core.importer import services
from zhike.core.importer.issues import shown_issue
from zhike.core.models import AuditRow, ImportedRow, ImportIssue, ImportState
from zhike.customers import services as files
from zhike.customers.models import Customer, Identity

pytestmark = pytest.mark.django_db
LIST = (
    "姓名,手机,生日,客户级别,标签,地址,地区,备注\n"
    "许红梅,139 0394 2217,1985.3.12,重点,老客户、转介绍,文昌大道 8 号,河南省,\n"
    "陈志强,+86 138-1234-6027,,,,,,常跑商水线\n"
    "韩磊,021-58886666,3月8日,,,,,\n"
)


@pytest.fixture
def cast():
    return make_cast()


def test_new_ones_are_opened_and_known_ones_updated(cast) -> None:
    run = whole("customers", LIST, cast.zhoukou.pk)
    assert counts(run) == (2, 1, 0, 0, 0), [
        shown_issue(i, run, True) for i in ImportIssue.objects.all()
    ]
    xu = Customer.objects.get(name="许红梅")
    assert (xu.tier, xu.birth_year, xu.birth_month, xu.birth_day) == ("key", 1985, 3, 12)
    assert (xu.unit_id, xu.import_run_id, xu.region_name) == (cast.zhoukou.pk, run.pk, "河南省")
    assert set(xu.tags_text.split()) == {"老客户", "转介绍"}
    assert xu.phone_mask == "139****2217"
    han = Customer.objects.get(name="韩磊")
    assert (han.birth_year, han.birth_month, han.birth_day) == (None, 3, 8)
    cast.chen.refresh_from_db()
    assert cast.chen.remark == "常跑商水线"
    assert cast.chen.tier == "vip"
    again = whole("customers", LIST + "\n", cast.zhoukou.pk)
    assert counts(again) == (0, 0, 3, 0, 0)
    assert Customer.objects.count() == 3


def test_undo_voids_the_new_restores_the_changed_and_tells_what_moved_on(cast) -> None:
    run = whole("customers", LIST, cast.zhoukou.pk)
    han = Customer.objects.get(name="韩磊")
    files.update_customer(**cast.lin.acting, customer_id=han.pk, remark="来过电话")
    services.undo(actor=IMPORTER, run=run)
    run = worked(run)
    assert run.state == ImportState.UNDONE
    assert [(line, pk) for line, pk, _why in run.kept] == [(4, han.pk)]
    assert Customer.objects.get(name="许红梅").voided_at is not None
    han.refresh_from_db()
    assert han.voided_at is None
    cast.chen.refresh_from_db()
    assert cast.chen.remark == ""
    assert not Identity.objects.filter(last4="2217", voided_at__isnull=True).exists()


def test_a_field_changed_since_the_import_stays(cast) -> None:
    run = whole("customers", "姓名,手机,备注,职业\n陈志强,13812346027,甲,司机\n", cast.zhoukou.pk)
    files.update_customer(**cast.lin.acting, customer_id=cast.chen.pk, remark="乙")
    services.undo(actor=IMPORTER, run=run)
    run = worked(run)
    cast.chen.refresh_from_db()
    assert (cast.chen.remark, cast.chen.occupation) == ("乙", "")
    assert len(run.kept) == 1


def test_ten_spellings_of_one_phone_in_one_file_are_one_customer(cast) -> None:
    text = "姓名,手机\n" + "".join(f"许红梅,{spelling}\n" for spelling in TEN_SPELLINGS)
    run = tried(uploaded("customers", text, cast.zhoukou.pk))
    assert counts(run) == (1, 0, 0, 9, 0)
    told = [shown_issue(issue, run, False) for issue in ImportIssue.objects.order_by("line")]
    assert {issue.line for issue in told} == set(range(3, 12))
    assert all("2" in issue.suggestion and "00002222" not in issue.value for issue in told)
    run = imported(run)
    assert (run.created_count, run.error_count) == (1, 9)
    for spelling in TEN_SPELLINGS:
        later = whole("customers", f"姓名,手机\n许红梅,{spelling}\n", cast.zhoukou.pk)
        assert counts(later) == (0, 0, 1, 0, 0)


def test_two_files_behind_one_row_are_not_mixed(cast) -> None:
    whole("customers", "姓名,身份证\n赵海燕,11010519491231002X\n", cast.zhoukou.pk)
    run = tried(
        uploaded(
            "customers", "姓名,手机,身份证\n谁,13812346027,11010519491231002X\n", cast.zhoukou.pk
        )
    )
    assert counts(run) == (0, 0, 0, 1, 0)


def test_another_units_customer_is_refused_without_being_named(cast) -> None:
    wang = cast.zhou
    from tests.guards import given
    from zhike.accounts.models import Role, RoleAssignment

    with given():
        RoleAssignment.objects.create(
            user=wang.user, role=Role.objects.get(code="supervisor"), scope="subtree"
        )
    run = uploaded(
        "customers",
        "姓名,手机\n陈志强,13812346027\n",
        cast.shangqiu.pk,
        actor=wang.actor,
        grants=wang.grants,
    )
    run = tried(run)
    assert counts(run) == (0, 0, 0, 1, 0)
    cast.chen.refresh_from_db()
    assert cast.chen.unit_id == cast.zhoukou.pk


def test_unknown_names_are_refused_with_what_would_be_right(cast) -> None:
    run = tried(
        uploaded(
            "customers",
            "姓名,地区,负责人,单位,客户级别\n甲,月球,无此人,没有的公司,钻石\n乙,周口市,林静,,普通\n",
            cast.zhoukou.pk,
        )
    )
    assert counts(run) == (1, 0, 0, 1, 0)
    assert ImportIssue.objects.filter(line=2).count() == 4


def test_personal_values_are_sealed_wherever_an_import_keeps_them(cast) -> None:
    whole("customers", LIST + "无名,1390394221\n".replace("\n", ",,,,,,\n"), cast.zhoukou.pk)
    for row in [*ImportedRow.objects.all(), *ImportIssue.objects.all(), *AuditRow.objects.all()]:
        kept = str(row.__dict__)
        for secret in ("13903942217", "139 0394 2217", "1390394221", "文昌大道", "常跑商水线"):
            assert secret not in kept


def test_an_external_id_is_the_stronger_identity(cast) -> None:
    whole("customers", "客户编号,姓名,手机\nKH-1,许红梅,13900001111\n", cast.zhoukou.pk)
    run = whole("customers", "客户编号,姓名,手机\nKH-1,许红梅,13900003333\n", cast.zhoukou.pk)
    assert counts(run) == (0, 1, 0, 0, 0)
    xu = Customer.objects.get(external_id="KH-1")
    live = xu.identities.filter(voided_at__isnull=True)
    assert {row.last4 for row in live} == {"1111", "3333"}


def test_a_hotline_is_no_customers_phone(cast) -> None:
    text = "姓名,手机,座机\n热线,12345,\n银行,,95588\n韩磊,021-58886666,\n"
    run = tried(uploaded("customers", text, cast.zhoukou.pk))
    assert counts(run) == (1, 0, 0, 2, 0)
    issues = ImportIssue.objects.order_by("line")
    shown = [shown_issue(issue, run, False) for issue in issues]
    assert {issue.reason for issue in shown} == {"这是热线或短号，不是客户自己的电话。"}
    assert all("021-12345678" in issue.suggestion for issue in shown)
    assert [issue.line for issue in shown] == [2, 3]
