"""Before a follow-up call: the customer's own word, how often, the hour; by what the visit is for."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.api.test_api import Caller
from tests.care.conftest import close, open_other, visit_of
from tests.cast import Cast, Staff
from zhike.care import services
from zhike.care.models import FollowUp, FollowUpAttempt
from zhike.core.errors import Conflict, RuleError
from zhike.customers import services as customers
from zhike.customers.consent_seeds import plant
from zhike.customers.models import ConsentPurpose, Outreach

pytestmark = pytest.mark.django_db
# A Tuesday in Zhoukou, at 14:26 and at 22:30.
AFTERNOON = datetime(2026, 11, 24, 6, 26, tzinfo=UTC)
NIGHT = datetime(2026, 11, 24, 14, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _afternoon(frozen_clock, given) -> None:
    from django.apps import apps

    frozen_clock(AFTERNOON)
    with given():
        plant(apps, AFTERNOON)


def page(who: Staff, visit: FollowUp) -> str:
    return who.client().get(f"/follow-ups/{visit.pk}/").content.decode()


def told(who: Staff, visit: FollowUp) -> tuple[str, str]:
    contact = Caller(who).get(f"/follow-ups/{visit.pk}")[1]["contact"]
    return contact["purpose"], contact["verdict"]


def refuse(cast: Cast, purpose: str) -> None:
    customers.record_consent(
        **cast.lin.acting,
        customer_id=cast.chen.pk,
        purpose=purpose,
        is_given=False,
        channel="phone",
    )


def look(cast: Cast) -> str:
    way = cast.chen.identities.get(channel="phone", is_primary=True)
    return f"/customers/{cast.chen.pk}/identities/{way.pk}/reveal/"


def test_after_a_complaint_the_visit_is_service_and_a_no_to_surveys_does_not_stop_it(
    cast: Cast, visit: FollowUp, repair_visit: FollowUp
) -> None:
    assert told(cast.lin, visit) == ("service", "allowed")
    assert told(cast.lin, repair_visit) == ("survey", "allowed")
    refuse(cast, "survey")
    refuse(cast, "marketing")
    assert told(cast.lin, visit) == ("service", "allowed")
    assert told(cast.lin, repair_visit) == ("survey", "withdrawn")
    assert look(cast) in page(cast.lin, visit)
    shown = page(cast.lin, repair_visit)
    assert look(cast) not in shown
    assert "客户已明确拒绝" in shown or "拒绝" in shown
    assert "请不要拨打" in shown


def test_who_said_no_is_not_called_and_what_they_say_of_themselves_is_taken(
    cast: Cast, repair_visit: FollowUp
) -> None:
    refuse(cast, "survey")
    with pytest.raises(Conflict) as refused:
        services.record_attempt(**cast.lin.acting, follow_up_id=repair_visit.pk)
    assert refused.value.code == "contact_refused"
    assert not FollowUpAttempt.objects.exists()
    outcome = services.Outcome("content", "自己打来说好了")
    services.record_result(**cast.lin.acting, follow_up_id=repair_visit.pk, outcome=outcome)
    repair_visit.refresh_from_db()
    assert repair_visit.result == "content"


def test_who_refuses_even_service_is_not_called_after_a_complaint(
    cast: Cast, visit: FollowUp
) -> None:
    refuse(cast, "service")
    assert told(cast.lin, visit) == ("service", "withdrawn")
    with pytest.raises(Conflict):
        services.record_attempt(**cast.lin.acting, follow_up_id=visit.pk)


def test_surveys_wait_when_a_customer_was_asked_often_enough_complaints_do_not(
    cast: Cast, visit: FollowUp, frozen_clock
) -> None:
    visits = [visit_of(close(cast.lin, open_other(cast.lin, cast.chen.pk))) for _n in range(3)]
    for one in visits[:2]:
        services.record_attempt(**cast.lin.acting, follow_up_id=one.pk)
        assert told(cast.lin, visits[2]) == ("survey", "allowed"), "nobody was reached"
    for one in visits[:2]:
        outcome = services.Outcome("content", "好")
        services.record_result(**cast.lin.acting, follow_up_id=one.pk, outcome=outcome)
    assert Outreach.objects.filter(purpose__code="survey").count() == 2
    assert told(cast.lin, visits[2]) == ("survey", "too_often")
    assert told(cast.lin, visit) == ("service", "allowed")
    shown = page(cast.lin, visits[2])
    assert look(cast) not in shown
    frozen_clock(AFTERNOON + timedelta(days=7, minutes=1))
    assert told(cast.lin, visits[2]) == ("survey", "allowed")


def test_at_night_nobody_is_called_and_no_call_is_planned_into_it(
    cast: Cast, visit: FollowUp, frozen_clock
) -> None:
    with pytest.raises(RuleError) as refused:
        services.record_attempt(
            **cast.lin.acting, follow_up_id=visit.pk, next_try_at=NIGHT + timedelta(days=1)
        )
    assert refused.value.code == "next_try_quiet"
    assert not FollowUpAttempt.objects.exists()
    morning = datetime(2026, 11, 25, 0, 0, tzinfo=UTC)
    services.record_attempt(**cast.lin.acting, follow_up_id=visit.pk, next_try_at=morning)
    frozen_clock(NIGHT)
    assert told(cast.lin, visit) == ("service", "quiet")
    shown = page(cast.lin, visit)
    assert look(cast) not in shown
    assert "08:00" in shown


def test_a_visit_that_is_over_asks_nothing(cast: Cast, repair_visit: FollowUp) -> None:
    outcome = services.Outcome("content", "好")
    services.record_result(**cast.lin.acting, follow_up_id=repair_visit.pk, outcome=outcome)
    assert Caller(cast.lin).get(f"/follow-ups/{repair_visit.pk}")[1]["contact"] is None


@pytest.mark.parametrize("code", ["service", "survey"])
def test_a_purpose_visits_are_made_for_stays_in_use(
    cast: Cast, visit: FollowUp, repair_visit: FollowUp, code: str
) -> None:
    row = ConsentPurpose.objects.get(code=code)
    address = f"/customers/settings/contact/{row.pk}/"
    answer = cast.admin.client().post(address, {"label": row.label, "position": row.position})
    assert answer.status_code == 422
    assert "回访" in str(answer.context["form"].errors["is_active"])
    assert told(cast.lin, visit) == ("service", "allowed")
    assert told(cast.lin, repair_visit) == ("survey", "allowed")
