"""Nothing closes over what the law still asks, by whatever way."""

import pytest
from django.urls import reverse

from tests.api.test_api import Caller
from tests.cast import Cast
from tests.desk.legal.scene import (
    AUTHORITY,
    REFUND,
    REFUND_DUE,
    RETURN,
    close,
    end,
    fresh,
    opened,
    start,
)
from zhike.core.errors import RuleError
from zhike.desk import services
from zhike.desk.models import Case

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("kind", [REFUND, AUTHORITY])
def test_a_case_is_not_closed_over_it(cast: Cast, case: Case, kind: str):
    row = start(cast, case, kind)
    with pytest.raises(RuleError) as refused:
        close(cast, case)
    assert refused.value.code == "closing_refused"
    assert "法定期限" in str(refused.value)
    assert fresh(case).state == "open"
    end(cast, row, "not_applicable", reason="投诉已撤回")
    assert close(cast, case).state == "closed"


def test_the_page_names_it_before_anybody_fills_in_the_form(cast: Cast, case: Case):
    start(cast, case)
    url = reverse("desk:case-act", args=[case.number, "close"])
    page = cast.lin.client().get(url).content.decode()
    assert "法定期限“退款”尚未结束（2026-11-30 17:30 到期）" in page
    seen = fresh(case).seq
    sent = {"outcome": "solved", "text": "好", "seen": seen}
    assert cast.lin.client().post(url, sent).status_code == 422
    assert fresh(case).state == "open"


def test_the_api_obeys_the_gate(cast: Cast, case: Case):
    start(cast, case)
    status, body = Caller(cast.lin).post(
        f"/cases/{case.number}/close", {"outcome": "solved", "text": "好"}
    )
    assert (status, body["error"]["code"]) == (422, "closing_refused")


def test_no_case_is_merged_away_with_what_we_owe(cast: Cast, case: Case):
    start(cast, case)
    into = opened(cast)
    with pytest.raises(RuleError) as refused:
        services.merge_cases(**cast.wang.acting, into_id=into.pk, from_id=case.pk)
    assert (refused.value.code, refused.value.extra["legal"]) == ("merge_refused", [REFUND])
    assert fresh(case).state == "open"
    # The other way round it stays where it runs.
    services.merge_cases(**cast.wang.acting, into_id=case.pk, from_id=into.pk)
    assert fresh(case).legal_due_at == REFUND_DUE


def test_the_batch_leaves_such_a_case_as_it_is(cast: Cast, case: Case):
    start(cast, case)
    into = opened(cast)
    sent = {"id": [case.pk, into.pk], "into": into.pk}
    answer = cast.wang.client().post(reverse("desk:batch-merge"), sent, follow=True)
    assert "法定期限" in answer.content.decode()
    assert fresh(case).state == "open"


def test_the_customers_right_goes_along_with_a_merge(cast: Cast, case: Case):
    row = start(cast, case, RETURN)
    into = opened(cast)
    services.merge_cases(**cast.wang.acting, into_id=into.pk, from_id=case.pk)
    row.refresh_from_db()
    assert row.case_id == into.pk
    assert fresh(into).legal == {RETURN: ["2026-11-23", None]}
    assert not fresh(case).legal


def test_nothing_starts_on_a_closed_case(cast: Cast, case: Case):
    close(cast, case)
    with pytest.raises(RuleError) as refused:
        start(cast, case)
    assert refused.value.code == "case_closed"
