"""The small form that sends a notice, a dialog over the case page."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from zhike.accounts.grants import actor_of_request
from zhike.accounts.selectors import unit_tree
from zhike.complaints.notice_forms import SendForm
from zhike.complaints.selectors.notices import people_to_ask, visible_notices
from zhike.complaints.services.notice_dues import due_of
from zhike.complaints.services.notices import send_notice
from zhike.core import access, clock
from zhike.core.access import Grants
from zhike.core.calendar.plan_book import PlanBook, load_plans
from zhike.core.errors import RuleError
from zhike.core.models import DuePurpose
from zhike.desk.models import Case
from zhike.desk.permissions import WORK
from zhike.desk.selectors.page import case_for_page
from zhike.desk.views.parts import FormPage, show_form, show_refusal


@require_http_methods(["GET", "HEAD", "POST"])
def send(request: HttpRequest, number: str) -> HttpResponse:
    grants = access.require(request.user, WORK)
    case = case_for_page(grants, number)
    form = _form(request, grants)
    page = FormPage(
        title=_("Send a notice"),
        button=_("Send the notice"),
        sentence=_sentence(case, form, load_plans(grants.stamp)),
        url=reverse("notices:send", args=[case.number]),
    )
    if request.method != "POST":
        return show_form(request, case, page, form)
    if not form.is_valid():
        return show_form(request, case, page, form, status=422)
    data = form.cleaned_data
    try:
        notice = send_notice(
            actor=actor_of_request(request),
            grants=grants,
            case_id=case.pk,
            unit_id=data["unit"],
            person_id=data["person"],
            text=data["text"],
            submit_key=data["once"],
            kept=form.kept,
        )
    except RuleError as error:
        return show_refusal(request, case, page, form, error)
    words = _("Notice %(number)s is on its way to %(name)s.")
    messages.success(request, words % {"number": notice.number, "name": notice.person_name})
    return redirect("desk:case", case.number)


def _sentence(case: Case, form: SendForm, plans: PlanBook) -> str:
    """By when an answer asked for now is due; as long as nobody is chosen, in the hours of the house."""
    chosen = str(form["unit"].value() or "")
    unit_id = int(chosen) if chosen.isdecimal() and len(chosen) < 10 else None
    due = due_of(case, unit_id or form.house_id, clock.now(), plans)
    assert due.at is not None, "a notice has no pauses"
    if unit_id is None and _depends_on_unit(plans):
        words = _(
            "They answer why it happened and what they do about it: in the hours of the house by %(moment)s; "
            "those of the unit you ask count."
        )
    else:
        words = _("They answer why it happened and what they do about it, by %(moment)s.")
    return words % {"moment": f"{clock.local(due.at):%m-%d %H:%M}"}


def _depends_on_unit(plans: PlanBook) -> bool:
    return bool(plans.calendars.own) or any(
        plan.org_unit is not None for plan in plans.plans if plan.purpose == DuePurpose.NOTICE
    )


def _form(request: HttpRequest, grants: Grants) -> SendForm:
    units = [
        (str(node.unit.pk), "\u3000" * node.depth + node.unit.name) for node in unit_tree(True)
    ]
    choices: dict[str, Any] = {"people": people_to_ask(grants.user_id), "units": units}
    if request.method == "POST":
        return SendForm(request.POST, **choices)
    return SendForm(initial=_again(request, grants), **choices)


def _again(request: HttpRequest, grants: Grants) -> dict[str, Any]:
    """After a measure that did not hold: to the same people, beginning with what was asked before."""
    before = request.GET.get("after", "")[:20]
    row = visible_notices(grants).filter(number=before).first() if before.isalnum() else None
    if row is None:
        return {}
    text = _("The measure of %(number)s did not hold: %(note)s") % {
        "number": row.number,
        "note": row.check_note or "…",
    }
    return {"person": row.person_id, "unit": row.unit_id, "text": f"{text}\n\n{row.text}"}
