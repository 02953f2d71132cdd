"""The customer at the right of a case: a name at once, the whole card a moment later."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from zhike.core import access
from zhike.core.access import Grants, NotFound
from zhike.customers.cards import CustomerCard, customer_card
from zhike.customers.choices import Tier
from zhike.customers.permissions import VIEW as VIEW_CUSTOMERS
from zhike.desk.models import Case
from zhike.desk.permissions import VIEW, WORK
from zhike.desk.rules import CaseState
from zhike.desk.selectors.page import case_for_page, others_of_customer

SHOWN_OTHERS = 4


def customer_url(customer_id: int | None) -> str:
    return reverse("customers:file", args=[customer_id]) if customer_id is not None else ""


def tier_label(code: str) -> str:
    return str(Tier(code).label) if code in Tier.values else ""


def _card_of(grants: Grants, case: Case) -> CustomerCard | None:
    """None for a file the reader may not open: then the name on the case must do."""
    if case.customer_id is None or not grants.allows(VIEW_CUSTOMERS):
        return None
    try:
        return customer_card(grants, case.customer_id)
    except NotFound:
        return None


@require_safe
def person(request: HttpRequest, number: str) -> HttpResponse:
    """The card and the customer's other cases, fetched by the page once it stands."""
    grants = access.require(request.user, VIEW)
    case = case_for_page(grants, number)
    context = {
        "case": case,
        "card": _card_of(grants, case),
        "others": others_of_customer(grants, case, limit=SHOWN_OTHERS),
        "can_work": grants.allows(WORK) and case.case_state is not CaseState.MERGED,
        "is_whole": True,
    }
    return render(request, "desk/_person_pane.html", context)
