"""Two who record one visit at the same moment, with real transactions."""

from typing import Any

import pytest

from tests.care.conftest import close, open_other, through_steps, visit_of
from tests.cast import Cast, make_cast
from tests.complaints.conftest import open_complaint
from tests.desk.test_races import at_once
from tests.transactions import real_transactions  # noqa: F401
from zhike.care import services
from zhike.care.models import FollowUp, FollowUpAttempt
from zhike.care.services import Outcome
from zhike.complaints.models import Complaint, Notice
from zhike.complaints.services import archive_unconfirmed
from zhike.core.errors import Conflict, RuleError
from zhike.desk.models import Case
from zhike.desk.services import name_customer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def town(real_transactions: None, _planted: None) -> Cast:  # noqa: F811
    return make_cast()


def recording(who: dict[str, Any], visit: FollowUp, outcome: Outcome) -> Any:
    return lambda: services.record_result(**who, follow_up_id=visit.pk, outcome=outcome)


def test_of_two_results_one_stands(town: Cast) -> None:
    visit = visit_of(close(town.lin, open_other(town.lin, town.chen.pk)))
    results = at_once(
        [
            recording(town.lin.acting, visit, Outcome(result="content")),
            recording(town.wang.acting, visit, Outcome(result="partly", missing="发票")),
        ]
    )
    lost = [one for one in results if isinstance(one, Conflict)]
    assert [one.code for one in lost] == ["already_recorded"]
    visit.refresh_from_db()
    assert visit.attempts == FollowUpAttempt.objects.count() == 1
    assert FollowUp.objects.count() == (2 if visit.result == "partly" else 1)


def test_content_and_not_content_at_once_leave_one_truth(town: Cast) -> None:
    case = through_steps(town.lin, open_complaint(town.lin, town.chen.pk))
    visit = visit_of(case)
    unhappy = Outcome(result="not_content", words="又坏了", person_id=town.zhou.user.pk)
    results = at_once(
        [
            recording(town.lin.acting, visit, Outcome(result="content", words="好")),
            recording(town.wang.acting, visit, unhappy),
        ]
    )
    assert sum(isinstance(one, Conflict) for one in results) == 1
    visit.refresh_from_db()
    row = Complaint.objects.get(pk=case.pk)
    if visit.result == "content":
        assert (row.archived_at is not None, row.round, Notice.objects.count()) == (True, 1, 0)
        assert Case.objects.get(pk=case.pk).state == "closed"
    else:
        assert (row.archived_at, row.round, Notice.objects.count()) == (None, 2, 1)


def test_naming_and_archiving_at_once_leave_one_truth(town: Cast) -> None:
    """Either the customer is asked, or the complaint is archived without; never both, never neither."""
    case = through_steps(town.lin, open_complaint(town.lin))
    lin, wang = town.lin.acting, town.wang.acting

    def archive() -> str:
        try:
            archive_unconfirmed(**wang, case_id=case.pk, reason="无从联系")
        except RuleError as refusal:
            return refusal.code
        return "archived"

    _named, archived = at_once(
        [lambda: name_customer(**lin, case_id=case.pk, customer_id=town.chen.pk), archive]
    )
    assert archived in {"archived", "visit_owed"}
    row = Complaint.objects.get(pk=case.pk)
    visits = FollowUp.objects.filter(case=case, state="due").count()
    assert Case.objects.get(pk=case.pk).customer_id == town.chen.pk
    assert (row.archived_at is not None, visits) == (
        (True, 0) if archived == "archived" else (False, 1)
    )


def test_two_who_name_the_customer_at_once_make_one_visit(town: Cast) -> None:
    case = close(town.lin, open_other(town.lin, None))
    lin, wang = town.lin.acting, town.wang.acting
    at_once(
        [
            lambda: name_customer(**lin, case_id=case.pk, customer_id=town.chen.pk),
            lambda: name_customer(**wang, case_id=case.pk, customer_id=town.chen.pk),
        ]
    )
    assert FollowUp.objects.filter(case=case).count() == 1
