"""The follow-up rate by hand: what it is made of, and which rows stand behind each number."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.care.conftest import close, open_other, visit_of
from tests.cast import Cast, make_customer
from zhike.care import services
from zhike.care.figures import CONDITIONS, figures
from zhike.care.models import FollowUp
from zhike.care.rules import Share, Tries
from zhike.care.services import Outcome
from zhike.core import clock

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 11, 16, 2, 0, tzinfo=UTC)


def _make(cast: Cast) -> FollowUp:
    customer = make_customer(cast.zhoukou)
    return visit_of(close(cast.lin, open_other(cast.lin, customer.pk)))


@pytest.fixture
def week(cast: Cast, frozen_clock) -> tuple[datetime, datetime]:
    """Six visits due on Tuesday: two content, one partly, one unreachable, one open, one called off."""
    frozen_clock(MONDAY)
    content, late, partly, gone, _still_open, off = [_make(cast) for _n in range(6)]

    def record(visit: FollowUp, result: str, **known: str) -> None:
        outcome = Outcome(result=result, **known)  # type: ignore[arg-type]  # texts only
        services.record_result(**cast.lin.acting, follow_up_id=visit.pk, outcome=outcome)

    record(content, "content")
    record(partly, "partly", missing="发票没寄")
    services.call_off(**cast.wang.acting, follow_up_id=off.pk, reason="客户要求勿扰")
    for hours in (0, 1, 26):
        frozen_clock(MONDAY + timedelta(hours=hours))
        services.record_attempt(**cast.lin.acting, follow_up_id=gone.pk, note="关机")
    record(gone, "unreachable")
    frozen_clock(MONDAY + timedelta(days=3))
    record(late, "content")
    start = datetime.combine(clock.local(MONDAY).date(), datetime.min.time(), clock.zone())
    return start, start + timedelta(days=2)


def test_the_rate_and_its_parts(cast: Cast, week: tuple[datetime, datetime]) -> None:
    found = figures(cast.lin.grants, *week)
    assert found.rate == Share(3, 5)
    assert found.content_share == Share(2, 3)
    assert found.in_time_share == Share(3, 5), "content, partly, unreachable"
    assert (found.content, found.partly, found.not_content) == (2, 1, 0)
    assert (found.unreachable, found.still_open, found.called_off) == (1, 1, 1)
    assert found.attempts == 3 + 3


def test_each_number_is_its_rows(cast: Cast, week: tuple[datetime, datetime]) -> None:
    found = figures(cast.lin.grants, *week)
    for name in CONDITIONS:
        assert len(found.ids_of(name)) == getattr(found, name), name
    parts = [*found.ids_of("reached"), *found.ids_of("unreachable"), *found.ids_of("still_open")]
    assert sorted(parts) == found.ids_of("owed")


def test_the_second_visit_falls_into_its_own_window(
    cast: Cast, week: tuple[datetime, datetime]
) -> None:
    later = figures(cast.lin.grants, week[1], week[1] + timedelta(days=5))
    assert (later.owed, later.still_open) == (1, 1)


def test_other_units_are_not_counted(cast: Cast, week: tuple[datetime, datetime]) -> None:
    assert figures(cast.zhou.grants, *week).rate == Share(0, 0)
    assert figures(cast.admin.grants, *week).rate == Share(3, 5)


def test_an_empty_window_has_no_rate() -> None:
    assert (Share(0, 0).ratio, Share(0, 0).percent) == (None, None)
    assert (Share(1, 3).percent, Share(1, 2).percent, Share(2, 3).percent) == (33, 50, 67)


def test_days_are_counted_from_the_first_call_to_the_last() -> None:
    day = MONDAY.date()
    tries = Tries.on([day, day, day + timedelta(days=1)])
    assert (tries.count, tries.days) == (3, 2)
    assert tries.suffice(3, 2)
    assert not tries.suffice(4, 2)
    assert not tries.suffice(3, 3)
    assert Tries.on([]) == Tries(0, 0)
