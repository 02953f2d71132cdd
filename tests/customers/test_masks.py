"""What a role keeps masked is shown in full nowhere: planted in every field, looked for in every answer."""

import io
import zipfile
from typing import Any

import pytest
from django.urls import reverse

from tests.api.test_api import Caller
from tests.cast import Cast, Staff, everybody, make_staff
from tests.guards import given
from zhike.accounts.models import Role
from zhike.accounts.services import roles
from zhike.core.access import Level
from zhike.core.errors import Forbidden, RuleError
from zhike.core.models import AuditRow
from zhike.core.work import Actor
from zhike.customers import services
from zhike.customers.models import Customer
from zhike.customers.services.identities import NewIdentity
from zhike.desk import services as desk
from zhike.listening.services.feedback import record_feedback

pytestmark = pytest.mark.django_db
SETUP = Actor.system("tests")
# By kind of value: what was planted of it.
PLANTED = {
    "phone": "13912340987",
    "account": "geheim@example.com",
    "id_number": "11010519491231002X",
    "address": "老城街七号院三单元",
    "text": "13855567788",
    "birthday": "1985-03-12",
    "sex": "女",  # zh-data
    "occupation": "火星饲养员",
    "income": "50 万以上",
    "household": "三代同堂种兰花",
    "custom": "自费留学生",
}
# What is told of it where only a part is.
PARTS = {
    "phone": "139****0987",
    "account": "g***@example.com",
    "id_number": "110***********002X",
    "birthday": "03-••",
    "occupation": "火••",
    "custom": "自••",
}
CLEAR = ("birthday", "sex", "occupation", "income", "household", "custom")
SEALED = ("phone", "account", "id_number", "address")
NAMES = {
    "birthday": "birthday",
    "sex": "sex",
    "occupation": "occupation",
    "income": "income_band",
    "household": "household",
    "custom": "custom.study",
}


def make_role(
    name: str, levels: dict[str, str] | list[str], permissions: list[str] | None = None
) -> Role:
    """A supervisor's role, of which these fields are always masked, or at these levels."""
    return roles.save_role(
        actor=SETUP,
        grants=everybody(),
        role=None,
        name=name,
        permissions=permissions or Role.objects.get(code="supervisor").permissions,
        default_scope="subtree",
        levels=levels if isinstance(levels, dict) else dict.fromkeys(levels, "masked"),
    )


@pytest.fixture
def planted(cast: Cast) -> Customer:
    note = f"儿子的号码 {PLANTED['text']}，晚上打"
    services.define_custom_field(
        actor=SETUP,
        grants=everybody(),
        code="study",
        label="求学",
        kind="text",
        is_personal=True,
        required=True,
    )
    customer = services.create_customer(
        **cast.wang.acting,
        name="许红梅",
        birth_year=1985,
        birth_month=3,
        birth_day=12,
        sex="female",
        occupation=PLANTED["occupation"],
        income_band="over_500k",
        household_note=PLANTED["household"],
        custom={"study": PLANTED["custom"]},
        phone=PLANTED["phone"],
        remark=note,
        identities=[
            NewIdentity("email", PLANTED["account"]),
            NewIdentity("id_card", PLANTED["id_number"]),
        ],
        address=services.NewAddress(PLANTED["address"]),
        manager_id=cast.wang.user.pk,
    )
    services.record_preference(**cast.wang.acting, customer_id=customer.pk, value=note)
    record_feedback(**cast.wang.acting, text=note, unit_id=cast.zhoukou.pk, customer_id=customer.pk)
    new = desk.NewCase(type_code="repair", channel="phone", text=note, customer_id=customer.pk)
    desk.open_case(**cast.wang.acting, new=new)
    return customer


def read(response: Any) -> str:
    body = b"".join(response.streaming_content) if response.streaming else response.content
    if body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as book:
            body = b"\n".join(book.read(name) for name in book.namelist())
    return body.decode(errors="replace")


