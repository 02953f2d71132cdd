"""Opening, changing and voiding files."""

from typing import Any

import pytest

from tests.cast import CHEN_PHONE, Cast, make_customer
from zhike.core.errors import Conflict, Forbidden, NotFound, RuleError
from zhike.core.models import AuditRow
from zhike.core.sealing import unseal
from zhike.customers import services
from zhike.customers.models import ChangeRow, Customer, CustomerStageChange, Identity
from zhike.customers.selectors import customer_by_identity, visible_customers

pytestmark = pytest.mark.django_db

AWKWARD_NAMES = [
    "· 欧阳",
    "阿卜杜拉·买买提",
    "王",
    "河南省周口市豫东鲜果批发物流配送股份有限责任公司商水分公司",
    "小陈🍎",
    "O'Brien & Söhne <b>x</b>",
    "司马\u3000相如",
]


def test_a_new_file_says_who_and_keeps_the_number_sealed(cast: Cast) -> None:
    chen = Customer.objects.get(pk=cast.chen.pk)
    identity = Identity.objects.get(customer=chen)

    assert chen.phone_mask == "138****6027"
    assert chen.unit_id == cast.zhoukou.pk
    assert chen.created_by_id == cast.lin.user.pk
    assert chen.region_name == "河南省周口市商水县"
    assert unseal(identity.value_sealed) == "+8613812346027"
    assert CHEN_PHONE not in identity.value_sealed
    assert [row.field for row in ChangeRow.objects.filter(customer=chen)] == ["created"]
    assert CustomerStageChange.objects.get(customer=chen).after == "prospect"
    assert AuditRow.objects.filter(action="customers.create", object_id=chen.pk).count() == 1


@pytest.mark.parametrize("name", AWKWARD_NAMES)
def test_awkward_names_are_kept_and_found(cast: Cast, name: str) -> None:
    customer = services.create_customer(**cast.lin.acting, name=name)
    customer.refresh_from_db()
    assert customer.name
    assert customer.name_key.isascii()
    assert visible_customers(cast.lin.grants).filter(name=customer.name).exists()


def test_a_name_of_blanks_or_too_long_is_refused(cast: Cast) -> None:
    for name, code in ((" \u3000\t", "name_missing"), ("长" * 121, "too_long")):
        with pytest.raises(RuleError) as refused:
            services.create_customer(**cast.lin.acting, name=name)
        assert refused.value.code == code
    assert Customer.objects.count() == 1


@pytest.mark.parametrize(
    "spelling",
    [
        "13812346027",
        "138 1234 6027",
        "138-1234-6027",
        "+86 138 1234 6027",
        "0086 13812346027",
        "86-138-1234-6027",
        "１３８１２３４６０２７",
        "(+86)138.1234.6027",
        " 138 12346027 ",
        "+8613812346027",
    ],
)
def test_ten_spellings_of_a_phone_are_one_identity(cast: Cast, spelling: str) -> None:
    found = customer_by_identity("phone", spelling)
    assert found is not None
    assert found.pk == cast.chen.pk
    with pytest.raises(Conflict) as refused:
        services.create_customer(**cast.lin.acting, name="另一位", phone=spelling)
    assert refused.value.code == "identity_taken"
    assert refused.value.extra["masked"] == "138****6027"
    assert Customer.objects.count() == 1


@pytest.mark.parametrize(
    ("channel", "value", "code"),
    [
        ("phone", "1381234602", "phone_invalid"),
        ("phone", "陈", "phone_invalid"),
        ("email", "chen@", "email_invalid"),
        ("id_card", "412722198511250000", "id_card_invalid"),
        ("wechat", "", "wechat_invalid"),
        ("telex", "1", "channel_unknown"),
    ],
)
def test_a_value_that_cannot_be_one_is_refused(cast: Cast, channel, value, code) -> None:
    with pytest.raises(RuleError) as refused:
        services.add_identity(
            **cast.lin.acting, customer_id=cast.chen.pk, channel=channel, value=value
        )
    assert refused.value.code == code
    assert cast.chen.identities.count() == 1


