"""Ends that come late: a customer named after closing, a complaint nobody can be asked about any more."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from tests.api.test_api import Caller
from tests.care.conftest import close, open_other, through_steps, visit_of
from tests.care.test_pages import text_of
from tests.cast import CHEN_PHONE, Cast, Staff, make_customer
from tests.complaints.conftest import open_complaint
from tests.guards import given
from zhike.care import services
from zhike.care.figures import figures
from zhike.care.models import FollowUp, FollowUpRule
from zhike.care.services import Outcome
from zhike.complaints import services as complaints
from zhike.complaints.choices import Unconfirmed
from zhike.complaints.models import Complaint, StepRecord
from zhike.complaints.papers import paper_html
from zhike.complaints.selectors.paper import paper_of
from zhike.core import clock
from zhike.core.access import Forbidden
from zhike.core.errors import Conflict, NotFound, RuleError
from zhike.core.models import AuditRow
from zhike.desk import services as desk
from zhike.desk.models import Case, CaseEvent
from zhike.web.day import day_of

pytestmark = pytest.mark.django_db
# A Tuesday afternoon; the Friday after, late.
NOW = datetime(2026, 11, 24, 6, 26, tzinfo=UTC)
FRIDAY_NIGHT = datetime(2026, 11, 27, 13, 0, tzinfo=UTC)
REASON = "三天四次未接，处理已完成"


def name(by: Staff, case: Case, customer_id: int) -> None:
    desk.name_customer(**by.acting, case_id=case.pk, customer_id=customer_id)


def complaint_row(case: Case) -> Complaint:
    return Complaint.objects.select_related("case").get(pk=case.pk)


def make_unreachable(by: Staff, visit: FollowUp, frozen_clock: Any) -> FollowUp:
    for _number in range(3):
        services.record_attempt(**by.acting, follow_up_id=visit.pk, note="无人接听")
    frozen_clock(clock.now() + timedelta(days=1))
    services.record_attempt(**by.acting, follow_up_id=visit.pk, note="无人接听")
    return services.record_result(
        **by.acting, follow_up_id=visit.pk, outcome=Outcome(result="unreachable")
    )


@pytest.fixture
def silent(cast: Cast, frozen_clock: Any) -> Case:
    """A closed complaint whose customer never answered."""
    frozen_clock(NOW)
    complaint = through_steps(cast.lin, open_complaint(cast.lin, cast.chen.pk))
    make_unreachable(cast.lin, visit_of(complaint), frozen_clock)
    return complaint


# A customer named after closing


@pytest.mark.parametrize("kind", ["repair", "complaint"])
def test_who_is_named_late_is_visited_within_a_working_day_from_then(
    cast: Cast, frozen_clock: Any, kind: str
) -> None:
    frozen_clock(NOW)
    if kind == "repair":
        case = close(cast.lin, open_other(cast.lin, None))
    else:
        case = through_steps(cast.lin, open_complaint(cast.lin))
        assert complaint_row(case).unconfirmed == Unconfirmed.NO_CUSTOMER
    assert not FollowUp.objects.exists()
    frozen_clock(FRIDAY_NIGHT)
    name(cast.lin, case, cast.chen.pk)
    visit = visit_of(case)
    assert (visit.customer_id, visit.customer_name, visit.made_at) == (
        cast.chen.pk, cast.chen.name, FRIDAY_NIGHT,
    )  # fmt: skip
    # The weekend does not count: Monday's end of work at the earliest.
    assert visit.due_at > FRIDAY_NIGHT + timedelta(days=2)
    assert visit.assigned_id == cast.lin.user.pk
    if kind == "complaint":
        assert complaint_row(case).unconfirmed == ""
        assert visit.round == 1


def test_naming_again_neither_doubles_nor_loses_it(cast: Cast) -> None:
    case = close(cast.lin, open_other(cast.lin, None))
    name(cast.lin, case, cast.chen.pk)
    name(cast.lin, case, cast.chen.pk)
    other = make_customer(cast.zhoukou)
    name(cast.lin, case, other.pk)
    visit = visit_of(case)
    assert FollowUp.objects.count() == 1
    assert (visit.customer_id, visit.customer_name, visit.state) == (other.pk, other.name, "due")


@pytest.mark.parametrize("result", ["content", "partly"])
def test_a_corrected_customer_is_not_asked_again(
    cast: Cast, complaint: Case, visit: FollowUp, result: str
) -> None:
    outcome = Outcome(result=result, words="好", missing="发票" if result == "partly" else "")
    services.record_result(**cast.lin.acting, follow_up_id=visit.pk, outcome=outcome)
    before = FollowUp.objects.count()
    other = make_customer(cast.zhoukou)
    name(cast.lin, complaint, other.pk)
    assert FollowUp.objects.count() == before
    assert set(FollowUp.objects.values_list("customer_id", flat=True)) == {other.pk}


def test_a_visit_called_off_stays_so_for_the_corrected_customer(
    cast: Cast, complaint: Case, visit: FollowUp
) -> None:
    services.call_off(**cast.wang.acting, follow_up_id=visit.pk, reason="客户要求不再致电")
    name(cast.lin, complaint, make_customer(cast.zhoukou).pk)
    assert FollowUp.objects.count() == 1
    assert complaint_row(complaint).unconfirmed == Unconfirmed.CALLED_OFF


def test_where_the_wrong_one_did_not_answer_the_right_one_is_asked(
    cast: Cast, silent: Case
) -> None:
    other = make_customer(cast.zhoukou)
    name(cast.lin, silent, other.pk)
    visit = visit_of(silent)
    assert (visit.state, visit.sequence, visit.customer_id) == ("due", 2, other.pk)
    assert complaint_row(silent).unconfirmed == ""
    with pytest.raises(RuleError) as refused:
        complaints.archive_unconfirmed(**cast.wang.acting, case_id=silent.pk, reason=REASON)
    assert refused.value.code == "visit_owed"


def test_no_visit_where_the_rules_want_none(cast: Cast) -> None:
    inquiry = close(cast.lin, open_other(cast.lin, None, "inquiry"))
    name(cast.lin, inquiry, cast.chen.pk)
    nameless = open_complaint(cast.lin)
    complaints.take_way_out(
        **cast.lin.acting, case_id=nameless.pk, way="anonymous", why="未留姓名电话"
    )
    close(cast.lin, nameless)
    # Who complained namelessly did not ask to be called.
    name(cast.lin, nameless, cast.chen.pk)
    repair = close(cast.lin, open_other(cast.lin, None))
    with given():
        FollowUpRule.objects.filter(type__code="repair").update(is_on=False)
    name(cast.lin, repair, cast.chen.pk)
    still_open = open_other(cast.lin, None)
    name(cast.lin, still_open, cast.chen.pk)
    assert not FollowUp.objects.exists()
    assert complaint_row(nameless).unconfirmed == Unconfirmed.NOT_VISITED


def test_what_ended_in_another_system_is_not_called_about(cast: Cast) -> None:
    case = open_other(cast.lin, None)
    desk.close_case(
        **cast.lin.acting, case_id=case.pk, outcome="solved", text="旧系统已结", is_history=True
    )
    name(cast.lin, case, cast.chen.pk)
    assert not FollowUp.objects.exists()
    desk.reopen(**cast.lin.acting, case_id=case.pk, reason="客户来电")
    close(cast.lin, case)
    assert visit_of(case).round == 2


def test_a_merge_names_the_customer_too(cast: Cast) -> None:
    named = close(cast.lin, open_other(cast.lin, cast.chen.pk))
    nameless = close(cast.lin, open_other(cast.lin, None))
    desk.merge_cases(**cast.wang.acting, into_id=nameless.pk, from_id=named.pk)
    assert visit_of(named).state == "called_off"
    visit = visit_of(nameless)
    assert (visit.state, visit.customer_id) == ("due", cast.chen.pk)


def test_a_merge_does_not_ask_twice(cast: Cast) -> None:
    one = close(cast.lin, open_other(cast.lin, cast.chen.pk))
    other = close(cast.lin, open_other(cast.lin, cast.chen.pk))
    services.record_result(
        **cast.lin.acting, follow_up_id=visit_of(one).pk, outcome=Outcome(result="content")
    )
    desk.merge_cases(**cast.wang.acting, into_id=one.pk, from_id=other.pk)
    assert not FollowUp.objects.filter(state="due").exists()


def test_a_closed_case_keeps_its_type(cast: Cast) -> None:
    """As a complaint it would be neither archived nor to be archived: no step, no visit was ever due."""
    case = close(cast.lin, open_other(cast.lin, cast.chen.pk, "repair"))
    seen = (case.title, case.priority, case.events.count())
    with pytest.raises(RuleError) as refused:
        desk.change_type(**cast.lin.acting, case_id=case.pk, type_code="complaint")
    assert (refused.value.code, refused.value.field) == ("case_closed", "type")
    edit = {"title": "改了题目", "type": "complaint", "priority": 3}
    answer = cast.lin.client().post(f"/cases/{case.number}/do/edit/", edit)
    assert answer.status_code == 422
    assert "类型不再更改" in answer.content.decode()
    fresh = Case.objects.get(pk=case.pk)
    assert (fresh.title, fresh.priority, fresh.events.count()) == seen
    assert fresh.type_id == "repair"
    # What does not touch the type may still be corrected, and once reopened the type too.
    edit["type"] = "repair"
    assert cast.lin.client().post(f"/cases/{case.number}/do/edit/", edit).status_code == 302
    desk.reopen(**cast.lin.acting, case_id=case.pk, reason="其实是投诉")
    desk.change_type(**cast.lin.acting, case_id=case.pk, type_code="complaint")
    assert Case.objects.get(pk=case.pk).type_id == "complaint"


def test_over_page_and_api(cast: Cast) -> None:
    by_page = close(cast.lin, open_other(cast.lin, None))
    by_api = close(cast.lin, open_other(cast.lin, None))
    answer = cast.lin.client().post(
        f"/cases/{by_page.number}/do/name-customer/", {"phone": CHEN_PHONE}
    )
    assert answer.status_code in (204, 302)
    lin = Caller(cast.lin)
    status, _case = lin.post(f"/cases/{by_api.number}/customer", {"customer_id": cast.chen.pk})
    assert status == 200
    assert FollowUp.objects.filter(state="due").count() == 2
    rows = lin.get("/follow-ups?state=due")[1]["items"]
    assert {row["case"] for row in rows} == {by_page.number, by_api.number}


# A complaint nobody can be asked about


def test_unreachable_waits_for_a_supervisor_and_is_archived_with_a_reason(
    cast: Cast, silent: Case
) -> None:
    row = complaint_row(silent)
    assert (row.unconfirmed, row.archived_at) == (Unconfirmed.UNREACHABLE, None)
    complaints.archive_unconfirmed(**cast.wang.acting, case_id=silent.pk, reason=REASON)
    row = complaint_row(silent)
    assert row.archived_at is not None
    assert (row.step, row.unconfirmed) == (7, Unconfirmed.UNREACHABLE)
    step = StepRecord.objects.get(complaint=row, step=6)
    assert (step.is_skipped, step.skip_reason, step.evidence) == (True, REASON, {})
    line = CaseEvent.objects.get(case=silent, data__line="complaints.archived_unconfirmed")
    assert (line.text, line.data["unconfirmed"]) == (REASON, "unreachable")
    audit = AuditRow.objects.get(action="desk.case.archive_unconfirmed")
    assert audit.actor_id == cast.wang.user.pk


def test_it_never_counts_as_content(cast: Cast, silent: Case) -> None:
    complaints.archive_unconfirmed(**cast.wang.acting, case_id=silent.pk, reason=REASON)
    window = (NOW - timedelta(days=9), clock.now() + timedelta(days=9))
    found = figures(cast.wang.grants, *window)
    assert (found.owed, found.reached, found.content, found.unreachable) == (1, 0, 0, 1)
    status, detail = Caller(cast.wang).get(f"/complaints/{silent.number}")
    assert (status, detail["standard_stage"], detail["unconfirmed"]) == (
        200, "closed", "unreachable",
    )  # fmt: skip


def test_the_paper_says_so(cast: Cast, silent: Case) -> None:
    complaints.archive_unconfirmed(**cast.wang.acting, case_id=silent.pk, reason=REASON)
    html = paper_html(paper_of(complaint_row(silent)))
    assert REASON in html
    assert "回访未联系上" in html
    assert "客户满意" not in html


def _no_preparation(cast: Cast, case: Case) -> None:
    pass


def _called_off(cast: Cast, case: Case) -> None:
    services.call_off(**cast.wang.acting, follow_up_id=visit_of(case).pk, reason="客户不愿再谈")


def _content(cast: Cast, case: Case) -> None:
    services.record_result(
        **cast.lin.acting,
        follow_up_id=visit_of(case).pk,
        outcome=Outcome(result="content", words="好"),
    )


def _partly(cast: Cast, case: Case) -> None:
    services.record_result(
        **cast.lin.acting,
        follow_up_id=visit_of(case).pk,
        outcome=Outcome(result="partly", missing="发票"),
    )


def _reopened(cast: Cast, case: Case) -> None:
    _called_off(cast, case)
    desk.reopen(**cast.lin.acting, case_id=case.pk, reason="客户来电说又坏了")


def _twice(cast: Cast, case: Case) -> None:
    _called_off(cast, case)
    complaints.archive_unconfirmed(**cast.wang.acting, case_id=case.pk, reason=REASON)


# What came before, and what archiving without a visit then answers.
GATES = [
    (_no_preparation, "visit_owed", 422),
    (_partly, "visit_owed", 422),
    (_reopened, "not_closed", 422),
    (_content, "already_archived", 409),
    (_twice, "already_archived", 409),
    (_called_off, "", 200),
]


@pytest.mark.parametrize(("before", "code", "status"), GATES)
def test_gates_by_service_page_and_api(
    cast: Cast, complaint: Case, before: Any, code: str, status: int
) -> None:
    before(cast, complaint)
    archived = complaint_row(complaint).archived_at
    api = Caller(cast.wang)
    path = f"/complaints/{complaint.number}/archive"
    if code:
        with pytest.raises(RuleError) as refused:
            complaints.archive_unconfirmed(**cast.wang.acting, case_id=complaint.pk, reason=REASON)
        assert (refused.value.code, refused.value.status) == (code, status)
        page = cast.wang.client().post(
            f"/complaints/{complaint.number}/archive/unconfirmed/", {"reason": REASON}
        )
        assert page.status_code == status
        answer = api.post(path, {"reason": REASON})
        assert (answer[0], answer[1]["error"]["code"]) == (status, code)
        assert complaint_row(complaint).archived_at == archived
        assert StepRecord.objects.filter(step=6, is_skipped=True).count() == int(before is _twice)
        return
    got, detail = api.post(path, {"reason": REASON})
    assert (got, detail["unconfirmed"]) == (200, "called_off")
    assert detail["archived_at"]
    assert detail["steps"][-1]["skip_reason"] == REASON


def test_only_supervisors_with_a_reason_within_reach(cast: Cast, silent: Case) -> None:
    act = complaints.archive_unconfirmed
    with pytest.raises(Forbidden):
        act(**cast.lin.acting, case_id=silent.pk, reason=REASON)
    for reason in ("", "   ", "长" * 301):
        with pytest.raises(RuleError):
            act(**cast.wang.acting, case_id=silent.pk, reason=reason)
    lin, zhou = Caller(cast.lin), Caller(cast.zhou)
    path = f"/complaints/{silent.number}/archive"
    assert lin.post(path, {"reason": REASON})[0] == 403
    assert zhou.post(path, {"reason": REASON})[0] == 404
    assert Caller(cast.wang).post("/complaints/TS209901010001/archive", {"reason": "x"})[0] == 404
    page = f"/complaints/{silent.number}/archive/unconfirmed/"
    assert cast.lin.client().post(page, {"reason": REASON}).status_code == 403
    assert cast.zhou.client().get(page).status_code in (403, 404)
    assert cast.wang.client().post(page, {"reason": ""}).status_code == 422
    assert complaint_row(silent).archived_at is None
    repair = close(cast.lin, open_other(cast.lin, cast.chen.pk))
    with pytest.raises(NotFound):
        act(**cast.wang.acting, case_id=repair.pk, reason=REASON)


def test_a_day_shows_it_until_it_is_archived(cast: Cast, silent: Case) -> None:
    def cards(by: Staff) -> dict[str, Any]:
        return {card.key: card for card in day_of(by.grants, clock.now()).cards}

    assert "unconfirmed" not in cards(cast.lin)
    (item,) = cards(cast.wang)["unconfirmed"].items
    assert item.number == silent.number
    client = cast.wang.client()
    listed = client.get("/complaints/?tab=to_archive")
    assert silent.number in listed.content.decode()
    assert silent.number not in client.get("/complaints/?tab=visit").content.decode()
    rows = Caller(cast.wang).get("/complaints?to_archive=true")[1]["items"]
    assert [row["number"] for row in rows] == [silent.number]
    complaints.archive_unconfirmed(**cast.wang.acting, case_id=silent.pk, reason=REASON)
    assert "unconfirmed" not in cards(cast.wang)
    assert Caller(cast.wang).get("/complaints?to_archive=true")[1]["items"] == []


def test_the_pages_lead_there(cast: Cast, silent: Case) -> None:
    wang, lin = cast.wang.client(), cast.lin.client()
    link = reverse("complaints:archive-unconfirmed", args=[silent.number])
    visit_page = reverse("care:visit", args=[visit_of(silent).pk])
    for address in (f"/cases/{silent.number}/", visit_page):
        assert link in wang.get(address).content.decode()
        assert link not in lin.get(address).content.decode()
    assert "由主管决定" in text_of(lin.get(visit_page))
    assert "由主管决定" in text_of(wang.get(f"/complaints/{silent.number}/archive/"))
    assert wang.get(link).status_code == 200
    assert wang.post(link, {"reason": REASON}).status_code == 302
    shown = text_of(wang.get(f"/cases/{silent.number}/"))
    assert REASON in shown
    assert link not in wang.get(visit_page).content.decode()


def test_the_next_round_forgets_it(cast: Cast, silent: Case) -> None:
    complaints.archive_unconfirmed(**cast.wang.acting, case_id=silent.pk, reason=REASON)
    desk.reopen(**cast.lin.acting, case_id=silent.pk, reason="客户回电，说没修好")
    row = complaint_row(silent)
    assert (row.round, row.unconfirmed, row.archived_at) == (2, "", None)
    through_steps(cast.lin, silent)
    assert visit_of(silent).round == 2


def test_a_customer_named_after_the_archive_is_left_in_peace(cast: Cast) -> None:
    case = through_steps(cast.lin, open_complaint(cast.lin))
    complaints.archive_unconfirmed(**cast.wang.acting, case_id=case.pk, reason="无从联系")
    name(cast.lin, case, cast.chen.pk)
    assert not FollowUp.objects.exists()
    assert complaint_row(case).archived_at is not None


def test_a_result_after_it_was_archived_is_refused(cast: Cast, silent: Case) -> None:
    complaints.archive_unconfirmed(**cast.wang.acting, case_id=silent.pk, reason=REASON)
    with pytest.raises(Conflict):
        services.record_result(
            **cast.lin.acting, follow_up_id=visit_of(silent).pk, outcome=Outcome(result="content")
        )
