"""How many statements each act and each answer costs (figures in tests/query_budgets.json)."""

from tests.budgets import Budget
from tests.cast import Cast
from tests.desk.conftest import OpenCase
from zhike.core.work import Actor
from zhike.desk import selectors, services
from zhike.desk.selectors import found


def test_services_stay_within_their_budgets(cast: Cast, open_case: OpenCase, query_budget: Budget):
    warm = open_case(type_code="repair", keep=False)
    me = cast.lin.acting
    everything = cast.admin.grants
    wang = cast.wang.user.pk
    with query_budget("desk.open_case"):
        services.open_case(
            **me,
            new=services.NewCase("repair", "phone", "后桥异响", customer_id=cast.chen.pk),
        )
    with query_budget("desk.claim"):
        services.claim(**me, case_id=warm.pk)
    with query_budget("desk.reply"):
        services.reply(**me, case_id=warm.pk, text="明天上门", expected_seq=3)
    with query_budget("desk.note"):
        services.add_note(**me, case_id=warm.pk, text="@王建国", mentions=[wang])
    with query_budget("desk.wait_for_customer"):
        services.wait_for_customer(**me, case_id=warm.pk, reason="等照片")
    with query_budget("desk.receive_message"):
        services.receive_message(
            actor=Actor.customer(),
            grants=everything,
            case_id=warm.pk,
            text="发了",
            channel="tracking",
        )
    with query_budget("desk.hand_over"):
        services.hand_over(
            **me, case_id=warm.pk, to_user_id=wang, reason="r", expected_owner_id=cast.lin.user.pk
        )
    with query_budget("desk.close_case"):
        services.close_case(**cast.wang.acting, case_id=warm.pk, outcome="solved", text="好")


def test_answers_stay_within_their_budgets(cast: Cast, open_case: OpenCase, query_budget: Budget):
    for n in range(30):
        open_case(text=f"第 {n} 次退款")
    case = open_case()
    grants = cast.lin.grants
    with query_budget("desk.selectors.case_page"):
        page = selectors.case_page(grants, case.number)
        assert page.case.customer.name
        assert page.case.type.label
        assert page.case.unit.name
    with query_budget("desk.selectors.queue"):
        rows = list(selectors.queue(grants)[:50])
        assert all(row.customer_name and row.owner_name and row.type_id for row in rows)
    with query_budget("desk.selectors.my_day"):
        selectors.my_day(grants)
    with query_budget("desk.selectors.counts_by_stage"):
        selectors.counts_by_stage(grants)
    with query_budget("desk.selectors.search_messages"):
        assert len(found.find_messages(grants, "退款", 20).newest) == 20
    with query_budget("desk.selectors.search_cases"):
        assert len(found.find_cases(grants, "退款", 20).newest) == 20
    with query_budget("desk.selectors.public_case"):
        selectors.public_case(case)