def test_a_second_number_and_a_change_of_the_main_one(cast: Cast) -> None:
    services.add_identity(
        **cast.lin.acting, customer_id=cast.chen.pk, channel="phone", value="15039412281"
    )
    cast.chen.refresh_from_db()
    assert cast.chen.phone_mask == "138****6027"

    second = cast.chen.identities.get(last4="2281")
    services.set_primary_identity(
        **cast.lin.acting, customer_id=cast.chen.pk, identity_id=second.pk
    )
    cast.chen.refresh_from_db()
    assert cast.chen.phone_mask == "150****2281"
    services.void_identity(
        **cast.lin.acting, customer_id=cast.chen.pk, identity_id=second.pk, reason="停用"
    )
    cast.chen.refresh_from_db()
    assert cast.chen.phone_mask == "138****6027"
    # Free again: somebody else may have it now.
    services.create_customer(**cast.lin.acting, name="许红梅", phone="15039412281")


def test_each_changed_field_is_kept_with_author_before_and_after(cast: Cast) -> None:
    services.update_customer(
        **cast.wang.acting,
        customer_id=cast.chen.pk,
        salutation="陈先生",
        tier="key",
        birth_month=11,
        birth_day=25,
        manager_id=cast.wang.user.pk,
        reason="客户来电更正",
    )
    rows = {row.field: row for row in ChangeRow.objects.filter(customer=cast.chen, version=2)}
    assert set(rows) == {"salutation", "tier", "birthday", "manager"}
    assert (rows["tier"].before, rows["tier"].after) == ("vip", "key")
    assert (rows["manager"].before, rows["manager"].after) == ("林静", "王建国")
    assert rows["birthday"].after == "11-25"
    assert rows["tier"].author_name == "王建国"
    assert rows["tier"].reason == "客户来电更正"


@pytest.mark.parametrize(
    "fields",
    [
        {"tier": "god"},
        {"birth_month": 2, "birth_day": 30},
        {"birth_month": 5},
        {"birth_year": 1800, "birth_month": 1, "birth_day": 1},
        {"household_size": 0},
        {"region_id": 10**9},
        {"manager_id": 10**9},
        {"organisation_id": 10**9},
        {"remark": "长" * 2001},
        {"custom": {"nobody": "1"}},
        {"shoe_size": 43},
    ],
)
def test_a_bad_field_changes_nothing(cast: Cast, fields) -> None:
    with pytest.raises(RuleError):
        services.update_customer(
            **cast.lin.acting, customer_id=cast.chen.pk, occupation="批发商", **fields
        )
    cast.chen.refresh_from_db()
    assert cast.chen.occupation == ""
    assert cast.chen.version == 1


def test_two_edits_of_the_same_field_meet(cast: Cast) -> None:
    services.update_customer(
        **cast.wang.acting, customer_id=cast.chen.pk, version=1, salutation="陈先生"
    )
    with pytest.raises(Conflict) as refused:
        services.update_customer(
            **cast.lin.acting, customer_id=cast.chen.pk, version=1, salutation="陈总"
        )
    (news,) = refused.value.extra["changes"]
    assert (news["before"], news["after"], news["author"]) == ("陈老板", "陈先生", "王建国")
    # Another field is nobody's quarrel.
    services.update_customer(
        **cast.lin.acting, customer_id=cast.chen.pk, version=1, occupation="批发商"
    )
    cast.chen.refresh_from_db()
    assert (cast.chen.salutation, cast.chen.occupation) == ("陈先生", "批发商")


def test_the_stage_keeps_day_and_reason(cast: Cast) -> None:
    with pytest.raises(RuleError) as refused:
        services.change_stage(**cast.lin.acting, customer_id=cast.chen.pk, stage="at_risk")
    assert refused.value.field == "reason"
    services.change_stage(
        **cast.lin.acting, customer_id=cast.chen.pk, stage="at_risk", reason="三十天内两次断电"
    )
    cast.chen.refresh_from_db()
    assert cast.chen.stage == "at_risk"
    row = CustomerStageChange.objects.filter(customer=cast.chen).latest("id")
    assert (row.before, row.after, row.reason) == ("prospect", "at_risk", "三十天内两次断电")


def test_an_organisations_name_stands_on_its_people(cast: Cast) -> None:
    firm = services.create_customer(
        **cast.lin.acting, name="豫东鲜果批发", kind="organisation", company_type="private"
    )
    services.update_customer(
        **cast.lin.acting,
        customer_id=cast.chen.pk,
        organisation_id=firm.pk,
        organisation_role="负责人",
    )
    services.update_customer(**cast.lin.acting, customer_id=firm.pk, name="豫东果业")
    cast.chen.refresh_from_db()
    assert cast.chen.organisation_name == "豫东果业"
    assert "豫东果业" in cast.chen.folded
    with pytest.raises(RuleError):
        services.update_customer(**cast.lin.acting, customer_id=firm.pk, kind="person")