def everything_told(who: Staff, customer: Customer) -> str:
    """All pages, files and routes that may say something of this customer, looks in full included."""
    client, caller = who.client(), Caller(who)
    told = [
        read(client.get(address))
        for address in (
            reverse("customers:list"),
            *(
                reverse("customers:file", args=[customer.pk]) + f"?tab={tab}"
                for tab in ("", "details", "timeline", "changes")
            ),
            reverse("customers:card", args=[customer.pk]),
            reverse("listening:list"),
            # The record of a case is read as it was spoken, here and on its page.
            reverse("web:search") + "?q=号码&kind=customer",
            reverse("web:search") + "?q=号码&kind=feedback",
            reverse("customers:merge", args=[customer.pk]),
            reverse("desk:case-create") + f"?customer={customer.pk}",
        )
    ]
    # A note is read as it stands by whoever edits the file.
    form = read(client.get(reverse("customers:edit", args=[customer.pk])))
    told.append(form.replace(customer.remark, ""))
    export = {"format": "xlsx", "reason": "核对", "purpose": "analysis", "reveal": "1"}
    told += [
        read(client.post(reverse(name), export))
        for name in ("customers:export", "listening:export")
    ]
    for way in customer.identities.all():
        page = client.post(reverse("customers:identity-reveal", args=[customer.pk, way.pk]))
        _status, answer = caller.post(f"/customers/{customer.pk}/identities/{way.pk}/reveal")
        told += [read(page), str(answer)]
    place = customer.addresses.get()
    page = client.post(reverse("customers:address-reveal", args=[customer.pk, place.pk]))
    routes = (f"/customers/{customer.pk}", "/customers", "/feedback")
    told += [read(page), *(str(caller.get(path)[1]) for path in routes)]
    for field in NAMES.values():
        page = client.post(reverse("customers:field-reveal", args=[customer.pk, field]))
        _status, answer = caller.post(f"/customers/{customer.pk}/fields/{field}/reveal")
        told += [read(page), str(answer)]
    return "\n".join(told)


def test_without_a_mask_every_planted_value_is_found(cast: Cast, planted: Customer):
    told = everything_told(cast.wang, planted)
    assert [field for field, value in PLANTED.items() if value not in told] == []


@pytest.mark.parametrize("field", PLANTED)
def test_what_a_role_masks_is_told_nowhere_and_the_rest_still_is(
    cast: Cast, planted: Customer, field: str
):
    who = make_staff("7001", "程前", cast.zhoukou, make_role("遮掩", [field]).code)
    told = everything_told(who, planted)
    assert [kind for kind, value in PLANTED.items() if value not in told] == [field]
    assert PARTS.get(field, "") in told


@pytest.mark.parametrize("field", [*SEALED, *CLEAR])
def test_what_is_hidden_from_a_role_is_not_even_told_in_part(
    cast: Cast, planted: Customer, field: str
):
    who = make_staff("7001", "程前", cast.zhoukou, make_role("隐藏", {field: "hidden"}).code)
    told = everything_told(who, planted)
    assert [kind for kind, value in PLANTED.items() if value not in told] == [field]
    assert field not in PARTS or PARTS[field] not in told


@pytest.mark.parametrize("field", CLEAR)
def test_a_part_is_shown_and_each_look_at_the_whole_is_noted(
    cast: Cast, planted: Customer, field: str
):
    who = make_staff("7001", "程前", cast.zhoukou, make_role("先遮", {field: "look"}).code)
    page = read(who.client().get(reverse("customers:file", args=[planted.pk])))
    address = reverse("customers:field-reveal", args=[planted.pk, NAMES[field]])
    assert address in page
    assert field == "sex" or PLANTED[field] not in page
    looks = AuditRow.objects.filter(action="customers.reveal")
    before = looks.count()
    shown = read(who.client().post(address, headers={"HX-Request": "true"}))
    assert PLANTED[field] in shown
    assert looks.count() == before + 1
    silent = list(Role.objects.get(code="supervisor").permissions)
    silent.remove("customers.reveal")
    blind = make_staff(
        "7002", "程后", cast.zhoukou, make_role("不揭", {field: "look"}, silent).code
    )
    assert address not in read(blind.client().get(reverse("customers:file", args=[planted.pk])))
    assert blind.client().post(address).status_code == 403


def test_an_export_that_asked_for_whole_values_holds_what_may_be_looked_at(
    cast: Cast, planted: Customer
):
    who = make_staff("7001", "程前", cast.zhoukou, make_role("先遮", {"birthday": "look"}).code)
    asked = {"format": "csv", "reason": "核对", "purpose": "analysis"}
    plain = read(who.client().post(reverse("customers:export"), asked))
    whole = read(who.client().post(reverse("customers:export"), asked | {"reveal": "1"}))
    assert PARTS["birthday"] in plain
    assert PLANTED["birthday"] not in plain
    assert PLANTED["birthday"] in whole
    hidden = make_staff("7002", "程后", cast.zhoukou, make_role("隐", {"birthday": "hidden"}).code)
    none = read(hidden.client().post(reverse("customers:export"), asked | {"reveal": "1"}))
    assert "生日" in plain
    assert "生日" not in none


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("phone", ["13912340987", "0987"]),
        ("id_number", ["11010519491231002X", "002X"]),
        ("account", ["geheim@example.com"]),
        ("occupation", ["火星饲养员"]),
        ("custom", ["自费留学生"]),
    ],
)
def test_a_search_by_what_is_hidden_confirms_nothing(
    cast: Cast, planted: Customer, field: str, words: list[str]
):
    who = make_staff("7001", "程前", cast.zhoukou, make_role("隐藏", {field: "hidden"}).code)
    for word in words:
        for told in (cast.wang, who):
            client, caller = told.client(), Caller(told)
            found = [
                read(client.get(reverse("customers:list") + f"?q={word}")),
                read(client.get(reverse("web:search") + f"?q={word}&kind=customer")),
                read(client.get(reverse("customers:merge", args=[cast.chen.pk]) + f"?q={word}")),
                str(caller.get(f"/customers?q={word}")[1]),
            ]
            is_told = ["许红梅" in text for text in found]
            # A whole e-mail address is looked for by the list and the API.
            looked_for = [True, "@" not in word, "@" not in word, True]
            assert is_told == [told is cast.wang and one for one in looked_for], word
    # What is open is found as before, in either way of writing.
    for word in ("许红梅", "許紅梅", "13855567788"):
        assert "许红梅" in read(who.client().get(reverse("customers:list") + f"?q={word}"))


