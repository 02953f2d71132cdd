"""The last words of a case: what customer and house said to each other, and whose they are."""

import pytest

from tests.cast import Cast
from tests.desk.conftest import OpenCase
from zhike.core.work import Actor
from zhike.desk import services
from zhike.desk.models import Case, CaseEvent
from zhike.desk.selectors import found

pytestmark = pytest.mark.django_db
SECRET = "客户要求全额赔偿，先别答应"


def said(case: Case) -> tuple[str, str]:
    fresh = Case.objects.get(pk=case.pk)
    return fresh.last_from, fresh.last_text


def test_a_note_among_colleagues_is_never_the_last_word(cast: Cast, open_case: OpenCase):
    case = open_case(text="控制器又坏了")
    services.add_note(**cast.lin.acting, case_id=case.pk, text=SECRET)
    services.record_call(**cast.lin.acting, case_id=case.pk, text="无人接听", reached=False)
    assert said(case) == ("customer", "控制器又坏了")
    html = cast.lin.client().get("/cases/").content.decode()
    assert "客户：控制器又坏了" in html
    assert SECRET not in html
    assert SECRET not in cast.lin.client().get("/").content.decode()
    [hit] = found.find_cases(cast.lin.grants, case.number, 5).newest
    assert hit.excerpt == "陈志强 · 客户：控制器又坏了"


def test_each_word_stands_with_its_speaker(cast: Cast, open_case: OpenCase):
    case = open_case(text="控制器又坏了")
    me = {**cast.lin.acting, "case_id": case.pk}
    services.reply(**me, text="明天上门", expected_seq=None)
    assert said(case) == ("staff", "明天上门")
    assert "我方：明天上门" in cast.lin.client().get("/cases/").content.decode()
    # Asking for news is no word; the last one is still ours.
    services.urge(actor=Actor.customer(), grants=cast.admin.grants, case_id=case.pk)
    assert said(case) == ("staff", "明天上门")
    services.receive_message(
        actor=Actor.customer(),
        grants=cast.admin.grants,
        case_id=case.pk,
        text="几点？",
        channel="tracking",
    )
    assert said(case) == ("customer", "几点？")
    services.record_call(**me, text="约好十点", reached=True)
    assert said(case) == ("call", "约好十点")
    assert "通话：约好十点" in cast.lin.client().get("/cases/").content.decode()


@pytest.mark.parametrize(("tell", "last"), [(True, "已更换"), (False, "控制器又坏了")])
def test_the_closing_sentence_counts_when_the_customer_is_told(
    cast: Cast, open_case: OpenCase, tell: bool, last: str
):
    case = open_case(type_code="repair", text="控制器又坏了")
    services.close_case(
        **cast.lin.acting, case_id=case.pk, outcome="solved", text="已更换", tell_customer=tell
    )
    assert said(case)[1] == last


def test_what_is_split_off_takes_its_speaker_along(cast: Cast, open_case: OpenCase):
    case = open_case(text="车坏了，还想问保修期")
    services.add_note(**cast.lin.acting, case_id=case.pk, text=SECRET)
    lines = CaseEvent.objects.filter(case=case, kind__in=("message_in", "note"))
    part = services.Part([line.pk for line in lines], "保修期", "inquiry")
    fresh = services.split_case(**cast.wang.acting, case_id=case.pk, part=part)
    assert said(fresh) == ("customer", "车坏了，还想问保修期")