def test_completeness_grows_with_what_is_known(cast: Cast) -> None:
    before = cast.chen.completeness
    services.record_preference(**cast.lin.acting, customer_id=cast.chen.pk, value="喜欢打电话")
    services.add_address(**cast.lin.acting, customer_id=cast.chen.pk, text="果品市场 3 排 12 号")
    cast.chen.refresh_from_db()
    assert cast.chen.completeness == before + 20


def test_somebody_from_another_unit_reaches_nothing(cast: Cast) -> None:
    calls: list[tuple[Any, dict[str, Any]]] = [
        (services.update_customer, {"salutation": "喂"}),
        (services.change_stage, {"stage": "lost", "reason": "x"}),
        (services.add_identity, {"channel": "phone", "value": "15039412281"}),
        (services.add_address, {"text": "某处"}),
        (services.record_preference, {"value": "x"}),
        (services.record_need, {"kind": "need", "text": "x"}),
        (services.set_tags, {"names": ["x"]}),
        (services.void_customer, {"reason": "x"}),
        (services.reveal_identity, {"identity_id": cast.chen.identities.get().pk}),
    ]
    audits = AuditRow.objects.count()
    for service, fields in calls:
        with pytest.raises(NotFound):
            service(**cast.zhou.acting, customer_id=cast.chen.pk, **fields)
    after = Customer.objects.get(pk=cast.chen.pk)
    assert (after.version, after.salutation) == (1, "陈老板")
    assert AuditRow.objects.count() == audits


def test_somebody_who_may_only_look_changes_nothing(cast: Cast) -> None:
    from tests.cast import make_staff

    inspector = make_staff("3001", "孙丽", cast.company, "inspector")
    for call in (
        lambda: services.create_customer(**inspector.acting, name="新人"),
        lambda: services.update_customer(
            **inspector.acting, customer_id=cast.chen.pk, salutation="x"
        ),
        lambda: services.reveal_identity(
            **inspector.acting, customer_id=cast.chen.pk, identity_id=cast.chen.identities.get().pk
        ),
        lambda: services.merge_customers(
            **inspector.acting, keep_id=cast.chen.pk, drop_id=cast.chen.pk
        ),
    ):
        with pytest.raises(Forbidden):
            call()
    assert Customer.objects.count() == 1


def test_a_look_at_the_number_is_written_down(cast: Cast) -> None:
    identity = cast.chen.identities.get()
    shown = services.reveal_identity(
        **cast.lin.acting, customer_id=cast.chen.pk, identity_id=identity.pk
    )
    assert shown == CHEN_PHONE
    row = AuditRow.objects.get(action="customers.reveal")
    assert (row.actor_name, row.object_id) == ("林静", cast.chen.pk)


def test_find_or_make_tells_another_unit_name_and_masked_number_only(cast: Cast) -> None:
    found = services.find_or_make(
        **cast.zhou.acting, channel="phone", value="138 1234 6027", name="某人"
    )
    assert (found.customer_id, found.name, found.masked) == (cast.chen.pk, "陈志强", "138****6027")
    assert (found.is_new, found.is_in_reach) == (False, False)
    fresh = services.find_or_make(**cast.zhou.acting, channel="phone", value="15039412281")
    assert fresh.is_new
    assert Customer.objects.get(pk=fresh.customer_id).name == "150****2281"


def test_a_voided_file_frees_its_numbers(cast: Cast) -> None:
    services.void_customer(**cast.lin.acting, customer_id=cast.chen.pk, reason="重复导入")
    assert not visible_customers(cast.lin.grants).exists()
    again = make_customer(cast.zhoukou, "陈志强", phone=CHEN_PHONE)
    assert again.pk != cast.chen.pk


def test_a_file_may_not_bring_itself_but_equal_ids_of_other_things_are_no_matter(
    cast: Cast,
) -> None:
    with pytest.raises(RuleError) as refused:
        services.update_customer(
            **cast.lin.acting, customer_id=cast.chen.pk, referrer_id=cast.chen.pk
        )
    assert refused.value.code == "points_to_itself"
    for number in range(4):
        make_customer(cast.zhoukou, f"客户{number}")
    # Somewhere among these a customer and a member of staff have the same id.
    for customer in Customer.objects.filter(unit=cast.zhoukou):
        services.update_customer(
            **cast.wang.acting, customer_id=customer.pk, manager_id=cast.wang.user.pk
        )
    assert not Customer.objects.exclude(manager=cast.wang.user).exists()
