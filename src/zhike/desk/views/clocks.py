"""All due times of a case, each with its account: the house's own, and those a law sets."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from zhike.core import access, clock
from zhike.core.calendar import Due
from zhike.core.calendar.why import WhyDue, explain
from zhike.core.models import DuePurpose
from zhike.desk.choices import LegalKind
from zhike.desk.models import Case, LegalClock
from zhike.desk.permissions import VIEW, WORK
from zhike.desk.selectors.legal import LegalLine, legal_lines
from zhike.desk.selectors.page import case_for_page
from zhike.desk.services.clocks import all_explained
from zhike.desk.views.case_data import pause_reason, rules_url


@dataclass(frozen=True)
class LegalView:
    """One legal time as the page shows it."""

    row: LegalClock
    line: LegalLine
    account: WhyDue | None
    # The customer's right has run out; nobody is late with that.
    is_over: bool


@require_safe
def case_clocks(request: HttpRequest, number: str) -> HttpResponse:
    grants = access.require(request.user, VIEW)
    case = case_for_page(grants, number)
    if case.number != number:
        return redirect("desk:clocks", case.number)
    clocks = [
        {"label": DuePurpose(due.purpose).label, "due": due, "account": _account(case, due)}
        for due in all_explained(case)
        if due.purpose not in LegalKind.values
    ]
    context: dict[str, Any] = {
        "case": case,
        "clocks": clocks,
        "paused": pause_reason(case),
        "legal": _legal(case),
        "can_work": grants.allows(WORK) and not case.is_ended and case.erased_at is None,
    }
    return render(request, "desk/clocks.html", context)


def _account(case: Case, due: Due) -> WhyDue:
    return explain(due, clock.zone(), clock.now(), rules_url=rules_url(case, due))


def _legal(case: Case) -> list[LegalView]:
    now = clock.now()
    return [
        LegalView(
            row=line.row,
            line=line,
            account=_account(case, line.due) if line.due is not None else None,
            is_over=line.due_at is not None and line.due_at <= now,
        )
        for line in legal_lines(case)
    ]
