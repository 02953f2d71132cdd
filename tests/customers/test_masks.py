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
from zhike.core.access import SEALED_FIELDS
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
}


def make_role(name: str, masked: list[str], permissions: list[str] | None = None) -> Role:
    return roles.save_role(
        actor=SETUP,
        grants=everybody(),
        role=None,
        name=name,
        permissions=permissions or Role.objects.get(code="supervisor").permissions,
        default_scope="subtree",
        masked_fields=masked,
    )


@pytest.fixture
def planted(cast: Cast) -> Customer:
    note = f"儿子的号码 {PLANTED['text']}，晚上打"
    customer = services.create_customer(
        **cast.wang.acting,
        name="许红梅",
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
        )
    ]
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
    return "\n".join(told)


def test_without_a_mask_every_planted_value_is_found(cast: Cast, planted: Customer):
    told = everything_told(cast.wang, planted)
    assert [field for field, value in PLANTED.items() if value not in told] == []


@pytest.mark.parametrize("field", PLANTED)
def test_what_a_role_masks_is_told_nowhere_and_the_rest_still_is(
    cast: Cast, planted: Customer, field: str
):
    role = make_role("遮掩", [field])
    who = make_staff("7001", "程前", cast.zhoukou, role.code)
    told = everything_told(who, planted)
    assert [kind for kind, value in PLANTED.items() if value not in told] == [field]


def test_every_kind_of_value_is_planted():
    assert {field.code for field in SEALED_FIELDS} == set(PLANTED)


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
    assert who.grants.masked == {"phone"}
    assert cast.admin.grants.masked == frozenset()


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
    assert refused.value.code == "mask_beyond_own"
    assert not Role.objects.filter(name="新角色").exists()
    saved = roles.save_role(**keeper.acting, **fields, masked_fields=["phone"])
    assert saved.masked_fields == ["phone"]