def test_a_number_hidden_from_a_role_is_matched_with_nobody(cast: Cast, planted: Customer):
    who = make_staff("7001", "程前", cast.zhoukou, make_role("隐藏", {"phone": "hidden"}).code)
    client, caller = who.client(), Caller(who)
    assert "许红梅" not in read(client.get(reverse("desk:who") + f"?phone={PLANTED['phone']}"))
    assert caller.post("/customers/lookup", {"value": PLANTED["phone"]})[0] == 422
    twins = client.post(
        reverse("customers:duplicates"), {"name": "许红眉", "phone": PLANTED["phone"]}
    )
    assert "139" not in read(twins)
    for number in (PLANTED["phone"], "13912340000"):
        with pytest.raises(RuleError) as refused:
            services.add_identity(
                **who.acting, customer_id=cast.chen.pk, channel="phone", value=number
            )
        assert refused.value.code == "field_closed"
        with pytest.raises(RuleError) as refused:
            services.create_customer(**who.acting, name="新人", phone=number)
        assert refused.value.code == "field_closed"
    way = planted.identities.get(channel="phone")
    gone = client.post(reverse("customers:identity-void", args=[planted.pk, way.pk]))
    assert gone.status_code == 404
    assert planted.identities.filter(pk=way.pk, voided_at=None).exists()


@pytest.mark.parametrize("level", ["hidden", "masked", "look"])
def test_saving_a_file_leaves_what_the_editor_is_not_shown(
    cast: Cast, planted: Customer, level: str
):
    role = make_role("隐藏", dict.fromkeys(CLEAR, level))
    who = make_staff("7001", "程前", cast.zhoukou, role.code)
    with given():
        # Demanded of others, not of who cannot see it.
        planted.custom = {}
        planted.save()
    fields = ("birth_year", "birth_day", "sex", "occupation", "income_band", "household_note")
    before = {name: getattr(planted, name) for name in fields}
    form: dict[str, Any] = {
        "name": "许红梅",
        "salutation": "许姐",
        "tier": "vip",
        "unit": cast.zhoukou.pk,
        "version": 1,
    }
    saved = who.client().post(reverse("customers:edit", args=[planted.pk]), form)
    assert saved.status_code == 302
    planted.refresh_from_db()
    assert planted.salutation == "许姐"
    assert {name: getattr(planted, name) for name in fields} == before
    for given_value in (PLANTED["occupation"], "木匠"):
        with pytest.raises(RuleError) as refused:
            services.update_customer(**who.acting, customer_id=planted.pk, occupation=given_value)
        assert refused.value.code == "field_closed"
    with pytest.raises(RuleError):
        services.update_customer(**who.acting, customer_id=planted.pk, custom={"study": "x"})
    status, _told = Caller(who).send(
        "PATCH", f"/customers/{planted.pk}", {"version": planted.version, "occupation": ""}
    )
    assert status == 422
    planted.refresh_from_db()
    assert planted.occupation == PLANTED["occupation"]


def test_nobody_decides_in_a_merge_between_values_hidden_from_them(cast: Cast, planted: Customer):
    role = make_role("隐藏", {"occupation": "hidden"})
    who = make_staff("7001", "程前", cast.zhoukou, role.code)
    other = services.create_customer(
        **cast.wang.acting, name="许红眉", occupation="木匠", manager_id=cast.wang.user.pk
    )
    page = read(
        who.client().get(reverse("customers:merge", args=[planted.pk]) + f"?with={other.pk}")
    )
    assert "木匠" not in page
    assert PLANTED["occupation"] not in page
    merging: dict[str, Any] = {"keep_id": planted.pk, "drop_id": other.pk}
    with pytest.raises(RuleError) as refused:
        services.merge_customers(**who.acting, **merging, choices={"occupation": "drop"})
    assert refused.value.code == "field_closed"
    services.merge_customers(**who.acting, **merging)
    planted.refresh_from_db()
    assert planted.occupation == PLANTED["occupation"]


