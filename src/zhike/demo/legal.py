"""Times a law sets on a few open cases: one soon due, one by a notice, one done late, two rights to return."""

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING

from zhike.core import clock
from zhike.desk import services
from zhike.desk.models import STILL_OPEN, Case, LegalClock
from zhike.desk.services import LegalEnd, LegalStart

if TYPE_CHECKING:
    from zhike.demo.load import Stage

SUPERVISOR = "1010"
OFFICE, NUMBER = "鹿邑县市场监督管理局", "鹿市监投〔2026〕118 号"  # zh-data
DAY = timedelta(days=1)


def make_legal_clocks(stage: "Stage") -> None:
    """After everything else: no act of the plot may close what now is owed."""
    cases = _open_cases()
    for start, end in _plans():
        case = next(cases, None)
        if case is None:
            return
        row = _start(stage, case, start)
        if end is not None:
            _end(stage, row, end)
        if start.kind == "legal_refund" and end is None:
            # The same customer may still return what else they bought.
            _start(stage, case, LegalStart("legal_return", start.since - DAY))


def _plans() -> list[tuple[LegalStart, LegalEnd | None]]:
    today = clock.today()
    return [
        (LegalStart("legal_refund", today - 6 * DAY), None),
        (LegalStart("legal_authority", today - 2 * DAY, today + 5 * DAY, OFFICE, NUMBER), None),
        (
            LegalStart("legal_refund", today - 12 * DAY),
            LegalEnd("done", today - DAY, "退款被银行退回，换卡后重新汇出"),  # zh-data
        ),
        (LegalStart("legal_return", today - 3 * DAY), None),
        (
            LegalStart("legal_authority", today - 9 * DAY, None, OFFICE, ""),
            LegalEnd("not_applicable", None, "客户已撤回投诉，受理机关电话告知终止"),  # zh-data
        ),
    ]


def _open_cases() -> Iterator[Case]:
    """Of a customer and with somebody; returns first, then complaints."""
    rows = Case.objects.filter(
        STILL_OPEN, voided_at__isnull=True, customer__isnull=False, owner__isnull=False
    )
    order = {"return": 0, "complaint": 1}
    return iter(sorted(rows, key=lambda case: (order.get(case.type_id, 2), case.pk)))


def _start(stage: "Stage", case: Case, start: LegalStart) -> LegalClock:
    actor, grants = stage.who(SUPERVISOR)
    return services.start_legal_clock(actor=actor, grants=grants, case_id=case.pk, start=start)


def _end(stage: "Stage", row: LegalClock, end: LegalEnd) -> None:
    actor, grants = stage.who(SUPERVISOR)
    services.end_legal_clock(
        actor=actor, grants=grants, case_id=row.case_id, clock_id=row.pk, end=end
    )
