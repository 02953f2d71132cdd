"""A customer who gives a tricycle back, and the times a law sets for it."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from tests.cast import Cast
from zhike.desk import services
from zhike.desk.models import Case, LegalClock
from zhike.desk.services import LegalEnd, LegalStart

# A Monday, nine o'clock in Zhoukou.
MONDAY = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
TODAY = date(2026, 11, 23)
DAY = timedelta(days=1)
REFUND, AUTHORITY, RETURN = "legal_refund", "legal_authority", "legal_return"
# The seventh day after is Monday the 30th, closing time.
REFUND_DUE = datetime(2026, 11, 30, 9, 30, tzinfo=UTC)
OFFICE = "周口市市场监督管理局"


def opened(cast: Cast, **more: Any) -> Case:
    known: dict[str, Any] = {
        "type_code": "return",
        "channel": "phone",
        "text": "要退掉这台车",
        "customer_id": cast.chen.pk,
    }
    return services.open_case(**cast.lin.acting, new=services.NewCase(**(known | more))).case


def start(cast: Cast, case: Case, kind: str = REFUND, **more: Any) -> LegalClock:
    if kind == AUTHORITY:
        more = {"authority": OFFICE, **more}
    begun = LegalStart(kind, more.pop("since", TODAY), **more)
    return services.start_legal_clock(**cast.lin.acting, case_id=case.pk, start=begun)


def end(cast: Cast, row: LegalClock, result: str = "done", **more: Any) -> LegalClock:
    if result == "done":
        more.setdefault("done_on", TODAY)
    return services.end_legal_clock(
        **cast.lin.acting, case_id=row.case_id, clock_id=row.pk, end=LegalEnd(result, **more)
    )


def close(cast: Cast, case: Case) -> Case:
    return services.close_case(
        **cast.lin.acting, case_id=case.pk, outcome="solved", text="款已退回"
    )


def fresh(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)
