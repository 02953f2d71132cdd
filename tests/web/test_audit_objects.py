"""The audit log calls things by the name people know, for those who may see them."""

import pytest
from django.test import Client
from django.urls import reverse

from tests.cast import Cast, make_staff
from tests.guards import given
from zhike.accounts.models import Role
from zhike.core.models import AuditRow
from zhike.desk import services
from zhike.desk.models import Case
from zhike.desk.services import NewCase
from zhike.web.audit_objects import KINDS, ObjectNames

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(cast: Cast) -> Case:
    new = NewCase(type_code="complaint", channel="phone", text="断电", customer_id=cast.chen.pk)
    return services.open_case(**cast.lin.acting, new=new).case


def shown(client: Client) -> str:
    return client.get("/audit/").content.decode().split("<tbody>")[1]


def test_a_case_is_called_by_its_number_and_leads_to_it(cast: Cast, case: Case):
    page = shown(cast.admin.client())
    assert f'工单 <a href="/cases/{case.number}/">{case.number}</a>' in page
    row = AuditRow.objects.get(object_type="desk.case", action="desk.case.open")
    detail = cast.admin.client().get(f"/audit/{row.pk}/").content.decode()
    assert f'<a href="/cases/{case.number}/">{case.number}</a>' in detail


def test_who_may_not_see_the_case_sees_no_name(cast: Cast, case: Case):
    with given():
        Role.objects.create(code="auditor", name="审计员", permissions=["audit.view"])
    auditor = make_staff("9003", "钱审", cast.company, "auditor", "all")
    page = shown(auditor.client())
    assert case.number not in page
    assert f"工单 {case.pk}" in page


def test_every_kind_is_read_in_one_statement(cast: Cast, case: Case, django_assert_num_queries):
    rows = [AuditRow(object_type=kind, object_id=1) for kind in KINDS] * 3
    names = ObjectNames(cast.admin.grants)
    with django_assert_num_queries(len(KINDS)):
        for row in rows:
            names.of(row, rows)


@pytest.mark.parametrize("kind", [kind for kind in KINDS.values() if kind.url])
def test_every_kind_leads_to_a_page_that_is_there(kind):
    assert reverse(kind.url, args=[1 if kind.page == "pk" else "TS202611220001"])