def test_the_history_and_a_conflict_name_no_hidden_value(cast: Cast, planted: Customer):
    services.update_customer(
        **cast.wang.acting, customer_id=planted.pk, occupation="木匠", birth_day=13
    )
    role = make_role("隐藏", {"occupation": "hidden", "birthday": "masked"})
    who = make_staff("7001", "程前", cast.zhoukou, role.code)
    address = reverse("customers:file", args=[planted.pk]) + "?tab=changes"
    page, whole = read(who.client().get(address)), read(cast.wang.client().get(address))
    assert "木匠" in whole
    assert "1985-03-13" in whole
    assert "木匠" not in page
    assert "职业" not in page
    assert "1985-03-13" not in page
    assert PARTS["birthday"] in page


def test_the_log_stays_closed_to_who_is_not_shown_everything(cast: Cast, planted: Customer):
    row = AuditRow.objects.filter(action="customers.update").order_by("-pk").first()
    if row is None:
        services.update_customer(**cast.wang.acting, customer_id=planted.pk, occupation="木匠")
        row = AuditRow.objects.filter(action="customers.update").latest("pk")
    may = [*Role.objects.get(code="supervisor").permissions, "audit.view"]
    for level, is_told in (("open", True), ("look", False), ("masked", False), ("hidden", False)):
        role = make_role(f"看志{level}", {"occupation": level}, may)
        who = make_staff(f"71{level}", level, cast.zhoukou, role.code)
        page = read(who.client().get(reverse("web:audit-row", args=[row.pk])))
        assert ("木匠" in page) == is_told, level


def test_a_refused_look_leaves_no_trace_of_having_been_one(cast: Cast, planted: Customer):
    role = make_role("遮掩", ["phone"])
    who = make_staff("7001", "程前", cast.zhoukou, role.code)
    looks = AuditRow.objects.filter(action="customers.reveal").count()
    way = planted.identities.get(channel="phone")
    with pytest.raises(Forbidden):
        services.reveal_identity(**who.acting, customer_id=planted.pk, identity_id=way.pk)
    assert AuditRow.objects.filter(action="customers.reveal").count() == looks


def test_roles_add_up_and_a_role_that_reveals_nothing_masks_nothing(cast: Cast) -> None:
    first, second = make_role("甲", ["phone", "address"]), make_role("乙", ["phone"])
    silent = make_role("丙", ["text"], ["cases.view"])
    who = make_staff("7001", "程前", cast.zhoukou, first.code)
    with given():
        for role in (second, silent):
            who.user.assignments.create(role=role, scope="unit")
    assert dict(who.grants.levels) == {"phone": "masked"}
    assert cast.admin.grants.levels == ()


def test_of_several_roles_the_most_open_level_counts(cast: Cast) -> None:
    hiding = make_role("甲", {"phone": "hidden", "birthday": "hidden", "sex": "masked"})
    views = make_role("乙", {"birthday": "look", "address": "hidden"}, ["customers.view"])
    silent = make_role("丙", {}, ["cases.view"])
    who = make_staff("7001", "程前", cast.zhoukou, hiding.code)
    with given():
        for role in (views, silent):
            who.user.assignments.create(role=role, scope="unit")
    # The second role looks at nothing in full, so a look is masked there; the third shows no customers at all.
    assert dict(who.grants.levels) == {"phone": Level.MASKED, "birthday": Level.MASKED}


def test_nobody_unmasks_for_others_what_stays_masked_for_them(cast: Cast):
    keeper_role = make_role("管人", ["phone"], ["accounts.manage", "customers.reveal"])
    keeper = make_staff("7002", "钱管", cast.company, keeper_role.code)
    fields: dict[str, Any] = {
        "role": None,
        "name": "新角色",
        "permissions": ["customers.reveal"],
        "default_scope": "own",
    }
    with pytest.raises(RuleError) as refused:
        roles.save_role(**keeper.acting, **fields)
    assert refused.value.code == "level_beyond_own"
    assert not Role.objects.filter(name="新角色").exists()
    for level in ("masked", "hidden"):
        saved = roles.save_role(
            **keeper.acting, **{**fields, "name": level}, levels={"phone": level}
        )
        assert saved.levels == {"phone": level}


@pytest.mark.parametrize("levels", [{"phone": "open"}, {"nose": "hidden"}, {"name": "hidden"}])
def test_a_level_a_field_does_not_have_is_refused(cast: Cast, levels: dict[str, str]):
    with pytest.raises(RuleError) as refused:
        make_role("新角色", levels)
    assert refused.value.code == "level_unknown"
