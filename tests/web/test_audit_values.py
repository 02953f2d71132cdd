"""What changed is told in words: no column names, codes, ids or machine times."""

import json

import pytest

from tests.cast import Cast
from zhike.core import sealing
from zhike.core.models import AuditRow, PersonKey
from zhike.demo import load
from zhike.desk import services
from zhike.desk.services import NewCase
from zhike.web.audit_fields import FIELDS
from zhike.web.audit_values import Values

pytestmark = pytest.mark.django_db


def told(object_type: str, **after: object) -> list[str]:
    return [change.after for change in Values(object_type, {}, after).changes()]


def test_values_are_told_as_people_say_them(cast: Cast, settings):
    settings.LANGUAGE_CODE = "zh-hans"
    lin, unit = cast.lin.user, cast.zhoukou
    assert told("desk.case", state="open", channel="phone") == ["处理中", "电话"]
    assert told("desk.case", owner_id=lin.pk, unit_id=unit.pk) == ["林静", "周口站"]
    assert told("desk.case", due_at="2026-11-22T01:30:00Z") == ["2026-11-22 09:30"]
    assert told("complaints.remedy", amount_cents=30000) == ["¥300"]
    assert told("accounts.user", is_active=True, roles=["a", "b"]) == ["是", "a、b"]
    assert told("desk.case", owner_id=None, tags=[], title="") == ["—"] * 3
    # Gone or strange: shown as it was noted.
    assert told("desk.gone", state="open") == ["open"]
    assert told("desk.case", owner_id=999_999, state="once") == ["999999", "once"]


def test_the_page_of_a_row_speaks(cast: Cast):
    new = NewCase(type_code="complaint", channel="phone", text="断电", customer_id=cast.chen.pk)
    case = services.open_case(**cast.lin.acting, new=new).case
    services.hand_over(
        **cast.lin.acting,
        case_id=case.pk,
        to_user_id=cast.wang.user.pk,
        reason="换班",
        expected_owner_id=case.owner_id,
    )
    row = AuditRow.objects.get(action="desk.case.hand_over")
    page = cast.admin.client().get(f"/audit/{row.pk}/").content.decode()
    assert '<th scope="row">负责人</th><td>林静</td><td>王建国</td>' in page
    assert "owner_id" not in page


@pytest.mark.once
def test_every_field_the_demo_writes_has_its_word():
    load.load_demo(customers=30, cases=60)
    unknown = set()
    erased = PersonKey.objects.filter(wrapped="").values("pk")
    for row in AuditRow.objects.exclude(payload="").exclude(subject_key_id__in=erased):
        text = row.payload if row.subject_key_id is None else sealing.unseal(row.payload)
        payload = json.loads(text)
        for side in ("before", "after"):
            unknown |= set(payload.get(side) or {}) - set(FIELDS)
    assert unknown == set()
